//! Periods of stay 「在留期間」 as they are written: `5y`, `4y3m`, `30d`, `indefinite`.

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A period of stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Period {
    /// 「無期限」: permanent residents, Highly Skilled Professional (ii).
    Indefinite,
    /// So many years, months and days; not all zero.
    Limited {
        /// Years, at most 5.
        years: u8,
        /// Months, at most 11 beside years.
        months: u8,
        /// Days; used alone.
        days: u8,
    },
}

/// The text is no period of stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a period of stay is written like 5y, 4y3m, 6m, 30d or indefinite")]
pub struct PeriodError;

impl Period {
    /// So many years.
    pub const fn years(years: u8) -> Period {
        Period::Limited {
            years,
            months: 0,
            days: 0,
        }
    }

    /// So many months, fewer than twelve.
    pub const fn months(months: u8) -> Period {
        Period::Limited {
            years: 0,
            months,
            days: 0,
        }
    }

    /// So many days.
    pub const fn days(days: u8) -> Period {
        Period::Limited {
            years: 0,
            months: 0,
            days,
        }
    }

    /// Reads the short form.
    ///
    /// # Errors
    /// [`PeriodError`] for any other writing, zero and more than eleven months included.
    pub fn parse(text: &str) -> Result<Period, PeriodError> {
        if text == "indefinite" {
            return Ok(Period::Indefinite);
        }
        let (years, rest) = leading(text, 'y')?;
        let (months, rest) = leading(rest, 'm')?;
        let (days, rest) = leading(rest, 'd')?;
        let alone = days == 0 || (years == 0 && months == 0);
        let zero = years == 0 && months == 0 && days == 0;
        if !rest.is_empty() || !alone || zero || months > 11 {
            return Err(PeriodError);
        }
        Ok(Period::Limited {
            years,
            months,
            days,
        })
    }

    /// The words on the card: 「4年3月」, 「30日」, 「無期限」.
    pub fn ja(self) -> String {
        match self {
            Period::Indefinite => "無期限".to_owned(),
            Period::Limited {
                years,
                months,
                days,
            } => written([(years, "年"), (months, "月"), (days, "日")]),
        }
    }

    /// The day so long after `from`; `None` when it never comes.
    pub fn after(self, from: Date) -> Option<Date> {
        match self {
            Period::Indefinite => None,
            Period::Limited {
                years,
                months,
                days,
            } => from
                .checked_add(Span::new().years(years).months(months).days(days))
                .ok(),
        }
    }

    /// A rank by length, for comparing: days, a month counted as 30 and a year as 365.
    pub fn rank(self) -> u32 {
        match self {
            Period::Indefinite => u32::MAX,
            Period::Limited {
                years,
                months,
                days,
            } => u32::from(years) * 365 + u32::from(months) * 30 + u32::from(days),
        }
    }
}

/// The number before `unit` at the front of `text` (0 if absent), and what follows.
fn leading(text: &str, unit: char) -> Result<(u8, &str), PeriodError> {
    let Some((number, rest)) = text.split_once(unit) else {
        return Ok((0, text));
    };
    let plain = !number.is_empty()
        && !number.starts_with('0')
        && number.bytes().all(|byte| byte.is_ascii_digit());
    if !plain {
        return Err(PeriodError);
    }
    Ok((number.parse().map_err(|_| PeriodError)?, rest))
}

fn written(parts: [(u8, &str); 3]) -> String {
    parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, unit)| format!("{n}{unit}"))
        .collect()
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Period::Indefinite => f.write_str("indefinite"),
            Period::Limited {
                years,
                months,
                days,
            } => f.write_str(&written([(years, "y"), (months, "m"), (days, "d")])),
        }
    }
}

impl TryFrom<String> for Period {
    type Error = PeriodError;
    fn try_from(text: String) -> Result<Period, PeriodError> {
        Period::parse(&text)
    }
}

impl From<Period> for String {
    fn from(period: Period) -> String {
        period.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_read_and_show_as_written() {
        for text in ["5y", "4y3m", "6m", "30d", "indefinite"] {
            assert_eq!(Period::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Period::parse("4y3m").unwrap().ja(), "4年3月");
        assert_eq!(Period::Indefinite.ja(), "無期限");
    }

    #[test]
    fn other_writings_are_refused() {
        for text in [
            "", "0y", "5", "y", "3m5y", "12m", "1y5d", "05y", "-1y", "5Y", "999y",
        ] {
            assert_eq!(Period::parse(text), Err(PeriodError), "{text}");
        }
    }
}
