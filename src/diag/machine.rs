//! What the printer shows as readings: identity, sensors with their normal bands, counters,
//! supplies, checks, its log. Knows the wire's words, no line.

use serde::Serialize;
use wire::message::Hello;
use wire::service::{Check, Identity, LogEntry, Outcome};
use wire::{Counters, Flipper, Sensors, Supplies, SupplyKind, Survey, Tag};

use super::reading::{Reading, State, Value};

/// Head temperature that permits printing, thousandths of a degree.
const HEAD: (i64, i64) = (5_000, 65_000);
/// Patch heater at work, thousandths of a degree.
const PATCH: (i64, i64) = (110_000, 150_000);
/// Cards after which the head wants cleaning.
const CLEANING: (i64, i64) = (0, 1_000_000);

/// Who the printer is; hardware, hours and cards where its firmware tells them.
#[must_use]
pub fn identity(hello: &Hello, more: Option<&Identity>) -> Vec<Reading> {
    let told = |value: Option<Value>| value.unwrap_or(Value::Absent);
    vec![
        Reading::text(
            "printer_model",
            ("印刷機の型式", "Printer model"),
            &hello.model,
        ),
        Reading::text(
            "printer_firmware",
            ("ファームウェア", "Firmware"),
            &hello.firmware,
        ),
        Reading::text("printer_serial", ("製造番号", "Serial"), &hello.serial),
        Reading::new(
            "printer_hardware",
            ("ハードウェアの版", "Hardware revision"),
            told(more.map(|more| Value::Text(more.hardware.clone()))),
        ),
        Reading::new(
            "printer_hours",
            ("通電時間", "Hours under power"),
            told(more.map(|more| Value::Count(more.hours.into()))),
        )
        .unit("h"),
        Reading::count(
            "protocol",
            ("通信規約の版", "Protocol version"),
            hello.version,
        ),
        Reading::count("boot", ("起動番号", "Boot"), hello.boot),
        Reading::new(
            "clock",
            ("起動から", "Since power on"),
            Value::Milli(i64::try_from(hello.clock_ms).unwrap_or(i64::MAX)),
        )
        .unit("s"),
    ]
}

/// The sensors, each with the band in which a machine at rest and ready is.
#[must_use]
pub fn sensors(seen: &Sensors, age_ms: u32) -> Vec<Reading> {
    let path = |name: &str, words: (&str, &str), covered: bool| {
        Reading::new(name, words, Value::Flag(covered))
    };
    let flipper = match seen.flipper {
        Flipper::Empty => Value::Named("empty", "空", "empty"),
        Flipper::FrontUp => Value::Named("front-up", "表が上", "front up"),
        Flipper::BackUp => Value::Named("back-up", "裏が上", "back up"),
        Flipper::Between => Value::Named("between", "途中", "between"),
    };
    let heat = |name: &str, words: (&str, &str), tenths: i16, band: (i64, i64)| {
        Reading::new(name, words, Value::Milli(i64::from(tenths) * 100))
            .unit("℃")
            .within(band.0, band.1)
    };
    let readings = vec![
        path("hopper", ("給紙部", "Hopper filled"), seen.hopper).judged(seen.hopper),
        path("feeder", ("送り部", "Feeder"), seen.feeder),
        path("encoder", ("チップ部", "Encoder"), seen.encoder),
        path("head_in", ("ヘッド入口", "Head, in"), seen.head_in),
        path("head_out", ("ヘッド出口", "Head, out"), seen.head_out),
        Reading::new("flipper", ("反転部", "Flipper"), flipper)
            .judged(seen.flipper != Flipper::Between),
        path("hologram", ("ホログラム部", "Hologram"), seen.hologram),
        path("check", ("検査部", "Check"), seen.check),
        path("exit", ("排出口", "Exit slot"), seen.exit),
        path(
            "tray_full",
            ("不良箱の満杯", "Reject tray full"),
            seen.tray_full,
        )
        .judged(!seen.tray_full),
        path("cover_open", ("ふたの開き", "Cover open"), seen.cover_open).judged(!seen.cover_open),
        heat(
            "head",
            ("ヘッド温度", "Head temperature"),
            seen.head_decidegrees,
            HEAD,
        ),
        heat(
            "patch",
            ("貼付け温度", "Patch heater"),
            seen.patch_decidegrees,
            PATCH,
        ),
    ];
    let aged = |mut reading: Reading| {
        reading.age_ms = Some(age_ms);
        reading
    };
    readings.into_iter().map(aged).collect()
}

