//! What is noted while a phase runs, so that a late one has a cause. Counts and times only: no
//! card, no holder, no device. Shared between the hands, who note, and the progress, who asks.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::translate;
use crate::config::Planned;
use crate::fault::Code;
use crate::issuance::{Cause, Why};
use wire::Condition;

/// Below this a cause is not worth its name.
const WORTH_MS: u32 = 100;

/// Notes of the phase at hand.
#[derive(Debug, Default)]
pub struct Notes {
    machine_ms: AtomicU32,
    raster_ms: AtomicU32,
    chip_us: AtomicU32,
    late_commands: AtomicU32,
    late_ms: AtomicU32,
    resent: AtomicU32,
    head_hot: AtomicBool,
    heater_cold: AtomicBool,
    stranger: Mutex<Option<Condition>>,
}

/// The notes of one phase, taken at its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Noted {
    /// What the machine says that its motions took.
    pub(super) machine_ms: u32,
    /// What a pass waited for its panel.
    pub(super) raster_ms: u32,
    /// What the chip took to answer all commands.
    pub(super) chip_ms: u32,
    /// Commands that the chip answered late.
    pub(super) late_commands: u32,
    /// How late, together.
    pub(super) late_ms: u32,
    /// Frames that were sent again.
    pub(super) resent: u32,
    /// The machine said that its head is too hot.
    pub(super) head_hot: bool,
    /// The machine said that its patch heater is not hot.
    pub(super) heater_cold: bool,
}

impl Notes {
    /// The printer named a condition; kept when nobody knows what it is.
    pub(super) fn stranger(&self, condition: Condition) {
        if translate::fault(condition) == Code::Unknown {
            *self.stranger.lock().unwrap_or_else(PoisonError::into_inner) = Some(condition);
        }
    }

    /// The condition that nobody knows, as the printer named it; once.
    pub(super) fn take_stranger(&self) -> Option<Condition> {
        let mut stranger = self.stranger.lock().unwrap_or_else(PoisonError::into_inner);
        stranger.take()
    }

