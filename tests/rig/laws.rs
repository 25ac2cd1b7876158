//! The laws (design: what must never happen), held over what was physically made, what the
//! journal says and what the authority knows. Numbers in brackets are those of the invariants.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use base64::Engine as _;
use serde_json::Value;

use super::{Made, Rig};

/// One attempt, as the journal tells it.
struct Attempt {
    job: String,
    number: String,
    old: String,
    events: Vec<Value>,
}

/// Holds all of them.
#[track_caller]
pub(super) fn hold(rig: &Rig, made: &[Made], journal: &[Value], said: &str) {
    let attempts = attempts(journal);
    numbers_are_used_once(made, &attempts);
    one_live_card_a_job(made, &attempts);
    chip_face_and_grant_agree(made, &attempts);
    attempts.iter().for_each(old_card_before_release);
    the_authority_agrees(rig, made, &attempts);
    nothing_of_the_holder_stays(rig, said);
    rig.station("journal verify").reached();
}

fn attempts(journal: &[Value]) -> Vec<Attempt> {
    let mut attempts: Vec<Attempt> = Vec::new();
    for record in journal {
        let event = &record["what"]["issuance"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if event["event"] == "granted" {
            let grant = &event["grant"];
            attempts.push(Attempt {
                job: text(&grant["job"]),
                number: text(&grant["number"]),
                old: text(&grant["old"]),
                events: Vec::new(),
            });
        } else if let (Some(open), false) = (attempts.last_mut(), event.is_null()) {
            open.events.push(event.clone());
        }
    }
    attempts
}

/// (I-14)
#[track_caller]
fn numbers_are_used_once(made: &[Made], attempts: &[Attempt]) {
    let granted: BTreeSet<&str> = attempts.iter().map(|one| one.number.as_str()).collect();
    assert_eq!(granted.len(), attempts.len(), "a number was granted twice");
    let mut borne = BTreeSet::new();
    for card in made.iter().filter(|card| !card.number().is_empty()) {
        assert!(
            borne.insert(card.number()),
            "{} is on two cards",
            card.number()
        );
        assert!(
            granted.contains(card.number().as_str()),
            "{} was never granted",
            card.number()
        );
    }
}

/// (I-01)
#[track_caller]
fn one_live_card_a_job(made: &[Made], attempts: &[Attempt]) {
    let job: BTreeMap<&str, &str> = attempts
        .iter()
        .map(|one| (one.number.as_str(), one.job.as_str()))
        .collect();
    let mut outside = BTreeSet::new();
    for card in made.iter().filter(|card| card.taken() && card.is_live()) {
        let job = job.get(card.number().as_str()).copied().unwrap_or_default();
        assert!(
            outside.insert(job.to_owned()),
            "two live cards of {job} are outside"
        );
    }
}

/// (I-10, I-13)
#[track_caller]
fn chip_face_and_grant_agree(made: &[Made], attempts: &[Attempt]) {
    for card in made.iter().filter(|card| card.taken()) {
        assert!(card.is_live(), "{} left unlocked or dead", card.number());
        let granted = attempts.iter().any(|one| one.number == card.number());
        assert!(granted, "{} was never granted", card.number());
        assert!(
            card.face_shows(card),
            "the face of {} is not its chip's",
            card.number()
        );
    }
}

/// (I-20, I-21)
#[track_caller]
fn old_card_before_release(attempt: &Attempt) {
    let mut settled = attempt.old != "return";
    let mut handed = false;
    let mut begun = "";
    for event in &attempt.events {
        let kind = event["event"].as_str().unwrap_or_default();
        let done = kind == "finished" || (kind == "found" && event["finding"] == "done");
        let answered = kind == "decided" && event["decision"]["answer"] == "done";
        if kind == "began" {
            begun = event["step"].as_str().unwrap_or_default();
        }
        match (kind, event["step"].as_str()) {
            (_, Some("collect-old")) if done => settled = true,
            // Collecting was in doubt, and persons said that they have the card.
            ("decided", _) if answered && begun == "collect-old" => settled = true,
            ("decided", _) if !event["decision"]["waive"].is_null() => settled = true,
            ("decided", _) if event["decision"] == "by-eye" => settled = true,
            ("began", Some("release")) => assert!(settled, "{} released too early", attempt.number),
            ("began", Some("punch")) => {
                assert!(handed, "{}'s old card punched early", attempt.number)
            }
            _ => {}
        }
        handed |= (answered && begun == "hand-over") || (done && event["step"] == "hand-over");
    }
}

/// (I-23) What is live at the authority was handed over; what was not handed over is not live.
#[track_caller]
fn the_authority_agrees(rig: &Rig, made: &[Made], attempts: &[Attempt]) {
    for attempt in attempts {
        let outside = made
            .iter()
            .any(|card| card.taken() && card.number() == attempt.number);
        let standing = rig.standing(&attempt.number);
        assert!(
            standing != "live" || outside,
            "{} is live at the authority and on no card outside",
            attempt.number
        );
    }
}

/// (I-50, I-65)
#[track_caller]
fn nothing_of_the_holder_stays(rig: &Rig, said: &str) {
    let mut files = vec![("the station's words".to_owned(), said.as_bytes().to_vec())];
    read_all(&rig.path("station"), &mut files);
    for canary in canaries() {
        for form in forms(&canary) {
            for (name, bytes) in &files {
                let found = bytes
                    .windows(form.len())
                    .any(|window| window == form.as_slice());
                assert!(!found, "{canary} stands in {name}");
            }
        }
    }
}

fn read_all(folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_all(&path, files);
        } else {
            files.push((
                path.display().to_string(),
                fs::read(&path).expect("readable"),
            ));
        }
    }
}

/// Names and addresses of all sample holders.
pub(crate) fn canaries() -> Vec<String> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/approvals");
    let mut canaries = Vec::new();
    for entry in fs::read_dir(samples).expect("samples").flatten() {
        let text = fs::read(entry.path()).expect("a sample");
        let approval: Value = serde_json::from_slice(&text).expect("JSON");
        let holder = &approval["holder"];
        let texts = [
            &holder["roman_name"],
            &holder["kanji_name"],
            &holder["address"]["text"],
        ];
        canaries.extend(
            texts
                .into_iter()
                .filter_map(|text| text.as_str().map(str::to_owned)),
        );
    }
    canaries
}

/// A text in the forms in which it could have been kept.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let utf8 = text.as_bytes().to_vec();
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut forms = vec![
        hex::encode(&utf8).into_bytes(),
        hex::encode_upper(&utf8).into_bytes(),
        little,
        big,
    ];
    forms.extend((0..3).map(|shift| in_base64(&utf8, shift)));
    forms.push(utf8);
    forms
}

/// The characters that only these bytes decide, wherever in a group of three they begin.
fn in_base64(bytes: &[u8], shift: usize) -> Vec<u8> {
    let mut shifted = vec![0; shift];
    shifted.extend_from_slice(bytes);
    let text = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&shifted);
    let (first, last) = ((shift * 8).div_ceil(6), shifted.len() * 8 / 6);
    text.as_bytes()[first..last].to_vec()
}
