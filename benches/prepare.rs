//! How long preparing takes, both sides: warm (a job while the station runs) and cold (layout
//! and fonts from disk included). Goals: 60 ms and 300 ms at 300 dpi.

mod samples;

use card_station::prepare::prepare;
use samples::{granted, load};

const SAMPLE: &str = "2-extension";

fn main() {
    divan::main();
}

#[divan::bench(args = [300, 600])]
fn warm(bencher: divan::Bencher, dpi: u32) {
    let (kit, (job, photo)) = (load(dpi), granted(SAMPLE));
    let one = || {
        prepare(&job, photo.as_deref(), &kit)
            .expect("prepares")
            .digest
    };
    one();
    bencher.bench(one);
}

#[divan::bench(sample_count = 10)]
fn cold(bencher: divan::Bencher) {
    let (job, photo) = granted(SAMPLE);
    bencher.bench(|| {
        prepare(&job, photo.as_deref(), &load(300))
            .expect("prepares")
            .digest
    });
}
