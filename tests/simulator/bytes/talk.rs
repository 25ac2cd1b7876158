//! The driver's own session in virtual time: whoever waits for an answer turns the world until it is
//! there. Every frame that starts a motion, and all that the machine stores of it, is a boundary.

use card_station::fault::Code;
use card_station::station::seams::Pulse;
use firmware_sim::fault::{Kind, Lie, Step};
use printer::session::{Ask, Reply, Session, Ticket};
use printer::{Answers, Error, Event, Progress, Talk};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;
use wire::Motion;
use wire::frame::Decoder;
use wire::message::HostMessage;

use super::super::faults::Fault;
use super::super::world::{Cut, Shared, Sim};
use super::line::BAUD;
use super::press::Press;

/// Time that passes for printer and line while nobody looks is cut to this.
const LOOKED_AWAY: Duration = Duration::from_millis(300);
/// How long a line stays dead: longer than a driver waits for a motion in silence.
const DEAD: Duration = Duration::from_secs(9);
/// How long a station may have been away: longer than any motion takes.
const GONE_FOR_LONG: Duration = Duration::from_secs(20);
/// Whoever wants to be asked at once is asked again a moment later.
const MOMENT: Duration = Duration::from_micros(20);

/// One run's end of the line, and all that waits there.
pub(crate) struct Wire {
    pub(super) world: Shared,
    host: RefCell<Session>,
    outcomes: RefCell<BTreeMap<Ticket, VecDeque<Result<Reply, Error>>>>,
    listeners: RefCell<Vec<Sender<Event>>>,
    /// The newest motion that this run asked for.
    asked: Cell<Option<[u8; 6]>>,
}

/// A driven session.
pub(crate) struct Driven(pub(super) Rc<Wire>);

/// The answers to one request.
pub(crate) struct Coming {
    wire: Rc<Wire>,
    ticket: Ticket,
}

/// Virtual time, and chance out of the seed.
#[derive(Clone)]
pub(crate) struct Virtual(pub(super) Rc<Wire>);

impl Talk for Driven {
    type Answers = Coming;

    fn ask(&self, ask: Ask) -> Coming {
        let wire = Rc::clone(&self.0);
        wire.catch_up();
        let now = wire.now();
        let ticket = wire.host.borrow_mut().ask(ask, now);
        Coming { wire, ticket }
    }

    fn subscribe(&self) -> Receiver<Event> {
        let (sender, receiver) = mpsc::channel();
        self.0.listeners.borrow_mut().push(sender);
        receiver
    }

    fn progress(&self) -> Progress {
        self.0.host.borrow().progress()
    }
}

impl Answers for Coming {
    fn next(&self) -> Result<Reply, Error> {
        loop {
            self.wire.turn();
            let mut outcomes = self.wire.outcomes.borrow_mut();
            let next = outcomes.get_mut(&self.ticket).and_then(VecDeque::pop_front);
            drop(outcomes);
            match next {
                Some(outcome) => return outcome,
                None => self.wire.on(None),
            }
        }
    }
}

impl Pulse for Virtual {
    fn steady(&self) -> Duration {
        self.0.now()
    }

    fn rest(&self, time: Duration) {
        self.0.rest(time);
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), Code> {
        self.0.world.borrow_mut().chance.fill(bytes);
        Ok(())
    }
}

impl Wire {
    pub(super) fn open(world: &Shared, seed: u32) -> Rc<Wire> {
        let now = {
            let mut sim = world.borrow_mut();
            // The machine goes on while no station runs: for a moment, or to its rest.
            let rests = sim.chance.bool();
            let dead = sim.faults.strikes(Fault::LineSilent);
            let press = sim.press();
            if rests {
                press.pass(GONE_FOR_LONG);
            }
            press.up.close();
            press.settle();
            if dead {
                press.up.dead_until = press.now + DEAD;
                press.down.dead_until = press.now + DEAD;
            }
            let now = press.now;
            sim.look();
            now
        };
        Rc::new(Wire {
            world: world.clone(),
            host: RefCell::new(Session::new(BAUD, seed, now)),
            outcomes: RefCell::default(),
            listeners: RefCell::default(),
            asked: Cell::new(None),
        })
    }

    pub(super) fn now(&self) -> Duration {
        self.world.borrow_mut().press().now
    }

    /// Lets time pass on the line.
    pub(super) fn rest(&self, time: Duration) {
        self.catch_up();
        let until = self.now() + time;
        while self.now() < until {
            self.turn();
            self.on(Some(until));
        }
        self.turn();
    }

    /// What passed in the world while nobody looked passes here, too, as far as it matters.
    fn catch_up(&self) {
        let passed = {
            let mut sim = self.world.borrow_mut();
            let now = sim.time.now();
            let press = sim.press();
            let passed = now.duration_since(press.seen).unsigned_abs();
            press.seen = now;
            passed
        };
        let until = self.now() + passed.min(LOOKED_AWAY);
        while self.now() < until {
            self.turn();
            self.step(Some(until));
        }
    }

