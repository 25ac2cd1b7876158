//! A card product's layout, checked as a whole: what stands here can be drawn. Knows the
//! files as text, no disk; the built-in product is compiled in.

use std::collections::BTreeSet;

use resvg::usvg;
use ring::digest::{SHA256, digest};
use toml::Spanned;

use crate::bitmap::{CARD_MM, Panel};
use crate::built_in::{Product, built_in_files};
use crate::error::Error;
use crate::source::{self, BoxMm, Colour, CompareRules, File, Font, PanelName, PhotoRules};

/// A parsed and checked layout.
pub struct Layout {
    /// Name of the product.
    pub product: String,
    /// Counted up with each change of the files.
    pub version: u32,
    /// SHA-256 over the names and texts of all files.
    pub digest: [u8; 32],
    /// Fonts that must be given, and their accepted digests.
    pub fonts: Vec<Font>,
    /// What a photo must be.
    pub photo: PhotoRules,
    /// When a scan is equal.
    pub compare: CompareRules,
    pub(crate) fields: BTreeSet<String>,
    pub(crate) front: Face,
    pub(crate) back: Face,
    pub(crate) blank_front: Face,
    pub(crate) blank_back: Face,
}

impl std::fmt::Debug for Layout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Layout({} version {})", self.product, self.version)
    }
}

/// One side, checked.
pub(crate) struct Face {
    pub(crate) art: Vec<Art>,
    pub(crate) rules: Vec<(source::Rule, Ink)>,
    pub(crate) photo: Option<source::Photo>,
    pub(crate) texts: Vec<(source::Text, Ink)>,
}

/// Vector art, parsed once.
pub(crate) struct Art {
    pub(crate) area: BoxMm,
    pub(crate) name: String,
    pub(crate) tree: usvg::Tree,
    pub(crate) panels: Vec<Panel>,
}

/// What an item is made of.
#[derive(Clone)]
pub(crate) enum Ink {
    Panels(Vec<Panel>),
    Colour(Colour),
}

impl Layout {
    /// The layout that is compiled in.
    ///
    /// # Errors
    /// [`Error::Layout`] if the compiled-in files break a rule (a test keeps them right).
    pub fn builtin(product: Product) -> Result<Self, Error> {
        Self::parse(built_in_files(product))
    }

    /// Parses a layout folder given as file names and texts.
    ///
    /// # Errors
    /// [`Error::Layout`] naming file, line and reason for anything unknown, off the card,
    /// overlapping, or without a font, field or file that it names.
    pub fn parse(files: &[(&str, &str)]) -> Result<Self, Error> {
        let folder = Folder { files };
        let head = folder.file("layout.toml")?;
        let product: source::Product = head.parse()?;
        check_fonts(&head, &product)?;
        let fields: BTreeSet<String> = product.fields.iter().cloned().collect();
        let fonts: Vec<Font> = product.font.into_iter().map(Spanned::into_inner).collect();
        let shared = Shared {
            folder,
            fields: &fields,
            fonts: &fonts,
        };
        let (front, back) = (
            shared.face("front.toml", Kind::Front)?,
            shared.face("back.toml", Kind::Back)?,
        );
        let blank_front = shared.face("blank-front.toml", Kind::Blank)?;
        let blank_back = shared.face("blank-back.toml", Kind::Blank)?;
        Ok(Self {
            product: product.product,
            version: product.version,
            digest: folder.digest(),
            photo: product.photo,
            compare: product.compare,
            front,
            back,
            blank_front,
            blank_back,
            fields,
            fonts,
        })
    }

    /// Where the photo stands on the upright front, in mm: left, top, width, height.
    pub fn photo_box_mm(&self) -> Option<[f32; 4]> {
        self.front.photo.as_ref().map(|photo| photo.area)
    }
}

fn check_fonts(head: &File<'_>, product: &source::Product) -> Result<(), Error> {
    for font in &product.font {
        let at = font.span().start;
        let accepted = &font.get_ref().accepted;
        if accepted.is_empty() {
            return Err(head.refuse(at, "a font needs an accepted digest".to_owned()));
        }
        if let Some(bad) = accepted.iter().find(|d| d.len() != 64 || !is_lower_hex(d)) {
            return Err(head.refuse(at, format!("{bad:?} is not a SHA-256 in small hex")));
        }
    }
    Ok(())
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// The files as they were handed over.
#[derive(Clone, Copy)]
struct Folder<'a> {
    files: &'a [(&'a str, &'a str)],
}

impl<'a> Folder<'a> {
    fn file(&self, name: &'a str) -> Result<File<'a>, Error> {
        let text = self
            .find(name)
            .ok_or_else(|| File { name, text: "" }.refuse(0, "the file is missing".to_owned()))?;
        Ok(File { name, text })
    }

    fn find(&self, name: &str) -> Option<&'a str> {
        self.files
            .iter()
            .find(|(n, _)| *n == name)
            .map(|&(_, text)| text)
    }

