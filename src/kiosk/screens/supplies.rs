//! Material: what is loaded and spent, what waits to be destroyed, and the way to each act with it.

use maud::{Markup, html};

use super::parts::{Button, number};
use super::{Page, Region, Screen, View, supply_form, tech};
use crate::kiosk::books::Errand;
use crate::kiosk::entry::Act;
use crate::kiosk::words::Lang;
use crate::station::supplies::{Loaded, OldState, Shown, Supply};

/// What is loaded and what waits; or the form of the act that the address names.
pub(super) fn screen(view: &View<'_>) -> Screen {
    let act = view.viewer.asked("act").and_then(Act::of_name);
    act.map_or_else(|| overview(view), |act| supply_form::screen(view, act))
}

/// The way here: quiet, because it is not the work at hand.
pub(super) fn entrance(view: &View<'_>) -> Markup {
    let to = view.viewer.lang.say("to-supplies");
    Button::quiet("/supplies/look", "material-look", &to)
        .key("F10")
        .draw(view)
}

fn overview(view: &View<'_>) -> Screen {
    let lang = view.viewer.lang;
    let mut regions = vec![
        Region::new("lead", lead(view)),
        Region::new("ways", ways(view)),
    ];
    // Old figures would stand as if they held still, and would push the remedy out of sight.
    let books = &view.state.books;
    let unseen = books.refusal(|errand| errand == Errand::Look).is_some();
    if let Some(shown) = books.shown.as_ref().filter(|_| !unseen) {
        regions.push(Region::new("loaded", loaded(shown, lang)));
        regions.push(Region::new("waste", waste(shown, lang)));
    }
    Screen {
        page: Page::Supplies,
        title: lang.say("supplies-title"),
        regions,
    }
}

fn lead(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let books = &view.state.books;
    html! {
        h1 tabindex="-1" { (lang.say("supplies-title")) }
        @if books.running == Some(Errand::Look) {
            p role="status" { (lang.say("supplies-looking")) }
        } @else if let Some(stop) = books.refusal(|errand| errand == Errand::Look) {
            (tech::stopped(stop, &lang.say("supplies-title"), lang))
        } @else if let Some(code) = books.shown.as_ref().and_then(|shown| shown.printer) {
            p.bad role="status" { b { "■ " (lang.of(&code.fault().what)) } " " small { (code.name()) } }
        } @else if books.shown.is_some() {
            p role="status" { (lang.say("supplies-says")) }
        } @else {
            p role="status" { (lang.say("supplies-unseen")) }
        }
    }
}

/// Ways to the shift, to a newer look, and back.
fn ways(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let look = lang.say("look-again");
    html! {
        div.row {
            a #back.quiet href="/" data-key="F4" { (lang.say("back-to-work")) kbd aria-hidden="true" { "F4" } }
            (Button::other("/supplies/look", "look", &look).key("F5").draw(view))
            @if Page::Shift.fits(view.state) {
                a #to-shift.other href="/shift" data-key="F6" { (lang.say("to-shift")) kbd aria-hidden="true" { "F6" } }
            }
        }
    }
}

fn loaded(shown: &Shown, lang: Lang) -> Markup {
    html! {
        table.books {
            thead {
                tr {
                    th scope="col" { (lang.say("loaded")) }
                    th scope="col" { (lang.say("by-books")) }
                    th.figure scope="col" { (lang.say("left")) }
                    th scope="col" { (lang.say("by-printer")) }
                    th scope="col" { span.unseen { (lang.say("choose")) } }
                }
            }
            tbody { @for one in &shown.supplies { (supply(one, lang)) } }
        }
    }
}

