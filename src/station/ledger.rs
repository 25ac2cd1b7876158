//! What the journal's records mean, all together: the open issuance, what was used before,
//! what the counters should show. A fold: the same records give the same ledger.

use std::collections::HashSet;

use crate::fault::Signed;
use crate::issuance::{Counters, Digest, Event, Grant, Issuance, Misfit, Phase, Proof};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::request::Select;

/// The version of the records' form.
const FORM: u8 = 1;

/// One record of the journal. Holds ids, digests, counters and times; never holder's data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The version of this form.
    form: u8,
    /// When it was written. A label only: nothing is decided by it.
    pub at: Timestamp,
    /// What it says.
    pub entry: Entry,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Entry {
    /// A clerk asked for a card; written before the lease is asked for.
    Wanted {
        /// Which job.
        select: Select,
        /// The reception number, once it is known.
        clerk: Signed,
    },
    /// An event of the open issuance, or the first of a new one.
    Issuance(Event),
    /// How long the phases of the card took.
    Timed {
        /// Each phase's key and milliseconds, in order.
        phases: Vec<(String, u32)>,
        /// From the first byte of print data to the slot, in milliseconds.
        elapsed_ms: Option<u32>,
    },
}

/// Why records cannot be this station's.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A record that this version cannot read.
    #[error("record {at} cannot be read")]
    Unreadable {
        /// Its number.
        at: u64,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A record of another form.
    #[error("record {at} has form {form}, this program reads {FORM}")]
    Form {
        /// Its number.
        at: u64,
        /// Its form.
        form: u8,
    },
    /// A record that cannot follow the ones before it.
    #[error("record {at} contradicts the ones before it")]
    Misfit {
        /// Its number.
        at: u64,
        /// Why.
        #[source]
        source: Misfit,
    },
}

/// Everything that the station remembers.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    current: Issuance,
    /// The first record of the issuance at hand.
    began_at: u64,
    wanted: Option<(Select, Signed)>,
    tokens: HashSet<Digest>,
    numbers: HashSet<String>,
    cards: u32,
    counters: Option<Counters>,
}

impl Record {
    /// A record of this moment.
    #[must_use]
    pub fn now(at: Timestamp, entry: Entry) -> Record {
        Record {
            form: FORM,
            at,
            entry,
        }
    }

    /// Reads a record of the journal.
    ///
    /// # Errors  [`LedgerError`]: not of this form.
    pub fn parse(at: u64, bytes: &[u8]) -> Result<Record, LedgerError> {
        let record: Record = serde_json::from_slice(bytes)
            .map_err(|source| LedgerError::Unreadable { at, source })?;
        if record.form == FORM {
            Ok(record)
        } else {
            Err(LedgerError::Form {
                at,
                form: record.form,
            })
        }
    }
}

impl Ledger {
    /// Folds a whole journal.
    ///
    /// # Errors  [`LedgerError`]: the journal is damaged, or not of this program.
    pub fn replay<'a>(
        records: impl Iterator<Item = (u64, &'a [u8])>,
    ) -> Result<Ledger, LedgerError> {
        let mut ledger = Ledger::default();
        for (at, bytes) in records {
            let record = Record::parse(at, bytes)?;
            ledger
                .take(at, &record)
                .map_err(|source| LedgerError::Misfit { at, source })?;
        }
        Ok(ledger)
    }

