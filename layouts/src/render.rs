//! A face from layout, fonts, values and photo: panels as they are burned, the picture the
//! infrared scanner must see, and where each element stands. Pure: same input, same bytes.

use image::RgbImage;
use resvg::tiny_skia::{FillRule, Mask, Paint, Path, PathBuilder, Pixmap, Rect, Transform};

use crate::Values;
use crate::bitmap::{Bitmap, CARD_MM, Dpi, Panel, PanelImage, SCAN};
use crate::compare::ElementBox;
use crate::error::Error;
use crate::fonts::Fonts;
use crate::layout::{Art, Face, Ink, Layout};
use crate::photo::{Grey, Photo, grey};
use crate::text::place;

/// Front or back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The side with the photo.
    Front,
    /// The side with the address entries.
    Back,
}

/// Everything that is burned on one card and what the check station compares it with.
#[derive(Clone)]
pub struct Faces {
    /// Resolution of the panels.
    pub dpi: Dpi,
    /// All seven panels, in the ribbon's order of use.
    pub panels: Vec<PanelImage>,
    /// Front K as the scanner sees it; also the chip's front image.
    pub front_ir: Bitmap,
    /// Back K as the scanner sees it.
    pub back_ir: Bitmap,
    /// The photo as the scanner's grey box sees it.
    pub photo_grey: Option<Grey>,
    /// The photo as the chip stores it.
    pub chip_photo: Option<RgbImage>,
    /// Where front elements stand in the scan.
    pub front_elements: Vec<ElementBox>,
    /// Where back elements stand in the scan.
    pub back_elements: Vec<ElementBox>,
}

impl std::fmt::Debug for Faces {
    /// Shape only: the pictures show a holder's data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Faces({} dpi)", self.dpi.number())
    }
}

impl Faces {
    /// The panel of one ink.
    pub fn panel(&self, panel: Panel) -> &PanelImage {
        &self.panels[panel as usize]
    }
}

/// Lays out and renders both faces.
///
/// # Errors
/// See [`Error`]; nothing is drawn over an edge, cut or replaced in silence.
pub fn render(
    layout: &Layout,
    fonts: &Fonts,
    values: &Values,
    photo: Option<&Photo>,
    dpi: Dpi,
) -> Result<Faces, Error> {
    if let Some(field) = values.names().find(|name| !layout.fields.contains(*name)) {
        return Err(Error::FieldUnknown {
            field: field.to_owned(),
        });
    }
    let mut sheet = Sheet::new(dpi);
    let front_elements = sheet.face(&layout.front, values, fonts, Panel::K)?;
    let back_elements = sheet.face(&layout.back, values, fonts, Panel::BackK)?;
    let frame = layout.front.photo.as_ref();
    let photo_grey = match (frame, photo) {
        (Some(frame), Some(photo)) => {
            sheet.photo(frame.area, photo);
            Some(grey_box(frame.area, photo, layout.photo.grey_dpi))
        }
        (Some(frame), None) if !frame.optional => return Err(Error::PhotoMissing),
        (Some(_) | None, _) => None,
    };
    let panels = sheet.pack();
    Ok(Faces {
        dpi,
        front_ir: panels[Panel::K as usize].infrared(),
        back_ir: panels[Panel::BackK as usize].infrared(),
        panels,
        photo_grey,
        chip_photo: photo.map(|photo| photo.for_chip(&layout.photo)),
        front_elements,
        back_elements,
    })
}

fn grey_box([x, y, w, h]: [f32; 4], photo: &Photo, dpi: u32) -> Grey {
    let px = |mm: f32| (mm * dpi as f32 / 25.4).round() as u32;
    let mm100 = |mm: f32| (mm * 100.0).round() as u16;
    Grey {
        x_mm100: mm100(x),
        y_mm100: mm100(y),
        w_px: px(w) as u16,
        h_px: px(h) as u16,
        pixels: grey(&photo.scaled(px(w), px(h))).into_raw(),
    }
}

/// Coverage of each panel, upright, one byte a dot.
struct Sheet {
    dpi: Dpi,
    masks: Vec<Mask>,
}

impl Sheet {
    fn new(dpi: Dpi) -> Self {
        let mask = || Mask::new(dpi.across() as u32, dpi.down() as u32);
        let masks = Panel::ALL.iter().filter_map(|_| mask()).collect();
        Self { dpi, masks }
    }

