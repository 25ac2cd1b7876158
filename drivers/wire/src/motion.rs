//! Panels and motions: what the host can ask to move, what each motion is
//! called and how it ends, and their bytes. Knows no frame and no session.

use crate::bytes::{Malformed, Reader, Writer};
use crate::condition::Condition;
use crate::survey::Survey;

/// A ribbon panel, in the ribbon's order of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Panel {
    /// Black resin for the back, 1 bit a dot.
    BackK,
    /// Yellow dye, 8 bits a dot.
    Y,
    /// Magenta dye, 8 bits a dot.
    M,
    /// Cyan dye, 8 bits a dot.
    C,
    /// Black resin for the front, 1 bit a dot.
    K,
    /// Fluorescent ink, 1 bit a dot.
    Uv,
    /// Pearl ink, 1 bit a dot.
    Pearl,
}

impl Panel {
    /// All panels, in the ribbon's order of use.
    pub const ALL: [Panel; 7] = [
        Panel::BackK,
        Panel::Y,
        Panel::M,
        Panel::C,
        Panel::K,
        Panel::Uv,
        Panel::Pearl,
    ];

    /// Place in the ribbon's order of use, 0 to 6.
    pub fn index(self) -> usize {
        self as usize
    }

    /// Bits a dot: 8 for dyes, 1 for inks.
    pub fn bits(self) -> u8 {
        match self {
            Panel::Y | Panel::M | Panel::C => 8,
            Panel::BackK | Panel::K | Panel::Uv | Panel::Pearl => 1,
        }
    }

    pub(crate) fn write(self, to: &mut Writer) {
        to.u8(self as u8);
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Result<Panel, Malformed> {
        let value = from.u8()?;
        let panel = Panel::ALL.get(usize::from(value)).copied();
        panel.ok_or(Malformed::Value {
            field: "panel",
            value: value.into(),
        })
    }
}

/// One motion of the machine: what the host can ask to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Motion {
    /// Takes a blank from the hopper to the encoder.
    Feed,
    /// Winds the ribbon to a panel; no card moves.
    SeekRibbon(Panel),
    /// Moves the card under the head if it is not there, burns one panel.
    Pass(Panel),
    /// Turns the card over.
    Flip,
    /// Moves the card to the hologram station and lays a patch.
    Hologram,
    /// Moves the card to the check station, cools and scans it.
    Check,
    /// Moves the card into the exit slot and holds it there.
    Eject,
    /// Opens the exit slot; done when the card is taken.
    Release,
    /// Moves the card, from wherever it is, into the reject tray.
    Reject,
}

impl Motion {
    pub(crate) fn write(self, to: &mut Writer) {
        match self {
            Motion::Feed => to.u8(1).u8(0),
            Motion::SeekRibbon(panel) => to.u8(2).u8(panel as u8),
            Motion::Pass(panel) => to.u8(3).u8(panel as u8),
            Motion::Flip => to.u8(4).u8(0),
            Motion::Hologram => to.u8(5).u8(0),
            Motion::Check => to.u8(6).u8(0),
            Motion::Eject => to.u8(7).u8(0),
            Motion::Release => to.u8(8).u8(0),
            Motion::Reject => to.u8(9).u8(0),
        };
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Result<Motion, Malformed> {
        let code = from.u8()?;
        let panel = Panel::read(from)?;
        match (code, panel) {
            (2, panel) => Ok(Motion::SeekRibbon(panel)),
            (3, panel) => Ok(Motion::Pass(panel)),
            (1, Panel::BackK) => Ok(Motion::Feed),
            (4, Panel::BackK) => Ok(Motion::Flip),
            (5, Panel::BackK) => Ok(Motion::Hologram),
            (6, Panel::BackK) => Ok(Motion::Check),
            (7, Panel::BackK) => Ok(Motion::Eject),
            (8, Panel::BackK) => Ok(Motion::Release),
            (9, Panel::BackK) => Ok(Motion::Reject),
            (code, _) => Err(Malformed::Value {
                field: "motion",
                value: code.into(),
            }),
        }
    }
}

/// A motion's name for life: repeated, it never moves again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MotionId {
    /// The station's own durable count of cards begun.
    pub card: u32,
    /// The step's place in the card's plan.
    pub step: u8,
    /// Which try of that step; a new try is another motion.
    pub attempt: u8,
}

impl MotionId {
    pub(crate) fn write(self, to: &mut Writer) {
        to.u32(self.card).u8(self.step).u8(self.attempt);
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Result<MotionId, Malformed> {
        Ok(MotionId {
            card: from.u32()?,
            step: from.u8()?,
            attempt: from.u8()?,
        })
    }
}

/// What the printer says to a motion at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MotionAnswer {
    /// It moves, or moved already; the result follows as an event.
    Accepted,
    /// Nothing moved and nothing will.
    Refused(Condition),
}

/// How an accepted motion ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MotionResult {
    /// As asked.
    Done {
        /// How long it took.
        elapsed_ms: u32,
        /// The machine at its end.
        survey: Survey,
    },
    /// Stopped by a condition; where the card is, the survey shows.
    Failed {
        /// Why.
        condition: Condition,
        /// How long it took.
        elapsed_ms: u32,
        /// The machine at its end.
        survey: Survey,
    },
}

impl MotionResult {
    /// The machine at the motion's end.
    pub fn survey(&self) -> &Survey {
        match self {
            MotionResult::Done { survey, .. } | MotionResult::Failed { survey, .. } => survey,
        }
    }

    /// How long the motion took.
    pub fn elapsed_ms(&self) -> u32 {
        match self {
            MotionResult::Done { elapsed_ms, .. } | MotionResult::Failed { elapsed_ms, .. } => {
                *elapsed_ms
            }
        }
    }

    pub(crate) fn write(&self, to: &mut Writer) {
        match self {
            MotionResult::Done { .. } => to.u16(0),
            MotionResult::Failed { condition, .. } => to.u16(condition.code()),
        };
        to.u32(self.elapsed_ms());
        self.survey().write(to);
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Result<MotionResult, Malformed> {
        let code = from.u16()?;
        let elapsed_ms = from.u32()?;
        let survey = Survey::read(from)?;
        Ok(match code {
            0 => MotionResult::Done { elapsed_ms, survey },
            code => MotionResult::Failed {
                condition: code.into(),
                elapsed_ms,
                survey,
            },
        })
    }
}
