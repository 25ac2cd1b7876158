//! What must hold before a blank is fed, one named check after the other. Pure: reads the
//! facts that were gathered, moves nothing, asks nobody. Screens show it as it is.

use crate::config::{Limits, Readers};
use crate::fault::{Code, Words};
use crate::stock::{Film, Stock, Supply};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use wire::{Sensors, SupplyKind, Survey, Tag};

use super::translate;

/// A clock this far behind its last witness was put back.
const CLOCK_SLACK_S: i64 = 60;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It holds.
    Passed,
    /// It holds, and something is to be done soon.
    Warned,
    /// It does not hold: no blank is fed.
    Failed,
    /// It will hold in a while; it is waited for.
    Waiting,
    /// It could not be looked at.
    Unknown,
    /// This card does not need it.
    NotNeeded,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Stable name.
    pub name: &'static str,
    /// What is checked, Japanese.
    pub japanese: &'static str,
    /// What is checked, English.
    pub english: &'static str,
    /// How it came out.
    pub state: State,
    /// What was seen, with unit; 「—」 when nothing was.
    pub value: String,
    /// The fault that it is, where it does not hold or soon will not.
    pub code: Option<Code>,
    /// What to do then, Japanese and English.
    pub remedy: Vec<Words>,
}

/// What is known of the scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scanner {
    /// It proved itself on its white strip: just now, or at the last card.
    Proved,
    /// It did not.
    Dirty,
    /// This firmware cannot say before a card is in it.
    Unasked,
}

/// Whether each of the three readers is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Antennas {
    /// In the machine, where blanks are written.
    pub encoder: bool,
    /// In the machine, where finished cards are read.
    pub check: bool,
    /// On the desk.
    pub desk: bool,
}

impl Antennas {
    /// The places whose readers are not there.
    pub(super) fn missing(self) -> String {
        let places = [
            (self.encoder, "encoder"),
            (self.check, "check"),
            (self.desk, "desk"),
        ];
        let missing = places.iter().filter(|(there, _)| !there);
        let names: Vec<&str> = missing.map(|(_, name)| *name).collect();
        names.join(", ")
    }
}

/// Everything that the checks read.
pub(super) struct Facts<'a> {
    pub(super) printer: Result<Survey, Code>,
    pub(super) antennas: Result<Antennas, Code>,
    pub(super) desk_due: bool,
    /// What the readers are called.
    pub(super) readers: &'a Readers,
    pub(super) authority: Result<(), Code>,
    pub(super) now: Timestamp,
    pub(super) today: Date,
    /// When a grant last bore the clock out.
    pub(super) witnessed_at: Timestamp,
    /// Free megabytes on the journal's disk; none when it cannot be written.
    pub(super) free_mb: Option<u64>,
    pub(super) scanner: Scanner,
    pub(super) stock: &'a Stock,
    pub(super) limits: &'a Limits,
}

/// Every check, in the order in which a person would make them.
pub(super) fn checks(facts: &Facts<'_>) -> Vec<Check> {
    let mut checks = vec![clock(facts), journal(facts), authority(facts)];
    match &facts.printer {
        Ok(seen) => {
            checks.push(passed(PRINTER, "OK"));
            checks.extend(machine(&seen.sensors, facts));
            checks.extend([
                film(RIBBON, Supply::Ribbon, seen.supplies.ribbon.as_ref(), facts),
                film(
                    PATCHES,
                    Supply::Patches,
                    seen.supplies.patches.as_ref(),
                    facts,
                ),
                cleaning(seen.counters.since_cleaning, facts.limits),
            ]);
        }
        Err(code) => checks.push(failed(PRINTER, "—", *code)),
    }
    checks.push(match facts.scanner {
        Scanner::Proved => passed(SCANNER, "OK"),
        Scanner::Dirty => failed(SCANNER, "—", Code::ScannerDirty),
        Scanner::Unasked => told(SCANNER, State::Unknown, "—", None),
    });
    checks.extend(antennas(facts));
    checks
}

/// The first check that stands in the way.
pub(super) fn first_failed(checks: &[Check]) -> Option<&Check> {
    checks.iter().find(|check| check.state == State::Failed)
}

/// Whether something only needs time.
pub(super) fn waits(checks: &[Check]) -> bool {
    checks.iter().any(|check| check.state == State::Waiting)
}

