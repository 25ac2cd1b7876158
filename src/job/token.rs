//! The grant as a signed token: JWS compact, ES384 and nothing else, over strict JSON.

use super::approval::Approval;
use super::ids::{Digest, JobId, StationId};
use super::keys::JobKeys;
use super::rules::{self, Breach, Rule};
use super::strict::{self, ContentError, date};
use crate::product::CardNumber;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff::civil::Date;
use ring::signature::{ECDSA_P384_SHA384_FIXED, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The one algorithm.
pub const ALGORITHM: &str = "ES384";
/// The one type.
pub const TYPE: &str = "card-grant+jws";
/// No grant is longer.
const TOKEN_MAX: usize = 64 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

/// What the authority signs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// The job.
    pub job: JobId,
    /// The how-manieth try at a card, from 1.
    pub attempt: u32,
    /// Counts the authority's leases of this job: an older one is fenced off.
    pub epoch: u32,
    /// The only station that may use it.
    pub station: StationId,
    /// The number of the card to be made.
    pub number: CardNumber,
    /// The day of delivery, Asia/Tokyo.
    #[serde(with = "date")]
    pub delivery_date: Date,
    /// The last day on which the card is valid.
    #[serde(with = "date")]
    pub valid_through: Date,
    /// Not to be used before.
    pub not_before: Timestamp,
    /// Not to be used from then on.
    pub expires: Timestamp,
    /// What was approved.
    pub approval: Approval,
    /// SHA-256 of the photo's file.
    pub photo: Option<Digest>,
}

impl Claims {
    /// Header and payload as they are signed; `sign` gives 96 bytes (r ‖ s).
    ///
    /// # Errors
    /// Those of `sign`.
    pub fn sign<E>(
        &self,
        kid: &str,
        sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, E>,
    ) -> Result<String, E> {
        let header = Header {
            alg: ALGORITHM.to_owned(),
            kid: kid.to_owned(),
            typ: TYPE.to_owned(),
        };
        let signed = format!("{}.{}", part(&header), part(self));
        let signature = URL_SAFE_NO_PAD.encode(sign(signed.as_bytes())?);
        Ok(format!("{signed}.{signature}"))
    }
}

fn part<T: Serialize>(value: &T) -> String {
    // Our own types have no map keys but strings and no failing serializer.
    let json = Zeroizing::new(serde_json::to_vec(value).unwrap_or_default());
    URL_SAFE_NO_PAD.encode(json.as_slice())
}

/// A job that was verified. Holder's data are wiped when it is dropped and hidden from `Debug`.
#[derive(Clone, Debug)]
pub struct Job {
    /// The job.
    pub id: JobId,
    /// The how-manieth try at a card, from 1.
    pub attempt: u32,
    /// Counts the authority's leases of this job.
    pub epoch: u32,
    /// This station.
    pub station: StationId,
    /// The number of the card to be made.
    pub number: CardNumber,
    /// The day of delivery, Asia/Tokyo.
    pub delivery_date: Date,
    /// The last day on which the card is valid.
    pub valid_through: Date,
    /// Not to be used before.
    pub not_before: Timestamp,
    /// Not to be used from then on.
    pub expires: Timestamp,
    /// What was approved.
    pub approval: Approval,
    /// SHA-256 of the photo's file.
    pub photo: Option<[u8; 32]>,
    /// SHA-256 of the token: what the journal keeps to know a replay by.
    pub digest: [u8; 32],
}

