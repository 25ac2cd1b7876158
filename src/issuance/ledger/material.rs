//! What the records say was used, and where each blank went: the issuance's events told to
//! the stock in the stock's own words.

use super::super::event::{Decision, Event, ReportKind};
use super::super::judge::Finding;
use super::super::machine::Issuance;
use super::super::state::Course;
use super::super::step::Step;
use super::Ledger;
use crate::stock::Use;

impl Ledger {
    /// What was used, and where the card went; `done` is the step that took its effect,
    /// `unsure` whether a blank was perhaps fed.
    pub(super) fn book(&mut self, event: &Event, done: Option<Step>, unsure: bool) {
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
}

/// Whether a blank that was perhaps fed is to be counted anew.
fn takes_back(decision: Decision) -> bool {
    matches!(
        decision,
        Decision::Continue | Decision::Answer(Finding::Untouched)
    )
}

/// The step that this event says was done.
pub(super) fn done(event: &Event, before: &Issuance) -> Option<Step> {
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