type Name = (&'static str, &'static str, &'static str);
const CLOCK: Name = ("clock", "時計", "Clock");
const JOURNAL: Name = ("journal", "台帳", "Journal");
const AUTHORITY: Name = ("authority", "本部", "Authority");
const PRINTER: Name = ("printer", "印刷機", "Printer");
const COVER: Name = ("cover", "ふた", "Cover");
const PATH: Name = ("path", "カードの通り道", "Card path");
const BLANKS: Name = ("blanks", "白カード", "Blank cards");
const TRAY: Name = ("tray", "不良箱の空き", "Room in the reject tray");
const RIBBON: Name = ("ribbon", "リボン", "Ribbon");
const PATCHES: Name = ("patches", "ホログラム", "Hologram patches");
const HEAD: Name = ("head", "ヘッドの温度", "Head temperature");
const HEATER: Name = ("heater", "貼付け部の温度", "Patch heater temperature");
const SCANNER: Name = ("scanner", "読み取り部の汚れ", "Scanner");
const CLEANING: Name = ("cleaning", "清掃", "Cleaning");
const ENCODER: Name = ("encoder", "書き込み部のリーダー", "Encoder's reader");
const CHECK: Name = ("check", "検査部のリーダー", "Check station's reader");
const DESK: Name = ("desk", "読み取り台のリーダー", "Desk reader");

fn told(name: Name, state: State, value: impl Into<String>, code: Option<Code>) -> Check {
    let (name, japanese, english) = name;
    Check {
        name,
        japanese,
        english,
        state,
        value: value.into(),
        code,
        remedy: code.map_or_else(Vec::new, |code| code.fault().remedy()),
    }
}

fn passed(name: Name, value: impl Into<String>) -> Check {
    told(name, State::Passed, value, None)
}

fn failed(name: Name, value: impl Into<String>, code: Code) -> Check {
    told(name, State::Failed, value, Some(code))
}

fn held(name: Name, holds: bool, value: impl Into<String>, code: Code) -> Check {
    if holds {
        passed(name, value)
    } else {
        failed(name, value, code)
    }
}

/// Whether the clock was not put back behind the last time that the authority's own dates bore out.
pub(super) fn clock_holds(witnessed_at: Timestamp, now: Timestamp) -> bool {
    witnessed_at.as_second() - now.as_second() <= CLOCK_SLACK_S
}

fn clock(facts: &Facts<'_>) -> Check {
    let holds = clock_holds(facts.witnessed_at, facts.now);
    let value = facts.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    held(CLOCK, holds, value, Code::ClockUntrusted)
}

fn journal(facts: &Facts<'_>) -> Check {
    match facts.free_mb {
        Some(free) => {
            let room = free >= u64::from(facts.limits.disk_free_mb);
            held(JOURNAL, room, format!("{free} MB"), Code::JournalWrite)
        }
        None => failed(JOURNAL, "—", Code::JournalWrite),
    }
}

fn authority(facts: &Facts<'_>) -> Check {
    match facts.authority {
        Ok(()) => passed(AUTHORITY, "OK"),
        Err(code) => failed(AUTHORITY, "—", code),
    }
}

fn machine(seen: &Sensors, facts: &Facts<'_>) -> [Check; 6] {
    let ours = translate::sensors(seen);
    [
        held(COVER, !seen.cover_open, "", Code::CoverOpen),
        held(PATH, ours.empty(), "", Code::CardInPath),
        blanks(seen, facts.stock),
        held(TRAY, !seen.tray_full, "", Code::TrayFull),
        head(seen, facts.limits),
        heater(seen, facts.limits),
    ]
}

fn blanks(seen: &Sensors, stock: &Stock) -> Check {
    let terms = stock.terms();
    let value = terms.hopper.to_string();
    match (seen.hopper, terms.loaded > 0, terms.hopper > 0) {
        (false, _, _) => failed(BLANKS, value, Code::HopperEmpty),
        (true, true, true) => passed(BLANKS, value),
        // Blanks that nobody wrote down: the next count will not come out.
        (true, _, _) => told(BLANKS, State::Warned, value, Some(Code::SupplyOther)),
    }
}

fn head(seen: &Sensors, limits: &Limits) -> Check {
    let (value, degrees) = degrees(seen.head_decidegrees);
    if degrees < limits.head_hot_c {
        passed(HEAD, value)
    } else {
        told(HEAD, State::Waiting, value, Some(Code::HeadHot))
    }
}

fn heater(seen: &Sensors, limits: &Limits) -> Check {
    let (value, degrees) = degrees(seen.patch_decidegrees);
    if degrees >= limits.heater_ready_c {
        passed(HEATER, value)
    } else {
        told(HEATER, State::Waiting, value, Some(Code::HeaterCold))
    }
}

fn degrees(tenths: i16) -> (String, f64) {
    let degrees = f64::from(tenths) / 10.0;
    (format!("{degrees:.1} ℃"), degrees)
}

fn cleaning(since: u32, limits: &Limits) -> Check {
    let value = format!("{since} / {}", limits.cleaning_due_cards);
    if since >= limits.cleaning_overdue_cards {
        failed(CLEANING, value, Code::CleaningOverdue)
    } else if since >= limits.cleaning_due_cards {
        told(CLEANING, State::Warned, value, Some(Code::CleaningDue))
    } else {
        passed(CLEANING, value)
    }
}

/// A ribbon or patch film: there, of its kind, the recorded one, fresh, enough for a card.
fn film(name: Name, supply: Supply, tag: Option<&Tag>, facts: &Facts<'_>) -> Check {
    let Some(tag) = tag else {
        return failed(name, "—", absent(supply));
    };
    let value = format!("{} / {}", tag.remaining, tag.capacity);
    match unfit(supply, tag, facts.today).or_else(|| stranger(facts.stock.film(supply), tag)) {
        Some(code) => failed(name, value, code),
        // Until the first one is recorded nothing can be held against it.
        None if facts.stock.film(supply).is_some_and(|film| !film.is_kept()) => {
            told(name, State::Warned, value, Some(Code::SupplyOther))
        }
        None => passed(name, value),
    }
}

/// What the tag alone says against this roll.
pub(super) fn unfit(supply: Supply, tag: &Tag, today: Date) -> Option<Code> {
    if tag.kind != kind(supply) {
        return Some(wrong(supply));
    }
    if expiry(tag).is_some_and(|last| last.is_none_or(|last| last < today)) {
        return Some(Code::SupplyExpired);
    }
    (tag.remaining == 0).then(|| used_up(supply))
}

/// What the books say against this roll.
fn stranger(film: Option<&Film>, tag: &Tag) -> Option<Code> {
    let (film, serial) = (film?, serial(tag));
    if film.was_here(&serial) {
        return Some(Code::SupplyReused);
    }
    match film.roll() {
        // A tag that was set back: more is left than the books can know of.
        Some(roll) if (&roll.serial, roll.lot) == (&serial, tag.lot) => {
            (i64::from(tag.remaining) > film.left()).then_some(Code::SupplyReused)
        }
        Some(_) => Some(Code::SupplyOther),
        None => film.is_kept().then_some(Code::SupplyOther),
    }
}

/// A tag's serial as it stands on the label; hexadecimal when it is no text.
pub(super) fn serial(tag: &Tag) -> String {
    let text = std::str::from_utf8(&tag.serial).ok();
    let printed = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()));
    printed.map_or_else(|| hex::encode_upper(tag.serial), str::to_owned)
}

