//! Steering a machine that runs: faults into a motion at hand, the mains, chance, jitter, cold
//! start, what is raised and cleared, and what outlives the power.

use super::*;
use crate::fault::{Chance, What, Wish};

impl Bench {
    fn of(setup: Setup) -> Bench {
        let mut bench = Bench::new("");
        let blanks = (1..=40).map(|place| Blank {
            place,
            serial: format!("{place:020X}"),
        });
        let kept = Nonvolatile::factory();
        bench.machine = Machine::new(setup, kept, blanks.collect(), None, Duration::ZERO);
        bench
    }

    fn inject(&mut self, what: &str, step: Option<&str>) -> Injected {
        let wish = Wish {
            card: self.machine.ordinal(),
            what: what.to_owned(),
            step: step.map(str::to_owned),
            ..Wish::default()
        };
        let fault = wish.check().unwrap();
        let became = self
            .machine
            .inject(fault, step.is_none(), self.now)
            .unwrap();
        let effects = self.machine.effects();
        self.seen.extend(effects);
        became
    }

    fn raised(&self) -> Vec<Condition> {
        let told = self.seen.iter().filter_map(|effect| {
            let Effect::Happened(Happening::Raised(condition)) = effect else {
                return None;
            };
            Some(*condition)
        });
        told.collect()
    }
}

#[test]
fn a_fault_comes_into_the_motion_that_moves_now() {
    let mut bench = Bench::loaded("");
    for motion in &PLAN[..5] {
        bench.perform(*motion).unwrap();
    }
    let (id, _) = bench.begin(Motion::Pass(Panel::M));
    bench.pass_time(bench.now + Duration::from_millis(1_900));
    assert_eq!(bench.inject("jam", Some("m")), Injected::Strikes);
    assert_eq!(bench.end_of(id), Some(Err(Condition::Jam(Zone::Head))));
    let burned = bench.machine.card().unwrap().layers[2].burned;
    assert!((90..127).contains(&burned), "as far as it was: {burned}");
}

#[test]
fn a_fault_for_another_step_or_card_waits() {
    let mut bench = Bench::loaded("");
    bench.begin(Motion::Feed);
    bench.pass_time(bench.now + Duration::from_millis(1_000));
    assert_eq!(bench.inject("ribbon-out", Some("c")), Injected::Stored);
    bench.pass_time(bench.now + Duration::from_secs(5));
    for motion in &PLAN[1..6] {
        bench.perform(*motion).unwrap();
    }
    assert_eq!(
        bench.perform(Motion::Pass(Panel::C)),
        Err(Condition::RibbonOut)
    );
}

#[test]
fn what_excludes_a_fault_in_store_is_refused_until_it_is_cleared() {
    let mut bench = Bench::loaded("[[fault]]\ncard = 1\nwhat = \"jam\"\nstep = \"y\"\n");
    let wish = Wish {
        card: 1,
        what: "ribbon-out".to_owned(),
        ..Wish::default()
    };
    let fault = wish.check().unwrap();
    let refused = bench.machine.inject(fault.clone(), false, bench.now);
    assert_eq!(refused, Err("jam"));
    assert_eq!(bench.machine.clear(Some(What::Jam), bench.now), 1);
    assert!(bench.machine.inject(fault, false, bench.now).is_ok());
}

#[test]
fn mains_that_are_pulled_stay_away_as_long_as_told() {
    let mut bench = Bench::loaded("");
    bench.begin(Motion::Feed);
    bench.pass_time(Duration::from_millis(500));
    bench.machine.pull_mains(Some(60_000), bench.now);
    bench.pass_time(Duration::from_secs(60));
    assert!(!bench.machine.is_on());
    bench.pass_time(Duration::from_secs(61));
    assert_eq!(bench.machine.boot(), 2);
    assert!(
        bench.raised().contains(&Condition::HeaterNotReady),
        "a minute cools the heater"
    );
}

#[test]
fn the_truth_is_shown_beside_what_the_firmware_says() {
    let mut bench = Bench::loaded("");
    bench.begin(Motion::Feed);
    bench.pass_time(Duration::from_millis(1_700));
    bench.inject("patch-reused", None);
    let shown = serde_json::to_value(bench.machine.show(bench.now)).unwrap();
    assert_eq!(shown["card"]["place"], "encoder");
    assert_eq!(shown["moving"]["step"], "feed");
    assert_eq!(shown["moving"]["elapsed_ms"], 1_700);
    assert_eq!(shown["interior"]["patches"]["left"], 1);
    assert_eq!(shown["firmware"]["kept"]["supplies"][2]["remaining"], 500);
    assert_eq!(shown["firmware"]["sensors"]["encoder"], true);
}

