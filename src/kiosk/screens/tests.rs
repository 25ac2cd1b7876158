//! Every screen in both languages without a browser: what it says, one filled button, every word
//! from the catalogue, what a holder wrote is text and nothing else.

use super::*;
use crate::fault::Code;
use crate::kiosk::faces::Faces;
use crate::kiosk::state::{Checks, End, JobView, Turn};
use crate::product::{CardNumber, Ground, OldCardRule};
use crate::station::agenda::{Agenda, Far, Item, Sheet, Waiting};
use crate::station::request::Stop;
use std::sync::Arc;
use zeroize::Zeroizing;

mod material;
mod walked;

const PAYLOAD: &str = "<script>pwn=1</script>\"'><img src=x onerror=pwn=1>";

fn number() -> CardNumber {
    CardNumber::parse("AB12345678CD").expect("a number")
}

fn job() -> Arc<JobView> {
    let item = |name, value: &str| Item {
        name,
        japanese: "氏名",
        english: "Name",
        value: Zeroizing::new(value.to_owned()),
    };
    let date = jiff::civil::date(2026, 11, 23);
    Arc::new(JobView {
        sheet: Sheet {
            job: "TYO-2026-000123".to_owned(),
            reception: "2026-000123".to_owned(),
            attempt: 2,
            number: number(),
            ground: Ground::Extension,
            old_card: OldCardRule::Return,
            old_number: Some(number()),
            fee_yen: Some(1600),
            delivery: date,
            valid_through: date,
            items: vec![item("name", PAYLOAD), item("address", PAYLOAD)],
            photo: None,
        },
        faces: Faces::default(),
    })
}

fn state(stage: Stage) -> State {
    let mut state = State::new(Turn("0123".to_owned()));
    let waiting = (0..7).map(|n| Waiting {
        job: format!("TYO-2026-00012{n}"),
        reception: format!("2026-00012{n}"),
        ground: Ground::Landing,
        old_card: OldCardRule::NotRequired,
        since: Timestamp::UNIX_EPOCH,
        attempt: 1,
    });
    state.agenda = Agenda {
        waiting: waiting.collect(),
        ..Agenda::default()
    };
    state.job = Some(job());
    state.stage = stage;
    state
}

fn stages() -> Vec<Stage> {
    let stop = Box::new(Stop::plain(Code::RibbonOut));
    let checks = Checks {
        ready: false,
        list: Vec::new(),
        stop: Some(stop.clone()),
    };
    let act = |act| Stage::Asked(Doing::HandingOver, Question::Act(act));
    vec![
        Stage::Starting,
        Stage::Out(stop.clone()),
        Stage::Idle,
        Stage::Opening,
        Stage::Review(None),
        Stage::Review(Some(checks)),
        Stage::Busy(Doing::Making),
        Stage::Busy(Doing::HandingOver),
        act(Act::PlaceOld(number())),
        act(Act::CollectOld(number())),
        act(Act::HandOver(number())),
        act(Act::Punch(number())),
        act(Act::Withdraw(number())),
        Stage::Asked(Doing::Making, Question::Decide(stop.clone())),
        Stage::Produced {
            number: number(),
            elapsed_ms: Some(36_900),
        },
        Stage::Waiting(Far::Interrupted),
        Stage::Waiting(Far::Produced),
        Stage::Stopped(stop, Doing::Making),
        Stage::Ended(End::Delivered {
            job: "TYO-2026-000123".to_owned(),
            number: number(),
        }),
        Stage::Ended(End::Returned),
    ]
}

fn viewer(lang: Lang, role: Option<Role>) -> Viewer {
    Viewer {
        person: role.map(|role| Signed {
            person: "a.mihon".to_owned(),
            role,
        }),
        ..Viewer::nobody(lang)
    }
}

/// The page that the state wants.
fn shown(state: &State, viewer: &Viewer) -> String {
    page_of(Page::home(state, viewer), state, viewer)
}

