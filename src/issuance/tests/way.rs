//! The way of a card, command by command: the healthy one of each ground, and how a card leaves that
//! will not be handed over.

use super::healthy::*;
use super::*;
use crate::fault::Code;

fn word(command: &Command) -> String {
    match command {
        Command::Begin { step, on: Some(_) } => format!("{step:?} today"),
        Command::Begin { step, on: None } => format!("{step:?}"),
        Command::Owe(report) => format!("owe {:?}", report.kind),
        Command::Send(report) => format!("send {:?}", report.kind),
        Command::Lease(_) => "lease".to_owned(),
        Command::AskKeys(_) => "keys".to_owned(),
        _ => format!("{command:?}").to_lowercase(),
    }
}

/// Every command from here to the end; what a step's end is asked for is left out.
fn way(mut issuance: Issuance, old: OldRule) -> (Vec<String>, Issuance) {
    let mut words = Vec::new();
    while issuance.next() != Command::Rest {
        let command = issuance.next();
        if !matches!(command, Command::Settle { .. }) {
            words.push(word(&command));
        }
        assert!(words.len() < 60, "no end: {words:?}");
        let event = answer(&issuance, old, &Counters::default());
        issuance.apply(&event).expect("it follows");
    }
    (words, issuance)
}

fn ways(issuance: Issuance) -> Vec<String> {
    let old = issuance.grant().expect("granted").old;
    way(issuance, old).0
}

const MAKING: [&str; 18] = [
    "Feed today",
    "keys",
    "keys",
    "Encode today",
    "Lock",
    "Print(BackK)",
    "Flip",
    "Print(Y)",
    "Print(M)",
    "Print(C)",
    "Print(K)",
    "Print(Uv)",
    "Print(Pearl)",
    "Hologram",
    "Check",
    "Eject today",
    "owe Produced",
    "send Produced",
];

fn whole(old: OldRule, head: &[&str], tail: &[&str]) {
    let expected = [&["ask", "lease", "prepare"], head, &MAKING, tail].concat();
    let (words, issuance) = way(Issuance::default(), old);
    assert_eq!(words, expected, "{old:?}");
    let delivered = Ending::Reported(ReportKind::Delivered);
    assert_eq!(issuance.phase(), &Phase::Closed(delivered));
    assert_eq!(issuance.card().place, Place::Delivered);
}

#[test]
fn an_old_card_is_sighted_first_collected_at_the_slot_punched_last_and_then_void() {
    let tail = [
        "CollectOld",
        "Release today",
        "HandOver",
        "owe Delivered",
        "Punch",
        "owe Punched",
        "owe Record",
        "send Delivered",
        "send Punched",
        "send Record",
        "void",
        "close",
    ];
    whole(OldRule::Return, &["SightOld"], &tail);
}

#[test]
fn without_an_old_card_nothing_is_void_and_a_lost_one_is_void_at_the_end() {
    let told = [
        "Release today",
        "HandOver",
        "owe Delivered",
        "owe Record",
        "send Delivered",
        "send Record",
    ];
    whole(
        OldRule::NotRequired,
        &[],
        &[told.as_slice(), &["close"]].concat(),
    );
    whole(
        OldRule::DeclaredLost,
        &[],
        &[told.as_slice(), &["void", "close"]].concat(),
    );
}

#[test]
fn a_waived_old_card_is_neither_sighted_nor_collected_nor_punched_and_is_void_all_the_same() {
    let waived = Decision::Waive(Waiver::LostSince);
    let early = decides(before(OldRule::Return, Step::SightOld), waived);
    let words = ways(early);
    let steps = ["SightOld", "CollectOld", "Punch"];
    assert!(!words.iter().any(|word| steps.contains(&word.as_str())));
    assert_eq!(words[..1], ["Feed today"]);
    assert_eq!(words[words.len() - 2..], ["void", "close"]);
    let late = decides(before(OldRule::Return, Step::CollectOld), waived);
    let words = ways(late);
    assert_eq!(words[..2], ["Release today", "HandOver"]);
    assert!(!words.contains(&"Punch".to_owned()), "{words:?}");
    assert_eq!(words[words.len() - 2..], ["void", "close"]);
}

