//! What the whole journal keeps beyond one card: what was used for ever, what the printer's counters
//! must show, when things were said, and the supplies.

use super::healthy::*;
use super::*;
use crate::fault::Code;
use crate::stock::{self, OldState, Place as Bin, Roll, Supply};
use jiff::{SignedDuration, Timestamp};

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
}

fn takes_in(ledger: &mut Ledger, what: What) -> Result<(), Misfit> {
    ledger.apply(&Entry::new(Timestamp::UNIX_EPOCH, what))
}

pub(super) fn event(ledger: &mut Ledger, event: Event) {
    takes_in(ledger, What::Issuance(event)).expect("it fits");
}

fn loaded() -> Ledger {
    let mut ledger = Ledger::default();
    for supply in Supply::ALL {
        let roll = Roll {
            serial: "R1".into(),
            lot: 1,
            expires: None,
        };
        let loaded = stock::Event::Loaded {
            supply,
            roll,
            count: 10,
            by: both(),
        };
        takes_in(&mut ledger, What::Stock(loaded)).expect("loads");
    }
    ledger
}

/// Goes on with a healthy card, at the counters that the ledger expects, until `there`.
fn goes_on(ledger: &mut Ledger, old: OldRule, there: impl Fn(&Issuance) -> bool) {
    for _ in 0..120 {
        if there(ledger.newest()) {
            return;
        }
        let now = ledger.expected().cloned().unwrap_or_default();
        let next = answer(ledger.newest(), old, &now);
        event(ledger, next);
    }
    panic!("it never comes there: {ledger:?}")
}

pub(super) fn at_step(old: OldRule, step: Step) -> Ledger {
    let mut ledger = loaded();
    goes_on(
        &mut ledger,
        old,
        |card| matches!(card.next(), Command::Begin { step: due, .. } if due == step),
    );
    ledger
}

fn closed(card: &Issuance) -> bool {
    card.next() == Command::Rest
}

pub(super) fn begins(ledger: &mut Ledger, step: Step) {
    let before = ledger.expected().cloned().unwrap_or_default();
    event(ledger, Event::Began { step, before });
}

/// Sets on the ribbon, patches on their roll.
fn left(ledger: &Ledger) -> (i64, i64) {
    let of = |supply| ledger.stock().film(supply).expect("a film").left();
    (of(Supply::Ribbon), of(Supply::Patches))
}

#[test]
fn a_whole_card_is_one_blank_one_set_one_patch_and_the_counters_say_the_same() {
    let mut ledger = loaded();
    goes_on(&mut ledger, OldRule::Return, closed);
    assert_eq!(left(&ledger), (9, 9));
    let terms = ledger.stock().terms();
    assert_eq!((terms.hopper, terms.delivered), (9, 1));
    let counters = ledger.expected().expect("known");
    let expected = Counters {
        fed: 1,
        ejected: 1,
        taken: 1,
        begun: [1; 7],
        completed: [1; 7],
        patches_begun: 1,
        patches_completed: 1,
        flips: 1,
        ..Counters::default()
    };
    assert_eq!(counters, &expected);
    let piece = &ledger.stock().blanks().pieces()[0];
    assert_eq!(piece.serial, Some(BLANK.to_string()));
    assert_eq!(piece.number.as_deref(), Some("AB00000001CD"));
    let old: Vec<_> = ledger.stock().old_cards().iter().collect();
    assert_eq!((old.len(), old[0].state), (1, OldState::Punched));
    assert_eq!(old[0].job, "job-1");
}

#[test]
fn a_blank_is_booked_where_it_went() {
    let place = |ledger: &Ledger| ledger.stock().blanks().pieces()[0].place;
    let mut ledger = at_step(OldRule::NotRequired, Step::Release);
    assert_eq!(place(&ledger), Bin::Exit);
    event(
        &mut ledger,
        decided(Decision::Withdraw(Withdrawal::HolderAbsent)),
    );
    goes_on(&mut ledger, OldRule::NotRequired, closed);
    assert_eq!(place(&ledger), Bin::Tray);
    let mut ledger = at_step(OldRule::NotRequired, Step::Flip);
    assert_eq!(place(&ledger), Bin::Machine);
    begins(&mut ledger, Step::Flip);
    event(
        &mut ledger,
        found(Step::Flip, Finding::Spoiled, Some(Code::JamFlip)),
    );
    event(&mut ledger, decided(Decision::ByHand));
    goes_on(&mut ledger, OldRule::NotRequired, closed);
    assert_eq!(place(&ledger), Bin::Bag);
    let mut ledger = at_step(OldRule::NotRequired, Step::Flip);
    event(
        &mut ledger,
        Event::Refused {
            step: Step::Flip,
            fault: Code::JamFlip,
        },
    );
    event(&mut ledger, decided(Decision::Quarantine));
    goes_on(&mut ledger, OldRule::NotRequired, closed);
    assert_eq!(place(&ledger), Bin::Quarantined);
}

