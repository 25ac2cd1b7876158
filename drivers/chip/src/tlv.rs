//! BER-TLV with one-byte tags, as far as the card specification §3.2.3.1 goes: lengths of 00–7F, 81 xx, 82 xxxx.

/// Appends a data object: tag, shortest length, value. `value` is at most 65,535 bytes.
pub(crate) fn put(out: &mut Vec<u8>, tag: u8, value: &[u8]) {
    out.push(tag);
    match value.len() {
        len @ 0..=0x7F => out.push(len as u8),
        len @ 0x80..=0xFF => out.extend([0x81, len as u8]),
        len => {
            let len = u16::try_from(len).expect("no data object of a card is longer");
            out.push(0x82);
            out.extend(len.to_be_bytes());
        }
    }
    out.extend_from_slice(value);
}

/// Splits the first data object off: `(tag, value, rest)`; `None` where it does not fit in `bytes`.
pub(crate) fn take(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (len, rest) = match first {
        0x00..=0x7F => (usize::from(first), rest),
        0x81 => (usize::from(*rest.first()?), &rest[1..]),
        0x82 => (
            usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])),
            &rest[2..],
        ),
        0x80 | 0x83..=0xFF => return None,
    };
    let (value, rest) = rest.split_at_checked(len)?;
    Some((tag, value, rest))
}

/// The value of the first object with this tag in a row of objects; stops at the first NUL tag.
pub(crate) fn find(mut bytes: &[u8], wanted: u8) -> Option<&[u8]> {
    while let Some((tag, value, rest)) = take(bytes) {
        if tag == wanted {
            return Some(value);
        }
        if tag == 0 {
            return None;
        }
        bytes = rest;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_those_of_the_card_specification() {
        // Card specification 1.5 §3.3.4 and appendix 2: D7 01, DA 82 0100, D0 82 1B58, DB 82 04B0.
        for (len, header) in [
            (1usize, &[0xD7u8, 0x01][..]),
            (120, &[0xD7, 0x78]),
            (200, &[0xD7, 0x81, 0xC8]),
            (256, &[0xD7, 0x82, 0x01, 0x00]),
            (7000, &[0xD7, 0x82, 0x1B, 0x58]),
        ] {
            let mut out = Vec::new();
            put(&mut out, 0xD7, &vec![5; len]);
            assert_eq!(&out[..header.len()], header);
            assert_eq!(take(&out), Some((0xD7, &vec![5; len][..], &[][..])));
        }
    }

    #[test]
    fn a_cut_object_is_no_object() {
        for cut in [
            &[][..],
            &[0xD0],
            &[0xD0, 0x82],
            &[0xD0, 0x82, 0x01],
            &[0xD0, 0x02, 1],
            &[0xD0, 0x80],
        ] {
            assert_eq!(take(cut), None, "{cut:02X?}");
        }
    }

    #[test]
    fn search_stops_at_filling() {
        assert_eq!(find(&[0xDA, 0, 0xDB, 1, 9, 0, 0], 0xDB), Some(&[9][..]));
        assert_eq!(find(&[0xDA, 0, 0, 0, 0xDB, 1, 9], 0xDB), None);
    }
}
