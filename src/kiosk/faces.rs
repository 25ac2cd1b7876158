//! The pictures of a card, as a browser takes them. In memory only, wiped when dropped.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _};
use zeroize::Zeroizing;

use crate::station::request::{Picture, Sighted};

/// The pictures of a card, as PNG.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Faces {
    /// The front.
    pub(super) front: Zeroizing<Vec<u8>>,
    /// The back.
    pub(super) back: Zeroizing<Vec<u8>>,
    /// The photo as it is printed; none on a card without one.
    pub(super) photo: Option<Zeroizing<Vec<u8>>>,
}

impl Faces {
    /// One of them by its name in addresses.
    pub(super) fn of(&self, name: &str) -> Option<&[u8]> {
        match name {
            "front" => Some(&self.front),
            "back" => Some(&self.back),
            "photo" => self.photo.as_ref().map(|photo| photo.as_slice()),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Faces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Faces(…)")
    }
}

/// The pictures in an old card's chip, as PNG; none of what it does not hold.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct OldFaces {
    /// The front.
    pub(super) front: Option<Zeroizing<Vec<u8>>>,
    /// The photo.
    pub(super) photo: Option<Zeroizing<Vec<u8>>>,
}

impl OldFaces {
    /// Of a card that was sighted.
    pub(super) fn of(sighted: &Sighted) -> OldFaces {
        OldFaces {
            front: sighted.front.as_ref().map(png),
            photo: sighted.photo.as_ref().map(png),
        }
    }

    /// One of them by its name in addresses.
    pub(super) fn of_side(&self, name: &str) -> Option<&[u8]> {
        let picture = match name {
            "old-front" => &self.front,
            "old-photo" => &self.photo,
            _ => return None,
        };
        picture.as_ref().map(|picture| picture.as_slice())
    }
}

impl std::fmt::Debug for OldFaces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OldFaces(…)")
    }
}

/// A picture as PNG; empty when it is none (no dots).
pub(super) fn png(picture: &Picture) -> Zeroizing<Vec<u8>> {
    // Room for the worst case, so that the bytes never move and leave a copy behind.
    let mut out = Zeroizing::new(Vec::with_capacity(picture.rgb.len() + 64 * 1024));
    let encoder =
        PngEncoder::new_with_quality(&mut *out, CompressionType::Fast, FilterType::Adaptive);
    let written = encoder.write_image(
        &picture.rgb,
        picture.width,
        picture.height,
        ExtendedColorType::Rgb8,
    );
    if written.is_err() {
        out.clear();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_comes_back_dot_by_dot() {
        let picture = Picture {
            width: 2,
            height: 1,
            rgb: Zeroizing::new(vec![1, 2, 3, 250, 251, 252]),
        };
        let read = image::load_from_memory(&png(&picture))
            .expect("a PNG")
            .into_rgb8();
        assert_eq!(
            (read.dimensions(), read.into_raw()),
            ((2, 1), picture.rgb.to_vec())
        );
    }
}
