//! Many runs: by chance, by every cut and pair of cuts, by every fault at every place, with planted
//! mistakes. Adds up what was reached; shrinks what failed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::faults::{self, Fault, Level, Strike};
use super::planted::Planted;
use super::run::{Came, Plan, run};
use super::world::{Reached, config};

/// What many runs came to.
#[derive(Default)]
pub(crate) struct Sum {
    pub(crate) runs: u64,
    pub(crate) issuances: u64,
    pub(crate) faulted: u64,
    pub(crate) strikes: BTreeMap<Fault, u64>,
    pub(crate) reached: Reached,
    /// The first failures: what broke, and the plan that repeats it.
    pub(crate) failed: Vec<(Vec<String>, String)>,
    pub(crate) failures: u64,
    pub(crate) took: Duration,
}

/// Failures that are kept in full.
const KEPT: usize = 8;

impl Sum {
    pub(crate) fn add(&mut self, plan: &Plan, came: Came) {
        self.runs += 1;
        let issuances = u64::from(came.reached.issuances);
        self.issuances += issuances;
        // A run's faults lie somewhere among its issuances: no more than one each is counted.
        self.faulted += issuances.min(came.struck.len() as u64);
        for (fault, _) in &came.struck {
            *self.strikes.entry(*fault).or_default() += 1;
        }
        if !came.broken.is_empty() {
            self.failures += 1;
            if self.failed.len() < KEPT {
                self.failed
                    .push((came.broken.clone(), command(plan, &came.struck)));
            }
        }
        self.merge_reached(came.reached);
    }

    fn merge_reached(&mut self, reached: Reached) {
        self.reached.rows.extend(reached.rows);
        self.reached.ends.extend(reached.ends);
        self.reached.stops.extend(reached.stops);
        for (name, count) in reached.machine {
            *self.reached.machine.entry(name).or_default() += count;
        }
        self.reached.restarts += reached.restarts;
        self.reached.requests = self.reached.requests.wrapping_add(reached.requests);
    }

    pub(crate) fn join(&mut self, other: Sum) {
        self.runs += other.runs;
        self.issuances += other.issuances;
        self.faulted += other.faulted;
        self.failures += other.failures;
        for (fault, count) in other.strikes {
            *self.strikes.entry(fault).or_default() += count;
        }
        self.failed.extend(other.failed);
        self.failed.truncate(KEPT);
        self.merge_reached(other.reached);
    }
}

/// The one command that repeats a run.
pub(crate) fn command(plan: &Plan, struck: &[Strike]) -> String {
    let kind = plan
        .kind
        .map(|kind| format!(" KIND={kind}"))
        .unwrap_or_default();
    let level = match plan.level {
        Level::Decision => "",
        Level::Bytes => " LEVEL=bytes",
    };
    format!(
        "make simulate-one{level} SEED={}{kind} STRIKES={}",
        plan.seed,
        faults::written(struck)
    )
}

/// Runs by chance from this seed on until so many issuances were made.
pub(crate) fn random(level: Level, issuances: u64, seed: u64, threads: u64) -> Sum {
    let begun = Instant::now();
    let share = issuances / threads;
    let thread = |first: u64| {
        let config = config();
        let mut sum = Sum::default();
        let mut seed = first;
        while sum.issuances < share {
            let plan = Plan::of(seed).at(level);
            let came = run(&plan, &config);
            sum.add(&plan, came);
            seed += threads;
        }
        sum
    };
    let mut all = Sum::default();
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|at| scope.spawn(move || thread(seed + at)))
            .collect();
        for thread in running {
            all.join(thread.join().expect("a thread of runs"));
        }
    });
    all.took = begun.elapsed();
    all
}

