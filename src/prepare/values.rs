//! What the job says, in the words that stand on the card. Knows the fields of the layout
//! by name, not where they stand.

use super::error::Error;
use crate::job::{Approval, Holder};
use jiff::civil::Date;
use layouts::Values;

/// What the back says while an application for extension or change is pending.
const PENDING: &str = "在留期間更新等許可申請中";

/// The text of every field that the card shows.
pub(super) fn of(
    approval: &Approval,
    number: &str,
    delivery_date: Date,
    valid_through: Date,
) -> Values {
    let holder = &approval.holder;
    let mut values = Values::default();
    values
        .set("number", number)
        .set("name_roman", holder.roman_name.as_str())
        .set("birth_date", day(holder.birth_date))
        .set("sex", holder.sex.on_card())
        .set("nationality", holder.nationality.ja.as_str())
        .set("address", holder.address.text.as_str())
        .set("status", approval.status.ja.as_str())
        .set("status_english", approval.status.en.as_str())
        .set("work_restriction", approval.work.ja())
        .set("period", approval.stay.period.ja())
        .set("permission_type", permission(approval))
        .set("permission_date", day(approval.permission.date))
        .set("delivery_date", day(delivery_date))
        .set("valid_through", day(valid_through));
    if let Some(kanji) = &holder.kanji_name {
        values.set("name_kanji", kanji.as_str());
    }
    if let Some(last) = approval.stay.last_day {
        values.set("stay_through", day(last));
    }
    let endorsements = &approval.endorsements;
    let texts = [
        ("blanket", &endorsements.blanket),
        ("individual", &endorsements.individual),
    ];
    for (field, text) in texts {
        if let Some(text) = text {
            values.set(field, text.as_str());
        }
    }
    if endorsements.pending {
        values.set("pending", PENDING);
    }
    values
}

/// As the card writes it: 1985年12月31日, months and days with two digits.
fn day(date: Date) -> String {
    format!(
        "{:04}年{:02}月{:02}日",
        date.year(),
        date.month(),
        date.day()
    )
}

fn permission(approval: &Approval) -> String {
    let permission = &approval.permission;
    format!("{}（{}）", permission.kind.ja(), permission.by)
}

/// The six digits for the chip, none while the address is undetermined.
pub(super) fn municipality(holder: &Holder) -> Result<Option<[u8; 6]>, Error> {
    let Some(code) = &holder.address.municipality else {
        return Ok(None);
    };
    let digits: [u8; 6] = code
        .as_str()
        .as_bytes()
        .try_into()
        .map_err(|_| Error::Municipality)?;
    if digits.iter().all(u8::is_ascii_digit) {
        Ok(Some(digits))
    } else {
        Err(Error::Municipality)
    }
}
