//! The whole journal folded: the open issuance, what was used for ever, what the counters
//! must show. Each entry is one record of the journal.

mod entry;
mod expected;
mod material;
mod service;

pub use entry::{Ahead, Entry, Select, Service, TakenOver, Unreadable, What};
pub use service::Underway;

use super::apply::{Misfit, holds};
use super::event::{Event, Grant, Proof};
use super::ids::{Digest, Serial};
use super::machine::Issuance;
use super::state::{Phase, Place};
use super::survey::Counters;
use crate::fault::Signed;
use crate::stock::{self, Stock};
use jiff::Timestamp;
use material::{done, undone};
use std::collections::{BTreeMap, BTreeSet};

/// What the journal says, all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    issuance: Issuance,
    wanted: Option<(Select, Signed)>,
    event_at: Timestamp,
    owed_at: BTreeMap<String, Timestamp>,
    witnessed_at: Timestamp,
    scanner: Option<bool>,
    cards: u32,
    keys: BTreeSet<String>,
    tokens: BTreeSet<Digest>,
    numbers: BTreeSet<String>,
    written: BTreeSet<Serial>,
    expected: Option<Counters>,
    checkpoint: Option<(u64, Digest)>,
    service: Option<Underway>,
    ahead: Ahead,
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
                if matches!(event, Event::Granted { .. }) {
                    self.witnessed_at = entry.at;
                }
                if let Event::Owed { report } = event {
                    self.owed_at.insert(report.id.clone(), entry.at);
                }
                Ok(())
            }
            What::Wanted { select, clerk } => {
                self.free()?;
                self.wanted = Some((select.clone(), clerk.clone()));
                Ok(())
            }
            What::Timed { .. } => Ok(()),
            What::Stock(event) => {
                if matches!(event, stock::Event::ShiftClosed(_)) {
                    self.free()?;
                }
                let taken = self.stock.apply(event);
                holds(taken.is_ok(), "an act that the stock refuses")
            }
            What::Service(service) => self.serviced(service),
            What::Checkpoint { sequence, hash } => {
                let newer = self.checkpoint.is_none_or(|(last, _)| *sequence >= last);
                holds(newer, "a checkpoint that goes backwards")?;
                self.checkpoint = Some((*sequence, *hash));
                Ok(())
            }
            What::Started { .. } => Ok(()),
            What::Counted { counters } => {
                let doubt = self.service.is_some()
                    || matches!(self.issuance.phase(), Phase::Underway { .. });
                holds(!doubt, "the counters of a step in doubt are its witness")?;
                self.expected = Some(counters.clone());
                Ok(())
            }
            What::TakenOver(taken) => {
                self.free()?;
                holds(
                    self.service.is_none(),
                    "a printer taken over in mid-service",
                )?;
                self.ahead = taken.ahead;
                self.expected = Some(taken.counters.clone());
                Ok(())
            }
        }
    }

    /// How far the printer's memory is ahead of this journal.
    #[must_use]
    pub fn ahead(&self) -> Ahead {
        self.ahead
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
        if begins {
            self.owed_at.clear();
        }
        let mut issuance = if begins {
            Issuance::default()
        } else {
            self.issuance.clone()
        };
        issuance.apply(event)?;
        let before = std::mem::replace(&mut self.issuance, issuance);
        self.remember(event);
        self.prove_scanner(event);
        self.count(event, &before);
        self.book(
            event,
            done(event, &before),
            undone(event, &before),
            before.card().place == Place::Unsure,
        );
        Ok(())
    }

    /// What no later issuance may use again.
    fn admits(&self, event: &Event) -> Result<(), Misfit> {
        match event {
            Event::Asked { key } => {
                self.free()?;
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

    /// One card, one technician's order, and never both.
    fn free(&self) -> Result<(), Misfit> {
        holds(self.open().is_none(), "one open issuance per station")?;
        holds(self.service.is_none(), "a card beside a service order")
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

    /// When a report came to be owed: it bears this time however late it is sent, and sent again.
    #[must_use]
    pub fn owed_at(&self, report: &str) -> Option<Timestamp> {
        self.owed_at.get(report).copied()
    }

    /// When the newest event of the issuance was written.
    #[must_use]
    pub fn event_at(&self) -> Timestamp {
        self.event_at
    }

    /// When the clock was last borne out by the authority's own dates: a grant is taken in its time
    /// only. A clock that is far behind was put back. A record alone is no witness: one that was
    /// written while the clock stood ahead would lock the station until that day.
    #[must_use]
    pub fn witnessed_at(&self) -> Timestamp {
        self.witnessed_at
    }

    /// Whether the scanner proved itself at the last card that it saw; none when it saw none.
    #[must_use]
    pub fn scanner_proved(&self) -> Option<bool> {
        self.scanner
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
