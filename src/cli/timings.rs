//! `station timings`: what the newest cards took, phase by phase beside the plan, and why they
//! were late. Reads the journal; moves nothing.

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::journal::failure;
use super::lang::Lang;
use super::outcome::Outcome;
use crate::config::{LIMIT_MS, Planned};
use crate::issuance::{Entry, MissedBy, Spread, Timings};
use crate::journal::Journal;
use crate::station::view::Words;

/// What the newest cards took.
#[derive(Debug, Args)]
pub(super) struct TimingsArgs {
    /// How many cards, the newest
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    last: usize,
}

/// Tells the spread of each phase, and the misses by cause.
///
/// # Errors
/// Exit code 4 when the journal cannot be read; 3 when a station owns it.
pub(super) fn run(args: &TimingsArgs, context: &Context) -> Outcome {
    let config = context.config()?;
    let journal = Journal::open(&config.journal_file(), &config.station.id).map_err(failure)?;
    let records = journal.replay().map_err(failure)?;
    let entries = records.iter().flat_map(|(_, bytes)| Entry::parse(bytes));
    let entries: Vec<Entry> = entries.collect();
    let timings = Timings::of(&entries, args.last);
    let (plan, lang) = (config.plan(), context.output.lang);
    for line in table(&timings, &plan, lang) {
        context.output.line(&line);
    }
    let phase = |plan: &Planned| {
        let phase = plan.phase;
        json!({ "phase": phase, "planned_ms": plan.planned_ms, "deadline_ms": plan.deadline_ms })
    };
    let plan: Vec<_> = plan.iter().map(phase).collect();
    Ok(json!({ "timings": timings, "plan": plan, "limit_ms": LIMIT_MS }))
}

/// The figures as lines, a heading first.
fn table(timings: &Timings, plan: &[Planned], lang: Lang) -> Vec<String> {
    let Some(whole) = timings.whole else {
        let none = lang.pick(
            "時間の記録があるカードはまだありません。",
            "No card's times are recorded yet.",
        );
        return vec![none.to_owned()];
    };
    let mut lines = vec![
        match lang {
            Lang::Ja => format!("新しい順に {} 枚、秒", timings.cards),
            Lang::En => format!("the newest {} cards, seconds", timings.cards),
        },
        match lang {
            Lang::Ja => "   予定     p50     p95    最長  遅れ  作業".to_owned(),
            Lang::En => "planned     p50     p95   worst  late  phase".to_owned(),
        },
    ];
    for phase in &timings.phases {
        let planned = plan.iter().find(|plan| plan.phase == phase.phase);
        let words = Words::of(&phase.phase).map(|words| lang.pick(words.noun, words.english));
        let name = words.unwrap_or(&phase.phase);
        let planned_ms = planned.map(|plan| plan.planned_ms);
        lines.push(row(planned_ms, phase.spread, phase.missed, name));
    }
    let name = lang.pick(
        "全体（印刷データから排出口まで）",
        "Whole card, print data to slot",
    );
    lines.push(row(Some(LIMIT_MS), whole, timings.over_limit, name));
    lines.extend(timings.causes.iter().map(|by| cause(by, lang)));
    lines
}

fn row(planned_ms: Option<u32>, spread: Spread, late: u32, name: &str) -> String {
    let planned = planned_ms.map_or("—".to_owned(), seconds);
    let [p50, p95, worst] = [spread.p50_ms, spread.p95_ms, spread.worst_ms].map(seconds);
    format!("{planned:>7} {p50:>7} {p95:>7} {worst:>7} {late:>5}  {name}")
}

fn cause(by: &MissedBy, lang: Lang) -> String {
    let words = by.why.map(|why| why.words());
    let (ja, en) = words.unwrap_or(("原因不明", "cause unknown"));
    let (phases, lost) = (by.phases, seconds(u32::try_from(by.ms).unwrap_or(u32::MAX)));
    match lang {
        Lang::Ja => format!("遅れ {phases} 回（計 {lost} 秒）：{ja}"),
        Lang::En => format!("late {phases} times ({lost} s in all): {en}"),
    }
}

fn seconds(ms: u32) -> String {
    format!("{:.2}", f64::from(ms) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Budget, Deadlines};
    use crate::issuance::{Cause, Miss, What, Why};

    #[test]
    fn each_phase_stands_beside_its_plan_and_misses_have_their_cause() {
        let cause = Cause {
            why: Why::FedAgain,
            ms: None,
            times: Some(1),
        };
        let miss = Miss {
            phase: "feed".to_owned(),
            planned_ms: 2_200,
            actual_ms: 4_400,
            causes: vec![cause],
        };
        let timed = What::Timed {
            phases: vec![("feed".to_owned(), 4_400)],
            elapsed_ms: Some(38_500),
            misses: vec![miss],
        };
        let entries = [Entry::new(jiff::Timestamp::UNIX_EPOCH, timed)];
        let plan = Budget::default().timed(&Deadlines::default());
        let lines = table(&Timings::of(&entries, 9), &plan, Lang::En);
        let expected = [
            "the newest 1 cards, seconds",
            "planned     p50     p95   worst  late  phase",
            "   2.20    4.40    4.40    4.40     1  Feeding the card",
            "  40.00   38.50   38.50   38.50     0  Whole card, print data to slot",
            "late 1 times (0.00 s in all): a blank was fed again",
        ];
        assert_eq!(lines, expected);
        let none = table(&Timings::default(), &plan, Lang::Ja);
        assert_eq!(none, ["時間の記録があるカードはまだありません。"]);
    }
}
