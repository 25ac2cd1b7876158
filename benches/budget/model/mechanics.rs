//! How long the mechanics of one card take: the simulator's own machine, run through its own
//! motions in virtual time. Coarse panels, because no time depends on what is burned.

use firmware_sim::machine::{Blank, Effect, Machine, Nonvolatile, Setup};
use ring::digest::{SHA256, digest};
use std::time::Duration;
use wire::message::Manifest;
use wire::raster::{Digest, Entry, Shape, encode_band, fragments};
use wire::{Motion, MotionAnswer, MotionId, Panel};

use super::order::printing;

/// Rows and dots of the coarse panels.
const SIZE: (u16, u16) = (16, 10);
/// Between two motions the computer does its part; the head cools meanwhile.
const BETWEEN: Duration = Duration::from_millis(20);
/// The chip's time at the encoder.
const CHIP: Duration = Duration::from_millis(4_800);
/// A roll and a hopper full before the machine is filled again.
const CARDS: u32 = 200;

/// How long the motions of one card take.
#[derive(Clone, Debug)]
pub(crate) struct Mechanics {
    motions: Vec<(Motion, Duration)>,
    /// From the feed's begin to the chip in the encoder's field.
    pub(crate) couple: Duration,
}

impl Mechanics {
    pub(crate) fn of(&self, motion: Motion) -> Duration {
        let known = self.motions.iter().find(|(known, _)| *known == motion);
        known.map_or(Duration::ZERO, |(_, took)| *took)
    }
}

/// A machine that makes card after card.
pub(crate) struct Workshop {
    setup: Setup,
    machine: Machine,
    panels: Vec<(Entry, Vec<u8>)>,
    now: Duration,
    sequence: u64,
    card: u32,
    seen: Vec<Effect>,
}

impl Workshop {
    pub(crate) fn new(setup: Setup) -> Workshop {
        Workshop {
            machine: filled(&setup, Duration::ZERO),
            setup,
            panels: coarse(),
            now: Duration::ZERO,
            sequence: 0,
            card: 0,
            seen: Vec::new(),
        }
    }

    /// Makes one card, as soon as the one before was taken.
    pub(crate) fn card(&mut self) -> Mechanics {
        if self.card == CARDS {
            self.machine = filled(&self.setup, self.now);
            self.card = 0;
        }
        self.card += 1;
        self.load();
        let mut motions = Vec::with_capacity(13);
        let feed = self.perform(1, Motion::Feed);
        let couple = self.coupled().unwrap_or(feed.1);
        motions.push((Motion::Feed, feed.1));
        let seek = Motion::SeekRibbon(Panel::BackK);
        motions.push((seek, self.perform(2, seek).1));
        self.now += CHIP;
        let rest = printing().chain([Motion::Check, Motion::Eject]);
        for (step, motion) in (3..).zip(rest) {
            motions.push((motion, self.perform(step, motion).1));
        }
        self.perform(40, Motion::Release);
        Mechanics { motions, couple }
    }

    fn load(&mut self) {
        let (card, boot) = (self.card, self.machine.boot());
        let panels = self.panels.iter().map(|(entry, _)| *entry).collect();
        let manifest = Manifest { card, boot, panels };
        self.machine.manifest(&manifest, self.now).expect("taken");
        for (entry, rows) in &self.panels {
            for band in 0..entry.shape.bands() {
                let encoded = encode_band(&entry.shape, rows, band).expect("encodes");
                for fragment in fragments(entry.digest.key(), band, &encoded) {
                    self.machine.band(&fragment);
                }
            }
        }
    }

    /// One motion to its end: when it began, and how long it took.
    fn perform(&mut self, step: u8, motion: Motion) -> (Duration, Duration) {
        self.sequence += 1;
        self.seen.clear();
        let id = MotionId {
            card: self.card,
            step,
            attempt: 1,
        };
        let begun = self.now;
        let boot = self.machine.boot();
        let answer = self.machine.begin(id, motion, self.sequence, boot, begun);
        assert_eq!(answer, MotionAnswer::Accepted, "{motion:?}");
        while !self.ended(id) {
            let next = self.machine.next_at().expect("an accepted motion ends");
            self.now = next.max(self.now);
            self.machine.poll(self.now);
            self.seen.extend(self.machine.effects());
        }
        let took = self.now - begun;
        self.now += BETWEEN;
        (begun, took)
    }

    fn ended(&self, id: MotionId) -> bool {
        let ended = |effect: &Effect| matches!(effect, Effect::Ended(of, _) if *of == id);
        self.seen.iter().any(ended)
    }

    /// The feed couples the chip as early as its table says before it ends.
    fn coupled(&self) -> Option<Duration> {
        let couples = |effect: &Effect| matches!(effect, Effect::Couple(..));
        let coupled = self.seen.iter().any(couples);
        let early = Duration::from_millis(self.setup.times.couple_early_ms.into());
        let feed = Duration::from_millis(self.setup.times.feed_ms.into());
        coupled.then(|| feed.saturating_sub(early))
    }
}

fn filled(setup: &Setup, now: Duration) -> Machine {
    let blank = |place| Blank {
        place,
        serial: format!("{place:020X}"),
    };
    let hopper = (1..=CARDS).map(blank).collect();
    Machine::new(setup.clone(), Nonvolatile::factory(), hopper, None, now)
}

fn coarse() -> Vec<(Entry, Vec<u8>)> {
    let one = |panel: Panel| {
        let shape = Shape::new(SIZE.0, SIZE.1, panel.bits()).expect("a shape");
        // Each panel differs, or two would have one name.
        let rows = vec![panel.index() as u8 + 1; shape.bytes()];
        let mut sum = [0; 32];
        sum.copy_from_slice(digest(&SHA256, &rows).as_ref());
        let digest = Digest(sum);
        let entry = Entry {
            panel,
            shape,
            digest,
        };
        (entry, rows)
    };
    Panel::ALL.map(one).to_vec()
}
