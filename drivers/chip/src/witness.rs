//! What a chip says of itself, free to read: serial, keys, life cycles, bytes ever written
//! (PERSONALISATION.md). The witness after a power loss.

use crate::Error;
use crate::exchange::{SHORT_ALL, command, demand, exchange};
use crate::keys::{ISSUER_VERSION, TRANSPORT_VERSION};
use crate::platform::ISSUER_DOMAIN;
use std::fmt;
use wire::apdu::{Response, StatusWord, Transmit};

const INSTALLED: u8 = 0x03;
const SELECTABLE: u8 = 0x07;
const PERSONALISED: u8 = 0x0F;
const SECURED: u8 = 0x0F;
const TERMINATED: u8 = 0xFF;

/// The witness of one chip.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ChipState {
    /// Chip serial.
    pub serial: [u8; 10],
    /// Version number of the keys that it holds.
    pub key_version: u8,
    /// Life cycle of the issuer domain: 01 ready, 07 initialised, 0F secured, 7F locked, FF terminated.
    pub issuer_domain: u8,
    /// Life cycle of the residence application: 03 or 07 blank, 0F personalised, FF terminated.
    pub application: u8,
    /// Bytes stored since manufacture, counted before each write.
    pub bytes_stored: u32,
}

impl ChipState {
    /// Transport keys and not one byte written.
    pub fn is_blank(&self) -> bool {
        self.key_version == TRANSPORT_VERSION
            && matches!(self.application, INSTALLED | SELECTABLE)
            && !self.is_terminated()
            && self.bytes_stored == 0
    }

    /// Readable by the public interface, still under transport keys.
    pub fn is_personalised(&self) -> bool {
        self.application == PERSONALISED
            && self.key_version == TRANSPORT_VERSION
            && !matches!(self.issuer_domain, SECURED | TERMINATED)
    }

    /// Personalised, under issuer keys, issuer domain secured.
    pub fn is_locked(&self) -> bool {
        self.application == PERSONALISED
            && self.key_version == ISSUER_VERSION
            && self.issuer_domain == SECURED
    }

    /// Dead for good.
    pub fn is_terminated(&self) -> bool {
        self.issuer_domain == TERMINATED || self.application == TERMINATED
    }
}

impl fmt::Debug for ChipState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let serial: String = self
            .serial
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        write!(
            f,
            "chip {serial}: keys {:02X}, issuer domain {:02X}, application {:02X}, {} bytes stored",
            self.key_version, self.issuer_domain, self.application, self.bytes_stored
        )
    }
}

/// Reads the witness. Leaves the issuer domain selected.
///
/// # Errors
/// `Foreign` for a card without our issuer domain or without the witness; `Lost`; `Garbled`.
pub fn inspect<T: Transmit>(card: &mut T) -> Result<ChipState, Error> {
    const STEP: &str = "GET DATA (witness)";
    let select = command([0x00, 0xA4, 0x04, 0x00], &ISSUER_DOMAIN, SHORT_ALL);
    let selected = exchange(card, "SELECT (issuer domain)", &select)?;
    // A terminated chip may warn that it is; its witness answers all the same.
    if !matches!(selected.sw, StatusWord::OK | StatusWord(0x6283)) {
        return Err(foreign("SELECT (issuer domain)", &selected));
    }
    let answer = exchange(
        card,
        STEP,
        &command([0x80, 0xCA, 0xDF, 0x20], &[], SHORT_ALL),
    )?;
    if !answer.sw.is_ok() {
        return Err(foreign(STEP, &answer));
    }
    parse(&answer.data).ok_or(Error::Garbled { step: STEP })
}

/// Proves that nothing was ever written to the card and that nothing can be read from it.
///
/// # Errors
/// `NotBlank` where it was or can; as [`inspect`] otherwise.
pub fn prove_blank<T: Transmit>(card: &mut T) -> Result<ChipState, Error> {
    let state = inspect(card)?;
    if !state.is_blank() {
        return Err(Error::NotBlank { state });
    }
    let select = command([0x00, 0xA4, 0x00, 0x00], &[0x3F, 0x00], None);
    let selected = exchange(card, "SELECT (master file)", &select)?;
    let read = command([0x00, 0xB0, 0x8A, 0x00], &[], SHORT_ALL);
    let answer = exchange(card, "READ BINARY (card type)", &read)?;
    match answer.sw.is_ok() || !answer.data.is_empty() || !selected.data.is_empty() {
        true => Err(Error::NotBlank { state }),
        false => Ok(state),
    }
}

/// Selects the issuer domain, which must be there.
pub(crate) fn select_issuer_domain<T: Transmit>(card: &mut T) -> Result<(), Error> {
    let select = command([0x00, 0xA4, 0x04, 0x00], &ISSUER_DOMAIN, SHORT_ALL);
    demand(card, "SELECT (issuer domain)", &select).map(drop)
}

fn foreign(step: &'static str, answer: &Response) -> Error {
    Error::Foreign {
        step,
        status: answer.sw,
    }
}

fn parse(data: &[u8]) -> Option<ChipState> {
    let value: &[u8; 17] = data.strip_prefix(&[0xDF, 0x20, 17])?.try_into().ok()?;
    let (serial, rest) = value.split_first_chunk::<10>()?;
    let [key_version, issuer_domain, application, a, b, c, d] = *rest else {
        return None;
    };
    let bytes_stored = u32::from_be_bytes([a, b, c, d]);
    Some(ChipState {
        serial: *serial,
        key_version,
        issuer_domain,
        application,
        bytes_stored,
    })
}
