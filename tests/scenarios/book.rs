//! The journal and the machine's own counts: damaged, put back, full, contradicted. The station
//! stops; it never begins anew in silence.

use crate::rig::Rig;

const JOB: &str = "2026-000001";

fn approved() -> Rig {
    let rig = Rig::fresh();
    rig.approve("1-landing", &[]);
    rig
}

#[test]
fn a_journal_with_a_changed_record_is_damaged() {
    let rig = approved();
    let number = rig.issue(JOB).reached().number();
    rig.hand_over(&number).reached();
    let kept = rig.keep("station");
    let file = rusqlite::Connection::open(rig.path("station/journal.sqlite")).expect("a journal");
    file.execute_batch(
        "DROP TRIGGER record_stays;
         UPDATE record SET bytes = CAST(REPLACE(CAST(bytes AS TEXT), 'began', 'begun') AS BLOB)
         WHERE sequence = (SELECT MAX(sequence) FROM record WHERE bytes LIKE '%began%');",
    )
    .expect("changed");
    drop(file);
    let second = rig.job();
    for line in ["recover".to_owned(), format!("issue --reception {second}")] {
        let said = rig.clerk(&line).stopped("J-DAMAGED");
        assert_eq!(said.exit, Some(4));
    }
    kept.put_back();
    let number = rig.issue(&second).reached().number();
    rig.hand_over(&number).reached();
    rig.hold_the_laws();
}

/// The disk of another day is put back: authority and printer both know better.
#[test]
fn a_journal_that_was_put_back_is_exposed_by_authority_and_printer() {
    let rig = approved();
    let old = rig.keep("station");
    let number = rig.issue(JOB).reached().number();
    rig.hand_over(&number).reached();
    let new = rig.keep("station");

    old.put_back();
    let second = rig.job();
    let said = rig.issue(&second).stopped("A-NEWER-JOURNAL");
    assert_eq!(said.exit, Some(4));
    let said = rig.recover().stopped("P-NEWER-JOURNAL");
    assert_eq!(said.exit, Some(4));
    assert!(said.decisions().is_empty());
    assert_eq!(rig.old_cards().len(), 1, "nothing moved");

    new.put_back();
    let number = rig.issue(&second).reached().number();
    rig.hand_over(&number).reached();
    assert_eq!(rig.made().len(), 2);
    rig.hold_the_laws();
}

#[test]
fn counters_that_moved_without_the_station_need_two_persons() {
    let rig = approved();
    let number = rig.issue(JOB).reached().number();
    rig.hand_over(&number).reached();
    rig.rewrite_printer(|kept| {
        let fed = kept["counters"]["fed"].as_u64().expect("a count");
        kept["counters"]["fed"] = (fed + 1).into();
    });
    let second = rig.job();
    rig.issue(&second).stopped("P-COUNTERS");
    rig.recover().stopped("P-COUNTERS");
    rig.two("take-over").reached();
    let produced = rig.issue(&second).reached();
    assert_eq!(produced.result()["attempt"], 1, "nothing was leased before");
    rig.hand_over(&produced.number()).reached();
    assert_eq!(rig.made().len(), 2);
    rig.hold_the_laws();
}

#[test]
fn one_job_at_a_time_and_nothing_to_hand_over_without_one() {
    let rig = approved();
    rig.hand_over("AB12345678CD").stopped("X-NOT-PRODUCED");
    let number = rig.issue(JOB).reached().number();
    let second = rig.job();
    let said = rig.issue(&second).stopped("X-JOB-OPEN");
    assert!(said.decisions().is_empty(), "not over another card's head");
    rig.hand_over(&number).reached();
    let number = rig.issue(&second).reached().number();
    rig.hand_over(&number).reached();
    rig.hold_the_laws();
}

/// The disk takes no more in mid-card: what cannot be written is not done. With room again the
/// card goes on from what stands.
#[test]
fn a_full_disk_stops_before_the_next_act() {
    let rig = approved();
    let said = rig.issue_with_little_room(JOB);
    assert_eq!(said.fault(), "J-WRITE-FAIL", "{}", said.err);
    let produced = rig.recover().reached();
    rig.hand_over(&produced.number()).reached();
    let made = rig.made();
    assert_eq!(made.iter().filter(|card| card.taken()).count(), 1);
    rig.hold_the_laws();
}
