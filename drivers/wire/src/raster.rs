//! Raster on the line: a panel cut into bands, each predicted, compressed and
//! sent in fragments of one frame; put together again in any order (PROTOCOL.md
//! §6). Content-addressed: knows panels by digest, computes none.

mod assembly;

use std::fmt;

pub use assembly::{Assembly, Taken};
use zeroize::{Zeroize, Zeroizing};

use crate::bytes::{Malformed, Reader, Writer};
use crate::motion::Panel;

/// Rows of each band but the last.
pub const BAND_ROWS: u16 = 32;
/// Bytes of an encoded band in each fragment but the last.
pub const FRAGMENT: usize = 1008;
/// Compression level of bands: the smallest at this speed of those measured.
const LEVEL: i32 = 3;
/// The greatest edge of a panel, dots or rows.
const MAX_EDGE: u16 = 4096;

/// SHA-256 over a panel's packed rows.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest's first eight bytes, which stand for the panel in each fragment.
    pub fn key(&self) -> PanelKey {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        PanelKey([a, b, c, d, e, f, g, h])
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}…", self.key())
    }
}

/// A panel's name in fragments: the first eight bytes of its digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PanelKey(pub [u8; 8]);

impl fmt::Debug for PanelKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

/// A panel's geometry: rows from the left edge of the upright face, dots from its top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    rows: u16,
    dots: u16,
    bits: u8,
}

impl Shape {
    /// # Errors  `Value`: no edge is 0 or above 4,096; a dot has 1 or 8 bits.
    pub fn new(rows: u16, dots: u16, bits: u8) -> Result<Shape, Malformed> {
        for (field, edge) in [("rows", rows), ("dots", dots)] {
            if !(1..=MAX_EDGE).contains(&edge) {
                return Err(Malformed::Value {
                    field,
                    value: edge.into(),
                });
            }
        }
        match bits {
            1 | 8 => Ok(Shape { rows, dots, bits }),
            bits => Err(Malformed::Value {
                field: "bits",
                value: bits.into(),
            }),
        }
    }

    /// Rows of the panel.
    pub fn rows(&self) -> u16 {
        self.rows
    }

    /// Dots of a row.
    pub fn dots(&self) -> u16 {
        self.dots
    }

    /// Bits of a dot.
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// Bytes of a packed row.
    pub fn row_bytes(&self) -> usize {
        (usize::from(self.dots) * usize::from(self.bits)).div_ceil(8)
    }

    /// Bytes of all packed rows.
    pub fn bytes(&self) -> usize {
        self.row_bytes() * usize::from(self.rows)
    }

    /// How many bands the panel is cut into.
    pub fn bands(&self) -> u16 {
        self.rows.div_ceil(BAND_ROWS)
    }

    /// Where a band lies in the packed rows; `None` beyond the last.
    pub fn band_range(&self, band: u16) -> Option<std::ops::Range<usize>> {
        let first = usize::from(band) * usize::from(BAND_ROWS);
        let rows = usize::from(self.rows);
        let end = (first + usize::from(BAND_ROWS)).min(rows);
        (first < rows).then(|| first * self.row_bytes()..end * self.row_bytes())
    }
}

/// One panel of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Which ribbon panel burns it.
    pub panel: Panel,
    /// Its geometry.
    pub shape: Shape,
    /// The digest of its packed rows.
    pub digest: Digest,
}

impl Entry {
    pub(crate) fn write(&self, to: &mut Writer) {
        self.panel.write(to);
        to.u16(self.shape.rows)
            .u16(self.shape.dots)
            .u8(self.shape.bits)
            .raw(&self.digest.0);
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Result<Entry, Malformed> {
        Ok(Entry {
            panel: Panel::read(from)?,
            shape: Shape::new(from.u16()?, from.u16()?, from.u8()?)?,
            digest: Digest(from.array()?),
        })
    }
}

/// A piece of an encoded band, one frame long. Wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Fragment {
    /// The panel.
    pub key: PanelKey,
    /// The band, from 0.
    pub band: u16,
    /// Which fragment of the band, from 0.
    pub index: u8,
    /// How many fragments the band has.
    pub of: u8,
    /// CRC-32 over the whole encoded band.
    pub crc: u32,
    /// At most [`FRAGMENT`] bytes of it.
    pub bytes: Vec<u8>,
}

impl Drop for Fragment {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Debug for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fragment {
            key,
            band,
            index,
            of,
            crc: _,
            bytes,
        } = self;
        write!(f, "{key:?} band {band} {index}/{of} bytes[{}]", bytes.len())
    }
}

