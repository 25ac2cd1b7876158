//! What was told to the authority before a crash and is told again after it: alike, to the letter.

use rusqlite::{Connection, params};

use crate::rig::{Rig, last_four};

/// The authority has the closed record, and the station died before it knew: it tells it again. The
/// job must close, although nothing is known any more that the journal does not hold.
#[test]
fn a_record_that_arrived_before_the_crash_is_told_alike_after_it() {
    let rig = Rig::fresh();
    let reception = rig.job_of_a_lost_card();
    let number = rig.issue(&reception).reached().number();
    rig.hand_over(&number).reached();
    rig.stop_authority();

    let journal = Connection::open(rig.path("station/journal.sqlite")).expect("a journal");
    let told: i64 = journal
        .query_row(
            "SELECT MAX(sequence) FROM record WHERE bytes LIKE '%acknowledged%/record%'",
            [],
            |row| row.get(0),
        )
        .expect("the record was acknowledged");
    journal
        .execute_batch("DROP TRIGGER record_kept")
        .expect("a trigger");
    journal
        .execute("DELETE FROM record WHERE sequence >= ?1", params![told])
        .expect("a cut");
    journal
        .execute_batch(
            "CREATE TRIGGER record_kept BEFORE DELETE ON record
             BEGIN SELECT RAISE(ABORT, 'append only'); END;",
        )
        .expect("a trigger");
    drop(journal);
    // The authority as it was when it had taken the record and nothing after it.
    let authority = Connection::open(rig.path("authority/authority.sqlite")).expect("a database");
    let back = "UPDATE station SET sequence = ?1, checkpoint = NULL";
    authority
        .execute(back, params![told - 1])
        .expect("put back");
    drop(authority);

    rig.start_authority();
    let four = last_four(&number);
    let said = rig.clerk(&format!("recover --last-four {four}")).reached();
    assert_eq!(said.text("reached"), "delivered");
    assert_eq!(rig.standing(&number), "live");
    rig.hold_the_laws();
}
