//! The clerk's cards in a browser: with and without an old card, few touches, one effect of each.

use super::counter::{Counter, clerk_at};
use crate::rig::{CLERK, Rig, last_four};

/// How often an event of this kind, at this step if one is named, stands in the journal.
fn count(rig: &Rig, kind: &str, step: Option<&str>) -> usize {
    let journal = rig.journal();
    let events = journal.iter().map(|record| &record["what"]["issuance"]);
    events
        .filter(|event| event["event"] == kind && step.is_none_or(|step| event["step"] == step))
        .count()
}

#[test]
fn a_first_card_takes_few_touches_and_every_screen_is_sound() {
    let rig = Rig::stocked(4);
    rig.approve("1-landing", &[]);
    let counter = Counter::open(rig, "");
    counter.goto("/");
    counter.look("sign-in");
    counter.sign_in(CLERK, "#job-2026-000001");
    counter.look("queue");
    counter.goto("/help");
    counter.look("help");
    counter.goto("/queue");
    counter.choose("2026-000001");
    counter.look("job");
    counter.browser.size(1080, 1920);
    counter.look("job-portrait");
    counter.browser.size(1280, 800);
    counter.touch("#issue", "[data-page='ready']");
    assert!(counter.touches() <= 3, "queue to issue in three touches");
    counter.look("ready");
    let number = counter.number();
    counter.touch("#hand-over", "#handed-over");
    counter.look("hand-over");
    counter.hand_over(&number, "[data-page='done']");
    counter.look("done");
    counter.touch("#next", "[data-page='queue']");
    assert!(counter.touches() <= 6, "the whole card in nine touches");
    counter.look("queue-empty");

    let rig = counter.close();
    assert_eq!(rig.standing(&number), "live");
    assert_eq!(count(&rig, "granted", None), 1);
    rig.hold_the_laws();
}

#[test]
fn an_old_card_is_placed_collected_and_punched() {
    let rig = Rig::experienced();
    let old = rig.old_cards();
    rig.approve_extension("2026-000011", &old[0].number());
    rig.lay(&old[0].folder);
    let counter = clerk_at(rig, "");
    counter.choose("2026-000011");
    counter.touch("#issue", "#placed, [data-page='ready']");
    if counter.browser.has("#placed") {
        counter.look("old-card-place");
        counter.touch("#placed", "[data-page='ready']");
    }
    let number = counter.number();
    counter.touch("#hand-over", "#placed, #collected");
    if counter.browser.has("#placed") {
        counter.touch("#placed", "#collected");
    }
    counter.look("old-card-collect");
    counter.touch("#collected", "#handed-over");
    counter.hand_over(&number, "#punched");
    counter.look("punch");
    counter
        .browser
        .type_in("#last", last_four(&old[0].number()));
    counter.touch("#punched", "[data-page='done']");

    let rig = counter.close();
    assert_eq!(rig.standing(&old[0].number()), "void");
    assert_eq!(rig.standing(&number), "live");
    rig.hold_the_laws();
}

/// Posts the open form of a button again, as it stands; the answers.
const TWICE: &str = "const form = document.querySelector('#issue').form; \
    const post = () => fetch(form.action, { method: 'POST', redirect: 'manual', \
    body: new URLSearchParams(new FormData(form)) }).then(answer => answer.status); \
    Promise.all([post(), post(), post()]).then(done, cause => done(String(cause)));";

#[test]
fn two_tabs_and_a_hasty_finger_make_one_card() {
    let rig = Rig::stocked(4);
    rig.approve("1-landing", &[]);
    let counter = clerk_at(rig, "");
    counter.choose("2026-000001");
    let tabs = counter.browser.second_tab();
    counter.browser.switch(&tabs.1);
    counter.goto("/");
    counter.browser.wait("#issue:not([aria-disabled])");
    let answers = counter.browser.run_async(TWICE);
    let stale = |answer: &&serde_json::Value| **answer == 409;
    let answers = answers.as_array().expect("answers").clone();
    assert_eq!(answers.iter().filter(stale).count(), 2, "{answers:?}");
    // The other tab was told, and may do nothing that was open before.
    counter.browser.switch(&tabs.0);
    counter.browser.wait("[data-page='ready']");
    let number = counter.number();
    // What this page offered before is refused when it is pressed now.
    counter
        .browser
        .run("document.querySelector('#hand-over').form.elements.turn.value = '0'");
    counter.touch("#hand-over", ".banner[role='alert']");
    counter.look("stale");
    counter.touch("#hand-over", "#handed-over");
    // A hasty finger: both clicks in one breath.
    counter.browser.type_in("#last", last_four(&number));
    counter
        .browser
        .run("const b = document.querySelector('#handed-over'); b.click(); b.click();");
    counter.touch("#handed-over", "[data-page='done']");

    let rig = counter.close();
    assert_eq!(count(&rig, "granted", None), 1);
    assert_eq!(count(&rig, "began", Some("feed")), 1);
    assert_eq!(count(&rig, "began", Some("release")), 1);
    rig.hold_the_laws();
}
