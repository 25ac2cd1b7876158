//! Frames in and out: what the firmware answers and when (`drivers/wire/PROTOCOL.md`). Without
//! IO, time as a parameter; everything that moves is the machine's.

mod service;

use crate::machine::{Effect, Machine, Person, Spot};
use std::collections::VecDeque;
use std::time::Duration;
use wire::frame::{Channel, Decoder, Frame};
use wire::message::{ChunkBytes, Event, Happening, Hello, HostMessage, PrinterMessage, ScanReady};
use wire::raster::Taken;
use wire::{BoxMm100, Condition, scan};

/// Events that are kept; older ones are forgotten, seen or not.
const EVENTS_KEPT: usize = 256;
/// Three missed heartbeats are silence.
const SILENCE: Duration = Duration::from_millis(750);
/// Encoded bytes after which the printer says unasked what it has.
const HAVE_EVERY: usize = 4 * 1024;

/// One printer and its end of the line.
pub struct Session {
    machine: Machine,
    serial: String,
    decoder: Decoder,
    control: VecDeque<Vec<u8>>,
    bulk: VecDeque<Vec<u8>>,
    events: VecDeque<Event>,
    newest_event: u64,
    scans: u32,
    ready: Option<(u32, Vec<u8>)>,
    scan_asked: Option<(u32, Option<BoxMm100>)>,
    since_have: usize,
    heard: Option<Duration>,
    counts: service::Counts,
    effects: Vec<Effect>,
}

impl Session {
    /// A session at a machine that is on.
    pub fn new(machine: Machine, serial: String) -> Session {
        Session {
            machine,
            serial,
            decoder: Decoder::default(),
            control: VecDeque::new(),
            bulk: VecDeque::new(),
            events: VecDeque::new(),
            newest_event: 0,
            scans: 0,
            ready: None,
            scan_asked: None,
            since_have: 0,
            heard: None,
            counts: service::Counts::default(),
            effects: Vec::new(),
        }
    }

    /// The machine behind it.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Blanks as they now lie in the hopper.
    pub fn fill_hopper(&mut self, blanks: Vec<crate::machine::Blank>) {
        self.machine.fill_hopper(blanks);
    }

    /// A person acts at the machine.
    pub fn act(&mut self, act: Person, now: Duration) {
        self.machine.act(act, now);
        self.settle(now);
    }

    /// Steers the machine from outside the wire, and passes on what comes of it.
    pub fn steer<T>(&mut self, now: Duration, act: impl FnOnce(&mut Machine) -> T) -> T {
        let done = act(&mut self.machine);
        self.settle(now);
        done
    }

    /// Adds a chip's air time to the card's critical path.
    pub fn chip_spent(&mut self, spot: Spot, air: Duration) {
        self.machine.chip_spent(spot, air);
    }

    /// Takes bytes from the line. Without power they fall on the floor.
    pub fn receive(&mut self, bytes: &[u8], now: Duration) {
        self.poll(now);
        if !self.machine.is_on() {
            return;
        }
        for found in self.decoder.feed(bytes) {
            match found.map(|frame| HostMessage::try_from(&frame)) {
                Ok(Ok(message)) => {
                    self.heard = Some(now);
                    self.answer(message, now);
                    self.settle(now);
                }
                Ok(Err(malformed)) => tracing::debug!(%malformed, "a frame without meaning"),
                Err(damage) => {
                    self.counts.damaged = self.counts.damaged.wrapping_add(1);
                    tracing::debug!(%damage, "a damaged frame");
                }
            }
        }
    }

    /// Lets the machine go on until now.
    pub fn poll(&mut self, now: Duration) {
        self.machine.poll(now);
        self.settle(now);
        if self.heard.is_some_and(|heard| now > heard + SILENCE) {
            // The motion at hand finishes by itself and nothing is queued behind it: the card is
            // held. What the host did not read is not kept for whoever comes next.
            self.heard = None;
            self.scan_asked = None;
            self.bulk.clear();
            tracing::info!("the host fell silent; the card is held");
        }
    }

    /// When something happens next without a byte from the host.
    pub fn next_at(&self) -> Option<Duration> {
        self.machine.next_at()
    }

    /// The next frame for the line: control goes before bulk.
    pub fn send(&mut self) -> Option<Vec<u8>> {
        self.control.pop_front().or_else(|| self.bulk.pop_front())
    }

