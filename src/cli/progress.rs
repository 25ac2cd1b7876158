//! Shows a card in the making: each phase with planned and actual time, and the 40 seconds
//! running. Reads snapshots, moves nothing; nothing ticks over before it is confirmed.

use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use tokio::sync::watch;

use super::lang::Lang;
use super::output::Output;
use crate::issuance::{Miss, WHOLE};
use crate::station::view::{Phase, PhaseState, Snapshot};

/// How often the seconds are redrawn.
const REDRAW: Duration = Duration::from_millis(100);

/// A display that runs until it is dropped.
pub(super) struct Progress {
    end: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    bar: ProgressBar,
}

impl Progress {
    /// Starts to show what the channel brings.
    pub(super) fn show(snapshots: watch::Receiver<Snapshot>, output: Output) -> Progress {
        let (end, ended) = mpsc::channel();
        let bar = bar(output);
        let drawn = Shown::new(output, bar.clone());
        let thread = std::thread::spawn(move || run(snapshots, &ended, drawn));
        Progress {
            end: Some(end),
            thread: Some(thread),
            bar,
        }
    }

    /// The bar, so that a question can hold it back while it stands on the terminal.
    pub(super) fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // A display that panicked has nothing more to show.
            let _ = thread.join();
        }
    }
}

fn run(mut snapshots: watch::Receiver<Snapshot>, ended: &mpsc::Receiver<()>, mut shown: Shown) {
    loop {
        let last = ended.recv_timeout(REDRAW) != Err(mpsc::RecvTimeoutError::Timeout);
        let changed = snapshots.has_changed().unwrap_or(false);
        if changed || last {
            let snapshot = snapshots.borrow_and_update().clone();
            shown.update(snapshot);
        }
        shown.draw();
        if last {
            shown.finish();
            return;
        }
    }
}

/// What is on the terminal already.
struct Shown {
    output: Output,
    bar: ProgressBar,
    snapshot: Snapshot,
    /// When the snapshot came, so that seconds run between two of them.
    came: Instant,
    told: Vec<(&'static str, PhaseState)>,
}

impl Shown {
    fn new(output: Output, bar: ProgressBar) -> Shown {
        Shown {
            output,
            bar,
            snapshot: Snapshot::default(),
            came: Instant::now(),
            told: Vec::new(),
        }
    }

    fn update(&mut self, snapshot: Snapshot) {
        if snapshot.attempt != self.snapshot.attempt || snapshot.number != self.snapshot.number {
            self.told.clear();
        }
        if snapshot.waits_for != self.snapshot.waits_for {
            self.tell_waiting(&snapshot);
        }
        for phase in &snapshot.phases {
            self.tell_change(phase, &snapshot);
        }
        self.snapshot = snapshot;
        self.came = Instant::now();
    }

    /// Tells what a card waits for before it is begun, and each change of it.
    fn tell_waiting(&self, snapshot: &Snapshot) {
        let Some(check) = &snapshot.waits_for else {
            return;
        };
        self.output.object("waits", check);
        self.bar.suspend(|| {
            self.output.remark(
                &format!("{}を待っています：{}", check.japanese, check.value),
                &format!("Waiting: {} {}", check.english, check.value),
            );
        });
    }

    /// Tells a phase once when it begins (objects only), ends or stops.
    fn tell_change(&mut self, phase: &Phase, snapshot: &Snapshot) {
        let now = (phase.name, phase.state);
        if phase.state == PhaseState::Ahead || self.told.contains(&now) {
            return;
        }
        self.told.push(now);
        self.output.object(
            "phase",
            &json!({
                "name": phase.name,
                "planned_ms": phase.planned_ms,
                "deadline_ms": phase.deadline_ms,
                "progress": phase.state,
                "elapsed_ms": snapshot.elapsed_ms,
                "expected_ms": snapshot.elapsed_ms.map(|ms| snapshot.expected_ms(ms)),
                "limit_ms": snapshot.limit_ms,
                "attempt": snapshot.attempt,
                "missed": missed(snapshot, phase.name),
            }),
        );
        let lang = self.output.lang;
        if let Some(line) = finished_line(phase, missed(snapshot, phase.name), lang) {
            self.print(&line);
        }
        if let (true, Some(miss)) = (phase.name == "eject", missed(snapshot, WHOLE)) {
            self.output.object("missed", &json!(miss));
            self.print(&whole_line(miss, lang));
        }
    }

