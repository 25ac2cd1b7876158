//! What an order came to.

use serde::Serialize;

use super::bundle::File;
use super::history::{Fault, PhaseTimes};
use super::line::AtSpeed;
use super::machine::Logged;
use super::reading::{Reading, State};
use crate::config::Measured;

/// What an order came to. Nothing of a holder is in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The order's name.
    pub order: &'static str,
    /// Whether everything that was read is as it should be.
    pub sound: bool,
    /// What was read.
    pub readings: Vec<Reading>,
    /// What does not fit into readings.
    #[serde(flatten)]
    pub detail: Detail,
}

/// What does not fit into readings.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Entries of the printer's log.
    Log(Vec<Logged>),
    /// Faults that the journal tells of.
    Faults(Vec<Fault>),
    /// The line, speed by speed.
    Speeds(Vec<AtSpeed>),
    /// Measured times, not yet made the plan.
    Measured {
        /// Their spread, phase by phase.
        phases: Vec<PhaseTimes>,
        /// All of them.
        #[serde(skip)]
        all: Vec<Measured>,
    },
    /// The files of a bundle, not yet written.
    Files(Vec<File>),
    /// Nothing.
    #[serde(untagged)]
    None {},
}

impl Report {
    /// A report of readings alone.
    #[must_use]
    pub fn of(order: &'static str, readings: Vec<Reading>) -> Report {
        Report {
            order,
            sound: readings.iter().all(|one| one.state != State::Outside),
            readings,
            detail: Detail::None {},
        }
    }

    /// The same with what does not fit into readings.
    #[must_use]
    pub fn with(mut self, detail: Detail) -> Report {
        self.detail = detail;
        self
    }
}
