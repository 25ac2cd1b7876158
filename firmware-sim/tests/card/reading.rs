//! The public interface: the published exchange byte for byte, and what readers in the field do.

use std::collections::VecDeque;

use firmware_sim::chip::{Card, TEST_TRANSPORT_MASTER};
use hex_literal::hex;

use crate::host::{self, Host, KeySet, NUMBER};

const SERIAL: [u8; 10] = [7; 10];
const DF1: [u8; 21] = hex!("00A4040C10 D392F0004F0200000000000000000000");
const DF2: [u8; 21] = hex!("00A4040C10 D392F0004F0300000000000000000000");
const DF3: [u8; 21] = hex!("00A4040C10 D392F0004F0400000000000000000000");
const CHALLENGE: [u8; 5] = hex!("0084000008");

pub(crate) fn issuer_keys() -> KeySet {
    KeySet {
        version: host::ISSUER,
        keys: [[0xA1; 16], [0xA2; 16], [0xA3; 16]],
    }
}

/// A finished card in the field.
pub(crate) fn finished() -> Card {
    let mut card = Card::blank(SERIAL, &TEST_TRANSPORT_MASTER);
    card.power_on();
    let transport = host::diversified(&TEST_TRANSPORT_MASTER, &SERIAL, host::TRANSPORT);
    talk(&mut card).make(&transport, &issuer_keys(), 239);
    card.power_on();
    card
}

pub(crate) fn talk(card: &mut Card) -> Host<'_> {
    Host {
        send: Box::new(|bytes| card.apdu(bytes)),
    }
}

/// A card that draws these numbers, one after the other.
fn drawing(numbers: &[&[u8]]) -> Card {
    let mut numbers: VecDeque<Vec<u8>> = numbers.iter().map(|n| n.to_vec()).collect();
    finished().with_chance(Box::new(move |out| {
        out.copy_from_slice(&numbers.pop_front().expect("a number for every draw"));
    }))
}

#[test]
fn the_published_exchange_is_reproduced_byte_for_byte() {
    // Card specification 1.5, appendix 2: RND.ICC and K.ICC are what the card drew.
    let drawn: [&[u8]; 2] = [
        &hex!("5A6E7E385162B7A3"),
        &hex!("19D049490FFF52EEDBFCB930BC810ED0"),
    ];
    let mut card = drawing(&drawn);
    let mut host = talk(&mut card);
    assert_eq!(host.ask(&CHALLENGE), hex!("5A6E7E385162B7A39000"));
    let authenticate = hex!(
        "0082000028 937745C20883A1BAD1E04193722A1592378F81A8F1DC589157AEB0F7544FA1BA"
        "1AD7FB6A3389E017 00"
    );
    let answer = hex!(
        "5860775B4D032CC564BA204B8EA868F694A74E7475A8FEF240588BDA1AF496CE 59388FD6CD45248B 9000"
    );
    assert_eq!(host.ask(&authenticate), answer);
    assert_eq!(
        host.ask(&hex!("0820008613 861101 1AA82973DB959A811F9711D728F0EEF6")),
        [0x90, 0]
    );
    assert_eq!(host.ask(&DF1), [0x90, 0]);
    let front = host.ask(&hex!("08B08500000004960200000000"));
    assert_eq!(
        (&front[..5], front.len()),
        (&hex!("86821B6101")[..], 7013 + 2)
    );
    let photo = host.ask(&hex!("08B08600000004960200000000"));
    assert_eq!(
        (&photo[..5], photo.len()),
        (&hex!("86820BC101")[..], 3013 + 2)
    );
    assert_eq!(host.ask(&DF3), [0x90, 0]);
    let signature = host.ask(&hex!("00B08200000000"));
    assert_eq!(
        (&signature[..4], signature.len()),
        (&hex!("DA820100")[..], 1464 + 2)
    );
    // Fact sheet, vector computed with the same session key: plaintext D7 01 30.
    assert_eq!(host.ask(&DF2), [0x90, 0]);
    let pending = host.ask(&hex!("08B08400000004960200000000"));
    assert_eq!(pending, hex!("860901D1E599BD03484C259000"));
}

#[test]
fn the_master_file_is_free_and_unknown_files_are_named_missing() {
    let mut card = finished();
    let mut host = talk(&mut card);
    assert_eq!(host.ask(&hex!("00B08B0000")), b"\xC0\x040001\x90\0");
    assert_eq!(host.ask(&hex!("00B08A0000")), b"\xC1\x011\x90\0");
    assert_eq!(host.sw(&hex!("FFCA000000")), 0x6E00);
    assert_eq!(host.sw(&hex!("00B0810000")), 0x6A82);
    assert_eq!(
        host.sw(&hex!("00A4040C10 D392F0004F0900000000000000000000")),
        0x6A82
    );
    assert_eq!(host.sw(&hex!("00B0BF0000")), 0x6A86);
    assert_eq!(host.sw(&hex!("0044000000")), 0x6D00);
    assert_eq!(host.sw(&hex!("0184000008")), 0x6881);
}

#[test]
fn nothing_else_is_read_without_the_number() {
    let mut card = finished();
    let mut host = talk(&mut card);
    for (folder, read) in [
        (DF1, hex!("00B0850000")),
        (DF2, hex!("00B0810000")),
        (DF3, hex!("00B0820000")),
    ] {
        assert_eq!(host.sw(&folder), 0x9000);
        assert_eq!(host.sw(&read), 0x6982);
    }
    assert_eq!(host.authenticate(b"AA12345678BC"), Err(0x6300));
    assert_eq!(
        host.sw(&hex!("00200086 0C 414131323334353637384242")),
        0x6982
    );
    assert_eq!(host.sw(&hex!("08B08500000004960200000000")), 0x6982);
}

