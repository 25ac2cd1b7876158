//! The law that an approval must obey on the day of delivery (domain §1–§5), each breach with its
//! field, code and remedy. Pure; used at import, at lease and again by the station.

use super::approval::{ADDRESS_UNDETERMINED, Approval};
use crate::product::eligibility::{self, Ineligible};
use crate::product::name::{self, NameError, RegularKanji};
use crate::product::nation;
use crate::product::status::{DESIGNATED, Status};
use crate::product::validity::{self, ValidityError};
use crate::product::{Ground, Period};
use jiff::Span;
use jiff::civil::{Date, date};

/// A rule that an approval breaks, and the field where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct Breach {
    /// The field's path in the approval.
    pub field: &'static str,
    /// The rule.
    #[source]
    pub rule: Rule,
}

/// The rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// This person gets no card.
    #[error("{0}")]
    Ineligible(Ineligible),
    /// What becomes of the old card does not go with the ground.
    #[error("does not go with {}", .0.en())]
    OldCard(Ground),
    /// One person approved twice.
    #[error("the same person approved twice")]
    SameApprover,
    /// The name cannot stand on the card.
    #[error("{0}")]
    Name(NameError),
    /// No such status, or not its English name, or a designated activity where none belongs.
    #[error("is not as the table of statuses has it ({0})")]
    Status(&'static str),
    /// The period is not one of this status, or does not agree with its last day.
    #[error("is no period of stay that this status can have")]
    Period,
    /// No validity can be derived.
    #[error("{0}")]
    Validity(ValidityError),
    /// A fee where none is due, or none where it is.
    #[error("a fee is {}", if *.due { "due and missing" } else { "not due" })]
    Fee {
        /// Whether one is due.
        due: bool,
    },
    /// A photo where the card bears none, or none where it does.
    #[error("a photo is {}", if *.due { "required" } else { "not borne by this card" })]
    Photo {
        /// Whether the card bears one.
        due: bool,
    },
    /// The certified permission is not the one that the ground is.
    #[error("is not the permission that {} is", .0.en())]
    Permission(Ground),
    /// The date cannot be right beside the others.
    #[error("is not a plausible date")]
    Date,
    /// The text does not have the form.
    #[error("should be {0}")]
    Text(&'static str),
}

impl Rule {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Rule::Ineligible(Ineligible::ShortStay) => "A-SHORT-STAY",
            Rule::Ineligible(Ineligible::TemporaryVisitor) => "A-TEMPORARY-VISITOR",
            Rule::Ineligible(Ineligible::DiplomatOrOfficial) => "A-DIPLOMAT",
            Rule::Ineligible(Ineligible::MissionStaff) => "A-MISSION-STAFF",
            Rule::Ineligible(Ineligible::SpecialPermanentResident) => "A-SPECIAL-PERMANENT",
            Rule::Ineligible(Ineligible::NoStatus) => "A-NO-STATUS",
            Rule::OldCard(_) => "A-OLD-CARD",
            Rule::SameApprover => "A-SAME-APPROVER",
            Rule::Name(_) => "A-NAME",
            Rule::Status(_) => "A-STATUS",
            Rule::Period => "A-PERIOD",
            Rule::Validity(_) => "A-VALIDITY",
            Rule::Fee { .. } => "A-FEE",
            Rule::Photo { .. } => "A-PHOTO",
            Rule::Permission(_) => "A-PERMISSION",
            Rule::Date => "A-DATE",
            Rule::Text(_) => "A-TEXT",
        }
    }

    /// What to do, in Japanese and in English.
    pub fn remedy(self) -> (&'static str, &'static str) {
        match self {
            Rule::Ineligible(_) => (
                "在留カードの対象者ではない。許可の内容を審査担当に確認する。",
                "No residence card is issued: check the permission with the examiner.",
            ),
            Rule::OldCard(_) => (
                "交付事由と旧カードの扱いを一致させ、承認し直す。",
                "Make ground and old card agree, then approve again.",
            ),
            Rule::SameApprover => (
                "別の職員が承認する。",
                "Have a second, different person approve.",
            ),
            Rule::Name(_) => (
                "氏名を旅券のローマ字・正字に直し、承認し直す。",
                "Correct the name (passport capitals, regular kanji), then approve again.",
            ),
            Rule::Status(_) | Rule::Period | Rule::Permission(_) => (
                "在留資格・在留期間・許可の種類を確認し、承認し直す。",
                "Check status, period and permission, then approve again.",
            ),
            Rule::Validity(_) | Rule::Date => (
                "日付を確認し、承認し直す。",
                "Check the dates, then approve again.",
            ),
            Rule::Fee { .. } => (
                "手数料の要否を確認し、承認し直す。",
                "Check whether a fee is due, then approve again.",
            ),
            Rule::Photo { .. } => (
                "年齢と写真の要否を確認し、承認し直す。",
                "Check age and photo, then approve again.",
            ),
            Rule::Text(_) => (
                "示された項目を直し、承認し直す。",
                "Correct the named field, then approve again.",
            ),
        }
    }
}

