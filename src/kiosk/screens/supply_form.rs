//! One act with material: what to do, what it concerns, the fields, and what is wrong with them;
//! then that it was recorded. Keys on the glass fill the field that was touched last.

use maud::{Markup, html};

use super::parts::{Button, ids, keypad, number, turn};
use super::{Page, Region, Screen, View, tech};
use crate::fault::{Code, Hands};
use crate::kiosk::books::Errand;
use crate::kiosk::entry::{Act, Entry, Field, LONGEST_SERIAL, MOST_DIGITS, Problem, Typed, Wrong};
use crate::kiosk::words::Lang;
use crate::station::request::Stop;
use crate::station::supplies::{Piece, Place, Supply};

/// The form of an act, or that it was recorded.
pub(super) fn screen(view: &View<'_>, act: Act) -> Screen {
    let lang = view.viewer.lang;
    let books = &view.state.books;
    let title = lang.say(title_of(act));
    let regions = if books.running == Some(Errand::Record(act)) {
        vec![Region::new(
            "lead",
            html! { h1 tabindex="-1" { (title) } p role="status" { (lang.say("recording")) } },
        )]
    } else if let Some((_, typed)) = books.done.as_ref().filter(|(done, _)| *done == act) {
        vec![
            Region::new("lead", done(act, typed, lang)),
            Region::new(
                "begin",
                Button::main("/supplies/look", "back", &lang.say("back-to-supplies")).draw(view),
            ),
        ]
    } else {
        vec![
            Region::new("lead", lead(view, act)),
            Region::new("fields", fields(view, act)),
            Region::new("keys", keys(view, act)),
        ]
    };
    Screen {
        page: Page::Supplies,
        title,
        regions,
    }
}

/// The title of an act's form; what its second person reads, too.
pub(super) fn title_of(act: Act) -> &'static str {
    match act {
        Act::Load(Supply::Ribbon) => "title-load-ribbon",
        Act::Load(Supply::Patches) => "title-load-patches",
        Act::Load(Supply::Blanks) => "title-load-blanks",
        Act::Unload(Supply::Ribbon) => "title-unload-ribbon",
        Act::Unload(Supply::Patches) => "title-unload-patches",
        Act::Unload(Supply::Blanks) => "title-unload-blanks",
        Act::EmptyTray => "title-empty-tray",
        Act::BookBack => "title-book-back",
        Act::DestroyCards => "title-destroy-cards",
        Act::DestroyRibbons => "title-destroy-ribbons",
        Act::DestroyOldCards => "title-destroy-old-cards",
    }
}

/// What is to be done, and what follows from it.
pub(super) fn says_of(act: Act) -> &'static str {
    match act {
        Act::Load(Supply::Ribbon | Supply::Patches) => "says-load-roll",
        Act::Load(Supply::Blanks) => "says-load-blanks",
        Act::Unload(Supply::Ribbon) => "says-unload-ribbon",
        Act::Unload(Supply::Patches) => "says-unload-patches",
        Act::Unload(Supply::Blanks) => "says-unload-blanks",
        Act::EmptyTray => "says-empty-tray",
        Act::BookBack => "says-book-back",
        Act::DestroyCards => "says-destroy-cards",
        Act::DestroyRibbons => "says-destroy-ribbons",
        Act::DestroyOldCards => "says-destroy-old-cards",
    }
}

fn lead(view: &View<'_>, act: Act) -> Markup {
    let lang = view.viewer.lang;
    let books = &view.state.books;
    let refused = books.refusal(|errand| errand == Errand::Record(act));
    html! {
        h1 tabindex="-1" { (lang.say(title_of(act))) }
        @match refused {
            Some(stop) if blames(stop).is_some() => (found(stop, lang)),
            Some(stop) => (tech::stopped(stop, &lang.say("not-recorded"), lang)),
            None => {
                p { (lang.say(says_of(act))) }
                (concerned(act, view))
            },
        }
    }
}

/// What the station found; what to do about it stands at the field.
fn found(stop: &Stop, lang: Lang) -> Markup {
    html! {
        div.notice.error role="alert" {
            h2 { "■ " (lang.say("not-recorded")) " — " (lang.of(&stop.notice().what)) }
            @if let Some(detail) = stop.told(lang == Lang::Ja) { p {
                    @if stop.code == Code::SupplyOther { (lang.say("by-printer")) " " }
                    b { (detail) }
                } }
            p.code { span.number { (stop.code) } }
        }
    }
}

