//! What is looked for where no holder's data may be: canary texts in every form in which a program
//! could have kept them, and pieces of pictures. Also within what was compressed.

use std::collections::BTreeSet;
use std::io::Read;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{GeneralPurpose, general_purpose::NO_PAD};

/// Long enough that chance does not write it.
const WINDOW: usize = 24;
/// A stream within a stream within a stream is looked into, a deeper one is not.
const DEPTH: usize = 3;
/// What one stream may unfold to.
const UNFOLDED_MOST: usize = 64 << 20;

/// Bytes that must not be found, and what they are.
#[derive(Clone, Debug)]
struct Needle {
    what: String,
    bytes: Vec<u8>,
}

/// Everything that is looked for.
pub(super) struct Needles {
    needles: Vec<Needle>,
    /// Which pairs of bytes a needle begins with.
    heads: Vec<bool>,
}

impl Needles {
    /// These texts in all their forms, and pieces of these pictures.
    pub(super) fn of(texts: &[&str], pictures: &[(&str, &[u8])]) -> Needles {
        let mut needles = Vec::new();
        for text in texts {
            needles.extend(forms(text));
        }
        for (what, bytes) in pictures {
            needles.extend(pieces(what, bytes));
        }
        let mut heads = vec![false; 1 << 16];
        for needle in &needles {
            heads[head(&needle.bytes)] = true;
        }
        Needles { needles, heads }
    }

    /// What of it stands in these bytes as they are.
    pub(super) fn within(&self, bytes: &[u8]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for at in 0..bytes.len().saturating_sub(1) {
            if self.heads[head(&bytes[at..])] {
                let here = |needle: &&Needle| bytes[at..].starts_with(&needle.bytes);
                let here = self.needles.iter().filter(here);
                found.extend(here.map(|needle| needle.what.clone()));
            }
        }
        found
    }

    /// What of it stands in these bytes, or in any stream that was compressed into them.
    pub(super) fn deep_within(&self, bytes: &[u8]) -> BTreeSet<String> {
        self.unfolding(bytes, DEPTH)
    }

    fn unfolding(&self, bytes: &[u8], depth: usize) -> BTreeSet<String> {
        let mut found = self.within(bytes);
        if depth > 0 {
            for stream in streams(bytes) {
                found.extend(self.unfolding(&stream, depth - 1));
            }
        }
        found
    }
}

fn head(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// A text in the forms in which it could have been kept.
fn forms(text: &str) -> Vec<Needle> {
    let utf8 = text.as_bytes().to_vec();
    let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
    let escaped = |upper: bool| {
        let unit = |unit: u16| match (u8::try_from(unit), upper) {
            (Ok(byte), _) if byte.is_ascii() => char::from(byte).to_string(),
            (_, true) => format!("\\u{unit:04X}"),
            (_, false) => format!("\\u{unit:04x}"),
        };
        text.encode_utf16()
            .map(unit)
            .collect::<String>()
            .into_bytes()
    };
    let mut forms = vec![
        ("hex", hex::encode(&utf8).into_bytes()),
        ("HEX", hex::encode_upper(&utf8).into_bytes()),
        ("UTF-16 LE", utf16(u16::to_le_bytes)),
        ("UTF-16 BE", utf16(u16::to_be_bytes)),
        ("escaped", escaped(false)),
        ("escaped", escaped(true)),
    ];
    for alphabet in [STANDARD, URL_SAFE] {
        let engine = GeneralPurpose::new(&alphabet, NO_PAD);
        forms.extend((0..3).map(|shift| ("base64", in_base64(&engine, &utf8, shift))));
    }
    forms.push(("UTF-8", utf8));
    let named = |(form, bytes)| Needle {
        what: format!("{text} ({form})"),
        bytes,
    };
    forms.into_iter().map(named).collect()
}

/// The characters that only these bytes decide, wherever in a group of three they begin.
fn in_base64(engine: &GeneralPurpose, bytes: &[u8], shift: usize) -> Vec<u8> {
    let mut shifted = vec![0; shift];
    shifted.extend_from_slice(bytes);
    let text = engine.encode(&shifted);
    let (first, last) = ((shift * 8).div_ceil(6), shifted.len() * 8 / 6);
    text.as_bytes()[first..last].to_vec()
}

/// Pieces of a picture that hold enough different bytes to be nothing else.
fn pieces(what: &str, bytes: &[u8]) -> Vec<Needle> {
    let many = |piece: &&[u8]| piece.iter().collect::<BTreeSet<_>>().len() > WINDOW / 2;
    let rich: Vec<&[u8]> = bytes.chunks_exact(WINDOW).filter(many).collect();
    let step = (rich.len() / 12).max(1);
    let mut needles = Vec::new();
    for piece in rich.into_iter().step_by(step) {
        let raw = [
            ("raw", piece.to_vec()),
            ("hex", hex::encode(piece).into_bytes()),
        ];
        needles.extend(raw.map(|(form, bytes)| Needle {
            what: format!("{what} ({form})"),
            bytes,
        }));
    }
    assert!(!needles.is_empty(), "{what} has no piece of its own");
    needles
}

/// Whatever can be unfolded out of these bytes: zlib (PDF, PNG), gzip and zstd, wherever it begins.
fn streams(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut streams = Vec::new();
    for at in 0..bytes.len().saturating_sub(4) {
        let rest = &bytes[at..];
        let unfolded = match rest {
            [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..] => inflated(&rest[2..]),
            [0x1F, 0x8B, 8, 0, ..] if rest.len() > 10 => inflated(&rest[10..]),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => {
                let mut out = Vec::new();
                // As far as it goes: a torn stream tells what it tells.
                if let Ok(decoder) = zstd::Decoder::with_buffer(rest) {
                    let _ = decoder.take(UNFOLDED_MOST as u64).read_to_end(&mut out);
                }
                out
            }
            _ => Vec::new(),
        };
        if unfolded.len() > WINDOW {
            streams.push(unfolded);
        }
    }
    streams
}

fn inflated(deflated: &[u8]) -> Vec<u8> {
    match miniz_oxide::inflate::decompress_to_vec_with_limit(deflated, UNFOLDED_MOST) {
        Ok(whole) => whole,
        Err(torn) => torn.output,
    }
}

/// The search sees what is there, in each form and under each cover: else it proves nothing.
#[test]
fn every_form_and_every_cover_is_seen_through() {
    let text = "KANARIA 金糸雀町９丁目";
    let picture: Vec<u8> = (0..240_u32).map(|at| (at * 37 % 251) as u8).collect();
    let needles = Needles::of(&[text], &[("a picture", &picture)]);
    assert!(needles.deep_within(b"nothing of it").is_empty());
    for form in forms(text).into_iter().chain(pieces("a picture", &picture)) {
        let plain = [b"before it ", &form.bytes[..], b" behind it"].concat();
        let zlib = miniz_oxide::deflate::compress_to_vec_zlib(&plain, 6);
        let zstd = zstd::bulk::compress(&plain, 3).expect("zstd");
        let tar = [&[0; 512][..], &zlib, &[0; 512]].concat();
        let twice = miniz_oxide::deflate::compress_to_vec_zlib(&zstd, 6);
        for cover in [plain, zlib, zstd, tar, twice] {
            let found = needles.deep_within(&cover);
            assert!(found.contains(&form.what), "{} is not seen", form.what);
        }
    }
}
