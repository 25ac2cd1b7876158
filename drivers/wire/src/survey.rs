//! What the machine shows: sensors, counters, supplies, all in one survey, and
//! their bytes. Knows no frame and no session.

use crate::bytes::{Malformed, Reader, Writer};
use crate::motion::MotionId;

/// A side of the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Face {
    /// The side with the photo.
    Front,
    /// The side with the endorsements.
    Back,
}

/// What the flipper's sensors see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Flipper {
    /// No card in it.
    #[default]
    Empty,
    /// A card seated front up.
    FrontUp,
    /// A card seated back up.
    BackUp,
    /// A card not seated.
    Between,
}

impl Flipper {
    const ALL: [Flipper; 4] = [
        Flipper::Empty,
        Flipper::FrontUp,
        Flipper::BackUp,
        Flipper::Between,
    ];

    fn read(from: &mut Reader<'_>) -> Result<Flipper, Malformed> {
        let value = from.u8()?;
        let flipper = Flipper::ALL.get(usize::from(value)).copied();
        flipper.ok_or(Malformed::Value {
            field: "flipper",
            value: value.into(),
        })
    }
}

/// What the sensors show at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sensors {
    /// At least one blank in the hopper.
    pub hopper: bool,
    /// A card between hopper and encoder.
    pub feeder: bool,
    /// A card at the encoder.
    pub encoder: bool,
    /// A card on the flipper's side of the head's entry.
    pub head_in: bool,
    /// A card on the far side of the head.
    pub head_out: bool,
    /// The flipper.
    pub flipper: Flipper,
    /// A card in the hologram station.
    pub hologram: bool,
    /// A card in the check station.
    pub check: bool,
    /// A card in the exit slot.
    pub exit: bool,
    /// No more room in the reject tray.
    pub tray_full: bool,
    /// The cover is open.
    pub cover_open: bool,
    /// Print head, tenths of a degree Celsius.
    pub head_decidegrees: i16,
    /// Patch heater, tenths of a degree Celsius.
    pub patch_decidegrees: i16,
}

impl Sensors {
    fn write(&self, to: &mut Writer) {
        let bits = [
            self.hopper,
            self.feeder,
            self.encoder,
            self.head_in,
            self.head_out,
            self.hologram,
            self.check,
            self.exit,
            self.tray_full,
            self.cover_open,
        ];
        let word = bits
            .iter()
            .enumerate()
            .fold(0u16, |word, (at, bit)| word | (*bit as u16) << at);
        to.u16(word)
            .u8(self.flipper as u8)
            .i16(self.head_decidegrees)
            .i16(self.patch_decidegrees);
    }

    fn read(from: &mut Reader<'_>) -> Result<Sensors, Malformed> {
        let word = from.u16()?;
        if word >= 1 << 10 {
            return Err(Malformed::Value {
                field: "sensors",
                value: word.into(),
            });
        }
        let bit = |at: u8| word >> at & 1 == 1;
        Ok(Sensors {
            hopper: bit(0),
            feeder: bit(1),
            encoder: bit(2),
            head_in: bit(3),
            head_out: bit(4),
            hologram: bit(5),
            check: bit(6),
            exit: bit(7),
            tray_full: bit(8),
            cover_open: bit(9),
            flipper: Flipper::read(from)?,
            head_decidegrees: from.i16()?,
            patch_decidegrees: from.i16()?,
        })
    }
}

/// One-way counters in non-volatile memory, monotone for the machine's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Cards that arrived at the encoder.
    pub fed: u32,
    /// Cards that arrived in the exit slot.
    pub ejected: u32,
    /// Cards taken from the exit slot.
    pub taken: u32,
    /// Cards that arrived in the reject tray.
    pub rejected: u32,
    /// Cards that no sensor found again.
    pub lost: u32,
    /// Passes begun per panel, stored before the first dot.
    pub begun: [u32; 7],
    /// Passes completed per panel, stored after the last dot.
    pub completed: [u32; 7],
    /// Patches begun.
    pub patches_begun: u32,
    /// Patches completed.
    pub patches_completed: u32,
    /// Cards turned over, stored when seated.
    pub flips: u32,
    /// Times power came on; the boot id.
    pub power_ons: u32,
    /// Cards fed since the last cleaning; the only one that goes back.
    pub since_cleaning: u32,
}

impl Counters {
    fn write(&self, to: &mut Writer) {
        to.u32(self.fed)
            .u32(self.ejected)
            .u32(self.taken)
            .u32(self.rejected)
            .u32(self.lost);
        for count in self.begun.iter().chain(&self.completed) {
            to.u32(*count);
        }
        to.u32(self.patches_begun)
            .u32(self.patches_completed)
            .u32(self.flips);
        to.u32(self.power_ons).u32(self.since_cleaning);
    }

    fn read(from: &mut Reader<'_>) -> Result<Counters, Malformed> {
        let mut counters = Counters {
            fed: from.u32()?,
            ejected: from.u32()?,
            taken: from.u32()?,
            rejected: from.u32()?,
            lost: from.u32()?,
            ..Counters::default()
        };
        for count in counters.begun.iter_mut().chain(&mut counters.completed) {
            *count = from.u32()?;
        }
        counters.patches_begun = from.u32()?;
        counters.patches_completed = from.u32()?;
        counters.flips = from.u32()?;
        counters.power_ons = from.u32()?;
        counters.since_cleaning = from.u32()?;
        Ok(counters)
    }
}

