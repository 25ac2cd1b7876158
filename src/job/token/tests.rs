//! Every way in which a grant is refused, each by its own name, and the one in which it is taken.

use super::*;
use crate::job::JobKey;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

const APPROVAL: &str = include_str!("../../../tests/samples/approvals/2-extension.json");

struct Signer {
    pair: EcdsaKeyPair,
    key: JobKey,
}

fn signer() -> Signer {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P384_SHA384_FIXED_SIGNING;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
    let key = JobKey::of(pair.public_key().as_ref());
    Signer { pair, key }
}

impl Signer {
    fn bytes(&self, message: &[u8]) -> Vec<u8> {
        self.pair
            .sign(&SystemRandom::new(), message)
            .unwrap()
            .as_ref()
            .to_vec()
    }

    fn token(&self, claims: &Claims) -> String {
        claims
            .sign::<()>(&self.key.kid, |message| Ok(self.bytes(message)))
            .unwrap()
    }

    /// Any header over any payload, signed as it stands.
    fn raw(&self, header: &str, payload: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", part(header), part(payload));
        format!(
            "{signed}.{}",
            URL_SAFE_NO_PAD.encode(self.bytes(signed.as_bytes()))
        )
    }

    fn header(&self) -> String {
        format!(
            r#"{{"alg":"ES384","kid":"{}","typ":"{TYPE}"}}"#,
            self.key.kid
        )
    }

    fn keys(&self) -> JobKeys {
        JobKeys::new(std::slice::from_ref(&self.key), "").unwrap()
    }

    fn verify(&self, token: &str) -> Result<Job, Refusal> {
        Job::verify(token, &self.keys(), &station(), now())
    }
}

fn station() -> StationId {
    StationId::parse("TYO-W1").unwrap()
}

/// 12:00 in Tokyo.
fn now() -> Timestamp {
    "2026-11-22T03:00:00Z".parse().unwrap()
}

fn claims() -> Claims {
    let approval: Approval = strict::read(APPROVAL.as_bytes(), TOKEN_MAX).unwrap();
    Claims {
        job: approval.job(),
        attempt: 1,
        epoch: 1,
        station: station(),
        number: CardNumber::parse("AB12345678CD").unwrap(),
        delivery_date: jiff::civil::date(2026, 11, 22),
        valid_through: jiff::civil::date(2028, 9, 3),
        not_before: "2026-11-22T02:59:30Z".parse().unwrap(),
        expires: "2026-11-22T03:30:00Z".parse().unwrap(),
        approval,
        photo: Some(Digest([7; 32])),
    }
}

fn json(claims: &Claims) -> String {
    serde_json::to_string(claims).unwrap()
}

/// The refusal of claims that one line changed.
fn refusal(change: impl FnOnce(&mut Claims)) -> Refusal {
    let (signer, mut claims) = (signer(), claims());
    change(&mut claims);
    let refusal = signer.verify(&signer.token(&claims)).unwrap_err();
    assert!(refusal.code().len() > 2);
    assert!(!refusal.remedy().0.is_empty() && !refusal.remedy().1.is_empty());
    refusal
}

#[test]
fn a_good_grant_is_taken() {
    let signer = signer();
    let token = signer.token(&claims());
    let job = signer.verify(&token).unwrap();
    assert_eq!(job.number.as_str(), "AB12345678CD");
    assert_eq!(job.digest, Digest::of(token.as_bytes()).0);
    assert_eq!(job.id.as_str(), "TYO-2026-000002");
    let shown = format!("{job:?}");
    for private in ["HANAKO", "花子", "1999", "霞が関", "KOR"] {
        assert!(!shown.contains(private), "{private}");
    }
}

#[test]
fn alg_none_is_refused() {
    let signer = signer();
    let header = format!(
        r#"{{"alg":"none","kid":"{}","typ":"{TYPE}"}}"#,
        signer.key.kid
    );
    let token = signer.raw(&header, &json(&claims()));
    assert_eq!(signer.verify(&token).unwrap_err(), Refusal::Algorithm);
    let unsigned = token.rsplit_once('.').unwrap().0.to_owned() + ".";
    assert_eq!(signer.verify(&unsigned).unwrap_err(), Refusal::Algorithm);
}

