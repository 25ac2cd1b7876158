//! The line scanner: both faces in near infrared and a box of the front in grey, from what was
//! physically burned. Knows nothing of what should have been burned.

use super::appearance::{self, Ground};
use super::card::Card;
use super::geometry::{CARD_HEIGHT_MM, CARD_WIDTH_MM, Grid};
use wire::raster::Shape;
use wire::scan::{IR_BYTES, IR_HEIGHT, IR_WIDTH};
use wire::{BoxMm100, Condition, Face, GreyBox, Panel, Scan};

/// The white strip of a clean scanner.
const CLEAN: u8 = 250;
const IR_DPI: f64 = 200.0;
const GREY_DPI: f64 = 100.0;

/// Scans the card.
///
/// # Errors  `BadParameter` for a box that does not lie on the card.
pub(super) fn scan(card: &Card, photo: Option<BoxMm100>) -> Result<Scan, Condition> {
    let photo = photo.map(|area| grey(card, area)).transpose()?;
    let (front_ir, back_ir) = (infrared(card, Face::Front), infrared(card, Face::Back));
    Ok(Scan {
        white: CLEAN,
        front_ir,
        back_ir,
        photo,
    })
}

/// One face in near infrared, upright: only carbon black absorbs there, dyes and pearl do not.
fn infrared(card: &Card, face: Face) -> Vec<u8> {
    let mut image = vec![0; IR_BYTES];
    let black = |panel| matches!(panel, Panel::K | Panel::BackK);
    for layer in card.on(face).filter(|layer| black(layer.panel)) {
        let grid = Grid::centred(&layer.shape, IR_WIDTH, IR_HEIGHT, IR_DPI);
        for x in 0..IR_WIDTH {
            let rows = grid.x.covered(x);
            for y in 0..IR_HEIGHT {
                let dots = grid.y.covered(y);
                let ink: f64 = rows
                    .clone()
                    .flat_map(|(row, width)| {
                        dots.clone()
                            .map(move |(dot, height)| (row, width, dot, height))
                    })
                    .map(|(row, width, dot, height)| {
                        f64::from(layer.dot(row, dot)) / 255.0 * width * height
                    })
                    .sum();
                // A line of one dot covers exactly half of a pixel in places: rounding must not decide.
                if ink >= 0.5 - 1e-9 {
                    image[y * IR_WIDTH.div_ceil(8) + x / 8] |= 0x80 >> (x % 8);
                }
            }
        }
    }
    image
}

/// A box of the front in grey.
fn grey(card: &Card, area: BoxMm100) -> Result<GreyBox, Condition> {
    let mm = |hundredths: u16| f64::from(hundredths) / 100.0;
    let (w_px, h_px) = area.pixels();
    let (x, y) = (mm(area.x_mm100), mm(area.y_mm100));
    let inside = x + mm(area.w_mm100) <= CARD_WIDTH_MM && y + mm(area.h_mm100) <= CARD_HEIGHT_MM;
    if w_px == 0 || h_px == 0 || !inside {
        return Err(Condition::BadParameter);
    }
    let shape = card
        .on(Face::Front)
        .next()
        .map(|layer| layer.shape)
        .or_else(plain);
    let Some(shape) = shape else {
        return Err(Condition::Firmware);
    };
    let grid = Grid::at(&shape, x, y, GREY_DPI);
    let faces: Vec<_> = card.on(Face::Front).collect();
    let mut pixels = Vec::with_capacity(usize::from(w_px) * usize::from(h_px));
    for pixel_y in 0..usize::from(h_px) {
        for pixel_x in 0..usize::from(w_px) {
            let mut light = 0.0;
            for (row, width) in grid.x.covered(pixel_x) {
                for (dot, height) in grid.y.covered(pixel_y) {
                    let colour = appearance::dot(&faces, Ground::WHITE, row, dot, false);
                    light += appearance::luma(colour) * width * height;
                }
            }
            pixels.push((light * 255.0).round().clamp(0.0, 255.0) as u8);
        }
    }
    let BoxMm100 {
        x_mm100, y_mm100, ..
    } = area;
    Ok(GreyBox {
        x_mm100,
        y_mm100,
        w_px,
        h_px,
        pixels,
    })
}

fn plain() -> Option<Shape> {
    Shape::new(1016, 648, 8).ok()
}
