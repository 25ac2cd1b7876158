//! What one run is made of: seed, faults, jobs, level. Decides nothing.

use super::faults::{Level, Strike};
use super::planted::Planted;

/// What a run is made of.
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// The faults: by chance, or these.
    pub(crate) strikes: Option<Vec<Strike>>,
    /// The jobs: by chance, or these.
    pub(crate) kind: Option<usize>,
    pub(crate) planted: Planted,
    pub(crate) trace: bool,
    pub(crate) level: Level,
}

impl Plan {
    pub(crate) fn of(seed: u64) -> Plan {
        Plan {
            seed,
            strikes: None,
            kind: None,
            planted: Planted::Nothing,
            trace: false,
            level: Level::Decision,
        }
    }

    /// The same at another level.
    pub(crate) fn at(self, level: Level) -> Plan {
        Plan { level, ..self }
    }

    /// One job of this kind (`life::FIVE`).
    pub(crate) fn of_kind(self, kind: Option<usize>) -> Plan {
        Plan { kind, ..self }
    }

    /// With a planted mistake.
    pub(crate) fn with(self, planted: Planted) -> Plan {
        Plan { planted, ..self }
    }
}