    /// Takes one record in.
    ///
    /// # Errors  `Misfit`: it cannot follow; the ledger is as it was.
    pub fn take(&mut self, at: u64, record: &Record) -> Result<(), Misfit> {
        match &record.entry {
            Entry::Wanted { select, clerk } => {
                self.wanted = Some((select.clone(), clerk.clone()));
                self.began_at = at;
            }
            Entry::Issuance(event) => self.event(event)?,
            Entry::Timed { .. } => {}
        }
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<(), Misfit> {
        let mut next = match (event, self.is_idle()) {
            (Event::Asked { .. }, true) => Issuance::default(),
            _ => self.current.clone(),
        };
        next.apply(event)?;
        self.current = next;
        self.remember(event);
        Ok(())
    }

    fn remember(&mut self, event: &Event) {
        match event {
            Event::Granted { grant } => {
                self.tokens.insert(grant.token);
                self.numbers.insert(grant.number.clone());
            }
            Event::Opened { card, .. } => self.cards = *card,
            Event::Began { before, .. } => self.counters = Some(before.clone()),
            Event::Finished { step, proof } => self.count(*step, Some(proof)),
            Event::Found {
                step,
                finding: crate::issuance::Finding::Done,
                proof,
                ..
            } => {
                self.count(*step, proof.as_ref());
            }
            Event::Found { .. } => self.counters = None,
            Event::Asked { .. }
            | Event::Declined { .. }
            | Event::Refused { .. }
            | Event::Astray { .. }
            | Event::GivenUp { .. }
            | Event::Decided { .. }
            | Event::KeysAsked { .. }
            | Event::KeysHeld { .. }
            | Event::Owed { .. }
            | Event::Acknowledged { .. }
            | Event::Voided
            | Event::Closed => {}
        }
    }

    /// What the counters must show now that `step` is done.
    fn count(&mut self, step: crate::issuance::Step, proof: Option<&Proof>) {
        self.counters = match proof {
            Some(Proof::Motion(after)) => Some(after.clone()),
            Some(_) | None => self.counters.take().map(|before| before.after(step)),
        };
    }

    /// The issuance at hand, open or closed.
    #[must_use]
    pub fn current(&self) -> &Issuance {
        &self.current
    }

    /// Whether no issuance is open.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        matches!(self.current.phase(), Phase::New | Phase::Closed(_))
    }

    /// Who asked for the card at hand, and how.
    #[must_use]
    pub fn wanted(&self) -> Option<&(Select, Signed)> {
        self.wanted.as_ref()
    }

    /// The first record of the issuance at hand.
    #[must_use]
    pub fn began_at(&self) -> u64 {
        self.began_at
    }

    /// Whether this grant, or its number, was used before: a replay makes no card (I-06).
    #[must_use]
    pub fn replayed(&self, grant: &Grant) -> bool {
        self.tokens.contains(&grant.token) || self.numbers.contains(&grant.number)
    }

    /// The count that the next card begun gets.
    #[must_use]
    pub fn next_card(&self) -> u32 {
        self.cards + 1
    }

    /// Whether the printer's counters tell of the work that the journal knows (I-44). While a
    /// step is in doubt nothing can be said.
    #[must_use]
    pub fn agrees(&self, seen: &Counters) -> bool {
        match (self.current.phase(), &self.counters) {
            (Phase::Underway { .. }, _) | (_, None) => true,
            (_, Some(expected)) => expected.same_work(seen),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Code, Role};

    fn record(entry: Entry) -> Vec<u8> {
        let at = Timestamp::UNIX_EPOCH;
        serde_json::to_vec(&Record::now(at, entry)).expect("JSON")
    }

    fn asked(key: &str) -> Vec<u8> {
        record(Entry::Issuance(Event::Asked { key: key.into() }))
    }

    #[test]
    fn a_new_issuance_begins_only_when_the_last_one_ended() {
        let declined = record(Entry::Issuance(Event::Declined { fault: Code::NoJob }));
        let (first, second) = (asked("01"), asked("02"));
        let whole = [first.as_slice(), &declined, &second];
        let ledger = Ledger::replay((1..).zip(whole)).expect("legal");
        assert!(!ledger.is_idle());
        let doubled = [first.as_slice(), &second];
        assert!(Ledger::replay((1..).zip(doubled)).is_err());
    }

    #[test]
    fn a_record_of_another_form_is_not_interpreted() {
        let clerk = Signed {
            person: "p1".into(),
            role: Role::Clerk,
        };
        let good = record(Entry::Wanted {
            select: Select::Next,
            clerk,
        });
        let text = String::from_utf8(good).expect("UTF-8");
        let newer = text.replace("\"form\":1", "\"form\":2");
        assert!(matches!(
            Record::parse(7, newer.as_bytes()),
            Err(LedgerError::Form { at: 7, form: 2 })
        ));
        assert!(Record::parse(7, text.as_bytes()).is_ok());
        let unknown = text.replace("\"form\":1", "\"form\":1,\"x\":0");
        assert!(Record::parse(7, unknown.as_bytes()).is_err());
    }
}
