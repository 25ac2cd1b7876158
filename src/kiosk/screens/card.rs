//! The card itself: its picture, number and holder, at the same place on every screen from the
//! proof to the hand-over.

use maud::{Markup, html};

use super::View;
use super::parts::number;

/// The card at the left of a screen.
pub(super) fn side(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let state = view.state;
    html! {
        @if let Some(job) = state.card() {
            img.face src=(face(&job.sheet.job, "front", job.sheet.number.as_str()))
                alt=(lang.say("front-picture")) width="1012" height="638";
        } @else {
            div.face.none aria-hidden="true" {}
        }
        @if let Some(new) = state.number() {
            p { (lang.say("new-number")) }
            p.big { (number(&new)) }
        }
        @if let Some(reception) = state.reception() {
            p { (lang.say("reception")) " " (number(reception)) }
        }
        @if let Some(job) = state.card() {
            @for item in job.sheet.items.iter().filter(|item| item.name == "name") {
                p.name lang="en" { (*item.value) }
            }
        }
    }
}

/// The address of a picture. The number keeps pictures of two attempts apart.
pub(super) fn face(job: &str, side: &str, number: &str) -> String {
    let last = number.get(8..).unwrap_or_default();
    format!("/jobs/{job}/face/{side}?of={last}")
}
