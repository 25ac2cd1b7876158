//! The counters that the printer must show when nothing is in doubt.

use super::super::event::{Decision, Event, Proof};
use super::super::judge::Finding;
use super::super::machine::Issuance;
use super::super::state::Phase;
use super::super::step::Step;
use super::super::survey::Counters;
use super::Ledger;
use crate::fault::Code;

/// Stopped at a pass or a patch that left no mark, by something else than the counters themselves.
fn unburned(issuance: &Issuance) -> bool {
    matches!(
        issuance.phase(),
        Phase::Stopped {
            step,
            finding: Finding::Untouched,
            fault,
            ..
        } if step.burns() && *fault != Code::Counters
    )
}

impl Ledger {
    /// The counters that the printer must show when nothing is in doubt; `before` is the issuance as it
    /// stood before the event.
    pub(super) fn count(&mut self, event: &Event, before: &Issuance) {
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
            } => self.expected = None,
            // The card may never bear a pass twice: whoever goes on with an untouched one still holds
            // the printer to what it had burned.
            Event::Decided {
                decision: Decision::Continue,
                ..
            } if unburned(before) => {}
            Event::Decided { .. } => self.expected = None,
            Event::Found {
                step,
                finding: Finding::Untouched,
                ..
            } => {
                if let (true, Phase::Underway { before, .. }) = (step.burns(), before.phase()) {
                    self.expected = Some(before.clone());
                }
            }
            Event::Asked { .. }
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

    /// The counters before a pass or a patch that the printer made although nobody knew that it would:
    /// it said "done" while it was still on its way. None where `step` is no such work, or was not done.
    #[must_use]
    pub fn burned_unasked(&self, step: Step, seen: &Counters) -> Option<&Counters> {
        let expected = self.expected.as_ref().filter(|_| step.burns())?;
        let own = expected.other_work(&expected.after(step));
        let moved = expected.other_work(seen);
        let did = own
            .iter()
            .any(|(name, ..)| moved.iter().any(|(moved, ..)| moved == name));
        did.then_some(expected)
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