/// Why a token is no job for this station now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not three parts of base64url, or too long.
    #[error("the grant is not a signed token")]
    Form,
    /// Not exactly ES384 with the right type.
    #[error("the grant's header is not exactly {ALGORITHM}, {TYPE} and a key's name")]
    Algorithm,
    /// Signed by a key that this station was not given.
    #[error("the grant names a key that this station does not know")]
    UnknownKey,
    /// The signature does not verify: edited, or another key.
    #[error("the grant's signature does not verify")]
    Signature,
    /// The signed content is not of the form.
    #[error("the grant's content is not of the form")]
    Content(#[source] ContentError),
    /// Made out to another station.
    #[error("the grant is for another station")]
    OtherStation,
    /// Its time has not come.
    #[error("the grant is not valid before {0}")]
    NotYetValid(Timestamp),
    /// Its time is over.
    #[error("the grant expired at {0}")]
    Expired(Timestamp),
    /// The day of delivery is not today.
    #[error("the grant's delivery date is {granted}, today is {today}")]
    DeliveryDate {
        /// As granted.
        granted: Date,
        /// In Tokyo.
        today: Date,
    },
    /// The approval breaks a rule.
    #[error("the approval breaks a rule")]
    Rule(#[source] Breach),
    /// Two parts of the grant contradict each other.
    #[error("the grant contradicts itself in {0}")]
    Contradiction(&'static str),
}

impl Refusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Form => "J-FORM",
            Refusal::Algorithm => "J-ALGORITHM",
            Refusal::UnknownKey => "J-UNKNOWN-KEY",
            Refusal::Signature => "J-SIGNATURE",
            Refusal::Content(_) => "J-CONTENT",
            Refusal::OtherStation => "J-OTHER-STATION",
            Refusal::NotYetValid(_) => "J-NOT-YET-VALID",
            Refusal::Expired(_) => "J-EXPIRED",
            Refusal::DeliveryDate { .. } => "J-DELIVERY-DATE",
            Refusal::Rule(breach) => breach.rule.code(),
            Refusal::Contradiction(_) => "J-CONTRADICTION",
        }
    }

    /// The field at fault; empty for the token as a whole.
    pub fn field(&self) -> &str {
        match self {
            Refusal::Form | Refusal::Signature => "",
            Refusal::Algorithm => "header",
            Refusal::UnknownKey => "header.kid",
            Refusal::Content(error) => &error.field,
            Refusal::OtherStation => "station",
            Refusal::NotYetValid(_) => "not_before",
            Refusal::Expired(_) => "expires",
            Refusal::DeliveryDate { .. } => "delivery_date",
            Refusal::Rule(breach) => breach.field,
            Refusal::Contradiction(field) => field,
        }
    }

    /// What to do, in Japanese and in English.
    pub fn remedy(&self) -> (&'static str, &'static str) {
        match self {
            Refusal::Form | Refusal::Algorithm | Refusal::Signature | Refusal::Content(_) => (
                "この許可は使わない。監督者が本部に連絡する。",
                "Do not use this grant; a supervisor calls the authority.",
            ),
            Refusal::UnknownKey => (
                "監督者が端末の登録（鍵）を更新する。",
                "A supervisor enrols the station afresh to get the present keys.",
            ),
            Refusal::OtherStation => (
                "許可を受けた端末で作成する。",
                "Make the card at the station that the grant names.",
            ),
            Refusal::NotYetValid(_) => ("端末の時計を確認する。", "Check the station's clock."),
            Refusal::Expired(_) | Refusal::DeliveryDate { .. } => (
                "未使用として返し、新しい許可を受ける。",
                "Return it unused and lease the job again.",
            ),
            Refusal::Rule(breach) => breach.rule.remedy(),
            Refusal::Contradiction(_) => (
                "未使用として返し、監督者が本部に連絡する。",
                "Return it unused; a supervisor calls the authority.",
            ),
        }
    }
}

impl Job {
    /// Verifies a token: signature, form, station, time, law. Whether it was used before is for
    /// the caller's journal to say, by [`Job::digest`], number and attempt.
    ///
    /// # Errors
    /// [`Refusal`], the first in that order; nothing of an unverified token is interpreted.
    pub fn verify(
        token: &str,
        keys: &JobKeys,
        station: &StationId,
        now: Timestamp,
    ) -> Result<Job, Refusal> {
        let claims = claims_of(token, keys, station)?;
        timely(
            (claims.not_before, claims.expires),
            claims.delivery_date,
            now,
        )?;
        Job::of(claims, token, keys)
    }

    /// Reads again the token of a grant that was verified in time and then journalled by its
    /// digest: a card in the machine outlives its lease (the caller minds the day of delivery).
    ///
    /// # Errors
    /// [`Refusal`]; another token than the journalled one is `Contradiction`.
    pub fn reopen(
        token: &str,
        keys: &JobKeys,
        station: &StationId,
        journalled: &[u8; 32],
    ) -> Result<Job, Refusal> {
        let job = Job::of(claims_of(token, keys, station)?, token, keys)?;
        if job.digest == *journalled {
            Ok(job)
        } else {
            Err(Refusal::Contradiction("token"))
        }
    }

