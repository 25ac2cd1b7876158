//! What people read of a campaign, and what a big one must have reached.

use std::thread::available_parallelism;

use super::campaign::{self, Counted, Sum};
use super::faults::{self, Fault, Level};
use super::life::FIVE;
use super::planted::Planted;
use super::run::{Plan, run};
use super::world::config;

/// From so many issuances on a campaign must reach all that it can.
const BIG: u64 = 100_000;

/// What a big campaign must have found in journals of each step: the rows of the recovery table, and
/// what a check or a person found.
const ROWS: [(&str, &str); 21] = [
    ("SightOld", "untouched spoiled"),
    ("Feed", "done untouched spoiled unknown"),
    ("Encode", "done untouched spoiled unknown"),
    ("Lock", "done untouched spoiled unknown"),
    ("Print(BackK)", "done untouched spoiled unknown"),
    ("Print(Y)", "done untouched spoiled unknown"),
    ("Print(M)", "done untouched spoiled unknown"),
    ("Print(C)", "done untouched spoiled unknown"),
    ("Print(K)", "done untouched spoiled unknown"),
    ("Print(Uv)", "done untouched spoiled unknown"),
    ("Print(Pearl)", "done untouched spoiled unknown"),
    ("Flip", "done untouched unknown"),
    ("Hologram", "done untouched spoiled unknown"),
    ("Check", "untouched spoiled unknown"),
    ("Eject", "done untouched unknown"),
    ("CollectOld", "untouched unknown"),
    ("Release", "done untouched unknown"),
    ("HandOver", "untouched unknown"),
    ("Punch", "untouched unknown"),
    ("Terminate", "done untouched"),
    ("Reject", "done untouched unknown"),
];

/// How a job must have ended in a big campaign, whatever became of the old card.
const ENDS: [&str; 8] = [
    "declined",
    "Delivered",
    "Returned",
    "Spoiled",
    "Quarantined",
    "Withdrawn(HolderAbsent)",
    "Withdrawn(DataWrong)",
    "Withdrawn(DatePassed)",
];

/// What must have become of the old card in one end or another.
const OLD_CARDS: [&str; 8] = [
    "NotRequired",
    "Expected",
    "Sighted",
    "Punched",
    "LostDeclared",
    "Waived",
    "Forged",
    "GivenBack",
];

/// `make simulate`.
pub(crate) fn random(issuances: u64, seed: u64, threads: u64) -> bool {
    let sum = campaign::random(issuances, seed, threads.max(1));
    show(&sum);
    failures(&sum);
    let missed = if issuances >= BIG {
        missed(&sum)
    } else {
        Vec::new()
    };
    for name in &missed {
        println!("never reached: {name}");
    }
    sum.failures == 0 && missed.is_empty()
}

/// `make simulate-exhaustive`.
pub(crate) fn exhaustive(step: u64) -> bool {
    let step = usize::try_from(step).unwrap_or(1).max(1);
    let threads = available_parallelism().map_or(1, usize::from);
    let kinds: Vec<usize> = (0..FIVE.len()).collect();
    let shares: Vec<Vec<usize>> = (0..threads)
        .map(|at| kinds.iter().copied().skip(at).step_by(threads).collect())
        .collect();
    let counted: Vec<Counted> = std::thread::scope(|scope| {
        let running: Vec<_> = shares
            .iter()
            .map(|share| scope.spawn(move || campaign::exhaustive(step, true, share)))
            .collect();
        let done = running
            .into_iter()
            .map(|thread| thread.join().expect("a thread of runs"));
        done.collect()
    });
    let (cuts, pairs, single): (u64, u64, u64) = counted.iter().fold((0, 0, 0), |sum, one| {
        (sum.0 + one.cuts, sum.1 + one.pairs, sum.2 + one.faults)
    });
    let took = counted
        .iter()
        .map(|one| one.sum.took)
        .max()
        .unwrap_or_default();
    println!("{cuts} single cuts, {pairs} pairs of cuts, {single} single faults, in {took:.0?}");
    let mut well = true;
    for one in &counted {
        failures(&one.sum);
        well &= one.sum.failures == 0;
    }
    well
}

