//! Frames on the line: COBS with a zero delimiter around header, payload and
//! CRC-32 (PROTOCOL.md §2). Knows no message; the decoder holds at most one frame.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

/// The version of the frame's form, in each header.
pub const FRAME_VERSION: u8 = 1;
/// The most payload that one frame carries, bytes.
pub const MAX_PAYLOAD: usize = 1024;
const HEADER: usize = 5;
const CRC: usize = 4;
const MAX_PLAIN: usize = HEADER + MAX_PAYLOAD + CRC;
/// The longest frame on the line, its delimiter included, bytes.
pub const MAX_ON_LINE: usize = cobs::max_encoding_length(MAX_PLAIN) + 1;

/// Which queue a frame belongs to: control goes before bulk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Requests, answers, events.
    Control,
    /// Raster bands towards the printer, scans towards the host.
    Bulk,
}

/// One frame. Its payload is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its queue.
    pub channel: Channel,
    /// The message's type on that channel.
    pub kind: u8,
    /// The message's fields; at most [`MAX_PAYLOAD`] bytes.
    pub payload: Vec<u8>,
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.payload.zeroize();
    }
}

/// Bytes between two delimiters that were no frame of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// More bytes without a delimiter than the longest frame has.
    #[error("more bytes without a delimiter than a frame can have")]
    TooLong,
    /// The byte stuffing does not come out.
    #[error("the byte stuffing does not come out")]
    Stuffing,
    /// Shorter than header and CRC, or its length field disagrees.
    #[error("the frame's length is not the one it names")]
    Length,
    /// The CRC-32 differs.
    #[error("the CRC-32 differs")]
    Crc,
    /// Sound, but of another frame version.
    #[error("the frame is of version {0}")]
    Version(u8),
    /// Sound, but for a channel that does not exist.
    #[error("there is no channel {0}")]
    Channel(u8),
}

// Bands and scans show a person's face and data: never into a log.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} {:#04x} payload[{}]",
            self.channel,
            self.kind,
            self.payload.len()
        )
    }
}

impl Frame {
    /// The frame's bytes on the line, delimiter included.
    ///
    /// # Panics  When the payload is longer than [`MAX_PAYLOAD`]: messages are built shorter.
    pub fn encode(&self) -> Vec<u8> {
        assert!(
            self.payload.len() <= MAX_PAYLOAD,
            "a message outgrew its frame"
        );
        let mut plain = Zeroizing::new(Vec::with_capacity(MAX_PLAIN));
        plain.extend_from_slice(&[FRAME_VERSION, self.channel as u8, self.kind]);
        plain.extend_from_slice(&(self.payload.len() as u16).to_be_bytes());
        plain.extend_from_slice(&self.payload);
        let crc = crc32fast::hash(&plain);
        plain.extend_from_slice(&crc.to_be_bytes());
        // One allocation, delimiter included: a grown buffer would leave its copy behind.
        let mut line = vec![0; cobs::max_encoding_length(plain.len()) + 1];
        let count = cobs::encode(&plain, &mut line);
        line.truncate(count + 1);
        line[count] = 0;
        line
    }

    fn parse(plain: &[u8]) -> Result<Frame, Damage> {
        let (body, crc) = plain.split_last_chunk::<CRC>().ok_or(Damage::Length)?;
        let (header, payload) = body.split_first_chunk::<HEADER>().ok_or(Damage::Length)?;
        if crc32fast::hash(body) != u32::from_be_bytes(*crc) {
            return Err(Damage::Crc);
        }
        let [version, channel, kind, high, low] = *header;
        if version != FRAME_VERSION {
            return Err(Damage::Version(version));
        }
        if usize::from(u16::from_be_bytes([high, low])) != payload.len() {
            return Err(Damage::Length);
        }
        let channel = match channel {
            0 => Channel::Control,
            1 => Channel::Bulk,
            other => return Err(Damage::Channel(other)),
        };
        Ok(Frame {
            channel,
            kind,
            payload: payload.to_vec(),
        })
    }
}

/// Finds frames in whatever bytes a line gives.
#[derive(Debug, Default)]
pub struct Decoder {
    held: Zeroizing<Vec<u8>>,
    overlong: bool,
}

