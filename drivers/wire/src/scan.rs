//! What the line scanner saw, packed for the line and cut into chunks. Knows
//! what a scan looks like, not what it should show.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use crate::bytes::{Malformed, Reader, Writer};

/// Dots along the card's long edge in an infrared scan.
pub const IR_WIDTH: usize = 674;
/// Dots along the card's short edge in an infrared scan.
pub const IR_HEIGHT: usize = 425;
/// Bytes of one infrared scan: rows padded to whole bytes.
pub const IR_BYTES: usize = IR_WIDTH.div_ceil(8) * IR_HEIGHT;
/// Bytes of packed scan in each chunk but the last.
pub const CHUNK: usize = 1000;
/// The most that a packed scan may claim to be, bytes.
pub const MAX_PACKED: usize = 256 * 1024;
/// The most pixels a grey box may have on each edge.
const MAX_EDGE: u16 = 400;
/// Compression level of the packed scan.
const LEVEL: i32 = 3;
const MAX_PLAIN: usize = 16 + 2 * IR_BYTES + MAX_EDGE as usize * MAX_EDGE as usize;

/// A box on the upright front face, hundredths of a millimetre from the card's
/// top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoxMm100 {
    /// Left edge.
    pub x_mm100: u16,
    /// Top edge.
    pub y_mm100: u16,
    /// Width.
    pub w_mm100: u16,
    /// Height.
    pub h_mm100: u16,
}

impl BoxMm100 {
    /// The box's size in pixels of 100 dpi, rounded to the nearest.
    pub fn pixels(&self) -> (u16, u16) {
        let px = |mm100: u16| ((u32::from(mm100) * 100 + 1270) / 2540) as u16;
        (px(self.w_mm100), px(self.h_mm100))
    }

    pub(crate) fn write(&self, to: &mut Writer) {
        to.u16(self.x_mm100)
            .u16(self.y_mm100)
            .u16(self.w_mm100)
            .u16(self.h_mm100);
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Result<BoxMm100, Malformed> {
        Ok(BoxMm100 {
            x_mm100: from.u16()?,
            y_mm100: from.u16()?,
            w_mm100: from.u16()?,
            h_mm100: from.u16()?,
        })
    }
}

/// A box of the front in 8-bit grey at 100 dpi, rows from the top, 0 = black.
#[derive(Clone, PartialEq, Eq)]
pub struct GreyBox {
    /// Left edge as asked for, hundredths of a millimetre.
    pub x_mm100: u16,
    /// Top edge as asked for, hundredths of a millimetre.
    pub y_mm100: u16,
    /// Pixels a row.
    pub w_px: u16,
    /// Rows.
    pub h_px: u16,
    /// `w_px` × `h_px` bytes.
    pub pixels: Vec<u8>,
}

impl fmt::Debug for GreyBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "grey {}x{}", self.w_px, self.h_px)
    }
}

impl Drop for GreyBox {
    fn drop(&mut self) {
        self.pixels.zeroize();
    }
}

/// One scan of the card in the check station. Wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Scan {
    /// What the scanner saw on its own white strip, 255 = clean.
    pub white: u8,
    /// Front in near infrared, upright, 674 × 425, 1 bit, 1 = ink ([`IR_BYTES`]).
    pub front_ir: Vec<u8>,
    /// Back in near infrared, alike.
    pub back_ir: Vec<u8>,
    /// The box that was asked for.
    pub photo: Option<GreyBox>,
}

impl Drop for Scan {
    fn drop(&mut self) {
        self.front_ir.zeroize();
        self.back_ir.zeroize();
    }
}

impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scan white {} photo {:?}", self.white, self.photo)
    }
}

impl Scan {
    /// The scan's bytes for the line, compressed.
    ///
    /// # Errors  `Value` when a face or the box is not of its size; `Compressed`.
    pub fn pack(&self) -> Result<Zeroizing<Vec<u8>>, Malformed> {
        for (field, face) in [("front", &self.front_ir), ("back", &self.back_ir)] {
            if face.len() != IR_BYTES {
                return Err(Malformed::Value {
                    field,
                    value: face.len() as u64,
                });
            }
        }
        let mut to = Writer::with_room(MAX_PLAIN);
        to.u8(self.white)
            .raw(&self.front_ir)
            .raw(&self.back_ir)
            .flag(self.photo.is_some());
        if let Some(GreyBox {
            x_mm100,
            y_mm100,
            w_px,
            h_px,
            pixels,
        }) = &self.photo
        {
            let count = usize::from(*w_px) * usize::from(*h_px);
            if pixels.len() != count || *w_px > MAX_EDGE || *h_px > MAX_EDGE {
                return Err(Malformed::Value {
                    field: "photo",
                    value: pixels.len() as u64,
                });
            }
            to.u16(*x_mm100)
                .u16(*y_mm100)
                .u16(*w_px)
                .u16(*h_px)
                .raw(pixels);
        }
        let plain = Zeroizing::new(to.finish());
        let packed = zstd::bulk::compress(&plain, LEVEL).map_err(|_| Malformed::Compressed)?;
        Ok(Zeroizing::new(packed))
    }

