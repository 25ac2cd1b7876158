//! What technicians ask of the printer: orders, its own log, its identity, and how
//! good the line is. Without a card, and never while one is made: that the station sees to.

use wire::service::{Check, Identity, LogEntry, Order};

use crate::Printer;
use crate::error::Error;
use crate::session::{Ask, Reply};
use crate::talk::{Answers as _, Talk};

/// How good the line was while it was probed. Counts are of this probing alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineQuality {
    /// Bits a second that the line was opened with.
    pub baud: u32,
    /// Bytes of ballast in each probe.
    pub bytes: usize,
    /// Probes that were sent, each once.
    pub sent: u32,
    /// Probes whose echo came.
    pub answered: u32,
    /// Probes that did not arrive at the printer.
    pub lost_out: u32,
    /// Echoes that did not arrive here.
    pub lost_back: u32,
    /// Frames that the printer dropped as damaged, whatever they were.
    pub damaged_there: u32,
    /// Frames that this side dropped as damaged, whatever they were.
    pub damaged_here: u32,
    /// There and back with ballast both ways, one probe at a time, in ascending order.
    pub rtt_us: Vec<u32>,
    /// Ballast a second towards the printer.
    pub out_bytes_per_s: u32,
    /// Ballast a second from the printer.
    pub back_bytes_per_s: u32,
}

impl<T: Talk> Printer<T> {
    /// Has the machine do something without a card, and returns when it ended.
    /// `progress` is told the percentage done as it comes.
    ///
    /// # Errors  `Refused`: nothing moved. `Stopped`: what ended the order before its
    /// end. `NotUnderstood`: the firmware knows no orders. `StaleBoot`, `Silent`,
    /// `Garbled`, `Gone`: how far it came is unknown.
    pub fn service(&self, order: Order, progress: &mut dyn FnMut(u8)) -> Result<Vec<Check>, Error> {
        let answers = self.talk.ask(Ask::Order(order));
        loop {
            let answer = answers.next()?;
            if let Reply::Progress(percent) = answer {
                progress(percent);
                continue;
            }
            let Reply::Checks(checks) = answer else {
                unreachable!("an order was answered by something else");
            };
            return Ok(checks);
        }
    }

    /// The printer's own log, which outlives its power, from entry `from` (1 is the
    /// first ever) or the oldest that it still keeps, to the newest.
    ///
    /// # Errors  `NotUnderstood`; `Form` when the log is in no order; `Silent`, `Garbled`, `Gone`.
    pub fn log(&self, from: u64) -> Result<Vec<LogEntry>, Error> {
        let Reply::Log(entries) = self.talk.ask(Ask::Log { from }).next()? else {
            unreachable!("a log was answered by something else");
        };
        Ok(entries)
    }

    /// What [`Printer::hello`] does not tell of the machine.
    ///
    /// # Errors  `NotUnderstood`; `Silent`, `Garbled`, `Gone`.
    pub fn identity(&self) -> Result<Identity, Error> {
        let Reply::Identity(identity) = self.talk.ask(Ask::Identify).next()? else {
            unreachable!("an identity was answered by something else");
        };
        Ok(identity)
    }

    /// Probes the line in three rounds of `probes` probes (at most 10,000) each: one at a
    /// time with `bytes` of ballast (at most 1000) both ways, then as many as the line
    /// carries with ballast out, then back. Raster and control go first.
    ///
    /// # Errors  `Refused(Busy)` while the line is probed already; `NotUnderstood`;
    /// `StaleBoot` when the printer lost power meanwhile; `Silent`, `Garbled`, `Gone`.
    pub fn probe_line(&self, probes: u32, bytes: usize) -> Result<LineQuality, Error> {
        let probing = self.talk.ask(Ask::Probe { probes, bytes });
        let Reply::Quality(quality) = probing.next()? else {
            unreachable!("a probing was answered by something else");
        };
        Ok(quality)
    }
}