/// Checks an approval against the law as it applies on the day of delivery, and gives the last
/// day on which the card is valid.
///
/// # Errors
/// The first [`Breach`], in the order of the approval's fields.
pub fn check(approval: &Approval, delivery: Date, kanji: &RegularKanji) -> Result<Date, Breach> {
    eligible(approval)?;
    ground(approval)?;
    holder(approval, delivery, kanji)?;
    stay(approval, delivery)?;
    texts(approval)?;
    let stay = validity::Stay {
        status_ja: &approval.status.ja,
        last_day: approval.stay.last_day,
        ground: approval.ground,
    };
    let unheard = |error| breach("stay.last_day", Rule::Validity(error));
    let birth = approval.holder.birth_date;
    let due = validity::bears_photo(birth, delivery).map_err(unheard)?;
    if due != approval.photo.is_some() {
        return Err(breach("photo", Rule::Photo { due }));
    }
    validity::valid_through(birth, delivery, stay).map_err(unheard)
}

fn breach(field: &'static str, rule: Rule) -> Breach {
    Breach { field, rule }
}

fn require(holds: bool, field: &'static str, rule: Rule) -> Result<(), Breach> {
    if holds {
        Ok(())
    } else {
        Err(breach(field, rule))
    }
}

fn eligible(approval: &Approval) -> Result<(), Breach> {
    let status = &approval.status;
    eligibility::check(&status.ja, status.designated_activity, approval.stay.period).map_err(
        |why| {
            let field = match why {
                Ineligible::ShortStay => "stay.period",
                Ineligible::MissionStaff => "status.designated_activity",
                Ineligible::TemporaryVisitor
                | Ineligible::DiplomatOrOfficial
                | Ineligible::SpecialPermanentResident
                | Ineligible::NoStatus => "status.ja",
            };
            breach(field, Rule::Ineligible(why))
        },
    )
}

fn ground(approval: &Approval) -> Result<(), Breach> {
    let ground = approval.ground;
    let agrees = ground
        .old_card_rules()
        .contains(&approval.previous_card.rule());
    require(agrees, "previous_card", Rule::OldCard(ground))?;
    let [first, second] = &approval.approvers;
    require(first != second, "approvers", Rule::SameApprover)?;
    let permitted = ground
        .permission()
        .is_none_or(|kind| kind == approval.permission.kind);
    require(permitted, "permission.kind", Rule::Permission(ground))?;
    let due = ground.fee_due();
    let paid = approval.exchange_fee_yen.is_some_and(|yen| yen > 0);
    let fits = if due {
        paid
    } else {
        approval.exchange_fee_yen.is_none()
    };
    require(fits, "exchange_fee_yen", Rule::Fee { due })
}

/// Nobody alive was born earlier.
const EARLIEST_BIRTH: Date = date(1900, 1, 1);

