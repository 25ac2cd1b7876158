//! `station issue`: make one card, up to the exit slot.

use clap::Args;
use serde_json::json;

use super::args::{Decide, Hands};
use super::context::Context;
use super::hands;
use super::outcome::Outcome;
use super::reply;
use crate::station::request::{Request, Select};

/// Make one card, up to the exit slot.
#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct IssueArgs {
    /// Which job.
    #[command(flatten)]
    which: Which,
    /// Who is here.
    #[command(flatten)]
    hands: Hands,
    /// What to decide at stops.
    #[command(flatten)]
    decide: Decide,
    /// Show the plan with its times and make nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
struct Which {
    /// The job with this id
    #[arg(long, value_name = "ID")]
    job: Option<String>,
    /// The job with this reception number
    #[arg(long, value_name = "NO")]
    reception: Option<String>,
    /// The job that waits longest (the default)
    #[arg(long)]
    next: bool,
}

impl Which {
    fn select(&self) -> Select {
        match (&self.job, &self.reception) {
            (Some(job), _) => Select::Job(job.clone()),
            (None, Some(reception)) => Select::Reception(reception.clone()),
            (None, None) => Select::Next,
        }
    }
}

/// Makes one card.
///
/// # Errors
/// Where the station stopped, or why nobody could be signed in.
pub(super) fn run(args: &IssueArgs, context: &mut Context) -> Outcome {
    let config = context.config()?;
    if args.dry_run {
        return Ok(plan(&config, context));
    }
    let present = hands::at_counter(&args.hands, context)?;
    let request = Request::Issue {
        select: args.which.select(),
        clerk: present.clerk.clone(),
    };
    let mut person = context
        .person(Some(present))
        .deciding(&args.decide.decisions);
    let reached = context.ask_station(&config, request, &mut person)?;
    Ok(reply::tell(&reached, &context.output))
}

/// The phases with their planned times.
fn plan(config: &crate::config::Config, context: &Context) -> serde_json::Value {
    let lang = context.output.lang;
    for (name, ms) in config.budget_s.each_ms() {
        if let Some(words) = crate::station::view::Words::of(name) {
            let seconds = f64::from(ms) / 1000.0;
            let doing = lang.pick(words.japanese, words.english);
            context.output.line(&format!("{seconds:5.1} s  {doing}"));
        }
        context
            .output
            .object("planned", &json!({ "name": name, "planned_ms": ms }));
    }
    let total = config.budget_s.total_ms();
    context
        .output
        .line(&format!("{:5.1} s", f64::from(total) / 1000.0));
    json!({ "planned_ms": total, "limit_ms": crate::config::LIMIT_MS })
}
