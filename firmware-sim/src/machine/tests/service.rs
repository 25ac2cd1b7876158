//! Technicians' orders: what they check, what they refuse, what a cut leaves; the log.

use super::*;
use wire::service::{Check, LogEntry, Motor, Order, Outcome, Tell};

const TURN: Order = Order::Move {
    motor: Motor::HeadLift,
    steps: 300,
};

impl Bench {
    fn order(&mut self, tag: u32, order: Order) -> Option<Condition> {
        let boot = self.machine.boot();
        self.machine.order(tag, boot, order, self.now)
    }

    fn told(&self) -> Vec<&Tell> {
        let mut told = Vec::new();
        for effect in &self.seen {
            if let Effect::Told(tell) = effect {
                told.push(tell);
            }
        }
        told
    }

    /// The pages told of an order's end, the newest telling last.
    fn ends(&self, of: u32) -> Vec<Result<Vec<Check>, Condition>> {
        let mut ends: Vec<Result<Vec<Check>, Condition>> = Vec::new();
        for tell in self.told() {
            let Tell::Ended { tag, result } = tell else {
                continue;
            };
            match (result, ends.last_mut()) {
                _ if *tag != of => {}
                (Ok(page), Some(Ok(checks))) if page.page > 0 => {
                    checks.extend(page.checks.clone());
                }
                (Ok(page), _) => ends.push(Ok(page.checks.clone())),
                (Err(condition), _) => ends.push(Err(*condition)),
            }
        }
        ends
    }

    fn ordered(&mut self, tag: u32, order: Order) -> Result<Vec<Check>, Condition> {
        if let Some(refused) = self.order(tag, order) {
            return Err(refused);
        }
        while let Some(next) = self.machine.next_at().filter(|_| self.machine.is_ordered()) {
            self.pass_time(next);
        }
        self.ends(tag).pop().expect("an accepted order ends")
    }

    fn log(&self) -> Vec<(Condition, u32, u32, u8)> {
        let page = self.machine.log_page(1, 1);
        let brief = |entry: &LogEntry| (entry.condition, entry.boot, entry.card, entry.step);
        page.entries.iter().map(brief).collect()
    }
}

fn check<'a>(checks: &'a [Check], name: &str) -> &'a Check {
    let found = checks.iter().find(|check| check.name == name);
    found.unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn a_self_test_looks_at_everything_and_passes() {
    let mut bench = Bench::new("");
    let checks = bench.ordered(1, Order::SelfTest).unwrap();
    assert_eq!(bench.now, Duration::from_secs(25));
    for motor in Motor::ALL {
        let motor = check(&checks, &format!("motor-{}", motor.name()));
        assert_eq!((motor.value, &*motor.unit), (200, "steps"));
    }
    assert!(
        checks.iter().all(|check| check.outcome == Outcome::Passed),
        "{checks:?}"
    );
    assert_eq!(checks.len(), 31);
    let names: std::collections::HashSet<&str> = checks.iter().map(|c| &*c.name).collect();
    assert_eq!(names.len(), checks.len());
    let mut percents = Vec::new();
    for tell in bench.told() {
        if let Tell::Progress { percent, .. } = tell {
            percents.push(*percent);
        }
    }
    assert_eq!(percents, (1..100).collect::<Vec<u8>>());
}

#[test]
fn cleaning_takes_a_minute_and_begins_the_count_anew() {
    let mut bench = Bench::loaded("");
    bench.up_to(Motion::Eject);
    assert_eq!(
        bench.ordered(1, Order::CleanHead),
        Err(Condition::NotWhereExpected)
    );
    bench.perform(Motion::Release).unwrap();
    let before = bench.machine.kept().counters;
    let began = bench.now;
    let checks = bench.ordered(2, Order::CleanHead).unwrap();
    assert_eq!(bench.now - began, Duration::from_secs(60));
    assert_eq!(check(&checks, "cards-since-cleaning").value, 1);
    let after = bench.machine.kept().counters;
    let due = wire::Counters {
        since_cleaning: 0,
        ..before
    };
    assert_eq!(after, due, "nothing else is counted");
}