    /// Draws everything but the photo; returns the elements that the scanner sees.
    fn face(
        &mut self,
        face: &Face,
        values: &Values,
        fonts: &Fonts,
        seen: Panel,
    ) -> Result<Vec<ElementBox>, Error> {
        let mut elements = Vec::new();
        for art in &face.art {
            self.art(art);
            if art.panels.contains(&seen) {
                elements.push(ElementBox::new(&art.name, &[to_rect(art.area)]));
            }
        }
        for (rule, ink) in &face.rules {
            let shown = rule
                .when
                .as_ref()
                .is_none_or(|field| values.get(field).is_some());
            if let (true, Some(share), Ink::Panels(panels)) = (shown, rule.dye, ink) {
                self.dye(rule.area, share, panels);
                continue;
            }
            let path = shown.then(|| PathBuilder::from_rect(to_rect(rule.area)));
            if path.is_some_and(|path| self.fill(&path, ink, seen)) {
                elements.push(ElementBox::new(&rule.name, &[to_rect(rule.area)]));
            }
        }
        for (text, ink) in &face.texts {
            let Some(placed) = place(text, values, fonts)? else {
                continue;
            };
            if self.fill(&placed.outline, ink, seen) {
                elements.push(ElementBox::new(&placed.name, &placed.glyphs));
            }
        }
        Ok(elements)
    }

    /// Whether the scanner sees it.
    fn fill(&mut self, path: &Path, ink: &Ink, seen: Panel) -> bool {
        let Ink::Panels(panels) = ink else {
            return false;
        };
        for &panel in panels {
            let mask = &mut self.masks[panel as usize];
            mask.fill_path(
                path,
                FillRule::Winding,
                panel.bits() == 8,
                to_dots(self.dpi),
            );
        }
        panels.contains(&seen)
    }

    /// A box of whole dots in a shade of the dyes; no scanner sees it.
    fn dye(&mut self, [x, y, w, h]: [f32; 4], share: f32, panels: &[Panel]) {
        let (left, top) = dot_at(self.dpi, x, y);
        let (right, bottom) = dot_at(self.dpi, x + w, y + h);
        let columns = left.round() as usize..right.round() as usize;
        let shade = (share * 255.0).round() as u8;
        let across = self.dpi.across();
        for &panel in panels {
            let mask = self.masks[panel as usize].data_mut();
            for row in top.round() as usize..bottom.round() as usize {
                mask[row * across..][columns.clone()].fill(shade);
            }
        }
    }

    fn art(&mut self, art: &Art) {
        let Some((drawn, left, top)) = draw_art(art, self.dpi) else {
            return;
        };
        let across = self.dpi.across();
        let width = drawn.width() as usize;
        for &panel in &art.panels {
            let mask = self.masks[panel as usize].data_mut();
            for (y, line) in drawn.pixels().chunks_exact(width).enumerate() {
                for (x, pixel) in line.iter().enumerate() {
                    let dot = &mut mask[(top + y) * across + left + x];
                    *dot = (*dot).max(pixel.alpha());
                }
            }
        }
    }

    fn photo(&mut self, [x, y, w, h]: [f32; 4], photo: &Photo) {
        let (left, top) = dot_at(self.dpi, x, y);
        let (right, bottom) = dot_at(self.dpi, x + w, y + h);
        let (left, top) = (left.round() as usize, top.round() as usize);
        let (wide, high) = (right.round() as usize - left, bottom.round() as usize - top);
        let scaled = photo.scaled(wide as u32, high as u32);
        let across = self.dpi.across();
        for (panel, channel) in [(Panel::Y, 2), (Panel::M, 1), (Panel::C, 0)] {
            let mask = self.masks[panel as usize].data_mut();
            for (x, y, pixel) in scaled.enumerate_pixels() {
                mask[(top + y as usize) * across + left + x as usize] = 255 - pixel.0[channel];
            }
        }
    }

    fn pack(&self) -> Vec<PanelImage> {
        let both = Panel::ALL.iter().zip(&self.masks);
        both.map(|(&panel, mask)| PanelImage::pack(panel, self.dpi, mask.data()))
            .collect()
    }
}

fn to_rect([x, y, w, h]: [f32; 4]) -> Rect {
    // Boxes were checked when the layout was parsed; an empty one draws nothing.
    Rect::from_xywh(x, y, w, h).unwrap_or(Rect::from_xywh(0.0, 0.0, 0.0, 0.0).expect("finite"))
}

fn dot_at(dpi: Dpi, x_mm: f32, y_mm: f32) -> (f32, f32) {
    let (left, top) = dpi.bleed();
    (left + x_mm * dpi.per_mm(), top + y_mm * dpi.per_mm())
}

fn to_dots(dpi: Dpi) -> Transform {
    let (left, top) = dpi.bleed();
    Transform::from_row(dpi.per_mm(), 0.0, 0.0, dpi.per_mm(), left, top)
}

/// The art's own pixels, and the dot at which their corner stands.
fn draw_art(art: &Art, dpi: Dpi) -> Option<(Pixmap, usize, usize)> {
    let [x, y, w, h] = art.area;
    let (from, to) = (dot_at(dpi, x, y), dot_at(dpi, x + w, y + h));
    let left = from.0.floor().max(0.0);
    let top = from.1.floor().max(0.0);
    let right = to.0.ceil().min(dpi.across() as f32);
    let bottom = to.1.ceil().min(dpi.down() as f32);
    let mut drawn = Pixmap::new((right - left) as u32, (bottom - top) as u32)?;
    let size = art.tree.size();
    let scale = (
        (to.0 - from.0) / size.width(),
        (to.1 - from.1) / size.height(),
    );
    let place = Transform::from_row(scale.0, 0.0, 0.0, scale.1, from.0 - left, from.1 - top);
    resvg::render(&art.tree, place, &mut drawn.as_mut());
    Some((drawn, left as usize, top as usize))
}