    fn print(&self, line: &str) {
        if self.output.draws() {
            self.bar.suspend(|| eprintln!("{line}"));
        } else if !self.output.json {
            self.output.remark(line, line);
        }
    }

    fn draw(&self) {
        if !self.output.draws() || self.snapshot.phases.is_empty() {
            return;
        }
        let elapsed = elapsed_ms(&self.snapshot, self.came.elapsed());
        self.bar
            .set_length(u64::from(self.snapshot.limit_ms.max(1)));
        self.bar
            .set_position(u64::from(elapsed.unwrap_or(0).min(self.snapshot.limit_ms)));
        self.bar
            .set_message(status_line(&self.snapshot, elapsed, self.output.lang));
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A bar on stderr where a person sees it, else none.
pub(super) fn bar(output: Output) -> ProgressBar {
    let target = if output.draws() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(1), target);
    match ProgressStyle::with_template("{bar:40} {msg}") {
        Ok(style) => bar.with_style(style.progress_chars("█▒░")),
        Err(_) => bar,
    }
}

/// Time since T0 as of now; it stands still once the card is in the slot.
fn elapsed_ms(snapshot: &Snapshot, since: Duration) -> Option<u32> {
    if snapshot.finished_ms.is_some() {
        return snapshot.finished_ms;
    }
    let since = u32::try_from(since.as_millis()).unwrap_or(u32::MAX);
    snapshot.elapsed_ms.map(|ms| ms.saturating_add(since))
}

/// One line for a phase that ended, planned beside actual.
fn finished_line(phase: &Phase, miss: Option<&Miss>, lang: Lang) -> Option<String> {
    let words = lang.pick(phase.japanese, phase.english);
    match phase.state {
        PhaseState::Ahead | PhaseState::Underway => None,
        PhaseState::Stopped => Some(format!("■ {words}")),
        PhaseState::Done { actual_ms } => {
            let (planned, actual) = (seconds(phase.planned_ms), seconds(actual_ms));
            Some(match lang {
                Lang::Ja => format!(
                    "✓ {words}  {actual} 秒（予定 {planned} 秒）{}",
                    late(miss, lang)
                ),
                Lang::En => format!(
                    "✓ {words}  {actual} s (planned {planned} s){}",
                    late(miss, lang)
                ),
            })
        }
    }
}

/// What was missed under this name, if anything.
fn missed<'a>(snapshot: &'a Snapshot, phase: &str) -> Option<&'a Miss> {
    snapshot.misses.iter().find(|miss| miss.phase == phase)
}

/// That a phase is late, and why.
fn late(miss: Option<&Miss>, lang: Lang) -> String {
    let Some(miss) = miss else {
        return String::new();
    };
    let causes = causes(miss, lang);
    match lang {
        Lang::Ja => format!("　遅れ：{causes}"),
        Lang::En => format!("  late: {causes}"),
    }
}

/// The causes of a miss, the greatest first.
fn causes(miss: &Miss, lang: Lang) -> String {
    let unknown = lang.pick("原因不明", "cause unknown").to_owned();
    let words = miss.causes.iter().map(|cause| {
        let (ja, en) = cause.why.words();
        lang.pick(ja, en).to_owned()
    });
    let told = words.reduce(|all, next| match lang {
        Lang::Ja => format!("{all}、{next}"),
        Lang::En => format!("{all}, {next}"),
    });
    told.unwrap_or(unknown)
}

/// The card that took longer than its limit.
fn whole_line(miss: &Miss, lang: Lang) -> String {
    let (taken, limit) = (seconds(miss.actual_ms), miss.planned_ms / 1000);
    let causes = causes(miss, lang);
    match lang {
        Lang::Ja => format!("▲ 全体 {taken} 秒（上限 {limit} 秒）　遅れ：{causes}"),
        Lang::En => format!("▲ {taken} s in all (limit {limit} s)  late: {causes}"),
    }
}

/// The line beside the bar: what is being done, elapsed of the limit, late or not.
fn status_line(snapshot: &Snapshot, elapsed: Option<u32>, lang: Lang) -> String {
    let doing = match snapshot.underway() {
        Some((at, phase)) => {
            let words = lang.pick(phase.japanese, phase.english);
            format!("{at}/{} {words}", snapshot.phases.len())
        }
        None => String::new(),
    };
    let time = elapsed.map(|ms| {
        let (now, limit) = (seconds(ms), snapshot.limit_ms / 1000);
        match lang {
            Lang::Ja => format!("経過 {now} 秒／{limit} 秒"),
            Lang::En => format!("{now} s of {limit} s"),
        }
    });
    let late = lateness(snapshot, elapsed, lang);
    [Some(doing), time, late]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("  ")
}

