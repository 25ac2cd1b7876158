//! What the card keeps without power: keys, life cycle, number, files, and the count of bytes
//! ever stored. Written to `chip.json` at every step, so that a cut leaves what a cut would leave.
//! It must not know commands or channels.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::apdu::Sw;
use super::cipher::{self, Key};
use super::files::{self, FileSpec};
use crate::Error;

const FILE: &str = "chip.json";
const TORN: &str = "chip.json.new";

/// Bytes after which a chip that [`Flaw::RefusesStore`] takes no more.
const MEMORY_OF_FLAWED: u32 = 2_000;

/// Life cycle of the issuer domain (GlobalPlatform card specification, table 11-6).
pub(super) mod domain {
    pub(crate) const OP_READY: u8 = 0x01;
    pub(crate) const INITIALIZED: u8 = 0x07;
    pub(crate) const SECURED: u8 = 0x0F;
    pub(crate) const LOCKED: u8 = 0x7F;
    pub(crate) const TERMINATED: u8 = 0xFF;
}

/// Life cycle of the residence application (the same, table 11-4).
pub(super) mod application {
    pub(crate) const INSTALLED: u8 = 0x03;
    pub(crate) const SELECTABLE: u8 = 0x07;
    pub(crate) const PERSONALIZED: u8 = 0x0F;
    pub(crate) const LOCKED: u8 = 0x8F;
    pub(crate) const TERMINATED: u8 = 0xFF;
}

/// Version of the transport keys a blank is delivered with.
pub(super) const TRANSPORT: u8 = 0x30;
/// Consecutive failures of EXTERNAL AUTHENTICATE after which the card opens no channel any more.
pub(super) const FAILURES_ALLOWED: u8 = 10;

/// The one static key set of the issuer domain.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    pub(super) version: u8,
    #[serde(with = "hexed")]
    pub(super) enc: Key,
    #[serde(with = "hexed")]
    pub(super) mac: Key,
    #[serde(with = "hexed")]
    pub(super) dek: Key,
}

impl Keys {
    /// Keys of one chip out of a master key (fact sheet §5.3, "kdf3").
    pub(super) fn diversified(master: &Key, serial: &[u8; 10], version: u8) -> Keys {
        let key = |which: u8| cipher::cmac(master, &[&[1, 0, 0, 0, which, 0], serial]);
        Keys {
            version,
            enc: key(1),
            mac: key(2),
            dek: key(3),
        }
    }
}

/// One file's bytes; `complete` once all of them were stored at least once.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    pub(super) complete: bool,
    #[serde(with = "hexed")]
    pub(super) bytes: Vec<u8>,
}

/// What is wrong with a chip as it came from its maker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Flaw {
    /// Memory ends in the middle of the files: from there on each store is refused.
    RefusesStore,
    /// In each part of a file that is stored, one bit turns over.
    TurnsBits,
    /// It says that it is locked, and still opens a channel under the keys that were replaced.
    StaysOpen,
}

/// All that the card remembers.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Memory {
    #[serde(with = "hexed")]
    pub(super) serial: [u8; 10],
    pub(super) keys: Keys,
    pub(super) issuer_domain: u8,
    pub(super) application: u8,
    pub(super) bytes_stored: u32,
    /// Sequence counter of the secure channel, three bytes of it used.
    pub(super) sequence: u32,
    pub(super) failures: u8,
    /// A dead chip never answers.
    pub(super) dead: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) flaw: Option<Flaw>,
    #[serde(with = "hexed")]
    pub(super) number: Vec<u8>,
    pub(super) files: BTreeMap<String, Stored>,
}

impl Memory {
    pub(super) fn blank(serial: [u8; 10], transport_master: &Key) -> Memory {
        Memory {
            serial,
            keys: Keys::diversified(transport_master, &serial, TRANSPORT),
            issuer_domain: domain::OP_READY,
            application: application::SELECTABLE,
            bytes_stored: 0,
            sequence: 0,
            failures: 0,
            dead: false,
            flaw: None,
            number: Vec::new(),
            files: BTreeMap::new(),
        }
    }

    /// Reads the memory of the card that lies in a folder.
    pub(super) fn read(folder: &Path) -> Result<Memory, Error> {
        let path = folder.join(FILE);
        let bytes = fs::read(&path).map_err(|cause| unusable(&path, cause))?;
        serde_json::from_slice(&bytes).map_err(|cause| damaged(path, &cause))
    }

    /// Writes it in one move: a reader finds the old memory or the new one, nothing between.
    pub(super) fn write(&self, folder: &Path) -> Result<(), Error> {
        let (path, torn) = (folder.join(FILE), folder.join(TORN));
        let bytes = serde_json::to_vec(self).map_err(|cause| damaged(path.clone(), &cause))?;
        fs::create_dir_all(folder).map_err(|cause| unusable(folder, cause))?;
        fs::write(&torn, bytes).map_err(|cause| unusable(&torn, cause))?;
        fs::rename(&torn, &path).map_err(|cause| unusable(&path, cause))
    }

    pub(super) fn file(&self, spec: &FileSpec) -> Option<&Stored> {
        self.files.get(spec.name).filter(|stored| stored.complete)
    }

