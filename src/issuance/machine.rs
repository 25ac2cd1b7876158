//! The state of one issuance and the one question asked of it: what is next?
//! Pure: it moves nothing, stores nothing and knows no clock.

use super::event::{Grant, Report, ReportKind, Withdrawal};
use super::judge::{Finding, judge};
use super::state::{Acknowledged, Card, Command, Course, Keys, OldCard, Opened, Phase, Place};
use super::step::Step;
use super::survey::{Chip, Counters, Survey};
use crate::fault::Code;
use std::collections::BTreeMap;

/// Further blanks that one attempt may take when a foreign card was fed.
pub(super) const FOREIGN_MOST: u8 = 2;
/// Times a step may be begun before a person is asked whether to go on.
pub(super) const TRIES_ALONE: u8 = 4;

/// One issuance: a plan × what is known about the step at hand. `Default` is one that
/// nobody asked for yet; only `apply` changes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issuance {
    pub(super) key: String,
    pub(super) grant: Option<Grant>,
    pub(super) opened: Option<Opened>,
    pub(super) steps: Vec<Step>,
    pub(super) at: usize,
    pub(super) course: Course,
    pub(super) phase: Phase,
    pub(super) old: OldCard,
    pub(super) card: Card,
    pub(super) keys: Keys,
    pub(super) tries: BTreeMap<Step, u8>,
    pub(super) reports: Vec<(Report, Acknowledged)>,
    pub(super) voided: bool,
    pub(super) cause: Option<Code>,
    /// Why the step in doubt stopped before persons had it looked at again.
    pub(super) doubted: Option<Code>,
}

impl Issuance {
    /// What is to be done next. Total: every state has exactly one answer.
    #[must_use]
    pub fn next(&self) -> Command {
        match &self.phase {
            Phase::New => Command::Ask,
            Phase::Asked => Command::Lease(self.key.clone()),
            Phase::Granted => Command::Prepare,
            Phase::Underway { step, before } => Command::Settle {
                step: *step,
                before: before.clone(),
            },
            Phase::Stopped {
                step,
                finding,
                fault,
                ..
            } => Command::Decide {
                step: *step,
                finding: *finding,
                fault: *fault,
            },
            Phase::Closed(_) => Command::Rest,
            Phase::Ready => self.next_ready(),
        }
    }

    fn next_ready(&self) -> Command {
        if let Some(kind) = self.due() {
            return Command::Owe(self.report(kind));
        }
        let waits = self.course == Course::Making && self.card.place == Place::Exit;
        match (
            self.reports
                .iter()
                .find(|(report, _)| report.kind == ReportKind::Produced),
            waits,
        ) {
            // Nobody is given a card of which the authority does not know.
            (Some((report, Acknowledged::No)), true) => Command::Send(report.clone()),
            (Some(_) | None, _) => self
                .current()
                .map_or_else(|| self.finish(), |s| self.begin(s)),
        }
    }

    /// The report that became true and is not owed yet.
    fn due(&self) -> Option<ReportKind> {
        let over = self.current().is_none();
        let end = match self.course {
            Course::Discarding(kind) => over.then_some(kind),
            Course::Making | Course::Foreign => None,
        };
        let delivered = self.card.place == Place::Delivered;
        let slot = matches!(self.card.place, Place::Exit | Place::Hand);
        [
            slot.then_some(ReportKind::Produced),
            delivered.then_some(ReportKind::Delivered),
            (self.old == OldCard::Punched).then_some(ReportKind::Punched),
            (self.old == OldCard::Forged).then_some(ReportKind::Forged),
            end,
            over.then_some(ReportKind::Record),
        ]
        .into_iter()
        .flatten()
        .find(|kind| !self.owes(*kind))
    }

    fn begin(&self, step: Step) -> Command {
        match (step, self.card.blank) {
            (Step::Encode, Some(blank)) if self.keys != Keys::Held => Command::AskKeys(blank),
            _ => Command::Begin {
                step,
                on: self
                    .grant
                    .as_ref()
                    .filter(|_| step.is_dated())
                    .map(|grant| grant.delivery),
            },
        }
    }

    fn finish(&self) -> Command {
        if let Some(report) = self.owed().next() {
            return Command::Send(report.clone());
        }
        let void = match self.old {
            OldCard::Punched | OldCard::LostDeclared | OldCard::Waived => {
                self.course == Course::Making && !self.voided
            }
            OldCard::NotRequired
            | OldCard::Expected
            | OldCard::Sighted
            | OldCard::Collected
            | OldCard::Forged
            | OldCard::GivenBack => false,
        };
        if void { Command::Void } else { Command::Close }
    }

    /// The report of this kind: its id is the same whenever it is told.
    fn report(&self, kind: ReportKind) -> Report {
        let (job, attempt) = self
            .grant
            .as_ref()
            .map_or(("", 0), |grant| (grant.job.as_str(), grant.attempt));
        let word = match kind {
            ReportKind::Produced => "produced",
            ReportKind::Delivered => "delivered",
            ReportKind::Returned => "returned",
            ReportKind::Spoiled => "spoiled",
            ReportKind::Withdrawn(_) => "withdrawn",
            ReportKind::Quarantined => "quarantined",
            ReportKind::Punched => "punched",
            ReportKind::Forged => "forged",
            ReportKind::Record => "record",
        };
        Report {
            id: format!("{job}/{attempt}/{word}"),
            kind,
        }
    }

