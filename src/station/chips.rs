//! The chip's part of a step: what the driver `chip` does to the card at an antenna, as an
//! outcome with its evidence. Knows no printer.

use super::devices::{Pulse, chance};
use super::hands::{Outcome, digest};
use super::work::{Keys, Work};
use crate::fault::Code;
use crate::issuance::{
    Chip, ChipKeys as HeldKeys, Digest, Files as Compared, Finding, Life, Proof, Serial, Witness,
};
use chip::{ChipState, Error, Files, ProveChance, ReadChance};
use wire::apdu::Transmit;

/// Whose certificates are trusted, and the day on which they must hold.
pub struct Trust {
    /// The chip authorities' certificates, DER.
    pub authorities: Vec<Vec<u8>>,
    /// Unix time, seconds.
    pub on: i64,
}

/// Logs an error with its causes under the fault that it is. None of the drivers puts
/// holder's data into an error.
pub(super) fn say(error: &dyn std::error::Error, code: Code) -> Code {
    let mut causes = String::new();
    let mut cause = error.source();
    while let Some(source) = cause {
        causes.push_str(": ");
        causes.push_str(&source.to_string());
        cause = source.source();
    }
    tracing::warn!(code = code.name(), "{error}{causes}");
    code
}

/// The station's fault for what a card did.
fn fault(error: &Error) -> Code {
    match error {
        Error::Lost { .. } => Code::ChipSilent,
        Error::Foreign { .. } | Error::NotBlank { .. } => Code::NotBlank,
        Error::OtherCard { .. } | Error::WrongNumber => Code::OtherChip,
        Error::WrongKeys { .. } => Code::ChipKeys,
        Error::Refused { .. } | Error::Unproven { .. } => Code::ChipTorn,
        Error::NotLocked { .. } => Code::NotLocked,
        Error::Mismatch { .. } | Error::Garbled { .. } => Code::VerifyFail,
    }
}

/// The random bytes of one reading.
pub(super) fn read_chance(pulse: &impl Pulse) -> Result<ReadChance, Code> {
    Ok(ReadChance {
        challenge: chance(pulse)?,
        key: chance(pulse)?,
    })
}

/// Whether the card that was fed is a blank of ours; its serial is the evidence.
pub(super) fn blank(card: &mut impl Transmit) -> Outcome {
    match chip::prove_blank(card) {
        Ok(state) => Outcome::Done(Proof::Blank(Serial(state.serial))),
        Err(error @ Error::Lost { .. }) => Outcome::InDoubt(say(&error, fault(&error))),
        Err(error) => Outcome::Found(Finding::Spoiled, say(&error, fault(&error))),
    }
}

/// A card was fed but nothing answers at the antenna: dead, or the reader is.
pub(super) fn unreadable(error: &reader::Error) -> Outcome {
    match error {
        reader::Error::NoCard { .. }
        | reader::Error::Mute { .. }
        | reader::Error::CardGone { .. } => {
            Outcome::Found(Finding::Spoiled, say(error, Code::ChipSilent))
        }
        reader::Error::NoService(_)
        | reader::Error::NoReader { .. }
        | reader::Error::InUse { .. }
        | reader::Error::Cancelled
        | reader::Error::Unsendable { .. }
        | reader::Error::Broken { .. } => Outcome::InDoubt(say(error, Code::ReaderGone)),
    }
}

/// No card answered a survey: silent, if it is not the reader that failed.
pub(super) fn silent(error: &reader::Error) -> Result<Chip, Code> {
    match unreadable(error) {
        Outcome::Found(_, _) => Ok(Chip::Silent),
        Outcome::InDoubt(code) | Outcome::Refused(code) => Err(code),
        Outcome::Done(_) => Ok(Chip::NotAsked),
    }
}

/// What the chip says of itself; with a workpiece, whether its files are the prepared ones, and
/// whether a chip that calls itself locked refuses what it must.
pub(super) fn witness(card: &mut impl Transmit, pulse: &impl Pulse, work: Option<&Work>) -> Chip {
    let state = match chip::inspect(card) {
        Ok(state) => state,
        Err(error) => {
            say(&error, fault(&error));
            return Chip::Silent;
        }
    };
    let life = match work.filter(|_| state.is_locked()) {
        Some(work) => proved(card, pulse, work),
        None => Some(life(&state)),
    };
    let Some(life) = life else {
        return Chip::Silent;
    };
    Chip::Answers(Witness {
        serial: Serial(state.serial),
        keys: held_keys(&state),
        life,
        stored: state.bytes_stored,
        files: compared(card, pulse, &state, work),
    })
}