#[test]
fn jitter_is_the_seeds_and_stays_within_its_percent() {
    let took = |seed| {
        let mut bench = Bench::of(Setup {
            jitter_percent: 10.0,
            seed,
            ..Setup::default()
        });
        bench.load(&panels(0));
        PLAN.map(|motion| bench.perform(motion).unwrap())
    };
    assert_eq!(took(1), took(1));
    assert_ne!(took(1), took(2));
    for seed in 0..20 {
        for (motion, took) in PLAN.into_iter().zip(took(seed)) {
            let planned = f64::from(Times::default().critical_ms(motion).max(600));
            let off = (f64::from(took) - planned).abs() / planned;
            assert!(off <= 0.101, "{motion:?}: {took}");
        }
    }
}

#[test]
fn a_machine_that_stood_cold_lays_no_patch_before_its_heater_is_warm() {
    let mut bench = Bench::of(Setup {
        cold: true,
        ..Setup::default()
    });
    bench.load(&panels(0));
    assert!(bench.machine.sensors(bench.now).patch_decidegrees < 250);
    bench.up_to(Motion::Pass(Panel::Pearl));
    assert!(bench.raised().contains(&Condition::HeaterNotReady));
    assert_eq!(
        bench.perform(Motion::Hologram),
        Err(Condition::HeaterNotReady)
    );
    bench.pass_time(Duration::from_secs(120));
    bench.perform(Motion::Hologram).unwrap();
}

#[test]
fn chance_makes_the_same_faults_of_the_same_seed() {
    let story = |seed| {
        let scenario = Scenario::default().by_chance(Some(Chance::Any(0.1)), seed);
        let mut bench = Bench::of(Setup {
            scenario,
            ..Setup::default()
        });
        let mut ends = Vec::new();
        for card in 0..20 {
            if bench.name(&panels(0)).is_ok() {
                bench.stream(&panels(0));
            }
            for motion in PLAN {
                let (id, answer) = bench.begin(motion);
                bench.pass_time(bench.now + Duration::from_secs(30));
                ends.push(format!("{answer:?} {:?}", bench.end_of(id)));
            }
            for act in [Person::CloseCover, Person::RemoveCard, Person::EmptyTray] {
                bench.machine.act(act, bench.now);
            }
            for supply in [crate::fault::Supply::Ribbon, crate::fault::Supply::Patches] {
                bench
                    .machine
                    .act(Person::Load(Load::new(supply, 9)), bench.now);
            }
            let effects = bench.machine.effects();
            bench.seen.extend(effects);
            assert_eq!(bench.machine.card(), None, "card {card}");
            bench.next_card();
        }
        ends
    };
    assert_eq!(story(5), story(5));
    assert_ne!(story(5), story(6));
}

#[test]
fn conditions_are_told_when_they_begin_and_when_they_end_once_each() {
    let mut bench = Bench::loaded("");
    let told = |bench: &Bench| {
        let happened = bench.seen.iter().filter_map(|effect| {
            let Effect::Happened(happening) = effect else {
                return None;
            };
            Some(happening.clone())
        });
        happened.collect::<Vec<_>>()
    };
    bench.machine.fill_hopper(Vec::new());
    bench.pass_time(Duration::from_secs(1));
    bench.pass_time(Duration::from_secs(2));
    let blank = Blank {
        place: 9,
        serial: format!("{:020X}", 9),
    };
    bench.machine.fill_hopper(vec![blank]);
    bench.pass_time(Duration::from_secs(3));
    let empty = Condition::HopperEmpty;
    assert_eq!(
        told(&bench),
        [Happening::Raised(empty), Happening::Cleared(empty)]
    );
}

#[test]
fn tray_rolls_and_what_sticks_are_as_they_were_when_another_process_goes_on() {
    let mut bench = Bench::loaded("[[fault]]\ncard = 1\nwhat = \"stuck-jam\"\nstep = \"y\"\n");
    bench.machine.act(Person::FillTray, bench.now);
    bench.up_to(Motion::Flip);
    let jammed = Err(Condition::Jam(Zone::Head));
    assert_eq!(bench.perform(Motion::Pass(Panel::Y)), jammed);
    let was = (
        bench.machine.kept().clone(),
        bench.machine.interior().clone(),
    );
    let card = bench.machine.card().cloned();
    let setup = Setup::default();
    bench.machine = Machine::resumed(setup, was.clone(), Vec::new(), card, bench.now);
    assert_eq!(bench.machine.interior(), &was.1);
    assert!(bench.machine.sensors(bench.now).tray_full);
    assert_eq!(bench.perform(Motion::Pass(Panel::Y)), jammed);
}
