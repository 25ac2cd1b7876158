//! The authority's storage: SQLite (WAL, synchronous=FULL, STRICT). It stores and finds; what may
//! follow what is decided elsewhere. A PostgreSQL store is another file with these methods.

use super::home::{Error, create_private};
use super::lease::{BlankState, Grant, GrantState, JobState};
use crate::authority::contract::{Checkpoint, ChipSerial, Key, NumberStanding, NumberState};
use crate::job::{Approval, Digest, JobId, OfficeId, StationId};
use crate::product::CardNumber;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};
use std::path::Path;

mod codec;
mod queries;

pub(super) use codec::json;
pub use queries::ForgedReport;

use codec::{damaged, json_option, state, state_of, word, word_option};

const SCHEMA: &str = include_str!("schema.sql");

/// The open database; one writer.
#[derive(Debug)]
pub struct Store(Connection);

impl Store {
    /// Makes a new database.
    ///
    /// # Errors
    /// [`Error::Exists`] when there is one, [`Error::Store`].
    pub fn create(path: &Path) -> Result<Store, Error> {
        // SQLite gives its log and index the mode of the database: it holds holders' data.
        create_private(path)?;
        let store = Store::connect(path)?;
        store.0.execute_batch(SCHEMA)?;
        Ok(store)
    }

    /// Opens the database that `init` made.
    ///
    /// # Errors
    /// [`Error::File`] when there is none: a lost database is never replaced in silence.
    pub fn open(path: &Path) -> Result<Store, Error> {
        std::fs::metadata(path).map_err(|source| Error::File {
            path: path.to_owned(),
            source,
        })?;
        Store::connect(path)
    }

    fn connect(path: &Path) -> Result<Store, Error> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        Ok(Store(connection))
    }

    /// Runs one decision with all that it writes, or nothing of it.
    ///
    /// # Errors
    /// Those of `decide`; nothing is written then.
    pub fn transaction<T, E: From<rusqlite::Error>>(
        &mut self,
        decide: impl FnOnce(&Rows<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let rows = Rows(
            self.0
                .transaction_with_behavior(TransactionBehavior::Immediate)?,
        );
        let value = decide(&rows)?;
        rows.0.commit()?;
        Ok(value)
    }
}

/// The rows within one transaction.
#[derive(Debug)]
pub struct Rows<'a>(Transaction<'a>);

/// An enrolled station.
#[derive(Clone, Debug)]
pub struct StationRow {
    /// Its office.
    pub office: OfficeId,
    /// SHA-256 of its certificate.
    pub fingerprint: Digest,
    /// The highest journal sequence it sent.
    pub sequence: u64,
    /// Its last checkpoint.
    pub checkpoint: Option<Checkpoint>,
}

/// An approved job.
#[derive(Clone, Debug)]
pub struct JobRow {
    /// The job.
    pub id: JobId,
    /// What was approved.
    pub approval: Approval,
    /// SHA-256 of the photo.
    pub photo: Option<Digest>,
    /// Where it stands.
    pub state: JobState,
    /// Attempts begun.
    pub attempts: u32,
    /// Leases and write-offs so far.
    pub epoch: u32,
    /// When it was imported.
    pub since: Timestamp,
}

/// A grant.
#[derive(Clone, Debug)]
pub struct GrantRow {
    /// The job.
    pub job: JobId,
    /// The attempt.
    pub attempt: u32,
    /// The number of its card.
    pub number: CardNumber,
    /// What the law looks at.
    pub law: Grant,
    /// The signed token.
    pub token: String,
    /// The request that asked for it, as JSON.
    pub request: String,
    /// SHA-256 of the chip data that were signed.
    pub chip: Option<Digest>,
    /// Whether they bear a signature.
    pub signed: Option<bool>,
}