/// The life of a chip that calls itself locked: one that takes what it must refuse is not. None
/// where the proof was cut short: its word alone is worth nothing.
fn proved(card: &mut impl Transmit, pulse: &impl Pulse, work: &Work) -> Option<Life> {
    match prove(card, pulse, work) {
        Ok(Ok(())) => Some(Life::Locked),
        Ok(Err(error @ Error::NotLocked { .. })) => {
            say(&error, fault(&error));
            Some(Life::Other)
        }
        Ok(Err(error)) => {
            say(&error, fault(&error));
            None
        }
        Err(_) => None,
    }
}

/// Tries what a locked chip must refuse.
fn prove(
    card: &mut impl Transmit,
    pulse: &impl Pulse,
    work: &Work,
) -> Result<Result<(), Error>, Code> {
    let proof = ProveChance {
        read: read_chance(pulse)?,
        host_challenge: chance(pulse)?,
    };
    Ok(chip::prove_locked(card, &work.number(), &proof))
}

fn held_keys(state: &ChipState) -> HeldKeys {
    match state.key_version {
        chip::TRANSPORT_VERSION => HeldKeys::Transport,
        chip::ISSUER_VERSION => HeldKeys::Issuer,
        _ => HeldKeys::Other,
    }
}

fn life(state: &ChipState) -> Life {
    if state.is_terminated() {
        Life::Terminated
    } else if state.is_locked() {
        Life::Locked
    } else if state.is_personalised() {
        Life::Personalised
    } else if state.is_blank() {
        Life::Blank
    } else {
        Life::Other
    }
}

fn compared(
    card: &mut impl Transmit,
    pulse: &impl Pulse,
    state: &ChipState,
    work: Option<&Work>,
) -> Compared {
    let (Some(work), true) = (work, state.is_personalised()) else {
        return Compared::NotRead;
    };
    let Ok(chance) = read_chance(pulse) else {
        return Compared::NotRead;
    };
    match chip::prove_written(card, &work.number(), &work.prepared.files, &chance) {
        Ok(()) => Compared::Equal,
        Err(error @ Error::Lost { .. }) => {
            say(&error, Code::ChipSilent);
            Compared::NotRead
        }
        Err(error) => {
            say(&error, fault(&error));
            Compared::Different
        }
    }
}

