//! The one writer: SQLite with WAL and synchronous=FULL, one commit per record.

use super::chain::{Hash, Sequence, row_id};
use super::owner::Owner;
use super::{Error, verify};
use rusqlite::{Connection, OpenFlags, params};
use std::path::{Path, PathBuf};

const SCHEMA: &str = "
    CREATE TABLE genesis (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        station TEXT NOT NULL,
        salt BLOB NOT NULL
    ) STRICT;
    CREATE TABLE record (
        sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
        bytes BLOB NOT NULL,
        hash BLOB NOT NULL CHECK (length(hash) = 32)
    ) STRICT;
    CREATE TRIGGER record_stays BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'append only'); END;
    CREATE TRIGGER record_kept BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'append only'); END;
";

/// The journal of one station, owned by this process.
#[derive(Debug)]
pub struct Journal {
    connection: Connection,
    path: PathBuf,
    head: (Sequence, Hash),
    poisoned: bool,
    _owner: Owner,
}

impl Journal {
    /// Starts the journal of a new station. `salt` comes from the caller's chance: two
    /// journals of one station never share a hash.
    ///
    /// # Errors
    /// `Exists`; `Busy`; `Storage`, `File`.
    pub fn create(path: &Path, station: &str, salt: [u8; 16]) -> Result<Journal, Error> {
        let owner = Owner::take(path)?;
        if path.exists() {
            return Err(Error::Exists {
                path: path.to_owned(),
            });
        }
        // Built aside and renamed: a crash leaves no journal or a whole one.
        let draft = path.with_extension("draft");
        remove(&draft)?;
        let mut connection = Connection::open(&draft)?;
        let transaction = connection.transaction()?;
        transaction.execute_batch(SCHEMA)?;
        transaction.execute(
            "INSERT INTO genesis VALUES (1, ?1, ?2)",
            params![station, salt.as_slice()],
        )?;
        transaction.commit()?;
        connection.close().map_err(|(_, error)| error)?;
        std::fs::rename(&draft, path)?;
        sync_folder(path)?;
        Journal::adopt(path, station, owner)
    }

    /// Opens the journal of this station and verifies its whole chain.
    ///
    /// # Errors
    /// `Missing`: never started silently. `Busy`, `OtherStation`, `Damaged`, `Storage`, `File`.
    pub fn open(path: &Path, station: &str) -> Result<Journal, Error> {
        if !path.exists() {
            return Err(Error::Missing {
                path: path.to_owned(),
            });
        }
        let owner = Owner::take(path)?;
        Journal::adopt(path, station, owner)
    }

    fn adopt(path: &Path, station: &str, owner: Owner) -> Result<Journal, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(unreadable)?;
        connection
            .pragma_update(None, "locking_mode", "EXCLUSIVE")
            .map_err(unreadable)?;
        connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))
            .map_err(unreadable)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        sync_files(path)?;
        let checked = verify::read(&connection)?;
        if checked.station != station {
            return Err(Error::OtherStation {
                found: checked.station,
                wanted: station.to_owned(),
            });
        }
        let head = checked.head;
        Ok(Journal {
            connection,
            path: path.to_owned(),
            head,
            poisoned: false,
            _owner: owner,
        })
    }

    /// Appends one record; on return it is durable.
    ///
    /// # Errors
    /// Any error poisons the journal: what is on the disk is not known until it is opened again.
    pub fn append(&mut self, record: &[u8]) -> Result<Sequence, Error> {
        if self.poisoned {
            return Err(Error::Poisoned);
        }
        let sequence = self.head.0 + 1;
        let hash = self.head.1.follow(sequence, record);
        let written = self
            .connection
            .prepare_cached("INSERT INTO record VALUES (?1, ?2, ?3)");
        let written = written.and_then(|mut insert| {
            insert.execute(params![row_id(sequence), record, hash.0.as_slice()])
        });
        match written {
            Ok(_) => {
                self.head = (sequence, hash);
                Ok(sequence)
            }
            Err(error) => {
                self.poisoned = true;
                Err(error.into())
            }
        }
    }

    /// Every record from the first, in order. The chain was verified at opening.
    ///
    /// # Errors
    /// `Storage`.
    pub fn replay(&self) -> Result<Vec<(Sequence, Vec<u8>)>, Error> {
        let mut select = self
            .connection
            .prepare("SELECT sequence, bytes FROM record ORDER BY sequence")?;
        let rows = select.query_map([], |row| {
            Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The newest record's number and the chain's hash there; (0, genesis) when empty.
    #[must_use]
    pub fn head(&self) -> (Sequence, Hash) {
        self.head
    }

    /// The chain's hash at a record; `None` beyond the head.
    ///
    /// # Errors
    /// `Storage`.
    pub fn hash_at(&self, sequence: Sequence) -> Result<Option<Hash>, Error> {
        let mut select = self
            .connection
            .prepare_cached("SELECT hash FROM record WHERE sequence = ?1")?;
        let mut rows = select.query(params![row_id(sequence)])?;
        match rows.next()? {
            Some(row) => Ok(Hash::read(&row.get::<_, Vec<u8>>(0)?)),
            None => Ok(None),
        }
    }

    /// Holds the journal against a checkpoint that somebody else remembers.
    ///
    /// # Errors
    /// `RolledBack`: it is not a prefix of this chain.
    pub fn hold_against(&self, sequence: Sequence, hash: &[u8; 32]) -> Result<(), Error> {
        let ours = self.hash_at(sequence)?;
        if sequence == 0 || ours.is_some_and(|ours| ours.0 == *hash) {
            return Ok(());
        }
        Err(Error::RolledBack { at: sequence })
    }

    /// Lets every further write fail, as a disk that went read-only does.
    #[cfg(test)]
    pub(super) fn forbid_writes(&mut self) {
        self.connection
            .pragma_update(None, "query_only", true)
            .expect("a pragma");
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A file that SQLite cannot take as a database is damage, not a passing trouble.
pub(super) fn unreadable(error: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    match error.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase) => Error::Damaged {
            at: 0,
            what: "the file is not a whole database",
        },
        Some(_) | None => Error::Storage(error),
    }
}

fn remove(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A process that was killed between writing and syncing left a record that is there to be read and
/// that a power cut may still take. Devices and authority hear of no record before it is durable,
/// so what will be read is synced first.
fn sync_files(path: &Path) -> Result<(), Error> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    for file in [path, Path::new(&log)] {
        match std::fs::File::open(file) {
            Ok(file) => file.sync_all()?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn sync_folder(path: &Path) -> Result<(), Error> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}
