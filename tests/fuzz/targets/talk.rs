//! Both sides of the printer's talk, in virtual time: the true driver and the simulated
//! printer on a line that does what the input says, and each alone with whatever comes.

use super::{Bytes, worked_examples};
use firmware_sim::machine::{Blank, Machine, Nonvolatile, Setup, Speed, Times};
use firmware_sim::scenario::Scenario;
use firmware_sim::session::Session as Firmware;
use printer::session::{Ask, Session as Driver};
use printer::{Encoded, PanelRaster};
use std::collections::BTreeSet;
use std::time::Duration;
use wire::frame::{Channel, Decoder, Frame};
use wire::message::HostMessage;
use wire::{BoxMm100, Motion, MotionId, Panel};

const BAUD: u32 = 3_000_000;
/// Inputs that go on longer tell nothing new.
const MOST_TURNS: usize = 400;

fn firmware_side() -> Firmware {
    let setup = Setup {
        times: Times::default(),
        speed: Speed::REAL,
        scenario: Scenario::default(),
        ..Setup::default()
    };
    let blank = |place| Blank {
        place,
        serial: format!("{place:02}"),
    };
    let hopper = (1..9).map(blank).collect();
    let machine = Machine::new(setup, Nonvolatile::factory(), hopper, None, Duration::ZERO);
    Firmware::new(machine, "F".to_owned())
}

/// A line between the two, and what was asked over it.
struct Talk {
    driver: Driver,
    firmware: Firmware,
    now: Duration,
    asked: BTreeSet<MotionId>,
}

impl Talk {
    fn new() -> Talk {
        let mut talk = Talk {
            driver: Driver::new(BAUD, 7, Duration::ZERO),
            firmware: firmware_side(),
            now: Duration::ZERO,
            asked: BTreeSet::new(),
        };
        talk.driver.ask(Ask::Hello, talk.now);
        talk.carry(&mut Bytes::of(&[]));
        talk
    }

    /// Carries what both have to say, as well or badly as the next bytes tell.
    fn carry(&mut self, fate: &mut Bytes<'_>) {
        self.driver.tick(self.now);
        while let Some(frame) = self.driver.next_frame(self.now) {
            for bytes in spoil(&frame, fate) {
                self.firmware.receive(&bytes, self.now);
            }
        }
        self.firmware.poll(self.now);
        drop(self.firmware.effects());
        while let Some(frame) = self.firmware.send() {
            for bytes in spoil(&frame, fate) {
                self.driver.receive(&bytes, self.now);
            }
        }
        while self.driver.outcome().is_some() {}
        while self.driver.event().is_some() {}
    }

    fn ask(&mut self, bytes: &mut Bytes<'_>) {
        let id = MotionId {
            card: 1 + u32::from(bytes.u8() % 3),
            step: bytes.u8() % 8,
            attempt: bytes.u8() % 2,
        };
        let ask = match bytes.u8() % 12 {
            0 => Ask::Hello,
            1 => Ask::Survey { sequence: 9 },
            2 => Ask::Load {
                card: id.card,
                panels: panels(),
            },
            3 => Ask::Erase { card: id.card },
            4 => Ask::Scan {
                photo: Some(BoxMm100 {
                    x_mm100: bytes.u16(),
                    y_mm100: bytes.u16(),
                    w_mm100: bytes.u16(),
                    h_mm100: bytes.u16(),
                }),
            },
            5 => Ask::Log { from: 1 },
            6 => Ask::Identify,
            7 => Ask::Probe {
                probes: u32::from(bytes.u8() % 4),
                bytes: 20,
            },
            // Feeds, so that what moved can be counted.
            8..10 => {
                self.asked.insert(id);
                Ask::Motion {
                    id,
                    motion: Motion::Feed,
                    sequence: 9,
                }
            }
            _ => Ask::Motion {
                id: MotionId {
                    step: id.step + 100,
                    ..id
                },
                motion: [
                    Motion::Pass(Panel::K),
                    Motion::Eject,
                    Motion::Release,
                    Motion::Reject,
                ][usize::from(bytes.u8() % 4)],
                sequence: 9,
            },
        };
        self.driver.ask(ask, self.now);
    }
}

/// What the line makes of a frame.
fn spoil(frame: &[u8], fate: &mut Bytes<'_>) -> Vec<Vec<u8>> {
    let mut bent = frame.to_vec();
    let choice = fate.u8();
    let at = usize::from(choice >> 3).wrapping_mul(31) % frame.len().max(1);
    match choice % 8 {
        1 => return vec![],
        2 => return vec![frame.to_vec(), frame.to_vec()],
        3 => bent[at] ^= fate.u8() | 1,
        4 => bent.insert(at, fate.u8()),
        5 => bent.truncate(at),
        _ => {}
    }
    vec![bent]
}

