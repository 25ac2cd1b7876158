//! Pinned fonts and the shaping of one line. Only the fonts that the layout names exist
//! here: nothing is looked up on the machine, and no glyph comes from another face.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cosmic_text::skrifa::instance::{LocationRef, Size};
use cosmic_text::skrifa::outline::{DrawSettings, OutlinePen};
use cosmic_text::skrifa::{FontRef, GlyphId, MetadataProvider};
use cosmic_text::{Attrs, Buffer, Family, FontSystem, Metrics, Shaping, Wrap, fontdb};
use resvg::tiny_skia::{Path, PathBuilder, Stroke};
use ring::digest::{SHA256, digest};

use crate::error::Error;
use crate::layout::Layout;

/// The em square at which text is shaped; sizes are applied afterwards, by arithmetic.
const EM: f32 = 1000.0;
/// How finely a stroke's edge is divided: the largest em has some 80 dots at 600 dpi.
const DOTS_AN_EM: f32 = 40.0;

/// The fonts of one layout, digest-checked.
pub struct Fonts {
    faces: Vec<Face>,
    shaper: Mutex<Shaper>,
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.faces.iter().map(|face| &face.name))
            .finish()
    }
}

struct Face {
    name: String,
    id: fontdb::ID,
    family: String,
    weight: fontdb::Weight,
    digest: [u8; 32],
    bytes: Arc<Vec<u8>>,
}

struct Shaper {
    system: FontSystem,
    /// By face, glyph and added weight in thousandths of an em.
    outlines: HashMap<(fontdb::ID, u16, u16), Option<Path>>,
}

/// One shaped line; lengths in ems.
pub(crate) struct Shaped {
    /// The layout's name for the font.
    pub(crate) font: String,
    pub(crate) glyphs: Vec<Glyph>,
}

/// One glyph; lengths in ems.
pub(crate) struct Glyph {
    /// Byte range of the characters that it shows.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) advance: f32,
    pub(crate) offset: (f32, f32),
    /// A space: it has no outline.
    pub(crate) blank: bool,
    id: u16,
}

impl Fonts {
    /// Takes font files by the layout's names; others are ignored.
    ///
    /// # Errors
    /// `FontMissing`, `FontDigest` (not a digest that the layout accepts), `FontUnreadable`.
    pub fn new(layout: &Layout, given: Vec<(String, Arc<Vec<u8>>)>) -> Result<Self, Error> {
        let mut database = fontdb::Database::new();
        let mut faces = Vec::new();
        for wanted in &layout.fonts {
            let name = wanted.name.clone();
            let (_, bytes) = given
                .iter()
                .find(|(given, _)| *given == name)
                .ok_or_else(|| Error::FontMissing {
                    font: name.clone(),
                    file: wanted.file.clone(),
                })?;
            let found = digest(&SHA256, bytes);
            let hex: String = found
                .as_ref()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            if !wanted.accepted.contains(&hex) {
                return Err(Error::FontDigest {
                    font: name,
                    found: hex,
                });
            }
            let source = fontdb::Source::Binary(Arc::clone(bytes) as _);
            let face = database.load_font_source(source).first().copied();
            let info = face
                .and_then(|id| database.face(id))
                .filter(|f| !f.families.is_empty());
            let info = info.ok_or_else(|| Error::FontUnreadable { font: name.clone() })?;
            let mut sha = [0; 32];
            sha.copy_from_slice(found.as_ref());
            faces.push(Face {
                name,
                id: info.id,
                family: info.families[0].0.clone(),
                weight: info.weight,
                digest: sha,
                bytes: Arc::clone(bytes),
            });
        }
        let system = FontSystem::new_with_locale_and_db("ja".to_owned(), database);
        let shaper = Mutex::new(Shaper {
            system,
            outlines: HashMap::new(),
        });
        Ok(Self { faces, shaper })
    }

    /// Name and SHA-256 of each font in use, in the layout's order.
    pub fn digests(&self) -> impl Iterator<Item = (&str, [u8; 32])> {
        self.faces
            .iter()
            .map(|face| (face.name.as_str(), face.digest))
    }

