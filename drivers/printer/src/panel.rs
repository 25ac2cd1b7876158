//! Panels made ready for the line: digest taken, bands encoded. Done on the
//! caller's thread, so that the line's thread only cuts and sends.

use std::fmt;

use ring::digest::{SHA256, digest};
use wire::raster::{Digest, Entry, Shape, encode_band};
use wire::{Malformed, Panel};
use zeroize::{Zeroize, Zeroizing};

/// One panel's raster: rows from the left edge of the upright face, dots from
/// its top; dyes 8 bits a dot, inks 1 bit, most significant bit first.
#[derive(Clone)]
pub struct PanelRaster {
    /// Which ribbon panel burns it.
    pub panel: Panel,
    /// Rows.
    pub rows: u16,
    /// Dots of a row.
    pub dots: u16,
    /// Bits of a dot.
    pub bits: u8,
    /// The rows, each padded to whole bytes.
    pub packed: Vec<u8>,
}

impl fmt::Debug for PanelRaster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PanelRaster {
            panel,
            rows,
            dots,
            bits,
            packed: _,
        } = self;
        write!(f, "{panel:?} {rows}x{dots}x{bits}")
    }
}

impl Drop for PanelRaster {
    fn drop(&mut self) {
        self.packed.zeroize();
    }
}

/// A panel as its bands travel. Wiped when dropped.
pub struct Encoded {
    pub(crate) entry: Entry,
    pub(crate) bands: Vec<Zeroizing<Vec<u8>>>,
}

impl Encoded {
    /// Takes the panel's digest and encodes its bands.
    ///
    /// # Errors  `Value` when the bytes are not of the shape; `Compressed`.
    pub fn of(raster: &PanelRaster) -> Result<Encoded, Malformed> {
        let shape = Shape::new(raster.rows, raster.dots, raster.bits)?;
        if raster.packed.len() != shape.bytes() {
            let value = raster.packed.len() as u64;
            return Err(Malformed::Value {
                field: "packed rows",
                value,
            });
        }
        let bands = (0..shape.bands())
            .map(|band| encode_band(&shape, &raster.packed, band))
            .collect::<Result<_, _>>()?;
        let entry = Entry {
            panel: raster.panel,
            shape,
            digest: sha256(&raster.packed),
        };
        Ok(Encoded { entry, bands })
    }
}

impl Encoded {
    /// Bytes of its bands, frames not counted.
    pub fn weight(&self) -> usize {
        self.bands.iter().map(|band| band.len()).sum()
    }
}

/// SHA-256 as raster digests use it.
pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    Digest(out)
}
