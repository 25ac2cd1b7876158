//! How long a card of the first generation is valid, and whether it bears a photo (domain §5, §4).

use super::Ground;
use super::status::{HIGHLY_SKILLED_2, PERMANENT};
use jiff::Span;
use jiff::civil::Date;

/// What validity depends on.
#[derive(Clone, Copy, Debug)]
pub struct Stay<'a> {
    /// The status of residence in Japanese.
    pub status_ja: &'a str,
    /// The last day of the period of stay; `None` when it is indefinite.
    pub last_day: Option<Date>,
    /// The ground of issuance.
    pub ground: Ground,
}

/// No last day can be derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidityError {
    /// The status needs a last day of stay and there is none.
    #[error("this status of residence needs a last day of stay")]
    LastDayMissing,
    /// The card would have ended before it was delivered.
    #[error("the card would already have ended on the day of delivery")]
    AlreadyOver,
    /// The dates lie outside the calendar.
    #[error("the dates lie outside the calendar")]
    OutOfCalendar,
}

/// The last day on which a card delivered on `delivery` is valid.
///
/// # Errors
/// [`ValidityError`] when the approval does not allow a card on that day.
pub fn valid_through(birth: Date, delivery: Date, stay: Stay<'_>) -> Result<Date, ValidityError> {
    let sixteenth = birthday(birth, 16)?;
    let renewed_early =
        stay.ground == Ground::ValidityRenewal && within_half_year_before(delivery, sixteenth);
    let grown = delivery >= sixteenth || renewed_early;
    let day_before = sixteenth
        .yesterday()
        .map_err(|_| ValidityError::OutOfCalendar)?;
    let last = match (stay.status_ja, grown) {
        (HIGHLY_SKILLED_2, _) | (PERMANENT, true) => seven_years(delivery)?,
        (PERMANENT, false) => day_before,
        (_, true) => stay.last_day.ok_or(ValidityError::LastDayMissing)?,
        (_, false) => stay
            .last_day
            .ok_or(ValidityError::LastDayMissing)?
            .min(day_before),
    };
    if last < delivery {
        Err(ValidityError::AlreadyOver)
    } else {
        Ok(last)
    }
}

/// Whether a card delivered on that day bears a photo: holders of 16 and older, and in the half
/// year before the 16th birthday (card specification §3.3.5).
///
/// # Errors
/// [`ValidityError::OutOfCalendar`] for dates that no calendar holds.
pub fn bears_photo(birth: Date, delivery: Date) -> Result<bool, ValidityError> {
    let sixteenth = birthday(birth, 16)?;
    Ok(delivery >= sixteenth || within_half_year_before(delivery, sixteenth))
}

/// The birthday on which so many years are completed; 29 February has 28 February in other years.
fn birthday(birth: Date, years: i16) -> Result<Date, ValidityError> {
    // jiff takes the month's last day where the day does not exist: exactly that rule.
    birth
        .checked_add(Span::new().years(years))
        .map_err(|_| ValidityError::OutOfCalendar)
}

fn within_half_year_before(day: Date, birthday: Date) -> bool {
    birthday
        .checked_sub(Span::new().months(6))
        .is_ok_and(|from| from <= day && day < birthday)
}

