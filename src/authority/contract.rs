//! What a station and the authority say to each other, as JSON over HTTPS.
//!
//! Each request of a station carries [`SEQUENCE_HEADER`]; each refusal is a [`ProblemReport`].

use crate::job::{Digest, JobId, OfficeId, ReceptionNumber, StationId};
use crate::product::{CardNumber, Ground, OldCardRule, Product};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;
use zeroize::{Zeroize, Zeroizing};

/// The journal's sequence number, in each request of a station.
pub const SEQUENCE_HEADER: &str = "x-journal-sequence";
/// The newest checkpoint of which the station's journal holds the authority's acknowledgement. An
/// authority that does not know it any more was put back to an older copy.
pub const ACKNOWLEDGED_HEADER: &str = "x-journal-acknowledged";
/// The media type of a refusal (RFC 9457).
pub const PROBLEM_TYPE: &str = "application/problem+json";

/// What a station is told about itself when it is enrolled: `station.json` in its folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentFile {
    /// The station.
    pub station: StationId,
    /// Its office.
    pub office: OfficeId,
    /// Where the authority is, such as `https://localhost:8443`.
    pub authority_url: String,
}

/// One approved job that waits for a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueueEntry {
    /// The job.
    #[schema(value_type = String)]
    pub job: JobId,
    /// Its office.
    #[schema(value_type = String)]
    pub office: OfficeId,
    /// The number under which it was taken.
    #[schema(value_type = String)]
    pub reception: ReceptionNumber,
    /// Which card.
    #[schema(value_type = String)]
    pub product: Product,
    /// Why.
    #[schema(value_type = String)]
    pub ground: Ground,
    /// What becomes of the old card.
    #[schema(value_type = String)]
    pub old_card: OldCardRule,
    /// Whether the card bears a photo.
    pub photo: bool,
    /// The attempt that the next lease would be.
    pub next_attempt: u32,
    /// Since when it waits.
    #[schema(value_type = String)]
    pub waiting_since: Timestamp,
}

/// Asks for a job. The same key gives the same answer, however often it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaseRequest {
    /// Journalled before it is sent.
    pub key: Key,
    /// Which job: "next", {"job": …} or {"reception": …}.
    #[schema(value_type = Object)]
    pub select: Select,
}

/// Which job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Select {
    /// The one that waits longest.
    Next,
    /// This one.
    Job(JobId),
    /// The one of this reception number.
    Reception(ReceptionNumber),
}

/// A grant.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lease {
    /// The signed token, for [`crate::job::Job::verify`].
    pub token: String,
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lease(…)")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // The payload holds the holder's data.
        self.token.zeroize();
    }
}

/// 128 bits of chance by which a repeated request or report is known: 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
pub struct Key(pub [u8; 16]);

/// The serial of a chip, as its maker wrote it: 20 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
pub struct ChipSerial(pub [u8; 10]);

/// The text does not have as many lower-case hexadecimal digits as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("should be {0} lower-case hexadecimal digits")]
pub struct HexError(usize);

macro_rules! hexadecimal {
    ($name:ident, $bytes:literal) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = HexError;
            fn from_str(text: &str) -> Result<$name, HexError> {
                let mut bytes = [0; $bytes];
                let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
                match hex::decode_to_slice(text, &mut bytes) {
                    Ok(()) if lower => Ok($name(bytes)),
                    Ok(()) | Err(_) => Err(HexError(2 * $bytes)),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = HexError;
            fn try_from(text: String) -> Result<$name, HexError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.to_string()
            }
        }
    };
}

hexadecimal!(Key, 16);
hexadecimal!(ChipSerial, 10);

/// Asks for the signature over the chip's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignRequest {
    /// The digest of what the station prepared; the authority must reach the same one.
    #[schema(value_type = String)]
    pub digest: Digest,
    /// At how many dots per inch the station prepared.
    pub dpi: u16,
}

/// The signature over the chip's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChipSignature {
    /// RSA-2048, PKCS #1 v1.5, SHA-256: 256 bytes. None for a card without photo (under 16).
    #[serde(with = "base64_option")]
    #[schema(value_type = Option<String>)]
    pub signature: Option<Vec<u8>>,
    /// The signer's X.509 certificate (DER). None together with the signature.
    #[serde(with = "base64_option")]
    #[schema(value_type = Option<String>)]
    pub certificate: Option<Vec<u8>>,
}

/// Asks for the keys of one blank: from then on the attempt is fenced to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeysRequest {
    /// The blank at the encoder.
    pub serial: ChipSerial,
}

/// The keys of one blank.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChipKeys {
    /// Those it was delivered with (key version 30h).
    pub transport: KeySet,
    /// Those it gets (key version 31h).
    pub issuer: KeySet,
}

/// Three AES-128 keys. Wiped when dropped; `Debug` shows the version only.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeySet {
    /// The key version number.
    pub version: u8,
    /// For encryption.
    #[serde(with = "secret")]
    #[schema(value_type = String)]
    pub enc: [u8; 16],
    /// For authentication.
    #[serde(with = "secret")]
    #[schema(value_type = String)]
    pub mac: [u8; 16],
    /// For keys in transit.
    #[serde(with = "secret")]
    #[schema(value_type = String)]
    pub dek: [u8; 16],
}

impl Drop for KeySet {
    fn drop(&mut self) {
        self.enc.zeroize();
        self.mac.zeroize();
        self.dek.zeroize();
    }
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeySet({:02x}h, …)", self.version)
    }
}

