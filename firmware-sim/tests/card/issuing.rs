//! The issuer's side: blank, personalisation, lock, termination, and what a cut leaves.

use std::path::PathBuf;

use firmware_sim::chip::{Card, TEST_TRANSPORT_MASTER};
use hex_literal::hex;

use crate::host::{self, Host, KeySet, NUMBER};
use crate::reading::{finished, issuer_keys, talk};

const SERIAL: [u8; 10] = [7; 10];
const LEVELS: [u8; 5] = [0x01, 0x03, 0x11, 0x13, 0x33];

fn blank() -> Card {
    let mut card = Card::blank(SERIAL, &TEST_TRANSPORT_MASTER);
    card.power_on();
    card
}

fn transport() -> KeySet {
    host::diversified(&TEST_TRANSPORT_MASTER, &SERIAL, host::TRANSPORT)
}

/// Key version, domain, application and bytes stored, out of the witness.
fn witness(host: &mut Host<'_>) -> (u8, u8, u8, u32) {
    let answer = host.witness();
    assert_eq!(answer[..10], SERIAL);
    let stored = u32::from_be_bytes(answer[13..].try_into().unwrap());
    (answer[10], answer[11], answer[12], stored)
}

#[test]
fn a_blank_shows_its_witness_and_nothing_else() {
    let mut card = blank();
    let mut host = talk(&mut card);
    for command in [
        &hex!("00A40000023F00")[..],
        &hex!("00A4040C10 D392F0004F0200000000000000000000"),
        &hex!("00B08B0000"),
        &hex!("0084000008"),
        &hex!("00D68100 01 00"),
    ] {
        assert_eq!(host.sw(command), 0x6985);
    }
    assert_eq!(host.sw(host::WITNESS), 0x6985, "only the domain answers it");
    assert_eq!(witness(&mut host), (0x30, 0x01, 0x07, 0));
}

#[test]
fn a_card_is_made_in_blocks_of_any_size_and_every_byte_is_counted() {
    for size in [239, 100, 2000] {
        let mut card = blank();
        let mut host = talk(&mut card);
        let mut channel = host.open(&transport(), 0x33).unwrap();
        host.store(&mut channel, Some(NUMBER), &host::files(), size)
            .unwrap();
        let files: usize = host::files().iter().map(|(_, content)| content.len()).sum();
        assert_eq!(witness(&mut host), (0x30, 0x01, 0x07, files as u32 + 16));
        let mut channel = host.open(&transport(), 0x33).unwrap();
        host.application(&mut channel, 0x0F).unwrap();
        assert_eq!(witness(&mut host).2, 0x0F);
        assert_eq!(host.sw(&hex!("00A40000023F00")), 0x9000);
        let key = host.authenticate(NUMBER).unwrap();
        assert_eq!(
            host.sw(&hex!("00A4040C10 D392F0004F0200000000000000000000")),
            0x9000
        );
        assert_eq!(host.read(&key, [0x86, 0], 0).unwrap(), host::files()[3].1);
    }
}

#[test]
fn all_levels_open_but_data_and_keys_need_the_full_one() {
    for level in LEVELS {
        let mut card = blank();
        let mut host = talk(&mut card);
        let mut channel = host.open(&transport(), level).unwrap();
        let info = host.secured(&mut channel, [0xCA, 0x00, 0xE0], &[]).unwrap();
        assert_eq!(info[..2], [0xE0, 0x12]);
        let stored = host.store(&mut channel, None, &host::files()[..1], 239);
        assert_eq!(stored, if level == 0x33 { Ok(()) } else { Err(0x6982) });
        let mut channel = host.open(&transport(), level).unwrap();
        let put = host.put_key(&mut channel, 0x30, &issuer_keys());
        assert_eq!(put.is_ok(), level == 0x33);
        if level != 0x33 {
            assert_eq!(
                host.domain(&mut channel, 0x0F),
                Err(0x6982),
                "the channel is closed"
            );
        }
    }
    let mut card = blank();
    assert_eq!(talk(&mut card).open(&transport(), 0x00).err(), Some(0x6A86));
}

