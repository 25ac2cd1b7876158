//! What technicians ask of the printer and what it tells them: orders, checks, its
//! own event log, echoes, identity (PROTOCOL.md §9). Knows no frame and no session.

use std::fmt;

use crate::condition::Condition;

/// The longest name of a check, bytes.
pub const MAX_NAME: usize = 40;
/// The longest unit of a check, bytes.
pub const MAX_UNIT: usize = 8;
/// The most checks that one page carries.
pub const CHECKS_A_PAGE: usize = 18;
/// The most log entries that one page carries.
pub const ENTRIES_A_PAGE: usize = 36;
/// The most bytes that a probe carries, either way.
pub const MAX_PROBE: usize = 1000;

/// A motor of the machine; codes are fixed for life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Motor {
    /// Takes blanks from the hopper.
    Feeder,
    /// Moves the card along its path.
    Transport,
    /// Lifts and lowers the print head.
    HeadLift,
    /// Turns the flipper.
    Flipper,
    /// Winds the ribbon.
    RibbonWind,
    /// Winds the patch film.
    PatchWind,
    /// Opens and closes the exit slot.
    ExitGate,
    /// Leads a card into the reject tray.
    RejectGate,
}

impl Motor {
    /// All motors, in the order of their codes from 1.
    pub const ALL: [Motor; 8] = [
        Motor::Feeder,
        Motor::Transport,
        Motor::HeadLift,
        Motor::Flipper,
        Motor::RibbonWind,
        Motor::PatchWind,
        Motor::ExitGate,
        Motor::RejectGate,
    ];

    /// The code on the wire, 1 to 8.
    pub fn code(self) -> u8 {
        self as u8 + 1
    }

    /// The stable name, such as `ribbon-wind`.
    pub fn name(self) -> &'static str {
        match self {
            Motor::Feeder => "feeder",
            Motor::Transport => "transport",
            Motor::HeadLift => "head-lift",
            Motor::Flipper => "flipper",
            Motor::RibbonWind => "ribbon-wind",
            Motor::PatchWind => "patch-wind",
            Motor::ExitGate => "exit-gate",
            Motor::RejectGate => "reject-gate",
        }
    }
}

/// Something that a technician has the machine do, without a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// Looks at every sensor, motor, heater and memory.
    SelfTest,
    /// Looks at the scanner's own white strip.
    ScannerCheck,
    /// Wipes the print head; the count of cards since cleaning begins anew.
    CleanHead,
    /// Turns one motor.
    Move {
        /// Which.
        motor: Motor,
        /// How far: forward, or back when negative; 1 to 2000 either way.
        steps: i16,
    },
}

impl Order {
    /// The most steps of one `Move`, either way.
    pub const MAX_STEPS: u16 = 2000;

    /// The stable name, such as `clean-head`.
    pub fn name(self) -> &'static str {
        match self {
            Order::SelfTest => "self-test",
            Order::ScannerCheck => "scanner-check",
            Order::CleanHead => "clean-head",
            Order::Move { .. } => "move",
        }
    }
}

/// How one check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// As it should be.
    Passed,
    /// Not as it should be.
    Failed,
    /// There is nothing to look at: not fitted or not loaded.
    Absent,
}

/// One thing that an order looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// A stable name, such as `motor-feeder`; at most [`MAX_NAME`] bytes.
    pub name: String,
    /// How it came out.
    pub outcome: Outcome,
    /// What was measured.
    pub value: i32,
    /// Of what; empty when the value has none; at most [`MAX_UNIT`] bytes.
    pub unit: String,
}

/// Some of an ended order's checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecksPage {
    /// Which page, from 0.
    pub page: u8,
    /// Of how many, at least 1.
    pub pages: u8,
    /// At most [`CHECKS_A_PAGE`].
    pub checks: Vec<Check>,
}

impl ChecksPage {
    /// An order's checks as pages: at least one, and no more than can be counted.
    pub fn all(checks: &[Check]) -> Vec<ChecksPage> {
        let most = CHECKS_A_PAGE * usize::from(u8::MAX);
        let checks = &checks[..checks.len().min(most)];
        let pages = checks.len().div_ceil(CHECKS_A_PAGE).max(1) as u8;
        let page = |page: u8| {
            let from = usize::from(page) * CHECKS_A_PAGE;
            let to = checks.len().min(from + CHECKS_A_PAGE);
            ChecksPage {
                page,
                pages,
                checks: checks[from..to].to_vec(),
            }
        };
        (0..pages).map(page).collect()
    }
}

