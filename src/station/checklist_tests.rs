//! Each check alone makes the list fail, with its own code; a card that can be finished passes.

use super::*;
use crate::fault::{By, Choice, Role, Signed};
use crate::stock::{Event, Roll};
use jiff::civil::date;

struct Bench {
    seen: Survey,
    stock: Stock,
    limits: Limits,
    antennas: Antennas,
    readers: Readers,
    desk_due: bool,
    scanner: Scanner,
    recorded_at: Timestamp,
    free_mb: Option<u64>,
    authority: Result<(), Code>,
}

fn tag(kind: SupplyKind, serial: &[u8; 8]) -> Option<Tag> {
    Some(Tag {
        kind,
        serial: *serial,
        lot: 1,
        capacity: 100,
        remaining: 1,
        expires: 20_261_122,
    })
}

fn now() -> Timestamp {
    "2026-11-22T01:00:00Z".parse().expect("a moment")
}

impl Bench {
    fn ready() -> Bench {
        let mut seen = Survey::default();
        seen.sensors.hopper = true;
        (
            seen.sensors.head_decidegrees,
            seen.sensors.patch_decidegrees,
        ) = (415, 1_320);
        seen.supplies.ribbon = tag(SupplyKind::Ribbon, b"RB000001");
        seen.supplies.patches = tag(SupplyKind::Patches, b"HG000001");
        Bench {
            seen,
            stock: Stock::default(),
            limits: Limits::default(),
            antennas: Antennas {
                encoder: true,
                check: true,
                desk: false,
            },
            readers: Readers {
                encoder: "E".into(),
                check: "C".into(),
                desk: "D".into(),
                apdu_length: Default::default(),
            },
            desk_due: false,
            scanner: Scanner::Proved,
            recorded_at: now(),
            free_mb: Some(5_000),
            authority: Ok(()),
        }
    }

    fn checks(&self) -> Vec<Check> {
        checks(&Facts {
            printer: Ok(self.seen),
            antennas: Ok(self.antennas),
            desk_due: self.desk_due,
            readers: &self.readers,
            authority: self.authority,
            now: now(),
            today: date(2026, 11, 22),
            witnessed_at: self.recorded_at,
            free_mb: self.free_mb,
            scanner: self.scanner,
            stock: &self.stock,
            limits: &self.limits,
        })
    }

    fn record(&mut self, event: &Event) {
        self.stock.apply(event).expect("the books take it");
    }
}

fn lacks(change: impl FnOnce(&mut Bench)) -> Option<Code> {
    let mut bench = Bench::ready();
    change(&mut bench);
    let code = first_failed(&bench.checks()).and_then(|check| check.code);
    if let Some(code) = code {
        // A card that waits for it would wait for ever else.
        let goes_on = code.fault().may.contains_key(&Choice::Continue);
        assert!(goes_on, "{code} is mended, and nobody may go on");
    }
    code
}

fn clerk() -> By {
    By::One(Signed {
        person: "c1".into(),
        role: Role::Clerk,
    })
}

fn ribbon(serial: &str) -> Event {
    Event::Loaded {
        supply: Supply::Ribbon,
        roll: Roll {
            serial: serial.into(),
            lot: 1,
            expires: None,
        },
        count: 100,
        by: clerk(),
    }
}

#[test]
fn a_card_that_can_be_finished_is_begun() {
    assert_eq!(lacks(|_| {}), None);
    let checks = Bench::ready().checks();
    assert_eq!(checks.len(), 17);
    assert!(!waits(&checks));
}

#[test]
fn each_thing_in_the_way_has_its_own_code() {
    let sensor = |change: fn(&mut Sensors)| lacks(|bench| change(&mut bench.seen.sensors));
    assert_eq!(sensor(|seen| seen.hopper = false), Some(Code::HopperEmpty));
    assert_eq!(sensor(|seen| seen.tray_full = true), Some(Code::TrayFull));
    assert_eq!(sensor(|seen| seen.cover_open = true), Some(Code::CoverOpen));
    assert_eq!(sensor(|seen| seen.exit = true), Some(Code::CardInPath));
    assert_eq!(sensor(|seen| seen.head_in = true), Some(Code::CardInPath));
    let late = |bench: &mut Bench| bench.recorded_at = "2026-11-22T02:00:00Z".parse().expect("one");
    assert_eq!(lacks(late), Some(Code::ClockUntrusted));
    assert_eq!(
        lacks(|bench| bench.free_mb = None),
        Some(Code::JournalWrite)
    );
    assert_eq!(
        lacks(|bench| bench.free_mb = Some(3)),
        Some(Code::JournalWrite)
    );
    assert_eq!(
        lacks(|bench| bench.authority = Err(Code::Offline)),
        Some(Code::Offline)
    );
    assert_eq!(
        lacks(|bench| bench.scanner = Scanner::Dirty),
        Some(Code::ScannerDirty)
    );
    assert_eq!(
        lacks(|bench| bench.antennas.check = false),
        Some(Code::ReaderGone)
    );
    assert_eq!(lacks(|bench| bench.desk_due = true), Some(Code::ReaderGone));
    assert_eq!(
        lacks(|bench| bench.seen.counters.since_cleaning = 1_200),
        Some(Code::CleaningOverdue)
    );
}

