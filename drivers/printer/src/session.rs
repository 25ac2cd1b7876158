//! One talk with the printer, without IO and without a clock: bytes in, frames
//! out, time as a parameter. Re-sends what was lost, never a motion under
//! another name; knows nothing of ports and threads.

mod absence;
mod events;
mod probing;
mod reading;
mod requests;
mod service;
mod stream;

use std::collections::VecDeque;
use std::time::Duration;

use wire::message::{Hello, HostMessage, PrinterMessage};
use wire::scan::BoxMm100;
use wire::service::{Check, Identity, LogEntry, Order};
use wire::{Motion, MotionId, MotionResult, Scan, Survey};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::panel::Encoded;
use crate::patience::{ABANDON, HEARTBEAT, REPLY, SILENCE};
use crate::service::LineQuality;
pub use absence::Cause;
use events::Log;
use probing::Probing;
use requests::Request;
use stream::Stream;

/// How far bulk may catch up after the thread woke late.
const CATCH_UP: Duration = Duration::from_millis(2);

/// Control frames that may wait for the line.
const MAX_QUEUED: usize = 256;

/// What a caller wants of the printer.
pub enum Ask {
    /// Who is there; begins the talk.
    Hello,
    /// What the machine shows now.
    Survey {
        /// The journal's sequence number.
        sequence: u64,
    },
    /// One motion.
    Motion {
        /// Its name for life.
        id: MotionId,
        /// What to move.
        motion: Motion,
        /// The journal's sequence number.
        sequence: u64,
    },
    /// To take a card's panels.
    Load {
        /// The card.
        card: u32,
        /// Its panels, in print order.
        panels: Vec<Encoded>,
    },
    /// To erase a card's panels and scan.
    Erase {
        /// The card.
        card: u32,
    },
    /// The scan of the card in the check station.
    Scan {
        /// The box of the front to give in grey, if any.
        photo: Option<BoxMm100>,
    },
    /// One order of a technician.
    Order(Order),
    /// The printer's own log.
    Log {
        /// The first entry.
        from: u64,
    },
    /// Versions and features of the machine's parts.
    Identify,
    /// To wait for motions and the manifest so long instead of as usual, from now on.
    Patience {
        /// For the answer to a manifest.
        load: Duration,
        /// For the ends of these motions.
        motions: Vec<(Motion, Duration)>,
    },
    /// Echo frames, to measure the line.
    Probe {
        /// How many.
        probes: u32,
        /// Bytes that each carries.
        bytes: usize,
    },
}

/// What a caller gets; a motion gets two, an order its progress before its end.
#[derive(Debug)]
pub enum Reply {
    /// Who is there.
    Hello(Hello),
    /// What the machine shows.
    Survey(Survey),
    /// It will be done so from now on.
    Noted,
    /// The motion began.
    Accepted,
    /// The motion ended.
    Ended(MotionResult),
    /// The panels were taken; their raster is on its way.
    Loaded,
    /// Nothing of the card is left in the printer's memory.
    Erased,
    /// The scan.
    Scan(Scan),
    /// How far an order has come, in hundredths.
    Progress(u8),
    /// What an order found.
    Checks(Vec<Check>),
    /// The printer's own log.
    Log(Vec<LogEntry>),
    /// What the machine's parts are.
    Identity(Identity),
    /// How good the line is.
    Quality(LineQuality),
}

/// Something that nobody asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The cover was opened.
    CoverOpened,
    /// The cover was closed.
    CoverClosed,
    /// A card was taken from the exit slot.
    CardTaken {
        /// Whether the slot had been released.
        released: bool,
    },
    /// A condition began.
    Raised(wire::Condition),
    /// A condition ended.
    Cleared(wire::Condition),
    /// Three heartbeats were missed.
    LinkLost,
    /// The printer is heard again.
    LinkBack,
    /// The printer lost power: motions are refused until it is surveyed.
    Rebooted {
        /// Its boot id now.
        boot: u32,
    },
    /// The printer forgot events before they were seen: survey it.
    EventsLost,
    /// The line is gone for good.
    Gone,
}

/// How far a card's raster has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes of raster on the line since the panels were loaded, frames included.
    pub bytes_sent: u64,
    /// Bands that the printer does not have yet.
    pub bands_missing: u32,
    /// Requests and bands that were sent again since the talk began.
    pub resent: u32,
    /// What came since then and was no sound frame.
    pub damaged: u32,
}

/// Which request an outcome belongs to.
pub type Ticket = u64;

