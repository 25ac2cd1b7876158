//! Steering a running machine from outside the wire: faults put in and taken out, mains pulled,
//! and the whole truth shown. No part of the firmware.

use super::{Card, Interior, Machine};
use crate::fault::{Fault, Harm, Kind, Step, What};
use serde::Serialize;
use std::time::Duration;
use wire::Motion;

/// What became of a fault that was put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Injected {
    /// It strikes the motion that is moving now.
    Strikes,
    /// It took effect at once: what is loaded has changed.
    Done,
    /// It waits for its card and step.
    Stored,
}

/// The truth at one instant.
#[derive(Debug, Clone, Serialize)]
pub struct Shown<'a> {
    on: bool,
    boot: u32,
    clock_ms: u64,
    /// The ordinal by which faults are counted: of the card at hand or the next.
    ordinal: u32,
    card: Option<ShownCard<'a>>,
    /// The motion that really moves, and how far it is.
    moving: Option<Moving>,
    hopper: usize,
    interior: &'a Interior,
    head_decidegrees: i16,
    heater_decidegrees: i16,
    /// What the firmware shows: may be lies.
    firmware: Firmware,
    faults: Vec<crate::fault::Stored>,
}

#[derive(Debug, Clone, Serialize)]
struct ShownCard<'a> {
    serial: &'a str,
    count: u32,
    place: super::Place,
    face_up: &'static str,
    passes: Vec<super::story::Pass>,
    patch: bool,
    askew_patch: bool,
    chip_dead: bool,
    beneath: Option<&'a str>,
}

#[derive(Debug, Clone, Serialize)]
struct Moving {
    step: &'static str,
    elapsed_ms: u64,
    total_ms: u64,
}

#[derive(Debug, Clone, Serialize)]
struct Firmware {
    sensors: serde_json::Value,
    conditions: Vec<&'static str>,
    kept: serde_json::Value,
}

