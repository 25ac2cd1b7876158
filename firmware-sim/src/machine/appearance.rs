//! How a face looks to the eye: a subtractive dye model over the blank's pre-print. Pure; takes
//! what was burned and gives colours.

use super::card::{Card, Layer};
use super::geometry::{CARD_HEIGHT_MM, CARD_WIDTH_MM, bleed, dpi};
use wire::raster::Shape;
use wire::{Face, Panel};

/// A colour as reflectance of red, green and blue, 0 to 1.
pub(super) type Colour = [f64; 3];

/// The blank's pre-print on one face, as an upright picture.
#[derive(Debug, Clone)]
pub struct Ground {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green, blue of each pixel, rows from the top.
    pub rgb: Vec<u8>,
}

impl Ground {
    pub(super) const WHITE: Colour = [0.965, 0.965, 0.955];

    fn colour(&self, x: f64, y: f64) -> Colour {
        let at = |part: f64, count: usize| ((part * count as f64) as usize).min(count.max(1) - 1);
        let pixel = (at(y, self.height) * self.width + at(x, self.width)) * 3;
        match self.rgb.get(pixel..pixel + 3) {
            Some(rgb) => [rgb[0], rgb[1], rgb[2]].map(|value| f64::from(value) / 255.0),
            None => Ground::WHITE,
        }
    }
}

/// A picture of one face.
#[derive(Debug, Clone)]
pub struct Look {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green, blue of each pixel, rows from the top.
    pub rgb: Vec<u8>,
}

/// The part of red, green and blue that a full dye or ink takes away. Dyes are calibrated, so
/// that the tone value is near the reflectance of their main colour; the rest is what real dyes
/// absorb beside it.
fn absorption(panel: Panel) -> Colour {
    match panel {
        Panel::Y => [0.02, 0.07, 0.93],
        Panel::M => [0.08, 0.92, 0.16],
        Panel::C => [0.94, 0.14, 0.05],
        Panel::K | Panel::BackK => [0.91, 0.91, 0.90],
        Panel::Uv | Panel::Pearl => [0.0; 3],
    }
}

/// The colour of one dot: what the layers leave of the ground's light. With `inks`, UV and pearl
/// are shown faintly, as they would be on a tilted card.
pub(super) fn dot(layers: &[&Layer], ground: Colour, row: usize, dot: usize, inks: bool) -> Colour {
    let mut colour = ground;
    for layer in layers {
        let amount = f64::from(layer.dot(row, dot)) / 255.0;
        if amount == 0.0 {
            continue;
        }
        let takes = absorption(layer.panel);
        for (light, takes) in colour.iter_mut().zip(takes) {
            *light *= 1.0 - amount * takes;
        }
        match layer.panel {
            Panel::Uv if inks => colour = mix(colour, [0.45, 0.65, 1.0], 0.16),
            Panel::Pearl if inks => colour = mix(colour, [1.0, 0.93, 0.97], 0.30),
            Panel::Uv | Panel::Pearl => {}
            Panel::BackK | Panel::Y | Panel::M | Panel::C | Panel::K => {}
        }
    }
    colour
}

fn mix(colour: Colour, with: Colour, part: f64) -> Colour {
    [0, 1, 2].map(|at| colour[at] * (1.0 - part) + with[at] * part)
}

/// How light a colour is to the scanner's grey.
pub(super) fn luma([red, green, blue]: Colour) -> f64 {
    0.299 * red + 0.587 * green + 0.114 * blue
}

/// The face as it is, upright, one pixel a dot, bleed cropped, over its pre-print.
pub fn face(card: &Card, face: Face, ground: Option<&Ground>) -> Look {
    let layers: Vec<&Layer> = card.on(face).collect();
    let shape = layers
        .iter()
        .map(|layer| layer.shape)
        .max_by_key(|shape| shape.rows());
    let (pitch, (left, top)) = shape.as_ref().map_or((300.0, (0.0, 0.0)), placing);
    let width = (CARD_WIDTH_MM / 25.4 * pitch).round() as usize;
    let height = (CARD_HEIGHT_MM / 25.4 * pitch).round() as usize;
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            let (part_x, part_y) = (x as f64 / width as f64, y as f64 / height as f64);
            let paper = ground.map_or(Ground::WHITE, |ground| ground.colour(part_x, part_y));
            let (row, at) = ((x as f64 + left) as usize, (y as f64 + top) as usize);
            let mut colour = dot(&layers, paper, row, at, true);
            if card.patch && face == Face::Front {
                colour = patch(colour, part_x * CARD_WIDTH_MM, part_y * CARD_HEIGHT_MM);
            }
            rgb.extend(colour.map(|light| (light * 255.0).round().clamp(0.0, 255.0) as u8));
        }
    }
    Look { width, height, rgb }
}

fn placing(shape: &Shape) -> (f64, (f64, f64)) {
    (dpi(shape), bleed(shape))
}

/// The hologram: a faint rainbow in a disc at the lower edge.
fn patch(colour: Colour, x_mm: f64, y_mm: f64) -> Colour {
    let (dx, dy) = (x_mm - 50.0, y_mm - 45.5);
    if dx * dx + dy * dy > 36.0 {
        return colour;
    }
    let phase = (dx + dy) * 0.9;
    let rainbow = [0.0, 2.1, 4.2].map(|shift: f64| 0.72 + 0.28 * (phase + shift).sin());
    mix(colour, rainbow, 0.12)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(panel: Panel) -> Layer {
        let shape = Shape::new(1, 8, panel.bits()).unwrap();
        let mut layer = Layer::new(panel, Face::Front, shape);
        layer.burn(&vec![255; shape.bytes()], 1);
        layer
    }

    #[test]
    fn dyes_subtract() {
        let [yellow, magenta, cyan] = [Panel::Y, Panel::M, Panel::C].map(full);
        let green = dot(&[&yellow, &cyan], [1.0; 3], 0, 0, false);
        assert!(
            green[1] > 0.7 && green[0] < 0.1 && green[2] < 0.1,
            "{green:?}"
        );
        let black = dot(&[&yellow, &magenta, &cyan], [1.0; 3], 0, 0, false);
        assert!(black.iter().all(|light| *light < 0.1), "{black:?}");
        assert_eq!(dot(&[], [1.0; 3], 0, 0, false), [1.0; 3]);
    }

    #[test]
    fn special_inks_are_faint_and_only_for_the_eye() {
        let uv = full(Panel::Uv);
        assert_eq!(dot(&[&uv], [1.0; 3], 0, 0, false), [1.0; 3]);
        let seen = dot(&[&uv], [1.0; 3], 0, 0, true);
        assert!(seen[0] < 1.0 && seen[0] > 0.85);
    }
}
