//! A4 sheets: text, rules, boxes and pictures at millimetres from its top left corner.
//! Knows PDF, and nothing of cards.

use std::collections::HashMap;

use printpdf::{
    Color, ImageCompression, ImageOptimizationOptions, Line, LinePoint, Mm, Op, ParsedFont,
    PdfDocument, PdfFontHandle, PdfPage, PdfSaveOptions, Point, Pt, RawImage, Rgb, TextItem,
    TextMatrix, XObjectTransform,
};

use super::Error;

/// A4, in millimetres.
pub(super) const WIDTH_MM: f32 = 210.0;
/// A4, in millimetres.
pub(super) const HEIGHT_MM: f32 = 297.0;

/// The font that a paper is set in.
#[derive(Clone)]
pub struct Face {
    font: ParsedFont,
}

impl std::fmt::Debug for Face {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Face(…)")
    }
}

impl Face {
    /// Parses a TrueType font; `None` when it is none.
    pub fn new(bytes: &[u8]) -> Option<Face> {
        ParsedFont::from_bytes(bytes, 0, &mut Vec::new()).map(|font| Face { font })
    }
}

/// A colour, as red, green and blue of 0–1.
pub(super) type Ink = (f32, f32, f32);
/// Black.
pub(super) const BLACK: Ink = (0.0, 0.0, 0.0);
/// Grey for labels and rules.
pub(super) const GREY: Ink = (0.35, 0.35, 0.35);

/// A sheet being drawn.
pub(super) struct Sheet<'a> {
    document: PdfDocument,
    face: &'a Face,
    font: PdfFontHandle,
    ops: Vec<Op>,
    /// The pages before this one.
    before: Vec<PdfPage>,
    /// The first character that the font does not draw.
    missing: Option<char>,
    /// Characters looked up already, and whether the font draws them.
    known: HashMap<char, bool>,
}

impl<'a> Sheet<'a> {
    /// A blank sheet.
    pub(super) fn new(title: &str, face: &'a Face) -> Sheet<'a> {
        let mut document = PdfDocument::new(title);
        let font = PdfFontHandle::External(document.add_font(&face.font));
        Sheet {
            document,
            face,
            font,
            ops: Vec::new(),
            before: Vec::new(),
            missing: None,
            known: HashMap::new(),
        }
    }

    /// Text with its baseline at (`x`, `y`) millimetres.
    pub(super) fn text(&mut self, x: f32, y: f32, size_pt: f32, ink: Ink, text: &str) {
        self.turned(x, y, size_pt, ink, 0.0, text);
    }

    /// Text whose last character ends at `x`.
    pub(super) fn text_to(&mut self, x: f32, y: f32, size_pt: f32, ink: Ink, text: &str) {
        let units: f32 = text.chars().map(|one| self.advance(one)).sum();
        let width = Pt(units * size_pt);
        self.text(x - Mm::from(width).0, y, size_pt, ink, text);
    }

    /// How far a character takes the pen, in parts of the type's size.
    fn advance(&self, character: char) -> f32 {
        let font = &self.face.font;
        let glyph = font.lookup_glyph_index(character as u32).unwrap_or(0);
        f32::from(font.get_horizontal_advance(glyph)) / f32::from(font.font_metrics.units_per_em)
    }

    /// Text turned counter-clockwise around its start.
    pub(super) fn turned(
        &mut self,
        x: f32,
        y: f32,
        size_pt: f32,
        ink: Ink,
        degrees: f32,
        text: &str,
    ) {
        self.check(text);
        let (at_x, at_y) = (pt(x), pt(HEIGHT_MM - y));
        let matrix = if degrees == 0.0 {
            TextMatrix::Translate(at_x, at_y)
        } else {
            TextMatrix::TranslateRotate(at_x, at_y, degrees)
        };
        self.ops.extend([
            Op::StartTextSection,
            Op::SetFillColor { col: color(ink) },
            Op::SetFont {
                font: self.font.clone(),
                size: Pt(size_pt),
            },
            Op::SetTextMatrix { matrix },
            Op::ShowText {
                items: vec![TextItem::Text(text.to_owned())],
            },
            Op::EndTextSection,
        ]);
    }

    /// A thin line across, from `x` over `width` millimetres.
    pub(super) fn rule(&mut self, x: f32, y: f32, width: f32, thick_pt: f32) {
        let end = |at: f32| LinePoint {
            p: Point {
                x: pt(at),
                y: pt(HEIGHT_MM - y),
            },
            bezier: false,
        };
        self.ops.extend([
            Op::SetOutlineColor { col: color(GREY) },
            Op::SetOutlineThickness { pt: Pt(thick_pt) },
            Op::DrawLine {
                line: Line {
                    points: vec![end(x), end(x + width)],
                    is_closed: false,
                },
            },
        ]);
    }

    /// A picture with its top left corner at (`x`, `y`), `width` millimetres wide.
    pub(super) fn picture(&mut self, x: f32, y: f32, width: f32, image: &RawImage) {
        let id = self.document.add_image(image);
        // At 72 dots an inch one dot is one point, so the scale alone gives the size.
        let scale = pt(width).0 / image.width as f32;
        let height = width * image.height as f32 / image.width as f32;
        self.ops.push(Op::UseXobject {
            id,
            transform: XObjectTransform {
                translate_x: Some(pt(x)),
                translate_y: Some(pt(HEIGHT_MM - y - height)),
                scale_x: Some(scale),
                scale_y: Some(scale),
                dpi: Some(72.0),
                ..XObjectTransform::default()
            },
        });
    }

    /// On to a blank page, which is the how-manieth.
    pub(super) fn next_page(&mut self) -> usize {
        let ops = std::mem::take(&mut self.ops);
        self.before.push(page(ops));
        self.before.len() + 1
    }

    /// The finished file.
    ///
    /// # Errors
    /// [`Error::NoGlyph`] when any text holds a character that the font does not draw.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, Error> {
        if let Some(character) = self.missing {
            return Err(Error::NoGlyph(character));
        }
        let mut pages = self.before;
        pages.push(page(self.ops));
        let options = PdfSaveOptions {
            image_optimization: Some(lossless()),
            ..PdfSaveOptions::default()
        };
        Ok(self
            .document
            .with_pages(pages)
            .save(&options, &mut Vec::new()))
    }

    /// Notes the first character without a glyph.
    fn check(&mut self, text: &str) {
        for character in text.chars() {
            let font = &self.face.font;
            let known = *self.known.entry(character).or_insert_with(|| {
                font.lookup_glyph_index(character as u32)
                    .is_some_and(|g| g != 0)
            });
            if !known && self.missing.is_none() {
                self.missing = Some(character);
            }
        }
    }
}

fn page(ops: Vec<Op>) -> PdfPage {
    PdfPage::new(Mm(WIDTH_MM), Mm(HEIGHT_MM), ops)
}

/// Pictures are packed and otherwise stay as they are: an optimised proof would not be one.
fn lossless() -> ImageOptimizationOptions {
    ImageOptimizationOptions {
        quality: None,
        max_image_size: None,
        dither_greyscale: None,
        convert_to_greyscale: None,
        auto_optimize: None,
        format: Some(ImageCompression::Flate),
    }
}

fn pt(millimetres: f32) -> Pt {
    Mm(millimetres).into()
}

fn color((r, g, b): Ink) -> Color {
    Color::Rgb(Rgb {
        r,
        g,
        b,
        icc_profile: None,
    })
}
