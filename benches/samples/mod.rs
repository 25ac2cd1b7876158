//! What the benchmarks measure with: the sample approvals as granted jobs, and Debian's fonts.

use card_station::job::{Approval, Digest, Job, JobId, StationId};
use card_station::prepare::Kit;
use card_station::product::CardNumber;
use card_station::station::kit;
use std::path::{Path, PathBuf};

/// The kit at this resolution, its fonts read from disk.
pub(crate) fn load(dpi: u32) -> Kit {
    let folders = [
        "opentype/ipaexfont-gothic",
        "opentype/ipaexfont-mincho",
        "truetype/ipamj",
    ]
    .map(|folder| PathBuf::from("/usr/share/fonts").join(folder));
    kit::load(&folders, dpi).expect("fonts-ipaexfont, fonts-ipamj-mincho")
}

/// The job that the authority would grant for a sample approval, and the photo beside it.
pub(crate) fn granted(sample: &str) -> (Job, Option<Vec<u8>>) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let read = |file: String| std::fs::read(samples.join(file)).expect("a sample");
    let approval: Approval =
        serde_json::from_slice(&read(format!("approvals/{sample}.json"))).expect("an approval");
    let photo = approval.photo.as_ref();
    let photo = photo.map(|name| read(format!("photos/{}", name.as_str())));
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
        photo: photo.as_ref().map(|bytes| Digest::of(bytes).0),
        digest: [0; 32],
        approval,
    };
    (job, photo)
}
