//! Shows a technician's order while it runs: what is being done and how far, and of watched
//! sensors everything once and then what changes. Reads snapshots, moves nothing.

use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::ProgressBar;
use serde_json::json;
use tokio::sync::watch;

use super::diag_show;
use super::output::Output;
use super::progress::bar;
use crate::diag::{Live, Reading, Value};
use crate::station::view::Snapshot;

/// How often it is looked whether something is new.
const REDRAW: Duration = Duration::from_millis(50);
/// A temperature that moves by less has not changed.
const SCATTER: i64 = 500;

/// A display that runs until it is dropped.
pub(super) struct LiveShow {
    end: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl LiveShow {
    /// Starts to show what the channel brings.
    pub(super) fn start(snapshots: watch::Receiver<Snapshot>, output: Output) -> LiveShow {
        let (end, ended) = mpsc::channel();
        let shown = Shown {
            output,
            bar: bar(output),
            doing: String::new(),
            percent: None,
            readings: Vec::new(),
        };
        let thread = std::thread::spawn(move || run(snapshots, &ended, shown));
        LiveShow {
            end: Some(end),
            thread: Some(thread),
        }
    }
}

impl Drop for LiveShow {
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
        if snapshots.has_changed().unwrap_or(false) || last {
            let live = snapshots.borrow_and_update().service.clone();
            if let Some(live) = live {
                shown.update(live);
            }
        }
        if last {
            shown.bar.finish_and_clear();
            return;
        }
    }
}

/// What is on the terminal already.
struct Shown {
    output: Output,
    bar: ProgressBar,
    doing: String,
    percent: Option<u8>,
    readings: Vec<Reading>,
}

impl Shown {
    fn update(&mut self, live: Live) {
        let doing = self.output.lang.pick(live.japanese, live.english);
        let news = doing != self.doing;
        if news || live.percent != self.percent {
            let now = json!({ "what": doing, "percent": live.percent });
            self.output.object("doing", &now);
        }
        if self.output.draws() {
            self.bar.set_length(100);
            self.bar.set_position(u64::from(live.percent.unwrap_or(0)));
            self.bar.set_message(doing.clone());
        } else if news && !self.output.json {
            self.output.remark(&doing, &doing);
        }
        (self.doing, self.percent) = (doing, live.percent);
        let changed = changed(&self.readings, &live.readings);
        if !changed.is_empty() {
            self.print(&changed);
            self.readings = live.readings;
        }
    }

    fn print(&self, readings: &[Reading]) {
        for reading in readings {
            self.output.object("reading", reading);
        }
        let lines = diag_show::table(readings, self.output.lang);
        self.bar
            .suspend(|| lines.iter().for_each(|line| self.output.line(line)));
    }
}

/// The readings that are not what they were.
fn changed(before: &[Reading], now: &[Reading]) -> Vec<Reading> {
    let same = |one: &Reading| {
        let old = before.iter().find(|old| old.name == one.name);
        old.is_some_and(|old| match (&old.value, &one.value) {
            (Value::Milli(old), Value::Milli(one)) => old.abs_diff(*one) < SCATTER as u64,
            (old, one) => old == one,
        })
    };
    now.iter().filter(|one| !same(one)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_shown_again() {
        let cover = |open| Reading::new("cover_open", ("", ""), Value::Flag(open));
        let heat = |milli| Reading::new("head", ("", ""), Value::Milli(milli));
        let before = [cover(false), heat(31_000)];
        assert_eq!(changed(&[], &before).len(), 2);
        assert_eq!(
            changed(&before, &[cover(true), heat(31_200)]),
            [cover(true)]
        );
        assert_eq!(changed(&before, &[cover(false), heat(31_900)]).len(), 1);
    }
}
