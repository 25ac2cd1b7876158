//! The session against a small printer over lines that lose, damage and repeat;
//! time is virtual and every run has its seed.

mod peer;
mod raster;
mod service;
mod stranger;

use std::time::Duration;

use wire::message::{Happening, HostMessage};
use wire::{BoxMm100, Condition, Motion, MotionId, MotionResult, Panel};

use super::*;
use crate::error::Asked;
use crate::panel::PanelRaster;
use peer::{Peer, specimen_scan};

const BAUD: u32 = 921_600;
const MS: Duration = Duration::from_millis(1);

/// Small, seeded, good enough to damage frames with.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    /// What a bad line makes of a frame: each kind of damage once in `one_in`.
    fn damage(&mut self, frame: Vec<u8>, one_in: u64) -> Vec<Vec<u8>> {
        let at = self.below(frame.len() as u64) as usize;
        let mut bent = frame.clone();
        match self.below(one_in * 5) {
            0 => return vec![],
            1 => return vec![frame.clone(), frame],
            2 => bent[at] ^= 1 << self.below(8),
            3 => bent.insert(at, self.below(256) as u8),
            4 => bent.truncate(at),
            _ => {}
        }
        vec![bent]
    }
}

struct Rig {
    session: Session,
    peer: Peer,
    now: Duration,
    chance: Chance,
    one_in: u64,
    cut: bool,
    swallow: fn(&PrinterMessage) -> bool,
    bulk_frames: u64,
}

impl Rig {
    fn new(seed: u64, one_in: u64) -> Rig {
        let mut rig = Rig {
            session: Session::new(BAUD, 77, Duration::ZERO),
            peer: Peer::new(),
            now: Duration::ZERO,
            chance: Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            one_in,
            cut: false,
            swallow: |_| false,
            bulk_frames: 0,
        };
        let outcome = rig.ask(Ask::Hello);
        assert!(
            matches!(outcome, Ok(Reply::Hello(_))),
            "seed {seed}: {outcome:?}"
        );
        rig
    }

    fn step(&mut self) {
        self.now += MS;
        self.session.tick(self.now);
        while let Some(frame) = self.session.next_frame(self.now) {
            self.bulk_frames += u64::from(frame.len() > 700);
            for bytes in self.chance.damage(frame.to_vec(), self.one_in) {
                if !self.cut {
                    self.peer.receive(&bytes, self.now);
                }
            }
        }
        self.peer.tick(self.now);
        for message in self.peer.said() {
            let swallowed = self.cut || (self.swallow)(&message);
            for bytes in self.chance.damage(message.encode(), self.one_in) {
                if !swallowed {
                    self.session.receive(&bytes, self.now);
                }
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
        for _ in 0..400_000 {
            while let Some((of, outcome)) = self.session.outcome() {
                if of == ticket {
                    return outcome;
                }
            }
            self.step();
        }
        panic!("no outcome in 400 virtual seconds");
    }

    fn ask(&mut self, ask: Ask) -> Result<Reply, Error> {
        let ticket = self.session.ask(ask, self.now);
        self.outcome(ticket)
    }

    fn perform(&mut self, step: u8, motion: Motion) -> Result<MotionResult, Error> {
        let id = MotionId {
            card: 1,
            step,
            attempt: 0,
        };
        let ticket = self.session.ask(
            Ask::Motion {
                id,
                motion,
                sequence: 5,
            },
            self.now,
        );
        let accepted = self.outcome(ticket)?;
        assert!(matches!(accepted, Reply::Accepted), "{accepted:?}");
        let Reply::Ended(result) = self.outcome(ticket)? else {
            panic!("ended otherwise")
        };
        Ok(result)
    }

    fn load(&mut self, panels: &[PanelRaster]) -> Result<Reply, Error> {
        let panels = panels
            .iter()
            .map(|panel| Encoded::of(panel).unwrap())
            .collect();
        self.ask(Ask::Load { card: 1, panels })
    }

    fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.session.event()).collect()
    }
}

#[test]
fn a_motion_moves_once_however_bad_the_line() {
    for seed in 0..150 {
        let mut rig = Rig::new(seed, 4);
        for step in 0..4 {
            let motion = [Motion::Feed, Motion::Flip, Motion::Hologram, Motion::Eject][step];
            let result = rig.perform(step as u8, motion);
            assert!(
                matches!(result, Ok(MotionResult::Done { .. })),
                "seed {seed}: {result:?}"
            );
        }
        assert_eq!(rig.peer.moved.len(), 4, "seed {seed}");
    }
}

