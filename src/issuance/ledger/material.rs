//! What the records say was used, and where each blank went: the issuance's events told to
//! the stock in the stock's own words.

use super::super::event::{Decision, Event, ReportKind};
use super::super::judge::Finding;
use super::super::machine::Issuance;
use super::super::state::{Course, OldCard, Phase};
use super::super::step::Step;
use super::Ledger;
use crate::stock::{OldState, Use};

impl Ledger {
    /// What was used, and where the card went; `done` is the step that took its effect, `undone`
    /// the one that was begun and took none,
    /// `unsure` whether a blank was perhaps fed.
    pub(super) fn book(
        &mut self,
        event: &Event,
        done: Option<Step>,
        undone: Option<Step>,
        unsure: bool,
    ) {
        let quarantined = Course::Discarding(ReportKind::Quarantined);
        let used = match (event, done) {
            (Event::Refused { .. } | Event::Found { .. }, None) if undone.is_some() => {
                undone.and_then(took_back)
            }
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
            // It is to be fed again: counted anew then. Given up, hands look for it.
            (Event::Decided { .. }, None)
                if unsure && self.issuance.current() == Some(Step::Feed) =>
            {
                Some(Use::Unfed)
            }
            (_, Some(Step::Eject)) => Some(Use::Ejected),
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
        self.name_cards();
    }

    /// Which cards these are: the new one by its chip and number, the old one by its job.
    fn name_cards(&mut self) {
        let card = self.issuance.card();
        let grant = self.issuance.grant();
        if let Some(serial) = card.blank {
            let number = grant.filter(|_| card.written).map(|grant| &*grant.number);
            self.stock.known(&serial.to_string(), number);
        }
        let state = match self.issuance.old() {
            OldCard::Collected => OldState::Collected,
            OldCard::Punched => OldState::Punched,
            OldCard::Forged => OldState::Evidence,
            OldCard::GivenBack => OldState::GivenBack,
            OldCard::NotRequired
            | OldCard::Expected
            | OldCard::Sighted
            | OldCard::LostDeclared
            | OldCard::Waived => return,
        };
        if let Some(grant) = grant {
            self.stock.old_card(&grant.job, state);
        }
    }
}

/// What the begin of a step had booked, when it took no effect.
fn took_back(step: Step) -> Option<Use> {
    match step {
        Step::Print(_) => Some(Use::Unburned),
        Step::Hologram => Some(Use::Unpatched),
        Step::SightOld
        | Step::Feed
        | Step::Encode
        | Step::Lock
        | Step::Flip
        | Step::Check
        | Step::Eject
        | Step::CollectOld
        | Step::Release
        | Step::HandOver
        | Step::Punch
        | Step::Terminate
        | Step::Reject
        | Step::RemoveByHand => None,
    }
}

/// The step that was begun and, as this event says, took no effect.
pub(super) fn undone(event: &Event, before: &Issuance) -> Option<Step> {
    let begun = matches!(before.phase(), Phase::Underway { .. });
    match event {
        Event::Refused { step, .. }
        | Event::Found {
            step,
            finding: Finding::Untouched,
            ..
        } if begun => Some(*step),
        Event::Asked { .. }
        | Event::Declined { .. }
        | Event::Granted { .. }
        | Event::Opened { .. }
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
        | Event::Closed => None,
    }
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
