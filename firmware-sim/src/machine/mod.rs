//! The printer's mechanics, supplies, counters and scanner. Plain state: time is a parameter, and
//! what the world around must do (store, couple, write down) comes out as effects, in order.

mod appearance;
mod card;
mod geometry;
mod harm;
mod heat;
mod interior;
mod legal;
mod motion;
mod nonvolatile;
mod panels;
mod person;
mod program;
mod run;
mod scanner;
mod senses;
mod service;
mod steer;
mod story;
mod strike;
mod times;

#[cfg(test)]
mod tests;

pub use appearance::{Ground, Look, face as look_of};
pub use card::{Blank, Card, Fate, Layer, Place, Spot};
pub use interior::{Interior, Roll, Stuck};
pub use nonvolatile::Nonvolatile;
pub use person::{Load, Person};
pub use service::Service;
pub use steer::{Injected, Shown};
pub use story::{Story, Truth};
pub use times::{Speed, Times};

use crate::fault::Dice;
use crate::scenario::Scenario;
use heat::Heat;
use std::collections::VecDeque;
use std::time::Duration;
use wire::message::Happening;
use wire::raster::{Assembly, Digest};
use wire::service::Tell;
use wire::{Condition, Motion, MotionId, MotionResult, Panel};

/// How long the mains stay away in a power cut, unscaled.
const OUTAGE_MS: u32 = 3_000;

/// What the machine is built with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Times of the mechanics.
    pub times: Times,
    /// How much faster they run.
    pub speed: Speed,
    /// Faults to come.
    pub scenario: Scenario,
    /// Every phase takes up to so many percent longer or shorter, by chance.
    pub jitter_percent: f64,
    /// The seed of that chance.
    pub seed: u64,
    /// The machine stood without power for long: its heater is as cold as the room.
    pub cold: bool,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup {
            times: Times::default(),
            speed: Speed::REAL,
            scenario: Scenario::default(),
            jitter_percent: 0.0,
            seed: 0,
            cold: false,
        }
    }
}

/// What the world around must do, in order and before the machine is asked again.
#[derive(Debug)]
pub enum Effect {
    /// Store this, whole, before anything that follows.
    Keep(Box<Nonvolatile>),
    /// The blank left the hopper.
    Picked(Blank),
    /// The blank's chip came into the field of this antenna.
    Couple(Spot, Blank),
    /// It left the field.
    Uncouple(Spot),
    /// The blank beneath it left the hopper with it.
    PickedBeneath(Blank),
    /// The card inside moved or was changed.
    CardChanged,
    /// Rolls, tray, cover or what sticks changed.
    InteriorChanged,
    /// A motion ended.
    Ended(MotionId, Box<MotionResult>),
    /// Something that nobody asked for.
    Happened(Happening),
    /// Something for a technician.
    Told(Tell),
    /// A card left the machine.
    Left(Box<Departed>),
    /// The blank beneath it left with it.
    LeftBeneath(Box<Departed>),
    /// Mains power is gone: memory that is not non-volatile is lost.
    PowerLost,
    /// Power is back.
    PowerOn,
}

/// A card that left the machine, and all that happened to it.
#[derive(Debug)]
pub struct Departed {
    /// The card as it is.
    pub card: Card,
    /// What happened.
    pub truth: Truth,
}

/// The machine.
pub struct Machine {
    setup: Setup,
    kept: Nonvolatile,
    hopper: VecDeque<Blank>,
    interior: Interior,
    card: Option<Card>,
    story: Story,
    picked: u32,
    previous: Vec<Layer>,
    power: Power,
    /// When the machine was looked at last.
    seen: Duration,
    /// How long the mains stay away when they go next, unscaled.
    outage_ms: u32,
    head: Heat,
    heater: Heat,
    jitter: Dice,
    ram: Ram,
    effects: Vec<Effect>,
}

#[derive(Debug, Clone, Copy)]
enum Power {
    On { since: Duration },
    Off { until: Duration },
}

/// What a power cut loses.
#[derive(Default)]
struct Ram {
    assembly: Option<Assembly>,
    underway: Option<Underway>,
    order: Option<service::Ordered>,
    /// Seconds under power before this boot.
    powered_before: u64,
    results: Vec<(MotionId, MotionResult)>,
    /// The scanner's white strip was clean when it saw the card at hand.
    scanned: Option<bool>,
    /// Conditions that were told to have begun.
    raised: Vec<Condition>,
    /// Power went without a word before this boot, and nothing was done since.
    improper: bool,
}

