//! Which photos are taken, and whether a scanned one is the holder's.

use super::{RIG, specimen};
use image::{ImageFormat, Rgb, RgbImage};
use layouts::*;

fn sample(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/samples/photos");
    std::fs::read(format!("{folder}/{name}.jpg")).expect("a sample photo")
}

fn parse(bytes: &[u8]) -> Result<Photo, PhotoError> {
    Photo::parse(bytes, &RIG.layout.photo)
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(width, height, Rgb([120, 130, 140]));
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .expect("encodes");
    bytes.into_inner()
}

#[test]
fn only_a_photo_of_the_right_size_is_taken() {
    assert!(parse(&sample("taro")).is_ok());
    assert!(parse(&png(300, 400)).is_ok());
    assert!(matches!(parse(b"GIF89a..."), Err(PhotoError::NotAnImage)));
    assert!(matches!(parse(b""), Err(PhotoError::NotAnImage)));
    assert!(matches!(
        parse(&png(299, 399)),
        Err(PhotoError::TooSmall { .. })
    ));
    assert!(matches!(
        parse(&png(400, 400)),
        Err(PhotoError::Proportions { .. })
    ));
    assert!(matches!(
        parse(&vec![0; 2_000_001]),
        Err(PhotoError::TooManyBytes { .. })
    ));
    let cut = &sample("taro")[..9000];
    assert!(matches!(parse(cut), Err(PhotoError::Damaged(_))));
}

#[test]
fn a_decompression_bomb_is_refused_by_its_header() {
    // PNG: 60,000 x 80,000 pixels declared, a few hundred bytes long.
    let mut bomb = png(300, 400);
    bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    bomb[20..24].copy_from_slice(&80_000_u32.to_be_bytes());
    let crc = crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&crc.to_be_bytes());
    assert!(matches!(
        parse(&bomb),
        Err(PhotoError::TooLarge { width: 60_000, .. })
    ));
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc: u32, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

fn printed(name: &str) -> Faces {
    let photo = parse(&sample(name)).expect("a sample photo");
    render(
        &RIG.layout,
        &RIG.fonts,
        &specimen(),
        Some(&photo),
        Dpi::D300,
    )
    .expect("fits")
}

#[test]
fn the_photo_is_recognised_and_anybody_elses_is_not() {
    let names = ["taro", "hanako", "jiro", "keiko", "saburo"];
    let faces = names.map(printed);
    for (chip, on_chip) in faces.iter().zip(names) {
        for (seen, on_face) in faces.iter().zip(names) {
            let mut grey = seen.photo_grey.clone().expect("a photo");
            // The scanner's own noise, seeded.
            let mut chance = 7_u32;
            for pixel in &mut grey.pixels {
                chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *pixel = pixel.saturating_add((chance >> 28) as u8);
            }
            let found = compare_photo(
                &RIG.layout,
                chip.chip_photo.as_ref().expect("a photo"),
                &grey,
            );
            assert_eq!(
                found.same(),
                on_chip == on_face,
                "{on_chip} seen as {on_face}: {found:?}"
            );
        }
    }
    let mut white = faces[0].photo_grey.clone().expect("a photo");
    white.pixels.fill(255);
    let chip = faces[0].chip_photo.as_ref().expect("a photo");
    assert!(!compare_photo(&RIG.layout, chip, &white).same());
}
