//! Card commands and answers as bytes (ISO/IEC 7816-4 §5), and the one seam to
//! a card. Knows no command's meaning; its `Debug` never shows data.

use std::fmt;

/// Which length fields a reader carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// At most 255 bytes out and 256 back.
    Short,
    /// At most 65,535 bytes out and 65,536 back.
    Extended,
}

/// How many bytes of answer a command expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Le {
    /// At most this many; never 0.
    Number(u16),
    /// As many as there are: up to 256 short, 65,536 extended.
    All,
}

/// One card command.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    /// Class.
    pub cla: u8,
    /// Instruction.
    pub ins: u8,
    /// First parameter.
    pub p1: u8,
    /// Second parameter.
    pub p2: u8,
    /// Command data; empty when there is none.
    pub data: Vec<u8>,
    /// Expected answer, if any.
    pub le: Option<Le>,
}

/// A command or answer that cannot be turned into bytes or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The data are longer than the length fields can say.
    #[error("{0} bytes of command data do not fit the length field")]
    DataTooLong(usize),
    /// The expected length is zero or more than the length field can say.
    #[error("an expected length of {0} does not fit the length field")]
    ExpectedOutOfRange(u16),
    /// The bytes are not a command of any of the seven cases.
    #[error("{0} bytes are not a command")]
    NotACommand(usize),
    /// An answer shorter than its status word.
    #[error("an answer of {0} bytes has no status word")]
    NotAResponse(usize),
}

impl Command {
    /// The command's bytes. With [`Length::Extended`] the extended form is used
    /// only where the short one cannot say the same.
    ///
    /// # Errors  `DataTooLong`, `ExpectedOutOfRange`; nothing was sent.
    pub fn encode(&self, length: Length) -> Result<Vec<u8>, Error> {
        if let Some(Le::Number(0)) = self.le {
            return Err(Error::ExpectedOutOfRange(0));
        }
        let header = [self.cla, self.ins, self.p1, self.p2];
        match length {
            Length::Short => self.encode_short(header),
            Length::Extended if self.fits_short() => self.encode_short(header),
            Length::Extended => self.encode_extended(header),
        }
    }

    fn fits_short(&self) -> bool {
        let expected_fits = match self.le {
            None => true,
            Some(Le::Number(count)) => count <= 256,
            Some(Le::All) => false,
        };
        expected_fits && self.data.len() <= 255
    }

    fn encode_short(&self, header: [u8; 4]) -> Result<Vec<u8>, Error> {
        let mut bytes = header.to_vec();
        if !self.data.is_empty() {
            let count =
                u8::try_from(self.data.len()).map_err(|_| Error::DataTooLong(self.data.len()))?;
            bytes.push(count);
            bytes.extend_from_slice(&self.data);
        }
        match self.le {
            None => {}
            Some(Le::All | Le::Number(256)) => bytes.push(0),
            Some(Le::Number(count)) => {
                bytes.push(u8::try_from(count).map_err(|_| Error::ExpectedOutOfRange(count))?);
            }
        }
        Ok(bytes)
    }

    fn encode_extended(&self, header: [u8; 4]) -> Result<Vec<u8>, Error> {
        let mut bytes = header.to_vec();
        bytes.push(0);
        if !self.data.is_empty() {
            let count =
                u16::try_from(self.data.len()).map_err(|_| Error::DataTooLong(self.data.len()))?;
            bytes.extend_from_slice(&count.to_be_bytes());
            bytes.extend_from_slice(&self.data);
        }
        match self.le {
            None => {}
            Some(Le::All) => bytes.extend_from_slice(&[0, 0]),
            Some(Le::Number(count)) => bytes.extend_from_slice(&count.to_be_bytes()),
        }
        Ok(bytes)
    }

    /// Reads a command of any of the seven cases (7816-4 §5.1).
    ///
    /// # Errors  `NotACommand`.
    pub fn parse(bytes: &[u8]) -> Result<Command, Error> {
        let refused = Error::NotACommand(bytes.len());
        let (header, body) = bytes.split_first_chunk::<4>().ok_or(refused)?;
        let (data, le) = match body {
            [] => (&[][..], None),
            [le] => (&[][..], Some(short_le(*le))),
            [0, high, low] => (&[][..], Some(extended_le(*high, *low))),
            [0, high, low, rest @ ..] => {
                let count = usize::from(u16::from_be_bytes([*high, *low]));
                let (data, tail) = rest.split_at_checked(count).ok_or(refused)?;
                match (count, tail) {
                    (1.., []) => (data, None),
                    (1.., [high, low]) => (data, Some(extended_le(*high, *low))),
                    _ => return Err(refused),
                }
            }
            [count, rest @ ..] => {
                let (data, tail) = rest.split_at_checked((*count).into()).ok_or(refused)?;
                match (count, tail) {
                    (1.., []) => (data, None),
                    (1.., [le]) => (data, Some(short_le(*le))),
                    _ => return Err(refused),
                }
            }
        };
        let [cla, ins, p1, p2] = *header;
        Ok(Command {
            cla,
            ins,
            p1,
            p2,
            data: data.to_vec(),
            le,
        })
    }
}

