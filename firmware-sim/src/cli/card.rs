//! `firmware-sim card …`: blanks, forgeries, and cards laid on the desk readers.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use clap::{Args, Subcommand};
use firmware_sim::Error;
use firmware_sim::chip::{self, Card};
use firmware_sim::vpcd::{AirTime, Slot};
use ring::rand::{SecureRandom, SystemRandom};

use super::{forge, signals};

/// Port of the first desk reader; the next readers follow.
const FIRST_DESK_PORT: u16 = 20490;

/// Arguments of `card`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Make a blank card with transport keys and print its serial.
    Blank {
        /// Folder for the card; made if need be.
        folder: PathBuf,
        /// Serial of the chip, 20 hex digits; by chance if not given.
        #[arg(long, value_parser = bytes::<10>)]
        serial: Option<[u8; 10]>,
        /// Master of the transport keys, 32 hex digits; the documented test master if not given.
        #[arg(long, value_parser = bytes::<16>)]
        transport_master: Option<[u8; 16]>,
    },
    /// Lay a card on a desk reader until stopped (SIGTERM or Ctrl-C).
    Present(Present),
    /// Make a forged card out of one that was issued.
    Forge(forge::Arguments),
}

#[derive(Debug, Args)]
struct Present {
    /// Folder of the card.
    folder: PathBuf,
    /// Which desk reader, from 1.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=2))]
    reader: u16,
    /// Port of the virtual reader, when it is not one of the desk readers.
    #[arg(long, conflicts_with = "reader")]
    port: Option<u16>,
    /// How many times faster than real the air is; 0 takes no time.
    #[arg(long, default_value_t = 0.0)]
    speed: f64,
    /// Bits a second between antenna and chip.
    #[arg(long, default_value_t = 106_000)]
    bit_rate: u32,
}

/// Runs the act.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    match &arguments.act {
        Act::Blank {
            folder,
            serial,
            transport_master,
        } => {
            let master = transport_master.unwrap_or(chip::TEST_TRANSPORT_MASTER);
            blank(folder, serial.map_or_else(chance, Ok)?, &master)
        }
        Act::Present(present) => present.run(),
        Act::Forge(arguments) => forge::run(arguments),
    }
}

/// Never overwrites: the folder might hold a card that somebody answers for.
fn blank(folder: &Path, serial: [u8; 10], master: &[u8; 16]) -> Result<(), Error> {
    if folder.join("chip.json").exists() {
        return Err(Error::Parameter {
            name: "folder",
            reason: format!("{} holds a card already", folder.display()),
        });
    }
    Card::blank(serial, master).store(folder)?;
    println!("{}", hex::encode_upper(serial));
    Ok(())
}

impl Present {
    fn run(&self) -> Result<(), Error> {
        let stopped = signals::Stop::prepare()?;
        let card = Card::load(&self.folder)?;
        let port = self.port.unwrap_or(FIRST_DESK_PORT + self.reader - 1);
        let air = AirTime {
            speed: self.speed,
            bit_rate: self.bit_rate,
        };
        println!("{card:?} on port {port}");
        let slot =
            Slot::insert(Arc::new(Mutex::new(card)), port, air).map_err(|source| Error::Port {
                what: "virtual reader",
                source,
            })?;
        stopped.wait()?;
        drop(slot);
        Ok(())
    }
}

fn chance() -> Result<[u8; 10], Error> {
    let mut serial = [0; 10];
    SystemRandom::new()
        .fill(&mut serial)
        .map_err(|_| Error::Parameter {
            name: "serial",
            reason: "the system gives no random numbers".into(),
        })?;
    Ok(serial)
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], String> {
    let bytes = hex::decode(text).map_err(|cause| cause.to_string())?;
    bytes
        .try_into()
        .map_err(|_| format!("{} hex digits are needed", 2 * N))
}
