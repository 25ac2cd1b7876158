//! How a card looks: declarative layouts in millimetres, rendered into the printer's
//! panels. Pure: fonts and photos come as bytes, no clock, no chance, no device, no disk.

mod bitmap;
mod built_in;
mod compare;
mod error;
mod fonts;
mod layout;
mod photo;
mod render;
mod source;
mod text;

use std::collections::BTreeMap;

use zeroize::Zeroizing;

pub use bitmap::{Bitmap, CARD_MM, Dpi, Panel, PanelImage, SCAN};
pub use built_in::{Product, built_in_files};
pub use compare::{ElementBox, PhotoMatch, PixelBox, compare_ir, compare_photo};
pub use error::{Difference, Error, PhotoError};
pub use fonts::Fonts;
pub use layout::Layout;
pub use photo::{Grey, Photo};
pub use render::{Faces, Side, blank_art, proof, render};
pub use source::{CompareRules, Font, PhotoRules};

/// Text per field name, wiped when dropped; a field without a value is not in it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<String, Zeroizing<String>>);

impl std::fmt::Debug for Values {
    /// Names only: the texts are a holder's data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Values {
    /// Sets a field; an empty text is no value.
    pub fn set(&mut self, field: &str, text: impl Into<String>) -> &mut Self {
        let text = Zeroizing::new(text.into());
        if text.is_empty() {
            self.0.remove(field);
        } else {
            self.0.insert(field.to_owned(), text);
        }
        self
    }

    /// A field's text.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(|text| text.as_str())
    }

    /// The fields that have a text.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
