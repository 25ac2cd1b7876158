//! Cards on readers of the machine's card service (PC/SC). Knows bytes and readers, no card's meaning.
//!
//! After any error in a transmission the card counts as gone: what lies on the reader next may be
//! another one, so the caller waits for a card again and identifies it.

mod card;
mod error;
mod readers;

pub use card::{Card, Held};
pub use error::Error;
pub use pcsc::Error as ServiceError;
pub use readers::{Access, Canceller, Readers, Sharing};
