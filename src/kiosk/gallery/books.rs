//! Material and shift at their fullest: long labels, every refusal, more pieces than have room, a
//! count in which nothing comes out.

use super::super::state::{Approval, Slip, Stage, State, Subject};
use super::parts::{Texts, state};
use super::specimens::{Specimen, clerk};
use crate::fault::{Code, Role, Signed, TwoPersons};
use crate::kiosk::books::{Books, Errand};
use crate::kiosk::entry::{Act, COUNTED, Close, Entry, Field, Problem, Typed, Wrong};
use crate::kiosk::screens::Page;
use crate::station::request::Stop;
use crate::station::supplies::{
    Candidates, Count, Item, Kind, Line, Loaded, OldCard, OldState, Piece, Place, Reason,
    Reconciliation, Roll, Shift, Shown, Supply, TagShown, Terms,
};
use jiff::civil::date;

/// More than any screen has room for.
const MANY: u32 = 60;

/// Every state of material and shift.
pub(super) fn all(texts: &Texts) -> Vec<Specimen> {
    let mut all = of_material(texts);
    all.extend(of_forms(texts));
    all.extend(of_second_persons(texts));
    all.extend(of_the_shift(texts));
    all
}

/// The counter without a job, its books changed.
fn with_books(texts: &Texts, change: impl FnOnce(&mut Books)) -> State {
    let mut state = state(Stage::Idle, texts);
    state.job = None;
    state.agenda.open = None;
    state.books.shown = Some(Box::new(shown(texts)));
    change(&mut state.books);
    state
}

fn at(page: Page, name: &'static str, state: State) -> Specimen {
    Specimen {
        role: Some(Role::Supervisor),
        chosen: Some(page),
        ..clerk(name, state)
    }
}

fn form(act: Act, name: &'static str, state: State) -> Specimen {
    Specimen {
        query: vec![("act".to_owned(), act.name().to_owned())],
        ..at(Page::Supplies, name, state)
    }
}

fn of_material(texts: &Texts) -> Vec<Specimen> {
    let silent = with_books(texts, |books| {
        if let Some(shown) = &mut books.shown {
            shown.printer = Some(Code::Silent);
            for one in &mut shown.supplies {
                one.tag = None;
                one.code = None;
            }
        }
    });
    let stopped = with_books(texts, |books| {
        books.refused = Some((Errand::Look, refusal(Code::JournalDamaged, texts)));
    });
    vec![
        at(Page::Supplies, "supplies", with_books(texts, |_| ())),
        at(Page::Supplies, "supplies-silent", silent),
        at(Page::Supplies, "supplies-stopped", stopped),
    ]
}

fn of_forms(texts: &Texts) -> Vec<Specimen> {
    let ribbon = Act::Load(Supply::Ribbon);
    let blanks = Act::Load(Supply::Blanks);
    let wrong = with_books(texts, |books| {
        books.act = Some(ribbon);
        books.typed = typed(ribbon.fields(), texts);
        books.wrong = wrong(ribbon.fields());
    });
    let refused = |act, code| {
        with_books(texts, |books| {
            books.act = Some(act);
            books.typed = typed(act.fields(), texts);
            books.refused = Some((Errand::Record(act), refusal(code, texts)));
        })
    };
    let plain = || with_books(texts, |_| ());
    let recorded = with_books(texts, |books| {
        books.done = Some((blanks, typed(blanks.fields(), texts)));
    });
    let recording = with_books(texts, |books| {
        books.act = Some(ribbon);
        books.typed = typed(ribbon.fields(), texts);
        books.running = Some(Errand::Record(ribbon));
    });
    vec![
        form(Act::Load(Supply::Patches), "load-patches", plain()),
        form(Act::Unload(Supply::Blanks), "unload-blanks", plain()),
        form(Act::Unload(Supply::Ribbon), "unload-ribbon", plain()),
        form(Act::Unload(Supply::Patches), "unload-patches", plain()),
        form(Act::EmptyTray, "empty-tray", plain()),
        form(Act::DestroyOldCards, "destroy-old-cards", plain()),
        form(ribbon, "recording", recording),
        form(ribbon, "load-ribbon-wrong", wrong),
        form(
            blanks,
            "load-blanks-refused",
            refused(blanks, Code::SupplyOther),
        ),
        form(
            Act::DestroyCards,
            "destroy-cards-refused",
            refused(Act::DestroyCards, Code::BooksRefuse),
        ),
        form(Act::DestroyCards, "destroy-cards", plain()),
        form(Act::DestroyRibbons, "destroy-ribbons", plain()),
        form(Act::BookBack, "book-back", plain()),
        form(blanks, "recorded", recorded),
    ]
}

fn of_second_persons(texts: &Texts) -> Vec<Specimen> {
    let asked = |subject| {
        let mut state = with_books(texts, |_| ());
        state.approval = Some(Approval {
            subject,
            asked_by: signed(&texts.person, Role::Clerk),
        });
        state.slip = Some(Slip::Second);
        state
    };
    let material = |act| {
        asked(Subject::Material(Entry {
            act,
            serial: texts.value.clone(),
            lot: 999_999_999,
            count: 999_999_999,
        }))
    };
    let close = Close {
        count: Count::default(),
        compared: Box::new(compared(true)),
        reason: Some(Reason::Machine),
    };
    vec![
        clerk("approve-load-blanks", material(Act::Load(Supply::Blanks))),
        clerk("approve-destroy-cards", material(Act::DestroyCards)),
        clerk("approve-destroy-ribbons", material(Act::DestroyRibbons)),
        clerk("approve-close", asked(Subject::Shift(close))),
    ]
}

