//! Where a printer is looked for, and how it is known again: by its serial, never by the
//! port's name. Asks who is there; moves nothing.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use wire::message::Hello;
use zeroize::Zeroizing;

use crate::error::{Asked, Error};
use crate::line::{Line, SerialLine};
use crate::patience::{FULL, KNOCK, LOOK_AGAIN, REPLY};
use crate::session::{Ask, Reply, Session};

/// Where a printer may be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// A serial port; or a folder, each entry of which is a port that may be asked.
    pub port: PathBuf,
    /// The serial that the printer must name; `None` takes the only one that answers.
    pub serial: Option<String>,
}

/// A printer that answered, on its line.
pub(crate) struct Met {
    pub(crate) line: Box<dyn Line>,
    pub(crate) session: Session,
    /// A frame that the line has not wholly taken.
    pub(crate) outgoing: Zeroizing<Vec<u8>>,
    /// When the session's time began.
    pub(crate) started: Instant,
    pub(crate) hello: Hello,
}

/// Why a port that can be opened is not the printer's.
#[derive(Debug, PartialEq, Eq)]
enum Stranger {
    Another { found: String, wanted: String },
    Several(Vec<String>),
    Nobody,
}

impl std::error::Error for Stranger {}

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stranger::Another { found, wanted } => {
                write!(f, "printer {found} answers there, not {wanted}")
            }
            Stranger::Several(serials) => {
                let serials = serials.join(", ");
                write!(
                    f,
                    "several printers answer ({serials}): name the serial of one"
                )
            }
            Stranger::Nobody => write!(f, "no port in this folder has the printer"),
        }
    }
}

impl Place {
    /// The printer at this place, and nobody else's.
    ///
    /// # Errors  As [`crate::Printer::find`].
    pub(crate) fn meet(&self, baud: u32) -> Result<Met, Error> {
        if !self.port.is_dir() {
            let met = knock(Box::new(SerialLine::open(&self.port, baud)?), REPLY)?;
            return self.only_ours(met);
        }
        let (mut ours, mut others, mut failure) = (Vec::new(), Vec::new(), None);
        for port in self.candidates() {
            match SerialLine::open(&port, baud).and_then(|line| knock(Box::new(line), KNOCK)) {
                Ok(met) if self.is_ours(&met.hello) => ours.push(met),
                Ok(met) => others.push(met.hello.serial.clone()),
                Err(error) => failure = worse(failure, error),
            }
        }
        match (ours.len(), ours.pop(), others.pop(), failure) {
            (1, Some(met), _, _) => Ok(met),
            (_, Some(last), _, _) => {
                let all = ours.iter().chain([&last]);
                let serials = all.map(|met| met.hello.serial.clone()).collect();
                Err(self.stranger(Stranger::Several(serials)))
            }
            (_, None, Some(found), _) => Err(self.stranger(self.another(found))),
            (_, None, None, Some(error)) => Err(error),
            (_, None, None, None) => Err(self.stranger(Stranger::Nobody)),
        }
    }

    /// The same printer again, wherever it is now; `None` when it did not come back in time
    /// or nobody waits for it any more.
    pub(crate) fn meet_again(
        &self,
        serial: &str,
        baud: u32,
        until: Instant,
        stop: &AtomicBool,
    ) -> Option<Met> {
        while !stop.load(Ordering::Relaxed) && Instant::now() < until {
            for port in self.candidates() {
                let line = SerialLine::open(&port, baud);
                match line.and_then(|line| knock(Box::new(line), KNOCK)) {
                    Ok(met) if met.hello.serial == serial => return Some(met),
                    Ok(_) => tracing::warn!(port = %port.display(), "another printer answers"),
                    Err(error) => tracing::debug!(port = %port.display(), %error, "not there"),
                }
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        None
    }

    /// The ports that may be asked, in the order of their names.
    fn candidates(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(&self.port) else {
            return vec![self.port.clone()];
        };
        let mut ports: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        ports.retain(|port| !port.is_dir());
        ports.sort();
        ports
    }

    fn only_ours(&self, met: Met) -> Result<Met, Error> {
        match self.is_ours(&met.hello) {
            true => Ok(met),
            false => Err(self.stranger(self.another(met.hello.serial.clone()))),
        }
    }

    fn is_ours(&self, hello: &Hello) -> bool {
        self.serial
            .as_ref()
            .is_none_or(|serial| *serial == hello.serial)
    }

    fn another(&self, found: String) -> Stranger {
        let wanted = self.serial.clone().unwrap_or_default();
        Stranger::Another { found, wanted }
    }

    fn stranger(&self, stranger: Stranger) -> Error {
        Error::Port {
            port: self.port.clone(),
            source: io::Error::new(io::ErrorKind::NotFound, stranger),
        }
    }
}

/// The error that tells more: a port that is held or speaks another version is more likely
/// the printer's than one that is silent.
fn worse(former: Option<Error>, latter: Error) -> Option<Error> {
    match former {
        Some(Error::Busy { .. } | Error::WrongVersion { .. }) => former,
        Some(_) | None => Some(latter),
    }
}

/// Asks over a line who is there.
///
/// # Errors  `Gone`, `Silent`, `NotAPrinter`, `WrongVersion`.
pub(crate) fn knock(mut line: Box<dyn Line>, patience: Duration) -> Result<Met, Error> {
    let started = Instant::now();
    // Only keeps this process's tags apart from an earlier one's.
    let seed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |t| t.subsec_nanos());
    let mut session = Session::new(line.baud(), seed, Duration::ZERO);
    session.ask(Ask::Hello, Duration::ZERO);
    let mut outgoing = Zeroizing::default();
    let mut buffer = [0; 4096];
    let hello = loop {
        let now = started.elapsed();
        session.tick(now);
        match session.outcome() {
            Some((_, Ok(Reply::Hello(hello)))) => break hello,
            Some((_, Ok(other))) => unreachable!("a hello was answered by {other:?}"),
            Some((_, Err(error @ Error::WrongVersion { .. }))) => return Err(error),
            Some((_, Err(error))) => return Err(unless_noise(&session, error)),
            None if now >= patience => {
                let asked = Asked::Hello;
                let silent = Error::Silent { asked, patience };
                return Err(unless_noise(&session, silent));
            }
            None => {}
        }
        let full = write(&mut session, line.as_mut(), &mut outgoing, now);
        let wait = match full.map_err(Error::Gone)? {
            Full(true) => FULL,
            Full(false) => session.wake_at().min(patience).saturating_sub(now),
        };
        let count = line.read(&mut buffer, wait).map_err(Error::Gone)?;
        session.receive(&buffer[..count], started.elapsed());
    };
    Ok(Met {
        line,
        session,
        outgoing,
        started,
        hello,
    })
}

fn unless_noise(session: &Session, error: Error) -> Error {
    match session.heard_only_noise() {
        true => Error::NotAPrinter,
        false => error,
    }
}

/// Whether the line took less than there was.
pub(crate) struct Full(pub(crate) bool);

/// Writes what the line takes of what the session has to say.
///
/// # Errors  The line is gone.
pub(crate) fn write(
    session: &mut Session,
    line: &mut dyn Line,
    outgoing: &mut Zeroizing<Vec<u8>>,
    now: Duration,
) -> io::Result<Full> {
    loop {
        if outgoing.is_empty() {
            match session.next_frame(now) {
                Some(frame) => *outgoing = frame,
                None => return Ok(Full(false)),
            }
        }
        match line.write(outgoing) {
            Ok(0) => return Ok(Full(true)),
            Ok(count) => drop(outgoing.drain(..count)),
            Err(cause) => return Err(cause),
        }
    }
}
