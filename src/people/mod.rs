//! Who works here: persons, roles, PINs, in a file of their own. Knows nothing of cards.
//! Time and chance are parameters; wrong PINs are counted on the disk, so that a restart
//! forgives nobody.

mod pin;

pub use crate::fault::{By, NotTwo, Role, Signed, TwoPersons};

use jiff::{SignedDuration, Timestamp};
use pin::PinHash;
use rusqlite::{Connection, OptionalExtension, params};
use std::path::Path;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS person (
        id TEXT PRIMARY KEY,
        role TEXT NOT NULL,
        salt BLOB NOT NULL CHECK (length(salt) = 16),
        pin BLOB NOT NULL CHECK (length(pin) = 32),
        wrong INTEGER NOT NULL DEFAULT 0,
        wrong_at INTEGER NOT NULL DEFAULT 0
    ) STRICT;
";

/// Wrong PINs that cost nothing: a slip of the finger.
const FREE_SLIPS: u32 = 2;
/// The wait after the first wrong PIN that costs, in seconds; it doubles with each further one.
const FIRST_WAIT_S: i64 = 30;
/// The longest wait, in seconds.
const LONGEST_WAIT_S: i64 = 3600;

/// Why a person cannot be added or does not get in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The id or the PIN is not right. Which one is not told.
    #[error("person and PIN do not belong together")]
    Wrong,
    /// Too many wrong PINs.
    #[error("too many wrong PINs; try again after {until}")]
    Throttled {
        /// When the next try counts.
        until: Timestamp,
    },
    /// The id has another form.
    #[error("a person's id is 1 to 32 of a-z, 0-9, dot and hyphen, and no name")]
    BadId,
    /// The PIN is too short, too long, or not digits.
    #[error("a PIN is 6 to 12 digits, not all alike and not in a row")]
    BadPin,
    /// The id is taken.
    #[error("there is a person with this id already")]
    Exists,
    /// The hash could not be made.
    #[error("the PIN's hash cannot be used")]
    Hash(#[source] argon2::Error),
    /// A role in the file that nobody knows.
    #[error("the file of persons holds a role that this station does not know")]
    UnknownRole,
    /// SQLite refused.
    #[error("the file of persons cannot be used")]
    Storage(#[from] rusqlite::Error),
}

/// The persons of one station.
#[derive(Debug)]
pub struct People {
    connection: Connection,
}

impl People {
    /// Opens the file, or starts an empty one.
    ///
    /// # Errors
    /// `Storage`.
    pub fn open(path: &Path) -> Result<People, Error> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.busy_timeout(std::time::Duration::from_secs(2))?;
        connection.execute_batch(SCHEMA)?;
        Ok(People { connection })
    }

    /// Adds a person. `salt` is the caller's chance.
    ///
    /// # Errors
    /// `BadId`, `BadPin`, `Exists`, `Storage`.
    pub fn add(&self, id: &str, role: Role, pin: &str, salt: [u8; 16]) -> Result<(), Error> {
        if !is_id(id) {
            return Err(Error::BadId);
        }
        let hash = PinHash::make(pin, salt)?;
        let added = self.connection.execute(
            "INSERT OR IGNORE INTO person (id, role, salt, pin) VALUES (?1, ?2, ?3, ?4)",
            params![id, role.name(), hash.salt, hash.hash],
        )?;
        if added == 1 {
            Ok(())
        } else {
            Err(Error::Exists)
        }
    }

    /// Everybody, by id.
    ///
    /// # Errors
    /// `UnknownRole`, `Storage`.
    pub fn list(&self) -> Result<Vec<Signed>, Error> {
        let mut select = self
            .connection
            .prepare("SELECT id, role FROM person ORDER BY id")?;
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
        rows.map(|row| {
            let (person, role) = row?;
            Ok(Signed {
                person,
                role: Role::parse(&role).ok_or(Error::UnknownRole)?,
            })
        })
        .collect()
    }

    /// Checks a PIN at the moment `now`. A wrong one is counted before it is answered.
    ///
    /// # Errors
    /// `Wrong`; `Throttled` (the PIN was not looked at); `Storage`.
    pub fn authenticate(&self, id: &str, pin: &str, now: Timestamp) -> Result<Signed, Error> {
        let Some(row) = self.row(id)? else {
            // As slow as for a person who exists, so that ids cannot be fished for.
            PinHash::waste(pin)?;
            return Err(Error::Wrong);
        };
        // Counted first: a program that is killed in between has had its try.
        self.claim(id, &row, now)?;
        if !row.pin.matches(pin)? {
            return Err(Error::Wrong);
        }
        self.connection
            .execute("UPDATE person SET wrong = 0 WHERE id = ?1", params![id])?;
        let role = Role::parse(&row.role).ok_or(Error::UnknownRole)?;
        Ok(Signed {
            person: id.to_owned(),
            role,
        })
    }

    fn row(&self, id: &str) -> Result<Option<Row>, Error> {
        let row = self.connection.query_row(
            "SELECT role, salt, pin, wrong, wrong_at FROM person WHERE id = ?1",
            params![id],
            |row| {
                Ok(Row {
                    role: row.get(0)?,
                    pin: PinHash {
                        salt: row.get(1)?,
                        hash: row.get(2)?,
                    },
                    wrong: row.get(3)?,
                    wrong_at: row.get(4)?,
                })
            },
        );
        Ok(row.optional()?)
    }

    /// Takes one try, unless the last wrong ones still cost time.
    fn claim(&self, id: &str, row: &Row, now: Timestamp) -> Result<(), Error> {
        let last = Timestamp::from_second(row.wrong_at).unwrap_or(Timestamp::UNIX_EPOCH);
        let until = last
            .saturating_add(wait(row.wrong))
            .unwrap_or(Timestamp::MAX);
        // A clock that was put back does not shorten the wait, nor does it lock for ever.
        let ahead = last
            > now
                .saturating_add(SignedDuration::from_secs(LONGEST_WAIT_S))
                .unwrap_or(now);
        if now < until && !ahead {
            return Err(Error::Throttled { until });
        }
        let claimed = self.connection.execute(
            "UPDATE person SET wrong = wrong + 1, wrong_at = ?2 WHERE id = ?1 AND wrong = ?3",
            params![id, now.as_second(), row.wrong],
        )?;
        // Somebody else tried in the same moment: theirs counts, this one waits.
        if claimed == 1 {
            Ok(())
        } else {
            Err(Error::Throttled { until: now })
        }
    }
}

