//! Where a dot of a panel lies on the card: the card centred in the panel, the rest bleed. Area
//! sampling from dots to pixels of another pitch. Pure arithmetic.

use wire::raster::Shape;

/// Long edge of the card, millimetres.
pub(super) const CARD_WIDTH_MM: f64 = 85.60;
/// Short edge of the card, millimetres.
pub(super) const CARD_HEIGHT_MM: f64 = 53.98;
const MM_PER_INCH: f64 = 25.4;

/// The panel's pitch in dots an inch: 1016 rows are 300 dpi, 2032 are 600.
pub(super) fn dpi(shape: &Shape) -> f64 {
    f64::from(shape.rows()) * 300.0 / 1016.0
}

/// Bleed before the card's left edge (rows) and top edge (dots).
pub(super) fn bleed(shape: &Shape) -> (f64, f64) {
    let dots_per_mm = dpi(shape) / MM_PER_INCH;
    let rows = (f64::from(shape.rows()) - CARD_WIDTH_MM * dots_per_mm) / 2.0;
    let dots = (f64::from(shape.dots()) - CARD_HEIGHT_MM * dots_per_mm) / 2.0;
    (rows, dots)
}

/// One edge of a pixel grid laid over dots: where each pixel begins and ends, in dots.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    /// Where pixel 0 begins, in dots.
    pub(super) start: f64,
    /// Dots a pixel.
    pub(super) pitch: f64,
    /// Dots there are.
    pub(super) dots: usize,
}

impl Axis {
    /// The dots that the pixel covers, each with the part of the pixel that it covers.
    pub(super) fn covered(&self, pixel: usize) -> impl Iterator<Item = (usize, f64)> + Clone {
        let from = self.start + pixel as f64 * self.pitch;
        let (to, pitch) = (from + self.pitch, self.pitch);
        let first = from.max(0.0).floor() as usize;
        let last = (to.max(0.0).ceil() as usize).min(self.dots);
        (first..last).map(move |dot| {
            let overlap = to.min(dot as f64 + 1.0) - from.max(dot as f64);
            (dot, overlap.max(0.0) / pitch)
        })
    }
}

/// A grid of a pitch whose top left corner lies at a point of the card, over a panel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    /// Along the long edge: rows of the panel.
    pub(super) x: Axis,
    /// Along the short edge: dots of a row.
    pub(super) y: Axis,
}

impl Grid {
    /// Pixels of `dpi`, beginning at a point of the card in millimetres.
    pub(super) fn at(shape: &Shape, x_mm: f64, y_mm: f64, pixel_dpi: f64) -> Grid {
        let (rows, dots) = bleed(shape);
        let pitch = dpi(shape) / pixel_dpi;
        let mm = dpi(shape) / MM_PER_INCH;
        Grid {
            x: Axis {
                start: rows + x_mm * mm,
                pitch,
                dots: shape.rows().into(),
            },
            y: Axis {
                start: dots + y_mm * mm,
                pitch,
                dots: shape.dots().into(),
            },
        }
    }

    /// A grid of so many pixels, of a pitch, centred on the card.
    pub(super) fn centred(shape: &Shape, width: usize, height: usize, pixel_dpi: f64) -> Grid {
        let pitch = dpi(shape) / pixel_dpi;
        let start = |dots: u16, pixels: usize| (f64::from(dots) - pixels as f64 * pitch) / 2.0;
        Grid {
            x: Axis {
                start: start(shape.rows(), width),
                pitch,
                dots: shape.rows().into(),
            },
            y: Axis {
                start: start(shape.dots(), height),
                pitch,
                dots: shape.dots().into(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_card_is_centred_in_its_panel() {
        for (rows, dots, pitch) in [(1016, 648, 300.0), (2032, 1296, 600.0)] {
            let shape = Shape::new(rows, dots, 1).unwrap();
            assert_eq!(dpi(&shape), pitch);
            let (left, top) = bleed(&shape);
            let card = (f64::from(rows) - 2.0 * left, f64::from(dots) - 2.0 * top);
            assert!((card.0 - CARD_WIDTH_MM / 25.4 * pitch).abs() < 1e-6);
            assert!((card.1 - CARD_HEIGHT_MM / 25.4 * pitch).abs() < 1e-6);
        }
    }

    #[test]
    fn a_pixel_is_covered_exactly_once() {
        let axis = Axis {
            start: 2.5,
            pitch: 1.5,
            dots: 1016,
        };
        for pixel in [0, 1, 5, 673] {
            let sum: f64 = axis.covered(pixel).map(|(_, part)| part).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{pixel}: {sum}");
        }
        assert_eq!(
            axis.covered(0).map(|(dot, _)| dot).collect::<Vec<_>>(),
            [2, 3]
        );
    }
}
