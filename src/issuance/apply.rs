//! The only mutator: events in, live and at replay alike. An event that does not fit is
//! a bug or a damaged journal, and changes nothing.

use super::event::{Event, Grant, Proof, Report, ReportKind, Withdrawal};
use super::ids::{Digest, Serial};
use super::judge::{Finding, judge};
use super::machine::{FOREIGN_MOST, Issuance, TRIES_ALONE};
use super::state::{
    Acknowledged, Card, Command, Course, Ending, Keys, OldCard, Opened, Phase, Place,
};
use super::step::{Plan, Step};
use super::survey::{Chip, Counters, Flipper, Sensors, Survey};
use crate::fault::Code;

/// An event that cannot happen in this state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event does not fit the issuance: {why}; the station must not run on this journal")]
pub struct Misfit {
    /// What contradicts it.
    pub why: &'static str,
}

/// Holds, or the event does not fit.
pub(super) fn holds(condition: bool, why: &'static str) -> Result<(), Misfit> {
    if condition {
        Ok(())
    } else {
        Err(Misfit { why })
    }
}

impl Issuance {
    /// Takes one event in.
    ///
    /// # Errors
    /// `Misfit`: the event cannot happen here; the issuance is as it was.
    pub fn apply(&mut self, event: &Event) -> Result<(), Misfit> {
        let mut next = self.clone();
        next.take(event)?;
        *self = next;
        Ok(())
    }

    fn take(&mut self, event: &Event) -> Result<(), Misfit> {
        match event {
            Event::Asked { key } => self.asked(key),
            Event::Declined { fault } => {
                holds(self.phase == Phase::Asked, "declined without being asked")?;
                self.cause = Some(*fault);
                self.phase = Phase::Closed(Ending::Declined);
                Ok(())
            }
            Event::Granted { grant } => self.granted(grant),
            Event::Opened {
                card,
                plan,
                prepared,
            } => self.open(*card, plan.clone(), *prepared),
            Event::Began { step, before } => self.began(*step, before),
            Event::Finished { step, proof } => {
                let before = self.underway(*step)?;
                self.proved(*step, &before, Some(proof))
            }
            Event::Refused { step, fault } => self.refused(*step, *fault),
            Event::Found {
                step,
                finding,
                fault,
                proof,
            } => {
                let before = self.underway(*step)?;
                self.found(*step, before, *finding, *fault, proof.as_ref())
            }
            Event::Astray { fault } => {
                holds(self.phase == Phase::Ready, "astray, but not between steps")?;
                let step = self.current().ok_or(Misfit {
                    why: "astray without a step at hand",
                })?;
                self.stop(step, Finding::Untouched, *fault, None);
                Ok(())
            }
            Event::GivenUp { fault } => self.given_up(*fault),
            Event::Decided { decision, by } => self.decided(*decision, by),
            Event::KeysAsked { blank } => self.take_keys(*blank, Keys::Asked),
            Event::KeysHeld { blank } => self.take_keys(*blank, Keys::Held),
            Event::Owed { report } => {
                holds(
                    self.next() == Command::Owe(report.clone()),
                    "this report is not due",
                )?;
                self.reports.push((report.clone(), Acknowledged::No));
                Ok(())
            }
            Event::Acknowledged { report } => self.acknowledge(report),
            Event::Voided => {
                holds(
                    self.next() == Command::Void,
                    "no old number is to be voided",
                )?;
                self.voided = true;
                Ok(())
            }
            Event::Closed => self.closed(),
        }
    }

    fn asked(&mut self, key: &str) -> Result<(), Misfit> {
        holds(
            self.phase == Phase::New && !key.is_empty(),
            "asked twice or without a key",
        )?;
        self.key = key.to_owned();
        self.phase = Phase::Asked;
        Ok(())
    }