#[test]
fn wrong_keys_are_refused_ten_times_and_then_none_is_tried() {
    let mut card = blank();
    let mut host = talk(&mut card);
    let wrong = KeySet {
        version: 0x30,
        ..issuer_keys()
    };
    assert_eq!(
        host.open(
            &KeySet {
                version: 0x31,
                ..transport()
            },
            0x33
        )
        .err(),
        Some(0x6A88)
    );
    for _ in 0..9 {
        assert_eq!(host.open(&wrong, 0x33).err(), Some(0x6300));
    }
    assert!(
        host.open(&transport(), 0x33).is_ok(),
        "the right keys clear the count"
    );
    for _ in 0..10 {
        assert_eq!(host.open(&wrong, 0x33).err(), Some(0x6300));
    }
    assert_eq!(host.open(&transport(), 0x33).err(), Some(0x6983));
}

#[test]
fn a_bare_command_or_a_wrong_mac_closes_the_channel() {
    let mut card = blank();
    let mut host = talk(&mut card);
    let mut channel = host.open(&transport(), 0x33).unwrap();
    assert_eq!(host.sw(&hex!("80F0800F08 A000000151000000")), 0x6982);
    assert_eq!(host.domain(&mut channel, 0x0F), Err(0x6982));
    let _channel = host.open(&transport(), 0x33).unwrap();
    assert_eq!(
        host.sw(&[&hex!("84F0800F10")[..], &[0; 16]].concat()),
        0x6988
    );
    assert_eq!(witness(&mut host), (0x30, 0x01, 0x07, 0));
}

#[test]
fn blocks_out_of_order_and_a_stream_cut_off_are_refused() {
    let mut card = blank();
    let mut host = talk(&mut card);
    let mut channel = host.open(&transport(), 0x33).unwrap();
    assert_eq!(
        host.secured(&mut channel, [0xE2, 0, 0], &[0]),
        Err(0x6985),
        "not installed"
    );
    host.install(&mut channel).unwrap();
    assert_eq!(host.secured(&mut channel, [0xE2, 0, 1], &[0]), Err(0x6A86));
    host.install(&mut channel).unwrap();
    assert_eq!(
        host.secured(&mut channel, [0xE2, 0x80, 0], &[0, 0x0B, 6, 0xC0]),
        Err(0x6A80)
    );
    host.install(&mut channel).unwrap();
    let number = [&[0x80, 0x01, 0x10][..], &[0; 16]].concat();
    assert_eq!(
        host.secured(&mut channel, [0xE2, 0x60, 0], &number),
        Err(0x6A80)
    );
    assert_eq!(
        host.application(&mut channel, 0x0F),
        Err(0x6985),
        "files are missing"
    );
}

#[test]
fn a_locked_card_gives_up_its_transport_keys_and_closes_all_but_the_back() {
    let mut card = finished();
    let mut host = talk(&mut card);
    assert_eq!(witness(&mut host).0, 0x31);
    assert_eq!(witness(&mut host).1, 0x0F);
    assert_eq!(host.open(&transport(), 0x33).err(), Some(0x6A88));
    assert_eq!(host.sw(&hex!("00D68500 01 00")), 0x6985);
    let stored = witness(&mut host).3;
    let files = host::files();
    for (at, (tag, _)) in files.iter().enumerate() {
        let mut channel = host.open(&issuer_keys(), 0x33).unwrap();
        let result = host.store(&mut channel, None, &files[at..=at], 239);
        let back = (0x0201..=0x0204).contains(tag);
        assert_eq!(result, if back { Ok(()) } else { Err(0x6985) }, "{tag:04X}");
    }
    let mut channel = host.open(&issuer_keys(), 0x33).unwrap();
    assert_eq!(
        host.store(&mut channel, Some(NUMBER), &[], 239),
        Err(0x6985)
    );
    assert_eq!(
        host.secured(&mut channel, [0xD6, 0x85, 0], &[0]),
        Err(0x6985)
    );
    assert_eq!(
        host.application(&mut channel, 0x07),
        Err(0x6985),
        "no way back"
    );
    let back = KeySet {
        version: 0x30,
        ..transport()
    };
    assert_eq!(
        host.put_key(&mut channel, 0x31, &back),
        Err(0x6A80),
        "transport keys stay dead"
    );
    assert_eq!(witness(&mut host).3, stored + 342 + 122 + 122 + 3);
}

