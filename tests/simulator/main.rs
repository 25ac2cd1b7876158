//! `make simulate`: issuances by the million against a simulated world; a failing run is told with
//! the one command that repeats it, with the fewest strikes that still break the same law.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a simulated world names the cases that it is about"
)]

mod authority;
mod bytes;
mod campaign;
mod checkers;
mod disk;
mod faults;
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
    let what = arguments.get(1).map(String::as_str);
    let well = match what {
        Some("random") => summary::random(number("--issuances", 1_000_000), seed, threads),
        Some("exhaustive") => summary::exhaustive(number("--step", 1)),
        Some("planted") => summary::planted(number("--issuances", 10_000)),
        Some("bytes") => bytes::campaign::whole(number("--issuances", 5_000), seed, threads),
        Some("bytes-exhaustive") => {
            bytes::campaign::exhaustive(number("--step", 1), threads as usize)
        }
        Some("bytes-planted") => bytes::campaign::planted(number("--issuances", 2_000)),
        Some("one") if value("--level").as_deref() == Some("bytes") => {
            bytes::campaign::one(seed, value("--kind"), value("--strikes"))
        }
        Some("one") => summary::one(seed, value("--kind"), value("--strikes")),
        // `cargo bench` runs every bench; this one has its own commands.
        Some(_) | None => true,
    };
    if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
