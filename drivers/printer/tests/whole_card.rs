//! The true driver and the simulated printer, each whole, on a line that loses, flips, inserts,
//! repeats, reorders, cuts and floods: one card from the hopper into a hand, in virtual time.
//! What the printer truly burned is what was sent, and nothing moved twice.

#[path = "whole_card/technician.rs"]
mod technician;

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use firmware_sim::machine::{
    Blank, Departed, Effect, Machine, Nonvolatile, Person, Setup, Speed, Times,
};
use firmware_sim::scenario::Scenario;
use firmware_sim::session::Session as Firmware;
use printer::session::{Ask, Cause, Reply, Session as Driver, Ticket};
use printer::{Encoded, Error, PanelRaster};
use wire::{Motion, MotionId, MotionResult, Panel};

const BAUD: u32 = 921_600;
/// Faster mechanics, so that the line is what is waited for.
const SPEED: f64 = 4.0;
/// Frames that either side may have waiting; a talk that needs more is flooding.
const MOST_WAITING: usize = 300;

/// What a line does to one frame in so many.
#[derive(Clone, Copy)]
struct Badness {
    one_in: u64,
    seed: u64,
}

/// One direction of the line: paced to the baud, and as bad as it is.
struct Way {
    chance: u64,
    one_in: u64,
    free_at: Duration,
    arriving: VecDeque<(Duration, Vec<u8>)>,
    kept_back: Option<Vec<u8>>,
}

impl Way {
    fn new(badness: Badness, salt: u64) -> Way {
        Way {
            chance: (badness.seed ^ salt).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            one_in: badness.one_in,
            free_at: Duration::ZERO,
            arriving: VecDeque::new(),
            kept_back: None,
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        (self.chance % bound.max(1) as u64) as usize
    }

    fn carry(&mut self, frame: &[u8], now: Duration) {
        let bits = frame.len() as u32 * 10;
        self.free_at = now.max(self.free_at) + Duration::from_secs(1) * bits / BAUD;
        let at = self.free_at;
        for bytes in self.spoil(frame) {
            self.arriving.push_back((at, bytes));
        }
    }

    fn spoil(&mut self, frame: &[u8]) -> Vec<Vec<u8>> {
        let mut came = vec![frame.to_vec()];
        let at = self.below(frame.len());
        let kinds = 8;
        match self.below(self.one_in as usize * kinds) {
            0 => came.clear(),
            1 => came.push(frame.to_vec()),
            2 => came[0][at] ^= 1 << self.below(8),
            3 => came[0].insert(at, self.below(256) as u8),
            4 => came[0].truncate(at),
            5 => self.kept_back = came.pop(),
            6 => came[0].splice(at..at, vec![0; 3]).for_each(drop),
            7 => came.push((0..4000).map(|_| self.below(256) as u8).collect()),
            // Comes after what was said after it.
            _ => came.extend(self.kept_back.take()),
        }
        came
    }

    fn arrived(&mut self, now: Duration) -> Vec<u8> {
        let mut bytes = Vec::new();
        while self.arriving.front().is_some_and(|(at, _)| *at <= now) {
            bytes.extend(
                self.arriving
                    .pop_front()
                    .map(|(_, part)| part)
                    .unwrap_or_default(),
            );
        }
        bytes
    }
}

struct World {
    driver: Driver,
    firmware: Firmware,
    now: Duration,
    out: Way,
    back: Way,
    /// No line at all.
    cut: bool,
    left: Vec<Departed>,
    ended: Vec<MotionId>,
    /// Names of the technicians' orders that it took.
    orders: BTreeSet<u32>,
}

impl World {
    fn new(badness: Badness) -> World {
        let setup = Setup {
            times: Times::default(),
            speed: Speed::new(SPEED).unwrap(),
            scenario: Scenario::default(),
            ..Setup::default()
        };
        let blank = |place: u32| Blank {
            place,
            serial: format!("{place:02}"),
        };
        let hopper = (1..4).map(blank).collect();
        let machine = Machine::new(setup, Nonvolatile::factory(), hopper, None, Duration::ZERO);
        let mut world = World {
            driver: Driver::new(BAUD, 99, Duration::ZERO),
            firmware: Firmware::new(machine, "W".to_owned()),
            now: Duration::ZERO,
            out: Way::new(badness, 0x0D),
            back: Way::new(badness, 0xF0),
            cut: false,
            left: Vec::new(),
            ended: Vec::new(),
            orders: BTreeSet::new(),
        };
        // A cold machine first warms up.
        world.run(Duration::from_secs(60));
        let hello = world.ask(Ask::Hello);
        assert!(matches!(hello, Ok(Reply::Hello(_))), "{hello:?}");
        world
    }

