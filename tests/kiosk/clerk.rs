//! The clerk's cards in a browser: with and without an old card, by touch and by keyboard, few
//! touches, one effect of each.

use super::counter::{Counter, clerk_at};
use crate::rig::{CLERK, Rig, last_four};

/// Keys, as the protocol of drivers names them.
const TAB: char = '\u{e004}';
const F5: char = '\u{e035}';
const F12: char = '\u{e03c}';

#[test]
fn a_card_by_touch_and_one_by_keyboard_and_every_screen_is_sound() {
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
    counter
        .rig
        .approve("1-landing", &[("2026-000001", "2026-000021")]);
    let second = by_keyboard(&counter);

    let rig = counter.close();
    assert_eq!(rig.events("granted", None).len(), 2);
    assert_eq!(rig.standing(&number), "live");
    assert_eq!(rig.standing(&second), "live");
    rig.hold_the_laws();
}

/// Signs out, and makes the next card without touching the glass; gives its number.
fn by_keyboard(counter: &Counter) -> String {
    let browser = &counter.browser;
    counter.touch("#sign-out", "[data-page='sign-in']");
    browser.wait("#pin:focus");
    for digit in CLERK.1.chars() {
        browser.strike(digit);
    }
    browser.key(F12, "#job-2026-000021");
    focus_is_seen_at_every_stop(counter);
    browser.key(F5, "[data-page='job'], [data-page='preparing']");
    browser.wait("#issue:not([aria-disabled])");
    focus_is_seen_at_every_stop(counter);
    browser.key(F12, "[data-page='making'], [data-page='ready']");
    browser.wait("[data-page='ready']");
    let number = counter.number();
    browser.key(F12, "[data-page='hand-over']");
    browser.wait("#last:focus");
    focus_is_seen_at_every_stop(counter);
    browser.run("document.querySelector('#last').focus()");
    for letter in last_four(&number).chars() {
        browser.strike(letter);
    }
    browser.key(F12, "[data-page='done']");
    browser.key(F12, "[data-page='queue']");
    number
}

/// The element that has the focus, if its outline shows and nothing covers it.
const FOCUSED: &str = "const e = document.activeElement, b = e.getBoundingClientRect(); \
    const m = document.querySelector('main').getBoundingClientRect(); \
    const seen = parseFloat(getComputedStyle(e).outlineWidth) >= 2 || e.tagName === 'BODY'; \
    const free = !e.closest('main') || (b.bottom <= m.bottom + 1 && b.top >= m.top - 1); \
    return [e.id || e.tagName, seen, free];";

/// Goes once around the page with the tabulator.
fn focus_is_seen_at_every_stop(counter: &Counter) {
    let mut first = None;
    for _ in 0..60 {
        counter.browser.strike(TAB);
        let told = counter.browser.run(FOCUSED);
        assert_eq!((&told[1], &told[2]), (&true.into(), &true.into()), "{told}");
        if first.as_ref() == Some(&told[0]) {
            return;
        }
        first.get_or_insert_with(|| told[0].clone());
    }
    panic!("the tabulator never came back to {first:?}");
}

#[test]
fn an_old_card_is_placed_compared_collected_and_punched() {
    let rig = Rig::experienced();
    let old = rig.old_cards();
    rig.approve_extension("2026-000011", &old[0].number());
    rig.lay(&old[0].folder);
    let counter = clerk_at(rig, "");
    counter.choose("2026-000011");
    counter.touch("#issue", "#placed");
    counter.look("old-card-place");
    // Nothing was read yet.
    pictures(&counter, 0);
    counter.touch("#placed", "[data-page='ready']");
    let number = counter.number();
    counter.touch("#hand-over", "#placed");
    counter.touch("#placed", "#collected");
    // Front and photo out of the old chip, and the new card's photo beside them.
    pictures(&counter, 3);
    counter.look("old-card-collect");
    let address = counter
        .browser
        .run("return document.querySelector('.old-photo img').src");
    counter.touch("#collected", "#handed-over");
    counter.hand_over(&number, "#punched");
    counter.look("punch");
    let number_of_old = old[0].number();
    counter.browser.type_in("#last", last_four(&number_of_old));
    counter.touch("#punched", "[data-page='done']");
    // The job is over, and with it the pictures.
    let fetched = format!("fetch({address}).then(answer => done(answer.status), () => done(0));");
    assert_eq!(counter.browser.run_async(&fetched), 404);

    let rig = counter.close();
    assert_eq!(rig.standing(&old[0].number()), "void");
    assert_eq!(rig.standing(&number), "live");
    rig.hold_the_laws();
}

/// Waits until so many pictures of the old-card screen have their dots.
#[track_caller]
fn pictures(counter: &Counter, count: u64) {
    let loaded = "const all = [...document.querySelectorAll('.sighted img')]; \
        return all.filter(i => i.complete && i.naturalWidth > 50).length";
    counter.browser.until(loaded, &count.into());
}
