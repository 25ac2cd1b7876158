//! `station config check`: whether the configuration can be used, and what it says.

use clap::Subcommand;
use serde_json::json;

use super::context::Context;
use super::outcome::Outcome;

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
    Ok(json!({
        "file": context.config_file,
        "station": config.station.id,
        "journal": config.journal_file(),
        "planned_ms": planned,
    }))
}