    /// A motion took this long, by the machine's own clock.
    pub(super) fn machine(&self, ms: u32) {
        self.machine_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// A motion was held back this long until its panel was there.
    pub(super) fn raster(&self, waited: Duration) {
        let ms = u32::try_from(waited.as_millis()).unwrap_or(u32::MAX);
        self.raster_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// The chip answered a command after this time.
    pub(super) fn chip(&self, took: Duration) {
        let us = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        self.chip_us.fetch_add(us, Ordering::Relaxed);
    }

    /// The chip answered this much later than air and writing explain.
    pub(super) fn late_command(&self, by: Duration) {
        let ms = u32::try_from(by.as_millis()).unwrap_or(u32::MAX);
        self.late_commands.fetch_add(1, Ordering::Relaxed);
        self.late_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// So many frames were sent again.
    pub(super) fn resent(&self, frames: u32) {
        self.resent.fetch_add(frames, Ordering::Relaxed);
    }

    /// The machine says that a part of it has not the right temperature.
    pub(super) fn temperature(&self, condition: Condition) {
        // Everything else has its own way to whoever must act.
        if condition == Condition::HeadHot {
            self.head_hot.store(true, Ordering::Relaxed);
        } else if condition == Condition::HeaterNotReady {
            self.heater_cold.store(true, Ordering::Relaxed);
        }
    }

    /// What was wrong with its heat before is so still.
    pub(super) fn heat(&self, head_hot: bool, heater_cold: bool) {
        self.head_hot.store(head_hot, Ordering::Relaxed);
        self.heater_cold.store(heater_cold, Ordering::Relaxed);
    }

    /// The notes so far; the next phase begins with none.
    pub(super) fn take(&self) -> Noted {
        let count = |noted: &AtomicU32| noted.swap(0, Ordering::Relaxed);
        Noted {
            machine_ms: count(&self.machine_ms),
            raster_ms: count(&self.raster_ms),
            chip_ms: count(&self.chip_us) / 1000,
            late_commands: count(&self.late_commands),
            late_ms: count(&self.late_ms),
            resent: count(&self.resent),
            head_hot: self.head_hot.swap(false, Ordering::Relaxed),
            heater_cold: self.heater_cold.swap(false, Ordering::Relaxed),
        }
    }
}

impl Noted {
    /// Why this phase missed its plan, the greatest cause first. `tries` counts from 1.
    pub(super) fn causes(&self, plan: &Planned, over_ms: u32, tries: u32) -> Vec<Cause> {
        let mut causes = Vec::new();
        let again = (tries > 1).then_some(match (plan.phase, self.head_hot, self.heater_cold) {
            ("feed", ..) => Why::FedAgain,
            (_, true, _) => Why::HeadHot,
            (_, _, true) => Why::HeaterCold,
            (_, false, false) => Why::DoneAgain,
        });
        causes.extend(again.map(|why| cause(why, None, Some(tries - 1))));
        if plan.phase == "keys" {
            causes.push(cause(Why::KeysLate, Some(over_ms), None));
            return causes;
        }
        let machine_ms = self.machine_ms.saturating_sub(plan.planned_ms);
        let machine = if self.head_hot {
            Why::HeadHot
        } else if self.heater_cold {
            Why::HeaterCold
        } else {
            Why::MachineSlow
        };
        // Where the chip takes more than the whole plan, it is slow as a whole.
        let chip_ms = self
            .late_ms
            .max(self.chip_ms.saturating_sub(plan.planned_ms));
        let late_commands = (self.late_commands > 0).then_some(self.late_commands);
        let mut timed = [
            (Why::RasterLate, self.raster_ms, None),
            (Why::ChipSlow, chip_ms, late_commands),
            // A step that was done again moved twice: that is told already.
            (machine, if tries > 1 { 0 } else { machine_ms }, None),
        ];
        timed.sort_by_key(|(_, ms, _)| std::cmp::Reverse(*ms));
        let worth = timed.into_iter().filter(|(_, ms, _)| *ms >= WORTH_MS);
        causes.extend(worth.map(|(why, ms, times)| cause(why, Some(ms), times)));
        if self.resent > 0 {
            causes.push(cause(Why::LineResent, None, Some(self.resent)));
        }
        let known: u32 = timed.iter().map(|(_, ms, _)| ms).sum();
        let rest = over_ms.saturating_sub(known);
        if again.is_none() && rest >= WORTH_MS && self.resent == 0 {
            causes.push(cause(Why::StationSlow, Some(rest), None));
        }
        causes
    }
}

fn cause(why: Why, ms: Option<u32>, times: Option<u32>) -> Cause {
    Cause { why, ms, times }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLIP: Planned = Planned {
        phase: "flip",
        planned_ms: 2_000,
        deadline_ms: 15_000,
    };

    fn causes(plan: &Planned, noted: Noted, over_ms: u32, tries: u32) -> Vec<(Why, Option<u32>)> {
        let causes = noted.causes(plan, over_ms, tries);
        causes.iter().map(|cause| (cause.why, cause.ms)).collect()
    }

    #[test]
    fn what_the_machine_did_not_take_this_computer_took() {
        let noted = Noted {
            machine_ms: 2_150,
            ..Noted::default()
        };
        let expected = [(Why::MachineSlow, Some(150)), (Why::StationSlow, Some(750))];
        assert_eq!(causes(&FLIP, noted, 900, 1), expected);
    }

    #[test]
    fn a_pass_that_waited_for_its_panel_says_so() {
        let noted = Noted {
            machine_ms: 2_000,
            raster_ms: 1_200,
            resent: 7,
            ..Noted::default()
        };
        let expected = [(Why::RasterLate, Some(1_200)), (Why::LineResent, None)];
        assert_eq!(causes(&FLIP, noted, 1_250, 1), expected);
    }

    #[test]
    fn a_chip_that_takes_longer_than_the_plan_is_slow_as_a_whole() {
        let noted = Noted {
            chip_ms: 2_700,
            ..Noted::default()
        };
        let expected = [(Why::ChipSlow, Some(700)), (Why::StationSlow, Some(100))];
        assert_eq!(causes(&FLIP, noted, 800, 1), expected);
    }

    #[test]
    fn a_hot_head_and_a_cold_heater_are_told_apart_from_a_slow_machine() {
        let notes = Notes::default();
        notes.machine(4_000);
        notes.temperature(Condition::HeadHot);
        notes.temperature(Condition::CoverOpen);
        let expected = [(Why::HeadHot, Some(2_000))];
        assert_eq!(causes(&FLIP, notes.take(), 2_000, 1), expected);
        notes.machine(4_000);
        notes.temperature(Condition::HeaterNotReady);
        let expected = [(Why::HeaterCold, Some(2_000))];
        assert_eq!(causes(&FLIP, notes.take(), 2_000, 1), expected);
        assert_eq!(notes.take(), Noted::default());
    }

    #[test]
    fn a_second_feed_is_the_cause_not_the_time_it_took() {
        let feed = Planned {
            phase: "feed",
            ..FLIP
        };
        let noted = Noted {
            machine_ms: 4_400,
            ..Noted::default()
        };
        assert_eq!(causes(&feed, noted, 2_500, 2), [(Why::FedAgain, None)]);
        let keys = Planned {
            phase: "keys",
            ..FLIP
        };
        let expected = [(Why::KeysLate, Some(900))];
        assert_eq!(causes(&keys, Noted::default(), 900, 1), expected);
    }
}
