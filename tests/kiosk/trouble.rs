//! What goes wrong at a counter: a jam, a browser left alone.

use super::counter::{Counter, clerk_at};
use crate::rig::{CLERK, Rig, last_four};

#[test]
fn a_jam_in_mid_card_is_taken_out_by_hand_and_the_card_made_again() {
    let fault = "[[fault]]\ncard = 1\nwhat = \"stuck-jam\"\nstep = \"c\"\n";
    let rig = Rig::with_faults(fault);
    rig.approve("1-landing", &[]);
    let counter = clerk_at(rig, "");
    counter.choose("2026-000001");
    counter.touch("#issue", "[data-page='stop'] #decide-by-hand");
    assert!(counter.browser.text("#stop").contains("P-JAM-HEAD"));
    counter.look("stop-jam");
    counter.browser.size(1080, 1920);
    counter.look("stop-jam-portrait");
    counter.browser.size(1280, 800);
    // The browser dies and comes back: the same question stands.
    counter.browser.reload();
    counter.browser.wait("#decide-by-hand");
    for act in ["open-cover", "remove-card", "close-cover"] {
        counter
            .rig
            .simulate(&format!("person --state printer-state {act}"));
    }
    counter.touch("#decide-by-hand", "#act-done");
    counter.look("take-out");
    let spoiled = counter.browser.text("#stop .number");
    counter.browser.type_in("#last", last_four(spoiled.trim()));
    counter.touch("#act-done", "[data-page='making'], [data-page='ready']");
    counter.browser.wait("[data-page='ready']");
    let number = counter.number();
    assert_ne!(number, spoiled.trim(), "another number");
    counter.touch("#hand-over", "#handed-over");
    counter.hand_over(&number, "[data-page='done']");

    let rig = counter.close();
    assert_eq!(rig.standing(&number), "live");
    rig.hold_the_laws();
}

#[test]
fn a_browser_left_alone_is_warned_then_locked_and_shows_no_holder() {
    let rig = Rig::stocked(4);
    rig.approve("1-landing", &[]);
    let counter = Counter::open(rig, "idle_lock_s = 30");
    counter.sign_in(CLERK, "[data-page='queue']");
    counter.choose("2026-000001");
    assert!(counter.browser.has("img.face"));
    counter.browser.wait("#stay");
    counter.look("idle-warning");
    counter.browser.wait("[data-page='locked']");
    assert!(!counter.browser.has("img.face") && !counter.browser.has(".name"));
    let shown = counter.browser.text("html");
    for canary in crate::rig::canaries() {
        assert!(!shown.contains(&canary), "a locked screen shows {canary}");
    }
    // The language is anybody's; the job is not.
    counter.look("locked");
    counter.browser.type_in("#pin", CLERK.1);
    counter.touch("#enter", "[data-page='job']");
    counter.close();
}