impl Decoder {
    /// Takes bytes as they come; gives each frame and each damage in order.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Result<Frame, Damage>> {
        let mut found = Vec::new();
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|byte| *byte == 0) {
            self.hold(&rest[..at]);
            rest = &rest[at + 1..];
            found.extend(self.delimit());
        }
        self.hold(rest);
        found
    }

    fn hold(&mut self, bytes: &[u8]) {
        if self.held.len() + bytes.len() >= MAX_ON_LINE {
            self.overlong = true;
            self.held.zeroize();
        }
        if !self.overlong {
            // Once, for the longest frame: it never grows, so it leaves no copies.
            let room = MAX_ON_LINE - self.held.len();
            self.held.reserve_exact(room);
            self.held.extend_from_slice(bytes);
        }
    }

    fn delimit(&mut self) -> Option<Result<Frame, Damage>> {
        if std::mem::take(&mut self.overlong) {
            return Some(Err(Damage::TooLong));
        }
        if self.held.is_empty() {
            return None;
        }
        let frame = match cobs::decode_in_place(&mut self.held) {
            Ok(count) => Frame::parse(&self.held[..count]),
            Err(_) => Err(Damage::Stuffing),
        };
        self.held.zeroize();
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;
    use proptest::prelude::*;

    // The check value of CRC-32/ISO-HDLC in the published catalogues.
    #[test]
    fn the_crc_is_the_common_one() {
        assert_eq!(crc32fast::hash(b"123456789"), 0xCBF4_3926);
    }

    // PROTOCOL.md §2: 254 bytes without 00 that end the frame need nothing after them.
    #[test]
    fn the_longest_run_ends_a_frame_with_or_without_an_empty_one() {
        let plain = [0x11; 254];
        let mut stuffed = cobs::encode_vec(&plain);
        assert_eq!((stuffed.len(), stuffed[0]), (255, 0xFF));
        assert_eq!(cobs::decode_vec(&stuffed).as_deref(), Ok(&plain[..]));
        stuffed.push(1);
        assert_eq!(cobs::decode_vec(&stuffed).as_deref(), Ok(&plain[..]));
    }

    #[test]
    fn a_frame_survives_its_line() {
        let frame = Frame {
            channel: Channel::Bulk,
            kind: 0x20,
            payload: hex!("00 11 00").to_vec(),
        };
        assert_eq!(Decoder::default().feed(&frame.encode()), [Ok(frame)]);
    }

    #[test]
    fn the_longest_frame_fits_the_longest_line() {
        let frame = Frame {
            channel: Channel::Bulk,
            kind: 1,
            payload: vec![0xA5; MAX_PAYLOAD],
        };
        assert!(frame.encode().len() <= MAX_ON_LINE);
        assert_eq!(Decoder::default().feed(&frame.encode()), [Ok(frame)]);
    }

    #[test]
    fn a_flood_without_delimiter_holds_no_more_than_a_frame() {
        let mut decoder = Decoder::default();
        for _ in 0..1000 {
            assert!(decoder.feed(&[7; 997]).is_empty());
            assert!(decoder.held.len() < MAX_ON_LINE);
        }
        assert_eq!(decoder.feed(&[0]), [Err(Damage::TooLong)]);
        let frame = Frame {
            channel: Channel::Control,
            kind: 2,
            payload: vec![],
        };
        assert_eq!(decoder.feed(&frame.encode()), [Ok(frame)]);
    }

    proptest! {
        #[test]
        fn the_decoder_survives_any_bytes_and_finds_the_next_frame(
            noise in proptest::collection::vec(any::<u8>(), 0..3000),
            cuts in proptest::collection::vec(1usize..200, 1..20),
        ) {
            let frame = Frame { channel: Channel::Control, kind: 9, payload: vec![1, 0, 2] };
            let mut bytes = noise;
            bytes.push(0);
            bytes.extend(frame.encode());
            let mut decoder = Decoder::default();
            let mut last = None;
            let mut rest = &bytes[..];
            let mut cuts = cuts.iter().cycle();
            while !rest.is_empty() {
                let (head, tail) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
                last = decoder.feed(head).pop().or(last);
                rest = tail;
            }
            prop_assert_eq!(last, Some(Ok(frame)));
        }

        #[test]
        fn a_flipped_bit_is_never_a_frame(payload in proptest::collection::vec(any::<u8>(), 0..64), at in any::<proptest::sample::Index>(), bit in 0u8..8) {
            let frame = Frame { channel: Channel::Control, kind: 9, payload };
            let mut line = frame.encode();
            let at = at.index(line.len() - 1);
            line[at] ^= 1 << bit;
            for found in Decoder::default().feed(&line) {
                prop_assert!(found.is_err());
            }
        }
    }
}
