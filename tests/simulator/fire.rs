//! Each checker fires: the world is put into a state that must never be, and the law that forbids
//! it is named.

use super::faults::Faults;
use super::life::{self, FIVE};
use super::planted::Planted;
use super::truth::{At, OldAt, TrueCard};
use super::world::{Shared, Sim};
use card_station::authority::server::lease::{GrantState, JobState};
use card_station::issuance::{ChipKeys, Digest, Ledger, Life};

/// A world with one job of this kind, granted, its card made and in the holder's hand.
fn delivered(kind: usize) -> Shared {
    let world = Shared::new(Faults::listed(&[]), Planted::Nothing);
    let mut sim = world.borrow_mut();
    let kinds = [FIVE[kind].1];
    life::approve(&mut sim, &kinds);
    let key = card_station::authority::contract::Key([1; 16]);
    let now = sim.time.now();
    let select = card_station::issuance::Select::Next;
    sim.authority
        .lease(key, &select, now, None)
        .expect("a grant");
    let number = sim.authority.grants[0].number;
    let (content, files) = ([7; 32], Digest([8; 32]));
    sim.authority.grants[0].prepared = Some(content);
    sim.authority.grants[0].law.state = GrantState::Delivered;
    sim.authority.jobs[0].state = JobState::Closed;
    sim.watch.files.insert(number.to_string(), files);
    let live = card_station::authority::contract::NumberStanding::Live;
    sim.authority.numbers.insert(number, live);
    let mut card = TrueCard::blank(1);
    card.at = At::Holder(0);
    card.checked = true;
    card.patch = (1, 1);
    (card.chip.life, card.chip.keys) = (Life::Locked, ChipKeys::Issuer);
    (card.chip.number, card.chip.files) = (Some(number), Some(files));
    for burned in &mut card.faces {
        (burned.begun, burned.completed) = (1, 1);
        (burned.content, burned.number) = (Some(Digest(content)), Some(number));
    }
    sim.cards.push(card);
    drop(sim);
    world
}

/// The laws that are broken when this was done to a good world.
fn laws(kind: usize, wrong: impl FnOnce(&mut Sim)) -> Vec<String> {
    let world = delivered(kind);
    let mut sim = world.borrow_mut();
    wrong(&mut sim);
    sim.check_cards();
    sim.check_authority();
    let law = |broken: &String| broken.split(':').next().unwrap_or_default().to_owned();
    sim.broken.iter().map(law).collect()
}

#[test]
fn a_good_world_breaks_no_law() {
    for kind in 0..FIVE.len() {
        assert_eq!(laws(kind, |_| {}), [""; 0]);
    }
}

#[test]
fn what_is_wrong_with_a_card_outside_is_named() {
    type Wrong = fn(&mut TrueCard);
    let wrongs: [(&str, Wrong); 9] = [
        ("I-10", |card| card.chip.number = None),
        ("I-11", |card| card.faces[3].content = None),
        ("I-11", |card| card.faces[3].completed = 0),
        ("I-11", |card| card.patch = (1, 0)),
        ("I-12", |card| card.chip.files = Some(Digest([9; 32]))),
        ("I-12", |card| card.checked = false),
        ("I-13", |card| card.chip.keys = ChipKeys::Transport),
        ("I-13", |card| card.chip.life = Life::Personalised),
        ("I-10", |card| card.at = At::Holder(7)),
    ];
    for (law, wrong) in wrongs {
        let broken = laws(0, |sim| wrong(&mut sim.cards[0]));
        assert!(
            broken.iter().any(|broken| broken == law),
            "{law}: {broken:?}"
        );
    }
}

#[test]
fn a_step_that_took_effect_twice_is_named() {
    type Wrong = fn(&mut TrueCard);
    let wrongs: [Wrong; 4] = [
        |card| card.faces[2].begun = 2,
        |card| card.patch.0 = 2,
        |card| card.chip.writes = 2,
        |card| card.chip.locks = 2,
    ];
    for wrong in wrongs {
        let broken = laws(0, |sim| wrong(&mut sim.cards[0]));
        assert!(broken.contains(&"I-05".to_owned()), "{broken:?}");
    }
}

