//! The threads behind a printer: one reads the line, one runs the session and
//! writes, one looks for a line that is gone. Time enters here and nowhere deeper.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::error::Error;
use crate::line::Line;
use crate::patience::{FIND, FULL};
use crate::place::{Full, Met, Place, write};
use crate::session::{Ask, Cause, Event, Progress, Reply, Session, Ticket};
use crate::talk::{self, Talk};

/// How long the reading thread waits before it looks whether it should end.
const LOOK: Duration = Duration::from_millis(100);
/// Inputs that may wait for the session before the reading thread does.
const BACKLOG: usize = 64;
/// Events that a subscriber may leave unread.
const UNREAD: usize = 1024;

enum Input {
    /// What came over the line of this number.
    Bytes(u32, Zeroizing<Vec<u8>>),
    Ask(Ask, Sender<Result<Reply, Error>>),
    /// The line of this number is gone.
    Lost(u32, io::Error),
    /// The printer was found again, or was not.
    Found(Option<Box<Met>>),
    Close,
}

/// What callers see without asking the session.
#[derive(Default)]
struct Shared {
    progress: Progress,
    first_raster: Option<Instant>,
    subscribers: Vec<SyncSender<Event>>,
}

/// The handle to the threads.
pub struct Worker {
    inputs: SyncSender<Input>,
    shared: Arc<Mutex<Shared>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What comes back from the session's thread.
pub struct Answers(Receiver<Result<Reply, Error>>);

impl talk::Answers for Answers {
    fn next(&self) -> Result<Reply, Error> {
        self.0
            .recv()
            .unwrap_or_else(|_| Err(Error::Gone(io::ErrorKind::BrokenPipe.into())))
    }
}

impl Worker {
    /// Goes on with a printer that was met. `place` says where it is looked for when its
    /// line is gone; without it a line that is gone is gone for good.
    ///
    /// # Errors  `Gone` when the line has no second handle or no thread starts.
    pub(crate) fn start(met: Met, place: Option<Place>) -> Result<Worker, Error> {
        let (inputs, queue) = mpsc::sync_channel(BACKLOG);
        let shared = Arc::new(Mutex::new(Shared::default()));
        let stop = Arc::new(AtomicBool::new(false));
        let lines = Lines {
            baud: met.line.baud(),
            serial: met.hello.serial.clone(),
            place,
            number: 0,
            inputs: inputs.clone(),
            stop: Arc::clone(&stop),
            threads: Vec::new(),
        };
        let run = Run::new(met, lines, queue, Arc::clone(&shared))?;
        let thread = thread::Builder::new().name("printer".to_owned());
        let thread = thread.spawn(move || run.work()).map_err(Error::Gone)?;
        Ok(Worker {
            inputs,
            shared,
            stop,
            thread: Some(thread),
        })
    }

    pub(crate) fn first_raster(&self) -> Option<Instant> {
        lock(&self.shared).first_raster
    }
}

impl Talk for Worker {
    type Answers = Answers;

    fn ask(&self, ask: Ask) -> Answers {
        let (answers, receiver) = mpsc::channel();
        // A session that has ended drops the sender: the caller reads `Gone`.
        let _ = self.inputs.send(Input::Ask(ask, answers));
        Answers(receiver)
    }

    fn subscribe(&self) -> Receiver<Event> {
        let (events, receiver) = mpsc::sync_channel(UNREAD);
        lock(&self.shared).subscribers.push(events);
        receiver
    }

    fn progress(&self) -> Progress {
        lock(&self.shared).progress
    }
}

impl Drop for Worker {
    // Waits for its threads, so that the port is free when the printer is dropped.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.inputs.send(Input::Close);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(mut line: Box<dyn Line>, number: u32, inputs: &SyncSender<Input>, stop: &AtomicBool) {
    let mut buffer = Zeroizing::new([0; 4096]);
    while !stop.load(Ordering::Relaxed) {
        let input = match line.read(buffer.as_mut_slice(), LOOK) {
            Ok(0) => continue,
            Ok(count) => Input::Bytes(number, Zeroizing::new(buffer[..count].to_vec())),
            Err(cause) => Input::Lost(number, cause),
        };
        let ends = matches!(input, Input::Lost(..));
        if inputs.send(input).is_err() || ends {
            return;
        }
    }
}

/// The lines to one printer, one after the other, and the threads that read and find them.
struct Lines {
    place: Option<Place>,
    baud: u32,
    serial: String,
    number: u32,
    inputs: SyncSender<Input>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Lines {
    /// A thread reads this line from now on.
    fn listen(&mut self, line: &dyn Line) -> io::Result<()> {
        self.number += 1;
        let (twin, number) = (line.twin()?, self.number);
        let (inputs, stop) = (self.inputs.clone(), Arc::clone(&self.stop));
        self.spawn("printer-read", move || read(twin, number, &inputs, &stop))
    }

    /// A thread looks for the printer; `false` when there is nowhere to look.
    fn find(&mut self) -> bool {
        let Some(place) = self.place.clone() else {
            return false;
        };
        let (serial, baud, until) = (self.serial.clone(), self.baud, Instant::now() + FIND);
        let (inputs, stop) = (self.inputs.clone(), Arc::clone(&self.stop));
        let find = move || {
            let found = place.meet_again(&serial, baud, until, &stop);
            // A worker that has ended needs no printer.
            let _ = inputs.send(Input::Found(found.map(Box::new)));
        };
        self.spawn("printer-find", find).is_ok()
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        self.threads.retain(|thread| !thread.is_finished());
        let thread = thread::Builder::new().name(name.to_owned());
        self.threads.push(thread.spawn(work)?);
        Ok(())
    }
}

/// The session's thread.
struct Run {
    /// `None` while the printer is looked for.
    line: Option<Box<dyn Line>>,
    lines: Lines,
    queue: Receiver<Input>,
    shared: Arc<Mutex<Shared>>,
    session: Session,
    started: Instant,
    waiting: HashMap<Ticket, Sender<Result<Reply, Error>>>,
    /// A frame that the line has not wholly taken.
    outgoing: Zeroizing<Vec<u8>>,
    gone: Option<Cause>,
}

impl Run {
    fn new(
        met: Met,
        mut lines: Lines,
        queue: Receiver<Input>,
        shared: Arc<Mutex<Shared>>,
    ) -> Result<Run, Error> {
        lines.listen(met.line.as_ref()).map_err(Error::Gone)?;
        Ok(Run {
            line: Some(met.line),
            lines,
            queue,
            shared,
            session: met.session,
            started: met.started,
            waiting: HashMap::new(),
            outgoing: met.outgoing,
            gone: None,
        })
    }

