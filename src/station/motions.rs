//! The printer's motions with a watch beside them: until when each is waited for, and notes of
//! why one is late. Decides nothing; `hands` says what moves.

use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::devices::{Devices, Pulse as _};
use super::notes::Notes;
use super::progress::phase_of;
use super::translate;
use crate::config::Config;
use crate::issuance::{Panel, Step};
use printer::{Error, Event, Pending, Printer, Talk};
use wire::{Condition, Motion, MotionId, MotionResult, Survey};

/// A pass that is accepted this late was held back until its panel was there.
const HELD_BACK: Duration = Duration::from_millis(50);

/// A head that is this warm after a pass had to cool before it, in tenths of a degree.
const HEAD_WARM: i16 = 650;
/// A motion that still moves is waited for so long before its card is judged as it stands.
const MOVING: Duration = Duration::from_secs(30);
/// Between two looks whether it still moves.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The printer, for motions.
pub(super) struct Motions<D: Devices> {
    printer: Arc<Printer<D::Talk>>,
    pulse: D::Pulse,
    notes: Arc<Notes>,
    seen: Mutex<Seen>,
    ahead: u64,
}

/// What was seen of the printer so far.
struct Seen {
    events: Receiver<Event>,
    resent: u32,
}

/// How the ends of motions come.
type Answers<D> = <<D as Devices>::Talk as Talk>::Answers;

impl<D: Devices> Motions<D> {
    /// Has the printer's driver wait as the configuration says; `ahead` is how far the
    /// printer's memory of journals is ahead of this one.
    ///
    /// # Errors  `Gone`.
    pub(super) fn new(
        printer: &Arc<Printer<D::Talk>>,
        pulse: D::Pulse,
        config: &Config,
        notes: Arc<Notes>,
        ahead: u64,
    ) -> Result<Motions<D>, Error> {
        printer.wait_for(config.deadline("link_check"), deadlines(config))?;
        let seen = Seen {
            events: printer.events(),
            resent: 0,
        };
        Ok(Motions {
            printer: Arc::clone(printer),
            pulse,
            notes,
            seen: Mutex::new(seen),
            ahead,
        })
    }

    /// Begins a motion. What a pass waited for its panel is noted.
    ///
    /// # Errors  As [`Printer::begin`].
    pub(super) fn begin(
        &self,
        id: MotionId,
        motion: Motion,
        sequence: u64,
    ) -> Result<Pending<Answers<D>>, Error> {
        self.seen().resent = self.printer.streamed().resent;
        let asked = self.pulse.steady();
        let begun = loop {
            // A motion before it may still come to its end; what was refused may be asked again.
            match self.printer.begin(id, motion, sequence + self.ahead) {
                Err(Error::Refused(Condition::Busy)) if self.since(asked) < MOVING => {
                    self.pulse.rest(LOOK_AGAIN);
                }
                begun => break begun,
            }
        };
        let waited = self.since(asked);
        match &begun {
            Err(Error::Refused(condition)) => {
                self.notes.temperature(*condition);
                self.notes.stranger(*condition);
            }
            Ok(_) if matches!(motion, Motion::Pass(_)) && waited >= HELD_BACK => {
                self.notes.raster(waited);
            }
            Ok(_) | Err(_) => {}
        }
        begun
    }

    /// A motion to its end.
    ///
    /// # Errors  As [`Motions::begin`] and [`Motions::end`].
    pub(super) fn perform(
        &self,
        id: MotionId,
        motion: Motion,
        sequence: u64,
    ) -> Result<MotionResult, Error> {
        self.end(self.begin(id, motion, sequence)?)
    }

    /// Waits for a motion's end. What the machine says that it took is noted, and so are lost
    /// frames and wrong temperatures.
    ///
    /// # Errors  As [`Pending::wait`].
    pub(super) fn end(&self, pending: Pending<Answers<D>>) -> Result<MotionResult, Error> {
        let result = pending.wait();
        if let Ok(MotionResult::Done { elapsed_ms, .. } | MotionResult::Failed { elapsed_ms, .. }) =
            &result
        {
            self.notes.machine(*elapsed_ms);
        }
        if let Ok(MotionResult::Failed { condition, .. }) = &result {
            self.notes.stranger(*condition);
        }
        if let Ok(MotionResult::Done { survey, .. }) = &result
            && survey.sensors.head_decidegrees >= HEAD_WARM
        {
            self.notes.temperature(Condition::HeadHot);
        }
        let seen = self.seen();
        let resent = self.printer.streamed().resent;
        self.notes.resent(resent.saturating_sub(seen.resent));
        for event in seen.events.try_iter() {
            if let Event::Raised(condition) = event {
                self.notes.temperature(condition);
            }
        }
        result
    }

    /// What the printer shows once nothing moves: a motion that was given up here, or that a
    /// station before this one began, comes to its end before anybody judges by it.
    ///
    /// # Errors  As [`Printer::survey`].
    pub(super) fn at_rest(&self, sequence: u64) -> Result<Survey, Error> {
        let asked = self.pulse.steady();
        loop {
            let seen = self.printer.survey(sequence + self.ahead)?;
            if seen.underway.is_none() || self.since(asked) >= MOVING {
                return Ok(seen);
            }
            self.pulse.rest(LOOK_AGAIN);
        }
    }

    fn since(&self, asked: Duration) -> Duration {
        self.pulse.steady().saturating_sub(asked)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Until when the motions of a card are waited for. Release waits for a person, and what brings
/// a card out of the way is never given up early.
fn deadlines(config: &Config) -> Vec<(Motion, Duration)> {
    let steps = [
        Step::Feed,
        Step::Flip,
        Step::Hologram,
        Step::Check,
        Step::Eject,
    ];
    let passes = Panel::ALL.map(Step::Print);
    let deadline = |step: &Step| {
        let phase = if *step == Step::Feed {
            "feed"
        } else {
            phase_of(*step)?
        };
        Some((translate::motion(*step)?, config.deadline(phase)))
    };
    steps.iter().chain(&passes).filter_map(deadline).collect()
}
