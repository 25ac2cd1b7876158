//! What every screen shows of a card in the making: one snapshot, whole each time, so that
//! losing one costs nothing. Holds no holder's data and names no device.

use super::checklist::Check;
use serde::Serialize;

use crate::config::Planned;
use crate::issuance::Miss;
use tokio::sync::watch;

use crate::diag::Live;

/// Everything to be shown at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// Counts up with each change of the snapshot.
    pub version: u64,
    /// The job at hand; empty when none is open.
    pub job: String,
    /// Reception number of the job; empty when none is open.
    pub reception: String,
    /// Attempt of the job, from 1.
    pub attempt: u32,
    /// The new card's number in full; empty until granted.
    pub number: String,
    /// All phases of the plan, in order.
    pub phases: Vec<Phase>,
    /// Time since the first byte of print data, in milliseconds, as of this snapshot; `None` before.
    pub elapsed_ms: Option<u32>,
    /// Time from the first byte of print data to the exit slot, once the card is there.
    pub finished_ms: Option<u32>,
    /// The limit that `elapsed_ms` runs against, in milliseconds.
    pub limit_ms: u32,
    /// What was missed of the plan so far, and why.
    pub misses: Vec<Miss>,
    /// What the card waits for before it is begun, where that only needs time.
    pub waits_for: Option<Check>,
    /// "Stop after this motion" was asked for.
    pub stop_asked: bool,
    /// A technician's order that runs, in place of a card.
    pub service: Option<Live>,
}

/// One phase of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phase {
    /// Stable name: the key of the phase in the budget, such as `front_cyan`, or of a step outside it.
    pub name: &'static str,
    /// Japanese words for what is being done, such as 「表面を印刷しています（シアン）」.
    pub japanese: &'static str,
    /// English words for it.
    pub english: &'static str,
    /// Planned time, in milliseconds; 0 when the plan has none.
    pub planned_ms: u32,
    /// Until when it is waited for, in milliseconds; then it is a stop.
    pub deadline_ms: u32,
    /// When it began, in milliseconds since the first byte of print data; `None` before.
    pub began_ms: Option<u32>,
    /// Whether it is ahead, being done or behind.
    pub state: PhaseState,
}

/// How far a phase is. It is `Done` only when its outcome is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum PhaseState {
    /// Not begun.
    Ahead,
    /// Begun.
    Underway,
    /// Finished and recorded.
    Done {
        /// Time it took, in milliseconds.
        actual_ms: u32,
    },
    /// Stopped on a fault.
    Stopped,
}

impl Snapshot {
    /// A snapshot of a card of which every phase is still ahead.
    pub fn planned(phases: Vec<Phase>, limit_ms: u32) -> Snapshot {
        Snapshot {
            phases,
            limit_ms,
            ..Snapshot::default()
        }
    }

    /// The phase being done, with its place from 1.
    pub fn underway(&self) -> Option<(usize, &Phase)> {
        self.phases
            .iter()
            .enumerate()
            .find(|(_, phase)| phase.state == PhaseState::Underway)
            .map(|(at, phase)| (at + 1, phase))
    }

    /// Milliseconds by which the finished phases took longer (positive) or shorter than planned.
    pub fn behind_plan_ms(&self) -> i64 {
        self.phases
            .iter()
            .map(|phase| match phase.state {
                PhaseState::Done { actual_ms } => {
                    i64::from(actual_ms) - i64::from(phase.planned_ms)
                }
                PhaseState::Ahead | PhaseState::Underway | PhaseState::Stopped => 0,
            })
            .sum()
    }

    /// When the card will be in the slot if everything from now on goes by plan, in milliseconds
    /// since the first byte of print data, which is `now_ms` ago. A phase that is late already
    /// is taken to end now.
    pub fn expected_ms(&self, now_ms: u32) -> u32 {
        let left = |phase: &Phase| match (phase.state, phase.began_ms) {
            (PhaseState::Done { .. }, _) => 0,
            (PhaseState::Underway, Some(began)) => phase
                .planned_ms
                .saturating_sub(now_ms.saturating_sub(began)),
            (PhaseState::Ahead | PhaseState::Underway | PhaseState::Stopped, _) => phase.planned_ms,
        };
        now_ms + self.phases.iter().map(left).sum::<u32>()
    }

    /// Planned milliseconds of everything that is not done yet.
    pub fn planned_left_ms(&self) -> u32 {
        self.phases
            .iter()
            .filter(|phase| !matches!(phase.state, PhaseState::Done { .. }))
            .map(|phase| phase.planned_ms)
            .sum()
    }
}

/// The one channel between the runner, who sends, and the screens, who read.
pub fn channel() -> (watch::Sender<Snapshot>, watch::Receiver<Snapshot>) {
    watch::channel(Snapshot::default())
}