#[test]
fn a_spoiled_card_is_killed_at_the_antenna_and_goes_to_the_tray_and_no_old_number_is_void() {
    for old in [OldRule::Return, OldRule::DeclaredLost] {
        let card = spoiled(old, Step::Check, Code::FrontDiffers);
        assert_eq!(card.cause(), Some(Code::FrontDiffers));
        let (words, end) = way(card, old);
        let told = ["owe Spoiled", "owe Record", "send Spoiled", "send Record"];
        let expected = [&["Terminate", "Reject"], told.as_slice(), &["close"]].concat();
        assert_eq!(words, expected);
        assert_eq!((end.card().place, end.card().killed), (Place::Tray, true));
        let spoiled = Ending::Reported(ReportKind::Spoiled);
        assert_eq!(end.phase(), &Phase::Closed(spoiled));
    }
}

#[test]
fn a_blank_that_was_never_written_goes_to_the_tray_alive() {
    let card = decides(before(OldRule::Return, Step::Encode), Decision::Cancel);
    assert_eq!(card.old(), OldCard::GivenBack);
    let words = ways(card);
    assert_eq!(words[..2], ["Reject", "owe Returned"]);
}

#[test]
fn without_a_blank_there_is_nothing_to_throw_out() {
    let card = decides(before(OldRule::Return, Step::Feed), Decision::Cancel);
    let words = ways(card);
    let told = ["owe Returned", "owe Record", "send Returned", "send Record"];
    assert_eq!(words, [told.as_slice(), &["close"]].concat());
}

#[test]
fn a_card_withdrawn_from_the_slot_is_rejected_and_one_from_the_hand_is_bagged() {
    let withdrawn = ReportKind::Withdrawn(Withdrawal::HolderAbsent);
    for (step, out) in [(Step::Release, "Reject"), (Step::HandOver, "RemoveByHand")] {
        let card = before(OldRule::Return, step);
        let card = decides(card, Decision::Withdraw(Withdrawal::HolderAbsent));
        assert_eq!(card.course(), Course::Discarding(withdrawn));
        assert_eq!(card.cause(), Some(Code::HolderAbsent));
        assert_eq!(card.old(), OldCard::GivenBack);
        let words = ways(card);
        let second = format!("owe {withdrawn:?}");
        assert_eq!(words[..2], [out.to_owned(), second]);
        assert!(!words.contains(&"void".to_owned()));
    }
}

#[test]
fn each_reason_of_a_withdrawal_is_told_by_its_own_code() {
    let reasons = [
        (Withdrawal::HolderAbsent, Code::HolderAbsent),
        (Withdrawal::DataWrong, Code::DataWrong),
        (Withdrawal::DatePassed, Code::DatePassed),
    ];
    for (reason, code) in reasons {
        let card = before(OldRule::NotRequired, Step::Release);
        let card = decides(card, Decision::Withdraw(reason));
        assert_eq!(card.cause(), Some(code));
        let withdrawn = Course::Discarding(ReportKind::Withdrawn(reason));
        assert_eq!(card.course(), withdrawn);
    }
}

#[test]
fn a_forged_old_card_is_told_of_and_the_new_one_never_leaves() {
    for (step, first) in [(Step::SightOld, "owe Forged"), (Step::CollectOld, "Reject")] {
        let card = spoiled(OldRule::Return, step, Code::Forged);
        assert_eq!(card.old(), OldCard::Forged);
        let card = decides(card, Decision::Withdraw(Withdrawal::OldForged));
        assert_eq!(
            (card.old(), card.cause()),
            (OldCard::Forged, Some(Code::Forged))
        );
        let words = ways(card);
        assert!(words.contains(&"owe Forged".to_owned()), "{words:?}");
        assert!(words.contains(&first.to_owned()), "{words:?}");
        assert!(!words.contains(&"Release today".to_owned()));
        assert!(!words.contains(&"void".to_owned()));
    }
    // An old card is forged or it is refused: no other fault spoils it.
    let other = found(Step::SightOld, Finding::Spoiled, Some(Code::WrongCard));
    let mut card = underway(OldRule::Return, Step::SightOld);
    assert!(card.apply(&other).is_err());
}

