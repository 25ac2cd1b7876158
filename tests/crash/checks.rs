//! Truth after a job's end: cards, chips, printer, books and authority, each by its own eyes. The
//! numbers in brackets are those of the invariants.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::book::{Authority, Book};
use super::story::{End, Old, Story};
use crate::rig::{Made, Rig};

/// What is known of a rig from the cycles before.
#[derive(Default)]
pub(super) struct Known {
    seen: BTreeSet<PathBuf>,
    numbers: BTreeSet<String>,
    delivered: u32,
    others: u32,
    /// The card of the newest delivered job.
    pub(super) newest: Option<Old>,
}

/// Holds the laws over everything that this job did. Says how many attempts it took.
pub(super) fn hold(rig: &Rig, known: &mut Known, story: &Story<'_>, end: End) -> usize {
    let book = Book::of(rig);
    let authority = Authority::of(rig);
    let job = authority.job_id(&story.reception);
    let attempts = book.attempts();
    let granted: BTreeSet<_> = attempts.iter().map(|one| one.number.clone()).collect();
    assert_eq!(
        granted.len(),
        attempts.len(),
        "a number was granted twice (I-14)"
    );
    let mine: Vec<_> = attempts.iter().filter(|one| one.job == job).collect();

    let folders = rig.card_folders();
    let new: Vec<_> = folders
        .iter()
        .filter(|one| !known.seen.contains(*one))
        .collect();
    let mut outside = Vec::new();
    for folder in new {
        let card = rig.truth_of(folder);
        known.seen.insert(folder.clone());
        one_card(&card, known, &granted);
        let bin = !card.taken();
        story.tally.left(&card.fate(), bin && card.is_live());
        known.delivered += u32::from(card.taken());
        known.others += u32::from(bin);
        if card.taken() {
            outside.push(card);
        }
    }

    let numbers: Vec<_> = mine.iter().map(|one| one.number.as_str()).collect();
    what_is_outside(&outside, known, numbers.last().copied(), end);
    what_the_authority_knows(&authority, &numbers, story.old.as_ref(), end);
    assert!(!book.is_open(), "an issuance is open");
    assert_eq!(authority.grants_that_hold(), 0, "a grant holds the station");
    every_blank(rig, known, folders.len());
    rig.station("journal verify").reached();
    mine.len()
}

/// (I-01, I-10, I-13)
fn what_is_outside(outside: &[Made], known: &mut Known, last: Option<&str>, end: End) {
    match end {
        End::Delivered => {
            assert_eq!(
                outside.len(),
                1,
                "one card of a delivered job is outside (I-01)"
            );
            let card = &outside[0];
            assert!(card.is_live(), "it left unlocked or dead (I-13)");
            assert_eq!(
                Some(card.number().as_str()),
                last,
                "it is the last granted one (I-10)"
            );
            assert!(card.face_shows(card), "its face is not its chip's (I-10)");
            known.newest = Some(Old {
                number: card.number(),
                folder: card.folder.clone(),
            });
        }
        End::Withdrawn => {
            let live = outside.iter().filter(|card| card.is_live()).count();
            assert_eq!(live, 0, "a withdrawn card is outside");
        }
    }
}

/// (I-20, I-23)
fn what_the_authority_knows(authority: &Authority, numbers: &[&str], old: Option<&Old>, end: End) {
    for number in numbers {
        let state = authority.number(number);
        let live = end == End::Delivered && Some(number) == numbers.last();
        let expected = if live { "live" } else { "burned" };
        assert_eq!(state, expected, "{number} at the authority");
    }
    if let Some(old) = old {
        let expected = if end == End::Delivered {
            "void"
        } else {
            "live"
        };
        assert_eq!(
            authority.number(&old.number),
            expected,
            "the old card (I-20, I-23)"
        );
    }
}

/// (I-05, I-14)
fn one_card(card: &Made, known: &mut Known, granted: &BTreeSet<String>) {
    let number = card.number();
    if !number.is_empty() {
        assert!(granted.contains(&number), "{number} was never granted");
        assert!(
            known.numbers.insert(number.clone()),
            "{number} is on two cards"
        );
    }
    let passes = card.passes();
    let different: BTreeSet<_> = passes.iter().collect();
    assert_eq!(
        different.len(),
        passes.len(),
        "a pass burned twice: {passes:?}"
    );
}

/// (I-34, I-40) The books beside the truth, and the truth beside what was laid in.
fn every_blank(rig: &Rig, known: &Known, left: usize) {
    let shown = rig.station("supplies").reached();
    let terms = &shown.result()["blanks"];
    let term = |name: &str| terms[name].as_i64().unwrap_or(-1);
    let hopper = fs::read_dir(rig.path("printer-state/hopper"))
        .expect("a folder")
        .count();
    let inside = usize::from(rig.path("printer-state/inside").exists());
    let laid = rig.laid();
    assert_eq!(laid as usize, hopper + inside + left, "a blank is nowhere");
    let (hopper, inside) = (hopper as i64, inside as i64);
    let booked = [
        term("hopper"),
        term("machine") + term("exit"),
        term("delivered"),
    ];
    let truth = [hopper, inside, i64::from(known.delivered)];
    assert_eq!(booked, truth, "hopper, machine, delivered: {terms}");
    let binned = term("tray") + term("bag") + term("quarantined");
    assert_eq!(
        binned,
        i64::from(known.others),
        "tray, bag, quarantined: {terms}"
    );
    assert_eq!(term("loaded"), i64::from(laid), "loaded: {terms}");
    assert_eq!(inside, 0, "a card stayed in the machine");
}
