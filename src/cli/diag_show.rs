//! A technician's report in words and as objects, one line a thing.

use super::lang::Lang;
use super::output::Output;
use crate::config::Calibrated;
use crate::diag::bundle::File;
use crate::diag::history::{Fault, PhaseTimes};
use crate::diag::line::AtSpeed;
use crate::diag::machine::Logged;
use crate::diag::{Detail, Reading, Report, State};
use crate::fault::Code;
use crate::issuance::Miss;

/// Tells a report: objects with `--json`, else lines.
pub(super) fn tell(report: &Report, output: &Output) {
    for reading in &report.readings {
        output.object("reading", reading);
    }
    match &report.detail {
        Detail::Log(entries) => entries.iter().for_each(|one| output.object("entry", one)),
        Detail::Faults(faults) => faults.iter().for_each(|one| output.object("fault", one)),
        Detail::Speeds(speeds) => speeds.iter().for_each(|one| output.object("speed", one)),
        Detail::Measured { phases, .. } => {
            phases.iter().for_each(|one| output.object("measured", one));
        }
        Detail::Files(files) => files.iter().for_each(|one| output.object("file", one)),
        Detail::None {} => {}
    }
    for line in lines(report, output.lang) {
        output.line(&line);
    }
}

/// The lines of a report.
pub(super) fn lines(report: &Report, lang: Lang) -> Vec<String> {
    let mut lines = table(&report.readings, lang);
    match &report.detail {
        Detail::Log(entries) if entries.is_empty() && report.readings.is_empty() => {
            lines.push(
                lang.pick("記録はありません。", "The log is empty.")
                    .to_owned(),
            );
        }
        Detail::Log(entries) => lines.extend(entries.iter().map(|one| entry(one, lang))),
        Detail::Faults(faults) if faults.is_empty() => {
            lines.push(
                lang.pick("停止の記録はありません。", "No faults are recorded.")
                    .to_owned(),
            );
        }
        Detail::Faults(faults) => lines.extend(faults.iter().map(|one| fault(one, lang))),
        Detail::Speeds(speeds) => speeds.iter().for_each(|one| lines.extend(speed(one, lang))),
        Detail::Measured { phases, .. } => lines.extend(phases.iter().map(|one| phase(one, lang))),
        Detail::Files(files) => lines.extend(files.iter().map(|one| file(one, lang))),
        Detail::None {} => {}
    }
    lines
}

/// Readings in columns: mark, name, value, normal band.
pub(super) fn table(readings: &[Reading], lang: Lang) -> Vec<String> {
    let name = |reading: &Reading| lang.pick(reading.japanese.clone(), reading.english.clone());
    let named = readings
        .iter()
        .map(|one| columns(&name(one)))
        .max()
        .unwrap_or(0);
    let valued = readings
        .iter()
        .map(|one| columns(&one.shown(lang == Lang::Ja)))
        .max()
        .unwrap_or(0)
        .min(32);
    let row = |reading: &Reading| {
        let band = reading.band().map(|band| {
            let normal = lang.pick("正常", "normal");
            format!("  {normal} {band}")
        });
        let line = format!(
            "{} {}  {}{}",
            mark(reading.state),
            padded(&name(reading), named),
            padded(&reading.shown(lang == Lang::Ja), valued),
            band.unwrap_or_default()
        );
        line.trim_end().to_owned()
    };
    readings.iter().map(row).collect()
}

/// A reading's mark; the words beside it say it all without colours.
fn mark(state: State) -> &'static str {
    match state {
        State::Normal => "✓",
        State::Outside => "■",
        State::Absent => "—",
        State::Plain => " ",
    }
}

fn entry(one: &Logged, lang: Lang) -> String {
    let words = lang.pick(
        ("起動", "秒", "カード", "工程"),
        ("boot", "s", "card", "step"),
    );
    let at = one.clock_ms as f64 / 1000.0;
    let card = match one.card {
        0 => String::new(),
        card => format!("  {} {card} {} {}", words.2, words.3, one.step),
    };
    format!(
        "{:>6}  {} {} {at:.3} {}  {}{card}",
        one.number, words.0, one.boot, words.1, one.code
    )
}

fn fault(one: &Fault, lang: Lang) -> String {
    let at = one.at.strftime("%Y-%m-%d %H:%M:%SZ");
    let phase = one.late.iter().map(|miss| miss.phase.as_str()).next();
    let line = format!(
        "{:>6}  {at}  {:<22} {:<10} {:<10}{}",
        one.sequence,
        one.code.map(Code::name).or(phase).unwrap_or_default(),
        one.zone,
        one.outcome,
        one.late
            .as_ref()
            .map_or(String::new(), |miss| late(miss, lang))
    );
    line.trim_end().to_owned()
}

