//! The authority's folder: which file lies where, written with mode 0600 and never over another.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Why the authority cannot be set up, opened or served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read or written.
    #[error("{path}")]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// Something is already there, and keys are never overwritten.
    #[error("{0} is already there and is not overwritten")]
    Exists(PathBuf),
    /// `openssl genpkey` did not make a key.
    #[error("openssl genpkey made no RSA key; is the package openssl installed?")]
    KeyMaker(#[source] Option<io::Error>),
    /// A certificate could not be made or read.
    #[error("a certificate could not be made or read")]
    Certificate(#[source] rcgen::Error),
    /// A stored key is damaged.
    #[error("the key in {0} is damaged: put the authority's folder back from its backup")]
    Key(&'static str),
    /// The office's list of characters, or a public key, cannot be used.
    #[error("the keys or the list of characters cannot be used")]
    Keys(#[source] crate::job::keys::KeysError),
    /// The storage failed.
    #[error("the authority's storage failed")]
    Store(#[source] rusqlite::Error),
    /// The system gives no chance.
    #[error("the system gives no random numbers")]
    Chance,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
}

impl From<rcgen::Error> for Error {
    fn from(error: rcgen::Error) -> Error {
        Error::Certificate(error)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Error {
        Error::Store(error)
    }
}

/// The authority's folder.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    /// The folder at that path.
    pub fn at(path: &Path) -> Home {
        Home(path.to_owned())
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.0.join("authority.sqlite")
    }

    /// Makes a folder that only its owner enters.
    ///
    /// # Errors
    /// [`Error::Exists`] when something is there, [`Error::File`] otherwise.
    pub fn create(path: &Path) -> Result<Home, Error> {
        let made = fs::DirBuilder::new()
            .recursive(false)
            .mode(0o700)
            .create(path);
        match made {
            Ok(()) => Ok(Home(path.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let empty = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
                if empty {
                    Ok(Home(path.to_owned()))
                } else {
                    Err(Error::Exists(path.to_owned()))
                }
            }
            Err(source) => Err(Error::File {
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// Writes a new file, readable by its owner only.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.0.join(name);
        let mut file = create_private(&path)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        written.map_err(|source| Error::File { path, source })
    }

    /// Reads a file whole.
    pub(super) fn read(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        let path = self.0.join(name);
        fs::read(&path)
            .map(Zeroizing::new)
            .map_err(|source| Error::File { path, source })
    }
}

/// Makes a new file, readable by its owner only; never over another.
pub(super) fn create_private(path: &Path) -> Result<File, Error> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    made.map_err(|source| {
        if source.kind() == io::ErrorKind::AlreadyExists {
            Error::Exists(path.to_owned())
        } else {
            Error::File {
                path: path.to_owned(),
                source,
            }
        }
    })
}
