//! `station reconcile`: holds a physical count against books and printer.

use clap::{Args, ValueEnum};

use super::args::Hands;
use super::context::Context;
use super::hands;
use super::outcome::{Failure, Outcome};
use super::supplies::{by, number, perform};
use crate::station::supplies::Ask;
use crate::stock::{Count, Reason};

/// Count everything; hold it against journal and printer.
#[derive(Debug, Args)]
pub(super) struct ReconcileArgs {
    /// What was counted.
    #[command(flatten)]
    counted: Counted,
    /// Who is here.
    #[command(flatten)]
    hands: Hands,
}

/// What persons counted, and why it differs.
#[derive(Debug, Args)]
pub(super) struct Counted {
    /// Blanks in the hopper
    #[arg(long, value_name = "N")]
    hopper: Option<u32>,
    /// Cards in the reject tray
    #[arg(long, value_name = "N")]
    tray: Option<u32>,
    /// Cards in the bag
    #[arg(long, value_name = "N")]
    bag: Option<u32>,
    /// Used ribbons that wait for destruction
    #[arg(long, value_name = "N")]
    ribbons: Option<u32>,
    /// Old cards in the box
    #[arg(long, value_name = "N")]
    old_cards: Option<u32>,
    /// Chip serial or card number read on a card of tray or bag; repeat it for each
    #[arg(long = "seen", value_name = "NAME")]
    seen: Vec<String>,
    /// Why the count differs; the supervisor signs it
    #[arg(long = "because", value_enum, value_name = "WHY")]
    because: Option<Because>,
}

impl Counted {
    /// The count, asked for where a flag is missing.
    ///
    /// # Errors
    /// Nobody answers, or with no number.
    pub(super) fn count(&self, context: &Context) -> Result<Count, Failure> {
        let hopper = ("給紙部の白カード：", "Blanks in the hopper:");
        let tray = ("不良箱のカード：", "Cards in the reject tray:");
        let bag = ("廃棄袋のカード：", "Cards in the bag:");
        Ok(Count {
            hopper: number(self.hopper, hopper, "--hopper", context)?,
            tray: number(self.tray, tray, "--tray", context)?,
            bag: number(self.bag, bag, "--bag", context)?,
            ribbons: self.ribbons,
            old_cards: self.old_cards,
            seen: self.seen.clone(),
        })
    }

    /// Why it differs.
    pub(super) fn reason(&self) -> Option<Reason> {
        self.because.map(Because::reason)
    }
}

/// Why a count differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Because {
    /// It was counted wrong when it was loaded
    Miscounted,
    /// Fewer or more came than the package says
    Delivered,
    /// Two went as one, or one went where no sensor saw it
    Machine,
    /// It is gone, and nobody knows where
    Missing,
    /// It was stolen, or that is suspected
    Stolen,
}

impl Because {
    fn reason(self) -> Reason {
        match self {
            Because::Miscounted => Reason::Miscounted,
            Because::Delivered => Reason::Delivered,
            Because::Machine => Reason::Machine,
            Because::Missing => Reason::Missing,
            Because::Stolen => Reason::Stolen,
        }
    }
}

/// Reconciles.
///
/// # Errors
/// The count differs and nobody signed it, or a job is open.
pub(super) fn run(args: &ReconcileArgs, context: &mut Context) -> Outcome {
    let present = hands::at_counter(&args.hands, context)?;
    let by = by(&present)?;
    let count = args.counted.count(context)?;
    let reason = args.counted.reason();
    perform(Ask::Reconcile { count, reason, by }, context)
}
