//! The close of a shift: everything is counted blind, then held against books and printer; what
//! does not come out takes a reason, the close a second person. Then the report.

use maud::{Markup, html};

use super::parts::{Button, ids, keypad, turn};
use super::supply_form::{field, first_wrong, label_of, listed, piece, told};
use super::{Page, Region, Screen, View, tech};
use crate::kiosk::books::Errand;
use crate::kiosk::entry::{COUNTED, Close, Field};
use crate::kiosk::words::Lang;
use crate::station::supplies::{Candidates, Item, Place, Reason, Reconciliation, Shift, Terms};

/// So many cards are named among which the missing ones are; more say nothing.
const NAMED: usize = 12;

/// Where the close stands.
pub(super) fn screen(view: &View<'_>) -> Screen {
    let lang = view.viewer.lang;
    let books = &view.state.books;
    let title = lang.say("shift-title");
    let regions = if let Some(errand @ (Errand::Compare | Errand::Close)) = books.running {
        let says = if errand == Errand::Close {
            "shift-closing"
        } else {
            "shift-comparing"
        };
        vec![Region::new(
            "lead",
            html! { h1 tabindex="-1" { (title) } p role="status" { (lang.say(says)) } },
        )]
    } else if let Some((shift, reported)) = &books.closed {
        closed(view, shift, *reported)
    } else if let Some((_, compared)) = &books.compared {
        compare(view, compared)
    } else {
        count(view)
    };
    Screen {
        page: Page::Shift,
        title,
        regions,
    }
}

fn lead(view: &View<'_>, says: &str) -> Markup {
    let lang = view.viewer.lang;
    let books = &view.state.books;
    let refused = books.refusal(|errand| matches!(errand, Errand::Compare | Errand::Close));
    let number = books.shown.as_ref().map(|shown| shown.shift.to_string());
    html! {
        h1 tabindex="-1" {
            (lang.say("shift-title"))
            @if let Some(number) = number { " " small { (lang.tell("shift-number", &[("n", &number)])) } }
        }
        @if let Some(stop) = refused {
            (tech::stopped(stop, &lang.say("not-closed"), lang))
        } @else { p { (lang.say(says)) } }
    }
}

/// Counted blind: what the books say is shown after it.
fn count(view: &View<'_>) -> Vec<Region> {
    let lang = view.viewer.lang;
    let books = &view.state.books;
    let form = html! {
        form #enter-form method="post" action="/shift/count" autocomplete="off" data-wedge="yes" {
            (ids(view))
            @let first = first_wrong(view, &COUNTED);
            @for one in COUNTED {
                @let found = books.wrong.iter().find(|wrong| wrong.field == one);
                @let typed = books.typed.get(one);
                @let wrong = found.map(|wrong| told(wrong, label_of(one, None), typed, lang));
                (field(one, label_of(one, None), typed, &wrong, one == first, lang))
            }
        }
    };
    let names = COUNTED.map(Field::name).join(" ");
    let keys = html! {
        (keypad(view, &names, false))
        div.row {
            a #back.quiet href="/supplies" data-key="F4" { span { (lang.say("back-to-supplies")) } kbd aria-hidden="true" { "F4" } }
            button #count-done.main form="enter-form" data-key="F12" {
                span { (lang.say("compare-count")) } kbd aria-hidden="true" { "F12" }
            }
        }
    };
    vec![
        Region::new("lead", lead(view, "shift-count-says")),
        Region::new("fields", form),
        Region::new("keys", keys),
    ]
}

fn compare(view: &View<'_>, compared: &Reconciliation) -> Vec<Region> {
    let lang = view.viewer.lang;
    let says = if compared.comes_out() {
        "shift-comes-out"
    } else {
        "shift-differs"
    };
    vec![
        Region::new("lead", lead(view, says)),
        Region::new("sum", equation(&compared.terms, true, lang)),
        Region::new(
            "lines",
            one_place(view).unwrap_or_else(|| lines(compared, view)),
        ),
        Region::new("acts", acts(view, compared)),
    ]
}

