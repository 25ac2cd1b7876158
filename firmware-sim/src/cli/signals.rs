//! Being stopped: SIGTERM and SIGINT taken in hand before any thread starts.

use firmware_sim::Error;
use nix::sys::signal::{SigSet, Signal};

/// The signals that stop a subcommand, held back until somebody waits for them.
pub(crate) struct Stop(SigSet);

impl Stop {
    /// Call before any thread starts, so that no thread takes the signal for itself.
    pub(crate) fn prepare() -> Result<Stop, Error> {
        let set = SigSet::from_iter([Signal::SIGTERM, Signal::SIGINT, Signal::SIGCHLD]);
        set.thread_block().map_err(signals)?;
        Ok(Stop(set))
    }

    /// Waits until stopped, or until a child process ended.
    pub(crate) fn wait(&self) -> Result<Signal, Error> {
        self.0.wait().map_err(signals)
    }
}

fn signals(cause: nix::Error) -> Error {
    Error::Port {
        what: "signals",
        source: cause.into(),
    }
}
