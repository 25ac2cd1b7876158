//! The printer's mechanics, supplies, counters and scanner. Plain state: time is a parameter, and
//! what the world around must do (store, couple, write down) comes out as effects, in order.

mod appearance;
mod card;
mod geometry;
mod legal;
mod nonvolatile;
mod person;
mod program;
mod run;
mod scanner;
mod service;
mod story;
mod times;

#[cfg(test)]
mod tests;

pub use appearance::{Ground, Look, face as look_of};
pub use card::{Blank, Card, Fate, Layer, Place, Spot};
pub use nonvolatile::Nonvolatile;
pub use person::Person;
pub use service::Service;
pub use story::{Story, Truth};
pub use times::{Speed, Times};

use crate::scenario::Scenario;
use program::Program;
use std::collections::VecDeque;
use std::time::Duration;
use wire::message::{Happening, Manifest};
use wire::raster::{Assembly, Digest, Fragment, Taken};
use wire::service::Tell;
use wire::{
    BoxMm100, Condition, Motion, MotionAnswer, MotionId, MotionResult, Panel, Scan, Sensors,
    Survey, Zone,
};

/// Panel memory, bytes: a card at 600 dpi and a little more.
const MEMORY: usize = 12 * 1024 * 1024;
/// Encoded bytes that may be under way before the next report of what is here.
const WINDOW: u32 = 16 * 1024;
/// Cards that the reject tray holds.
const TRAY: u32 = 30;
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
    /// The card inside moved or was changed.
    CardChanged,
    /// A motion ended.
    Ended(MotionId, Box<MotionResult>),
    /// Something that nobody asked for.
    Happened(Happening),
    /// Something for a technician.
    Told(Tell),
    /// A card left the machine.
    Left(Box<Departed>),
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
    in_tray: u32,
    cover_open: bool,
    stuck: Option<Stuck>,
    card: Option<Card>,
    story: Story,
    picked: u32,
    previous: Vec<Layer>,
    power: Power,
    /// When the machine was looked at last.
    seen: Duration,
    ram: Ram,
    effects: Vec<Effect>,
}

/// A card that does not move.
#[derive(Debug, Clone, Copy)]
struct Stuck {
    zone: Zone,
    loosens: bool,
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
}

/// A motion that moves.
struct Underway {
    id: MotionId,
    motion: Motion,
    started: Duration,
    beats: VecDeque<program::Beat>,
    planned_ms: u32,
    total_ms: u32,
}

impl Machine {
    /// A machine whose power comes on now, with what was kept from before.
    pub fn new(
        setup: Setup,
        kept: Nonvolatile,
        hopper: Vec<Blank>,
        card: Option<Card>,
        now: Duration,
    ) -> Machine {
        let mut machine = Machine {
            setup,
            kept,
            hopper: hopper.into(),
            in_tray: 0,
            cover_open: false,
            stuck: None,
            picked: u32::from(card.is_some()),
            card,
            story: Story::default(),
            previous: Vec::new(),
            power: Power::Off { until: now },
            seen: now,
            ram: Ram::default(),
            effects: Vec::new(),
        };
        machine.power_on(now);
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

    /// Blanks as they now lie in the hopper.
    pub fn fill_hopper(&mut self, blanks: Vec<Blank>) {
        self.hopper = blanks.into();
    }

    /// Everything that can be seen now; notes the journal sequence if it is newer.
    pub fn survey(&mut self, sequence: Option<u64>, now: Duration) -> Survey {
        if let Some(sequence) = sequence
            && sequence > self.kept.newest_sequence
        {
            self.kept.newest_sequence = sequence;
            self.keep();
        }
        let mut supplies = self.kept.supplies;
        if let Some(blanks) = &mut supplies.blanks {
            blanks.remaining = self.hopper.len() as u32;
            blanks.capacity = blanks.capacity.max(blanks.remaining);
        }
        Survey {
            boot: self.boot(),
            clock_ms: self.clock_ms(now),
            sensors: self.sensors(),
            counters: self.kept.counters,
            supplies,
            last_motion: self.kept.last_motion(),
            underway: self.ram.underway.as_ref().map(|underway| underway.id),
            newest_sequence: self.kept.newest_sequence,
            face_up: self.kept.face_up(),
        }
    }

    fn sensors(&self) -> Sensors {
        let mut sensors = Sensors {
            hopper: !self.hopper.is_empty(),
            tray_full: self.in_tray >= TRAY,
            cover_open: self.cover_open,
            head_decidegrees: 415,
            patch_decidegrees: 1_320,
            ..Sensors::default()
        };
        if let Some(card) = &self.card {
            card.place.show(card.face_up, &mut sensors);
        }
        sensors
    }

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
        let ordinal = self.picked + u32::from(motion == Motion::Feed);
        let faults = match legal::refusal(self, motion) {
            Some(condition) => return MotionAnswer::Refused(condition),
            None => self.setup.scenario.strike(ordinal, motion),
        };
        if faults
            .iter()
            .any(|fault| fault.what == crate::scenario::What::HopperEmpty)
        {
            return MotionAnswer::Refused(Condition::HopperEmpty);
        }
        self.start(id, motion, &faults, now);
        MotionAnswer::Accepted
    }