    fn digest(&self) -> [u8; 32] {
        let mut sorted = self.files.to_vec();
        sorted.sort_unstable();
        let mut whole = Vec::new();
        for part in sorted.iter().flat_map(|(name, text)| [name, text]) {
            whole.extend_from_slice(&(part.len() as u64).to_be_bytes());
            whole.extend_from_slice(part.as_bytes());
        }
        let mut out = [0; 32];
        out.copy_from_slice(digest(&SHA256, &whole).as_ref());
        out
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Front,
    Back,
    Blank,
}

struct Shared<'a> {
    folder: Folder<'a>,
    fields: &'a BTreeSet<String>,
    fonts: &'a [Font],
}

impl<'a> Shared<'a> {
    fn face(&self, name: &'a str, kind: Kind) -> Result<Face, Error> {
        let file = self.folder.file(name)?;
        let raw: source::Face = file.parse()?;
        self.check_overlaps(&file, &raw)?;
        let item = |at: usize| Item {
            file,
            at,
            kind,
            shared: self,
        };
        let art = raw
            .art
            .iter()
            .map(|art| item(art.span().start).art(art.get_ref()));
        let rules = raw.rule.iter().map(|rule| {
            let (item, rule) = (item(rule.span().start), rule.get_ref());
            item.on_card(rule.area)?;
            item.known_field(rule.when.iter())?;
            item.dye(rule)?;
            Ok::<_, Error>((rule.clone(), item.ink(&rule.panels, rule.colour)?))
        });
        let texts = raw
            .text
            .iter()
            .map(|text| item(text.span().start).text(text.get_ref()));
        let photo = match raw.photo.as_slice() {
            [] => None,
            [photo] => Some(item(photo.span().start).photo(photo.get_ref())?),
            [_, second, ..] => {
                return Err(file.refuse(second.span().start, "a face has one photo".to_owned()));
            }
        };
        Ok(Face {
            art: art.collect::<Result<_, _>>()?,
            rules: rules.collect::<Result<_, _>>()?,
            texts: texts.collect::<Result<_, _>>()?,
            photo,
        })
    }

    /// Two texts on one ribbon panel may share a place only if they never appear together.
    fn check_overlaps(&self, file: &File<'_>, raw: &source::Face) -> Result<(), Error> {
        for (i, second) in raw.text.iter().enumerate() {
            for first in &raw.text[..i] {
                let (a, b) = (first.get_ref(), second.get_ref());
                let together = a.panels.iter().any(|panel| b.panels.contains(panel))
                    && !excludes(&a.when, &b.unless)
                    && !excludes(&a.unless, &b.when);
                if a.name == b.name {
                    let reason = format!("{:?} is a name twice", b.name);
                    return Err(file.refuse(second.span().start, reason));
                }
                if together && overlap(a.area, b.area) {
                    let reason = format!("{:?} overlaps {:?}", b.name, a.name);
                    return Err(file.refuse(second.span().start, reason));
                }
            }
        }
        Ok(())
    }
}

fn excludes(one: &Option<String>, other: &Option<String>) -> bool {
    one.is_some() && one == other
}

fn overlap(a: BoxMm, b: BoxMm) -> bool {
    a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3]
}

/// One item under check, with its place in the file.
struct Item<'a, 'b> {
    file: File<'a>,
    at: usize,
    kind: Kind,
    shared: &'b Shared<'a>,
}

impl Item<'_, '_> {
    fn refuse(&self, reason: String) -> Error {
        self.file.refuse(self.at, reason)
    }

    fn on_card(&self, [x, y, w, h]: BoxMm) -> Result<(), Error> {
        let inside = x >= 0.0 && y >= 0.0 && x + w <= CARD_MM.0 && y + h <= CARD_MM.1;
        if !(inside && w > 0.0 && h > 0.0) {
            return Err(self.refuse(format!("the box {:?} lies off the card", [x, y, w, h])));
        }
        Ok(())
    }