    /// What the world around must do, in order.
    #[must_use = "effects are the machine's only way to store and to tell"]
    pub fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    fn say(&mut self, message: &PrinterMessage) {
        let frame = Frame::from(message);
        match frame.channel {
            Channel::Control => self.control.push_back(frame.encode()),
            Channel::Bulk => self.bulk.push_back(frame.encode()),
        }
    }

    fn answer(&mut self, message: HostMessage, now: Duration) {
        match message {
            HostMessage::Hello {
                tag,
                lowest,
                highest,
            } => self.hello(tag, lowest, highest, now),
            HostMessage::Heartbeat { events_seen } => self.heartbeat(events_seen, now),
            HostMessage::Survey { tag, sequence } => {
                let survey = self.machine.survey(Some(sequence), now);
                self.say(&PrinterMessage::Survey { tag, survey });
            }
            HostMessage::Motion {
                id,
                motion,
                sequence,
                boot,
            } => {
                let answer = self.machine.begin(id, motion, sequence, boot, now);
                tracing::info!(card = id.card, step = id.step, ?motion, ?answer, "motion");
                self.say(&PrinterMessage::MotionAnswer { id, answer });
            }
            HostMessage::Manifest(manifest) => {
                let refused = self.machine.manifest(&manifest, now).err();
                self.say(&PrinterMessage::ManifestAnswer {
                    card: manifest.card,
                    refused,
                });
                if refused.is_none() {
                    self.have(0, 0);
                }
            }
            HostMessage::AskHave { tag, card } => self.have(tag, card),
            HostMessage::Erase { tag, card } => self.erase(tag, card),
            HostMessage::Scan { tag, photo } => {
                self.scan_asked = Some((tag, photo));
            }
            HostMessage::ScanRead { scan, first, count } => self.read_scan(scan, first, count),
            HostMessage::Replay { from } => self.replay(from),
            HostMessage::Band(fragment) => self.band(&fragment),
            HostMessage::Service(ask) => self.serve(ask, now),
        }
    }

    fn hello(&mut self, tag: u32, lowest: u8, highest: u8, now: Duration) {
        let common = highest.min(wire::PROTOCOL_NEWEST);
        let spoken = common >= lowest.max(wire::PROTOCOL_OLDEST);
        self.say(&PrinterMessage::Hello(Hello {
            tag,
            version: if spoken { common } else { 0 },
            lowest: wire::PROTOCOL_OLDEST,
            highest: wire::PROTOCOL_NEWEST,
            boot: self.machine.boot(),
            clock_ms: self.machine.clock_ms(now),
            newest_event: self.newest_event,
            model: "Simulated IC-card printer".to_owned(),
            firmware: env!("CARGO_PKG_VERSION").to_owned(),
            serial: self.serial.clone(),
        }));
    }

    fn heartbeat(&mut self, events_seen: u64, now: Duration) {
        self.events.retain(|event| event.number > events_seen);
        self.say(&PrinterMessage::Heartbeat {
            boot: self.machine.boot(),
            clock_ms: self.machine.clock_ms(now),
            oldest_event: self
                .events
                .front()
                .map_or(self.newest_event + 1, |event| event.number),
            newest_event: self.newest_event,
        });
    }

    fn have(&mut self, tag: u32, asked: u32) {
        self.since_have = 0;
        if let Some(assembly) = self.machine.assembly() {
            let have = assembly.have(tag);
            self.say(&PrinterMessage::Have(have));
        } else if tag != 0 {
            let (card, free, panels) = (asked, 0, Vec::new());
            self.say(&PrinterMessage::Have(wire::message::Have {
                tag,
                card,
                free,
                panels,
            }));
        }
    }

    fn erase(&mut self, tag: u32, card: u32) {
        let refused = self.machine.erase(card).err();
        if refused.is_none() {
            self.ready = None;
            self.bulk.clear();
        }
        self.say(&PrinterMessage::Erased { tag, card, refused });
    }

    fn band(&mut self, fragment: &wire::raster::Fragment) {
        self.since_have += fragment.bytes.len();
        let tell = match self.machine.band(fragment) {
            Taken::Panel(panel) => {
                tracing::info!(?panel, "panel whole and verified");
                true
            }
            Taken::Differs(panel) => {
                tracing::warn!(?panel, "panel whole, but its digest differs");
                true
            }
            Taken::Band | Taken::Held | Taken::Ignored => self.since_have >= HAVE_EVERY,
        };
        if tell {
            self.have(0, 0);
        }
    }