    /// Whether the public interface works.
    pub(super) fn readable(&self) -> bool {
        self.application == application::PERSONALIZED && self.issuer_domain <= domain::SECURED
    }

    /// Once personalised or under issuer keys, face, signature and number are closed for good.
    pub(super) fn closed(&self) -> bool {
        self.application != application::INSTALLED && self.application != application::SELECTABLE
            || self.keys.version != TRANSPORT
    }

    /// Whether memory ends here, as it does in one flawed chip.
    pub(super) fn is_full(&self) -> bool {
        self.flaw == Some(Flaw::RefusesStore) && self.bytes_stored > MEMORY_OF_FLAWED
    }

    /// Whether everything a finished card needs has been stored.
    pub(super) fn complete(&self) -> bool {
        let card_type = self
            .files
            .get(files::CARD_TYPE)
            .and_then(|file| file.bytes.last());
        let residence_card = card_type != Some(&b'2');
        let held = |spec: &FileSpec| self.file(spec).is_some() || !spec.required(residence_card);
        self.number.len() == 12 && files::FILES.iter().all(held)
    }
}

/// The memory and the folder where it is kept.
pub(super) struct Vault {
    pub(super) memory: Memory,
    pub(super) home: Option<PathBuf>,
}

impl Vault {
    /// Makes the present memory durable; 6581 when the folder refuses.
    pub(super) fn commit(&self) -> Result<(), Sw> {
        match &self.home {
            Some(folder) => self.memory.write(folder).map_err(|_| Sw::MEMORY),
            None => Ok(()),
        }
    }

    /// Counts bytes before they are written, so that no cut can hide that writing began.
    pub(super) fn count(&mut self, bytes: usize) -> Result<(), Sw> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.memory.bytes_stored = self.memory.bytes_stored.saturating_add(bytes);
        self.commit()
    }

    /// Puts part of a file in its place; the caller has counted it and commits.
    pub(super) fn put(&mut self, spec: &FileSpec, offset: usize, part: &[u8]) {
        let stored = self
            .memory
            .files
            .entry(spec.name.into())
            .or_insert_with(|| Stored {
                complete: false,
                bytes: vec![0; spec.bytes],
            });
        stored.bytes[offset..offset + part.len()].copy_from_slice(part);
        if self.memory.flaw == Some(Flaw::TurnsBits) && !part.is_empty() {
            stored.bytes[offset + part.len() / 2] ^= 1;
        }
        stored.complete |= offset + part.len() == spec.bytes;
    }
}

fn unusable(path: &Path, source: std::io::Error) -> Error {
    Error::File {
        path: path.into(),
        source,
    }
}

/// Names the line, never the content: the file holds keys.
fn damaged(path: PathBuf, cause: &serde_json::Error) -> Error {
    Error::Content {
        path,
        line: cause.line(),
        reason: "this is no card's memory".into(),
    }
}

/// Bytes as hexadecimal text in JSON.
mod hexed {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        bytes: impl AsRef<[u8]>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode_upper(bytes))
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>, T: TryFrom<Vec<u8>>>(
        from: D,
    ) -> Result<T, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = hex::decode(text).map_err(D::Error::custom)?;
        T::try_from(bytes).map_err(|_| D::Error::custom("wrong number of bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    // Fact sheet §5.3, vector (b); the check values are those a public tool asserts.
    #[test]
    fn keys_of_a_chip_are_those_of_the_published_derivation() {
        let master = hex!("404142434445464748494A4B4C4D4E4F");
        let keys = Keys::diversified(&master, &hex!("00010203040506070809"), TRANSPORT);
        assert_eq!(keys.enc, hex!("808bc985a1069ad2a9ac94e0fe7b8843"));
        assert_eq!(keys.mac, hex!("65942e0bf4f3f32aefacba5671456275"));
        assert_eq!(keys.dek, hex!("6a74f6f6040cca10d8a3fdc7914fd7cc"));
        assert_eq!(cipher::check_value(&keys.enc), hex!("E79C05"));
        assert_eq!(cipher::check_value(&keys.mac), hex!("D1BD77"));
        assert_eq!(cipher::check_value(&keys.dek), hex!("3FDE8C"));
    }

    #[test]
    fn a_file_is_there_only_when_its_last_byte_was_stored() {
        let mut vault = Vault {
            memory: Memory::blank([7; 10], &[0; 16]),
            home: None,
        };
        let spec = &files::FILES[0];
        vault.put(spec, 0, &[1, 2, 3]);
        assert!(vault.memory.file(spec).is_none());
        vault.put(spec, 3, &[4, 5, 6]);
        assert_eq!(
            vault.memory.file(spec).map(|file| &file.bytes[..]),
            Some(&[1, 2, 3, 4, 5, 6][..])
        );
    }

    #[test]
    fn memory_survives_json_and_refuses_what_is_not_its_own() {
        let memory = Memory::blank([7; 10], &[9; 16]);
        let text = serde_json::to_string(&memory).unwrap();
        let back: Memory = serde_json::from_str(&text).unwrap();
        assert_eq!(back.keys.enc, memory.keys.enc);
        let odd = text.replace("\"dead\"", "\"undead\"");
        assert!(serde_json::from_str::<Memory>(&odd).is_err());
    }
}
