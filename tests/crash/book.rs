//! The journal and the authority's storage, read with eyes of our own: plain SQL on the files, no
//! type of the station's or the authority's decisions.

use std::fs;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::rig::Rig;

/// One attempt at a job's card.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) job: String,
    pub(super) number: String,
}

/// The station's journal, as it lies on the disk.
pub(super) struct Book {
    records: Vec<Value>,
}

impl Book {
    /// Reads a copy, so that nobody's log is folded in and no lock is taken.
    pub(super) fn of(rig: &Rig) -> Book {
        let looked = rig.path("looked");
        let _ = fs::remove_dir_all(&looked);
        fs::create_dir(&looked).expect("a folder");
        for name in ["journal.sqlite", "journal.sqlite-wal"] {
            let from = rig.path("station").join(name);
            if from.exists() {
                fs::copy(from, looked.join(name)).expect("copied");
            }
        }
        let file = Connection::open(looked.join("journal.sqlite")).expect("a journal");
        let mut select = file
            .prepare("SELECT bytes FROM record ORDER BY sequence")
            .expect("a journal");
        let rows = select.query_map([], |row| row.get::<_, Vec<u8>>(0));
        let records = rows.expect("records").map(|bytes| {
            let bytes = bytes.expect("a record");
            serde_json::from_slice(&bytes).expect("JSON")
        });
        Book {
            records: records.collect(),
        }
    }

    fn events(&self) -> impl DoubleEndedIterator<Item = &Value> {
        let events = self
            .records
            .iter()
            .map(|record| &record["what"]["issuance"]);
        events.filter(|event| !event.is_null())
    }

    /// Every grant that was taken, oldest first.
    pub(super) fn attempts(&self) -> Vec<Attempt> {
        let granted = self.events().filter(|event| event["event"] == "granted");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let attempt = |event: &Value| Attempt {
            job: text(&event["grant"]["job"]),
            number: text(&event["grant"]["number"]),
        };
        granted.map(attempt).collect()
    }

    /// The number of the newest grant.
    pub(super) fn number(&self) -> Option<String> {
        Some(self.attempts().pop()?.number)
    }

    /// The step that the newest record about one names.
    pub(super) fn step(&self) -> String {
        let newest = self.events().rev().find(|event| !event["step"].is_null());
        newest.map_or_else(String::new, |event| match event["step"].as_str() {
            Some(step) => step.to_owned(),
            None => event["step"].to_string(),
        })
    }

    /// Whether the newest issuance was one that persons withdrew.
    pub(super) fn was_withdrawn(&self) -> bool {
        let newest = self.events().rev();
        let mut newest = newest.take_while(|event| event["event"] != "granted");
        newest.any(|event| !event["decision"]["withdraw"].is_null())
    }

    /// Whether an issuance is open.
    pub(super) fn is_open(&self) -> bool {
        let newest = self.events().next_back();
        newest.is_some_and(|event| {
            let kind = event["event"].as_str().unwrap_or_default();
            !["closed", "declined"].contains(&kind)
        })
    }
}

/// What the authority's storage says.
pub(super) struct Authority(Connection);

impl Authority {
    pub(super) fn of(rig: &Rig) -> Authority {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let file = rig.path("authority/authority.sqlite");
        Authority(Connection::open_with_flags(file, flags).expect("a database"))
    }

    /// Where a job stands.
    pub(super) fn job(&self, reception: &str) -> String {
        self.word("SELECT state FROM job WHERE reception = ?1", reception)
    }

    /// The id of the job of this reception number.
    pub(super) fn job_id(&self, reception: &str) -> String {
        self.word("SELECT id FROM job WHERE reception = ?1", reception)
    }

    /// What a number stands for.
    pub(super) fn number(&self, number: &str) -> String {
        self.word("SELECT state FROM number WHERE number = ?1", number)
    }

    /// Grants that still hold a station.
    pub(super) fn grants_that_hold(&self) -> i64 {
        let sql = "SELECT COUNT(*) FROM grant_ WHERE state IN ('open', 'produced')";
        self.0
            .query_row(sql, [], |row| row.get(0))
            .expect("a count")
    }

    fn word(&self, sql: &str, key: &str) -> String {
        let word = self.0.query_row(sql, [key], |row| row.get::<_, String>(0));
        word.unwrap_or_else(|cause| panic!("{sql} [{key}]: {cause}"))
    }
}
