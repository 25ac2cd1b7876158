//! Faults of ribbon, patch film, head and heater.

use super::*;
use crate::fault::Supply;

fn ribbon(bench: &Bench) -> (u32, u32) {
    let tag = bench.machine.kept().supplies.ribbon.expect("a tag");
    let roll = bench.machine.interior().ribbon.as_ref().expect("a roll");
    (tag.remaining, roll.left)
}

fn patches(bench: &Bench) -> (u32, u32) {
    let tag = bench.machine.kept().supplies.patches.expect("a tag");
    let roll = bench.machine.interior().patches.as_ref().expect("a roll");
    (tag.remaining, roll.left)
}

fn another(supply: Supply) -> Person {
    Person::Load(Load::new(supply, 10))
}

const Y: Motion = Motion::Pass(Panel::Y);

super::each! {
    RibbonAbsent: a_ribbon_without_a_tag_refuses_search_and_pass {
        refuses_once(What::RibbonAbsent, Motion::Pass(Panel::BackK), Condition::RibbonAbsent);
        let mut bench = Bench::loaded("");
        act(&mut bench, Person::Unload(Supply::Ribbon));
        assert!(bench.machine.survey(None, bench.now).supplies.ribbon.is_none());
        bench.perform(Motion::Feed).unwrap();
        let seek = Motion::SeekRibbon(Panel::BackK);
        assert_eq!(bench.perform(seek), Err(Condition::RibbonAbsent));
        act(&mut bench, another(Supply::Ribbon));
        bench.perform(seek).unwrap();
        assert_eq!(cleared(&bench), [Condition::RibbonAbsent]);
    }

    RibbonWrong: a_ribbon_of_another_type_refuses_the_pass {
        refuses_once(What::RibbonWrong, Motion::Pass(Panel::BackK), Condition::RibbonWrong);
        let mut bench = waiting("what = \"jam\"", Motion::Pass(Panel::BackK));
        let kind = Some(wire::SupplyKind::Patches);
        act(&mut bench, Person::Load(Load { kind, ..Load::new(Supply::Ribbon, 5) }));
        assert_eq!(bench.perform(Motion::Pass(Panel::BackK)), Err(Condition::RibbonWrong));
    }

    RibbonUsedUp: a_used_up_ribbon_refuses_before_the_pass {
        refuses_once(What::RibbonUsedUp, Motion::Pass(Panel::BackK), Condition::RibbonOut);
    }

    RibbonOut: a_ribbon_that_ends_in_a_pass_says_so_on_its_tag {
        let (mut bench, ended) = struck(What::RibbonOut, Motion::Pass(Panel::M));
        assert_eq!((ended, ribbon(&bench)), (Err(Condition::RibbonOut), (0, 0)));
        let counters = bench.machine.kept().counters;
        assert_eq!((counters.begun[2], counters.completed[2]), (1, 0));
        assert!(raised(&bench).contains(&Condition::RibbonOut));
        act(&mut bench, another(Supply::Ribbon));
        assert!(cleared(&bench).contains(&Condition::RibbonOut));
        bench.perform(Motion::Pass(Panel::M)).unwrap();
        assert_eq!(ribbon(&bench), (10, 10), "the set is counted at its first panel");
    }

    RibbonOutUntold: a_ribbon_whose_tag_lies_ends_again_in_the_search {
        let (mut bench, ended) = struck(What::RibbonOutUntold, Y);
        assert_eq!((ended, ribbon(&bench)), (Err(Condition::RibbonOut), (499, 0)));
        assert!(!raised(&bench).contains(&Condition::RibbonOut), "the tag does not say it");
        assert_eq!(bench.perform(Y), Err(Condition::RibbonOut));
        assert_eq!(bench.machine.kept().counters.begun[1], 1, "found before the first dot");
    }

    RibbonBroken: a_torn_ribbon_stays_torn_until_another_is_loaded {
        let (mut bench, ended) = struck(What::RibbonBroken, Y);
        assert_eq!(ended, Err(Condition::RibbonBroken));
        assert_eq!(bench.perform(Y), Err(Condition::RibbonBroken));
        bench.perform(Motion::Reject).unwrap();
        bench.next_card();
        assert_eq!(bench.perform(Motion::Feed), Err(Condition::RibbonBroken), "no blank for nothing");
        act(&mut bench, another(Supply::Ribbon));
        bench.perform(Motion::Feed).unwrap();
    }

    RibbonStuck: a_ribbon_that_sticks_is_freed_by_hand {
        let (mut bench, ended) = struck(What::RibbonStuck, Y);
        assert_eq!(ended, Err(Condition::RibbonStuck));
        assert_eq!(bench.perform(Y), Err(Condition::RibbonStuck));
        act(&mut bench, Person::Free(Supply::Ribbon));
        assert!(cleared(&bench).contains(&Condition::RibbonStuck));
        bench.perform(Y).unwrap();
    }

    RibbonSearchFailed: a_search_that_fails_burns_nothing {
        for motion in [Motion::SeekRibbon(Panel::BackK), Motion::Pass(Panel::BackK)] {
            let (mut bench, ended) = struck(What::RibbonSearchFailed, motion);
            assert_eq!(ended, Err(Condition::RibbonSearchFailed));
            assert_eq!(bench.machine.kept().counters.begun, [0; 7]);
            bench.perform(motion).unwrap();
        }
    }

    RibbonExpired: an_expired_ribbon_has_its_day_on_its_tag {
        let bench = Bench::new("[[fault]]\ncard = 1\nwhat = \"ribbon-expired\"\n");
        assert_eq!(bench.machine.kept().supplies.ribbon.unwrap().expires, 20_190_331);
    }

    RibbonReused: a_reused_tag_is_full_and_the_ribbon_is_not {
        let mut bench = waiting("what = \"ribbon-reused\"", Motion::Release);
        assert_eq!(ribbon(&bench), (499, 0));
        bench.perform(Motion::Release).unwrap();
        bench.next_card();
        bench.load(&panels(1));
        bench.perform(Motion::Feed).unwrap();
        assert_eq!(bench.perform(Motion::Pass(Panel::BackK)), Err(Condition::RibbonOut));
    }

    RibbonOtherLot: a_ribbon_of_an_unknown_lot_has_it_on_its_tag {
        let mut bench = Bench::new("[[fault]]\ncard = 2\nwhat = \"ribbon-other-lot\"\n");
        let lot = |bench: &Bench| bench.machine.kept().supplies.ribbon.unwrap().lot;
        assert_eq!(lot(&bench), 202_402);
        bench.perform(Motion::Feed).unwrap();
        bench.perform(Motion::Reject).unwrap();
        assert_eq!(lot(&bench), 999_999, "from the second card on");
    }

    HeadHot: a_hot_head_refuses_until_it_has_cooled {
        let (mut bench, ended) = struck(What::HeadHot, Y);
        assert_eq!(ended, Err(Condition::HeadHot));
        assert_eq!(bench.machine.sensors(bench.now).head_decidegrees, 850);
        bench.pass_time(bench.now + Duration::from_secs(30));
        assert_eq!(cleared(&bench), [Condition::HeadHot]);
        assert_eq!(bench.perform(Y), Ok(2_600));
    }

    HeadWarm: a_warm_head_is_waited_for {
        let (_, ended) = struck(What::HeadWarm, Y);
        let took = ended.unwrap();
        assert!((2_600 + 15_000..2_600 + 16_000).contains(&took), "{took}");
    }

    PanelMissing: a_panel_that_is_told_missing_burns_nothing {
        refuses_once(What::PanelMissing, Y, Condition::PanelMissing);
    }

    PatchAbsent: a_film_without_a_tag_refuses_the_patch {
        refuses_once(What::PatchAbsent, Motion::Hologram, Condition::PatchAbsent);
        let mut bench = waiting("what = \"jam\"\ntimes = 1\nstep = \"release\"", Motion::Hologram);
        let unreadable = Load { unreadable: true, ..Load::new(Supply::Patches, 9) };
        act(&mut bench, Person::Load(unreadable));
        assert_eq!(bench.perform(Motion::Hologram), Err(Condition::PatchAbsent));
    }

    PatchUsedUp: a_used_up_film_refuses_before_the_patch {
        refuses_once(What::PatchUsedUp, Motion::Hologram, Condition::PatchOut);
    }

    PatchOut: a_film_that_ends_says_so_on_its_tag_and_lays_nothing {
        let (bench, ended) = struck(What::PatchOut, Motion::Hologram);
        assert_eq!((ended, patches(&bench)), (Err(Condition::PatchOut), (0, 0)));
        assert!(!bench.machine.card().unwrap().patch);
    }

    PatchOutUntold: a_film_whose_tag_lies_ends_again {
        let (mut bench, ended) = struck(What::PatchOutUntold, Motion::Hologram);
        assert_eq!((ended, patches(&bench)), (Err(Condition::PatchOut), (499, 0)));
        assert_eq!(bench.perform(Motion::Hologram), Err(Condition::PatchOut));
        assert_eq!(bench.machine.kept().counters.patches_begun, 1);
    }

    PatchMisregistered: a_patch_that_lies_askew_is_noticed {
        let (bench, ended) = struck(What::PatchMisregistered, Motion::Hologram);
        assert_eq!(ended, Err(Condition::PatchMisregistered));
        let card = bench.machine.card().unwrap();
        assert_eq!((card.patch, card.askew), (false, true));
        let counters = bench.machine.kept().counters;
        assert_eq!((counters.patches_begun, counters.patches_completed), (1, 0));
    }

    PatchStuck: a_film_that_sticks_is_freed_by_hand {
        let (mut bench, ended) = struck(What::PatchStuck, Motion::Hologram);
        assert_eq!(ended, Err(Condition::PatchStuck));
        assert_eq!(bench.perform(Motion::Hologram), Err(Condition::PatchStuck));
        act(&mut bench, Person::Free(Supply::Patches));
        bench.perform(Motion::Hologram).unwrap();
    }

    PatchExpired: an_expired_film_has_its_day_on_its_tag {
        let bench = Bench::new("[[fault]]\ncard = 1\nwhat = \"patch-expired\"\n");
        assert_eq!(bench.machine.kept().supplies.patches.unwrap().expires, 20_190_331);
    }

    PatchReused: a_reused_films_tag_is_full_and_the_film_is_not {
        let bench = Bench::new("[[fault]]\ncard = 1\nwhat = \"patch-reused\"\n");
        assert_eq!(patches(&bench), (500, 1));
    }

    PatchOtherLot: a_film_of_an_unknown_lot_has_it_on_its_tag {
        let bench = Bench::new("[[fault]]\ncard = 1\nwhat = \"patch-other-lot\"\n");
        assert_eq!(bench.machine.kept().supplies.patches.unwrap().lot, 999_999);
    }

    HeaterNotReady: a_cold_heater_refuses_the_patch_until_it_is_warm {
        let (mut bench, ended) = struck(What::HeaterNotReady, Motion::Hologram);
        assert_eq!(ended, Err(Condition::HeaterNotReady));
        bench.pass_time(bench.now + Duration::from_secs(80));
        assert_eq!(cleared(&bench), [Condition::HeaterNotReady]);
        bench.perform(Motion::Hologram).unwrap();
    }
}