/// The cells of the equation behind which the books name card by card, by the catalogue's key.
const NAMED_PLACES: [(&str, &[Place]); 5] = [
    ("term-quarantined", &[Place::Quarantined]),
    ("term-machine", &[Place::Machine, Place::Exit]),
    ("term-tray", &[Place::Tray]),
    ("term-bag", &[Place::Bag]),
    ("term-missing", &[Place::Missing]),
];

/// The cards behind one cell of the equation, where somebody asks for them.
fn one_place(view: &View<'_>) -> Option<Markup> {
    let lang = view.viewer.lang;
    let of = view.viewer.asked("of")?;
    let (key, places) = NAMED_PLACES
        .iter()
        .find(|(key, _)| key.strip_prefix("term-") == Some(of))?;
    let shown = view.state.books.shown.as_ref()?;
    let pieces = shown.binned.iter().chain(&shown.elsewhere);
    let there = pieces.filter(|piece| places.contains(&piece.place));
    Some(html! {
        h2 { (lang.say(key)) }
        (listed(view, there.map(|one| piece(one, lang)).collect()))
        a #counted-things.quiet href="/shift" { (lang.say("all-that-was-counted")) }
    })
}

/// The equation of all blanks: loaded is the sum of the rest. Where the count is compared, a cell
/// opens its list.
fn equation(terms: &Terms, opens: bool, lang: Lang) -> Markup {
    let list = |key: &str, count: i64| {
        let named = NAMED_PLACES.iter().any(|(named, _)| *named == key);
        let of = key
            .strip_prefix("term-")
            .filter(|_| opens && named && count > 0)?;
        Some(format!("/shift?of={of}"))
    };
    let parts = [
        ("term-delivered", terms.delivered),
        ("term-destroyed", terms.destroyed),
        ("term-quarantined", terms.quarantined),
        ("term-machine", terms.machine + terms.exit),
        ("term-tray", terms.tray),
        ("term-bag", terms.bag),
        ("term-missing", terms.missing),
        ("term-hopper", terms.hopper),
    ];
    let tests = terms.tests + terms.tests_destroyed;
    html! {
        p.equation {
            span.term { small { (lang.say("term-loaded")) } b { (terms.loaded) } }
            @for (at, (name, count)) in parts.iter().enumerate() {
                span.sign { (if at == 0 { "=" } else { "+" }) }
                @match list(name, *count) {
                    Some(list) => a.term id=(name) href=(list) { small { (lang.say(name)) } b { (count) } },
                    None => span.term { small { (lang.say(name)) } b { (count) } },
                }
            }
            span.sign { @if terms.balanced() { b.good { "✓" } } @else { b.bad { "■" } } }
        }
        @if tests > 0 { p.small { (lang.tell("of-them-tests", &[("n", &tests.to_string())])) } }
    }
}

/// Each thing that was counted, beside the books, those that differ first: nobody signs for a
/// difference that is not shown. Beneath a place, what may be missing there. What has no room is a
/// touch away.
fn lines(compared: &Reconciliation, view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let mut lines: Vec<_> = compared.lines.iter().collect();
    lines.sort_by_key(|line| line.difference() == 0);
    html! {
        table.counts {
            thead {
                tr {
                    th scope="col" { (lang.say("counted-thing")) }
                    th.figure scope="col" { (lang.say("by-books")) }
                    th.figure scope="col" { (lang.say("as-found")) }
                    th.figure scope="col" { (lang.say("difference")) }
                }
            }
            tbody #counted data-fold {
                @for line in lines {
                    @let (ja, en) = line.item.words();
                    tr {
                        th scope="row" { (lang.pick(ja, en)) }
                        td.figure { (line.journal) }
                        td.figure { b { (line.found) } }
                        td.figure {
                            @match line.difference() {
                                0 => span.good { "✓" },
                                apart => b.bad { "■ " (format!("{apart:+}")) },
                            }
                        }
                    }
                    @for some in compared.candidates.iter().filter(|some| lies(some.place, &line.item)) {
                        tr { td.small colspan="4" { (candidates(some, lang)) } }
                    }
                }
            }
        }
        (turn(view, "counted"))
    }
}

