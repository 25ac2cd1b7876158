//! Faults as rows: what is done to the printer, what the station says, what a person does about it
//! and decides, and how many blanks the card takes. Rows of one table share a station: each leaves
//! it so that the next card can be made.

use serde_json::Value;

use crate::rig::{Rig, Said, last_four};

/// One fault at one card.
pub(super) struct Row {
    /// The code that it is on record with.
    pub(super) code: &'static str,
    /// What the control socket is told before the card is begun.
    pub(super) before: &'static [&'static str],
    /// What comes of it.
    pub(super) then: Then,
}

/// What comes of a fault.
pub(super) enum Then {
    /// Nobody is asked, and no blank is lost.
    GoesOn,
    /// Nobody is asked: the blank is spoiled, its number burned, and the next one is taken.
    Spoils,
    /// It stops.
    Stops {
        /// What hands do at the printer then.
        hands: &'static [&'static str],
        /// What two persons decide, stop after stop.
        decide: &'static [&'static str],
        /// The attempt that becomes the card.
        attempt: u32,
    },
}

/// It stops; hands do this, "continue" is said, and the same blank becomes the card.
pub(super) const fn stops(hands: &'static [&'static str]) -> Then {
    decided(hands, &["continue"], 1)
}

/// It stops; hands do this, this is decided, and that attempt becomes the card.
pub(super) const fn decided(
    hands: &'static [&'static str],
    decide: &'static [&'static str],
    attempt: u32,
) -> Then {
    Then::Stops {
        hands,
        decide,
        attempt,
    }
}

/// Plays all rows on one station, each up to a card that is handed over, and holds the laws.
pub(super) fn play(rows: &[Row]) {
    let rig = Rig::fresh();
    for row in rows {
        eprintln!("--- {} after {:?}", row.code, row.before);
        rig.load_blanks(2);
        play_one(&rig, row);
        rig.control("clear");
        rig.control("noise off");
    }
    let record = rig.on_record();
    for row in rows.iter().filter(|row| !matches!(row.then, Then::GoesOn)) {
        let code = row.code.to_owned();
        assert!(record.contains(&code), "{code} is not on record");
    }
    let made = rig.made();
    assert_eq!(made.iter().filter(|card| card.taken()).count(), rows.len());
    rig.hold_the_laws();
}

fn play_one(rig: &Rig, row: &Row) {
    let reception = rig.job();
    for command in row.before {
        rig.control(command);
    }
    let said = rig.issue(&reception);
    let (produced, attempt) = match &row.then {
        Then::GoesOn => (said, 1),
        Then::Spoils => (said, 2),
        Then::Stops {
            hands,
            decide,
            attempt,
        } => (settled(rig, row, said, hands, decide), *attempt),
    };
    let produced = produced.reached();
    assert_eq!(produced.result()["attempt"], attempt, "{}", produced.err);
    rig.hand_over(&produced.number()).reached();
}

/// The stop says what is true; nothing moves until it is decided; then hands and decisions.
fn settled(rig: &Rig, row: &Row, said: Said, hands: &[&str], decide: &[&str]) -> Said {
    let stop = said.stopped(row.code);
    let anatomy = &stop.result()["stop"];
    for words in ["what", "card", "number_fate"] {
        assert!(
            !anatomy[words].as_str().unwrap_or_default().is_empty(),
            "{words}"
        );
    }
    assert!(
        anatomy["todo"]
            .as_array()
            .is_some_and(|steps| !steps.is_empty())
    );
    let open = stop.decisions();
    assert!(open.contains(&decide[0]), "{}: {open:?}", row.code);

    let mut lay = rig.card_is();
    for act in hands {
        rig.control(act);
        if *act == "remove-card" {
            lay = Value::Null;
        }
        assert_eq!(rig.card_is(), lay, "{act} moved the card by itself");
    }
    let decisions: String = decide
        .iter()
        .map(|one| format!(" --decide {one}"))
        .collect();
    let four = last_four(&stop.number()).to_owned();
    let recover = format!("recover{decisions} --last-four {four}");
    let mut said = rig.two(&recover);
    // Heat takes its time: a person who comes too early is told so, and comes again.
    let heat = ["P-HEAD-HOT", "P-HEATER-COLD"].contains(&row.code);
    for _ in 0..20 {
        if !heat || said.result()["stop"]["code"] != row.code {
            break;
        }
        said = rig.two(&recover);
    }
    said
}
