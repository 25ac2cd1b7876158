//! `firmware-sim printer`: the printer as a process, behind a pseudo terminal.

use clap::Args;
use firmware_sim::Error;
use std::path::PathBuf;

/// Arguments of `printer`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What outlives a power cut: counters, hopper, tags.
    #[arg(long)]
    state: PathBuf,
    /// Where the serial port appears, as a symbolic link.
    #[arg(long)]
    link: PathBuf,
    /// Where cards that left the machine are written.
    #[arg(long)]
    out: Option<PathBuf>,
    /// How many times faster than real the mechanics run.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// Faults to inject.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// Port of the PC/SC service's slot of the encoder.
    #[arg(long, default_value_t = 20480)]
    encoder_port: u16,
    /// Port of the PC/SC service's slot of the check station.
    #[arg(long, default_value_t = 20481)]
    check_port: u16,
    /// Pre-print of the blanks: front.png and back.png.
    #[arg(long)]
    preprint: Option<PathBuf>,
    /// Pace the line to this instead of to the terminal's own setting.
    #[arg(long)]
    baud: Option<u32>,
}

/// Runs until stopped.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    Err(Error::Parameter {
        name: "printer",
        reason: format!("{arguments:?}: no mechanics yet"),
    })
}
