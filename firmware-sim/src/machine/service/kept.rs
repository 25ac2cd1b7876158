//! What the firmware keeps of technicians' work over a power cut: the last orders, its log, its
//! hours. Bounded; without any holder's data.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use wire::service::{Check, LogEntry, Motor, Order, Outcome};
use wire::{Condition, MotionId};

/// Orders whose tags are remembered: a repeated frame of one of them moves nothing.
const ORDERS: usize = 16;
/// Records that the log keeps.
const RECORDS: usize = 256;

/// Everything of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Service {
    orders: Vec<Spent>,
    /// The checks of the last order, if it came to its end.
    checks: Vec<(String, u8, i32, String)>,
    /// Records ever written.
    written: u64,
    /// The newest of them, oldest first.
    log: VecDeque<Record>,
    powered_s: u64,
    /// The last motion that a power loss was written down for.
    cut: Option<[u32; 3]>,
}

/// An order that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spent {
    tag: u32,
    order: [i32; 3],
    /// Condition code, 0 when it came to its end; nothing while it is under way.
    end: Option<u16>,
}

/// One record, in hexadecimal: a log of lists would be larger than all else that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Record([u8; 19]);

impl TryFrom<String> for Record {
    type Error = hex::FromHexError;

    fn try_from(text: String) -> Result<Record, hex::FromHexError> {
        let mut bytes = [0; 19];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Record(bytes))
    }
}

impl From<Record> for String {
    fn from(record: Record) -> String {
        hex::encode(record.0)
    }
}

impl Spent {
    /// Its name.
    pub fn tag(&self) -> u32 {
        self.tag
    }

    /// Whether this is what was ordered.
    pub fn is(&self, order: Order) -> bool {
        self.order == image(order)
    }
}

impl Service {
    /// The order that was accepted last.
    pub fn last(&self) -> Option<&Spent> {
        self.orders.last()
    }

    /// Whether an order of this name was accepted before.
    pub fn knows(&self, tag: u32) -> bool {
        self.orders.iter().any(|spent| spent.tag == tag)
    }

    /// Notes that the order is accepted and about to move.
    pub(super) fn spend(&mut self, tag: u32, order: Order) {
        if self.orders.len() >= ORDERS {
            self.orders.remove(0);
        }
        let (order, end) = (image(order), None);
        self.orders.push(Spent { tag, order, end });
        self.checks.clear();
    }

    /// Notes how the last order ended.
    pub(super) fn end(&mut self, tag: u32, result: Result<Vec<Check>, Condition>) {
        let Some(last) = self.orders.last_mut().filter(|last| last.tag == tag) else {
            return;
        };
        last.end = Some(
            result
                .as_ref()
                .err()
                .map_or(0, |condition| condition.code()),
        );
        let checks = result.unwrap_or_default().into_iter();
        let image = |check: Check| {
            let outcome = match check.outcome {
                Outcome::Passed => 0,
                Outcome::Failed => 1,
                Outcome::Absent => 2,
            };
            (check.name, outcome, check.value, check.unit)
        };
        self.checks = checks.map(image).collect();
    }

    /// How the last order ended.
    pub(super) fn ended(&self) -> Result<Vec<Check>, Condition> {
        match self.orders.last().and_then(|last| last.end) {
            Some(0) => {}
            Some(code) => return Err(Condition::from(code)),
            None => return Err(Condition::PowerLost),
        }
        let check = |(name, outcome, value, unit): &(String, u8, i32, String)| Check {
            name: name.clone(),
            outcome: match outcome {
                0 => Outcome::Passed,
                1 => Outcome::Failed,
                _ => Outcome::Absent,
            },
            value: *value,
            unit: unit.clone(),
        };
        Ok(self.checks.iter().map(check).collect())
    }

    /// An order that was under way when power went is told so from now on; whether there was one.
    pub(super) fn cut_order(&mut self) -> bool {
        let cut = self.orders.last_mut().filter(|last| last.end.is_none());
        cut.map(|last| last.end = Some(Condition::PowerLost.code()))
            .is_some()
    }

    /// Notes that a motion was cut short by power; whether that is news.
    pub(super) fn note_cut(&mut self, id: MotionId) -> bool {
        let id = Some([id.card, id.step.into(), id.attempt.into()]);
        std::mem::replace(&mut self.cut, id) != id
    }

    /// Writes into the log.
    pub(super) fn write(
        &mut self,
        boot: u32,
        clock_ms: u64,
        condition: Condition,
        (card, step): (u32, u8),
    ) {
        let mut bytes = [0; 19];
        bytes[..4].copy_from_slice(&boot.to_be_bytes());
        bytes[4..12].copy_from_slice(&clock_ms.to_be_bytes());
        bytes[12..14].copy_from_slice(&condition.code().to_be_bytes());
        bytes[14..18].copy_from_slice(&card.to_be_bytes());
        bytes[18] = step;
        if self.log.len() >= RECORDS {
            self.log.pop_front();
        }
        self.log.push_back(Record(bytes));
        self.written += 1;
    }

    /// The numbers of the oldest and the newest record.
    pub(super) fn numbers(&self) -> (u64, u64) {
        let oldest = self.written.saturating_sub(self.log.len() as u64) + 1;
        (oldest, self.written)
    }

    /// The log, oldest first.
    pub fn log(&self) -> impl Iterator<Item = LogEntry> {
        let (oldest, _) = self.numbers();
        let numbered = self.log.iter().zip(oldest..);
        numbered.map(|(Record(bytes), number)| {
            let word = |from: usize| {
                let four = bytes[from..from + 4].iter();
                four.fold(0u32, |word, byte| word << 8 | u32::from(*byte))
            };
            LogEntry {
                number,
                boot: word(0),
                clock_ms: u64::from(word(4)) << 32 | u64::from(word(8)),
                condition: Condition::from((word(12) >> 16) as u16),
                card: word(14),
                step: bytes[18],
            }
        })
    }

    /// Seconds under power for life.
    pub(super) fn seconds(&self) -> u64 {
        self.powered_s
    }

    /// So many seconds of this boot came to those before.
    pub(super) fn powered(&mut self, before: u64, seconds: u64) {
        self.powered_s = before + seconds;
    }
}

fn image(order: Order) -> [i32; 3] {
    match order {
        Order::SelfTest => [1, 0, 0],
        Order::ScannerCheck => [2, 0, 0],
        Order::CleanHead => [3, 0, 0],
        Order::Move { motor, steps } => [4, motor_image(motor), steps.into()],
    }
}

fn motor_image(motor: Motor) -> i32 {
    motor.code().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_bounded_and_its_numbers_go_on() {
        let mut service = Service::default();
        assert_eq!(service.numbers(), (1, 0));
        for card in 1..=300 {
            service.write(9, u64::from(card) << 33, Condition::RibbonBroken, (card, 5));
        }
        assert_eq!(service.numbers(), (45, 300));
        let json = serde_json::to_string(&service).expect("plain data");
        let again: Service = serde_json::from_str(&json).expect("own data");
        let last = again.log().last().expect("a full log");
        let due = LogEntry {
            number: 300,
            boot: 9,
            clock_ms: 300 << 33,
            condition: Condition::RibbonBroken,
            card: 300,
            step: 5,
        };
        assert_eq!((last, again), (due, service));
    }
}
