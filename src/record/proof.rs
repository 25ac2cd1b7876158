//! The proof of the faces: both sides as they would be printed, marked so that no print of it
//! can pass for a card.

use printpdf::{RawImage, RawImageData, RawImageFormat};

use super::Error;
use super::sheet::{BLACK, Face, GREY, Ink, Sheet};

/// The card's width, in millimetres.
const CARD_MM: f32 = 85.6;
/// How much the faces are enlarged.
const ENLARGED: f32 = 1.6;
/// The mark across each face.
const MARK: &str = "見本 SPECIMEN";
/// A red that stays readable on every face.
const MARK_INK: Ink = (0.75, 0.1, 0.1);

/// A picture, three bytes a dot, rows from the top.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    /// Dots across.
    pub width: u32,
    /// Dots down.
    pub height: u32,
    /// Red, green, blue of each dot.
    pub rgb: &'a [u8],
}

impl Picture<'_> {
    fn raw(&self) -> Result<RawImage, Error> {
        let Picture { width, height, rgb } = *self;
        if rgb.len() as u64 != 3 * u64::from(width) * u64::from(height) || rgb.is_empty() {
            return Err(Error::Picture { width, height });
        }
        Ok(RawImage {
            pixels: RawImageData::U8(rgb.to_vec()),
            width: width as usize,
            height: height as usize,
            data_format: RawImageFormat::RGB8,
            tag: Vec::new(),
        })
    }
}

pub(super) fn draw(front: &Picture, back: &Picture, face: &Face) -> Result<Vec<u8>, Error> {
    let mut sheet = Sheet::new("在留カード 券面の校正", face);
    sheet.text(20.0, 22.0, 15.0, BLACK, "券面の校正 Proof of the faces");
    sheet.text(
        20.0,
        28.0,
        9.0,
        GREY,
        "印刷に使う画像です。カードとして使えません。 Not a card.",
    );
    let width = CARD_MM * ENLARGED;
    for (at, title, picture) in [(42.0, "表 Front", front), (158.0, "裏 Back", back)] {
        sheet.text(20.0, at - 3.0, 10.0, BLACK, title);
        sheet.picture(20.0, at, width, &picture.raw()?);
        sheet.turned(42.0, at + 72.0, 44.0, MARK_INK, 28.0, MARK);
    }
    sheet.text(
        20.0,
        252.0,
        9.0,
        GREY,
        "倍率 160 %　券面 85.60 × 53.98 mm（外側は裁ち落とし）",
    );
    sheet.finish()
}
