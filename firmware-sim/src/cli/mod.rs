//! The command line: one file per subcommand, each with its arguments and its `run`.

mod antennas;
mod card;
mod control;
mod forge;
mod hopper;
mod out;
mod pcscd;
mod printer;
mod pty;
mod signals;
mod sole;
mod state;

use clap::{Parser, Subcommand};
use firmware_sim::Error;

/// A simulated IC-card printer and simulated chips.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Be the printer: a serial port at a pseudo terminal, and two antennas.
    Printer(printer::Arguments),
    /// Fill the hopper with blanks.
    Hopper(hopper::Arguments),
    /// Be the hands at the machine: the acts of `control`.
    Person(control::Arguments),
    /// Steer a running printer: faults, mains, line noise, hands; show the truth.
    Control(control::Arguments),
    /// Make, forge and present cards on the desk readers.
    Card(card::Arguments),
    /// Run a PC/SC service of one's own with the virtual readers.
    Pcscd(pcscd::Arguments),
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), Error> {
        match self.command {
            Command::Printer(arguments) => printer::run(&arguments),
            Command::Hopper(arguments) => hopper::run(&arguments),
            Command::Person(arguments) | Command::Control(arguments) => control::run(&arguments),
            Command::Card(arguments) => card::run(&arguments),
            Command::Pcscd(arguments) => pcscd::run(&arguments),
        }
    }
}

/// The error and all its causes on one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        line.push_str(": ");
        line.push_str(&inner.to_string());
        cause = inner.source();
    }
    line
}
