//! Bytes and their meaning: the printer's serial wire and the framing of card
//! commands. Without IO, clock, chance or logging, so that both ends of a line
//! can share it; `PROTOCOL.md` beside this crate is its specification.
//!
//! Nothing here panics on what a device sends, and no length that a device
//! claims is allocated before that many bytes have arrived.

pub mod apdu;
mod bytes;
mod condition;
pub mod frame;
pub mod message;
mod motion;
pub mod raster;
pub mod scan;
pub mod service;
mod survey;

pub use bytes::Malformed;
pub use condition::{Condition, Zone};
pub use motion::{Motion, MotionAnswer, MotionId, MotionResult, Panel};
pub use scan::{BoxMm100, GreyBox, Scan};
pub use survey::{Counters, Face, Flipper, Sensors, Supplies, SupplyKind, Survey, Tag};

/// The newest version of the protocol that this crate speaks.
pub const PROTOCOL_NEWEST: u8 = 1;
/// The oldest version of the protocol that this crate speaks.
pub const PROTOCOL_OLDEST: u8 = 1;
