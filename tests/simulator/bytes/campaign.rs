//! Campaigns at the level of bytes: by chance, by every cut and single fault; what they add up to,
//! and what a big one must have reached.

use super::super::campaign::{self, Counted, Steps, Sum};
use super::super::faults::{self, Fault, Level};
use super::super::life::FIVE;
use super::super::planted::Planted;
use super::super::run::{Plan, run};
use super::super::summary;
use super::super::world::config;

/// From so many issuances on a campaign must reach all that it can.
const BIG: u64 = 5_000;

/// Rows of the recovery table that a big campaign must have met in journals: step and finding.
const ROWS: [&str; 65] = [
    "SightOld spoiled",
    "SightOld untouched",
    "Feed done",
    "Feed spoiled",
    "Feed unknown",
    "Feed untouched",
    "Encode done",
    "Encode spoiled",
    "Encode unknown",
    "Encode untouched",
    "Lock done",
    "Lock spoiled",
    "Lock unknown",
    "Lock untouched",
    "Print(BackK) done",
    "Print(BackK) spoiled",
    "Print(BackK) untouched",
    "Print(Y) done",
    "Print(Y) spoiled",
    "Print(Y) unknown",
    "Print(Y) untouched",
    "Print(M) done",
    "Print(M) spoiled",
    "Print(M) untouched",
    "Print(C) done",
    "Print(C) spoiled",
    "Print(C) unknown",
    "Print(C) untouched",
    "Print(K) done",
    "Print(K) spoiled",
    "Print(K) unknown",
    "Print(K) untouched",
    "Print(Uv) done",
    "Print(Uv) spoiled",
    "Print(Uv) unknown",
    "Print(Uv) untouched",
    "Print(Pearl) done",
    "Print(Pearl) spoiled",
    "Print(Pearl) unknown",
    "Print(Pearl) untouched",
    "Flip done",
    "Flip unknown",
    "Flip untouched",
    "Hologram done",
    "Hologram spoiled",
    "Hologram unknown",
    "Hologram untouched",
    "Check spoiled",
    "Check unknown",
    "Check untouched",
    "Eject unknown",
    "Eject untouched",
    "CollectOld spoiled",
    "CollectOld unknown",
    "CollectOld untouched",
    "Release done",
    "Release untouched",
    "HandOver untouched",
    "Punch untouched",
    "Terminate done",
    "Terminate unknown",
    "Terminate untouched",
    "Reject done",
    "Reject unknown",
    "Reject untouched",
];
/// Ends that it must have reached.
const ENDS: [&str; 24] = [
    "Delivered / old card LostDeclared",
    "Delivered / old card NotRequired",
    "Delivered / old card Punched",
    "Delivered / old card Waived",
    "Quarantined / old card GivenBack",
    "Quarantined / old card LostDeclared",
    "Quarantined / old card NotRequired",
    "Returned / old card Expected",
    "Returned / old card Forged",
    "Returned / old card GivenBack",
    "Returned / old card LostDeclared",
    "Returned / old card NotRequired",
    "Spoiled / old card GivenBack",
    "Spoiled / old card LostDeclared",
    "Spoiled / old card NotRequired",
    "Spoiled / old card Waived",
    "Withdrawn(DataWrong) / old card GivenBack",
    "Withdrawn(DataWrong) / old card LostDeclared",
    "Withdrawn(DataWrong) / old card NotRequired",
    "Withdrawn(HolderAbsent) / old card GivenBack",
    "Withdrawn(HolderAbsent) / old card LostDeclared",
    "Withdrawn(HolderAbsent) / old card NotRequired",
    "Withdrawn(OldForged) / old card Forged",
    "declined",
];
/// The machine's own faults that it must have met.
const MACHINE: [&str; 14] = [
    "card-lost",
    "chip-dies",
    "counter-jumped",
    "cover-open",
    "cover-opened",
    "done-early",
    "firmware",
    "jam",
    "power-cut",
    "ribbon-out",
    "ribbon-stuck",
    "stale-answer",
    "stuck-jam",
    "unknown-condition",
];