    /// Until the printer is dropped; then ends the threads beside it.
    fn work(mut self) {
        self.run();
        let Run { lines, queue, .. } = self;
        drop(queue);
        for thread in lines.threads {
            let _ = thread.join();
        }
    }

    fn run(&mut self) {
        loop {
            let wait = self.turn();
            let mut input = match self.queue.recv_timeout(wait) {
                Ok(input) => Some(input),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            while let Some(next) = input {
                if !self.take(next) {
                    return;
                }
                input = self.queue.try_recv().ok();
            }
        }
    }

    /// Lets the session do what is due; how long it then has nothing to do.
    fn turn(&mut self) -> Duration {
        let now = self.started.elapsed();
        let mut full = Full(false);
        if self.gone.is_none() {
            self.session.tick(now);
            full = self.write_out(now);
        }
        self.tell();
        match (&self.gone, full) {
            (Some(_), _) => Duration::MAX,
            (None, Full(true)) => FULL,
            (None, Full(false)) => self.session.wake_at().saturating_sub(now),
        }
    }

    /// `false` when the printer was dropped.
    fn take(&mut self, input: Input) -> bool {
        let now = self.started.elapsed();
        match input {
            Input::Bytes(line, bytes) if line == self.lines.number => {
                self.session.receive(&bytes, now);
            }
            Input::Lost(line, cause) if line == self.lines.number => self.lose(cause.into()),
            // Of a line that was left already.
            Input::Bytes(..) | Input::Lost(..) => {}
            Input::Ask(_, answers) if self.gone.is_some() => {
                let _ = answers.send(Err(self.gone_again()));
            }
            Input::Ask(ask, answers) => {
                let ticket = self.session.ask(ask, now);
                self.waiting.insert(ticket, answers);
            }
            Input::Found(Some(met)) => self.go_on(*met, now),
            Input::Found(None) => self.give_up(),
            Input::Close => return false,
        }
        true
    }

    /// The line is gone: the printer is looked for where it may be.
    fn lose(&mut self, cause: Cause) {
        if self.line.take().is_none() {
            return;
        }
        tracing::warn!(cause = %io::Error::from(cause), "the printer's line is gone");
        self.outgoing = Zeroizing::default();
        self.session.detach(cause);
        if !self.lines.find() {
            self.give_up();
        }
    }

    /// The same printer on a new line: what was asked is asked again, and the raster goes
    /// on where it was.
    fn go_on(&mut self, met: Met, now: Duration) {
        if let Err(cause) = self.lines.listen(met.line.as_ref()) {
            tracing::warn!(%cause, "the line that was found cannot be read");
            return self.give_up();
        }
        tracing::info!(serial = %met.hello.serial, "the printer is back");
        self.line = Some(met.line);
        self.session.attach(&met.hello, now);
    }

    fn give_up(&mut self) {
        let cause = self.session.detached().unwrap_or_default();
        self.gone = Some(cause);
        self.session.hang_up(|| Error::Gone(cause.into()));
        self.tell();
        self.publish(Event::Gone);
    }

    fn gone_again(&self) -> Error {
        Error::Gone(self.gone.unwrap_or_default().into())
    }

    fn write_out(&mut self, now: Duration) -> Full {
        let Some(line) = &mut self.line else {
            return Full(false);
        };
        match write(&mut self.session, line.as_mut(), &mut self.outgoing, now) {
            Ok(full) => full,
            Err(cause) => {
                self.lose(cause.into());
                Full(false)
            }
        }
    }

    /// Gives outcomes to their callers, events to all, and shows the progress.
    fn tell(&mut self) {
        while let Some((ticket, outcome)) = self.session.outcome() {
            let goes_on = matches!(outcome, Ok(Reply::Accepted | Reply::Progress(_)));
            if let Some(answers) = self.waiting.get(&ticket) {
                // Callers may have stopped waiting; the motion goes on.
                let _ = answers.send(outcome);
            }
            if !goes_on {
                self.waiting.remove(&ticket);
            }
        }
        while let Some(event) = self.session.event() {
            tracing::debug!(?event, "printer event");
            self.publish(event);
        }
        let mut shared = lock(&self.shared);
        shared.progress = self.session.progress();
        shared.first_raster = self.session.first_raster().map(|at| self.started + at);
    }

    /// A subscriber that does not read loses events; one that is gone is forgotten.
    fn publish(&self, event: Event) {
        let reads = |events: &SyncSender<Event>| {
            !matches!(events.try_send(event), Err(TrySendError::Disconnected(_)))
        };
        lock(&self.shared).subscribers.retain(reads);
    }
}
