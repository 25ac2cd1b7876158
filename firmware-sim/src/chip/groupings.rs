//! The stream of data groupings that personalisation sends: tag, length, value, cut anywhere into
//! blocks (GlobalPlatform STORE DATA, DGI format). Pure; says what goes where, and stores nothing.

use super::apdu::Sw;
use super::files::{self, FileSpec};

/// Tag of the grouping that carries the card number, always under the data encryption key.
pub(super) const NUMBER: u16 = 0x8001;

/// Part of a value to be put at `offset` of a file.
pub(super) struct Part {
    pub(super) spec: &'static FileSpec,
    pub(super) offset: usize,
    pub(super) bytes: Vec<u8>,
}

/// Where in the stream the card is; forgotten with the power.
#[derive(Default)]
pub(super) struct Stream {
    next_block: u16,
    /// Bytes of a grouping's tag and length that came so far.
    head: Vec<u8>,
    open: Option<(&'static FileSpec, usize)>,
}

impl Stream {
    /// Checks the block number against the one that must come.
    pub(super) fn number(&mut self, block: u8) -> Result<(), Sw> {
        if u16::from(block) != self.next_block {
            return Err(Sw::PARAMETERS);
        }
        self.next_block += 1;
        Ok(())
    }

    /// Takes one block's bytes and tells which parts of files they are.
    pub(super) fn feed(&mut self, mut block: &[u8]) -> Result<Vec<Part>, Sw> {
        let mut parts = Vec::new();
        while let Some((&first, rest)) = block.split_first() {
            match self.open.take() {
                Some((spec, offset)) => {
                    let (now, later) = block.split_at(block.len().min(spec.bytes - offset));
                    parts.push(Part {
                        spec,
                        offset,
                        bytes: now.to_vec(),
                    });
                    let end = offset + now.len();
                    self.open = (end < spec.bytes).then_some((spec, end));
                    block = later;
                }
                None => {
                    self.head.push(first);
                    self.open = self.opened()?;
                    block = rest;
                }
            }
        }
        Ok(parts)
    }

    /// Whether the stream may end here.
    pub(super) fn at_rest(&self) -> bool {
        self.open.is_none() && self.head.is_empty()
    }

    /// The file that the head names, once the head is whole.
    fn opened(&mut self) -> Result<Option<(&'static FileSpec, usize)>, Sw> {
        let (high, low, length) = match *self.head.as_slice() {
            [high, low, 0xFF, l1, l0] => (high, low, usize::from(u16::from_be_bytes([l1, l0]))),
            [high, low, length] if length != 0xFF => (high, low, usize::from(length)),
            [..] => return Ok(None),
        };
        self.head.clear();
        let spec = files::by_grouping(u16::from_be_bytes([high, low])).ok_or(Sw::REFERENCE)?;
        if length == spec.bytes {
            Ok(Some((spec, 0)))
        } else {
            Err(Sw::DATA)
        }
    }
}

/// The value of a block that holds the number's grouping and nothing else.
pub(super) fn number(block: &[u8]) -> Result<[u8; 16], Sw> {
    match block {
        [high, low, 0x10, value @ ..] if u16::from_be_bytes([*high, *low]) == NUMBER => {
            value.try_into().map_err(|_| Sw::DATA)
        }
        [..] => Err(Sw::DATA),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Vec<u8> {
        let mut bytes = vec![0x00, 0x0B, 6, 0xC0, 4, b'0', b'0', b'0', b'1'];
        bytes.extend_from_slice(&[0x02, 0x01, 0xFF, 0x01, 0x56]);
        bytes.extend((0..342).map(|i| i as u8));
        bytes
    }

    #[test]
    fn values_arrive_whole_however_the_blocks_are_cut() {
        for size in [1, 2, 3, 7, 239, 1000] {
            let mut files = [vec![0; 6], vec![0; 342]];
            let mut taking = Stream::default();
            for block in stream().chunks(size) {
                for part in taking.feed(block).unwrap_or_else(|sw| panic!("{sw:?}")) {
                    let file = &mut files[usize::from(part.spec.bytes == 342)];
                    file[part.offset..part.offset + part.bytes.len()].copy_from_slice(&part.bytes);
                }
            }
            assert!(taking.at_rest());
            assert_eq!(files[0], stream()[3..9], "blocks of {size}");
            assert_eq!(files[1], stream()[14..], "blocks of {size}");
        }
    }

    #[test]
    fn an_unknown_tag_and_a_wrong_length_are_refused() {
        assert_eq!(
            Stream::default().feed(&[0x7F, 0x7F, 1, 0]).err(),
            Some(Sw::REFERENCE)
        );
        assert_eq!(
            Stream::default().feed(&[0x00, 0x0B, 5, 0]).err(),
            Some(Sw::DATA)
        );
    }
}