/// `make simulate-bytes`.
pub(crate) fn whole(issuances: u64, seed: u64, threads: u64) -> bool {
    let sum = campaign::random_at(Level::Bytes, issuances, seed, threads.max(1));
    summary::show(&sum);
    println!("\nthe machine's own faults:");
    for (name, count) in &sum.reached.machine {
        println!("  {name:<34}{count:>10}");
    }
    summary::failures(&sum);
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

/// What a big campaign should have reached and did not.
pub(crate) fn missed(sum: &Sum) -> Vec<String> {
    let faults = Fault::ALL
        .iter()
        .filter(|fault| fault.is_of(Level::Bytes) && !sum.strikes.contains_key(fault))
        .map(|fault| fault.name().to_owned());
    let rows = ROWS.iter().filter(|row| {
        let met = |(step, finding): &(_, &str)| format!("{step:?} {finding}") == **row;
        !sum.reached.rows.iter().any(met)
    });
    let ends = ENDS
        .iter()
        .filter(|end| !sum.reached.ends.iter().any(|met| met == *end));
    let machine = MACHINE
        .iter()
        .filter(|name| !sum.reached.machine.contains_key(*name));
    let named = rows.chain(ends).chain(machine);
    faults.chain(named.map(|name| (*name).to_owned())).collect()
}

/// `make simulate-bytes-exhaustive`: one issuance of each kind, a cut at each boundary, and every
/// other fault at each `step`-th of its places.
pub(crate) fn exhaustive(step: u64, threads: usize) -> bool {
    let steps = Steps {
        cuts: 1,
        pairs: false,
        faults: usize::try_from(step).unwrap_or(1).max(1),
    };
    let kinds: Vec<usize> = (0..FIVE.len()).collect();
    let shares = (0..threads)
        .map(|at| kinds.iter().copied().skip(at).step_by(threads).collect())
        .collect::<Vec<Vec<usize>>>();
    let counted: Vec<Counted> = std::thread::scope(|scope| {
        let one = |share: &Vec<usize>| {
            let (share, steps) = (share.clone(), &steps);
            scope.spawn(move || campaign::exhaustive_at(Level::Bytes, steps, &share))
        };
        let running: Vec<_> = shares.iter().map(one).collect();
        running
            .into_iter()
            .map(|thread| thread.join().expect("a thread of runs"))
            .collect()
    });
    let cuts: u64 = counted.iter().map(|one| one.cuts).sum();
    let single: u64 = counted.iter().map(|one| one.faults).sum();
    let took = counted.iter().map(|one| one.sum.took).max();
    let took = took.unwrap_or_default();
    println!("{cuts} single cuts, {single} single faults, in {took:.0?}");
    let mut all = Sum::default();
    for one in counted {
        all.join(one.sum);
    }
    summary::failures(&all);
    all.failures == 0
}

/// Mistakes whose finding proves that this level's truth is seen: of storage, line, face, chip and desk.
pub(crate) const FOUND_HERE: [Planted; 9] = [
    Planted::SkipSync,
    Planted::IntentAfterAct,
    Planted::PassRepeated,
    Planted::ScanSkipped,
    Planted::LockTrusted,
    Planted::ReadBackSkipped,
    Planted::AnyStock,
    Planted::PunchedEarly,
    Planted::HandedByScreen,
];

/// `make simulate-bytes-planted`: each of them must be found.
pub(crate) fn planted(most: u64) -> bool {
    println!("| planted mistake | found after issuances | seed | as |");
    println!("| --- | --- | --- | --- |");
    let mut well = true;
    for planted in FOUND_HERE {
        match campaign::find_at(Level::Bytes, planted, most) {
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

/// `make simulate-one LEVEL=bytes`: one run, told step by step.
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
    .of_kind(kind)
    .at(Level::Bytes);
    let begun = std::time::Instant::now();
    let came = run(&plan, &config());
    println!("{:?} of this machine's time", begun.elapsed());
    println!("strikes: {}", faults::written(&came.struck));
    println!("of the machine: {:?}", came.reached.machine);
    for law in &came.broken {
        println!("BROKEN {law}");
    }
    if !came.broken.is_empty() {
        let fewest = campaign::shrink(&plan, &came.struck);
        println!("fewest: {}", campaign::command(&plan, &fewest));
    }
    came.broken.is_empty()
}