fn panels() -> Vec<Encoded> {
    [Panel::K, Panel::Y]
        .map(|panel| {
            let (rows, dots, bits) = (40, 16, panel.bits());
            let count = usize::from(rows) * usize::from(dots) * usize::from(bits) / 8;
            let packed = (0..count).map(|at| at as u8).collect();
            let raster = PanelRaster {
                panel,
                rows,
                dots,
                bits,
                packed,
            };
            Encoded::of(&raster).expect("encodes")
        })
        .into()
}

/// The true driver, with the simulated printer and with whatever else comes over its line.
/// However bad the line, no more blanks leave the hopper than feeds were asked for.
pub(super) fn driver(data: &[u8]) {
    let mut talk = Talk::new();
    let mut bytes = Bytes::of(data);
    for _ in 0..MOST_TURNS {
        if bytes.is_empty() {
            break;
        }
        match bytes.u8() % 8 {
            0 | 1 => talk.ask(&mut bytes),
            2 | 3 => talk.carry(&mut bytes),
            4 => talk.now += Duration::from_millis(bytes.u16().into()),
            5 => {
                let count = bytes.u8();
                talk.driver.receive(bytes.run(count.into()), talk.now);
            }
            6 => {
                let frame = frame(&mut bytes).encode();
                talk.driver.receive(&frame, talk.now);
            }
            _ => match bytes.u8() % 2 {
                0 => talk.driver.detach(printer::session::Cause::default()),
                _ => {
                    talk.driver.ask(Ask::Hello, talk.now);
                    talk.driver.hang_up(|| printer::Error::StaleBoot);
                }
            },
        }
        talk.driver.tick(talk.now);
        let _ = (talk.driver.wake_at(), talk.driver.progress());
    }
    let fed = talk.firmware.machine().kept().counters.fed as usize;
    assert!(
        fed <= talk.asked.len(),
        "a blank was fed twice for one motion"
    );
}

pub(super) fn driver_seeds() -> Vec<Vec<u8>> {
    // Load, let it come, feed, wait, ask for all there is.
    let load = [0, 0, 0, 0, 2, 2];
    let feed = [0, 0, 1, 0, 8, 2];
    let wait = [4, 9, 0, 2, 4, 9, 0, 2];
    let scan = [0, 0, 0, 0, 4, 0, 1, 0, 1, 0, 9, 0, 9, 2];
    let all: Vec<u8> = [&load[..], &feed, &wait, &scan, &wait].concat();
    let bad: Vec<u8> = all.iter().map(|byte| byte ^ 8).collect();
    vec![all.clone(), bad, [all, strange(0x80)].concat()]
}

/// The worked examples of one side, as ops that say their frames to the other.
fn strange(printer: u8) -> Vec<u8> {
    let lines = worked_examples();
    let frames = lines
        .iter()
        .flat_map(|(_, line)| Decoder::default().feed(line));
    let ours = frames
        .flatten()
        .filter(|frame| frame.kind & 0x80 == printer);
    ours.flat_map(|frame| {
        let count = frame.payload.len().min(255) as u8;
        let head = [6, frame.channel as u8, frame.kind, count];
        [&head[..], &frame.payload[..count.into()]].concat()
    })
    .collect()
}

fn frame(bytes: &mut Bytes<'_>) -> Frame {
    let channel = match bytes.u8() % 2 {
        0 => Channel::Control,
        _ => Channel::Bulk,
    };
    let (kind, count) = (bytes.u8(), bytes.u8());
    let payload = bytes.run(count.into()).to_vec();
    Frame {
        channel,
        kind,
        payload,
    }
}

/// The simulated printer alone with a host that says anything.
pub(super) fn firmware(data: &[u8]) {
    let mut firmware = firmware_side();
    let (mut bytes, mut now) = (Bytes::of(data), Duration::ZERO);
    let mut motions = BTreeSet::new();
    for _ in 0..MOST_TURNS {
        if bytes.is_empty() {
            break;
        }
        let mut line = match bytes.u8() % 8 {
            4 => {
                now += Duration::from_millis(bytes.u16().into());
                vec![]
            }
            5 => {
                let count = bytes.u8();
                bytes.run(count.into()).to_vec()
            }
            _ => frame(&mut bytes).encode(),
        };
        for frame in Decoder::default().feed(&line).iter().flatten() {
            if let Ok(HostMessage::Motion { id, .. }) = HostMessage::try_from(frame) {
                motions.insert(id);
            }
        }
        line.push(0);
        firmware.receive(&line, now);
        drop(firmware.effects());
        while firmware.send().is_some() {}
    }
    let fed = firmware.machine().kept().counters.fed as usize;
    assert!(
        fed <= motions.len() + 1,
        "a blank was fed twice for one motion"
    );
}

pub(super) fn firmware_seeds() -> Vec<Vec<u8>> {
    vec![
        strange(0),
        [strange(0), vec![4, 0xFF, 0xFF], strange(0)].concat(),
    ]
}