    fn granted(&mut self, grant: &Grant) -> Result<(), Misfit> {
        holds(self.phase == Phase::Asked, "granted without being asked")?;
        self.old = grant.old.into();
        self.grant = Some(grant.clone());
        self.phase = Phase::Granted;
        Ok(())
    }

    fn open(&mut self, card: u32, plan: Plan, prepared: Digest) -> Result<(), Misfit> {
        let old = self.grant.as_ref().map(|grant| grant.old);
        holds(self.phase == Phase::Granted, "opened without a grant")?;
        holds(
            old == Some(plan.old),
            "plan and grant disagree about the old card",
        )?;
        self.steps = plan.steps();
        self.opened = Some(Opened {
            card,
            plan,
            prepared,
        });
        self.phase = Phase::Ready;
        Ok(())
    }

    fn began(&mut self, step: Step, before: &Counters) -> Result<(), Misfit> {
        let due = matches!(self.next(), Command::Begin { step: due, .. } if due == step);
        holds(due, "this step is not the next")?;
        holds(
            step != Step::Release || self.old_settled(),
            "the old card is not settled",
        )?;
        let tries = self.tries(step).checked_add(1).ok_or(Misfit {
            why: "too many tries",
        })?;
        self.tries.insert(step, tries);
        self.doubted = None;
        self.phase = Phase::Underway {
            step,
            before: before.clone(),
        };
        Ok(())
    }

    fn underway(&self, step: Step) -> Result<Counters, Misfit> {
        match &self.phase {
            Phase::Underway {
                step: begun,
                before,
            } if *begun == step => Ok(before.clone()),
            Phase::New
            | Phase::Asked
            | Phase::Granted
            | Phase::Ready
            | Phase::Underway { .. }
            | Phase::Stopped { .. }
            | Phase::Closed(_) => Err(Misfit {
                why: "an outcome of a step that was not begun",
            }),
        }
    }

    fn refused(&mut self, step: Step, fault: Code) -> Result<(), Misfit> {
        let ready = self.phase == Phase::Ready && self.current() == Some(step);
        holds(
            ready || self.underway(step).is_ok(),
            "refused, but not at hand",
        )?;
        self.stop(step, Finding::Untouched, fault, None);
        Ok(())
    }

    fn found(
        &mut self,
        step: Step,
        before: Counters,
        finding: Finding,
        fault: Option<Code>,
        proof: Option<&Proof>,
    ) -> Result<(), Misfit> {
        match finding {
            Finding::Done => self.proved(step, &before, proof),
            Finding::Untouched => {
                if step == Step::Feed {
                    self.card.place = Place::Nowhere;
                }
                let often = if step.is_persons_act() {
                    Code::NotDone
                } else {
                    Code::PowerLoss
                };
                match fault.or((self.tries(step) >= TRIES_ALONE).then_some(often)) {
                    Some(fault) => self.stop(step, Finding::Untouched, fault, None),
                    None => self.phase = Phase::Ready,
                }
                Ok(())
            }
            // Looked at again: what stopped it first is still why.
            Finding::Spoiled => {
                let fault = fault.or(self.doubted).unwrap_or(Code::PowerLoss);
                self.spoiled(step, fault)
            }
            Finding::Unknown => {
                self.unclear(step, before, fault.or(self.doubted));
                Ok(())
            }
        }
    }

    fn unclear(&mut self, step: Step, before: Counters, fault: Option<Code>) {
        match step {
            // Where the tray did not count the card, only hands can end it.
            Step::Reject => {
                self.card.by_hand = true;
                self.phase = Phase::Ready;
                return;
            }
            Step::Feed => self.card.place = Place::Unsure,
            Step::Encode => self.card.written = true,
            Step::SightOld
            | Step::Lock
            | Step::Print(_)
            | Step::Flip
            | Step::Hologram
            | Step::Check
            | Step::Eject
            | Step::CollectOld
            | Step::Release
            | Step::HandOver
            | Step::Punch
            | Step::Terminate
            | Step::RemoveByHand => {}
        }
        let fault = fault.unwrap_or(if step.is_persons_act() {
            Code::ActUnanswered
        } else if step == Step::Release {
            // Whether the card still lies in the slot, eyes can see.
            Code::ExitUnclear
        } else {
            Code::PowerLoss
        });
        self.stop(step, Finding::Unknown, fault, Some(before));
    }

