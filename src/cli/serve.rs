//! `station serve`: the screens, until a signal ends them.

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::outcome::{Exit, Failure, Outcome};
use crate::kiosk;

/// Serve the screens to this machine's browser.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {}

/// Serves the screens.
///
/// # Errors
/// A refusal when the port cannot be had.
pub(super) fn run(_: &ServeArgs, context: &mut Context) -> Outcome {
    let config = context.config()?;
    let output = context.output;
    let ready = |url: &str| {
        output.line(url);
        output.object("serving", &json!({ "url": url }));
    };
    kiosk::serve(config, context.perform, ready).map_err(|cause| {
        Failure::refused(
            Exit::Unreachable,
            "not-served",
            (
                format!("画面を出せません（{}）。", super::stop::causes(&cause)),
                format!(
                    "The screens cannot be served: {}.",
                    super::stop::causes(&cause)
                ),
            ),
            (
                "設定の kiosk.listen を確かめる。",
                "Check kiosk.listen in the configuration.",
            ),
        )
    })?;
    Ok(json!({ "served": true }))
}