#[test]
fn a_refusal_moves_nothing() {
    let mut rig = Rig::new(5, 8);
    rig.peer.refuse = Some(Condition::HopperEmpty);
    let result = rig.perform(1, Motion::Feed);
    assert!(
        matches!(result, Err(Error::Refused(Condition::HopperEmpty))),
        "{result:?}"
    );
    assert!(rig.peer.moved.is_empty());
}

#[test]
fn a_power_loss_in_a_motion_is_told_and_a_survey_opens_the_way_again() {
    let mut rig = Rig::new(6, u64::MAX / 8);
    let id = MotionId {
        card: 1,
        step: 1,
        attempt: 0,
    };
    let ticket = rig.session.ask(
        Ask::Motion {
            id,
            motion: Motion::Feed,
            sequence: 5,
        },
        rig.now,
    );
    assert!(matches!(rig.outcome(ticket), Ok(Reply::Accepted)));
    rig.peer.lose_power();
    assert!(matches!(rig.outcome(ticket), Err(Error::StaleBoot)));
    assert_eq!(rig.events(), [Event::Rebooted { boot: 8 }]);
    assert!(matches!(
        rig.perform(2, Motion::Feed),
        Err(Error::StaleBoot)
    ));
    assert_eq!(rig.peer.moved.len(), 1);
    assert!(matches!(rig.ask(Ask::Survey { sequence: 6 }), Ok(Reply::Survey(s)) if s.boot == 8));
    assert!(rig.perform(2, Motion::Feed).is_ok());
}

#[test]
fn a_power_loss_that_no_heartbeat_showed_is_refused_by_the_printer() {
    let mut rig = Rig::new(7, u64::MAX / 8);
    rig.swallow = |message| matches!(message, PrinterMessage::Heartbeat { .. });
    rig.peer.lose_power();
    assert!(matches!(
        rig.perform(1, Motion::Feed),
        Err(Error::StaleBoot)
    ));
    assert!(rig.peer.moved.is_empty());
}

#[test]
fn silence_in_a_motion_is_told_in_bounded_time() {
    let mut rig = Rig::new(8, u64::MAX / 8);
    rig.cut = true;
    let begun = rig.now;
    let result = rig.perform(1, Motion::Feed);
    let asked = Asked::Motion(Motion::Feed);
    assert!(
        matches!(result, Err(Error::Silent { asked: a, .. }) if a == asked),
        "{result:?}"
    );
    assert!(rig.now - begun <= Duration::from_secs(6));
    assert_eq!(rig.events(), [Event::LinkLost]);
}

#[test]
fn a_motion_is_waited_for_as_long_as_was_set() {
    let mut rig = Rig::new(9, u64::MAX / 8);
    let patience = Duration::from_millis(400);
    let motions = vec![(Motion::Flip, patience)];
    let load = Duration::from_secs(3);
    let noted = rig.ask(Ask::Patience { load, motions });
    assert!(matches!(noted, Ok(Reply::Noted)), "{noted:?}");
    rig.swallow = |message| matches!(message, PrinterMessage::Event(_));
    let result = rig.perform(1, Motion::Flip);
    assert!(
        matches!(result, Err(Error::Silent { patience: p, .. }) if p == patience),
        "{result:?}"
    );
}

#[test]
fn missed_events_are_asked_for_and_told_once_in_order() {
    for seed in 0..50 {
        let mut rig = Rig::new(seed, 4);
        for _ in 0..5 {
            rig.peer.happen(Happening::CoverOpened);
            rig.peer.happen(Happening::CoverClosed);
            rig.run(Duration::from_millis(40));
        }
        rig.peer.happen(Happening::CardTaken { released: false });
        rig.run(Duration::from_secs(8));
        let told: Vec<Event> = rig.events();
        let told: Vec<&Event> = told
            .iter()
            .filter(|e| !matches!(e, Event::LinkLost | Event::LinkBack))
            .collect();
        let pairs = [Event::CoverOpened, Event::CoverClosed];
        let taken = [Event::CardTaken { released: false }];
        let due: Vec<&Event> = pairs.iter().cycle().take(10).chain(&taken).collect();
        assert_eq!(told, due, "seed {seed}");
    }
}

#[test]
fn a_scan_arrives_whole_over_a_bad_line() {
    for seed in 0..20 {
        let mut rig = Rig::new(seed, 5);
        let photo = BoxMm100 {
            x_mm100: 6000,
            y_mm100: 1200,
            w_mm100: 2540,
            h_mm100: 3175,
        };
        match rig.ask(Ask::Scan { photo: Some(photo) }) {
            Ok(Reply::Scan(scan)) => assert!(scan == specimen_scan(), "seed {seed}"),
            other => panic!("seed {seed}: {other:?}"),
        }
    }
}