/// One line of the printer's own log, which outlives its power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogEntry {
    /// From 1, without gaps, for life.
    pub number: u64,
    /// The boot in which it was written.
    pub boot: u32,
    /// When, in milliseconds since that boot's power came on.
    pub clock_ms: u64,
    /// What began to be wrong.
    pub condition: Condition,
    /// The card count of the motion at hand; 0 when none was.
    pub card: u32,
    /// That motion's step; 0 when none was.
    pub step: u8,
}

/// Some of the printer's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// The request's.
    pub tag: u32,
    /// The oldest entry that is kept; one above the newest when none is.
    pub oldest: u64,
    /// The newest entry's number; 0 when nothing was ever written.
    pub newest: u64,
    /// At most [`ENTRIES_A_PAGE`], in order, from the one asked for or the oldest.
    pub entries: Vec<LogEntry>,
}

/// Asks for bytes back.
#[derive(Clone, PartialEq, Eq)]
pub struct Probe {
    /// Comes back in the echo.
    pub tag: u32,
    /// How many bytes the echo shall carry; at most [`MAX_PROBE`].
    pub back: u16,
    /// Ballast for the way there; at most [`MAX_PROBE`] bytes.
    pub bytes: Vec<u8>,
}

/// Answers a probe.
#[derive(Clone, PartialEq, Eq)]
pub struct Echo {
    /// The probe's.
    pub tag: u32,
    /// Probes that were answered in this boot, this one included.
    pub echoes: u32,
    /// Frames that the printer dropped as damaged in this boot.
    pub damaged: u32,
    /// As many as were asked for: the probe's own, again and again.
    pub bytes: Vec<u8>,
}

// Ballast says nothing and would fill any log.
impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Probe { tag, back, bytes } = self;
        write!(f, "Probe({tag:#x}, {} out, {back} back)", bytes.len())
    }
}

impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tag, count) = (self.tag, self.bytes.len());
        let (echoes, damaged) = (self.echoes, self.damaged);
        write!(
            f,
            "Echo({tag:#x}, {echoes}, {damaged} damaged, {count} back)"
        )
    }
}

impl Probe {
    /// The bytes that its echo carries.
    pub fn ballast(&self) -> Vec<u8> {
        let bytes = self.bytes.iter().copied().cycle();
        let zeros = std::iter::repeat(0);
        bytes.chain(zeros).take(self.back.into()).collect()
    }
}

/// What HELLO does not tell of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The request's.
    pub tag: u32,
    /// Revision of the hardware, at most 255 bytes of UTF-8.
    pub hardware: String,
    /// Hours under power for life, begun ones not counted.
    pub hours: u32,
    /// Cards fed for life.
    pub cards: u32,
}

/// What a technician's host says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Gives an order; repeated, nothing moves again.
    Order {
        /// The order's name: the host's choice, not used for another order.
        tag: u32,
        /// The boot id that the host last saw.
        boot: u32,
        /// What to do.
        order: Order,
    },
    /// Asks for the log from this entry on.
    Log {
        /// Comes back in the answer.
        tag: u32,
        /// The first entry's number.
        from: u64,
    },
    /// Asks for bytes back (bulk).
    Probe(Probe),
    /// Asks for the identity.
    Identify {
        /// Comes back in the answer.
        tag: u32,
    },
}

/// What the printer tells a technician.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tell {
    /// Answers an order at once.
    Ordered {
        /// The order's.
        tag: u32,
        /// `None` when it is under way or has ended; else nothing moved.
        refused: Option<Condition>,
    },
    /// How far an order has come.
    Progress {
        /// The order's.
        tag: u32,
        /// 0 to 100.
        percent: u8,
    },
    /// How an order ended.
    Ended {
        /// The order's.
        tag: u32,
        /// A page of its checks, or what stopped it.
        result: Result<ChecksPage, Condition>,
    },
    /// A page of the log.
    Log(LogPage),
    /// Bytes back (bulk).
    Echo(Echo),
    /// Who the machine is.
    Identity(Identity),
}
