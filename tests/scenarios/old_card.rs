//! What becomes of the old card, and of the new one when the old one is not what it should be.

use crate::rig::{Made, Rig, last_four};

const EXTENSION: &str = "2026-000011";

/// A station that is to extend the first of its two old cards.
fn extending() -> (Rig, Vec<Made>) {
    let rig = Rig::experienced();
    let old = rig.old_cards();
    rig.approve_extension(EXTENSION, &old[0].number());
    (rig, old)
}

fn forged(rig: &Rig, old: &[Made], how: &str) -> std::path::PathBuf {
    let (card, other) = (old[0].folder.display(), old[1].folder.display());
    let other = if how == "other-data" {
        format!("--other {other}")
    } else {
        String::new()
    };
    rig.simulate(&format!(
        "card forge {card} --how {how} --out forged {other}"
    ));
    rig.path("forged")
}

fn fed(rig: &Rig) -> usize {
    let journal = rig.journal();
    let fed = |record: &&serde_json::Value| {
        let event = &record["what"]["issuance"];
        event["event"] == "began" && event["step"] == "feed"
    };
    journal.iter().filter(fed).count()
}

#[test]
fn another_holders_card_is_refused_before_a_blank_moves() {
    let (rig, old) = extending();
    rig.lay(&old[1].folder);
    let stop = rig.issue(EXTENSION).stopped("O-WRONG-CARD");
    assert!(!stop.decisions().contains(&"by-eye"));
    rig.two("recover --decide by-eye").stopped("O-WRONG-CARD");
    assert_eq!(fed(&rig), 2, "only the two cards before");

    rig.lay(&old[0].folder);
    let produced = rig.clerk("recover --decide continue").reached();
    rig.hand_over_for(&produced.number(), &old[0].number())
        .reached();
    assert_eq!(rig.standing(&old[0].number()), "void");
    rig.hold_the_laws();
}

fn a_forged_card_is_found_and_never_waived(how: &str) {
    let (rig, old) = extending();
    rig.lay(&forged(&rig, &old, how));
    let stop = rig.issue(EXTENSION).stopped("O-FORGED");
    assert_eq!(fed(&rig), 2);
    assert!(
        !stop
            .decisions()
            .iter()
            .any(|open| ["lost-since", "by-eye"].contains(open))
    );
    rig.two("recover --decide lost-since").stopped("O-FORGED");

    let number = last_four(&stop.number()).to_owned();
    rig.two(&format!(
        "withdraw --reason old-forged --last-four {number}"
    ))
    .reached();
    assert_eq!(rig.standing(&stop.number()), "burned");
    assert_eq!(
        rig.standing(&old[0].number()),
        "live",
        "the forger's card is not the holder's"
    );
    rig.issue(EXTENSION).stopped("A-NO-JOB");
    rig.hold_the_laws();
}

#[test]
fn signed_data_of_another_card_are_found() {
    a_forged_card_is_found_and_never_waived("other-data");
}

#[test]
fn a_signature_of_an_unknown_authority_is_found() {
    a_forged_card_is_found_and_never_waived("unknown-ca");
}

#[test]
fn an_altered_image_is_found() {
    a_forged_card_is_found_and_never_waived("altered-image");
}

#[test]
fn a_card_swapped_for_a_forged_one_keeps_the_new_card_in_the_machine() {
    let (rig, old) = extending();
    rig.lay(&old[0].folder);
    let produced = rig.issue(EXTENSION).reached();
    let number = produced.number();
    rig.lay(&forged(&rig, &old, "altered-image"));
    rig.hand_over_for(&number, &old[0].number())
        .stopped("O-FORGED");
    rig.lay(&old[0].folder);
    rig.hand_over_for(&number, &old[0].number())
        .stopped("O-FORGED");

    let withdraw = format!(
        "withdraw --reason old-forged --last-four {}",
        last_four(&number)
    );
    rig.two(&withdraw).reached();
    assert_eq!(rig.standing(&number), "burned");
    let made = rig.made();
    assert_eq!(
        made.iter().filter(|card| card.taken()).count(),
        2,
        "the two old cards"
    );
    rig.hold_the_laws();
}

