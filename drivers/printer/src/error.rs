//! What can go wrong between station and printer, split by who must act.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use wire::service::Order;
use wire::{Condition, Malformed, Motion};

/// What was asked of the printer when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Its identity.
    Hello,
    /// A survey.
    Survey,
    /// A motion.
    Motion(Motion),
    /// To take a card's panels.
    Load,
    /// To erase a card's panels.
    Erase,
    /// A scan.
    Scan,
    /// A technician's order.
    Order(Order),
    /// Its own log.
    Log,
    /// Its hardware, hours and cards.
    Identity,
    /// Echoes, to probe the line.
    Probe,
}

/// Why a request to the printer did not reach its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing was heard. After a motion whether it moved is unknown: survey.
    #[error("the printer stayed silent for {patience:?} after {asked:?}")]
    Silent {
        /// What was asked.
        asked: Asked,
        /// How long it was waited for.
        patience: Duration,
    },
    /// Only damaged frames came. After a motion whether it moved is unknown.
    #[error("{damaged} damaged frames and no answer after {asked:?}")]
    Garbled {
        /// What was asked.
        asked: Asked,
        /// Damaged frames since.
        damaged: u32,
    },
    /// The line broke or was closed. After a motion whether it moved is unknown.
    #[error("the printer's line is gone")]
    Gone(#[source] io::Error),
    /// The printer refused: nothing moved and nothing will.
    #[error("the printer refused: {0}")]
    Refused(Condition),
    /// A technician's order was stopped by a condition; the printer stands still.
    #[error("the printer stopped the order: {0}")]
    Stopped(Condition),
    /// The printer is heard, but its firmware is older than this kind of request.
    #[error("the printer is heard, but does not answer {asked:?}: its firmware does not know it")]
    NotUnderstood {
        /// What was asked.
        asked: Asked,
        /// How long it was waited for.
        patience: Duration,
    },
    /// The printer lost power since it was last surveyed: survey it.
    #[error("the printer lost power since it was last surveyed")]
    StaleBoot,
    /// The printer speaks no version of the protocol that this driver speaks.
    #[error("the printer speaks versions {lowest} to {highest} of the protocol")]
    WrongVersion {
        /// Its oldest.
        lowest: u8,
        /// Its newest.
        highest: u8,
    },
    /// Something answers on this port, but no printer of ours.
    #[error("what answers on this port is not a card printer")]
    NotAPrinter,
    /// Another process holds the port.
    #[error("{port} is held by {}", owner.as_deref().unwrap_or("another process"))]
    Busy {
        /// The port.
        port: PathBuf,
        /// Its process, when it can be seen.
        owner: Option<String>,
    },
    /// The port cannot be opened.
    #[error("{port} cannot be opened")]
    Port {
        /// The port.
        port: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The panels, or the scan that came, are not what they claim to be.
    #[error("panels or scan are not of their form")]
    Form(#[source] Malformed),
}