fn page_of(wanted: Page, state: &State, viewer: &Viewer) -> String {
    let counter = Counter {
        station: "TYO-W3".to_owned(),
        office: "見本".to_owned(),
    };
    let view = View {
        state,
        viewer,
        counter: &counter,
        now: Timestamp::UNIX_EPOCH,
    };
    page(&screen(wanted, &view), &view).into_string()
}

#[test]
fn every_screen_says_something_in_both_languages_and_nothing_of_the_catalogue_is_missing() {
    for lang in Lang::ALL {
        for stage in stages() {
            let html = shown(&state(stage.clone()), &viewer(lang, Some(Role::Clerk)));
            assert!(html.contains(&format!("<html lang=\"{}\"", lang.tag())));
            assert!(!html.contains("Unknown localization"), "{stage:?}: {html}");
            assert_eq!(html.matches("<h1").count(), 1, "{stage:?}: one title");
        }
    }
}

#[test]
fn a_screen_has_one_filled_button_at_most() {
    for stage in stages() {
        let html = shown(&state(stage.clone()), &viewer(Lang::Ja, Some(Role::Clerk)));
        assert!(html.matches("class=\"main\"").count() <= 1, "{stage:?}");
    }
}

#[test]
fn what_a_holder_wrote_is_text_and_nothing_else() {
    for stage in stages() {
        let html = shown(&state(stage.clone()), &viewer(Lang::En, Some(Role::Clerk)));
        assert!(
            !html.contains("<script>pwn") && !html.contains("<img src=x"),
            "{stage:?}"
        );
    }
    let review = shown(
        &state(Stage::Review(None)),
        &viewer(Lang::En, Some(Role::Clerk)),
    );
    assert!(review.contains("&lt;script&gt;pwn"), "it is shown");
}

#[test]
fn a_technician_a_locked_screen_and_the_queue_show_nothing_of_a_holder() {
    for stage in stages() {
        let of_technician = shown(
            &state(stage.clone()),
            &viewer(Lang::Ja, Some(Role::Technician)),
        );
        let mut locked = viewer(Lang::Ja, Some(Role::Clerk));
        locked.idle = Idle::Locked;
        for html in [of_technician, shown(&state(stage.clone()), &locked)] {
            assert!(
                !html.contains("pwn") && !html.contains("/face/"),
                "{stage:?}"
            );
        }
    }
    let queue = shown(&state(Stage::Idle), &viewer(Lang::Ja, Some(Role::Clerk)));
    assert!(!queue.contains("pwn") && queue.contains("2026-000120"));
}

#[test]
fn every_fault_fills_the_same_fields_in_both_languages() {
    for code in Code::ALL.iter().copied() {
        for lang in Lang::ALL {
            let mut stop = Stop::plain(code);
            stop.number = Some(number());
            let stage = Stage::Asked(Doing::Making, Question::Decide(Box::new(stop.clone())));
            let html = shown(&state(stage), &viewer(lang, Some(Role::Clerk)));
            let notice = stop.notice();
            assert!(html.contains(lang.of(&notice.what)), "{code}");
            assert!(html.contains(code.name()), "{code}");
            assert!(html.matches("<li>").count() >= notice.todo.len(), "{code}");
        }
    }
}

#[test]
fn the_queue_shows_five_rows_and_finds_by_reception_number() {
    let mut clerk = viewer(Lang::En, Some(Role::Clerk));
    let rows = |clerk: &Viewer| {
        shown(&state(Stage::Idle), clerk)
            .matches("action=\"/queue/open\"")
            .count()
    };
    assert_eq!(rows(&clerk), 5);
    clerk.query = vec![("page".into(), "2".into())];
    assert_eq!(rows(&clerk), 2);
    clerk.query = vec![("find".into(), "000123".into())];
    assert_eq!(rows(&clerk), 1);
    clerk.query = vec![("find".into(), PAYLOAD.into())];
    assert!(!shown(&state(Stage::Idle), &clerk).contains("<script>pwn"));
}
