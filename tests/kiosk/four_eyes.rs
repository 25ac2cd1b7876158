//! Four eyes in a browser: an old card that the holder does not have is waived by two persons,
//! and never by the same one twice.

use super::counter::clerk_at;
use crate::rig::{CLERK, Rig, SUPERVISOR};

#[test]
fn a_waiver_takes_another_person_and_the_same_one_twice_is_refused() {
    let rig = Rig::experienced();
    let old = rig.old_cards();
    rig.approve_extension("2026-000011", &old[0].number());
    let counter = clerk_at(rig, "");
    let browser = &counter.browser;
    counter.choose("2026-000011");
    counter.touch("#issue", "#not-placed");
    counter.touch("#not-placed", "[data-page='stop'] #decide-continue");
    counter.look("stop-no-old-card");
    while !browser.has("#decide-lost-since:not([hidden] *)") {
        let shown = browser.text("#choices-turn");
        browser.touch("#choices-turn");
        assert_ne!(browser.text("#choices-turn"), shown, "the others are shown");
    }
    counter.touch("#decide-lost-since", "[data-page='approve']");
    counter.look("approve");
    let offered = browser.text("#seconds");
    assert!(
        offered.contains(SUPERVISOR.0) && !offered.contains(CLERK.0),
        "{offered}"
    );
    // The asker's own name and PIN, put into the form by hand.
    browser.run(&format!(
        "document.querySelector('#second-{}').value = {:?}",
        SUPERVISOR.0, CLERK.0
    ));
    browser.type_in("#pin", CLERK.1);
    counter.touch("#agree", "#approve .bad[role='alert']");
    // A second person reads the same text, and agrees.
    browser.wait(&format!("#second-{}:checked", SUPERVISOR.0));
    browser.type_in("#pin", SUPERVISOR.1);
    counter.touch("#agree", "[data-page='making'], [data-page='ready']");
    browser.wait("[data-page='ready']");
    let number = counter.number();
    counter.touch("#hand-over", "#handed-over");
    counter.hand_over(&number, "[data-page='done']");

    let rig = counter.close();
    let decided = rig.events("decided", None);
    assert_eq!(decided.len(), 1, "{decided:?}");
    let by = decided[0].to_string();
    assert!(by.contains(CLERK.0) && by.contains(SUPERVISOR.0), "{by}");
    assert_eq!(rig.standing(&number), "live");
    rig.hold_the_laws();
}