/// What the act is about, as the books have it: the same for both persons.
pub(super) fn concerned(act: Act, view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let Some(shown) = &view.state.books.shown else {
        return html! {};
    };
    let recorded = |supply| {
        let found = shown.supplies.iter().find(|one| one.supply == supply);
        let roll = found.and_then(|one| one.recorded.as_ref());
        html! {
            @if let Some(roll) = roll {
                p { (lang.say("on-record")) " " (number(&roll.serial)) " " (lang.say("lot")) " " (roll.lot) }
            } @else { p { (lang.say("none-on-record")) } }
        }
    };
    match act {
        Act::Load(supply @ (Supply::Ribbon | Supply::Patches)) => html! {
            @if shown.supplies.iter().any(|one| one.supply == supply && one.recorded.is_some()) {
                p.hold { b { "▲ " (lang.say("first-unload")) } }
                (recorded(supply))
            }
        },
        Act::Unload(supply @ (Supply::Ribbon | Supply::Patches)) => recorded(supply),
        Act::Load(Supply::Blanks) | Act::Unload(Supply::Blanks) => html! {
            p { (lang.tell("hopper-holds", &[("n", &shown.blanks.hopper.to_string())])) }
        },
        Act::EmptyTray => {
            let tray = shown.binned.iter().filter(|one| one.place == Place::Tray);
            listed(view, tray.map(|one| piece(one, lang)).collect())
        }
        Act::DestroyCards => listed(
            view,
            shown.binned.iter().map(|one| piece(one, lang)).collect(),
        ),
        Act::DestroyRibbons => listed(view, shown.ribbons.iter().map(|one| number(one)).collect()),
        Act::DestroyOldCards | Act::BookBack => html! {},
    }
}

/// Every one of them: whoever signs for all has seen each. What has no room is a touch away.
pub(super) fn listed(view: &View<'_>, all: Vec<Markup>) -> Markup {
    html! {
        ul #listed.listed data-fold { @for one in &all { li { (one) } } }
        (turn(view, "listed"))
    }
}

/// A card of tray or bag by what it is called.
pub(super) fn piece(one: &Piece, lang: Lang) -> Markup {
    let ((kind_ja, kind_en), (ja, en)) = (one.kind.words(), one.place.words());
    html! {
        b { "#" (one.id) } " " (lang.pick(kind_ja, kind_en)) " " (lang.pick(ja, en)) " "
        @if let Some(name) = one.number.as_ref().or(one.serial.as_ref()) { (number(name)) }
    }
}

fn fields(view: &View<'_>, act: Act) -> Markup {
    let lang = view.viewer.lang;
    let books = &view.state.books;
    html! {
        form #enter-form method="post" action="/supplies/enter" autocomplete="off" data-wedge="yes" {
            (ids(view))
            input type="hidden" name="act" value=(act.name());
            @let first = first_wrong(view, act.fields());
            @for one in act.fields() {
                @let typed = if books.act == Some(act) { books.typed.get(*one) } else { "" };
                (field(*one, label_of(*one, Some(act)), typed, &wrong_of(view, act, *one), *one == first, lang))
            }
        }
    }
}

/// Where a person goes on: at the first field that is to be put right, else at the first.
pub(super) fn first_wrong(view: &View<'_>, fields: &[Field]) -> Field {
    let wrong = |field: &&Field| {
        view.state
            .books
            .wrong
            .iter()
            .any(|wrong| wrong.field == **field)
    };
    let first = fields.iter().find(wrong).or(fields.first());
    first.copied().unwrap_or(Field::Count)
}

/// What is wrong with a field of this act: as it was typed, or as the station found it.
fn wrong_of(view: &View<'_>, act: Act, field: Field) -> Option<String> {
    let books = &view.state.books;
    if books.act != Some(act) {
        return None;
    }
    let found = books.wrong.iter().find(|wrong| wrong.field == field);
    let typed = books.typed.get(field);
    let told = |wrong: &Wrong| told(wrong, label_of(field, Some(act)), typed, view.viewer.lang);
    let refused = books.refusal(|errand| errand == Errand::Record(act));
    let refused = refused.filter(|stop| blames(stop) == Some(field));
    found
        .map(told)
        .or_else(|| refused.map(|_| view.viewer.lang.say("compare-this")))
}

