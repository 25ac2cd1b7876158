//! One card over the line in virtual time: the driver's own session and the simulator's own, with
//! every frame of the real panels between them at the line's speed. Exact, and too slow for ten
//! thousand cards; what it tells of the raster's arrival they take from here.

use super::order::{Act, World};
use firmware_sim::machine::{Blank, Effect, Machine, Nonvolatile, Setup, Times};
use firmware_sim::session::Session as Printer;
use printer::Encoded;
use printer::session::{Ask, Reply, Session as Host, Ticket};
use std::collections::VecDeque;
use std::time::Duration;
use wire::{BoxMm100, Motion, MotionId, Panel};

/// From the last bit of a frame until the other side acts on it.
pub(crate) const WAKE: Duration = Duration::from_millis(1);
/// A pass that begins later than this waits for its panel.
const HELD_BACK: Duration = Duration::from_millis(400);
/// The photo's place on the face, for the scan.
const PHOTO: BoxMm100 = BoxMm100 {
    x_mm100: 6_000,
    y_mm100: 700,
    w_mm100: 2_000,
    h_mm100: 2_500,
};

/// What the line adds to a card at one speed: measured on [`Line`], used by the sum.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    /// From the manifest until it was taken.
    pub(crate) load: Duration,
    /// One survey, question and answer: while raster streams, and on a quiet line.
    pub(crate) survey: [Duration; 2],
    /// What asking for a motion and hearing of its end add to it, likewise.
    pub(crate) motion: [Duration; 2],
    /// From the check's begin until the scan was whole here.
    pub(crate) scan: Duration,
    /// When each panel was whole and verified, since the manifest left.
    pub(crate) arrived: Vec<(Panel, Duration)>,
}

/// The mean while raster streams, and after; where there is one only, it stands for both.
fn means(all: &[(Duration, Duration)], streamed: Duration) -> [Duration; 2] {
    let mean = |busy: bool| {
        let these = all.iter().filter(|(at, _)| (*at < streamed) == busy);
        let these: Vec<Duration> = these.map(|(_, took)| *took).collect();
        let sum: Duration = these.iter().sum();
        (!these.is_empty()).then(|| sum / these.len() as u32)
    };
    let (busy, quiet) = (mean(true), mean(false));
    let of = |first: Option<Duration>, second: Option<Duration>| {
        first.or(second).unwrap_or(Duration::ZERO)
    };
    [of(busy, quiet), of(quiet, busy)]
}

/// Both ends of the line, and what is on it.
pub(crate) struct Line {
    host: Host,
    printer: Printer,
    down: Pipe,
    up: Pipe,
    now: Duration,
    sequence: u64,
    step: u8,
    panels: Vec<Encoded>,
    motion: Option<Motion>,
    moving: Option<Ticket>,
    scan: Option<Ticket>,
    coupled: Option<Duration>,
    loaded_at: Duration,
    loaded: Duration,
    check_at: Duration,
    scanned_at: Duration,
    surveys: Vec<(Duration, Duration)>,
    motions: Vec<(Duration, Duration)>,
    begun: Duration,
    times: Times,
    /// When each panel was whole and verified, since the manifest left.
    pub(crate) arrived: Vec<(Panel, Duration)>,
}

/// One direction.
struct Pipe {
    byte: Duration,
    free_at: Duration,
    under_way: VecDeque<(Duration, Vec<u8>)>,
}

impl Pipe {
    fn new(baud: u32) -> Pipe {
        Pipe {
            byte: Duration::from_secs(10) / baud,
            free_at: Duration::ZERO,
            under_way: VecDeque::new(),
        }
    }

    fn send(&mut self, frame: &[u8], now: Duration) {
        self.free_at = self.free_at.max(now) + self.byte * frame.len() as u32;
        self.under_way
            .push_back((self.free_at + WAKE, frame.to_vec()));
    }

    fn next_at(&self) -> Option<Duration> {
        self.under_way.front().map(|(at, _)| *at)
    }

    fn arrive(&mut self, now: Duration) -> Option<Vec<u8>> {
        let here = self.under_way.front().is_some_and(|(at, _)| *at <= now);
        here.then(|| self.under_way.pop_front())
            .flatten()
            .map(|(_, frame)| frame)
    }
}

impl Line {
    /// A printer with one blank, greeted and surveyed, and a card's panels ready.
    pub(crate) fn new(setup: Setup, baud: u32, panels: Vec<Encoded>) -> Line {
        let blank = Blank {
            place: 1,
            serial: "01".to_owned(),
        };
        let (kept, times) = (Nonvolatile::factory(), setup.times.clone());
        let machine = Machine::new(setup, kept, vec![blank], None, Duration::ZERO);
        let mut line = Line {
            host: Host::new(baud, 7, Duration::ZERO),
            printer: Printer::new(machine, "SIM".to_owned()),
            down: Pipe::new(baud),
            up: Pipe::new(baud),
            now: Duration::ZERO,
            sequence: 1,
            step: 0,
            panels,
            motion: None,
            moving: None,
            scan: None,
            coupled: None,
            loaded_at: Duration::ZERO,
            loaded: Duration::ZERO,
            check_at: Duration::ZERO,
            scanned_at: Duration::ZERO,
            surveys: Vec::new(),
            motions: Vec::new(),
            begun: Duration::ZERO,
            times,
            arrived: Vec::new(),
        };
        let hello = line.ask(Ask::Hello);
        line.answer(hello);
        line.act(Act::Survey);
        line
    }

    fn ask(&mut self, ask: Ask) -> Ticket {
        self.sequence += 1;
        self.host.ask(ask, self.now)
    }

