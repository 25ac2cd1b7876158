//! What is told of a card at each step: what became of it, of its number and of the old card; where it
//! is, its chip, its faces; and whether sensors bear out what a person says.

use super::healthy::*;
use super::*;
use crate::fault::{CardFate as C, Code, Fates, NumberFate as N, OldFate as O};
use std::collections::BTreeSet;

fn fates(issuance: &Issuance) -> (C, N, O) {
    let Fates { card, number, old } = issuance.fates();
    (card, number, old)
}

#[test]
fn a_card_its_number_and_the_old_card_are_told_at_each_step() {
    let old = OldRule::Return;
    assert_eq!(fates(&Issuance::default()), (C::Unmoved, N::None, O::None));
    let rows = [
        (Step::SightOld, (C::Unmoved, N::Unused, O::WithHolder)),
        (Step::Feed, (C::Unmoved, N::Unused, O::WithHolder)),
        (Step::Encode, (C::Unharmed, N::Held, O::WithHolder)),
        (Step::Check, (C::Unharmed, N::Held, O::WithHolder)),
        (Step::CollectOld, (C::Finished, N::Waiting, O::WithHolder)),
        (Step::Release, (C::Finished, N::Waiting, O::Collected)),
        (Step::HandOver, (C::Finished, N::Waiting, O::Collected)),
        (Step::Punch, (C::Finished, N::Live, O::Collected)),
    ];
    for (step, expected) in rows {
        assert_eq!(fates(&before(old, step)), expected, "{step:?}");
        let stopped = refused(old, step, Code::CoverOpen);
        assert_eq!(fates(&stopped), expected, "{step:?} refused");
    }
    let end = on(granted(old), |card| card.next() == Command::Rest);
    assert_eq!(fates(&end), (C::Finished, N::Live, O::Collected));
    let none = before(OldRule::NotRequired, Step::Release);
    assert_eq!(none.fates().old, O::None);
    let lost = before(OldRule::DeclaredLost, Step::Release);
    assert_eq!(lost.fates().old, O::None);
}

#[test]
fn while_a_step_is_in_doubt_nobody_says_that_the_card_is_good() {
    let rows = [
        (Step::Feed, (C::Unknown, N::Held)),
        (Step::Encode, (C::Unknown, N::Held)),
        (Step::Hologram, (C::Unknown, N::Held)),
        (Step::Release, (C::Finished, N::Held)),
        (Step::HandOver, (C::Finished, N::Held)),
    ];
    for (step, expected) in rows {
        for doubt in [
            underway(OldRule::Return, step),
            doubtful(OldRule::Return, step),
        ] {
            let (card, number, _) = fates(&doubt);
            assert_eq!((card, number), expected, "{step:?}");
        }
    }
    let moved = Event::Astray {
        fault: Code::CardMoved,
    };
    let moved = takes(before(OldRule::Return, Step::Hologram), &[moved]);
    assert_eq!(fates(&moved), (C::Unknown, N::Held, O::WithHolder));
}

#[test]
fn what_ended_without_a_card_burned_its_number_and_gives_the_old_card_back() {
    let old = OldRule::Return;
    let end = |card: &Issuance| (card.fates(), card.course());
    let unmoved = decides(before(old, Step::SightOld), Decision::Cancel);
    assert_eq!(
        fates(&unmoved),
        (C::Unmoved, N::Burned, O::GiveBack),
        "{:?}",
        end(&unmoved)
    );
    let unwritten = decides(before(old, Step::Encode), Decision::Cancel);
    assert_eq!(fates(&unwritten), (C::Unharmed, N::Burned, O::GiveBack));
    let thrown_out = on(unwritten, |card| card.next() == Command::Rest);
    assert_eq!(fates(&thrown_out), (C::Unharmed, N::Burned, O::GiveBack));
    let spoiled = spoiled(old, Step::Check, Code::FrontDiffers);
    assert_eq!(fates(&spoiled), (C::Spoiled, N::Burned, O::GiveBack));
    let withdrawn = Decision::Withdraw(Withdrawal::HolderAbsent);
    let withdrawn = decides(before(old, Step::Release), withdrawn);
    assert_eq!(fates(&withdrawn), (C::Spoiled, N::Burned, O::GiveBack));
    let quarantined = decides(doubtful(old, Step::Encode), Decision::Quarantine);
    assert_eq!(fates(&quarantined), (C::Unknown, N::Burned, O::GiveBack));
    let perhaps = decides(doubtful(old, Step::Feed), Decision::Cancel);
    assert_eq!(fates(&perhaps), (C::Unknown, N::Burned, O::GiveBack));
}