#[test]
fn any_other_header_is_refused() {
    let signer = signer();
    let kid = &signer.key.kid;
    let headers = [
        format!(r#"{{"alg":"HS384","kid":"{kid}","typ":"{TYPE}"}}"#),
        format!(r#"{{"alg":"ES384","kid":"{kid}","typ":"JWT"}}"#),
        format!(r#"{{"alg":"ES384","kid":"{kid}"}}"#),
        format!(r#"{{"alg":"ES384","kid":"{kid}","typ":"{TYPE}","crit":["exp"]}}"#),
        format!(r#"{{"alg":"ES384","alg":"none","kid":"{kid}","typ":"{TYPE}"}}"#),
    ];
    for header in headers {
        let token = signer.raw(&header, &json(&claims()));
        assert_eq!(
            signer.verify(&token).unwrap_err(),
            Refusal::Algorithm,
            "{header}"
        );
    }
}

#[test]
fn an_unknown_key_is_refused() {
    let (ours, theirs) = (signer(), signer());
    let refused = ours.verify(&theirs.token(&claims())).unwrap_err();
    assert_eq!(refused, Refusal::UnknownKey);
}

#[test]
fn another_keys_signature_under_our_name_is_refused() {
    let (ours, theirs) = (signer(), signer());
    let token = theirs.raw(&ours.header(), &json(&claims()));
    assert_eq!(ours.verify(&token).unwrap_err(), Refusal::Signature);
}

#[test]
fn an_edited_grant_is_refused() {
    let signer = signer();
    let token = signer.token(&claims());
    let parts: Vec<&str> = token.split('.').collect();
    let edited = json(&claims()).replace("AB12345678CD", "AB12345678CE");
    let edited = format!(
        "{}.{}.{}",
        parts[0],
        URL_SAFE_NO_PAD.encode(edited),
        parts[2]
    );
    assert_eq!(signer.verify(&edited).unwrap_err(), Refusal::Signature);
}

#[test]
fn what_is_no_token_is_refused() {
    let signer = signer();
    let token = signer.token(&claims());
    let padded = format!("{token}=");
    let longer = format!("{token}.x");
    for wrong in [
        "",
        "a.b",
        "a.b.c.d",
        "!.!.!",
        &padded,
        &longer,
        &"a".repeat(TOKEN_MAX + 1),
    ] {
        assert!(matches!(
            signer.verify(wrong).unwrap_err(),
            Refusal::Form | Refusal::Algorithm
        ));
    }
}

#[test]
fn a_doubled_key_is_refused() {
    let signer = signer();
    let doubled = json(&claims()).replace(r#""attempt":1"#, r#""attempt":1,"attempt":2"#);
    let refused = signer
        .verify(&signer.raw(&signer.header(), &doubled))
        .unwrap_err();
    assert_eq!((refused.code(), refused.field()), ("J-CONTENT", "attempt"));
}

#[test]
fn an_unknown_key_in_the_content_is_refused() {
    let signer = signer();
    let unknown = json(&claims()).replace(r#""pending":false"#, r#""pending":false,"extra":1"#);
    let refused = signer
        .verify(&signer.raw(&signer.header(), &unknown))
        .unwrap_err();
    assert_eq!(refused.field(), "approval.endorsements.extra");
}

#[test]
fn a_number_of_wrong_form_is_refused() {
    let signer = signer();
    let wrong = json(&claims()).replace("AB12345678CD", "ab12345678cd");
    let refused = signer
        .verify(&signer.raw(&signer.header(), &wrong))
        .unwrap_err();
    assert_eq!(refused.field(), "number");
}

#[test]
fn another_stations_grant_is_refused() {
    let refused = refusal(|claims| claims.station = StationId::parse("OSA-W1").unwrap());
    assert_eq!(refused, Refusal::OtherStation);
}

#[test]
fn an_expired_grant_is_refused() {
    let refused = refusal(|claims| claims.expires = now());
    assert_eq!((refused.code(), refused.field()), ("J-EXPIRED", "expires"));
}

#[test]
fn a_grant_whose_time_has_not_come_is_refused() {
    let later = "2026-11-22T03:00:01Z".parse().unwrap();
    assert_eq!(
        refusal(|claims| claims.not_before = later),
        Refusal::NotYetValid(later)
    );
}

#[test]
fn a_grant_of_another_day_is_refused() {
    let refused = refusal(|claims| claims.delivery_date = jiff::civil::date(2026, 11, 21));
    assert_eq!(
        (refused.code(), refused.field()),
        ("J-DELIVERY-DATE", "delivery_date")
    );
}

#[test]
fn the_day_is_the_one_in_tokyo() {
    let day = |text: &str| day_in_tokyo(text.parse().unwrap());
    assert_eq!(day("2026-11-22T14:59:59Z"), jiff::civil::date(2026, 11, 22));
    assert_eq!(day("2026-11-22T15:00:00Z"), jiff::civil::date(2026, 11, 23));
}

#[test]
fn a_validity_against_the_rules_is_refused() {
    let refused = refusal(|claims| claims.valid_through = jiff::civil::date(2031, 9, 3));
    assert_eq!(refused, Refusal::Contradiction("valid_through"));
}

#[test]
fn a_job_that_is_not_its_approvals_is_refused() {
    let refused = refusal(|claims| claims.job = JobId::parse("TYO-2026-999999").unwrap());
    assert_eq!(refused, Refusal::Contradiction("job"));
}

#[test]
fn the_old_cards_number_is_no_new_number() {
    let old = CardNumber::parse("MH00000002MH").unwrap();
    assert_eq!(
        refusal(|claims| claims.number = old),
        Refusal::Contradiction("number")
    );
}

#[test]
fn a_photo_without_its_digest_is_refused() {
    let refused = refusal(|claims| claims.photo = None);
    assert_eq!((refused.code(), refused.field()), ("A-PHOTO", "photo"));
}

#[test]
fn a_grant_holds_from_its_first_moment_until_just_before_its_end() {
    let signer = signer();
    let (first, end) = (now(), "2026-11-22T03:30:00Z".parse::<Timestamp>().unwrap());
    let exact = Claims {
        not_before: first,
        ..claims()
    };
    let job = signer.verify(&signer.token(&exact)).unwrap();
    assert_eq!(job.timely(first), Ok(()));
    let moment = jiff::SignedDuration::from_nanos(1);
    assert_eq!(job.timely(end - moment), Ok(()));
    assert_eq!(job.timely(end), Err(Refusal::Expired(end)));
    assert_eq!(job.timely(first - moment), Err(Refusal::NotYetValid(first)));
}

#[test]
fn attempts_and_epochs_count_from_one() {
    let none = Refusal::Contradiction("attempt");
    assert_eq!(refusal(|claims| claims.attempt = 0), none);
    assert_eq!(refusal(|claims| claims.epoch = 0), none);
}

#[test]
fn a_photo_that_nobody_approved_is_refused() {
    let refused = refusal(|claims| claims.approval.photo = None);
    assert_eq!(refused.code(), "A-PHOTO");
}

#[test]
fn a_journalled_grant_is_reopened_after_its_time_and_no_other_in_its_place() {
    let signer = signer();
    let late = Claims {
        expires: "2026-11-22T02:59:31Z".parse().unwrap(),
        ..claims()
    };
    let token = signer.token(&late);
    assert_eq!(signer.verify(&token).unwrap_err().code(), "J-EXPIRED");
    let reopen = |station: &str, digest: [u8; 32]| {
        let station = StationId::parse(station).unwrap();
        Job::reopen(&token, &signer.keys(), &station, &digest)
    };
    let journalled = Digest::of(token.as_bytes()).0;
    assert_eq!(reopen("TYO-W1", journalled).unwrap().number, late.number);
    let other = reopen("TYO-W1", [0; 32]).unwrap_err();
    assert_eq!(other, Refusal::Contradiction("token"));
    let foreign = reopen("OSA-W1", journalled).unwrap_err();
    assert_eq!(foreign, Refusal::OtherStation);
}

#[test]
fn a_token_is_read_up_to_its_greatest_length_and_not_beyond() {
    let signer = signer();
    let payload = json(&claims());
    // Spaces in the header move the parts' lengths until base64 can come out exactly.
    let longest = (0..4).find_map(|spaces| {
        let header = signer.header() + &" ".repeat(spaces);
        let sized = |more: usize| signer.raw(&header, &(payload.clone() + &" ".repeat(more)));
        let room = TOKEN_MAX - sized(0).len();
        let more = (room / 4 * 3..=room / 4 * 3 + 3).find(|n| sized(*n).len() == TOKEN_MAX)?;
        Some((sized(more), sized(more + 3)))
    });
    let (longest, longer) = longest.expect("some length comes out");
    assert!(signer.verify(&longest).is_ok());
    assert!(longer.len() > TOKEN_MAX);
    assert_eq!(signer.verify(&longer).unwrap_err(), Refusal::Form);
}

#[test]
fn every_refusal_names_its_field_and_says_what_to_do_in_both_languages() {
    let moment = now();
    let today = jiff::civil::date(2026, 11, 22);
    let content = strict::read::<Claims>(b"{}", 9).unwrap_err();
    let refusals = [
        (Refusal::Form, "J-FORM", ""),
        (Refusal::Algorithm, "J-ALGORITHM", "header"),
        (Refusal::UnknownKey, "J-UNKNOWN-KEY", "header.kid"),
        (Refusal::Signature, "J-SIGNATURE", ""),
        (Refusal::Content(content), "J-CONTENT", "job"),
        (Refusal::OtherStation, "J-OTHER-STATION", "station"),
        (
            Refusal::NotYetValid(moment),
            "J-NOT-YET-VALID",
            "not_before",
        ),
        (Refusal::Expired(moment), "J-EXPIRED", "expires"),
        (
            Refusal::DeliveryDate {
                granted: today,
                today,
            },
            "J-DELIVERY-DATE",
            "delivery_date",
        ),
        (Refusal::Contradiction("job"), "J-CONTRADICTION", "job"),
    ];
    for (refusal, code, field) in refusals {
        assert_eq!((refusal.code(), refusal.field()), (code, field));
        let (ja, en) = refusal.remedy();
        assert!(!ja.is_ascii() && ja.ends_with('。'), "{code}: {ja}");
        assert!(en.is_ascii() && en.ends_with('.'), "{code}: {en}");
    }
}