/// What is written when a grant is given.
#[derive(Debug)]
pub struct NewGrant<'a> {
    /// The job.
    pub job: &'a JobId,
    /// The attempt.
    pub attempt: u32,
    /// Who gets it.
    pub station: &'a StationId,
    /// The number of its card.
    pub number: &'a CardNumber,
    /// The signed token.
    pub token: &'a str,
    /// The key of the request that asked for it.
    pub key: &'a Key,
    /// That request, as JSON.
    pub request: &'a str,
    /// Until when.
    pub expires: Timestamp,
}

impl Rows<'_> {
    /// Notes an enrolled station; a second enrolment replaces office and certificate.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn put_station(
        &self,
        id: &StationId,
        office: &OfficeId,
        fingerprint: &Digest,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.0.execute(
            "INSERT INTO station (id, office, fingerprint, enrolled_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET office = ?2, fingerprint = ?3, enrolled_at = ?4",
            params![
                id.as_str(),
                office.as_str(),
                fingerprint.to_string(),
                now.to_string()
            ],
        )?;
        Ok(())
    }

    /// An enrolled station.
    pub fn station(&self, id: &StationId) -> rusqlite::Result<Option<StationRow>> {
        let sql = "SELECT office, fingerprint, sequence, checkpoint FROM station WHERE id = ?1";
        let row = |row: &Row<'_>| {
            Ok(StationRow {
                office: word(row, 0)?,
                fingerprint: word(row, 1)?,
                sequence: row.get::<_, i64>(2)?.unsigned_abs(),
                checkpoint: json_option(row, 3)?,
            })
        };
        self.0.query_row(sql, [id.as_str()], row).optional()
    }

    /// Notes the journal sequence that a station is at.
    pub fn set_sequence(&self, id: &StationId, sequence: u64) -> rusqlite::Result<()> {
        let sequence = i64::try_from(sequence).unwrap_or(i64::MAX);
        let sql = "UPDATE station SET sequence = ?2 WHERE id = ?1";
        self.0
            .execute(sql, params![id.as_str(), sequence])
            .map(drop)
    }

    /// Keeps a checkpoint.
    pub fn set_checkpoint(&self, id: &StationId, point: &Checkpoint) -> rusqlite::Result<()> {
        let sql = "UPDATE station SET checkpoint = ?2 WHERE id = ?1";
        self.0
            .execute(sql, params![id.as_str(), json(point)])
            .map(drop)
    }

    /// Adds an approved job.
    pub fn put_job(
        &self,
        approval: &Approval,
        photo: Option<&[u8]>,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        self.0.execute(
            "INSERT INTO job (id, office, reception, approval, photo, photo_digest, state,
             imported_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                approval.job().as_str(),
                approval.office.as_str(),
                approval.reception.as_str(),
                json(approval),
                photo,
                photo.map(|bytes| Digest::of(bytes).to_string()),
                state(&JobState::Waiting),
                now.to_string(),
            ],
        )?;
        Ok(())
    }

    /// A job.
    pub fn job(&self, id: &JobId) -> rusqlite::Result<Option<JobRow>> {
        let sql = format!("{JOB} WHERE id = ?1");
        self.0.query_row(&sql, [id.as_str()], job_row).optional()
    }

    /// The jobs that wait at an office, the longest first.
    pub fn waiting(&self, office: &OfficeId) -> rusqlite::Result<Vec<JobRow>> {
        let sql = format!("{JOB} WHERE office = ?1 AND state = ?2 ORDER BY imported_at, id");
        let mut statement = self.0.prepare(&sql)?;
        let found = statement.query_map([office.as_str(), &state(&JobState::Waiting)], job_row)?;
        found.collect()
    }

    /// Moves a job on.
    pub fn set_job(
        &self,
        id: &JobId,
        to: JobState,
        attempts: u32,
        epoch: u32,
    ) -> rusqlite::Result<()> {
        let sql = "UPDATE job SET state = ?2, attempts = ?3, epoch = ?4 WHERE id = ?1";
        self.0
            .execute(sql, params![id.as_str(), state(&to), attempts, epoch])
            .map(drop)
    }

    /// The photo of a job.
    pub fn photo(&self, id: &JobId) -> rusqlite::Result<Option<Vec<u8>>> {
        let sql = "SELECT photo FROM job WHERE id = ?1";
        let found = self
            .0
            .query_row(sql, [id.as_str()], |row| row.get(0))
            .optional()?;
        Ok(found.flatten())
    }

    /// Writes a new grant.
    pub fn put_grant(&self, new: &NewGrant<'_>) -> rusqlite::Result<()> {
        self.0.execute(
            "INSERT INTO grant_ (job, attempt, station, number, token, lease_key, request,
             expires, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                new.job.as_str(),
                new.attempt,
                new.station.as_str(),
                new.number.as_str(),
                new.token,
                new.key.to_string(),
                new.request,
                new.expires.to_string(),
                state(&GrantState::Open),
            ],
        )?;
        Ok(())
    }

    /// One attempt's grant.
    pub fn grant(&self, job: &JobId, attempt: u32) -> rusqlite::Result<Option<GrantRow>> {
        let sql = format!("{GRANT} WHERE g.job = ?1 AND g.attempt = ?2");
        self.0
            .query_row(&sql, params![job.as_str(), attempt], grant_row)
            .optional()
    }

    /// The grant that a station asked for by this key.
    pub fn grant_of(&self, station: &StationId, key: &Key) -> rusqlite::Result<Option<GrantRow>> {
        let sql = format!("{GRANT} WHERE g.station = ?1 AND g.lease_key = ?2");
        self.0
            .query_row(&sql, params![station.as_str(), key.to_string()], grant_row)
            .optional()
    }

    /// All grants that still bind a station.
    pub fn open_grants(&self) -> rusqlite::Result<Vec<GrantRow>> {
        let sql = format!("{GRANT} WHERE g.state IN (?1, ?2)");
        let mut statement = self.0.prepare(&sql)?;
        let states = [state(&GrantState::Open), state(&GrantState::Produced)];
        let found = statement.query_map(states, grant_row)?;
        found.collect()
    }

    /// Moves a grant on.
    pub fn set_grant(&self, job: &JobId, attempt: u32, to: GrantState) -> rusqlite::Result<()> {
        let sql = "UPDATE grant_ SET state = ?3 WHERE job = ?1 AND attempt = ?2";
        self.0
            .execute(sql, params![job.as_str(), attempt, state(&to)])
            .map(drop)
    }

    /// Fences a grant to one blank.
    pub fn bind(&self, job: &JobId, attempt: u32, serial: &ChipSerial) -> rusqlite::Result<()> {
        let sql = "UPDATE grant_ SET blank = ?3 WHERE job = ?1 AND attempt = ?2";
        self.0
            .execute(sql, params![job.as_str(), attempt, serial.to_string()])
            .map(drop)
    }

    /// Notes which chip data were agreed on; none are signed on a card without signature.
    pub fn set_chip(&self, grant: &GrantRow, chip: Option<&Digest>) -> rusqlite::Result<()> {
        let (text, signed) = (chip.map(Digest::to_string), chip.is_some());
        let sql = "UPDATE grant_ SET chip = ?3, signed = ?4 WHERE job = ?1 AND attempt = ?2";
        self.0.execute(
            sql,
            params![grant.job.as_str(), grant.attempt, text, signed],
        )?;
        let sql = "UPDATE number SET chip = ?2, signed = ?3 WHERE number = ?1";
        self.0
            .execute(sql, params![grant.number.as_str(), text, signed])
            .map(drop)
    }

    /// Whether a blank is registered, and where it stands.
    pub fn blank(&self, serial: &ChipSerial) -> rusqlite::Result<Option<BlankState>> {
        let sql = "SELECT state FROM blank WHERE serial = ?1";
        self.0
            .query_row(sql, [serial.to_string()], |row| state_of(row, 0))
            .optional()
    }

    /// Registers a blank; `false` when it was registered before.
    pub fn put_blank(&self, serial: &ChipSerial) -> rusqlite::Result<bool> {
        let sql = "INSERT INTO blank (serial, state) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        let values = params![serial.to_string(), state(&BlankState::Stock)];
        self.0.execute(sql, values).map(|rows| rows == 1)
    }

    /// Moves a blank on.
    pub fn set_blank(&self, serial: &ChipSerial, to: BlankState) -> rusqlite::Result<()> {
        let sql = "UPDATE blank SET state = ?2 WHERE serial = ?1";
        self.0
            .execute(sql, params![serial.to_string(), state(&to)])
            .map(drop)
    }

    /// What is known of a number; `None` when it was never given.
    pub fn number(&self, number: &CardNumber) -> rusqlite::Result<Option<NumberState>> {
        let sql = "SELECT number, state, product, chip, signed, since FROM number
                   WHERE number = ?1";
        let row = |row: &Row<'_>| {
            Ok(NumberState {
                number: word(row, 0)?,
                state: state_of(row, 1)?,
                product: json_option(row, 2)?,
                chip: word_option(row, 3)?,
                signed: row.get(4)?,
                since: word_option(row, 5)?,
            })
        };
        self.0.query_row(sql, [number.as_str()], row).optional()
    }

    /// Writes where a number stands; a number is never forgotten.
    pub fn set_number(
        &self,
        number: &CardNumber,
        to: NumberStanding,
        product: Option<crate::product::Product>,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        self.0.execute(
            "INSERT INTO number (number, state, product, since) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (number) DO UPDATE SET state = ?2, since = ?4",
            params![
                number.as_str(),
                state(&to),
                product.map(|product| json(&product)),
                now.to_string()
            ],
        )?;
        Ok(())
    }

    /// A report that came before: from whom, its text and when it came.
    pub fn report(&self, id: &Key) -> rusqlite::Result<Option<(StationId, String, Timestamp)>> {
        let sql = "SELECT station, body, received_at FROM report WHERE id = ?1";
        let row = |row: &Row<'_>| Ok((word(row, 0)?, row.get(1)?, word(row, 2)?));
        self.0.query_row(sql, [id.to_string()], row).optional()
    }

    /// Keeps a report.
    pub fn put_report(
        &self,
        id: &Key,
        station: &StationId,
        body: &str,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        let sql = "INSERT INTO report (id, station, body, received_at) VALUES (?1, ?2, ?3, ?4)";
        let values = params![id.to_string(), station.as_str(), body, now.to_string()];
        self.0.execute(sql, values).map(drop)
    }

    /// Keeps what two persons decided.
    pub fn put_act(
        &self,
        act: &str,
        by: [&str; 2],
        reason: &str,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        let sql = "INSERT INTO act (act, first, second, reason, at) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.0
            .execute(sql, params![act, by[0], by[1], reason, now.to_string()])
            .map(drop)
    }
}

