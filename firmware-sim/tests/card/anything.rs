//! Whatever a terminal sends: the card answers, does not fall over, and writes nothing.

use firmware_sim::chip::{Card, TEST_TRANSPORT_MASTER};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::host::{self, NUMBER};
use crate::reading::{finished, talk};

/// Bytes at large, and commands that are nearly right.
fn command() -> impl Strategy<Value = Vec<u8>> {
    let class = prop::sample::select(vec![0x00, 0x08, 0x80, 0x84, 0xFF]);
    let instruction = prop::sample::select(vec![
        0xA4, 0x84, 0x82, 0x20, 0xB0, 0xCA, 0x50, 0xE2, 0xE6, 0xD8, 0xF0, 0xD6,
    ]);
    let near = (
        class,
        instruction,
        any::<[u8; 2]>(),
        vec(any::<u8>(), 0..40),
    )
        .prop_map(|(cla, ins, [p1, p2], body)| {
            let lc = body.len() as u8;
            [&[cla, ins, p1, p2, lc][..], &body, &[0]].concat()
        });
    prop_oneof![
        vec(any::<u8>(), 1..300),
        near,
        Just(host::SELECT_DOMAIN.to_vec())
    ]
}

proptest! {
    #[test]
    fn a_blank_stays_a_blank(commands in vec(command(), 1..30)) {
        let mut card = Card::blank([7; 10], &TEST_TRANSPORT_MASTER);
        card.power_on();
        for command in commands {
            prop_assert!(talk(&mut card).ask(&command).len() >= 2);
        }
        let witness = talk(&mut card).witness();
        prop_assert_eq!(&witness[10..], &[0x30, 0x01, 0x07, 0, 0, 0, 0]);
    }

    #[test]
    fn a_finished_card_stays_as_it_is(commands in vec(command(), 1..30)) {
        let mut card = finished();
        let before = talk(&mut card).witness();
        talk(&mut card).authenticate(NUMBER).ok();
        for command in commands {
            prop_assert!(talk(&mut card).ask(&command).len() >= 2);
        }
        prop_assert_eq!(talk(&mut card).witness(), before);
    }
}