    fn known_field<'s>(&self, names: impl Iterator<Item = &'s String>) -> Result<(), Error> {
        for name in names {
            if !self.shared.fields.contains(name) {
                return Err(self.refuse(format!("unknown field {name:?}")));
            }
        }
        Ok(())
    }

    fn known_font(&self, name: &str) -> Result<(), Error> {
        if !self.shared.fonts.iter().any(|font| font.name == name) {
            return Err(self.refuse(format!("unknown font {name:?}")));
        }
        Ok(())
    }

    fn panels(&self, names: &[PanelName]) -> Result<Vec<Panel>, Error> {
        let panels = names.iter().map(|name| {
            name.panel(self.kind == Kind::Back)
                .ok_or_else(|| self.refuse("the back has panel K only".to_owned()))
        });
        panels.collect()
    }

    fn ink(&self, panels: &[PanelName], colour: Option<Colour>) -> Result<Ink, Error> {
        match (self.kind, panels, colour) {
            (Kind::Blank, [], Some(colour)) => Ok(Ink::Colour(colour)),
            (Kind::Front | Kind::Back, [_, ..], None) => Ok(Ink::Panels(self.panels(panels)?)),
            (Kind::Blank, _, _) => {
                Err(self.refuse("a blank's item has a colour and no panels".to_owned()))
            }
            (Kind::Front | Kind::Back, _, _) => {
                Err(self.refuse("a face's item has panels and no colour".to_owned()))
            }
        }
    }

    /// Only a dye has shades.
    fn dye(&self, rule: &source::Rule) -> Result<(), Error> {
        let Some(share) = rule.dye else { return Ok(()) };
        let panels = self.panels(&rule.panels)?;
        let dyes = !panels.is_empty() && panels.iter().all(|panel| panel.bits() == 8);
        if dyes && share > 0.0 && share <= 1.0 {
            return Ok(());
        }
        Err(self.refuse("a share of dye (above 0, up to 1) is for Y, M and C alone".to_owned()))
    }

    fn art(&self, art: &source::Art) -> Result<Art, Error> {
        // Vector art of a blank may run over the edge: the blank is cut out of a sheet.
        if self.kind != Kind::Blank {
            self.on_card(art.area)?;
        }
        if (self.kind == Kind::Blank) != art.panels.is_empty() {
            return Err(self.refuse("art has panels on a face and none on a blank".to_owned()));
        }
        let panels = self.panels(&art.panels)?;
        if panels.iter().any(|panel| panel.bits() == 8) {
            return Err(self.refuse("art is burned with K, UV or pearl".to_owned()));
        }
        let text = self
            .shared
            .folder
            .find(&art.file)
            .ok_or_else(|| self.refuse(format!("no file {:?}", art.file)))?;
        let tree = usvg::Tree::from_str(text, &usvg::Options::default())
            .map_err(|e| self.refuse(format!("{}: {e}", art.file)))?;
        Ok(Art {
            area: art.area,
            name: art.name.clone(),
            tree,
            panels,
        })
    }

    fn photo(&self, photo: &source::Photo) -> Result<source::Photo, Error> {
        self.on_card(photo.area)?;
        let panels = [PanelName::Y, PanelName::M, PanelName::C];
        if self.kind != Kind::Front || photo.panels != panels {
            return Err(self.refuse("a photo is on the front, in panels Y, M, C".to_owned()));
        }
        Ok(photo.clone())
    }

    fn text(&self, text: &source::Text) -> Result<(source::Text, Ink), Error> {
        self.on_card(text.area)?;
        if text.fonts.is_empty() {
            return Err(self.refuse("a text needs a font".to_owned()));
        }
        let marks = text.marks.iter().map(|marks| &marks.font);
        text.fonts
            .iter()
            .chain(marks)
            .try_for_each(|font| self.known_font(font))?;
        let parts = parts(&text.text)
            .ok_or_else(|| self.refuse(format!("{:?} has a stray brace", text.text)))?;
        let fields: Vec<String> = parts.iter().filter_map(|part| part.field()).collect();
        self.known_field(fields.iter().chain(&text.when).chain(&text.unless))?;
        let min = text.min_size.unwrap_or(text.size);
        if !(0.5..=20.0).contains(&min) || min > text.size || text.max_lines == 0 {
            return Err(self.refuse("sizes run from min_size (0.5 mm or more) to size".to_owned()));
        }
        if text.size > text.area[3] + 0.001 {
            return Err(self.refuse(format!("the box of {:?} is lower than its size", text.name)));
        }
        Ok((text.clone(), self.ink(&text.panels, text.colour)?))
    }
}

/// A stretch of a text item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Words(String),
    Field(String),
}

impl Part {
    fn field(&self) -> Option<String> {
        match self {
            Self::Words(_) => None,
            Self::Field(name) => Some(name.clone()),
        }
    }
}

/// Splits `words {field} words`; `None` at a brace without its partner.
pub(crate) fn parts(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let close = open + rest[open..].find('}')?;
        if open > 0 {
            parts.push(Part::Words(rest[..open].to_owned()));
        }
        parts.push(Part::Field(rest[open + 1..close].to_owned()));
        rest = &rest[close + 1..];
    }
    if !rest.is_empty() {
        parts.push(Part::Words(rest.to_owned()));
    }
    let stray = parts.iter().any(|part| match part {
        Part::Words(words) => words.contains('}'),
        Part::Field(name) => name.is_empty() || name.contains('{'),
    });
    (!stray).then_some(parts)
}
