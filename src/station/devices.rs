//! What the hands act through: a printer's talk, readers, time and chance. [`Wired`] is this
//! machine's own; a simulator that turns time itself stands in the same place. Decides nothing.

use std::time::{Duration, Instant};

use super::chips::say;
use crate::fault::Code;
use printer::{Talk, Worker};
use reader::{Access, Readers};
use wire::apdu::Transmit;

/// The devices behind one pair of hands.
pub trait Devices {
    /// What drives the printer's session.
    type Talk: Talk;
    /// The readers.
    type Readers: Reads;
    /// Time and chance.
    type Pulse: Pulse;
}

/// Readers, as the PC/SC service gives them.
pub trait Reads {
    /// A connected card.
    type Card: Transmit;

    /// The names of the readers that are there.
    ///
    /// # Errors  The service does not answer.
    fn list(&self) -> Result<Vec<String>, reader::Error>;

    /// The card on a reader, waited for.
    ///
    /// # Errors  No card came, it does not answer, or the reader is at fault.
    fn wait_card(
        &self,
        reader: &str,
        patience: Duration,
        access: Access,
    ) -> Result<Self::Card, reader::Error>;
}

/// Time that passes while the devices act, and chance for what is said to them.
pub trait Pulse: Clone {
    /// Time since an arbitrary start, which no one can set.
    fn steady(&self) -> Duration;

    /// Lets this time pass.
    fn rest(&self, time: Duration);

    /// Fills with random bytes.
    ///
    /// # Errors  There are none to be had: nothing is begun without them.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Code>;
}

/// Random bytes of this many.
pub(super) fn chance<const N: usize>(pulse: &impl Pulse) -> Result<[u8; N], Code> {
    let mut bytes = [0; N];
    pulse.fill(&mut bytes)?;
    Ok(bytes)
}

/// This machine's own devices.
pub struct Wired;

impl Devices for Wired {
    type Talk = Worker;
    type Readers = Readers;
    type Pulse = OwnPulse;
}

impl Reads for Readers {
    type Card = reader::Card;

    fn list(&self) -> Result<Vec<String>, reader::Error> {
        Readers::list(self)
    }

    fn wait_card(
        &self,
        reader: &str,
        patience: Duration,
        access: Access,
    ) -> Result<reader::Card, reader::Error> {
        self.wait_card_with(reader, patience, access)
    }
}

/// The machine's monotonic clock and its source of randomness.
#[derive(Clone, Copy)]
pub struct OwnPulse(Instant);

impl OwnPulse {
    /// Time from now on.
    #[must_use]
    pub fn begun() -> OwnPulse {
        OwnPulse(Instant::now())
    }
}

impl Pulse for OwnPulse {
    fn steady(&self) -> Duration {
        self.0.elapsed()
    }

    fn rest(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), Code> {
        getrandom::fill(bytes).map_err(|error| say(&error, Code::Unknown))
    }
}
