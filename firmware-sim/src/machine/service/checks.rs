//! What an order looks at, by stable name, and what it finds: the machine's own state, as its
//! electronics would measure it.

use super::super::Machine;
use wire::Condition;
use wire::Tag;
use wire::service::{Check, Motor, Outcome};

/// A light barrier below this much of its light is worn out or dirty.
const LIGHT_NEEDED: i32 = 50;
/// Steps of a motor's stroke in the self test.
const STROKE: i32 = 200;
/// The white strip of a clean scanner, and what is needed of it.
const WHITE: i32 = 250;
const WHITE_NEEDED: i32 = 200;
const DIRTY_WHITE: i32 = 91;
/// What the dark scanner may still see.
const DARK: i32 = 3;
/// Strokes of the wiper in a cleaning.
const STROKES: i32 = 12;
/// Light barriers and what is left of their light, percent.
const BARRIERS: [(&str, i32); 11] = [
    ("sensor-hopper", 93),
    ("sensor-feeder", 97),
    ("sensor-encoder", 96),
    ("sensor-head-in", 91),
    ("sensor-head-out", 92),
    ("sensor-flipper", 95),
    ("sensor-hologram", 94),
    ("sensor-check", 97),
    ("sensor-exit", 89),
    ("sensor-tray", 96),
    ("sensor-cover", 98),
];

fn check(name: &str, passed: bool, value: i32, unit: &str) -> Check {
    Check {
        name: name.to_owned(),
        outcome: match passed {
            true => Outcome::Passed,
            false => Outcome::Failed,
        },
        value,
        unit: unit.to_owned(),
    }
}

/// Everything.
pub(super) fn self_test(machine: &Machine) -> Vec<Check> {
    let light = |(name, light): &(&str, i32)| check(name, *light >= LIGHT_NEEDED, *light, "%");
    let mut checks: Vec<Check> = BARRIERS.iter().map(light).collect();
    let sensors = machine.sensors(machine.seen);
    for (name, decidegrees) in [
        ("temperature-head", sensors.head_decidegrees),
        ("temperature-patch", sensors.patch_decidegrees),
    ] {
        let wired = (-200..2_500).contains(&decidegrees);
        checks.push(check(name, wired, decidegrees.into(), "0.1 °C"));
    }
    checks.extend(Motor::ALL.map(|at| motor(machine, at, STROKE)));
    checks.push(current(
        "heater-head",
        820,
        !machine.ails(Condition::HeadHot),
    ));
    let heats = !machine.ails(Condition::HeaterNotReady);
    checks.push(current("heater-patch", 1_430, heats));
    for (name, silent) in [
        ("antenna-encoder", Condition::EncoderSilent),
        ("antenna-check", Condition::CheckSilent),
    ] {
        let field = if machine.ails(silent) { 0 } else { 95 };
        checks.push(check(name, field > 0, field, "%"));
    }
    checks.push(white(machine));
    checks.extend(memories(machine));
    let supplies = machine.kept.supplies;
    checks.push(tag("tag-blanks", supplies.blanks, "cards"));
    checks.push(tag("tag-ribbon", supplies.ribbon, "sets"));
    checks.push(tag("tag-patches", supplies.patches, "patches"));
    checks
}

/// The scanner's own strip, lit and dark.
pub(super) fn scanner(machine: &Machine) -> Vec<Check> {
    vec![white(machine), check("scanner-dark", true, DARK, "")]
}

/// A head that was just cleaned.
pub(super) fn cleaned(machine: &Machine) -> Vec<Check> {
    let since = machine.kept.counters.since_cleaning;
    let since = i32::try_from(since).unwrap_or(i32::MAX);
    vec![
        check("head-wiped", true, STROKES, "strokes"),
        check("cards-since-cleaning", true, since, "cards"),
    ]
}

/// A motor that was told to turn so many steps, and how many its encoder saw.
pub(super) fn motor(machine: &Machine, motor: Motor, steps: i32) -> Check {
    let turns = match motor {
        Motor::RibbonWind => {
            !machine.ails(Condition::RibbonStuck) && !machine.ails(Condition::RibbonBroken)
        }
        Motor::PatchWind => !machine.ails(Condition::PatchStuck),
        Motor::Feeder | Motor::Transport | Motor::HeadLift | Motor::Flipper => true,
        Motor::ExitGate | Motor::RejectGate => true,
    };
    let seen = if turns { steps } else { 0 };
    let name = format!("motor-{}", motor.name());
    check(&name, turns, seen, "steps")
}

fn current(name: &str, milliamperes: i32, sound: bool) -> Check {
    check(name, sound, if sound { milliamperes } else { 0 }, "mA")
}

fn white(machine: &Machine) -> Check {
    let dirty = machine.ails(Condition::ScannerDirty);
    let white = if dirty { DIRTY_WHITE } else { WHITE };
    check("scanner-white", white >= WHITE_NEEDED, white, "")
}

fn memories(machine: &Machine) -> [Check; 2] {
    let records = machine.kept.service.log().count() as i32;
    let kibibytes = (super::super::panels::MEMORY / 1024) as i32;
    [
        check("memory-nonvolatile", true, records, "records"),
        check("memory-panels", true, kibibytes, "KiB"),
    ]
}

fn tag(name: &str, tag: Option<Tag>, unit: &str) -> Check {
    let remaining = tag.map_or(0, |tag| i32::try_from(tag.remaining).unwrap_or(i32::MAX));
    let outcome = match tag {
        Some(_) => Outcome::Passed,
        None => Outcome::Absent,
    };
    Check {
        outcome,
        ..check(name, true, remaining, unit)
    }
}