    /// A part of the step took effect, or a check failed.
    pub(super) fn spoiled(&mut self, step: Step, fault: Code) -> Result<(), Misfit> {
        match step {
            Step::SightOld | Step::CollectOld => {
                holds(
                    fault == Code::Forged,
                    "an old card is forged or it is refused",
                )?;
                self.old = OldCard::Forged;
                self.stop(step, Finding::Spoiled, fault, None);
            }
            // A foreign card: none of ours, so nothing of ours is spoiled.
            Step::Feed => {
                self.card.place = Place::Inside;
                self.cause = Some(fault);
                self.course = Course::Foreign;
                self.phase = Phase::Ready;
            }
            Step::Encode
            | Step::Lock
            | Step::Print(_)
            | Step::Flip
            | Step::Hologram
            | Step::Check
            | Step::Eject => {
                self.card.written = true;
                self.discard(ReportKind::Spoiled, fault);
            }
            Step::Release
            | Step::HandOver
            | Step::Punch
            | Step::Terminate
            | Step::Reject
            | Step::RemoveByHand => {
                return Err(Misfit {
                    why: "this step cannot spoil",
                });
            }
        }
        Ok(())
    }

    fn proved(
        &mut self,
        step: Step,
        before: &Counters,
        proof: Option<&Proof>,
    ) -> Result<(), Misfit> {
        let proof = proof.ok_or(Misfit {
            why: "done without a proof",
        })?;
        holds(proof.fits(step), "a proof of another kind")?;
        if let Proof::Motion(after) = proof {
            holds(
                counted(step, before, after),
                "the counters do not bear it out",
            )?;
        }
        if let Proof::Blank(serial) = proof {
            self.card.blank = Some(*serial);
        }
        if let (Step::Terminate, Proof::Chip(Chip::Answers(_))) = (step, proof) {
            self.card.killed = true;
        }
        self.done(step)
    }

    /// The step took its whole effect.
    pub(super) fn done(&mut self, step: Step) -> Result<(), Misfit> {
        match step {
            Step::SightOld => self.old = OldCard::Sighted,
            Step::Feed => {
                holds(self.card.blank.is_some(), "a blank without a serial")?;
                self.card.place = Place::Inside;
            }
            Step::Encode => self.card.written = true,
            Step::Eject => self.card.place = Place::Exit,
            Step::CollectOld => {
                holds(
                    self.old == OldCard::Sighted,
                    "collected before it was sighted",
                )?;
                self.old = OldCard::Collected;
            }
            Step::Release => {
                holds(self.old_settled(), "the old card is not settled")?;
                self.card.place = Place::Hand;
            }
            Step::HandOver => self.card.place = Place::Delivered,
            Step::Punch => self.old = OldCard::Punched,
            Step::Terminate => self.card.terminated = true,
            Step::Reject => self.card.place = Place::Tray,
            Step::RemoveByHand => self.card.place = Place::Bag,
            Step::Lock | Step::Print(_) | Step::Flip | Step::Hologram | Step::Check => {}
        }
        self.phase = Phase::Ready;
        match self.course {
            Course::Making => self.advance(),
            Course::Foreign => self.foreign_gone(),
            Course::Discarding(_) => {}
        }
        Ok(())
    }

    /// To the next step of the plan; a waived old card has no steps left.
    pub(super) fn advance(&mut self) {
        self.at += 1;
        while self.old == OldCard::Waived
            && matches!(
                self.current(),
                Some(Step::SightOld | Step::CollectOld | Step::Punch)
            )
        {
            self.at += 1;
        }
    }

