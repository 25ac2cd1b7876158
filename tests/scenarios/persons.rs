//! What persons do at the wrong time: a card taken early, not taken, taken out of the machine, a
//! card withdrawn for its data, an old card that is void already.

use crate::rig::{CLERK, Rig, last_four};

const JOB: &str = "2026-000001";

fn approved() -> Rig {
    let rig = Rig::fresh();
    rig.approve("1-landing", &[]);
    rig
}

#[test]
fn a_card_taken_from_the_slot_too_early_is_a_stop() {
    let rig = approved();
    let number = rig.issue(JOB).reached().number();
    rig.person("remove-card");
    let stop = rig.recover().stopped("O-TAKEN-EARLY");
    assert!(stop.decisions().contains(&"holder-absent"));
    let four = last_four(&number);
    // Nobody makes it lie in the slot by saying so.
    let said = rig.two("recover --decide continue");
    said.stopped("X-NOT-AS-SAID");
    assert_eq!(rig.standing(&number), "produced");
    // The clerk has it in the hand; it is bagged, not given.
    let withdraw = format!("withdraw --reason holder-absent --last-four {four}");
    rig.two(&withdraw).stopped("O-TAKEN-EARLY");
    let bagged = rig.two(&format!("recover --decide by-hand --last-four {four}"));
    assert_eq!(bagged.exit, Some(0), "{}", bagged.err);
    assert_eq!(rig.standing(&number), "burned");
    let second = rig.issue(JOB).reached().number();
    rig.hand_over(&second).reached();
    assert_eq!(rig.standing(&second), "live");
}

#[test]
fn a_released_card_that_nobody_takes_waits_in_the_slot() {
    let rig = Rig::with_faults("[[fault]]\ncard = 1\nwhat = \"not-taken\"\n");
    rig.approve("1-landing", &[]);
    let number = rig.issue(JOB).reached().number();
    rig.hand_over(&number).stopped("O-NOT-TAKEN");
    assert_eq!(rig.standing(&number), "produced");
    let four = last_four(&number);
    let handed = rig.clerk(&format!("handover --decide continue --last-four {four}"));
    assert_eq!(handed.reached().text("reached"), "delivered");
    assert_eq!(rig.standing(&number), "live");
    assert_eq!(rig.made().len(), 1);
    rig.hold_the_laws();
}

#[test]
fn a_card_with_an_error_is_withdrawn_and_needs_a_new_approval() {
    let rig = approved();
    let number = rig.issue(JOB).reached().number();
    let four = last_four(&number);
    rig.two(&format!("withdraw --reason data-wrong --last-four {four}"))
        .reached();
    assert_eq!(rig.standing(&number), "burned");
    rig.issue(JOB).stopped("A-NO-JOB");
    assert!(rig.made().iter().all(|card| !card.taken()));
    rig.hold_the_laws();
}

#[test]
fn an_old_card_that_is_void_already_is_not_taken_for_the_holders() {
    let rig = Rig::experienced();
    let old = rig.old_cards();
    rig.approve_extension("2026-000011", &old[0].number());
    rig.manage(
        &format!(
            "void {} --by OFFICER-1,OFFICER-2 --reason test",
            old[0].number()
        ),
        "",
    );
    rig.lay(&old[0].folder);
    let stop = rig.issue("2026-000011").stopped("O-VOID");
    assert!(!stop.decisions().contains(&"by-eye"));
    assert_eq!(rig.old_cards().len(), 2, "no blank moved");
    rig.hold_the_laws();
}

/// A person opens the machine between two motions and takes the card: it is not where the journal
/// says, and only the supervisor ends it.
#[test]
fn a_card_taken_out_between_two_motions_is_missed() {
    let rig = approved();
    rig.stopped_at(JOB, "began {\"print\":\"c\"}");
    rig.person("remove-card");
    let stop = rig.recover().stopped("P-CARD-MOVED");
    assert!(!stop.decisions().contains(&"done"));
    let four = last_four(&stop.number()).to_owned();
    let said = rig.two(&format!("recover --decide quarantine --last-four {four}"));
    assert_eq!(rig.standing(&stop.number()), "burned", "{}", said.err);
    let produced = rig.issue(JOB);
    let number = produced.number();
    rig.hand_over(&number).reached();
    rig.hold_the_laws();
}

