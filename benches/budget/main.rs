//! The forty seconds: cards that were made in real time held against the model, and ten thousand
//! cards in virtual time for each baud, resolution and bit rate. `make bench-budget` runs it.

mod cards;
mod model;
#[path = "../samples/mod.rs"]
mod samples;

use model::sum::Odds;
use model::{Antenna, SLOWEST, Sample, exact, many, mechanics, percentile, summed, within};
use std::path::PathBuf;
use std::time::Instant;
use wire::apdu::Length;

const CARDS: usize = 10_000;
const SEED: u64 = 2_011;
const BAUDS: [u32; 6] = [115_200, 230_400, 460_800, 921_600, 1_500_000, 3_000_000];
const RATES: [u32; 4] = [106_000, 212_000, 424_000, 848_000];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let file = arguments.iter().position(|argument| argument == "--cards");
    let file = file.and_then(|at| arguments.get(at + 1)).map(PathBuf::from);
    if let Some(file) = file {
        cards::show(&file);
    }
    if !arguments.iter().any(|argument| argument == "--real") {
        show_virtual();
    }
}

fn show_virtual() {
    let begun = Instant::now();
    let (odds, calm) = (Odds::YEAR, mechanics(1, &Odds::NONE, SEED).remove(0));
    let all = mechanics(CARDS, &odds, SEED);
    println!("\n{CARDS} cards in virtual time, seed {SEED}; {odds:?}");
    let heading = "p50     p95     p99   p99.9     max  within 40 s   model − driver and simulator";
    println!("\n dpi      baud     raster     {heading}");
    for dpi in [300, 600] {
        let sample = Sample::at(dpi);
        let antenna = Antenna::new(&sample.files, Length::Short, SLOWEST);
        let bytes: usize = sample.panels().iter().map(model::weight).sum();
        for baud in BAUDS {
            let (took, profile) = exact(&sample, &antenna, baud);
            let model = summed(&calm, &profile, &antenna);
            let late = profile
                .arrived
                .last()
                .map_or(0.0, |(_, at)| at.as_secs_f64());
            let apart = model.as_secs_f64() - took.as_secs_f64();
            println!(
                " {dpi} {baud:>9} {:>4} kB {late:>4.1} s {}   {:.2} − {:.2} = {apart:+.3}",
                bytes / 1000,
                figures(&many(&all, &profile, &antenna, &odds, SEED)),
                model.as_secs_f64(),
                took.as_secs_f64(),
            );
        }
    }
    println!("\n commands  kbit/s  write  verify + lock    {heading}");
    let sample = Sample::at(300);
    for (name, length) in [("short", Length::Short), ("extended", Length::Extended)] {
        for rate in RATES {
            let antenna = Antenna::new(&sample.files, length, rate);
            let (took, profile) = exact(&sample, &antenna, 460_800);
            let model = summed(&calm, &profile, &antenna);
            let (talk, air) = (&antenna.talk, &antenna.air);
            println!(
                " {name:<8} {:>7} {:>6.2} {:>14.2}  {}   {:.2} − {:.2} = {:+.3}",
                rate / 1000,
                talk.write.time(air).as_secs_f64(),
                (talk.verify.time(air) + talk.lock.time(air)).as_secs_f64(),
                figures(&many(&all, &profile, &antenna, &odds, SEED)),
                model.as_secs_f64(),
                took.as_secs_f64(),
                model.as_secs_f64() - took.as_secs_f64(),
            );
        }
        let talk = model::talk::Talk::of(&sample.files, length);
        println!("   {}", parts(&talk));
    }
    println!("\ncomputed in {:.1} s", begun.elapsed().as_secs_f64());
}

/// p50, p95, p99, p99.9, the greatest, and the share within the limit.
fn figures(sorted: &[std::time::Duration]) -> String {
    let at = |percent| percentile(sorted, percent).as_secs_f64();
    format!(
        "{:>7.2} {:>7.2} {:>7.2} {:>7.2} {:>7.2} {:>10.2} %",
        at(50.0),
        at(95.0),
        at(99.0),
        at(99.9),
        at(100.0),
        within(sorted),
    )
}

/// What is said to the chip: commands, bytes there and back.
fn parts(talk: &model::talk::Talk) -> String {
    let parts = [
        ("blank", &talk.blank),
        ("write", &talk.write),
        ("verify", &talk.verify),
        ("lock", &talk.lock),
        ("check", &talk.check),
    ];
    let told = parts.map(|(name, part)| {
        let (sent, received) = part.bytes();
        format!(
            "{name} {} commands, {sent} + {received} bytes",
            part.commands()
        )
    });
    told.join("; ")
}
