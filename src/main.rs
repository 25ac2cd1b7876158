//! The binary `station`: parse, run, exit code.

use std::process::ExitCode;

use card_station::station::request::{Reply, Stop};

fn main() -> ExitCode {
    card_station::cli::main(|_, _, _, _| -> Result<Reply, Stop> {
        Err(Stop::plain(card_station::fault::Code::Unknown))
    })
}