#[test]
fn a_ribbon_is_there_of_its_kind_fresh_and_long_enough() {
    let on = |change: fn(&mut Option<Tag>)| lacks(|bench| change(&mut bench.seen.supplies.ribbon));
    let with = |change: fn(&mut Tag)| {
        lacks(|bench| change(bench.seen.supplies.ribbon.as_mut().expect("loaded")))
    };
    assert_eq!(on(|tag| *tag = None), Some(Code::RibbonAbsent));
    assert_eq!(
        with(|tag| tag.kind = SupplyKind::Patches),
        Some(Code::RibbonWrong)
    );
    assert_eq!(
        with(|tag| tag.kind = SupplyKind::Other(9)),
        Some(Code::RibbonWrong)
    );
    assert_eq!(with(|tag| tag.remaining = 0), Some(Code::RibbonOut));
    assert_eq!(
        with(|tag| tag.expires = 20_261_121),
        Some(Code::SupplyExpired)
    );
    assert_eq!(
        with(|tag| tag.expires = 20_270_231),
        Some(Code::SupplyExpired),
        "no such day"
    );
    assert_eq!(with(|tag| tag.expires = 0), None);
    let film = |change: fn(&mut Tag)| {
        lacks(|bench| change(bench.seen.supplies.patches.as_mut().expect("loaded")))
    };
    assert_eq!(film(|tag| tag.remaining = 0), Some(Code::PatchOut));
    assert_eq!(
        film(|tag| tag.kind = SupplyKind::Ribbon),
        Some(Code::SupplyWrong)
    );
}

#[test]
fn from_the_first_record_on_only_the_recorded_roll_prints() {
    let state = |bench: &Bench| {
        let checks = bench.checks();
        let check = checks.iter().find(|check| check.name == "ribbon");
        check.map(|check| (check.state, check.code)).expect("there")
    };
    let mut bench = Bench::ready();
    assert_eq!(state(&bench), (State::Warned, Some(Code::SupplyOther)));
    bench.record(&ribbon("RB000001"));
    assert_eq!(state(&bench), (State::Passed, None));
    let out = Event::Unloaded {
        supply: Supply::Ribbon,
        left: 0,
        by: clerk(),
    };
    bench.record(&out);
    assert_eq!(state(&bench), (State::Failed, Some(Code::SupplyReused)));
    bench.seen.supplies.ribbon = tag(SupplyKind::Ribbon, b"RB000002");
    assert_eq!(state(&bench), (State::Failed, Some(Code::SupplyOther)));
    bench.record(&ribbon("RB000002"));
    assert_eq!(state(&bench), (State::Passed, None));
}

#[test]
fn a_tag_that_was_set_back_or_has_another_lot_prints_nothing() {
    let code = |change: fn(&mut Tag)| {
        lacks(|bench| {
            bench.record(&ribbon("RB000001"));
            change(bench.seen.supplies.ribbon.as_mut().expect("loaded"));
        })
    };
    assert_eq!(code(|_| {}), None);
    assert_eq!(code(|tag| tag.remaining = 101), Some(Code::SupplyReused));
    assert_eq!(code(|tag| tag.lot = 9), Some(Code::SupplyOther));
}

#[test]
fn what_only_needs_time_is_waited_for_and_what_is_due_is_shown() {
    let mut bench = Bench::ready();
    bench.seen.sensors.patch_decidegrees = 200;
    let checks = bench.checks();
    assert!(waits(&checks) && first_failed(&checks).is_none());
    let mut bench = Bench::ready();
    bench.seen.counters.since_cleaning = 1_000;
    let checks = bench.checks();
    let due = checks.iter().find(|check| check.name == "cleaning");
    assert_eq!(due.map(|check| check.state), Some(State::Warned));
    assert!(first_failed(&checks).is_none());
}

#[test]
fn a_serial_is_read_as_on_its_label() {
    let mut named = tag(SupplyKind::Ribbon, b"RB000001").expect("one");
    assert_eq!(serial(&named), "RB000001");
    named.serial = [0, 1, 2, 3, 4, 5, 6, 7];
    assert_eq!(serial(&named), "0001020304050607");
}
