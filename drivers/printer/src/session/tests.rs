//! The session against a small printer over lines that lose, damage and repeat;
//! time is virtual and every run has its seed.

mod peer;

use std::time::Duration;

use proptest::prelude::*;
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
            for bytes in self.chance.damage(frame, self.one_in) {
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

/// A face as hard as a real one: a noisy portrait on smooth ground, some text.
fn specimen_panels() -> Vec<PanelRaster> {
    let mut chance = Chance(0x5EED);
    Panel::ALL
        .map(|panel| specimen_panel(panel, &mut chance))
        .to_vec()
}

fn specimen_panel(panel: Panel, chance: &mut Chance) -> PanelRaster {
    let (rows, dots, bits) = (1016u16, 648u16, panel.bits());
    let row_bytes = usize::from(dots) * usize::from(bits) / 8;
    let mut packed = vec![0; row_bytes * usize::from(rows)];
    for (at, byte) in packed.iter_mut().enumerate() {
        let (row, column) = (at / row_bytes, at % row_bytes);
        *byte = match bits {
            8 if row > 700 && (100..500).contains(&column) => {
                let noise: u64 = (0..4).map(|_| chance.below(8)).sum();
                (column / 3 + row / 7 + noise as usize) as u8
            }
            8 => 0,
            _ if row % 40 < 24 && column % 9 < 5 => (((row * 7) ^ (column * 13)) as u8) & 0x7E,
            _ => 0,
        };
    }
    PanelRaster {
        panel,
        rows,
        dots,
        bits,
        packed,
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
fn raster_arrives_whole_over_a_bad_line() {
    let panels = specimen_panels();
    for seed in 0..4 {
        let mut rig = Rig::new(seed, 10);
        assert!(
            matches!(rig.load(&panels), Ok(Reply::Loaded)),
            "seed {seed}"
        );
        for panel in &panels {
            let result = rig.perform(10 + panel.panel as u8, Motion::Pass(panel.panel));
            assert!(
                matches!(result, Ok(MotionResult::Done { .. })),
                "seed {seed}: {result:?}"
            );
            let assembly = rig.peer.assembly.as_ref().unwrap();
            let (_, rows) = assembly.panel(panel.panel).unwrap();
            assert!(
                rows == panel.packed,
                "seed {seed}: another {:?} arrived",
                panel.panel
            );
        }
        assert_eq!(rig.session.progress().bands_missing, 0);
    }
}

#[test]
fn a_card_is_at_most_500_kilobytes_on_the_line() {
    let mut rig = Rig::new(1, u64::MAX / 8);
    rig.load(&specimen_panels()).unwrap();
    while rig.session.progress().bands_missing > 0 {
        rig.step();
    }
    let bytes = rig.session.progress().bytes_sent;
    assert!((100_000..=500_000).contains(&bytes), "{bytes} bytes");
    let at_baud = Duration::from_secs_f64(bytes as f64 * 10.0 / f64::from(BAUD));
    assert!(
        rig.now < at_baud + at_baud / 10,
        "{:?} for {at_baud:?} of bytes",
        rig.now
    );
}

#[test]
fn a_link_that_comes_back_sends_only_what_is_missing() {
    let mut rig = Rig::new(2, u64::MAX / 8);
    rig.load(&specimen_panels()).unwrap();
    rig.run(Duration::from_secs(1));
    rig.cut = true;
    rig.run(Duration::from_secs(2));
    rig.cut = false;
    while rig.session.progress().bands_missing > 0 {
        rig.step();
    }
    assert_eq!(rig.events(), [Event::LinkLost, Event::LinkBack]);
    let (sent, needed) = (rig.session.progress().bytes_sent, rig.peer.useful_bytes);
    assert!(
        sent < needed + u64::from(peer::WINDOW) * 3 / 2,
        "{sent} for {needed}"
    );
}

#[test]
fn control_waits_for_one_frame_of_bulk_at_most() {
    let mut rig = Rig::new(3, u64::MAX / 8);
    rig.load(&specimen_panels()).unwrap();
    rig.run(Duration::from_millis(200));
    rig.session.ask(Ask::Survey { sequence: 1 }, rig.now);
    let frame = rig.session.next_frame(rig.now).unwrap();
    let found = wire::frame::Decoder::default()
        .feed(&frame)
        .remove(0)
        .unwrap();
    assert!(matches!(
        HostMessage::try_from(&found),
        Ok(HostMessage::Survey { .. })
    ));
    rig.now += Duration::from_secs(1);
    let at_once = std::iter::from_fn(|| rig.session.next_frame(rig.now)).count();
    assert!(
        at_once <= 2,
        "{at_once} frames of bulk would stand before control"
    );
}

#[test]
fn a_pass_waits_for_its_panel() {
    let mut rig = Rig::new(4, u64::MAX / 8);
    let panels = specimen_panels();
    rig.load(&panels).unwrap();
    rig.perform(1, Motion::Pass(Panel::C)).unwrap();
    assert_eq!(rig.peer.moved, [Motion::Pass(Panel::C)]);
    assert_eq!(rig.peer.refusals, 0);
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
fn panels_lost_with_the_power_come_again_after_a_survey() {
    let mut rig = Rig::new(10, 10);
    let panels = specimen_panels();
    rig.load(&panels).unwrap();
    rig.perform(1, Motion::Pass(Panel::BackK)).unwrap();
    rig.peer.lose_power();
    rig.run(Duration::from_secs(2));
    assert!(rig.peer.assembly.is_none());
    assert!(matches!(rig.ask(Ask::Survey { sequence: 6 }), Ok(Reply::Survey(s)) if s.boot == 8));
    rig.perform(2, Motion::Pass(Panel::Pearl)).unwrap();
    let assembly = rig.peer.assembly.as_ref().unwrap();
    assert!(assembly.panel(Panel::Pearl).unwrap().1 == panels[6].packed);
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

#[test]
fn an_erasure_is_acknowledged_and_stops_the_stream() {
    let mut rig = Rig::new(9, 6);
    rig.load(&specimen_panels()).unwrap();
    rig.run(Duration::from_millis(300));
    assert!(matches!(rig.ask(Ask::Erase { card: 1 }), Ok(Reply::Erased)));
    assert!(rig.peer.assembly.is_none());
    let sent = rig.session.progress().bytes_sent;
    rig.run(Duration::from_secs(1));
    assert_eq!(rig.session.progress().bytes_sent, sent);
}

#[test]
fn another_protocol_version_is_refused() {
    let mut session = Session::new(BAUD, 1, Duration::ZERO);
    let ticket = session.ask(Ask::Hello, Duration::ZERO);
    let mut peer = Peer::new();
    peer.versions = (4, 6);
    while let Some(frame) = session.next_frame(Duration::ZERO) {
        peer.receive(&frame, Duration::ZERO);
    }
    for message in peer.said() {
        session.receive(&message.encode(), MS);
    }
    let (of, outcome) = session.outcome().unwrap();
    assert_eq!(of, ticket);
    assert!(
        matches!(
            outcome,
            Err(Error::WrongVersion {
                lowest: 4,
                highest: 6
            })
        ),
        "{outcome:?}"
    );
}

#[test]
fn something_else_on_the_port_is_noise() {
    let mut session = Session::new(BAUD, 1, Duration::ZERO);
    session.ask(Ask::Hello, Duration::ZERO);
    session.receive(b"login: \0\r\n\0", MS);
    session.tick(Duration::from_secs(4));
    let (_, outcome) = session.outcome().unwrap();
    assert!(
        matches!(outcome, Err(Error::Garbled { damaged: 2, .. })),
        "{outcome:?}"
    );
    assert!(session.heard_only_noise());
}

proptest! {
    #[test]
    fn the_session_survives_any_bytes(noise in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let mut rig = Rig::new(1, u64::MAX / 8);
        rig.session.receive(&noise, rig.now);
        rig.session.receive(&[0], rig.now);
        prop_assert!(rig.perform(1, Motion::Feed).is_ok());
    }

    #[test]
    fn the_session_survives_any_sound_frames(
        frames in proptest::collection::vec(
            (any::<bool>(), 0x81u8..0xA1, proptest::collection::vec(any::<u8>(), 0..260)),
            1..60,
        ),
        ones in any::<bool>(),
    ) {
        let mut rig = Rig::new(1, u64::MAX / 8);
        let (panel, packed) = (Panel::Uv, vec![0x5A; 8 * 70]);
        rig.load(&[PanelRaster { panel, rows: 70, dots: 64, bits: 1, packed }]).unwrap();
        rig.session.ask(Ask::Scan { photo: None }, rig.now);
        for (bulk, kind, mut payload) in frames {
            if ones {
                // The greatest numbers where the fields are.
                payload.fill(0xFF);
            }
            let channel = if bulk { wire::frame::Channel::Bulk } else { wire::frame::Channel::Control };
            let frame = wire::frame::Frame { channel, kind, payload };
            rig.session.receive(&frame.encode(), rig.now);
            rig.step();
        }
        rig.run(Duration::from_millis(300));
    }

    #[test]
    fn the_greatest_numbers_overflow_nothing(number in u64::MAX - 3..) {
        let mut rig = Rig::new(1, u64::MAX / 8);
        let happening = Happening::CoverOpened;
        let event = wire::message::Event { number, clock_ms: number, happening };
        let heartbeat = PrinterMessage::Heartbeat {
            boot: 7,
            clock_ms: number,
            oldest_event: number,
            newest_event: number,
        };
        for message in [heartbeat.clone(), PrinterMessage::Event(event), heartbeat] {
            rig.session.receive(&message.encode(), rig.now);
            rig.step();
        }
    }
}
