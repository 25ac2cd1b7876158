//! A real journal, made by the station's own writer, and all that a thief of the disk can do to it.

use card_station::audit::{Checkpoint, Flaw, NoCheckpoint, read};
use card_station::journal::Journal;
use rusqlite::Connection;
use std::fs;
use std::path::PathBuf;

const RECORDS: u64 = 12;
const STATION: &str = "TYO-W3";

/// A journal in a folder of its own, and what the authority would remember of it.
struct Desk {
    folder: tempfile::TempDir,
    head: Checkpoint,
}

fn record(n: u64) -> String {
    format!(r#"{{"v":1,"at":"2026-11-23T01:00:{n:02}Z","what":{{"started":{{"version":"{n}"}}}}}}"#)
}

impl Desk {
    fn new() -> Desk {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.sqlite");
        let mut journal = Journal::create(&path, STATION, [7; 16]).expect("created");
        for n in 1..RECORDS {
            journal.append(record(n).as_bytes()).expect("appended");
        }
        let (at, hash) = journal.head();
        let kept = format!(
            r#"{{"v":1,"at":"2026-11-23T01:01:00Z","what":{{"checkpoint":{{"sequence":{at},"hash":"{hash}"}}}}}}"#
        );
        journal.append(kept.as_bytes()).expect("appended");
        let (sequence, hash) = journal.head();
        let head = Checkpoint {
            sequence,
            hash: hash.0,
        };
        Desk { folder, head }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("journal.sqlite")
    }

    fn tampered(&self, sql: &str) -> &Desk {
        let connection = Connection::open(self.path()).expect("a database");
        connection
            .execute_batch(&format!(
                "DROP TRIGGER IF EXISTS record_stays; DROP TRIGGER IF EXISTS record_kept; {sql}"
            ))
            .expect("tampered");
        self
    }

    fn flaws(&self) -> Vec<Flaw> {
        match read(&self.path(), &[self.head]) {
            Ok(account) => account.flaws,
            Err(flaw) => vec![flaw],
        }
    }
}

#[test]
fn a_whole_journal_is_read_as_it_was_written() {
    let desk = Desk::new();
    let account = read(&desk.path(), &[desk.head]).expect("read");
    assert_eq!(account.flaws, []);
    assert_eq!(account.station, STATION);
    assert_eq!((account.records, account.newest), (RECORDS, RECORDS));
    assert_eq!(account.head, desk.head.hash);
    assert_eq!(account.noted, 1);
}

#[test]
fn a_running_station_is_not_disturbed_and_its_newest_record_is_read() {
    let desk = Desk::new();
    let mut journal = Journal::open(&desk.path(), STATION).expect("owned");
    let newest = journal.append(b"while it is read").expect("appended");
    let account = read(&desk.path(), &[desk.head]).expect("read");
    assert_eq!((account.newest, account.flaws), (newest, vec![]));
    journal.append(b"and after it").expect("appended");
}

#[test]
fn the_reader_changes_nothing() {
    let desk = Desk::new();
    let before = fs::read(desk.path()).expect("read");
    let files = || fs::read_dir(desk.folder.path()).expect("a folder").count();
    let count = files();
    read(&desk.path(), &[]).expect("read");
    assert_eq!(
        (fs::read(desk.path()).expect("read"), files()),
        (before, count)
    );
}

#[test]
fn every_flipped_byte_of_a_record_its_hash_and_the_first_page_is_found() {
    let desk = Desk::new();
    let whole = fs::read(desk.path()).expect("read");
    for (column, table, length) in [
        ("bytes", "record", record(5).len()),
        ("hash", "record", 32),
        ("salt", "genesis", 16),
        ("station", "genesis", STATION.len()),
    ] {
        let only = if table == "record" {
            "WHERE sequence = 5"
        } else {
            ""
        };
        let at = if table == "record" { 5 } else { 1 };
        for place in 1..=length {
            fs::write(desk.path(), &whole).expect("restored");
            flip(&desk, table, column, only, place);
            let flaws = desk.flaws();
            assert!(
                flaws.contains(&Flaw::Changed { at }),
                "{column} byte {place}: {flaws:?}"
            );
        }
    }
}

/// One bit of one byte of a column is another one.
fn flip(desk: &Desk, table: &str, column: &str, only: &str, place: usize) {
    let select = format!("SELECT CAST({column} AS BLOB) FROM {table} {only}");
    let update = match column {
        "station" => format!("UPDATE {table} SET {column} = CAST(?1 AS TEXT) {only}"),
        _ => format!("UPDATE {table} SET {column} = ?1 {only}"),
    };
    desk.tampered("");
    let connection = Connection::open(desk.path()).expect("a database");
    let mut bytes: Vec<u8> = connection
        .query_row(&select, [], |row| row.get(0))
        .expect("there");
    bytes[place - 1] ^= 1;
    connection.execute(&update, [&bytes]).expect("flipped");
}

#[test]
fn dropped_doubled_and_swapped_records_are_found_and_named() {
    let without_key = "CREATE TABLE loose (sequence, bytes, hash);
        INSERT INTO loose SELECT sequence, bytes, hash FROM record ORDER BY sequence;
        DROP TABLE record; ALTER TABLE loose RENAME TO record;";
    let doubled = format!(
        "{without_key} CREATE TABLE again AS SELECT * FROM record;
         INSERT INTO again SELECT * FROM record WHERE sequence = 4; DELETE FROM record;
         INSERT INTO record SELECT sequence, bytes, hash FROM again ORDER BY sequence;"
    );
    let swapped = "UPDATE record SET sequence = 99 WHERE sequence = 6;
        UPDATE record SET sequence = 6 WHERE sequence = 7;
        UPDATE record SET sequence = 7 WHERE sequence = 99;";
    let bytes_swapped = "UPDATE record SET bytes = (SELECT bytes FROM record WHERE sequence = 7)
        WHERE sequence = 6;";
    for (sql, flaw) in [
        (
            "DELETE FROM record WHERE sequence = 3",
            Flaw::Gap { from: 3, to: 3 },
        ),
        (
            "DELETE FROM record WHERE sequence BETWEEN 3 AND 5",
            Flaw::Gap { from: 3, to: 5 },
        ),
        (
            "DELETE FROM record WHERE sequence = 1",
            Flaw::Gap { from: 1, to: 1 },
        ),
        (doubled.as_str(), Flaw::Twice { at: 4 }),
        (swapped, Flaw::Changed { at: 6 }),
        (bytes_swapped, Flaw::Changed { at: 6 }),
        (
            "INSERT INTO record SELECT 40, bytes, hash FROM record WHERE sequence = 2",
            Flaw::Gap { from: 13, to: 39 },
        ),
        (
            "INSERT INTO record SELECT 13, bytes, hash FROM record WHERE sequence = 2",
            Flaw::Changed { at: 13 },
        ),
        ("DELETE FROM genesis", Flaw::Genesis),
        ("DROP TABLE record", Flaw::NoDatabase),
        (
            "CREATE TABLE loose (sequence, bytes, hash);
             INSERT INTO loose SELECT sequence, CAST(bytes AS TEXT), hash FROM record;
             DROP TABLE record; ALTER TABLE loose RENAME TO record;",
            Flaw::Form { at: 1 },
        ),
    ] {
        let desk = Desk::new();
        let flaws = desk.tampered(sql).flaws();
        assert_eq!(flaws.first(), Some(&flaw), "{sql}: {flaws:?}");
    }
}

/// Whoever may write the file can also compute all hashes anew: only who remembers finds that.
#[test]
fn a_cut_tail_and_a_journal_made_anew_are_found_against_the_checkpoint_only() {
    let desk = Desk::new();
    desk.tampered("DELETE FROM record WHERE sequence > 9");
    let alone = read(&desk.path(), &[]).expect("a prefix is a chain");
    assert_eq!((alone.newest, alone.flaws), (9, vec![]));
    let at = desk.head.sequence;
    assert_eq!(desk.flaws(), [Flaw::Cut { at, newest: 9 }]);

    let anew = Desk::new();
    fs::remove_file(anew.path()).expect("removed");
    let mut journal = Journal::create(&anew.path(), STATION, [7; 16]).expect("created");
    for n in 1..=RECORDS {
        journal.append(record(n + 1).as_bytes()).expect("appended");
    }
    drop(journal);
    assert_eq!(read(&anew.path(), &[]).expect("a chain").flaws, []);
    assert_eq!(anew.flaws(), [Flaw::Another { at }]);
}

#[test]
fn a_record_that_tells_another_checkpoint_is_found() {
    let desk = Desk::new();
    let mut journal = Journal::open(&desk.path(), STATION).expect("opens");
    let other = hex::encode([9; 32]);
    let told = format!(r#"{{"what":{{"checkpoint":{{"sequence":3,"hash":"{other}"}}}}}}"#);
    let by = journal.append(told.as_bytes()).expect("appended");
    drop(journal);
    assert_eq!(desk.flaws(), [Flaw::Noted { by, at: 3 }]);
}

#[test]
fn a_file_that_is_cut_or_scribbled_over_is_never_taken_for_whole() {
    let desk = Desk::new();
    let whole = fs::read(desk.path()).expect("read");
    for cut in (0..whole.len()).step_by(777) {
        fs::write(desk.path(), &whole[..cut]).expect("written");
        assert_ne!(desk.flaws(), [], "cut at {cut}");
    }
    fs::write(desk.path(), b"no database at all").expect("written");
    assert_eq!(desk.flaws(), [Flaw::NoDatabase]);
    fs::remove_file(desk.path()).expect("removed");
    assert_eq!(desk.flaws(), [Flaw::Missing]);
}

#[test]
fn every_flaw_says_its_record_what_it_is_and_what_to_do_in_both_languages() {
    let flaws = [
        Flaw::Missing,
        Flaw::NoCopy,
        Flaw::NoDatabase,
        Flaw::Genesis,
        Flaw::Unreadable { after: 41 },
        Flaw::Gap { from: 42, to: 42 },
        Flaw::Gap { from: 42, to: 43 },
        Flaw::Twice { at: 42 },
        Flaw::Form { at: 42 },
        Flaw::Changed { at: 42 },
        Flaw::Noted { by: 50, at: 42 },
        Flaw::Cut { at: 50, newest: 41 },
        Flaw::Another { at: 42 },
    ];
    for flaw in flaws {
        let ((ja, en), (what_ja, what_en)) = (flaw.words(), flaw.remedy());
        assert!(!ja.is_ascii() && en.is_ascii(), "{flaw:?}");
        assert!(!what_ja.is_ascii() && what_en.is_ascii(), "{flaw:?}");
        if let Some(record) = flaw.record() {
            assert_eq!(record, 42, "{flaw:?}");
            let named = |text: &str| text.contains("42") || text.contains("41");
            assert!(named(&ja) && named(&en), "{flaw:?}");
        }
        assert!(
            flaw.word()
                .chars()
                .all(|c| c == '-' || c.is_ascii_lowercase())
        );
    }
}

#[test]
fn a_checkpoint_is_a_number_and_a_hash() {
    let text = format!("17:{}", hex::encode([3; 32]));
    let point = Checkpoint {
        sequence: 17,
        hash: [3; 32],
    };
    assert_eq!(text.parse(), Ok(point));
    for wrong in ["", "17", "17:", "x:00", &text[..text.len() - 1]] {
        assert_eq!(wrong.parse::<Checkpoint>(), Err(NoCheckpoint), "{wrong}");
    }
}
