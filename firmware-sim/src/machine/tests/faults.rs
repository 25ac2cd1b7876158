//! What is refused, and what goes wrong: panels, places, jams, ribbon, chip, hopper.

use super::*;

#[test]
fn a_pass_is_refused_until_its_panel_is_whole() {
    let all = panels(0);
    let mut bench = Bench::new("");
    bench.name(&all).unwrap();
    bench.perform(Motion::Feed).unwrap();
    let refused = Err(Condition::PanelMissing);
    assert_eq!(bench.perform(Motion::Pass(Panel::BackK)), refused);
    bench.stream(&all[1..]);
    assert_eq!(bench.perform(Motion::Pass(Panel::BackK)), refused);
    assert_eq!(
        bench.machine.kept().counters.begun,
        [0; 7],
        "nothing was burned"
    );
    bench.stream(&all[..1]);
    let search_to_head_and_pass = 600 + 400 + 2_100;
    assert_eq!(
        bench.perform(Motion::Pass(Panel::BackK)),
        Ok(search_to_head_and_pass)
    );
}

#[test]
fn panels_that_do_not_fit_or_were_never_named_are_refused() {
    let mut bench = Bench::new("");
    bench.perform(Motion::Feed).unwrap();
    assert_eq!(
        bench.perform(Motion::Pass(Panel::BackK)),
        Err(Condition::PanelMissing)
    );
    let shape = Shape::new(4_096, 4_096, 8).unwrap();
    let huge = (
        Entry {
            panel: Panel::Y,
            shape,
            digest: Digest([1; 32]),
        },
        Vec::new(),
    );
    assert_eq!(bench.name(&[huge]), Err(Condition::Memory));
    bench.load(&panels(0));
    let have = bench.machine.assembly().unwrap().have(0);
    assert!(have.panels.iter().all(|panel| panel.verified) && have.free == WINDOW);
    bench.machine.erase(1).unwrap();
    assert!(bench.machine.assembly().is_none());
}

#[test]
fn motions_out_of_place_are_refused() {
    let mut bench = Bench::loaded("");
    for motion in [
        Motion::Flip,
        Motion::Check,
        Motion::Eject,
        Motion::Release,
        Motion::Reject,
    ] {
        assert_eq!(bench.perform(motion), Err(Condition::NotWhereExpected));
    }
    bench.up_to(Motion::Pass(Panel::BackK));
    assert_eq!(
        bench.perform(Motion::Feed),
        Err(Condition::NotWhereExpected)
    );
    let wrong_side = bench.perform(Motion::Pass(Panel::Y));
    assert_eq!(wrong_side, Err(Condition::NotWhereExpected));
    bench.perform(Motion::Flip).unwrap();
    assert_eq!(
        bench.machine.survey(None, bench.now).sensors.flipper,
        Flipper::FrontUp
    );
}

#[test]
fn a_jam_at_the_head_comes_loose_into_the_tray_and_a_stuck_one_needs_hands() {
    let jam = |what: &str| format!("[[fault]]\ncard = 1\nwhat = \"{what}\"\nstep = \"y\"\n");
    for (what, loosens) in [("jam", true), ("stuck-jam", false)] {
        let mut bench = Bench::loaded(&jam(what));
        bench.up_to(Motion::Flip);
        let jammed = Err(Condition::Jam(Zone::Head));
        assert_eq!(bench.perform(Motion::Pass(Panel::Y)), jammed);
        assert_eq!(bench.perform(Motion::Pass(Panel::M)), jammed);
        let counters = bench.machine.kept().counters;
        assert_eq!((counters.begun[1], counters.completed[1]), (1, 0));
        let rejected = bench.perform(Motion::Reject);
        assert_eq!(rejected.is_ok(), loosens, "{rejected:?}");
        if !loosens {
            bench.machine.act(Person::RemoveCard, bench.now);
            bench.seen.extend(bench.machine.effects());
        }
        let fate = if loosens {
            Fate::Rejected
        } else {
            Fate::RemovedByHand
        };
        assert_eq!(bench.departed().truth.fate, fate);
        bench.next_card();
        bench.load(&panels(1));
        bench.perform(Motion::Feed).unwrap();
    }
}

#[test]
fn faults_of_the_ribbon_work_physically() {
    let fault = |what: &str| format!("[[fault]]\ncard = 2\nwhat = \"{what}\"\n");
    for what in ["blank-face", "previous-photo", "ribbon-out"] {
        let mut bench = Bench::loaded(&fault(what));
        bench.up_to(Motion::Eject);
        bench.perform(Motion::Release).unwrap();
        let first = bench.departed().card.layers.clone();
        bench.next_card();
        bench.load(&panels(7));
        let ended: Vec<_> = PLAN[..10]
            .iter()
            .map(|motion| bench.perform(*motion))
            .collect();
        let layers = &bench.machine.card().unwrap().layers;
        match what {
            "blank-face" => {
                assert!(ended.iter().all(Result::is_ok), "it says that all is well");
                assert!(layers[1..].iter().all(|layer| layer.burned == 0));
                assert_eq!(bench.machine.kept().counters.completed, [2; 7]);
            }
            "previous-photo" => {
                assert!(ended.iter().all(Result::is_ok));
                assert_eq!(layers[1].rows, first[1].rows);
                assert_ne!(layers[4].rows, first[4].rows);
            }
            _ => assert_eq!(ended[4], Err(Condition::RibbonOut)),
        }
    }
}

#[test]
fn a_dead_chip_couples_nowhere_and_an_empty_hopper_moves_nothing() {
    let text =
        "[[fault]]\ncard = 1\nwhat = \"dead-chip\"\n[[fault]]\ncard = 2\nwhat = \"hopper-empty\"\n";
    let mut bench = Bench::loaded(text);
    bench.up_to(Motion::Feed);
    assert!(
        !bench
            .seen
            .iter()
            .any(|effect| matches!(effect, Effect::Couple(..)))
    );
    bench.perform(Motion::Reject).unwrap();
    bench.next_card();
    bench.load(&panels(1));
    assert_eq!(bench.perform(Motion::Feed), Err(Condition::HopperEmpty));
    bench.perform(Motion::Feed).unwrap();
    assert!(
        bench
            .seen
            .iter()
            .any(|effect| matches!(effect, Effect::Couple(Spot::Encoder, _)))
    );
}

#[test]
fn a_card_pulled_out_before_release_is_told_so() {
    let mut bench = Bench::loaded("");
    bench.up_to(Motion::Eject);
    bench.machine.act(Person::RemoveCard, bench.now);
    let effects = bench.machine.effects();
    let told = |effect: &Effect| {
        matches!(
            effect,
            Effect::Happened(Happening::CardTaken { released: false })
        )
    };
    assert!(effects.iter().any(told));
    bench.seen.extend(effects);
    assert_eq!(bench.departed().truth.fate, Fate::PulledOut);
    assert_eq!(
        bench.perform(Motion::Release),
        Err(Condition::NotWhereExpected)
    );
}

#[test]
fn the_chip_couples_before_the_feed_ends_and_leaves_with_the_card() {
    let mut bench = Bench::loaded("");
    bench.begin(Motion::Feed);
    bench.pass_time(Duration::from_millis(1_699));
    assert_eq!(bench.machine.card().unwrap().coupled, None);
    bench.pass_time(Duration::from_millis(1_700));
    assert_eq!(bench.machine.card().unwrap().coupled, Some(Spot::Encoder));
    bench.pass_time(Duration::from_secs(3));
    bench.begin(Motion::Pass(Panel::BackK));
    assert_eq!(bench.machine.card().unwrap().coupled, None);
}