/// `make simulate-planted`: each mistake must be found.
pub(crate) fn planted(most: u64) -> bool {
    let mut well = true;
    println!("| planted mistake | found after issuances | seed | as |");
    println!("| --- | --- | --- | --- |");
    for planted in Planted::ALL {
        match campaign::find(*planted, most) {
            Some(found) => println!(
                "| {} | {} | {} | {} |",
                planted.name(),
                found.issuances,
                found.seed,
                found.law.chars().take(90).collect::<String>()
            ),
            None => {
                println!("| {} | not in {most} | | |", planted.name());
                well = false;
            }
        }
    }
    well
}

/// `make simulate-one`: one run, told step by step.
pub(crate) fn one(seed: u64, kind: Option<String>, strikes: Option<String>) -> bool {
    let kind = kind
        .and_then(|kind| kind.parse().ok())
        .filter(|kind| *kind < FIVE.len());
    let strikes = strikes.and_then(|text| faults::read(&text));
    let plan = Plan {
        strikes,
        trace: true,
        ..Plan::of(seed)
    }
    .of_kind(kind);
    let came = run(&plan, &config());
    println!("strikes: {}", faults::written(&came.struck));
    for law in &came.broken {
        println!("BROKEN {law}");
    }
    if !came.broken.is_empty() {
        let fewest = campaign::shrink(&plan, &came.struck);
        println!("fewest: {}", campaign::command(&plan, &fewest));
    }
    came.broken.is_empty()
}

pub(crate) fn show(sum: &Sum) {
    let seconds = sum.took.as_secs_f64();
    let rate = sum.issuances as f64 / seconds;
    let share = 100.0 * sum.faulted as f64 / sum.issuances.max(1) as f64;
    println!(
        "{} issuances in {} runs, {seconds:.0} s, {rate:.0} a second; {share:.0} % with a fault",
        sum.issuances, sum.runs
    );
    println!(
        "{} requests, {} starts of the station",
        sum.reached.requests, sum.reached.restarts
    );
    println!("\nfaults:");
    for (fault, count) in &sum.strikes {
        println!("  {:<34}{count:>10}", fault.name());
    }
    println!("\nrows of the recovery table:");
    for (step, finding) in &sum.reached.rows {
        println!("  {step:?} → {finding}");
    }
    println!("\nends:");
    for end in &sum.reached.ends {
        println!("  {end}");
    }
    let stops: Vec<&str> = sum.reached.stops.iter().map(|code| code.name()).collect();
    println!("\nstops shown: {}", stops.join(" "));
}

pub(crate) fn failures(sum: &Sum) {
    println!("\n{} runs broke a law", sum.failures);
    for (broken, command) in &sum.failed {
        println!("{}\n  {command}", broken.join("\n"));
    }
}

/// What a big campaign should have reached and did not.
fn missed(sum: &Sum) -> Vec<String> {
    let faults = Fault::ALL
        .iter()
        .filter(|fault| fault.is_of(Level::Decision) && !sum.strikes.contains_key(fault))
        .map(|fault| fault.name().to_owned());
    let rows = ROWS.iter().flat_map(|(step, findings)| {
        let wanted = findings.split(' ');
        wanted.map(move |finding| (*step, finding))
    });
    let met = |wanted: &(&str, &str)| {
        let mut rows = sum.reached.rows.iter();
        rows.any(|(step, finding)| (format!("{step:?}").as_str(), *finding) == *wanted)
    };
    let rows = rows
        .filter(|wanted| !met(wanted))
        .map(|(step, finding)| format!("{step} {finding}"));
    let ends = ENDS
        .iter()
        .filter(|end| !sum.reached.ends.iter().any(|met| met.starts_with(*end)))
        .map(|end| (*end).to_owned());
    let old = OLD_CARDS
        .iter()
        .filter(|old| !sum.reached.ends.iter().any(|met| met.ends_with(*old)))
        .map(|old| format!("old card {old}"));
    faults.chain(rows).chain(ends).chain(old).collect()
}