fn supply(one: &Loaded, lang: Lang) -> Markup {
    let name = one.supply.name();
    html! {
        tr {
            th scope="row" { (lang.say(name_of(one.supply))) }
            td {
                @match &one.recorded {
                    Some(roll) => { (number(&roll.serial)) " " small { (lang.say("lot")) " " (roll.lot) } },
                    None => "—",
                }
            }
            td.figure { b { (one.left.map_or("—".to_owned(), |left| left.to_string())) } }
            td {
                @if let Some(tag) = &one.tag {
                    (number(&tag.serial)) " " (tag.remaining) "／" (tag.capacity)
                } @else { "—" }
                (remark(one, lang))
            }
            td {
                span.pair {
                    (way(Act::Load(one.supply), &lang.say(load_label(one.supply)), &format!("load-{name}")))
                    (way(Act::Unload(one.supply), &lang.say("took-out"), &format!("unload-{name}")))
                }
            }
        }
    }
}

fn name_of(supply: Supply) -> &'static str {
    match supply {
        Supply::Blanks => "blanks",
        Supply::Ribbon => "ribbon",
        Supply::Patches => "patches",
    }
}

/// What speaks against it; where nothing does, its last day.
fn remark(one: &Loaded, lang: Lang) -> Markup {
    let last = one.tag.as_ref().and_then(|tag| tag.expires);
    html! {
        @if let Some(code) = one.code {
            br; b.bad { "■ " (lang.of(&code.fault().what)) }
        } @else if odd(one) {
            br; b.bad { "■ " (lang.say("not-on-record")) }
        } @else if let Some(day) = last {
            br; small { (lang.tell("until", &[("day", &day.to_string())])) }
        }
    }
}

/// Whether the printer reads another roll than the one on record, or one that nobody recorded.
fn odd(one: &Loaded) -> bool {
    let recorded = one.recorded.as_ref().map(|roll| &roll.serial);
    let roll = one.supply != Supply::Blanks;
    roll && one
        .tag
        .as_ref()
        .is_some_and(|tag| Some(&tag.serial) != recorded)
}

fn load_label(supply: Supply) -> &'static str {
    match supply {
        Supply::Blanks => "put-more-in",
        Supply::Ribbon | Supply::Patches => "put-in",
    }
}

/// What waits to be destroyed, each with its acts.
fn waste(shown: &Shown, lang: Lang) -> Markup {
    let terms = &shown.blanks;
    let (tray, bag) = (terms.tray.to_string(), terms.bag.to_string());
    let punched = shown
        .old_cards
        .iter()
        .filter(|old| old.state == OldState::Punched);
    let (punched, held) = (
        punched.count().to_string(),
        shown.old_cards.len().to_string(),
    );
    let rows = [
        (
            lang.say("waste-cards"),
            lang.tell("in-tray-and-bag", &[("tray", &tray), ("bag", &bag)]),
            vec![
                (Act::EmptyTray, "tray-emptied"),
                (Act::BookBack, "put-back"),
                (Act::DestroyCards, "destroyed"),
            ],
        ),
        (
            lang.say("waste-ribbons"),
            lang.tell("pieces", &[("n", &shown.ribbons.len().to_string())]),
            vec![(Act::DestroyRibbons, "destroyed")],
        ),
        (
            lang.say("waste-old-cards"),
            lang.tell("punched-of", &[("n", &held), ("punched", &punched)]),
            vec![(Act::DestroyOldCards, "destroyed")],
        ),
    ];
    html! {
        h2 { (lang.say("waste")) }
        table.books {
            thead.unseen {
                tr { th scope="col" { (lang.say("waste")) } th scope="col" { (lang.say("how-many")) } th scope="col" { (lang.say("choose")) } }
            }
            tbody {
                @for (name, count, acts) in &rows {
                    tr {
                        th scope="row" { (name) }
                        td { (count) }
                        td { span.pair {
                            @for (act, label) in acts { (way(*act, &lang.say(label), act.name())) }
                        } }
                    }
                }
            }
        }
    }
}

/// The way to the form of an act.
fn way(act: Act, label: &str, id: &str) -> Markup {
    html! { a.other id=(id) href=(act.path()) { (label) } }
}
