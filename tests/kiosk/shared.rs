//! One counter, several windows: two tabs, two browsers, a hasty finger, the way back, another
//! language in mid-card, the screens' program gone and back. One effect of each act.

use super::counter::clerk_at;
use crate::rig::{Rig, SUPERVISOR, last_four};

/// Posts the open form of a button again, as it stands; the answers.
const THRICE: &str = "const form = document.querySelector('#issue').form; \
    const post = () => fetch(form.action, { method: 'POST', redirect: 'manual', \
    body: new URLSearchParams(new FormData(form)) }).then(answer => answer.status); \
    Promise.all([post(), post(), post()]).then(done, cause => done(String(cause)));";

#[test]
fn two_tabs_two_browsers_and_a_hasty_finger_make_one_card() {
    let rig = Rig::stocked(4);
    rig.approve("1-landing", &[]);
    let counter = clerk_at(rig, "");
    let browser = &counter.browser;
    counter.choose("2026-000001");
    let first = browser.tab();
    let second = browser.new_tab();
    counter.goto("/");
    browser.wait("#issue:not([aria-disabled])");
    let other = counter.another(SUPERVISOR, "#issue");
    let answers = browser.run_async(THRICE);
    let stale = |answer: &&serde_json::Value| **answer == 409;
    let answers = answers.as_array().expect("answers").clone();
    assert_eq!(answers.iter().filter(stale).count(), 2, "{answers:?}");
    // The other tab and the other browser were told, and show the same card.
    browser.switch(&first);
    browser.wait("[data-page='ready']");
    other.wait("[data-page='ready']");
    let number = counter.number();
    assert_eq!(other.text("#card .number").trim(), number);
    // What this page offered before is refused when it is pressed now.
    browser.run("document.querySelector('#hand-over').form.elements.turn.value = '0'");
    counter.touch("#hand-over", ".banner[role='alert']");
    counter.look("stale");
    // The other browser goes on, and this one follows without being touched.
    other.press("#hand-over", "#handed-over");
    browser.wait("#handed-over");
    // The way back leads to where the card is, and never to an act of before.
    browser.back();
    browser.wait("#handed-over");
    // A hasty finger: both clicks in one breath.
    browser.type_in("#last", last_four(&number));
    browser.run("const b = document.querySelector('#handed-over'); b.click(); b.click();");
    counter.touch("#handed-over", "[data-page='done']");
    other.wait("[data-page='done']");
    browser.switch(&second);
    browser.wait("[data-page='done']");
    browser.switch(&first);

    drop(other);
    let rig = counter.close();
    assert_eq!(rig.events("granted", None).len(), 1);
    assert_eq!(rig.events("began", Some("feed")).len(), 1);
    assert_eq!(rig.events("began", Some("release")).len(), 1);
    rig.hold_the_laws();
}

#[test]
fn a_card_survives_reloads_in_every_phase_and_a_change_of_language_and_type() {
    let rig = Rig::stocked(4);
    rig.approve("1-landing", &[]);
    rig.switch_off();
    // Slow enough for a person to look at a card in the making.
    rig.switch_on_at("", "5");
    let counter = clerk_at(rig, "");
    let browser = &counter.browser;
    counter.choose("2026-000001");
    counter.touch("#issue", "[data-page='making'] .stations .now");
    let number = counter.number();
    counter.look("making");
    counter.touch(
        "#lang[value='en']",
        "html[lang='en'] #app[data-page='making']",
    );
    counter.touch("#large[value='on']", "html.large #app[data-page='making']");
    for done in 2..=5 {
        let done = format!(".stations .done:nth-child({done})");
        browser.wait(&format!("{done}, [data-page='ready']"));
        browser.reload();
        browser.wait(&format!("[data-page='making'] {done}, [data-page='ready']"));
        assert_eq!(counter.number(), number);
    }
    browser.wait("html.large[lang='en'] [data-page='ready']");
    assert_eq!(counter.number(), number);

    // The screens' program goes away: the page says so, and nothing can be pressed.
    counter.stop();
    browser.wait("#lost:not([hidden])");
    assert_eq!(
        browser.run("return document.querySelector('#app').inert"),
        true
    );
    // It is back, and the page with it; nobody touches anything. Who was there is asked again.
    counter.start();
    browser.wait("body:has(#lost[hidden]) [data-page='sign-in']:not([inert]) #pin:focus");
    counter.sign_in(crate::rig::CLERK, "[data-page='stop'] #resume");
    counter.touch("#resume", "#hand-over");
    assert_eq!(counter.number(), number);
    counter.touch("#hand-over", "#handed-over");
    counter.hand_over(&number, "[data-page='done']");

    let rig = counter.close();
    assert_eq!(rig.events("granted", None).len(), 1);
    rig.hold_the_laws();
}
