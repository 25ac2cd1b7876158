//! The printer's messages to frames and back.

use super::service::ECHO;
use super::{
    ChunkBytes, Event, Happening, Have, Hello, PanelHave, PrinterMessage, ScanReady, read_refusal,
    write_refusal,
};
use crate::bytes::{Malformed, Reader, Writer};
use crate::condition::Condition;
use crate::frame::{Channel, Frame};
use crate::motion::{MotionAnswer, MotionId, MotionResult, Panel};
use crate::raster::BandMap;
use crate::scan::CHUNK;
use crate::service::Tell;
use crate::survey::Survey;

const HELLO: u8 = 0x81;
const HEARTBEAT: u8 = 0x82;
const SURVEY: u8 = 0x83;
const MOTION_ANSWER: u8 = 0x84;
const MANIFEST_ANSWER: u8 = 0x85;
const HAVE: u8 = 0x86;
const ERASED: u8 = 0x87;
const SCAN_READY: u8 = 0x88;
const EVENT: u8 = 0x8A;
const SCAN_CHUNK: u8 = 0xA0;

impl From<&PrinterMessage> for Frame {
    fn from(message: &PrinterMessage) -> Frame {
        let mut to = Writer::default();
        let kind = write(message, &mut to);
        let channel = match kind {
            SCAN_CHUNK | ECHO => Channel::Bulk,
            _ => Channel::Control,
        };
        Frame {
            channel,
            kind,
            payload: to.finish(),
        }
    }
}

fn write(message: &PrinterMessage, to: &mut Writer) -> u8 {
    match message {
        PrinterMessage::Hello(hello) => {
            hello.write(to);
            HELLO
        }
        PrinterMessage::Heartbeat {
            boot,
            clock_ms,
            oldest_event,
            newest_event,
        } => {
            to.u32(*boot)
                .u64(*clock_ms)
                .u64(*oldest_event)
                .u64(*newest_event);
            HEARTBEAT
        }
        PrinterMessage::Survey { tag, survey } => {
            to.u32(*tag);
            survey.write(to);
            SURVEY
        }
        PrinterMessage::MotionAnswer { id, answer } => {
            id.write(to);
            write_refusal(answer.refusal(), to);
            MOTION_ANSWER
        }
        PrinterMessage::Event(event) => {
            event.write(to);
            EVENT
        }
        PrinterMessage::ManifestAnswer { card, refused } => {
            to.u32(*card);
            write_refusal(*refused, to);
            MANIFEST_ANSWER
        }
        PrinterMessage::Have(have) => {
            have.write(to);
            HAVE
        }
        PrinterMessage::Erased { tag, card, refused } => {
            to.u32(*tag).u32(*card);
            write_refusal(*refused, to);
            ERASED
        }
        PrinterMessage::ScanReady { tag, scan } => {
            to.u32(*tag);
            write_refusal(scan.err(), to);
            if let Ok(ScanReady { scan, bytes, crc }) = scan {
                to.u32(*scan).u32(*bytes).u32(*crc);
            }
            SCAN_READY
        }
        PrinterMessage::ScanChunk { scan, chunk, bytes } => {
            to.u32(*scan).u16(*chunk).raw(&bytes.0);
            SCAN_CHUNK
        }
        PrinterMessage::Service(tell) => tell.write(to),
    }
}

impl TryFrom<&Frame> for PrinterMessage {
    type Error = Malformed;

    fn try_from(frame: &Frame) -> Result<PrinterMessage, Malformed> {
        let mut from = Reader::new(&frame.payload);
        let message = read(frame, &mut from)?;
        from.end()?;
        Ok(message)
    }
}

