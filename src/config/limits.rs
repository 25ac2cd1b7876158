//! Section `[limits]`: what this machine and this office hold to be good enough to begin a
//! card. Data, because printers differ; knows no device.

use serde::Deserialize;

use super::Mistake;

/// What must hold before a blank is fed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The patch heater lays patches from this temperature, in degrees Celsius.
    pub heater_ready_c: f64,
    /// A head this hot begins no pass, in degrees Celsius.
    pub head_hot_c: f64,
    /// How long a card waits for head and heater, in seconds.
    pub warm_up_s: f64,
    /// Cards since the last cleaning from which the next one is due.
    pub cleaning_due_cards: u32,
    /// Cards since the last cleaning from which no card is begun.
    pub cleaning_overdue_cards: u32,
    /// Room that the journal's disk must have, in megabytes.
    pub disk_free_mb: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            heater_ready_c: 125.0,
            head_hot_c: 80.0,
            warm_up_s: 180.0,
            cleaning_due_cards: 1_000,
            cleaning_overdue_cards: 1_200,
            disk_free_mb: 64,
        }
    }
}

impl Limits {
    /// The first limit that is none.
    pub(super) fn mistake(&self) -> Option<(&'static str, Mistake)> {
        let heat = |degrees: f64| (20.0..=300.0).contains(&degrees);
        let checks = [
            (heat(self.heater_ready_c), "heater_ready_c"),
            (heat(self.head_hot_c), "head_hot_c"),
            ((0.0..=600.0).contains(&self.warm_up_s), "warm_up_s"),
            (self.cleaning_due_cards > 0, "cleaning_due_cards"),
            (
                self.cleaning_overdue_cards >= self.cleaning_due_cards,
                "cleaning_overdue_cards",
            ),
            (self.disk_free_mb > 0, "disk_free_mb"),
        ];
        let wrong = checks.into_iter().find(|(right, _)| !right);
        wrong.map(|(_, key)| (key, Mistake::Limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_cannot_be_meant_are_named() {
        assert_eq!(Limits::default().mistake(), None);
        let early = Limits {
            cleaning_overdue_cards: 10,
            ..Limits::default()
        };
        let key = early.mistake().map(|(key, _)| key);
        assert_eq!(key, Some("cleaning_overdue_cards"));
        let cold = Limits {
            heater_ready_c: f64::NAN,
            ..Limits::default()
        };
        assert_eq!(cold.mistake().map(|(key, _)| key), Some("heater_ready_c"));
    }
}