/// The last day of use: none when it does not expire, and no day when the tag names none
/// that exists.
pub(super) fn expiry(tag: &Tag) -> Option<Option<Date>> {
    let number = tag.expires;
    let part = |value: u32| i8::try_from(value).ok();
    (number != 0).then(|| {
        let year = i16::try_from(number / 10_000).ok()?;
        Date::new(year, part(number / 100 % 100)?, part(number % 100)?).ok()
    })
}

fn kind(supply: Supply) -> SupplyKind {
    match supply {
        Supply::Blanks => SupplyKind::Blanks,
        Supply::Ribbon => SupplyKind::Ribbon,
        Supply::Patches => SupplyKind::Patches,
    }
}

/// The fault of a supply that is not there.
pub(super) fn absent(supply: Supply) -> Code {
    match supply {
        Supply::Blanks => Code::HopperEmpty,
        Supply::Ribbon => Code::RibbonAbsent,
        Supply::Patches => Code::PatchAbsent,
    }
}

fn wrong(supply: Supply) -> Code {
    match supply {
        Supply::Ribbon => Code::RibbonWrong,
        Supply::Blanks | Supply::Patches => Code::SupplyWrong,
    }
}

fn used_up(supply: Supply) -> Code {
    match supply {
        Supply::Blanks => Code::HopperEmpty,
        Supply::Ribbon => Code::RibbonOut,
        Supply::Patches => Code::PatchOut,
    }
}

fn antennas(facts: &Facts<'_>) -> [Check; 3] {
    let there = |name: Name, called: &str, which: fn(&Antennas) -> bool| match &facts.antennas {
        Ok(found) => held(name, which(found), called, Code::ReaderGone),
        // Nobody asked them where the printer itself is not there.
        Err(_) if facts.printer.is_err() => told(name, State::Unknown, called, None),
        Err(code) => failed(name, called, *code),
    };
    let readers = facts.readers;
    [
        there(ENCODER, &readers.encoder, |found| found.encoder),
        there(CHECK, &readers.check, |found| found.check),
        if facts.desk_due {
            there(DESK, &readers.desk, |found| found.desk)
        } else {
            told(DESK, State::NotNeeded, "", None)
        },
    ]
}

#[cfg(test)]
#[path = "checklist_tests.rs"]
mod tests;
