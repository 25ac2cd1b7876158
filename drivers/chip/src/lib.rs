//! The card application without IO: files, secure messaging, personalisation, reading.
//!
//! Generic over [`wire::apdu::Transmit`]; time and chance are parameters. What only the first
//! generation of cards knows lies in [`generation1`]. The choices that the public card
//! specification leaves open are in `PERSONALISATION.md`.

mod crypto;
pub mod generation1;
pub mod image;
mod keys;
mod number;
mod tlv;

pub use generation1::contents::{Contents, ContentsError, Date8, Files};
pub use generation1::files::{CardType, FileId};
pub use generation1::signature::{self, SignatureError};
pub use keys::{ISSUER_VERSION, KeySet, TRANSPORT_VERSION, diversify};
pub use number::{NotANumber, Number};
