//! The two images that a chip holds. Knows pixels and file formats, no card.

pub mod jpeg2000;
pub mod mmr;

/// Why an image could not be made or understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// The caller's pixels do not have the size that was named.
    #[error("{bytes} bytes do not make an image of {width} × {height}")]
    Shape {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Bytes that came.
        bytes: usize,
    },
    /// The image cannot be made small enough for the chip.
    #[error("the image needs {bytes} bytes, the chip has room for {limit}")]
    TooLarge {
        /// Smallest size that was reached, bytes.
        bytes: usize,
        /// Room on the chip, bytes.
        limit: usize,
    },
    /// The encoder gave up.
    #[error("the JPEG 2000 encoder failed")]
    Encoder,
    /// What a card holds is not an image of the kind that the card specification names.
    #[error("not {expected}")]
    Unreadable {
        /// What was expected.
        expected: &'static str,
    },
}