const JOB: &str = "SELECT id, approval, photo_digest, state, attempts, epoch, imported_at FROM job";

fn job_row(row: &Row<'_>) -> rusqlite::Result<JobRow> {
    let text: String = row.get(1)?;
    Ok(JobRow {
        id: word(row, 0)?,
        approval: serde_json::from_str(&text).map_err(|error| damaged(1, error))?,
        photo: word_option(row, 2)?,
        state: state_of(row, 3)?,
        attempts: row.get(4)?,
        epoch: row.get(5)?,
        since: word(row, 6)?,
    })
}

const GRANT: &str = "SELECT g.job, g.attempt, g.number, g.station, g.state, g.expires, g.blank,
    g.attempt = j.attempts, g.token, g.request, g.chip, g.signed
    FROM grant_ g JOIN job j ON j.id = g.job";

fn grant_row(row: &Row<'_>) -> rusqlite::Result<GrantRow> {
    Ok(GrantRow {
        job: word(row, 0)?,
        attempt: row.get(1)?,
        number: word(row, 2)?,
        law: Grant {
            station: word(row, 3)?,
            state: state_of(row, 4)?,
            expires: word(row, 5)?,
            blank: word_option(row, 6)?,
            current: row.get(7)?,
        },
        token: row.get(8)?,
        request: row.get(9)?,
        chip: word_option(row, 10)?,
        signed: row.get(11)?,
    })
}
