//! The runner: asks the machine what is next, writes the intent, has it done once, writes
//! the outcome. The only place where journal, issuance and devices meet; decides nothing
//! that `issuance` could decide.

use super::deed::{Deed, Outcome};
use super::progress;
use super::request::{Person, Stop};
use super::seams::{Moves as _, Prepares as _, World};
use super::{Goal, Station};
use crate::fault::{By, Code};
use crate::issuance::{
    Chip, Command, Counters, Course, Decision, Ending, Event, Finding, Phase, Place, Proof,
    ReportKind, Step, Survey,
};
use jiff::civil::Date;

impl<W: World> Station<'_, W> {
    /// Runs the open issuance until `goal` is reached.
    ///
    /// # Errors  The stop at which a person must act; the journal holds where it stands.
    pub(super) fn run(&mut self, goal: Goal, person: &mut dyn Person) -> Result<(), Stop> {
        while !self.reached(goal) {
            if person.stop_asked() {
                self.stop_between_motions(person)?;
            }
            match self.issuance().next() {
                Command::Ask | Command::Rest => return Ok(()),
                Command::Lease(key) => self.lease(&key)?,
                Command::Prepare => self.prepare()?,
                Command::AskKeys(blank) => self.ask_keys(blank)?,
                Command::Begin { step, on } => self.begin(step, on, person)?,
                Command::Settle { step, before } => self.settle(step, &before)?,
                Command::Decide { fault, .. } => self.decide(fault, person)?,
                Command::Owe(report) => self.record(Event::Owed { report })?,
                Command::Send(report) => self.send(&report)?,
                Command::Void => self.void_old()?,
                Command::Close => self.close()?,
            }
        }
        Ok(())
    }

    fn reached(&self, goal: Goal) -> bool {
        let issuance = self.issuance();
        match goal {
            Goal::Prepared => {
                !matches!(issuance.phase(), Phase::New | Phase::Asked | Phase::Granted)
            }
            Goal::Produced => {
                matches!(issuance.phase(), Phase::Closed(_))
                    || (issuance.course() == Course::Making
                        && issuance.card().place == Place::Exit
                        && issuance.acknowledged(ReportKind::Produced)
                        && *issuance.phase() == Phase::Ready)
            }
            Goal::Closed => matches!(issuance.phase(), Phase::Closed(_)),
        }
    }

    /// One step: checked, intended, done once, recorded.
    fn begin(&mut self, step: Step, on: Option<Date>, person: &mut dyn Person) -> Result<(), Stop> {
        if on.is_some_and(|day| day != self.clock.today()) {
            return self.record(Event::GivenUp {
                fault: Code::DatePassed,
            });
        }
        match self.workable(step) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            // A finished card that the authority does not want any more is withdrawn here.
            Err(stop) if stop.code == Code::LeaseEnded && !stop.decisions.is_empty() => {
                self.detail = stop.detail;
                return self.decide(stop.code, person);
            }
            Err(stop) => return Err(stop),
        }
        let survey = self.look_at_printer()?;
        if let Some(before) = self.ledger.burned_unasked(step, &survey.counters).cloned() {
            // It is settled like any step in doubt, and never begun anew.
            self.doubt = Some(Code::Counters);
            return self.record(Event::Began { step, before });
        }
        let jumped = self.ledger.contradicts(&survey.counters);
        let astray = self.issuance().astray(&survey);
        if let Some(fault) = astray.or(jumped.then_some(Code::Counters)) {
            return self.record(Event::Astray { fault });
        }
        if step == Step::Feed
            && let Some(fault) = self.preflight(Some(&mut *person))?
        {
            return self.record(Event::Refused { step, fault });
        }
        let before = survey.counters;
        self.record(Event::Began {
            step,
            before: before.clone(),
        })?;
        let outcome = match step {
            Step::SightOld | Step::CollectOld => self.old_card(step, person)?,
            Step::RemoveByHand => Some(self.removal(&survey.sensors, person)?),
            Step::HandOver | Step::Punch => self.persons_act(step, person)?,
            Step::Feed
            | Step::Encode
            | Step::Lock
            | Step::Print(_)
            | Step::Flip
            | Step::Hologram
            | Step::Check
            | Step::Eject
            | Step::Release
            | Step::Terminate
            | Step::Reject => Some(self.act(step, &before)?),
        };
        let Some(outcome) = outcome else {
            return self.not_done(step);
        };
        self.take_outcome(step, outcome)?;
        self.finish_phase(step)
    }

    /// Whether `step` can begin: its workpiece is here, or none is needed. A lease that ended
    /// makes no card: what is not produced is given up, and a chip that nobody can kill any
    /// more waits for a person's hand.
    pub(super) fn workable(&mut self, step: Step) -> Result<bool, Stop> {
        let Err(stop) = self.ready_work(step) else {
            return Ok(true);
        };
        if matches!(step, Step::Reject | Step::RemoveByHand) {
            return Ok(true);
        }
        let fault = stop.code;
        let issuance = self.issuance();
        let making = issuance.course() == Course::Making && !issuance.produced();
        match (fault, step) {
            (Code::LeaseEnded, _) if making => self.record(Event::GivenUp { fault })?,
            (Code::LeaseEnded, Step::Terminate) => self.record(Event::Refused { step, fault })?,
            _ => return Err(stop),
        }
        Ok(false)
    }

    /// Has the devices do one step under its own name.
    fn act(&mut self, step: Step, before: &Counters) -> Result<Outcome, Stop> {
        let issuance = self.ledger.newest();
        let card = issuance.opened().map_or(0, |opened| opened.card);
        let card = card + self.ledger.ahead().cards;
        let attempt = issuance.tries(step);
        let sequence = self.sequence();
        let (view, clock) = (&self.view, &self.clock);
        if let Some(phase) = progress::phase_of(step) {
            view.begin(phase, clock.steady());
        }
        let mut phase = |name| view.begin(name, clock.steady());
        let Some(hands) = self.hands.as_mut() else {
            return Ok(Outcome::Refused(Code::PortAbsent));
        };
        let mut deed = Deed {
            step,
            card,
            attempt,
            before,
            sequence,
            work: self.work.as_ref(),
            layout: self.kit.layout(),
            phase: &mut phase,
        };
        Ok(hands.act(&mut deed))
    }

    fn take_outcome(&mut self, step: Step, outcome: Outcome) -> Result<(), Stop> {
        if let Outcome::InDoubt(Code::Unknown) | Outcome::Refused(Code::Unknown) = outcome {
            let stranger = self.view.notes().take_stranger();
            self.detail = stranger.map(|condition| condition.to_string());
        }
        match outcome {
            Outcome::Done(proof) => self.record(Event::Finished { step, proof }),
            Outcome::Refused(fault) => self.record(Event::Refused { step, fault }),
            Outcome::Found(finding, fault) => self.record(Event::Found {
                step,
                finding,
                fault: Some(fault),
                proof: None,
            }),
            // Left underway: the next turn of the loop surveys and judges.
            Outcome::InDoubt(fault) => {
                self.doubt = Some(fault);
                Ok(())
            }
        }
    }

    /// A step in doubt: what the devices show is judged by the table.
    fn settle(&mut self, step: Step, before: &Counters) -> Result<(), Stop> {
        let fault = self.doubt.take();
        if step.is_persons_act() {
            let finding = Finding::Unknown;
            return self.record(Event::Found {
                step,
                finding,
                fault,
                proof: None,
            });
        }
        // Where the lease ended, the devices alone are asked.
        match self.ready_work(step) {
            Err(stop) if stop.code != Code::LeaseEnded => return Err(stop),
            Ok(()) | Err(_) => {}
        }
        let survey = self.survey(matches!(step, Step::Encode | Step::Lock))?;
        let finding = match fault {
            // Nobody knows what this condition did to the card: persons look first, and the
            // witnesses are asked when they let it go on.
            Some(Code::Unknown) => Finding::Unknown,
            // The printer said "done": what looks untouched may still be on its way.
            Some(Code::Counters) => match self.issuance().judge(step, before, &survey) {
                Finding::Untouched => Finding::Unknown,
                finding @ (Finding::Done | Finding::Spoiled | Finding::Unknown) => finding,
            },
            Some(_) | None => self.issuance().judge(step, before, &survey),
        };
        let (finding, fault, proof) = match finding {
            Finding::Done => match self.proof_of(step, &survey) {
                Ok(proof) => (finding, fault, Some(proof)),
                // The table says done, but what would prove it is missing.
                Err((finding, code)) => (finding, Some(code), None),
            },
            // A look that met a silent chip is simply taken again; the second one spoils.
            Finding::Untouched if step == Step::Check && fault == Some(Code::ChipSilent) => {
                (finding, None, None)
            }
            Finding::Untouched | Finding::Spoiled | Finding::Unknown => (finding, fault, None),
        };
        tracing::info!(?step, ?finding, fault = ?fault.map(Code::name), "settled a step in doubt");
        self.record(Event::Found {
            step,
            finding,
            fault,
            proof,
        })?;
        self.finish_phase(step)
    }

    /// What was asked of a person was not done: asked again by the next request, or decided
    /// about when it was asked too often.
    fn not_done(&mut self, step: Step) -> Result<(), Stop> {
        self.record(Event::Found {
            step,
            finding: Finding::Untouched,
            fault: None,
            proof: None,
        })?;
        match self.issuance().phase() {
            Phase::Stopped { .. } => Ok(()),
            Phase::New
            | Phase::Asked
            | Phase::Granted
            | Phase::Ready
            | Phase::Underway { .. }
            | Phase::Closed(_) => Err(Stop {
                decisions: Vec::new(),
                ..self.stop(Code::NotDone)
            }),
        }
    }

    /// Asks persons. What they say must fit what the sensors see: nothing is written else.
    pub(super) fn decide(&mut self, fault: Code, person: &mut dyn Person) -> Result<(), Stop> {
        let mut stop = self.stop_seen(fault);
        loop {
            let Some((decision, by)) = person.decide(&stop) else {
                return Err(stop);
            };
            // A screen asks for the right hands; what it lets through is held again here.
            if !stop.permits(decision, &by) {
                stop = Stop {
                    decisions: stop.decisions,
                    ..self.stop(Code::NotAllowed)
                };
                continue;
            }
            // That a card which left the slot is back there is said like any other answer.
            let said = matches!(decision, Decision::Answer(_))
                || (fault == Code::TakenEarly && decision == Decision::Continue);
            if !said || !self.belied(decision)? {
                let gives_up = matches!(decision, Decision::Cancel | Decision::Quarantine);
                if gives_up && self.looks_for_the_blank(&by)? {
                    return self.give_up_as_found(decision, by);
                }
                return self.record(Event::Decided { decision, by });
            }
            stop = Stop {
                decisions: stop.decisions,
                ..self.stop(Code::NotAsSaid)
            };
        }
    }

    /// A blank that was perhaps fed is looked for once more before it is given up: one that never
    /// left the hopper must not be booked as one that persons took out. False: no feed is in doubt.
    fn looks_for_the_blank(&mut self, by: &By) -> Result<bool, Stop> {
        let phase = self.issuance().phase().clone();
        let Phase::Stopped {
            step: Step::Feed,
            finding: Finding::Unknown,
            before: Some(before),
            ..
        } = phase
        else {
            return Ok(false);
        };
        self.record(Event::Decided {
            decision: Decision::Continue,
            by: by.clone(),
        })?;
        self.settle(Step::Feed, &before)?;
        Ok(true)
    }

    /// What persons wanted to give up, as it was found: there is no card to set apart where none
    /// was fed, and the job is given back.
    fn give_up_as_found(&mut self, decision: Decision, by: By) -> Result<(), Stop> {
        let open = self.issuance().choices();
        let left = [decision, Decision::Cancel];
        match left.into_iter().find(|left| open.contains(left)) {
            Some(decision) => self.record(Event::Decided { decision, by }),
            None => Ok(()),
        }
    }

    /// A stop that a person is shown: the printer is asked where the card is, where it answers.
    pub(super) fn stop_seen(&mut self, fault: Code) -> Stop {
        let detail = self.detail.take();
        if !fault.name().starts_with("L-") && self.hands().is_err() {
            tracing::info!("the printer cannot be asked where the card is");
        }
        self.detail = detail;
        self.stop(fault)
    }

    fn belied(&mut self, decision: Decision) -> Result<bool, Stop> {
        let sensors = self.survey(false)?.sensors;
        Ok(self.issuance().belied(decision, &sensors))
    }

    /// "Stop after this motion": nothing moves now; a person may give the card up.
    fn stop_between_motions(&mut self, person: &mut dyn Person) -> Result<(), Stop> {
        if matches!(
            self.issuance().phase(),
            Phase::Stopped { .. } | Phase::Underway { .. }
        ) {
            return Ok(());
        }
        self.decide(Code::Cancelled, person)
    }

    /// How the closed issuance ended, when it did.
    pub(super) fn ending(&self) -> Option<Ending> {
        match self.issuance().phase() {
            Phase::Closed(ending) => Some(*ending),
            Phase::New
            | Phase::Asked
            | Phase::Granted
            | Phase::Ready
            | Phase::Underway { .. }
            | Phase::Stopped { .. } => None,
        }
    }

    /// The evidence that a survey holds for a step that the table found done.
    fn proof_of(&self, step: Step, survey: &Survey) -> Result<Proof, (Finding, Code)> {
        match step {
            Step::Feed => match survey.chip {
                Chip::Answers(witness) if witness.is_blank() => Ok(Proof::Blank(witness.serial)),
                Chip::Answers(_) => Err((Finding::Spoiled, Code::NotBlank)),
                Chip::Silent | Chip::NotAsked => Err((Finding::Spoiled, Code::ChipSilent)),
            },
            // The table asks for files equal to the prepared ones: so their digest is theirs.
            Step::Encode => match &self.work {
                Some(work) => Ok(Proof::Files(work.files_digest())),
                None => Err((Finding::Unknown, Code::ChipTorn)),
            },
            Step::Lock | Step::Terminate => Ok(Proof::Chip(survey.chip)),
            Step::Print(_)
            | Step::Flip
            | Step::Hologram
            | Step::Eject
            | Step::Release
            | Step::Reject => Ok(Proof::Motion(survey.counters.clone())),
            Step::SightOld
            | Step::Check
            | Step::CollectOld
            | Step::HandOver
            | Step::Punch
            | Step::RemoveByHand => Err((Finding::Unknown, Code::ActUnanswered)),
        }
    }
}
