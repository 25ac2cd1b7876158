//! What the firmware says although it is not so, and chips that die.

use super::*;

const K: Motion = Motion::Pass(Panel::K);

fn layer(bench: &Bench, panel: Panel) -> Layer {
    let layers = &bench.machine.card().expect("a card is inside").layers;
    let found = layers.iter().find(|layer| layer.panel == panel);
    found.expect("the panel was under the head").clone()
}

/// The second of two cards, with this in store for it, up to the last pass.
fn second(what: What) -> (Bench, Vec<Layer>) {
    let name = what.row().name;
    let mut bench = Bench::loaded(&format!("[[fault]]\ncard = 2\nwhat = \"{name}\"\n"));
    bench.up_to(Motion::Eject);
    bench.perform(Motion::Release).unwrap();
    let first = bench.departed().card.layers.clone();
    bench.next_card();
    bench.load(&panels(7));
    bench.up_to(Motion::Pass(Panel::Pearl));
    (bench, first)
}

super::each! {
    BlankFace: a_face_that_stays_blank_is_counted_as_printed {
        let (bench, _) = second(What::BlankFace);
        assert_eq!(layer(&bench, Panel::K).burned, 0);
        assert!(layer(&bench, Panel::BackK).burned > 0, "the back is printed");
        assert_eq!(bench.machine.kept().counters.completed, [2; 7]);
    }

    PreviousPhoto: the_photo_of_the_card_before_is_counted_as_this_ones {
        let (bench, first) = second(What::PreviousPhoto);
        assert_eq!(layer(&bench, Panel::M).rows, first[2].rows);
        assert_ne!(layer(&bench, Panel::K).rows, first[4].rows);
    }

    PreviousBuffer: the_panels_of_the_card_before_are_counted_as_this_ones {
        let (bench, first) = second(What::PreviousBuffer);
        assert_eq!(layer(&bench, Panel::M).rows, first[2].rows);
        assert_eq!(layer(&bench, Panel::K).rows, first[4].rows);
        assert_ne!(layer(&bench, Panel::BackK).rows, first[0].rows);
    }

    RibbonSlipped: a_slipped_ribbon_burns_every_row_beside_its_place {
        let (bench, ended) = struck(What::RibbonSlipped, K);
        assert!(ended.is_ok());
        let sent = panels(0)[Panel::K.index()].1.clone();
        let slipped = layer(&bench, Panel::K);
        let width = slipped.shape.row_bytes();
        assert_eq!(slipped.rows[12 * width..], sent[..sent.len() - 12 * width]);
        assert!(slipped.rows[..12 * width].iter().all(|byte| *byte == 0));
    }

    PatchMissing: a_patch_that_is_missing_is_counted {
        let (bench, ended) = struck(What::PatchMissing, Motion::Hologram);
        assert!(ended.is_ok() && !bench.machine.card().unwrap().patch);
        assert_eq!(bench.machine.kept().counters.patches_completed, 1);
    }

    ScannerDirty: a_dirty_strip_ends_the_check_well_and_refuses_the_scan {
        let (mut bench, ended) = struck(What::ScannerDirty, Motion::Check);
        assert!(ended.is_ok());
        assert_eq!(bench.machine.scan(None), Some(Err(Condition::ScannerDirty)));
        bench.begin(Motion::Check);
        assert_eq!(bench.machine.scan(None), None, "the next check's scan is waited for");
        bench.pass_time(bench.now + Duration::from_secs(10));
        assert!(bench.machine.scan(None).unwrap().is_ok());
        let mut standing = waiting("what = \"scanner-dirty\"\nstanding = true", Motion::Check);
        assert!(raised(&standing).contains(&Condition::ScannerDirty));
        for _ in 0..3 {
            standing.perform(Motion::Check).unwrap();
            assert_eq!(standing.machine.scan(None), Some(Err(Condition::ScannerDirty)));
        }
    }

    DeadChip: a_dead_chip_never_comes_into_a_field {
        let (bench, ended) = struck(What::DeadChip, Motion::Feed);
        assert!(ended.is_ok() && bench.machine.card().unwrap().dead);
        assert!(!bench.seen.iter().any(|effect| matches!(effect, Effect::Couple(..))));
    }

    ChipDies: a_chip_dies_at_the_begin_of_a_step_or_in_its_midst {
        let coupled = |bench: &Bench| {
            let fields = bench.seen.iter();
            fields.filter(|effect| matches!(effect, Effect::Couple(Spot::Check, _))).count()
        };
        let (bench, ended) = struck(What::ChipDies, Motion::Check);
        assert_eq!((ended.is_ok(), coupled(&bench)), (true, 0));
        let mut late = waiting("what = \"chip-dies\"\nstep = \"check\"\nat = 0.5", Motion::Check);
        late.perform(Motion::Check).unwrap();
        assert_eq!(coupled(&late), 1);
        assert!(late.machine.card().unwrap().dead && late.machine.card().unwrap().coupled.is_none());
    }

    CounterJumped: a_counter_goes_on_by_one_that_nothing_moved_for {
        let (bench, ended) = struck(What::CounterJumped, K);
        assert!(ended.is_ok());
        let counters = bench.machine.kept().counters;
        assert_eq!((counters.begun[4], counters.completed[4]), (2, 2));
        let (bench, _) = struck(What::CounterJumped, Motion::Flip);
        assert_eq!(bench.machine.kept().counters.flips, 2);
    }

    DoneEarly: done_is_said_while_the_card_still_moves {
        let mut bench = waiting("what = \"done-early\"\nstep = \"k\"\nat = 0.3", K);
        let (id, _) = bench.begin(K);
        bench.pass_time(bench.now + Duration::from_millis(1_000));
        assert_eq!(bench.end_of(id), Some(Ok(630)));
        let survey = bench.machine.survey(None, bench.now);
        assert_eq!((survey.counters.completed[4], survey.underway), (0, None));
        assert_eq!(bench.begin(Motion::Hologram).1, MotionAnswer::Refused(Condition::Busy));
        bench.pass_time(bench.now + Duration::from_secs(3));
        assert_eq!(bench.machine.kept().counters.completed[4], 1);
        let ends = bench.seen.iter().filter(|effect| matches!(effect, Effect::Ended(at, _) if *at == id));
        assert_eq!(ends.count(), 1, "it is said once");
    }

    StaleAnswer: the_end_of_an_earlier_motion_is_told_and_nothing_moves {
        let (bench, ended) = struck(What::StaleAnswer, K);
        assert_eq!(ended, Ok(2_600), "the time of the pass before");
        assert_eq!(bench.machine.kept().counters.begun[4], 0);
        assert_eq!(bench.machine.card().unwrap().layers.len(), 4);
    }
}
