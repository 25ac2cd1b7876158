//! `kill -9` of the station at the records of one card: whatever was under way, the restart ends
//! by the table and never with two cards.

use crate::rig::{Rig, Said, last_four};

const JOB: &str = "2026-000001";

fn approved() -> Rig {
    let rig = Rig::fresh();
    rig.approve("1-landing", &[]);
    rig
}

/// Recovers until the card lies in the slot; a person answers what no device can.
fn recovered(rig: &Rig) -> Said {
    let mut said = rig.recover();
    for _ in 0..4 {
        if said.exit == Some(0) {
            break;
        }
        let four = last_four(&said.number()).to_owned();
        let open = said.decisions().join(" ");
        let able = |decision: &&str| open.split(' ').any(|one| one == *decision);
        let decide = ["continue", "spoiled", "by-hand"].into_iter().find(able);
        let decide = decide.map(|decision| format!("--decide {decision} --last-four {four}"));
        said = rig.two(&format!("recover {}", decide.unwrap_or_default()));
    }
    said.reached()
}

/// Killed at this record of `issue`: the job still comes to exactly one card.
fn killed_at(record: &str) {
    let rig = approved();
    rig.issue_killed_at(JOB, &["journalled", &format!("record={record}")]);
    let said = recovered(&rig);
    let number = match said.text("reached").as_str() {
        "produced" => said.number(),
        // Nothing was open any more: it was killed before or after all that counts.
        other => {
            assert_eq!(other, "idle");
            rig.issue(JOB).reached().number()
        }
    };
    rig.hand_over(&number).reached();
    let made = rig.made();
    assert_eq!(made.iter().filter(|card| card.taken()).count(), 1);
    assert!(
        made.iter()
            .all(|card| card.taken() || !card.fate().is_empty())
    );
    rig.hold_the_laws();
}

#[test]
fn before_the_lease_was_asked_for() {
    killed_at("asked");
}

#[test]
fn with_a_grant_and_nothing_moved() {
    killed_at("granted");
}

#[test]
fn at_the_feed() {
    killed_at("began feed");
}

#[test]
fn when_keys_were_asked_for() {
    killed_at("keys-asked");
}

#[test]
fn at_the_chip() {
    killed_at("began encode");
}

#[test]
fn at_the_lock() {
    killed_at("began lock");
}

#[test]
fn at_a_pass() {
    killed_at("began {\"print\":\"y\"}");
}

#[test]
fn at_the_flip() {
    killed_at("began flip");
}

#[test]
fn at_the_patch() {
    killed_at("began hologram");
}

#[test]
fn at_the_check() {
    killed_at("began check");
}

#[test]
fn at_the_exit() {
    killed_at("began eject");
}

#[test]
fn when_produced_was_owed() {
    killed_at("owed");
}

/// Killed at hand-over: the clerk says whether the holder has the card; nobody gets a second one.
#[test]
fn when_the_slot_opened() {
    let rig = approved();
    let number = rig.issue(JOB).reached().number();
    let line = format!("handover --last-four {}", last_four(&number));
    rig.killed_at(&line, &["journalled", "record=began release"]);
    rig.clerk(&format!("recover --last-four {}", last_four(&number)));
    rig.clerk(&line);
    let made = rig.made();
    assert_eq!(made.len(), 1);
    assert_eq!(rig.standing(&number), "live");
    rig.hold_the_laws();
}

/// Killed when the holder was to get the card: only the clerk can say whether that was done.
#[test]
fn when_the_card_was_handed_over() {
    let rig = approved();
    let number = rig.issue(JOB).reached().number();
    let line = format!("handover --last-four {}", last_four(&number));
    rig.killed_at(&line, &["journalled", "record=began hand-over"]);
    let mut said = rig.recover();
    if said.exit != Some(0) {
        // Unless the answer was written before the end came.
        assert_eq!(said.fault(), "O-UNANSWERED");
        said = rig.clerk("recover --decide done").reached();
    }
    assert_eq!(said.text("reached"), "delivered");
    assert_eq!(rig.made().len(), 1);
    rig.hold_the_laws();
}

#[test]
fn twice_in_a_row_ends_the_same() {
    let rig = approved();
    rig.issue_killed_at(JOB, &["journalled", "record=began {\"print\":\"c\"}"]);
    rig.killed_at("recover", &["journalled", "record=began"]);
    let number = recovered(&rig).number();
    rig.hand_over(&number).reached();
    rig.hold_the_laws();
}

#[test]
fn asked_to_stop_it_finishes_the_motion_and_stops_clean() {
    let rig = approved();
    let station = rig.station_runs(&format!("issue --reception {JOB}"), &[crate::rig::CLERK]);
    station.await_line(&["journalled", "record=began {\"print\":\"m\"}"]);
    let stop = rig.asked_to_stop(station).stopped("X-CANCELLED");
    assert!(stop.decisions().contains(&"cancel"));
    let last = rig.journal().pop().expect("a record");
    assert_eq!(
        last["what"]["issuance"]["event"], "finished",
        "nothing is in doubt: {last}"
    );

    let produced = rig.recover().reached();
    assert_eq!(produced.result()["attempt"], 1);
    rig.hand_over(&produced.number()).reached();
    assert_eq!(rig.made().len(), 1);
    rig.hold_the_laws();
}
