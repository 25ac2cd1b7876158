//! One-bit and many-bit picture memory in the shapes that printer, scanner and chip use.
//! Knows no layout.

/// Upright one-bit picture, rows top to bottom, padded to bytes, most significant bit
/// leftmost, 1 = ink (the geometry of the chip's front image and of the scanner).
#[derive(Clone, PartialEq, Eq)]
pub struct Bitmap {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `height` rows of `width.div_ceil(8)` bytes.
    pub bits: Vec<u8>,
}

impl std::fmt::Debug for Bitmap {
    /// Shape only: the picture shows a holder's data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bitmap({} x {})", self.width, self.height)
    }
}

impl Bitmap {
    /// A picture without ink.
    pub fn blank(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            bits: vec![0; width.div_ceil(8) * height],
        }
    }

    /// Takes packed rows; `None` if there are not exactly as many bytes as the shape needs.
    pub fn from_packed(width: usize, height: usize, bits: Vec<u8>) -> Option<Self> {
        (bits.len() == width.div_ceil(8) * height).then_some(Self {
            width,
            height,
            bits,
        })
    }

    /// Whether there is ink; outside of the picture there is none.
    pub fn get(&self, x: isize, y: isize) -> bool {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return false;
        };
        x < self.width
            && y < self.height
            && self.bits[y * self.width.div_ceil(8) + x / 8] & (0x80 >> (x % 8)) != 0
    }

    /// Sets ink.
    ///
    /// # Panics
    /// Outside of the picture.
    pub fn set(&mut self, x: usize, y: usize) {
        assert!(x < self.width && y < self.height);
        self.bits[y * self.width.div_ceil(8) + x / 8] |= 0x80 >> (x % 8);
    }

    /// Dots of ink.
    pub fn ink(&self) -> usize {
        self.bits
            .iter()
            .map(|byte| byte.count_ones() as usize)
            .sum()
    }
}

/// Dots per inch of the print head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Dpi {
    /// 300 dpi, the head of the office printer.
    #[default]
    D300,
    /// 600 dpi, by configuration.
    D600,
}

impl Dpi {
    /// Dots per inch as a number.
    pub fn number(self) -> u32 {
        match self {
            Self::D300 => 300,
            Self::D600 => 600,
        }
    }

    /// From the number in a configuration or a grant.
    pub fn from_number(number: u32) -> Option<Self> {
        match number {
            300 => Some(Self::D300),
            600 => Some(Self::D600),
            _ => None,
        }
    }

    /// Dots across the upright face, bleed included: the rows of a panel.
    pub fn across(self) -> usize {
        1016 * self.number() as usize / 300
    }

    /// Dots down the upright face, bleed included: the dots of a panel's row.
    pub fn down(self) -> usize {
        648 * self.number() as usize / 300
    }

    pub(crate) fn per_mm(self) -> f32 {
        self.number() as f32 / 25.4
    }

    /// Left and top bleed in dots: the card is centred in the panel.
    pub(crate) fn bleed(self) -> (f32, f32) {
        let across = self.across() as f32 - CARD_MM.0 * self.per_mm();
        let down = self.down() as f32 - CARD_MM.1 * self.per_mm();
        (across / 2.0, down / 2.0)
    }
}

/// Width and height of an ID-1 card in mm.
pub const CARD_MM: (f32, f32) = (85.60, 53.98);

/// Scanner and chip image: pixels across, pixels down, at 200 dpi.
pub const SCAN: (usize, usize) = (674, 425);

/// One kind of ink on one side, in the ribbon's order of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Panel {
    /// Black on the back.
    BackK,
    /// Yellow dye.
    Y,
    /// Magenta dye.
    M,
    /// Cyan dye.
    C,
    /// Black on the front.
    K,
    /// Seen under ultraviolet light only.
    Uv,
    /// Pearl lustre.
    Pearl,
}

impl Panel {
    /// All, in the ribbon's order of use.
    pub const ALL: [Self; 7] = [
        Self::BackK,
        Self::Y,
        Self::M,
        Self::C,
        Self::K,
        Self::Uv,
        Self::Pearl,
    ];

    /// Bits a dot: dyes have 8, the rest 1.
    pub fn bits(self) -> u8 {
        match self {
            Self::Y | Self::M | Self::C => 8,
            Self::BackK | Self::K | Self::Uv | Self::Pearl => 1,
        }
    }
}

/// What one pass burns: `rows` rows along the card's travel (left edge first) of `dots`
/// dots (top first), `bits` a dot, rows padded to bytes, most significant bit first.
#[derive(Clone, PartialEq, Eq)]
pub struct PanelImage {
    /// Which ink.
    pub panel: Panel,
    /// Rows along the travel.
    pub rows: u16,
    /// Dots a row.
    pub dots: u16,
    /// Bits a dot, 1 or 8.
    pub bits: u8,
    /// The rows.
    pub packed: Vec<u8>,
}

