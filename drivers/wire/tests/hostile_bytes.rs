//! Whatever a line brings: decoders give a value or an error, what decodes
//! encodes to the same bytes, and panels come out whole or not at all.

use proptest::prelude::*;
use wire::frame::{Channel, Frame};
use wire::message::{HostMessage, PrinterMessage};
use wire::raster::{
    Assembly, Digest, Entry, FRAGMENT, Fragment, Shape, Taken, decode_band, encode_band, fragments,
};
use wire::{Condition, Panel};

/// Not SHA-256, but as good at telling two panels apart in a test.
fn digest(bytes: &[u8]) -> Digest {
    let mut out = [0; 32];
    for (at, byte) in bytes.iter().enumerate() {
        let folded = u64::from_be_bytes(out[..8].try_into().unwrap());
        let next = folded.wrapping_mul(0x0100_0000_01B3) ^ u64::from(*byte) ^ (at as u64) << 20;
        out[..8].copy_from_slice(&next.to_be_bytes());
    }
    Digest(out)
}

fn panel(seed: u64, shape: Shape) -> Vec<u8> {
    let mut state = seed | 1;
    let byte = |at: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (at / 5) as u8 ^ (state as u8 & 0x1F)
    };
    (0..shape.bytes()).map(byte).collect()
}

fn all_fragments(shape: Shape, packed: &[u8]) -> Vec<Fragment> {
    let key = digest(packed).key();
    let of_band = |band| {
        let encoded = encode_band(&shape, packed, band).unwrap();
        fragments(key, band, &encoded).collect::<Vec<_>>()
    };
    (0..shape.bands()).flat_map(of_band).collect()
}

proptest! {
    #[test]
    fn any_payload_is_a_message_or_an_error(
        bulk in any::<bool>(),
        kind in prop_oneof![0u8..0x30, 0x60u8..0x70, 0x80u8..0xB0, 0xE0u8..0xF0],
        payload in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        let channel = if bulk { Channel::Bulk } else { Channel::Control };
        let frame = Frame { channel, kind, payload };
        if let Ok(message) = HostMessage::try_from(&frame) {
            prop_assert_eq!(&Frame::from(&message), &frame);
        }
        if let Ok(message) = PrinterMessage::try_from(&frame) {
            let again = PrinterMessage::try_from(&Frame::from(&message)).unwrap();
            prop_assert_eq!(again, message);
        }
    }

    #[test]
    fn a_panel_comes_out_whole_in_any_order(
        seed in any::<u64>(),
        rows in 1u16..100,
        dots in 1u16..700,
        order in any::<u64>(),
    ) {
        let shape = Shape::new(rows, dots, 8).unwrap();
        let packed = panel(seed, shape);
        let entry = Entry { panel: Panel::M, shape, digest: digest(&packed) };
        let mut assembly = Assembly::new(1, &[entry], shape.bytes(), 1 << 16).unwrap();
        let mut sent = all_fragments(shape, &packed);
        // One band's fragments may come in any order, each twice.
        sent.extend(sent.clone());
        sent.sort_by_key(|f| (f.band, (u64::from(f.index) + 1).wrapping_mul(order | 1) >> 7));
        let whole = sent.iter().any(|f| assembly.take(f, digest) == Taken::Panel(Panel::M));
        prop_assert!(whole);
        prop_assert!(assembly.panel(Panel::M).unwrap().1 == packed);
    }

    #[test]
    fn a_damaged_fragment_never_becomes_a_panel(
        seed in any::<u64>(),
        at in any::<proptest::sample::Index>(),
        bit in 0u8..8,
    ) {
        let shape = Shape::new(40, 100, 8).unwrap();
        let packed = panel(seed, shape);
        let entry = Entry { panel: Panel::Y, shape, digest: digest(&packed) };
        let mut assembly = Assembly::new(1, &[entry], shape.bytes(), 1 << 16).unwrap();
        let mut sent = all_fragments(shape, &packed);
        let hit = at.index(sent.len());
        let byte = at.index(sent[hit].bytes.len());
        sent[hit].bytes[byte] ^= 1 << bit;
        for fragment in &sent {
            assembly.take(fragment, digest);
        }
        prop_assert!(assembly.panel(Panel::Y).is_none());
        for fragment in all_fragments(shape, &packed) {
            assembly.take(&fragment, digest);
        }
        prop_assert!(assembly.panel(Panel::Y).unwrap().1 == packed);
    }

    #[test]
    fn a_hostile_band_is_refused(encoded in proptest::collection::vec(any::<u8>(), 0..300)) {
        let shape = Shape::new(32, 16, 8).unwrap();
        if let Ok(rows) = decode_band(&shape, &encoded, shape.bytes()) {
            prop_assert_eq!(rows.len(), shape.bytes());
        }
    }
}

