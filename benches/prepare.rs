//! How long preparing takes: warm (a job while the station runs) and cold (fonts from disk
//! included), both sides at 300 dpi; and what the raster weighs on the wire.

use card_station::job::{Digest, Job, JobId, StationId};
use card_station::prepare::{Kit, prepare};
use card_station::product::CardNumber;
use card_station::station::kit;
use std::path::{Path, PathBuf};

fn main() {
    divan::main();
}

fn load(dpi: u32) -> Kit {
    let folders = [
        "opentype/ipaexfont-gothic",
        "opentype/ipaexfont-mincho",
        "truetype/ipamj",
    ]
    .map(|folder| PathBuf::from("/usr/share/fonts").join(folder));
    kit::load(&folders, dpi).expect("fonts-ipaexfont, fonts-ipamj-mincho")
}

fn job() -> (Job, Vec<u8>) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let read = |file: &str| std::fs::read(samples.join(file)).expect("a sample");
    let approval: card_station::job::Approval =
        serde_json::from_slice(&read("approvals/2-extension.json")).expect("an approval");
    let photo = read("photos/hanako.jpg");
    let job = Job {
        id: JobId::of(&approval.office, &approval.reception),
        attempt: 1,
        epoch: 1,
        station: StationId::parse("TYO-W3").expect("plain"),
        number: CardNumber::parse("AB12345678CD").expect("a number"),
        delivery_date: jiff::civil::date(2024, 6, 10),
        valid_through: jiff::civil::date(2027, 6, 9),
        not_before: jiff::Timestamp::UNIX_EPOCH,
        expires: jiff::Timestamp::MAX,
        photo: Some(Digest::of(&photo).0),
        digest: [0; 32],
        approval,
    };
    (job, photo)
}

#[divan::bench(args = [300, 600])]
fn warm(bencher: divan::Bencher, dpi: u32) {
    let (kit, (job, photo)) = (load(dpi), job());
    prepare(&job, Some(&photo), &kit).expect("prepares");
    bencher.bench(|| prepare(&job, Some(&photo), &kit).expect("prepares").digest);
}

#[divan::bench(sample_count = 10)]
fn cold(bencher: divan::Bencher) {
    let (job, photo) = job();
    bencher.bench(|| {
        prepare(&job, Some(&photo), &load(300))
            .expect("prepares")
            .digest
    });
}