impl std::fmt::Debug for PanelImage {
    /// Shape only: the picture shows a holder's data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "PanelImage({:?}, {} rows of {} dots)",
            self.panel, self.rows, self.dots
        )
    }
}

impl PanelImage {
    /// Packs an upright picture of one byte a dot (0 = no ink, 255 = full); one-bit
    /// panels take ink from half coverage on.
    pub(crate) fn pack(panel: Panel, dpi: Dpi, upright: &[u8]) -> Self {
        let (across, down) = (dpi.across(), dpi.down());
        let row_bytes = if panel.bits() == 8 {
            down
        } else {
            down.div_ceil(8)
        };
        let mut packed = vec![0; across * row_bytes];
        for (y, line) in upright.chunks_exact(across).enumerate() {
            for (eighth, dots) in line.chunks(8).enumerate() {
                // Most of a face is bare.
                if dots.iter().all(|&ink| ink == 0) {
                    continue;
                }
                for (x, &ink) in (eighth * 8..).zip(dots) {
                    if panel.bits() == 8 {
                        packed[x * row_bytes + y] = ink;
                    } else if ink >= 128 {
                        packed[x * row_bytes + y / 8] |= 0x80 >> (y % 8);
                    }
                }
            }
        }
        Self {
            panel,
            rows: across as u16,
            dots: down as u16,
            bits: panel.bits(),
            packed,
        }
    }

    /// Ink at an upright position, 0..=255.
    pub fn at(&self, x: usize, y: usize) -> u8 {
        let dots = usize::from(self.dots);
        if self.bits == 8 {
            self.packed[x * dots + y]
        } else if self.packed[x * dots.div_ceil(8) + y / 8] & (0x80 >> (y % 8)) != 0 {
            255
        } else {
            0
        }
    }

    fn row_is_bare(&self, row: usize) -> bool {
        let bytes = self.packed.len() / usize::from(self.rows);
        self.packed[row * bytes..][..bytes]
            .iter()
            .all(|&byte| byte == 0)
    }

    /// What the infrared scanner sees of this panel: 200 dpi, its pixels centred on the
    /// card, ink where at least half of a pixel's area is covered. In whole numbers, because
    /// a line of one dot covers exactly half of a pixel in places.
    pub fn infrared(&self) -> Bitmap {
        // Quarters of a dot: at 300 dpi a pixel has 6 and begins on a quarter.
        let pitch = 6 * u32::from(self.rows) / 1016;
        let columns = spans(u32::from(self.rows), pitch, SCAN.0);
        let lines = spans(u32::from(self.dots), pitch, SCAN.1);
        let mut seen = Bitmap::blank(SCAN.0, SCAN.1);
        for (x, across) in columns.iter().enumerate() {
            if across.iter().all(|&(row, _)| self.row_is_bare(row)) {
                continue;
            }
            for (y, down) in lines.iter().enumerate() {
                let mut ink = 0;
                for &(row, wide) in across {
                    for &(dot, high) in down {
                        if self.at(row, dot) >= 128 {
                            ink += wide * high;
                        }
                    }
                }
                if ink * 2 >= pitch * pitch {
                    seen.set(x, y);
                }
            }
        }
        seen
    }
}

/// For each scan pixel the dots under it and how many quarters of each it covers.
fn spans(dots: u32, pitch: u32, pixels: usize) -> Vec<Vec<(usize, u32)>> {
    let start = (dots * 4 - pixels as u32 * pitch) / 2;
    let pixel = |i: usize| {
        let from = start + i as u32 * pitch;
        let to = from + pitch;
        (from / 4..to.div_ceil(4))
            .map(|dot| (dot as usize, to.min(dot * 4 + 4) - from.max(dot * 4)))
            .collect()
    };
    (0..pixels).map(pixel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_run_along_the_face_and_dots_down_it() {
        let mut upright = vec![0; 1016 * 648];
        upright[3 * 1016 + 10] = 255; // x 10, y 3
        let k = PanelImage::pack(Panel::K, Dpi::D300, &upright);
        assert_eq!((k.rows, k.dots, k.packed.len()), (1016, 648, 1016 * 81));
        assert_eq!(k.packed[10 * 81], 0x10);
        let y = PanelImage::pack(Panel::Y, Dpi::D300, &upright);
        assert_eq!(y.packed[10 * 648 + 3], 255);
        assert_eq!((y.at(10, 3), k.at(10, 3), k.at(3, 10)), (255, 255, 0));
    }

    #[test]
    fn the_scanner_sees_the_card_and_not_the_bleed() {
        for dpi in [Dpi::D300, Dpi::D600] {
            let full = PanelImage::pack(Panel::K, dpi, &vec![255; dpi.across() * dpi.down()]);
            assert_eq!(full.infrared().ink(), 674 * 425);
            let mut edge = vec![0; dpi.across() * dpi.down()];
            edge.iter_mut()
                .step_by(dpi.across())
                .for_each(|ink| *ink = 255);
            assert_eq!(PanelImage::pack(Panel::K, dpi, &edge).infrared().ink(), 0);
        }
    }
}