#[test]
fn a_blank_that_was_perhaps_fed_is_counted_once_and_taken_back_when_it_was_not() {
    let perhaps = || {
        let mut ledger = at_step(OldRule::NotRequired, Step::Feed);
        begins(&mut ledger, Step::Feed);
        event(
            &mut ledger,
            found(Step::Feed, Finding::Unknown, Some(Code::JamFeed)),
        );
        ledger
    };
    let hopper = |ledger: &Ledger| ledger.stock().terms().hopper;
    assert_eq!(hopper(&perhaps()), 9);
    for decision in [Decision::Answer(Finding::Untouched), Decision::Continue] {
        let mut ledger = perhaps();
        event(&mut ledger, decided(decision));
        assert_eq!(
            hopper(&ledger),
            10,
            "{decision:?}: counted anew when it is known"
        );
    }
    let mut ledger = perhaps();
    event(&mut ledger, decided(Decision::Cancel));
    assert_eq!(hopper(&ledger), 9, "hands look for it");
    begins(&mut ledger, Step::RemoveByHand);
    event(
        &mut ledger,
        found(Step::RemoveByHand, Finding::Unknown, None),
    );
    event(&mut ledger, decided(Decision::Answer(Finding::Done)));
    let terms = ledger.stock().terms();
    assert_eq!((terms.hopper, terms.bag), (9, 1), "hands had it, after all");
    // A feed that was refused took none: nothing is taken back.
    let mut ledger = at_step(OldRule::NotRequired, Step::Feed);
    begins(&mut ledger, Step::Feed);
    event(
        &mut ledger,
        found(Step::Feed, Finding::Spoiled, Some(Code::NotBlank)),
    );
    goes_on(&mut ledger, OldRule::NotRequired, |card| {
        card.current() == Some(Step::Feed) && card.phase() == &Phase::Ready
    });
    assert_eq!(hopper(&ledger), 9, "a foreign card went to the tray");
    event(
        &mut ledger,
        Event::Refused {
            step: Step::Feed,
            fault: Code::CoverOpen,
        },
    );
    event(&mut ledger, decided(Decision::Continue));
    assert_eq!(hopper(&ledger), 9);
    // Of another step nothing is taken back.
    let mut ledger = at_step(OldRule::NotRequired, Step::Flip);
    begins(&mut ledger, Step::Flip);
    event(
        &mut ledger,
        found(Step::Flip, Finding::Unknown, Some(Code::JamFlip)),
    );
    event(&mut ledger, decided(Decision::Continue));
    assert_eq!(hopper(&ledger), 9);
}

#[test]
fn a_pass_and_a_patch_are_spent_when_they_begin_and_given_back_when_they_took_no_effect() {
    let rows = [
        (Step::Print(Panel::BackK), (9, 10), (10, 10)),
        (Step::Hologram, (9, 9), (9, 10)),
    ];
    for (step, spent, given_back) in rows {
        let refused = Event::Refused {
            step,
            fault: Code::CoverOpen,
        };
        let untouched = found(step, Finding::Untouched, None);
        for undone in [refused.clone(), untouched] {
            let mut ledger = at_step(OldRule::NotRequired, step);
            begins(&mut ledger, step);
            assert_eq!(left(&ledger), spent, "{step:?} began");
            event(&mut ledger, undone);
            assert_eq!(left(&ledger), given_back, "{step:?} took no effect");
        }
        // Refused before it began: nothing was spent, nothing comes back.
        let mut ledger = at_step(OldRule::NotRequired, step);
        let before = left(&ledger);
        event(&mut ledger, refused);
        assert_eq!(left(&ledger), before);
    }
}

