//! Technicians' requests: an order repeated under its tag until it ended, the log
//! page by page, the identity. What is told is gathered here; nothing moves twice.

use std::time::Duration;

use wire::message::HostMessage;
use wire::service::{self, Check, ChecksPage, LogEntry, LogPage, Order, Tell};
use wire::{Condition, Malformed};

use super::requests::{Request, Stage, refusal};
use super::{Reply, Session};
use crate::error::{Asked, Error};
use crate::patience::{REMIND, REPLY, RESEND, order_patience};

/// Entries of a log that are taken: no printer keeps as many.
const MOST_ENTRIES: usize = 65_536;

/// What a technician's request waits for.
pub(super) enum Asking {
    Order {
        tag: u32,
        order: Order,
        /// The printer took it: it moves, or has moved.
        taken: bool,
        /// Pages of its checks, as far as they came.
        pages: Vec<Option<Vec<Check>>>,
    },
    Log {
        tag: u32,
        entries: Vec<LogEntry>,
    },
    Identity {
        tag: u32,
    },
}

impl Asking {
    /// Whether the machine may be moving for it.
    pub(super) fn moves(&self) -> bool {
        matches!(self, Asking::Order { .. })
    }

    /// Whether the printer has shown that it knows such requests.
    pub(super) fn understood(&self) -> bool {
        match self {
            Asking::Order { taken, .. } => *taken,
            Asking::Log { entries, .. } => !entries.is_empty(),
            Asking::Identity { .. } => false,
        }
    }

    /// Between two sendings. An order under way is only reminded of, unless some of
    /// its pages came: then the others were lost.
    pub(super) fn interval(&self) -> Duration {
        match self {
            Asking::Order { taken, pages, .. } if *taken && pages.is_empty() => REMIND,
            Asking::Order { .. } | Asking::Log { .. } | Asking::Identity { .. } => RESEND,
        }
    }
}

impl Session {
    pub(super) fn ask_order(&mut self, order: Order, now: Duration) {
        let Some(boot) = self.known_boot() else {
            return;
        };
        let tag = self.next_tag();
        let asking = Asking::Order {
            tag,
            order,
            taken: false,
            pages: Vec::new(),
        };
        let message = service::Ask::Order { tag, boot, order };
        self.send_asking(Asked::Order(order), asking, message, now);
    }

    pub(super) fn ask_log(&mut self, from: u64, now: Duration) {
        let tag = self.next_tag();
        let asking = Asking::Log {
            tag,
            entries: Vec::new(),
        };
        let message = service::Ask::Log { tag, from };
        self.send_asking(Asked::Log, asking, message, now);
    }

    pub(super) fn ask_identity(&mut self, now: Duration) {
        let tag = self.next_tag();
        let message = service::Ask::Identify { tag };
        self.send_asking(Asked::Identity, Asking::Identity { tag }, message, now);
    }

    fn send_asking(&mut self, asked: Asked, asking: Asking, ask: service::Ask, now: Duration) {
        let message = HostMessage::Service(ask);
        self.send(asked, Stage::Service(asking), message, REPLY, now);
    }

    pub(super) fn told(&mut self, tell: Tell, now: Duration) {
        match tell {
            Tell::Ordered { tag, refused } => self.ordered(tag, refused, now),
            Tell::Progress { tag, percent } => self.progressed(tag, percent, now),
            Tell::Ended { tag, result } => self.order_ended(tag, result, now),
            Tell::Log(page) => self.log_page(page, now),
            Tell::Echo(echo) => self.echoed(&echo, now),
            Tell::Identity(identity) => self.settle(
                |stage| matches!(stage, Stage::Service(Asking::Identity { tag }) if *tag == identity.tag),
                || Ok(Reply::Identity(identity.clone())),
            ),
        }
    }

    fn ordered(&mut self, tag: u32, refused: Option<Condition>, now: Duration) {
        match refused {
            Some(condition) => {
                self.settle(|stage| is_order(stage, tag), || Err(refusal(condition)))
            }
            None => self.take_order(tag, now),
        }
    }

