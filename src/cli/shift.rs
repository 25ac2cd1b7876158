//! `station shift`: closes the shift on a count of everything, under two names; draws its report.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::args::Hands;
use super::context::Context;
use super::hands;
use super::outcome::{Exit, Failure, Outcome};
use super::reconcile::Counted;
use super::record::{paper, write};
use super::supplies::{both, perform};
use crate::record::{self, Paper};
use crate::station::request::{Reply, Request};
use crate::station::supplies::Ask;

/// What is done about a shift.
#[derive(Debug, Subcommand)]
pub(super) enum ShiftCommand {
    /// Count everything, close the shift, write its report; needs a clerk and a supervisor
    Close(CloseArgs),
    /// Draw the report of a closed shift again
    Report(ReportArgs),
}

/// The count that a shift closes on.
#[derive(Debug, Args)]
pub(super) struct CloseArgs {
    /// What was counted.
    #[command(flatten)]
    counted: Counted,
    /// Who is here.
    #[command(flatten)]
    hands: Hands,
}

/// Which report, and where to.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Which shift, from 1; the one that was closed last by default
    #[arg(long, value_name = "N")]
    shift: Option<u32>,
    /// Write the PDF here instead of into the records folder
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Closes a shift, or draws its report.
///
/// # Errors
/// Not two persons, a count that differs without a reason, a job that is open; no such shift.
pub(super) fn run(command: &ShiftCommand, context: &mut Context) -> Outcome {
    match command {
        ShiftCommand::Close(args) => close(args, context),
        ShiftCommand::Report(args) => report(args, context),
    }
}

fn close(args: &CloseArgs, context: &mut Context) -> Outcome {
    let by = both(&hands::at_counter(&args.hands, context)?)?;
    let count = args.counted.count(context)?;
    let reason = args.counted.reason();
    perform(Ask::CloseShift { count, reason, by }, context)
}

fn report(args: &ReportArgs, context: &mut Context) -> Outcome {
    let config = context.config()?;
    let request = Request::Shift { number: args.shift };
    let mut person = context.person(None);
    let Reply::Shift(Some(shift)) = context.ask_station(&config, request, &mut person)? else {
        return Err(none_closed());
    };
    let told = Paper::Shift(&shift);
    let file = match &args.out {
        Some(file) => file.clone(),
        None => config.records_folder().join(told.file_name()),
    };
    let face = record::face_from(&config.layout.font_folders).map_err(|e| paper(&e))?;
    let pdf = told.pdf(&face).map_err(|e| paper(&e))?;
    write(&file, &pdf)?;
    context.output.line(&file.display().to_string());
    Ok(json!({ "shift": &*shift, "pdf": file }))
}

fn none_closed() -> Failure {
    Failure::refused(
        Exit::Person,
        "no-shift",
        (
            "その回の締めはありません。",
            "No such shift was closed here.",
        ),
        (
            "「station shift close」で締める。",
            "Close one with \"station shift close\".",
        ),
    )
}
