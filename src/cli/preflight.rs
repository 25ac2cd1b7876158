//! `station preflight`: every check that a card must pass before its blank is fed.

use super::context::Context;
use super::lang::Lang;
use super::outcome::Outcome;
use super::output::Output;
use crate::station::checklist::{Check, State};
use crate::station::request::{Reply, Request, Stop};
use serde_json::{Value, json};

/// Goes through the checks; moves no card.
///
/// # Errors
/// The first thing that stands in the way of a card.
pub(super) fn run(context: &mut Context) -> Outcome {
    let config = context.config()?;
    let mut person = context.person(None);
    let reached = context.ask_station(&config, Request::Preflight, &mut person)?;
    let Reply::Preflight { ready, checks } = reached else {
        return Ok(super::reply::tell(&reached, &context.output));
    };
    for check in &checks {
        tell(check, &context.output);
    }
    let stands = |wanted| checks.iter().find(move |check| check.state == wanted);
    let first = stands(State::Failed).or_else(|| stands(State::Waiting));
    match first.and_then(|check| Some((check, check.code?))) {
        // No card waits for it: what is missing is missing for the next one.
        Some((check, code)) => Err(Stop::plain(code).of_no_card().detailed(check.name).into()),
        None => Ok(json!({ "ready": ready, "checks": checks.len() })),
    }
}

fn tell(check: &Check, output: &Output) {
    let lang = output.lang;
    let name = lang.pick(check.japanese, check.english);
    let line = format!("{}\t{name}\t{}", mark(check.state, lang), check.value);
    output.line(line.trim_end());
    let steps: Vec<&str> = check
        .remedy
        .iter()
        .map(|words| lang.pick(words.ja(), words.en()))
        .collect();
    for step in &steps {
        output.line(&format!("\t→ {step}"));
    }
    output.object("check", &object(check, &steps, lang));
}

fn object(check: &Check, steps: &[&str], lang: Lang) -> Value {
    json!({
        "name": check.name,
        "what": lang.pick(check.japanese, check.english),
        "state": check.state,
        "value": check.value,
        "code": check.code.map(|code| code.name()),
        "remedy": steps,
    })
}

/// The state as a word, with a sign that needs no colour.
fn mark(state: State, lang: Lang) -> &'static str {
    match state {
        State::Passed => lang.pick("✓ よし", "✓ ok"),
        State::Warned => lang.pick("▲ 注意", "▲ soon"),
        State::Failed => lang.pick("■ 停止", "■ stop"),
        State::Waiting => lang.pick("… 待ち", "… wait"),
        State::Unknown => lang.pick("— 不明", "— unknown"),
        State::NotNeeded => lang.pick("— 不要", "— not needed"),
    }
}
