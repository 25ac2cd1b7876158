//! Four eyes: a second, different person reads the same text, signs in afresh, and agrees or
//! does not.

use maud::{Markup, html};

use super::parts::{Button, ids, keypad, number};
use super::sign_in::persons;
use super::{Page, Region, Screen, View, shift, stop, supply_form};
use crate::fault::Role;
use crate::issuance::Decision;
use crate::kiosk::state::{Approval, Slip, Subject};
use crate::station::request::Stop;
use crate::station::says::says;

/// The second person's screen.
pub(super) fn screen(view: &View<'_>) -> Screen {
    let lang = view.viewer.lang;
    let asked_by = view
        .state
        .approval
        .as_ref()
        .map(|approval| &approval.asked_by);
    let title = lang.say(asked_by.map_or("approve-title", |asked_by| title_of(asked_by.role)));
    let regions = match &view.state.approval {
        Some(approval) => vec![
            Region::new("stop", text(view, approval)),
            Region::new("acts", form(view, approval)),
        ],
        None => Vec::new(),
    };
    Screen {
        page: Page::Approve,
        title,
        regions,
    }
}

/// A supervisor needs anybody else who works here.
fn title_of(asked_by: Role) -> &'static str {
    match asked_by {
        Role::Supervisor => "approve-other",
        Role::Clerk | Role::Technician => "approve-title",
    }
}

fn text(view: &View<'_>, approval: &Approval) -> Markup {
    let lang = view.viewer.lang;
    let asked_by = &approval.asked_by;
    html! {
        h1 tabindex="-1" { (lang.say(title_of(asked_by.role))) }
        p.asked-by {
            (lang.tell("asked-by", &[
                ("person", &asked_by.person),
                ("role", lang.pick(asked_by.role.name_ja(), asked_by.role.name())),
            ]))
        }
        @match &approval.subject {
            Subject::Decision(decision) => (of_card(*decision, view)),
            Subject::Withdraw(why) => (of_card(Decision::Withdraw(*why), view)),
            Subject::Material(entry) => div.paper {
                h2 { (lang.say(supply_form::title_of(entry.act))) }
                p { (lang.say(supply_form::says_of(entry.act))) }
                (supply_form::entered(entry, lang))
                (supply_form::concerned(entry.act, view))
            },
            Subject::Shift(close) => div.paper {
                h2 { (lang.say("shift-title")) }
                (shift::to_close(close, view))
            },
        }
    }
}

/// A decision about the card at hand.
fn of_card(decision: Decision, view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let stop = view.state.stage.stop();
    let nothing = Stop::plain(crate::fault::Code::Unknown);
    let (ja, en) = says(decision, stop.unwrap_or(&nothing));
    html! {
        p.decision { b { (lang.say(stop::label_of(decision))) } " " (lang.pick(ja, en)) }
        @if let Some(stop) = stop { (stop::anatomy(stop, lang, false)) }
        @else if let Some(new) = view.state.number() { p.big { (number(&new)) } }
    }
}

fn form(view: &View<'_>, approval: &Approval) -> Markup {
    let lang = view.viewer.lang;
    // Whoever is not the supervisor needs one; a supervisor needs anybody else who works here.
    let second =
        |role: Role| approval.asked_by.role == Role::Supervisor || role == Role::Supervisor;
    let people = view.viewer.people.iter();
    let others: Vec<_> = people
        .filter(|person| person.person != approval.asked_by.person && second(person.role))
        .collect();
    let refuse = lang.say("refuse");
    html! {
        form #approve method="post" action="/approve" autocomplete="off" {
            (ids(view))
            @if others.is_empty() { p.bad { "■ " (lang.say("no-second")) } }
            (persons(view, &others, "second", None))
            p.field {
                label for="pin" { (lang.say("pin")) }
                input #pin name="pin" type="password" inputmode="numeric" required maxlength="12"
                    aria-invalid=[(view.state.slip == Some(Slip::Second)).then_some("true")];
                @if view.state.slip == Some(Slip::Second) {
                    b.bad role="alert" { "■ " (lang.say("second-wrong")) }
                }
            }
        }
        div.beside {
            (keypad(view, "pin", false))
            div.row {
                (Button::other("/refuse", "refuse", &refuse).key("F4").draw(view))
                button #agree.main form="approve" data-key="F12" {
                    span { (lang.say("agree")) }
                    kbd aria-hidden="true" { "F12" }
                }
            }
        }
    }
}
