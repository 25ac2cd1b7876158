//! The counters that the printer must show when nothing is in doubt.

use super::super::event::{Event, Proof};
use super::super::judge::Finding;
use super::super::step::Step;
use super::super::survey::Counters;
use super::Ledger;
use crate::fault::Code;

impl Ledger {
    /// The counters that the printer must show when nothing is in doubt.
    pub(super) fn count(&mut self, event: &Event) {
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

    /// The counters that the printer must show; none when that is not known.
    #[must_use]
    pub fn expected(&self) -> Option<&Counters> {
        self.expected.as_ref()
    }

    /// A check begins with the scanner's own white strip.
    pub(super) fn prove_scanner(&mut self, event: &Event) {
        match event {
            Event::Finished {
                step: Step::Check, ..
            } => self.scanner = Some(true),
            Event::Refused {
                step: Step::Check,
                fault: Code::ScannerDirty,
            }
            | Event::Found {
                step: Step::Check,
                fault: Some(Code::ScannerDirty),
                ..
            } => self.scanner = Some(false),
            Event::Finished { .. }
            | Event::Refused { .. }
            | Event::Found { .. }
            | Event::Asked { .. }
            | Event::Declined { .. }
            | Event::Granted { .. }
            | Event::Opened { .. }
            | Event::Began { .. }
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

    /// Whether the printer's counters tell of work that the journal does not know.
    /// After a person's decision the journal expects nothing until the next `Counted` or intent.
    #[must_use]
    pub fn contradicts(&self, seen: &Counters) -> bool {
        self.expected
            .as_ref()
            .is_some_and(|expected| !expected.same_work(seen))
    }
}