/// By how much a phase was late, and why.
fn late(miss: &Miss, lang: Lang) -> String {
    let s = |ms: u32| format!("{:.2}", f64::from(ms) / 1000.0);
    let (actual, planned) = (s(miss.actual_ms), s(miss.planned_ms));
    let times = match lang {
        Lang::Ja => format!("{actual} 秒（計画 {planned} 秒）"),
        Lang::En => format!("{actual} s (planned {planned} s)"),
    };
    let causes = miss.causes.iter().map(|cause| cause.why.words());
    let causes: Vec<&str> = causes.map(|(ja, en)| lang.pick(ja, en)).collect();
    [times, causes.join(lang.pick("、", ", "))].join("  ")
}

fn speed(at: &AtSpeed, lang: Lang) -> Vec<String> {
    let Some(one) = &at.measured else {
        let words = lang.pick(
            "この速度では応答がありません。",
            "nobody answers at this speed.",
        );
        return vec![format!("{:>8} bit/s  {words}", at.baud)];
    };
    let rtt = one.rtt_us.map_or_else(String::new, |rtt| {
        let ms = |us: u32| f64::from(us) / 1000.0;
        format!(
            "{:.2} / {:.2} / {:.2} / {:.2} ms",
            ms(rtt.min),
            ms(rtt.median),
            ms(rtt.p95),
            ms(rtt.max)
        )
    });
    let words = lang.pick(
        (
            "応答",
            "破損",
            "（向こう",
            "こちら",
            "往復（最小・中央・95 %・最大）",
            "送り",
            "受け",
        ),
        (
            "answered",
            "damaged",
            " (there",
            "here",
            "round trip (min, median, 95 %, max)",
            "out",
            "back",
        ),
    );
    let close = lang.pick("）", ")");
    vec![
        format!(
            "{:>8} bit/s  {} {}/{}  {}{} {}, {} {}{close}",
            at.baud,
            words.0,
            one.answered,
            one.sent,
            words.1,
            words.2,
            one.damaged_there,
            words.3,
            one.damaged_here
        ),
        format!("                {} {rtt}", words.4),
        format!(
            "                {} {} B/s  {} {} B/s",
            words.5, one.out_bytes_per_s, words.6, one.back_bytes_per_s
        ),
    ]
}

fn phase(one: &PhaseTimes, lang: Lang) -> String {
    let s = |ms: u32| f64::from(ms) / 1000.0;
    let words = lang.pick(("回", "秒"), ("×", "s"));
    let name = padded(&one.phase, 14);
    format!(
        "{name} {:>4} {}  {:.2} / {:.2} / {:.2} / {:.2} {}",
        one.ms.count,
        words.0,
        s(one.ms.min),
        s(one.ms.median),
        s(one.ms.p95),
        s(one.ms.max),
        words.1
    )
}

fn file(one: &File, lang: Lang) -> String {
    let words = lang.pick(one.japanese, one.english);
    format!("{:>9} B  {}  {words}", one.bytes, padded(&one.name, 26))
}

/// What calibration changed.
pub(super) fn changes(done: &Calibrated, lang: Lang) -> Vec<String> {
    let s = |ms: u32| format!("{:.2}", f64::from(ms) / 1000.0);
    if done.changes.is_empty() {
        let words = lang.pick(
            "測った数が足りず、計画は変わりません（各工程 3 回以上）。",
            "Too few measurements: the plan stays (three of each phase at least).",
        );
        return vec![words.to_owned()];
    }
    let line = |change: &crate::config::Change| {
        let (before, planned) = (s(change.before_ms), s(change.planned_ms));
        let name = padded(change.phase, 14);
        match lang {
            Lang::Ja => format!("{name} 計画 {before} 秒 → {planned} 秒"),
            Lang::En => format!("{name} planned {before} s → {planned} s"),
        }
    };
    let total = s(done.total_ms);
    let mut lines: Vec<String> = done.changes.iter().map(line).collect();
    lines.push(match lang {
        Lang::Ja => format!("合計 {total} 秒／40 秒"),
        Lang::En => format!("total {total} s of 40 s"),
    });
    lines
}

/// Columns that a text takes on a terminal: two for each full-width character.
fn columns(text: &str) -> usize {
    let wide = |c: char| matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6);
    text.chars().map(|c| 1 + usize::from(wide(c))).sum()
}

fn padded(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(columns(text))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Value;

    #[test]
    fn columns_stand_below_each_other_in_both_languages() {
        let readings = [
            Reading::count("fed", ("給紙数", "Fed"), 7u32).within(0, 10_000),
            Reading::new("uv", ("紫外線ランプ", "UV lamp"), Value::Absent),
        ];
        assert_eq!(
            table(&readings, Lang::En),
            [
                "✓ Fed      7                      normal 0–10",
                "— UV lamp  this machine has none"
            ]
        );
        let japanese = table(&readings, Lang::Ja);
        assert_eq!(japanese[1], "— 紫外線ランプ  この機種にはありません");
        assert!(
            japanese[0].starts_with("✓ 給紙数        7"),
            "{}",
            japanese[0]
        );
    }
}