/// Seven years, the day of delivery included: through the day before the corresponding day, or
/// the month's last day where there is no corresponding one (Civil Code art. 143).
fn seven_years(delivery: Date) -> Result<Date, ValidityError> {
    let same = delivery
        .checked_add(Span::new().years(7))
        .map_err(|_| ValidityError::OutOfCalendar)?;
    if same.day() == delivery.day() {
        same.yesterday().map_err(|_| ValidityError::OutOfCalendar)
    } else {
        Ok(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn permanent(ground: Ground) -> Stay<'static> {
        Stay {
            status_ja: PERMANENT,
            last_day: None,
            ground,
        }
    }

    fn student(last: Date, ground: Ground) -> Stay<'static> {
        Stay {
            status_ja: "留学",
            last_day: Some(last),
            ground,
        }
    }

    #[test]
    fn a_permanent_resident_gets_seven_years_with_the_day_of_delivery() {
        // The worked example of the domain's table.
        let last = valid_through(
            date(1985, 12, 31),
            date(2024, 4, 1),
            permanent(Ground::ItemChange),
        );
        assert_eq!(last, Ok(date(2031, 3, 31)));
    }

    #[test]
    fn seven_years_from_a_leap_day_end_on_the_last_of_february() {
        let last = valid_through(
            date(1985, 12, 31),
            date(2024, 2, 29),
            permanent(Ground::ItemChange),
        );
        assert_eq!(last, Ok(date(2031, 2, 28)));
    }

    #[test]
    fn a_permanent_resident_under_sixteen_has_the_day_before_the_birthday() {
        let ground = Ground::PermanentResidence;
        let last = valid_through(date(2012, 5, 10), date(2026, 11, 22), permanent(ground));
        assert_eq!(last, Ok(date(2028, 5, 9)));
        let eve = valid_through(date(2012, 5, 10), date(2028, 5, 9), permanent(ground));
        assert_eq!(eve, Ok(date(2028, 5, 9)));
        let grown = valid_through(date(2012, 5, 10), date(2028, 5, 10), permanent(ground));
        assert_eq!(grown, Ok(date(2035, 5, 9)));
    }

    #[test]
    fn the_highly_skilled_of_any_age_get_seven_years() {
        let stay = Stay {
            status_ja: HIGHLY_SKILLED_2,
            last_day: None,
            ground: Ground::ChangeOfStatus,
        };
        let last = valid_through(date(2020, 1, 1), date(2026, 11, 22), stay);
        assert_eq!(last, Ok(date(2033, 11, 21)));
    }

    #[test]
    fn others_have_the_end_of_their_stay_or_the_eve_of_the_birthday() {
        let stay = student(date(2030, 3, 31), Ground::Extension);
        assert_eq!(
            valid_through(date(2000, 1, 1), date(2026, 11, 22), stay),
            Ok(date(2030, 3, 31))
        );
        assert_eq!(
            valid_through(date(2012, 5, 10), date(2026, 11, 22), stay),
            Ok(date(2028, 5, 9))
        );
        let short = student(date(2027, 3, 31), Ground::Extension);
        assert_eq!(
            valid_through(date(2012, 5, 10), date(2026, 11, 22), short),
            Ok(date(2027, 3, 31))
        );
    }

    #[test]
    fn only_a_renewal_in_the_half_year_before_counts_as_sixteen() {
        let birth = date(2011, 2, 10);
        let stay = student(date(2030, 3, 31), Ground::ValidityRenewal);
        assert_eq!(
            valid_through(birth, date(2026, 8, 10), stay),
            Ok(date(2030, 3, 31))
        );
        assert_eq!(
            valid_through(birth, date(2026, 8, 9), stay),
            Ok(date(2027, 2, 9))
        );
        let other = student(date(2030, 3, 31), Ground::Extension);
        assert_eq!(
            valid_through(birth, date(2026, 8, 10), other),
            Ok(date(2027, 2, 9))
        );
    }

    #[test]
    fn a_leap_child_has_the_birthday_on_the_28th_in_other_years() {
        // 2100 is no leap year, sixteen years after 2084, which is.
        let stay = permanent(Ground::PermanentResidence);
        assert_eq!(
            valid_through(date(2084, 2, 29), date(2099, 1, 1), stay),
            Ok(date(2100, 2, 27))
        );
        assert_eq!(
            valid_through(date(2008, 2, 29), date(2023, 1, 1), stay),
            Ok(date(2024, 2, 28))
        );
    }

    #[test]
    fn the_photo_starts_half_a_year_before_sixteen() {
        let birth = date(2011, 2, 10);
        assert_eq!(bears_photo(birth, date(2026, 8, 9)), Ok(false));
        assert_eq!(bears_photo(birth, date(2026, 8, 10)), Ok(true));
        assert_eq!(bears_photo(birth, date(2027, 2, 10)), Ok(true));
    }

    #[test]
    fn a_stay_that_is_over_gives_no_card() {
        let stay = student(date(2026, 11, 21), Ground::Extension);
        let over = valid_through(date(2000, 1, 1), date(2026, 11, 22), stay);
        assert_eq!(over, Err(ValidityError::AlreadyOver));
        let none = Stay {
            status_ja: "留学",
            last_day: None,
            ground: Ground::Extension,
        };
        let missing = valid_through(date(2000, 1, 1), date(2026, 11, 22), none);
        assert_eq!(missing, Err(ValidityError::LastDayMissing));
    }
}