    fn read_scan(&mut self, scan: u32, first: u16, count: u16) {
        let Some((number, packed)) = &self.ready else {
            return;
        };
        if *number != scan {
            return;
        }
        let chunks = packed.chunks(scan::CHUNK).enumerate();
        let wanted = chunks.skip(first.into()).take(count.into());
        let chunks: Vec<_> = wanted
            .map(|(chunk, bytes)| {
                let bytes = ChunkBytes(bytes.to_vec());
                PrinterMessage::ScanChunk {
                    scan,
                    chunk: chunk as u16,
                    bytes,
                }
            })
            .collect();
        for chunk in &chunks {
            self.say(chunk);
        }
    }

    fn replay(&mut self, from: u64) {
        let kept: Vec<Event> = self
            .events
            .iter()
            .filter(|event| event.number >= from)
            .cloned()
            .collect();
        for event in kept {
            self.say(&PrinterMessage::Event(event));
        }
    }

    /// Turns what the machine did into events, and passes on what the world must do.
    fn settle(&mut self, now: Duration) {
        for effect in self.machine.effects() {
            match &effect {
                Effect::Ended(id, result) => {
                    let (id, result) = (*id, result.clone());
                    self.tell(Happening::MotionEnded { id, result }, now);
                }
                // What happens while the power is away, no firmware sees.
                Effect::Happened(_) if !self.machine.is_on() => {}
                Effect::Happened(happening) => self.tell(happening.clone(), now),
                Effect::Told(tell) => self.tell_technician(tell.clone()),
                Effect::PowerLost => self.lose_memory(),
                Effect::Keep(_)
                | Effect::Picked(_)
                | Effect::PickedBeneath(_)
                | Effect::InteriorChanged
                | Effect::LeftBeneath(_)
                | Effect::Couple(..)
                | Effect::Uncouple(_)
                | Effect::CardChanged
                | Effect::Left(_)
                | Effect::PowerOn => {}
            }
            self.effects.push(effect);
        }
        self.scan_if_seen();
    }

    fn tell(&mut self, happening: Happening, now: Duration) {
        self.newest_event += 1;
        let clock_ms = self.machine.clock_ms(now);
        let event = Event {
            number: self.newest_event,
            clock_ms,
            happening,
        };
        self.say(&PrinterMessage::Event(event.clone()));
        self.events.push_back(event);
        if self.events.len() > EVENTS_KEPT {
            self.events.pop_front();
        }
    }

    fn scan_if_seen(&mut self) {
        let Some((tag, photo)) = self.scan_asked else {
            return;
        };
        let Some(outcome) = self.machine.scan(photo) else {
            return;
        };
        self.scan_asked = None;
        let packed = outcome.and_then(|scan| scan.pack().map_err(|_| Condition::Firmware));
        let scan = packed.map(|packed| {
            self.scans += 1;
            let ready = ScanReady {
                scan: self.scans,
                bytes: packed.len() as u32,
                crc: scan::crc(&packed),
            };
            self.ready = Some((self.scans, packed.to_vec()));
            ready
        });
        self.say(&PrinterMessage::ScanReady { tag, scan });
    }