/// The field that the station's refusal is about.
fn blames(stop: &Stop) -> Option<Field> {
    let of_roll = [Code::SupplyOther, Code::SupplyReused, Code::SupplyExpired];
    if of_roll.contains(&stop.code) {
        Some(Field::Serial)
    } else {
        (stop.code == Code::CountDiffers).then_some(Field::Count)
    }
}

/// What is wrong, with the field's name and what to do.
pub(super) fn told(wrong: &Wrong, label: &str, typed: &str, lang: Lang) -> String {
    let field = lang.say(label);
    match wrong.problem {
        Problem::Empty => lang.tell("wrong-empty", &[("field", &field)]),
        Problem::NotANumber => lang.tell("wrong-number", &[("field", &field), ("typed", typed)]),
        Problem::NoSerial => lang.tell("wrong-serial", &[("field", &field), ("typed", typed)]),
    }
}

/// The name of a field on the screen.
pub(super) fn label_of(field: Field, act: Option<Act>) -> &'static str {
    match field {
        Field::Serial => "serial",
        Field::Lot => "lot",
        Field::Count => match act {
            Some(Act::Load(Supply::Ribbon)) => "count-sets",
            Some(Act::DestroyRibbons) => "count-ribbons",
            Some(_) | None => "how-many",
        },
        Field::Hopper => "count-hopper",
        Field::Tray => "count-tray",
        Field::Bag => "count-bag",
        Field::Ribbons => "waste-ribbons",
        Field::OldCards => "count-old-cards",
        Field::Reason => "reason",
    }
}

/// A field with its label and what is wrong with it.
pub(super) fn field(
    field: Field,
    label: &str,
    typed: &str,
    wrong: &Option<String>,
    first: bool,
    lang: Lang,
) -> Markup {
    let name = field.name();
    let serial = field == Field::Serial;
    let most = if serial { LONGEST_SERIAL } else { MOST_DIGITS };
    let why = format!("{name}-why");
    html! {
        p.field {
            label for=(name) { (lang.say(label)) }
            input id=(name) name=(name) value=(typed) maxlength=(most) spellcheck="false"
                inputmode=[(!serial).then_some("numeric")] data-upper=[serial.then_some("yes")]
                autofocus[first] aria-invalid=[wrong.as_ref().map(|_| "true")]
                aria-describedby=[wrong.as_ref().map(|_| why.as_str())];
            @if let Some(wrong) = wrong { b.bad id=(why) role="alert" { "■ " (wrong) } }
        }
    }
}

fn keys(view: &View<'_>, act: Act) -> Markup {
    let lang = view.viewer.lang;
    let names: Vec<&str> = act.fields().iter().map(|field| field.name()).collect();
    let letters = act.fields().contains(&Field::Serial);
    html! {
        @if !names.is_empty() { (keypad(view, &names.join(" "), letters)) }
        div.row {
            (back(lang))
            button #enter.main form="enter-form" data-key="F12" {
                span { (lang.say("do-record")) }
                @if act.hands() == Hands::Two { span.second { (lang.say("with-second")) } }
                kbd aria-hidden="true" { "F12" }
            }
        }
    }
}

/// Back to the overview.
fn back(lang: Lang) -> Markup {
    html! {
        a #back.quiet href="/supplies" data-key="F4" {
            span { (lang.say("back-to-supplies")) } kbd aria-hidden="true" { "F4" }
        }
    }
}

/// That it was recorded, and what.
fn done(act: Act, typed: &Typed, lang: Lang) -> Markup {
    html! {
        h1 tabindex="-1" { "✓ " (lang.say("recorded")) }
        div role="status" {
            dl.pairs {
                @for field in act.fields() {
                    div {
                        dt { (lang.say(label_of(*field, Some(act)))) }
                        dd { (number(typed.get(*field))) }
                    }
                }
            }
        }
    }
}

/// The fields of an act as two persons read them.
pub(super) fn entered(entry: &Entry, lang: Lang) -> Markup {
    html! {
        dl.pairs {
            @for field in entry.act.fields() {
                div {
                    dt { (lang.say(label_of(*field, Some(entry.act)))) }
                    dd {
                        @match field {
                            Field::Serial => (number(&entry.serial)),
                            Field::Lot => (entry.lot),
                            Field::Count | Field::Hopper | Field::Tray | Field::Bag
                            | Field::Ribbons | Field::OldCards | Field::Reason => b { (entry.count) },
                        }
                    }
                }
            }
        }
    }
}
