//! `station handover`: collect the old card, release and hand over the new one, punch the old one.

use clap::{Args, ValueEnum};

use super::args::{Decide, Hands};
use super::context::Context;
use super::decision::DecisionName;
use super::hands;
use super::outcome::Outcome;
use super::reply;
use crate::station::request::Request;

/// Collect the old card, hand the new one over, punch the old one.
#[derive(Debug, Args)]
pub(super) struct HandoverArgs {
    /// Who is here.
    #[command(flatten)]
    hands: Hands,
    /// What becomes of the old card; anything but collected needs two persons
    #[arg(long, value_enum, default_value = "collected", value_name = "FATE")]
    old_card: Fate,
    /// Last four of the new card's number: the holder was compared with the photo
    #[arg(long, value_name = "XXXX")]
    last_four: Option<String>,
    /// Last four of the old card's number: it is punched
    #[arg(long, value_name = "XXXX")]
    punched: Option<String>,
    /// What to decide at stops.
    #[command(flatten)]
    decide: Decide,
}

/// What becomes of the old card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Fate {
    /// Laid on the desk reader, then collected
    Collected,
    /// Its chip cannot prove itself: looked at by a supervisor, then collected
    ByEye,
    /// Lost since the application
    Lost,
    /// Destroyed
    Destroyed,
    /// Kept by another body
    KeptElsewhere,
}

impl Fate {
    /// The decision that it is, where it is one.
    fn decision(self) -> Option<DecisionName> {
        match self {
            Fate::Collected => None,
            Fate::ByEye => Some(DecisionName::ByEye),
            Fate::Lost => Some(DecisionName::LostSince),
            Fate::Destroyed => Some(DecisionName::Destroyed),
            Fate::KeptElsewhere => Some(DecisionName::KeptElsewhere),
        }
    }
}

/// Hands the finished card over.
///
/// # Errors
/// Where the station stopped, or why nobody could be signed in.
pub(super) fn run(args: &HandoverArgs, context: &mut Context) -> Outcome {
    let config = context.config()?;
    let present = hands::at_counter(&args.hands, context)?;
    let fate = args.old_card.decision();
    if fate.is_some() {
        // Names the missing supervisor before the holder is told anything.
        hands::two(&present)?;
    }
    let request = Request::HandOver {
        clerk: present.clerk.clone(),
    };
    let decisions: Vec<_> = fate
        .into_iter()
        .chain(args.decide.decisions.iter().copied())
        .collect();
    let mut person = context.person(Some(present)).deciding(&decisions);
    person.new_last_four = args.last_four.clone();
    person.old_last_four = args.punched.clone();
    let reached = context.ask_station(&config, request, &mut person)?;
    Ok(reply::tell(&reached, &context.output))
}