fn read(frame: &Frame, from: &mut Reader<'_>) -> Result<PrinterMessage, Malformed> {
    Ok(match (frame.channel, frame.kind) {
        (Channel::Control, HELLO) => PrinterMessage::Hello(Hello::read(from)?),
        (Channel::Control, HEARTBEAT) => PrinterMessage::Heartbeat {
            boot: from.u32()?,
            clock_ms: from.u64()?,
            oldest_event: from.u64()?,
            newest_event: from.u64()?,
        },
        (Channel::Control, SURVEY) => PrinterMessage::Survey {
            tag: from.u32()?,
            survey: Survey::read(from)?,
        },
        (Channel::Control, MOTION_ANSWER) => PrinterMessage::MotionAnswer {
            id: MotionId::read(from)?,
            answer: read_refusal(from)?.map_or(MotionAnswer::Accepted, MotionAnswer::Refused),
        },
        (Channel::Control, EVENT) => PrinterMessage::Event(Event::read(from)?),
        (Channel::Control, MANIFEST_ANSWER) => PrinterMessage::ManifestAnswer {
            card: from.u32()?,
            refused: read_refusal(from)?,
        },
        (Channel::Control, HAVE) => PrinterMessage::Have(Have::read(from)?),
        (Channel::Control, ERASED) => PrinterMessage::Erased {
            tag: from.u32()?,
            card: from.u32()?,
            refused: read_refusal(from)?,
        },
        (Channel::Control, SCAN_READY) => {
            let tag = from.u32()?;
            let scan = match read_refusal(from)? {
                Some(condition) => Err(condition),
                None => Ok(ScanReady {
                    scan: from.u32()?,
                    bytes: from.u32()?,
                    crc: from.u32()?,
                }),
            };
            PrinterMessage::ScanReady { tag, scan }
        }
        (Channel::Bulk, SCAN_CHUNK) => {
            let (scan, chunk, bytes) = (from.u32()?, from.u16()?, from.rest());
            match bytes.len() {
                1..=CHUNK => PrinterMessage::ScanChunk {
                    scan,
                    chunk,
                    bytes: ChunkBytes(bytes.to_vec()),
                },
                count => {
                    return Err(Malformed::Value {
                        field: "chunk bytes",
                        value: count as u64,
                    });
                }
            }
        }
        (channel, kind) => PrinterMessage::Service(Tell::read(channel, kind, from)?),
    })
}

impl MotionAnswer {
    fn refusal(self) -> Option<Condition> {
        match self {
            MotionAnswer::Accepted => None,
            MotionAnswer::Refused(condition) => Some(condition),
        }
    }
}

impl Hello {
    fn write(&self, to: &mut Writer) {
        to.u32(self.tag)
            .u8(self.version)
            .u8(self.lowest)
            .u8(self.highest);
        to.u32(self.boot).u64(self.clock_ms).u64(self.newest_event);
        for text in [&self.model, &self.firmware, &self.serial] {
            to.counted(text.as_bytes());
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Hello, Malformed> {
        Ok(Hello {
            tag: from.u32()?,
            version: from.u8()?,
            lowest: from.u8()?,
            highest: from.u8()?,
            boot: from.u32()?,
            clock_ms: from.u64()?,
            newest_event: from.u64()?,
            model: read_text(from)?,
            firmware: read_text(from)?,
            serial: read_text(from)?,
        })
    }
}

/// A mark is longer than the byte it stands for: a text stays within what a text can be.
fn read_text(from: &mut Reader<'_>) -> Result<String, Malformed> {
    let mut text = String::from_utf8_lossy(from.counted()?).into_owned();
    while text.len() > usize::from(u8::MAX) {
        text.pop();
    }
    Ok(text)
}

impl Have {
    fn write(&self, to: &mut Writer) {
        to.u32(self.tag)
            .u32(self.card)
            .u32(self.free)
            .u8(self.panels.len() as u8);
        for PanelHave { verified, bands } in &self.panels {
            to.flag(*verified);
            bands.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Have, Malformed> {
        let (tag, card, free, count) = (from.u32()?, from.u32()?, from.u32()?, from.u8()?);
        if usize::from(count) > Panel::ALL.len() {
            return Err(Malformed::Value {
                field: "panels",
                value: count.into(),
            });
        }
        let mut panels = Vec::new();
        for _ in 0..count {
            let verified = from.flag("verified")?;
            panels.push(PanelHave {
                verified,
                bands: BandMap::read(from)?,
            });
        }
        Ok(Have {
            tag,
            card,
            free,
            panels,
        })
    }
}

impl Event {
    fn write(&self, to: &mut Writer) {
        to.u64(self.number).u64(self.clock_ms);
        match &self.happening {
            Happening::MotionEnded { id, result } => {
                to.u8(1);
                id.write(to);
                result.write(to);
            }
            Happening::CoverOpened => {
                to.u8(2);
            }
            Happening::CoverClosed => {
                to.u8(3);
            }
            Happening::CardTaken { released } => {
                to.u8(4).flag(*released);
            }
            Happening::Raised(condition) => {
                to.u8(5).u16(condition.code());
            }
            Happening::Cleared(condition) => {
                to.u8(6).u16(condition.code());
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Event, Malformed> {
        let (number, clock_ms) = (from.u64()?, from.u64()?);
        let happening = match from.u8()? {
            1 => {
                let id = MotionId::read(from)?;
                Happening::MotionEnded {
                    id,
                    result: Box::new(MotionResult::read(from)?),
                }
            }
            2 => Happening::CoverOpened,
            3 => Happening::CoverClosed,
            4 => Happening::CardTaken {
                released: from.flag("released")?,
            },
            5 => Happening::Raised(from.u16()?.into()),
            6 => Happening::Cleared(from.u16()?.into()),
            value => {
                return Err(Malformed::Value {
                    field: "happening",
                    value: value.into(),
                });
            }
        };
        Ok(Event {
            number,
            clock_ms,
            happening,
        })
    }
}
