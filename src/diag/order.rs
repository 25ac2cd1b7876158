//! What a technician may order, and what each order may find in its way. Knows no device.

use super::history::Filter;
use crate::fault::Signed;

pub use wire::service::Motor;

/// An order, and who gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// What.
    pub order: Order,
    /// Who is signed in: a technician or a supervisor.
    pub by: Signed,
}

/// Everything that a technician may order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Who everything is: printer, readers, station, layout, fonts, chip profile.
    Identity,
    /// What the sensors show.
    Sensors {
        /// Go on until the person asks to stop.
        watch: bool,
    },
    /// The one-way counters.
    Counters,
    /// What is loaded.
    Supplies,
    /// The printer's own log.
    Log {
        /// The first entry.
        from: u64,
        /// Only this condition.
        code: Option<String>,
    },
    /// The printer's self test.
    SelfTest,
    /// One motor, so many steps.
    Move {
        /// Which.
        motor: Motor,
        /// How far; back when negative.
        steps: i16,
    },
    /// The scanner against its own white.
    Scanner,
    /// One cleaning of the print head.
    Clean,
    /// The chip reader of the encoder station, with a blank fed as a test card when none lies there.
    Encoder {
        /// Exchanges of each kind.
        rounds: u32,
    },
    /// The reader on the desk, with the card that lies on it.
    Desk {
        /// Exchanges of each kind.
        rounds: u32,
    },
    /// The line, at each of these speeds.
    Line {
        /// Probes of each kind and speed.
        probes: u32,
        /// Bytes in each.
        bytes: usize,
        /// Speeds; the configured one where none is named.
        bauds: Vec<u32>,
    },
    /// Test cards: printed, checked, rejected.
    TestCard {
        /// The colour and alignment pattern instead of the plain test card.
        pattern: bool,
        /// With a hologram patch.
        patch: bool,
        /// How many.
        count: u32,
    },
    /// The measured times that may become the plan.
    Calibrate {
        /// Test cards to run first.
        test_cards: u32,
        /// How many of the last cards count, test cards included.
        last: usize,
    },
    /// Everything that a technician elsewhere needs, and nothing of a holder.
    Bundle,
    /// The faults that the journal tells of.
    History(Filter),
    /// A card that no job owns leaves the machine.
    Clear {
        /// It was taken out by hand and bagged.
        bagged: bool,
    },
}

/// What an order may find in its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It only reads: a job may be open, a card inside.
    Looks,
    /// It talks to devices for itself alone: no job may be open.
    Alone,
    /// It moves something: no job may be open and no card inside.
    Moves,
    /// It gets rid of a card: no job may be open.
    Clears,
}

impl Order {
    /// The stable name in commands, journal and reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Order::Identity => "identity",
            Order::Sensors { .. } => "sensors",
            Order::Counters => "counters",
            Order::Supplies => "supplies",
            Order::Log { .. } => "log",
            Order::SelfTest => "self-test",
            Order::Move { .. } => "move",
            Order::Scanner => "scanner",
            Order::Clean => "clean-head",
            Order::Encoder { .. } => "encoder",
            Order::Desk { .. } => "desk",
            Order::Line { .. } => "line",
            Order::TestCard { pattern: false, .. } => "test-card",
            Order::TestCard { pattern: true, .. } => "pattern",
            Order::Calibrate { .. } => "calibrate",
            Order::Bundle => "bundle",
            Order::History(_) => "history",
            Order::Clear { .. } => "clear",
        }
    }

    /// What it may find in its way.
    #[must_use]
    pub fn access(&self) -> Access {
        match self {
            Order::Identity
            | Order::Sensors { .. }
            | Order::Counters
            | Order::Supplies
            | Order::Log { .. }
            | Order::Bundle
            | Order::History(_) => Access::Looks,
            Order::Encoder { .. } | Order::Desk { .. } | Order::Line { .. } => Access::Alone,
            Order::Calibrate { test_cards: 0, .. } => Access::Alone,
            Order::SelfTest
            | Order::Move { .. }
            | Order::Scanner
            | Order::Clean
            | Order::TestCard { .. }
            | Order::Calibrate { .. } => Access::Moves,
            Order::Clear { .. } => Access::Clears,
        }
    }
}