#[test]
fn a_foreign_card_harms_nothing_and_a_forged_one_is_evidence() {
    let foreign = spoiled(OldRule::NotRequired, Step::Feed, Code::NotBlank);
    assert_eq!(fates(&foreign), (C::Unharmed, N::Held, O::None));
    let forged = spoiled(OldRule::Return, Step::SightOld, Code::Forged);
    assert_eq!(forged.fates().old, O::Evidence);
}

fn standing(issuance: &Issuance) -> (ChipState, FaceState) {
    let standing = issuance.standing(None).expect("a blank moves");
    (standing.chip, standing.face)
}

#[test]
fn before_a_blank_could_be_fed_there_is_no_card_to_tell_of() {
    let nothing = |card: Issuance| assert_eq!(card.standing(None), None);
    nothing(Issuance::default());
    nothing(granted(OldRule::NotRequired));
    nothing(before(OldRule::Return, Step::SightOld));
    let (chip, face) = standing(&before(OldRule::Return, Step::Feed));
    assert_eq!((chip, face), (ChipState::Blank, FaceState::Bare));
    // Perhaps fed and given up: hands look for it.
    let given_up = decides(doubtful(OldRule::Return, Step::Feed), Decision::Cancel);
    let told = given_up.standing(None).expect("perhaps there is one");
    assert_eq!((told.place, told.chip), (Place::Unsure, ChipState::Blank));
}

#[test]
fn chip_and_faces_are_told_by_the_steps_that_were_done_and_begun() {
    use {ChipState as Ic, FaceState as F};
    let part = |passes| F::Part { passes, of: 7 };
    let ready = [
        (Step::Encode, Ic::Blank, F::Bare),
        (Step::Lock, Ic::Written, F::Bare),
        (Step::Print(Panel::BackK), Ic::Locked, F::Bare),
        (Step::Flip, Ic::Locked, part(1)),
        (Step::Print(Panel::Pearl), Ic::Locked, part(6)),
        (Step::Hologram, Ic::Locked, F::Printed),
        (Step::Check, Ic::Locked, F::Laminated),
        (Step::Eject, Ic::Locked, F::Checked),
        (Step::HandOver, Ic::Locked, F::Checked),
    ];
    for (step, chip, face) in ready {
        assert_eq!(
            standing(&before(OldRule::NotRequired, step)),
            (chip, face),
            "{step:?}"
        );
    }
    let begun = [
        (Step::Encode, Ic::Unclear, F::Bare),
        (Step::Lock, Ic::Written, F::Bare),
        (Step::Print(Panel::BackK), Ic::Locked, part(0)),
        (Step::Flip, Ic::Locked, part(1)),
        (Step::Print(Panel::Y), Ic::Locked, part(1)),
    ];
    for (step, chip, face) in begun {
        assert_eq!(
            standing(&underway(OldRule::NotRequired, step)),
            (chip, face),
            "{step:?}"
        );
    }
}

#[test]
fn a_card_without_passes_is_bare_until_its_patch() {
    let plan = Plan {
        old: OldRule::NotRequired,
        back: vec![],
        front: vec![],
        hologram: true,
    };
    let opened = Event::Opened {
        card: 1,
        plan,
        prepared: Digest([1; 32]),
    };
    let card = takes(granted(OldRule::NotRequired), &[opened]);
    let at = |step| on(card.clone(), |card| card.current() == Some(step));
    assert_eq!(standing(&at(Step::Hologram)).1, FaceState::Bare);
    assert_eq!(standing(&at(Step::Check)).1, FaceState::Laminated);
}