fn of_the_shift(texts: &Texts) -> Vec<Specimen> {
    let counted = with_books(texts, |books| {
        books.typed = typed(&COUNTED, texts);
        books.wrong = wrong(&COUNTED);
    });
    let differs = with_books(texts, |books| {
        books.compared = Some((Count::default(), Box::new(compared(true))));
        books.refused = Some((Errand::Close, refusal(Code::CountDiffers, texts)));
        books.wrong = wrong(&[Field::Reason]);
    });
    let comes_out = with_books(texts, |books| {
        books.compared = Some((Count::default(), Box::new(compared(false))));
    });
    let of_tray = with_books(texts, |books| {
        books.compared = Some((Count::default(), Box::new(compared(true))));
    });
    let closed = |reported| {
        let first = signed(&texts.person, Role::Clerk);
        let second = signed("mihon-no-kakari.kantoku-sha.2", Role::Supervisor);
        let shift = Shift {
            number: 12_345,
            from: 10,
            to: 99,
            terms: terms(),
            by: TwoPersons::new(first, second).expect("two persons"),
        };
        with_books(texts, |books| {
            books.closed = Some((Box::new(shift), reported));
        })
    };
    let asks = |errand| with_books(texts, |books| books.running = Some(errand));
    vec![
        at(Page::Shift, "shift-comparing", asks(Errand::Compare)),
        at(Page::Shift, "shift-closing", asks(Errand::Close)),
        at(Page::Shift, "shift-count", counted),
        at(Page::Shift, "shift-differs", differs),
        at(Page::Shift, "shift-comes-out", comes_out),
        Specimen {
            query: vec![("of".to_owned(), "tray".to_owned())],
            ..at(Page::Shift, "shift-of-tray", of_tray)
        },
        at(Page::Shift, "shift-closed", closed(true)),
        at(Page::Shift, "shift-unreported", closed(false)),
    ]
}

fn signed(person: &str, role: Role) -> Signed {
    Signed {
        person: person.to_owned(),
        role,
    }
}

fn refusal(code: Code, texts: &Texts) -> Box<Stop> {
    Box::new(Stop::plain(code).detailed(texts.detail.clone()))
}

/// What no field takes, whatever the text is.
fn typed(fields: &[Field], texts: &Texts) -> Typed {
    let text = format!("?{}", texts.find);
    Typed::of(fields, |_| &text)
}

fn wrong(fields: &[Field]) -> Vec<Wrong> {
    let wrong = |field: &Field| Wrong {
        field: *field,
        problem: if *field == Field::Serial {
            Problem::NoSerial
        } else {
            Problem::NotANumber
        },
    };
    fields.iter().map(wrong).collect()
}

/// A hopper of these, with cards in every place.
fn terms() -> Terms {
    Terms {
        loaded: 12_345,
        hopper: 10_000,
        machine: 1,
        exit: 1,
        tray: 30,
        bag: 30,
        delivered: 2_000,
        destroyed: 271,
        quarantined: 11,
        missing: 1,
        tests: 12,
        tests_destroyed: 12,
    }
}

fn piece(id: u32, texts: &Texts) -> Piece {
    let odd = id % 2 == 1;
    Piece {
        id: 12_000 + id,
        kind: if odd { Kind::Test } else { Kind::Card },
        serial: Some(texts.value.clone()),
        number: (!odd).then(|| "AB12345678CD".to_owned()),
        place: if odd { Place::Bag } else { Place::Tray },
    }
}

fn shown(texts: &Texts) -> Shown {
    let loaded = |supply| Loaded {
        supply,
        recorded: (supply != Supply::Blanks).then(|| Roll {
            serial: texts.value.clone(),
            lot: 999_999_999,
            expires: Some(date(2031, 12, 31)),
        }),
        left: Some(12_345),
        tag: Some(TagShown {
            serial: texts.value.clone(),
            lot: 999_999_999,
            capacity: 12_345,
            remaining: 12_345,
            expires: Some(date(2031, 12, 31)),
        }),
        code: (supply != Supply::Patches).then_some(Code::SupplyExpired),
    };
    let old = |n: u32| OldCard {
        job: format!("OFFICE-2026-{n:06}"),
        state: OldState::Punched,
    };
    Shown {
        shift: 12_345,
        blanks: terms(),
        supplies: Supply::ALL.map(loaded).to_vec(),
        printer: None,
        binned: (0..MANY).map(|id| piece(id, texts)).collect(),
        elsewhere: Vec::new(),
        ribbons: (0..MANY).map(|_| texts.value.clone()).collect(),
        old_cards: (0..MANY).map(old).collect(),
    }
}

/// A count of everything; nothing comes out, and the printer worked by itself, too.
fn compared(differs: bool) -> Reconciliation {
    let hands = [
        Item::Hopper,
        Item::Tray,
        Item::Bag,
        Item::Sets,
        Item::Patches,
        Item::Ribbons,
        Item::OldCards,
    ];
    let apart = if differs { 1_234 } else { 0 };
    let line = |item| Line {
        item,
        journal: 12_345,
        found: 12_345 - apart,
    };
    let counters = (0..21).map(|n| Item::Counter(format!("completed-overcoat-{n}")));
    let counters = counters.filter(|_| differs);
    let candidates = |place| Candidates {
        place,
        missing: 29,
        among: (0..MANY).map(|id| piece(id, &Texts::longest())).collect(),
    };
    let short = [Place::Tray, Place::Bag].into_iter().filter(|_| differs);
    Reconciliation {
        terms: terms(),
        lines: hands.into_iter().chain(counters).map(line).collect(),
        blanks: -apart,
        missing: Vec::new(),
        candidates: short.map(candidates).collect(),
        unexpected: Vec::new(),
    }
}