/// Whether any sensor sees a card in the machine, the slot included.
#[must_use]
pub fn holds_card(seen: &Sensors) -> bool {
    seen.feeder
        || seen.encoder
        || seen.head_in
        || seen.head_out
        || seen.flipper != Flipper::Empty
        || seen.hologram
        || seen.check
        || seen.exit
}

const PANELS: [(&str, &str, &str); 7] = [
    ("back_k", "裏面 黒", "back black"),
    ("y", "イエロー", "yellow"),
    ("m", "マゼンタ", "magenta"),
    ("c", "シアン", "cyan"),
    ("k", "黒", "black"),
    ("uv", "UV", "UV"),
    ("pearl", "パール", "pearl"),
];

/// The one-way counters. A pass that was begun and not completed was cut short.
#[must_use]
pub fn counters(seen: &Counters) -> Vec<Reading> {
    let mut readings = vec![
        Reading::count("fed", ("給紙数", "Fed"), seen.fed),
        Reading::count("ejected", ("排出数", "Ejected"), seen.ejected),
        Reading::count("taken", ("受取数", "Taken"), seen.taken),
        Reading::count("rejected", ("不良数", "Rejected"), seen.rejected),
        Reading::count("lost", ("紛失数", "Lost"), seen.lost),
    ];
    for (panel, (name, ja, en)) in PANELS.into_iter().enumerate() {
        for (kind, words, counts) in [
            ("begun", ("開始", "begun"), &seen.begun),
            ("completed", ("完了", "completed"), &seen.completed),
        ] {
            let words = (
                format!("{ja} {}", words.0),
                format!("Passes {en}, {}", words.1),
            );
            let name = format!("passes_{name}_{kind}");
            readings.push(Reading::count(&name, (&words.0, &words.1), counts[panel]));
        }
    }
    readings.extend([
        Reading::count(
            "patches_begun",
            ("貼付け 開始", "Patches begun"),
            seen.patches_begun,
        ),
        Reading::count(
            "patches_completed",
            ("貼付け 完了", "Patches completed"),
            seen.patches_completed,
        ),
        Reading::count("flips", ("反転数", "Flips"), seen.flips),
        Reading::count("power_ons", ("起動数", "Power-ons"), seen.power_ons),
        Reading::count(
            "since_cleaning",
            ("清掃からの枚数", "Cards since cleaning"),
            seen.since_cleaning,
        )
        .within(CLEANING.0, CLEANING.1),
    ]);
    readings
}

/// What is loaded, by the tags.
#[must_use]
pub fn supplies(seen: &Supplies) -> Vec<Reading> {
    let mut readings = Vec::new();
    let all = [
        (
            "blanks",
            ("白カード", "Blanks"),
            &seen.blanks,
            SupplyKind::Blanks,
        ),
        (
            "ribbon",
            ("リボン", "Ribbon"),
            &seen.ribbon,
            SupplyKind::Ribbon,
        ),
        (
            "patches",
            ("ホログラム", "Patches"),
            &seen.patches,
            SupplyKind::Patches,
        ),
    ];
    for (name, words, tag, kind) in all {
        match tag {
            None => readings.push(Reading::new(name, words, NOT_LOADED).absent()),
            Some(tag) => readings.extend(tag_readings(name, words, tag, kind)),
        }
    }
    readings
}

/// An empty spindle, or a tag that cannot be read.
const NOT_LOADED: Value = Value::Named("not-loaded", "入っていません", "not loaded");