/// The host's side of the line. Whoever holds it gives it the line's bytes and the time
/// (since any beginning), and sends the frames that it makes.
pub struct Session {
    decoder: wire::frame::Decoder,
    control: VecDeque<Zeroizing<Vec<u8>>>,
    requests: Vec<Request>,
    outcomes: VecDeque<(Ticket, Result<Reply, Error>)>,
    events: VecDeque<Event>,
    log: Log,
    stream: Option<Stream>,
    probing: Option<Probing>,
    /// The boot id last seen, and whether the caller has seen it in a survey.
    boot: Option<u32>,
    boot_unseen: bool,
    link_lost: bool,
    /// Why there is no line now.
    detached: Option<Cause>,
    heard_at: Duration,
    /// Bytes between delimiters that were no frame, whether anything came at all, and
    /// whether any frame was sound.
    damaged: u32,
    heard: bool,
    sound: bool,
    heartbeat_at: Duration,
    bulk_at: Duration,
    baud: u32,
    byte_time: Duration,
    tag: u32,
    ticket: Ticket,
    resent: u32,
    patience: Vec<(Motion, Duration)>,
    load_patience: Duration,
    bytes_sent: u64,
    first_raster: Option<Duration>,
}

impl Session {
    /// `seed` keeps late answers to an earlier process apart from ours.
    pub fn new(baud: u32, seed: u32, now: Duration) -> Session {
        Session {
            decoder: Default::default(),
            // Ends whatever an earlier sender left unfinished.
            control: VecDeque::from([Zeroizing::new(vec![0])]),
            requests: Vec::new(),
            outcomes: VecDeque::new(),
            events: VecDeque::new(),
            log: Log::default(),
            stream: None,
            probing: None,
            boot: None,
            boot_unseen: false,
            link_lost: false,
            detached: None,
            heard_at: now,
            damaged: 0,
            heard: false,
            sound: false,
            heartbeat_at: now,
            bulk_at: now,
            baud,
            byte_time: Duration::from_secs(10) / baud.max(300),
            tag: seed,
            ticket: 0,
            resent: 0,
            patience: Vec::new(),
            load_patience: REPLY,
            bytes_sent: 0,
            first_raster: None,
        }
    }

    /// Takes bytes as the line gives them.
    pub fn receive(&mut self, bytes: &[u8], now: Duration) {
        self.heard |= !bytes.is_empty();
        for found in self.decoder.feed(bytes) {
            match found.map(|frame| PrinterMessage::try_from(&frame)) {
                Ok(Ok(message)) => {
                    self.hear(now);
                    self.obey(message, now);
                }
                Ok(Err(_)) | Err(_) => self.damaged = self.damaged.saturating_add(1),
            }
        }
    }

    fn hear(&mut self, now: Duration) {
        self.heard_at = now;
        self.sound = true;
        if std::mem::take(&mut self.link_lost) {
            self.events.push_back(Event::LinkBack);
        }
    }

    fn obey(&mut self, message: PrinterMessage, now: Duration) {
        match message {
            PrinterMessage::Hello(hello) => self.hello(hello),
            PrinterMessage::Heartbeat {
                boot,
                oldest_event,
                newest_event,
                ..
            } => {
                self.see_boot(boot);
                if self.boot == Some(boot) && self.log.behind(oldest_event, newest_event) {
                    self.events.push_back(Event::EventsLost);
                }
                self.ask_for_missed_events(now);
            }
            PrinterMessage::Survey { tag, survey } => self.surveyed(tag, survey, now),
            PrinterMessage::MotionAnswer { id, answer } => self.motion_answered(id, answer, now),
            PrinterMessage::Event(event) => {
                self.happened(event);
                self.ask_for_missed_events(now);
            }
            PrinterMessage::ManifestAnswer { card, refused } => self.loaded(card, refused),
            PrinterMessage::Have(have) => {
                if let Some(stream) = &mut self.stream {
                    self.resent += stream.heard(&have, now);
                }
                self.release_passes(now);
            }
            PrinterMessage::Erased { tag, refused, .. } => self.erased(tag, refused),
            PrinterMessage::ScanReady { tag, scan } => self.scan_ready(tag, scan, now),
            PrinterMessage::ScanChunk { scan, chunk, bytes } => {
                self.scan_chunk(scan, chunk, &bytes.0, now);
            }
            PrinterMessage::Service(tell) => self.told(tell, now),
        }
    }