/// The pre-print of a blank, upright, cut to the card.
///
/// # Errors
/// [`Error`] if the layout's own words do not fit or lack a glyph.
pub fn blank_art(layout: &Layout, fonts: &Fonts, side: Side, dpi: Dpi) -> Result<RgbImage, Error> {
    blank_sheet(layout, fonts, side, dpi).map(|sheet| cut(&sheet, dpi))
}

/// As [`blank_art`], in the geometry of a panel (bleed included).
fn blank_sheet(layout: &Layout, fonts: &Fonts, side: Side, dpi: Dpi) -> Result<RgbImage, Error> {
    let face = match side {
        Side::Front => &layout.blank_front,
        Side::Back => &layout.blank_back,
    };
    let (across, down) = (dpi.across() as u32, dpi.down() as u32);
    let mut sheet = Pixmap::new(across, down).expect("a panel has dots");
    sheet.fill(resvg::tiny_skia::Color::WHITE);
    for art in &face.art {
        if let Some((drawn, left, top)) = draw_art(art, dpi) {
            let paint = resvg::tiny_skia::PixmapPaint::default();
            let (x, y) = (left as i32, top as i32);
            sheet.draw_pixmap(x, y, drawn.as_ref(), &paint, Transform::identity(), None);
        }
    }
    let mut fill = |path: &Path, ink: &Ink| {
        let Ink::Colour(colour) = ink else { return };
        let mut paint = Paint::default();
        paint.set_color_rgba8(colour.0[0], colour.0[1], colour.0[2], 255);
        sheet.fill_path(path, &paint, FillRule::Winding, to_dots(dpi), None);
    };
    for (rule, ink) in &face.rules {
        fill(&PathBuilder::from_rect(to_rect(rule.area)), ink);
    }
    for (text, ink) in &face.texts {
        if let Some(placed) = place(text, &Values::default(), fonts)? {
            fill(&placed.outline, ink);
        }
    }
    // Opaque from the first fill on, so premultiplied is plain.
    let rgb = sheet
        .pixels()
        .iter()
        .flat_map(|p| [p.red(), p.green(), p.blue()])
        .collect();
    Ok(RgbImage::from_raw(across, down, rgb).expect("three bytes a dot"))
}

/// What the card will look like: the panels over the specimen blank, cut to the card.
///
/// # Errors
/// As [`blank_art`].
pub fn proof(layout: &Layout, fonts: &Fonts, faces: &Faces, side: Side) -> Result<RgbImage, Error> {
    let mut sheet = blank_sheet(layout, fonts, side, faces.dpi)?;
    burn(&mut sheet, faces, side);
    Ok(cut(&sheet, faces.dpi))
}

fn cut(sheet: &RgbImage, dpi: Dpi) -> RgbImage {
    let (left, top) = dpi.bleed();
    let wide = (CARD_MM.0 * dpi.per_mm()).round() as u32;
    let high = (CARD_MM.1 * dpi.per_mm()).round() as u32;
    image::imageops::crop_imm(sheet, left as u32, top as u32, wide, high).to_image()
}

/// Dyes let the paper through, K covers it, pearl is a faint sheen, UV is not seen.
fn burn(sheet: &mut RgbImage, faces: &Faces, side: Side) {
    let dyes = [Panel::C, Panel::M, Panel::Y].map(|panel| faces.panel(panel));
    let pearl = faces.panel(Panel::Pearl);
    let black = faces.panel(match side {
        Side::Front => Panel::K,
        Side::Back => Panel::BackK,
    });
    for (x, y, pixel) in sheet.enumerate_pixels_mut() {
        let (x, y) = (x as usize, y as usize);
        if side == Side::Front {
            for (value, dye) in pixel.0.iter_mut().zip(dyes) {
                *value = (u16::from(*value) * u16::from(255 - dye.at(x, y)) / 255) as u8;
            }
            if pearl.at(x, y) > 0 {
                pixel.0 = pixel.0.map(|value| value - value / 16);
            }
        }
        if black.at(x, y) > 0 {
            pixel.0 = [24, 24, 26];
        }
    }
}

/// Millimetres to scan pixels.
pub(crate) fn to_scan(mm: f32, limit: usize) -> f32 {
    (mm / 25.4 * 200.0).clamp(0.0, limit as f32)
}

/// Borders of the scan, for element boxes.
pub(crate) const BORDERS: (usize, usize) = SCAN;