    /// Notes that the machine moves for this order: from here on its end is waited for.
    fn take_order(&mut self, tag: u32, now: Duration) {
        for request in &mut self.requests {
            let Stage::Service(Asking::Order {
                tag: ours,
                order,
                taken,
                ..
            }) = &mut request.stage
            else {
                continue;
            };
            if *ours == tag && !std::mem::replace(taken, true) {
                let patience = order_patience(*order);
                request.wait_on(patience, REMIND, now);
            }
        }
    }

    fn progressed(&mut self, tag: u32, percent: u8, now: Duration) {
        self.take_order(tag, now);
        let ours = self
            .requests
            .iter()
            .find(|request| is_order(&request.stage, tag));
        if let Some(request) = ours {
            let told = Ok(Reply::Progress(percent));
            self.outcomes.push_back((request.ticket, told));
        }
    }

    fn order_ended(&mut self, tag: u32, result: Result<ChecksPage, Condition>, now: Duration) {
        let page = match result {
            Ok(page) => page,
            Err(condition) => {
                let stopped = || Err(Error::Stopped(condition));
                return self.settle(|stage| is_order(stage, tag), stopped);
            }
        };
        self.take_order(tag, now);
        for request in &mut self.requests {
            let Stage::Service(Asking::Order {
                tag: ours, pages, ..
            }) = &mut request.stage
            else {
                continue;
            };
            if *ours != tag {
                continue;
            }
            pages.resize(page.pages.into(), None);
            if let Some(place) = pages.get_mut(usize::from(page.page)) {
                *place = Some(page.checks.clone());
            }
            request.resend_at = now + RESEND;
        }
        self.finish_orders();
    }

    fn finish_orders(&mut self) {
        let whole = |request: &mut Request| {
            matches!(&request.stage, Stage::Service(Asking::Order { pages, .. })
                if !pages.is_empty() && pages.iter().all(Option::is_some))
        };
        for request in self.requests.extract_if(.., whole) {
            if let Stage::Service(Asking::Order { pages, .. }) = request.stage {
                let checks = pages.into_iter().flatten().flatten().collect();
                self.outcomes
                    .push_back((request.ticket, Ok(Reply::Checks(checks))));
            }
        }
    }

    fn log_page(&mut self, page: LogPage, now: Duration) {
        let ours = |request: &Request| matches!(&request.stage, Stage::Service(Asking::Log { tag, .. }) if *tag == page.tag);
        let Some(at) = self.requests.iter().position(ours) else {
            return;
        };
        let next_tag = self.next_tag();
        let request = &mut self.requests[at];
        let Stage::Service(Asking::Log { tag, entries }) = &mut request.stage else {
            return;
        };
        let outcome = match append(entries, &page) {
            Err(malformed) => Err(Error::Form(malformed)),
            Ok(None) => Ok(Reply::Log(std::mem::take(entries))),
            Ok(Some(from)) => {
                *tag = next_tag;
                let message = HostMessage::Service(service::Ask::Log {
                    tag: next_tag,
                    from,
                });
                request.message = Some(message.clone());
                request.wait_on(REPLY, RESEND, now);
                self.say(&message);
                return;
            }
        };
        let ticket = self.requests.remove(at).ticket;
        self.outcomes.push_back((ticket, outcome));
    }
}

fn is_order(stage: &Stage, tag: u32) -> bool {
    matches!(stage, Stage::Service(Asking::Order { tag: ours, .. }) if *ours == tag)
}

/// Takes a page; which entry to ask for next, if there is one.
fn append(entries: &mut Vec<LogEntry>, page: &LogPage) -> Result<Option<u64>, Malformed> {
    for entry in &page.entries {
        let ascends = entries.last().is_none_or(|last| entry.number > last.number);
        if !ascends || entry.number > page.newest || entries.len() >= MOST_ENTRIES {
            return Err(Malformed::Value {
                field: "entry's number",
                value: entry.number,
            });
        }
        entries.push(*entry);
    }
    // A page without entries is the printer's word that there are no more.
    let last = page.entries.last().map(|last| last.number);
    Ok(last.filter(|last| *last < page.newest).map(|last| last + 1))
}
