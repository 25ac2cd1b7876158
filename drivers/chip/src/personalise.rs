//! Writing, locking and ending the life of a chip through the secure channel. The host challenge of
//! each channel is a parameter; it must be random and never used twice.

use crate::Error;
use crate::generation1::contents::Files;
use crate::generation1::data_groups;
use crate::keys::KeySet;
use crate::number::Number;
use crate::platform::{Channel, state};
use crate::witness::inspect;
use wire::apdu::Transmit;

/// Writes number and files to the blank with this serial and makes it readable. Anything but `Ok`
/// leaves a card that must not be used, except where the witness still shows it blank.
///
/// # Errors
/// `OtherCard`, `NotBlank` before anything is written; `WrongKeys` after one try; `Refused`,
/// `Garbled` or `Lost` on the way; `Unproven` where the witness contradicts the outcome.
pub fn personalise<T: Transmit>(
    card: &mut T,
    keys: &KeySet,
    serial: &[u8; 10],
    number: &Number,
    files: &Files,
    host_challenge: [u8; 8],
) -> Result<(), Error> {
    let before = inspect(card)?;
    if before.serial != *serial {
        return Err(Error::OtherCard {
            serial: before.serial,
        });
    }
    if !before.is_blank() {
        return Err(Error::NotBlank { state: before });
    }
    let mut channel = Channel::open(card, keys, host_challenge)?;
    if channel.serial() != *serial {
        return Err(Error::OtherCard {
            serial: channel.serial(),
        });
    }
    channel.install_for_personalisation()?;
    channel.store(
        &data_groups::secret(&keys.dek, number),
        &data_groups::of(files),
    )?;
    channel.set_application(state::PERSONALISED)?;
    let after = inspect(card)?;
    match after.is_personalised() && after.serial == *serial {
        true => Ok(()),
        false => Err(Error::Unproven {
            step: "personalisation",
            state: after,
        }),
    }
}

/// Replaces the transport keys by the issuer keys and secures the issuer domain.
///
/// # Errors
/// As [`personalise`]; `Unproven` where the card is not locked afterwards.
pub fn lock<T: Transmit>(
    card: &mut T,
    transport: &KeySet,
    issuer: &KeySet,
    host_challenge: [u8; 8],
) -> Result<(), Error> {
    let mut channel = Channel::open(card, transport, host_challenge)?;
    channel.replace_keys(transport, issuer)?;
    channel.set_issuer_domain(state::SECURED)?;
    let after = inspect(card)?;
    match after.is_locked() {
        true => Ok(()),
        false => Err(Error::Unproven {
            step: "lock",
            state: after,
        }),
    }
}

/// Ends the life of a chip under whichever keys it holds; nothing can be read from it afterwards.
///
/// # Errors
/// As [`personalise`]; `Unproven` where the chip is not terminated afterwards.
pub fn terminate<T: Transmit>(
    card: &mut T,
    keys: &KeySet,
    host_challenge: [u8; 8],
) -> Result<(), Error> {
    let mut channel = Channel::open(card, keys, host_challenge)?;
    channel.set_issuer_domain(state::TERMINATED)?;
    let after = inspect(card)?;
    match after.is_terminated() {
        true => Ok(()),
        false => Err(Error::Unproven {
            step: "termination",
            state: after,
        }),
    }
}
