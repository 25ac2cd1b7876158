//! Asking for a motion: what the firmware decides before anything moves, and what a repeated
//! request is told (PROTOCOL.md §5).

use super::program::{Act, Program};
use super::{Effect, Machine, Underway, legal};
use crate::fault::{Fault, Kind, Step};
use std::time::Duration;
use wire::{Condition, Motion, MotionAnswer, MotionId, MotionResult};

impl Machine {
    /// Asks for a motion. Accepted, its end comes as an effect; repeated, so does the stored end.
    pub fn begin(
        &mut self,
        id: MotionId,
        motion: Motion,
        sequence: u64,
        boot: u32,
        now: Duration,
    ) -> MotionAnswer {
        self.poll(now);
        if boot != self.boot() {
            return MotionAnswer::Refused(Condition::StaleBoot);
        }
        if self.kept.is_spent(id) {
            return self.repeat(id, now);
        }
        if sequence < self.kept.newest_sequence {
            return MotionAnswer::Refused(Condition::StaleSequence);
        }
        self.kept.newest_sequence = sequence;
        if let Some(underway) = &self.ram.underway {
            tracing::debug!(motion = ?underway.motion, "busy");
            return MotionAnswer::Refused(Condition::Busy);
        }
        if self.is_ordered() {
            return MotionAnswer::Refused(Condition::Busy);
        }
        if let Some(condition) = legal::refusal(self, motion, now) {
            return MotionAnswer::Refused(condition);
        }
        let ordinal = self.picked + u32::from(motion == Motion::Feed);
        let faults = self.setup.scenario.strike(ordinal, Step::of(motion));
        self.heat(&faults, now);
        let struck = faults.iter().find_map(Fault::refusal);
        match struck.or_else(|| legal::too_hot_or_cold(self, motion, now)) {
            Some(condition) => {
                self.note(&faults, Step::of(motion));
                self.tell_changes(now);
                MotionAnswer::Refused(condition)
            }
            None => {
                self.start(id, motion, &faults, now);
                MotionAnswer::Accepted
            }
        }
    }

    pub(super) fn heat(&mut self, faults: &[Fault], now: Duration) {
        for fault in faults {
            match fault.what.row().kind {
                Kind::HeatsHead(decidegrees) => self.head.set(decidegrees.into(), now),
                Kind::CoolsHeater(decidegrees) => self.heater.set(decidegrees.into(), now),
                Kind::Refuses(_)
                | Kind::RefusesAsTold
                | Kind::Ends(..)
                | Kind::EndsAsTold
                | Kind::Jams(_)
                | Kind::Lies(_)
                | Kind::KillsChip
                | Kind::CutsPower
                | Kind::Supplies(_)
                | Kind::Shows(_) => {}
            }
        }
    }

    pub(super) fn note(&mut self, faults: &[Fault], step: Step) {
        for fault in faults {
            self.story.fault(fault.what, step);
        }
    }

    fn start(&mut self, id: MotionId, motion: Motion, faults: &[Fault], now: Duration) {
        self.kept.spend(id);
        self.keep();
        let program = self.programmed(motion, faults, now);
        self.note(faults, Step::of(motion));
        if motion == Motion::Check {
            // Whoever asks while this check is under way waits for its own scan.
            self.ram.scanned = None;
        }
        let planned_ms = self.planned(motion).total_ms;
        let Program { beats, total_ms } = program;
        self.ram.underway = Some(Underway {
            id,
            motion,
            started: now,
            beats: beats.into(),
            planned_ms,
            total_ms,
            told: false,
        });
        self.poll(now);
    }

    /// The motion as the table has it, from where card and ribbon are.
    fn planned(&self, motion: Motion) -> Program {
        let from = self.card.as_ref().map(|card| card.place);
        let sought = match motion {
            Motion::Pass(panel) => self.kept.ribbon_is_at(panel),
            Motion::Feed
            | Motion::SeekRibbon(_)
            | Motion::Flip
            | Motion::Hologram
            | Motion::Check
            | Motion::Eject
            | Motion::Release
            | Motion::Reject => true,
        };
        Program::new(&self.setup.times, motion, from, sought)
    }

    /// The same as it will go: jitter, heat, what sticks, what is really used up, faults.
    fn programmed(&mut self, motion: Motion, faults: &[Fault], now: Duration) -> Program {
        let mut program = self.planned(motion);
        let percent = self.setup.jitter_percent;
        if percent > 0.0 {
            let swing = 2.0 * self.jitter.part() - 1.0;
            program.stretch(1.0 + swing * percent / 100.0);
        }
        if matches!(motion, Motion::Pass(_)) {
            program.delay(self.head.wait_ms(now));
        }
        let times = &self.setup.times;
        if let Some(stuck) = self.interior.stuck
            && !stuck.loosens
        {
            let jammed = Condition::Jam(stuck.zone());
            program.beats.clear();
            program.cut(times.reject_ms / 2, &[Act::Fail(jammed)]);
        }
        if let Some(condition) = self.really_used_up(motion) {
            program.cut(program.total_ms / 10, &[Act::Fail(condition)]);
        }
        for fault in faults {
            program.strike(fault, Step::of(motion), times, 0);
        }
        program
    }

    /// What is at its end although its tag says otherwise: it is found out by winding.
    fn really_used_up(&self, motion: Motion) -> Option<Condition> {
        let none_left = |roll: &Option<super::Roll>| roll.as_ref().is_some_and(|it| it.left == 0);
        match motion {
            Motion::Pass(panel) | Motion::SeekRibbon(panel) => {
                let at_hand = self.kept.ribbon_is_at(panel);
                (none_left(&self.interior.ribbon) && !at_hand).then_some(Condition::RibbonOut)
            }
            Motion::Hologram => none_left(&self.interior.patches).then_some(Condition::PatchOut),
            Motion::Feed
            | Motion::Flip
            | Motion::Check
            | Motion::Eject
            | Motion::Release
            | Motion::Reject => None,
        }
    }

    fn repeat(&mut self, id: MotionId, now: Duration) -> MotionAnswer {
        if self
            .ram
            .underway
            .as_ref()
            .is_some_and(|underway| underway.id == id && !underway.told)
        {
            return MotionAnswer::Accepted;
        }
        let stored = self.ram.results.iter().find(|(known, _)| *known == id);
        let result = match (stored, self.kept.ended(id)) {
            (Some((_, result)), _) => *result,
            (None, Some((None, elapsed_ms))) => MotionResult::Done {
                elapsed_ms,
                survey: self.survey(None, now),
            },
            (None, Some((Some(condition), elapsed_ms))) => MotionResult::Failed {
                condition,
                elapsed_ms,
                survey: self.survey(None, now),
            },
            (None, None) => return MotionAnswer::Refused(Condition::StaleSequence),
        };
        self.effects.push(Effect::Ended(id, Box::new(result)));
        MotionAnswer::Accepted
    }
}
