//! What somebody who had never seen the screens stumbled over, and how it is told now.

use super::*;
use crate::fault::Hands;
use crate::issuance::{ChipState, Decision, FaceState, Place, Seen, Spot, Standing};
use crate::station::agenda::OpenJob;
use crate::station::request::Open;
use crate::station::view::{Phase, PhaseState};

fn english(state: &State) -> String {
    shown(state, &viewer(Lang::En, Some(Role::Clerk)))
}

/// A stop in mid-card with these spots seen, at which a card may be gone on with or be in a hand.
fn stopped(code: Code, spots: Vec<Spot>) -> String {
    let mut stop = Stop::plain(code);
    stop.decisions = [Decision::Continue, Decision::ByHand]
        .map(|decision| Open {
            decision,
            hands: Hands::Counter,
        })
        .to_vec();
    stop.standing = Some(Box::new(Standing {
        place: Place::Inside,
        seen: Some(Seen {
            spots,
            cover_open: false,
        }),
        chip: ChipState::Locked,
        face: FaceState::Bare,
    }));
    english(&state(Stage::Asked(
        Doing::Making,
        Question::Decide(Box::new(stop)),
    )))
}

#[test]
fn the_queue_does_not_say_that_cards_can_be_made_while_the_authority_is_away() {
    let mut away = state(Stage::Idle);
    assert!(english(&away).contains("Cards can be issued"));
    away.agenda.unheard = Some(Code::Offline);
    let html = english(&away);
    assert!(html.contains("No card can be begun now") && !html.contains("Cards can be issued"));
}

#[test]
fn a_card_that_no_sensor_sees_is_first_of_all_in_a_hand() {
    let main = |html: &str| {
        let at = html.find("class=\"main\"").expect("a main act");
        html[at..].starts_with("class=\"main\" id=\"decide-by-hand\"")
    };
    assert!(main(&stopped(Code::JamFlip, Vec::new())));
    assert!(!main(&stopped(Code::JamFlip, vec![Spot::Head])));
}

#[test]
fn a_stop_that_was_asked_for_gives_nothing_up_by_its_main_act_and_supplies_are_a_touch_away() {
    let asked_for = stopped(Code::Cancelled, vec![Spot::Head]);
    assert_eq!(asked_for.matches("class=\"main\"").count(), 0);
    assert!(asked_for.contains("go on from the next screen"));
    assert!(stopped(Code::RibbonOut, vec![Spot::Head]).contains("record supplies"));
    assert!(!stopped(Code::JamFlip, vec![Spot::Head]).contains("record supplies"));
}

#[test]
fn the_card_stands_under_the_head_while_its_front_is_printed() {
    let at = |name| {
        let mut making = state(Stage::Busy(Doing::Making));
        making.snapshot.phases = vec![Phase {
            name,
            japanese: "",
            english: "",
            planned_ms: 2_000,
            deadline_ms: 20_000,
            began_ms: Some(0),
            state: PhaseState::Underway,
        }];
        english(&making)
    };
    let (head, flipper) = (
        "rect class=\"card\" x=\"366\"",
        "rect class=\"card\" x=\"526\"",
    );
    assert!(at("front_cyan").contains(head));
    assert!(at("flip").contains(flipper));
}

#[test]
fn an_old_card_that_was_waived_is_not_announced_at_the_finished_card() {
    let finished = |old_due| {
        let mut ready = state(Stage::Produced {
            number: number(),
            elapsed_ms: None,
        });
        ready.agenda.open = Some(OpenJob {
            job: None,
            number: None,
            far: Far::Produced,
            old_due,
        });
        english(&ready).contains("Next, the old card")
    };
    assert!(finished(true) && !finished(false));
}

#[test]
fn a_card_without_a_photo_is_handed_over_by_name_and_date_of_birth() {
    let mut handing = state(Stage::Asked(
        Doing::HandingOver,
        Question::Act(Act::HandOver(number())),
    ));
    let mut child = job();
    let sheet = &mut Arc::get_mut(&mut child).expect("the only one").sheet;
    let born = Item {
        name: "birth",
        japanese: "生年月日",
        english: "Date of birth",
        value: Zeroizing::new("2018年05月10日".to_owned()),
    };
    sheet.items.push(born);
    handing.job = Some(child);
    let html = english(&handing);
    assert!(html.contains("Make sure who the holder is") && html.contains("2018年05月10日"));
    assert!(!html.contains("Compare the holder"));
}

#[test]
fn while_a_technicians_order_runs_no_other_can_be_chosen() {
    let disabled = |running| {
        let mut idle = state(Stage::Idle);
        idle.tech.order = Some("sensors");
        idle.tech.running = running;
        let technician = viewer(Lang::En, Some(Role::Technician));
        let html = page_of(Page::Tech, &idle, &technician);
        html.matches("aria-disabled=\"true\"").count()
    };
    assert_eq!(disabled(false), 0);
    assert_eq!(disabled(true), 20, "all but the one that ends it");
}
