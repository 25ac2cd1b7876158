//! A private copy of a database and its log, gone when it is dropped: the reader changes nothing and
//! waits for nobody, and a station that runs does not notice it.

use super::Flaw;
use std::fs::{self, DirBuilder, Metadata};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// So often a file that changes meanwhile is copied again.
const TRIES: usize = 20;

/// The copy.
pub(super) struct Aside {
    folder: PathBuf,
}

impl Aside {
    pub(super) fn copy(file: &Path) -> Result<Aside, Flaw> {
        if !file.is_file() {
            return Err(Flaw::Missing);
        }
        let aside = Aside::make().ok_or(Flaw::NoCopy)?;
        let log = beside(file, "-wal");
        for _ in 0..TRIES {
            let before = stamps(file, &log);
            let copied = fs::copy(file, aside.file()).is_ok() && aside.copy_log(&log);
            if copied && before.is_some() && before == stamps(file, &log) {
                return Ok(aside);
            }
        }
        Err(Flaw::NoCopy)
    }

    pub(super) fn file(&self) -> PathBuf {
        self.folder.join("journal")
    }

    fn make() -> Option<Aside> {
        let mut chance = [0; 8];
        getrandom::fill(&mut chance).ok()?;
        let name = format!("journal-{}", hex::encode(chance));
        let folder = std::env::temp_dir().join(name);
        DirBuilder::new().mode(0o700).create(&folder).ok()?;
        Some(Aside { folder })
    }

    /// What was not yet written back stands in the log; without one there is nothing to copy.
    fn copy_log(&self, log: &Path) -> bool {
        let own = beside(&self.file(), "-wal");
        let _ = fs::remove_file(&own);
        !log.exists() || fs::copy(log, own).is_ok()
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // It is our own folder; what cannot be removed is left to the system's cleaning.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Size and time of both: what must not change while they are copied.
fn stamps(file: &Path, log: &Path) -> Option<Vec<(u64, i64, i64)>> {
    let of = |at: &Metadata| (at.len(), at.mtime(), at.mtime_nsec());
    let file = fs::metadata(file).ok()?;
    let log = fs::metadata(log).ok();
    Some([Some(file), log].iter().flatten().map(of).collect())
}
