//! Everything that can happen in the machine, row by row: jams in each zone, cover, feeder, tray,
//! ribbon, patches, heat, memory, lies, conditions that nobody knows.

use super::row::{Row, Then, decided, play, stops};

const OUT: &[&str] = &["open-cover", "remove-card", "close-cover"];

#[test]
fn jams_in_each_zone() {
    play(&[
        Row {
            code: "P-JAM-FEED",
            before: &["inject jam --step feed --at 0.4"],
            then: decided(OUT, &["untouched"], 1),
        },
        Row {
            code: "P-JAM-ENCODER",
            before: &["inject jam --step feed --at 0.9"],
            then: decided(OUT, &["untouched"], 1),
        },
        Row {
            code: "P-JAM-HEAD",
            before: &["inject jam --step back-k"],
            then: Then::Spoils,
        },
        Row {
            code: "P-JAM-FLIP",
            before: &["inject jam --step flip"],
            then: decided(&[], &["spoiled"], 2),
        },
        Row {
            code: "P-JAM-HOLOGRAM",
            before: &["inject jam --step hologram"],
            then: Then::Spoils,
        },
        Row {
            code: "P-JAM-CHECK",
            before: &["inject jam --step check"],
            then: decided(&[], &["cancel"], 2),
        },
        Row {
            code: "P-JAM-EXIT",
            before: &["inject jam --step eject"],
            then: decided(OUT, &["spoiled", "by-hand"], 2),
        },
    ]);
}

#[test]
fn feeder_and_tray() {
    play(&[
        Row {
            code: "P-NOT-PICKED",
            before: &["inject not-picked"],
            then: stops(&[]),
        },
        Row {
            code: "P-DOUBLE-FEED",
            before: &["inject double-feed"],
            then: decided(OUT, &["untouched"], 1),
        },
        Row {
            code: "P-TRAY-FULL",
            before: &["fill-tray"],
            then: stops(&["empty-tray"]),
        },
        Row {
            code: "P-TRAY-FULL",
            before: &["inject jam --step y", "inject tray-full"],
            then: decided(&["empty-tray"], &["continue"], 2),
        },
        Row {
            code: "P-CARD-LOST",
            before: &["inject card-lost --step flip"],
            then: decided(OUT, &["spoiled", "by-hand"], 2),
        },
    ]);
}

#[test]
fn the_cover_before_and_during_several_steps() {
    play(&[
        Row {
            code: "P-COVER-OPEN",
            before: &["open-cover"],
            then: stops(&["close-cover"]),
        },
        Row {
            code: "P-COVER-OPEN",
            before: &["inject cover-open --step flip"],
            then: stops(&[]),
        },
        Row {
            code: "P-COVER-OPEN",
            before: &["inject cover-opened --step feed --at 0.4"],
            then: decided(&["remove-card", "close-cover"], &["untouched"], 1),
        },
        Row {
            code: "P-COVER-OPEN",
            before: &["inject cover-opened --step c"],
            then: decided(&["close-cover"], &["continue"], 2),
        },
        Row {
            code: "P-COVER-OPEN",
            before: &["inject cover-opened --step check"],
            then: stops(&["close-cover"]),
        },
        Row {
            code: "P-COVER-OPEN",
            before: &["inject cover-opened --step eject"],
            then: decided(&["remove-card", "close-cover"], &["cancel", "by-hand"], 2),
        },
    ]);
}

#[test]
fn the_ribbon() {
    play(&[
        Row {
            code: "P-RIBBON-ABSENT",
            before: &["unload-ribbon"],
            then: stops(&["load-ribbon"]),
        },
        Row {
            code: "P-RIBBON-WRONG",
            before: &["load-ribbon --type patches"],
            then: stops(&["load-ribbon"]),
        },
        Row {
            code: "P-RIBBON-OUT",
            before: &["load-ribbon --remaining 0"],
            then: stops(&["load-ribbon"]),
        },
        Row {
            code: "P-RIBBON-OUT",
            before: &["inject ribbon-out --step k"],
            then: decided(&["load-ribbon"], &["continue"], 2),
        },
        Row {
            code: "P-RIBBON-BROKEN",
            before: &["inject ribbon-broken --step uv"],
            then: decided(&["load-ribbon"], &["continue"], 2),
        },
        Row {
            code: "P-RIBBON-STUCK",
            before: &["inject ribbon-stuck --step m"],
            then: decided(&["free-ribbon"], &["continue"], 2),
        },
        Row {
            code: "P-RIBBON-SEARCH",
            before: &["inject ribbon-search-failed --step y"],
            then: stops(&[]),
        },
    ]);
}

