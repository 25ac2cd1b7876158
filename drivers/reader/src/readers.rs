//! The readers of the machine, and waiting for what is laid on them: by events, never by polling.

use crate::{Card, Error};
use pcsc::{Context, PNP_NOTIFICATION, ReaderState, Scope, State};
use std::ffi::CString;
use std::time::{Duration, Instant};
use wire::apdu::Length;

/// Who else may use a card while it is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// Nobody.
    Exclusive,
    /// Other programs, outside of [`Card::hold`].
    Shared,
}

/// How a card is to be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// Who else may use it.
    pub sharing: Sharing,
    /// The length fields that the reader carries, where the configuration knows better than the
    /// reader's own report.
    pub length: Option<Length>,
}

impl Default for Access {
    /// Exclusive, with the lengths that the reader reports.
    fn default() -> Access {
        Access {
            sharing: Sharing::Exclusive,
            length: None,
        }
    }
}

/// The readers of the machine. A wait occupies it: one per thread that waits.
pub struct Readers {
    context: Context,
}

/// Calls off the waits of one [`Readers`] from another thread.
#[derive(Clone)]
pub struct Canceller(Context);

impl Canceller {
    /// Ends the wait that is under way, if any.
    ///
    /// # Errors
    /// `NoService`.
    pub fn cancel(&self) -> Result<(), Error> {
        self.0.cancel().map_err(Error::NoService)
    }
}

impl Readers {
    /// Connects to the machine's card service.
    ///
    /// # Errors
    /// `NoService`.
    pub fn connect() -> Result<Readers, Error> {
        let context = Context::establish(Scope::User).map_err(Error::NoService)?;
        Ok(Readers { context })
    }

    /// Names of the readers that are there now.
    ///
    /// # Errors
    /// `NoService`.
    pub fn list(&self) -> Result<Vec<String>, Error> {
        match self.context.list_readers_owned() {
            Ok(names) => Ok(names
                .iter()
                .map(|name| name.to_string_lossy().into_owned())
                .collect()),
            Err(pcsc::Error::NoReadersAvailable) => Ok(Vec::new()),
            Err(error) => Err(Error::NoService(error)),
        }
    }

    /// A handle by which another thread calls off a wait.
    pub fn canceller(&self) -> Canceller {
        Canceller(self.context.clone())
    }

    /// Whether a card lies on the reader now.
    ///
    /// # Errors
    /// `NoReader`, `NoService`.
    pub fn present(&self, reader: &str) -> Result<bool, Error> {
        let mut state = [reader_state(reader, State::UNAWARE)?];
        self.change(reader, Duration::ZERO, &mut state)?;
        Ok(state[0].event_state().contains(State::PRESENT))
    }

    /// Waits for a reader to be there.
    ///
    /// # Errors
    /// `NoReader` at the end of the patience; `Cancelled`, `NoService`.
    pub fn wait_reader(&self, reader: &str, patience: Duration) -> Result<(), Error> {
        let end = Instant::now() + patience;
        // The state is taken before the list is read, so that a change between the two ends the wait.
        let mut news = [ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE)];
        self.change(reader, Duration::ZERO, &mut news)?;
        loop {
            news[0].sync_current_state();
            if self.list()?.iter().any(|name| name == reader) {
                return Ok(());
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::NoReader {
                    reader: reader.to_owned(),
                });
            }
            self.change(reader, left, &mut news)?;
        }
    }

    /// Waits for a card on the reader and connects it exclusively.
    ///
    /// # Errors
    /// `NoCard` at the end of the patience; `Mute` for one that does not answer; `InUse`,
    /// `NoReader`, `Cancelled`, `NoService`.
    pub fn wait_card(&self, reader: &str, patience: Duration) -> Result<Card, Error> {
        self.wait_card_with(reader, patience, Access::default())
    }

    /// As [`Readers::wait_card`], connecting as asked.
    ///
    /// # Errors
    /// As [`Readers::wait_card`].
    pub fn wait_card_with(
        &self,
        reader: &str,
        patience: Duration,
        access: Access,
    ) -> Result<Card, Error> {
        let end = Instant::now() + patience;
        loop {
            if !self.wait_until(reader, end, State::PRESENT)? {
                return Err(Error::NoCard {
                    reader: reader.to_owned(),
                });
            }
            match Card::connect(&self.context, reader, access) {
                // Taken again between event and connection.
                Err(Error::NoCard { .. }) => {}
                other => return other,
            }
        }
    }

    /// Waits until no card lies on the reader; whether that came about within the patience.
    ///
    /// # Errors
    /// `NoReader`, `Cancelled`, `NoService`.
    pub fn wait_gone(&self, reader: &str, patience: Duration) -> Result<bool, Error> {
        self.wait_until(reader, Instant::now() + patience, State::EMPTY)
    }

    fn wait_until(&self, reader: &str, end: Instant, wanted: State) -> Result<bool, Error> {
        let mut state = [reader_state(reader, State::UNAWARE)?];
        self.change(reader, Duration::ZERO, &mut state)?;
        while !state[0].event_state().contains(wanted) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            state[0].sync_current_state();
            self.change(reader, left, &mut state)?;
        }
        Ok(true)
    }

    /// One wait for events; the end of the patience is not an error here.
    fn change(
        &self,
        reader: &str,
        patience: Duration,
        states: &mut [ReaderState; 1],
    ) -> Result<(), Error> {
        match self.context.get_status_change(patience, states) {
            Ok(()) | Err(pcsc::Error::Timeout) => {}
            Err(error) => return Err(Error::of_reader(reader, error)),
        }
        if states[0]
            .event_state()
            .intersects(State::UNKNOWN | State::UNAVAILABLE)
        {
            return Err(Error::NoReader {
                reader: reader.to_owned(),
            });
        }
        Ok(())
    }
}

fn reader_state(reader: &str, known: State) -> Result<ReaderState, Error> {
    let name = CString::new(reader).map_err(|_| Error::NoReader {
        reader: reader.to_owned(),
    })?;
    Ok(ReaderState::new(name, known))
}