impl Fragment {
    pub(crate) fn write(&self, to: &mut Writer) {
        to.raw(&self.key.0)
            .u16(self.band)
            .u8(self.index)
            .u8(self.of)
            .u32(self.crc);
        to.raw(&self.bytes);
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Result<Fragment, Malformed> {
        let fragment = Fragment {
            key: PanelKey(from.array()?),
            band: from.u16()?,
            index: from.u8()?,
            of: from.u8()?,
            crc: from.u32()?,
            bytes: from.rest().to_vec(),
        };
        if fragment.index >= fragment.of {
            return Err(Malformed::Value {
                field: "fragment",
                value: fragment.index.into(),
            });
        }
        match fragment.bytes.len() {
            1..=FRAGMENT => Ok(fragment),
            count => Err(Malformed::Value {
                field: "fragment bytes",
                value: count as u64,
            }),
        }
    }
}

/// Encodes one band: a predictor byte, then a zstd frame. `packed` is the whole panel.
///
/// # Errors  `Value` when the band or the panel's length is not the shape's; `Compressed`.
pub fn encode_band(
    shape: &Shape,
    packed: &[u8],
    band: u16,
) -> Result<Zeroizing<Vec<u8>>, Malformed> {
    let range = shape.band_range(band);
    let rows = range
        .and_then(|range| packed.get(range))
        .ok_or(Malformed::Value {
            field: "band",
            value: band.into(),
        })?;
    let (predictor, predicted) = match shape.bits {
        8 => (1, subtract_left(rows, shape.row_bytes())),
        _ => (0, rows.to_vec()),
    };
    let predicted = Zeroizing::new(predicted);
    let frame = zstd::bulk::compress(&predicted, LEVEL).map_err(|_| Malformed::Compressed)?;
    let frame = Zeroizing::new(frame);
    let mut encoded = Zeroizing::new(Vec::with_capacity(frame.len() + 1));
    encoded.push(predictor);
    encoded.extend_from_slice(&frame);
    Ok(encoded)
}

/// Decodes one band into exactly `bytes` bytes of packed rows.
///
/// # Errors  `Value` for an unknown predictor; `Compressed`; `Short`.
pub fn decode_band(
    shape: &Shape,
    encoded: &[u8],
    bytes: usize,
) -> Result<Zeroizing<Vec<u8>>, Malformed> {
    let (predictor, frame) = encoded.split_first().ok_or(Malformed::Short)?;
    let rows = zstd::bulk::decompress(frame, bytes).map_err(|_| Malformed::Compressed)?;
    let mut rows = Zeroizing::new(rows);
    if rows.len() != bytes {
        return Err(Malformed::Short);
    }
    match predictor {
        0 => {}
        1 => add_left(&mut rows, shape.row_bytes()),
        other => {
            return Err(Malformed::Value {
                field: "predictor",
                value: (*other).into(),
            });
        }
    }
    Ok(rows)
}

fn subtract_left(rows: &[u8], row_bytes: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(rows.len());
    for row in rows.chunks(row_bytes) {
        let mut left = 0u8;
        for byte in row {
            out.push(byte.wrapping_sub(left));
            left = *byte;
        }
    }
    out
}

fn add_left(rows: &mut [u8], row_bytes: usize) {
    for row in rows.chunks_mut(row_bytes) {
        let mut left = 0u8;
        for byte in row {
            *byte = byte.wrapping_add(left);
            left = *byte;
        }
    }
}

/// Cuts an encoded band into its fragments.
pub fn fragments(key: PanelKey, band: u16, encoded: &[u8]) -> impl Iterator<Item = Fragment> {
    let crc = crc32fast::hash(encoded);
    let of = encoded.len().div_ceil(FRAGMENT) as u8;
    encoded
        .chunks(FRAGMENT)
        .enumerate()
        .map(move |(index, bytes)| Fragment {
            key,
            band,
            index: index as u8,
            of,
            crc,
            bytes: bytes.to_vec(),
        })
}

/// A set of bands: one bit each, band 0 in the most significant bit of byte 0.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BandMap {
    bands: u16,
    bits: Vec<u8>,
}

impl BandMap {
    /// An empty set among so many bands.
    pub fn new(bands: u16) -> BandMap {
        BandMap {
            bands,
            bits: vec![0; usize::from(bands).div_ceil(8)],
        }
    }

    /// How many bands there could be.
    pub fn bands(&self) -> u16 {
        self.bands
    }

    /// Whether the band is in the set.
    pub fn has(&self, band: u16) -> bool {
        let byte = self.bits.get(usize::from(band / 8)).copied().unwrap_or(0);
        band < self.bands && byte >> (7 - band % 8) & 1 == 1
    }

    /// Puts a band into the set; one beyond the last is ignored.
    pub fn set(&mut self, band: u16) {
        if band < self.bands {
            self.bits[usize::from(band / 8)] |= 0x80 >> (band % 8);
        }
    }

    /// Takes every band out of the set.
    pub fn clear(&mut self) {
        self.bits.fill(0);
    }

    /// How many bands are not in the set.
    pub fn missing(&self) -> u16 {
        (0..self.bands).filter(|band| !self.has(*band)).count() as u16
    }

    pub(crate) fn write(&self, to: &mut Writer) {
        to.u16(self.bands).raw(&self.bits);
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Result<BandMap, Malformed> {
        let bands = from.u16()?;
        let bits = from.raw(usize::from(bands).div_ceil(8))?.to_vec();
        let map = BandMap { bands, bits };
        let padding = match (bands % 8, map.bits.last()) {
            (0, _) | (_, None) => 0,
            (used, Some(last)) => last & (0xFF >> used),
        };
        match padding {
            0 => Ok(map),
            value => Err(Malformed::Value {
                field: "band map padding",
                value: value.into(),
            }),
        }
    }
}
