//! Commands as they arrive at the card, short or extended, and the status words it answers.
//! Its own reading of ISO 7816-4; it must not know any command.

/// A status word that is not 9000: why the card did not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sw(pub(super) u16);

impl Sw {
    pub(super) const BLOCKED: Sw = Sw(0x6283);
    pub(super) const MISMATCH: Sw = Sw(0x6300);
    pub(super) const MEMORY: Sw = Sw(0x6581);
    pub(super) const LENGTH: Sw = Sw(0x6700);
    pub(super) const CHANNEL: Sw = Sw(0x6881);
    pub(super) const SECURITY: Sw = Sw(0x6982);
    pub(super) const METHOD: Sw = Sw(0x6983);
    pub(super) const CONDITIONS: Sw = Sw(0x6985);
    pub(super) const NO_CURRENT_EF: Sw = Sw(0x6986);
    pub(super) const SM_MISSING: Sw = Sw(0x6987);
    pub(super) const SM_WRONG: Sw = Sw(0x6988);
    pub(super) const DATA: Sw = Sw(0x6A80);
    pub(super) const FILE: Sw = Sw(0x6A82);
    pub(super) const PARAMETERS: Sw = Sw(0x6A86);
    pub(super) const REFERENCE: Sw = Sw(0x6A88);
    pub(super) const OFFSET: Sw = Sw(0x6B00);
    pub(super) const INSTRUCTION: Sw = Sw(0x6D00);
    pub(super) const CLASS: Sw = Sw(0x6E00);
}

/// What a command comes to: data with 9000, or a status word alone.
pub(super) type Answer = Result<Vec<u8>, Sw>;

/// Puts an answer into the bytes of a response.
pub(super) fn encode(answer: Answer) -> Vec<u8> {
    let (mut bytes, sw) = match answer {
        Ok(data) => (data, 0x9000),
        Err(Sw(sw)) => (Vec::new(), sw),
    };
    bytes.extend_from_slice(&u16::to_be_bytes(sw));
    bytes
}

/// A command, its lengths understood. No `Debug`: the data may be a holder's.
pub(super) struct Command<'a> {
    pub(super) cla: u8,
    pub(super) ins: u8,
    pub(super) p1: u8,
    pub(super) p2: u8,
    pub(super) data: &'a [u8],
    /// How many bytes may be answered; `None` when the command asks for none.
    pub(super) le: Option<usize>,
    /// Whether the length was written in three bytes; part of what a channel's MAC covers.
    pub(super) extended: bool,
    /// More bytes came than Lc and Le name. The card specification lets Lc govern (§4.2.1 (6)).
    pub(super) excess: bool,
}

impl<'a> Command<'a> {
    /// Reads a command; a body shorter than its Lc is refused with 6700.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Command<'a>, Sw> {
        let (header, body) = bytes.split_at_checked(4).ok_or(Sw::LENGTH)?;
        let mut command = Command {
            cla: header[0],
            ins: header[1],
            p1: header[2],
            p2: header[3],
            data: &[],
            le: None,
            extended: false,
            excess: false,
        };
        match *body {
            [] => {}
            [le] => command.le = Some(short(le)),
            [0, high, low] => {
                command.extended = true;
                command.le = Some(extended(high, low));
            }
            [0, high, low, ref rest @ ..] => {
                command.extended = true;
                command.take(usize::from(u16::from_be_bytes([high, low])), rest)?;
            }
            [0, _] => return Err(Sw::LENGTH),
            [lc, ref rest @ ..] => command.take(usize::from(lc), rest)?,
        }
        Ok(command)
    }

    fn take(&mut self, lc: usize, rest: &'a [u8]) -> Result<(), Sw> {
        let (data, tail) = rest.split_at_checked(lc).ok_or(Sw::LENGTH)?;
        if data.is_empty() {
            return Err(Sw::LENGTH);
        }
        self.data = data;
        match *tail {
            [] => {}
            [le] if !self.extended => self.le = Some(short(le)),
            [high, low] if self.extended => self.le = Some(extended(high, low)),
            [..] => self.excess = true,
        }
        Ok(())
    }

    /// Refuses a command with surplus bytes, where nothing allows them.
    pub(super) fn exact(&self) -> Result<(), Sw> {
        if self.excess { Err(Sw::LENGTH) } else { Ok(()) }
    }
}

fn short(le: u8) -> usize {
    if le == 0 { 256 } else { usize::from(le) }
}

fn extended(high: u8, low: u8) -> usize {
    match u16::from_be_bytes([high, low]) {
        0 => 65_536,
        le => usize::from(le),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    fn shape(bytes: &[u8]) -> (usize, Option<usize>, bool) {
        let command = Command::parse(bytes).unwrap_or_else(|sw| panic!("{sw:?}"));
        (command.data.len(), command.le, command.excess)
    }

    #[test]
    fn all_lengths_of_iso_7816_are_understood() {
        assert_eq!(shape(&hex!("00A40000")), (0, None, false));
        assert_eq!(shape(&hex!("0084000008")), (0, Some(8), false));
        assert_eq!(shape(&hex!("00B0810000")), (0, Some(256), false));
        // Card specification, appendix 2: plain and secured READ BINARY.
        assert_eq!(shape(&hex!("00B08200000000")), (0, Some(65_536), false));
        assert_eq!(
            shape(&hex!("08B08500000004960200000000")),
            (4, Some(65_536), false)
        );
        assert_eq!(shape(&hex!("08B085000496020000 00")), (4, Some(256), false));
        assert_eq!(shape(&hex!("00A40000023F00")), (2, None, false));
    }

    #[test]
    fn lc_governs_over_surplus_bytes_but_not_over_missing_ones() {
        assert_eq!(shape(&hex!("00A40000023F00FFFF")), (2, None, true));
        for bytes in [
            &hex!("00A400000A3F00")[..],
            &hex!("00A40000 0000"),
            &hex!("00A400"),
        ] {
            assert_eq!(Command::parse(bytes).err(), Some(Sw::LENGTH));
        }
    }
}
