//! What is asked of many rows at once: who replaces whom, how many stand where.

use super::codec::state;
use super::{JobState, Rows};
use crate::job::JobId;
use crate::product::CardNumber;
use rusqlite::{OptionalExtension as _, params};

impl Rows<'_> {
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

    fn counts(&self, sql: &str) -> rusqlite::Result<Vec<(String, u32)>> {
        let mut statement = self.0.prepare(sql)?;
        let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        found.collect()
    }
}
