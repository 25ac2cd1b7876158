//! `station take-over`: two persons take over a printer that was exchanged or serviced by hand.

use clap::Args;

use super::args::Hands;
use super::context::Context;
use super::hands;
use super::outcome::Outcome;
use super::reply;
use crate::fault::By;
use crate::station::request::Request;

/// Take over a printer that was exchanged or serviced by hand; moves nothing.
#[derive(Debug, Args)]
pub(super) struct TakeOverArgs {
    /// Who is here.
    #[command(flatten)]
    hands: Hands,
}

/// Takes the printer over.
///
/// # Errors
/// Who is missing, or what stands in the way: an open job, a card inside, a newer journal.
pub(super) fn run(args: &TakeOverArgs, context: &mut Context) -> Outcome {
    let config = context.config()?;
    let present = hands::sign_in(&args.hands, context)?;
    let By::Two(by) = hands::two(&present)? else {
        return Err(hands::not_two());
    };
    let mut person = context.person(Some(present));
    let reached = context.ask_station(&config, Request::TakeOver { by }, &mut person)?;
    Ok(reply::tell(&reached, &context.output))
}
