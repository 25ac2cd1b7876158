//! The photograph: JPEG 2000 of three colours in at most 3,000 bytes. Same pixels, same bytes.

use super::ImageError;
use crate::generation1::contents::PHOTO_BYTES;
use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};

mod openjpeg;

/// Pixels in a row of the photograph, as on a public sample.
pub const PHOTO_WIDTH: u32 = 150;
/// Rows of the photograph, as on a public sample.
pub const PHOTO_HEIGHT: u32 = 190;
/// Largest side that is read from a foreign card.
const SIDE_LIMIT: u32 = 2048;
/// Boxes and markers around the packets of a photograph, bytes.
const OVERHEAD: usize = 110;
/// Each try asks for this much less than the one before, bytes.
const STEP: usize = 120;

/// A colour picture: rows from the top, three bytes a pixel.
#[derive(Clone, PartialEq, Eq)]
pub struct Rgb {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue of each pixel.
    pub pixels: Vec<u8>,
}

/// Encodes a photograph to at most 3,000 bytes, asking for less until it fits.
///
/// # Errors
/// `Shape`; `TooLarge` where no rate makes it fit; `Encoder`.
pub fn encode_photo(width: u32, height: u32, rgb: &[u8]) -> Result<Vec<u8>, ImageError> {
    let raw = (width as usize)
        .checked_mul(height as usize)
        .and_then(|dots| dots.checked_mul(3));
    if raw != Some(rgb.len()) || !sides_fit(width, height) {
        return Err(ImageError::Shape {
            width,
            height,
            bytes: rgb.len(),
        });
    }
    let mut least = usize::MAX;
    let mut packets = PHOTO_BYTES - OVERHEAD;
    while packets > STEP {
        let file = openjpeg::encode(width, height, rgb, rgb.len() as f32 / packets as f32)
            .ok_or(ImageError::Encoder)?;
        if file.len() <= PHOTO_BYTES {
            return Ok(file);
        }
        least = least.min(file.len());
        packets -= STEP;
    }
    Err(ImageError::TooLarge {
        bytes: least,
        limit: PHOTO_BYTES,
    })
}

/// Decodes a photograph from a card; trailing filling is ignored.
///
/// # Errors
/// `Unreadable` for anything but a grey or colour picture with sides of at most 2,048 pixels.
pub fn decode(jpeg2000: &[u8]) -> Result<Rgb, ImageError> {
    const UNREADABLE: ImageError = ImageError::Unreadable {
        expected: "a JPEG 2000 photograph",
    };
    let end = jpeg2000
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(0, |last| last + 1);
    let settings = DecodeSettings {
        strict: true,
        ..DecodeSettings::default()
    };
    let image = Image::new(&jpeg2000[..end], &settings).map_err(|_| UNREADABLE)?;
    let (width, height) = (image.width(), image.height());
    if !sides_fit(width, height) {
        return Err(UNREADABLE);
    }
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(|_| UNREADABLE)?;
    let samples = decoded.data_u8();
    let pixels: Vec<u8> = match (image.color_space(), image.has_alpha()) {
        (ColorSpace::RGB, false) => samples,
        (ColorSpace::RGB, true) => samples
            .chunks_exact(4)
            .flat_map(|p| [p[0], p[1], p[2]])
            .collect(),
        (ColorSpace::Gray, false) => samples.iter().flat_map(|&grey| [grey; 3]).collect(),
        (
            ColorSpace::Icc {
                num_channels: 3, ..
            },
            false,
        ) => samples,
        _ => return Err(UNREADABLE),
    };
    if pixels.len() != width as usize * height as usize * 3 {
        return Err(UNREADABLE);
    }
    Ok(Rgb {
        width,
        height,
        pixels,
    })
}

fn sides_fit(width: u32, height: u32) -> bool {
    (1..=SIDE_LIMIT).contains(&width) && (1..=SIDE_LIMIT).contains(&height)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A gradient with noise, harder to compress than a face.
    fn portrait(width: u32, height: u32) -> Vec<u8> {
        let mut seed = 1u32;
        let mut pixels = Vec::new();
        for y in 0..height {
            for x in 0..width {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = seed >> 28;
                pixels.extend([
                    (x + noise) as u8,
                    (y + noise) as u8,
                    ((x + y) / 2 + noise) as u8,
                ]);
            }
        }
        pixels
    }

    #[test]
    fn a_photograph_fits_and_is_the_same_each_time() {
        let pixels = portrait(PHOTO_WIDTH, PHOTO_HEIGHT);
        let file = encode_photo(PHOTO_WIDTH, PHOTO_HEIGHT, &pixels).unwrap();
        assert!(file.len() <= PHOTO_BYTES, "{}", file.len());
        assert!(
            file.len() > PHOTO_BYTES * 8 / 10,
            "room is used: {}",
            file.len()
        );
        assert_eq!(
            file,
            encode_photo(PHOTO_WIDTH, PHOTO_HEIGHT, &pixels).unwrap()
        );
        // JP2 signature box, ISO/IEC 15444-1 annex I.5.1.
        assert_eq!(file[..12], *b"\0\0\0\x0CjP  \r\n\x87\n");
    }

    #[test]
    fn an_independent_decoder_sees_the_photograph() {
        let pixels = portrait(PHOTO_WIDTH, PHOTO_HEIGHT);
        let mut file = encode_photo(PHOTO_WIDTH, PHOTO_HEIGHT, &pixels).unwrap();
        file.resize(PHOTO_BYTES, 0);
        let seen = decode(&file).unwrap();
        assert_eq!((seen.width, seen.height), (PHOTO_WIDTH, PHOTO_HEIGHT));
        let apart: u64 = seen
            .pixels
            .iter()
            .zip(&pixels)
            .map(|(a, b)| u64::from(a.abs_diff(*b)))
            .sum();
        assert!(
            apart / (pixels.len() as u64) < 8,
            "mean difference {}",
            apart / pixels.len() as u64
        );
    }

    #[test]
    fn flat_and_wild_pictures_fit_too() {
        for pixels in [
            vec![255; 150 * 190 * 3],
            (0..150 * 190 * 3u64)
                .map(|i| ((i * i) >> 3) as u8)
                .collect(),
        ] {
            assert!(encode_photo(150, 190, &pixels).unwrap().len() <= PHOTO_BYTES);
        }
        assert!(encode_photo(188, 188, &portrait(188, 188)).unwrap().len() <= PHOTO_BYTES);
    }

    #[test]
    fn wrong_shapes_and_damaged_files_are_refused() {
        assert!(matches!(
            encode_photo(150, 190, &[0; 3]),
            Err(ImageError::Shape { .. })
        ));
        assert!(matches!(
            encode_photo(0, 190, &[]),
            Err(ImageError::Shape { .. })
        ));
        let file = encode_photo(150, 190, &portrait(150, 190)).unwrap();
        for cut in [0, 11, 40, 90] {
            assert!(decode(&file[..cut]).is_err(), "{cut}");
        }
        for at in 0..300 {
            let mut damaged = file.clone();
            damaged[at] ^= 0x55;
            let _ = decode(&damaged);
        }
        assert!(decode(&[0; 3000]).is_err());
    }
}
