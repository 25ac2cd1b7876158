//! What the small printer does for technicians, and what it truly moved.

use std::time::Duration;

use wire::Condition;
use wire::message::PrinterMessage;
use wire::service::{
    Ask, Check, ChecksPage, ENTRIES_A_PAGE, Echo, Identity, LogEntry, LogPage, Order, Outcome,
    Probe, Tell,
};

use super::Peer;

const ORDER: Duration = Duration::from_millis(3_400);
/// Between two words of progress.
const PROGRESS: Duration = Duration::from_millis(340);

pub(in super::super) struct Technician {
    /// An older firmware: it drops all that follows.
    pub(in super::super) older: bool,
    pub(in super::super) obeyed: Vec<Order>,
    pub(in super::super) refuse: Option<Condition>,
    /// What orders end with, instead of their checks.
    pub(in super::super) stop: Option<Condition>,
    pub(in super::super) log: Vec<LogEntry>,
    pub(in super::super) damaged: u32,
    echoes: u32,
    order: Option<Given>,
}

struct Given {
    tag: u32,
    told_at: Duration,
    ends: Duration,
    ended: bool,
}

impl Technician {
    pub(super) fn new() -> Technician {
        Technician {
            older: false,
            obeyed: Vec::new(),
            refuse: None,
            stop: None,
            log: Vec::new(),
            damaged: 0,
            echoes: 0,
            order: None,
        }
    }

    pub(super) fn lose_power(&mut self) {
        (self.echoes, self.damaged) = (0, 0);
        self.order = None;
    }
}

/// More than one page.
pub(in super::super) fn specimen_checks() -> Vec<Check> {
    let check = |number: i32| Check {
        name: format!("motor-{number}"),
        outcome: Outcome::Passed,
        value: -number,
        unit: "steps".into(),
    };
    (0..41).map(check).collect()
}

pub(in super::super) fn specimen_log(count: u64) -> Vec<LogEntry> {
    let entry = |number| LogEntry {
        number,
        boot: 7,
        clock_ms: number * 10,
        condition: Condition::RibbonBroken,
        card: 3,
        step: 5,
    };
    (101..101 + count).map(entry).collect()
}

impl Peer {
    pub(super) fn serve(&mut self, ask: Ask, now: Duration) {
        if self.technician.older {
            return;
        }
        match ask {
            Ask::Order { tag, boot, order } => self.order(tag, boot, order, now),
            Ask::Log { tag, from } => self.page(tag, from),
            Ask::Probe(probe) => self.echo(&probe),
            Ask::Identify { tag } => self.tell(Tell::Identity(Identity {
                tag,
                hardware: "P1".into(),
                hours: 8,
                cards: 9,
            })),
        }
    }

    pub(super) fn tick_order(&mut self, now: Duration) {
        let Some(given) = self.technician.order.as_mut().filter(|given| !given.ended) else {
            return;
        };
        let tag = given.tag;
        if now >= given.ends {
            given.ended = true;
            self.tell_end(tag);
        } else if now >= given.told_at + PROGRESS {
            given.told_at = now;
            let left = given.ends.saturating_sub(now).as_millis();
            let percent = 100 - (left * 100 / ORDER.as_millis()) as u8;
            self.tell(Tell::Progress { tag, percent });
        }
    }

    fn tell(&mut self, tell: Tell) {
        self.said.push(PrinterMessage::Service(tell));
    }

    fn order(&mut self, tag: u32, boot: u32, order: Order, now: Duration) {
        let known = self.technician.order.as_ref();
        if let Some(given) = known.filter(|given| given.tag == tag) {
            let ended = given.ended;
            self.tell(Tell::Ordered { tag, refused: None });
            if ended {
                self.tell_end(tag);
            }
            return;
        }
        let stale = (boot != self.boot).then_some(Condition::StaleBoot);
        let refused = stale.or(self.technician.refuse);
        if refused.is_none() {
            self.technician.obeyed.push(order);
            self.technician.order = Some(Given {
                tag,
                told_at: now,
                ends: now + ORDER,
                ended: false,
            });
        }
        self.tell(Tell::Ordered { tag, refused });
    }

    fn tell_end(&mut self, tag: u32) {
        if let Some(condition) = self.technician.stop {
            let result = Err(condition);
            return self.tell(Tell::Ended { tag, result });
        }
        for page in ChecksPage::all(&specimen_checks()) {
            let result = Ok(page);
            self.tell(Tell::Ended { tag, result });
        }
    }

    fn page(&mut self, tag: u32, from: u64) {
        let log = &self.technician.log;
        let newest = log.last().map_or(0, |entry| entry.number);
        let oldest = log.first().map_or(newest + 1, |entry| entry.number);
        let wanted = log.iter().filter(|entry| entry.number >= from).copied();
        let entries = wanted.take(ENTRIES_A_PAGE).collect();
        self.tell(Tell::Log(LogPage {
            tag,
            oldest,
            newest,
            entries,
        }));
    }

    fn echo(&mut self, probe: &Probe) {
        self.technician.echoes += 1;
        self.tell(Tell::Echo(Echo {
            tag: probe.tag,
            echoes: self.technician.echoes,
            damaged: self.technician.damaged,
            bytes: probe.ballast(),
        }));
    }
}
