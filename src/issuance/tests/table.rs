//! The recovery table, row by row, as design and ARCHITECTURE print it.

use super::*;
use Finding::{Done, Spoiled, Unknown, Untouched};

/// Counters that stand at 10 before the step, changed, with sensors and a chip.
fn survey(change: impl Fn(&mut Survey)) -> Survey {
    let mut survey = Survey {
        counters: before(),
        ..Survey::default()
    };
    change(&mut survey);
    survey
}

fn before() -> Counters {
    Counters {
        fed: 10,
        ejected: 10,
        taken: 10,
        rejected: 10,
        begun: [10; 7],
        completed: [10; 7],
        patches_begun: 10,
        patches_completed: 10,
        flips: 10,
        ..Counters::default()
    }
}

/// A row: its name, what is seen, what is found.
type Row<'a> = (&'a str, &'a dyn Fn(&mut Survey), Finding);

fn rows(step: Step, rows: &[Row<'_>]) {
    for (name, change, finding) in rows {
        assert_eq!(
            judge(step, &before(), &survey(change)),
            *finding,
            "{step:?}: {name}"
        );
    }
}

fn chip(change: impl Fn(&mut Witness)) -> Chip {
    let mut witness = fresh(Serial([1; 10]));
    change(&mut witness);
    Chip::Answers(witness)
}

#[test]
fn sighting_only_reads_so_it_is_done_again() {
    rows(Step::SightOld, &[("whatever is seen", &|_| {}, Untouched)]);
}

#[test]
fn a_feed_is_told_by_its_counter_and_the_path() {
    rows(
        Step::Feed,
        &[
            ("unmoved, path empty", &|_| {}, Untouched),
            (
                "unmoved, a card on the way",
                &|s| s.sensors.feeder = true,
                Unknown,
            ),
            (
                "unmoved, and a card vanished",
                &|s| s.counters.lost += 1,
                Unknown,
            ),
            (
                "unmoved, a card in the slot",
                &|s| s.sensors.exit = true,
                Unknown,
            ),
            (
                "one more, at the encoder",
                &|s| (s.counters.fed, s.sensors.encoder) = (11, true),
                Done,
            ),
            ("one more, nowhere", &|s| s.counters.fed = 11, Unknown),
            (
                "two more: a double feed",
                &|s| (s.counters.fed, s.sensors.encoder) = (12, true),
                Unknown,
            ),
            (
                "the counter ran backwards",
                &|s| s.counters.fed = 9,
                Unknown,
            ),
        ],
    );
}

#[test]
fn a_chip_says_itself_whether_it_was_written() {
    rows(
        Step::Encode,
        &[
            (
                "transport keys, no byte",
                &|s| s.chip = chip(|_| {}),
                Untouched,
            ),
            (
                "a byte was stored",
                &|s| s.chip = chip(|w| w.stored = 1),
                Spoiled,
            ),
            (
                "personalised, all files equal",
                &|s| {
                    s.chip = chip(|w| {
                        (w.life, w.stored, w.files) = (Life::Personalised, 9999, Files::Equal);
                    });
                },
                Done,
            ),
            (
                "personalised, a file differs",
                &|s| {
                    s.chip = chip(|w| (w.life, w.files) = (Life::Personalised, Files::Different));
                },
                Spoiled,
            ),
            (
                "personalised, not read back yet",
                &|s| s.chip = chip(|w| (w.life, w.stored) = (Life::Personalised, 9)),
                Unknown,
            ),
            (
                "other keys",
                &|s| s.chip = chip(|w| w.keys = ChipKeys::Other),
                Spoiled,
            ),
            ("silent", &|s| s.chip = Chip::Silent, Unknown),
            ("nobody asked", &|_| {}, Unknown),
        ],
    );
}

#[test]
fn a_lock_is_all_or_nothing() {
    rows(
        Step::Lock,
        &[
            (
                "transport keys",
                &|s| s.chip = chip(|w| w.life = Life::Personalised),
                Untouched,
            ),
            (
                "locked",
                &|s| s.chip = chip(|w| (w.keys, w.life) = (ChipKeys::Issuer, Life::Locked)),
                Done,
            ),
            (
                "new keys, not closed",
                &|s| s.chip = chip(|w| (w.keys, w.life) = (ChipKeys::Issuer, Life::Personalised)),
                Spoiled,
            ),
            (
                "closed, old keys",
                &|s| s.chip = chip(|w| w.life = Life::Locked),
                Spoiled,
            ),
            ("silent", &|s| s.chip = Chip::Silent, Unknown),
        ],
    );
}

#[test]
fn a_pass_cut_short_spoils_the_blank() {
    for panel in Panel::ALL {
        let p = panel.index();
        rows(
            Step::Print(panel),
            &[
                ("neither moved", &|_| {}, Untouched),
                ("begun only", &|s| s.counters.begun[p] = 11, Spoiled),
                (
                    "completed",
                    &|s| (s.counters.begun[p], s.counters.completed[p]) = (11, 11),
                    Done,
                ),
                (
                    "two begun",
                    &|s| (s.counters.begun[p], s.counters.completed[p]) = (12, 11),
                    Unknown,
                ),
                (
                    "completed without a beginning",
                    &|s| s.counters.completed[p] = 11,
                    Unknown,
                ),
            ],
        );
    }
}

#[test]
fn a_flip_is_told_by_its_counter_and_the_face() {
    rows(
        Step::Flip,
        &[
            (
                "unmoved, at the head",
                &|s| s.sensors.head_out = true,
                Untouched,
            ),
            (
                "unmoved, back up",
                &|s| s.sensors.flipper = Flipper::BackUp,
                Untouched,
            ),
            (
                "one more, front up",
                &|s| (s.counters.flips, s.sensors.flipper) = (11, Flipper::FrontUp),
                Done,
            ),
            (
                "one more, back up",
                &|s| (s.counters.flips, s.sensors.flipper) = (11, Flipper::BackUp),
                Unknown,
            ),
            (
                "between",
                &|s| s.sensors.flipper = Flipper::Between,
                Unknown,
            ),
            ("nowhere", &|_| {}, Unknown),
        ],
    );
}

#[test]
fn a_patch_cut_short_spoils_the_blank() {
    rows(
        Step::Hologram,
        &[
            ("neither", &|_| {}, Untouched),
            ("begun only", &|s| s.counters.patches_begun = 11, Spoiled),
            (
                "completed",
                &|s| (s.counters.patches_begun, s.counters.patches_completed) = (11, 11),
                Done,
            ),
            (
                "counter jumped",
                &|s| s.counters.patches_begun = 40,
                Unknown,
            ),
        ],
    );
}

#[test]
fn a_check_is_read_again_while_the_card_is_at_rest() {
    rows(
        Step::Check,
        &[
            (
                "at the hologram station",
                &|s| s.sensors.hologram = true,
                Untouched,
            ),
            (
                "at the check station",
                &|s| s.sensors.check = true,
                Untouched,
            ),
            ("in neither", &|_| {}, Unknown),
            (
                "between",
                &|s| (s.sensors.hologram, s.sensors.check) = (true, true),
                Unknown,
            ),
        ],
    );
}

#[test]
fn the_slot_is_told_by_its_counters() {
    rows(
        Step::Eject,
        &[
            ("inside", &|s| s.sensors.check = true, Untouched),
            (
                "at the exit",
                &|s| (s.counters.ejected, s.sensors.exit) = (11, true),
                Done,
            ),
            ("gone", &|s| s.counters.ejected = 11, Unknown),
            (
                "seen at the exit, not counted",
                &|s| s.sensors.exit = true,
                Unknown,
            ),
            ("nowhere, not counted", &|_| {}, Unknown),
            (
                "seen at two places, not counted",
                &|s| (s.sensors.check, s.sensors.exit) = (true, true),
                Unknown,
            ),
            (
                "seen at two places, counted",
                &|s| {
                    s.counters.ejected = 11;
                    (s.sensors.check, s.sensors.exit) = (true, true);
                },
                Unknown,
            ),
        ],
    );
    rows(
        Step::Release,
        &[
            ("still at the exit", &|s| s.sensors.exit = true, Untouched),
            ("taken", &|s| s.counters.taken = 11, Done),
            ("gone, not counted", &|_| {}, Unknown),
            (
                "counted, still there",
                &|s| (s.counters.taken, s.sensors.exit) = (11, true),
                Unknown,
            ),
        ],
    );
}

#[test]
fn a_spoiled_card_is_made_dead_and_goes_to_the_tray() {
    rows(
        Step::Terminate,
        &[
            (
                "terminated",
                &|s| s.chip = chip(|w| w.life = Life::Terminated),
                Done,
            ),
            ("silent", &|s| s.chip = Chip::Silent, Done),
            ("it still answers", &|s| s.chip = chip(|_| {}), Untouched),
            ("nobody asked", &|_| {}, Unknown),
        ],
    );
    rows(
        Step::Reject,
        &[
            ("inside", &|s| s.sensors.head_in = true, Untouched),
            ("in the tray", &|s| s.counters.rejected = 11, Done),
            ("nowhere, not counted", &|_| {}, Unknown),
            (
                "counted, one still inside",
                &|s| (s.counters.rejected, s.sensors.check) = (11, true),
                Unknown,
            ),
        ],
    );
}

#[test]
fn only_a_person_can_say_what_a_person_did() {
    for step in [
        Step::CollectOld,
        Step::HandOver,
        Step::Punch,
        Step::RemoveByHand,
    ] {
        rows(step, &[("whatever is seen", &|_| {}, Unknown)]);
    }
}

#[test]
fn a_blank_has_transport_keys_no_life_and_not_one_byte() {
    let blank = fresh(Serial([1; 10]));
    assert!(blank.is_blank());
    let others = [
        Witness {
            keys: ChipKeys::Issuer,
            ..blank
        },
        Witness {
            life: Life::Personalised,
            ..blank
        },
        Witness { stored: 1, ..blank },
    ];
    assert!(others.iter().all(|chip| !chip.is_blank()));
}
