//! A person at the stopped machine: what is said must fit what is seen, a mistyped number is asked
//! for again, a card is taken out under names, an exchanged printer is taken over by two.

use crate::rig::{Rig, last_four};

const JOB: &str = "2026-000001";

fn approved() -> Rig {
    let rig = Rig::fresh();
    rig.approve("1-landing", &[]);
    rig
}

fn with_fault(fault: &str) -> Rig {
    let rig = Rig::with_faults(&format!("[[fault]]\ncard = 1\n{fault}\n"));
    rig.approve("1-landing", &[]);
    rig
}

#[test]
fn a_mistyped_number_at_the_hand_over_is_simply_asked_for_again() {
    let rig = approved();
    let number = rig.issue(JOB).reached().number();
    let stop = rig.hand_over("AB12345600XX").stopped("O-NOT-DONE");
    assert!(stop.decisions().is_empty(), "nothing is to be decided");
    assert_eq!(rig.standing(&number), "produced");
    // No decision in between: the same command again, with the right number.
    rig.hand_over(&number).reached();
    assert_eq!(rig.standing(&number), "live");
    assert_eq!(rig.made().len(), 1);
    rig.hold_the_laws();
}

#[test]
fn an_answer_that_the_sensors_belie_is_not_written() {
    let rig = with_fault("what = \"double-feed\"");
    let stop = rig.issue(JOB).stopped("P-DOUBLE-FEED");
    let standing = &stop.result()["stop"]["standing"];
    assert_eq!(
        standing["seen"]["spots"],
        serde_json::json!(["feeder"]),
        "{standing}"
    );
    let records = rig.journal().len();
    let lied = rig
        .two("recover --decide untouched")
        .stopped("X-NOT-AS-SAID");
    assert!(
        lied.decisions().contains(&"untouched"),
        "answered again later"
    );
    let after = rig.journal();
    let decided = |record: &&serde_json::Value| record["what"]["issuance"]["event"] == "decided";
    assert_eq!(after[records..].iter().filter(decided).count(), 0);

    rig.person("open-cover");
    rig.person("remove-card");
    rig.person("close-cover");
    let number = rig.two("recover --decide untouched").reached().number();
    rig.hand_over(&number).reached();
}

#[test]
fn a_card_said_to_be_out_is_looked_for() {
    let rig = with_fault("what = \"stuck-jam\"\nstep = \"c\"");
    let stop = rig.issue(JOB).stopped("P-JAM-HEAD");
    let four = last_four(&stop.number()).to_owned();
    let by_hand = format!("recover --decide by-hand --last-four {four}");
    let said = rig.clerk(&by_hand).stopped("P-STILL-INSIDE");
    let standing = &said.result()["stop"]["standing"];
    assert_eq!(
        standing["seen"]["spots"],
        serde_json::json!(["head"]),
        "{standing}"
    );
    assert_eq!(standing["chip"], "unreached");

    rig.person("open-cover");
    rig.person("remove-card");
    rig.person("close-cover");
    let produced = rig
        .two(&format!("recover --decide continue --last-four {four}"))
        .reached();
    // Bagged under both names.
    let bagged = rig.journal().into_iter().find(|record| {
        record["what"]["issuance"]["event"] == "finished"
            && record["what"]["issuance"]["step"] == "remove-by-hand"
    });
    let by = bagged.expect("bagged")["what"]["issuance"]["proof"]["person"].to_string();
    assert!(by.contains("clerk-1") && by.contains("super-1"), "{by}");
    rig.hand_over(&produced.number()).reached();
    rig.hold_the_laws();
}

#[test]
fn a_question_that_may_not_be_asked_names_its_flag() {
    let rig = with_fault("what = \"stuck-jam\"\nstep = \"c\"");
    rig.issue(JOB).stopped("P-JAM-HEAD");
    let said = rig.clerk("recover --decide by-hand").stopped("O-NOT-DONE");
    assert_eq!(said.exit, Some(2));
    assert_eq!(said.result()["stop"]["flag"], "--last-four");
    let said = rig.clerk("recover --decide quarantine");
    assert_eq!(said.exit, Some(2), "{}", said.err);
    assert_eq!(said.result()["stop"]["flag"], "--supervisor");
}

#[test]
fn a_withdrawal_for_a_reason_that_does_not_fit_is_told_which_do() {
    let rig = approved();
    let number = rig.issue(JOB).reached().number();
    let four = last_four(&number);
    let said = rig
        .two(&format!("withdraw --reason old-forged --last-four {four}"))
        .stopped("X-NOT-ALLOWED");
    assert!(said.decisions().contains(&"holder-absent"));
    assert_eq!(rig.standing(&number), "produced");
}

#[test]
fn an_exchanged_printer_is_taken_over_by_two_persons_and_works_on() {
    let rig = approved();
    let number = rig.issue(JOB).reached().number();
    rig.hand_over(&number).reached();
    // Another station's printer: it knows a longer journal, more cards, other counters.
    rig.rewrite_printer(|kept| {
        kept["newest_sequence"] = 90_000.into();
        kept["counters"]["fed"] = 777.into();
        kept["counters"]["ejected"] = 770.into();
    });
    let second = rig.job();
    let stop = rig.recover().stopped("P-NEWER-JOURNAL");
    let next = stop.result()["stop"]["next"].to_string();
    assert!(next.contains("station take-over"), "{next}");
    let alone = rig.clerk("take-over");
    assert_eq!(alone.result()["stop"]["reason"], "not-two-persons");

    let taken = rig.two("take-over").reached();
    assert_eq!(taken.text("reached"), "taken_over");
    let fits = rig.two("take-over").reached();
    assert_eq!(fits.text("reached"), "fits", "nothing is taken over twice");
    let record = rig.journal().into_iter().find_map(|record| {
        let taken = record["what"]["taken-over"].clone();
        (!taken.is_null()).then_some(taken)
    });
    let record = record.expect("journalled");
    assert_eq!(record["counters"]["fed"], 777);
    let identity = rig.diag("identity").reached();
    let serial = identity
        .all("reading")
        .into_iter()
        .find(|one| one["name"] == "printer_serial");
    let serial = serial.expect("told")["value"]
        .as_str()
        .expect("a serial")
        .to_owned();
    let printer = record["printer"].as_str().expect("told");
    assert!(printer.ends_with(&serial), "{printer} is no {serial}");
    let by = record["by"].to_string();
    assert!(by.contains("clerk-1") && by.contains("super-1"), "{by}");

    let number = rig.issue(&second).reached().number();
    rig.hand_over(&number).reached();
    assert_eq!(rig.standing(&number), "live");
}

#[test]
fn a_printer_is_not_taken_over_while_a_job_is_open_or_a_card_inside() {
    let rig = approved();
    let number = rig.issue(JOB).reached().number();
    rig.two("take-over").stopped("X-JOB-OPEN");
    rig.hand_over(&number).reached();
}
