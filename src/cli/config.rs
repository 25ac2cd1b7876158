//! `station config check`: whether the configuration can be used, and what it says.

use clap::Subcommand;
use serde_json::json;

use super::context::Context;
use super::outcome::Outcome;
use crate::config::{LIMIT_MS, Planned};

/// The configuration file.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Check the file; names line, key, problem and remedy
    Check,
}

/// Checks the configuration.
///
/// # Errors
/// A refusal with file, line, key, problem and remedy.
pub(super) fn run(command: &ConfigCommand, context: &mut Context) -> Outcome {
    match command {
        ConfigCommand::Check => check(context),
    }
}

fn check(context: &Context) -> Outcome {
    let config = context.config()?;
    let planned = config.budget_s.total_ms();
    context.output.line(
        context
            .output
            .lang
            .pick("設定ファイルは使えます。", "The configuration can be used."),
    );
    if planned > LIMIT_MS {
        let over = f64::from(planned - LIMIT_MS) / 1000.0;
        context.output.remark(
            &format!("予定の合計が 40 秒を {over:.1} 秒超えています。機械を点検する。"),
            &format!("The plan is {over:.1} s over the 40 s: have the machine looked at."),
        );
    }
    let lines = [
        ("station.id", config.station.id.clone()),
        ("printer.port", config.printer.port.display().to_string()),
        ("printer.baud", config.printer.baud.to_string()),
        (
            "layout.resolution_dpi",
            config.layout.resolution_dpi.to_string(),
        ),
        ("budget_s", format!("{:.1}", f64::from(planned) / 1000.0)),
    ];
    for (key, value) in lines {
        context.output.line(&format!("{key} = {value}"));
    }
    let phase = |plan: &Planned| {
        let (phase, planned_ms) = (plan.phase, plan.planned_ms);
        json!({ "phase": phase, "planned_ms": planned_ms, "deadline_ms": plan.deadline_ms })
    };
    let phases: Vec<_> = config.plan().iter().map(phase).collect();
    Ok(json!({
        "file": context.config_file,
        "station": config.station.id,
        "journal": config.journal_file(),
        "planned_ms": planned,
        "limit_ms": LIMIT_MS,
        "phases": phases,
    }))
}