/// One sensor at a time.
fn sensors() -> [(Sensors, Option<Spot>); 12] {
    let none = Sensors::default;
    let flipper = |flipper| Sensors { flipper, ..none() };
    [
        (
            Sensors {
                feeder: true,
                ..none()
            },
            Some(Spot::Feeder),
        ),
        (
            Sensors {
                encoder: true,
                ..none()
            },
            Some(Spot::Encoder),
        ),
        (
            Sensors {
                head_in: true,
                ..none()
            },
            Some(Spot::Head),
        ),
        (
            Sensors {
                head_out: true,
                ..none()
            },
            Some(Spot::Head),
        ),
        (flipper(Flipper::FrontUp), Some(Spot::FlipperFront)),
        (flipper(Flipper::BackUp), Some(Spot::FlipperBack)),
        (flipper(Flipper::Between), Some(Spot::FlipperBetween)),
        (
            Sensors {
                hologram: true,
                ..none()
            },
            Some(Spot::Hologram),
        ),
        (
            Sensors {
                check: true,
                ..none()
            },
            Some(Spot::Check),
        ),
        (
            Sensors {
                exit: true,
                ..none()
            },
            Some(Spot::Exit),
        ),
        (
            Sensors {
                hopper: true,
                ..none()
            },
            None,
        ),
        (
            Sensors {
                tray_full: true,
                ..none()
            },
            None,
        ),
    ]
}

#[test]
fn each_sensor_alone_sees_a_card_at_its_own_place() {
    for (seen, spot) in sensors() {
        assert_eq!(seen.spots(), spot.into_iter().collect::<Vec<_>>());
        assert_eq!(seen.empty(), spot.is_none(), "{seen:?}");
        let slot = spot == Some(Spot::Exit);
        assert_eq!(seen.inside(), spot.is_some() && !slot, "{seen:?}");
    }
    let both = Sensors {
        encoder: true,
        exit: true,
        ..Sensors::default()
    };
    assert_eq!(both.spots(), [Spot::Encoder, Spot::Exit]);
    assert!(both.inside() && !both.empty());
}

#[test]
fn every_place_chip_and_face_has_words_of_its_own_in_both_languages() {
    let places = [
        Place::Nowhere,
        Place::Unsure,
        Place::Inside,
        Place::Exit,
        Place::Hand,
        Place::Delivered,
        Place::Tray,
        Place::Bag,
    ];
    let chips = [
        ChipState::Blank,
        ChipState::Unclear,
        ChipState::Written,
        ChipState::Locked,
        ChipState::Unreached,
        ChipState::Dead,
    ];
    let part = FaceState::Part { passes: 2, of: 7 };
    let faces = [
        FaceState::Bare,
        part,
        FaceState::Printed,
        FaceState::Laminated,
        FaceState::Checked,
    ];
    let seen = sensors().map(|(sensors, _)| Seen::from(&sensors).words());
    let all: Vec<_> = places
        .map(Place::words)
        .into_iter()
        .chain(chips.map(ChipState::words))
        .chain(faces.map(FaceState::words))
        .chain(seen)
        .collect();
    for words in &all {
        assert!(
            !words.ja().is_ascii() && words.ja().ends_with('。'),
            "{words:?}"
        );
        assert!(
            words.en().is_ascii() && words.en().ends_with('.'),
            "{words:?}"
        );
    }
    let different: BTreeSet<&str> = all.iter().map(|words| words.en()).collect();
    // Before and behind the head are one place; hopper and full tray are none.
    assert_eq!(different.len(), all.len() - 2);
    assert!(part.words().en().contains("2 of 7"));
}

#[test]
fn a_card_is_where_the_sensors_see_it_and_else_where_the_journal_has_it() {
    let told = |place, seen: Option<Sensors>| {
        let standing = Standing {
            place,
            seen: seen.as_ref().map(Seen::from),
            chip: ChipState::Locked,
            face: FaceState::Bare,
        };
        standing.whereabouts().en().to_owned()
    };
    let two = Sensors {
        encoder: true,
        exit: true,
        cover_open: true,
        ..Sensors::default()
    };
    let seen = "The sensors see a card at the chip writer and in the exit slot. The cover is open.";
    let none = Some(Sensors::default());
    for place in [Place::Inside, Place::Unsure, Place::Exit, Place::Nowhere] {
        assert_eq!(told(place, Some(two)), seen);
        assert_eq!(told(place, none), "No sensor sees a card.");
    }
    for place in [Place::Inside, Place::Unsure, Place::Exit] {
        let by_journal = format!("{} (By the journal.)", place.words().en());
        assert_eq!(told(place, None), by_journal);
    }
    assert_eq!(told(Place::Nowhere, None), Place::Nowhere.words().en());
    for place in [Place::Hand, Place::Delivered, Place::Tray, Place::Bag] {
        assert_eq!(told(place, Some(two)), place.words().en());
        assert_eq!(told(place, None), place.words().en());
    }
}

