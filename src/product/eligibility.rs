//! Who gets a card 「中長期在留者」 and who does not (domain §1).

use super::Period;
use serde::{Deserialize, Serialize};

/// Why a person gets no residence card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Ineligible {
    /// 「3月以下の在留期間」
    #[error("the period of stay is three months or less 「3月以下の在留期間」")]
    ShortStay,
    /// 「短期滞在」
    #[error("Temporary Visitor 「短期滞在」 gets no card")]
    TemporaryVisitor,
    /// 「外交」「公用」
    #[error("Diplomat and Official 「外交」「公用」 get no card")]
    DiplomatOrOfficial,
    /// Staff of the Taiwan representative office or the Palestinian mission, and their families.
    #[error("Designated Activities 「特定活動」 of a mission's staff or family get no card")]
    MissionStaff,
    /// 「特別永住者」: another product.
    #[error("special permanent residents 「特別永住者」 get another certificate")]
    SpecialPermanentResident,
    /// No status of residence at all.
    #[error("there is no status of residence 「在留資格なし」")]
    NoStatus,
}

/// What a holder of Designated Activities 「特定活動」 was designated for, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DesignatedActivity {
    /// Staff of the Taiwan representative office in Japan, or their family.
    TaiwanOffice,
    /// Staff of the Palestinian mission in Japan, or their family.
    PalestinianMission,
    /// Anything else: a card is issued.
    Other,
}

/// Three months, the longest stay that still gets no card.
const SHORT: Period = Period::months(3);

/// Checks one person, the status first and the period last.
///
/// # Errors
/// Which of the six kinds of [`Ineligible`] it is.
pub fn check(
    status_ja: &str,
    designated: Option<DesignatedActivity>,
    period: Period,
) -> Result<(), Ineligible> {
    match status_ja {
        "" | "なし" | "在留資格なし" => return Err(Ineligible::NoStatus),
        "短期滞在" => return Err(Ineligible::TemporaryVisitor),
        "外交" | "公用" => return Err(Ineligible::DiplomatOrOfficial),
        "特別永住者" => return Err(Ineligible::SpecialPermanentResident),
        _ => {}
    }
    match designated {
        Some(DesignatedActivity::TaiwanOffice | DesignatedActivity::PalestinianMission) => {
            return Err(Ineligible::MissionStaff);
        }
        Some(DesignatedActivity::Other) | None => {}
    }
    if period.rank() <= SHORT.rank() {
        Err(Ineligible::ShortStay)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR: Period = Period::years(1);

    #[test]
    fn each_of_the_six_is_named() {
        assert_eq!(check("留学", None, SHORT), Err(Ineligible::ShortStay));
        assert_eq!(
            check("興行", None, Period::days(30)),
            Err(Ineligible::ShortStay)
        );
        assert_eq!(
            check("短期滞在", None, Period::days(90)),
            Err(Ineligible::TemporaryVisitor)
        );
        assert_eq!(
            check("外交", None, YEAR),
            Err(Ineligible::DiplomatOrOfficial)
        );
        assert_eq!(
            check("公用", None, YEAR),
            Err(Ineligible::DiplomatOrOfficial)
        );
        for mission in [
            DesignatedActivity::TaiwanOffice,
            DesignatedActivity::PalestinianMission,
        ] {
            assert_eq!(
                check("特定活動", Some(mission), YEAR),
                Err(Ineligible::MissionStaff)
            );
        }
        let special = check("特別永住者", None, Period::Indefinite);
        assert_eq!(special, Err(Ineligible::SpecialPermanentResident));
        assert_eq!(check("", None, YEAR), Err(Ineligible::NoStatus));
    }

    #[test]
    fn everybody_else_gets_a_card() {
        assert_eq!(check("留学", None, Period::months(4)), Ok(()));
        assert_eq!(check("永住者", None, Period::Indefinite), Ok(()));
        assert_eq!(
            check("特定活動", Some(DesignatedActivity::Other), YEAR),
            Ok(())
        );
    }
}
