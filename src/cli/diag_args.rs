//! The words of `station diag`, and the orders that they are.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use crate::config::BAUDS;
use crate::diag::history::{Filter, OUTCOMES, ZONES};
use crate::diag::{Motor, Order};

/// A technician's orders.
#[derive(Debug, Args)]
pub(super) struct DiagArgs {
    /// The technician, or a supervisor, who is signed in
    #[arg(long, global = true, value_name = "ID")]
    pub technician: Option<String>,
    /// PIN from standard input, one line
    #[arg(long, global = true)]
    pub pin_stdin: bool,
    /// The order.
    #[command(subcommand)]
    pub command: DiagCommand,
}

/// The orders.
#[derive(Debug, Subcommand)]
pub(super) enum DiagCommand {
    /// Who everything is: printer, readers, station, layout, fonts
    Identity,
    /// The sensors with their normal bands
    Sensors {
        /// Go on until Ctrl-C and show what changes
        #[arg(long)]
        watch: bool,
    },
    /// The one-way counters
    Counters,
    /// Supplies: the printer's tags and the journal
    Supplies,
    /// Export the printer's own event log
    Log {
        /// The first entry
        #[arg(long, value_name = "NUMBER", default_value_t = 1)]
        from: u64,
        /// Only this code
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
    },
    /// The printer's self test; moves no card
    SelfTest,
    /// Turn one motor
    Move {
        /// The motor
        #[arg(value_parser = PossibleValuesParser::new(Motor::ALL.map(Motor::name)))]
        motor: String,
        /// How many steps; negative goes back
        #[arg(allow_negative_numbers = true, value_parser = clap::value_parser!(i16).range(-2000..=2000))]
        steps: i16,
    },
    /// Hold the scanner against its own white
    Scanner,
    /// Clean the print head once
    Clean,
    /// Test a chip reader: answer to reset, bit rate, round trips
    Encoder {
        /// Exchanges of each kind
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        rounds: u32,
        /// The reader on the desk instead of the encoder's
        #[arg(long)]
        desk: bool,
    },
    /// Line quality: errors, latency, throughput at each speed
    Line {
        /// A speed to test; repeat it (by default the configured one)
        #[arg(long, value_name = "BIT/S", conflicts_with = "all")]
        baud: Vec<u32>,
        /// Every speed that can be configured
        #[arg(long)]
        all: bool,
        /// Probes of each kind and speed
        #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        probes: u32,
        /// Bytes in each probe
        #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u16).range(0..=1000))]
        bytes: u16,
    },
    /// Print a test card, check it, reject it
    TestCard(Cards),
    /// The same with a colour and alignment pattern
    Pattern(Cards),
    /// Write measured phase times into the configuration
    Calibrate {
        /// Test cards to make first, with a patch
        #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=50))]
        test_cards: u32,
        /// How many of the last cards count, test cards included
        #[arg(long, value_name = "N", default_value_t = 20)]
        last: usize,
    },
    /// Write a service bundle; nothing of a holder is in it
    Bundle {
        /// The file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Write it without asking
        #[arg(long)]
        yes: bool,
    },
    /// The faults that the journal tells of
    History {
        /// Only this code
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
        /// Only this zone
        #[arg(long, value_name = "ZONE", value_parser = PossibleValuesParser::new(ZONES))]
        zone: Option<String>,
        /// Only this outcome
        #[arg(long, value_name = "OUTCOME", value_parser = PossibleValuesParser::new(OUTCOMES))]
        outcome: Option<String>,
        /// Only the newest so many
        #[arg(long, value_name = "N")]
        last: Option<usize>,
    },
    /// Get a card that no job owns out of the machine
    Clear {
        /// It was taken out by hand and bagged
        #[arg(long)]
        bagged: bool,
    },
}

/// How test cards are made.
#[derive(Debug, Args)]
pub(super) struct Cards {
    /// How many cards
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=50))]
    count: u32,
    /// With a hologram patch
    #[arg(long)]
    patch: bool,
}

impl DiagCommand {
    /// The order that it is.
    pub(super) fn order(&self) -> Order {
        match self {
            DiagCommand::Identity => Order::Identity,
            DiagCommand::Sensors { watch } => Order::Sensors { watch: *watch },
            DiagCommand::Counters => Order::Counters,
            DiagCommand::Supplies => Order::Supplies,
            DiagCommand::Log { from, code } => Order::Log {
                from: *from,
                code: code.clone(),
            },
            DiagCommand::SelfTest => Order::SelfTest,
            DiagCommand::Move { motor, steps } => Order::Move {
                motor: motor_named(motor),
                steps: *steps,
            },
            DiagCommand::Scanner => Order::Scanner,
            DiagCommand::Clean => Order::Clean,
            DiagCommand::Encoder { rounds, desk } => match desk {
                true => Order::Desk { rounds: *rounds },
                false => Order::Encoder { rounds: *rounds },
            },
            DiagCommand::Line {
                baud,
                all,
                probes,
                bytes,
            } => Order::Line {
                probes: *probes,
                bytes: usize::from(*bytes),
                bauds: if *all { BAUDS.to_vec() } else { baud.clone() },
            },
            DiagCommand::TestCard(cards) => cards.order(false),
            DiagCommand::Pattern(cards) => cards.order(true),
            DiagCommand::Calibrate { test_cards, last } => Order::Calibrate {
                test_cards: *test_cards,
                last: *last,
            },
            DiagCommand::Bundle { .. } => Order::Bundle,
            DiagCommand::History {
                code,
                zone,
                outcome,
                last,
            } => Order::History(Filter {
                code: code.clone(),
                zone: zone.clone(),
                outcome: outcome.clone(),
                last: *last,
            }),
            DiagCommand::Clear { bagged } => Order::Clear { bagged: *bagged },
        }
    }
}

impl Cards {
    fn order(&self, pattern: bool) -> Order {
        Order::TestCard {
            pattern,
            patch: self.patch,
            count: self.count,
        }
    }
}

/// The motor of this name; the command line takes no other.
fn motor_named(name: &str) -> Motor {
    let found = Motor::ALL.into_iter().find(|motor| motor.name() == name);
    found.unwrap_or(Motor::Feeder)
}
