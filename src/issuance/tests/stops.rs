//! What a stop leaves open, and to whom: never nothing, never more than the table of faults says.

use super::*;
use crate::fault::{Code, Hands};

fn granted(old: OldRule) -> Vec<Event> {
    vec![
        Event::Asked { key: "k".into() },
        Event::Granted {
            grant: grant(1, old),
        },
        Event::Opened {
            card: 1,
            plan: Plan::residence_card(old),
            prepared: Digest([1; 32]),
        },
    ]
}

fn began(step: Step) -> Event {
    Event::Began {
        step,
        before: Counters::default(),
    }
}

fn after(events: &[Event]) -> Issuance {
    let mut issuance = Issuance::default();
    for event in events {
        issuance.apply(event).expect("fits");
    }
    issuance
}

fn at_old_card(fault: Code) -> Issuance {
    let mut events = granted(OldRule::Return);
    events.push(began(Step::SightOld));
    events.push(Event::Refused {
        step: Step::SightOld,
        fault,
    });
    after(&events)
}

#[test]
fn an_eye_stands_only_for_a_chip_that_cannot_speak() {
    let by_eye = |fault| at_old_card(fault).choices().contains(&Decision::ByEye);
    assert!(by_eye(Code::OldByEye) && by_eye(Code::NoOldCard));
    for spoke in [
        Code::WrongCard,
        Code::OldVoid,
        Code::ReaderGone,
        Code::Offline,
        Code::CoverOpen,
    ] {
        assert!(!by_eye(spoke), "{spoke}");
    }
}

#[test]
fn where_no_reader_saw_a_card_two_persons_say_that_there_is_one() {
    let supervisor = By::One(signed("s1", Role::Supervisor));
    let decided = |fault, by: &By| {
        let decision = Decision::ByEye;
        let by = by.clone();
        at_old_card(fault).apply(&Event::Decided { decision, by })
    };
    assert!(decided(Code::NoOldCard, &supervisor).is_err());
    assert!(decided(Code::NoOldCard, &both()).is_ok());
    assert!(decided(Code::OldByEye, &supervisor).is_ok());
    assert!(decided(Code::OldByEye, &clerk()).is_err());
    assert_eq!(
        at_old_card(Code::NoOldCard).hands(Decision::ByEye),
        Hands::Two
    );
}

#[test]
fn every_fault_that_offers_decisions_leaves_a_way_out() {
    let fed = [
        began(Step::Feed),
        Event::Finished {
            step: Step::Feed,
            proof: Proof::Blank(Serial([1; 10])),
        },
    ];
    let offering = Code::ALL.iter().filter(|code| !code.fault().may.is_empty());
    for &fault in offering {
        let refused = |step| Event::Refused { step, fault };
        let mut at_feed = granted(OldRule::NotRequired);
        let mut at_encode = at_feed.clone();
        let mut in_doubt = at_feed.clone();
        at_feed.push(refused(Step::Feed));
        at_encode.extend(fed.clone());
        at_encode.push(refused(Step::Encode));
        in_doubt.push(began(Step::Feed));
        in_doubt.push(Event::Found {
            step: Step::Feed,
            finding: Finding::Unknown,
            fault: Some(fault),
            proof: None,
        });
        let of_the_counter = fault.name().starts_with("O-");
        for events in [at_feed, at_encode, in_doubt] {
            let open = after(&events).choices_at(fault);
            assert!(of_the_counter || !open.is_empty(), "{fault}: {open:?}");
        }
    }
}

#[test]
fn what_a_person_says_is_held_against_the_sensors() {
    let mut events = granted(OldRule::NotRequired);
    events.push(began(Step::Feed));
    events.push(Event::Found {
        step: Step::Feed,
        finding: Finding::Unknown,
        fault: Some(Code::JamFeed),
        proof: None,
    });
    let stopped = after(&events);
    let untouched = Decision::Answer(Finding::Untouched);
    let seen = Sensors {
        feeder: true,
        ..Sensors::default()
    };
    assert!(stopped.belied(untouched, &seen));
    assert!(!stopped.belied(untouched, &Sensors::default()));
    assert!(!stopped.belied(Decision::Cancel, &seen));
    let standing = stopped.standing(Some(&seen)).expect("perhaps fed");
    assert_eq!(standing.seen.expect("seen").spots, [Spot::Feeder]);
}