fn holder(approval: &Approval, delivery: Date, kanji: &RegularKanji) -> Result<(), Breach> {
    let holder = &approval.holder;
    name::roman(holder.roman_name.as_str())
        .map_err(|error| breach("holder.roman_name", Rule::Name(error)))?;
    if let Some(written) = &holder.kanji_name {
        kanji
            .check(written.as_str())
            .map_err(|error| breach("holder.kanji_name", Rule::Name(error)))?;
    }
    let plausible = (EARLIEST_BIRTH..=delivery).contains(&holder.birth_date);
    require(plausible, "holder.birth_date", Rule::Date)?;
    let code = holder.nationality.code.as_str();
    require(
        nation::is_borne(code),
        "holder.nationality.code",
        Rule::Text("an ISO 3166 alpha-3 code of another country, or XXX for the stateless"),
    )?;
    let short = (1..=20).contains(&holder.nationality.ja.as_str().chars().count());
    require(
        short,
        "holder.nationality.ja",
        Rule::Text("1 to 20 characters"),
    )?;
    address(approval)
}

fn address(approval: &Approval) -> Result<(), Breach> {
    let address = &approval.holder.address;
    let text = address.text.as_str();
    let fits = (1..=80).contains(&text.chars().count()) && text.len() <= 320;
    require(
        fits && printable(text),
        "holder.address.text",
        Rule::Text("1 to 80 characters"),
    )?;
    match &address.municipality {
        None => Ok(()),
        Some(code) => {
            let code = code.as_str();
            let six = code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
            let rule = Rule::Text("six digits, or none while the address is undetermined");
            require(
                six && text != ADDRESS_UNDETERMINED,
                "holder.address.municipality",
                rule,
            )
        }
    }
}

/// How far a period may start from its permission: applications are taken three months ahead, and
/// a decision may come two months after the old period ended (law, art. 20).
const SLACK_MONTHS: i64 = 3;

fn stay(approval: &Approval, delivery: Date) -> Result<(), Breach> {
    let given = &approval.status;
    let unlisted = || breach("status.ja", Rule::Status("the Japanese name is not listed"));
    let status = Status::of(&given.ja).ok_or_else(unlisted)?;
    require(status.en == given.en, "status.en", Rule::Status(status.en))?;
    let designated = given.designated_activity.is_some() == (given.ja == DESIGNATED);
    let which = Rule::Status("a designated activity belongs to 特定活動 alone");
    require(designated, "status.designated_activity", which)?;
    require(
        status.allows(approval.stay.period),
        "stay.period",
        Rule::Period,
    )?;
    let permitted = approval.permission.date;
    let plausible = approval.holder.birth_date <= permitted && permitted <= delivery;
    require(plausible, "permission.date", Rule::Date)?;
    let agrees = match (approval.stay.period, approval.stay.last_day) {
        (Period::Indefinite, None) => true,
        (period @ Period::Limited { .. }, Some(last)) => {
            period.after(permitted).is_some_and(|end| near(end, last))
        }
        (Period::Indefinite, Some(_)) | (Period::Limited { .. }, None) => false,
    };
    require(agrees, "stay.last_day", Rule::Period)
}

fn near(end: Date, last: Date) -> bool {
    let slack = Span::new().months(SLACK_MONTHS);
    let early = end.checked_sub(slack).is_ok_and(|day| day <= last);
    early && end.checked_add(slack).is_ok_and(|day| last <= day)
}

fn texts(approval: &Approval) -> Result<(), Breach> {
    let by = &approval.permission.by;
    let named = (1..=30).contains(&by.chars().count()) && printable(by);
    require(named, "permission.by", Rule::Text("1 to 30 characters"))?;
    let endorsements = &approval.endorsements;
    let fields = [
        ("endorsements.blanket", &endorsements.blanket),
        ("endorsements.individual", &endorsements.individual),
    ];
    for (field, text) in fields {
        let fits = text.as_ref().is_none_or(|text| {
            // The chip's field has 120 bytes (card specification §3.3).
            (1..=120).contains(&text.as_str().len()) && printable(text.as_str())
        });
        require(fits, field, Rule::Text("1 to 120 bytes in UTF-8"))?;
    }
    Ok(())
}

fn printable(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests;