#[test]
fn the_back_is_closed_until_the_issuer_s_keys_are_in() {
    let mut card = blank();
    let mut host = talk(&mut card);
    let mut channel = host.open(&transport(), 0x33).unwrap();
    host.store(&mut channel, Some(NUMBER), &host::files(), 239)
        .unwrap();
    host.application(&mut channel, 0x0F).unwrap();
    assert_eq!(
        host.store(&mut channel, None, &host::files()[7..8], 239),
        Err(0x6985)
    );
}

#[test]
fn keys_with_a_wrong_check_value_change_nothing() {
    let mut card = blank();
    let mut host = talk(&mut card);
    let mut channel = host.open(&transport(), 0x33).unwrap();
    let block = [&hex!("881110")[..], &[0x55; 16], &hex!("03 000000")].concat();
    let data = [&[0x31][..], &block, &block, &block].concat();
    assert_eq!(
        host.secured(&mut channel, [0xD8, 0x30, 0x81], &data),
        Err(0x6A80)
    );
    assert_eq!(witness(&mut host), (0x30, 0x01, 0x07, 0));
    assert!(host.open(&transport(), 0x33).is_ok());
}

#[test]
fn a_terminated_card_answers_the_witness_only() {
    let mut card = finished();
    let mut host = talk(&mut card);
    let mut channel = host.open(&issuer_keys(), 0x33).unwrap();
    host.domain(&mut channel, 0xFF).unwrap();
    let (version, domain, application, _) = witness(&mut host);
    assert_eq!((version, domain, application), (0x31, 0xFF, 0xFF));
    assert_eq!(host.open(&issuer_keys(), 0x33).err(), Some(0x6985));
    assert_eq!(
        host.sw(&hex!("00A4040C10 D392F0004F0200000000000000000000")),
        0x6283
    );
    assert_eq!(host.sw(&hex!("0084000008")), 0x6985);
}

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("card-{}-{name}", std::process::id()));
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_cut_between_blocks_leaves_a_card_that_nobody_reads_and_that_says_so() {
    let folder = Folder::new("cut");
    let mut card = blank();
    card.store(&folder.0).unwrap();
    let mut host = talk(&mut card);
    let mut channel = host.open(&transport(), 0x33).unwrap();
    host.install(&mut channel).unwrap();
    host.secured(&mut channel, [0xE2, 0, 0], &hex!("0105FF1B5C D0821B58"))
        .unwrap();
    host.secured(&mut channel, [0xE2, 0, 1], &[0x55; 200])
        .unwrap();
    drop(host);
    let mut after = Card::load(&folder.0).unwrap();
    after.power_on();
    let mut host = talk(&mut after);
    assert_eq!(witness(&mut host), (0x30, 0x01, 0x07, 204));
    assert_eq!(host.sw(&hex!("00B08B0000")), 0x6985);
    let mut channel = host.open(&transport(), 0x33).unwrap();
    assert_eq!(host.application(&mut channel, 0x0F), Err(0x6985));
}

#[test]
fn a_finished_card_is_the_same_after_it_lay_in_a_folder() {
    let folder = Folder::new("kept");
    finished().store(&folder.0).unwrap();
    let mut card = Card::load(&folder.0).unwrap();
    card.power_on();
    let mut host = talk(&mut card);
    let key = host.authenticate(NUMBER).unwrap();
    assert_eq!(
        host.sw(&hex!("00A4040C10 D392F0004F0200000000000000000000")),
        0x9000
    );
    assert_eq!(host.read(&key, [0x85, 0], 0).unwrap(), host::files()[2].1);
}
