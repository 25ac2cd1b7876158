//! `station survey`: show what the devices show.

use super::context::Context;
use super::outcome::Outcome;
use super::reply;
use crate::station::request::Request;

/// Surveys the devices; moves nothing.
///
/// # Errors
/// Which device cannot be reached.
pub(super) fn run(context: &mut Context) -> Outcome {
    let config = context.config()?;
    let mut person = context.person(None);
    let reached = context.ask_station(&config, Request::Survey, &mut person)?;
    Ok(reply::tell(&reached, &context.output))
}
