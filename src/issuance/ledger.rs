//! The whole journal folded: the open issuance, what was used for ever, what the counters
//! must show. Each entry is one record of the journal.

use super::apply::{Misfit, holds};
use super::event::{Decision, Event, Grant, Proof, ReportKind, SCHEMA};
use super::ids::{Digest, Serial};
use super::judge::Finding;
use super::machine::Issuance;
use super::state::{Course, Phase, Place};
use super::step::Step;
use super::survey::Counters;
use crate::fault::Signed;
use crate::stock::{self, Stock, Use};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One record of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The form, `SCHEMA`.
    pub v: u8,
    /// When, by the wall clock: a label, nothing is decided by it.
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
    },
    /// Of the supplies.
    Stock(stock::Event),
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

/// What the journal says, all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    issuance: Issuance,
    wanted: Option<(Select, Signed)>,
    event_at: Timestamp,
    cards: u32,
    keys: BTreeSet<String>,
    tokens: BTreeSet<Digest>,
    numbers: BTreeSet<String>,
    written: BTreeSet<Serial>,
    expected: Option<Counters>,
    checkpoint: Option<(u64, Digest)>,
    stock: Stock,
}

impl Ledger {
    /// Takes one entry in.
    ///
    /// # Errors
    /// `Misfit`: it contradicts what stands; the ledger is as it was. Ask before appending.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), Misfit> {
        match &entry.what {
            What::Issuance(event) => {
                self.issuance_event(event)?;
                self.event_at = entry.at;
                Ok(())
            }
            What::Wanted { select, clerk } => {
                holds(self.open().is_none(), "one open issuance per station")?;
                self.wanted = Some((select.clone(), clerk.clone()));
                Ok(())
            }
            What::Timed { .. } => Ok(()),
            What::Stock(event) => {
                self.stock.apply(event);
                Ok(())
            }
            What::Checkpoint { sequence, hash } => {
                let newer = self.checkpoint.is_none_or(|(last, _)| *sequence >= last);
                holds(newer, "a checkpoint that goes backwards")?;
                self.checkpoint = Some((*sequence, *hash));
                Ok(())
            }
            What::Started { .. } => Ok(()),
            What::Counted { counters } => {
                let doubt = matches!(self.issuance.phase(), Phase::Underway { .. });
                holds(!doubt, "the counters of a step in doubt are its witness")?;
                self.expected = Some(counters.clone());
                Ok(())
            }
        }
    }

    /// Folds a whole journal.
    ///
    /// # Errors
    /// The first record that cannot be taken in.
    pub fn replay<'a>(records: impl IntoIterator<Item = &'a [u8]>) -> Result<Ledger, Unreadable> {
        let mut ledger = Ledger::default();
        for record in records {
            ledger.apply(&Entry::parse(record)?)?;
        }
        Ok(ledger)
    }

    fn issuance_event(&mut self, event: &Event) -> Result<(), Misfit> {
        self.admits(event)?;
        let begins = matches!(event, Event::Asked { .. });
        let mut issuance = if begins {
            Issuance::default()
        } else {
            self.issuance.clone()
        };
        issuance.apply(event)?;
        let before = std::mem::replace(&mut self.issuance, issuance);
        self.remember(event);
        self.count(event);
        self.book(
            event,
            done(event, &before),
            before.card().place == Place::Unsure,
        );
        Ok(())
    }

    /// What no later issuance may use again.
    fn admits(&self, event: &Event) -> Result<(), Misfit> {
        match event {
            Event::Asked { key } => {
                holds(self.open().is_none(), "one open issuance per station")?;
                holds(
                    !self.keys.contains(key),
                    "an idempotency key of an earlier request",
                )
            }
            Event::Granted { grant } => holds(!self.seen(grant), "a grant that was used before"),
            Event::Opened { card, .. } => {
                holds(*card == self.cards + 1, "the count of cards has a gap")
            }
            Event::Finished {
                proof: Proof::Blank(serial),
                ..
            }
            | Event::Found {
                proof: Some(Proof::Blank(serial)),
                ..
            } => holds(
                !self.written.contains(serial),
                "a blank that was written before",
            ),
            Event::Declined { .. }
            | Event::Began { .. }
            | Event::Finished { .. }
            | Event::Refused { .. }
            | Event::Found { .. }
            | Event::Astray { .. }
            | Event::GivenUp { .. }
            | Event::Decided { .. }
            | Event::KeysAsked { .. }
            | Event::KeysHeld { .. }
            | Event::Owed { .. }
            | Event::Acknowledged { .. }
            | Event::Voided
            | Event::Closed => Ok(()),
        }
    }

    fn remember(&mut self, event: &Event) {
        if let Event::Asked { key } = event {
            self.keys.insert(key.clone());
        }
        if let Event::Granted { grant } = event {
            self.tokens.insert(grant.token);
            self.numbers.insert(grant.number.clone());
        }
        if let Event::Opened { card, .. } = event {
            self.cards = *card;
        }
        if let (true, Some(serial)) = (self.issuance.card().written, self.issuance.card().blank) {
            self.written.insert(serial);
        }
    }

    /// The counters that the printer must show when nothing is in doubt.
    fn count(&mut self, event: &Event) {
        match event {
            Event::Began { before, .. } => self.expected = Some(before.clone()),
            Event::Finished { step, proof } => self.effect(*step, Some(proof)),
            Event::Found {
                step,
                finding: Finding::Done,
                proof,
                ..
            } => {
                self.effect(*step, proof.as_ref());
            }
            Event::Found {
                finding: Finding::Spoiled | Finding::Unknown,
                ..
            }
            | Event::Decided { .. } => self.expected = None,
            Event::Found {
                finding: Finding::Untouched,
                ..
            }
            | Event::Asked { .. }
            | Event::Declined { .. }
            | Event::Granted { .. }
            | Event::Opened { .. }
            | Event::Refused { .. }
            | Event::Astray { .. }
            | Event::GivenUp { .. }
            | Event::KeysAsked { .. }
            | Event::KeysHeld { .. }
            | Event::Owed { .. }
            | Event::Acknowledged { .. }
            | Event::Voided
            | Event::Closed => {}
        }
    }

    fn effect(&mut self, step: Step, proof: Option<&Proof>) {
        self.expected = match proof {
            Some(Proof::Motion(after)) => Some(after.clone()),
            // What hands took out may be counted by the printer or not.
            Some(_) | None if step == Step::RemoveByHand => None,
            Some(_) | None => self.expected.as_ref().map(|counters| counters.after(step)),
        };
    }

    /// What was used, and where the card went; `done` is the step that took its effect,
    /// `unsure` whether a blank was perhaps fed.
    fn book(&mut self, event: &Event, done: Option<Step>, unsure: bool) {
        let quarantined = Course::Discarding(ReportKind::Quarantined);
        let used = match (event, done) {
            (
                Event::Began {
                    step: Step::Print(panel),
                    ..
                },
                _,
            ) => Some(Use::Pass(panel.index())),
            (
                Event::Began {
                    step: Step::Hologram,
                    ..
                },
                _,
            ) => Some(Use::Patch),
            // Perhaps a blank left the hopper: counted as fed until a person says it did not.
            (
                Event::Found {
                    step: Step::Feed,
                    finding: Finding::Spoiled | Finding::Unknown,
                    ..
                },
                _,
            )
            | (_, Some(Step::Feed)) => Some(Use::Fed),
            (Event::Decided { decision, .. }, _) if unsure && takes_back(*decision) => {
                (self.issuance.current() == Some(Step::Feed)).then_some(Use::Unfed)
            }
            (_, Some(Step::Reject)) => Some(Use::Tray),
            (_, Some(Step::RemoveByHand)) => Some(Use::Bag),
            (_, Some(Step::HandOver)) => Some(Use::Delivered),
            (Event::Closed, _) => {
                (self.issuance.course() == quarantined).then_some(Use::Quarantined)
            }
            (_, Some(_) | None) => None,
        };
        if let Some(used) = used {
            self.stock.used(used);
        }
    }

    /// Whether a grant, or its number, was used before: such a grant is declined.
    #[must_use]
    pub fn seen(&self, grant: &Grant) -> bool {
        self.tokens.contains(&grant.token) || self.numbers.contains(&grant.number)
    }

    /// The open issuance.
    #[must_use]
    pub fn open(&self) -> Option<&Issuance> {
        match self.issuance.phase() {
            Phase::New | Phase::Closed(_) => None,
            Phase::Asked
            | Phase::Granted
            | Phase::Ready
            | Phase::Underway { .. }
            | Phase::Stopped { .. } => Some(&self.issuance),
        }
    }

    /// The newest issuance, open or closed.
    #[must_use]
    pub fn newest(&self) -> &Issuance {
        &self.issuance
    }

    /// What was wanted last, and by whom: a lease that is sent again asks for the same.
    #[must_use]
    pub fn wanted(&self) -> Option<&(Select, Signed)> {
        self.wanted.as_ref()
    }

    /// When the newest event of the issuance was written: a report that is sent again bears
    /// the same time.
    #[must_use]
    pub fn event_at(&self) -> Timestamp {
        self.event_at
    }

    /// The count that the next opened card takes.
    #[must_use]
    pub fn next_card(&self) -> u32 {
        self.cards + 1
    }

    /// Whether this chip was ever written here: such a blank is never bound again.
    #[must_use]
    pub fn was_written(&self, serial: &Serial) -> bool {
        self.written.contains(serial)
    }

    /// Whether the printer's counters tell of work that the journal does not know.
    /// After a person's decision the journal expects nothing until the next `Counted` or intent.
    #[must_use]
    pub fn contradicts(&self, seen: &Counters) -> bool {
        self.expected
            .as_ref()
            .is_some_and(|expected| !expected.same_work(seen))
    }

    /// The last checkpoint that the authority took.
    #[must_use]
    pub fn checkpoint(&self) -> Option<(u64, Digest)> {
        self.checkpoint
    }

    /// The supplies.
    #[must_use]
    pub fn stock(&self) -> &Stock {
        &self.stock
    }
}

/// Whether a blank that was perhaps fed is to be counted anew.
fn takes_back(decision: Decision) -> bool {
    matches!(
        decision,
        Decision::Continue | Decision::Answer(Finding::Untouched)
    )
}

/// The step that this event says was done.
fn done(event: &Event, before: &Issuance) -> Option<Step> {
    match event {
        Event::Finished { step, .. }
        | Event::Found {
            step,
            finding: Finding::Done,
            ..
        } => Some(*step),
        Event::Decided {
            decision: Decision::Answer(Finding::Done),
            ..
        } => before.current(),
        Event::Asked { .. }
        | Event::Declined { .. }
        | Event::Granted { .. }
        | Event::Opened { .. }
        | Event::Began { .. }
        | Event::Refused { .. }
        | Event::Found { .. }
        | Event::Astray { .. }
        | Event::GivenUp { .. }
        | Event::Decided { .. }
        | Event::KeysAsked { .. }
        | Event::KeysHeld { .. }
        | Event::Owed { .. }
        | Event::Acknowledged { .. }
        | Event::Voided
        | Event::Closed => None,
    }
}
