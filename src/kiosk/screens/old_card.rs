//! The old card: laid on the desk reader, compared with the record, put into the box.

use maud::{Markup, html};

use super::card::face;
use super::parts::{Button, number};
use super::{Page, Region, Screen, View, card};
use crate::kiosk::state::Doing;
use crate::product::CardNumber;
use crate::station::agenda::Far;
use crate::station::request::Act;

/// The old card.
pub(super) fn screen(view: &View<'_>) -> Screen {
    let lang = view.viewer.lang;
    let act = view.state.stage.act();
    let act = act.as_ref();
    let (title, body) = match act {
        Some(Act::PlaceOld(old)) => (lang.say("place-title"), place(view, old)),
        Some(Act::CollectOld(old)) => (lang.say("collect-title"), collect(view, old)),
        Some(Act::HandOver(_) | Act::Punch(_) | Act::Withdraw(_) | Act::RemoveByHand { .. })
        | None => (lang.say("old-card"), html! {}),
    };
    let head = html! {
        h1 tabindex="-1" { (title) }
        (steps(matches!(act, Some(Act::CollectOld(_))), view))
    };
    Screen {
        page: Page::OldCard,
        title,
        regions: vec![
            Region::new("card", card::side(view)),
            Region::new("lead", head),
            Region::new("desk", body),
            Region::new("hold", hold(view)),
        ],
    }
}

/// ① lay it down ② compared ③ into the box.
fn steps(compared: bool, view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let step = |done: bool, now: bool, key: &str| {
        html! {
            li class=(if done { "done" } else if now { "now" } else { "ahead" })
                aria-current=[now.then_some("step")] {
                b { (if done { "✓" } else if now { "▶" } else { "–" }) " " (lang.say(key)) }
            }
        }
    };
    html! {
        ol.stations.three {
            (step(compared, !compared, "step-place"))
            (step(compared, false, "step-compare"))
            (step(false, compared, "step-collect"))
        }
    }
}

fn place(view: &View<'_>, old: &CardNumber) -> Markup {
    let lang = view.viewer.lang;
    let (placed, none) = (lang.say("placed"), lang.say("no-old-card"));
    html! {
        p { (lang.say("place-this")) }
        p.big { (number(old.as_str())) }
        @if view.state.stage.doing() == Some(Doing::HandingOver) { p { (lang.say("place-again")) } }
        @else { p { (lang.say("place-why")) } }
        div.row {
            (Button::other("/act", "not-placed", &none).with(&[("done", "no")]).key("F4").draw(view))
            (Button::main("/act", "placed", &placed).with(&[("done", "yes")]).draw(view))
        }
    }
}

fn collect(view: &View<'_>, old: &CardNumber) -> Markup {
    let lang = view.viewer.lang;
    let (collected, not) = (lang.say("collected"), lang.say("not-collected"));
    html! {
        (pictures(view))
        dl.pairs {
            div { dt { (lang.say("by-record")) } dd { (number(old.as_str())) } }
            div { dt { (lang.say("by-chip")) } dd { (number(old.as_str())) " " b.good { "✓ " (lang.say("agrees")) } } }
            div { dt { (lang.say("signature")) } dd { b.good { "✓ " (lang.say("genuine")) } } }
        }
        p { (lang.say("collect-why")) }
        div.row {
            (Button::other("/act", "not-collected", &not).with(&[("done", "no")]).key("F4").draw(view))
            (Button::main("/act", "collected", &collected).with(&[("done", "yes")]).draw(view))
        }
    }
}

/// What the chip shows, beside what the record says; the clerk compares both with the card.
fn pictures(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let Some((old, job)) = view.state.old.as_ref().zip(view.state.card()) else {
        return html! {};
    };
    let sides = [
        ("old-front", "old-front-picture", old.front.is_some()),
        ("old-photo", "old-photo-picture", old.photo.is_some()),
    ];
    html! {
        div.sighted {
            @for (side, key, _) in sides.iter().filter(|(_, _, there)| *there) {
                figure.(side) {
                    img src=(face(&job.sheet.job, side, job.sheet.number.as_str())) alt=(lang.say(key));
                    figcaption { (lang.say(key)) }
                }
            }
            @if job.faces.photo.is_some() {
                figure.new-photo {
                    img src=(face(&job.sheet.job, "photo", job.sheet.number.as_str()))
                        alt=(lang.say("new-photo-picture"));
                    figcaption { (lang.say("new-photo-picture")) }
                }
            }
        }
    }
}

/// What of the new card is to be minded meanwhile.
fn hold(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let far = view.state.agenda.open.as_ref().map(|open| open.far);
    let finished = view.state.stage.doing() == Some(Doing::HandingOver)
        || matches!(far, Some(Far::Produced | Far::InHand));
    html! {
        @if finished { p.hold { b { (lang.say("new-held")) } " " (lang.say("not-yet")) } }
        @else { p.hold { (lang.say("nothing-moved")) } }
    }
}