fn tag_readings(name: &str, words: (&str, &str), tag: &Tag, kind: SupplyKind) -> Vec<Reading> {
    let of = |part: &str, ja: &str, en: &str, value: Value| {
        let words = (format!("{} {ja}", words.0), format!("{}, {en}", words.1));
        Reading::new(&format!("{name}_{part}"), (&words.0, &words.1), value)
    };
    let serial = String::from_utf8_lossy(&tag.serial).into_owned();
    let expires = match tag.expires {
        0 => Value::Named("none", "なし", "none"),
        day => Value::Text(format!(
            "{:04}-{:02}-{:02}",
            day / 10_000,
            day / 100 % 100,
            day % 100
        )),
    };
    let typed = match tag.kind {
        SupplyKind::Blanks => Value::Named("blanks", "白カード", "blanks"),
        SupplyKind::Ribbon => Value::Named("ribbon", "リボン", "ribbon"),
        SupplyKind::Patches => Value::Named("patches", "ホログラム", "patches"),
        SupplyKind::Other(code) => Value::Text(format!("? {code}")),
    };
    vec![
        of("type", "種類", "type", typed).judged(tag.kind == kind),
        of("serial", "製造番号", "serial", Value::Text(serial)),
        of("lot", "ロット", "lot", Value::Count(tag.lot.into())),
        of("left", "残り", "left", Value::Count(tag.remaining.into()))
            .within(1_000, i64::from(tag.capacity) * 1000),
        of("expires", "使用期限", "use by", expires),
    ]
}

/// What an order looked at.
#[must_use]
pub fn checks(checks: &[Check]) -> Vec<Reading> {
    let reading = |check: &Check| {
        let words = check_words(&check.name);
        let value = match check.outcome {
            Outcome::Absent => Value::Absent,
            Outcome::Passed | Outcome::Failed => scaled(check),
        };
        let mut reading = Reading::new(&check.name, (&words.0, &words.1), value);
        let unit = if is_tenth(&check.unit) {
            "℃"
        } else {
            &check.unit
        };
        unit.clone_into(&mut reading.unit);
        reading.state = match check.outcome {
            Outcome::Passed => State::Normal,
            Outcome::Failed => State::Outside,
            Outcome::Absent => State::Absent,
        };
        reading
    };
    checks.iter().map(reading).collect()
}

/// Tenths of a degree, as the wire has them, are shown as degrees.
fn is_tenth(unit: &str) -> bool {
    matches!(unit, "dC" | "0.1 °C")
}

fn scaled(check: &Check) -> Value {
    if is_tenth(&check.unit) {
        Value::Milli(i64::from(check.value) * 100)
    } else {
        Value::Milli(i64::from(check.value) * 1000)
    }
}

/// A check's name in words; names that nobody translated stand as they are.
fn check_words(name: &str) -> (String, String) {
    let parts = [
        ("motor", "モーター", "motor"),
        ("sensor", "センサー", "sensor"),
        ("antenna", "アンテナ", "antenna"),
        ("heater", "ヒーター", "heater"),
        ("memory", "メモリー", "memory"),
        ("scanner", "スキャナー", "scanner"),
        ("white", "白基準", "white"),
        ("ribbon", "リボン", "ribbon"),
        ("patch", "ホログラム", "patch"),
        ("head", "ヘッド", "head"),
        ("feeder", "送り部", "feeder"),
        ("transport", "搬送", "transport"),
        ("flipper", "反転部", "flipper"),
        ("encoder", "チップ部", "encoder"),
        ("check", "検査部", "check"),
        ("hologram", "ホログラム部", "hologram"),
        ("exit", "排出口", "exit"),
        ("reject", "不良箱", "reject"),
        ("hopper", "給紙部", "hopper"),
        ("cover", "ふた", "cover"),
        ("gate", "ゲート", "gate"),
        ("lift", "昇降", "lift"),
        ("wind", "巻取り", "wind"),
        ("tray", "不良箱", "tray"),
        ("temperature", "温度", "temperature"),
        ("nonvolatile", "不揮発", "non-volatile"),
        ("panels", "パネル", "panels"),
        ("tag", "札", "tag"),
        ("blanks", "白カード", "blanks"),
        ("patches", "ホログラム", "patches"),
        ("wiped", "拭き取り", "wiped"),
        ("dark", "暗基準", "dark"),
        ("in", "入口", "in"),
        ("out", "出口", "out"),
    ];
    let word = |part: &str| {
        let known = parts.iter().find(|(name, ..)| *name == part);
        known.map_or((part.to_owned(), part.to_owned()), |(_, ja, en)| {
            ((*ja).to_owned(), (*en).to_owned())
        })
    };
    if name == "cards-since-cleaning" {
        return (
            "清掃からの枚数".to_owned(),
            "cards since cleaning".to_owned(),
        );
    }
    let (japanese, english): (Vec<_>, Vec<_>) = name.split('-').map(word).unzip();
    (japanese.join(" "), english.join(" "))
}

