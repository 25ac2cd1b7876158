//! Font files from disk: the only place where preparing touches one. Reads, checks, and
//! hands bytes to the pure parts.

use crate::prepare::Kit;
use layouts::{Dpi, Fonts, Layout, Product, Side};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why the kit cannot be loaded; whoever installs the station must act.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A font file exists and cannot be read, or a picture cannot be written.
    #[error("{} cannot be read or written", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// Layout or fonts are refused.
    #[error(transparent)]
    Layout(#[from] layouts::Error),
    /// Neither 300 nor 600.
    #[error("a print head has 300 or 600 dpi, not {0}")]
    Resolution(u32),
}

/// Loads the residence card's layout and its fonts from the first folder that has each.
///
/// # Errors
/// [`Error`]; a font that no folder has is `Layout(FontMissing)`.
pub fn load(font_folders: &[PathBuf], dpi: u32) -> Result<Kit, Error> {
    load_for(Product::ResidenceCard1, font_folders, dpi)
}

/// The same for another thing that is printed.
///
/// # Errors
/// As [`load`].
pub fn load_for(product: Product, font_folders: &[PathBuf], dpi: u32) -> Result<Kit, Error> {
    let dpi = Dpi::from_number(dpi).ok_or(Error::Resolution(dpi))?;
    let layout = Layout::builtin(product)?;
    let mut given = Vec::new();
    for font in &layout.fonts {
        let found = font_folders
            .iter()
            .map(|folder| folder.join(&font.file))
            .find(|p| p.is_file());
        if let Some(path) = found {
            // Kept as read, never copied: the largest font has 46 MB.
            let bytes = std::fs::read(&path).map_err(|cause| Error::File { path, cause })?;
            given.push((font.name.clone(), Arc::new(bytes)));
        }
    }
    let fonts = Fonts::new(&layout, given)?;
    Ok(Kit { layout, fonts, dpi })
}

/// Writes the blank's pre-print as `front.png` and `back.png` (upright, cut to the
/// card), for the simulated printer.
///
/// # Errors
/// [`Error`].
pub fn export_preprint(kit: &Kit, folder: &Path) -> Result<(), Error> {
    for (side, name) in [(Side::Front, "front.png"), (Side::Back, "back.png")] {
        let path = folder.join(name);
        let art = layouts::blank_art(&kit.layout, &kit.fonts, side, kit.dpi)?;
        let written = art.save(&path).map_err(std::io::Error::other);
        written.map_err(|cause| Error::File { path, cause })?;
    }
    Ok(())
}
