//! What the two ends say to each other, one enum for each direction, and the
//! frame of each (PROTOCOL.md §3). Knows forms and types, not who may say what when.

mod host;
mod printer;
mod service;

use crate::bytes::{Malformed, Reader, Writer};
use crate::condition::Condition;
use crate::frame::Frame;
use crate::motion::{Motion, MotionAnswer, MotionId, MotionResult};
use crate::raster::{BandMap, Entry, Fragment};
use crate::scan::BoxMm100;
use crate::service::{Ask, Tell};
use crate::survey::Survey;
use zeroize::Zeroize;

/// What the host says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostMessage {
    /// Opens the talk: the versions that the host speaks.
    Hello {
        /// Comes back in the answer.
        tag: u32,
        /// Oldest version.
        lowest: u8,
        /// Newest version.
        highest: u8,
    },
    /// Every 250 ms; answered by the printer's heartbeat at once.
    Heartbeat {
        /// The newest event up to which the host has seen all of this boot's.
        events_seen: u64,
    },
    /// Asks for a survey.
    Survey {
        /// Comes back in the answer.
        tag: u32,
        /// The journal's sequence number.
        sequence: u64,
    },
    /// Asks for a motion; repeated, it never moves again.
    Motion {
        /// Its name for life.
        id: MotionId,
        /// What to move.
        motion: Motion,
        /// The journal's sequence number.
        sequence: u64,
        /// The boot id that the host last saw.
        boot: u32,
    },
    /// Names the panels of a card; answered by `ManifestAnswer`, then `Have`.
    Manifest(Manifest),
    /// Asks which bands are here.
    AskHave {
        /// Comes back in the answer; never 0.
        tag: u32,
        /// The card.
        card: u32,
    },
    /// Asks that a card's panels and scan be erased.
    Erase {
        /// Comes back in the answer.
        tag: u32,
        /// The card.
        card: u32,
    },
    /// Asks for the scan of the card in the check station.
    Scan {
        /// Comes back in the answer.
        tag: u32,
        /// The box of the front to give in grey, if any.
        photo: Option<BoxMm100>,
    },
    /// Asks for chunks of an announced scan.
    ScanRead {
        /// The scan's number.
        scan: u32,
        /// The first chunk, from 0.
        first: u16,
        /// How many.
        count: u16,
    },
    /// Asks for the events from this number on, as many as are kept.
    Replay {
        /// The first.
        from: u64,
    },
    /// A piece of raster (bulk).
    Band(Fragment),
    /// From a technician.
    Service(Ask),
}

/// The panels of one card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The station's durable count of cards begun.
    pub card: u32,
    /// The boot id that the host last saw.
    pub boot: u32,
    /// At most seven panels, each once, in the order in which they come.
    pub panels: Vec<Entry>,
}

/// What the printer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrinterMessage {
    /// Answers the host's hello.
    Hello(Hello),
    /// Answers the host's heartbeat.
    Heartbeat {
        /// Boot id.
        boot: u32,
        /// Milliseconds since power came on.
        clock_ms: u64,
        /// The oldest event that is still kept; one above the newest when none is.
        oldest_event: u64,
        /// The newest event's number; 0 when this boot had none.
        newest_event: u64,
    },
    /// Answers a survey.
    Survey {
        /// The request's.
        tag: u32,
        /// The machine at this instant.
        survey: Survey,
    },
    /// Answers a motion at once.
    MotionAnswer {
        /// The motion's.
        id: MotionId,
        /// Whether it moves.
        answer: MotionAnswer,
    },
    /// Something happened.
    Event(Event),
    /// Answers a manifest.
    ManifestAnswer {
        /// The manifest's.
        card: u32,
        /// `None` when taken; else nothing of it is kept.
        refused: Option<Condition>,
    },
    /// Which bands are here.
    Have(Have),
    /// Answers an erasure: nothing of the card is in memory, or it was refused.
    Erased {
        /// The request's.
        tag: u32,
        /// The card.
        card: u32,
        /// `None` when erased or never known.
        refused: Option<Condition>,
    },
    /// Answers a scan request.
    ScanReady {
        /// The request's.
        tag: u32,
        /// The scan, or why there is none.
        scan: Result<ScanReady, Condition>,
    },
    /// A piece of a scan (bulk).
    ScanChunk {
        /// The scan's number.
        scan: u32,
        /// Which chunk, from 0.
        chunk: u16,
        /// [`crate::scan::CHUNK`] bytes; the last chunk's are fewer.
        bytes: ChunkBytes,
    },
    /// To a technician.
    Service(Tell),
}

/// Bytes of a scan, never shown, wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct ChunkBytes(pub Vec<u8>);

impl Drop for ChunkBytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for ChunkBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "bytes[{}]", self.0.len())
    }
}

/// Who the printer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The request's tag.
    pub tag: u32,
    /// The version both will speak; 0 when they have none in common.
    pub version: u8,
    /// Oldest version that the printer speaks.
    pub lowest: u8,
    /// Newest version that the printer speaks.
    pub highest: u8,
    /// Boot id.
    pub boot: u32,
    /// Milliseconds since power came on.
    pub clock_ms: u64,
    /// The newest event's number; 0 when this boot had none.
    pub newest_event: u64,
    /// Model, at most 255 bytes of UTF-8.
    pub model: String,
    /// Firmware version, alike.
    pub firmware: String,
    /// The machine's serial, alike: finds it again under another port name.
    pub serial: String,
}

/// Which bands of a card's panels the printer has whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Have {
    /// The request's; 0 when nobody asked.
    pub tag: u32,
    /// The card.
    pub card: u32,
    /// How many more bytes of encoded bands may be under way.
    pub free: u32,
    /// One for each panel of the manifest, in its order.
    pub panels: Vec<PanelHave>,
}

/// One panel's state in the printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelHave {
    /// Whole, and the digest matched: a pass may start.
    pub verified: bool,
    /// The bands that are whole.
    pub bands: BandMap,
}

/// A scan that waits to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanReady {
    /// Its number.
    pub scan: u32,
    /// Its packed length, bytes.
    pub bytes: u32,
    /// CRC-32 over its packed bytes.
    pub crc: u32,
}

/// A numbered event, kept in the printer until the host has seen it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// From 1 in each boot, without gaps.
    pub number: u64,
    /// When, in milliseconds since power came on.
    pub clock_ms: u64,
    /// What.
    pub happening: Happening,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// An accepted motion ended.
    MotionEnded {
        /// The motion.
        id: MotionId,
        /// How.
        result: Box<MotionResult>,
    },
    /// The cover was opened.
    CoverOpened,
    /// The cover was closed.
    CoverClosed,
    /// A card was taken from the exit slot.
    CardTaken {
        /// Whether the slot had been released; if not, somebody pulled it out.
        released: bool,
    },
    /// A condition began.
    Raised(Condition),
    /// A condition ended.
    Cleared(Condition),
}

impl HostMessage {
    /// The message's frame on the line, delimiter included.
    pub fn encode(&self) -> Vec<u8> {
        Frame::from(self).encode()
    }
}

impl PrinterMessage {
    /// The message's frame on the line, delimiter included.
    pub fn encode(&self) -> Vec<u8> {
        Frame::from(self).encode()
    }
}

fn write_refusal(refused: Option<Condition>, to: &mut Writer) {
    to.u16(refused.map_or(0, Condition::code));
}

fn read_refusal(from: &mut Reader<'_>) -> Result<Option<Condition>, Malformed> {
    Ok(match from.u16()? {
        0 => None,
        code => Some(Condition::from(code)),
    })
}