    /// The step at hand.
    #[must_use]
    pub fn current(&self) -> Option<Step> {
        match self.course {
            Course::Making => self.steps.get(self.at).copied(),
            Course::Foreign | Course::Discarding(_) => self.removal(),
        }
    }

    /// How a card that will not be handed over leaves the machine.
    fn removal(&self) -> Option<Step> {
        if self.course == Course::Discarding(ReportKind::Quarantined) {
            return None;
        }
        match self.card.place {
            Place::Nowhere | Place::Delivered | Place::Tray | Place::Bag => None,
            Place::Hand | Place::Unsure => Some(Step::RemoveByHand),
            Place::Inside | Place::Exit if self.card.by_hand => Some(Step::RemoveByHand),
            // Only at an antenna can a chip be made dead: the slot has none.
            Place::Inside if self.card.written && !self.card.terminated => Some(Step::Terminate),
            Place::Inside | Place::Exit => Some(Step::Reject),
        }
    }

    /// Judges the step in doubt. A chip that is not the bound one says nothing about ours.
    #[must_use]
    pub fn judge(&self, step: Step, before: &Counters, survey: &Survey) -> Finding {
        match (survey.chip, self.card.blank) {
            (Chip::Answers(witness), Some(blank)) if witness.serial != blank => Finding::Unknown,
            (Chip::Answers(_) | Chip::Silent | Chip::NotAsked, _) => judge(step, before, survey),
        }
    }

    /// Between steps: whether the survey contradicts the journal about where the card is.
    #[must_use]
    pub fn astray(&self, survey: &Survey) -> Option<Code> {
        let sensors = &survey.sensors;
        if self.current() == Some(Step::RemoveByHand) {
            // A person may have taken it out before saying so.
            return None;
        }
        match self.card.place {
            Place::Inside => match self.current() {
                _ if sensors.exit || !sensors.inside() => Some(Code::CardMoved),
                Some(Step::Encode | Step::Lock) if !sensors.encoder => Some(Code::CardMoved),
                Some(Step::Check) if sensors.hologram == sensors.check => Some(Code::CardMoved),
                _ => None,
            },
            Place::Exit if !sensors.exit => Some(Code::TakenEarly),
            Place::Nowhere | Place::Tray | Place::Bag if !sensors.empty() => Some(Code::CardInPath),
            Place::Exit
            | Place::Nowhere
            | Place::Tray
            | Place::Bag
            | Place::Unsure
            | Place::Hand
            | Place::Delivered => None,
        }
    }

    /// Whether the old card stands in the way of the slot (invariant I-21).
    #[must_use]
    pub fn old_settled(&self) -> bool {
        match self.old {
            OldCard::NotRequired
            | OldCard::Collected
            | OldCard::LostDeclared
            | OldCard::Waived
            | OldCard::Punched => true,
            OldCard::Expected | OldCard::Sighted | OldCard::Forged | OldCard::GivenBack => false,
        }
    }

    /// Reports that are owed and not acknowledged, oldest first.
    pub fn owed(&self) -> impl Iterator<Item = &Report> {
        self.reports
            .iter()
            .filter(|(_, ack)| *ack == Acknowledged::No)
            .map(|(report, _)| report)
    }

    fn owes(&self, kind: ReportKind) -> bool {
        self.reports.iter().any(|(report, _)| report.kind == kind)
    }

    /// Whether the authority acknowledged a report of this kind.
    #[must_use]
    pub fn acknowledged(&self, kind: ReportKind) -> bool {
        self.reports
            .iter()
            .any(|(report, ack)| report.kind == kind && *ack == Acknowledged::Yes)
    }

    /// Whether the card was produced: from then on it is withdrawn, not spoiled.
    #[must_use]
    pub fn produced(&self) -> bool {
        matches!(
            self.card.place,
            Place::Exit | Place::Hand | Place::Delivered
        )
    }

    /// What giving up now would be reported as.
    #[must_use]
    pub fn surrender(&self, reason: Withdrawal) -> ReportKind {
        match (self.produced(), self.card.written) {
            (true, _) => ReportKind::Withdrawn(reason),
            (false, true) => ReportKind::Spoiled,
            (false, false) => ReportKind::Returned,
        }
    }

    /// How often `step` was begun: the try of a motion's id.
    #[must_use]
    pub fn tries(&self, step: Step) -> u8 {
        self.tries.get(&step).copied().unwrap_or(0)
    }

    /// The lease's idempotency key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
    /// The phase.
    #[must_use]
    pub fn phase(&self) -> &Phase {
        &self.phase
    }
    /// The course.
    #[must_use]
    pub fn course(&self) -> Course {
        self.course
    }
    /// The grant, once there is one.
    #[must_use]
    pub fn grant(&self) -> Option<&Grant> {
        self.grant.as_ref()
    }
    /// What was fixed at opening.
    #[must_use]
    pub fn opened(&self) -> Option<&Opened> {
        self.opened.as_ref()
    }
    /// The new card.
    #[must_use]
    pub fn card(&self) -> &Card {
        &self.card
    }
    /// The old card.
    #[must_use]
    pub fn old(&self) -> OldCard {
        self.old
    }
    /// The keys.
    #[must_use]
    pub fn keys(&self) -> Keys {
        self.keys
    }
    /// The last fault that changed the course, for the record.
    #[must_use]
    pub fn cause(&self) -> Option<Code> {
        self.cause
    }
    /// The steps of the plan, once opened.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}
