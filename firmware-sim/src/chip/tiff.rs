//! Just enough of TIFF to change a few pixels of a one-strip G4 image in place. Pure; it must not
//! know where the image comes from.

use fax::{Color, VecWriter, decoder, encoder};

const BLOCK_WIDTH: usize = 12;
const BLOCK_HEIGHT: usize = 18;

const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const COMPRESSION: u16 = 259;
const STRIP_OFFSETS: u16 = 273;
const STRIP_BYTE_COUNTS: u16 = 279;
const GROUP_4: usize = 4;

/// The same NUL-padded file, one block of pixels inverted at the first mark in the image.
/// `None` when it is no one-strip G4 image, or when the change does not fit.
pub(super) fn with_a_block_inverted(file: &[u8]) -> Option<Vec<u8>> {
    let directory = Directory::read(file)?;
    let (width, height) = (directory.get(WIDTH)?.value, directory.get(HEIGHT)?.value);
    let (at, count) = (
        directory.get(STRIP_OFFSETS)?.value,
        directory.get(STRIP_BYTE_COUNTS)?,
    );
    if directory.get(COMPRESSION)?.value != GROUP_4 || width == 0 || width.max(height) > 4096 {
        return None;
    }
    let strip = file.get(at..at.checked_add(count.value)?)?;
    let mut rows = decode(strip, width, height)?;
    invert_block(&mut rows)?;
    let strip = encode(&rows, width)?;
    let behind = file.get(at + count.value..)?;
    let last = behind.iter().all(|&byte| byte == 0);
    if strip.len() > count.value && !last || at + strip.len() > file.len() {
        return None;
    }
    let mut changed = file.to_vec();
    changed[at..at + count.value].fill(0);
    changed[at..at + strip.len()].copy_from_slice(&strip);
    directory.set(&mut changed, count, strip.len())?;
    Some(changed)
}

/// One entry that holds a single number.
#[derive(Clone, Copy)]
struct Entry {
    tag: u16,
    value: usize,
    /// Where the number stands in the file, and in how many bytes.
    place: usize,
    bytes: usize,
}

struct Directory {
    big_endian: bool,
    entries: Vec<Entry>,
}

impl Directory {
    fn read(file: &[u8]) -> Option<Directory> {
        let big_endian = match file.get(..4)? {
            b"II*\0" => false,
            b"MM\0*" => true,
            _ => return None,
        };
        let number = |at: usize, bytes: usize| -> Option<usize> {
            let field = file.get(at..at.checked_add(bytes)?)?;
            let fold = |sum: usize, byte: &u8| sum << 8 | usize::from(*byte);
            Some(if big_endian {
                field.iter().fold(0, fold)
            } else {
                field.iter().rev().fold(0, fold)
            })
        };
        let start = number(4, 4)?;
        let mut entries = Vec::new();
        for at in (0..number(start, 2)?).map(|i| start + 2 + 12 * i) {
            // Types 3 and 4: short and long; others hold nothing that matters here.
            let bytes = match (number(at + 2, 2)?, number(at + 4, 4)?) {
                (3, 1) => 2,
                (4, 1) => 4,
                _ => continue,
            };
            let tag = u16::try_from(number(at, 2)?).ok()?;
            entries.push(Entry {
                tag,
                value: number(at + 8, bytes)?,
                place: at + 8,
                bytes,
            });
        }
        Some(Directory {
            big_endian,
            entries,
        })
    }

    fn get(&self, tag: u16) -> Option<Entry> {
        self.entries.iter().find(|entry| entry.tag == tag).copied()
    }

    fn set(&self, file: &mut [u8], entry: Entry, value: usize) -> Option<()> {
        let value = u32::try_from(value).ok()?;
        let field = file.get_mut(entry.place..entry.place + entry.bytes)?;
        if self.big_endian {
            field.copy_from_slice(&value.to_be_bytes()[4 - entry.bytes..]);
        } else {
            field.copy_from_slice(&value.to_le_bytes()[..entry.bytes]);
        }
        Some(())
    }
}

fn decode(strip: &[u8], width: usize, height: usize) -> Option<Vec<Vec<Color>>> {
    let columns = u32::try_from(width).ok()?;
    let mut rows = Vec::with_capacity(height);
    decoder::decode_g4(
        strip.iter().copied(),
        columns,
        Some(u32::try_from(height).ok()?),
        |line| {
            rows.push(decoder::pels(line, columns).collect());
        },
    )?;
    Some(rows)
}

fn encode(rows: &[Vec<Color>], width: usize) -> Option<Vec<u8>> {
    let mut encoder = encoder::Encoder::new(VecWriter::new());
    for row in rows {
        encoder
            .encode_line(row.iter().copied(), u32::try_from(width).ok()?)
            .ok()?;
    }
    let mut writer: VecWriter = encoder.finish().ok()?;
    writer.pad();
    Some(writer.finish())
}

/// Inverts the block whose corner is the first pixel of the rarer colour: a glyph's, not the ground's.
fn invert_block(rows: &mut [Vec<Color>]) -> Option<()> {
    let black = rows
        .iter()
        .flatten()
        .filter(|&&pel| pel == Color::Black)
        .count();
    let all: usize = rows.iter().map(Vec::len).sum();
    let ink = if black * 2 > all {
        Color::White
    } else {
        Color::Black
    };
    let mut marks = rows.iter().enumerate();
    let (y, x) = marks.find_map(|(y, row)| Some((y, row.iter().position(|&pel| pel == ink)?)))?;
    for row in rows.iter_mut().skip(y).take(BLOCK_HEIGHT) {
        row.iter_mut()
            .skip(x)
            .take(BLOCK_WIDTH)
            .for_each(|pel| *pel = !*pel);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Vec<Vec<Color>> {
        let ink = |x: usize, y: usize| (100..140).contains(&x) && (50..60).contains(&y);
        let pel = |x, y| {
            if ink(x, y) {
                Color::Black
            } else {
                Color::White
            }
        };
        (0..425)
            .map(|y| (0..674).map(|x| pel(x, y)).collect())
            .collect()
    }

    fn file() -> Vec<u8> {
        let mut file = fax::tiff::wrap(&encode(&picture(), 674).unwrap(), 674, 425);
        file.resize(7000, 0);
        file
    }

    #[test]
    fn exactly_one_block_of_pixels_changes() {
        let changed = with_a_block_inverted(&file()).unwrap();
        assert_eq!(changed.len(), 7000);
        let directory = Directory::read(&changed).unwrap();
        let value = |tag| directory.get(tag).unwrap().value;
        let at = value(STRIP_OFFSETS);
        let strip = &changed[at..at + value(STRIP_BYTE_COUNTS)];
        let rows = decode(strip, 674, 425).unwrap();
        let differing = rows
            .iter()
            .flatten()
            .zip(picture().into_iter().flatten())
            .filter(|(a, b)| **a != *b);
        assert_eq!(differing.count(), BLOCK_WIDTH * BLOCK_HEIGHT);
    }

    #[test]
    fn what_is_no_such_image_is_left_alone() {
        assert!(with_a_block_inverted(&[0; 7000]).is_none());
        assert!(with_a_block_inverted(b"II*\0\xff\xff\xff\xff").is_none());
        let mut cut = file();
        cut.truncate(180);
        assert!(with_a_block_inverted(&cut).is_none());
    }
}
