//! `firmware-sim hopper load`: makes blanks and lays them into the hopper of a state folder.

use clap::{Args, Subcommand};
use firmware_sim::Error;
use std::path::PathBuf;

/// Arguments of `hopper`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Make blanks and print their serials.
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
    },
}

/// Runs the act.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    match &arguments.act {
        Act::Load {
            state,
            count,
            first_serial,
        } => Err(Error::Parameter {
            name: "hopper",
            reason: format!("{} {count} {first_serial:?}: no chip yet", state.display()),
        }),
    }
}
