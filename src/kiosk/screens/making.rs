//! A card is made: where it is, what is done, how long it takes, what comes when it is late.

use maud::{Markup, html};

use super::parts::{Button, seconds};
use super::{Page, Region, Screen, View, card, machine};
use crate::kiosk::state::{Doing, Stage};
use crate::station::view::{PhaseState, Snapshot};

/// The making.
pub(super) fn screen(view: &View<'_>) -> Screen {
    let lang = view.viewer.lang;
    let title = title(view);
    Screen {
        page: Page::Making,
        title: title.clone(),
        regions: vec![
            Region::new("card", card::side(view)),
            Region::new("work", work(view, &title)),
            Region::new(
                "machine-part",
                html! { (machine::picture(view)) (machine::strip(view)) },
            ),
            Region::new("bar-part", machine::bar(view)),
            Region::new("late", late(view)),
            Region::new(
                "halt",
                html! {
                    p { (lang.say("keep-closed")) }
                    (halt(view))
                },
            ),
        ],
    }
}

fn title(view: &View<'_>) -> String {
    let lang = view.viewer.lang;
    let doing = view.state.stage.doing().unwrap_or(Doing::Making);
    match doing {
        Doing::GivingBack => lang.say("giving-back"),
        Doing::Examining if view.state.snapshot.underway().is_none() => lang.say("examining"),
        Doing::Making | Doing::Examining | Doing::HandingOver | Doing::Withdrawing => {
            let (at, of) = machine::place(&view.state.snapshot);
            let (at, of) = (at.to_string(), of.to_string());
            lang.tell("making-title", &[("at", &at), ("of", &of)])
        }
    }
}

fn work(view: &View<'_>, title: &str) -> Markup {
    let lang = view.viewer.lang;
    let snapshot = &view.state.snapshot;
    let now = match (&snapshot.waits_for, snapshot.underway()) {
        (Some(check), _) => {
            let name = lang.pick(check.japanese, check.english);
            lang.tell("waits-for", &[("what", name), ("value", &check.value)])
        }
        (None, Some((_, phase))) => lang.pick(phase.japanese, phase.english).to_owned(),
        (None, None) => lang.say("asking-devices"),
    };
    html! {
        div.words {
            h1 tabindex="-1" { (title) }
            p.now role="status" { (now) }
        }
        (remaining(view))
    }
}

/// Seconds left by the plan; never below "soon".
fn remaining(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let snapshot = &view.state.snapshot;
    let Some(elapsed) = snapshot
        .elapsed_ms
        .filter(|_| snapshot.finished_ms.is_none())
    else {
        return html! {};
    };
    let left = snapshot.expected_ms(elapsed).saturating_sub(elapsed);
    html! {
        p.left aria-hidden="true" {
            (lang.say("left-about")) " "
            b data-left=(left) { (left.div_ceil(1000)) } " " (lang.say("s"))
        }
    }
}

/// By how much and why, in words; the card is good all the same.
fn late(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let snapshot = &view.state.snapshot;
    let over = snapshot.elapsed_ms.is_some_and(|ms| ms > snapshot.limit_ms);
    let behind = snapshot.behind_plan_ms();
    html! {
        @if over { p.late { (lang.say("over-limit")) } }
        @else if behind > 1000 && !snapshot.misses.is_empty() {
            p.late {
                (lang.tell("late", &[
                    ("seconds", &seconds(u32::try_from(behind).unwrap_or(0))),
                    ("why", &why(snapshot, view)),
                ]))
            }
        }
    }
}

fn why(snapshot: &Snapshot, view: &View<'_>) -> String {
    let lang = view.viewer.lang;
    let noun = |name: &str| {
        let words = crate::station::view::Words::of(name);
        words.map_or(String::new(), |words| {
            lang.pick(words.noun, words.english).to_owned()
        })
    };
    let last = snapshot.misses.last();
    last.map_or(String::new(), |miss| {
        let cause = miss.causes.first().map(|cause| cause.why.words());
        let cause = cause.map_or(String::new(), |(ja, en)| lang.pick(ja, en).to_owned());
        [noun(&miss.phase), cause]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("：")
    })
}

/// Stop after this motion: one touch, and one to take it back.
fn halt(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let moving = matches!(
        &view.state.stage,
        Stage::Busy(Doing::Making | Doing::Examining)
    );
    let finished = view
        .state
        .snapshot
        .phases
        .iter()
        .all(|phase| matches!(phase.state, PhaseState::Done { .. }));
    if !moving || (finished && !view.state.snapshot.phases.is_empty()) {
        return html! {};
    }
    if view.state.stop_asked {
        let label = lang.say("stop-taken-back");
        html! {
            p.asked role="status" { (lang.say("stop-asked")) }
            (Button::other("/stop-after", "stop-after", &label).with(&[("stop", "no")]).draw(view))
        }
    } else {
        let label = lang.say("stop-after");
        Button::other("/stop-after", "stop-after", &label)
            .with(&[("stop", "yes")])
            .key("F8")
            .draw(view)
    }
}
