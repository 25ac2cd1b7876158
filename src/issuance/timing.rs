//! What of a card's time plan was missed, and why, as far as it is known; and what the newest
//! cards of a journal took together. Reads records, moves nothing, knows no clock.

use super::ledger::{Entry, What};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// The name under which the whole card stands among its phases.
pub const WHOLE: &str = "card";

/// A phase that took longer than planned, beyond the tolerance; or the whole card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Miss {
    /// The phase's key, or [`WHOLE`].
    pub phase: String,
    /// Planned, in milliseconds; of the whole card, its limit.
    pub planned_ms: u32,
    /// Taken, in milliseconds.
    pub actual_ms: u32,
    /// Why, the greatest first; empty where nothing is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
}

/// One cause of a miss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// What it was.
    pub why: Why,
    /// The time that it cost, in milliseconds, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u32>,
    /// How often it happened, where that says something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

/// What can make a card late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The authority gave the blank's keys late.
    KeysLate,
    /// A blank was fed again: not picked, or not one of ours.
    FedAgain,
    /// The step was done again after it was found undone.
    DoneAgain,
    /// A pass waited for its panel: the line did not carry the raster in time.
    RasterLate,
    /// The line lost frames, and they were sent again.
    LineResent,
    /// The chip answered late: commands were repeated at the antenna, or it is slow.
    ChipSlow,
    /// The print head was too hot and had to cool.
    HeadHot,
    /// The patch heater was not hot yet.
    HeaterCold,
    /// The machine itself took longer than planned.
    MachineSlow,
    /// This computer took the time: comparing, writing, waiting for its disk.
    StationSlow,
}

impl Why {
    /// Every cause, in the order of a card's way.
    pub const ALL: [Why; 10] = [
        Why::KeysLate,
        Why::FedAgain,
        Why::DoneAgain,
        Why::RasterLate,
        Why::LineResent,
        Why::ChipSlow,
        Why::HeadHot,
        Why::HeaterCold,
        Why::MachineSlow,
        Why::StationSlow,
    ];

    /// What it was, in Japanese and English.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Why::KeysLate => ("鍵の到着遅れ", "keys came late"),
            Why::FedAgain => ("給紙のやり直し", "a blank was fed again"),
            Why::DoneAgain => ("作業のやり直し", "the step was done again"),
            Why::RasterLate => ("印刷データの遅れ", "print data came late"),
            Why::LineResent => ("通信の再送", "frames were sent again"),
            Why::ChipSlow => ("チップの応答遅れ", "the chip answered late"),
            Why::HeadHot => ("印字ヘッドの冷却待ち", "the head had to cool"),
            Why::HeaterCold => ("貼付けヒーターの加熱待ち", "the heater had to heat"),
            Why::MachineSlow => ("印刷機の動作遅れ", "the machine was slow"),
            Why::StationSlow => ("発行機の処理遅れ", "this computer was slow"),
        }
    }
}

/// What the newest cards of a journal took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Timings {
    /// Cards that they are taken from: those that came to the slot without a break.
    pub cards: u32,
    /// Cards over the limit.
    pub over_limit: u32,
    /// From the first byte of print data to the slot.
    pub whole: Option<Spread>,
    /// Each phase, in the order of the plan.
    pub phases: Vec<PhaseTimes>,
    /// Misses by cause, the most frequent first.
    pub causes: Vec<MissedBy>,
}

/// How measurements spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// Half of them took no longer.
    pub p50_ms: u32,
    /// Ninety-five in a hundred took no longer.
    pub p95_ms: u32,
    /// None took longer.
    pub worst_ms: u32,
}

/// One phase over many cards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhaseTimes {
    /// The phase's key.
    pub phase: String,
    /// Each measurement, in milliseconds, the oldest first.
    #[serde(skip)]
    pub ms: Vec<u32>,
    /// How they spread.
    pub spread: Spread,
    /// Cards on which it was missed.
    pub missed: u32,
}

/// What one cause cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MissedBy {
    /// The cause; none where nothing was known.
    pub why: Option<Why>,
    /// Missed phases in which it had a part.
    pub phases: u32,
    /// The time that it is known to have cost, in milliseconds.
    pub ms: u64,
}

impl Spread {
    /// The spread of these measurements; none of none.
    #[must_use]
    pub fn of(measured: &[u32]) -> Option<Spread> {
        let mut sorted = measured.to_vec();
        sorted.sort_unstable();
        let worst_ms = *sorted.last()?;
        let rank = |percent: usize| sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1];
        Some(Spread {
            p50_ms: rank(50),
            p95_ms: rank(95),
            worst_ms,
        })
    }
}

