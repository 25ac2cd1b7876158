//! The real authority with its real SQLite file in a folder of its own, and what must hold in it
//! whatever came before. Reads the tables directly, not through the service.

use super::super::service::{Authority, Caller, LEASE, Reproduce, Reproduced};
use super::super::store::Store;
use super::super::{Fault, Home, Secrets, acts, setup};
use crate::authority::contract::{ChipSerial, NumberStanding};
use crate::job::{Approval, Digest, Job, JobId, OfficeId, PersonId, StationId};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use zeroize::Zeroizing;

pub(super) const PREPARED: Digest = Digest([9; 32]);
pub(super) const MESSAGE: &[u8] = b"what the signature covers";
pub(super) const STATIONS: [&str; 2] = ["TYO-W1", "TYO-W2"];
/// A landing and an extension: without and with an old card.
const APPROVALS: [&str; 2] = [
    include_str!("../../../../tests/samples/approvals/1-landing.json"),
    include_str!("../../../../tests/samples/approvals/2-extension.json"),
];
/// Registered blanks; each station draws its own from them.
pub(super) const BLANKS: u8 = 240;

/// An authority that is open.
pub(super) struct Bench {
    folder: tempfile::TempDir,
    pub(super) authority: Authority,
    secrets: Secrets,
    pub(super) now: Timestamp,
    backups: u32,
    /// For looking only: the tables as they are, not as the service tells them.
    look: Connection,
}

/// Keys, stations, approvals and stock, made once: RSA keys take their time.
fn template() -> &'static Path {
    static MADE: OnceLock<tempfile::TempDir> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let folder = quick_folder();
        let home = setup::init(&folder.path().join("authority"), true).unwrap();
        let mut store = Store::open(&home.database()).unwrap();
        let filled: Result<(), Fault> = store.transaction(|rows| {
            for (at, name) in STATIONS.into_iter().enumerate() {
                let office = OfficeId::parse("TYO").unwrap();
                rows.put_station(&station(name), &office, &fingerprint(at), start())?;
            }
            for text in APPROVALS {
                let approval: Approval = serde_json::from_str(text).unwrap();
                rows.put_job(&approval, Some(b"a photo"), start())?;
            }
            for n in 0..BLANKS {
                rows.put_blank(&blank(n))?;
            }
            Ok(())
        });
        filled.unwrap();
        folder
    });
    made.path()
}

/// In memory where there is such a place: a sync costs nothing there.
fn quick_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

pub(super) fn start() -> Timestamp {
    "2026-11-23T01:00:00Z".parse().unwrap()
}

pub(super) fn station(name: &str) -> StationId {
    StationId::parse(name).unwrap()
}

fn fingerprint(at: usize) -> Digest {
    Digest([u8::try_from(at).unwrap(); 32])
}

pub(super) fn blank(n: u8) -> ChipSerial {
    ChipSerial([n; 10])
}

pub(super) fn jobs() -> [JobId; 2] {
    APPROVALS.map(|text| {
        let approval: Approval = serde_json::from_str(text).unwrap();
        approval.job()
    })
}

pub(super) fn two() -> acts::TwoPersons {
    let person = |id: &str| PersonId::parse(id).unwrap();
    acts::TwoPersons {
        first: person("S-1"),
        second: person("S-2"),
        reason: "the station fell silent".to_owned(),
    }
}

fn reproduce() -> Box<Reproduce> {
    Box::new(|job, _, dpi| {
        (dpi == 300).then(|| Reproduced {
            digest: PREPARED,
            signed_message: job.photo.map(|_| Zeroizing::new(MESSAGE.to_vec())),
        })
    })
}

impl Bench {
    pub(super) fn new() -> Bench {
        let folder = quick_folder();
        let from = template().join("authority");
        for entry in std::fs::read_dir(&from).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
        let home = Home::at(folder.path());
        let authority = Authority::open(&home, LEASE, reproduce()).unwrap();
        Bench {
            folder,
            authority,
            secrets: Secrets::load(&home).unwrap(),
            now: start(),
            backups: 0,
            look: Connection::open(home.database()).unwrap(),
        }
    }

    fn database(&self) -> PathBuf {
        Home::at(self.folder.path()).database()
    }

    pub(super) fn store(&self) -> Store {
        Store::open(&self.database()).unwrap()
    }

    pub(super) fn caller(&self, at: usize, sequence: u64, acknowledged: u64) -> Caller {
        Caller {
            station: station(STATIONS[at]),
            fingerprint: fingerprint(at),
            sequence: Some(sequence),
            acknowledged: Some(acknowledged),
            now: self.now,
        }
    }

    pub(super) fn wait(&mut self, minutes: i64) {
        self.now = self
            .now
            .checked_add(SignedDuration::from_mins(minutes))
            .unwrap();
    }

    pub(super) fn verified(&self, token: &str, at: usize) -> Option<Job> {
        let keys = self.secrets.job_keys();
        Job::verify(token, keys, &station(STATIONS[at]), self.now).ok()
    }

