//! What a layout, a value or a photo can be refused for. Names fields and remedies,
//! never a holder's data; the one exception is a single character without a glyph,
//! which the approving office must know to replace it.

use std::fmt;

/// Why a face could not be laid out. Each variant says who must act: a layout author
/// (`Layout`), the installer (`Font…`), the office that approved (the rest).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A layout file breaks a rule of the format; the program was built or installed wrongly.
    #[error("{file}:{line}: {reason}")]
    Layout {
        /// File name within the layout's folder.
        file: String,
        /// Line of the offending item, from 1.
        line: usize,
        /// What is wrong, in words for the layout's author.
        reason: String,
    },
    /// A font that the layout names was not given.
    #[error("font {font:?} is missing; install the package that carries {file}")]
    FontMissing {
        /// The layout's name for the font.
        font: String,
        /// File name.
        file: String,
    },
    /// The font's bytes are not among those that the layout accepts.
    #[error("font {font:?} has digest {found}, which this layout does not accept")]
    FontDigest {
        /// The layout's name for the font.
        font: String,
        /// SHA-256 of what was given, in hex.
        found: String,
    },
    /// The accepted bytes do not parse as a font.
    #[error("font {font:?} cannot be read")]
    FontUnreadable {
        /// The layout's name for the font.
        font: String,
    },
    /// A field that the face must show was not given.
    #[error("field {field:?} is needed by {item:?}")]
    ValueMissing {
        /// The layout's element.
        item: String,
        /// The field without a value.
        field: String,
    },
    /// A value was given for a field that this layout does not know.
    #[error("field {field:?} is not in this layout")]
    FieldUnknown {
        /// The name that was given.
        field: String,
    },
    /// No permitted font has every glyph that the text needs.
    #[error("{item:?} ({field}) holds {character:?}, which no permitted font can draw")]
    Glyph {
        /// The layout's element.
        item: String,
        /// The field that holds the character, empty for the layout's own words.
        field: String,
        /// The character to be replaced before approval.
        character: char,
    },
    /// The text does not fit at its smallest permitted size; nothing is ever cut.
    #[error("{item:?} ({field}) does not fit {max_lines} line(s) at {min_size_mm} mm")]
    Overflow {
        /// The layout's element.
        item: String,
        /// The field to be shortened.
        field: String,
        /// Lines that were permitted.
        max_lines: usize,
        /// Smallest permitted size, in mm.
        min_size_mm: f32,
    },
    /// The face shows a photo and none was given.
    #[error("the face shows a photo and none was given")]
    PhotoMissing,
    /// The photo was refused.
    #[error(transparent)]
    Photo(#[from] PhotoError),
}

impl Error {
    /// The field that the approving office must correct, if it is one.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::ValueMissing { field, .. }
            | Self::FieldUnknown { field }
            | Self::Glyph { field, .. }
            | Self::Overflow { field, .. } => Some(field),
            Self::PhotoMissing | Self::Photo(_) => Some("photo"),
            Self::Layout { .. }
            | Self::FontMissing { .. }
            | Self::FontDigest { .. }
            | Self::FontUnreadable { .. } => None,
        }
    }
}

/// Why a photo was refused before it was decoded or used.
#[derive(Debug, thiserror::Error)]
pub enum PhotoError {
    /// More bytes than a photo needs.
    #[error("the photo file has {found} bytes, at most {limit} are taken")]
    TooManyBytes {
        /// Bytes given.
        found: usize,
        /// Bytes permitted.
        limit: usize,
    },
    /// Neither JPEG nor PNG.
    #[error("the photo is neither JPEG nor PNG")]
    NotAnImage,
    /// Declared width or height above the limit: refused before any memory is taken.
    #[error("the photo declares {width} x {height} pixels, at most {limit} a side are taken")]
    TooLarge {
        /// Declared width.
        width: u32,
        /// Declared height.
        height: u32,
        /// Longest side permitted.
        limit: u32,
    },
    /// Too few pixels to print and to recognise a person.
    #[error(
        "the photo has {width} x {height} pixels, at least {need_width} x {need_height} are needed"
    )]
    TooSmall {
        /// Width given.
        width: u32,
        /// Height given.
        height: u32,
        /// Width needed.
        need_width: u32,
        /// Height needed.
        need_height: u32,
    },
    /// Not 40 mm high by 30 mm wide.
    #[error("the photo is {width} x {height} pixels, not 3 wide to 4 high")]
    Proportions {
        /// Width given.
        width: u32,
        /// Height given.
        height: u32,
    },
    /// The header is right, the rest is not.
    #[error("the photo is damaged")]
    Damaged(#[source] image::ImageError),
}

/// Where scan and expectation part: the first element that differs.
#[derive(Clone, PartialEq, Eq)]
pub struct Difference {
    /// Name of the layout's element, or `outside` for ink where none belongs.
    pub element: String,
}

impl fmt::Debug for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Difference({})", self.element)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the scanned {} differs from what was to be printed",
            self.element
        )
    }
}

impl std::error::Error for Difference {}