    /// Lets time pass until this request has its next answer.
    fn answer(&mut self, ticket: Ticket) -> Reply {
        loop {
            self.turn();
            while let Some((of, outcome)) = self.host.outcome() {
                let reply = outcome.expect("an undisturbed line");
                if of == ticket {
                    return reply;
                }
                self.early(of, reply);
            }
            self.on(None);
        }
    }

    /// An answer that somebody else waits for later.
    fn early(&mut self, of: Ticket, reply: Reply) {
        if self.moving == Some(of) && matches!(reply, Reply::Ended(_)) {
            self.moving = None;
        } else if self.scan == Some(of) {
            self.scan = None;
            self.scanned_at = self.now;
        }
    }

    /// Everything that is due now, on both sides.
    fn turn(&mut self) {
        while let Some(frame) = self.down.arrive(self.now) {
            self.printer.receive(&frame, self.now);
        }
        while let Some(frame) = self.up.arrive(self.now) {
            self.host.receive(&frame, self.now);
        }
        self.host.tick(self.now);
        while let Some(frame) = self.host.next_frame(self.now) {
            self.down.send(&frame, self.now);
        }
        self.printer.poll(self.now);
        while let Some(frame) = self.printer.send() {
            self.up.send(&frame, self.now);
        }
        for effect in self.printer.effects() {
            if matches!(effect, Effect::Couple(..)) {
                self.coupled = Some(self.now);
            }
        }
        self.see_arrivals();
    }

    fn see_arrivals(&mut self) {
        let Some(assembly) = self.printer.machine().assembly() else {
            return;
        };
        for panel in Panel::ALL {
            let known = self.arrived.iter().any(|(at, _)| *at == panel);
            if !known && assembly.panel(panel).is_some() {
                let at = self.now - self.loaded_at;
                self.arrived.push((panel, at));
            }
        }
    }

    /// On to what happens next, or to this moment if that is earlier.
    fn on(&mut self, until: Option<Duration>) {
        let next = [
            Some(self.host.wake_at()),
            self.printer.next_at(),
            self.down.next_at(),
            self.up.next_at(),
            until,
        ];
        let next = next.into_iter().flatten().min().unwrap_or(self.now);
        // Whoever wants to be asked at once is asked again a moment later.
        self.now = next.max(self.now + Duration::from_micros(20));
        if let Some(until) = until {
            self.now = self.now.min(until);
        }
    }

    fn wait_until(&mut self, moment: Duration) {
        while self.now < moment {
            self.turn();
            self.hear();
            self.on(Some(moment));
        }
        self.turn();
        self.hear();
    }

    fn hear(&mut self) {
        while let Some((of, outcome)) = self.host.outcome() {
            self.early(of, outcome.expect("an undisturbed line"));
        }
    }

    fn begin(&mut self, motion: Motion) {
        self.step += 1;
        let id = MotionId {
            card: 1,
            step: self.step,
            attempt: 1,
        };
        let sequence = self.sequence;
        self.coupled = None;
        let ticket = self.ask(Ask::Motion {
            id,
            motion,
            sequence,
        });
        self.moving = Some(ticket);
        let accepted = self.answer(ticket);
        assert!(matches!(accepted, Reply::Accepted), "{accepted:?}");
        if motion == Motion::Check {
            self.check_at = self.now;
            self.scan = Some(self.ask(Ask::Scan { photo: Some(PHOTO) }));
        }
    }

    /// What the line adds, for those who only add.
    pub(crate) fn profile(self) -> Profile {
        let streamed = self.arrived.last().map_or(Duration::ZERO, |(_, at)| *at);
        Profile {
            load: self.loaded,
            survey: means(&self.surveys, streamed),
            motion: means(&self.motions, streamed),
            scan: self.scanned_at.saturating_sub(self.check_at),
            arrived: self.arrived,
        }
    }

    /// What the line added to a motion that waited for nothing else.
    fn note_motion(&mut self) {
        let Some(motion) = self.motion.filter(|motion| *motion != Motion::Feed) else {
            return;
        };
        let planned = Duration::from_millis(self.times.critical_ms(motion).into());
        let added = (self.now - self.begun).saturating_sub(planned);
        // Longer, and a pass was held back for its panel.
        if !planned.is_zero() && (added < HELD_BACK || motion == Motion::Flip) {
            self.motions.push((self.now(), added));
        }
    }

    fn answered(&mut self, ticket: Option<Ticket>) {
        if let Some(ticket) = ticket {
            self.answer(ticket);
        }
    }
}

impl World for Line {
    fn act(&mut self, act: Act) {
        match act {
            Act::Load => {
                let panels = std::mem::take(&mut self.panels);
                self.loaded_at = self.now;
                let ticket = self.ask(Ask::Load { card: 1, panels });
                self.answer(ticket);
                self.loaded = self.now - self.loaded_at;
            }
            Act::Begin(motion) => {
                self.begun = self.now;
                self.begin(motion);
                self.motion = Some(motion);
            }
            Act::End => {
                let moving = self.moving;
                self.answered(moving);
                self.moving = None;
                self.note_motion();
            }
            Act::Couple => {
                while self.coupled.is_none() {
                    self.turn();
                    self.hear();
                    self.on(None);
                }
            }
            Act::Survey => {
                let (sequence, asked) = (self.sequence, self.now);
                let ticket = self.ask(Ask::Survey { sequence });
                self.answer(ticket);
                self.surveys.push((self.now(), self.now - asked));
            }
            Act::Scan => {
                if let Some(scan) = self.scan.take() {
                    self.answer(scan);
                    self.scanned_at = self.now;
                }
            }
        }
    }

    fn spend(&mut self, time: Duration) {
        self.wait_until(self.now + time);
    }

    fn now(&self) -> Duration {
        self.now - self.loaded_at
    }
}