    /// Both sides do what is due; then time goes on to whatever happens next.
    fn step(&mut self) {
        self.driver.tick(self.now);
        let mut waiting = 0;
        while self.out.free_at <= self.now {
            let Some(frame) = self.driver.next_frame(self.now) else {
                break;
            };
            match self.cut {
                true => waiting += 1,
                false => self.out.carry(&frame, self.now),
            }
            assert!(
                waiting < MOST_WAITING,
                "the driver floods a line that is not there"
            );
        }
        let heard = self.out.arrived(self.now);
        self.firmware.receive(&heard, self.now);
        self.firmware.poll(self.now);
        self.settle();
        while self.back.free_at <= self.now {
            let Some(frame) = self.firmware.send() else {
                break;
            };
            if !self.cut {
                self.back.carry(&frame, self.now);
            }
        }
        assert!(self.back.arriving.len() < MOST_WAITING && self.out.arriving.len() < MOST_WAITING);
        let heard = self.back.arrived(self.now);
        self.driver.receive(&heard, self.now);
        let due = [
            Some(self.driver.wake_at().max(self.out.free_at)),
            self.firmware.next_at(),
            self.out.arriving.front().map(|(at, _)| *at),
            self.back.arriving.front().map(|(at, _)| *at),
            Some(self.back.free_at).filter(|at| *at > self.now),
        ];
        let next = due.into_iter().flatten().min().unwrap_or_default();
        let soonest = self.now + Duration::from_micros(200);
        self.now = next.clamp(soonest, self.now + Duration::from_millis(20));
    }

