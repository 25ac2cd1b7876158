//! A technician's run in a browser: looks, tests, a test card, the history, the times, a bundle;
//! and away from it all while a job is open.

use super::counter::Counter;
use crate::rig::{CLERK, Rig, TECHNICIAN, canaries};

const REPORT: &str = "#result [role='status'] h2";

/// Gives an order and waits until its report is there.
#[track_caller]
fn order(counter: &Counter, name: &str) {
    let button = format!("#order-{name}");
    let told = format!("{button}[aria-current]");
    counter.touch(&button, &told);
    counter
        .browser
        .wait(&format!("#app:has({told}):not(:has(#tech-halt)) {REPORT}"));
}

#[test]
fn a_technician_looks_tests_and_takes_a_bundle_away() {
    let rig = Rig::experienced();
    rig.approve("3-reissue-lost", &[]);
    let counter = Counter::open(rig, "");
    counter.sign_in(TECHNICIAN, "[data-page='tech']");
    // Watched until stopped; the values are alive.
    counter.touch("#order-sensors", "#tech-halt");
    counter.browser.wait("#result .readings .gauge");
    counter.look("tech-sensors");
    counter.touch(
        "#tech-halt",
        &format!("#app:not(:has(#tech-halt)) {REPORT}"),
    );
    for name in ["counters", "supplies", "identity", "timing", "late", "log"] {
        order(&counter, name);
        counter.look(&format!("tech-{name}"));
    }
    order(&counter, "self-test");
    order(&counter, "test-card");
    counter.look("tech-test-card");
    order(&counter, "history");
    counter.look("tech-history");
    counter.touch("#filter", "#by-outcome");
    order(&counter, "bundle");
    counter.look("tech-bundle");
    let size = counter.browser.run_async(
        "fetch('/tech/bundle.tar').then(answer => answer.ok ? answer.arrayBuffer() : null)\
         .then(bytes => done(bytes ? bytes.byteLength : 0), () => done(-1));",
    );
    assert!(size.as_u64().is_some_and(|size| size > 2000), "{size}");
    let shown = counter.browser.text("html");
    for canary in canaries() {
        assert!(!shown.contains(&canary), "a technician sees {canary}");
    }
    // A clerk opens a job: nothing of it is for a technician.
    counter.touch("#sign-out", "[data-page='sign-in']");
    counter.sign_in(CLERK, "[data-page='queue']");
    counter.choose("2026-000003");
    counter.touch("#sign-out", "[data-page='sign-in']");
    counter.sign_in(TECHNICIAN, "[data-page='away']");
    counter.look("tech-away");
    counter.close();
}
