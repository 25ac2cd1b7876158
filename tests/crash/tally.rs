//! What a campaign came to, counted: cuts by kind and phase, what the table found, decisions, ends.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use super::cut::{Kind, Struck};
use super::story::End;
use crate::rig::Said;

/// How long each command usually takes and how many records it writes, learnt from those that were
/// not cut.
#[derive(Default)]
pub(super) struct Times(Mutex<BTreeMap<String, (Duration, usize)>>);

impl Times {
    /// Before any was seen: a guess that is corrected soon.
    const GUESS: (Duration, usize) = (Duration::from_millis(1_500), 20);

    pub(super) fn usually(&self, verb: &str) -> (Duration, usize) {
        let times = self.0.lock().expect("no teller panics");
        times.get(verb).copied().unwrap_or(Times::GUESS)
    }

    pub(super) fn took(&self, verb: &str, time: Duration, records: usize) {
        let mut times = self.0.lock().expect("no teller panics");
        let (usual, most) = times.entry(verb.to_owned()).or_insert((time, records));
        *usual = (*usual * 7 + time) / 8;
        *most = (*most).max(records);
    }
}

/// The counts.
#[derive(Default)]
struct Counts {
    jobs: u32,
    uncut: u32,
    commands: u32,
    most_commands: usize,
    cuts: BTreeMap<Kind, u32>,
    cut_in: BTreeMap<&'static str, u32>,
    phases: BTreeMap<String, u32>,
    found: BTreeMap<String, u32>,
    decided: BTreeMap<String, u32>,
    ends: BTreeMap<End, u32>,
    attempts: u32,
    fates: BTreeMap<String, u32>,
    live_in_a_bin: u32,
    violations: Vec<String>,
}

/// Shared by all that tell.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) times: Times,
    counts: Mutex<Counts>,
}

impl Tally {
    fn count(&self, change: impl FnOnce(&mut Counts)) {
        // A story that broke a law was told by somebody who held no lock.
        change(&mut self.counts.lock().expect("no teller panics"));
    }

    /// One command of the station.
    pub(super) fn heard(&self, said: &Said, act: &'static str, struck: Option<&Struck>) {
        self.count(|counts| {
            counts.commands += 1;
            if let Some(cut) = struck {
                *counts.cuts.entry(cut.kind).or_default() += 1;
                *counts.cut_in.entry(act).or_default() += 1;
                *counts.phases.entry(cut.phase.clone()).or_default() += 1;
            }
            for found in said.err.lines().filter_map(settled) {
                *counts.found.entry(found).or_default() += 1;
            }
        });
    }

    /// A decision of persons.
    pub(super) fn decided(&self, code: &str, decision: &str) {
        self.count(|counts| {
            let said = format!("{code}: {decision}");
            *counts.decided.entry(said).or_default() += 1;
        });
    }

    /// A job that ended.
    pub(super) fn ended(&self, end: End, (commands, cuts): (usize, u32), attempts: usize) {
        self.count(|counts| {
            counts.jobs += 1;
            counts.uncut += u32::from(cuts == 0);
            counts.most_commands = counts.most_commands.max(commands);
            counts.attempts += attempts as u32;
            *counts.ends.entry(end).or_default() += 1;
        });
    }

    /// A card that left the machine.
    pub(super) fn left(&self, fate: &str, live_in_a_bin: bool) {
        self.count(|counts| {
            *counts.fates.entry(fate.to_owned()).or_default() += 1;
            counts.live_in_a_bin += u32::from(live_in_a_bin);
        });
    }

    /// A law that was broken.
    pub(super) fn broken(&self, what: String) {
        self.count(|counts| counts.violations.push(what));
    }

    /// Cuts that struck so far.
    pub(super) fn cuts(&self) -> u32 {
        let counts = self.counts.lock().expect("no teller panics");
        counts.cuts.values().sum()
    }

    pub(super) fn violations(&self) -> Vec<String> {
        let counts = self.counts.lock().expect("no teller panics");
        counts.violations.clone()
    }
}

/// Step and finding of a line that tells of a step in doubt.
fn settled(line: &str) -> Option<String> {
    let (_, told) = line.split_once("settled a step in doubt step=")?;
    let (step, told) = told.split_once(" finding=")?;
    let finding = told.split(' ').next()?;
    Some(format!("{step} {finding}"))
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.counts.lock().expect("no teller panics");
        writeln!(
            f,
            "{} jobs, {} of them never cut, brought to their end by {} commands, at most {} for one; {} attempts",
            counts.jobs, counts.uncut, counts.commands, counts.most_commands, counts.attempts
        )?;
        let cuts: u32 = counts.cuts.values().sum();
        row(f, &format!("{cuts} cuts"), &counts.cuts)?;
        row(f, "cut in", &counts.cut_in)?;
        row(f, "newest record at the cut", &counts.phases)?;
        row(f, "found of steps in doubt", &counts.found)?;
        row(f, "decided by persons", &counts.decided)?;
        row(f, "jobs", &counts.ends)?;
        row(f, "cards that left the machine", &counts.fates)?;
        writeln!(
            f,
            "locked, working chips in tray or bag: {}",
            counts.live_in_a_bin
        )?;
        writeln!(f, "violations: {}", counts.violations.len())?;
        counts
            .violations
            .iter()
            .try_for_each(|what| writeln!(f, "  {what}"))
    }
}

fn row<K: fmt::Debug>(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    counts: &BTreeMap<K, u32>,
) -> fmt::Result {
    writeln!(f, "{name}:")?;
    for (what, count) in counts {
        let what = format!("{what:?}").replace(['"', '\\', '{', '}'], "");
        writeln!(f, "  {count:>6}  {what}")?;
    }
    Ok(())
}
