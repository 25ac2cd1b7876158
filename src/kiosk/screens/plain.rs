//! Screens on which there is little to do: starting, out of service, a job being fetched, a job
//! that is not this person's, help.

use maud::{Markup, html};

use super::parts::Button;
use super::{Page, Region, Screen, View, stop};

fn one(page: Page, title: String, body: Markup) -> Screen {
    Screen {
        page,
        title: title.clone(),
        regions: vec![Region::new(
            "lead",
            html! { h1 tabindex="-1" { (title) } (body) },
        )],
    }
}

/// Journal and authority are asked.
pub(super) fn starting(view: &View<'_>) -> Screen {
    let lang = view.viewer.lang;
    let body = html! {
        div role="status" {
            ul.checks {
                li { "✓ " (lang.say("starting-screens")) }
                li { "▶ " (lang.say("starting-journal")) }
            }
        }
    };
    one(Page::Starting, lang.say("starting-title"), body)
}

/// The journal cannot be used: the stop, and another look.
pub(super) fn out(view: &View<'_>) -> Screen {
    let lang = view.viewer.lang;
    let again = lang.say("look-again");
    let body = match view.state.stage.stop() {
        Some(why) => stop::anatomy(why, lang, true),
        None => html! {},
    };
    Screen {
        page: Page::Out,
        title: lang.say("out-title"),
        regions: vec![
            Region::new("stop", body),
            Region::new("acts", Button::main("/look", "look", &again).draw(view)),
        ],
    }
}

/// A job is fetched and prepared.
pub(super) fn preparing(view: &View<'_>) -> Screen {
    let lang = view.viewer.lang;
    let body = html! {
        p role="status" { (lang.say("preparing-says")) }
        div.waiting aria-hidden="true" { span {} span {} span {} }
    };
    one(Page::Preparing, lang.say("preparing-title"), body)
}

/// A technician where holders' data would be shown.
pub(super) fn away(view: &View<'_>) -> Screen {
    let lang = view.viewer.lang;
    let body = html! { p { (lang.say("away-open")) } };
    one(Page::Away, lang.say("away-title"), body)
}

/// Keys, sounds, what is read aloud.
pub(super) fn help(view: &View<'_>) -> Screen {
    let lang = view.viewer.lang;
    let keys = [
        ("F12", "help-main"),
        ("F4", "help-back"),
        ("F5–F9", "help-others"),
        ("F8", "help-halt"),
        ("F10", "to-supplies"),
        ("F2", "help-lang"),
        ("F3", "help-large"),
        ("Tab", "help-tab"),
        ("?", "help-help"),
    ];
    let body = html! {
        table.keys {
            @for (key, says) in keys { tr { th scope="row" { kbd { (key) } } td { (lang.say(says)) } } }
        }
        p { (lang.say("help-sound")) }
        p { (lang.say("help-wedge")) }
        p { a #back.other href="/" data-key="F4" { (lang.say("help-close")) } }
    };
    one(Page::Help, lang.say("help"), body)
}
