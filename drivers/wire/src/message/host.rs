//! The host's messages to frames and back.

use super::service::PROBE;
use super::{HostMessage, Manifest};
use crate::bytes::{Malformed, Reader, Writer};
use crate::frame::{Channel, Frame};
use crate::motion::{Motion, MotionId, Panel};
use crate::raster::{Entry, Fragment};
use crate::scan::BoxMm100;
use crate::service::Ask;

const HELLO: u8 = 0x01;
const HEARTBEAT: u8 = 0x02;
const SURVEY: u8 = 0x03;
const MOTION: u8 = 0x04;
const MANIFEST: u8 = 0x05;
const ASK_HAVE: u8 = 0x06;
const ERASE: u8 = 0x07;
const SCAN: u8 = 0x08;
const SCAN_READ: u8 = 0x09;
const REPLAY: u8 = 0x0A;
const BAND: u8 = 0x20;

impl From<&HostMessage> for Frame {
    fn from(message: &HostMessage) -> Frame {
        let mut to = Writer::default();
        let kind = write(message, &mut to);
        let channel = match kind {
            BAND | PROBE => Channel::Bulk,
            _ => Channel::Control,
        };
        Frame {
            channel,
            kind,
            payload: to.finish(),
        }
    }
}

fn write(message: &HostMessage, to: &mut Writer) -> u8 {
    match message {
        HostMessage::Hello {
            tag,
            lowest,
            highest,
        } => {
            to.u32(*tag).u8(*lowest).u8(*highest);
            HELLO
        }
        HostMessage::Heartbeat { events_seen } => {
            to.u64(*events_seen);
            HEARTBEAT
        }
        HostMessage::Survey { tag, sequence } => {
            to.u32(*tag).u64(*sequence);
            SURVEY
        }
        HostMessage::Motion {
            id,
            motion,
            sequence,
            boot,
        } => {
            id.write(to);
            motion.write(to);
            to.u64(*sequence).u32(*boot);
            MOTION
        }
        HostMessage::Manifest(manifest) => {
            manifest.write(to);
            MANIFEST
        }
        HostMessage::AskHave { tag, card } => {
            to.u32(*tag).u32(*card);
            ASK_HAVE
        }
        HostMessage::Erase { tag, card } => {
            to.u32(*tag).u32(*card);
            ERASE
        }
        HostMessage::Scan { tag, photo } => {
            to.u32(*tag).flag(photo.is_some());
            if let Some(photo) = photo {
                photo.write(to);
            }
            SCAN
        }
        HostMessage::ScanRead { scan, first, count } => {
            to.u32(*scan).u16(*first).u16(*count);
            SCAN_READ
        }
        HostMessage::Replay { from } => {
            to.u64(*from);
            REPLAY
        }
        HostMessage::Band(fragment) => {
            fragment.write(to);
            BAND
        }
        HostMessage::Service(ask) => ask.write(to),
    }
}

impl TryFrom<&Frame> for HostMessage {
    type Error = Malformed;

    fn try_from(frame: &Frame) -> Result<HostMessage, Malformed> {
        let mut from = Reader::new(&frame.payload);
        let message = read(frame, &mut from)?;
        from.end()?;
        Ok(message)
    }
}

fn read(frame: &Frame, from: &mut Reader<'_>) -> Result<HostMessage, Malformed> {
    Ok(match (frame.channel, frame.kind) {
        (Channel::Control, HELLO) => HostMessage::Hello {
            tag: from.u32()?,
            lowest: from.u8()?,
            highest: from.u8()?,
        },
        (Channel::Control, HEARTBEAT) => HostMessage::Heartbeat {
            events_seen: from.u64()?,
        },
        (Channel::Control, SURVEY) => HostMessage::Survey {
            tag: from.u32()?,
            sequence: from.u64()?,
        },
        (Channel::Control, MOTION) => HostMessage::Motion {
            id: MotionId::read(from)?,
            motion: Motion::read(from)?,
            sequence: from.u64()?,
            boot: from.u32()?,
        },
        (Channel::Control, MANIFEST) => HostMessage::Manifest(Manifest::read(from)?),
        (Channel::Control, ASK_HAVE) => HostMessage::AskHave {
            tag: from.u32()?,
            card: from.u32()?,
        },
        (Channel::Control, ERASE) => HostMessage::Erase {
            tag: from.u32()?,
            card: from.u32()?,
        },
        (Channel::Control, SCAN) => {
            let tag = from.u32()?;
            let photo = from
                .flag("photo wanted")?
                .then(|| BoxMm100::read(from))
                .transpose()?;
            HostMessage::Scan { tag, photo }
        }
        (Channel::Control, SCAN_READ) => HostMessage::ScanRead {
            scan: from.u32()?,
            first: from.u16()?,
            count: from.u16()?,
        },
        (Channel::Control, REPLAY) => HostMessage::Replay { from: from.u64()? },
        (Channel::Bulk, BAND) => HostMessage::Band(Fragment::read(from)?),
        (channel, kind) => HostMessage::Service(Ask::read(channel, kind, from)?),
    })
}

impl Manifest {
    fn write(&self, to: &mut Writer) {
        debug_assert!(
            self.panels.len() <= Panel::ALL.len(),
            "a manifest names each panel once"
        );
        to.u32(self.card).u32(self.boot).u8(self.panels.len() as u8);
        for entry in &self.panels {
            entry.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Manifest, Malformed> {
        let (card, boot, count) = (from.u32()?, from.u32()?, from.u8()?);
        if usize::from(count) > Panel::ALL.len() {
            return Err(Malformed::Value {
                field: "panels",
                value: count.into(),
            });
        }
        let panels = (0..count)
            .map(|_| Entry::read(from))
            .collect::<Result<_, _>>()?;
        Ok(Manifest { card, boot, panels })
    }
}
