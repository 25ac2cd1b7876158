//! What is heard beside what is seen: with a sound card that only counts, and a clock that is set on.

use serde_json::json;

use super::parts::Texts;
use super::{Gallery, html, specimens, viewer};
use crate::kiosk::words::Lang;

/// Counts the tones, and sets the page's clock on by `skip` milliseconds.
const EARS: &str = r"
window.tones = 0;
window.skip = 0;
window.AudioContext = class {
  createOscillator() {
    window.tones++;
    return { frequency: {}, connect: next => next, start() {}, stop() {} };
  }
  createGain() { return { gain: {}, connect: next => next }; }
};
const clock = performance.now.bind(performance);
performance.now = () => clock() + window.skip;
window.looks = 0;
setInterval(() => { window.looks++; }, 250);
document.body.dataset.sound = 'on';
";

/// Later, and after the page has looked at its clock again.
fn later(gallery: &Gallery, ms: u32) -> serde_json::Value {
    let script = format!("window.skip += {ms}; window.looks = 0;");
    gallery.browser.run(&script);
    gallery
        .browser
        .until("return window.looks > 2", &json!(true));
    gallery.browser.run("return window.tones")
}

#[test]
fn a_stop_is_heard_three_times_until_somebody_touches_the_screen() {
    let gallery = Gallery::open("sounds");
    let texts = Texts::longest();
    let stops = specimens::of_codes(&texts);
    let viewer = viewer(&stops[0], &texts, Lang::Ja, false);
    let brought = |index: usize| html(&stops[index], &viewer);
    gallery.show(brought(0), &[]);
    gallery.browser.run(EARS);
    assert_eq!(
        later(&gallery, 0),
        json!(0),
        "it was told before anybody listened"
    );
    assert_eq!(later(&gallery, 11_000), json!(3), "three tones a time");
    assert_eq!(later(&gallery, 5_000), json!(3), "too early");
    assert_eq!(later(&gallery, 6_000), json!(6));
    assert_eq!(later(&gallery, 60_000), json!(6), "three times at most");
    gallery.show(brought(1), &[]);
    gallery.browser.run(EARS);
    gallery
        .browser
        .run("dispatchEvent(new PointerEvent('pointerdown'))");
    assert_eq!(later(&gallery, 60_000), json!(0), "somebody is there");
    assert_eq!(gallery.browser.violations(), "");
}
