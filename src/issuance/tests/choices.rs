//! What persons may decide at each step, told row by row, and what follows from it.

use super::healthy::*;
use super::*;
use crate::fault::{Code, Hands};

/// The open decisions in short words, each once.
fn open(issuance: &Issuance) -> String {
    let word = |decision: Decision| match decision {
        Decision::Continue => "continue",
        Decision::Cancel => "cancel",
        Decision::Answer(Finding::Done) => "done",
        Decision::Answer(Finding::Untouched) => "untouched",
        Decision::Answer(_) => "spoiled",
        Decision::ByHand => "by-hand",
        Decision::ByEye => "by-eye",
        Decision::Waive(_) => "waive",
        Decision::Withdraw(Withdrawal::OldForged) => "forged",
        Decision::Withdraw(_) => "withdraw",
        Decision::Quarantine => "quarantine",
    };
    let mut words: Vec<&str> = issuance.choices().into_iter().map(word).collect();
    words.dedup();
    words.join(" ")
}

fn rows(at: impl Fn(Step) -> Issuance, rows: &[(Step, &str)]) {
    for (step, expected) in rows {
        assert_eq!(open(&at(*step)), *expected, "{step:?}");
    }
}

#[test]
fn between_two_steps_a_card_is_given_up_as_long_as_it_is_not_finished_and_withdrawn_then() {
    rows(
        |step| before(OldRule::Return, step),
        &[
            (Step::SightOld, "cancel waive"),
            (Step::Feed, "cancel"),
            (Step::Encode, "cancel"),
            (Step::Check, "cancel"),
            (Step::Eject, "cancel"),
            (Step::CollectOld, "waive withdraw"),
            (Step::Release, "withdraw"),
            (Step::HandOver, "withdraw"),
            (Step::Punch, ""),
        ],
    );
}

#[test]
fn a_step_that_was_refused_is_tried_again_or_the_card_ends_where_it_is() {
    rows(
        |step| refused(OldRule::Return, step, Code::CoverOpen),
        &[
            (Step::SightOld, "continue cancel waive"),
            (Step::Feed, "continue cancel"),
            (Step::Encode, "continue cancel quarantine"),
            (Step::Lock, "continue cancel quarantine"),
            (Step::Print(Panel::Y), "continue cancel quarantine"),
            (Step::Flip, "continue cancel quarantine"),
            (Step::Hologram, "continue cancel quarantine"),
            (Step::Check, "continue cancel quarantine"),
            (Step::Eject, "continue cancel quarantine"),
            (Step::CollectOld, "continue waive withdraw quarantine"),
            (Step::Release, "continue withdraw quarantine"),
            (Step::HandOver, "continue withdraw quarantine"),
            (Step::Punch, "continue"),
        ],
    );
}

#[test]
fn what_nobody_could_tell_is_looked_at_again_or_answered_and_never_done_twice() {
    rows(
        |step| doubtful(OldRule::Return, step),
        &[
            (Step::SightOld, "continue cancel untouched"),
            (Step::Feed, "continue cancel untouched quarantine"),
            (Step::Encode, "continue cancel spoiled quarantine"),
            (Step::Lock, "continue cancel spoiled quarantine"),
            (Step::Print(Panel::Y), "continue cancel spoiled quarantine"),
            (Step::Flip, "continue cancel spoiled quarantine"),
            (Step::Hologram, "continue cancel spoiled quarantine"),
            (Step::Check, "continue cancel untouched quarantine"),
            (Step::Eject, "continue cancel done spoiled quarantine"),
            (Step::CollectOld, "done untouched quarantine"),
            (Step::Release, "continue done untouched quarantine"),
            (Step::HandOver, "done untouched quarantine"),
            (Step::Punch, "done untouched"),
        ],
    );
}

#[test]
fn while_a_step_is_under_way_and_after_the_end_nobody_decides_anything() {
    for step in [
        Step::SightOld,
        Step::Feed,
        Step::Encode,
        Step::CollectOld,
        Step::HandOver,
    ] {
        assert_eq!(open(&underway(OldRule::Return, step)), "", "{step:?}");
    }
    let end = on(granted(OldRule::Return), |card| {
        card.next() == Command::Rest
    });
    assert_eq!(open(&end), "");
    assert_eq!(open(&Issuance::default()), "");
    assert_eq!(open(&granted(OldRule::Return)), "cancel");
}

