//! `firmware-sim card …`: blanks, forgeries, and cards laid on the desk readers.

use clap::{Args, Subcommand};
use firmware_sim::Error;
use std::path::PathBuf;

/// Arguments of `card`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Lay a card on a desk reader until stopped.
    Present {
        /// Folder of the card.
        folder: PathBuf,
        /// Which desk reader, from 1.
        #[arg(long, default_value_t = 1)]
        reader: u8,
    },
}

/// Runs the act.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    match &arguments.act {
        Act::Present { folder, reader } => Err(Error::Parameter {
            name: "card",
            reason: format!("{} at reader {reader}: no chip yet", folder.display()),
        }),
    }
}