#[test]
fn a_second_live_card_and_a_number_used_twice_are_named() {
    let broken = laws(0, |sim| {
        let second = sim.cards[0].clone();
        sim.cards.push(second);
    });
    for law in ["I-01", "I-14"] {
        assert!(broken.contains(&law.to_owned()), "{broken:?}");
    }
}

#[test]
fn what_the_authority_does_not_know_is_named() {
    let broken = laws(0, |sim| {
        sim.authority.grants[0].law.state = GrantState::Open
    });
    assert!(broken.contains(&"I-27".to_owned()), "{broken:?}");
    let early = laws(1, |sim| {
        let number = sim.authority.jobs[0]
            .approval
            .previous_card
            .number()
            .expect("an old card");
        let void = card_station::authority::contract::NumberStanding::Void;
        sim.authority.numbers.insert(number, void);
        sim.cards[0].at = At::Clerk;
    });
    assert!(early.contains(&"I-20".to_owned()), "{early:?}");
}

#[test]
fn counters_that_run_back_and_passes_without_intent_are_named() {
    let passes = laws(0, |sim| sim.machine.true_passes[1] = 1);
    assert!(passes.contains(&"I-42".to_owned()), "{passes:?}");
    let back = laws(0, |sim| {
        sim.machine.counters.fed = 3;
        sim.check_cards();
        sim.machine.counters.fed = 2;
    });
    assert!(back.contains(&"I-44".to_owned()), "{back:?}");
}

/// The laws that are broken at the end of a run that left the world so.
fn at_the_end(kind: usize, wrong: impl FnOnce(&mut Sim)) -> Vec<String> {
    let world = delivered(kind);
    let mut sim = world.borrow_mut();
    sim.flags.counts_off = true;
    wrong(&mut sim);
    sim.check_end(&Ledger::default(), &[FIVE[kind].1]);
    let law = |broken: &String| broken.split(':').next().unwrap_or_default().to_owned();
    sim.broken.iter().map(law).collect()
}

#[test]
fn what_is_left_at_the_end_is_named() {
    type Wrong = fn(&mut Sim);
    let wrongs: [(&str, usize, Wrong); 6] = [
        ("I-34", 0, |sim| sim.cards[0].at = At::Check),
        ("I-30", 0, |sim| sim.cards[0].at = At::Tray),
        ("I-23", 1, |_| {}),
        ("I-20", 1, |sim| {
            if let Some(old) = &mut sim.old[0] {
                old.at = OldAt::Box;
            }
        }),
        ("I-25", 1, |sim| {
            sim.authority.jobs[0].state = JobState::Waiting;
            sim.cards[0].at = At::Bag;
            if let Some(old) = &mut sim.old[0] {
                (old.at, old.punched) = (OldAt::Box, true);
            }
        }),
        ("I-34", 1, |sim| {
            sim.authority.grants[0].law.state = GrantState::Open
        }),
    ];
    for (law, kind, wrong) in wrongs {
        let broken = at_the_end(kind, wrong);
        assert!(broken.contains(&law.to_owned()), "{law}: {broken:?}");
    }
}

#[test]
fn books_that_differ_from_the_truth_are_named() {
    let world = delivered(0);
    let mut sim = world.borrow_mut();
    sim.check_end(&Ledger::default(), &[FIVE[0].1]);
    assert!(
        sim.broken.iter().any(|broken| broken.starts_with("I-40")),
        "{:?}",
        sim.broken
    );
}

#[test]
fn records_that_must_not_be_are_named() {
    let records: [(&str, &[u8]); 3] = [
        ("I-65", br#"{"what":{"wanted":"MIHON HANAKO"}}"#),
        (
            "I-22",
            br#"{"event":"decided","decision":{"waive":"lost-since"},"by":{"one":{"person":"C1","role":"clerk"}}}"#,
        ),
        (
            "I-26",
            br#"{"event":"decided","decision":"by-eye","by":{"one":{"person":"C1","role":"clerk"}}}"#,
        ),
    ];
    for (law, record) in records {
        let world = delivered(1);
        let mut sim = world.borrow_mut();
        sim.check_record(record);
        assert!(
            sim.broken.iter().any(|broken| broken.starts_with(law)),
            "{law}"
        );
    }
}