#[test]
fn a_panel_whose_digest_differs_is_forgotten_and_can_come_again() {
    let shape = Shape::new(33, 40, 1).unwrap();
    let packed = panel(3, shape);
    let entry = Entry {
        panel: Panel::K,
        shape,
        digest: digest(&packed),
    };
    let mut assembly = Assembly::new(1, &[entry], shape.bytes(), 1 << 16).unwrap();
    let sent = all_fragments(shape, &packed);
    let last = sent
        .iter()
        .map(|fragment| assembly.take(fragment, |_| Digest([0; 32])))
        .last();
    assert_eq!(last, Some(Taken::Differs(Panel::K)));
    assert_eq!(assembly.have(0).panels[0].bands.missing(), shape.bands());
    let last = sent
        .iter()
        .map(|fragment| assembly.take(fragment, digest))
        .last();
    assert_eq!(last, Some(Taken::Panel(Panel::K)));
}

#[test]
fn two_empty_panels_share_their_bands() {
    let shape = Shape::new(64, 40, 8).unwrap();
    let packed = vec![0; shape.bytes()];
    let digest_of = digest(&packed);
    let entry = |panel| Entry {
        panel,
        shape,
        digest: digest_of,
    };
    let entries = [entry(Panel::Y), entry(Panel::M)];
    let mut assembly = Assembly::new(1, &entries, 2 * shape.bytes(), 1 << 16).unwrap();
    for fragment in all_fragments(shape, &packed) {
        assembly.take(&fragment, digest);
    }
    assert!(assembly.panel(Panel::Y).is_some() && assembly.panel(Panel::M).is_some());
}

#[test]
fn a_manifest_that_cannot_be_kept_is_refused() {
    let shape = Shape::new(64, 40, 8).unwrap();
    let entry = |panel, byte| Entry {
        panel,
        shape,
        digest: Digest([byte; 32]),
    };
    let of = |entries: &[Entry], memory| Assembly::new(1, entries, memory, 1).err();
    assert_eq!(of(&[entry(Panel::Y, 1)], 2559), Some(Condition::Memory));
    assert_eq!(of(&[entry(Panel::Y, 1)], 2560), None);
    assert_eq!(
        of(&[entry(Panel::K, 1)], 9999),
        Some(Condition::BadParameter)
    );
    let twice = [entry(Panel::Y, 1), entry(Panel::Y, 2)];
    assert_eq!(of(&twice, 9999), Some(Condition::BadParameter));
}

#[test]
fn fragments_that_never_become_whole_stay_bounded() {
    let shape = Shape::new(4096, 4096, 8).unwrap();
    let entry = Entry {
        panel: Panel::C,
        shape,
        digest: Digest([5; 32]),
    };
    let mut assembly = Assembly::new(1, &[entry], shape.bytes(), 1 << 16).unwrap();
    for band in 0..shape.bands() {
        for index in 0..100 {
            let bytes = vec![1; FRAGMENT];
            let fragment = Fragment {
                key: entry.digest.key(),
                band,
                index,
                of: 131,
                crc: 0,
                bytes,
            };
            assembly.take(&fragment, digest);
        }
    }
    assert_eq!(assembly.have(0).free, 0);
    assert!(assembly.held_in_pieces() <= 8 * 131 * FRAGMENT);
}

// Found by the fuzzer: a mark is three bytes long, so a text of marks outgrew its length byte.
#[test]
fn a_text_that_is_no_utf8_stays_a_text() {
    let hello = [0, 0, 0, 7, 1, 1, 1, 0, 0, 0, 9];
    let text = [&[255][..], &[0x91; 255]].concat();
    let payload = [&hello[..], &[0; 16], &text, &[0, 0]].concat();
    let frame = Frame {
        channel: Channel::Control,
        kind: 0x81,
        payload,
    };
    let message = PrinterMessage::try_from(&frame).unwrap();
    assert_eq!(
        PrinterMessage::try_from(&Frame::from(&message)),
        Ok(message)
    );
}
