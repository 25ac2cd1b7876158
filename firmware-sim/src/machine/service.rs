//! Technicians' orders: what the firmware decides before anything moves, how long it takes, what
//! it leaves. Interlocks are physical truth; what was looked at is told by `checks`.

mod checks;
mod kept;

pub use kept::Service;

use super::{Effect, Machine, Place, Power};
use std::time::Duration;
use wire::Condition;
use wire::message::Happening;
use wire::service::{Check, ENTRIES_A_PAGE};
use wire::service::{ChecksPage, Identity, LogEntry, LogPage, Motor, Order, Tell};

/// Revision of the hardware that this machine is.
const HARDWARE: &str = "S1";
/// How long orders take, unscaled.
const SELF_TEST_MS: u32 = 25_000;
const SCANNER_CHECK_MS: u32 = 2_000;
const CLEAN_HEAD_MS: u32 = 60_000;
const MOTOR_STARTS_MS: u32 = 200;
const STEP_MS: u32 = 2;
/// Between two words of progress at least.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// A condition in one of so many last records is not written again when it is raised.
const RECENT: usize = 8;

/// An order under way.
pub(super) struct Ordered {
    tag: u32,
    order: Order,
    started: Duration,
    takes: Duration,
    told_at: Duration,
    percent: u8,
}

impl Ordered {
    fn ends(&self) -> Duration {
        self.started + self.takes
    }

    /// When the next word of progress is due.
    fn tells(&self) -> Duration {
        let next = self.takes * (u32::from(self.percent) + 1) / 100;
        (self.started + next).max(self.told_at + PROGRESS_EVERY)
    }

    fn percent_at(&self, now: Duration) -> u8 {
        let passed = now.saturating_sub(self.started).as_nanos();
        (passed * 100 / self.takes.as_nanos().max(1)).min(99) as u8
    }
}

impl Machine {
    /// Gives an order; why it is refused, if it is. Accepted, its end comes as an effect; repeated,
    /// so does the stored end, and nothing moves.
    pub fn order(&mut self, tag: u32, boot: u32, order: Order, now: Duration) -> Option<Condition> {
        self.poll(now);
        if boot != self.boot() {
            return Some(Condition::StaleBoot);
        }
        if let Some(last) = self.kept.service.last().filter(|last| last.tag() == tag) {
            if !last.is(order) {
                return Some(Condition::BadParameter);
            }
            if self.ram.order.is_none() {
                self.tell_end(tag);
            }
            return None;
        }
        if self.kept.service.knows(tag) {
            return Some(Condition::StaleSequence);
        }
        if let Some(condition) = self.order_refusal(order) {
            return Some(condition);
        }
        self.kept.service.spend(tag, order);
        if winds_ribbon(order) {
            // Wherever it stops, the next pass searches its panel.
            self.kept.ribbon_at = None;
        }
        self.keep();
        self.ram.order = Some(Ordered {
            tag,
            order,
            started: now,
            takes: self.setup.speed.scale(takes_ms(order)),
            told_at: now,
            percent: 0,
        });
        None
    }

    /// Whether an order is under way: then no motion begins.
    pub fn is_ordered(&self) -> bool {
        self.ram.order.is_some()
    }

    fn order_refusal(&self, order: Order) -> Option<Condition> {
        let expected = Some(Condition::NotWhereExpected);
        if let Order::Move { steps, .. } = order
            && !(1..=Order::MAX_STEPS).contains(&steps.unsigned_abs())
        {
            return Some(Condition::BadParameter);
        }
        if self.ram.underway.is_some() || self.is_ordered() {
            return Some(Condition::Busy);
        }
        if self.sensors(self.seen).cover_open {
            return Some(Condition::CoverOpen);
        }
        if let Some(card) = &self.card {
            let jammed = self.interior.stuck;
            let jammed = jammed.map(|stuck| Condition::Jam(stuck.zone()));
            match order {
                Order::ScannerCheck if card.place != Place::Check => {}
                Order::ScannerCheck | Order::SelfTest | Order::CleanHead | Order::Move { .. } => {
                    return jammed.or(expected);
                }
            }
        }
        match order {
            // Forward it would take a blank out that nobody counts.
            Order::Move { motor, steps }
                if motor == Motor::Feeder && steps > 0 && !self.hopper.is_empty() =>
            {
                expected
            }
            Order::Move { .. } | Order::SelfTest | Order::ScannerCheck | Order::CleanHead => None,
        }
    }

    /// Lets an order go on until now.
    pub(super) fn poll_order(&mut self, now: Duration) {
        if let Power::On { since } = self.power {
            let seconds = now.saturating_sub(since).as_secs();
            self.kept.service.powered(self.ram.powered_before, seconds);
        }
        let Some(ordered) = &mut self.ram.order else {
            return;
        };
        if now >= ordered.ends() {
            let ended = self.ram.order.take();
            return ended
                .into_iter()
                .for_each(|ordered| self.end_order(&ordered));
        }
        if now >= ordered.tells() {
            (ordered.told_at, ordered.percent) = (now, ordered.percent_at(now));
            let (tag, percent) = (ordered.tag, ordered.percent);
            self.effects
                .push(Effect::Told(Tell::Progress { tag, percent }));
        }
    }

    /// When an order has something to do next.
    pub(super) fn order_next_at(&self) -> Option<Duration> {
        let ordered = self.ram.order.as_ref()?;
        Some(ordered.tells().min(ordered.ends()))
    }

