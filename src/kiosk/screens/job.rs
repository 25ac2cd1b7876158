//! The job under review: proof of both faces, what the card says, the old card, the checks, and
//! the one button that begins. Nothing has moved yet.

use maud::{Markup, html};

use super::card::face;
use super::parts::{Button, number, pairs, turn};
use super::{Page, Region, Screen, View, supplies};
use crate::fault::Code;
use crate::kiosk::state::{Checks, JobView, Stage};
use crate::kiosk::words::Lang;
use crate::product::OldCardRule;
use crate::station::checklist::{Check, State as Found};

/// The job under review.
pub(super) fn screen(view: &View<'_>) -> Screen {
    let lang = view.viewer.lang;
    let title = match view.state.reception() {
        Some(reception) => lang.tell("job-title", &[("reception", reception)]),
        None => lang.say("job"),
    };
    let checks = if let Stage::Review(checks) = &view.state.stage {
        checks.as_ref()
    } else {
        None
    };
    let regions = match &view.state.job {
        Some(job) => vec![
            Region::new("faces", faces(job, &title, lang)),
            Region::new("contents", contents(job, view)),
            Region::new("old", old(job, lang)),
            Region::new("checks", list(checks, view)),
            Region::new("begin", begin(checks, view)),
        ],
        None => Vec::new(),
    };
    Screen {
        page: Page::Job,
        title,
        regions,
    }
}

fn faces(job: &JobView, title: &str, lang: Lang) -> Markup {
    let sheet = &job.sheet;
    html! {
        h1 tabindex="-1" { (title) " " (number(sheet.number.as_str())) }
        div.two {
            @for (side, key) in [("front", "front"), ("back", "back")] {
                figure {
                    a href=(face(&sheet.job, side, sheet.number.as_str())) data-zoom=(side) {
                        img.face src=(face(&sheet.job, side, sheet.number.as_str()))
                            alt=(lang.say(if side == "front" { "front-picture" } else { "back-picture" }))
                            width="1012" height="638";
                    }
                    figcaption { (lang.say(key)) }
                }
            }
        }
    }
}

fn contents(job: &JobView, view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let sheet = &job.sheet;
    let mut rows: Vec<(String, Markup)> = sheet
        .items
        .iter()
        .map(|item| {
            let tag = if item.value.is_ascii() { "en" } else { "ja" };
            let name = lang.pick(item.japanese, item.english).to_owned();
            (name, html! { span lang=(tag) { (*item.value) } })
        })
        .collect();
    rows.push((
        lang.say("valid-through"),
        html! { (day(sheet.valid_through, lang)) },
    ));
    html! {
        h2 { (lang.say("contents")) }
        p.ground { (lang.pick(sheet.ground.ja(), sheet.ground.en())) }
        (pairs("items", &rows))
        (turn(view, "items"))
    }
}

/// A day as the card writes it, or as programs do.
fn day(date: jiff::civil::Date, lang: Lang) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    lang.pick(
        format!("{year:04}年{month:02}月{day:02}日"),
        date.to_string(),
    )
}

fn old(job: &JobView, lang: Lang) -> Markup {
    let sheet = &job.sheet;
    let old = sheet
        .old_number
        .map(|number| number.to_string())
        .unwrap_or_default();
    let said = match sheet.old_card {
        OldCardRule::NotRequired => lang.say("old-none"),
        OldCardRule::Return => lang.tell("old-return", &[("number", &old)]),
        OldCardRule::DeclaredLost => lang.tell("old-lost", &[("number", &old)]),
    };
    html! {
        div.old.none[sheet.old_card == OldCardRule::NotRequired] {
            p { b { (lang.say("old-card")) } " " (said) }
            @if let Some(fee) = sheet.fee_yen {
                p.fee { (lang.tell("fee", &[("yen", &fee.to_string())])) }
            }
            @if sheet.attempt > 1 {
                p.attempt { (lang.tell("attempt", &[("n", &sheet.attempt.to_string())])) }
            }
        }
    }
}