#[test]
fn a_card_on_its_way_out_is_killed_and_rejected_or_taken_out_by_hand() {
    let out = || spoiled(OldRule::Return, Step::Flip, Code::JamFlip);
    let fault = Code::JamFlip;
    assert_eq!(open(&out()), "by-hand");
    let refused = |step| Event::Refused { step, fault };
    let stopped = takes(out(), &[refused(Step::Terminate)]);
    assert_eq!(open(&stopped), "continue by-hand quarantine");
    let unclear = found(Step::Terminate, Finding::Unknown, Some(fault));
    let doubtful = takes(out(), &[began(Step::Terminate), unclear]);
    assert_eq!(open(&doubtful), "continue by-hand quarantine");
    let underway = takes(out(), &[began(Step::Terminate)]);
    assert_eq!(open(&underway), "");
    let by_hand = decides(out(), Decision::ByHand);
    assert_eq!(open(&by_hand), "");
    let quarantined = decides(stopped, Decision::Quarantine);
    assert_eq!(open(&quarantined), "");
    // What is set aside once is not set aside again.
    let course = Course::Discarding(ReportKind::Quarantined);
    assert_eq!(quarantined.course(), course);
}

#[test]
fn of_a_forged_old_card_only_its_withdrawal_is_left() {
    let forged = |step| spoiled(OldRule::Return, step, Code::Forged);
    rows(
        forged,
        &[
            (Step::SightOld, "forged"),
            (Step::CollectOld, "forged quarantine"),
        ],
    );
    let withdraw = Decision::Withdraw(Withdrawal::OldForged);
    let withdrawn = decides(forged(Step::CollectOld), withdraw);
    assert_eq!(open(&withdrawn), "by-hand");
}

#[test]
fn an_eye_stands_for_a_silent_chip_at_the_desk_and_nowhere_else() {
    let eye = |step, fault| refused(OldRule::Return, step, fault);
    rows(
        |step| eye(step, Code::OldByEye),
        &[
            (Step::SightOld, "continue cancel by-eye waive"),
            (
                Step::CollectOld,
                "continue by-eye waive withdraw quarantine",
            ),
            (Step::Encode, "continue cancel quarantine"),
        ],
    );
    let unclear = found(Step::SightOld, Finding::Unknown, Some(Code::OldByEye));
    let doubtful = takes(underway(OldRule::Return, Step::SightOld), &[unclear]);
    assert_eq!(open(&doubtful), "continue cancel untouched");
    let sighted = decides(eye(Step::SightOld, Code::OldByEye), Decision::ByEye);
    assert_eq!(sighted.old(), OldCard::Sighted);
    assert_eq!(sighted.current(), Some(Step::Feed));
    let collected = decides(eye(Step::CollectOld, Code::OldByEye), Decision::ByEye);
    assert_eq!(collected.old(), OldCard::Collected);
    assert_eq!(collected.current(), Some(Step::Release));
}

#[test]
fn a_step_is_begun_two_hundred_and_fifty_five_times_at_most() {
    let step = Step::SightOld;
    let mut card = before(OldRule::Return, step);
    let untouched = found(step, Finding::Untouched, Some(Code::ReaderGone));
    for tries in 1..u8::MAX {
        card = takes(card, &[began(step), untouched.clone()]);
        assert_eq!(open(&card), "continue cancel waive", "try {tries}");
        card = decides(card, Decision::Continue);
    }
    card = takes(card, &[began(step), untouched]);
    assert_eq!(open(&card), "cancel waive");
}

#[test]
fn to_go_on_is_to_begin_again_what_was_untouched_and_to_look_again_at_what_is_unclear() {
    let again = decides(
        refused(OldRule::Return, Step::Flip, Code::CoverOpen),
        Decision::Continue,
    );
    assert_eq!(again.phase(), &Phase::Ready);
    let look = decides(doubtful(OldRule::Return, Step::Flip), Decision::Continue);
    let before = Counters::default();
    let step = Step::Flip;
    assert_eq!(look.phase(), &Phase::Underway { step, before });
}

