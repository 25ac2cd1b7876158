//! The simulator's short version in the tests: healthy cards of each kind, a sample of random runs
//! and of cuts, the seeds that once failed, and each planted mistake that is found quickly.

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
#[allow(dead_code, reason = "the whole campaigns are make targets")]
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
#[allow(dead_code, reason = "the whole campaigns are make targets")]
mod summary;
mod supply;
mod tokens;
mod truth;
mod world;

#[path = "bytes/tests.rs"]
mod bytes_tests;
mod fire;

use campaign::{Counted, Steps};
use faults::Level;
use life::FIVE;
use run::{Plan, run};

fn broken(plan: &Plan) -> Vec<String> {
    run(plan, &world::config()).broken
}

#[test]
fn a_healthy_card_of_each_kind_ends_as_it_should() {
    for (kind, (name, _)) in FIVE.iter().enumerate() {
        let plan = Plan {
            strikes: Some(Vec::new()),
            ..Plan::of(1)
        }
        .of_kind(Some(kind));
        let came = run(&plan, &world::config());
        assert_eq!(came.broken, [""; 0], "{name}");
        assert!(
            came.reached
                .ends
                .iter()
                .any(|end| end.starts_with("Delivered")),
            "{name}"
        );
    }
}

#[test]
fn a_seed_is_the_whole_of_a_run() {
    for seed in [3, 8] {
        let (first, second) = (Plan::of(seed), Plan::of(seed));
        let (first, second) = (
            run(&first, &world::config()),
            run(&second, &world::config()),
        );
        assert_eq!(first.struck, second.struck);
        assert_eq!(first.reached.ends, second.reached.ends);
        assert_eq!(first.places, second.places);
    }
}

#[test]
fn random_runs_break_no_law() {
    let sum = campaign::random(Level::Decision, 120, 20_000, 2);
    assert_eq!(sum.failures, 0, "{:#?}", sum.failed);
    assert!(sum.strikes.len() > 20, "{:?}", sum.strikes);
}

#[test]
fn a_sample_of_cuts_and_single_faults_breaks_no_law() {
    let steps = Steps {
        cuts: 43,
        pairs: false,
        faults: 43,
    };
    let mut counted = Counted::default();
    for kind in [1, 3] {
        counted.join(campaign::exhaustive(Level::Decision, &steps, kind));
    }
    assert_eq!(counted.sum.failures, 0, "{:#?}", counted.sum.failed);
    assert!(counted.cuts > 20 && counted.faults > 50);
}

/// Runs that once broke a law: seed, and the strikes that were left when they were shrunk.
const ONCE: [(u64, &str); 12] = [
    (16, "cancel@3,write-fails@16,cancel@12"),
    (5, "clock-1970-at-boot@0"),
    (224, "clock-ahead-ten-years@0"),
    (285, "power-cut-both@201,power-cut-both@225"),
    (
        250,
        "process-killed@462,process-killed@553,process-killed@573",
    ),
    (
        25,
        "cancel@3,process-killed@59,process-killed@86,card-lost@4",
    ),
    (
        349,
        "jam@6,process-killed@222,power-cut-both@502,process-killed@513,power-cut-both@521",
    ),
    (625, "cover-opened@2,done-too-early@4"),
    (863, "done-too-early@13"),
    (704_913, "cover-opened@0,power-cut-at-survey@14"),
    (995, "cover-opened@18,power-cut-printer@20,double-click@1"),
    (
        3823,
        "double-click@0,clock-back-one-hour@1,clock-back-one-hour@3,clock-back-one-hour@8",
    ),
];

#[test]
fn what_once_failed_does_not_fail_again() {
    for (seed, strikes) in ONCE {
        let plan = Plan {
            strikes: faults::read(strikes),
            ..Plan::of(seed)
        };
        assert!(plan.strikes.is_some(), "{strikes}");
        assert_eq!(broken(&plan), [""; 0], "seed {seed}");
    }
}
