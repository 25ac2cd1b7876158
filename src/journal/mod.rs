//! The journal: append → sync → replay of opaque records, hash-chained, in one SQLite
//! file that one process owns. It knows no event; `issuance` reads what it stores.

mod chain;
mod owner;
mod store;
#[cfg(test)]
mod tests;
mod verify;

pub use chain::{Hash, Sequence};
pub use store::Journal;

use std::io;
use std::path::PathBuf;

/// Why the journal cannot be used. None of these is ever retried as if nothing had happened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no journal; a fresh one is only ever started by order.
    #[error("there is no journal at {path}; a new station is given one by `station init`")]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// `create` found one.
    #[error("there is a journal at {path} already")]
    Exists {
        /// Where.
        path: PathBuf,
    },
    /// Another process owns it.
    #[error("the journal belongs to {owner}; stop that program first")]
    Busy {
        /// Its name and process id.
        owner: String,
    },
    /// It is another station's.
    #[error("this is the journal of station {found}, not of {wanted}")]
    OtherStation {
        /// The station in its first record.
        found: String,
        /// This station.
        wanted: String,
    },
    /// The chain does not hold.
    #[error("the journal is damaged at record {at}: {what}")]
    Damaged {
        /// The first bad record.
        at: Sequence,
        /// What is wrong with it.
        what: &'static str,
    },
    /// It does not hold a checkpoint that somebody else remembers.
    #[error("the journal does not hold checkpoint {at}: it was cut or put back")]
    RolledBack {
        /// The checkpoint's record.
        at: Sequence,
    },
    /// An earlier write failed: what is on the disk is not known.
    #[error("an earlier write failed; nothing more is written until the station is started again")]
    Poisoned,
    /// SQLite refused.
    #[error("the journal's file cannot be used")]
    Storage(#[from] rusqlite::Error),
    /// The file system refused.
    #[error("the journal's folder cannot be used")]
    File(#[from] io::Error),
}
