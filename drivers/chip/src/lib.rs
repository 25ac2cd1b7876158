//! The card application without IO: files, secure messaging, personalisation, reading.
//!
//! Generic over [`wire::apdu::Transmit`]; time and chance are parameters. What only the first
//! generation of cards knows lies in [`generation1`]. The choices that the public card
//! specification leaves open are in `PERSONALISATION.md`.

mod crypto;
mod error;
mod exchange;
pub mod generation1;
pub mod image;
mod keys;
mod number;
mod personalise;
mod platform;
mod scp03;
mod tlv;
mod witness;

pub use error::Error;
pub use generation1::contents::{Contents, ContentsError, Date8, Files};
pub use generation1::files::{CardType, Directory, FileId};
pub use generation1::prove::{ProveChance, prove_locked};
pub use generation1::read::{Kind, Reading, prove_written, read_back, read_face, read_public};
pub use generation1::secure_messaging::ReadChance;
pub use generation1::signature::{self, SignatureError};
pub use keys::{ISSUER_VERSION, KeySet, TRANSPORT_VERSION, diversify};
pub use number::{NotANumber, Number};
pub use personalise::{lock, personalise, terminate};
pub use witness::{ChipState, inspect, prove_blank};
