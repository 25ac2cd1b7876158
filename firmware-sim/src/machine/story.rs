//! The truth about one card, told when it has left: what moved, what was burned, how long each
//! thing took and how long it should have. Only collects; decides nothing.

use super::card::{Blank, Card, Fate, Layer, Spot};
use super::{Setup, sha256};
use crate::fault::{Step, What};
use serde::Serialize;
use std::time::Duration;
use wire::message::Manifest;
use wire::{Condition, Face, Motion, MotionId};

/// What is collected while a card is in the machine.
#[derive(Debug, Default)]
pub struct Story {
    manifest: Option<(u32, Duration)>,
    motions: Vec<Moved>,
    faults: Vec<String>,
    exit_at: Option<Duration>,
    encoder_air: Duration,
    check_air: Duration,
}

#[derive(Debug)]
struct Moved {
    motion: Motion,
    id: MotionId,
    ended: Option<Condition>,
    from: Duration,
    to: Duration,
    planned_ms: u32,
}

/// The truth file of one card. Times are milliseconds on the simulator's clock.
#[derive(Debug, Clone, Serialize)]
pub struct Truth {
    /// Serial of the chip.
    pub serial: String,
    /// The blank's place in the hopper.
    pub place: u32,
    /// The station's count of cards begun that fed it.
    pub card: u32,
    /// How it left.
    pub fate: Fate,
    /// Every pass that burned or should have.
    pub passes: Vec<Pass>,
    /// Whether a hologram patch lies on it.
    pub patch: bool,
    /// Whether a patch lies on it askew.
    pub askew_patch: bool,
    /// Whether it left the hopper unseen, beneath another blank.
    pub beneath: bool,
    /// Every motion, in order.
    pub motions: Vec<MotionTruth>,
    /// Faults that struck.
    pub faults: Vec<String>,
    /// Figures of the contract: first byte of print data to the exit slot.
    pub times: TimesTruth,
}

/// One pass over a face.
#[derive(Debug, Clone, Serialize)]
pub struct Pass {
    /// Which panel of the ribbon.
    pub panel: String,
    /// Which face was up.
    pub face: &'static str,
    /// Rows under the head while it burned; fewer than `rows` when it was cut short.
    pub burned_rows: u16,
    /// Rows of the panel.
    pub rows: u16,
    /// SHA-256 of what really lies on the face, hexadecimal.
    pub digest: String,
}

/// One motion.
#[derive(Debug, Clone, Serialize)]
pub struct MotionTruth {
    /// What moved.
    pub motion: String,
    /// The step of its id.
    pub step: u8,
    /// The try of its id.
    pub attempt: u8,
    /// `done`, or the condition's name.
    pub end: &'static str,
    /// From the first byte of print data; from the first motion if there was none.
    pub at_ms: u64,
    /// What the table plans, scaled.
    pub planned_ms: u64,
    /// What it took.
    pub elapsed_ms: u64,
}

/// The forty seconds.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct TimesTruth {
    /// How much faster than real the mechanics ran.
    pub speed: f64,
    /// Table: link check and manifest.
    pub link_check_ms: u64,
    /// Table: allowance for the authority's keys.
    pub keys_ms: u64,
    /// Table: the motions that this card made.
    pub motions_ms: u64,
    /// The chip's air time at the encoder, and at the check as far as the cooling did not hide it.
    pub chip_ms: u64,
    /// Sum of the critical path: the four above.
    pub critical_path_ms: u64,
    /// Measured from the first byte of print data to the card in the exit slot, if it got there.
    pub t0_to_exit_ms: Option<u64>,
}

impl Story {
    /// Print data of a card begin to arrive.
    pub(super) fn print_data(&mut self, manifest: &Manifest, now: Duration) {
        if self.manifest.is_none_or(|(card, _)| card != manifest.card) {
            self.manifest = Some((manifest.card, now));
        }
    }

    /// A blank left the hopper: a new story, with what was injected into the motion at hand.
    pub(super) fn picked(&mut self, _blank: &Blank, card: u32) {
        let manifest = self.manifest.filter(|(named, _)| *named == card);
        let faults = std::mem::take(&mut self.faults);
        *self = Story {
            manifest,
            faults,
            ..Story::default()
        };
    }

    /// A fault strikes.
    pub(super) fn fault(&mut self, what: What, step: Step) {
        let (fault, step) = (what.row().name, step.name());
        self.faults.push(format!("{fault} at {step}"));
    }