impl Machine {
    /// Puts a fault in. Without a step of its own it strikes the motion at hand if it can.
    ///
    /// # Errors  The name of the fault in store that it excludes.
    pub fn inject(
        &mut self,
        fault: Fault,
        at_once: bool,
        now: Duration,
    ) -> Result<Injected, &'static str> {
        self.poll(now);
        let done = if self.strikes_now(&fault, at_once) {
            self.strike_now(&fault, now);
            Injected::Strikes
        } else if at_once && is_heat(fault.what.row().kind) {
            self.heat(&[fault], now);
            Injected::Done
        } else {
            let changes = matches!(fault.what.row().kind, Kind::Supplies(_));
            self.setup.scenario.add(fault)?;
            self.reload_as_wished();
            if changes {
                Injected::Done
            } else {
                Injected::Stored
            }
        };
        self.poll(now);
        Ok(done)
    }

    /// Whether the motion at hand is one that the fault can still strike.
    fn strikes_now(&self, fault: &Fault, at_once: bool) -> bool {
        let Some(motion) = self.moving() else {
            return false;
        };
        let row = fault.what.row();
        let step = Step::of(motion);
        let steps: &[Step] = if at_once { row.steps } else { &fault.steps };
        fault.card == self.ordinal() && steps.contains(&step) && begins_late(row.kind)
    }

    /// The step that moves now.
    pub fn step_now(&self) -> Option<Step> {
        self.moving().map(Step::of)
    }

    fn moving(&self) -> Option<Motion> {
        let underway = self.ram.underway.as_ref()?;
        (!underway.told).then_some(underway.motion)
    }

    fn strike_now(&mut self, fault: &Fault, now: Duration) {
        let Some(mut underway) = self.ram.underway.take() else {
            return;
        };
        let passed = now.saturating_sub(underway.started).as_secs_f64();
        let elapsed_ms = (passed * self.setup.speed.factor() * 1_000.0) as u32;
        let mut program = super::program::Program {
            beats: std::mem::take(&mut underway.beats).into(),
            total_ms: underway.total_ms,
        };
        let step = Step::of(underway.motion);
        program.strike(fault, step, &self.setup.times, elapsed_ms);
        underway.beats = program.beats.into();
        underway.total_ms = program.total_ms;
        self.ram.underway = Some(underway);
        self.story.fault(fault.what, step);
    }

    /// Takes faults out of store; says how many.
    pub fn clear(&mut self, what: Option<What>, now: Duration) -> usize {
        let cleared = self.setup.scenario.clear(what);
        self.poll(now);
        cleared
    }

    /// Pulls the mains now; they stay away for so many unscaled milliseconds.
    pub fn pull_mains(&mut self, outage_ms: Option<u32>, now: Duration) {
        self.poll(now);
        if self.is_on() {
            self.outage_ms = outage_ms.unwrap_or(super::OUTAGE_MS);
            self.power_cut(now);
        }
    }

    /// The truth, and beside it what the firmware would say.
    pub fn show(&self, now: Duration) -> Shown<'_> {
        let moving = self.ram.underway.as_ref().map(|underway| Moving {
            step: Step::of(underway.motion).name(),
            elapsed_ms: now.saturating_sub(underway.started).as_millis() as u64,
            total_ms: self.setup.speed.scale(underway.total_ms).as_millis() as u64,
        });
        Shown {
            on: self.is_on(),
            boot: self.boot(),
            clock_ms: self.clock_ms(now),
            ordinal: self.ordinal(),
            card: self.card.as_ref().map(ShownCard::of),
            moving,
            hopper: self.hopper.len(),
            interior: &self.interior,
            head_decidegrees: self.head.decidegrees(now),
            heater_decidegrees: self.heater.decidegrees(now),
            firmware: self.firmware(now),
            faults: self
                .setup
                .scenario
                .faults()
                .iter()
                .map(Fault::stored)
                .collect(),
        }
    }

    fn firmware(&self, now: Duration) -> Firmware {
        let sensors = self.sensors(now);
        let conditions = self.conditions(now);
        Firmware {
            sensors: serde_json::json!({
                "hopper": sensors.hopper,
                "feeder": sensors.feeder,
                "encoder": sensors.encoder,
                "head_in": sensors.head_in,
                "head_out": sensors.head_out,
                "flipper": format!("{:?}", sensors.flipper),
                "hologram": sensors.hologram,
                "check": sensors.check,
                "exit": sensors.exit,
                "tray_full": sensors.tray_full,
                "cover_open": sensors.cover_open,
            }),
            conditions: conditions
                .iter()
                .map(|condition| condition.name())
                .collect(),
            kept: serde_json::to_value(&self.kept).unwrap_or_default(),
        }
    }
}

fn is_heat(kind: Kind) -> bool {
    matches!(kind, Kind::HeatsHead(_) | Kind::CoolsHeater(_))
}

/// Whether a fault of this kind can come into a motion that already moves.
fn begins_late(kind: Kind) -> bool {
    match kind {
        // These need the motion's begin.
        Kind::Ends(_, Harm::NotPicked | Harm::TwoPicked | Harm::SearchFails) => false,
        Kind::Ends(..) | Kind::EndsAsTold | Kind::Jams(_) | Kind::CutsPower => true,
        Kind::Lies(_) | Kind::KillsChip => true,
        Kind::Refuses(_)
        | Kind::RefusesAsTold
        | Kind::Supplies(_)
        | Kind::HeatsHead(_)
        | Kind::CoolsHeater(_)
        | Kind::Shows(_) => false,
    }
}

impl ShownCard<'_> {
    fn of(card: &Card) -> ShownCard<'_> {
        let layers = card.layers.iter();
        ShownCard {
            serial: &card.blank.serial,
            count: card.count,
            place: card.place,
            face_up: match card.face_up {
                wire::Face::Front => "front",
                wire::Face::Back => "back",
            },
            passes: layers.map(super::story::Pass::of).collect(),
            patch: card.patch,
            askew_patch: card.askew,
            chip_dead: card.dead,
            beneath: card.beneath.as_ref().map(|blank| blank.serial.as_str()),
        }
    }
}