#[test]
fn what_a_person_says_of_slot_and_path_is_held_against_the_sensors() {
    let old = OldRule::Return;
    let says =
        |card: &Issuance, answer, seen: &Sensors| card.belied(Decision::Answer(answer), seen);
    let none = Sensors::default();
    let slot = Sensors { exit: true, ..none };
    let inside = Sensors {
        check: true,
        ..none
    };
    let both = Sensors {
        check: true,
        ..slot
    };
    let eject = doubtful(old, Step::Eject);
    assert!(!says(&eject, Finding::Done, &slot));
    assert!(says(&eject, Finding::Done, &none) && says(&eject, Finding::Done, &both));
    assert!(
        !says(&eject, Finding::Spoiled, &inside),
        "a person may see more"
    );
    let release = doubtful(old, Step::Release);
    assert!(
        !says(&release, Finding::Untouched, &slot) && says(&release, Finding::Untouched, &none)
    );
    assert!(!says(&release, Finding::Done, &none) && says(&release, Finding::Done, &slot));
    let given = doubtful(old, Step::HandOver);
    assert!(!says(&given, Finding::Done, &none) && says(&given, Finding::Done, &slot));
    let out = decides(spoiled(old, Step::Flip, Code::JamFlip), Decision::ByHand);
    let unclear = found(Step::RemoveByHand, Finding::Unknown, None);
    let out = takes(out, &[began(Step::RemoveByHand), unclear]);
    assert!(!says(&out, Finding::Done, &none) && says(&out, Finding::Done, &inside));
    assert!(
        !says(&before(old, Step::Eject), Finding::Done, &none),
        "nobody asks"
    );
    // Only a card that was taken early must be seen back before it goes on.
    let open = refused(old, Step::Release, Code::CoverOpen);
    assert!(!open.belied(Decision::Continue, &none));
    let early = Event::Astray {
        fault: Code::TakenEarly,
    };
    let early = takes(before(old, Step::Release), &[early]);
    assert!(early.belied(Decision::Continue, &none));
    assert!(!early.belied(Decision::Continue, &slot));
    let withdraw = Decision::Withdraw(Withdrawal::HolderAbsent);
    assert!(!early.belied(withdraw, &none));
}

#[test]
fn an_old_card_stands_in_the_way_of_the_slot_until_it_is_settled() {
    let old = OldRule::Return;
    let settled = |card: Issuance| card.old_settled();
    assert!(!settled(before(old, Step::SightOld)) && !settled(before(old, Step::CollectOld)));
    assert!(!settled(spoiled(old, Step::CollectOld, Code::Forged)));
    let given_back = decides(before(old, Step::Encode), Decision::Cancel);
    assert!(!settled(given_back));
    assert!(settled(before(old, Step::Release)) && settled(before(old, Step::Punch)));
    let waive = Decision::Waive(Waiver::KeptElsewhere);
    assert!(settled(decides(before(old, Step::SightOld), waive)));
    assert!(settled(
        on(granted(old), |card| card.next() == Command::Rest)
    ));
    for none in [OldRule::NotRequired, OldRule::DeclaredLost] {
        assert!(settled(before(none, Step::Feed)), "{none:?}");
    }
}

#[test]
fn the_steps_of_a_card_are_its_plans() {
    assert!(granted(OldRule::Return).steps().is_empty());
    let plan = Plan::residence_card(OldRule::Return);
    assert_eq!(
        before(OldRule::Return, Step::SightOld).steps(),
        plan.steps()
    );
}
