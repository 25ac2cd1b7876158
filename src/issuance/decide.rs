//! What persons may decide, who of them, and what follows.

use super::apply::{Misfit, holds};
use super::event::{Decision, ReportKind, Waiver, Withdrawal};
use super::judge::Finding;
use super::machine::Issuance;
use super::state::{Course, OldCard, Phase, Place};
use super::step::Step;
use crate::fault::{By, Code, Hands};

impl Decision {
    /// Every decision there is.
    pub const ALL: [Decision; 15] = [
        Decision::Continue,
        Decision::Cancel,
        Decision::Answer(Finding::Done),
        Decision::Answer(Finding::Untouched),
        Decision::Answer(Finding::Spoiled),
        Decision::ByHand,
        Decision::ByEye,
        Decision::Waive(Waiver::LostSince),
        Decision::Waive(Waiver::Destroyed),
        Decision::Waive(Waiver::KeptElsewhere),
        Decision::Withdraw(Withdrawal::HolderAbsent),
        Decision::Withdraw(Withdrawal::DataWrong),
        Decision::Withdraw(Withdrawal::OldForged),
        Decision::Withdraw(Withdrawal::DatePassed),
        Decision::Quarantine,
    ];

    /// The hands that this decision needs about `step`.
    #[must_use]
    pub fn hands(self, step: Option<Step>) -> Hands {
        match self {
            Decision::Answer(_) if !step.is_some_and(Step::is_persons_act) => Hands::Supervisor,
            Decision::Answer(_)
            | Decision::Continue
            | Decision::Cancel
            | Decision::ByHand
            | Decision::ByEye
            | Decision::Waive(_)
            | Decision::Withdraw(_)
            | Decision::Quarantine => self.choice().least(),
        }
    }
}

/// What persons may answer where the devices cannot tell. Nobody may say that a chip, a
/// pass or a patch is good: that is seen by devices or not at all.
#[must_use]
pub fn answers(step: Step) -> &'static [Finding] {
    match step {
        Step::SightOld | Step::Feed | Step::Check => &[Finding::Untouched],
        Step::Encode | Step::Lock | Step::Print(_) | Step::Flip | Step::Hologram => {
            &[Finding::Spoiled]
        }
        Step::Eject => &[Finding::Done, Finding::Spoiled],
        Step::CollectOld | Step::Release | Step::HandOver | Step::Punch | Step::RemoveByHand => {
            &[Finding::Done, Finding::Untouched]
        }
        Step::Terminate | Step::Reject => &[],
    }
}

impl Issuance {
    /// The decisions that are open now, whoever takes them.
    #[must_use]
    pub fn choices(&self) -> Vec<Decision> {
        Decision::ALL
            .into_iter()
            .filter(|decision| self.open_to(*decision))
            .collect()
    }

    /// The decisions that a stop for this fault offers: open as the card stands, and left
    /// open by the table of faults.
    #[must_use]
    pub fn choices_at(&self, code: Code) -> Vec<Decision> {
        let may = &code.fault().may;
        self.choices()
            .into_iter()
            .filter(|decision| may.contains_key(&decision.choice()))
            .collect()
    }

    /// The hands that a decision needs here. Where no reader saw a card, nobody alone says
    /// that there is one.
    #[must_use]
    pub fn hands(&self, decision: Decision) -> Hands {
        match (decision, self.stopped_for()) {
            (Decision::ByEye, Some(Code::NoOldCard)) => Hands::Two,
            (
                Decision::Continue
                | Decision::Cancel
                | Decision::Answer(_)
                | Decision::ByHand
                | Decision::ByEye
                | Decision::Waive(_)
                | Decision::Withdraw(_)
                | Decision::Quarantine,
                _,
            ) => decision.hands(self.current()),
        }
    }

    /// A supervisor's eye stands for a chip that cannot speak (invariant I-26): one that
    /// answers and cannot prove itself, or one so dead that it is no card to the reader. It
    /// stands for nothing where a chip spoke and said no, or where nobody could be asked.
    fn is_for_the_eye(&self) -> bool {
        let at_old_card = matches!(self.current(), Some(Step::SightOld | Step::CollectOld));
        let silent = matches!(self.stopped_for(), Some(Code::OldByEye | Code::NoOldCard));
        at_old_card && silent && self.course == Course::Making && self.stopped_untouched()
    }

    fn stopped_for(&self) -> Option<Code> {
        match &self.phase {
            Phase::Stopped { fault, .. } => Some(*fault),
            Phase::New
            | Phase::Asked
            | Phase::Granted
            | Phase::Ready
            | Phase::Underway { .. }
            | Phase::Closed(_) => None,
        }
    }

