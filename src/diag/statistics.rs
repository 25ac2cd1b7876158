//! The spread of measured times: least, middle, one in twenty, most. Pure arithmetic.

use serde::Serialize;

use super::reading::{Reading, Value};

/// Least, middle, one in twenty and most of some measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// How many.
    pub count: usize,
    /// The least.
    pub min: u32,
    /// The middle.
    pub median: u32,
    /// What nineteen of twenty do not exceed.
    pub p95: u32,
    /// The most.
    pub max: u32,
}

impl Spread {
    /// Of measurements in any order; none of no measurement.
    #[must_use]
    pub fn of(measured: &[u32]) -> Option<Spread> {
        let mut sorted = measured.to_vec();
        sorted.sort_unstable();
        let last = sorted.len().checked_sub(1)?;
        let rank = |percent: usize| sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1];
        Some(Spread {
            count: sorted.len(),
            min: sorted[0],
            median: rank(50),
            p95: rank(95),
            max: sorted[last],
        })
    }

    /// As four readings in milliseconds, measured in microseconds.
    #[must_use]
    pub fn readings(&self, name: &str, words: (&str, &str)) -> Vec<Reading> {
        let parts = [
            ("min", "最小", "least", self.min),
            ("median", "中央値", "median", self.median),
            ("p95", "95 %", "95 %", self.p95),
            ("max", "最大", "most", self.max),
        ];
        let reading = |(part, ja, en, us): (&str, &str, &str, u32)| {
            let words = (
                format!("{}（{ja}）", words.0),
                format!("{} ({en})", words.1),
            );
            let value = Value::Milli(i64::from(us));
            Reading::new(&format!("{name}_{part}"), (&words.0, &words.1), value).unit("ms")
        };
        parts.map(reading).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_the_measurements_themselves() {
        let measured: Vec<u32> = (1..=100).rev().collect();
        let spread = Spread::of(&measured).expect("some");
        assert_eq!(
            (spread.min, spread.median, spread.p95, spread.max),
            (1, 50, 95, 100)
        );
        let one = Spread::of(&[7]).expect("one");
        assert_eq!((one.min, one.median, one.p95, one.max), (7, 7, 7, 7));
        assert_eq!(Spread::of(&[]), None);
    }

    #[test]
    fn microseconds_are_shown_as_milliseconds() {
        let spread = Spread::of(&[12_340]).expect("one");
        let readings = spread.readings("rtt", ("往復", "Round trip"));
        assert_eq!(readings[1].name, "rtt_median");
        assert_eq!(readings[1].shown(false), "12.34 ms");
    }
}
