//! Material and shift without a browser: both persons read the same, what is wrong is named with
//! its remedy, nothing typed is lost, and nothing of a holder is there.

use super::*;
use crate::fault::TwoPersons;
use crate::kiosk::books::{Books, Errand};
use crate::kiosk::entry::{Act, COUNTED, Close, Entry, Field, Typed};
use crate::kiosk::state::{Approval, Subject};
use crate::station::supplies::{
    Count, Item, Kind, Line, Loaded, Piece, Place, Reason, Reconciliation, Shift, Shown, Supply,
    Terms,
};

fn terms() -> Terms {
    Terms {
        loaded: 500,
        hopper: 455,
        delivered: 41,
        destroyed: 3,
        tray: 1,
        tests_destroyed: 1,
        ..Terms::default()
    }
}

fn books_shown() -> Shown {
    let supply = |supply| Loaded {
        supply,
        recorded: None,
        left: Some(312),
        tag: None,
        code: None,
    };
    let piece = Piece {
        id: 45,
        kind: Kind::Card,
        serial: Some("00010203040506070809".to_owned()),
        number: Some("AB12345678CD".to_owned()),
        place: Place::Tray,
    };
    Shown {
        shift: 3,
        blanks: terms(),
        supplies: Supply::ALL.map(supply).to_vec(),
        printer: None,
        binned: vec![piece],
        elsewhere: Vec::new(),
        ribbons: vec!["RB000001".to_owned()],
        old_cards: Vec::new(),
    }
}

fn compared(found: i64) -> Reconciliation {
    Reconciliation {
        terms: terms(),
        lines: vec![Line {
            item: Item::Hopper,
            journal: 455,
            found,
        }],
        blanks: found - 455,
        missing: Vec::new(),
        candidates: Vec::new(),
        unexpected: Vec::new(),
    }
}

fn with_books(change: impl FnOnce(&mut Books)) -> State {
    let mut state = state(Stage::Idle);
    state.job = None;
    state.books.shown = Some(Box::new(books_shown()));
    change(&mut state.books);
    state
}

fn clerk(lang: Lang, act: Option<Act>) -> Viewer {
    let query = act.map(|act| ("act".to_owned(), act.name().to_owned()));
    Viewer {
        query: query.into_iter().collect(),
        ..viewer(lang, Some(Role::Clerk))
    }
}

/// The page of a state, as it is chosen or, with a second person asked, as the state wants it.
fn drawn(page: Page, state: &State, viewer: &Viewer) -> String {
    let page = if page.fits(state) {
        page
    } else {
        Page::home(state, viewer)
    };
    page_of(page, state, viewer)
}

fn typed(text: &'static str) -> Typed {
    let load = Act::Load(Supply::Ribbon);
    Typed::of(load.fields(), move |_| text)
}

fn entry(act: Act) -> Entry {
    Entry {
        act,
        serial: "BL000002".to_owned(),
        lot: 202_401,
        count: 7,
    }
}

fn close() -> Close {
    Close {
        count: Count::default(),
        compared: Box::new(compared(454)),
        reason: Some(Reason::Machine),
    }
}

fn asked(subject: Subject) -> State {
    let mut state = with_books(|_| ());
    state.approval = Some(Approval {
        subject,
        asked_by: signed("a.mihon", Role::Clerk),
    });
    state
}

fn signed(person: &str, role: Role) -> Signed {
    Signed {
        person: person.to_owned(),
        role,
    }
}

fn every() -> Vec<(Page, State, Option<Act>)> {
    let load = Act::Load(Supply::Ribbon);
    let mut all = vec![
        (Page::Supplies, with_books(|_| ()), None),
        (Page::Supplies, with_books(|books| books.shown = None), None),
        (
            Page::Supplies,
            with_books(|books| books.running = Some(Errand::Look)),
            None,
        ),
        (
            Page::Supplies,
            with_books(|books| books.running = Some(Errand::Record(load))),
            Some(load),
        ),
        (
            Page::Supplies,
            with_books(|books| books.done = Some((load, typed("7")))),
            Some(load),
        ),
        (Page::Shift, with_books(|_| ()), None),
        (
            Page::Shift,
            with_books(|books| books.running = Some(Errand::Close)),
            None,
        ),
        (Page::Shift, asked(Subject::Shift(close())), None),
    ];
    for act in Act::ALL {
        all.push((Page::Supplies, with_books(|_| ()), Some(act)));
        all.push((
            Page::Supplies,
            asked(Subject::Material(entry(act))),
            Some(act),
        ));
    }
    for found in [455, 454] {
        let count = (Count::default(), Box::new(compared(found)));
        let state = with_books(|books| books.compared = Some(count));
        all.push((Page::Shift, state, None));
    }
    let (first, second) = (signed("a", Role::Clerk), signed("b", Role::Supervisor));
    let shift = Shift {
        number: 3,
        from: 10,
        to: 99,
        terms: terms(),
        by: TwoPersons::new(first, second).expect("two persons"),
    };
    for reported in [true, false] {
        let closed = (Box::new(shift.clone()), reported);
        let state = with_books(|books| books.closed = Some(closed));
        all.push((Page::Shift, state, None));
    }
    all
}

