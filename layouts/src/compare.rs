//! Whether what the scanner saw is what was to be printed: element by element, with a
//! tolerance of one dot, so that one swapped glyph is found and a shifted scan is not.

use image::RgbImage;
use resvg::tiny_skia::Rect;

use crate::bitmap::Bitmap;
use crate::error::Difference;
use crate::layout::Layout;
use crate::photo::{Grey, correlate};
use crate::render::{BORDERS, to_scan};

/// Dots of a glyph that may differ in any case: small glyphs are all edge. Measured: with one
/// edge dot in twenty taken for its neighbour no glyph comes near; 6 for 5 differs by a fifth.
const EDGE_DOTS: usize = 4;
/// And one more for this many dots of its ink.
const EDGE_SHARE: usize = 10;

/// Where one element stands in a scan, and each of its glyphs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementBox {
    /// The layout's name for the element.
    pub name: String,
    /// Around all of its ink.
    pub area: PixelBox,
    /// Around the ink of each glyph.
    pub glyphs: Vec<PixelBox>,
}

/// A box of scan pixels; right and bottom are exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelBox {
    /// First column.
    pub left: usize,
    /// First row.
    pub top: usize,
    /// Column after the last.
    pub right: usize,
    /// Row after the last.
    pub bottom: usize,
}

impl PixelBox {
    fn around(rect: &Rect) -> Self {
        Self {
            left: to_scan(rect.left(), BORDERS.0).floor() as usize,
            top: to_scan(rect.top(), BORDERS.1).floor() as usize,
            right: to_scan(rect.right(), BORDERS.0).ceil() as usize,
            bottom: to_scan(rect.bottom(), BORDERS.1).ceil() as usize,
        }
    }

    fn join(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// One dot more on each side.
    fn grown(self) -> impl Iterator<Item = (isize, isize)> + Clone {
        let (left, right) = (self.left as isize - 1, self.right as isize + 1);
        (self.top as isize - 1..self.bottom as isize + 1)
            .flat_map(move |y| (left..right).map(move |x| (x, y)))
    }

    fn holds(self, x: isize, y: isize) -> bool {
        let inside =
            |at: isize, from: usize, to: usize| at >= from as isize - 1 && at <= to as isize;
        inside(x, self.left, self.right) && inside(y, self.top, self.bottom)
    }
}

impl ElementBox {
    pub(crate) fn new(name: &str, glyphs: &[Rect]) -> Self {
        let glyphs: Vec<PixelBox> = glyphs.iter().map(PixelBox::around).collect();
        let area = glyphs.iter().copied().reduce(PixelBox::join);
        let empty = PixelBox {
            left: 0,
            top: 0,
            right: 0,
            bottom: 0,
        };
        Self {
            name: name.to_owned(),
            area: area.unwrap_or(empty),
            glyphs,
        }
    }
}

/// Compares a scan with the picture that was to be burned.
///
/// The scan as a whole may lie one dot off. After that, ink farther than one dot from
/// where ink belongs, ink missing by more than one dot, or a glyph whose dots differ more
/// than its edges can (4 dots and a tenth of its ink) is a difference.
///
/// # Errors
/// The first element that differs, or `outside`.
pub fn compare_ir(
    elements: &[ElementBox],
    expected: &Bitmap,
    seen: &Bitmap,
) -> Result<(), Difference> {
    let differs = |element: &str| {
        Err(Difference {
            element: element.to_owned(),
        })
    };
    if (expected.width, expected.height) != (seen.width, seen.height) {
        return differs("outside");
    }
    let scan = Aligned::best(expected, seen);
    for element in elements {
        if element
            .glyphs
            .iter()
            .any(|glyph| scan.glyph_differs(*glyph))
        {
            return differs(&element.name);
        }
    }
    match scan.stray() {
        None => Ok(()),
        Some((x, y)) => {
            let near = elements.iter().find(|element| element.area.holds(x, y));
            differs(near.map_or("outside", |element| &element.name))
        }
    }
}

/// The scan moved by the offset at which it fits best.
struct Aligned<'a> {
    expected: &'a Bitmap,
    seen: &'a Bitmap,
    offset: (isize, isize),
}

impl<'a> Aligned<'a> {
    fn best(expected: &'a Bitmap, seen: &'a Bitmap) -> Self {
        // The middle first, so that it wins a tie.
        let offsets = [
            (0, 0),
            (-1, 0),
            (1, 0),
            (0, -1),
            (0, 1),
            (-1, -1),
            (1, -1),
            (-1, 1),
            (1, 1),
        ];
        let scans = offsets.map(|offset| Self {
            expected,
            seen,
            offset,
        });
        let [first, rest @ ..] = scans;
        let start = (first.mismatches(), first);
        if start.0 == 0 {
            return start.1;
        }
        let better = |best: (usize, Self), scan: Self| {
            let count = scan.mismatches();
            if count < best.0 { (count, scan) } else { best }
        };
        rest.into_iter().fold(start, better).1
    }

    fn mismatches(&self) -> usize {
        self.everywhere()
            .filter(|&(x, y)| self.wanted(x, y) != self.found(x, y))
            .count()
    }

    fn everywhere(&self) -> impl Iterator<Item = (isize, isize)> + use<> {
        let (width, height) = (self.expected.width as isize, self.expected.height as isize);
        (0..height).flat_map(move |y| (0..width).map(move |x| (x, y)))
    }

    fn wanted(&self, x: isize, y: isize) -> bool {
        self.expected.get(x, y)
    }

    fn found(&self, x: isize, y: isize) -> bool {
        self.seen.get(x + self.offset.0, y + self.offset.1)
    }

    /// Ink more than one dot away from where ink belongs.
    fn stray(&self) -> Option<(isize, isize)> {
        self.everywhere()
            .find(|&(x, y)| self.found(x, y) && !near(x, y, |x, y| self.wanted(x, y)))
    }

    fn glyph_differs(&self, glyph: PixelBox) -> bool {
        let dots = glyph.grown();
        let far = dots.clone().any(|(x, y)| {
            (self.found(x, y) && !near(x, y, |x, y| self.wanted(x, y)))
                || (self.wanted(x, y) && !near(x, y, |x, y| self.found(x, y)))
        });
        let wrong = dots
            .clone()
            .filter(|&(x, y)| self.wanted(x, y) != self.found(x, y))
            .count();
        let ink = dots.filter(|&(x, y)| self.wanted(x, y)).count();
        far || wrong > EDGE_DOTS + ink / EDGE_SHARE
    }
}

fn near(x: isize, y: isize, ink: impl Fn(isize, isize) -> bool) -> bool {
    (-1..=1).any(|dy| (-1..=1).any(|dx| ink(x + dx, y + dy)))
}

/// How well the scanned photo agrees with the chip's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PhotoMatch {
    /// Normalised correlation, -1..=1.
    pub correlation: f32,
    /// Least that the layout accepts.
    pub threshold: f32,
}

impl PhotoMatch {
    /// Whether it is the same photo.
    pub fn same(self) -> bool {
        self.correlation >= self.threshold
    }
}

/// Compares the photo decoded from the chip with the scanner's grey box over the frame.
pub fn compare_photo(layout: &Layout, chip: &RgbImage, seen: &Grey) -> PhotoMatch {
    let frame = layout
        .photo_box_mm()
        .map_or((1.0, 1.0), |[_, _, w, h]| (w, h));
    let correlation = correlate(chip, seen, frame);
    PhotoMatch {
        correlation,
        threshold: layout.compare.photo_correlation,
    }
}