    fn foreign_gone(&mut self) {
        self.card = Card {
            foreign: self.card.foreign + 1,
            ..Default::default()
        };
        self.course = if self.card.foreign > FOREIGN_MOST {
            Course::Discarding(ReportKind::Returned)
        } else {
            Course::Making
        };
    }

    pub(super) fn stop(
        &mut self,
        step: Step,
        finding: Finding,
        fault: Code,
        before: Option<Counters>,
    ) {
        self.cause = Some(fault);
        self.phase = Phase::Stopped {
            step,
            finding,
            fault,
            before,
        };
    }

    /// No card will come of this attempt; the holder keeps an unpunched old card (I-25).
    pub(super) fn discard(&mut self, kind: ReportKind, fault: Code) {
        if matches!(self.old, OldCard::Sighted | OldCard::Collected) {
            self.old = OldCard::GivenBack;
        }
        self.cause = Some(fault);
        self.course = Course::Discarding(kind);
        self.phase = Phase::Ready;
    }

    fn given_up(&mut self, fault: Code) -> Result<(), Misfit> {
        holds(self.may_give_up(), "nothing that a rule could give up")?;
        self.discard(self.surrender(Withdrawal::DatePassed), fault);
        Ok(())
    }

    /// Whether the making can end here by a rule or a cancellation.
    pub(super) fn may_give_up(&self) -> bool {
        let phase = match &self.phase {
            // A card in the slot whose fate is in doubt may be gone: persons answer first.
            Phase::Stopped {
                finding: Finding::Unknown,
                ..
            } => !self.produced(),
            Phase::Granted | Phase::Ready | Phase::Stopped { .. } => true,
            Phase::New | Phase::Asked | Phase::Underway { .. } | Phase::Closed(_) => false,
        };
        let place = match self.card.place {
            Place::Nowhere | Place::Unsure | Place::Inside | Place::Exit => true,
            Place::Hand | Place::Delivered | Place::Tray | Place::Bag => false,
        };
        phase && place && self.course == Course::Making && self.old != OldCard::Forged
    }

    fn take_keys(&mut self, blank: Serial, keys: Keys) -> Result<(), Misfit> {
        holds(self.card.blank == Some(blank), "keys of another blank")?;
        holds(
            !matches!(self.phase, Phase::Closed(_)),
            "keys after the end",
        )?;
        holds(
            keys == Keys::Asked || self.keys != Keys::None,
            "keys that nobody asked for",
        )?;
        if self.keys != Keys::Held {
            self.keys = keys;
        }
        Ok(())
    }

    fn acknowledge(&mut self, id: &str) -> Result<(), Misfit> {
        let owed = |(report, ack): &&mut (Report, Acknowledged)| {
            report.id == id && *ack == Acknowledged::No
        };
        let entry = self.reports.iter_mut().find(owed);
        entry
            .ok_or(Misfit {
                why: "an acknowledgement of nothing that is owed",
            })?
            .1 = Acknowledged::Yes;
        Ok(())
    }

    fn closed(&mut self) -> Result<(), Misfit> {
        holds(self.next() == Command::Close, "something is left to do")?;
        self.phase = Phase::Closed(Ending::Reported(match self.course {
            Course::Discarding(kind) => kind,
            Course::Making | Course::Foreign => ReportKind::Delivered,
        }));
        Ok(())
    }
}

/// Whether the counters moved as this motion moves them, by the table itself: the
/// sensors are set to where the motion ends.
fn counted(step: Step, before: &Counters, after: &Counters) -> bool {
    let flipper = if step == Step::Flip {
        Flipper::FrontUp
    } else {
        Flipper::Empty
    };
    let sensors = Sensors {
        exit: step == Step::Eject,
        flipper,
        ..Sensors::default()
    };
    let survey = Survey {
        counters: after.clone(),
        sensors,
        ..Survey::default()
    };
    judge(step, before, &survey) == Finding::Done
}