/// What people call a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// Stable name: its key in the budget, or of a step outside it.
    pub name: &'static str,
    /// What is being done, Japanese.
    pub japanese: &'static str,
    /// What is being done, English.
    pub english: &'static str,
    /// The phase as a noun, for papers, Japanese.
    pub noun: &'static str,
}

impl Words {
    /// The words of a phase; `None` for a name that no screen knows.
    pub fn of(phase: &str) -> Option<&'static Words> {
        PHASES.iter().find(|words| words.name == phase)
    }
}

impl Phase {
    /// A phase that lies ahead, with its words; `None` for a name that no screen knows.
    pub fn ahead(plan: &Planned) -> Option<Phase> {
        let words = Words::of(plan.phase)?;
        Some(Phase {
            name: words.name,
            japanese: words.japanese,
            english: words.english,
            planned_ms: plan.planned_ms,
            deadline_ms: plan.deadline_ms,
            began_ms: None,
            state: PhaseState::Ahead,
        })
    }
}

const fn words(
    name: &'static str,
    noun: &'static str,
    japanese: &'static str,
    english: &'static str,
) -> Words {
    Words {
        name,
        japanese,
        english,
        noun,
    }
}

/// The phases in the order of the machine.
#[rustfmt::skip]
const PHASES: [Words; 19] = [
    words("sight_old", "旧カードの照合", "旧カードを照合しています", "Examining the old card"),
    words("link_check", "印刷機の確認", "印刷機を確かめています", "Checking the printer"),
    words("feed", "給紙", "カードを送っています", "Feeding the card"),
    words("keys", "鍵の受領", "鍵を受け取っています", "Fetching the keys"),
    words("chip_write", "チップの書き込み", "チップに書いています", "Writing the chip"),
    words("chip_verify", "チップの照合・施錠", "チップを照合しています", "Verifying the chip"),
    words("to_head", "印字ヘッドへ", "印字ヘッドへ送っています", "Moving to the print head"),
    words("back", "裏面", "裏面を印刷しています", "Printing the back"),
    words("flip", "反転", "カードを裏返しています", "Turning the card over"),
    words("front_yellow", "表面　イエロー", "表面を印刷しています（イエロー）", "Printing the front (yellow)"),
    words("front_magenta", "表面　マゼンタ", "表面を印刷しています（マゼンタ）", "Printing the front (magenta)"),
    words("front_cyan", "表面　シアン", "表面を印刷しています（シアン）", "Printing the front (cyan)"),
    words("front_black", "表面　黒", "表面を印刷しています（黒）", "Printing the front (black)"),
    words("front_uv", "表面　UV", "表面を印刷しています（UV）", "Printing the front (UV)"),
    words("front_pearl", "表面　パール", "表面を印刷しています（パール）", "Printing the front (pearl)"),
    words("to_hologram", "ホログラム部へ", "ホログラム部へ送っています", "Moving to the hologram"),
    words("hologram", "ホログラム", "ホログラムを付けています", "Applying the hologram"),
    words("check", "冷却・検査", "カードを検査しています", "Checking the card"),
    words("eject", "排出", "カードを出しています", "Ejecting the card"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Budget, Deadlines};

    fn phases() -> Vec<Phase> {
        let plan = Budget::default().timed(&Deadlines::default());
        let phase = |plan| Phase::ahead(plan).expect("named");
        plan.iter().map(phase).collect()
    }

    #[test]
    fn every_phase_of_the_budget_has_words() {
        assert_eq!(phases().len(), 16);
    }

    #[test]
    fn the_plan_is_counted_in_finished_phases_only() {
        let mut snapshot = Snapshot::planned(phases(), 40_000);
        snapshot.phases[0].state = PhaseState::Done { actual_ms: 250 };
        snapshot.phases[1].state = PhaseState::Underway;
        assert_eq!(snapshot.behind_plan_ms(), 50);
        assert_eq!(snapshot.planned_left_ms(), 37_000);
        assert_eq!(
            snapshot.underway().map(|(at, p)| (at, p.name)),
            Some((2, "feed"))
        );
    }

    #[test]
    fn a_late_phase_moves_the_expected_end_and_a_timely_one_does_not() {
        let mut snapshot = Snapshot::planned(phases(), 40_000);
        snapshot.phases[0].state = PhaseState::Done { actual_ms: 200 };
        snapshot.phases[1].state = PhaseState::Underway;
        snapshot.phases[1].began_ms = Some(200);
        assert_eq!(snapshot.expected_ms(1_200), 37_200);
        assert_eq!(snapshot.expected_ms(2_400), 37_200);
        assert_eq!(snapshot.expected_ms(3_400), 38_200);
    }
}