/// Whether this is what was counted in that place.
fn lies(place: Place, item: &Item) -> bool {
    matches!(
        (place, item),
        (Place::Tray, Item::Tray) | (Place::Bag, Item::Bag)
    )
}

/// How many are missing where, and among which cards.
fn candidates(some: &Candidates, lang: Lang) -> String {
    let (ja, en) = some.place.words();
    let named = some.among.iter().take(NAMED);
    let mut among: Vec<String> = named.map(|piece| format!("#{}", piece.id)).collect();
    let more = some.among.len().saturating_sub(NAMED);
    if more > 0 {
        among.push(lang.tell("and-more", &[("n", &more.to_string())]));
    }
    let (place, missing) = (lang.pick(ja, en), some.missing.to_string());
    let told = [
        ("place", place),
        ("n", &missing),
        ("among", &among.join(" ")),
    ];
    lang.tell("missing-among", &told)
}

/// The reason where one is needed, counting again, and the close.
fn acts(view: &View<'_>, compared: &Reconciliation) -> Markup {
    let lang = view.viewer.lang;
    let books = &view.state.books;
    let again = lang.say("count-again");
    let missing = books.wrong.iter().any(|wrong| wrong.field == Field::Reason);
    html! {
        form #close-form method="post" action="/shift/close" {
            (ids(view))
            @if !compared.comes_out() {
                fieldset {
                    legend { (lang.say("why-differs")) }
                    @for reason in Reason::ALL {
                        @let (ja, en) = reason.words();
                        label.person {
                            input type="radio" name="reason" value=(reason.name()) id=(format!("why-{}", reason.name()));
                            span { (lang.pick(ja, en)) }
                        }
                    }
                }
                @if missing { b.bad role="alert" { "■ " (lang.say("wrong-reason")) } }
            }
        }
        div.row {
            (Button::quiet("/shift/recount", "recount", &again).key("F4").draw(view))
            button #close.main form="close-form" data-key="F12" {
                span { (lang.say("close-shift")) }
                span.second { (lang.say("with-second")) }
                kbd aria-hidden="true" { "F12" }
            }
        }
    }
}

/// What a second person reads before the close.
pub(super) fn to_close(close: &Close, view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    html! {
        p { (lang.say("close-says")) }
        (equation(&close.compared.terms, false, lang))
        (lines(&close.compared, view))
        @if let Some(reason) = close.reason {
            @let (ja, en) = reason.words();
            p { (lang.say("why-differs")) " " b { (lang.pick(ja, en)) } }
        }
    }
}

fn closed(view: &View<'_>, shift: &Shift, reported: bool) -> Vec<Region> {
    let lang = view.viewer.lang;
    let number = shift.number.to_string();
    let (first, second) = (&shift.by.first().person, &shift.by.second().person);
    let body = html! {
        h1 tabindex="-1" { "✓ " (lang.tell("shift-closed", &[("n", &number)])) }
        p role="status" { (lang.tell("closed-by", &[("first", first), ("second", second)])) }
        (equation(&shift.terms, false, lang))
        @if reported {
            p { a #report.other target="_blank" rel="noopener"
                href=(format!("/shifts/{number}/report.pdf")) { (lang.say("shift-report")) } }
        } @else { p.bad { "■ " (lang.say("no-report")) } }
    };
    let next = html! {
        a #next.main href="/queue" data-key="F12" {
            span { (lang.say("back-to-queue")) } kbd aria-hidden="true" { "F12" }
        }
    };
    vec![Region::new("lead", body), Region::new("begin", next)]
}