#[test]
fn an_order_repeated_gives_its_answer_and_never_moves_again() {
    let mut bench = Bench::new("");
    assert_eq!(bench.order(7, TURN), None);
    assert_eq!(bench.order(7, TURN), None, "under way");
    assert_eq!(bench.order(8, TURN), Some(Condition::Busy));
    bench.pass_time(Duration::from_secs(2));
    let due = Ok(vec![Check {
        name: "motor-head-lift".into(),
        outcome: Outcome::Passed,
        value: 300,
        unit: "steps".into(),
    }]);
    assert_eq!(bench.ends(7), vec![due.clone()]);
    assert_eq!(bench.order(7, TURN), None);
    assert!(!bench.machine.is_ordered(), "nothing moves");
    bench.pass_time(Duration::from_secs(2));
    assert_eq!(bench.ends(7), [due.clone(), due]);
    assert_eq!(
        bench.order(7, Order::SelfTest),
        Some(Condition::BadParameter)
    );
    bench.ordered(9, Order::ScannerCheck).unwrap();
    assert_eq!(
        bench.order(7, TURN),
        Some(Condition::StaleSequence),
        "a late frame"
    );
}

#[test]
fn interlocks_hold() {
    let mut bench = Bench::loaded("");
    let boot = bench.machine.boot();
    let stale = bench.machine.order(1, boot + 1, TURN, bench.now);
    assert_eq!(stale, Some(Condition::StaleBoot));
    for steps in [0, 2001, -2001, i16::MIN] {
        let motor = Motor::Transport;
        let refused = bench.order(1, Order::Move { motor, steps });
        assert_eq!(refused, Some(Condition::BadParameter));
    }
    let feed = |steps| Order::Move {
        motor: Motor::Feeder,
        steps,
    };
    assert_eq!(bench.order(1, feed(10)), Some(Condition::NotWhereExpected));
    bench.ordered(1, feed(-10)).unwrap();
    bench.machine.act(Person::OpenCover, bench.now);
    assert_eq!(bench.order(2, TURN), Some(Condition::CoverOpen));
    bench.machine.act(Person::CloseCover, bench.now);
    bench.begin(Motion::Feed);
    assert_eq!(bench.order(2, TURN), Some(Condition::Busy), "in a motion");
    bench.pass_time(bench.now + Duration::from_secs(5));
    for order in [TURN, Order::SelfTest, Order::CleanHead] {
        assert_eq!(bench.order(2, order), Some(Condition::NotWhereExpected));
    }
    bench.ordered(2, Order::ScannerCheck).unwrap();
}

#[test]
fn while_an_order_is_under_way_no_motion_begins() {
    let mut bench = Bench::loaded("");
    assert_eq!(bench.order(1, Order::CleanHead), None);
    let (_, answer) = bench.begin(Motion::Feed);
    assert_eq!(answer, MotionAnswer::Refused(Condition::Busy));
    assert_eq!(bench.name(&panels(3)), Err(Condition::Busy));
    bench.pass_time(Duration::from_secs(60));
    assert!(bench.perform(Motion::Feed).is_ok());
}

#[test]
fn an_opened_cover_stops_an_order_truthfully() {
    let mut bench = Bench::new("");
    bench.order(1, Order::CleanHead);
    bench.pass_time(Duration::from_secs(59));
    bench.machine.act(Person::OpenCover, bench.now);
    bench.pass_time(Duration::from_secs(80));
    assert_eq!(bench.ends(1), [Err(Condition::CoverOpened)]);
    assert_eq!(bench.log(), [(Condition::CoverOpened, 1, 0, 0)]);
}

