//! Cards that nothing goes wrong with.

use crate::rig::Rig;

#[test]
fn a_first_card_is_made_handed_over_and_closed() {
    let rig = Rig::fresh();
    let job = rig.approve("1-landing", &[]);
    let produced = rig.issue("2026-000001").reached();
    assert_eq!(produced.text("reached"), "produced");
    let number = produced.number();
    assert_eq!(rig.standing(&number), "produced");

    let delivered = rig.hand_over(&number).reached();
    assert_eq!(delivered.text("reached"), "delivered");
    assert_eq!(rig.standing(&number), "live");
    let record = rig.station(&format!("record {job}")).reached();
    let pdf = std::fs::read(rig.path(&record.text("pdf"))).expect("the record");
    assert!(pdf.starts_with(b"%PDF-"));

    let made = rig.made();
    assert_eq!(made.len(), 1);
    assert!(made[0].taken() && made[0].is_live());
    assert_eq!(made[0].number(), number);
    assert_eq!(made[0].passes().len(), 7);
    rig.hold_the_laws();
}

#[test]
fn an_extension_collects_punches_and_voids_the_old_card() {
    let rig = Rig::experienced();
    let old = rig.old_cards();
    // The checker must see a difference where there is one.
    assert!(old[0].face_shows(&old[0]) && !old[0].face_shows(&old[1]));
    rig.approve_extension("2026-000011", &old[0].number());
    rig.lay(&old[0].folder);
    let produced = rig.issue("2026-000011").reached();
    assert_eq!(produced.text("old_number"), old[0].number());
    assert_eq!(
        rig.standing(&old[0].number()),
        "live",
        "not before the new card is handed over"
    );

    rig.hand_over_for(&produced.number(), &old[0].number())
        .reached();
    assert_eq!(rig.standing(&old[0].number()), "void");
    assert_eq!(rig.standing(&produced.number()), "live");
    rig.hold_the_laws();
}
