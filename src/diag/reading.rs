//! One thing that was read: value, unit, the band that is normal, and how old it is. Names in both
//! languages stand beside it, so that no screen has words of its own.

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A count.
    Count(u64),
    /// A measure, in thousandths of its unit.
    Milli(i64),
    /// Words that stand as they are in both languages.
    Text(String),
    /// One of a few states: its stable name, Japanese, English.
    Named(&'static str, &'static str, &'static str),
    /// The machine has no such thing.
    Absent,
}

/// What it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As it should be.
    Normal,
    /// Not as it should be.
    Outside,
    /// Not there; that is no fault.
    Absent,
    /// Nothing can be said against it or for it.
    Plain,
}

/// One thing that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Stable name.
    pub name: String,
    /// What it is, Japanese.
    pub japanese: String,
    /// What it is, English.
    pub english: String,
    /// The value.
    pub value: Value,
    /// Of what; empty when it has none.
    pub unit: String,
    /// Lowest and highest that is normal, in thousandths of the unit.
    pub normal: Option<(i64, i64)>,
    /// What it means.
    pub state: State,
    /// How long ago the device said so, in milliseconds.
    pub age_ms: Option<u32>,
}

impl Reading {
    /// A reading of which nothing is expected.
    #[must_use]
    pub fn new(name: &str, words: (&str, &str), value: Value) -> Reading {
        let state = match value {
            Value::Absent => State::Absent,
            Value::Flag(_)
            | Value::Count(_)
            | Value::Milli(_)
            | Value::Text(_)
            | Value::Named(..) => State::Plain,
        };
        Reading {
            name: name.to_owned(),
            japanese: words.0.to_owned(),
            english: words.1.to_owned(),
            value,
            unit: String::new(),
            normal: None,
            state,
            age_ms: None,
        }
    }

    /// Words that were read.
    #[must_use]
    pub fn text(name: &str, words: (&str, &str), text: impl Into<String>) -> Reading {
        Reading::new(name, words, Value::Text(text.into()))
    }

    /// A count.
    #[must_use]
    pub fn count(name: &str, words: (&str, &str), count: impl Into<u64>) -> Reading {
        Reading::new(name, words, Value::Count(count.into()))
    }

    /// The same in this unit.
    #[must_use]
    pub fn unit(mut self, unit: &str) -> Reading {
        unit.clone_into(&mut self.unit);
        self
    }

    /// The same, held against a band in thousandths of its unit.
    #[must_use]
    pub fn within(mut self, low: i64, high: i64) -> Reading {
        self.normal = Some((low, high));
        let read = match self.value {
            Value::Milli(milli) => Some(milli),
            Value::Count(count) => i64::try_from(count).ok().map(|count| count * 1000),
            Value::Flag(_) | Value::Text(_) | Value::Named(..) | Value::Absent => None,
        };
        if let Some(read) = read {
            self.state = state(read >= low && read <= high);
        }
        self
    }

    /// The same, said of something that is not there; that is no fault.
    #[must_use]
    pub fn absent(mut self) -> Reading {
        self.state = State::Absent;
        self
    }

    /// The same, with what it should have been.
    #[must_use]
    pub fn judged(mut self, right: bool) -> Reading {
        self.state = state(right);
        self
    }

    /// The value with its unit, as people read it, in Japanese or English.
    #[must_use]
    pub fn shown(&self, in_japanese: bool) -> String {
        let pick = |ja: &str, en: &str| if in_japanese { ja } else { en }.to_owned();
        let value = match &self.value {
            Value::Flag(true) => "●".to_owned(),
            Value::Flag(false) => "◯".to_owned(),
            Value::Count(count) => count.to_string(),
            Value::Milli(milli) => decimal(*milli),
            Value::Text(text) => text.clone(),
            Value::Named(_, ja, en) => pick(ja, en),
            Value::Absent => return pick("この機種にはありません", "this machine has none"),
        };
        if self.unit.is_empty() {
            value
        } else {
            format!("{value} {}", self.unit)
        }
    }