/// A motion that moves.
struct Underway {
    id: MotionId,
    motion: Motion,
    started: Duration,
    beats: VecDeque<program::Beat>,
    planned_ms: u32,
    total_ms: u32,
    /// The firmware said already that it is done.
    told: bool,
}

impl Machine {
    /// A machine whose power comes on now, with what was kept from before and all else as new.
    pub fn new(
        setup: Setup,
        kept: Nonvolatile,
        hopper: Vec<Blank>,
        card: Option<Card>,
        now: Duration,
    ) -> Machine {
        let interior = Interior::of(&kept);
        Machine::resumed(setup, (kept, interior), hopper, card, now)
    }

    /// A machine whose power comes on now, as it stood there: what it kept, and what is in it.
    pub fn resumed(
        setup: Setup,
        (kept, interior): (Nonvolatile, Interior),
        hopper: Vec<Blank>,
        card: Option<Card>,
        now: Duration,
    ) -> Machine {
        let mut machine = Machine {
            kept,
            hopper: hopper.into(),
            interior,
            picked: u32::from(card.is_some()),
            card,
            story: Story::default(),
            previous: Vec::new(),
            power: Power::Off { until: now },
            seen: now,
            outage_ms: OUTAGE_MS,
            head: Heat::head(setup.speed, now),
            heater: Heat::heater(setup.speed, now, setup.cold),
            jitter: Dice::new(setup.seed),
            ram: Ram::default(),
            effects: Vec::new(),
            setup,
        };
        machine.power_on(now);
        machine.reload_as_wished();
        machine
    }

    /// The effects since this was asked last.
    #[must_use = "effects are the machine's only way to store and to tell"]
    pub fn effects(&mut self) -> Vec<Effect> {
        self.write_raised();
        std::mem::take(&mut self.effects)
    }

    /// Boot id: times that power came on.
    pub fn boot(&self) -> u32 {
        self.kept.counters.power_ons
    }

    /// Whether there is power.
    pub fn is_on(&self) -> bool {
        matches!(self.power, Power::On { .. })
    }

    /// Milliseconds since power came on.
    pub fn clock_ms(&self, now: Duration) -> u64 {
        match self.power {
            Power::On { since } => now.saturating_sub(since).as_millis() as u64,
            Power::Off { .. } => 0,
        }
    }

    /// What is kept over a power cut.
    pub fn kept(&self) -> &Nonvolatile {
        &self.kept
    }

    /// The card in the machine.
    pub fn card(&self) -> Option<&Card> {
        self.card.as_ref()
    }

    /// What is really in it beside the card.
    pub fn interior(&self) -> &Interior {
        &self.interior
    }

    /// The ordinal of the card at hand, or of the next one when none is inside: what faults are
    /// counted by.
    pub fn ordinal(&self) -> u32 {
        self.picked + u32::from(self.card.is_none())
    }

    /// The ordinal of the card that comes next out of the hopper.
    pub fn next_ordinal(&self) -> u32 {
        self.picked + 1
    }

    /// Blanks as they now lie in the hopper.
    pub fn fill_hopper(&mut self, blanks: Vec<Blank>) {
        self.hopper = blanks.into();
    }

    /// Adds air time that a chip spent at an antenna: part of the card's critical path.
    pub fn chip_spent(&mut self, spot: Spot, air: Duration) {
        self.story.chip_spent(spot, air);
    }

    fn keep(&mut self) {
        self.effects.push(Effect::Keep(Box::new(self.kept.clone())));
    }
}

/// Digest of a panel's packed rows.
fn sha256(rows: &[u8]) -> Digest {
    let digest = ring::digest::digest(&ring::digest::SHA256, rows);
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    Digest(bytes)
}

/// The panel's rows of this card, if they are whole and verified.
fn verified(ram: &Ram, panel: Panel) -> Option<Layer> {
    let (entry, rows) = ram.assembly.as_ref()?.panel(panel)?;
    let face = legal::face_of(panel);
    let (shape, burned) = (entry.shape, entry.shape.rows());
    Some(Layer {
        panel,
        face,
        shape,
        rows: std::sync::Arc::new(rows.to_vec()),
        burned,
    })
}