#[test]
fn a_quarantined_card_stays_where_it_is_and_is_told_of() {
    let card = doubtful(OldRule::NotRequired, Step::Feed);
    let card = decides(card, Decision::Quarantine);
    assert_eq!(card.cause(), Some(Code::PowerLoss));
    let words = ways(card);
    assert_eq!(words[..2], ["owe Quarantined", "owe Record"]);
}

#[test]
fn what_a_machine_cannot_throw_out_a_person_takes_out() {
    let spoiled = || spoiled(OldRule::NotRequired, Step::Flip, Code::JamFlip);
    let by_hand = decides(spoiled(), Decision::ByHand);
    assert_eq!(by_hand.current(), Some(Step::RemoveByHand));
    let uncounted = [
        began(Step::Terminate),
        Event::Finished {
            step: Step::Terminate,
            proof: Proof::Chip(Chip::Silent),
        },
        began(Step::Reject),
        found(Step::Reject, Finding::Unknown, None),
    ];
    let by_hand = takes(spoiled(), &uncounted);
    assert_eq!(by_hand.phase(), &Phase::Ready);
    assert_eq!(ways(by_hand)[..2], ["RemoveByHand", "owe Spoiled"]);
    let unsure = decides(doubtful(OldRule::NotRequired, Step::Feed), Decision::Cancel);
    assert_eq!(unsure.current(), Some(Step::RemoveByHand));
    let end = on(unsure, |card| card.next() == Command::Rest);
    assert_eq!(end.card().place, Place::Bag);
}

#[test]
fn nobody_is_given_a_card_of_which_the_authority_does_not_know() {
    let owed = on(granted(OldRule::NotRequired), |card| {
        card.owed().next().is_some()
    });
    let report = owed.owed().next().expect("owed").clone();
    assert_eq!(report.id, "job-1/1/produced");
    assert_eq!(owed.next(), Command::Send(report.clone()));
    assert!(owed.clone().apply(&began(Step::Release)).is_err());
    assert!(!owed.acknowledged(ReportKind::Produced));
    let told = takes(
        owed,
        &[Event::Acknowledged {
            report: report.id.clone(),
        }],
    );
    assert!(told.acknowledged(ReportKind::Produced));
    assert!(!told.acknowledged(ReportKind::Delivered));
    assert_eq!(told.owed().count(), 0);
    let again = Event::Acknowledged { report: report.id };
    assert!(
        told.clone().apply(&again).is_err(),
        "it is not owed any more"
    );
    assert!(told.clone().apply(&began(Step::Release)).is_ok());
}

#[test]
fn keys_are_asked_for_before_they_are_held_and_held_once() {
    let fed = on(granted(OldRule::NotRequired), |card| {
        card.card().blank.is_some()
    });
    let (asked, held) = (
        Event::KeysAsked { blank: BLANK },
        Event::KeysHeld { blank: BLANK },
    );
    assert!(fed.clone().apply(&held).is_err(), "nobody asked");
    let has = takes(fed, &[asked.clone(), held]);
    assert_eq!(has.keys(), Keys::Held);
    let again = takes(has, &[asked]);
    assert_eq!(again.keys(), Keys::Held, "they came already");
}

#[test]
fn a_refusal_is_of_the_step_at_hand_and_only_while_it_may_begin() {
    let fault = Code::CoverOpen;
    let refusal = |step| Event::Refused { step, fault };
    let ready = before(OldRule::NotRequired, Step::Feed);
    assert!(ready.clone().apply(&refusal(Step::Encode)).is_err());
    assert!(ready.clone().apply(&refusal(Step::Feed)).is_ok());
    let begun = underway(OldRule::NotRequired, Step::Feed);
    assert!(begun.clone().apply(&refusal(Step::Feed)).is_ok());
    let stopped = refused(OldRule::NotRequired, Step::Feed, fault);
    assert!(stopped.clone().apply(&refusal(Step::Feed)).is_err());
}