fn lateness(snapshot: &Snapshot, elapsed: Option<u32>, lang: Lang) -> Option<String> {
    if elapsed.is_some_and(|ms| ms > snapshot.limit_ms) {
        let words = lang.pick(
            "40 秒を超えました。検査は省きません。",
            "Over 40 seconds. No check is skipped.",
        );
        return Some(words.to_owned());
    }
    // A phase that is late already counts before it ends.
    let planned: u32 = snapshot.phases.iter().map(|phase| phase.planned_ms).sum();
    let behind = snapshot.expected_ms(elapsed?).saturating_sub(planned);
    (behind >= 1000).then(|| match lang {
        Lang::Ja => format!("予定より {} 秒遅れ", behind / 1000),
        Lang::En => format!("{} s behind plan", behind / 1000),
    })
}

fn seconds(ms: u32) -> String {
    format!("{:.1}", f64::from(ms) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Planned;
    use crate::issuance::{Cause, Why};

    fn snapshot() -> Snapshot {
        let phases = [("feed", 2200), ("front_cyan", 2600)].map(|(phase, planned_ms)| {
            let deadline_ms = 15_000;
            let plan = Planned {
                phase,
                planned_ms,
                deadline_ms,
            };
            Phase::ahead(&plan).expect("named")
        });
        Snapshot::planned(phases.to_vec(), 40_000)
    }

    #[test]
    fn a_finished_phase_stands_beside_its_plan() {
        let mut phase = snapshot().phases.remove(0);
        assert_eq!(finished_line(&phase, None, Lang::En), None);
        phase.state = PhaseState::Done { actual_ms: 2340 };
        assert_eq!(
            finished_line(&phase, None, Lang::En).as_deref(),
            Some("✓ Feeding the card  2.3 s (planned 2.2 s)")
        );
        assert_eq!(
            finished_line(&phase, None, Lang::Ja).as_deref(),
            Some("✓ カードを送っています  2.3 秒（予定 2.2 秒）")
        );
    }

    #[test]
    fn a_late_phase_and_a_late_card_say_why() {
        let mut phase = snapshot().phases.remove(0);
        phase.state = PhaseState::Done { actual_ms: 4_400 };
        let cause = |why| Cause {
            why,
            ms: None,
            times: None,
        };
        let mut miss = Miss {
            phase: "feed".to_owned(),
            planned_ms: 2_200,
            actual_ms: 4_400,
            causes: vec![cause(Why::FedAgain), cause(Why::MachineSlow)],
        };
        assert_eq!(
            finished_line(&phase, Some(&miss), Lang::Ja).as_deref(),
            Some(
                "✓ カードを送っています  4.4 秒（予定 2.2 秒）　遅れ：給紙のやり直し、印刷機の動作遅れ"
            )
        );
        miss.causes.clear();
        miss.planned_ms = 40_000;
        miss.actual_ms = 41_400;
        assert_eq!(
            whole_line(&miss, Lang::En),
            "▲ 41.4 s in all (limit 40 s)  late: cause unknown"
        );
    }

    #[test]
    fn the_clock_runs_between_snapshots_and_stops_at_the_slot() {
        let mut shown = snapshot();
        assert_eq!(elapsed_ms(&shown, Duration::from_secs(3)), None);
        shown.elapsed_ms = Some(1_000);
        assert_eq!(elapsed_ms(&shown, Duration::from_secs(3)), Some(4_000));
        shown.finished_ms = Some(36_000);
        assert_eq!(elapsed_ms(&shown, Duration::from_secs(90)), Some(36_000));
    }

    #[test]
    fn late_is_said_and_over_the_limit_is_said_otherwise() {
        let mut shown = snapshot();
        shown.phases[0].state = PhaseState::Done { actual_ms: 5_300 };
        shown.phases[1].state = PhaseState::Underway;
        shown.phases[1].began_ms = Some(5_500);
        let line = status_line(&shown, Some(5_500), Lang::Ja);
        assert_eq!(
            line,
            "2/2 表面を印刷しています（シアン）  経過 5.5 秒／40 秒  予定より 3 秒遅れ"
        );
        assert!(status_line(&shown, Some(40_100), Lang::En).ends_with("No check is skipped."));
    }
}
