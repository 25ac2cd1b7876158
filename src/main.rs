//! The binary `station`: parse, run, exit code. Devices are opened behind `station::perform`.

use std::process::ExitCode;

fn main() -> ExitCode {
    card_station::cli::main(card_station::station::perform)
}