/// One entry of the printer's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Logged {
    /// Its number for life.
    pub number: u64,
    /// The boot in which it was written.
    pub boot: u32,
    /// Milliseconds since that boot's power came on.
    pub clock_ms: u64,
    /// What began to be wrong.
    pub code: String,
    /// The count of the card at hand; 0 when there was none.
    pub card: u32,
    /// That motion's step; 0 when there was none.
    pub step: u8,
}

/// The log's entries, of one condition only where one is named.
#[must_use]
pub fn log(entries: &[LogEntry], code: Option<&str>) -> Vec<Logged> {
    let logged = entries.iter().map(|entry| Logged {
        number: entry.number,
        boot: entry.boot,
        clock_ms: entry.clock_ms,
        code: entry.condition.name().to_owned(),
        card: entry.card,
        step: entry.step,
    });
    logged
        .filter(|entry| code.is_none_or(|code| entry.code.eq_ignore_ascii_case(code)))
        .collect()
}

/// Everything that a survey shows.
#[must_use]
pub fn survey(seen: &Survey, age_ms: u32) -> Vec<Reading> {
    let mut readings = sensors(&seen.sensors, age_ms);
    readings.extend(counters(&seen.counters));
    readings.extend(supplies(&seen.supplies));
    readings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find<'a>(readings: &'a [Reading], name: &str) -> &'a Reading {
        let found = readings.iter().find(|one| one.name == name);
        found.unwrap_or_else(|| panic!("no {name}"))
    }

    #[test]
    fn what_is_not_as_it_should_be_stands_out() {
        let mut seen = Sensors {
            hopper: true,
            head_decidegrees: 312,
            patch_decidegrees: 1320,
            ..Sensors::default()
        };
        let outside = |seen: &Sensors| {
            let readings = sensors(seen, 12);
            let names = readings.iter().filter(|one| one.state == State::Outside);
            names.map(|one| one.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(outside(&seen), Vec::<String>::new());
        (seen.hopper, seen.cover_open, seen.head_decidegrees) = (false, true, 700);
        assert_eq!(outside(&seen), ["hopper", "cover_open", "head"]);
        assert!(sensors(&seen, 12).iter().all(|one| one.age_ms == Some(12)));
    }

    #[test]
    fn a_card_is_seen_wherever_it_lies() {
        assert!(!holds_card(&Sensors {
            hopper: true,
            ..Sensors::default()
        }));
        assert!(holds_card(&Sensors {
            exit: true,
            ..Sensors::default()
        }));
        let between = Sensors {
            flipper: Flipper::Between,
            ..Sensors::default()
        };
        assert!(holds_card(&between));
    }

    #[test]
    fn a_wrong_ribbon_and_an_empty_spindle_are_told_apart() {
        let tag = Tag {
            kind: SupplyKind::Patches,
            serial: *b"RIBBON01",
            lot: 7,
            capacity: 250,
            remaining: 0,
            expires: 20_270_331,
        };
        let seen = Supplies {
            ribbon: Some(tag),
            ..Supplies::default()
        };
        let readings = supplies(&seen);
        assert_eq!(find(&readings, "patches").state, State::Absent);
        assert_eq!(find(&readings, "ribbon_type").state, State::Outside);
        assert_eq!(find(&readings, "ribbon_left").state, State::Outside);
        assert_eq!(find(&readings, "ribbon_expires").shown(false), "2027-03-31");
    }

    #[test]
    fn a_check_says_passed_failed_or_absent() {
        let check = |name: &str, outcome, value, unit: &str| Check {
            name: name.into(),
            outcome,
            value,
            unit: unit.into(),
        };
        let readings = checks(&[
            check("motor-feeder", Outcome::Passed, 420, "mA"),
            check("patch-heater", Outcome::Absent, 0, ""),
            check("scanner-white", Outcome::Failed, 120, ""),
        ]);
        let states: Vec<State> = readings.iter().map(|one| one.state).collect();
        assert_eq!(states, [State::Normal, State::Absent, State::Outside]);
        assert_eq!(readings[0].shown(false), "420 mA");
        assert_eq!(readings[0].japanese, "モーター 送り部");
    }
}