/// What a supply's tag says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SupplyKind {
    /// Pre-printed blank cards with a chip.
    Blanks,
    /// The seven-panel ribbon.
    Ribbon,
    /// Hologram patch film.
    Patches,
    /// A type that this version does not know.
    Other(u8),
}

impl SupplyKind {
    fn code(self) -> u8 {
        match self {
            SupplyKind::Blanks => 1,
            SupplyKind::Ribbon => 2,
            SupplyKind::Patches => 3,
            SupplyKind::Other(code) => code,
        }
    }
}

impl From<u8> for SupplyKind {
    fn from(code: u8) -> SupplyKind {
        match code {
            1 => SupplyKind::Blanks,
            2 => SupplyKind::Ribbon,
            3 => SupplyKind::Patches,
            code => SupplyKind::Other(code),
        }
    }
}

/// A supply's tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// Its type.
    pub kind: SupplyKind,
    /// Its serial.
    pub serial: [u8; 8],
    /// Its lot.
    pub lot: u32,
    /// Cards, sets or patches when new.
    pub capacity: u32,
    /// Cards, sets or patches left.
    pub remaining: u32,
    /// Last day on which it may be used, as the decimal number yyyymmdd; 0 when it does not expire.
    pub expires: u32,
}

impl Tag {
    fn write(tag: Option<&Tag>, to: &mut Writer) {
        to.flag(tag.is_some());
        if let Some(Tag {
            kind,
            serial,
            lot,
            capacity,
            remaining,
            expires,
        }) = tag
        {
            to.u8(kind.code())
                .raw(serial)
                .u32(*lot)
                .u32(*capacity)
                .u32(*remaining)
                .u32(*expires);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Option<Tag>, Malformed> {
        if !from.flag("tag present")? {
            return Ok(None);
        }
        Ok(Some(Tag {
            kind: SupplyKind::from(from.u8()?),
            serial: from.array()?,
            lot: from.u32()?,
            capacity: from.u32()?,
            remaining: from.u32()?,
            expires: day(from)?,
        }))
    }
}

/// A day as yyyymmdd, or 0; which days a month has is the reader's own affair.
fn day(from: &mut Reader<'_>) -> Result<u32, Malformed> {
    let value = from.u32()?;
    let (year, month, day) = (value / 10_000, value / 100 % 100, value % 100);
    let named = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if value == 0 || named {
        Ok(value)
    } else {
        Err(Malformed::Value {
            field: "expires",
            value: value.into(),
        })
    }
}

/// The tags of what is loaded; `None` is nothing loaded or not readable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Supplies {
    /// In the hopper.
    pub blanks: Option<Tag>,
    /// On the ribbon spindle.
    pub ribbon: Option<Tag>,
    /// In the hologram station.
    pub patches: Option<Tag>,
}

/// What the machine shows at one instant: the evidence after any doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Survey {
    /// Boot id: another one means that power was lost between.
    pub boot: u32,
    /// Milliseconds since power came on.
    pub clock_ms: u64,
    /// Sensors.
    pub sensors: Sensors,
    /// Counters.
    pub counters: Counters,
    /// Supplies.
    pub supplies: Supplies,
    /// The last motion that was accepted, kept over power losses.
    pub last_motion: Option<MotionId>,
    /// The motion that is moving now.
    pub underway: Option<MotionId>,
    /// The newest journal sequence number that any host has named.
    pub newest_sequence: u64,
    /// Which side of the card in the machine is up, where the machine knows.
    pub face_up: Option<Face>,
}

impl Survey {
    pub(crate) fn write(&self, to: &mut Writer) {
        to.u32(self.boot).u64(self.clock_ms);
        self.sensors.write(to);
        self.counters.write(to);
        let Supplies {
            blanks,
            ribbon,
            patches,
        } = &self.supplies;
        for tag in [blanks, ribbon, patches] {
            Tag::write(tag.as_ref(), to);
        }
        for id in [self.last_motion, self.underway] {
            to.flag(id.is_some());
            if let Some(id) = id {
                id.write(to);
            }
        }
        to.u64(self.newest_sequence);
        to.u8(match self.face_up {
            None => 0,
            Some(Face::Front) => 1,
            Some(Face::Back) => 2,
        });
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Result<Survey, Malformed> {
        Ok(Survey {
            boot: from.u32()?,
            clock_ms: from.u64()?,
            sensors: Sensors::read(from)?,
            counters: Counters::read(from)?,
            supplies: Supplies {
                blanks: Tag::read(from)?,
                ribbon: Tag::read(from)?,
                patches: Tag::read(from)?,
            },
            last_motion: read_optional_id(from)?,
            underway: read_optional_id(from)?,
            newest_sequence: from.u64()?,
            face_up: match from.u8()? {
                0 => None,
                1 => Some(Face::Front),
                2 => Some(Face::Back),
                value => {
                    return Err(Malformed::Value {
                        field: "face up",
                        value: value.into(),
                    });
                }
            },
        })
    }
}

fn read_optional_id(from: &mut Reader<'_>) -> Result<Option<MotionId>, Malformed> {
    from.flag("motion present")?
        .then(|| MotionId::read(from))
        .transpose()
}