    fn settle(&mut self) {
        for effect in self.firmware.effects() {
            if let Effect::Keep(kept) = &effect {
                self.orders
                    .extend(kept.service.last().map(|last| last.tag()));
            }
            if let Effect::Ended(id, _) = &effect {
                self.ended.push(*id);
            }
            if let Effect::Left(departed) = effect {
                self.left.push(*departed);
            }
        }
    }

    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.step();
        }
    }

    fn outcome(&mut self, ticket: Ticket) -> Result<Reply, Error> {
        let end = self.now + Duration::from_secs(400);
        while self.now < end {
            while let Some((of, outcome)) = self.driver.outcome() {
                if of == ticket {
                    return outcome;
                }
            }
            self.step();
        }
        panic!("no outcome in 400 s of the line");
    }

    fn ask(&mut self, ask: Ask) -> Result<Reply, Error> {
        let ticket = self.driver.ask(ask, self.now);
        self.outcome(ticket)
    }

    /// A motion to its end. As the station does: what was given up is asked again under its
    /// own name, which moves nothing twice.
    fn perform(&mut self, step: u8, motion: Motion) {
        let id = MotionId {
            card: 1,
            step,
            attempt: 0,
        };
        for _ in 0..8 {
            let sequence = u64::from(step);
            let ask = Ask::Motion {
                id,
                motion,
                sequence,
            };
            let ticket = self.driver.ask(ask, self.now);
            let ended = match self.outcome(ticket) {
                Ok(Reply::Accepted) => {
                    if motion == Motion::Release && self.left.is_empty() {
                        // A hand takes the card as soon as it may.
                        self.run(Duration::from_secs(1));
                        self.firmware.act(Person::RemoveCard, self.now);
                    }
                    self.outcome(ticket)
                }
                other => other,
            };
            match ended {
                Ok(Reply::Ended(MotionResult::Done { .. })) => return,
                Err(Error::Silent { .. } | Error::Garbled { .. }) => {}
                other => panic!("{motion:?}: {other:?}"),
            }
        }
        panic!("{motion:?} never came through");
    }

    fn load(&mut self, panels: &[PanelRaster]) {
        let encoded = || {
            panels
                .iter()
                .map(|panel| Encoded::of(panel).unwrap())
                .collect()
        };
        for _ in 0..8 {
            let panels = encoded();
            match self.ask(Ask::Load { card: 1, panels }) {
                Ok(Reply::Loaded) => return,
                Err(Error::Silent { .. } | Error::Garbled { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        panic!("the manifest never came through");
    }
}

/// Every motion of a card, the first face back.
const CARD: [Motion; 13] = [
    Motion::Feed,
    Motion::Pass(Panel::BackK),
    Motion::Flip,
    Motion::Pass(Panel::Y),
    Motion::Pass(Panel::M),
    Motion::Pass(Panel::C),
    Motion::Pass(Panel::K),
    Motion::Pass(Panel::Uv),
    Motion::Pass(Panel::Pearl),
    Motion::Hologram,
    Motion::Check,
    Motion::Eject,
    Motion::Release,
];

fn panels(seed: u64) -> Vec<PanelRaster> {
    let panel = |panel: Panel| {
        let (rows, dots, bits) = (1016u16, 648u16, panel.bits());
        let row = usize::from(dots) * usize::from(bits) / 8;
        let mut noise = seed | 1;
        let dot = |at: usize| {
            noise = noise
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let (y, x) = (at / row, at % row);
            match bits {
                // A portrait with grain on plain ground.
                8 if y > 700 && (100..500).contains(&x) => {
                    (x / 3 + y / 7) as u8 ^ (noise >> 61) as u8
                }
                8 => 0,
                _ if y % 40 < 24 && x % 9 < 5 => ((y * 7) ^ (x * 13)) as u8 & 0x7E,
                _ => 0,
            }
        };
        PanelRaster {
            panel,
            rows,
            dots,
            bits,
            packed: (0..row * usize::from(rows)).map(dot).collect(),
        }
    };
    Panel::ALL.map(panel).to_vec()
}

/// Makes one card; `trouble` may do something to the line before each motion.
fn make_card(badness: Badness, mut trouble: impl FnMut(&mut World, usize)) -> World {
    let mut world = World::new(badness);
    let panels = panels(badness.seed);
    world.load(&panels);
    for (step, motion) in CARD.into_iter().enumerate() {
        trouble(&mut world, step);
        world.perform(step as u8 + 1, motion);
        if motion == Motion::Check {
            let scan = world.ask(Ask::Scan { photo: None });
            let Ok(Reply::Scan(scan)) = scan else {
                panic!("{scan:?}")
            };
            assert!(scan.front_ir.iter().any(|byte| *byte != 0), "K ink is seen");
        }
    }
    assert!(matches!(
        world.ask(Ask::Erase { card: 1 }),
        Ok(Reply::Erased)
    ));
    assert_made_once(&world, &panels);
    world
}

fn assert_made_once(world: &World, panels: &[PanelRaster]) {
    let counters = world.firmware.machine().kept().counters;
    assert_eq!((counters.fed, counters.ejected, counters.taken), (1, 1, 1));
    assert_eq!(
        (counters.flips, counters.rejected, counters.lost),
        (1, 0, 0)
    );
    assert_eq!(counters.begun, [1; 7]);
    assert_eq!(counters.completed, [1; 7]);
    assert_eq!((counters.patches_begun, counters.patches_completed), (1, 1));
    let mut ended = world.ended.clone();
    ended.sort_by_key(|id| id.step);
    ended.dedup();
    assert_eq!(ended.len(), CARD.len(), "each motion ended");
    // A request that came twice is told its end twice; that nothing moved twice, the counters say.
    let [departed] = &world.left[..] else {
        panic!("{} cards left", world.left.len())
    };
    assert_eq!(departed.card.layers.len(), panels.len());
    for layer in &departed.card.layers {
        let panel = panels
            .iter()
            .find(|panel| panel.panel == layer.panel)
            .unwrap();
        assert!(
            *layer.rows == panel.packed,
            "{:?} is another picture",
            layer.panel
        );
    }
}

#[test]
fn a_card_comes_through_whole_and_once_over_a_line_that_does_everything_wrong() {
    for seed in 1..5 {
        make_card(Badness { one_in: 6, seed }, |_, _| {});
    }
}

#[test]
fn a_card_survives_a_line_that_is_away_before_every_step() {
    let badness = Badness {
        one_in: 25,
        seed: 9,
    };
    make_card(badness, |world, step| {
        world.cut = true;
        world.run(Duration::from_millis(300 + 400 * step as u64));
        world.cut = false;
    });
}

#[test]
fn a_card_survives_a_port_that_vanishes_before_every_step() {
    let badness = Badness {
        one_in: 40,
        seed: 3,
    };
    make_card(badness, |world, step| {
        world.cut = true;
        world.driver.detach(Cause::default());
        world.run(Duration::from_millis(500 + 300 * step as u64));
        world.cut = false;
        // The finder has met it on its new line.
        let mut finder = Driver::new(BAUD, 5, world.now);
        std::mem::swap(&mut world.driver, &mut finder);
        let hello = world.ask(Ask::Hello);
        std::mem::swap(&mut world.driver, &mut finder);
        let Ok(Reply::Hello(hello)) = hello else {
            panic!("{hello:?}")
        };
        world.driver.attach(&hello, world.now);
    });
}