    fn start(
        &mut self,
        id: MotionId,
        motion: Motion,
        faults: &[crate::scenario::Fault],
        now: Duration,
    ) {
        self.kept.spend(id);
        self.keep();
        let times = &self.setup.times;
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
        let mut program = Program::new(times, motion, from, sought);
        let planned_ms = program.total_ms;
        if let Some(stuck) = self.stuck
            && !stuck.loosens
        {
            program.cut(
                times.reject_ms / 2,
                &[program::Act::Fail(Condition::Jam(stuck.zone))],
            );
        }
        for fault in faults {
            program.strike(fault, motion, times);
            self.story.fault(fault.what, motion);
        }
        let Program { beats, total_ms } = program;
        let started = now;
        let beats = beats.into();
        self.ram.underway = Some(Underway {
            id,
            motion,
            started,
            beats,
            planned_ms,
            total_ms,
        });
        self.poll(now);
    }

    fn repeat(&mut self, id: MotionId, now: Duration) -> MotionAnswer {
        if self
            .ram
            .underway
            .as_ref()
            .is_some_and(|underway| underway.id == id)
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

    /// Takes the names of a card's panels; the first of them starts the card's forty seconds.
    ///
    /// # Errors  `StaleBoot`; `Busy` in a motion; what the panels break. Nothing of it is kept.
    pub fn manifest(&mut self, manifest: &Manifest, now: Duration) -> Result<(), Condition> {
        if manifest.boot != self.boot() {
            return Err(Condition::StaleBoot);
        }
        let known = self.ram.assembly.as_ref();
        if known.is_some_and(|known| known.is_of(manifest.card, &manifest.panels)) {
            return Ok(());
        }
        if self.ram.underway.is_some() || self.is_ordered() {
            return Err(Condition::Busy);
        }
        self.forget_panels();
        self.ram.assembly = Some(Assembly::new(
            manifest.card,
            &manifest.panels,
            MEMORY,
            WINDOW,
        )?);
        self.story.print_data(manifest, now);
        Ok(())
    }

    /// Takes a piece of raster.
    pub fn band(&mut self, fragment: &Fragment) -> Taken {
        match &mut self.ram.assembly {
            Some(assembly) => assembly.take(fragment, sha256),
            None => Taken::Ignored,
        }
    }

    /// What is in panel memory.
    pub fn assembly(&self) -> Option<&Assembly> {
        self.ram.assembly.as_ref()
    }

    /// Erases a card's panels and scan.
    ///
    /// # Errors  `Busy` while that card's motion moves.
    pub fn erase(&mut self, card: u32) -> Result<(), Condition> {
        if self
            .ram
            .underway
            .as_ref()
            .is_some_and(|underway| underway.id.card == card)
        {
            return Err(Condition::Busy);
        }
        if self
            .ram
            .assembly
            .as_ref()
            .is_some_and(|assembly| assembly.card() == card)
        {
            self.forget_panels();
        }
        Ok(())
    }

    fn forget_panels(&mut self) {
        if let Some(mut assembly) = self.ram.assembly.take() {
            assembly.erase();
        }
    }

    /// What the line scanner saw of the card in the check station. `None`: not yet, ask again.
    ///
    /// # Errors  `ScanAbsent` when no card was scanned; `ScannerDirty`; `BadParameter` for a box
    /// that does not lie on the card.
    pub fn scan(&self, photo: Option<BoxMm100>) -> Option<Result<Scan, Condition>> {
        let checking = self
            .ram
            .underway
            .as_ref()
            .is_some_and(|underway| underway.motion == Motion::Check);
        let card = self.card.as_ref().filter(|card| card.place == Place::Check);
        match (card, self.ram.scanned) {
            (Some(card), Some(true)) => Some(scanner::scan(card, photo)),
            (Some(_), Some(false)) => Some(Err(Condition::ScannerDirty)),
            (Some(_), None) if checking => None,
            (Some(_) | None, None | Some(_)) => Some(Err(Condition::ScanAbsent)),
        }
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
