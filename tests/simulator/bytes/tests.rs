//! The short version of the level of bytes: a healthy card of each kind, a sample of cuts and single
//! faults, some runs by chance, and the seeds that once failed.

use super::campaign::{self, Steps};
use super::faults::{self, Level};
use super::life::FIVE;
use super::run::{Came, Plan, run};
use super::world::config;

fn came(seed: u64, kind: Option<usize>, strikes: Option<&str>) -> Came {
    let plan = Plan {
        strikes: strikes.map(|text| faults::read(text).expect("a list of strikes")),
        ..Plan::of(seed)
    }
    .of_kind(kind)
    .at(Level::Bytes);
    run(&plan, &config())
}

#[test]
fn a_healthy_card_of_each_kind_is_made_of_frames_and_commands() {
    for (kind, (name, _)) in FIVE.iter().enumerate() {
        let came = came(1, Some(kind), Some(""));
        assert_eq!(came.broken, [""; 0], "{name}");
        let delivered = |end: &String| end.starts_with("Delivered");
        assert!(came.reached.ends.iter().any(delivered), "{name}");
    }
}

#[test]
fn a_seed_is_the_whole_of_a_run_of_bytes() {
    let (first, second) = (came(3, None, None), came(3, None, None));
    assert!(!first.struck.is_empty());
    assert_eq!(first.struck, second.struck);
    assert_eq!(first.reached.ends, second.reached.ends);
    assert_eq!(first.places, second.places);
}

#[test]
fn random_runs_of_bytes_break_no_law() {
    let sum = campaign::random(Level::Bytes, 24, 50_000, 2);
    assert_eq!(sum.failures, 0, "{:#?}", sum.failed);
    assert!(sum.strikes.len() > 12, "{:?}", sum.strikes);
}

/// Runs that once broke a law: seed, and the strikes that were left when they were shrunk.
const ONCE: [(u64, &str); 4] = [
    (1_396, "machine-fault@7,machine-fault@11"),
    (
        1_461,
        "lock-acknowledged-not-locked@1,field-lost-after-apdu@133",
    ),
    (
        100_927,
        "power-cut-both@94,power-cut-both@339,power-cut-both@647,clock-back-one-hour@5",
    ),
    (100_812, "machine-fault@24"),
];

#[test]
fn what_once_failed_at_the_level_of_bytes_does_not_fail_again() {
    for (seed, strikes) in ONCE {
        assert_eq!(came(seed, None, Some(strikes)).broken, [""; 0], "{seed}");
    }
}

#[test]
fn a_sample_of_cuts_and_single_faults_of_bytes_breaks_no_law() {
    let steps = Steps {
        cuts: 191,
        pairs: false,
        faults: 997,
    };
    let counted = campaign::exhaustive(Level::Bytes, &steps, 1);
    assert_eq!(counted.sum.failures, 0, "{:#?}", counted.sum.failed);
    assert!(counted.cuts > 4 && counted.faults > 20);
}
