//! `station recover`: find out what was cut short, and go on from there.

use clap::Args;

use super::args::{Decide, Hands};
use super::context::Context;
use super::hands;
use super::outcome::Outcome;
use super::reply;
use crate::station::request::Request;

/// Find out what was cut short, and go on from there.
#[derive(Debug, Args)]
pub(super) struct RecoverArgs {
    /// Who is here.
    #[command(flatten)]
    hands: Hands,
    /// Last four of the card's number, for a card that is taken out by hand
    #[arg(long, value_name = "XXXX")]
    last_four: Option<String>,
    /// The card that bears no number was taken out by hand and bagged
    #[arg(long)]
    removed: bool,
    /// What to decide at stops.
    #[command(flatten)]
    decide: Decide,
}

/// Recovers.
///
/// # Errors
/// Where the station stopped, or why nobody could be signed in.
pub(super) fn run(args: &RecoverArgs, context: &mut Context) -> Outcome {
    let config = context.config()?;
    let present = hands::sign_in(&args.hands, context)?;
    let request = Request::Recover { by: present.by()? };
    let mut person = context
        .person(Some(present))
        .deciding(&args.decide.decisions);
    person.pin_stdin = args.hands.pin_stdin;
    person.new_last_four = args.last_four.clone();
    person.removed = args.removed;
    let reached = context.ask_station(&config, request, &mut person)?;
    Ok(reply::tell(&reached, &context.output))
}