    /// A motion ended.
    pub(super) fn ended(
        &mut self,
        motion: Motion,
        id: MotionId,
        ended: Option<Condition>,
        (from, to): (Duration, Duration),
        planned_ms: u32,
    ) {
        self.motions.push(Moved {
            motion,
            id,
            ended,
            from,
            to,
            planned_ms,
        });
    }

    /// The card is in the exit slot.
    pub(super) fn at_exit(&mut self, at: Duration) {
        self.exit_at = Some(at);
    }

    /// The chip spent air time at an antenna.
    pub(super) fn chip_spent(&mut self, spot: Spot, air: Duration) {
        match spot {
            Spot::Encoder => self.encoder_air += air,
            Spot::Check => self.check_air += air,
        }
    }

    /// The card left: its truth.
    pub(super) fn close(
        &mut self,
        card: &Card,
        fate: Fate,
        last: Option<(Motion, MotionId, Duration, u32)>,
        at: Duration,
        setup: &Setup,
    ) -> Truth {
        let story = std::mem::take(self);
        let first = story.motions.first().map_or(at, |moved| moved.from);
        let t0 = story.manifest.map_or(first, |(_, at)| at);
        let mut motions: Vec<MotionTruth> = story
            .motions
            .iter()
            .map(|moved| moved.truth(t0, setup))
            .collect();
        if let Some((motion, id, from, planned_ms)) = last {
            // The motion that brought it out ends with it.
            let ended = Moved {
                motion,
                id,
                ended: None,
                from,
                to: at,
                planned_ms,
            };
            motions.push(ended.truth(t0, setup));
        }
        Truth {
            serial: card.blank.serial.clone(),
            place: card.blank.place,
            card: card.count,
            fate,
            passes: card.layers.iter().map(Pass::of).collect(),
            patch: card.patch,
            askew_patch: card.askew,
            beneath: false,
            motions,
            times: story.times(t0, setup),
            faults: story.faults,
        }
    }

    fn times(&self, t0: Duration, setup: &Setup) -> TimesTruth {
        let scaled = |milliseconds: u32| setup.speed.scale(milliseconds).as_millis() as u64;
        let done = self.motions.iter().filter(|moved| moved.ended.is_none());
        let table = &setup.times;
        let cooling = setup.speed.scale(table.check_ms);
        let chip = self.encoder_air + self.check_air.saturating_sub(cooling);
        let mut times = TimesTruth {
            speed: setup.speed.factor(),
            link_check_ms: scaled(table.link_check_ms),
            keys_ms: scaled(table.keys_ms),
            motions_ms: done
                .map(|moved| scaled(table.critical_ms(moved.motion)))
                .sum(),
            chip_ms: chip.as_millis() as u64,
            critical_path_ms: 0,
            t0_to_exit_ms: self
                .exit_at
                .map(|at| at.saturating_sub(t0).as_millis() as u64),
        };
        times.critical_path_ms =
            times.link_check_ms + times.keys_ms + times.motions_ms + times.chip_ms;
        times
    }
}

impl Truth {
    /// A blank that went through beneath another one: nothing was done to it.
    pub(super) fn beneath(card: &Card, fate: Fate) -> Truth {
        Truth {
            serial: card.blank.serial.clone(),
            place: card.blank.place,
            card: card.count,
            fate,
            passes: Vec::new(),
            patch: false,
            askew_patch: false,
            beneath: true,
            motions: Vec::new(),
            times: TimesTruth::default(),
            faults: Vec::new(),
        }
    }
}

impl Moved {
    fn truth(&self, t0: Duration, setup: &Setup) -> MotionTruth {
        MotionTruth {
            motion: format!("{:?}", self.motion),
            step: self.id.step,
            attempt: self.id.attempt,
            end: self.ended.map_or("done", Condition::name),
            at_ms: self.from.saturating_sub(t0).as_millis() as u64,
            planned_ms: setup.speed.scale(self.planned_ms).as_millis() as u64,
            elapsed_ms: self.to.saturating_sub(self.from).as_millis() as u64,
        }
    }
}

impl Pass {
    pub(super) fn of(layer: &Layer) -> Pass {
        Pass {
            panel: format!("{:?}", layer.panel),
            face: match layer.face {
                Face::Front => "front",
                Face::Back => "back",
            },
            burned_rows: layer.burned,
            rows: layer.shape.rows(),
            digest: hex::encode(sha256(&layer.rows).0),
        }
    }
}