    /// Shapes a line in one font.
    ///
    /// # Errors
    /// The first character that this font cannot show by a visible glyph of its own.
    pub(crate) fn shape(&self, font: &str, text: &str) -> Result<Shaped, char> {
        let first = text.chars().next().unwrap_or(' ');
        let face = self
            .faces
            .iter()
            .find(|face| face.name == font)
            .ok_or(first)?;
        if let Some(control) = text.chars().find(|c| c.is_control()) {
            return Err(control);
        }
        let mut shaper = self.shaper.lock().unwrap_or_else(PoisonError::into_inner);
        shaper.shape(face, text)
    }

    /// A glyph's outline in ems, y downwards from the baseline, with `weight` thousandths of
    /// an em added across each stroke. `None` for a space.
    pub(crate) fn outline(&self, font: &str, glyph: &Glyph, weight: u16) -> Option<Path> {
        let face = self.faces.iter().find(|face| face.name == font)?;
        let mut shaper = self.shaper.lock().unwrap_or_else(PoisonError::into_inner);
        shaper.outline(face, glyph.id, weight)
    }
}

impl Shaper {
    fn shape(&mut self, face: &Face, text: &str) -> Result<Shaped, char> {
        let mut buffer = Buffer::new(&mut self.system, Metrics::new(EM, EM));
        buffer.set_wrap(Wrap::None);
        buffer.set_size(None, None);
        let attrs = Attrs::new()
            .family(Family::Name(&face.family))
            .weight(face.weight);
        buffer.set_text(text, &attrs, Shaping::Advanced, None);
        buffer.shape_until_scroll(&mut self.system, false);
        let mut glyphs = Vec::new();
        let laid: Vec<_> = buffer
            .layout_runs()
            .flat_map(|run| run.glyphs.to_vec())
            .collect();
        for glyph in laid {
            let shown = &text[glyph.start..glyph.end];
            let character = shown.chars().next().unwrap_or(' ');
            if glyph.font_id != face.id || glyph.glyph_id == 0 {
                return Err(character);
            }
            let blank = self.outline(face, glyph.glyph_id, 0).is_none();
            // A selector that the font does not know becomes an empty glyph of its own.
            if blank && !shown.chars().all(|c| c == ' ' || c == '\u{3000}') {
                return Err(character);
            }
            glyphs.push(Glyph {
                start: glyph.start,
                end: glyph.end,
                advance: glyph.w / EM,
                offset: (glyph.x_offset, -glyph.y_offset),
                blank,
                id: glyph.glyph_id,
            });
        }
        Ok(Shaped {
            font: face.name.clone(),
            glyphs,
        })
    }

    fn outline(&mut self, face: &Face, glyph: u16, weight: u16) -> Option<Path> {
        if let Some(cached) = self.outlines.get(&(face.id, glyph, weight)) {
            return cached.clone();
        }
        let outline = match weight {
            0 => draw(&face.bytes, glyph),
            _ => self
                .outline(face, glyph, 0)
                .map(|plain| embolden(plain, weight)),
        };
        self.outlines
            .insert((face.id, glyph, weight), outline.clone());
        outline
    }
}

/// The outline and a stroke along it, half of it inside: counters stay open at small sizes.
fn embolden(plain: Path, weight: u16) -> Path {
    let stroke = Stroke {
        width: f32::from(weight) / 1000.0,
        ..Stroke::default()
    };
    let mut both = PathBuilder::new();
    if let Some(edge) = plain.stroke(&stroke, DOTS_AN_EM) {
        both.push_path(&edge);
    }
    both.push_path(&plain);
    both.finish().unwrap_or(plain)
}

/// Unhinted outline in ems; `None` if the glyph is empty.
fn draw(font: &[u8], glyph: u16) -> Option<Path> {
    let font = FontRef::from_index(font, 0).ok()?;
    let em = f32::from(
        font.metrics(Size::unscaled(), LocationRef::default())
            .units_per_em,
    );
    let outline = font.outline_glyphs().get(GlyphId::from(glyph))?;
    let mut pen = Pen {
        path: PathBuilder::new(),
        em,
    };
    let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
    outline.draw(settings, &mut pen).ok()?;
    pen.path.finish()
}

struct Pen {
    path: PathBuilder,
    em: f32,
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(x / self.em, -y / self.em);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(x / self.em, -y / self.em);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.path
            .quad_to(cx / self.em, -cy / self.em, x / self.em, -y / self.em);
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let em = self.em;
        self.path
            .cubic_to(ax / em, -ay / em, bx / em, -by / em, x / em, -y / em);
    }

    fn close(&mut self) {
        self.path.close();
    }
}