struct Row {
    role: String,
    pin: PinHash,
    wrong: u32,
    wrong_at: i64,
}

/// How long to wait after so many wrong PINs in a row.
fn wait(wrong: u32) -> SignedDuration {
    let seconds = match wrong.checked_sub(FREE_SLIPS + 1) {
        None => 0,
        Some(doublings) => (FIRST_WAIT_S << doublings.min(16)).min(LONGEST_WAIT_S),
    };
    SignedDuration::from_secs(seconds)
}

fn is_id(id: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'.' || c == b'-';
    (1..=32).contains(&id.len()) && id.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIN: &str = "271828";

    fn people() -> (tempfile::TempDir, People) {
        let folder = tempfile::tempdir().expect("a folder");
        let people = People::open(&folder.path().join("people.db")).expect("opens");
        people
            .add("k.mihon", Role::Supervisor, PIN, [3; 16])
            .expect("added");
        (folder, people)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("a time")
    }

    #[test]
    fn the_right_pin_signs_in_the_persons_role() {
        let (_folder, people) = people();
        let signed = people.authenticate("k.mihon", PIN, at(0)).expect("signs");
        assert_eq!(
            signed,
            Signed {
                person: "k.mihon".into(),
                role: Role::Supervisor
            }
        );
        assert_eq!(people.list().expect("lists"), [signed]);
    }

    #[test]
    fn wrong_pins_cost_ever_more_time_and_a_restart_forgives_nobody() {
        let (folder, people) = people();
        for second in 0..3 {
            let wrong = people.authenticate("k.mihon", "314159", at(second));
            assert!(matches!(wrong, Err(Error::Wrong)), "{wrong:?}");
        }
        drop(people);
        let people = People::open(&folder.path().join("people.db")).expect("opens");
        let early = people.authenticate("k.mihon", PIN, at(10));
        assert!(
            matches!(early, Err(Error::Throttled { until }) if until == at(32)),
            "{early:?}"
        );
        assert!(matches!(
            people.authenticate("k.mihon", "314159", at(33)),
            Err(Error::Wrong)
        ));
        assert!(matches!(
            people.authenticate("k.mihon", PIN, at(80)),
            Err(Error::Throttled { .. })
        ));
        assert!(people.authenticate("k.mihon", PIN, at(100)).is_ok());
        assert!(
            people.authenticate("k.mihon", PIN, at(100)).is_ok(),
            "a right PIN clears the count"
        );
    }

    #[test]
    fn a_person_who_does_not_exist_is_refused_in_the_same_words() {
        let (_folder, people) = people();
        assert!(matches!(
            people.authenticate("nobody", PIN, at(0)),
            Err(Error::Wrong)
        ));
    }

    #[test]
    fn ids_are_no_names_and_pins_are_no_birthdays_in_a_row() {
        let (_folder, people) = people();
        let add = |id, pin| people.add(id, Role::Clerk, pin, [1; 16]);
        assert!(matches!(add("MIHON TARO", PIN), Err(Error::BadId)));
        assert!(matches!(add("k.mihon", PIN), Err(Error::Exists)));
        for pin in [
            "12345",
            "111111",
            "123456",
            "987654",
            "27182x",
            "1234567890123",
        ] {
            assert!(matches!(add("t", pin), Err(Error::BadPin)), "{pin}");
        }
    }

    #[test]
    fn the_pin_is_nowhere_in_the_file() {
        let (folder, people) = people();
        drop(people);
        let bytes = std::fs::read(folder.path().join("people.db")).expect("the file");
        assert!(
            !bytes
                .windows(PIN.len())
                .any(|window| window == PIN.as_bytes())
        );
    }
}
