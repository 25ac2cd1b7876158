//! One connected card: commands out, answers back. Once a transmission fails, it stays gone.

use crate::{Access, Error, Sharing};
use pcsc::{Context, Disposition, Protocols, ShareMode};
use std::ffi::CString;
use wire::apdu::{Command, Length, Response, Transmit};

/// Longest answers: data and status word.
const SHORT_ANSWER: usize = 256 + 2;
const EXTENDED_ANSWER: usize = 65_536 + 2;

/// A connected card. Dropping it resets the chip.
pub struct Card {
    handle: pcsc::Card,
    state: Link,
}

/// What holds for a connection besides its handle.
struct Link {
    reader: String,
    atr: Vec<u8>,
    length: Length,
    answer: Vec<u8>,
    gone: Option<pcsc::Error>,
}

/// A card kept from other programs for as long as this lives.
pub struct Held<'card> {
    transaction: pcsc::Transaction<'card>,
    state: &'card mut Link,
}

impl Card {
    pub(crate) fn connect(context: &Context, reader: &str, access: Access) -> Result<Card, Error> {
        let name = CString::new(reader).map_err(|_| Error::NoReader {
            reader: reader.to_owned(),
        })?;
        let mode = match access.sharing {
            Sharing::Exclusive => ShareMode::Exclusive,
            Sharing::Shared => ShareMode::Shared,
        };
        // Contactless cards are T=1 to the service.
        let handle = context
            .connect(&name, mode, Protocols::T1)
            .map_err(|error| Error::of_reader(reader, error))?;
        let status = handle
            .status2_owned()
            .map_err(|error| Error::of_reader(reader, error))?;
        let atr = status.atr().to_vec();
        let length = access.length.unwrap_or_else(|| reported_length(&handle));
        let answer = vec![0; answer_room(length)];
        tracing::debug!(reader, ?length, "card connected");
        let state = Link {
            reader: reader.to_owned(),
            atr,
            length,
            answer,
            gone: None,
        };
        Ok(Card { handle, state })
    }

    /// The answer to reset.
    pub fn atr(&self) -> &[u8] {
        &self.state.atr
    }

    /// Bits a second as the reader tells of itself (its clock and its present divisors); few
    /// contactless readers do.
    pub fn told_bits_per_s(&self) -> Option<u32> {
        let told = |attribute| {
            let bytes = self.handle.get_attribute_owned(attribute).ok()?;
            let value = bytes.get(..4)?.try_into().map(u32::from_le_bytes).ok()?;
            (value > 0).then_some(u64::from(value))
        };
        let kilohertz = told(pcsc::Attribute::CurrentClk)?;
        let (f, d) = (
            told(pcsc::Attribute::CurrentF)?,
            told(pcsc::Attribute::CurrentD)?,
        );
        u32::try_from(kilohertz * 1000 * d / f).ok()
    }

    /// Name of the reader.
    pub fn reader(&self) -> &str {
        &self.state.reader
    }

    /// Keeps other programs from the card until the returned value is dropped: their commands wait.
    ///
    /// # Errors
    /// `CardGone`.
    pub fn hold(&mut self) -> Result<Held<'_>, Error> {
        self.state.check()?;
        match self.handle.transaction() {
            Ok(transaction) => Ok(Held {
                transaction,
                state: &mut self.state,
            }),
            Err(error) => Err(self.state.lose(error)),
        }
    }

    /// Ends the connection, with or without a reset of the chip.
    ///
    /// # Errors
    /// `CardGone`, `NoService`.
    pub fn disconnect(self, reset: bool) -> Result<(), Error> {
        let Card { handle, mut state } = self;
        state.check()?;
        let disposition = if reset {
            Disposition::ResetCard
        } else {
            Disposition::LeaveCard
        };
        handle
            .disconnect(disposition)
            .map_err(|(_, error)| state.lose(error))
    }
}

impl Transmit for Card {
    type Error = Error;

    fn transmit(&mut self, command: &Command) -> Result<Response, Error> {
        self.state.transmit(&self.handle, command)
    }

