//! Chips that are not what they should be: each is found before the card could pass, by the chip's
//! own word or by what was read back.

use std::fs;

use crate::rig::{Rig, last_four};

const JOB: &str = "2026-000001";

/// The first blank is what these arguments of the simulator make of it; one job waits.
fn with(arguments: &str) -> Rig {
    let rig = Rig::with_first_blank(arguments);
    rig.approve("1-landing", &[]);
    rig
}

/// The first blank is spoiled and killed by itself, with this code on record; the second becomes
/// the card.
fn spoils_the_first(rig: &Rig, code: &str) {
    let produced = rig.issue(JOB).reached();
    assert_eq!(produced.result()["attempt"], 2);
    rig.hand_over(&produced.number()).reached();
    assert_eq!(rig.on_record(), [code]);
    let made = rig.made();
    assert_eq!(made.len(), 2);
    assert!(made[0].fate() == "rejected" && made[0].is_dead(), "{code}");
    rig.hold_the_laws();
}

#[test]
fn a_chip_whose_memory_ends_is_torn_and_spoiled() {
    spoils_the_first(&with("--flaw refuses-store"), "C-WRITE-TORN");
}

#[test]
fn a_chip_that_stores_something_else_is_found_by_reading_back() {
    spoils_the_first(&with("--flaw turns-bits"), "C-VERIFY-FAIL");
}

#[test]
fn a_chip_that_only_says_that_it_is_locked_is_found() {
    spoils_the_first(&with("--flaw stays-open"), "C-NOT-LOCKED");
}

#[test]
fn a_blank_with_other_transport_keys_is_tried_once() {
    let rig = with("--transport-master 00112233445566778899AABBCCDDEEFF");
    rig.issue(JOB).stopped("C-KEYS-REFUSED");
    let said = rig.clerk("recover --decide cancel");
    assert_eq!(said.fault(), "", "{}", said.err);
    let number = rig.issue(JOB).reached().number();
    rig.hand_over(&number).reached();
    let made = rig.made();
    assert_eq!(made.len(), 2);
    assert!(made[0].fate() == "rejected" && made[0].is_untouched());
    rig.hold_the_laws();
}

#[test]
fn a_blank_that_nobody_delivered_gets_no_keys() {
    let rig = Rig::fresh();
    rig.approve("1-landing", &[]);
    // It lies in front of all others: somebody put it there.
    rig.switch_off();
    let serial = rig.lay_blank("--first-serial 52433100000200000001");
    assert_eq!(serial.trim(), "52433100000200000001");
    let hopper = rig.path("printer-state/hopper");
    fs::rename(hopper.join("0007"), hopper.join("0000")).expect("the seventh");
    rig.switch_on("");
    rig.issue(JOB).stopped("C-NOT-OF-STOCK");
    let number = rig.issue(JOB).reached().number();
    rig.hand_over(&number).reached();
    let made = rig.made();
    assert_eq!(made.len(), 2);
    assert!(made[0].fate() == "rejected" && made[0].is_untouched());
    rig.hold_the_laws();
}

#[test]
fn a_card_from_the_tray_is_no_blank() {
    let rig = Rig::with_faults("[[fault]]\ncard = 1\nwhat = \"blank-face\"\n");
    rig.approve("1-landing", &[]);
    let number = rig.issue(JOB).reached().number();
    rig.hand_over(&number).reached();
    // The spoiled card goes back into the hopper, in front.
    rig.switch_off();
    let tray = &rig.old_cards()[0].folder;
    let hopper = rig.path("printer-state/hopper/0001");
    fs::create_dir(&hopper).expect("an empty place");
    fs::rename(tray.join("chip.json"), hopper.join("chip.json")).expect("moved");
    fs::remove_dir_all(tray).expect("ours");
    rig.switch_on("");

    let second = rig.job();
    let produced = rig.issue(&second).reached();
    assert_eq!(
        produced.result()["attempt"],
        1,
        "nothing of ours is spoiled"
    );
    assert!(rig.on_record().contains(&"C-NOT-BLANK".to_owned()));
    rig.hand_over(&produced.number()).reached();
    let fates: Vec<_> = rig.made().iter().map(|card| card.fate()).collect();
    assert_eq!(fates, ["rejected", "taken", "taken"]);
    rig.hold_the_laws();
}

/// Somebody swaps cards in the open machine: another live card arrives at the check station.
#[test]
fn another_chip_at_the_check_never_reaches_the_slot() {
    let rig = Rig::fresh();
    rig.approve("1-landing", &[]);
    let first = rig.issue(JOB).reached().number();
    rig.hand_over(&first).reached();
    rig.switch_off();
    let delivered = rig.old_cards()[0].folder.join("chip.json");
    rig.switch_on("");

    let second = rig.job();
    rig.stopped_at(&second, "began {\"print\":\"y\"}");
    fs::copy(delivered, rig.path("printer-state/inside/chip.json")).expect("swapped");
    let stop = rig.recover();
    assert!(rig.on_record().contains(&"C-OTHER-CHIP".to_owned()));
    let four = last_four(&stop.number()).to_owned();
    rig.person("remove-card");
    rig.two(&format!("recover --decide by-hand --last-four {four}"));
    let produced = rig.recover().reached();
    rig.hand_over(&produced.number()).reached();
    assert_eq!(rig.standing(&stop.number()), "burned");
    let made = rig.made();
    assert_eq!(made.iter().filter(|card| card.taken()).count(), 2);
}
