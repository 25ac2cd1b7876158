//! The serial driver of the card printer: one session over one line, on threads
//! of its own. Says what the printer says; knows no job, no journal, and no
//! meaning of a fault for a card.
//!
//! [`session::Session`] is the talk itself, without port, thread and clock; [`Printer`]
//! is that talk on a line, on threads of its own or, behind [`Talk`], on whatever drives it.
//!
//! A motion is named by its [`wire::MotionId`] and only ever repeated under that
//! name, so what is lost on the line is sent again without moving twice. What an
//! error leaves in doubt is for a survey to settle.

mod error;
mod line;
mod panel;
mod patience;
mod place;
pub mod service;
pub mod session;
mod talk;
mod worker;

use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

pub use error::{Asked, Error};
pub use line::{Line, SerialLine};
pub use panel::{Encoded, PanelRaster};
pub use patience::{order_patience, patience};
pub use place::Place;
pub use service::LineQuality;
pub use session::{Event, Progress};
pub use talk::{Answers, Talk};
pub use wire::message::Hello;
pub use worker::Worker;

use place::Met;
use session::{Ask, Reply};
use wire::scan::BoxMm100;
use wire::{Motion, MotionId, MotionResult, Scan, Survey};

/// A printer on its line. Dropping it closes the line; the printer holds its card.
pub struct Printer<T: Talk = Worker> {
    talk: T,
    hello: Hello,
}

impl Printer {
    /// Opens a serial port, for this process alone, and asks who is there.
    ///
    /// # Errors  As [`Printer::find`].
    pub fn open(port: &Path, baud: u32) -> Result<Printer, Error> {
        let port = port.to_owned();
        Printer::find(Place { port, serial: None }, baud)
    }

    /// Finds the printer at a place, for this process alone. A port that vanishes later is
    /// looked for there for five seconds, and the printer of this serial goes on where it
    /// was, whatever its port is called then; no other printer ever takes its stead.
    ///
    /// # Errors  `Port`: nothing is there, or another printer, or more than one;
    /// `Busy`, `Silent`, `NotAPrinter`, `WrongVersion`.
    pub fn find(place: Place, baud: u32) -> Result<Printer, Error> {
        let met = place.meet(baud)?;
        Printer::go_on(met, Some(place))
    }

    /// Asks over any line who is there.
    ///
    /// # Errors  `Gone`, `Silent`, `NotAPrinter`, `WrongVersion`.
    pub fn over(line: Box<dyn Line>) -> Result<Printer, Error> {
        Printer::go_on(place::knock(line, patience::REPLY)?, None)
    }

    fn go_on(met: Met, place: Option<Place>) -> Result<Printer, Error> {
        let hello = met.hello.clone();
        let talk = Worker::start(met, place)?;
        Ok(Printer { talk, hello })
    }

    /// When the first byte of the print data loaded last left: T0 of the card.
    pub fn first_raster(&self) -> Option<Instant> {
        self.talk.first_raster()
    }
}

impl<T: Talk> Printer<T> {
    /// Asks over a talk that is driven elsewhere who is there.
    ///
    /// # Errors  `Silent`, `Garbled`, `WrongVersion`.
    pub fn driven(talk: T) -> Result<Printer<T>, Error> {
        let Reply::Hello(hello) = talk.ask(Ask::Hello).next()? else {
            unreachable!("a greeting was answered by something else");
        };
        Ok(Printer { talk, hello })
    }

    /// Who answered when the line was opened.
    pub fn hello(&self) -> Hello {
        self.hello.clone()
    }

    /// Waits so long for a manifest's answer and for the ends of these motions, from now on,
    /// instead of what [`patience()`] says.
    ///
    /// # Errors  `Gone`.
    pub fn wait_for(&self, load: Duration, motions: Vec<(Motion, Duration)>) -> Result<(), Error> {
        let Reply::Noted = self.talk.ask(Ask::Patience { load, motions }).next()? else {
            unreachable!("a setting was answered by something else");
        };
        Ok(())
    }

    /// What the machine shows now. After a power loss this is what permits
    /// motions again. `sequence` is the journal's; a machine that has seen a
    /// newer one says so in the survey.
    ///
    /// # Errors  `Silent`, `Garbled`, `Gone`.
    pub fn survey(&self, sequence: u64) -> Result<Survey, Error> {
        let Reply::Survey(survey) = self.talk.ask(Ask::Survey { sequence }).next()? else {
            unreachable!("a survey was answered by something else");
        };
        Ok(survey)
    }

