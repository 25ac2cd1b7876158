//! `firmware-sim hopper load`: makes blanks and lays them into the hopper of a state folder.

use super::state::State;
use clap::{Args, Subcommand};
use firmware_sim::Error;
use firmware_sim::chip::{Card, Flaw, TEST_TRANSPORT_MASTER};
use std::path::PathBuf;

/// First bytes of the serials of blanks that were not given one.
const SERIAL_PREFIX: [u8; 6] = *b"\x52\x43\x31\x00\x00\x01";

/// Arguments of `hopper`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Make blanks and print their serials, one a line.
    Load {
        /// The printer's state folder.
        #[arg(long)]
        state: PathBuf,
        /// How many blanks.
        #[arg(long)]
        count: u32,
        /// Serial of the first blank, 20 hex digits; the next ones count up.
        #[arg(long)]
        first_serial: Option<String>,
        /// Master of the transport keys, 32 hex digits; the published test master if not given.
        #[arg(long)]
        transport_master: Option<String>,
        /// A flaw that all of their chips have.
        #[arg(long)]
        flaw: Option<Flaw>,
    },
}

/// Runs the act.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    match &arguments.act {
        Act::Load {
            state,
            count,
            first_serial,
            transport_master,
            flaw,
        } => {
            let first = first_serial
                .as_deref()
                .map(|text| bytes("--first-serial", text));
            let master = match transport_master {
                Some(text) => bytes("--transport-master", text)?,
                None => TEST_TRANSPORT_MASTER,
            };
            let first = first.transpose()?;
            load(&State::open(state)?, *count, first, |serial| {
                let blank = Card::blank(serial, &master);
                match flaw {
                    Some(flaw) => blank.flawed(*flaw),
                    None => blank,
                }
            })
        }
    }
}

fn load(
    state: &State,
    count: u32,
    first: Option<[u8; 10]>,
    blank: impl Fn([u8; 10]) -> Card,
) -> Result<(), Error> {
    let place = state.take_places(count)?;
    for at in 0..count {
        let serial = match first {
            Some(first) => counted_up(first, at),
            None => default_serial(place + at),
        };
        state.lay(place + at, &mut blank(serial))?;
        println!("{}", hex::encode_upper(serial));
    }
    Ok(())
}

fn default_serial(place: u32) -> [u8; 10] {
    let mut serial = [0; 10];
    serial[..6].copy_from_slice(&SERIAL_PREFIX);
    serial[6..].copy_from_slice(&place.to_be_bytes());
    serial
}

/// The serial so many behind `first`, as one big number.
fn counted_up(first: [u8; 10], by: u32) -> [u8; 10] {
    let mut wide = [0; 16];
    wide[6..].copy_from_slice(&first);
    let sum = u128::from_be_bytes(wide)
        .wrapping_add(by.into())
        .to_be_bytes();
    let mut serial = [0; 10];
    serial.copy_from_slice(&sum[6..]);
    serial
}

fn bytes<const N: usize>(name: &'static str, text: &str) -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| Error::Parameter {
        name,
        reason: format!("{} hexadecimal digits are wanted", 2 * N),
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_count_up_over_the_byte() {
        let first = [0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF];
        assert_eq!(counted_up(first, 2), [0, 0, 0, 0, 0, 0, 0, 0, 2, 1]);
    }
}