    /// Whether it may be taken at this moment.
    ///
    /// # Errors
    /// `NotYetValid`, `Expired`, `DeliveryDate`.
    pub fn timely(&self, now: Timestamp) -> Result<(), Refusal> {
        timely((self.not_before, self.expires), self.delivery_date, now)
    }

    fn of(claims: Claims, token: &str, keys: &JobKeys) -> Result<Job, Refusal> {
        consistent(&claims, keys)?;
        Ok(Job {
            id: claims.job,
            attempt: claims.attempt,
            epoch: claims.epoch,
            station: claims.station,
            number: claims.number,
            delivery_date: claims.delivery_date,
            valid_through: claims.valid_through,
            not_before: claims.not_before,
            expires: claims.expires,
            approval: claims.approval,
            photo: claims.photo.map(|digest| digest.0),
            digest: Digest::of(token.as_bytes()).0,
        })
    }
}

/// The claims of a token whose signature verified, if they are this station's.
fn claims_of(token: &str, keys: &JobKeys, station: &StationId) -> Result<Claims, Refusal> {
    let payload = open(token, keys)?;
    let claims: Claims = strict::read(&payload, TOKEN_MAX).map_err(Refusal::Content)?;
    if claims.station == *station {
        Ok(claims)
    } else {
        Err(Refusal::OtherStation)
    }
}

/// Opens the envelope; the payload is returned only when its signature verified.
fn open(token: &str, keys: &JobKeys) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refusal::Form);
    };
    if token.len() > TOKEN_MAX {
        return Err(Refusal::Form);
    }
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Form);
    let head: Header = strict::read(&bytes(header)?, TOKEN_MAX).map_err(|_| Refusal::Algorithm)?;
    if head.alg != ALGORITHM || head.typ != TYPE {
        return Err(Refusal::Algorithm);
    }
    let point = keys.point(&head.kid).ok_or(Refusal::UnknownKey)?;
    let signed = &token.as_bytes()[..header.len() + 1 + payload.len()];
    UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point)
        .verify(signed, &bytes(signature)?)
        .map_err(|_| Refusal::Signature)?;
    bytes(payload).map(Zeroizing::new)
}

fn timely(
    (not_before, expires): (Timestamp, Timestamp),
    granted: Date,
    now: Timestamp,
) -> Result<(), Refusal> {
    if now < not_before {
        return Err(Refusal::NotYetValid(not_before));
    }
    if now >= expires {
        return Err(Refusal::Expired(expires));
    }
    let today = day_in_tokyo(now);
    if granted == today {
        Ok(())
    } else {
        Err(Refusal::DeliveryDate { granted, today })
    }
}

fn consistent(claims: &Claims, keys: &JobKeys) -> Result<(), Refusal> {
    if claims.job != claims.approval.job() {
        return Err(Refusal::Contradiction("job"));
    }
    if claims.attempt == 0 || claims.epoch == 0 {
        return Err(Refusal::Contradiction("attempt"));
    }
    if claims.approval.previous_card.number() == Some(claims.number) {
        return Err(Refusal::Contradiction("number"));
    }
    if claims.photo.is_some() != claims.approval.photo.is_some() {
        let due = claims.approval.photo.is_some();
        return Err(Refusal::Rule(Breach {
            field: "photo",
            rule: Rule::Photo { due },
        }));
    }
    let last = rules::check(&claims.approval, claims.delivery_date, keys.kanji())
        .map_err(Refusal::Rule)?;
    if last == claims.valid_through {
        Ok(())
    } else {
        Err(Refusal::Contradiction("valid_through"))
    }
}

/// The day in Tokyo, where the law's dates are. Japan keeps one offset all year.
pub fn day_in_tokyo(now: Timestamp) -> Date {
    jiff::tz::TimeZone::fixed(jiff::tz::offset(9))
        .to_datetime(now)
        .date()
}

#[cfg(test)]
mod tests;