    fn end_order(&mut self, ordered: &Ordered) {
        let checks = self.checks(ordered.order);
        if ordered.order == Order::CleanHead {
            self.kept.counters.since_cleaning = 0;
        }
        self.kept.service.end(ordered.tag, Ok(checks));
        self.keep();
        self.tell_end(ordered.tag);
    }

    /// Stops the order under way where it is.
    pub(super) fn stop_order(&mut self, condition: Condition, now: Duration) {
        if let Some(ordered) = self.ram.order.take() {
            self.kept.service.end(ordered.tag, Err(condition));
            self.write_down(condition, (0, 0), now);
            self.tell_end(ordered.tag);
        }
    }

    fn tell_end(&mut self, tag: u32) {
        let told: Vec<Tell> = match self.kept.service.ended() {
            Err(condition) => {
                let result = Err(condition);
                vec![Tell::Ended { tag, result }]
            }
            Ok(checks) => {
                let pages = ChecksPage::all(&checks).into_iter().map(Ok);
                pages.map(|result| Tell::Ended { tag, result }).collect()
            }
        };
        self.effects.extend(told.into_iter().map(Effect::Told));
    }

    fn checks(&self, order: Order) -> Vec<Check> {
        match order {
            Order::SelfTest => checks::self_test(self),
            Order::ScannerCheck => checks::scanner(self),
            Order::CleanHead => checks::cleaned(self),
            Order::Move { motor, steps } => vec![checks::motor(self, motor, steps.into())],
        }
    }

    /// Writes a condition into the log, with the card and step at hand (0, 0 when none was).
    pub(super) fn write_down(&mut self, condition: Condition, at: (u32, u8), now: Duration) {
        let clock_ms = self.clock_ms(now);
        let boot = self.boot();
        self.kept.service.write(boot, clock_ms, condition, at);
        self.keep();
    }

    /// Writes down what was raised since the effects were asked for last, unless the log says
    /// it already: a motion that ended with it, the power loss that it tells of, or a boot before.
    pub(super) fn write_raised(&mut self) {
        let mut raised = Vec::new();
        for effect in &self.effects {
            if let Effect::Happened(Happening::Raised(condition)) = effect
                && !self.is_written(*condition)
            {
                raised.push(*condition);
            }
        }
        let at = self.ram.underway.as_ref();
        let at = at.map_or((0, 0), |underway| (underway.id.card, underway.id.step));
        for condition in raised {
            self.write_down(condition, at, self.seen);
        }
    }

    fn is_written(&self, condition: Condition) -> bool {
        let boot = self.boot();
        let log: Vec<LogEntry> = self.kept.service.log().collect();
        log.iter().rev().take(RECENT).any(|entry| {
            let cut = entry.boot == boot && entry.condition == Condition::PowerLost;
            if condition == Condition::ImproperShutdown {
                cut
            } else {
                entry.condition == condition
            }
        })
    }

    /// Power is back: what it cut short is written down once, and told so from now on.
    pub(super) fn write_power_loss(&mut self, now: Duration) {
        self.ram.powered_before = self.kept.service.seconds();
        let last = self.kept.last_motion();
        let motion = last.filter(|id| self.kept.cut_short(*id) && self.kept.service.note_cut(*id));
        if let Some(id) = motion {
            self.write_down(Condition::PowerLost, (id.card, id.step), now);
        }
        if self.kept.service.cut_order() {
            self.write_down(Condition::PowerLost, (0, 0), now);
        }
    }

    /// Whether this is what is wrong with the machine now, or will be when it is tried.
    fn ails(&self, condition: Condition) -> bool {
        let ordinal = self.ordinal();
        let mut waiting = self.setup.scenario.faults().iter();
        let tried = waiting.any(|fault| {
            fault.card == ordinal && fault.times > 0 && fault.condition() == Some(condition)
        });
        tried || self.conditions(self.seen).contains(&condition)
    }

    /// A page of the log.
    pub fn log_page(&self, tag: u32, from: u64) -> LogPage {
        let service = &self.kept.service;
        let wanted = service.log().filter(|entry| entry.number >= from);
        let entries: Vec<LogEntry> = wanted.take(ENTRIES_A_PAGE).collect();
        let (oldest, newest) = service.numbers();
        LogPage {
            tag,
            oldest,
            newest,
            entries,
        }
    }

    /// What the machine is beyond its HELLO.
    pub fn identity(&self, tag: u32) -> Identity {
        Identity {
            tag,
            hardware: HARDWARE.to_owned(),
            hours: (self.kept.service.seconds() / 3_600) as u32,
            cards: self.kept.counters.fed,
        }
    }
}

fn winds_ribbon(order: Order) -> bool {
    match order {
        Order::SelfTest | Order::CleanHead => true,
        Order::ScannerCheck => false,
        Order::Move { motor, .. } => motor == Motor::RibbonWind,
    }
}

fn takes_ms(order: Order) -> u32 {
    match order {
        Order::SelfTest => SELF_TEST_MS,
        Order::ScannerCheck => SCANNER_CHECK_MS,
        Order::CleanHead => CLEAN_HEAD_MS,
        Order::Move { steps, .. } => MOTOR_STARTS_MS + STEP_MS * u32::from(steps.unsigned_abs()),
    }
}
