//! `make simulate`: issuances by the million against a simulated world; a failing run is told with
//! the one command that repeats it, with the fewest strikes that still break the same law.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a simulated world names the cases that it is about"
)]

mod authority;
mod book;
mod bytes;
mod campaign;
mod checkers;
mod disk;
mod faults;
mod goals;
mod hands;
mod interior;
mod kit;
mod life;
mod motions;
mod office;
mod operator;
mod plan;
mod planted;
mod run;
mod summary;
mod supply;
mod tokens;
mod truth;
mod world;

use faults::Level;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let number = |name: &str, default| {
        value(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let (seed, threads) = (number("--seed", 1), number("--threads", 2));
    let level = match value("--level").as_deref() {
        Some("bytes") => Level::Bytes,
        Some(_) | None => Level::Decision,
    };
    let what = arguments.get(1).map(String::as_str);
    let well = match what {
        Some("random") => summary::random(level, number("--issuances", 1), seed, threads),
        Some("exhaustive") => summary::exhaustive(level, number("--step", 1), threads),
        Some("planted") => summary::planted(level, number("--issuances", 10_000)),
        Some("one") => summary::one(level, seed, value("--kind"), value("--strikes")),
        // `cargo bench` runs every bench; this one has its own commands.
        Some(_) | None => true,
    };
    if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