#[test]
fn asked_to_end_in_a_stop_it_ends_and_the_stop_stands() {
    let rig = Rig::with_faults("[[fault]]\ncard = 1\nwhat = \"hopper-empty\"\n");
    rig.approve("1-landing", &[]);
    let station = rig.station_runs(&format!("issue --reception {JOB}"), &[CLERK]);
    station.await_line(&["journalled", "record=refused feed"]);
    rig.asked_to_stop(station);
    rig.recover().stopped("P-HOPPER-EMPTY");
    let produced = rig.clerk("recover --decide continue").reached();
    rig.hand_over(&produced.number()).reached();
    rig.hold_the_laws();
}

/// Two persons quarantine a card and leave it where it is: the next job does not begin over it.
#[test]
fn a_card_that_was_left_in_the_machine_blocks_the_next_one() {
    let rig = approved();
    rig.control("inject unknown-condition --step m");
    let stop = rig.issue(JOB).stopped("?-UNKNOWN");
    let said = rig.two("recover --decide quarantine").reached();
    assert_eq!(
        said.text("reached"),
        "quarantined",
        "told once, and no stop again"
    );
    assert_eq!(said.result()["seen"]["spots"], serde_json::json!(["head"]));
    assert_eq!(rig.standing(&stop.number()), "burned", "{}", said.err);
    assert!(!rig.card_is().is_null(), "nobody took it out");

    rig.issue(JOB).stopped("P-CARD-IN-PATH");
    rig.control("open-cover");
    rig.control("remove-card");
    rig.control("close-cover");
    // It was looked for before anything was leased: no number was lost over it.
    let produced = rig.issue(JOB).reached();
    assert_eq!(produced.result()["attempt"], 2);
    rig.hand_over(&produced.number()).reached();
    let fates: Vec<_> = rig.made().iter().map(|card| card.fate()).collect();
    assert_eq!(fates, ["removed-by-hand", "taken"]);
    rig.hold_the_laws();
}

#[test]
fn killed_in_a_stop_the_stop_stands() {
    let rig = approved();
    rig.control("inject cover-open --step y");
    rig.issue_killed_at(JOB, &["journalled", "record=refused"]);
    rig.recover().stopped("P-COVER-OPEN");
    let produced = rig.clerk("recover --decide continue").reached();
    assert_eq!(produced.result()["attempt"], 1);
    rig.hand_over(&produced.number()).reached();
    assert_eq!(rig.made().len(), 1);
    rig.hold_the_laws();
}

/// A decision that does not fit the card burns nothing, whoever signs it.
#[test]
fn a_withdrawal_for_a_reason_that_is_not_there_burns_nothing() {
    let rig = approved();
    let number = rig.issue(JOB).reached().number();
    let four = last_four(&number);
    rig.two(&format!("withdraw --reason old-forged --last-four {four}"))
        .stopped("X-NOT-ALLOWED");
    assert_eq!(rig.standing(&number), "produced");
    rig.hand_over(&number).reached();
    rig.hold_the_laws();
}

/// A supervisor says that no blank was fed while a sensor sees one: nothing is written.
#[test]
fn what_a_person_says_against_the_sensors_is_not_taken() {
    let rig = approved();
    rig.control("inject jam --step feed --at 0.4");
    rig.issue(JOB).stopped("P-JAM-FEED");
    rig.two("recover --decide untouched")
        .stopped("X-NOT-AS-SAID");
    rig.control("open-cover");
    rig.control("remove-card");
    rig.control("close-cover");
    let produced = rig.two("recover --decide untouched").reached();
    assert_eq!(produced.result()["attempt"], 1);
    rig.hand_over(&produced.number()).reached();
    rig.hold_the_laws();
}