/// The checks: what does not hold first, with what to do; what holds in one line, or as a count
/// where there is more to be read.
fn list(checks: Option<&Checks>, view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let Some(checks) = checks else {
        return html! {
            h2 { (lang.say("checks")) }
            p role="status" { (lang.say("checking")) }
        };
    };
    let (fine, mut loud): (Vec<&Check>, Vec<&Check>) =
        checks.list.iter().partition(|check| quiet(check));
    loud.sort_by_key(|check| weight(check.state));
    html! {
        div.lead {
            h2 { (lang.say("checks")) }
            @if !begins(checks) { (supplies::entrance(view)) }
        }
        @if let Some(stop) = &checks.stop {
            p.check.failed { b { "■ " (lang.of(&stop.notice().what)) } " " (stop.code.name()) }
        }
        ul #found.checks data-fold { @for check in &loud { (one(check, lang)) } }
        (turn(view, "found"))
        @if loud.is_empty() {
            ul #passed.passed data-fold { @for check in &fine { li { "✓ " (lang.pick(check.japanese, check.english)) } } }
            (turn(view, "passed"))
        } @else if !fine.is_empty() {
            p.passed { "✓ " (lang.tell("passed-count", &[("count", &fine.len().to_string())])) }
        }
    }
}

/// What stands before what: first what keeps the card from being begun.
fn weight(state: Found) -> u8 {
    match state {
        Found::Failed => 0,
        Found::Unknown => 1,
        Found::Waiting => 2,
        Found::Warned => 3,
        Found::Passed | Found::NotNeeded => 4,
    }
}

/// What holds, or is not needed by this card, stands in one line with the others.
fn quiet(check: &Check) -> bool {
    match check.state {
        Found::Passed | Found::NotNeeded => true,
        Found::Warned | Found::Failed | Found::Waiting | Found::Unknown => false,
    }
}

fn one(check: &Check, lang: Lang) -> Markup {
    let (class, mark) = match check.state {
        Found::Failed => ("failed", "■"),
        Found::Warned => ("warned", "▲"),
        Found::Waiting => ("waiting", "…"),
        Found::Unknown => ("unknown", "—"),
        Found::Passed | Found::NotNeeded => ("fine", "✓"),
    };
    html! {
        li.check.(class) {
            b { (mark) " " (lang.pick(check.japanese, check.english)) }
            " " span.value { (check.value) }
            @for step in &check.remedy { p { "→ " (lang.of(step)) } }
        }
    }
}

/// Whether the station may begin: what only needs time it waits for by itself.
fn begins(checks: &Checks) -> bool {
    let found = |state| checks.list.iter().any(|check| check.state == state);
    let waits = checks.stop.is_none() && !found(Found::Failed) && found(Found::Waiting);
    checks.ready || waits
}

fn begin(checks: Option<&Checks>, view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let reason = match checks {
        None => Some(lang.say("not-before-checks")),
        Some(checks) if begins(checks) => None,
        Some(checks) => Some(failed(checks, lang)),
    };
    let (issue, again, back) = (
        lang.say("issue"),
        lang.say("check-again"),
        lang.say("give-back"),
    );
    html! {
        (Button::main("/jobs/issue", "issue", &issue).off(reason.as_deref()).draw(view))
        div.row {
            (Button::quiet("/jobs/give-back", "give-back", &back).key("F4").draw(view))
            (Button::other("/jobs/check", "check-again", &again).key("F5").draw(view))
        }
    }
}

fn failed(checks: &Checks, lang: Lang) -> String {
    let first = checks
        .list
        .iter()
        .find(|check| check.state == Found::Failed);
    let what = match (first, &checks.stop) {
        (Some(check), _) => lang.pick(check.japanese, check.english).to_owned(),
        (None, Some(stop)) => stop.code.name().to_owned(),
        (None, None) => Code::Unknown.name().to_owned(),
    };
    lang.tell("not-ready", &[("what", &what)])
}
