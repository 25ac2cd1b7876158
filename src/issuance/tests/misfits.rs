//! Which event fits in which state: every event of a good card, and those of faults, tried at every
//! state that the card goes through. What does not fit is refused and changes nothing.

use super::*;
use crate::fault::Code;
use std::collections::BTreeSet;

/// The records of a real card, as the fuzzer takes them.
const CARD: &str = include_str!("../../../tests/fuzz/journal.jsonl");

/// The events of that card, in order.
fn card() -> Vec<Event> {
    let entries = CARD.lines().map(serde_json::from_str::<Entry>);
    let events = entries.filter_map(|entry| match entry.expect("a record").what {
        What::Issuance(event) => Some(event),
        _ => None,
    });
    events.collect()
}

fn name(event: &Event) -> String {
    let value = serde_json::to_value(event).expect("JSON");
    value["event"].as_str().expect("a name").to_owned()
}

/// Every event to be tried: the card's own, and one of each other kind.
fn candidates(card: &[Event]) -> Vec<Event> {
    let fault = Code::RibbonOut;
    let mut all = card.to_vec();
    all.extend([
        Event::Asked { key: String::new() },
        Event::Declined { fault },
        Event::Astray { fault },
        Event::GivenUp { fault },
        Event::Voided,
    ]);
    all
}

/// Which kinds of events fit after `n` events of the card.
fn fitting(card: &[Event], n: usize) -> BTreeSet<String> {
    let mut issuance = Issuance::default();
    for event in &card[..n] {
        issuance.apply(event).expect("the card's own order");
    }
    let fits = |event: &&Event| {
        let mut tried = issuance.clone();
        let taken = tried.apply(event).is_ok();
        assert!(taken || tried == issuance, "refused, and changed");
        taken
    };
    let all = candidates(card);
    let fit = all.iter().filter(fits);
    fit.map(kind).collect()
}

/// The kind of an event, with its step.
fn kind(event: &Event) -> String {
    match event {
        Event::Began { step, .. } | Event::Finished { step, .. } => {
            format!("{} {step:?}", name(event))
        }
        _ => name(event),
    }
}

/// What should fit, told from the card's own order: the next event; between two steps the card may
/// be astray, and given up until it is released; the blank's keys may be asked for again.
fn expected(card: &[Event], n: usize) -> BTreeSet<String> {
    let at = |wanted: &str| {
        let found = card.iter().position(|event| kind(event) == wanted);
        found.expect("in the card") + 1
    };
    let mut fit: BTreeSet<String> = card.get(n).map(kind).into_iter().collect();
    let between = n >= at("opened") && !matches!(card[n - 1], Event::Began { .. });
    let mut may = |when: bool, what: &str| {
        if when {
            fit.insert(what.to_owned());
        }
    };
    may(n == at("asked"), "declined");
    may(n == at("granted"), "given-up");
    may(between && n <= at("acknowledged"), "given-up");
    may(between && n <= at("finished Release"), "astray");
    may(n >= at("finished Feed") && n < card.len(), "keys-asked");
    may(n >= at("keys-asked") && n < card.len(), "keys-held");
    // Two reports are owed, and sent one by one.
    may(n == at("owed") + 6, "acknowledged");
    fit
}

#[test]
fn at_each_state_only_what_follows_from_it_is_taken() {
    let card = card();
    for n in 0..=card.len() {
        assert_eq!(fitting(&card, n), expected(&card, n), "after {n} events");
    }
}

#[test]
fn the_keys_of_another_blank_and_a_report_that_is_not_owed_never_fit() {
    let card = card();
    let other = Event::KeysAsked {
        blank: Serial([9; 10]),
    };
    let report = Event::Acknowledged {
        report: "another".to_owned(),
    };
    for n in 0..=card.len() {
        let mut issuance = Issuance::default();
        for event in &card[..n] {
            issuance.apply(event).expect("the card's own order");
        }
        let before = issuance.clone();
        assert!(issuance.apply(&other).is_err(), "after {n} events");
        assert!(issuance.apply(&report).is_err(), "after {n} events");
        assert_eq!(issuance, before);
    }
}