#[test]
fn a_challenge_serves_the_very_next_command_once() {
    let mut card = finished();
    let mut host = talk(&mut card);
    let authenticate = [&hex!("0082000028")[..], &[0; 40], &[0]].concat();
    assert_eq!(host.sw(&authenticate), 0x6985);
    assert_eq!(host.ask(&CHALLENGE).len(), 10);
    assert_eq!(host.sw(&DF1), 0x9000);
    assert_eq!(host.sw(&authenticate), 0x6985);
    assert_eq!(host.ask(&CHALLENGE).len(), 10);
    assert_eq!(host.sw(&authenticate), 0x6300);
    assert_eq!(host.sw(&authenticate), 0x6985);
}

#[test]
fn verify_sets_the_status_each_time() {
    let mut card = finished();
    let mut host = talk(&mut card);
    let key = host.authenticate(NUMBER).unwrap();
    assert_eq!(host.sw(&DF2), 0x9000);
    assert_eq!(host.sw(&hex!("00B0840000")), 0x9000);
    assert_eq!(host.sw(&host::verify(&key, b"AA12345678BC")), 0x6300);
    assert_eq!(host.sw(&hex!("00B0840000")), 0x6982);
    assert_eq!(host.sw(&host::verify(&key, NUMBER)), 0x9000);
    assert_eq!(host.sw(&hex!("00B0840000")), 0x9000);
}

#[test]
fn the_front_image_is_read_whole_or_in_pieces_of_the_current_file() {
    let mut card = finished();
    let mut host = talk(&mut card);
    let key = host.authenticate(NUMBER).unwrap();
    assert_eq!(host.sw(&DF1), 0x9000);
    assert_eq!(host.sw(&hex!("08B00000000004960200000000")), 0x6986);
    let expected = &host::files()[2].1;
    assert_eq!(&host.read(&key, [0x85, 0], 0).unwrap(), expected);
    let mut pieces = Vec::new();
    while let Ok(piece) = host.read(&key, (pieces.len() as u16).to_be_bytes(), 256) {
        pieces.extend(piece);
    }
    assert_eq!(&pieces, expected);
    assert_eq!(host.read(&key, 7004_u16.to_be_bytes(), 256), Err(0x6B00));
    // A short Le holds 231 bytes of plaintext and their cryptogram, but not 256.
    assert_eq!(host.ask(&hex!("08B0850004 960200E7 00")).len(), 4 + 232 + 2);
    assert_eq!(host.sw(&hex!("08B0850004 96020100 00")), 0x6700);
    assert_eq!(host.sw(&hex!("00B0850000")), 0x6982);
}

#[test]
fn plain_reads_give_what_is_there_from_an_offset() {
    let mut card = finished();
    let mut host = talk(&mut card);
    host.authenticate(NUMBER).unwrap();
    // The authentication survives selecting (appendix 2 relies on it).
    assert_eq!(host.sw(&hex!("00A40000023F00")), 0x9000);
    assert_eq!(host.sw(&DF2), 0x9000);
    let address = &host::files()[4].1;
    assert_eq!(host.ask(&hex!("00B0810000"))[..256], address[..256]);
    assert_eq!(host.ask(&hex!("00B0010000"))[..86], address[256..]);
    assert_eq!(host.ask(&hex!("00B0810A04"))[..4], address[10..14]);
    assert_eq!(host.ask(&hex!("00B08100000000")).len(), 342 + 2);
    assert_eq!(host.ask(&hex!("00B081 00 00 FFFF")).len(), 342 + 2);
    assert_eq!(host.sw(&hex!("00B0020000")), 0x6B00);
    assert_eq!(host.sw(&hex!("00B08100")), 0x6700);
}

#[test]
fn broken_secure_messaging_ends_the_session() {
    for (command, refused) in [
        (&hex!("0820008603 861101")[..], 0x6988),
        (&hex!("0820008604 99021234")[..], 0x6987),
        (&hex!("08B08100000004 99020000 0000")[..], 0x6987),
        (&hex!("08B08100000004 96030000 0000")[..], 0x6988),
    ] {
        let mut card = finished();
        let mut host = talk(&mut card);
        host.authenticate(NUMBER).unwrap();
        assert_eq!(host.sw(&DF2), 0x9000);
        assert_eq!(host.sw(command), refused);
        assert_eq!(host.sw(&hex!("00B0840000")), 0x6982);
    }
}

#[test]
fn power_takes_every_session_with_it() {
    let mut card = finished();
    talk(&mut card).authenticate(NUMBER).unwrap();
    card.power_on();
    let mut host = talk(&mut card);
    assert_eq!(host.sw(&DF2), 0x9000);
    assert_eq!(host.sw(&hex!("00B0840000")), 0x6982);
    drop(host);
    card.power_off();
    assert!(card.apdu(&DF2).is_empty());
}

#[test]
fn a_dead_chip_never_answers() {
    let mut card = finished();
    card.kill().unwrap();
    card.power_on();
    assert!(card.atr().is_empty());
    assert!(card.apdu(&DF2).is_empty());
}
