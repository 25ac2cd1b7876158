//! What is asked of many rows at once: who replaces whom, how many stand where.

use super::super::restored;
use super::codec::state;
use super::{JobState, Rows};
use crate::job::JobId;
use crate::product::CardNumber;
use rusqlite::{OptionalExtension as _, params};

/// A station reported that the old card laid down for a job is forged and kept as evidence.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ForgedReport {
    /// The job.
    pub job: String,
    /// Its attempt.
    pub attempt: u32,
    /// The number that the forged card was laid down for; empty when the job names none.
    pub old_number: String,
    /// The station.
    pub station: String,
    /// When the report came in.
    pub received_at: String,
}

/// Whether this authority was put back to an older copy of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct PutBacks {
    /// It was, at some time.
    pub(in super::super) ever: bool,
    /// It was, and two persons did not say yet that approvals wait again.
    pub(in super::super) now: bool,
}

impl Rows<'_> {
    /// Sets every job aside that waits or is leased.
    pub(in super::super) fn set_aside(&self) -> rusqlite::Result<()> {
        let sql = "UPDATE job SET state = ?1 WHERE state IN (?2, ?3)";
        let states = [JobState::SetAside, JobState::Waiting, JobState::Leased];
        self.0.execute(sql, states.map(|one| state(&one))).map(drop)
    }

    /// Whether this authority was put back.
    pub(in super::super) fn put_backs(&self) -> rusqlite::Result<PutBacks> {
        let sql = "SELECT act FROM act WHERE act IN (?1, ?2) ORDER BY id DESC LIMIT 1";
        let acts = [restored::PUT_BACK, restored::RESUMED];
        let newest: Option<String> = self.0.query_row(sql, acts, |row| row.get(0)).optional()?;
        Ok(PutBacks {
            ever: newest.is_some(),
            now: newest.is_some_and(|act| act == restored::PUT_BACK),
        })
    }

    /// The job, if there is one that was not refused, whose card replaces the card of this number.
    pub fn job_replacing(&self, old: &CardNumber) -> rusqlite::Result<Option<JobId>> {
        let sql = "SELECT id FROM job WHERE state <> ?2 AND ?1 IN (
            json_extract(approval, '$.previous_card.return'),
            json_extract(approval, '$.previous_card.declared_lost')) LIMIT 1";
        let found = self.0.query_row(
            sql,
            params![old.to_string(), state(&JobState::Refused)],
            |row| row.get::<_, String>(0),
        );
        Ok(found.optional()?.and_then(|id| JobId::parse(&id).ok()))
    }

    /// How many jobs stand where.
    pub fn job_counts(&self) -> rusqlite::Result<Vec<(String, u32)>> {
        self.counts("SELECT state, count(*) FROM job GROUP BY state ORDER BY state")
    }

    /// How many blanks stand where.
    pub fn blank_counts(&self) -> rusqlite::Result<Vec<(String, u32)>> {
        self.counts("SELECT state, count(*) FROM blank GROUP BY state ORDER BY state")
    }

    /// Every report of a forged old card: job, attempt, the station and when it came in.
    pub fn forged(&self) -> rusqlite::Result<Vec<ForgedReport>> {
        let sql = "SELECT json_extract(body, '$.job'), json_extract(body, '$.attempt'),
            coalesce(json_extract(job.approval, '$.previous_card.return'), ''),
            report.station, received_at
            FROM report LEFT JOIN job ON job.id = json_extract(body, '$.job')
            WHERE json_extract(body, '$.event.old_card_forged.finding') IS NOT NULL
            ORDER BY received_at, report.id";
        let mut statement = self.0.prepare(sql)?;
        let found = statement.query_map([], |row| {
            Ok(ForgedReport {
                job: row.get(0)?,
                attempt: row.get(1)?,
                old_number: row.get(2)?,
                station: row.get(3)?,
                received_at: row.get(4)?,
            })
        })?;
        found.collect()
    }

    fn counts(&self, sql: &str) -> rusqlite::Result<Vec<(String, u32)>> {
        let mut statement = self.0.prepare(sql)?;
        let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        found.collect()
    }
}
