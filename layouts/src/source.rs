//! The layout files as they are written: serde shapes and what one file alone can be
//! refused for. Knows no font bytes and no values.

use serde::Deserialize;
use toml::Spanned;

use crate::bitmap::Panel;
use crate::error::Error;

/// `layout.toml`: what the whole product shares.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Product {
    pub(crate) product: String,
    pub(crate) version: u32,
    /// Every field that prepare may hand over.
    pub(crate) fields: Vec<String>,
    pub(crate) font: Vec<Spanned<Font>>,
    pub(crate) photo: PhotoRules,
    pub(crate) compare: CompareRules,
}

/// One pinned font.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Font {
    /// The name that items use.
    pub name: String,
    /// File name, as Debian 12 installs it.
    pub file: String,
    /// Accepted SHA-256 digests of the file, in hex.
    pub accepted: Vec<String>,
}

/// What a submitted photo must be, and what the chip gets of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhotoRules {
    /// Largest file, in bytes.
    pub max_bytes: usize,
    /// Longest side, in pixels.
    pub max_side_px: u32,
    /// Fewest pixels, width and height.
    pub min_px: [u32; 2],
    /// Width and height of the paper photo in mm.
    pub proportions_mm: [f32; 2],
    /// Relative tolerance of the proportions.
    pub proportions_tolerance: f32,
    /// Width and height of the picture in the chip.
    pub chip_px: [u32; 2],
    /// Dots per inch of the scanner's grey photo box.
    pub grey_dpi: u32,
}

/// When a scan equals what was to be printed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompareRules {
    /// Least normalised correlation of the scanned photo with the chip's.
    pub photo_correlation: f32,
}

/// `front.toml`, `back.toml` and their blanks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Face {
    #[serde(default)]
    pub(crate) art: Vec<Spanned<Art>>,
    #[serde(default)]
    pub(crate) rule: Vec<Spanned<Rule>>,
    #[serde(default)]
    pub(crate) photo: Vec<Spanned<Photo>>,
    #[serde(default)]
    pub(crate) text: Vec<Spanned<Text>>,
}

/// A box on the upright face in mm: left, top, width, height.
pub(crate) type BoxMm = [f32; 4];

/// What an item is burned with: panels on a variable face, a colour on a blank.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Art {
    pub(crate) name: String,
    #[serde(rename = "box")]
    pub(crate) area: BoxMm,
    pub(crate) file: String,
    #[serde(default)]
    pub(crate) panels: Vec<PanelName>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) name: String,
    #[serde(rename = "box")]
    pub(crate) area: BoxMm,
    #[serde(default)]
    pub(crate) panels: Vec<PanelName>,
    pub(crate) colour: Option<Colour>,
    /// Share of full dye; full where it is not said.
    pub(crate) dye: Option<f32>,
    pub(crate) when: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Photo {
    #[serde(rename = "box")]
    pub(crate) area: BoxMm,
    pub(crate) panels: Vec<PanelName>,
    pub(crate) optional: bool,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Text {
    pub(crate) name: String,
    #[serde(rename = "box")]
    pub(crate) area: BoxMm,
    /// Words and `{field}`s.
    pub(crate) text: String,
    /// Fonts in order of preference; a text is set in one of them as a whole.
    pub(crate) fonts: Vec<String>,
    /// Size of the em square in mm.
    pub(crate) size: f32,
    pub(crate) min_size: Option<f32>,
    #[serde(default = "one")]
    pub(crate) max_lines: usize,
    /// Distance of lines, in ems.
    #[serde(default = "leading")]
    pub(crate) leading: f32,
    #[serde(default)]
    pub(crate) align: Align,
    #[serde(default)]
    pub(crate) vertical: Vertical,
    /// Extra space after each glyph, in ems.
    #[serde(default)]
    pub(crate) tracking: f32,
    pub(crate) underline: Option<Underline>,
    pub(crate) marks: Option<Marks>,
    /// Left away when a field of it is empty.
    #[serde(default)]
    pub(crate) optional: bool,
    /// Only when this field is given.
    pub(crate) when: Option<String>,
    /// Only when this field is not given.
    pub(crate) unless: Option<String>,
    #[serde(default)]
    pub(crate) panels: Vec<PanelName>,
    pub(crate) colour: Option<Colour>,
    /// Stroke added around the glyphs, in mm (a bolder face of the same font).
    #[serde(default)]
    pub(crate) embolden: f32,
}

fn one() -> usize {
    1
}

fn leading() -> f32 {
    1.15
}

/// Where lines stand between the left and right border of the box.
#[derive(Clone, Copy, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Align {
    #[default]
    Left,
    Centre,
    Right,
}

/// Where the block of lines stands between top and bottom of the box.
#[derive(Clone, Copy, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Vertical {
    Top,
    #[default]
    Middle,
    Bottom,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Underline {
    /// Thickness in mm.
    pub(crate) width: f32,
    /// Below the em square, in mm.
    pub(crate) gap: f32,
    /// Only under what the fields gave, not under the layout's own words.
    #[serde(default)]
    pub(crate) fields_only: bool,
}

/// Small letters centred below single characters (Y below 年).
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Marks {
    pub(crate) font: String,
    pub(crate) size: f32,
    /// From the bottom of the em square down to the top of the mark's, in mm.
    pub(crate) drop: f32,
    /// Character and its mark.
    pub(crate) of: Vec<(char, String)>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
pub(crate) enum PanelName {
    Y,
    M,
    C,
    K,
    #[serde(rename = "UV")]
    Uv,
    #[serde(rename = "pearl")]
    Pearl,
}

impl PanelName {
    /// The ribbon's panel; K on the back is a panel of its own.
    pub(crate) fn panel(self, back: bool) -> Option<Panel> {
        match (self, back) {
            (Self::K, true) => Some(Panel::BackK),
            (Self::K, false) => Some(Panel::K),
            (Self::Y, false) => Some(Panel::Y),
            (Self::M, false) => Some(Panel::M),
            (Self::C, false) => Some(Panel::C),
            (Self::Uv, false) => Some(Panel::Uv),
            (Self::Pearl, false) => Some(Panel::Pearl),
            (Self::Y | Self::M | Self::C | Self::Uv | Self::Pearl, true) => None,
        }
    }
}

/// `#rrggbb`.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub(crate) struct Colour(pub(crate) [u8; 3]);

impl TryFrom<String> for Colour {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const FORM: &str = "a colour is written #rrggbb";
        let digits = text
            .strip_prefix('#')
            .filter(|d| d.len() == 6)
            .ok_or(FORM)?;
        let number = u32::from_str_radix(digits, 16)
            .map_err(|_| FORM)?
            .to_be_bytes();
        Ok(Self([number[1], number[2], number[3]]))
    }
}

/// One file of a layout folder: its name for messages, its text for line numbers.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
}

impl File<'_> {
    pub(crate) fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, Error> {
        toml::from_str(self.text).map_err(|e| {
            self.refuse(
                e.span().map_or(0, |span| span.start),
                e.message().to_owned(),
            )
        })
    }

    /// A refusal that names the line of a byte position.
    pub(crate) fn refuse(&self, at: usize, reason: String) -> Error {
        let line = 1 + self
            .text
            .bytes()
            .take(at)
            .filter(|&byte| byte == b'\n')
            .count();
        Error::Layout {
            file: self.name.to_owned(),
            line,
            reason,
        }
    }
}
