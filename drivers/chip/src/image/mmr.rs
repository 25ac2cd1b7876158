//! The front image: 1 bit a dot, ITU-T T.6 (MMR) in a TIFF of one strip, as on the public samples:
//! Compression 4, Photometric 1 (BlackIsZero), 200 dpi. In memory 1 is ink, on disk 0 is black.

use super::ImageError;
use crate::generation1::contents::FRONT_BYTES;
use fax::decoder::decode_g4;
use fax::encoder::Encoder;
use fax::{Color, VecWriter};

/// Dots in a row of the front image.
pub const FRONT_WIDTH: u32 = 674;
/// Rows of the front image.
pub const FRONT_HEIGHT: u32 = 425;
/// Largest side that is read from a foreign card.
const SIDE_LIMIT: u32 = 4096;
const DPI: u32 = 200;

/// A picture of 1 bit a dot: rows from the top, padded to bytes, most significant bit leftmost, 1 = ink.
#[derive(Clone, PartialEq, Eq)]
pub struct Bilevel {
    /// Dots in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Rows of `width.div_ceil(8)` bytes.
    pub packed: Vec<u8>,
}

/// Encodes the front image, 674 × 425 dots in rows of 85 bytes, 1 = ink.
///
/// # Errors
/// `Shape`; `TooLarge` above the 7,000 bytes that the chip has room for.
pub fn encode_front(packed: &[u8]) -> Result<Vec<u8>, ImageError> {
    let tiff = encode(FRONT_WIDTH, FRONT_HEIGHT, packed)?;
    if tiff.len() > FRONT_BYTES {
        return Err(ImageError::TooLarge {
            bytes: tiff.len(),
            limit: FRONT_BYTES,
        });
    }
    Ok(tiff)
}

/// Encodes any picture of 1 bit a dot.
///
/// # Errors
/// `Shape` where `packed` is not `height` rows of whole bytes.
pub fn encode(width: u32, height: u32, packed: &[u8]) -> Result<Vec<u8>, ImageError> {
    let stride = width.div_ceil(8) as usize;
    if width == 0 || height == 0 || packed.len() != stride * height as usize {
        return Err(ImageError::Shape {
            width,
            height,
            bytes: packed.len(),
        });
    }
    let mut encoder = Encoder::new(VecWriter::new());
    for row in packed.chunks(stride) {
        let colors = (0..width as usize).map(|x| coded(row[x / 8] >> (7 - x % 8) & 1 == 1));
        let Ok(()) = encoder.encode_line(colors, width);
    }
    let Ok(writer) = encoder.finish();
    Ok(wrap(width, height, &writer.finish()))
}

/// Decodes a TIFF of one T.6 strip; trailing filling is ignored.
///
/// # Errors
/// `Unreadable` for anything else, and for sides above 4,096 dots.
pub fn decode(tiff: &[u8]) -> Result<Bilevel, ImageError> {
    let strip = Strip::find(tiff).ok_or(ImageError::Unreadable {
        expected: "an MMR TIFF of one strip",
    })?;
    let stride = strip.width.div_ceil(8) as usize;
    let mut packed = Vec::with_capacity(stride * strip.height as usize);
    decode_g4(
        strip.data.iter().copied(),
        strip.width,
        Some(strip.height),
        |changes| {
            let start = packed.len();
            packed.resize(start + stride, 0);
            ink_row(
                &mut packed[start..],
                changes,
                strip.width,
                strip.black_is_zero,
            );
        },
    )
    .ok_or(ImageError::Unreadable {
        expected: "T.6 data",
    })?;
    Ok(Bilevel {
        width: strip.width,
        height: strip.height,
        packed,
    })
}

/// T.6 calls a 0 bit white; under BlackIsZero that bit is ink.
fn coded(ink: bool) -> Color {
    if ink { Color::White } else { Color::Black }
}

fn ink_row(row: &mut [u8], changes: &[u32], width: u32, black_is_zero: bool) {
    let mut black = false;
    let mut from = 0;
    for to in changes.iter().copied().chain([width]) {
        let to = to.min(width);
        if black != black_is_zero {
            (from..to).for_each(|x| row[x as usize / 8] |= 0x80 >> (x % 8));
        }
        black = !black;
        from = to.max(from);
    }
}

/// The one strip that the tags of a TIFF point to.
struct Strip<'a> {
    width: u32,
    height: u32,
    black_is_zero: bool,
    data: &'a [u8],
}

impl<'a> Strip<'a> {
    fn find(tiff: &'a [u8]) -> Option<Strip<'a>> {
        let fields = Fields::of(tiff)?;
        let (width, height) = (fields.number(256)?, fields.number(257)?);
        let sides = 1..=SIDE_LIMIT;
        let one_strip = fields.number(278).is_none_or(|rows| rows >= height);
        if fields.number(259)? != 4
            || !sides.contains(&width)
            || !sides.contains(&height)
            || !one_strip
        {
            return None;
        }
        let start = fields.number(273)? as usize;
        let data = tiff.get(start..)?.get(..fields.number(279)? as usize)?;
        Some(Strip {
            width,
            height,
            black_is_zero: fields.number(262)? == 1,
            data,
        })
    }
}

/// The first directory of a TIFF: rows of twelve bytes.
struct Fields<'a> {
    rows: &'a [u8],
    little: bool,
}

