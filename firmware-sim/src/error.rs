//! What can go wrong around the simulated firmware, split by who must act.

use std::path::PathBuf;

/// An error of the simulator itself. (What the *printer* refuses is a condition of `wire`.)
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A parameter on the command line is out of range.
    #[error("{name}: {reason}")]
    Parameter {
        /// The option or argument.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A file or folder cannot be used.
    #[error("cannot use {}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is there but does not say what it must.
    #[error("{}, line {line}: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The line, from 1; 0 where no line can be named.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// Another simulator has it.
    #[error("{name}: another printer runs on {}", path.display())]
    Busy {
        /// The option.
        name: &'static str,
        /// What it has.
        path: PathBuf,
    },
    /// The pseudo terminal or a socket cannot be had.
    #[error("cannot open the {what}")]
    Port {
        /// Which one.
        what: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    /// 2: the command line or a file named on it; 3: something of the machine is unreachable.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Parameter { .. } | Error::Content { .. } => 2,
            Error::File { .. } | Error::Port { .. } | Error::Busy { .. } => 3,
        }
    }
}
