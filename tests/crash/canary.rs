//! The station's disk through a whole run with crashes: canaries in name, address and photo are
//! looked for in every file, under every cover, in all that was said, and where the authority has no
//! business to keep them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::Value;

use super::needles::Needles;
use crate::rig::{CLERK, Rig, last_four};

const NAME: &str = "KANARIA VOGEL";
const ADDRESS: &str = "神奈川県横浜市中区金糸雀町９丁目８番地";
/// Stands in the photo's file as a remark.
const REMARK: &str = "canary in the photograph";
const RECEPTION: &str = "2026-000034";

/// Folders that are not the station's disk, and may hold the holder's data or the machine's truth.
const NOT_THE_STATIONS: [&str; 6] = [
    "authority",
    "approvals-1",
    "printer-state",
    "cards",
    "proof",
    // Copies of the reader's driver, and a socket.
    "pcscd",
];

#[test]
fn nothing_of_the_holder_stays_on_the_disk_through_crashes() {
    let rig = Rig::fresh();
    let changes = [
        ("2026-000003", RECEPTION),
        ("MIHON JIRO", NAME),
        ("神奈川県横浜市中区本町１丁目１番地", ADDRESS),
    ];
    let job = rig.approve_with_a_remark("3-reissue-lost", &changes, "jiro.jpg", REMARK);
    let photo = fs::read(rig.path("approvals-1/jiro.jpg")).expect("a photo");
    let dots = image::load_from_memory(&photo).expect("a photo").to_rgb8();

    rig.issue_killed_at(RECEPTION, &["journalled", "record=began {\"print\":\"c\"}"]);
    let chip = rig.chip_inside();
    let pictures: [(&str, &[u8]); 4] = [
        ("the front image", &chip["DF1/EF01"]),
        ("the chip's photo", &chip["DF1/EF02"]),
        ("the photo", &photo),
        ("the photo's dots", dots.as_raw()),
    ];
    let needles = Needles::of(&[NAME, ADDRESS, REMARK], &pictures);
    nothing_on_the_disk(&rig, &needles, "after a kill in printing");
    rig.killed_at("recover", &["journalled", "record=began"]);
    nothing_on_the_disk(&rig, &needles, "after a kill in recovery");

    let mut said = rig.recover();
    for _ in 0..4 {
        if said.exit == Some(0) {
            break;
        }
        let four = last_four(&said.number()).to_owned();
        let decision = said.decisions().first().copied().unwrap_or("continue");
        said = rig.two(&format!("recover --decide {decision} --last-four {four}"));
    }
    let number = said.reached().number();
    // A proof is drawn when a person asks for it, where the person says, and nowhere else.
    rig.station(&format!("layout {job} --out proof")).reached();
    let line = format!("handover --last-four {}", last_four(&number));
    rig.killed_at(&line, &["journalled", "record=began hand-over"]);
    nothing_on_the_disk(&rig, &needles, "after a kill at the hand-over");
    let mut said = rig.hear(rig.station_runs("recover --decide done", &[CLERK]).wait());
    if said.exit != Some(0) {
        said = rig.clerk(&line);
    }
    said.reached();
    let record = rig.station(&format!("record {job}")).reached();
    let pdf = fs::read(rig.path(&record.text("pdf"))).expect("the record");
    assert!(!pictured(&pdf), "the record shows a picture");
    rig.diag("bundle --out service.tar --yes").reached();
    nothing_on_the_disk(&rig, &needles, "after the end");
    nothing_at_the_authority(&rig, &needles);

    let kept = fs::read(rig.path("printer-state/nonvolatile.json")).expect("kept");
    assert_eq!(
        needles.deep_within(&kept),
        BTreeSet::new(),
        "in the printer's memory"
    );
    let words = rig.words() + &rig.words_of_the_authority();
    assert_eq!(needles.within(words.as_bytes()), BTreeSet::new(), "said");
    rig.hold_the_laws();
}

/// Every file of the station's: data folder, enrolment, configuration, bundle, whatever lies about.
#[track_caller]
fn nothing_on_the_disk(rig: &Rig, needles: &Needles, when: &str) {
    let mut files = 0;
    for entry in fs::read_dir(rig.path("")).expect("a folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !NOT_THE_STATIONS.contains(&name.as_str()) {
            files += nothing_below(&entry.path(), needles, when);
        }
    }
    assert!(files >= 8, "only {files} files were looked into");
}

#[track_caller]
fn nothing_below(path: &Path, needles: &Needles, when: &str) -> usize {
    let meta = fs::symlink_metadata(path).expect("a file");
    if meta.is_dir() {
        let entries = fs::read_dir(path).expect("a folder").flatten();
        return entries
            .map(|entry| nothing_below(&entry.path(), needles, when))
            .sum();
    }
    if !meta.is_file() {
        return 0;
    }
    let found = needles.deep_within(&fs::read(path).expect("readable"));
    assert_eq!(found, BTreeSet::new(), "{when}: in {}", path.display());
    1
}

/// The authority keeps approvals, photos and grants. All else of it names numbers and digests.
#[track_caller]
fn nothing_at_the_authority(rig: &Rig, needles: &Needles) {
    let file = Connection::open(rig.path("authority/authority.sqlite")).expect("a database");
    let whole = |sql: &str| {
        let mut select = file.prepare(sql).expect(sql);
        let columns = select.column_count();
        let mut rows = select.query([]).expect(sql);
        let mut bytes = Vec::new();
        while let Some(row) = rows.next().expect(sql) {
            for column in 0..columns {
                let value: Value = row.get(column).expect(sql);
                match value {
                    Value::Text(text) => bytes.extend(text.into_bytes()),
                    Value::Blob(blob) => bytes.extend(blob),
                    Value::Integer(number) => bytes.extend(number.to_string().into_bytes()),
                    Value::Null | Value::Real(_) => {}
                }
                bytes.push(0);
            }
        }
        bytes
    };
    let holds = needles.within(&whole("SELECT approval, photo FROM job"));
    assert!(
        holds.len() >= 3,
        "blind: the approval itself is not seen: {holds:?}"
    );
    for sql in [
        "SELECT * FROM report",
        "SELECT * FROM number",
        "SELECT * FROM act",
        "SELECT * FROM station",
        "SELECT * FROM blank",
        "SELECT lease_key, request, chip FROM grant_",
    ] {
        assert_eq!(needles.deep_within(&whole(sql)), BTreeSet::new(), "{sql}");
    }
}

fn pictured(pdf: &[u8]) -> bool {
    let is = |name: &[u8]| pdf.windows(name.len()).any(|window| window == name);
    is(b"/Subtype/Image") || is(b"/Subtype /Image")
}