/// Writes the chip, then reads all of it back by its public interface.
pub(super) fn encode(
    card: &mut impl Transmit,
    pulse: &impl Pulse,
    work: &Work,
    keys: &Keys,
    trust: &Trust,
    phase: &mut dyn FnMut(&'static str),
) -> Outcome {
    phase("chip_write");
    let (challenge, state) = match (chance(pulse), chip::inspect(card)) {
        (Ok(challenge), Ok(state)) => (challenge, state),
        (Err(code), _) => return Outcome::Refused(code),
        (_, Err(error)) => return Outcome::InDoubt(say(&error, fault(&error))),
    };
    let files = &work.prepared.files;
    let written = chip::personalise(
        card,
        &keys.transport,
        &state.serial,
        &work.number(),
        files,
        challenge,
    );
    if let Err(error) = written {
        return unwritten(&error);
    }
    phase("chip_verify");
    match read(card, pulse, work, trust) {
        Ok(_) => Outcome::Done(Proof::Files(work.files_digest())),
        Err(code) => Outcome::InDoubt(code),
    }
}

/// Writing did not reach its end. What was refused before the first byte left the blank as it
/// was, and a card that is not ours must not be tried twice.
fn unwritten(error: &Error) -> Outcome {
    let code = say(error, fault(error));
    match error {
        Error::NotBlank { .. } | Error::OtherCard { .. } | Error::WrongKeys { .. } => {
            Outcome::Refused(code)
        }
        Error::Lost { .. }
        | Error::Foreign { .. }
        | Error::WrongNumber
        | Error::Refused { .. }
        | Error::NotLocked { .. }
        | Error::Mismatch { .. }
        | Error::Unproven { .. }
        | Error::Garbled { .. } => Outcome::InDoubt(code),
    }
}

/// Reads all files by the card number, compares each byte, verifies the signature.
fn read(
    card: &mut impl Transmit,
    pulse: &impl Pulse,
    work: &Work,
    trust: &Trust,
) -> Result<Files, Code> {
    let files = chip::read_back(card, &work.number(), &read_chance(pulse)?)
        .map_err(|error| say(&error, fault(&error)))?;
    if let Some(file) = files.first_difference(&work.prepared.files) {
        let error = Error::Mismatch { file };
        return Err(say(&error, fault(&error)));
    }
    verify(&files, trust)?;
    Ok(files)
}

/// The same for what the face shows; what is endorsed later is not read.
fn read_face(
    card: &mut impl Transmit,
    pulse: &impl Pulse,
    work: &Work,
    trust: &Trust,
) -> Result<Files, Code> {
    let files = chip::read_face(card, &work.number(), &read_chance(pulse)?)
        .map_err(|error| say(&error, fault(&error)))?;
    let ours = &work.prepared.files;
    let shown = ours
        .each()
        .filter(|(file, _)| file.directory() != chip::Directory::Endorsements);
    for (file, bytes) in shown {
        if files.get(file) != Some(bytes) {
            let error = Error::Mismatch { file };
            return Err(say(&error, fault(&error)));
        }
    }
    verify(&files, trust)?;
    Ok(files)
}

/// The signature over what was read, chained to a trusted authority. A card without photo
/// bears none: there the comparison byte for byte stands for it.
fn verify(files: &Files, trust: &Trust) -> Result<(), Code> {
    let (Some(front), Some(photo)) = (files.front_image(), files.photo()) else {
        return Ok(());
    };
    let Some((code, certificate)) = files.signature() else {
        return Err(Code::SignatureRefused);
    };
    let authorities: Vec<&[u8]> = trust.authorities.iter().map(Vec::as_slice).collect();
    chip::signature::verify(front, photo, code, certificate, &authorities, trust.on)
        .map_err(|error| say(&error, Code::SignatureRefused))
}

/// Replaces the transport keys, closes the chip, and proves that it refuses what it must.
pub(super) fn lock(
    card: &mut impl Transmit,
    pulse: &impl Pulse,
    work: &Work,
    keys: &Keys,
) -> Outcome {
    let first = match chance(pulse) {
        Ok(first) => first,
        Err(code) => return Outcome::Refused(code),
    };
    if let Err(error) = chip::lock(card, &keys.transport, &keys.issuer, first) {
        return Outcome::InDoubt(say(&error, fault(&error)));
    }
    let proof = match prove(card, pulse, work) {
        Ok(proof) => proof,
        Err(code) => return Outcome::InDoubt(code),
    };
    match proof {
        Ok(()) => Outcome::Done(Proof::Chip(witness(card, pulse, None))),
        Err(error @ Error::NotLocked { .. }) => {
            Outcome::Found(Finding::Spoiled, say(&error, fault(&error)))
        }
        Err(error) => Outcome::InDoubt(say(&error, fault(&error))),
    }
}

/// The finished card's chip, read at the check station: locked, ours, and still the same.
pub(super) fn read_again(
    card: &mut impl Transmit,
    pulse: &impl Pulse,
    work: &Work,
    trust: &Trust,
) -> Result<Files, Code> {
    let state = chip::inspect(card).map_err(|error| say(&error, fault(&error)))?;
    if !state.is_locked() {
        return Err(Code::NotLocked);
    }
    read_face(card, pulse, work, trust)
}

/// Kills the chip of a card that will never pass.
pub(super) fn terminate(card: &mut impl Transmit, pulse: &impl Pulse, keys: &Keys) -> Outcome {
    let state = match chip::inspect(card) {
        Ok(state) => state,
        Err(error) => {
            say(&error, fault(&error));
            return Outcome::Done(Proof::Chip(Chip::Silent));
        }
    };
    let keys = if state.key_version == chip::ISSUER_VERSION {
        &keys.issuer
    } else {
        &keys.transport
    };
    let killed = chance(pulse).map(|challenge| chip::terminate(card, keys, challenge));
    match killed {
        Err(code) => Outcome::Refused(code),
        Ok(Ok(())) => Outcome::Done(Proof::Chip(witness(card, pulse, None))),
        Ok(Err(error)) => Outcome::InDoubt(say(&error, fault(&error))),
    }
}

/// Digest of files as evidence: each file's name and bytes, in order.
pub(super) fn files_digest(files: &Files) -> Digest {
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    for (file, content) in files.each() {
        bytes.extend_from_slice(file.name().as_bytes());
        bytes.extend_from_slice(content);
    }
    digest(&bytes)
}

#[cfg(test)]
mod tests;