#[test]
fn a_blank_that_was_not_fed_after_all_is_nowhere_and_any_other_stays_where_it_was() {
    let untouched = |step| found(step, Finding::Untouched, None);
    let again = decides(
        doubtful(OldRule::NotRequired, Step::Feed),
        Decision::Continue,
    );
    assert_eq!(again.card().place, Place::Unsure);
    let again = takes(again, &[untouched(Step::Feed)]);
    assert_eq!(
        (again.card().place, again.phase()),
        (Place::Nowhere, &Phase::Ready)
    );
    let encode = takes(
        underway(OldRule::NotRequired, Step::Encode),
        &[untouched(Step::Encode)],
    );
    assert_eq!(encode.card().place, Place::Inside);
    // A person says the same.
    let said = Decision::Answer(Finding::Untouched);
    let feed = decides(doubtful(OldRule::NotRequired, Step::Feed), said);
    assert_eq!(
        (feed.card().place, feed.phase()),
        (Place::Nowhere, &Phase::Ready)
    );
    let slot = decides(doubtful(OldRule::NotRequired, Step::Release), said);
    assert_eq!(
        (slot.card().place, slot.phase()),
        (Place::Exit, &Phase::Ready)
    );
}

#[test]
fn what_nobody_could_tell_stops_for_whoever_can_tell_it() {
    let fault = |step| {
        let unclear = found(step, Finding::Unknown, None);
        takes(underway(OldRule::Return, step), &[unclear]).cause()
    };
    assert_eq!(fault(Step::Flip), Some(Code::PowerLoss));
    assert_eq!(fault(Step::Eject), Some(Code::PowerLoss));
    assert_eq!(fault(Step::Release), Some(Code::ExitUnclear));
    assert_eq!(fault(Step::HandOver), Some(Code::ActUnanswered));
    assert_eq!(fault(Step::Punch), Some(Code::ActUnanswered));
}

#[test]
fn an_act_of_a_person_that_was_not_done_four_times_is_told_as_not_done() {
    let tried = |step, fault| {
        let mut card = before(OldRule::Return, step);
        for tries in 1..=4 {
            card = takes(card, &[began(step), found(step, Finding::Untouched, None)]);
            assert_eq!(card.tries(step), tries);
        }
        assert_eq!(card.cause(), Some(fault), "{step:?}");
    };
    tried(Step::CollectOld, Code::NotDone);
    tried(Step::Encode, Code::PowerLoss);
}

#[test]
fn a_rule_gives_up_what_is_not_yet_in_a_hand_and_nothing_else() {
    let gives_up = |mut card: Issuance| {
        let fault = Code::DatePassed;
        card.apply(&Event::GivenUp { fault }).is_ok()
    };
    let old = OldRule::Return;
    assert!(gives_up(granted(old)));
    assert!(gives_up(before(old, Step::Feed)));
    assert!(gives_up(doubtful(old, Step::Feed)), "perhaps fed");
    assert!(gives_up(doubtful(old, Step::Eject)), "inside");
    assert!(gives_up(before(old, Step::Release)), "in the slot");
    assert!(gives_up(refused(old, Step::Release, Code::CoverOpen)));
    assert!(!gives_up(Issuance::default()));
    assert!(!gives_up(underway(old, Step::Feed)));
    assert!(!gives_up(doubtful(old, Step::Release)), "perhaps taken");
    assert!(!gives_up(before(old, Step::HandOver)), "in the hand");
    assert!(!gives_up(before(old, Step::Punch)), "handed over");
    assert!(!gives_up(spoiled(old, Step::SightOld, Code::Forged)));
    assert!(
        !gives_up(spoiled(old, Step::Check, Code::FrontDiffers)),
        "given up already"
    );
}