#[test]
fn an_act_that_was_not_done_is_asked_again_and_then_decided_about() {
    let mut issuance = after(&granted(OldRule::Return));
    for tries in 1..=4 {
        issuance.apply(&began(Step::SightOld)).expect("fits");
        let not_done = Event::Found {
            step: Step::SightOld,
            finding: Finding::Untouched,
            fault: None,
            proof: None,
        };
        issuance.apply(&not_done).expect("fits");
        let stopped = matches!(issuance.phase(), Phase::Stopped { .. });
        assert_eq!(stopped, tries == 4, "try {tries}");
    }
}

#[test]
fn only_the_chips_own_word_makes_it_dead() {
    let said = |chip: Chip| {
        let mut events = granted(OldRule::NotRequired);
        events.extend([
            began(Step::Feed),
            Event::Finished {
                step: Step::Feed,
                proof: Proof::Blank(Serial([1; 10])),
            },
            Event::KeysAsked {
                blank: Serial([1; 10]),
            },
            Event::KeysHeld {
                blank: Serial([1; 10]),
            },
            began(Step::Encode),
            Event::Found {
                step: Step::Encode,
                finding: Finding::Spoiled,
                fault: Some(Code::ChipTorn),
                proof: None,
            },
            began(Step::Terminate),
            Event::Finished {
                step: Step::Terminate,
                proof: Proof::Chip(chip),
            },
        ]);
        after(&events).standing(None).expect("fed").chip
    };
    let dead = Witness {
        life: Life::Terminated,
        ..fresh(Serial([1; 10]))
    };
    assert_eq!(said(Chip::Answers(dead)), ChipState::Dead);
    assert_eq!(said(Chip::Silent), ChipState::Unreached);
}

#[test]
fn looked_at_again_and_still_unclear_it_stops_for_the_same_fault() {
    let found = |finding, fault| Event::Found {
        step: Step::Feed,
        finding,
        fault,
        proof: None,
    };
    let go_on = Event::Decided {
        decision: Decision::Continue,
        by: clerk(),
    };
    let mut events = granted(OldRule::NotRequired);
    events.push(began(Step::Feed));
    events.push(found(Finding::Unknown, Some(Code::JamFeed)));
    events.push(go_on.clone());
    let looked_at = |last: Event| {
        let mut issuance = after(&events);
        issuance.apply(&last).expect("fits");
        issuance
    };
    let unclear = looked_at(found(Finding::Unknown, None));
    assert_eq!(unclear.cause(), Some(Code::JamFeed));
    let spoiled = looked_at(found(Finding::Spoiled, None));
    assert_eq!(spoiled.cause(), Some(Code::JamFeed));
    // What the devices say of the second look is newer.
    let cut = looked_at(found(Finding::Unknown, Some(Code::PowerLoss)));
    assert_eq!(cut.cause(), Some(Code::PowerLoss));
    // And a step that is begun again has nothing of it.
    let mut again = looked_at(found(Finding::Untouched, None));
    again.apply(&began(Step::Feed)).expect("fits");
    again.apply(&found(Finding::Unknown, None)).expect("fits");
    assert_eq!(again.cause(), Some(Code::PowerLoss));
}

#[test]
fn a_card_taken_from_the_slot_is_back_only_when_the_slot_sees_it() {
    let mut events = granted(OldRule::NotRequired);
    events.push(Event::Astray {
        fault: Code::TakenEarly,
    });
    let issuance = after(&events);
    let there = Sensors {
        exit: true,
        ..Sensors::default()
    };
    assert!(issuance.belied(Decision::Continue, &Sensors::default()));
    assert!(!issuance.belied(Decision::Continue, &there));
    assert!(!issuance.belied(Decision::Quarantine, &Sensors::default()));
}