#[test]
fn what_a_person_says_was_done_is_booked_like_what_a_device_says() {
    let mut ledger = at_step(OldRule::NotRequired, Step::Eject);
    begins(&mut ledger, Step::Eject);
    event(
        &mut ledger,
        found(Step::Eject, Finding::Unknown, Some(Code::JamExit)),
    );
    event(&mut ledger, decided(Decision::Answer(Finding::Done)));
    assert_eq!(ledger.stock().terms().exit, 1);
    assert_eq!(ledger.expected(), None, "hands may have moved a counter");
    let mut ledger = at_step(OldRule::NotRequired, Step::Flip);
    begins(&mut ledger, Step::Flip);
    let before = ledger.expected().cloned().expect("known");
    let done = Event::Found {
        step: Step::Flip,
        finding: Finding::Done,
        fault: None,
        proof: Some(Proof::Motion(before.after(Step::Flip))),
    };
    event(&mut ledger, done);
    let now = ledger.expected().expect("known");
    assert_eq!(now.flips, before.flips + 1);
    assert!(ledger.contradicts(&before) && !ledger.contradicts(&now.clone()));
}

#[test]
fn after_hands_took_a_card_out_the_counters_are_not_foretold() {
    let mut ledger = at_step(OldRule::NotRequired, Step::Flip);
    event(
        &mut ledger,
        Event::Refused {
            step: Step::Flip,
            fault: Code::JamFlip,
        },
    );
    event(&mut ledger, decided(Decision::Cancel));
    event(&mut ledger, decided(Decision::ByHand));
    begins(&mut ledger, Step::RemoveByHand);
    let proof = Proof::Person(clerk());
    let step = Step::RemoveByHand;
    event(&mut ledger, Event::Finished { step, proof });
    assert_eq!(ledger.expected(), None);
    assert!(!ledger.contradicts(&Counters {
        fed: 77,
        ..Counters::default()
    }));
}

#[test]
fn the_scanner_proves_itself_at_each_card_that_it_sees() {
    let step = Step::Check;
    let ledger = at_step(OldRule::NotRequired, step);
    assert_eq!(ledger.scanner_proved(), None);
    let mut clean = ledger.clone();
    begins(&mut clean, step);
    let before = Counters::default();
    event(
        &mut clean,
        Event::Finished {
            step,
            proof: proof(step, &before),
        },
    );
    assert_eq!(clean.scanner_proved(), Some(true));
    let mut dirty = ledger;
    event(
        &mut dirty,
        Event::Refused {
            step,
            fault: Code::ScannerDirty,
        },
    );
    assert_eq!(dirty.scanner_proved(), Some(false));
}

#[test]
fn a_chip_that_was_written_is_never_bound_again() {
    let step = Step::Feed;
    let mut ledger = at_step(OldRule::NotRequired, Step::Encode);
    assert!(!ledger.was_written(&BLANK));
    event(&mut ledger, began(Step::Encode));
    event(
        &mut ledger,
        found(Step::Encode, Finding::Spoiled, Some(Code::ChipTorn)),
    );
    assert!(ledger.was_written(&BLANK) && !ledger.was_written(&Serial([2; 10])));
    goes_on(&mut ledger, OldRule::NotRequired, closed);
    assert_eq!(ledger.next_card(), 2);
    event(&mut ledger, Event::Asked { key: "k2".into() });
    let grant = grant(2, OldRule::NotRequired);
    event(&mut ledger, Event::Granted { grant });
    let opened = Event::Opened {
        card: 2,
        plan: Plan::residence_card(OldRule::NotRequired),
        prepared: Digest([2; 32]),
    };
    event(&mut ledger, opened);
    event(&mut ledger, began(step));
    let bound = |blank| Event::Finished {
        step,
        proof: Proof::Blank(Serial([blank; 10])),
    };
    assert!(takes_in(&mut ledger, What::Issuance(bound(1))).is_err());
    assert!(takes_in(&mut ledger, What::Issuance(bound(2))).is_ok());
}

#[test]
fn a_report_bears_the_time_at_which_it_came_to_be_owed_and_the_clock_that_of_the_grant() {
    let mut ledger = Ledger::default();
    for seconds in 1..120 {
        let next = answer(ledger.newest(), OldRule::NotRequired, &Counters::default());
        let entry = Entry::new(at(seconds), What::Issuance(next));
        ledger.apply(&entry).expect("it fits");
        if ledger.newest().acknowledged(ReportKind::Produced) {
            break;
        }
    }
    // The grant is the second record; the report is owed one record before it is acknowledged.
    assert_eq!(ledger.witnessed_at(), at(2));
    let last = ledger.event_at();
    let owed = ledger.owed_at("job-1/1/produced").expect("it was owed");
    assert_eq!(last.duration_since(owed), SignedDuration::from_secs(1));
    assert_eq!(ledger.owed_at("job-1/1/delivered"), None);
}

