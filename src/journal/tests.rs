//! Real files: cut, flipped, swapped, foreign, owned by somebody else.

mod failing;

use super::*;
use failing::Call;
use rusqlite::Connection;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

const SALT: [u8; 16] = [7; 16];

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn with(records: usize) -> Desk {
        let desk = Desk {
            folder: tempfile::tempdir().expect("a folder"),
        };
        let mut journal = Journal::create(&desk.path(), "st-1", SALT).expect("created");
        for n in 0..records {
            journal
                .append(format!("record {n} of a card").as_bytes())
                .expect("appended");
        }
        desk
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("journal.db")
    }

    fn open(&self) -> Result<Journal, Error> {
        Journal::open(&self.path(), "st-1")
    }

    /// What a thief of the disk can do: plain SQL without the triggers.
    fn tamper(&self, sql: &str) {
        let connection = Connection::open(self.path()).expect("a database");
        connection
            .execute_batch("DROP TRIGGER record_stays; DROP TRIGGER record_kept;")
            .unwrap();
        connection.execute_batch(sql).expect("tampered");
    }
}

#[test]
fn what_was_appended_is_replayed_in_order_after_a_restart() {
    let desk = Desk::with(3);
    let mut journal = desk.open().expect("opens");
    assert_eq!(journal.head().0, 3);
    assert_eq!(journal.append(b"four").expect("appended"), 4);
    let head = journal.head();
    drop(journal);
    let journal = desk.open().expect("opens");
    let records = journal.replay().expect("replays");
    assert_eq!(records.len(), 4);
    assert_eq!(records[3], (4, b"four".to_vec()));
    assert_eq!(journal.head(), head);
}

#[test]
fn a_missing_journal_is_never_started_silently() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    assert!(matches!(
        Journal::open(&path, "st-1"),
        Err(Error::Missing { .. })
    ));
    assert!(!path.exists());
    drop(Journal::create(&path, "st-1", SALT).expect("created"));
    assert!(matches!(
        Journal::create(&path, "st-1", SALT),
        Err(Error::Exists { .. })
    ));
}

#[test]
fn a_draft_that_a_crash_left_is_replaced_and_one_that_cannot_be_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    fs::write(path.with_extension("draft"), "half a journal").expect("written");
    drop(Journal::create(&path, "st-1", SALT).expect("created"));
    let other = folder.path().join("other.db");
    fs::create_dir(other.with_extension("draft")).expect("made");
    let refused = Journal::create(&other, "st-1", SALT);
    assert!(matches!(refused, Err(Error::File(_))), "{refused:?}");
    assert!(!other.exists());
}

#[test]
fn a_hash_is_shown_as_its_digits() {
    let hash = Hash([0xA5; 32]);
    assert_eq!(hash.to_string(), "a5".repeat(32));
    assert_eq!(format!("{hash:?}"), "a5".repeat(32));
}

#[test]
fn the_journal_of_another_station_is_refused() {
    let desk = Desk::with(1);
    let refused = Journal::open(&desk.path(), "st-2");
    assert!(matches!(refused, Err(Error::OtherStation { found, .. }) if found == "st-1"));
}

#[test]
fn swapped_changed_and_missing_rows_are_damage() {
    for (sql, at) in [
        (
            "UPDATE record SET bytes = CAST('another card' AS BLOB) WHERE sequence = 2",
            2,
        ),
        ("DELETE FROM record WHERE sequence = 2", 2),
        ("UPDATE genesis SET salt = zeroblob(16)", 1),
        (
            "UPDATE record SET sequence = 99 WHERE sequence = 1;
             UPDATE record SET sequence = 1 WHERE sequence = 2;
             UPDATE record SET sequence = 2 WHERE sequence = 99;",
            1,
        ),
    ] {
        let desk = Desk::with(4);
        desk.tamper(sql);
        let refused = desk.open().expect_err("damage is refused");
        assert!(
            matches!(refused, Error::Damaged { at: found, .. } if found == at),
            "{sql}"
        );
    }
}

#[test]
fn a_cut_tail_verifies_and_only_a_checkpoint_exposes_it() {
    let desk = Desk::with(4);
    let head = desk.open().expect("opens").head();
    desk.tamper("DELETE FROM record WHERE sequence > 2");
    let journal = desk.open().expect("a prefix is a chain");
    let exposed = journal.hold_against(head.0, &head.1.0);
    assert!(matches!(exposed, Err(Error::RolledBack { at: 4 })));
    let (two, hash) = journal.head();
    assert!(journal.hold_against(two, &hash.0).is_ok());
    assert!(journal.hold_against(two, &[0; 32]).is_err());
}

#[test]
fn a_truncated_file_opens_as_a_prefix_or_not_at_all() {
    let desk = Desk::with(40);
    let whole = fs::read(desk.path()).expect("the file");
    let copy = |bytes: &[u8]| {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("journal.db"), bytes).expect("written");
        Desk { folder }
    };
    let intact = desk.open().expect("opens").replay().expect("replays");
    for cut in (0..whole.len()).step_by(1111) {
        never_misread(&copy(&whole[..cut]), &intact);
    }
    for at in (0..whole.len()).step_by(463) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        never_misread(&copy(&flipped), &intact);
    }
}

