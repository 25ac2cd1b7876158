//! Identifiers and digests as they travel: short, plain, checked when they are made.

use serde::{Deserialize, Serialize};

/// The text does not have the form of this identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} has 1 to {max} characters of A-Z, 0-9 and '-', and starts with a letter or digit")]
pub struct IdError {
    what: &'static str,
    max: usize,
}

fn plain(text: &str, what: &'static str, max: usize) -> Result<(), IdError> {
    let allowed = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
    let good =
        (1..=max).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with('-');
    if good {
        Ok(())
    } else {
        Err(IdError { what, max })
    }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads the identifier.
            ///
            /// # Errors
            /// [`IdError`] when it has other characters or is too long.
            pub fn parse(text: &str) -> Result<$name, IdError> {
                plain(text, $what, $max).map(|()| $name(text.to_owned()))
            }

            /// The characters.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<$name, IdError> {
                $name::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<$name, IdError> {
                $name::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

identifier!(
    /// One approval on its way to a card: the office and the reception number.
    JobId,
    "a job",
    40
);
identifier!(
    /// A station, as enrolled at the authority.
    StationId,
    "a station",
    24
);
identifier!(
    /// An immigration office.
    OfficeId,
    "an office",
    12
);
identifier!(
    /// The number under which an office took the application, such as `2026-000123`.
    ReceptionNumber,
    "a reception number",
    24
);
identifier!(
    /// Someone who works for the office; never a name.
    PersonId,
    "a person's id",
    24
);

impl JobId {
    /// The job of that reception at that office.
    pub fn of(office: &OfficeId, reception: &ReceptionNumber) -> JobId {
        // 12 + 1 + 24 characters at most, all of them allowed ones.
        JobId(format!("{office}-{reception}"))
    }
}

/// A SHA-256, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(pub [u8; 32]);

/// The text is no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a digest is 64 lower-case hexadecimal digits")]
pub struct DigestError;

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        let mut digest = [0; 32];
        digest.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
        Digest(digest)
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl std::str::FromStr for Digest {
    type Err = DigestError;
    fn from_str(text: &str) -> Result<Digest, DigestError> {
        let mut digest = [0; 32];
        hex::decode_to_slice(text, &mut digest).map_err(|_| DigestError)?;
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            Err(DigestError)
        } else {
            Ok(Digest(digest))
        }
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestError;
    fn try_from(text: String) -> Result<Digest, DigestError> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_short_and_plain() {
        assert!(StationId::parse("TYO-W3").is_ok());
        for wrong in ["", "-A", "tyo", "A B", "A/../B", &"A".repeat(25)] {
            assert!(StationId::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_digest_reads_back() {
        // FIPS 180-4, SHA-256("abc").
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").to_string(), known);
        assert_eq!(known.parse(), Ok(Digest::of(b"abc")));
        assert_eq!(known.to_uppercase().parse::<Digest>(), Err(DigestError));
    }
}