#[test]
fn what_was_wanted_is_kept_and_the_open_card_is_the_newest() {
    let mut ledger = Ledger::default();
    assert!(ledger.open().is_none() && ledger.wanted().is_none());
    let select = Select::Reception("2026-000001".into());
    let clerk = signed("c1", Role::Clerk);
    let wanted = What::Wanted {
        select: select.clone(),
        clerk: clerk.clone(),
    };
    takes_in(&mut ledger, wanted).expect("nothing is open");
    assert_eq!(ledger.wanted(), Some(&(select, clerk)));
    event(&mut ledger, Event::Asked { key: "k".into() });
    assert_eq!(ledger.open(), Some(ledger.newest()));
    assert_eq!(ledger.newest().key(), "k");
    goes_on(&mut ledger, OldRule::NotRequired, closed);
    assert!(ledger.open().is_none());
    assert_eq!(
        ledger.newest().grant().map(|grant| &*grant.job),
        Some("job-1")
    );
}

#[test]
fn a_checkpoint_never_goes_backwards() {
    let mut ledger = Ledger::default();
    let point = |sequence, byte| What::Checkpoint {
        sequence,
        hash: Digest([byte; 32]),
    };
    takes_in(&mut ledger, point(7, 1)).expect("the first");
    takes_in(&mut ledger, point(7, 1)).expect("the same");
    assert!(takes_in(&mut ledger, point(6, 1)).is_err());
    takes_in(&mut ledger, point(9, 2)).expect("a later one");
    assert_eq!(ledger.checkpoint(), Some((9, Digest([2; 32]))));
}

#[test]
fn counters_are_taken_note_of_only_when_nothing_is_in_doubt() {
    let counters = Counters {
        fed: 5,
        ..Counters::default()
    };
    let counted = || What::Counted {
        counters: counters.clone(),
    };
    let mut ledger = at_step(OldRule::NotRequired, Step::Feed);
    takes_in(&mut ledger, counted()).expect("between two steps");
    assert_eq!(ledger.expected(), Some(&counters));
    begins(&mut ledger, Step::Feed);
    assert!(
        takes_in(&mut ledger, counted()).is_err(),
        "a step is in doubt"
    );
    let mut ledger = Ledger::default();
    let order = Service::Began {
        order: "clean-head".into(),
        by: clerk(),
        before: Counters::default(),
    };
    takes_in(&mut ledger, What::Service(order)).expect("begins");
    assert!(
        takes_in(&mut ledger, counted()).is_err(),
        "an order is in doubt"
    );
}

#[test]
fn a_printer_is_taken_over_while_nothing_is_under_way() {
    let By::Two(by) = both() else { unreachable!() };
    let ahead = Ahead {
        sequence: 40,
        cards: 3,
    };
    let taken = || {
        What::TakenOver(TakenOver {
            by: by.clone(),
            printer: "PR-2".into(),
            counters: Counters {
                fed: 9,
                ..Counters::default()
            },
            ahead,
        })
    };
    let mut ledger = Ledger::default();
    assert_eq!(ledger.ahead(), Ahead::default());
    takes_in(&mut ledger, taken()).expect("nothing is under way");
    assert_eq!(ledger.ahead(), ahead);
    assert_eq!(ledger.expected().map(|counters| counters.fed), Some(9));
    let order = Service::Began {
        order: "clean-head".into(),
        by: clerk(),
        before: Counters::default(),
    };
    takes_in(&mut ledger, What::Service(order)).expect("begins");
    assert!(takes_in(&mut ledger, taken()).is_err());
    let mut ledger = at_step(OldRule::NotRequired, Step::Feed);
    assert!(takes_in(&mut ledger, taken()).is_err());
}

#[test]
fn a_journal_read_again_says_what_it_said() {
    let mut ledger = Ledger::default();
    let mut records = Vec::new();
    while ledger.newest().next() != Command::Rest {
        let now = ledger.expected().cloned().unwrap_or_default();
        let next = answer(ledger.newest(), OldRule::Return, &now);
        let entry = Entry::new(at(1), What::Issuance(next));
        ledger.apply(&entry).expect("it fits");
        records.push(entry.to_bytes().expect("JSON"));
        assert!(records.len() < 120, "no end");
    }
    let read = Ledger::replay(records.iter().map(Vec::as_slice)).expect("reads");
    assert_eq!(read, ledger);
    let newer = String::from_utf8(records[0].clone()).expect("text");
    let newer = newer.replace(r#"{"v":1,"#, r#"{"v":2,"#);
    let refused = Ledger::replay([newer.as_bytes()]);
    assert!(matches!(refused, Err(Unreadable::Schema(2))), "{refused:?}");
}