    /// The band as people read it.
    #[must_use]
    pub fn band(&self) -> Option<String> {
        let (low, high) = self.normal?;
        Some(match (low, high) {
            (low, i64::MAX) => format!("≥ {}", decimal(low)),
            (i64::MIN, high) => format!("≤ {}", decimal(high)),
            (low, high) if low == high => decimal(low),
            (low, high) => format!("{}–{}", decimal(low), decimal(high)),
        })
    }
}

fn state(right: bool) -> State {
    if right { State::Normal } else { State::Outside }
}

/// Thousandths as a decimal number without idle zeros.
fn decimal(milli: i64) -> String {
    let sign = if milli < 0 { "-" } else { "" };
    let (whole, part) = (milli.unsigned_abs() / 1000, milli.unsigned_abs() % 1000);
    let text = format!("{sign}{whole}.{part:03}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn number(milli: i64) -> f64 {
    milli as f64 / 1000.0
}

impl Serialize for Reading {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = to.serialize_struct("Reading", 8)?;
        object.serialize_field("name", &self.name)?;
        object.serialize_field("japanese", &self.japanese)?;
        object.serialize_field("english", &self.english)?;
        match &self.value {
            Value::Flag(flag) => object.serialize_field("value", flag)?,
            Value::Count(count) => object.serialize_field("value", count)?,
            Value::Milli(whole) if whole % 1000 == 0 => {
                object.serialize_field("value", &(whole / 1000))?;
            }
            Value::Milli(milli) => object.serialize_field("value", &number(*milli))?,
            Value::Text(text) => object.serialize_field("value", text)?,
            Value::Named(name, ..) => object.serialize_field("value", name)?,
            Value::Absent => object.serialize_field("value", &None::<()>)?,
        }
        object.serialize_field("unit", &self.unit)?;
        let edge = |milli: i64| (milli.unsigned_abs() < i64::MAX as u64).then(|| number(milli));
        let band = self.normal.map(|(low, high)| [edge(low), edge(high)]);
        object.serialize_field("normal", &band)?;
        object.serialize_field("state", &self.state)?;
        object.serialize_field("age_ms", &self.age_ms)?;
        object.end()
    }
}

/// What an order shows while it runs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Live {
    /// What is being done, Japanese.
    pub japanese: String,
    /// What is being done, English.
    pub english: String,
    /// How far it has come, where that can be told.
    pub percent: Option<u8>,
    /// What was read so far; whole each time.
    pub readings: Vec<Reading>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_held_against_its_band() {
        let hot = Reading::new("head", ("ヘッド", "Head"), Value::Milli(71_500))
            .unit("℃")
            .within(10_000, 70_000);
        assert_eq!(
            (hot.state, hot.shown(true)),
            (State::Outside, "71.5 ℃".into())
        );
        assert_eq!(hot.band().as_deref(), Some("10–70"));
        let json = serde_json::to_value(&hot).expect("JSON");
        assert_eq!(json["value"], 71.5);
        assert_eq!(json["normal"], serde_json::json!([10.0, 70.0]));
        let open = Reading::count("n", ("", ""), 3u32).within(1000, i64::MAX);
        assert_eq!(
            (open.state, open.band()),
            (State::Normal, Some("≥ 1".into()))
        );
        let json = serde_json::to_value(&open).expect("JSON");
        assert_eq!(json["normal"], serde_json::json!([1.0, null]));
    }

    #[test]
    fn what_a_machine_lacks_is_absent_and_not_outside() {
        let none = Reading::new("patch", ("", ""), Value::Absent).within(0, 5);
        assert_eq!(none.state, State::Absent);
        assert_eq!(
            serde_json::to_value(&none).expect("JSON")["value"],
            serde_json::Value::Null
        );
    }

    #[test]
    fn thousandths_lose_their_idle_zeros() {
        for (milli, text) in [(0, "0"), (-500, "-0.5"), (12_340, "12.34"), (3_000, "3")] {
            assert_eq!(decimal(milli), text);
        }
    }
}