    /// # Errors  Whatever the form of the bytes breaks.
    pub fn unpack(packed: &[u8]) -> Result<Scan, Malformed> {
        let plain = zstd::bulk::decompress(packed, MAX_PLAIN).map_err(|_| Malformed::Compressed)?;
        let plain = Zeroizing::new(plain);
        let mut from = Reader::new(&plain);
        let white = from.u8()?;
        let front_ir = from.raw(IR_BYTES)?.to_vec();
        let back_ir = from.raw(IR_BYTES)?.to_vec();
        let photo = from
            .flag("photo present")?
            .then(|| read_grey(&mut from))
            .transpose()?;
        from.end()?;
        Ok(Scan {
            white,
            front_ir,
            back_ir,
            photo,
        })
    }
}

fn read_grey(from: &mut Reader<'_>) -> Result<GreyBox, Malformed> {
    let (x_mm100, y_mm100) = (from.u16()?, from.u16()?);
    let (w_px, h_px) = (from.u16()?, from.u16()?);
    let pixels = from.raw(usize::from(w_px) * usize::from(h_px))?.to_vec();
    Ok(GreyBox {
        x_mm100,
        y_mm100,
        w_px,
        h_px,
        pixels,
    })
}

/// Puts a packed scan together again from its chunks, in whatever order.
pub struct Collector {
    scan: u32,
    bytes: usize,
    crc: u32,
    chunks: Vec<Option<Zeroizing<Vec<u8>>>>,
}

impl Collector {
    /// # Errors  `Value` when the scan claims more than [`MAX_PACKED`].
    pub fn new(scan: u32, bytes: u32, crc: u32) -> Result<Collector, Malformed> {
        let bytes = bytes as usize;
        if bytes > MAX_PACKED {
            return Err(Malformed::Value {
                field: "scan bytes",
                value: bytes as u64,
            });
        }
        Ok(Collector {
            scan,
            bytes,
            crc,
            chunks: vec![None; bytes.div_ceil(CHUNK)],
        })
    }

    /// Takes one chunk; what does not belong here is ignored.
    pub fn take(&mut self, scan: u32, chunk: u16, bytes: &[u8]) {
        let at = usize::from(chunk);
        let due = self.bytes.saturating_sub(at * CHUNK).min(CHUNK);
        let slot = self
            .chunks
            .get_mut(at)
            .filter(|_| scan == self.scan && bytes.len() == due);
        if let Some(slot) = slot {
            *slot = Some(Zeroizing::new(bytes.to_vec()));
        }
    }

    /// The first run of missing chunks: where it begins and how many; `None` when whole.
    pub fn missing(&self) -> Option<(u16, u16)> {
        let first = self.chunks.iter().position(Option::is_none)?;
        let run = self.chunks[first..]
            .iter()
            .take_while(|chunk| chunk.is_none())
            .count();
        Some((first as u16, run as u16))
    }

    /// The scan, when every chunk is there.
    ///
    /// # Errors  `Short` when one is missing; `Compressed` when the CRC-32 or the content is wrong.
    pub fn finish(&self) -> Result<Scan, Malformed> {
        let parts = self
            .chunks
            .iter()
            .map(|chunk| chunk.as_ref().map(|part| part.as_slice()));
        let parts: Option<Vec<&[u8]>> = parts.collect();
        let packed = Zeroizing::new(parts.ok_or(Malformed::Short)?.concat());
        if crc32fast::hash(&packed) != self.crc {
            return Err(Malformed::Compressed);
        }
        Scan::unpack(&packed)
    }
}

/// The CRC-32 of a packed scan, as its announcement carries it.
pub fn crc(packed: &[u8]) -> u32 {
    crc32fast::hash(packed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scan() -> Scan {
        let face = |step: usize| (0..IR_BYTES).map(|at| (at / step % 251) as u8).collect();
        let photo = GreyBox {
            x_mm100: 6000,
            y_mm100: 1200,
            w_px: 3,
            h_px: 2,
            pixels: vec![9; 6],
        };
        Scan {
            white: 250,
            front_ir: face(3),
            back_ir: face(7),
            photo: Some(photo),
        }
    }

    #[test]
    fn a_scan_survives_chunks_in_any_order_and_twice() {
        let packed = scan().pack().unwrap();
        let mut collector = Collector::new(7, packed.len() as u32, crc(&packed)).unwrap();
        let chunks: Vec<_> = packed.chunks(CHUNK).enumerate().collect();
        assert_eq!(collector.missing(), Some((0, chunks.len() as u16)));
        for (at, bytes) in chunks.iter().rev().chain(&chunks) {
            collector.take(6, *at as u16, &[]);
            collector.take(7, *at as u16, bytes);
        }
        assert_eq!(collector.missing(), None);
        assert_eq!(collector.finish().unwrap(), scan());
    }

    #[test]
    fn a_claim_beyond_measure_is_refused() {
        assert!(Collector::new(1, u32::MAX, 0).is_err());
    }

    #[test]
    fn a_photo_box_has_its_pixels_at_100_dpi() {
        let photo = BoxMm100 {
            x_mm100: 0,
            y_mm100: 0,
            w_mm100: 2540,
            h_mm100: 3175,
        };
        assert_eq!(photo.pixels(), (100, 125));
    }

    proptest! {
        #[test]
        fn unpacking_survives_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = Scan::unpack(&bytes);
        }
    }
}
