//! One command, one answer: the only place that touches the seam to the card.

use crate::Error;
use wire::apdu::{Command, Le, Response, StatusWord, Transmit};

/// As many bytes as a short answer carries (Le 00).
pub(crate) const SHORT_ALL: Option<Le> = Some(Le::Number(256));

/// A command from its header `[CLA, INS, P1, P2]`.
pub(crate) fn command(header: [u8; 4], data: &[u8], le: Option<Le>) -> Command {
    let [cla, ins, p1, p2] = header;
    Command {
        cla,
        ins,
        p1,
        p2,
        data: data.to_vec(),
        le,
    }
}

/// Sends a command and returns whatever the card answers.
pub(crate) fn exchange<T: Transmit>(
    card: &mut T,
    step: &'static str,
    command: &Command,
) -> Result<Response, Error> {
    card.transmit(command).map_err(|source| Error::Lost {
        step,
        source: Box::new(source),
    })
}

/// Sends a command that must succeed and returns its data.
pub(crate) fn demand<T: Transmit>(
    card: &mut T,
    step: &'static str,
    command: &Command,
) -> Result<Vec<u8>, Error> {
    accept(step, exchange(card, step, command)?)
}

/// The data of an answer with 9000.
pub(crate) fn accept(step: &'static str, response: Response) -> Result<Vec<u8>, Error> {
    match response.sw.is_ok() {
        true => Ok(response.data),
        false => Err(Error::Refused {
            step,
            status: response.sw,
        }),
    }
}

/// Whether a status word says that the command was carried out, with or without a warning.
pub(crate) fn carried_out(status: StatusWord) -> bool {
    matches!(status.0 >> 8, 0x90 | 0x61..=0x63)
}
