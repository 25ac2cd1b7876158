//! The station's disk: cut, flipped, full, read-only. Real files under the real program: it opens
//! what was durable, or it refuses; nothing moves on what it cannot read or write.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::chance::Chance;
use crate::rig::{CLERK, Rig, Said, last_four};

const JOB: &str = "2026-000001";
/// Damages of each kind that are tried.
const SAMPLES: u64 = 10;

/// A station that died in mid-card: its journal lies on the disk as a power cut leaves it, half of
/// it in SQLite's log.
fn died_in_mid_card() -> Rig {
    let rig = Rig::fresh();
    rig.approve("1-landing", &[]);
    rig.issue_killed_at(JOB, &["journalled", "record=began {\"print\":\"c\"}"]);
    // What moved when the station died ends by itself.
    while !rig.control("show")["moving"].is_null() {}
    rig
}

/// The journal's two files, as they lie there.
struct Files {
    paths: [PathBuf; 2],
    bytes: [Vec<u8>; 2],
}

impl Files {
    fn of(rig: &Rig) -> Files {
        let paths = ["journal.sqlite", "journal.sqlite-wal"].map(|name| {
            let path = rig.path("station").join(name);
            assert!(path.exists(), "{} was left behind", path.display());
            path
        });
        let bytes = paths.clone().map(|path| fs::read(path).expect("a file"));
        Files { paths, bytes }
    }

    /// Puts both back as they were, one of them changed.
    fn lay(&self, changed: usize, bytes: &[u8]) {
        let shared = self.paths[0].with_extension("sqlite-shm");
        let _ = fs::remove_file(shared);
        for (at, path) in self.paths.iter().enumerate() {
            let bytes = if at == changed {
                bytes
            } else {
                &self.bytes[at]
            };
            fs::write(path, bytes).expect("written");
        }
    }
}

fn records(said: &Said) -> Vec<Value> {
    let objects = said.objects.iter();
    let records = objects.filter(|object| object["type"] == "record");
    records.map(|object| object["record"].clone()).collect()
}

/// Whole, or a beginning of it, or refused as damaged: never anything else.
fn never_misread(rig: &Rig, intact: &[Value], what: &str) -> Option<usize> {
    let said = rig.station("journal show");
    let read = records(&said);
    if said.exit == Some(0) {
        assert!(read.len() <= intact.len(), "{what}");
        assert_eq!(read[..], intact[..read.len()], "{what}");
        return Some(read.len());
    }
    assert_eq!(said.exit, Some(4), "{what}: {}", said.err);
    assert!(
        ["J-DAMAGED", "J-OTHER-STATION"].contains(&said.fault()),
        "{what}"
    );
    assert!(
        read.is_empty(),
        "{what}: nothing is told of a damaged journal"
    );
    None
}

#[test]
fn a_journal_cut_or_flipped_anywhere_is_never_misread() {
    let rig = died_in_mid_card();
    let files = Files::of(&rig);
    files.lay(0, &files.bytes[0]);
    let intact = records(&rig.station("journal show").reached());
    let lay = rig.card_is();
    let mut chance = Chance::of(46, 0);
    let (mut whole, mut shorter, mut refused) = (0, 0, 0);
    for at in 0..2 {
        for sample in 0..SAMPLES {
            let mut bytes = files.bytes[at].clone();
            let place = chance.below(bytes.len() as u64) as usize;
            if sample % 2 == 0 {
                bytes.truncate(place);
            } else {
                bytes[place] ^= 1 << chance.below(8);
            }
            files.lay(at, &bytes);
            let what = format!("file {at}, byte {place}, sample {sample}");
            match never_misread(&rig, &intact, &what) {
                Some(length) if length == intact.len() => whole += 1,
                Some(_) => shorter += 1,
                None => refused += 1,
            }
        }
    }
    println!(
        "of {} damages {refused} refused, {shorter} shorter, {whole} whole",
        2 * SAMPLES
    );
    assert!(refused > 0 && shorter > 0, "the damages were no damages");
    assert_eq!(rig.card_is(), lay, "nothing moved");
    files.lay(0, &files.bytes[0]);
    finished(&rig);
}

