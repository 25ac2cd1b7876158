//! `station supplies`, `station old-cards`: what is loaded and what waits; loading, unloading,
//! emptying the tray, booking an untouched blank back.

use clap::{Args, Subcommand, ValueEnum};

use super::args::Hands;
use super::context::Context;
use super::hands::{self, Present};
use super::outcome::{Failure, Outcome};
use super::stock;
use crate::fault::{By, TwoPersons};
use crate::station::request::Request;
use crate::station::supplies::Ask;
use crate::stock::Supply;

/// What is loaded, and what waits to be destroyed.
#[derive(Debug, Args)]
pub(super) struct SuppliesArgs {
    /// What to do; without it, show.
    #[command(subcommand)]
    act: Option<Act>,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Record what was put into the printer; blanks need a clerk and a supervisor
    Load {
        /// What
        #[arg(value_enum, value_name = "WHAT")]
        supply: SupplyName,
        /// The serial on its label
        #[arg(long, value_name = "SERIAL")]
        serial: Option<String>,
        /// The lot on its label
        #[arg(long, value_name = "LOT")]
        lot: Option<u32>,
        /// How many
        #[arg(long, value_name = "N")]
        count: Option<u32>,
        /// Who is here.
        #[command(flatten)]
        hands: Hands,
    },
    /// Record what was taken out of the printer; a used ribbon shows the holders and is waste
    Unload {
        /// What
        #[arg(value_enum, value_name = "WHAT")]
        supply: SupplyName,
        /// How many; for blanks only
        #[arg(long, value_name = "N")]
        count: Option<u32>,
        /// Who is here.
        #[command(flatten)]
        hands: Hands,
    },
    /// Record that the reject tray was emptied into the bag; needs a clerk and a supervisor
    EmptyTray {
        /// How many
        #[arg(long, value_name = "N")]
        count: Option<u32>,
        /// Who is here.
        #[command(flatten)]
        hands: Hands,
    },
    /// Read an untouched blank on the desk reader and book it back into the hopper
    BookBack {
        /// Who is here.
        #[command(flatten)]
        hands: Hands,
    },
}

/// A supply, as the command line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SupplyName {
    /// Blank cards in the hopper
    Blanks,
    /// The seven-panel ribbon
    Ribbon,
    /// The film of hologram patches
    Patches,
}

impl SupplyName {
    fn supply(self) -> Supply {
        match self {
            SupplyName::Blanks => Supply::Blanks,
            SupplyName::Ribbon => Supply::Ribbon,
            SupplyName::Patches => Supply::Patches,
        }
    }
}

/// Shows the supplies, or records what was done to them.
///
/// # Errors
/// What the books or the printer's tags say against it.
pub(super) fn run(args: &SuppliesArgs, context: &mut Context) -> Outcome {
    let ask = match &args.act {
        None => Ask::Show,
        Some(act) => ask(act, context)?,
    };
    perform(ask, context)
}

/// Lists the old cards that this station took in.
///
/// # Errors
/// The journal cannot be read.
pub(super) fn old_cards(context: &mut Context) -> Outcome {
    let told = asked(Ask::Show, context)?;
    Ok(stock::old_cards(&told, &context.output))
}

fn ask(act: &Act, context: &Context) -> Result<Ask, Failure> {
    Ok(match act {
        Act::Load {
            supply,
            serial,
            lot,
            count,
            hands,
        } => {
            let by = by(&hands::sign_in(hands, context)?)?;
            Ask::Load {
                supply: supply.supply(),
                serial: match serial {
                    Some(serial) => serial.clone(),
                    None => context
                        .prompt
                        .ask(("ラベルの番号：", "Serial on the label:"), "--serial")?,
                },
                lot: number(*lot, ("ロット：", "Lot:"), "--lot", context)?,
                count: counted(*count, context)?,
                by,
            }
        }
        Act::Unload {
            supply,
            count,
            hands,
        } => {
            let by = by(&hands::sign_in(hands, context)?)?;
            let count = match supply {
                SupplyName::Blanks => counted(*count, context)?,
                SupplyName::Ribbon | SupplyName::Patches => 0,
            };
            Ask::Unload {
                supply: supply.supply(),
                count,
                by,
            }
        }
        Act::EmptyTray { count, hands } => Ask::EmptyTray {
            by: both(&hands::at_counter(hands, context)?)?,
            counted: counted(*count, context)?,
        },
        Act::BookBack { hands } => Ask::BookBack {
            by: by(&hands::at_counter(hands, context)?)?,
        },
    })
}

/// Asks the station and tells what came of it.
///
/// # Errors
/// What the books or the printer say against it.
pub(super) fn perform(ask: Ask, context: &mut Context) -> Outcome {
    let told = asked(ask, context)?;
    stock::tell(&told, &context.output)
}

fn asked(ask: Ask, context: &mut Context) -> Result<crate::station::request::Reply, Failure> {
    let config = context.config()?;
    let mut person = context.person(None);
    context.ask_station(&config, Request::Supplies(ask), &mut person)
}

/// Everybody who signed in.
pub(super) fn by(present: &Present) -> Result<By, Failure> {
    present.by()
}

/// Two different persons, one of them a supervisor.
pub(super) fn both(present: &Present) -> Result<TwoPersons, Failure> {
    match hands::two(present)? {
        By::Two(two) => Ok(two),
        By::One(_) => unreachable!("two persons were asked for"),
    }
}

/// How many, from the flag or by asking.
pub(super) fn counted(given: Option<u32>, context: &Context) -> Result<u32, Failure> {
    number(given, ("枚数：", "How many:"), "--count", context)
}

/// A number, from the flag or by asking.
pub(super) fn number(
    given: Option<u32>,
    question: (&str, &str),
    flag: &'static str,
    context: &Context,
) -> Result<u32, Failure> {
    match given {
        Some(given) => Ok(given),
        None => {
            let typed = context.prompt.ask(question, flag)?;
            typed.parse().map_err(|_| super::prompt::unanswered(flag))
        }
    }
}
