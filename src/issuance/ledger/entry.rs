//! One record of the journal: what it may tell, and its bytes. Types only; what they mean
//! together is the ledger's.

use super::super::apply::Misfit;
use super::super::event::{Event, SCHEMA};
use super::super::ids::Digest;
use super::super::survey::Counters;
use super::super::timing::Miss;
use crate::fault::{By, Code, Signed, TwoPersons};
use crate::stock::{self, Bin};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One record of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The form, `SCHEMA`.
    pub v: u8,
    /// When, by the wall clock: a label. Only that a clock was put back is seen by it.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What a record tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Of the issuance at hand.
    Issuance(Event),
    /// A card is wanted: written before its lease is asked for.
    Wanted {
        /// Which job.
        select: Select,
        /// Who asked.
        clerk: Signed,
    },
    /// How long the phases of the card at hand took.
    Timed {
        /// Each phase's key and milliseconds, in order.
        phases: Vec<(String, u32)>,
        /// From the first byte of print data to the slot, in milliseconds.
        elapsed_ms: Option<u32>,
        /// What was missed of the plan, and why.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        misses: Vec<Miss>,
    },
    /// Of the supplies.
    Stock(stock::Event),
    /// Of work with the machine outside of issuances.
    Service(Service),
    /// The authority keeps this checkpoint.
    Checkpoint {
        /// The record's number.
        sequence: u64,
        /// The chain's hash there.
        hash: Digest,
    },
    /// The station started.
    Started {
        /// Its version.
        version: String,
    },
    /// The printer's counters as they stood when nothing was in doubt: work done outside
    /// of issuances (test cards, another station) is taken note of.
    Counted {
        /// The counters.
        counters: Counters,
    },
    /// Two persons took a printer over whose counters or whose memory of journals are not of
    /// this station's making.
    TakenOver(TakenOver),
}

/// A printer taken over: from here its counters as they stand are the journal's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakenOver {
    /// Who, one of them a supervisor.
    pub by: TwoPersons,
    /// What the printer says it is.
    pub printer: String,
    /// Its counters.
    pub counters: Counters,
    /// How far its memory of journals and cards is ahead of this station.
    pub ahead: Ahead,
}

/// How far a printer's memory is ahead of this station's own counts: it takes no order under a
/// lower number than it was ever told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ahead {
    /// Added to the journal's sequence number.
    pub sequence: u64,
    /// Added to the count of cards.
    pub cards: u32,
}

/// Work with the machine outside of issuances: a technician's order, a test card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Service {
    /// It will begin: written before the first byte leaves.
    Began {
        /// Which order, such as `clean-head` or `test-card`.
        order: String,
        /// Who.
        by: By,
        /// The counters as surveyed just before.
        before: Counters,
    },
    /// A fault cut it short; what it left behind is told at its end.
    Failed {
        /// The fault.
        fault: Code,
    },
    /// It is over, whatever came of it, and no card is inside.
    Ended {
        /// The counters after it.
        after: Counters,
        /// Blanks that left the hopper.
        blanks: u32,
        /// Where they are now; needed when there are any.
        fate: Option<Bin>,
    },
}

/// Which job is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Select {
    /// The one that waits longest.
    Next,
    /// This job.
    Job(String),
    /// The job of this reception number.
    Reception(String),
}

/// Why a record cannot be taken in.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is not an entry, or one of a newer station.
    #[error("the record is not one that this version of the station writes")]
    Form(#[source] serde_json::Error),
    /// It is of a schema that this station does not know.
    #[error("the record is of schema {0}, this station knows {SCHEMA}")]
    Schema(u8),
    /// It contradicts the records before it.
    #[error(transparent)]
    Misfit(#[from] Misfit),
}

impl Entry {
    /// An entry of the present schema.
    #[must_use]
    pub fn new(at: Timestamp, what: What) -> Entry {
        Entry {
            v: SCHEMA,
            at,
            what,
        }
    }

    /// The journal's bytes.
    ///
    /// # Errors
    /// Never for an entry that was built here; kept as a value all the same.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Reads the journal's bytes.
    ///
    /// # Errors
    /// `Form`, `Schema`.
    pub fn parse(bytes: &[u8]) -> Result<Entry, Unreadable> {
        let entry: Entry = serde_json::from_slice(bytes).map_err(Unreadable::Form)?;
        if entry.v == SCHEMA {
            Ok(entry)
        } else {
            Err(Unreadable::Schema(entry.v))
        }
    }
}
