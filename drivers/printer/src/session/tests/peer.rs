//! A printer of a few lines: keeps the protocol's promises, moves in virtual
//! time, and remembers what it truly moved.

pub(super) mod technician;

use std::collections::HashMap;
use std::time::Duration;

use wire::frame::Decoder;
use wire::message::{
    ChunkBytes, Event, Happening, Hello, HostMessage, Manifest, PrinterMessage, ScanReady,
};
use wire::raster::{Assembly, Fragment, Taken};
use wire::{
    Condition, Counters, Motion, MotionAnswer, MotionId, MotionResult, Scan, Sensors, Supplies,
    Survey, scan,
};

use crate::panel::sha256;

/// On the line: 32 rows of 648 dots of 8 bits and their slack, framed.
pub(super) const LONGEST_BAND: u64 = 22_000;
pub(super) const WINDOW: u32 = 64 * 1024;
const MEMORY: usize = 8 << 20;
const MOTION: Duration = Duration::from_millis(900);

pub(super) struct Peer {
    boot: u32,
    decoder: Decoder,
    said: Vec<PrinterMessage>,
    pub(super) assembly: Option<Assembly>,
    answers: HashMap<MotionId, MotionAnswer>,
    underway: Option<(MotionId, Duration)>,
    events: Vec<Event>,
    pub(super) moved: Vec<Motion>,
    pub(super) refuse: Option<Condition>,
    pub(super) refusals: u32,
    pub(super) versions: (u8, u8),
    /// Bytes of raster frames that came, and of those that brought something new.
    pub(super) raster_bytes: u64,
    pub(super) useful_bytes: u64,
    packed: Vec<u8>,
    scans: u32,
    pub(super) technician: technician::Technician,
}

impl Peer {
    pub(super) fn new() -> Peer {
        Peer {
            boot: 7,
            decoder: Decoder::default(),
            said: Vec::new(),
            assembly: None,
            answers: HashMap::new(),
            underway: None,
            events: Vec::new(),
            moved: Vec::new(),
            refuse: None,
            refusals: 0,
            versions: (1, 1),
            raster_bytes: 0,
            useful_bytes: 0,
            packed: specimen_scan().pack().unwrap().to_vec(),
            scans: 0,
            technician: technician::Technician::new(),
        }
    }

    pub(super) fn lose_power(&mut self) {
        self.boot += 1;
        self.assembly = None;
        self.answers.clear();
        self.underway = None;
        self.events.clear();
        self.technician.lose_power();
    }

    pub(super) fn said(&mut self) -> Vec<PrinterMessage> {
        std::mem::take(&mut self.said)
    }

    pub(super) fn happen(&mut self, happening: Happening) {
        let event = Event {
            number: self.events.len() as u64 + 1,
            clock_ms: 0,
            happening,
        };
        self.events.push(event.clone());
        self.said.push(PrinterMessage::Event(event));
    }

    pub(super) fn tick(&mut self, now: Duration) {
        self.tick_order(now);
        if let Some((id, _)) = self.underway.take_if(|(_, ends)| now >= *ends) {
            let result = MotionResult::Done {
                elapsed_ms: 900,
                survey: self.survey(),
            };
            self.happen(Happening::MotionEnded {
                id,
                result: Box::new(result),
            });
        }
    }

    pub(super) fn receive(&mut self, bytes: &[u8], now: Duration) {
        for found in self.decoder.feed(bytes) {
            match found.map(|frame| HostMessage::try_from(&frame)) {
                Ok(Ok(message)) => self.obey(message, now),
                Ok(Err(_)) => {}
                Err(_) => self.technician.damaged += 1,
            }
        }
    }

    fn obey(&mut self, message: HostMessage, now: Duration) {
        match message {
            HostMessage::Hello {
                tag,
                lowest,
                highest,
            } => self.hello(tag, lowest, highest),
            HostMessage::Heartbeat { .. } => {
                let newest_event = self.events.len() as u64;
                let boot = self.boot;
                let heartbeat = PrinterMessage::Heartbeat {
                    boot,
                    clock_ms: 0,
                    oldest_event: 1,
                    newest_event,
                };
                self.said.push(heartbeat);
            }
            HostMessage::Survey { tag, .. } => {
                let survey = self.survey();
                self.said.push(PrinterMessage::Survey { tag, survey });
            }
            HostMessage::Motion {
                id, motion, boot, ..
            } => self.motion(id, motion, boot, now),
            HostMessage::Manifest(manifest) => self.manifest(manifest),
            HostMessage::AskHave { tag, .. } => self.have(tag),
            HostMessage::Erase { tag, card } => {
                self.assembly = None;
                self.said.push(PrinterMessage::Erased {
                    tag,
                    card,
                    refused: None,
                });
            }
            HostMessage::Scan { tag, .. } => {
                self.scans += 1;
                let (bytes, crc) = (self.packed.len() as u32, scan::crc(&self.packed));
                let scan = Ok(ScanReady {
                    scan: self.scans,
                    bytes,
                    crc,
                });
                self.said.push(PrinterMessage::ScanReady { tag, scan });
            }
            HostMessage::ScanRead { scan, first, count } if scan == self.scans => {
                let chunks = self.packed.chunks(scan::CHUNK).enumerate();
                for (at, bytes) in chunks.skip(first.into()).take(count.into()) {
                    let (chunk, bytes) = (at as u16, ChunkBytes(bytes.to_vec()));
                    self.said
                        .push(PrinterMessage::ScanChunk { scan, chunk, bytes });
                }
            }
            HostMessage::ScanRead { .. } => {}
            HostMessage::Replay { from } => {
                let missed = self.events.iter().filter(|event| event.number >= from);
                self.said.extend(missed.cloned().map(PrinterMessage::Event));
            }
            HostMessage::Band(fragment) => self.band(fragment),
            HostMessage::Service(ask) => self.serve(ask, now),
        }
    }

