//! One process owns the journal: a lock that dies with the process, and its name beside it.

use super::Error;
use nix::fcntl::{Flock, FlockArg};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// Holds the lock as long as it lives.
#[derive(Debug)]
pub(super) struct Owner {
    _lock: Flock<File>,
}

impl Owner {
    /// Takes the lock file beside the journal.
    pub(super) fn take(journal: &Path) -> Result<Owner, Error> {
        let path = journal.with_extension("owner");
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(mut lock) => {
                lock.set_len(0)?;
                lock.rewind()?;
                write!(&mut *lock, "{}", name())?;
                Ok(Owner { _lock: lock })
            }
            Err((mut file, nix::errno::Errno::EWOULDBLOCK)) => {
                let mut owner = String::new();
                file.read_to_string(&mut owner)?;
                Err(Error::Busy { owner })
            }
            Err((_, errno)) => Err(Error::File(errno.into())),
        }
    }
}

/// The program's name and process id.
fn name() -> String {
    let program = std::env::args_os().next().map_or_else(String::new, |path| {
        Path::new(&path)
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    });
    format!("{program} (process {})", std::process::id())
}