    /// Names a card's panels to the printer, in print order, and returns when
    /// they were taken; their raster then streams behind whatever moves, and again
    /// after a power loss once the printer was surveyed, until they are erased.
    ///
    /// # Errors  `Form` when bytes and shape differ; `Refused(Memory)`,
    /// `Refused(BadParameter)`; `StaleBoot`; as [`Printer::survey`].
    pub fn load(&self, card: u32, panels: Vec<PanelRaster>) -> Result<(), Error> {
        let panels = panels.iter().map(Encoded::of).collect::<Result<_, _>>();
        self.load_encoded(card, panels.map_err(Error::Form)?)
    }

    /// The same for panels that were made ready before: nothing but the line is waited for.
    ///
    /// # Errors  As [`Printer::load`].
    pub fn load_encoded(&self, card: u32, panels: Vec<Encoded>) -> Result<(), Error> {
        let Reply::Loaded = self.talk.ask(Ask::Load { card, panels }).next()? else {
            unreachable!("a manifest was answered by something else");
        };
        Ok(())
    }

    /// One motion to its end.
    ///
    /// # Errors  As [`Printer::begin`] and [`Pending::wait`].
    pub fn perform(
        &self,
        id: MotionId,
        motion: Motion,
        sequence: u64,
    ) -> Result<MotionResult, Error> {
        self.begin(id, motion, sequence)?.wait()
    }

    /// Begins one motion and returns when the printer accepted it. A pass whose
    /// panel is still on its way is sent when the panel has arrived.
    ///
    /// # Errors  `Refused`: nothing moved. `StaleBoot`, `Silent`, `Garbled`, `Gone`:
    /// unknown, survey.
    pub fn begin(
        &self,
        id: MotionId,
        motion: Motion,
        sequence: u64,
    ) -> Result<Pending<T::Answers>, Error> {
        let answers = self.talk.ask(Ask::Motion {
            id,
            motion,
            sequence,
        });
        let Reply::Accepted = answers.next()? else {
            unreachable!("a motion was answered by something else");
        };
        Ok(Pending { answers })
    }

    /// The scan of the card in the check station; while a check is under way it
    /// waits for the scan to be made.
    ///
    /// # Errors  `Refused(ScanAbsent)`, `Refused(ScannerDirty)`; `Form`; as [`Printer::survey`].
    pub fn scan(&self, photo_box: Option<BoxMm100>) -> Result<Scan, Error> {
        self.begin_scan(photo_box).wait()
    }

    /// Asks for that scan and returns at once: it is read while the check goes on.
    pub fn begin_scan(&self, photo_box: Option<BoxMm100>) -> PendingScan<T::Answers> {
        let answers = self.talk.ask(Ask::Scan { photo: photo_box });
        PendingScan { answers }
    }

    /// Erases a card's panels and scan from the printer's memory; returns when
    /// the printer said that nothing of them is left.
    ///
    /// # Errors  `Refused(Busy)`; as [`Printer::survey`].
    pub fn erase(&self, card: u32) -> Result<(), Error> {
        let Reply::Erased = self.talk.ask(Ask::Erase { card }).next()? else {
            unreachable!("an erasure was answered by something else");
        };
        Ok(())
    }

    /// What nobody asked for, from now on; each receiver gets all of it.
    pub fn events(&self) -> mpsc::Receiver<Event> {
        self.talk.subscribe()
    }

    /// How far the raster of the card loaded last has come.
    pub fn streamed(&self) -> Progress {
        self.talk.progress()
    }
}

/// A scan on its way. Dropped, it comes in vain.
pub struct PendingScan<A: Answers> {
    answers: A,
}

impl<A: Answers> PendingScan<A> {
    /// Waits for the scan.
    ///
    /// # Errors  As [`Printer::scan`].
    pub fn wait(self) -> Result<Scan, Error> {
        let Reply::Scan(scan) = self.answers.next()? else {
            unreachable!("a scan was answered by something else");
        };
        Ok(scan)
    }
}

/// A motion under way. Dropped, it goes on; its result is then in the survey.
pub struct Pending<A: Answers> {
    answers: A,
}

impl<A: Answers> Pending<A> {
    /// Waits for the motion's end.
    ///
    /// # Errors  `StaleBoot`, `Silent`, `Garbled`, `Gone`: how far it came is unknown.
    pub fn wait(self) -> Result<MotionResult, Error> {
        let Reply::Ended(result) = self.answers.next()? else {
            unreachable!("a motion ended with something else");
        };
        Ok(result)
    }
}

#[cfg(test)]
mod port_tests;