impl<'a> Fields<'a> {
    fn of(tiff: &'a [u8]) -> Option<Fields<'a>> {
        let little = match tiff.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        let whole = Fields { rows: tiff, little };
        let start = whole.u32(4)? as usize;
        let count = usize::from(whole.u16(start)?);
        let rows = tiff.get(start.checked_add(2)?..)?.get(..count * 12)?;
        Some(Fields { rows, little })
    }

    /// The value of a field of one SHORT or LONG.
    fn number(&self, tag: u16) -> Option<u32> {
        let row = (0..self.rows.len() / 12)
            .map(|row| row * 12)
            .find(|&at| self.u16(at) == Some(tag))?;
        match (self.u16(row + 2)?, self.u32(row + 4)?) {
            (3, 1) => self.u16(row + 8).map(u32::from),
            (4, 1) => self.u32(row + 8),
            _ => None,
        }
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let bytes = self.rows.get(at..)?.first_chunk()?;
        Some(if self.little {
            u16::from_le_bytes(*bytes)
        } else {
            u16::from_be_bytes(*bytes)
        })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let bytes = self.rows.get(at..)?.first_chunk()?;
        Some(if self.little {
            u32::from_le_bytes(*bytes)
        } else {
            u32::from_be_bytes(*bytes)
        })
    }
}

const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;
const FIELDS: u32 = 11;
const AFTER_FIELDS: u32 = 8 + 2 + FIELDS * 12 + 4;

fn wrap(width: u32, height: u32, strip: &[u8]) -> Vec<u8> {
    let resolution = AFTER_FIELDS;
    let fields: [(u16, u16, u32); FIELDS as usize] = [
        (256, LONG, width),
        (257, LONG, height),
        (258, SHORT, 1),
        (259, SHORT, 4),
        (262, SHORT, 1),
        (273, LONG, AFTER_FIELDS + 8),
        (278, LONG, height),
        (279, LONG, strip.len() as u32),
        (282, RATIONAL, resolution),
        (283, RATIONAL, resolution),
        (296, SHORT, 2),
    ];
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    tiff.extend((FIELDS as u16).to_le_bytes());
    for (tag, kind, value) in fields {
        tiff.extend(tag.to_le_bytes());
        tiff.extend(kind.to_le_bytes());
        tiff.extend(1u32.to_le_bytes());
        tiff.extend(value.to_le_bytes());
    }
    tiff.extend(0u32.to_le_bytes());
    tiff.extend(DPI.to_le_bytes());
    tiff.extend(1u32.to_le_bytes());
    tiff.extend_from_slice(strip);
    tiff
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(bytes: usize, mut seed: u32) -> Vec<u8> {
        let mut step = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        };
        (0..bytes).map(|_| step()).collect()
    }

    /// Lines and bars such as text leaves, in the front image's size.
    fn page() -> Vec<u8> {
        let mut page = vec![0; 85 * 425];
        for (y, row) in page.chunks_mut(85).enumerate() {
            let pattern = noise(85, y as u32 / 5);
            row.iter_mut()
                .zip(pattern)
                .skip(6)
                .take(60)
                .for_each(|(byte, noise)| {
                    *byte = if y % 40 < 20 && noise < 40 { 0x3C } else { 0 };
                });
        }
        page
    }

    #[test]
    fn the_file_has_the_tags_of_the_public_samples() {
        // Compression 4, Photometric 1, one strip, 674 × 425, 200 dpi (card fact sheet, D0).
        let tiff = encode_front(&page()).unwrap();
        let fields = Fields::of(&tiff).unwrap();
        let tags = [256, 257, 259, 262, 278].map(|tag| fields.number(tag));
        assert_eq!(tags, [Some(674), Some(425), Some(4), Some(1), Some(425)]);
        assert_eq!(
            tiff[AFTER_FIELDS as usize..][..8],
            [200, 0, 0, 0, 1, 0, 0, 0]
        );
    }

    #[test]
    fn what_was_encoded_comes_back_with_or_without_filling() {
        let mut tiff = encode_front(&page()).unwrap();
        assert!(decode(&tiff).unwrap().packed == page());
        tiff.resize(FRONT_BYTES, 0);
        assert!(decode(&tiff).unwrap().packed == page());
    }

    #[test]
    fn any_picture_comes_back() {
        for (width, seed) in [(1, 1), (8, 2), (9, 3), (40, 4), (674, 5)] {
            let stride = (width as usize).div_ceil(8);
            let mut packed = noise(stride * 30, seed);
            let spare = (stride * 8 - width as usize) as u32;
            packed
                .chunks_mut(stride)
                .for_each(|row| row[stride - 1] &= 0xFFu8 << spare);
            let tiff = encode(width, 30, &packed).unwrap();
            assert!(decode(&tiff).unwrap().packed == packed, "width {width}");
        }
    }

    #[test]
    fn a_picture_without_room_on_the_chip_is_refused() {
        let error = encode_front(&noise(85 * 425, 7)).err().unwrap();
        assert!(matches!(error, ImageError::TooLarge { limit: 7000, .. }));
        assert!(matches!(
            encode_front(&[0; 10]),
            Err(ImageError::Shape { .. })
        ));
    }

    #[test]
    fn damaged_files_are_refused_not_followed() {
        let tiff = encode_front(&page()).unwrap();
        for cut in 0..200 {
            let _ = decode(&tiff[..cut]);
        }
        for seed in 0..300 {
            let mut damaged = tiff.clone();
            let places = noise(4, seed);
            damaged[usize::from(places[0]) % 150] = places[1];
            damaged[150 + usize::from(places[2])] = places[3];
            let _ = decode(&damaged);
        }
        assert!(decode(b"GIF89a").is_err());
    }
}
