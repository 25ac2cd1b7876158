//! The seam between a printer and what drives its session: threads on a real line, or somebody who
//! turns time himself. Knows no frame.

use std::sync::mpsc::Receiver;

use crate::error::Error;
use crate::session::{Ask, Event, Progress, Reply};

/// One session that somebody drives.
pub trait Talk {
    /// How the answers to a request come.
    type Answers: Answers;

    /// Begins a request.
    fn ask(&self, ask: Ask) -> Self::Answers;

    /// What nobody asked for, from now on.
    fn subscribe(&self) -> Receiver<Event>;

    /// How far the raster of the card loaded last has come.
    fn progress(&self) -> Progress;
}

/// The answers to one request, in order.
pub trait Answers {
    /// Waits for the next one.
    ///
    /// # Errors  As the request; `Gone` when nobody drives the session any more.
    fn next(&self) -> Result<Reply, Error>;
}
