//! Only one simulator at a time on a state folder and on a link: a lock that ends with its
//! process, however that ends.

use firmware_sim::Error;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A claim, held for as long as it lives.
pub(crate) struct Sole {
    path: PathBuf,
    _file: File,
}

impl Sole {
    /// Claims the state folder.
    pub(crate) fn state(folder: &Path) -> Result<Sole, Error> {
        Sole::claim(folder.join("lock"), "--state", folder)
    }

    /// Claims the link; what lies there and is no link is nobody's port.
    pub(crate) fn link(link: &Path) -> Result<Sole, Error> {
        match fs::symlink_metadata(link) {
            Ok(there) if !there.is_symlink() => Err(Error::Parameter {
                name: "--link",
                reason: format!("{} is there and is no symbolic link", link.display()),
            }),
            Ok(_) | Err(_) => {
                let mut beside = link.as_os_str().to_owned();
                beside.push(".lock");
                Sole::claim(PathBuf::from(beside), "--link", link)
            }
        }
    }

    fn claim(path: PathBuf, name: &'static str, what: &Path) -> Result<Sole, Error> {
        let file = |source: io::Error| Error::File {
            path: path.clone(),
            source,
        };
        loop {
            let lock = File::options()
                .create(true)
                .append(true)
                .open(&path)
                .map_err(file)?;
            match lock.try_lock() {
                // The former holder may have taken the file away between the two.
                Ok(()) if !is_still(&path, &lock) => {}
                Ok(()) => return Ok(Sole { path, _file: lock }),
                Err(TryLockError::WouldBlock) => {
                    let path = what.to_owned();
                    return Err(Error::Busy { name, path });
                }
                Err(TryLockError::Error(source)) => return Err(file(source)),
            }
        }
    }
}

fn is_still(path: &Path, lock: &File) -> bool {
    let there = fs::metadata(path).map(|there| there.ino());
    let ours = lock.metadata().map(|ours| ours.ino());
    matches!((there, ours), (Ok(there), Ok(ours)) if there == ours)
}

impl Drop for Sole {
    fn drop(&mut self) {
        // While it is still locked; left behind it would be a file without a holder: harmless.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_simulator_is_refused_until_the_first_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let (state, link) = (folder.path(), folder.path().join("printer"));
        let first = (Sole::state(state).unwrap(), Sole::link(&link).unwrap());
        let busy = |claim: Result<Sole, Error>| claim.err().map(|error| error.to_string());
        let refusal = busy(Sole::state(state)).expect("refused");
        assert!(
            refusal.starts_with("--state: another printer runs on "),
            "{refusal}"
        );
        assert!(busy(Sole::link(&link)).is_some());
        drop(first);
        assert!(busy(Sole::state(state)).is_none());
        assert!(busy(Sole::link(&link)).is_none());
    }

    #[test]
    fn a_file_in_the_place_of_the_link_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("precious");
        fs::write(&link, "words").unwrap();
        assert!(Sole::link(&link).is_err());
        assert_eq!(fs::read_to_string(&link).unwrap(), "words");
    }
}
