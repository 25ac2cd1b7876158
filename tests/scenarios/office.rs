//! The authority: what it refuses, what it no longer gives, what is not its own. Nothing of it
//! makes a second card or leaves a live one behind.

use std::fs;

use crate::rig::{CLERK, Rig, last_four};

const JOB: &str = "2026-000001";

fn approved() -> (Rig, String) {
    let rig = Rig::fresh();
    let job = rig.approve("1-landing", &[]);
    (rig, job)
}

fn written_off(rig: &Rig, job: &str) {
    rig.manage(
        &format!("write-off {job} --attempt 1 --by OFFICER-1,OFFICER-2 --reason test"),
        "",
    );
}

#[test]
fn a_lease_that_ended_before_the_chip_costs_nothing_but_the_number() {
    let (rig, job) = approved();
    rig.stopped_at(JOB, "granted");
    written_off(&rig, &job);
    let stop = rig.recover().stopped("A-LEASE-ENDED");
    assert_eq!(rig.standing(&stop.number()), "burned");
    let produced = rig.issue(JOB).reached();
    assert_eq!(produced.result()["attempt"], 2);
    rig.hand_over(&produced.number()).reached();
    assert_eq!(rig.made().len(), 1, "no blank was moved for the first");
    rig.hold_the_laws();
}

/// Nobody gives the keys of a written-off card any more: its chip cannot be killed, so it is taken
/// out by hand.
#[test]
fn a_lease_that_ended_after_the_chip_ends_in_a_persons_hand() {
    let (rig, job) = approved();
    rig.stopped_at(JOB, "began {\"print\":\"y\"}");
    written_off(&rig, &job);
    let stop = rig.recover().stopped("A-LEASE-ENDED");
    assert!(stop.decisions().contains(&"by-hand"));
    rig.person("open-cover");
    rig.person("remove-card");
    rig.person("close-cover");
    let four = last_four(&stop.number()).to_owned();
    let by_hand = format!("recover --decide by-hand --last-four {four}");
    let number = rig.two(&by_hand).reached().number();
    assert_eq!(rig.standing(&stop.number()), "burned");
    rig.hand_over(&number).reached();
    let fates: Vec<_> = rig.made().iter().map(|card| card.fate()).collect();
    assert_eq!(fates, ["removed-by-hand", "taken"]);
    rig.hold_the_laws();
}

#[test]
fn a_grant_of_an_unknown_signer_is_declined() {
    let (rig, _) = approved();
    rig.manage_at("rogue", "init --test-transport-master");
    rig.manage_at(
        "rogue",
        "enrol-station TYO-W3 --office TYO --out rogue-enrolment",
    );
    let known = rig.path("enrolment/job-keys.json");
    let true_keys = fs::read(&known).expect("enrolled");
    fs::copy(rig.path("rogue-enrolment/job-keys.json"), &known).expect("copied");
    rig.issue(JOB).stopped("A-GRANT-INVALID");
    fs::write(known, true_keys).expect("written");
    let journal = rig.journal();
    let fed = |record: &&serde_json::Value| record["what"]["issuance"]["step"] == "feed";
    assert_eq!(journal.iter().filter(fed).count(), 0);
}

/// An authority that was put back to a state before the card was closed still counts the station
/// as busy: it says no, and no second card is begun. It learns from the station that it was put
/// back: what was open then makes no card by itself.
#[test]
fn an_authority_that_was_put_back_refuses() {
    let (rig, job) = approved();
    let station = rig.station_runs(&format!("issue --reception {JOB}"), &[CLERK]);
    station.await_line(&["journalled", "record=began {\"print\":\"y\"}"]);
    let number = rig.asked_to_stop(station).stopped("X-CANCELLED").number();
    rig.stop_authority();
    let before = rig.keep("authority");
    rig.start_authority();
    rig.recover().reached();
    rig.hand_over(&number).reached();

    rig.stop_authority();
    before.put_back();
    rig.start_authority();
    let second = rig.job();
    let said = rig.issue(&second).stopped("A-REFUSED");
    assert!(
        said.result()["stop"]["detail"]
            .to_string()
            .contains("G-STATION-BUSY")
    );

    written_off(&rig, &job);
    for set_aside in [JOB, &second] {
        rig.issue(set_aside).stopped("A-NO-JOB");
    }
    let by = "--by OFFICER-1,OFFICER-2 --reason looked-after";
    rig.manage(&format!("release TYO-{second} {by}"), "");
    let number = rig.issue(&second).reached().number();
    rig.hand_over(&number).reached();
    rig.issue(JOB).stopped("A-NO-JOB");
    assert_eq!(rig.made().len(), 2);
}

/// The copy is older than the lease: this authority knows nothing of the card that is outside.
#[test]
fn an_authority_that_forgot_a_card_makes_no_second_one() {
    let (rig, _) = approved();
    rig.stop_authority();
    let before = rig.keep("authority");
    rig.start_authority();
    let number = rig.issue(JOB).reached().number();
    rig.hand_over(&number).reached();
    rig.stop_authority();
    before.put_back();
    rig.start_authority();
    rig.issue(JOB).stopped("A-NO-JOB");
    assert_eq!(rig.made().len(), 1);
}

/// Gone at each stage: before the lease, with a grant, before and after the chip, at the slot, at
/// the hand-over. Each time the card waits, and goes on when it is back.
#[test]
fn the_authority_may_go_at_every_stage() {
    let (rig, _) = approved();
    let stages = [
        "asked",
        "granted",
        "finished encode",
        "began {\"print\":\"pearl\"}",
        "began eject",
    ];
    for (at, stage) in stages.into_iter().enumerate() {
        let reception = if at == 0 { JOB.to_owned() } else { rig.job() };
        let station = rig.station_runs(&format!("issue --reception {reception}"), &[CLERK]);
        station.await_line(&["journalled", &format!("record={stage}")]);
        rig.stop_authority();
        let said = rig.hear(station.wait());
        assert_eq!(said.fault(), "A-OFFLINE", "{stage}: {}", said.err);
        rig.recover().stopped("A-OFFLINE");
        rig.start_authority();
        // Where the pre-flight met it, the stop is on record and somebody lets it go on.
        let produced = rig.clerk("recover --decide continue").reached();
        assert_eq!(produced.result()["attempt"], 1, "{stage}");
        let number = produced.number();
        rig.stop_authority();
        rig.hand_over(&number).stopped("A-OFFLINE");
        rig.start_authority();
        rig.hand_over(&number).reached();
    }
    assert_eq!(rig.made().len(), stages.len());
    rig.hold_the_laws();
}

#[test]
fn an_address_that_does_not_fit_its_box_is_refused_by_its_field() {
    let rig = Rig::fresh();
    let long = format!("東京都見本区{}", "見本".repeat(37));
    let refused = rig.not_approved("1-landing", &[("未定（届出後裏面に記載）", &long)]);
    assert_eq!(refused["code"], "D-LAYOUT-REFUSED", "{refused}");
    assert_eq!(refused["field"], "address");
    assert!(
        !refused.to_string().contains("見本区見本"),
        "no holder's data in the refusal"
    );
    rig.issue(JOB).stopped("A-NO-JOB");
    assert_eq!(rig.made().len(), 0);
    rig.hold_the_laws();
}