    fn open_to(&self, decision: Decision) -> bool {
        let step = self.current();
        let at_old_card = matches!(step, Some(Step::SightOld | Step::CollectOld))
            && self.course == Course::Making;
        let forged = self.old == OldCard::Forged;
        match decision {
            Decision::Continue => match &self.phase {
                Phase::Stopped {
                    step,
                    finding: Finding::Untouched,
                    ..
                } => self.tries(*step) < u8::MAX,
                // Look again: the step stays in doubt and is judged, never repeated.
                Phase::Stopped {
                    step,
                    finding: Finding::Unknown,
                    before,
                    ..
                } => before.is_some() && !step.is_persons_act(),
                Phase::New
                | Phase::Asked
                | Phase::Granted
                | Phase::Ready
                | Phase::Underway { .. }
                | Phase::Stopped { .. }
                | Phase::Closed(_) => false,
            },
            Decision::Cancel => self.may_give_up() && !self.produced(),
            Decision::Answer(answer) => match &self.phase {
                Phase::Stopped {
                    step,
                    finding: Finding::Unknown,
                    ..
                } => answers(*step).contains(&answer),
                Phase::New
                | Phase::Asked
                | Phase::Granted
                | Phase::Ready
                | Phase::Underway { .. }
                | Phase::Stopped { .. }
                | Phase::Closed(_) => false,
            },
            Decision::ByHand => {
                self.waits() && matches!(step, Some(Step::Terminate | Step::Reject))
            }
            Decision::ByEye => !forged && self.is_for_the_eye(),
            Decision::Waive(_) => {
                at_old_card && !forged && (self.phase == Phase::Ready || self.stopped_untouched())
            }
            Decision::Withdraw(Withdrawal::OldForged) => forged && self.course == Course::Making,
            Decision::Withdraw(_) => self.may_withdraw() && !forged,
            Decision::Quarantine => {
                matches!(self.phase, Phase::Stopped { .. })
                    && self.course != Course::Discarding(ReportKind::Quarantined)
                    && matches!(
                        self.card.place,
                        Place::Unsure | Place::Inside | Place::Exit | Place::Hand
                    )
            }
        }
    }

    fn waits(&self) -> bool {
        self.phase == Phase::Ready || matches!(self.phase, Phase::Stopped { .. })
    }

    fn stopped_untouched(&self) -> bool {
        matches!(
            self.phase,
            Phase::Stopped {
                finding: Finding::Untouched,
                ..
            }
        )
    }

    /// A produced card, at the slot or in the clerk's hand, with no act of a person in doubt.
    fn may_withdraw(&self) -> bool {
        self.course == Course::Making
            && matches!(self.card.place, Place::Exit | Place::Hand)
            && (self.phase == Phase::Ready || self.stopped_untouched())
    }

    pub(super) fn decided(&mut self, decision: Decision, by: &By) -> Result<(), Misfit> {
        holds(self.open_to(decision), "nobody can decide that here")?;
        holds(
            self.hands(decision).are(by),
            "these persons may not decide that",
        )?;
        match decision {
            Decision::Continue => self.go_on(),
            Decision::Cancel => {
                self.discard(self.surrender(Withdrawal::HolderAbsent), Code::Cancelled);
            }
            Decision::Answer(answer) => return self.answered(answer),
            Decision::ByHand => {
                self.card.by_hand = true;
                self.phase = Phase::Ready;
            }
            Decision::ByEye => return self.by_eye(),
            Decision::Waive(_) => {
                self.old = OldCard::Waived;
                self.phase = Phase::Ready;
                self.advance();
            }
            Decision::Withdraw(reason) => self.withdraw(reason),
            Decision::Quarantine => {
                let cause = self.cause.unwrap_or(Code::Unknown);
                self.discard(ReportKind::Quarantined, cause);
            }
        }
        Ok(())
    }

    fn go_on(&mut self) {
        if let Phase::Stopped {
            step,
            finding,
            fault,
            before,
        } = self.phase.clone()
        {
            self.phase = match (finding, before) {
                (Finding::Unknown, Some(before)) => {
                    self.doubted = Some(fault);
                    Phase::Underway { step, before }
                }
                (
                    Finding::Done | Finding::Untouched | Finding::Spoiled | Finding::Unknown,
                    Some(_) | None,
                ) => Phase::Ready,
            };
        }
    }

    fn answered(&mut self, answer: Finding) -> Result<(), Misfit> {
        let step = self.current().ok_or(Misfit {
            why: "an answer without a step",
        })?;
        match answer {
            Finding::Done => self.done(step),
            Finding::Spoiled => self.spoiled(step, self.cause.unwrap_or(Code::PowerLoss)),
            Finding::Untouched | Finding::Unknown => {
                if step == Step::Feed {
                    self.card.place = Place::Nowhere;
                }
                self.phase = Phase::Ready;
                Ok(())
            }
        }
    }

    /// Sighting by eye is the sighting; at collection it is only the confirmation.
    fn by_eye(&mut self) -> Result<(), Misfit> {
        let step = self.current().ok_or(Misfit {
            why: "no old card at hand",
        })?;
        self.done(step)
    }

    fn withdraw(&mut self, reason: Withdrawal) {
        let cause = match reason {
            Withdrawal::HolderAbsent => Code::HolderAbsent,
            Withdrawal::DataWrong => Code::DataWrong,
            Withdrawal::OldForged => Code::Forged,
            Withdrawal::DatePassed => Code::DatePassed,
        };
        self.discard(self.surrender(reason), cause);
    }
}
