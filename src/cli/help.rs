//! `station help`: a command's long help, or the four fields of a fault.

use clap::{Args, CommandFactory, Subcommand};
use serde_json::json;

use super::args::Line;
use super::context::Context;
use super::outcome::{Exit, Failure, Outcome};
use super::{stop, words};
use crate::fault::Code;
use crate::station::request::Stop;

/// Explain a command or a fault.
#[derive(Debug, Args)]
pub(super) struct HelpArgs {
    /// What to explain.
    #[command(subcommand)]
    topic: Option<Topic>,
}

/// What to explain.
#[derive(Debug, Subcommand)]
enum Topic {
    /// Show how a command is used
    Command {
        /// The command
        #[arg(value_name = "COMMAND")]
        command: String,
    },
    /// Show what a fault code means and what to do
    Fault {
        /// The code, such as P-RIBBON-OUT
        #[arg(value_name = "CODE")]
        code: String,
    },
}

/// Explains.
///
/// # Errors
/// A refusal when there is no such command or code.
pub(super) fn run(args: &HelpArgs, context: &mut Context) -> Outcome {
    match &args.topic {
        None => usage(None, context),
        Some(Topic::Command { command }) => usage(Some(command), context),
        Some(Topic::Fault { code }) => fault(code, context),
    }
}

fn usage(of: Option<&str>, context: &Context) -> Outcome {
    let mut line = words::command(Line::command(), context.output.lang);
    line.build();
    let text = match of {
        None => Some(line.render_long_help()),
        Some(name) => line
            .find_subcommand_mut(name)
            .map(|sub| sub.render_long_help()),
    };
    let Some(text) = text else {
        return Err(unknown("command", of.unwrap_or_default(), "station help"));
    };
    context.output.line(text.to_string().trim_end());
    Ok(json!({ "help": text.to_string() }))
}

fn fault(code: &str, context: &Context) -> Outcome {
    let name = code.to_uppercase();
    let known = Code::ALL.iter().copied().find(|code| code.name() == name);
    let Some(code) = known else {
        return Err(unknown("fault", code, "station help fault ?-UNKNOWN"));
    };
    let plain = Stop::plain(code);
    for line in stop::lines(&plain, context.output.lang) {
        context.output.line(&line);
    }
    Ok(json!({ "fault": stop::object(&plain, context.output.lang) }))
}

fn unknown(what: &'static str, name: &str, next: &str) -> Failure {
    Failure::refused(
        Exit::Usage,
        what,
        (
            format!("「{name}」はありません。"),
            format!("There is no {what} \"{name}\"."),
        ),
        (format!("次に：{next}"), format!("Next: {next}")),
    )
}