impl Timings {
    /// What the newest `last` cards took that came to the slot without a break.
    #[must_use]
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>, last: usize) -> Timings {
        let mut newest = VecDeque::new();
        for entry in entries {
            if let What::Timed {
                phases,
                elapsed_ms: Some(elapsed_ms),
                misses,
            } = &entry.what
            {
                newest.push_back((phases, *elapsed_ms, misses));
                if newest.len() > last {
                    newest.pop_front();
                }
            }
        }
        let mut timings = Timings::default();
        let mut whole = Vec::new();
        let mut causes = BTreeMap::new();
        for (phases, elapsed_ms, misses) in newest {
            timings.cards += 1;
            whole.push(elapsed_ms);
            for (phase, ms) in phases {
                timings.measured(phase, *ms);
            }
            for miss in misses {
                timings.missed(miss, &mut causes);
            }
        }
        timings.whole = Spread::of(&whole);
        for phase in &mut timings.phases {
            phase.spread = Spread::of(&phase.ms).unwrap_or(phase.spread);
        }
        timings.causes = causes.into_values().collect();
        timings
            .causes
            .sort_by_key(|cause| std::cmp::Reverse(cause.phases));
        timings
    }

    fn measured(&mut self, phase: &str, ms: u32) {
        if let Some(known) = self.phases.iter_mut().find(|known| known.phase == phase) {
            known.ms.push(ms);
            return;
        }
        self.phases.push(PhaseTimes {
            phase: phase.to_owned(),
            ms: vec![ms],
            spread: Spread {
                p50_ms: ms,
                p95_ms: ms,
                worst_ms: ms,
            },
            missed: 0,
        });
    }

    fn missed(&mut self, miss: &Miss, causes: &mut BTreeMap<Option<Why>, MissedBy>) {
        // The whole card is late by its phases: each cause counts once, where it struck.
        if miss.phase == WHOLE {
            self.over_limit += 1;
            return;
        }
        if let Some(phase) = self
            .phases
            .iter_mut()
            .find(|known| known.phase == miss.phase)
        {
            phase.missed += 1;
        }
        let mut count = |why: Option<Why>, ms: u32| {
            let by = causes.entry(why).or_insert(MissedBy {
                why,
                phases: 0,
                ms: 0,
            });
            by.phases += 1;
            by.ms += u64::from(ms);
        };
        if miss.causes.is_empty() {
            count(None, miss.actual_ms.saturating_sub(miss.planned_ms));
        }
        for cause in &miss.causes {
            count(Some(cause.why), cause.ms.unwrap_or(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn card(feed_ms: u32, elapsed_ms: Option<u32>, misses: Vec<Miss>) -> Entry {
        let phases = vec![("feed".to_owned(), feed_ms), ("flip".to_owned(), 2_000)];
        let timed = What::Timed {
            phases,
            elapsed_ms,
            misses,
        };
        Entry::new(Timestamp::UNIX_EPOCH, timed)
    }

    fn late(phase: &str, why: &[Why]) -> Miss {
        let cause = |why: &Why| Cause {
            why: *why,
            ms: Some(700),
            times: None,
        };
        Miss {
            phase: phase.to_owned(),
            planned_ms: 2_200,
            actual_ms: 4_000,
            causes: why.iter().map(cause).collect(),
        }
    }

    #[test]
    fn the_newest_cards_count_and_those_that_were_cut_short_do_not() {
        let mut entries: Vec<Entry> = (0..30).map(|_| card(9_000, Some(45_000), vec![])).collect();
        entries.extend((1..=20).map(|n| card(2_000 + n, Some(36_000 + n), vec![])));
        entries.push(card(77_000, None, vec![]));
        let timings = Timings::of(&entries, 20);
        let expected = Spread {
            p50_ms: 36_010,
            p95_ms: 36_019,
            worst_ms: 36_020,
        };
        assert_eq!((timings.cards, timings.whole), (20, Some(expected)));
        assert_eq!(timings.phases[0].spread.worst_ms, 2_020);
        assert_eq!(timings.phases[1].ms, [2_000; 20]);
    }

    #[test]
    fn a_cause_is_counted_where_it_struck_and_not_again_for_the_card() {
        let misses = vec![
            late("feed", &[Why::FedAgain, Why::MachineSlow]),
            late("flip", &[]),
            late(WHOLE, &[Why::FedAgain]),
        ];
        let entries = [
            card(4_000, Some(41_000), misses),
            card(4_000, Some(38_000), vec![late("feed", &[Why::FedAgain])]),
        ];
        let timings = Timings::of(&entries, 100);
        assert_eq!((timings.over_limit, timings.phases[0].missed), (1, 2));
        let by = |why, phases, ms| MissedBy { why, phases, ms };
        let expected = [
            by(Some(Why::FedAgain), 2, 1_400),
            by(None, 1, 1_800),
            by(Some(Why::MachineSlow), 1, 700),
        ];
        assert_eq!(timings.causes, expected);
    }

    #[test]
    fn no_cards_no_figures() {
        assert_eq!(Timings::of([], 10), Timings::default());
    }

    #[test]
    fn a_record_of_before_misses_were_kept_reads_as_without() {
        let old = br#"{"v":1,"at":"2026-11-22T00:00:00Z","what":{"timed":{"phases":[["feed",2200]],"elapsed_ms":36000}}}"#;
        let What::Timed { misses, .. } = Entry::parse(old).expect("reads").what else {
            panic!("a timing")
        };
        assert_eq!(misses, []);
    }

    #[test]
    fn every_cause_has_words_in_both_languages() {
        for why in Why::ALL {
            let (ja, en) = why.words();
            assert!(!ja.is_ascii() && en.is_ascii());
        }
    }
}
