//! The proof, card by card, that a locked card refuses what it must (PERSONALISATION.md).

use super::files::{Directory, FileId};
use super::read::{select, select_master};
use super::secure_messaging::{ReadChance, Session};
use crate::Error;
use crate::exchange::{carried_out, command, exchange};
use crate::keys::TRANSPORT_VERSION;
use crate::number::Number;
use crate::platform::initialize_update;
use crate::witness::{inspect, select_issuer_domain};
use wire::apdu::{Command, Transmit};

/// The random bytes of one proof; never used twice.
#[derive(Clone)]
pub struct ProveChance {
    /// For the card-number authentication before the writes that must fail.
    pub read: ReadChance,
    /// For the transport channel that must not open.
    pub host_challenge: [u8; 8],
}

/// Tries what a locked card must refuse: a channel under the transport keys, and writes with and
/// without the card number. Each write would only repeat the byte that already stands there.
///
/// # Errors
/// `NotLocked` names what was accepted; `Unproven` where the witness says that the card is not
/// locked; as [`super::read::read_back`] otherwise.
pub fn prove_locked<T: Transmit>(
    card: &mut T,
    number: &Number,
    chance: &ProveChance,
) -> Result<(), Error> {
    let state = inspect(card)?;
    if !state.is_locked() {
        return Err(Error::Unproven {
            step: "lock",
            state,
        });
    }
    select_issuer_domain(card)?;
    let answer = initialize_update(card, TRANSPORT_VERSION, chance.host_challenge)?;
    if carried_out(answer.sw) {
        return Err(Error::NotLocked {
            probe: "INITIALIZE UPDATE under transport keys",
        });
    }
    select_master(card)?;
    let free = update(FileId::CommonData, 0xC0);
    must_refuse(card, "UPDATE BINARY in the master file", &free)?;
    let session = Session::open(card, number, &chance.read)?;
    select(card, Directory::Images, &mut Directory::Master.clone())?;
    let plain = update(FileId::FrontImage, 0xD0);
    must_refuse(card, "UPDATE BINARY in DF1", &plain)?;
    let secure = session.update(FileId::FrontImage.p1(), 0, &[0xD0]);
    must_refuse(card, "UPDATE BINARY in DF1 under secure messaging", &secure)
}

fn update(file: FileId, first: u8) -> Command {
    command([0x00, 0xD6, file.p1(), 0x00], &[first], None)
}

fn must_refuse<T: Transmit>(
    card: &mut T,
    probe: &'static str,
    command: &Command,
) -> Result<(), Error> {
    match carried_out(exchange(card, probe, command)?.sw) {
        true => Err(Error::NotLocked { probe }),
        false => Ok(()),
    }
}
