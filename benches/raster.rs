//! The figures for the raster: what one card weighs on the wire, frames and all, and how long
//! its bands take to encode; each sample at both resolutions. Goal: 500 kB at 300 dpi.

mod samples;

use card_station::prepare::prepare;
use layouts::PanelImage;
use samples::{granted, load};
use std::time::{Duration, Instant};
use wire::message::HostMessage;
use wire::raster::{Digest, Shape, encode_band, fragments};

const SAMPLES: [&str; 5] = [
    "1-landing",
    "2-extension",
    "3-reissue-lost",
    "4-under-16",
    "5-permanent",
];
const ROUNDS: usize = 9;
/// A byte on the line: start bit, eight bits, stop bit.
const BITS_A_BYTE: f64 = 10.0;

fn main() {
    for dpi in [300, 600] {
        let kit = load(dpi);
        for sample in SAMPLES {
            let (job, photo) = granted(sample);
            let faces = prepare(&job, photo.as_deref(), &kit)
                .expect("prepares")
                .faces;
            let (bytes, time) = encoded(&faces.panels);
            let line = |baud: f64| bytes as f64 * BITS_A_BYTE / baud;
            println!(
                "raster, {sample}, {dpi} dpi: {:.0} kB, encoded in {time:.1?} (median of {ROUNDS}); \
                 on the line {:.2} s at 921,600 baud, {:.2} s at 460,800",
                bytes as f64 / 1000.0,
                line(921_600.0),
                line(460_800.0),
            );
        }
    }
}

/// Bytes of all frames of a card's panels, and the median time of making them.
fn encoded(panels: &[PanelImage]) -> (usize, Duration) {
    let mut times = Vec::new();
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        bytes = panels.iter().map(frames).sum();
        times.push(start.elapsed());
    }
    times.sort();
    (bytes, times[ROUNDS / 2])
}

/// Bytes of the frames that carry one panel.
fn frames(image: &PanelImage) -> usize {
    let shape = Shape::new(image.rows, image.dots, image.bits).expect("a panel");
    // Which panel it is makes no difference to the size.
    let key = Digest([0x5A; 32]).key();
    let bands = (0..shape.bands()).map(|band| {
        let encoded = encode_band(&shape, &image.packed, band).expect("encodes");
        let frames = fragments(key, band, &encoded);
        frames
            .map(|fragment| HostMessage::Band(fragment).encode().len())
            .sum::<usize>()
    });
    bands.sum()
}
