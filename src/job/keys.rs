//! The public keys that may have signed a job, and the office's own list of characters.
//! No private key ever comes here.

use super::strict::{self, ContentError};
use crate::product::name::{ListError, RegularKanji};
use serde::{Deserialize, Serialize};

/// A public key for ES384.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobKey {
    /// Names the key in the token's header: the first 16 hexadecimal digits of its SHA-256.
    pub kid: String,
    /// The uncompressed point (97 bytes) in hexadecimal.
    pub point: String,
}

impl JobKey {
    /// The key of that uncompressed point.
    pub fn of(point: &[u8]) -> JobKey {
        let kid = super::Digest::of(point).to_string()[..16].to_owned();
        JobKey {
            kid,
            point: hex::encode(point),
        }
    }
}

/// The file that a station gets when it is enrolled.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobKeysFile {
    /// The keys.
    pub keys: Vec<JobKey>,
    /// Further characters (notice 582), one code point or range a line.
    #[serde(default)]
    pub further_kanji: String,
}

/// What a station trusts when it is given a job.
#[derive(Clone, Debug)]
pub struct JobKeys {
    keys: Vec<(String, Vec<u8>)>,
    kanji: RegularKanji,
}

/// The file of job keys cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// It is not of the form.
    #[error("the file of job keys is not of its form")]
    Content(#[from] ContentError),
    /// A key is no P-384 point, or its name is not that of the point.
    #[error("job key {0} is no P-384 public key under its own name")]
    Key(usize),
    /// The list of characters is not of its form.
    #[error("the list of further characters is not of its form")]
    Kanji(#[from] ListError),
}

impl JobKeys {
    /// Reads the file.
    ///
    /// # Errors
    /// [`KeysError`]: enrol the station again.
    pub fn parse(json: &[u8]) -> Result<JobKeys, KeysError> {
        let file: JobKeysFile = strict::read(json, 256 * 1024)?;
        JobKeys::new(&file.keys, &file.further_kanji)
    }

    /// Trusts these keys and, beside the listed characters, these.
    ///
    /// # Errors
    /// [`KeysError`] naming what is wrong.
    pub fn new(keys: &[JobKey], further_kanji: &str) -> Result<JobKeys, KeysError> {
        let point = |(at, key): (usize, &JobKey)| {
            let point = hex::decode(&key.point).map_err(|_| KeysError::Key(at))?;
            let good = point.len() == 97 && point[0] == 4 && JobKey::of(&point).kid == key.kid;
            if good {
                Ok((key.kid.clone(), point))
            } else {
                Err(KeysError::Key(at))
            }
        };
        Ok(JobKeys {
            keys: keys
                .iter()
                .enumerate()
                .map(point)
                .collect::<Result<_, _>>()?,
            kanji: RegularKanji::listed().with(further_kanji)?,
        })
    }

    /// The point of that key.
    pub(super) fn point(&self, kid: &str) -> Option<&[u8]> {
        self.keys
            .iter()
            .find(|(known, _)| known == kid)
            .map(|(_, point)| point.as_slice())
    }

    /// The characters that names may have.
    pub fn kanji(&self) -> &RegularKanji {
        &self.kanji
    }
}
