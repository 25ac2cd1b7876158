//! The hash chain: each record's hash covers the one before, its number and its bytes.

use ring::digest::{Context, SHA256};
use std::fmt;

/// A record's number: from 1, without gaps.
pub type Sequence = u64;

/// A number as SQLite keeps it.
pub(super) fn row_id(sequence: Sequence) -> i64 {
    sequence.cast_signed()
}

/// A link of the chain, SHA-256.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn hash(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut link = [0; 32];
    link.copy_from_slice(context.finish().as_ref());
    Hash(link)
}

impl Hash {
    /// The link that stands before the first record: it binds the chain to one station.
    #[must_use]
    pub(super) fn genesis(station: &str, salt: &[u8]) -> Hash {
        hash(&[b"card-station journal 1", station.as_bytes(), salt])
    }

    /// The link of the record that follows this one.
    #[must_use]
    pub(super) fn follow(self, sequence: Sequence, record: &[u8]) -> Hash {
        hash(&[&self.0, &sequence.to_be_bytes(), record])
    }

    /// The hash in a column of 32 bytes.
    pub(super) fn read(column: &[u8]) -> Option<Hash> {
        column.try_into().ok().map(Hash)
    }
}