#[test]
fn every_screen_of_material_has_words_one_title_and_one_filled_button_at_most() {
    for (page, state, act) in every() {
        for lang in Lang::ALL {
            let html = drawn(page, &state, &clerk(lang, act));
            assert!(!html.contains("Unknown localization"), "{act:?}: {html}");
            assert_eq!(html.matches("<h1").count(), 1, "{act:?}: one title");
            let filled = html.matches("class=\"main\"").count();
            assert!(filled <= 1, "{act:?}: {filled} filled buttons");
        }
    }
}

#[test]
fn what_is_wrong_names_its_field_and_the_remedy_and_keeps_what_was_typed() {
    let act = Act::Load(Supply::Ribbon);
    let person = signed("a.mihon", Role::Clerk);
    let state = with_books(|books| drop(books.enter(act, typed("RB_1"), &person)));
    let html = drawn(Page::Supplies, &state, &clerk(Lang::En, Some(act)));
    assert!(html.contains("Serial on the label: &quot;RB_1&quot; cannot be a serial."));
    assert!(html.contains("Sets: &quot;RB_1&quot; is no number. Use 0 to 9."));
    assert_eq!(html.matches("value=\"RB_1\"").count(), 3, "nothing is lost");
    let state = with_books(|books| drop(books.enter(act, typed(PAYLOAD), &person)));
    let html = drawn(Page::Supplies, &state, &clerk(Lang::Ja, Some(act)));
    assert!(!html.contains("<SCRIPT") && html.contains("&lt;SCRIPT"));
}

#[test]
fn both_persons_read_what_is_recorded_and_how_much() {
    let act = Act::Load(Supply::Blanks);
    let state = asked(Subject::Material(entry(act)));
    let html = drawn(Page::Supplies, &state, &clerk(Lang::En, None));
    for part in ["a.mihon", "BL000002", "202401", ">7<", "Record the blanks"] {
        assert!(html.contains(part), "{part}");
    }
    let html = drawn(
        Page::Shift,
        &asked(Subject::Shift(close())),
        &clerk(Lang::Ja, None),
    );
    for part in ["500", "455", "454", "■ -1", "2 枚送り"] {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn nobody_is_shown_what_the_books_say_before_the_count() {
    let state = with_books(|books| books.typed = Typed::of(&COUNTED, |_| "9"));
    let html = drawn(Page::Shift, &state, &clerk(Lang::En, None));
    assert!(!html.contains("455"), "the hopper by the books");
    assert_eq!(html.matches("value=\"9\"").count(), COUNTED.len());
}

#[test]
fn where_the_tray_is_emptied_only_its_own_cards_are_listed() {
    let lists = |act| {
        let state = with_books(|books| {
            let shown = books.shown.as_mut().expect("known books");
            let mut bagged = shown.binned[0].clone();
            (bagged.id, bagged.place) = (46, Place::Bag);
            shown.binned.push(bagged);
        });
        let html = drawn(Page::Supplies, &state, &clerk(Lang::En, Some(act)));
        ["#45", "#46"].map(|name| html.contains(name))
    };
    assert_eq!(lists(Act::EmptyTray), [true, false]);
    assert_eq!(lists(Act::DestroyCards), [true, true]);
}

#[test]
fn a_person_goes_on_at_the_first_field_that_is_wrong() {
    let focused = |count: &'static str| {
        let state = with_books(|books| {
            let typed = Typed::of(&COUNTED, |field| {
                if field == COUNTED[1].name() {
                    count
                } else {
                    "1"
                }
            });
            drop(books.count(typed));
        });
        let html = drawn(Page::Shift, &state, &clerk(Lang::En, None));
        let at = html.find("autofocus").expect("a field");
        let field = html[..at].rfind("<input").expect("an input");
        html[field..at].to_owned()
    };
    let names = |field: Field| format!("id=\"{}\"", field.name());
    assert!(focused("many").contains(&names(COUNTED[1])));
    assert!(focused("1").contains(&names(COUNTED[0])));
}

#[test]
fn a_cell_of_the_equation_opens_the_list_of_its_cards_after_the_count() {
    let compared = |books: &mut Books| {
        books.compared = Some((Count::default(), Box::new(compared(454))));
    };
    let of = |place: &str| Viewer {
        query: vec![("of".to_owned(), place.to_owned())],
        ..clerk(Lang::En, None)
    };
    let named = "<b>#45</b> card tray";
    let state = with_books(compared);
    let html = drawn(Page::Shift, &state, &clerk(Lang::En, None));
    assert!(html.contains("href=\"/shift?of=tray\"") && !html.contains(named));
    let html = drawn(Page::Shift, &state, &of("tray"));
    assert!(html.contains(named) && html.contains("AB12345678CD"));
    assert!(!drawn(Page::Shift, &state, &of("bag")).contains(named));
    assert!(!drawn(Page::Shift, &state, &of(PAYLOAD)).contains("<SCRIPT"));
    let blind = drawn(Page::Shift, &with_books(|_| ()), &of("tray"));
    assert!(
        !blind.contains(named),
        "before the count nobody sees a list"
    );
}

#[test]
fn material_waits_while_a_card_moves_and_a_shift_while_a_job_is_open() {
    for stage in stages() {
        let idle = stage == Stage::Idle;
        let moves = matches!(stage, Stage::Busy(_) | Stage::Asked(..) | Stage::Opening);
        let state = state(stage);
        assert_eq!(Page::Shift.fits(&state), idle);
        assert!(!(moves && Page::Supplies.fits(&state)), "while it moves");
        assert!(Page::Help.fits(&state));
    }
}
