//! Grants as really signed tokens, kept from run to run: signing and verifying cost more than all
//! the rest of an issuance, and the same grant has the same bytes.

use card_station::job::token::{ALGORITHM, Claims};
use card_station::job::{Approval, Digest, Job, JobKeys, Refusal, StationId, keys::JobKey};
use card_station::product::CardNumber;
use jiff::Timestamp;
use jiff::civil::Date;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Odd {
    Forged,
    Unsigned,
    UnknownKey,
    Elsewhere,
    Expired,
    Replayed,
}

/// What a grant says beside its approval.
pub(crate) struct Dated<'a> {
    pub(crate) station: &'a StationId,
    pub(crate) attempt: u32,
    pub(crate) epoch: u32,
    pub(crate) number: CardNumber,
    pub(crate) day: Date,
    pub(crate) from: Timestamp,
    pub(crate) expires: Timestamp,
}

struct Mint {
    pair: EcdsaKeyPair,
    kid: String,
    keys: JobKeys,
    tokens: HashMap<Vec<u8>, String>,
    jobs: HashMap<String, Result<Rc<Job>, Refusal>>,
}

thread_local! {
    static MINT: RefCell<Mint> = RefCell::new(Mint::new());
}

/// Tokens that are kept; then the memory begins anew.
const KEPT: usize = 20_000;

impl Mint {
    fn new() -> Mint {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P384_SHA384_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key");
        let key = JobKey::of(pair.public_key().as_ref());
        Mint {
            kid: key.kid.clone(),
            keys: JobKeys::new(&[key], "").expect("keys"),
            pair,
            tokens: HashMap::new(),
            jobs: HashMap::new(),
        }
    }

    fn sign(&self, kid: &str, claims: &Claims) -> String {
        let sign = |message: &[u8]| {
            let signature = self.pair.sign(&SystemRandom::new(), message);
            signature.map(|signature| signature.as_ref().to_vec())
        };
        claims.sign(kid, sign).expect("a signature")
    }

    fn token(&self, approval: &Approval, dated: &Dated<'_>, odd: Option<Odd>) -> String {
        let mut claims = Claims {
            job: approval.job(),
            attempt: dated.attempt,
            epoch: dated.epoch,
            station: dated.station.clone(),
            number: dated.number,
            delivery_date: dated.day,
            valid_through: valid_through(approval, dated.day, &self.keys),
            not_before: dated.from,
            expires: dated.expires,
            photo: approval
                .photo
                .as_ref()
                .map(|_| Digest::of(super::kit::PHOTO)),
            approval: approval.clone(),
        };
        match odd {
            None | Some(Odd::Forged | Odd::Unsigned | Odd::UnknownKey | Odd::Replayed) => {}
            Some(Odd::Elsewhere) => claims.station = StationId::parse("ELSEWHERE").expect("plain"),
            Some(Odd::Expired) => claims.expires = dated.from,
        }
        let good = self.sign(&self.kid, &claims);
        match odd {
            Some(Odd::Forged) => {
                let middle = good.len() / 2;
                let other = if good.as_bytes()[middle] == b'A' {
                    "B"
                } else {
                    "A"
                };
                format!("{}{other}{}", &good[..middle], &good[middle + 1..])
            }
            Some(Odd::Unsigned) => {
                let header = r#"{"alg":"none","kid":"","typ":"card-grant+jws"}"#;
                debug_assert_ne!(ALGORITHM, "none");
                let (_, rest) = good.split_once('.').unwrap_or_default();
                format!("{}.{rest}", base64_url(header.as_bytes()))
            }
            Some(Odd::UnknownKey) => self.sign("0123456789abcdef", &claims),
            None | Some(Odd::Elsewhere | Odd::Expired | Odd::Replayed) => good,
        }
    }
}

fn base64_url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn valid_through(approval: &Approval, day: Date, keys: &JobKeys) -> Date {
    card_station::job::rules::check(approval, day, keys.kanji()).unwrap_or(day)
}

/// The token of a grant.
pub(crate) fn granted(
    job: usize,
    approval: &Approval,
    dated: &Dated<'_>,
    odd: Option<Odd>,
    earlier: Option<String>,
) -> String {
    if let (Some(Odd::Replayed), Some(earlier)) = (odd, earlier) {
        return earlier;
    }
    let (day, from, until) = (dated.day, dated.from.as_second(), dated.expires.as_second());
    let kind = (approval.ground, approval.previous_card.number());
    let name = format!(
        "{job}/{}/{}/{day}/{from}/{until}/{odd:?}/{kind:?}",
        dated.attempt, dated.number
    );
    MINT.with_borrow_mut(|mint| {
        if let Some(token) = mint.tokens.get(name.as_bytes()) {
            return token.clone();
        }
        let token = mint.token(approval, dated, odd);
        if mint.tokens.len() >= KEPT {
            mint.tokens.clear();
            mint.jobs.clear();
        }
        mint.tokens.insert(name.into_bytes(), token.clone());
        token
    })
}

/// The job of a token whose signature nobody looked at: a planted mistake.
pub(crate) fn unverified(token: &str) -> Option<Job> {
    use base64::Engine as _;
    let payload = token.split('.').nth(1)?;
    let json = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload)
        .ok()?;
    let claims: Claims = serde_json::from_slice(&json).ok()?;
    Some(Job {
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

/// The job of a token, verified but for its time.
pub(crate) fn opened(token: &str, station: &StationId) -> Result<Rc<Job>, Refusal> {
    MINT.with_borrow_mut(|mint| {
        if let Some(known) = mint.jobs.get(token) {
            return known.clone();
        }
        let digest = Digest::of(token.as_bytes()).0;
        let job = Job::reopen(token, &mint.keys, station, &digest).map(Rc::new);
        mint.jobs.insert(token.to_owned(), job.clone());
        job
    })
}
