//! A shift: the records from one close to the next. It closes under two names, right after a
//! count of everything, and says where all blanks were then.

use super::Stock;
use super::blanks::Terms;
use super::refusal::Refusal;
use crate::fault::TwoPersons;
use serde::{Deserialize, Serialize};

/// A shift that was closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// The station's count of shifts, from 1.
    pub number: u32,
    /// The first of the journal's records in it: from the second shift on the one that closed
    /// the shift before.
    pub from: u64,
    /// The last one, just before its own.
    pub to: u64,
    /// Where all blanks were, as counted.
    pub terms: Terms,
    /// Who closed it.
    pub by: TwoPersons,
}

impl Stock {
    /// The shift that was closed last.
    #[must_use]
    pub fn shift(&self) -> Option<&Shift> {
        self.shift.as_ref()
    }

    /// The number and the first record of the shift that is open.
    #[must_use]
    pub fn open_shift(&self) -> (u32, u64) {
        self.shift
            .as_ref()
            .map_or((1, 1), |last| (last.number + 1, last.to + 1))
    }

    /// A shift follows on the one before it without a gap, and closes on a count with nothing
    /// between: its sums are those that were counted.
    pub(super) fn admits_shift(&self, shift: &Shift) -> Result<(), Refusal> {
        let follows = (shift.number, shift.from) == self.open_shift() && shift.to >= shift.from;
        let counted = self.counted && shift.terms == self.terms();
        let founded = follows && counted;
        founded.then_some(()).ok_or(Refusal::Unfounded)
    }
}
