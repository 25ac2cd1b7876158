//! What two persons approved: the contents of a card before it has a number.
//!
//! The form only (strict: no unknown, no doubled key); the law is in [`super::rules`].

use super::ids::{JobId, OfficeId, PersonId, ReceptionNumber};
use super::private::Private;
use super::strict::date;
use crate::product::{
    CardNumber, DesignatedActivity, Ground, OldCardRule, Period, PermissionKind, Product,
    WorkRestriction,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The address of somebody who has just landed and has none yet.
pub const ADDRESS_UNDETERMINED: &str = "未定（届出後裏面に記載）";

/// An approval, as it is imported and as it stands in the grant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// The office that hands the card over.
    pub office: OfficeId,
    /// The number under which it took the application.
    pub reception: ReceptionNumber,
    /// Which card.
    pub product: Product,
    /// Why.
    pub ground: Ground,
    /// The previous card, and what becomes of it.
    pub previous_card: OldCard,
    /// Two different persons.
    pub approvers: [PersonId; 2],
    /// Whose card it is.
    pub holder: Holder,
    /// Status of residence 「在留資格」.
    pub status: ResidenceStatus,
    /// Period of stay and its last day 「在留期間(満了日)」.
    pub stay: Stay,
    /// Whether work is restricted 「就労制限の有無」.
    pub work: WorkRestriction,
    /// The permission that the card certifies 「許可の種類」「許可年月日」.
    pub permission: Permission,
    /// What the holder owes, in yen; only for an exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_fee_yen: Option<u32>,
    /// What the back and the chip say beside the address.
    pub endorsements: Endorsements,
    /// The photo beside the approval; none where the card bears none.
    pub photo: Option<PhotoFile>,
}

impl Approval {
    /// The job that this approval becomes.
    pub fn job(&self) -> JobId {
        JobId::of(&self.office, &self.reception)
    }
}

/// The previous card, and what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OldCard {
    /// There is none.
    NotRequired,
    /// It is returned at hand-over.
    Return(CardNumber),
    /// It was declared lost.
    DeclaredLost(CardNumber),
}

impl OldCard {
    /// The rule without the number.
    pub fn rule(self) -> OldCardRule {
        match self {
            OldCard::NotRequired => OldCardRule::NotRequired,
            OldCard::Return(_) => OldCardRule::Return,
            OldCard::DeclaredLost(_) => OldCardRule::DeclaredLost,
        }
    }

    /// The old card's number.
    pub fn number(self) -> Option<CardNumber> {
        match self {
            OldCard::NotRequired => None,
            OldCard::Return(number) | OldCard::DeclaredLost(number) => Some(number),
        }
    }
}

/// Whose card it is. Wiped when dropped; `Debug` says nothing.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// The name in Roman capitals, as in the passport.
    pub roman_name: Private,
    /// The name in kanji, on request.
    pub kanji_name: Option<Private>,
    /// Date of birth.
    #[serde(with = "date")]
    pub birth_date: Date,
    /// Sex.
    pub sex: Sex,
    /// Nationality or region 「国籍・地域」.
    pub nationality: Nationality,
    /// Address 「住居地」.
    pub address: Address,
}

impl std::fmt::Debug for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Holder(…)")
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // The texts wipe themselves; the date must not be optimised away.
        self.birth_date = Date::ZERO;
        std::hint::black_box(&self.birth_date);
    }
}

/// Sex, as the first generation prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 「男 M.」
    Male,
    /// 「女 F.」
    Female,
}

impl Sex {
    /// The words on the card.
    pub fn on_card(self) -> &'static str {
        match self {
            Sex::Male => "男 M.",
            Sex::Female => "女 F.",
        }
    }
}

/// Nationality or region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nationality {
    /// ISO 3166 alpha-3.
    pub code: Private,
    /// The Japanese name that is printed.
    pub ja: Private,
}

/// Address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// At most 80 characters; [`ADDRESS_UNDETERMINED`] when there is none yet.
    pub text: Private,
    /// The municipality's six digits; none while the address is undetermined.
    pub municipality: Option<Private>,
}

/// Status of residence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResidenceStatus {
    /// The Japanese name; empty for somebody without a status.
    pub ja: String,
    /// The English name that is printed below it.
    pub en: String,
    /// For Designated Activities: which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub designated_activity: Option<DesignatedActivity>,
}

/// Period of stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stay {
    /// How long.
    pub period: Period,
    /// Its last day; none exactly when it is indefinite.
    #[serde(with = "date::option")]
    pub last_day: Option<Date>,
}

/// The permission that the card certifies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// Which permission.
    pub kind: PermissionKind,
    /// The day it was given.
    #[serde(with = "date")]
    pub date: Date,
    /// Who gave it, as printed in brackets: 「東京出入国在留管理局長」.
    pub by: String,
}

/// What the back and the chip say beside the address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endorsements {
    /// Blanket permission for other activity 「包括許可」.
    pub blanket: Option<Private>,
    /// Individual permission for other activity 「個別許可」.
    pub individual: Option<Private>,
    /// An application for extension or change is pending 「申請中」.
    pub pending: bool,
}

/// A photo's file name beside the approval: no folders, nothing hidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhotoFile(String);

/// The text is no plain file name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a photo's file name has letters, digits, '-', '_' and '.', and starts with no '.'")]
pub struct PhotoFileError;

impl PhotoFile {
    /// The file name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PhotoFile {
    type Error = PhotoFileError;
    fn try_from(text: String) -> Result<PhotoFile, PhotoFileError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        let good =
            (1..=80).contains(&text.len()) && !text.starts_with('.') && text.bytes().all(allowed);
        if good {
            Ok(PhotoFile(text))
        } else {
            Err(PhotoFileError)
        }
    }
}

impl From<PhotoFile> for String {
    fn from(file: PhotoFile) -> String {
        file.0
    }
}