fn short_le(byte: u8) -> Le {
    match byte {
        0 => Le::All,
        count => Le::Number(count.into()),
    }
}

fn extended_le(high: u8, low: u8) -> Le {
    match u16::from_be_bytes([high, low]) {
        0 => Le::All,
        count => Le::Number(count),
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Command {
            cla,
            ins,
            p1,
            p2,
            data,
            le,
        } = self;
        write!(
            f,
            "{cla:02X} {ins:02X} {p1:02X} {p2:02X} data[{}] le {le:?}",
            data.len()
        )
    }
}

/// SW1 SW2.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusWord(pub u16);

impl StatusWord {
    /// 9000: done.
    pub const OK: StatusWord = StatusWord(0x9000);

    /// Whether the card did what it was asked.
    pub fn is_ok(self) -> bool {
        self == Self::OK
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One card's answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// Answer data; empty when there are none.
    pub data: Vec<u8>,
    /// Status word.
    pub sw: StatusWord,
}

impl Response {
    /// The answer's bytes: data, then the status word.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.data.clone();
        bytes.extend_from_slice(&self.sw.0.to_be_bytes());
        bytes
    }

    /// # Errors  `NotAResponse` below two bytes.
    pub fn parse(bytes: &[u8]) -> Result<Response, Error> {
        let (data, sw) = bytes
            .split_last_chunk::<2>()
            .ok_or(Error::NotAResponse(bytes.len()))?;
        Ok(Response {
            data: data.to_vec(),
            sw: StatusWord(u16::from_be_bytes(*sw)),
        })
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "data[{}] {}", self.data.len(), self.sw)
    }
}

/// A card that answers commands: the one seam between what is said to a chip
/// and what carries it there.
pub trait Transmit {
    /// Why the card could not be reached.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Sends one command, waits for its answer.
    ///
    /// # Errors  The carrier's; whether the card acted on the command is unknown then.
    fn transmit(&mut self, command: &Command) -> Result<Response, Self::Error>;

    /// The length fields that this way to the card carries.
    fn length(&self) -> Length;
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;
    use proptest::prelude::*;

    fn select(data: &[u8], le: Option<Le>) -> Command {
        Command {
            cla: 0,
            ins: 0xA4,
            p1: 4,
            p2: 0,
            data: data.to_vec(),
            le,
        }
    }

    // ISO/IEC 7816-4:2013 §5.1, figure 3: the seven cases.
    #[test]
    fn the_seven_cases_have_their_bytes() {
        let long = vec![0xAA; 256];
        let of = |data: &[u8], le, length| select(data, le).encode(length).unwrap();
        assert_eq!(of(&[], None, Length::Short), hex!("00 A4 04 00"));
        assert_eq!(
            of(&[], Some(Le::All), Length::Short),
            hex!("00 A4 04 00 00")
        );
        assert_eq!(
            of(&[1, 2], None, Length::Short),
            hex!("00 A4 04 00 02 01 02")
        );
        assert_eq!(
            of(&[1, 2], Some(Le::Number(16)), Length::Short),
            hex!("00 A4 04 00 02 01 02 10")
        );
        assert_eq!(
            of(&[], Some(Le::All), Length::Extended),
            hex!("00 A4 04 00 00 00 00")
        );
        let extended = of(&long, None, Length::Extended);
        assert_eq!(extended[..7], hex!("00 A4 04 00 00 01 00"));
        assert_eq!(extended.len(), 7 + 256);
        let both = of(&long, Some(Le::Number(300)), Length::Extended);
        assert_eq!(both[7 + 256..], hex!("01 2C"));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let long = select(&[0; 256], None);
        assert_eq!(long.encode(Length::Short), Err(Error::DataTooLong(256)));
        assert_eq!(
            select(&[], Some(Le::Number(257))).encode(Length::Short),
            Err(Error::ExpectedOutOfRange(257))
        );
        assert_eq!(
            select(&[], Some(Le::Number(0))).encode(Length::Extended),
            Err(Error::ExpectedOutOfRange(0))
        );
    }

    #[test]
    fn debug_shows_no_data() {
        let shown = format!("{:?}", select(b"MIHON TARO", Some(Le::All)));
        assert_eq!(shown, "00 A4 04 00 data[10] le Some(All)");
        let answer = Response {
            data: b"MIHON".to_vec(),
            sw: StatusWord::OK,
        };
        assert_eq!(format!("{answer:?}"), "data[5] 9000");
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_command_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(command) = Command::parse(&bytes) {
                let again = command.encode(Length::Extended).unwrap();
                prop_assert_eq!(Command::parse(&again).unwrap(), command);
            }
            let _ = Response::parse(&bytes);
        }
    }
}