/// A log that lost its end is a whole chain, and shorter. What the authority and the printer were
/// told since exposes it, whichever is asked first; with the true log the card goes on.
#[test]
fn a_journal_that_silently_lost_its_end_stops_the_station() {
    let rig = died_in_mid_card();
    let files = Files::of(&rig);
    files.lay(0, &files.bytes[0]);
    let intact = records(&rig.station("journal show").reached());
    let lay = rig.card_is();
    let mut seen = Vec::new();
    for kept in [1, 3, 5, 7] {
        let log = &files.bytes[1][..files.bytes[1].len() * kept / 8];
        files.lay(1, log);
        let length = never_misread(&rig, &intact, "cut").expect("a shorter chain is a chain");
        assert!(length < intact.len());
        files.lay(1, log);
        // Where the shorter journal knows of no job, a person would want one.
        let said = match rig.recover() {
            idle if idle.exit == Some(0) => rig.issue(JOB),
            said => said,
        };
        assert!(said.exit.is_some_and(|exit| exit != 0), "{}", said.result());
        assert_eq!(rig.card_is(), lay, "nothing moved: {}", said.err);
        seen.push(said.fault().to_owned());
    }
    let exposed = |code: &String| code == "A-NEWER-JOURNAL" || code == "P-NEWER-JOURNAL";
    assert!(seen.iter().all(exposed), "{seen:?}");
    files.lay(0, &files.bytes[0]);
    finished(&rig);
}

/// The disk takes so many kilobytes more and no byte beyond, at one record after the other.
#[test]
fn a_disk_that_fills_up_stops_at_any_record_and_loses_none() {
    let rig = died_in_mid_card();
    let mut full = 0;
    for room in [0, 8, 24, 60] {
        let before = format!(
            "used=$(du -sk station | cut -f1); cp -a station kept-{room}; \
             mount -t tmpfs -o size=$((used + {room}))k none station; cp -a kept-{room}/. station"
        );
        let after = format!("cp -a station away-{room}");
        let said = rig.station_where(&before, ("recover", &[CLERK]), &after);
        full += usize::from(said.fault() == "J-WRITE-FAIL");
        // What this disk took is the station's disk from here on.
        fs::remove_dir_all(rig.path("station")).expect("ours");
        fs::rename(rig.path(&format!("away-{room}")), rig.path("station")).expect("moved");
        rig.station("journal verify").reached();
    }
    assert!(full >= 2, "the disk was never full");
    finished(&rig);
}

#[test]
fn a_read_only_disk_moves_nothing() {
    let rig = died_in_mid_card();
    let lay = rig.card_is();
    let folder = "mount --bind station station; mount -o remount,bind,ro station";
    let files = "for file in station/journal.*; do mount --bind $file $file; \
                 mount -o remount,bind,ro $file; done";
    // Who only reads may read.
    let read = rig.station_where(folder, ("journal verify", &[]), ":");
    read.reached();
    let said = rig.station_where(files, ("recover", &[CLERK]), ":");
    assert_eq!(said.fault(), "J-WRITE-FAIL", "{}", said.err);
    assert_eq!(rig.card_is(), lay, "it moved something");
    // A person's sign-in is noted, too, and cannot be.
    let said = rig.station_where(folder, ("recover", &[CLERK]), ":");
    assert!(said.exit.is_some_and(|exit| exit != 0), "{}", said.err);
    assert_eq!(rig.card_is(), lay);
    finished(&rig);
}

/// Recovered as if nothing had been: one card, handed over, and every law holds.
#[track_caller]
fn finished(rig: &Rig) {
    let mut said = rig.recover();
    for _ in 0..3 {
        if said.exit == Some(0) {
            break;
        }
        let four = last_four(&said.number()).to_owned();
        let decision = said.decisions().first().copied().unwrap_or("continue");
        said = rig.two(&format!("recover --decide {decision} --last-four {four}"));
    }
    rig.hand_over(&said.reached().number()).reached();
    let made = rig.made();
    assert_eq!(made.iter().filter(|card| card.taken()).count(), 1);
    rig.hold_the_laws();
}