#[test]
fn the_patches() {
    play(&[
        Row {
            code: "P-PATCH-ABSENT",
            before: &["unload-patches"],
            then: stops(&["load-patches"]),
        },
        Row {
            code: "P-PATCH-OUT",
            before: &["load-patches --remaining 0"],
            then: stops(&["load-patches"]),
        },
        Row {
            code: "P-PATCH-OUT",
            before: &["inject patch-out"],
            then: decided(&["load-patches"], &["continue"], 2),
        },
        Row {
            code: "P-PATCH-MISREGISTERED",
            before: &["inject patch-misregistered"],
            then: Then::Spoils,
        },
        Row {
            code: "P-PATCH-STUCK",
            before: &["inject patch-stuck"],
            then: decided(&["free-patches"], &["continue"], 2),
        },
    ]);
}

#[test]
fn heat_antennas_memory_and_care() {
    play(&[
        Row {
            code: "P-HEAD-HOT",
            before: &["inject head-hot --card next --step c"],
            then: stops(&[]),
        },
        Row {
            code: "P-HEATER-COLD",
            before: &["inject heater-not-ready --card next --step hologram"],
            then: stops(&[]),
        },
        Row {
            code: "C-READER-GONE",
            before: &["inject encoder-silent"],
            then: stops(&[]),
        },
        Row {
            code: "C-READER-GONE",
            before: &["inject check-silent"],
            then: stops(&[]),
        },
        Row {
            code: "P-MEMORY",
            before: &["inject memory"],
            then: stops(&[]),
        },
        Row {
            code: "P-PANEL-MISSING",
            before: &["inject panel-missing"],
            then: stops(&[]),
        },
        Row {
            code: "P-CLEANING-OVERDUE",
            before: &["inject cleaning-overdue"],
            then: stops(&["clean"]),
        },
        Row {
            code: "P-CLEANING-DUE",
            before: &["inject cleaning-due --standing"],
            then: Then::GoesOn,
        },
        Row {
            code: "P-SHUTDOWN",
            before: &["inject improper-shutdown"],
            then: stops(&[]),
        },
    ]);
}

/// What the printer says and what the station may believe of it.
#[test]
fn a_printer_that_lies() {
    play(&[
        Row {
            code: "S-FRONT-DIFFERS",
            before: &["inject ribbon-slipped"],
            then: Then::Spoils,
        },
        Row {
            code: "S-BACK-DIFFERS",
            before: &["inject blank-face --step back-k"],
            then: Then::Spoils,
        },
        Row {
            code: "P-COUNTERS",
            before: &["inject stale-answer --step m"],
            then: stops(&[]),
        },
        Row {
            code: "P-COUNTERS",
            before: &["inject counter-jumped --step c"],
            then: decided(&[], &["spoiled"], 2),
        },
    ]);
}

/// A condition that stops a motion stops the station when nobody knows it.
#[test]
fn conditions_that_are_unknown_or_out_of_place() {
    play(&[
        Row {
            code: "?-UNKNOWN",
            before: &["inject unknown-condition --step m"],
            then: decided(&[], &["continue"], 2),
        },
        Row {
            code: "?-UNKNOWN",
            before: &["inject refuses --step flip --condition 32513"],
            then: stops(&[]),
        },
        Row {
            code: "P-BAD-COMMAND",
            before: &["inject refuses --step y --condition P-BAD-PARAMETER"],
            then: stops(&[]),
        },
        Row {
            code: "P-FIRMWARE",
            before: &["inject firmware --step k"],
            then: Then::Spoils,
        },
    ]);
}

/// Two things at once: the second is met on the way out of the first.
#[test]
fn two_faults_at_once() {
    play(&[
        Row {
            code: "P-TRAY-FULL",
            before: &["inject ribbon-out --step m", "inject tray-full"],
            then: decided(&["empty-tray", "load-ribbon"], &["continue"], 2),
        },
        Row {
            code: "P-COVER-OPEN",
            before: &["inject cover-opened --step k", "inject tray-full"],
            then: decided(&["close-cover"], &["continue", "continue"], 2),
        },
        Row {
            code: "P-JAM-HEAD",
            before: &["inject chip-dies --step c", "inject jam --step k"],
            then: Then::Spoils,
        },
        Row {
            code: "P-JAM-HOLOGRAM",
            before: &["noise --rate 0.0002 --seed 7", "inject jam --step hologram"],
            then: Then::Spoils,
        },
    ]);
}