#[test]
fn what_a_person_answers_takes_effect() {
    let answered = |step, answer| {
        let decision = Decision::Answer(answer);
        decides(doubtful(OldRule::Return, step), decision)
    };
    let given = answered(Step::HandOver, Finding::Done);
    assert_eq!(given.card().place, Place::Delivered);
    let in_slot = answered(Step::Eject, Finding::Done);
    assert_eq!(in_slot.card().place, Place::Exit);
    let spoiled = answered(Step::Print(Panel::C), Finding::Spoiled);
    assert_eq!(spoiled.course(), Course::Discarding(ReportKind::Spoiled));
    assert_eq!(spoiled.cause(), Some(Code::PowerLoss));
    let not_collected = answered(Step::CollectOld, Finding::Untouched);
    assert_eq!(not_collected.old(), OldCard::Sighted);
    assert_eq!(not_collected.phase(), &Phase::Ready);
}

#[test]
fn of_their_own_act_the_counter_tells_and_of_a_machines_act_a_supervisor() {
    let answer = Decision::Answer(Finding::Untouched);
    assert_eq!(answer.hands(Some(Step::CollectOld)), Hands::Counter);
    assert_eq!(answer.hands(Some(Step::Release)), Hands::Supervisor);
    assert_eq!(answer.hands(None), Hands::Supervisor);
    assert_eq!(Decision::Continue.hands(Some(Step::Release)), Hands::Anyone);
    assert_eq!(Decision::Quarantine.hands(Some(Step::Punch)), Hands::Two);
    let alone = Event::Decided {
        decision: answer,
        by: clerk(),
    };
    let mut slot = doubtful(OldRule::Return, Step::Release);
    assert!(slot.apply(&alone).is_err());
    let mut desk = doubtful(OldRule::Return, Step::CollectOld);
    assert!(desk.apply(&alone).is_ok());
}

#[test]
fn every_decision_has_its_own_button() {
    use crate::fault::Choice;
    let buttons = [
        (Decision::Continue, Choice::Continue),
        (Decision::Cancel, Choice::Cancel),
        (Decision::Answer(Finding::Done), Choice::Answer),
        (Decision::ByHand, Choice::ByHand),
        (Decision::ByEye, Choice::ByEye),
        (Decision::Waive(Waiver::Destroyed), Choice::Waive),
        (Decision::Withdraw(Withdrawal::DataWrong), Choice::Withdraw),
        (Decision::Quarantine, Choice::Quarantine),
    ];
    for (decision, button) in buttons {
        assert_eq!(decision.choice(), button);
    }
}

#[test]
fn each_step_takes_its_own_kind_of_evidence_and_no_other() {
    let before = Counters::default();
    let steps: Vec<Step> = Plan::residence_card(OldRule::Return)
        .steps()
        .into_iter()
        .chain([Step::Terminate, Step::Reject, Step::RemoveByHand])
        .collect();
    let kind = |step: Step| std::mem::discriminant(&proof(step, &before));
    for step in &steps {
        for other in &steps {
            let evidence = proof(*other, &before);
            let same = kind(*step) == kind(*other);
            // Both are a chip's word, and it says another thing.
            let chips = [Step::Lock, Step::Terminate];
            let twisted = chips.contains(step) && chips.contains(other) && step != other;
            assert_eq!(
                evidence.fits(*step),
                same && !twisted,
                "{step:?} by {other:?}"
            );
        }
    }
    let silent = Proof::Chip(Chip::Silent);
    assert!(silent.fits(Step::Terminate) && !silent.fits(Step::Lock));
    assert!(!Proof::Chip(Chip::NotAsked).fits(Step::Terminate));
    for step in [Step::SightOld, Step::CollectOld] {
        assert!(Proof::Eye(signed("s1", Role::Supervisor)).fits(step));
        assert!(!Proof::Eye(signed("c1", Role::Clerk)).fits(step));
    }
}
