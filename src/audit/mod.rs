//! The auditor's reader of a journal: straight from the rows of the file, with hashing of its own.
//! Knows nothing of the station, and shares no line with the journal that the station opens.
//!
//! The chain, for whoever wants to check it with other means: `link(parts)` is SHA-256 over each
//! part with its length before it (8 bytes, big endian). The link before the first record is
//! `link("card-station journal 1", station, salt)` of the table `genesis`; that of record *n* is
//! `link(link before, n as 8 bytes big endian, bytes)` and stands in its column `hash`.

mod aside;
mod flaw;

pub use flaw::Flaw;

use aside::Aside;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

/// The chain's hash at a record, as somebody else remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The record's number.
    pub sequence: u64,
    /// The hash there.
    pub hash: [u8; 32],
}

/// The text is not `SEQUENCE:HASH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a checkpoint is SEQUENCE:HASH, the hash with 64 hexadecimal digits")]
pub struct NoCheckpoint;

impl FromStr for Checkpoint {
    type Err = NoCheckpoint;

    fn from_str(text: &str) -> Result<Checkpoint, NoCheckpoint> {
        let (sequence, digits) = text.split_once(':').ok_or(NoCheckpoint)?;
        let mut hash = [0; 32];
        hex::decode_to_slice(digits, &mut hash).map_err(|_| NoCheckpoint)?;
        let sequence = sequence.parse().map_err(|_| NoCheckpoint)?;
        Ok(Checkpoint { sequence, hash })
    }
}

/// What the file holds, read from its first row to its last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The station that it names.
    pub station: String,
    /// How many records it holds.
    pub records: u64,
    /// The newest record's number; 0 when there is none.
    pub newest: u64,
    /// The chain's hash there, as computed here.
    pub head: [u8; 32],
    /// Checkpoints that its own records tell of.
    pub noted: usize,
    /// Everything that is wrong with it, in the order of its records.
    pub flaws: Vec<Flaw>,
}

/// Reads the journal of `file`, and holds it against what others remember of it. The file is
/// copied first: neither it nor its log is changed, locked or waited for.
///
/// # Errors
/// The [`Flaw`] for which nothing can be read at all.
pub fn read(file: &Path, remembered: &[Checkpoint]) -> Result<Account, Flaw> {
    let aside = Aside::copy(file)?;
    let connection = Connection::open(aside.file()).map_err(|_| Flaw::NoDatabase)?;
    let (station, salt) = genesis(&connection)?;
    let mut chain = Chain::from(&station, &salt);
    // By the place in the file: a number that was changed has no say in the order.
    let mut select = connection
        .prepare("SELECT sequence, bytes, hash FROM record ORDER BY rowid")
        .map_err(|_| Flaw::NoDatabase)?;
    let mut rows = select.query([]).map_err(|_| Flaw::NoDatabase)?;
    loop {
        match rows.next() {
            Ok(Some(row)) => chain.follow(row),
            Ok(None) => break,
            // What comes after an unreadable page cannot be found any more.
            Err(_) => {
                chain.flaws.push(Flaw::Unreadable {
                    after: chain.newest,
                });
                break;
            }
        }
    }
    chain.hold_against(remembered);
    let noted = chain.noted.len();
    Ok(Account {
        station,
        records: chain.records,
        newest: chain.newest,
        head: chain.link,
        noted,
        flaws: chain.flaws,
    })
}

fn genesis(connection: &Connection) -> Result<(String, Vec<u8>), Flaw> {
    let mut select = connection
        .prepare("SELECT station, salt FROM genesis")
        .map_err(|_| Flaw::NoDatabase)?;
    let found = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let found = found.and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match found.as_deref() {
        Ok([one]) => Ok(one.clone()),
        Ok(_) | Err(_) => Err(Flaw::Genesis),
    }
}

fn link(parts: &[&[u8]]) -> [u8; 32] {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
    let mut link = [0; 32];
    link.copy_from_slice(digest.as_ref());
    link
}

/// The chain as far as it was read.
struct Chain {
    link: [u8; 32],
    newest: u64,
    records: u64,
    /// The computed link at each record.
    links: BTreeMap<u64, [u8; 32]>,
    /// What records say that the authority keeps: the record that says it, and the checkpoint.
    noted: Vec<(u64, Checkpoint)>,
    flaws: Vec<Flaw>,
}

impl Chain {
    fn from(station: &str, salt: &[u8]) -> Chain {
        let link = link(&[b"card-station journal 1", station.as_bytes(), salt]);
        Chain {
            link,
            newest: 0,
            records: 0,
            links: BTreeMap::from([(0, link)]),
            noted: Vec::new(),
            flaws: Vec::new(),
        }
    }

    /// Takes one row. After a flaw the chain goes on from what the file says, so that every flaw
    /// is told by itself and not everything after the first.
    fn follow(&mut self, row: &Row<'_>) {
        self.records += 1;
        let expected = self.newest + 1;
        let number = row
            .get::<_, i64>(0)
            .ok()
            .and_then(|n| u64::try_from(n).ok());
        let at = match number {
            Some(number) if number == expected => number,
            Some(number) if number > expected => {
                self.flaws.push(Flaw::Gap {
                    from: expected,
                    to: number - 1,
                });
                number
            }
            Some(number) => return self.flaws.push(Flaw::Twice { at: number }),
            None => return self.flaws.push(Flaw::Form { at: expected }),
        };
        let (Ok(ValueRef::Blob(bytes)), Ok(ValueRef::Blob(stored))) =
            (row.get_ref(1), row.get_ref(2))
        else {
            self.flaws.push(Flaw::Form { at });
            self.newest = at;
            return;
        };
        let link = link(&[&self.link, &at.to_be_bytes(), bytes]);
        let stored: Option<[u8; 32]> = stored.try_into().ok();
        // A gap before it has been told; the link across it cannot hold.
        if stored != Some(link) && at == expected {
            self.flaws.push(Flaw::Changed { at });
        }
        self.noted.extend(noted(at, bytes));
        self.link = stored.unwrap_or(link);
        self.newest = at;
        self.links.insert(at, self.link);
    }

    fn hold_against(&mut self, remembered: &[Checkpoint]) {
        let noted = std::mem::take(&mut self.noted);
        for (by, point) in &noted {
            if self.links.get(&point.sequence) != Some(&point.hash) {
                self.flaws.push(Flaw::Noted {
                    by: *by,
                    at: point.sequence,
                });
            }
        }
        self.noted = noted;
        for point in remembered {
            let Checkpoint { sequence: at, hash } = *point;
            match self.links.get(&at) {
                Some(link) if *link == hash => {}
                None if at > self.newest => self.flaws.push(Flaw::Cut {
                    at,
                    newest: self.newest,
                }),
                Some(_) | None => self.flaws.push(Flaw::Another { at }),
            }
        }
    }
}

/// The checkpoint of which a record tells.
fn noted(by: u64, bytes: &[u8]) -> Option<(u64, Checkpoint)> {
    let record: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let told = &record["what"]["checkpoint"];
    let sequence = told["sequence"].as_u64()?;
    let mut hash = [0; 32];
    hex::decode_to_slice(told["hash"].as_str()?, &mut hash).ok()?;
    Some((by, Checkpoint { sequence, hash }))
}
