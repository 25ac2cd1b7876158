//! Each fault of the table, struck in virtual time: what the firmware says of it, and what it
//! really did. A fault without a test here does not build into a green run.

mod lies;
mod path;
mod supplies;

use super::*;
use crate::fault::{Step, TABLE, What};

/// One named test for each fault.
macro_rules! each {
    ($($what:ident: $test:ident $body:block)*) => {
        $(#[test] fn $test() $body)*

        /// The faults that are tested in this file.
        pub(super) const TESTED: &[crate::fault::What] = &[$(crate::fault::What::$what,)*];
    };
}
use each;

/// A card at the begin of this motion, and this in store for it.
fn waiting(rest: &str, motion: Motion) -> Bench {
    let mut bench = Bench::loaded(&format!("[[fault]]\ncard = 1\n{rest}\n"));
    bring_to(&mut bench, motion);
    bench
}

fn bring_to(bench: &mut Bench, motion: Motion) {
    let plan: &[Motion] = if motion == Motion::Reject {
        &PLAN[..1]
    } else {
        &PLAN
    };
    for before in plan.iter().take_while(|before| **before != motion) {
        bench.perform(*before).unwrap();
    }
}

/// The fault in the step of this motion; what the motion came to.
fn struck(what: What, motion: Motion) -> (Bench, Result<u32, Condition>) {
    let (name, step) = (what.row().name, Step::of(motion).name());
    let mut bench = waiting(&format!("what = \"{name}\"\nstep = \"{step}\""), motion);
    let ended = bench.perform(motion);
    (bench, ended)
}

/// Refused once with this condition and nothing moved; then it goes. Standing, it is seen before.
fn refuses_once(what: What, motion: Motion, condition: Condition) {
    let (mut bench, ended) = struck(what, motion);
    assert_eq!(ended, Err(condition));
    let counters = bench.machine.kept().counters;
    assert!(
        !bench
            .seen
            .iter()
            .any(|effect| matches!(effect, Effect::Ended(id, _) if id.step == bench.step))
    );
    assert_eq!(bench.perform(motion).map(|_| ()), Ok(()), "only once");
    assert!(bench.machine.kept().counters != counters || motion == Motion::Check);

    let name = what.row().name;
    let mut bench = waiting(&format!("what = \"{name}\"\nstanding = true"), Motion::Feed);
    bench.pass_time(bench.now);
    // The cover tells of itself in other words.
    let shown = condition == Condition::CoverOpen || raised(&bench).contains(&condition);
    assert!(shown, "seen before it strikes: {:?}", raised(&bench));
    if motion == Motion::Feed {
        for _ in 0..3 {
            assert_eq!(bench.perform(motion), Err(condition));
        }
        bench.machine.clear(Some(what), bench.now);
        bench.perform(motion).unwrap();
    }
}

/// Conditions that began, in order.
fn raised(bench: &Bench) -> Vec<Condition> {
    let told = bench.seen.iter().filter_map(|effect| {
        let Effect::Happened(Happening::Raised(condition)) = effect else {
            return None;
        };
        Some(*condition)
    });
    told.collect()
}

/// Conditions that ended, in order.
fn cleared(bench: &Bench) -> Vec<Condition> {
    let told = bench.seen.iter().filter_map(|effect| {
        let Effect::Happened(Happening::Cleared(condition)) = effect else {
            return None;
        };
        Some(*condition)
    });
    told.collect()
}

fn act(bench: &mut Bench, act: Person) {
    bench.machine.act(act, bench.now);
    let effects = bench.machine.effects();
    bench.seen.extend(effects);
}

fn place(bench: &Bench) -> Place {
    bench.machine.card().expect("a card is inside").place
}

#[test]
fn every_fault_of_the_table_has_its_test() {
    let tested: Vec<What> = [path::TESTED, supplies::TESTED, lies::TESTED].concat();
    for row in TABLE {
        assert_eq!(
            tested.iter().filter(|what| **what == row.what).count(),
            1,
            "{}",
            row.name
        );
        assert!(
            row.usual.iter().all(|step| row.steps.contains(step)),
            "{}",
            row.name
        );
    }
}

#[test]
fn every_condition_that_there_is_can_be_told_at_every_step() {
    for condition in Condition::KNOWN {
        for (what, motion) in [("refuses", Motion::Flip), ("fails", Motion::Hologram)] {
            let (name, step) = (condition.name(), Step::of(motion).name());
            let rest = format!("what = \"{what}\"\nstep = \"{step}\"\ncondition = \"{name}\"");
            let mut bench = waiting(&rest, motion);
            assert_eq!(bench.perform(motion), Err(*condition));
        }
    }
    for step in Step::ALL.iter().skip(1) {
        let motions = PLAN.into_iter().chain([Motion::Release, Motion::Reject]);
        let motion = motions
            .into_iter()
            .find(|motion| Step::of(*motion) == *step)
            .unwrap();
        let (_, ended) = struck(What::UnknownCondition, motion);
        assert_eq!(ended, Err(Condition::Unknown(0x7F01)), "{step:?}");
    }
}
