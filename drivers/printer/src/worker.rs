//! The threads behind a printer: one reads the line, one runs the session and
//! writes. Time enters here and nowhere deeper.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use zeroize::Zeroizing;

use crate::error::Error;
use crate::line::Line;
use crate::session::{Ask, Event, Progress, Reply, Session, Ticket};

/// How long the reading thread waits before it looks whether it should end.
const LOOK: Duration = Duration::from_millis(100);
/// How long a full line is left alone.
const FULL: Duration = Duration::from_millis(1);
/// Inputs that may wait for the session before the reading thread does.
const BACKLOG: usize = 64;
/// Events that a subscriber may leave unread.
const UNREAD: usize = 1024;

enum Input {
    Bytes(Zeroizing<Vec<u8>>),
    Ask(Ask, Sender<Result<Reply, Error>>),
    Gone(io::Error),
    Close,
}

/// What callers see without asking the session.
#[derive(Default)]
struct Shared {
    progress: Progress,
    first_raster: Option<Instant>,
    noise: bool,
    subscribers: Vec<SyncSender<Event>>,
}

/// The handle to the threads.
pub(crate) struct Worker {
    inputs: SyncSender<Input>,
    shared: Arc<Mutex<Shared>>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// The answers to one request, in order.
pub(crate) struct Answers(Receiver<Result<Reply, Error>>);

impl Answers {
    pub(crate) fn next(&self) -> Result<Reply, Error> {
        self.0
            .recv()
            .unwrap_or_else(|_| Err(Error::Gone(io::ErrorKind::BrokenPipe.into())))
    }
}

impl Worker {
    /// # Errors  `Gone` when the line has no second handle or no thread starts.
    pub(crate) fn start(line: Box<dyn Line>) -> Result<Worker, Error> {
        let (inputs, queue) = mpsc::sync_channel(BACKLOG);
        let shared = Arc::new(Mutex::new(Shared::default()));
        let stop = Arc::new(AtomicBool::new(false));
        let twin = line.twin().map_err(Error::Gone)?;
        let mut worker = Worker {
            inputs,
            shared,
            stop,
            threads: Vec::new(),
        };
        let reading = {
            let (inputs, stop) = (worker.inputs.clone(), Arc::clone(&worker.stop));
            move || read(twin, &inputs, &stop)
        };
        let run = Run::new(line, queue, Arc::clone(&worker.shared));
        worker.spawn("printer-read", reading)?;
        worker.spawn("printer", move || run.run())?;
        Ok(worker)
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
        let thread = thread::Builder::new().name(name.to_owned()).spawn(work);
        self.threads.push(thread.map_err(Error::Gone)?);
        Ok(())
    }

    pub(crate) fn ask(&self, ask: Ask) -> Answers {
        let (answers, receiver) = mpsc::channel();
        // A session that has ended drops the sender: the caller reads `Gone`.
        let _ = self.inputs.send(Input::Ask(ask, answers));
        Answers(receiver)
    }

    pub(crate) fn subscribe(&self) -> Receiver<Event> {
        let (events, receiver) = mpsc::sync_channel(UNREAD);
        lock(&self.shared).subscribers.push(events);
        receiver
    }

    pub(crate) fn progress(&self) -> Progress {
        lock(&self.shared).progress
    }

    pub(crate) fn first_raster(&self) -> Option<Instant> {
        lock(&self.shared).first_raster
    }