#[test]
fn where_the_sensors_contradict_the_journal_the_card_is_astray() {
    let (old, moved) = (OldRule::Return, Some(Code::CardMoved));
    let seen = |card: &Issuance, change: fn(&mut Sensors)| {
        let mut survey = Survey::default();
        change(&mut survey.sensors);
        card.astray(&survey)
    };
    let encode = before(old, Step::Encode);
    assert_eq!(seen(&encode, |s| s.encoder = true), None);
    assert_eq!(
        seen(&encode, |s| s.feeder = true),
        moved,
        "not at the antenna"
    );
    assert_eq!(seen(&encode, |s| (s.encoder, s.exit) = (true, true)), moved);
    let flip = before(old, Step::Flip);
    assert_eq!(seen(&flip, |s| s.head_out = true), None);
    assert_eq!(seen(&flip, |_| {}), moved, "it is nowhere");
    let check = before(old, Step::Check);
    assert_eq!(seen(&check, |s| s.hologram = true), None);
    assert_eq!(seen(&check, |s| s.check = true), None);
    assert_eq!(seen(&check, |s| s.encoder = true), moved);
    assert_eq!(
        seen(&check, |s| (s.hologram, s.check) = (true, true)),
        moved
    );
    let slot = before(old, Step::Release);
    assert_eq!(seen(&slot, |s| s.exit = true), None);
    assert_eq!(seen(&slot, |_| {}), Some(Code::TakenEarly));
    let feed = before(old, Step::Feed);
    assert_eq!(seen(&feed, |_| {}), None);
    assert_eq!(seen(&feed, |s| s.feeder = true), Some(Code::CardInPath));
    assert_eq!(seen(&before(old, Step::HandOver), |s| s.exit = true), None);
    // A person may have taken it out before saying so.
    let by_hand = decides(spoiled(old, Step::Flip, Code::JamFlip), Decision::ByHand);
    assert_eq!(seen(&by_hand, |_| {}), None);
}

#[test]
fn steps_panels_and_reports_keep_the_numbers_that_printers_and_authorities_know() {
    // Written down in motion ids of every printer: never another number for the same step.
    let steps = [
        (Step::SightOld, 1),
        (Step::Feed, 2),
        (Step::Eject, 8),
        (Step::RemoveByHand, 15),
        (Step::Print(Panel::BackK), 32),
        (Step::Print(Panel::Pearl), 38),
    ];
    for (step, code) in steps {
        assert_eq!(step.code(), code, "{step:?}");
    }
    for (at, panel) in Panel::ALL.into_iter().enumerate() {
        assert_eq!(panel.index(), at);
    }
    // sha256sum of the id, its first sixteen bytes.
    let report = Report {
        id: "job-1/1/produced".into(),
        kind: ReportKind::Produced,
    };
    assert_eq!(
        hex::encode(report.key()),
        "2921e86c51c541abaff76bf5bcf80531"
    );
}

#[test]
fn only_a_card_on_its_way_to_a_holder_waits_for_the_authority() {
    let untold = on(granted(OldRule::NotRequired), |card| {
        card.owed().next().is_some()
    });
    assert_eq!(word(&untold.next()), "send Produced");
    let withdrawn = Decision::Withdraw(Withdrawal::HolderAbsent);
    assert_eq!(ways(decides(untold, withdrawn))[0], "Reject");
}

#[test]
fn the_bound_chips_own_word_is_taken_and_another_chips_is_not() {
    let card = underway(OldRule::NotRequired, Step::Encode);
    let says = |serial| {
        let survey = Survey {
            chip: Chip::Answers(fresh(serial)),
            ..Survey::default()
        };
        card.judge(Step::Encode, &Counters::default(), &survey)
    };
    assert_eq!(says(BLANK), Finding::Untouched);
    assert_eq!(says(Serial([2; 10])), Finding::Unknown);
}