/// What became of an attempt. The same id is counted once, however often it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Journalled before it is sent.
    pub id: Key,
    /// The job.
    #[schema(value_type = String)]
    pub job: JobId,
    /// The attempt.
    pub attempt: u32,
    /// When it happened, by the station's clock.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// What happened.
    pub event: ReportEvent,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ReportEvent {
    /// The card passed its check and lies in the exit slot, held.
    Produced {
        /// Its chip.
        serial: ChipSerial,
        /// SHA-256 of the 10,000 signed bytes as read back; none on a card without signature.
        #[schema(value_type = Option<String>)]
        chip: Option<Digest>,
    },
    /// The holder has it; the old card was collected, as far as there is one.
    Delivered {
        /// What became of the old card.
        old_card: OldCardEnd,
    },
    /// The blank was never written; it (if one was fed) goes back to stock.
    Returned {
        /// The blank, if one was fed: proven untouched.
        serial: Option<ChipSerial>,
        /// The fault's code, or the reason's.
        reason: String,
    },
    /// The blank is lost; the number is burned.
    Spoiled {
        /// The blank, as far as it is known.
        serial: Option<ChipSerial>,
        /// Whether its chip was terminated; if not, it did not answer any more.
        terminated: bool,
        /// The fault's code.
        reason: String,
    },
    /// A good card was not handed over; its number is void.
    Withdrawn {
        /// Why.
        why: Withdrawal,
    },
    /// The old card is punched: its number is void.
    OldCardPunched,
    /// The old card is a forgery; it is kept as evidence.
    OldCardForged {
        /// What the check found, by its code.
        finding: String,
    },
    /// The closed record, as the station keeps it: no holder's data.
    Closed {
        /// JSON of at most 48 KiB.
        #[schema(value_type = Object)]
        record: serde_json::Value,
    },
}

/// What became of the old card at hand-over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OldCardEnd {
    /// There was none.
    NotRequired,
    /// It was collected; punching is reported apart.
    Collected,
    /// Its loss had been declared.
    Lost,
    /// Two persons waived it, with a reason.
    Waived,
}

/// Why a good card was not handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Withdrawal {
    /// Nobody came for it: the approval stands.
    HolderAbsent,
    /// Its data are wrong: a new approval is needed.
    DataWrong,
    /// The old card was a forgery: no card is made of this approval.
    OldForged,
    /// A supervisor stopped it: the approval stands still.
    Stopped,
    /// The day of delivery passed: the approval stands.
    DayPassed,
}

/// The answer to a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acknowledged {
    /// The report.
    pub report: Key,
    /// When the authority first had it.
    #[schema(value_type = String)]
    pub at: Timestamp,
}

/// What the authority knows of a card number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NumberState {
    /// The number.
    #[schema(value_type = String)]
    pub number: CardNumber,
    /// Where it stands.
    pub state: NumberStanding,
    /// The product of the card that bears it.
    #[schema(value_type = Option<String>)]
    pub product: Option<Product>,
    /// SHA-256 of the 10,000 signed bytes; none when unknown.
    #[schema(value_type = Option<String>)]
    pub chip: Option<Digest>,
    /// Whether the chip bears a signature (under 16 it does not); none when unknown.
    pub signed: Option<bool>,
    /// Since when it stands there.
    #[schema(value_type = Option<String>)]
    pub since: Option<Timestamp>,
}

/// Where a card number stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NumberStanding {
    /// Nobody here ever gave it.
    Unknown,
    /// Granted; no card outside bears it yet.
    Reserved,
    /// A card bears it and waits to be handed over.
    Produced,
    /// The holder has the card.
    Live,
    /// It was live and is void.
    Void,
    /// It never became live, and never will.
    Burned,
}

/// The journal's head, kept by the authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The last record's number.
    pub sequence: u64,
    /// Its hash in the chain.
    #[schema(value_type = String)]
    pub hash: Digest,
}

/// Who the authority takes the caller for, and what it remembers of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StationState {
    /// The station of the certificate.
    #[schema(value_type = String)]
    pub station: StationId,
    /// The highest journal sequence it ever sent.
    pub sequence: u64,
    /// Its last checkpoint.
    pub checkpoint: Option<Checkpoint>,
}

/// A refusal (RFC 9457) with a remedy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProblemReport {
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: String,
    /// What is wrong, in English; no holder's data.
    pub title: String,
    /// The field at fault; empty when it is the whole request.
    #[serde(default)]
    pub field: String,
    /// What to do, in Japanese.
    pub remedy_ja: String,
    /// What to do, in English.
    pub remedy_en: String,
}

mod secret {
    use super::{Deserialize, Deserializer, Serializer, Zeroizing};
    use serde::de::Error;

    pub(super) fn serialize<S: Serializer>(
        key: &[u8; 16],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(hex::encode(key)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[u8; 16], D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let mut key = [0; 16];
        hex::decode_to_slice(text.as_bytes(), &mut key)
            .map_err(|_| D::Error::custom("should be 32 hexadecimal digits"))?;
        Ok(key)
    }
}

mod base64_option {
    use super::{Deserialize, Deserializer, Serializer};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::de::Error;

    pub(super) fn serialize<S: Serializer>(
        bytes: &Option<Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => serializer.serialize_str(&STANDARD.encode(bytes)),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else {
            return Ok(None);
        };
        let wrong = |_| D::Error::custom("should be base64");
        STANDARD.decode(text).map(Some).map_err(wrong)
    }
}
