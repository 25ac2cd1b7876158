//! One chip's life at the level of bytes: the station's own chip steps speak real commands to the
//! simulated card, and every command can be lost, torn off, flipped, cut short or doubled. What the
//! card is in truth is held against what the recovery table made of its witness.

mod air;
mod life;

use crate::issuance::{Finding, Step};
use air::{Harm, Plan};
use life::{Bench, End, Life};
use std::collections::{BTreeMap, HashSet};

/// What a campaign came to.
#[derive(Default)]
struct Tally {
    lives: usize,
    harmed: usize,
    struck: BTreeMap<Harm, usize>,
    ends: BTreeMap<End, usize>,
    rows: HashSet<(Step, Finding)>,
}

impl Tally {
    fn takes(&mut self, life: Life) {
        self.lives += 1;
        self.harmed += usize::from(!life.struck.is_empty());
        for harm in life.struck {
            *self.struck.entry(harm).or_default() += 1;
        }
        *self.ends.entry(life.end).or_default() += 1;
        self.rows.extend(life.rows);
    }

    /// A run that did not see a fault, a row or an end proves nothing about it.
    fn reached(&self) {
        for harm in Harm::ALL {
            assert!(self.struck.contains_key(&harm), "{harm:?} never struck");
        }
        for end in [End::Passed, End::Back, End::Killed] {
            assert!(self.ends.contains_key(&end), "{end:?} never reached");
        }
        for (step, finding) in [
            (Step::Encode, Finding::Untouched),
            (Step::Encode, Finding::Done),
            (Step::Encode, Finding::Spoiled),
            (Step::Lock, Finding::Untouched),
            (Step::Lock, Finding::Done),
            (Step::Lock, Finding::Spoiled),
            (Step::Terminate, Finding::Untouched),
            (Step::Terminate, Finding::Done),
        ] {
            assert!(
                self.rows.contains(&(step, finding)),
                "{step:?} {finding:?} never found"
            );
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} chips, {} of them harmed", self.lives, self.harmed)?;
        writeln!(f, "faults {:?}", self.struck)?;
        writeln!(f, "ends {:?}", self.ends)?;
        write!(f, "rows {:?}", self.rows)
    }
}

#[test]
fn an_undisturbed_chip_passes() {
    let life = Bench::new().lives(Plan::Clear, 0);
    assert_eq!((life.end, life.rows.len()), (End::Passed, 0));
    assert!(life.commands > 40, "{} commands", life.commands);
}

/// Every fault at every `stride`th command of one life.
fn at_each_command(stride: usize) -> Tally {
    let bench = Bench::new();
    let commands = bench.lives(Plan::Clear, 0).commands;
    let mut tally = Tally::default();
    for harm in Harm::ALL {
        // Each fault begins at another command, so that few of them see all.
        for at in (harm as usize % stride..commands).step_by(stride) {
            tally.takes(bench.lives(Plan::At(at, harm), at as u64));
        }
    }
    tally
}

#[test]
fn one_fault_at_a_command_never_makes_a_card_that_is_not_what_it_seems() {
    let tally = at_each_command(9);
    println!("{tally}");
    assert_eq!(tally.harmed, tally.lives);
}

/// By chance: each chip meets some of the faults at a rate of its own.
fn campaign(chips: u64, seed: u64) -> Tally {
    let bench = Bench::new();
    let mut tally = Tally::default();
    for n in 0..chips {
        let own = seed.wrapping_mul(1_000_003).wrapping_add(n);
        let mut chance = fastrand::Rng::with_seed(own);
        let mut kinds = Harm::ALL.to_vec();
        chance.shuffle(&mut kinds);
        kinds.truncate(1 + chance.usize(..4));
        let rate = [0.002, 0.01, 0.03, 0.1][chance.usize(..4)];
        let told = format!("SEED={seed}, chip {n}: {kinds:?} at {rate}");
        let lived = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            bench.lives(Plan::Often(kinds, rate), own)
        }));
        match lived {
            Ok(life) => tally.takes(life),
            Err(_) => panic!("{told}"),
        }
    }
    tally
}

#[test]
fn by_chance_no_chip_is_anything_but_what_the_station_holds_it_for() {
    let tally = campaign(60, 1);
    println!("{tally}");
    assert!(tally.harmed * 2 > tally.lives);
}

/// The whole of it, for `make simulate-bytes`: as many as `BYTES_N` says, from `BYTES_SEED`, and every
/// fault at every command.
#[test]
#[ignore = "minutes: make simulate-bytes"]
fn as_many_as_asked_for() {
    let number = |name: &str, other| {
        std::env::var(name)
            .ok()
            .and_then(|n| n.parse().ok())
            .unwrap_or(other)
    };
    let (chips, seed) = (number("BYTES_N", 5000), number("BYTES_SEED", 1));
    let begun = std::time::Instant::now();
    let each = at_each_command(1);
    println!("every fault at every command: {each}");
    let mut tally = campaign(chips, seed);
    println!("by chance, SEED={seed}: {tally}");
    let took = begun.elapsed();
    tally.rows.extend(each.rows);
    for (harm, times) in each.struck {
        *tally.struck.entry(harm).or_default() += times;
    }
    for (end, times) in each.ends {
        *tally.ends.entry(end).or_default() += times;
    }
    tally.reached();
    println!("no violation, {:.0} s", took.as_secs_f64());
}