    /// Another boot is a power loss: what was under way is in doubt, and nothing
    /// moves until the caller has surveyed the machine.
    fn see_boot(&mut self, boot: u32) {
        match self.boot {
            None => self.boot = Some(boot),
            Some(last) if boot > last => {
                self.boot = Some(boot);
                self.boot_unseen = true;
                self.log = Log::begun();
                if let Some(stream) = &mut self.stream {
                    stream.restart();
                }
                self.fail_moving(|_| Error::StaleBoot);
                self.fail_probing(|| Error::StaleBoot);
                self.events.push_back(Event::Rebooted { boot });
            }
            // Boot ids only grow: a lower one is a late frame.
            Some(_) => {}
        }
    }

    /// Lets time pass: heartbeats, re-sending, deadlines, silence.
    pub fn tick(&mut self, now: Duration) {
        if now >= self.heartbeat_at {
            self.heartbeat_at = now + HEARTBEAT;
            let events_seen = self.log.seen();
            self.say(&HostMessage::Heartbeat { events_seen });
        }
        let silence = now.saturating_sub(self.heard_at);
        if self.sound && !self.link_lost && silence >= SILENCE {
            self.link_lost = true;
            self.events.push_back(Event::LinkLost);
        }
        if silence >= ABANDON {
            self.abandon(now);
        }
        if let Some(message) = self.stream.as_mut().and_then(|stream| stream.ask(now)) {
            self.say(&message);
        }
        self.tick_requests(now);
        self.tick_probing(now);
    }

    /// When `tick` or `next_frame` has something to do, if nothing comes until then.
    pub fn wake_at(&mut self) -> Duration {
        let requests = self.requests.iter().map(Request::wake_at).min();
        let stream = self.stream.as_mut();
        let bulk = stream.map(|stream| match stream.ready() {
            true if !self.link_lost => self.bulk_at.min(stream.ask_due()),
            true | false => stream.ask_due(),
        });
        let probing = self.probing.as_ref();
        let leaves = probing.is_some_and(|probing| !self.link_lost && probing.ready());
        let probe = leaves.then_some(self.bulk_at);
        let echo = probing.and_then(Probing::wake_at);
        [Some(self.heartbeat_at), requests, bulk, probe, echo]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or_default()
    }

    /// The next frame for the line: control first, then one of bulk at a time,
    /// paced to the baud, so that control waits for one frame of bulk at most.
    pub fn next_frame(&mut self, now: Duration) -> Option<Zeroizing<Vec<u8>>> {
        if self.detached.is_some() {
            return None;
        }
        if let Some(frame) = self.control.pop_front() {
            self.pace(frame.len(), now);
            return Some(frame);
        }
        // On a silent line bulk would only be lost.
        if self.link_lost || now < self.bulk_at {
            return None;
        }
        let fragment = self.stream.as_mut().and_then(Stream::next);
        let frame = match fragment {
            Some(fragment) => {
                let frame = Zeroizing::new(HostMessage::Band(fragment).encode());
                self.bytes_sent += frame.len() as u64;
                self.first_raster.get_or_insert(now);
                frame
            }
            None => Zeroizing::new(self.next_probe(now)?),
        };
        self.pace(frame.len(), now);
        Some(frame)
    }

    fn pace(&mut self, bytes: usize, now: Duration) {
        let from = self.bulk_at.max(now.saturating_sub(CATCH_UP));
        self.bulk_at = from + self.byte_time * bytes as u32;
    }

    /// The next outcome of a request, in order.
    pub fn outcome(&mut self) -> Option<(Ticket, Result<Reply, Error>)> {
        self.outcomes.pop_front()
    }

    /// The next thing that nobody asked for.
    pub fn event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// How far the raster of the card loaded last has come.
    pub fn progress(&self) -> Progress {
        Progress {
            bytes_sent: self.bytes_sent,
            bands_missing: self.stream.as_ref().map_or(0, Stream::bands_missing),
            resent: self.resent,
            damaged: self.damaged,
        }
    }

    /// When the first byte of print data left, if it has.
    pub fn first_raster(&self) -> Option<Duration> {
        self.first_raster
    }

    /// Whether anything but a frame came, and no frame ever.
    pub fn heard_only_noise(&self) -> bool {
        !self.sound && self.heard
    }

    /// On a line that takes nothing the queue stays bounded: whatever is dropped
    /// here is said again, as if the line had lost it.
    fn say(&mut self, message: &HostMessage) {
        if self.detached.is_none() && self.control.len() < MAX_QUEUED {
            self.control.push_back(Zeroizing::new(message.encode()));
        }
    }

    fn next_tag(&mut self) -> u32 {
        self.tag = self.tag.wrapping_add(1);
        self.tag
    }
}

#[cfg(test)]
mod tests;