    fn length(&self) -> Length {
        self.state.length
    }
}

impl Transmit for Held<'_> {
    type Error = Error;

    fn transmit(&mut self, command: &Command) -> Result<Response, Error> {
        self.state.transmit(&self.transaction, command)
    }

    fn length(&self) -> Length {
        self.state.length
    }
}

impl Link {
    fn transmit(&mut self, handle: &pcsc::Card, command: &Command) -> Result<Response, Error> {
        self.check()?;
        let bytes = command
            .encode(self.length)
            .map_err(|source| Error::Unsendable {
                reader: self.reader.clone(),
                source,
            })?;
        let response = match handle.transmit(&bytes, &mut self.answer) {
            // A reader whose card broke off may answer nothing at all, and call it a success.
            Ok(answer) => Response::parse(answer).map_err(|_| pcsc::Error::CommDataLost),
            Err(pcsc::Error::SharingViolation) => {
                return Err(Error::InUse {
                    reader: self.reader.clone(),
                });
            }
            Err(error) => Err(error),
        };
        // What a card answered may be a holder's data.
        self.answer.fill(0);
        response.map_err(|error| self.lose(error))
    }

    fn check(&self) -> Result<(), Error> {
        match self.gone {
            Some(source) => Err(Error::CardGone {
                reader: self.reader.clone(),
                source,
            }),
            None => Ok(()),
        }
    }

    fn lose(&mut self, error: pcsc::Error) -> Error {
        tracing::info!(reader = self.reader, %error, "card gone");
        self.gone = Some(error);
        if matches!(error, pcsc::Error::NoService | pcsc::Error::ServiceStopped) {
            return Error::NoService(error);
        }
        Error::CardGone {
            reader: self.reader.clone(),
            source: error,
        }
    }
}

fn answer_room(length: Length) -> usize {
    match length {
        Length::Short => SHORT_ANSWER,
        Length::Extended => EXTENDED_ANSWER,
    }
}

/// What the reader reports of itself (PC/SC part 10): its property `dwMaxAPDUDataSize` is above 256
/// where it carries extended lengths. A reader that reports nothing is taken to carry short ones.
fn reported_length(handle: &pcsc::Card) -> Length {
    match largest_data(handle) {
        Some(bytes) if bytes > 256 => Length::Extended,
        Some(_) | None => Length::Short,
    }
}

fn largest_data(handle: &pcsc::Card) -> Option<u32> {
    const GET_FEATURES: u64 = 3400;
    const PROPERTIES: u8 = 0x12;
    const LARGEST_DATA: u8 = 0x0A;
    let mut buffer = [0; 256];
    let features = handle
        .control(pcsc::ctl_code(GET_FEATURES), &[], &mut buffer)
        .ok()?;
    let code = tagged(features, PROPERTIES)?
        .try_into()
        .map(u32::from_be_bytes)
        .ok()?;
    let mut buffer = [0; 256];
    let properties = handle.control(code.into(), &[], &mut buffer).ok()?;
    tagged(properties, LARGEST_DATA)?
        .try_into()
        .map(u32::from_le_bytes)
        .ok()
}

/// The value of a tag in rows of tag, length, value.
fn tagged(mut rows: &[u8], wanted: u8) -> Option<&[u8]> {
    while let [tag, len, rest @ ..] = rows {
        let (value, rest) = rest.split_at_checked(usize::from(*len))?;
        if *tag == wanted {
            return Some(value);
        }
        rows = rest;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    #[test]
    fn properties_are_found_among_others() {
        // PC/SC part 10 §2.6.14: wLcdLayout, dwMaxAPDUDataSize, tags and lengths of one byte.
        let rows = hex!("01 02 0000 0A 04 00000100");
        assert_eq!(tagged(&rows, 0x0A), Some(&hex!("00000100")[..]));
        assert_eq!(tagged(&rows, 0x0B), None);
        assert_eq!(tagged(&rows[..7], 0x0A), None);
    }
}
