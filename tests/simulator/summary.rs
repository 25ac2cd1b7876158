//! What people read of a campaign, at either level.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::campaign::{self, Counted, Steps, Sum};
use super::faults::{self, Level};
use super::goals;
use super::life::FIVE;
use super::planted::Planted;
use super::run::{Plan, run};
use super::world::config;

/// `make simulate`.
pub(crate) fn random(level: Level, issuances: u64, seed: u64, threads: u64) -> bool {
    let sum = campaign::random(level, issuances, seed, threads.max(1));
    show(&sum);
    failures(&sum);
    let missed = goals::missed(level, &sum);
    for name in &missed {
        println!("never reached: {name}");
    }
    sum.failures == 0 && missed.is_empty()
}

/// `make simulate-exhaustive`: the five kinds of issuance, shared among threads.
pub(crate) fn exhaustive(level: Level, step: u64, threads: u64) -> bool {
    let step = usize::try_from(step).unwrap_or(1).max(1);
    let steps = Steps::of(level, step);
    let begun = Instant::now();
    let next = AtomicUsize::new(0);
    let share = || {
        let mut counted = Counted::default();
        loop {
            let kind = next.fetch_add(1, Ordering::Relaxed);
            if kind >= FIVE.len() {
                return counted;
            }
            counted.join(campaign::exhaustive(level, &steps, kind));
        }
    };
    let mut all = Counted::default();
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(share)).collect();
        for thread in running {
            all.join(thread.join().expect("a thread of runs"));
        }
    });
    println!(
        "{} single cuts, {} pairs of cuts, {} single faults, in {:.0?}",
        all.cuts,
        all.pairs,
        all.faults,
        begun.elapsed()
    );
    failures(&all.sum);
    all.sum.failures == 0
}

/// `make simulate-planted`: each mistake must be found.
pub(crate) fn planted(level: Level, most: u64) -> bool {
    let mut well = true;
    println!("| planted mistake | found after issuances | seed | as |");
    println!("| --- | --- | --- | --- |");
    for planted in Planted::found_at(level) {
        match campaign::find(level, *planted, most) {
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
pub(crate) fn one(level: Level, seed: u64, kind: Option<String>, strikes: Option<String>) -> bool {
    let kind = kind
        .and_then(|kind| kind.parse().ok())
        .filter(|kind| *kind < FIVE.len());
    let strikes = strikes.and_then(|text| faults::read(&text));
    let plan = Plan {
        strikes,
        trace: true,
        ..Plan::of(seed)
    }
    .of_kind(kind)
    .at(level);
    let came = run(&plan, &config());
    println!("strikes: {}", faults::written(&came.struck));
    if level == Level::Bytes {
        println!("of the machine: {:?}", came.reached.machine);
    }
    for law in &came.broken {
        println!("BROKEN {law}");
    }
    if !came.broken.is_empty() {
        let fewest = campaign::shrink(&plan, &came.struck);
        println!("fewest: {}", campaign::command(&plan, &fewest));
    }
    came.broken.is_empty()
}

fn show(sum: &Sum) {
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
    if !sum.reached.machine.is_empty() {
        println!("\nthe machine's own faults:");
    }
    for (name, count) in &sum.reached.machine {
        println!("  {name:<34}{count:>10}");
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

fn failures(sum: &Sum) {
    println!("\n{} runs broke a law", sum.failures);
    for (broken, command) in &sum.failed {
        println!("{}\n  {command}", broken.join("\n"));
    }
}