#[test]
fn wherever_power_cuts_a_cleaning_the_count_says_whether_it_was_done() {
    for second in 0..=62u64 {
        let mut bench = Bench::loaded("");
        bench.up_to(Motion::Eject);
        bench.perform(Motion::Release).unwrap();
        bench.order(5, Order::CleanHead);
        bench.pass_time(bench.now + Duration::from_secs(second));
        let done = !bench.ends(5).is_empty();
        bench.machine.power_cut(bench.now);
        bench.pass_time(bench.now + Duration::from_secs(10));
        assert_eq!(done, second >= 60);
        let since = bench.machine.kept().counters.since_cleaning;
        assert_eq!(since, u32::from(!done), "cut after {second} s");
        assert_eq!(bench.order(5, Order::CleanHead), None, "it is known");
        assert!(!bench.machine.is_ordered(), "nothing moves");
        bench.pass_time(bench.now);
        let last = bench.ends(5).pop().expect("told again");
        assert_eq!(last.err(), (!done).then_some(Condition::PowerLost));
        let cut = match done {
            true => Condition::ImproperShutdown,
            false => Condition::PowerLost,
        };
        assert_eq!(bench.log(), [(cut, 2, 0, 0)]);
    }
}

#[test]
fn the_log_outlives_the_power_and_names_card_and_step_once() {
    let mut bench = Bench::loaded("[[fault]]\ncard = 1\nwhat = \"ribbon-out\"\nstep = \"y\"\n");
    for motion in [Motion::Feed, Motion::Pass(Panel::BackK), Motion::Flip] {
        bench.perform(motion).unwrap();
    }
    let out = Err(Condition::RibbonOut);
    assert_eq!(bench.perform(Motion::Pass(Panel::Y)), out);
    bench.begin(Motion::Reject);
    bench.machine.power_cut(bench.now);
    bench.pass_time(bench.now + Duration::from_secs(5));
    bench.machine.power_cut(bench.now);
    bench.pass_time(bench.now + Duration::from_secs(5));
    let due = [
        (Condition::RibbonOut, 1, 1, 4),
        (Condition::PowerLost, 2, 1, 5),
        (Condition::ImproperShutdown, 3, 0, 0),
    ];
    assert_eq!(bench.log(), due);
    let page = bench.machine.log_page(3, 2);
    assert_eq!(
        (page.tag, page.oldest, page.newest, page.entries.len()),
        (3, 1, 3, 2)
    );
    assert_eq!(bench.machine.log_page(3, 4).entries, []);
}

#[test]
fn a_dirty_strip_is_found_before_a_card_is() {
    let mut bench = Bench::loaded("[[fault]]\ncard = 1\nwhat = \"scanner-dirty\"\n");
    let checks = bench.ordered(1, Order::ScannerCheck).unwrap();
    assert_eq!(check(&checks, "scanner-white").outcome, Outcome::Failed);
    let clean = Bench::new("").ordered(1, Order::ScannerCheck).unwrap();
    assert_eq!(check(&clean, "scanner-white").outcome, Outcome::Passed);
}

#[test]
fn a_supply_that_is_not_there_is_absent_and_hours_are_counted() {
    let mut bench = Bench::new("");
    bench.machine.kept.supplies.patches = None;
    let checks = bench.ordered(1, Order::SelfTest).unwrap();
    assert_eq!(check(&checks, "tag-patches").outcome, Outcome::Absent);
    bench.pass_time(Duration::from_secs(3_700));
    bench.machine.power_cut(bench.now);
    bench.pass_time(bench.now + Duration::from_secs(3_700));
    let identity = bench.machine.identity(9);
    assert_eq!((identity.tag, identity.hours, identity.cards), (9, 2, 0));
}

#[test]
fn wherever_a_winding_stops_the_next_pass_searches_its_panel() {
    let motor = Motor::RibbonWind;
    for order in [
        Order::SelfTest,
        Order::CleanHead,
        Order::Move { motor, steps: 500 },
    ] {
        let mut bench = Bench::loaded("");
        bench.perform(Motion::SeekRibbon(Panel::BackK)).unwrap();
        assert!(bench.machine.kept().ribbon_is_at(Panel::BackK));
        assert_eq!(bench.order(1, order), None);
        bench.pass_time(bench.now + Duration::from_millis(300));
        bench.machine.power_cut(bench.now);
        bench.pass_time(bench.now + Duration::from_secs(5));
        assert!(
            !bench.machine.kept().ribbon_is_at(Panel::BackK),
            "{order:?}"
        );
    }
}