    fn manifest(&mut self, manifest: Manifest) {
        let Manifest { card, panels, .. } = manifest;
        if !self
            .assembly
            .as_ref()
            .is_some_and(|old| old.is_of(card, &panels))
        {
            self.assembly = Assembly::new(card, &panels, MEMORY, WINDOW).ok();
        }
        let refused = self.assembly.is_none().then_some(Condition::Memory);
        self.said
            .push(PrinterMessage::ManifestAnswer { card, refused });
        self.have(0);
    }

    fn band(&mut self, fragment: Fragment) {
        let Some(assembly) = &mut self.assembly else {
            return;
        };
        let taken = assembly.take(&fragment, sha256);
        let bytes = HostMessage::Band(fragment).encode().len() as u64;
        self.raster_bytes += bytes;
        if taken != Taken::Ignored {
            self.useful_bytes += bytes;
        }
        if !matches!(taken, Taken::Ignored | Taken::Held) {
            self.have(0);
        }
    }

    fn hello(&mut self, tag: u32, lowest: u8, highest: u8) {
        let common = (lowest.max(self.versions.0)..=highest.min(self.versions.1)).last();
        self.said
            .push(PrinterMessage::Hello(self.answer(tag, common)));
    }

    /// What it answers on another line.
    pub(super) fn who(&self) -> Hello {
        self.answer(0, Some(1))
    }

    fn answer(&self, tag: u32, common: Option<u8>) -> Hello {
        Hello {
            tag,
            version: common.unwrap_or(0),
            lowest: self.versions.0,
            highest: self.versions.1,
            boot: self.boot,
            clock_ms: 0,
            newest_event: self.events.len() as u64,
            model: "peer".into(),
            firmware: "0".into(),
            serial: "1".into(),
        }
    }

    fn have(&mut self, tag: u32) {
        if let Some(assembly) = &self.assembly {
            self.said.push(PrinterMessage::Have(assembly.have(tag)));
        }
    }

    fn motion(&mut self, id: MotionId, motion: Motion, boot: u32, now: Duration) {
        let answer = match self.answers.get(&id) {
            Some(stored) => *stored,
            None => self.decide(id, motion, boot, now),
        };
        self.said.push(PrinterMessage::MotionAnswer { id, answer });
        let ended = |event: &&Event| matches!(&event.happening, Happening::MotionEnded { id: of, .. } if *of == id);
        let again = self.events.iter().find(ended).cloned();
        self.said.extend(again.map(PrinterMessage::Event));
    }

    fn decide(&mut self, id: MotionId, motion: Motion, boot: u32, now: Duration) -> MotionAnswer {
        let missing = match (motion, &self.assembly) {
            (Motion::Pass(panel), assembly) => {
                assembly.as_ref().and_then(|all| all.panel(panel)).is_none()
            }
            (_, _) => false,
        };
        let refused = match () {
            () if boot != self.boot => Some(Condition::StaleBoot),
            () if missing => Some(Condition::PanelMissing),
            () if self.underway.is_some() => Some(Condition::Busy),
            () => self.refuse,
        };
        if let Some(condition) = refused {
            self.refusals += 1;
            return MotionAnswer::Refused(condition);
        }
        self.moved.push(motion);
        self.underway = Some((id, now + MOTION));
        self.answers.insert(id, MotionAnswer::Accepted);
        MotionAnswer::Accepted
    }

    fn survey(&self) -> Survey {
        Survey {
            boot: self.boot,
            clock_ms: 0,
            sensors: Sensors::default(),
            counters: Counters::default(),
            supplies: Supplies::default(),
            last_motion: None,
            underway: self.underway.map(|(id, _)| id),
            newest_sequence: 0,
            face_up: None,
        }
    }
}

pub(super) fn specimen_scan() -> Scan {
    let face = |salt: usize| {
        (0..scan::IR_BYTES)
            .map(|at| (at.wrapping_mul(salt) >> 9) as u8 & 0x3C)
            .collect()
    };
    Scan {
        white: 251,
        front_ir: face(97),
        back_ir: face(89),
        photo: None,
    }
}