    pub(crate) fn heard_only_noise(&self) -> bool {
        lock(&self.shared).noise
    }
}

impl Drop for Worker {
    // Waits for both threads, so that the port is free when the printer is dropped.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.inputs.send(Input::Close);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(mut line: Box<dyn Line>, inputs: &SyncSender<Input>, stop: &AtomicBool) {
    let mut buffer = Zeroizing::new([0; 4096]);
    while !stop.load(Ordering::Relaxed) {
        let input = match line.read(buffer.as_mut_slice(), LOOK) {
            Ok(0) => continue,
            Ok(count) => Input::Bytes(Zeroizing::new(buffer[..count].to_vec())),
            Err(cause) => Input::Gone(cause),
        };
        let ends = matches!(input, Input::Gone(_));
        if inputs.send(input).is_err() || ends {
            return;
        }
    }
}

/// The session's thread.
struct Run {
    line: Box<dyn Line>,
    queue: Receiver<Input>,
    shared: Arc<Mutex<Shared>>,
    session: Session,
    started: Instant,
    waiting: HashMap<Ticket, Sender<Result<Reply, Error>>>,
    /// A frame that the line has not wholly taken.
    outgoing: Zeroizing<Vec<u8>>,
    gone: Option<(io::ErrorKind, Option<i32>)>,
}

impl Run {
    fn new(line: Box<dyn Line>, queue: Receiver<Input>, shared: Arc<Mutex<Shared>>) -> Run {
        // Only keeps this process's tags apart from an earlier one's.
        let seed = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |t| t.subsec_nanos());
        let session = Session::new(line.baud(), seed, Duration::ZERO);
        Run {
            line,
            queue,
            shared,
            session,
            started: Instant::now(),
            waiting: HashMap::new(),
            outgoing: Zeroizing::default(),
            gone: None,
        }
    }

    fn run(mut self) {
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
        let mut full = false;
        if self.gone.is_none() {
            self.session.tick(now);
            full = self.write_out(now);
        }
        self.tell();
        match (&self.gone, full) {
            (Some(_), _) => Duration::MAX,
            (None, true) => FULL,
            (None, false) => self.session.wake_at().saturating_sub(now),
        }
    }

    /// `false` when the printer was dropped.
    fn take(&mut self, input: Input) -> bool {
        let now = self.started.elapsed();
        match input {
            Input::Bytes(bytes) => self.session.receive(&bytes, now),
            Input::Ask(_, answers) if self.gone.is_some() => {
                let _ = answers.send(Err(self.gone_again()));
            }
            Input::Ask(ask, answers) => {
                let ticket = self.session.ask(ask, now);
                self.waiting.insert(ticket, answers);
            }
            Input::Gone(cause) => self.lose(&cause),
            Input::Close => return false,
        }
        true
    }

    fn lose(&mut self, cause: &io::Error) {
        if self.gone.is_some() {
            return;
        }
        tracing::warn!(%cause, "the printer's line is gone");
        self.gone = Some((cause.kind(), cause.raw_os_error()));
        self.outgoing = Zeroizing::default();
        let copy = self.gone;
        self.session.hang_up(|| Error::Gone(again(copy)));
        self.publish(Event::Gone);
    }

    fn gone_again(&self) -> Error {
        Error::Gone(again(self.gone))
    }

    /// Writes what the line takes; `true` when it took less than there is.
    fn write_out(&mut self, now: Duration) -> bool {
        loop {
            if self.gone.is_some() {
                return false;
            }
            if self.outgoing.is_empty() {
                match self.session.next_frame(now) {
                    Some(frame) => self.outgoing = frame,
                    None => return false,
                }
            }
            match self.line.write(&self.outgoing) {
                Ok(0) => return true,
                Ok(count) => drop(self.outgoing.drain(..count)),
                Err(cause) => self.lose(&cause),
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
        shared.noise = self.session.heard_only_noise();
    }

    /// A subscriber that does not read loses events; one that is gone is forgotten.
    fn publish(&self, event: Event) {
        let reads = |events: &SyncSender<Event>| {
            !matches!(events.try_send(event), Err(TrySendError::Disconnected(_)))
        };
        lock(&self.shared).subscribers.retain(reads);
    }
}

fn again(gone: Option<(io::ErrorKind, Option<i32>)>) -> io::Error {
    match gone {
        Some((_, Some(code))) => io::Error::from_raw_os_error(code),
        Some((kind, None)) => kind.into(),
        None => io::ErrorKind::BrokenPipe.into(),
    }
}