    /// Everything that is due now, on both sides.
    fn turn(&self) {
        while let Some(frame) = self.due(|press, now| press.down.arrive(now)) {
            self.to_printer(&frame);
        }
        while let Some(frame) = self.due(|press, now| press.up.arrive(now)) {
            let now = self.now();
            self.host.borrow_mut().receive(&frame, now);
        }
        self.host_speaks();
        self.printer_speaks();
        self.hear();
    }

    fn due<T>(&self, of: impl FnOnce(&mut Press, Duration) -> Option<T>) -> Option<T> {
        let mut sim = self.world.borrow_mut();
        let press = sim.press();
        let now = press.now;
        of(press, now)
    }

    fn host_speaks(&self) {
        let now = self.now();
        let mut host = self.host.borrow_mut();
        host.tick(now);
        while let Some(frame) = host.next_frame(now) {
            let mut sim = self.world.borrow_mut();
            let Sim { press, faults, .. } = &mut *sim;
            if let Some(press) = press {
                press.down.send(frame.to_vec(), faults, now);
            }
        }
    }

    fn printer_speaks(&self) {
        let now = self.now();
        self.acted(|press| press.session.poll(now));
        let mut sim = self.world.borrow_mut();
        let Sim { press, faults, .. } = &mut *sim;
        let Some(press) = press else { return };
        while let Some(frame) = press.session.send() {
            press.up.send(frame, faults, now);
        }
    }

    /// The machine does something; each store over power cuts is a boundary.
    fn acted(&self, act: impl FnOnce(&mut Press)) {
        let stored = {
            let mut sim = self.world.borrow_mut();
            let press = sim.press();
            press.stored = false;
            act(press);
            press.settle();
            press.stored && press.machine().step_now().is_some()
        };
        if stored {
            self.world.boundary(Cut::Whole);
        }
    }

    fn to_printer(&self, frame: &[u8]) {
        let motion = motion_of(frame);
        let fresh = motion.filter(|(id, _)| self.asked.get() != Some(*id));
        if let Some((id, motion)) = fresh {
            self.asked.set(Some(id));
            self.world.boundary(Cut::Whole);
            self.strike_motion(motion);
        }
        let now = self.now();
        self.acted(|press| press.session.receive(frame, now));
        if fresh.is_some() {
            self.strike_begun();
        }
    }

    /// What is wrong with the machine when this motion is asked for.
    fn strike_motion(&self, motion: Motion) {
        let mut sim = self.world.borrow_mut();
        let Some(mut chance) = sim.faults.struck_with(Fault::Machine) else {
            return;
        };
        let what = sim.press().injure(Step::of(motion), &mut chance);
        let Some(what) = what else { return };
        let name = what.row().name;
        *sim.reached.machine.entry(name).or_default() += 1;
        if matches!(what.row().kind, Kind::Lies(Lie::CounterJumps)) {
            sim.flags.counters_off = true;
        }
    }

    /// What happens while a motion begins.
    fn strike_begun(&self) {
        let lost = {
            let mut sim = self.world.borrow_mut();
            if sim.faults.strikes(Fault::AckLost) {
                let press = sim.press();
                press.up.dead_until = press.now + DEAD;
            }
            sim.faults.strikes(Fault::PowerPrinter)
        };
        if lost {
            self.acted(Press::power_cut);
        }
    }

    /// On to what happens next, or to this moment if that is earlier; the world's time goes along.
    fn on(&self, until: Option<Duration>) {
        let passed = self.step(until);
        let mut sim = self.world.borrow_mut();
        sim.time.pass(passed);
        let seen = sim.time.now();
        sim.press().seen = seen;
    }

    /// The same on the line alone; how far it went.
    fn step(&self, until: Option<Duration>) -> Duration {
        let wakes = self.host.borrow_mut().wake_at();
        let mut sim = self.world.borrow_mut();
        let press = sim.press();
        let next = [
            Some(wakes),
            press.session.next_at(),
            press.down.next_at(),
            press.up.next_at(),
        ];
        let now = press.now;
        let next = next.into_iter().flatten().min().unwrap_or(now);
        let next = next.max(now + MOMENT);
        press.now = until.map_or(next, |until| next.min(until)).max(now);
        press.now - now
    }

    /// Outcomes to those who wait, events to those who listen.
    fn hear(&self) {
        let mut host = self.host.borrow_mut();
        while let Some((ticket, outcome)) = host.outcome() {
            let mut outcomes = self.outcomes.borrow_mut();
            outcomes.entry(ticket).or_default().push_back(outcome);
        }
        while let Some(event) = host.event() {
            for listener in self.listeners.borrow().iter() {
                // A listener that is gone hears nothing.
                let _ = listener.send(event);
            }
        }
    }
}

/// The motion that this frame asks for, with its name.
fn motion_of(frame: &[u8]) -> Option<([u8; 6], Motion)> {
    // COBS keeps the head of a short frame: a motion's type stands where no zero is.
    if frame.len() > 40 {
        return None;
    }
    let found = Decoder::default().feed(frame);
    let sound = found.into_iter().find_map(Result::ok)?;
    match HostMessage::try_from(&sound).ok()? {
        HostMessage::Motion { id, motion, .. } => {
            let mut name = [0; 6];
            name[..4].copy_from_slice(&id.card.to_be_bytes());
            (name[4], name[5]) = (id.step, id.attempt);
            Some((name, motion))
        }
        _ => None,
    }
}
