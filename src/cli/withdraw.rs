//! `station withdraw`: a finished card is not handed over; its number is burned.

use clap::{Args, ValueEnum};

use super::args::Hands;
use super::context::Context;
use super::hands;
use super::outcome::Outcome;
use super::reply;
use crate::issuance::Withdrawal;
use crate::station::request::Request;

/// Keep a finished card from being handed over; burns its number.
#[derive(Debug, Args)]
pub(super) struct WithdrawArgs {
    /// Why
    #[arg(long, value_enum, value_name = "WHY")]
    reason: Reason,
    /// Last four of the card's number: this cannot be undone
    #[arg(long, value_name = "XXXX")]
    last_four: Option<String>,
    /// Who is here.
    #[command(flatten)]
    hands: Hands,
}

/// Why a finished card is not handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Reason {
    /// The holder is not there; the approval stands
    HolderAbsent,
    /// An error was found; a new approval is needed
    DataWrong,
    /// The old card is forged
    OldForged,
    /// The day of delivery passed
    DatePassed,
}

impl Reason {
    fn withdrawal(self) -> Withdrawal {
        match self {
            Reason::HolderAbsent => Withdrawal::HolderAbsent,
            Reason::DataWrong => Withdrawal::DataWrong,
            Reason::OldForged => Withdrawal::OldForged,
            Reason::DatePassed => Withdrawal::DatePassed,
        }
    }
}

/// Withdraws the finished card.
///
/// # Errors
/// Where the station stopped, or why nobody could be signed in.
pub(super) fn run(args: &WithdrawArgs, context: &mut Context) -> Outcome {
    let config = context.config()?;
    let present = hands::at_counter(&args.hands, context)?;
    let by = hands::two(&present)?;
    let request = Request::Withdraw {
        reason: args.reason.withdrawal(),
        by,
    };
    let mut person = context.person(Some(present));
    person.new_last_four = args.last_four.clone();
    let reached = context.ask_station(&config, request, &mut person)?;
    Ok(reply::tell(&reached, &context.output))
}
