//! Who is there: the first person of a station, person and PIN, the locked screen.

use maud::{Markup, html};

use super::machine;
use super::parts::{Button, ids, keypad, turn};
use super::{Page, Region, Screen, View};
use crate::fault::Signed;
use crate::kiosk::state::Stage;

/// The first person of this station: a supervisor, in place of a password that everybody knows.
pub(super) fn enrol(view: &View<'_>) -> Screen {
    let say = |key: &str| view.viewer.lang.say(key);
    let form = html! {
        h1 tabindex="-1" { (say("enrol-title")) }
        p { (say("enrol-why")) }
        form method="post" action="/enrol" autocomplete="off" {
            (ids(view))
            p.field {
                label for="person" { (say("person-id")) }
                input #person name="person" required maxlength="32" pattern="[a-z0-9.\\-]+"
                    autocapitalize="off" spellcheck="false" autofocus;
                small { (say("person-id-form")) }
            }
            p.field {
                label for="pin" { (say("pin-new")) }
                input #pin name="pin" type="password" inputmode="numeric" required maxlength="12";
                small { (say("pin-form")) }
            }
            p.field {
                label for="again" { (say("pin-again")) }
                input #again name="again" type="password" inputmode="numeric" required
                    maxlength="12";
            }
            button #enrol.main data-key="F12" { span { (say("enrol")) } kbd aria-hidden="true" { "F12" } }
        }
    };
    Screen {
        page: Page::Enrol,
        title: say("enrol-title"),
        regions: vec![
            Region::new("form", form),
            Region::new("keys", keypad(view, "pin", false)),
        ],
    }
}

/// Person and PIN.
pub(super) fn sign_in(view: &View<'_>) -> Screen {
    let lang = view.viewer.lang;
    let people = html! {
        h1 tabindex="-1" { (lang.say("sign-in-title")) }
        (persons(view, &view.viewer.people.iter().collect::<Vec<_>>(), "person", Some("sign-in")))
    };
    Screen {
        page: Page::SignIn,
        title: lang.say("sign-in-title"),
        regions: vec![
            Region::new("people", people),
            Region::new("pin-part", pin_form(view, None)),
        ],
    }
}

/// Who of these it is. `form` is the form to which that belongs, where it is not around them.
pub(super) fn persons(view: &View<'_>, people: &[&Signed], id: &str, form: Option<&str>) -> Markup {
    let lang = view.viewer.lang;
    let key = if form.is_some() {
        "who"
    } else {
        "second-person"
    };
    html! {
        p.legend id=(format!("{id}-who")) { (lang.say(key)) }
        div.persons id=(format!("{id}s")) data-fold role="radiogroup"
            aria-labelledby=(format!("{id}-who")) {
            @for (at, person) in people.iter().enumerate() {
                label.person {
                    input type="radio" name="person" form=[form] value=(person.person) required
                        id=(format!("{id}-{}", person.person)) checked[at == 0];
                    span {
                        b { (person.person) }
                        " " (lang.pick(person.role.name_ja(), person.role.name()))
                    }
                }
            }
        }
        (turn(view, &format!("{id}s")))
    }
}

/// PIN, keypad and the button; for this person alone where one is given.
fn pin_form(view: &View<'_>, person: Option<&str>) -> Markup {
    let say = |key: &str| view.viewer.lang.say(key);
    html! {
        form #sign-in method="post" action="/sign-in" autocomplete="off" {
            (ids(view))
            @if let Some(person) = person {
                input type="hidden" name="person" value=(person);
            }
            p.field {
                label for="pin" { (say("pin")) }
                input #pin name="pin" type="password" inputmode="numeric" required maxlength="12"
                    autocomplete="one-time-code" autofocus;
            }
            (keypad(view, "pin", false))
            button #enter.main data-key="F12" { span { (say("enter")) } kbd aria-hidden="true" { "F12" } }
        }
    }
}

/// Left alone: the job's number and the progress, no names; the same person comes back by PIN.
pub(super) fn locked(view: &View<'_>) -> Screen {
    let lang = view.viewer.lang;
    let person = view
        .viewer
        .person
        .as_ref()
        .map(|person| person.person.as_str());
    let state = view.state;
    let busy = matches!(state.stage, Stage::Busy(_) | Stage::Asked(..));
    let about = html! {
        h1 tabindex="-1" { (lang.say("locked-title")) }
        @if let Some(person) = person {
            p { (lang.tell("locked-by", &[("person", person)])) }
        }
        @if let Some(reception) = state.reception() {
            p { (lang.say("reception")) " " span.number { (reception) } }
        }
        @if busy { (machine::strip(view)) }
        (Button::quiet("/sign-out", "other-person", &lang.say("other-person")).draw(view))
    };
    Screen {
        page: Page::Locked,
        title: lang.say("locked-title"),
        regions: vec![
            Region::new("people", about),
            Region::new("pin-part", pin_form(view, person)),
        ],
    }
}
