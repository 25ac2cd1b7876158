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
        for phase in &snapshot.phases {
            self.tell_change(phase, &snapshot);
        }
        self.snapshot = snapshot;
        self.came = Instant::now();
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
                "progress": phase.state,
                "elapsed_ms": snapshot.elapsed_ms,
                "limit_ms": snapshot.limit_ms,
                "attempt": snapshot.attempt,
            }),
        );
        if let Some(line) = finished_line(phase, self.output.lang) {
            self.print(&line);
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
fn bar(output: Output) -> ProgressBar {
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
fn finished_line(phase: &Phase, lang: Lang) -> Option<String> {
    let words = lang.pick(phase.japanese, phase.english);
    match phase.state {
        PhaseState::Ahead | PhaseState::Underway => None,
        PhaseState::Stopped => Some(format!("■ {words}")),
        PhaseState::Done { actual_ms } => {
            let (planned, actual) = (seconds(phase.planned_ms), seconds(actual_ms));
            Some(match lang {
                Lang::Ja => format!("✓ {words}  {actual} 秒（予定 {planned} 秒）"),
                Lang::En => format!("✓ {words}  {actual} s (planned {planned} s)"),
            })
        }
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
    let behind = snapshot.behind_plan_ms();
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

    fn snapshot() -> Snapshot {
        let phases = [("feed", 2200), ("front_cyan", 2600)]
            .map(|(name, ms)| Phase::ahead(name, ms).expect("named"));
        Snapshot::planned(phases.to_vec(), 40_000)
    }

    #[test]
    fn a_finished_phase_stands_beside_its_plan() {
        let mut phase = snapshot().phases.remove(0);
        assert_eq!(finished_line(&phase, Lang::En), None);
        phase.state = PhaseState::Done { actual_ms: 2340 };
        assert_eq!(
            finished_line(&phase, Lang::En).as_deref(),
            Some("✓ Feeding the card  2.3 s (planned 2.2 s)")
        );
        assert_eq!(
            finished_line(&phase, Lang::Ja).as_deref(),
            Some("✓ カードを送っています  2.3 秒（予定 2.2 秒）")
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
        let line = status_line(&shown, Some(5_500), Lang::Ja);
        assert_eq!(
            line,
            "2/2 表面を印刷しています（シアン）  経過 5.5 秒／40 秒  予定より 3 秒遅れ"
        );
        assert!(status_line(&shown, Some(40_100), Lang::En).ends_with("No check is skipped."));
    }
}