    fn lose_memory(&mut self) {
        self.decoder = Decoder::default();
        self.control.clear();
        self.bulk.clear();
        self.events.clear();
        self.newest_event = 0;
        self.ready = None;
        self.scan_asked = None;
        self.since_have = 0;
        self.heard = None;
        self.counts = service::Counts::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{Blank, Nonvolatile, Setup};
    use wire::{Motion, MotionAnswer, MotionId};

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn session() -> Session {
        let setup = Setup::default();
        let blank = |place| Blank {
            place,
            serial: format!("{place:02}"),
        };
        let hopper = vec![blank(1), blank(2)];
        let machine = Machine::new(setup, Nonvolatile::factory(), hopper, None, Duration::ZERO);
        Session::new(machine, "T".to_owned())
    }

    fn ask(session: &mut Session, message: &HostMessage, now: Duration) -> Vec<PrinterMessage> {
        session.receive(&message.encode(), now);
        drain(session)
    }

    fn drain(session: &mut Session) -> Vec<PrinterMessage> {
        let line: Vec<u8> = std::iter::from_fn(|| session.send()).flatten().collect();
        let frames = Decoder::default().feed(&line);
        frames
            .iter()
            .map(|frame| PrinterMessage::try_from(frame.as_ref().unwrap()).unwrap())
            .collect()
    }

    fn feed(boot: u32) -> HostMessage {
        let id = MotionId {
            card: 1,
            step: 1,
            attempt: 1,
        };
        HostMessage::Motion {
            id,
            motion: Motion::Feed,
            sequence: 5,
            boot,
        }
    }

    #[test]
    fn hello_names_the_version_that_both_speak_or_none() {
        let mut session = session();
        for (lowest, highest, version) in [(1, 9, 1), (2, 9, 0)] {
            let hello = HostMessage::Hello {
                tag: 7,
                lowest,
                highest,
            };
            let answer = ask(&mut session, &hello, at(10));
            let [PrinterMessage::Hello(hello)] = &answer[..] else {
                panic!("{answer:?}")
            };
            assert_eq!((hello.tag, hello.version, hello.boot), (7, version, 1));
        }
    }

    #[test]
    fn an_event_is_kept_until_it_was_seen() {
        let mut session = session();
        let answer = ask(&mut session, &feed(1), at(0));
        let accepted = MotionAnswer::Accepted;
        assert!(
            matches!(answer[..], [PrinterMessage::MotionAnswer { answer, .. }] if answer == accepted)
        );
        session.poll(at(3_000));
        let [PrinterMessage::Event(event)] = &drain(&mut session)[..] else {
            panic!("one event")
        };
        assert_eq!(event.number, 1);
        let replay = HostMessage::Replay { from: 1 };
        let again = PrinterMessage::Event(event.clone());
        assert_eq!(ask(&mut session, &replay, at(3_001)), [again]);
        ask(
            &mut session,
            &HostMessage::Heartbeat { events_seen: 1 },
            at(3_002),
        );
        assert_eq!(ask(&mut session, &replay, at(3_003)), []);
    }

    #[test]
    fn a_host_that_falls_silent_finds_the_motion_finished_and_the_card_held() {
        let mut session = session();
        ask(&mut session, &feed(1), at(0));
        session.poll(at(60_000));
        let survey = HostMessage::Survey {
            tag: 3,
            sequence: 6,
        };
        let answer = ask(&mut session, &survey, at(60_001));
        let survey = answer.iter().find_map(|message| {
            let PrinterMessage::Survey { survey, .. } = message else {
                return None;
            };
            Some(*survey)
        });
        let survey = survey.expect("a survey is answered");
        assert!(survey.sensors.encoder && survey.underway.is_none());
        assert_eq!((survey.counters.fed, survey.newest_sequence), (1, 6));
    }

    #[test]
    fn a_repeated_motion_is_answered_alike_and_its_event_comes_again() {
        let mut session = session();
        ask(&mut session, &feed(1), at(0));
        session.poll(at(3_000));
        let first = drain(&mut session);
        let again = ask(&mut session, &feed(1), at(3_100));
        assert!(matches!(first[..], [PrinterMessage::Event(_)]));
        assert!(
            again
                .iter()
                .any(|message| matches!(message, PrinterMessage::Event(_)))
        );
        assert_eq!(session.machine().kept().counters.fed, 1);
    }

    #[test]
    fn noise_and_damage_are_ignored() {
        let mut session = session();
        let mut bytes = vec![0x55; 5_000];
        bytes.extend([0, 1, 2, 3, 0]);
        session.receive(&bytes, at(1));
        assert_eq!(drain(&mut session), []);
        assert_eq!(
            ask(
                &mut session,
                &HostMessage::Heartbeat { events_seen: 0 },
                at(2)
            )
            .len(),
            1
        );
    }

    #[test]
    fn a_scan_asked_for_without_a_card_is_refused() {
        let mut session = session();
        let answer = ask(
            &mut session,
            &HostMessage::Scan {
                tag: 9,
                photo: None,
            },
            at(1),
        );
        let refused = PrinterMessage::ScanReady {
            tag: 9,
            scan: Err(Condition::ScanAbsent),
        };
        assert_eq!(answer, [refused]);
    }

    #[test]
    fn a_condition_that_begins_and_ends_without_a_motion_is_told_in_events() {
        let mut session = session();
        session.act(Person::FillTray, at(10));
        session.act(Person::EmptyTray, at(20));
        let happened: Vec<Happening> = drain(&mut session)
            .into_iter()
            .map(|message| {
                let PrinterMessage::Event(event) = message else {
                    panic!("{message:?}")
                };
                event.happening
            })
            .collect();
        let full = Condition::TrayFull;
        assert_eq!(
            happened,
            [Happening::Raised(full), Happening::Cleared(full)]
        );
    }
}
