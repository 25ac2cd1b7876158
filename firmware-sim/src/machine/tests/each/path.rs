//! Faults of hopper, path, cover, tray and slot.

use super::*;
use wire::Zone;

super::each! {
    Memory: panels_that_do_not_fit_are_refused_before_anything_moves {
        let mut bench = Bench::new("[[fault]]\ncard = 1\nwhat = \"memory\"\n");
        assert_eq!(bench.name(&panels(0)), Err(Condition::Memory));
        assert!(bench.machine.assembly().is_none());
        bench.load(&panels(0));
    }

    HopperEmpty: an_empty_hopper_refuses_the_feed {
        refuses_once(What::HopperEmpty, Motion::Feed, Condition::HopperEmpty);
        let bench = Bench::new("[[fault]]\ncard = 1\nwhat = \"hopper-empty\"\nstanding = true\n");
        assert!(!bench.machine.sensors(bench.now).hopper);
    }

    NotPicked: a_blank_that_is_not_picked_stays_in_the_hopper {
        let (mut bench, ended) = struck(What::NotPicked, Motion::Feed);
        assert_eq!(ended, Err(Condition::NotPicked));
        assert_eq!((bench.machine.hopper.len(), bench.machine.card()), (4, None));
        assert_eq!(bench.machine.kept().counters.fed, 0);
        bench.perform(Motion::Feed).unwrap();
        assert_eq!(bench.machine.card().unwrap().blank.place, 1);
    }

    DoubleFeed: two_blanks_at_once_are_noticed_and_go_out_together {
        let (mut bench, ended) = struck(What::DoubleFeed, Motion::Feed);
        assert_eq!(ended, Err(Condition::DoubleFeed));
        assert_eq!(bench.machine.hopper.len(), 2);
        assert_eq!(bench.machine.card().unwrap().beneath.as_ref().unwrap().place, 2);
        bench.perform(Motion::Reject).unwrap();
        assert_eq!(bench.machine.interior().in_tray, 2);
        assert_eq!(bench.machine.kept().counters.rejected, 1, "the sensor saw one");
        assert!(bench.seen.iter().any(|effect| matches!(effect, Effect::LeftBeneath(_))));
    }

    DoubleFeedUnseen: two_blanks_at_once_unseen_count_as_one {
        let (mut bench, ended) = struck(What::DoubleFeedUnseen, Motion::Feed);
        assert!(ended.is_ok());
        assert_eq!((bench.machine.kept().counters.fed, bench.machine.hopper.len()), (1, 2));
        for motion in &PLAN[1..] {
            bench.perform(*motion).unwrap();
        }
        bench.perform(Motion::Release).unwrap();
        let beneath = bench.seen.iter().find_map(|effect| {
            let Effect::LeftBeneath(departed) = effect else {
                return None;
            };
            Some(departed)
        });
        let truth = &beneath.expect("it went along").truth;
        assert_eq!((truth.beneath, truth.fate, truth.passes.len()), (true, Fate::Taken, 0));
    }

    CleaningDue: cleaning_that_is_due_shows_and_refuses_nothing {
        let mut bench = waiting("what = \"cleaning-due\"\nstanding = true", Motion::Feed);
        bench.perform(Motion::Feed).unwrap();
        assert!(raised(&bench).contains(&Condition::CleaningDue));
        bench.machine.kept.counters.since_cleaning = 1_000;
        bench.machine.clear(None, bench.now);
        bench.pass_time(bench.now);
        assert!(!cleared(&bench).contains(&Condition::CleaningDue), "it really is");
        act(&mut bench, Person::Clean);
        assert!(cleared(&bench).contains(&Condition::CleaningDue));
        assert_eq!(bench.machine.kept().counters.since_cleaning, 0);
    }

    CleaningOverdue: overdue_cleaning_refuses_the_feed_until_it_is_done {
        refuses_once(What::CleaningOverdue, Motion::Feed, Condition::CleaningOverdue);
        let mut bench = Bench::loaded("");
        bench.machine.kept.counters.since_cleaning = 1_200;
        assert_eq!(bench.perform(Motion::Feed), Err(Condition::CleaningOverdue));
        act(&mut bench, Person::Clean);
        bench.perform(Motion::Feed).unwrap();
    }

    ImproperShutdown: power_that_went_without_a_word_is_told_in_the_next_boot {
        refuses_once(What::ImproperShutdown, Motion::Feed, Condition::ImproperShutdown);
        for proper in [true, false] {
            let mut bench = Bench::loaded("");
            if proper {
                bench.machine.shut_down();
            }
            bench.machine.power_cut(bench.now);
            bench.pass_time(Duration::from_secs(10));
            assert_eq!(raised(&bench).contains(&Condition::ImproperShutdown), !proper);
            bench.perform(Motion::Feed).unwrap();
            assert_eq!(cleared(&bench).contains(&Condition::ImproperShutdown), !proper);
        }
    }

    Jam: a_card_jams_in_the_zone_of_its_step_and_comes_loose {
        let zones = [
            (Motion::Feed, Zone::Feeder),
            (Motion::Pass(Panel::C), Zone::Head),
            (Motion::Flip, Zone::Flipper),
            (Motion::Hologram, Zone::Hologram),
            (Motion::Check, Zone::Check),
            (Motion::Eject, Zone::Exit),
        ];
        for (motion, zone) in zones {
            let (mut bench, ended) = struck(What::Jam, motion);
            assert_eq!(ended, Err(Condition::Jam(zone)));
            assert!(raised(&bench).contains(&Condition::Jam(zone)));
            assert_eq!(bench.perform(Motion::Check), Err(Condition::Jam(zone)));
            bench.perform(Motion::Reject).unwrap();
            assert!(cleared(&bench).contains(&Condition::Jam(zone)));
        }
        let mut late = waiting("what = \"jam\"\nstep = \"feed\"\nat = 0.8", Motion::Feed);
        assert_eq!(late.perform(Motion::Feed), Err(Condition::Jam(Zone::Encoder)));
        assert_eq!(place(&late), Place::Encoder);
    }

    StuckJam: a_stuck_card_moves_for_hands_only {
        let (mut bench, ended) = struck(What::StuckJam, Motion::Flip);
        assert_eq!(ended, Err(Condition::Jam(Zone::Flipper)));
        assert_eq!(bench.perform(Motion::Reject), Err(Condition::Jam(Zone::Flipper)));
        assert_eq!(place(&bench), Place::FlipperBetween);
        act(&mut bench, Person::RemoveCard);
        assert_eq!(bench.departed().truth.fate, Fate::RemovedByHand);
        assert_eq!(bench.machine.interior().stuck, None);
    }

    CardLost: a_lost_card_is_at_no_sensor_and_no_motion_finds_it {
        let (mut bench, ended) = struck(What::CardLost, Motion::Hologram);
        assert_eq!((ended, place(&bench)), (Err(Condition::CardLost), Place::Astray));
        let sensors = bench.machine.sensors(bench.now);
        assert!(!sensors.head_in && !sensors.hologram && !sensors.check);
        assert_eq!(bench.perform(Motion::Reject), Err(Condition::CardLost));
        act(&mut bench, Person::RemoveCard);
        assert!(cleared(&bench).contains(&Condition::CardLost));
        assert_eq!(bench.machine.kept().counters.lost, 1);
    }

    CoverOpen: an_open_cover_refuses_before_the_motion {
        refuses_once(What::CoverOpen, Motion::Feed, Condition::CoverOpen);
        let (_, ended) = struck(What::CoverOpen, Motion::Pass(Panel::K));
        assert_eq!(ended, Err(Condition::CoverOpen));
    }

    CoverOpened: a_cover_opened_in_a_pass_ends_it_and_stays_open {
        let (mut bench, ended) = struck(What::CoverOpened, Motion::Pass(Panel::M));
        assert_eq!(ended, Err(Condition::CoverOpened));
        assert!(bench.machine.sensors(bench.now).cover_open);
        let burned = bench.machine.card().unwrap().layers[2].burned;
        assert!(burned > 0 && burned < 127, "{burned}");
        assert_eq!(bench.perform(Motion::Reject), Err(Condition::CoverOpen));
        act(&mut bench, Person::CloseCover);
        bench.perform(Motion::Reject).unwrap();
    }

    TrayFull: a_full_tray_refuses_the_reject {
        refuses_once(What::TrayFull, Motion::Reject, Condition::TrayFull);
        let mut bench = Bench::loaded("");
        act(&mut bench, Person::FillTray);
        bench.perform(Motion::Feed).unwrap();
        assert!(bench.machine.sensors(bench.now).tray_full);
        assert_eq!(bench.perform(Motion::Reject), Err(Condition::TrayFull));
        act(&mut bench, Person::EmptyTray);
        bench.perform(Motion::Reject).unwrap();
        assert_eq!(cleared(&bench), [Condition::TrayFull]);
    }

    NotTaken: a_card_that_nobody_takes_stays_in_the_slot {
        let (mut bench, ended) = struck(What::NotTaken, Motion::Release);
        assert_eq!((ended, place(&bench)), (Err(Condition::CardNotTaken), Place::Exit));
        bench.perform(Motion::Release).unwrap();
        assert_eq!(bench.departed().truth.fate, Fate::Taken);
    }

    EncoderSilent: a_silent_encoder_refuses_the_feed {
        refuses_once(What::EncoderSilent, Motion::Feed, Condition::EncoderSilent);
    }

    CheckSilent: a_silent_check_antenna_refuses_the_check {
        refuses_once(What::CheckSilent, Motion::Check, Condition::CheckSilent);
    }

    Firmware: a_firmware_that_finds_itself_inconsistent_stops_the_motion {
        let (bench, ended) = struck(What::Firmware, Motion::Eject);
        assert_eq!(ended, Err(Condition::Firmware));
        assert_eq!(bench.machine.kept().counters.ejected, 0);
    }

    UnknownCondition: a_condition_that_no_table_knows_ends_the_motion {
        let (_, ended) = struck(What::UnknownCondition, Motion::Flip);
        assert_eq!(ended, Err(Condition::Unknown(0x7F01)));
    }

    Refused: a_motion_is_refused_with_whatever_is_told {
        let mut bench = waiting("what = \"refuses\"\nstep = \"eject\"\ncondition = \"0x0BAD\"", Motion::Eject);
        assert_eq!(bench.perform(Motion::Eject), Err(Condition::Unknown(0x0BAD)));
        assert_eq!(place(&bench), Place::Check);
    }

    Failed: a_motion_ends_with_whatever_is_told {
        let mut bench = waiting("what = \"fails\"\nstep = \"feed\"\nat = 0.9\ncondition = \"P-HOST-SILENT\"", Motion::Feed);
        assert_eq!(bench.perform(Motion::Feed), Err(Condition::HostSilent));
        assert_eq!(place(&bench), Place::Encoder);
    }

    PowerCut: power_that_goes_in_a_motion_leaves_it_unended {
        let mut bench = waiting("what = \"power-cut\"\nstep = \"flip\"", Motion::Flip);
        let (id, _) = bench.begin(Motion::Flip);
        bench.pass_time(bench.now + Duration::from_secs(10));
        assert_eq!((bench.end_of(id), bench.machine.boot()), (None, 2));
        assert_eq!(place(&bench), Place::FlipperBetween);
    }
}