    /// A copy of the whole database as it is now.
    pub(super) fn back_up(&mut self) {
        self.backups += 1;
        let copy = self.folder.path().join("copy.sqlite");
        let _ = std::fs::remove_file(&copy);
        let into = copy.to_str().unwrap();
        self.look.execute("VACUUM INTO ?1", [into]).unwrap();
    }

    /// Puts the copy back, if there is one; whether it did.
    pub(super) fn put_back(&mut self) -> bool {
        let copy = self.folder.path().join("copy.sqlite");
        if self.backups == 0 {
            return false;
        }
        // The service stops; what it wrote since the copy is gone, its log included.
        let home = Home::at(self.folder.path());
        let aside = self.folder.path().join("aside");
        std::fs::create_dir_all(&aside).unwrap();
        for name in [
            "authority.sqlite",
            "authority.sqlite-wal",
            "authority.sqlite-shm",
        ] {
            let _ = std::fs::rename(self.folder.path().join(name), aside.join(name));
        }
        std::fs::copy(copy, self.database()).unwrap();
        self.authority = Authority::open(&home, LEASE, reproduce()).unwrap();
        self.look = Connection::open(self.database()).unwrap();
        true
    }

    fn read<T: rusqlite::types::FromSql>(&self, sql: &str) -> Vec<T> {
        let mut select = self.look.prepare_cached(sql).unwrap();
        let rows = select.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    fn count(&self, sql: &str) -> i64 {
        self.read::<i64>(sql)[0]
    }

    /// What the authority believes may never happen, in its own tables.
    pub(super) fn holds_its_laws(&self) {
        let none = |what: &str, sql: &str| assert_eq!(self.count(sql), 0, "{what}");
        none(
            "two numbers of one job are live",
            "SELECT count(*) FROM (SELECT job FROM grant_ JOIN number USING (number)
             WHERE number.state = 'live' GROUP BY job HAVING count(*) > 1)",
        );
        none(
            "two grants of one job hold",
            "SELECT count(*) FROM (SELECT job FROM grant_ WHERE state IN ('open', 'produced')
             GROUP BY job HAVING count(*) > 1)",
        );
        none(
            "one station holds two grants",
            "SELECT count(*) FROM (SELECT station FROM grant_ WHERE state IN ('open', 'produced')
             GROUP BY station HAVING count(*) > 1)",
        );
        none(
            "a grant holds and its job waits",
            "SELECT count(*) FROM grant_ JOIN job ON job.id = grant_.job
             WHERE grant_.state IN ('open', 'produced') AND job.state = 'waiting'",
        );
        none(
            "a job waits though its card is outside",
            "SELECT count(*) FROM grant_ JOIN job ON job.id = grant_.job
             WHERE grant_.state = 'delivered' AND job.state IN ('waiting', 'leased')",
        );
        none(
            "a grant ended and its number is not burned",
            "SELECT count(*) FROM grant_ JOIN number USING (number) WHERE grant_.state IN
             ('returned', 'spoiled', 'withdrawn', 'expired', 'written_off')
             AND number.state <> 'burned'",
        );
        none(
            "one blank is fenced to two grants that can still use it",
            "SELECT count(*) FROM (SELECT blank FROM grant_ WHERE blank IS NOT NULL
             AND state IN ('open', 'produced', 'delivered') GROUP BY blank HAVING count(*) > 1)",
        );
    }

    /// Jobs, grants, numbers and blanks as one text: what a replay must not change.
    pub(super) fn picture(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for sql in [
            "SELECT id || state || attempts || '/' || epoch FROM job ORDER BY id",
            "SELECT job || attempt || station || number || state || coalesce(blank, '-')
             || coalesce(chip, '-') FROM grant_ ORDER BY job, attempt",
            "SELECT number || state FROM number ORDER BY number",
            "SELECT serial || state FROM blank WHERE state <> 'stock' ORDER BY serial",
            "SELECT id || body FROM report ORDER BY id",
        ] {
            lines.extend(self.read::<String>(sql));
        }
        lines
    }

    pub(super) fn job_state(&self, job: &JobId) -> String {
        let sql = format!("SELECT state FROM job WHERE id = '{job}'");
        self.read::<String>(&sql).remove(0)
    }

    /// Attempts that still hold, with their station.
    pub(super) fn holding(&self, job: &JobId) -> Vec<(u32, String)> {
        let of = |column: &str| {
            format!(
                "SELECT {column} FROM grant_ WHERE job = '{job}' AND state IN ('open', 'produced')"
            )
        };
        let attempts = self.read::<u32>(&of("attempt"));
        attempts
            .into_iter()
            .zip(self.read::<String>(&of("station")))
            .collect()
    }

    pub(super) fn live_numbers(&self, job: &JobId) -> usize {
        let live = NumberStanding::Live;
        let sql = format!(
            "SELECT number.number FROM grant_ JOIN number USING (number) WHERE job = '{job}'
             AND number.state = '{}'",
            format!("{live:?}").to_lowercase()
        );
        self.read::<String>(&sql).len()
    }
}
