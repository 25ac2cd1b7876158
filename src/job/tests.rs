//! What of an approval is shown, what is hidden, and in which form keys, files and texts are taken.

use super::keys::{JobKeysFile, KeysError};
use super::*;
use crate::product::{CardNumber, OldCardRule};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

const APPROVAL: &str = include_str!("../../tests/samples/approvals/2-extension.json");

fn approval() -> Approval {
    strict::read(APPROVAL.as_bytes(), 65_536).unwrap()
}

fn key() -> JobKey {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P384_SHA384_FIXED_SIGNING;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
    JobKey::of(pair.public_key().as_ref())
}

#[test]
fn a_holder_is_hidden_and_says_so() {
    let approval = approval();
    assert_eq!(format!("{:?}", approval.holder), "Holder(…)");
    assert_eq!(format!("{:?}", approval.holder.roman_name), "Private(…)");
    assert_eq!(approval.holder.roman_name.as_str(), "MIHON HANAKO");
}

#[test]
fn an_approval_is_written_as_it_was_read() {
    let written = serde_json::to_string(&approval()).unwrap();
    let again: Approval = strict::read(written.as_bytes(), 65_536).unwrap();
    assert_eq!(again, approval());
    assert!(written.contains(r#""photo":"hanako.jpg""#));
    assert!(written.contains(r#""last_day":"2028-09-03""#));
    assert!(written.contains(r#""roman_name":"MIHON HANAKO""#));
    let unlimited = written.replace(r#""last_day":"2028-09-03""#, r#""last_day":null"#);
    let unlimited: Approval = strict::read(unlimited.as_bytes(), 65_536).unwrap();
    assert_eq!(unlimited.stay.last_day, None);
    let written = serde_json::to_string(&unlimited).unwrap();
    assert!(written.contains(r#""last_day":null"#));
}

#[test]
fn the_sex_is_printed_in_both_languages() {
    assert_eq!(Sex::Male.on_card(), "男 M.");
    assert_eq!(Sex::Female.on_card(), "女 F.");
}

#[test]
fn an_old_card_has_a_number_where_there_is_one() {
    let number = CardNumber::parse("MH00000002MH").unwrap();
    let cards = [
        (OldCard::NotRequired, OldCardRule::NotRequired, None),
        (OldCard::Return(number), OldCardRule::Return, Some(number)),
        (
            OldCard::DeclaredLost(number),
            OldCardRule::DeclaredLost,
            Some(number),
        ),
    ];
    for (card, rule, number) in cards {
        assert_eq!((card.rule(), card.number()), (rule, number));
    }
}

#[test]
fn a_photo_is_a_plain_file_beside_its_approval() {
    let longest = "a".repeat(80);
    for good in ["hanako.jpg", "A-1_2.jpeg", &longest] {
        let file = PhotoFile::try_from(good.to_owned()).unwrap();
        assert_eq!(file.as_str(), good);
        assert_eq!(String::from(file), good);
    }
    let longer = "a".repeat(81);
    for bad in [
        "",
        ".hidden",
        "../up.jpg",
        "a/b.jpg",
        "写真.jpg",
        "a b.jpg",
        &longer,
    ] {
        let refused = PhotoFile::try_from(bad.to_owned());
        assert!(refused.is_err(), "{bad}");
    }
}

#[test]
fn a_digest_is_shown_by_its_digits() {
    let digest = Digest::of(b"abc");
    assert_eq!(format!("{digest:?}"), format!("Digest({digest})"));
    let json = serde_json::to_string(&digest).unwrap();
    assert_eq!(json, format!("\"{digest}\""));
    assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
    assert!(serde_json::from_str::<Digest>("\"ba7816\"").is_err());
}

#[test]
fn an_identifier_has_capitals_digits_and_dashes_and_starts_with_none() {
    let longest = "A".repeat(24);
    for good in ["A", "7", "TYO-W3", &longest] {
        assert_eq!(StationId::parse(good).unwrap().as_str(), good);
    }
    for bad in ["-", "A_B", "Ａ", "A.B"] {
        assert!(StationId::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_station_trusts_the_keys_of_its_file_by_their_own_names() {
    // An office that changed its key often: the file is longer than a page.
    let keys: Vec<JobKey> = std::iter::repeat_with(key).take(8).collect();
    let file = JobKeysFile {
        keys: keys.clone(),
        further_kanji: "1F004".to_owned(),
    };
    let json = serde_json::to_vec(&file).unwrap();
    assert!(json.len() > 1_500);
    let known = JobKeys::parse(&json).unwrap();
    for key in &keys {
        let point = known.point(&key.kid).map(hex::encode);
        assert_eq!(point.as_ref(), Some(&key.point));
    }
    assert_eq!(known.point("0123456789abcdef"), None);
    assert!(known.kanji().permits('\u{1F004}') && known.kanji().permits('見'));
    assert!(
        !JobKeys::new(&keys, "")
            .unwrap()
            .kanji()
            .permits('\u{1F004}')
    );
}

#[test]
fn a_key_that_is_no_point_of_its_name_is_named_by_its_place() {
    let good = key();
    let wrong = [
        JobKey {
            kid: key().kid,
            ..good.clone()
        },
        JobKey {
            point: good.point[2..].to_owned(),
            ..good.clone()
        },
        JobKey::of(&[4; 96]),
        JobKey::of(&[2; 97]),
    ];
    for bad in wrong {
        let refused = JobKeys::new(&[good.clone(), bad], "").unwrap_err();
        assert_eq!(refused, KeysError::Key(1));
    }
}
