//! The campaign: job after job on real stations, each cut at instants of chance, each brought to
//! its end by persons, and truth held against the laws after each; until as many cuts struck as
//! were asked for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::chance::Chance;
use super::checks::{self, Known};
use super::cut::Cut;
use super::story::Story;
use super::tally::Tally;
use crate::rig::Rig;

/// Jobs that one station makes before a new one takes over.
const BLOCK: u64 = 25;
/// Blanks that a job may cost.
const BLANKS_A_JOB: u32 = 6;
/// Cuts that are planned for one job at most: those after the first strike in recovery.
const MOST_CUTS: u64 = 5;

/// One campaign.
struct Campaign {
    seed: u64,
    /// Cuts that must strike, each with the start and the recovery after it.
    cycles: u32,
    stations: u64,
}

/// What `make test` has the time for, on three stations beside each other.
const IN_TESTS: u32 = 10;

#[test]
fn jobs_cut_by_chance_end_with_one_card_here() {
    held(1, IN_TESTS);
}

#[test]
fn jobs_cut_by_chance_end_with_one_card_there() {
    held(2, IN_TESTS);
}

#[test]
fn jobs_cut_by_chance_end_with_one_card_elsewhere() {
    held(3, IN_TESTS);
}

/// `make crash N=… SEED=… STATIONS=…`
#[test]
#[ignore = "as long as it is asked for: make crash N=…"]
fn as_many_as_asked_for() {
    let asked = |name: &str, or: u32| {
        let value = std::env::var(name).ok().filter(|value| !value.is_empty());
        value.map_or(or, |value| value.parse().expect("a number"))
    };
    let campaign = Campaign {
        seed: asked("CRASH_SEED", 1).into(),
        cycles: asked("CRASH_CYCLES", 100),
        stations: asked("CRASH_STATIONS", 1).into(),
    };
    campaign.run();
}

fn held(seed: u64, cycles: u32) {
    Campaign {
        seed,
        cycles,
        stations: 1,
    }
    .run();
}

impl Campaign {
    fn run(&self) {
        let (tally, next, began) = (Tally::default(), AtomicU64::new(0), Instant::now());
        std::thread::scope(|scope| {
            for _ in 0..self.stations {
                scope.spawn(|| self.work(&tally, &next));
            }
        });
        let seconds = began.elapsed().as_secs_f64();
        let each = seconds / f64::from(tally.cuts().max(1));
        println!(
            "seed {}, {} stations at a time: {seconds:.0} s, {each:.2} s a cut\n{tally}",
            self.seed, self.stations
        );
        let violations = tally.violations();
        assert!(violations.is_empty(), "{}", violations.join("\n"));
    }

    /// Takes block after block, each on a new station, until enough cuts struck.
    fn work(&self, tally: &Tally, next: &AtomicU64) {
        while tally.cuts() < self.cycles {
            let first = next.fetch_add(BLOCK, Ordering::Relaxed);
            let rig = Rig::stocked(BLOCK as u32 * BLANKS_A_JOB);
            let mut known = Known::default();
            let mut jobs = (first..first + BLOCK).take_while(|_| tally.cuts() < self.cycles);
            let whole = jobs.all(|job| self.one(&rig, &mut known, tally, job));
            if whole && catch_unwind(AssertUnwindSafe(|| rig.hold_the_laws())).is_err() {
                tally.broken(format!("the laws after the jobs from {first} on"));
            }
        }
    }

    /// One job; false when a law was broken and the station cannot be trusted with the next.
    fn one(&self, rig: &Rig, known: &mut Known, tally: &Tally, job: u64) -> bool {
        let mut story = planned(rig, known, Chance::of(self.seed, job), tally);
        let played = catch_unwind(AssertUnwindSafe(|| {
            let end = story.play();
            let attempts = checks::hold(rig, known, &story, end);
            tally.ended(end, (story.path.len(), story.struck), attempts);
        }));
        rig.lift();
        if let Err(panic) = played {
            let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
            let evidence = target.join(format!("crash-{}-{job}", self.seed));
            rig.keep_evidence(&evidence);
            let path = story.path.join("\n    ");
            tally.broken(format!(
                "seed {} job {job}: {}\n    {path}\n    evidence: {}",
                self.seed,
                words(&*panic),
                evidence.display()
            ));
            return false;
        }
        true
    }
}

/// What is to happen to this job: which ground, which cuts, and whether the holder stays away.
fn planned<'a>(rig: &'a Rig, known: &mut Known, mut chance: Chance, tally: &'a Tally) -> Story<'a> {
    let ground = chance.below(100);
    let old = known.newest.take().filter(|_| ground < 25);
    let reception = match &old {
        Some(old) => rig.extension_job(&old.number),
        None if ground < 40 => rig.job_of_a_lost_card(),
        None => rig.job(),
    };
    let cuts = 1 + chance.below(MOST_CUTS);
    let cuts = (0..cuts).map(|_| Cut::by(&mut chance)).collect();
    let withdraw = chance.percent(10);
    if let Some(old) = &old {
        rig.lay(&old.folder);
    }
    let mut story = Story::new(rig, reception, chance, tally);
    (story.withdraw, story.old, story.cuts) = (withdraw, old, cuts);
    story
}

/// What a panic said.
fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "a panic without words".to_owned())
}
