//! The finished card: waiting in the slot, handed over against photo and number, the old card
//! punched, the job over.

use maud::{Markup, html};

use super::card::{self, face};
use super::parts::{Button, ids, keypad, number, seconds};
use super::{Page, Region, Screen, View, stop};
use crate::kiosk::state::{End, Slip, Stage};
use crate::product::{CardNumber, OldCardRule};
use crate::station::request::Act;

/// The finished card waits in the slot.
pub(super) fn ready(view: &View<'_>) -> Screen {
    let lang = view.viewer.lang;
    let elapsed = view.state.stage.took_ms();
    let title = lang.say("ready-title");
    let sheet = view.state.job.as_ref().map(|job| &job.sheet);
    let due = sheet.filter(|sheet| sheet.old_card == OldCardRule::Return);
    let waits = view
        .state
        .agenda
        .open
        .as_ref()
        .is_none_or(|open| open.old_due);
    let old = due.filter(|_| waits).and_then(|sheet| sheet.old_number);
    let lead = html! {
        h1 tabindex="-1" data-attention="ready" { "✓ " (title) }
        p { (lang.say("ready-held")) }
        @if let Some(ms) = elapsed {
            p.took { (lang.tell("ready-took", &[("seconds", &seconds(ms))])) }
        }
        @if let Some(old) = old {
            p { (lang.tell("ready-old", &[("number", old.as_str())])) }
        }
    };
    let go = lang.say("to-hand-over");
    Screen {
        page: Page::Ready,
        title,
        regions: vec![
            Region::new("card", card::side(view)),
            Region::new("lead", lead),
            Region::new(
                "begin",
                Button::main("/hand-over", "hand-over", &go).draw(view),
            ),
            Region::new("other", stop::withdrawals(view)),
        ],
    }
}

/// The hand-over and the punch.
pub(super) fn screen(view: &View<'_>) -> Screen {
    let lang = view.viewer.lang;
    let act = view.state.stage.act();
    let act = act.as_ref();
    let (title, regions) = match act {
        Some(Act::HandOver(new)) => {
            let photo_less = view
                .state
                .card()
                .is_some_and(|job| job.faces.photo.is_none());
            let (title, says) = if photo_less {
                ("no-photo-title", "no-photo-says")
            } else {
                ("hand-over-title", "hand-over-says")
            };
            let title = lang.say(title);
            (
                title.clone(),
                vec![
                    Region::new("photo", photo(view)),
                    Region::new(
                        "lead",
                        html! { h1 tabindex="-1" { (title) } p { (lang.say(says)) } },
                    ),
                    Region::new(
                        "confirm",
                        confirm(view, new, "handed-over", "not-handed-over"),
                    ),
                ],
            )
        }
        Some(Act::Punch(old)) => {
            let title = lang.say("punch-title");
            (
                title.clone(),
                vec![
                    Region::new("photo", punch_picture(view)),
                    Region::new(
                        "lead",
                        html! { h1 tabindex="-1" { (title) } p { (lang.say("punch-says")) } },
                    ),
                    Region::new("confirm", confirm(view, old, "punched", "not-punched")),
                ],
            )
        }
        Some(
            Act::PlaceOld(_) | Act::CollectOld(_) | Act::Withdraw(_) | Act::RemoveByHand { .. },
        )
        | None => {
            let title = lang.say("handing-title");
            (
                title.clone(),
                vec![
                    Region::new("card", card::side(view)),
                    Region::new(
                        "lead",
                        html! {
                            h1 tabindex="-1" { (title) }
                            p role="status" { (lang.say("handing-says")) }
                        },
                    ),
                ],
            )
        }
    };
    Screen {
        page: Page::HandOver,
        title,
        regions,
    }
}

fn photo(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    html! {
        @if let Some(job) = view.state.card() {
            @let with_photo = job.faces.photo.is_some();
            @let named: &[&str] = if with_photo { &["name"] } else { &["name", "kanji", "birth"] };
            @if with_photo {
                img.photo src=(face(&job.sheet.job, "photo", job.sheet.number.as_str()))
                    alt=(lang.say("photo-picture"));
            }
            @for item in job.sheet.items.iter().filter(|item| named.contains(&item.name)) {
                p.name lang="en" { (*item.value) }
            }
        }
    }
}

/// A card with its hole, so that the hand knows where.
fn punch_picture(view: &View<'_>) -> Markup {
    html! {
        svg.punch viewBox="0 0 220 140" role="img" aria-label=(view.viewer.lang.say("punch-picture")) {
            rect x="4" y="4" width="212" height="132" rx="10" class="body" {}
            rect x="150" y="34" width="50" height="64" class="portrait" {}
            circle cx="40" cy="104" r="13" class="hole" {}
        }
    }
}

/// The last four, typed and not ticked: that proves that the number was read.
fn confirm(view: &View<'_>, card: &CardNumber, done: &str, not: &str) -> Markup {
    let lang = view.viewer.lang;
    let (done_label, not_label) = (lang.say(done), lang.say(not));
    let head = card.as_str().get(..8).unwrap_or_default();
    html! {
        form #confirm-form method="post" action="/act" autocomplete="off" {
            (ids(view))
            input type="hidden" name="done" value="yes";
            p.field {
                label for="last" { (lang.say("last-four")) }
                span.typed {
                    span.number { (head) }
                    input #last name="last" maxlength="4" size="4" required autocapitalize="characters"
                        spellcheck="false" autofocus data-upper="yes"
                        aria-invalid=[(view.state.slip == Some(Slip::LastFour)).then_some("true")];
                }
                @if view.state.slip == Some(Slip::LastFour) {
                    b.bad role="alert" { "■ " (lang.say("last-four-differs")) }
                }
            }
        }
        div.beside {
            (keypad(view, "last", true))
            div.row {
                (Button::quiet("/act", not, &not_label).with(&[("done", "no")]).key("F4").draw(view))
                button.main id=(done) form="confirm-form" data-key="F12" {
                    span { (done_label) }
                    kbd aria-hidden="true" { "F12" }
                }
            }
        }
    }
}

/// The job is over.
pub(super) fn done(view: &View<'_>) -> Screen {
    let lang = view.viewer.lang;
    let end = if let Stage::Ended(end) = &view.state.stage {
        end
    } else {
        &End::Returned
    };
    let (title, body) = match end {
        End::Delivered { number: new, job } => (
            lang.say("done-title"),
            html! {
                p.big { (number(new.as_str())) " " b.good { "✓ " (lang.say("live")) } }
                @if let Some(ms) = view.state.snapshot.finished_ms {
                    p { (lang.tell("ready-took", &[("seconds", &seconds(ms))])) }
                }
                p { a #record.other target="_blank" rel="noopener"
                    href=(format!("/jobs/{job}/record.pdf")) { (lang.say("record")) } }
            },
        ),
        End::Withdrawn { number: new } => (
            lang.say("withdrawn-title"),
            html! {
                p.big { (number(new.as_str())) }
                p { (lang.say("withdrawn-says")) }
            },
        ),
        End::Quarantined { number: new } => (
            lang.say("quarantined-title"),
            html! {
                p.big { (number(new.as_str())) }
                p { (lang.say("quarantined-says")) }
            },
        ),
        End::Returned => (
            lang.say("returned-title"),
            html! { p { (lang.say("returned-says")) } },
        ),
    };
    let next = lang.say("next-job");
    Screen {
        page: Page::Done,
        title: title.clone(),
        regions: vec![
            Region::new("lead", html! { h1 tabindex="-1" { "✓ " (title) } (body) }),
            Region::new("begin", Button::main("/next", "next", &next).draw(view)),
        ],
    }
}
