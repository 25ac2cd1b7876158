//! The cards that were made in real time: each beside the simulator's own critical path, where
//! the time between motions went, and what the model says of the same card.

use super::model::sum::Odds;
use super::model::{Antenna, SLOWEST, Sample, exact, mechanics, summed};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use wire::apdu::Length;

/// One card as the simulator tells it.
struct Made {
    baud: u32,
    dpi: u32,
    took_ms: u64,
    critical_ms: u64,
    keys_ms: u64,
    link_ms: u64,
    /// From the end of each motion to the begin of the next, by the next one's name.
    between: Vec<(String, u64)>,
    /// By how much motions took longer than their table.
    longer_ms: i64,
}

/// Prints one line for each card, and one for each baud beside the model.
pub(crate) fn show(file: &Path) {
    let text = std::fs::read_to_string(file).expect("the list of cards");
    let cards: Vec<Made> = text.lines().filter_map(read).collect();
    println!("\n{} cards in real time", cards.len());
    println!("    baud  dpi  T0 to slot  critical path    over  between motions, ms");
    for card in &cards {
        println!(
            "{:>8} {:>4} {:>9.2} s {:>12.2} s {:>+4} ms  {}",
            card.baud,
            card.dpi,
            card.took_ms as f64 / 1000.0,
            card.critical_ms as f64 / 1000.0,
            card.took_ms as i64 - card.critical_ms as i64,
            gaps(card),
        );
    }
    let mut by_speed: BTreeMap<(u32, u32), Vec<&Made>> = BTreeMap::new();
    for card in &cards {
        by_speed
            .entry((card.dpi, card.baud))
            .or_default()
            .push(card);
    }
    for ((dpi, baud), made) in by_speed {
        beside_model(dpi, baud, &made);
    }
}

fn beside_model(dpi: u32, baud: u32, made: &[&Made]) {
    let median = |of: fn(&Made) -> i64| {
        let mut all: Vec<i64> = made.iter().map(|card| of(card)).collect();
        all.sort_unstable();
        all[all.len() / 2]
    };
    let took = median(|card| card.took_ms as i64);
    let over = |card: &Made| card.took_ms as i64 - card.critical_ms as i64;
    let sample = Sample::at(dpi);
    let antenna = Antenna::new(&sample.files, Length::Short, SLOWEST);
    let (driven, profile) = exact(&sample, &antenna, baud);
    let model = summed(&mechanics(1, &Odds::NONE, 0).remove(0), &profile, &antenna);
    println!(
        "{baud} baud, {dpi} dpi: median {:.2} s, over {} ms (greatest {} ms, goal 300 ms; the \
         critical path allows {} ms for keys and {} ms for the link check; motions took {} ms \
         more); driver and simulator in \
         virtual time {:.2} s, model {:.2} s, apart {:+.2} s",
        took as f64 / 1000.0,
        median(over),
        made.iter().map(|card| over(card)).max().unwrap_or(0),
        median(|card| card.keys_ms as i64),
        median(|card| card.link_ms as i64),
        median(|card| card.longer_ms),
        driven.as_secs_f64(),
        model.as_secs_f64(),
        model.as_secs_f64() - took as f64 / 1000.0,
    );
}

fn gaps(card: &Made) -> String {
    let told = card.between.iter().map(|(name, ms)| format!("{name} {ms}"));
    told.collect::<Vec<_>>().join(", ")
}

/// One line of the list: baud, resolution, the card's truth file.
fn read(line: &str) -> Option<Made> {
    let mut fields = line.split('\t');
    let baud = fields.next()?.parse().ok()?;
    let dpi = fields.next()?.parse().ok()?;
    let truth: Value = serde_json::from_slice(&std::fs::read(fields.next()?).ok()?).ok()?;
    let times = &truth["times"];
    let motions = truth["motions"].as_array()?;
    let mut between = Vec::new();
    let (mut ended, mut longer_ms) = (0, 0);
    for motion in motions {
        let name = motion["motion"].as_str()?;
        let (at, took) = (motion["at_ms"].as_u64()?, motion["elapsed_ms"].as_u64()?);
        if name == "Release" {
            break;
        }
        between.push((name.to_owned(), at.saturating_sub(ended)));
        longer_ms += took as i64 - motion["planned_ms"].as_i64()?;
        ended = at + took;
    }
    Some(Made {
        baud,
        dpi,
        took_ms: times["t0_to_exit_ms"].as_u64()?,
        critical_ms: times["critical_path_ms"].as_u64()?,
        keys_ms: times["keys_ms"].as_u64()?,
        link_ms: times["link_check_ms"].as_u64()?,
        between,
        longer_ms,
    })
}