/// The fewest strikes with which a run still breaks the same law.
pub(crate) fn shrink(plan: &Plan, struck: &[Strike]) -> Vec<Strike> {
    let config = config();
    let law = |broken: &[String]| {
        broken
            .first()
            .map(|first| first.split(':').next().unwrap_or_default().to_owned())
    };
    let with = |strikes: &[Strike]| {
        let plan = Plan {
            strikes: Some(strikes.to_vec()),
            ..Plan::of(plan.seed)
        }
        .of_kind(plan.kind)
        .with(plan.planted)
        .at(plan.level);
        law(&run(&plan, &config).broken)
    };
    let mut kept = struck.to_vec();
    let broken = with(&kept);
    if broken.is_none() {
        return kept;
    }
    // By halves first: a line can have hurt hundreds of frames.
    let mut chunk = kept.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        while at < kept.len() {
            let mut fewer = kept.clone();
            fewer.drain(at..(at + chunk).min(kept.len()));
            if with(&fewer) == broken {
                kept = fewer;
            } else {
                at += chunk;
            }
        }
        if chunk == 1 {
            break;
        }
        chunk = chunk.div_ceil(2);
    }
    kept
}

/// What an exhaustive run counted.
#[derive(Default)]
pub(crate) struct Counted {
    pub(crate) cuts: u64,
    pub(crate) pairs: u64,
    pub(crate) faults: u64,
    pub(crate) sum: Sum,
}

impl Counted {
    pub(crate) fn join(&mut self, other: Counted) {
        self.cuts += other.cuts;
        self.pairs += other.pairs;
        self.faults += other.faults;
        self.sum.join(other.sum);
    }
}

/// How many of all there are an exhaustive run takes.
pub(crate) struct Steps {
    /// Each how-manieth boundary is cut.
    pub(crate) cuts: usize,
    pub(crate) pairs: bool,
    /// Each how-manieth place of another fault.
    pub(crate) faults: usize,
}

impl Steps {
    /// Each `step`-th; at the level of bytes, which is a hundred times slower, every cut, no pairs.
    pub(crate) fn of(level: Level, step: usize) -> Steps {
        Steps {
            cuts: match level {
                Level::Decision => step,
                Level::Bytes => 1,
            },
            pairs: level == Level::Decision,
            faults: step,
        }
    }
}

/// One issuance of a kind: a cut at every boundary, at every pair of boundaries, and every other
/// fault at every place that it has.
pub(crate) fn exhaustive(level: Level, steps: &Steps, kind: usize) -> Counted {
    let config = config();
    let mut counted = Counted::default();
    let one = |strikes: &[Strike], sum: &mut Sum| {
        let plan = Plan {
            strikes: Some(strikes.to_vec()),
            ..Plan::of(1)
        }
        .of_kind(Some(kind))
        .at(level);
        let came = run(&plan, &config);
        let places = came.places.clone();
        sum.add(&plan, came);
        places
    };
    let whole = one(&[], &mut counted.sum);
    for cut in [Fault::Killed, Fault::PowerBoth] {
        for first in (0..whole[cut as usize]).step_by(steps.cuts) {
            let places = one(&[(cut, first)], &mut counted.sum);
            counted.cuts += 1;
            let later = (first + 1..places[cut as usize]).step_by(steps.cuts);
            for second in later.filter(|_| steps.pairs) {
                one(&[(cut, first), (cut, second)], &mut counted.sum);
                counted.pairs += 1;
            }
        }
    }
    let others = Fault::ALL
        .iter()
        .filter(|fault| !matches!(fault, Fault::Killed | Fault::PowerBoth))
        .filter(|fault| fault.is_of(level));
    for fault in others {
        for place in (0..whole[*fault as usize]).step_by(steps.faults) {
            one(&[(*fault, place)], &mut counted.sum);
            counted.faults += 1;
        }
    }
    counted
}

/// How a planted mistake was found: after how many issuances, by which seed, as what.
pub(crate) struct Found {
    pub(crate) issuances: u64,
    pub(crate) seed: u64,
    pub(crate) law: String,
}

/// Looks for one mistake, in at most so many issuances.
pub(crate) fn find(level: Level, planted: Planted, most: u64) -> Option<Found> {
    let config = config();
    let mut issuances = 0;
    for seed in 1.. {
        let came = run(&Plan::of(seed).with(planted).at(level), &config);
        issuances += u64::from(came.reached.issuances);
        // A run that fails without the mistake, too, says nothing about it.
        let own = |seed| run(&Plan::of(seed).at(level), &config).broken.is_empty();
        if let Some(law) = came.broken.first().filter(|_| own(seed)) {
            return Some(Found {
                issuances,
                seed,
                law: law.clone(),
            });
        }
        if issuances >= most {
            break;
        }
    }
    None
}