#[test]
fn a_dead_old_chip_takes_a_supervisors_eye() {
    let (rig, old) = extending();
    rig.lay(&forged(&rig, &old, "dead-chip"));
    // A contactless chip that is dead is no card to any reader.
    let stop = rig.issue(EXTENSION).stopped("O-NO-CARD");
    assert!(stop.decisions().contains(&"by-eye"));
    rig.clerk("recover --decide by-eye").stopped("O-NO-CARD");
    let produced = rig.two("recover --decide by-eye").reached();
    let (new, punched) = (produced.number(), old[0].number());
    let hand_over = format!(
        "handover --old-card by-eye --last-four {} --punched {}",
        last_four(&new),
        last_four(&punched)
    );
    rig.two(&hand_over).reached();
    assert_eq!(rig.standing(&punched), "void");
    rig.hold_the_laws();
}

#[test]
fn a_child_gets_a_card_without_photo_and_its_old_card_is_looked_at() {
    let rig = Rig::fresh();
    rig.approve("4-under-16", &[]);
    let child = rig.issue("2026-000004").reached().number();
    rig.hand_over(&child).reached();
    rig.switch_off();
    rig.switch_on("");

    let returned = format!("{{ \"return\": \"{child}\" }}");
    let changes = [
        ("2026-000004", EXTENSION),
        ("\"acquisition\"", "\"extension\""),
        ("\"not_required\"", returned.as_str()),
    ];
    rig.approve("4-under-16", &changes);
    let old = rig.old_cards();
    rig.lay(&old[0].folder);
    rig.issue(EXTENSION).stopped("O-BY-EYE");
    let produced = rig.two("recover --decide by-eye").reached().number();
    let hand_over = format!(
        "handover --old-card by-eye --last-four {} --punched {}",
        last_four(&produced),
        last_four(&child)
    );
    rig.two(&hand_over).reached();
    assert_eq!(rig.standing(&child), "void");
    rig.hold_the_laws();
}

#[test]
fn a_declared_loss_is_void_at_once_and_nothing_is_collected() {
    let rig = Rig::experienced();
    let lost = rig.old_cards()[0].number();
    rig.approve("3-reissue-lost", &[("MH00000003MH", &lost)]);
    assert_eq!(rig.standing(&lost), "void");
    let number = rig.issue("2026-000003").reached().number();
    rig.hand_over(&number).reached();
    assert_eq!(rig.standing(&number), "live");
    rig.hold_the_laws();
}

#[test]
fn a_missing_old_card_is_waived_by_two_persons_and_never_by_one() {
    let (rig, old) = extending();
    let stop = rig.issue(EXTENSION).stopped("O-NO-CARD");
    assert!(stop.decisions().contains(&"lost-since"));
    rig.clerk("recover --decide lost-since")
        .stopped("O-NO-CARD");
    let produced = rig.two("recover --decide lost-since").reached().number();
    rig.hand_over(&produced).reached();
    assert_eq!(rig.standing(&old[0].number()), "void");
    rig.hold_the_laws();
}

#[test]
fn a_card_whose_holder_is_absent_is_withdrawn_and_made_again_under_a_new_number() {
    let rig = Rig::fresh();
    rig.approve("1-landing", &[]);
    let first = rig.issue("2026-000001").reached().number();
    let withdraw = format!(
        "withdraw --reason holder-absent --last-four {}",
        last_four(&first)
    );
    rig.two(&withdraw).reached();
    assert_eq!(rig.standing(&first), "burned");

    let second = rig.issue("2026-000001").reached();
    assert_eq!(second.result()["attempt"], 2);
    assert_ne!(second.number(), first);
    rig.hand_over(&second.number()).reached();
    let made = rig.made();
    assert_eq!(made.len(), 2);
    assert!(!made[0].taken() && made[1].taken());
    rig.hold_the_laws();
}
