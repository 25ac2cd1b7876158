//! What goes wrong in the machine, and what the recovery table makes of it: the simulator injects
//! the fault, and says afterwards what was physically made.

use crate::rig::Rig;

const JOB: &str = "2026-000001";

fn fault(card: u32, what: &str, step: &str) -> String {
    let step = if step.is_empty() {
        String::new()
    } else {
        format!("step = \"{step}\"\n")
    };
    format!("[[fault]]\ncard = {card}\nwhat = \"{what}\"\n{step}")
}

/// A station with the first job approved and this fault waiting for its first card.
fn with(what: &str, step: &str) -> Rig {
    let rig = Rig::with_faults(&fault(1, what, step));
    rig.approve("1-landing", &[]);
    rig
}

/// The card is handed over; so many blanks left the machine for it, and the laws hold.
fn delivered_after(rig: &Rig, number: &str, cards: usize) {
    rig.hand_over(number).reached();
    let made = rig.made();
    let fates: Vec<_> = made
        .iter()
        .map(|card| (card.fate(), card.number()))
        .collect();
    assert_eq!(made.len(), cards, "{fates:?}");
    assert_eq!(
        made.iter().filter(|card| card.taken()).count(),
        1,
        "{fates:?}"
    );
    rig.hold_the_laws();
}

/// The first blank is spoiled and rejected by itself, the second becomes the card.
fn spoils_one_blank(rig: &Rig) {
    let produced = rig.issue(JOB).reached();
    assert_eq!(produced.result()["attempt"], 2);
    delivered_after(rig, &produced.number(), 2);
}

#[test]
fn an_empty_hopper_costs_nothing() {
    let rig = with("hopper-empty", "");
    rig.issue(JOB).stopped("P-HOPPER-EMPTY");
    let produced = rig.clerk("recover --decide continue").reached();
    assert_eq!(produced.result()["attempt"], 1);
    delivered_after(&rig, &produced.number(), 1);
}

#[test]
fn a_dead_blank_is_rejected_and_the_attempt_goes_on_with_the_next() {
    let rig = with("dead-chip", "");
    let produced = rig.issue(JOB).reached();
    assert_eq!(produced.result()["attempt"], 1);
    delivered_after(&rig, &produced.number(), 2);
}

#[test]
fn a_ribbon_that_ends_in_a_pass_spoils_the_blank_and_wants_another() {
    let rig = with("ribbon-out", "m");
    rig.issue(JOB).stopped("P-RIBBON-OUT");
    rig.simulate("person --state printer-state load-ribbon 100");
    let produced = rig.clerk("recover --decide continue").reached();
    assert_eq!(produced.result()["attempt"], 2);
    delivered_after(&rig, &produced.number(), 2);
}

#[test]
fn a_jam_at_the_head_spoils_the_blank() {
    spoils_one_blank(&with("jam", "c"));
}

#[test]
fn a_jam_that_does_not_come_loose_is_taken_out_by_hand() {
    let rig = with("stuck-jam", "c");
    let stop = rig.issue(JOB).stopped("P-JAM-HEAD");
    rig.simulate("person --state printer-state open-cover");
    rig.simulate("person --state printer-state remove-card");
    rig.simulate("person --state printer-state close-cover");
    let four = crate::rig::last_four(&stop.number()).to_owned();
    let produced = rig
        .clerk(&format!("recover --decide by-hand --last-four {four}"))
        .reached();
    assert_eq!(produced.result()["attempt"], 2);
    delivered_after(&rig, &produced.number(), 2);
}

#[test]
fn a_blank_face_is_seen_by_the_scanner() {
    spoils_one_blank(&with("blank-face", ""));
}

#[test]
fn another_holders_panel_is_seen_by_the_scanner() {
    let rig = Rig::with_faults(&fault(2, "previous-buffer", "k"));
    rig.approve("1-landing", &[]);
    let first = rig.issue(JOB).reached().number();
    rig.hand_over(&first).reached();
    second_card_is_spoiled_once(&rig);
}

#[test]
fn another_holders_photo_is_seen_by_the_scanner() {
    let rig = Rig::with_faults(&fault(2, "previous-photo", ""));
    rig.approve("1-landing", &[]);
    let first = rig.issue(JOB).reached().number();
    rig.hand_over(&first).reached();
    second_card_is_spoiled_once(&rig);
}

fn second_card_is_spoiled_once(rig: &Rig) {
    rig.approve("3-reissue-lost", &[]);
    let produced = rig.issue("2026-000003").reached();
    assert_eq!(produced.result()["attempt"], 2);
    rig.hand_over(&produced.number()).reached();
    let made = rig.made();
    let fates: Vec<_> = made.iter().map(|card| card.fate()).collect();
    assert_eq!(fates, ["taken", "rejected", "taken"]);
    assert_eq!(
        made[1].faults(),
        3.min(made[1].faults()).max(1),
        "the fault struck"
    );
    rig.hold_the_laws();
}

#[test]
fn a_dirty_scanner_stops_and_spoils_nothing() {
    let rig = with("scanner-dirty", "");
    rig.issue(JOB).stopped("P-SCANNER-DIRTY");
    let produced = rig.clerk("recover --decide continue").reached();
    assert_eq!(produced.result()["attempt"], 1);
    delivered_after(&rig, &produced.number(), 1);
}

#[test]
fn a_chip_that_dies_under_the_patch_is_found_at_the_check() {
    let rig = with("chip-dies", "check");
    // Asked twice, then it is spoiled and the job goes on by itself.
    let produced = rig.issue(JOB).reached();
    assert_eq!(produced.result()["attempt"], 2);
    delivered_after(&rig, &produced.number(), 2);
}

/// The power goes in the middle of the step; after it came back, `recover` ends by the table.
fn power_cut_at(step: &str, attempt: u32) {
    let rig = with("power-cut", step);
    let mut said = rig.issue(JOB);
    // What the table cannot decide, persons do; each stop names what is open.
    for _ in 0..4 {
        if said.exit == Some(0) {
            break;
        }
        let open = said.decisions().join(" ");
        let decide = ["continue", "done", "untouched", "spoiled", "by-hand"]
            .into_iter()
            .find(|decision| open.split(' ').any(|one| one == *decision));
        let four = crate::rig::last_four(&said.number()).to_owned();
        said = match decide {
            Some(decision) => rig.two(&format!("recover --decide {decision} --last-four {four}")),
            None => rig.recover(),
        };
    }
    let produced = said.reached();
    assert_eq!(
        produced.result()["attempt"],
        attempt,
        "{}",
        produced.result()
    );
    rig.hand_over(&produced.number()).reached();
    let made = rig.made();
    assert_eq!(made.iter().filter(|card| card.taken()).count(), 1);
    rig.hold_the_laws();
}

#[test]
fn power_lost_in_a_pass_spoils_the_blank() {
    power_cut_at("y", 2);
}

#[test]
fn power_lost_in_the_patch_spoils_the_blank() {
    power_cut_at("hologram", 2);
}

#[test]
fn power_lost_in_the_check_costs_another_look() {
    power_cut_at("check", 1);
}