/// Damaged or a prefix of what was written: nothing else may be read.
fn never_misread(desk: &Desk, intact: &[(Sequence, Vec<u8>)]) {
    if let Ok(journal) = desk.open() {
        let records = journal.replay().expect("an open journal replays");
        assert_eq!(records[..], intact[..records.len()]);
    }
}

#[test]
fn a_second_owner_is_refused_with_the_first_ones_name() {
    let desk = Desk::with(1);
    let _first = desk.open().expect("opens");
    let Err(Error::Busy { owner }) = desk.open() else {
        panic!("two owners")
    };
    assert!(
        owner.contains(&format!("process {}", std::process::id())),
        "{owner}"
    );
}

#[test]
fn an_owner_that_died_leaves_no_lock() {
    let desk = Desk::with(1);
    fs::write(desk.path().with_extension("owner"), "station (process 1)").expect("left behind");
    assert!(desk.open().is_ok());
}

#[test]
fn a_failed_write_poisons_the_journal() {
    let desk = Desk::with(1);
    let mut journal = desk.open().expect("opens");
    journal.forbid_writes();
    assert!(matches!(journal.append(b"lost"), Err(Error::Storage(_))));
    assert!(matches!(journal.append(b"again"), Err(Error::Poisoned)));
    assert_eq!(journal.head().0, 1);
    drop(journal);
    assert_eq!(desk.open().expect("opens").head().0, 1);
}

#[test]
fn another_process_that_owns_the_journal_is_named() {
    let desk = Desk::with(1);
    let lock = desk.path().with_extension("owner");
    // util-linux `flock` is the second process; it says when it holds the lock.
    let mut other = Command::new("flock")
        .arg(&lock)
        .args([
            "sh",
            "-c",
            "printf 'another (process 4711)' > \"$1\"; echo held; cat",
            "sh",
        ])
        .arg(&lock)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("flock of util-linux");
    let mut said = String::new();
    let stdout = other.stdout.take().expect("a pipe");
    BufReader::new(stdout)
        .read_line(&mut said)
        .expect("it speaks");
    let refused = desk.open();
    drop(other.stdin.take());
    other.wait().expect("it ends");
    assert!(matches!(refused, Err(Error::Busy { owner }) if owner.contains("4711")));
    assert!(desk.open().is_ok(), "the lock died with its process");
}

#[test]
fn a_log_torn_by_a_power_cut_opens_as_what_was_durable() {
    let desk = Desk::with(0);
    let mut journal = desk.open().expect("opens");
    for n in 0..30 {
        journal
            .append(format!("record {n} of a card").as_bytes())
            .expect("appended");
    }
    let intact = journal.replay().expect("replays");
    let wal = desk.path().with_extension("db-wal");
    // What is on the disk while the station runs is what a power cut leaves.
    let (main, log) = (
        fs::read(desk.path()).expect("read"),
        fs::read(wal).expect("a log"),
    );
    let copy = |log: &[u8]| {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("journal.db"), &main).expect("written");
        fs::write(folder.path().join("journal.db-wal"), log).expect("written");
        Desk { folder }
    };
    let whole = copy(&log).open().expect("a whole log opens").head().0;
    assert_eq!(whole, 30, "everything that was acknowledged is there");
    for cut in (0..log.len()).step_by(5003) {
        never_misread(&copy(&log[..cut]), &intact);
        let mut flipped = log.clone();
        flipped[cut] ^= 0x10;
        never_misread(&copy(&flipped), &intact);
    }
}

/// The disk refuses a write or a sync, at one call after the other: from there nothing is taken any
/// more, everything that was acknowledged is there again, and beyond it at most the record in doubt.
#[test]
fn a_write_or_sync_that_fails_is_never_passed_over() {
    failing::install();
    for call in [Call::Write, Call::Sync] {
        for spared in 0..9 {
            let desk = Desk::with(5);
            let mut journal = desk.open().expect("opens");
            failing::fail(call, spared);
            let mut acknowledged = 5;
            let failed = loop {
                match journal.append(format!("record {acknowledged} of a card").as_bytes()) {
                    Ok(sequence) => acknowledged = sequence,
                    Err(error) => break error,
                }
            };
            assert!(
                matches!(failed, Error::Storage(_)),
                "{call:?} {spared}: {failed}"
            );
            assert!(matches!(journal.append(b"again"), Err(Error::Poisoned)));
            assert_eq!(journal.head().0, acknowledged);
            // It is broken until the program has ended.
            drop(journal);
            failing::heal();
            let records = desk.open().expect("opens").replay().expect("replays");
            let beyond = records.len() as u64 - acknowledged;
            assert!(
                beyond <= 1,
                "{call:?} {spared}: {beyond} that nobody acknowledged"
            );
            for (at, (sequence, bytes)) in (0..).zip(&records) {
                assert_eq!(*sequence, at + 1);
                assert_eq!(*bytes, format!("record {at} of a card").into_bytes());
            }
        }
    }
}
