//! `station destroy`: spoiled and test cards, used ribbons, punched old cards; by list, under
//! two names. The count that is typed is the yes: there is no other.

use clap::{Args, Subcommand};

use super::args::Hands;
use super::context::Context;
use super::hands;
use super::outcome::Outcome;
use super::supplies::{both, counted, perform};
use crate::station::supplies::Ask;

/// What is destroyed.
#[derive(Debug, Subcommand)]
pub(super) enum DestroyCommand {
    /// Spoiled and test cards of tray and bag
    Cards {
        /// Number of one card in the list of station supplies; without it, all of them
        #[arg(long = "card", value_name = "CARD")]
        cards: Vec<u32>,
        /// How many, and who.
        #[command(flatten)]
        held: Held,
    },
    /// Used ribbons: they show the holders
    Ribbons {
        /// How many, and who.
        #[command(flatten)]
        held: Held,
    },
    /// Old cards that are punched
    OldCards {
        /// How many, and who.
        #[command(flatten)]
        held: Held,
    },
}

/// What the persons have in their hands, and who they are.
#[derive(Debug, Args)]
pub(super) struct Held {
    /// How many
    #[arg(long, value_name = "N")]
    count: Option<u32>,
    /// Who is here.
    #[command(flatten)]
    hands: Hands,
}

/// Records a destruction.
///
/// # Errors
/// Not two persons, or another count than the books say.
pub(super) fn run(command: &DestroyCommand, context: &mut Context) -> Outcome {
    let held = match command {
        DestroyCommand::Cards { held, .. }
        | DestroyCommand::Ribbons { held }
        | DestroyCommand::OldCards { held } => held,
    };
    let by = both(&hands::at_counter(&held.hands, context)?)?;
    let counted = counted(held.count, context)?;
    let ask = match command {
        DestroyCommand::Cards { cards, .. } => Ask::DestroyCards {
            cards: cards.clone(),
            counted,
            by,
        },
        DestroyCommand::Ribbons { .. } => Ask::DestroyRibbons { counted, by },
        DestroyCommand::OldCards { .. } => Ask::DestroyOldCards { counted, by },
    };
    perform(ask, context)
}
