//! Predictors, compression levels and band heights, measured on the sample faces: bytes, time to
//! encode and to decode on one core (its own time), and seconds on the line at 460,800 baud, frames and all.
//! What PROTOCOL.md §6 chose was chosen from this table.

mod samples;

use card_station::prepare::prepare;
use layouts::PanelImage;
use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec};
use samples::{granted, load};
use std::hint::black_box;
use std::time::Duration;
use wire::message::HostMessage;
use wire::raster::{Digest, fragments};

const SAMPLES: [&str; 5] = [
    "1-landing",
    "2-extension",
    "3-reissue-lost",
    "4-under-16",
    "5-permanent",
];
const ROUNDS: usize = 3;
const BAUD: f64 = 460_800.0;
/// A byte on the line: start bit, eight bits, stop bit.
const BITS_A_BYTE: f64 = 10.0;

/// What each byte is predicted from; what is left is compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Predictor {
    None,
    Sub,
    Up,
    Average,
    Paeth,
    /// The better of sub and up in each row, told by a byte before the row.
    Adaptive,
    /// For inks: the row above, exclusive or.
    Xor,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Coder {
    Zstd(i32),
    Deflate(u8),
}

/// One way to encode panels.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Way {
    predictor: Predictor,
    coder: Coder,
    rows: usize,
}

/// What it came to, for all panels that were measured.
struct Cost {
    bytes: usize,
    encode: Duration,
    decode: Duration,
}

const CHOSEN_DYE: Way = Way {
    predictor: Predictor::Sub,
    coder: Coder::Zstd(3),
    rows: 32,
};
const CHOSEN_INK: Way = Way {
    predictor: Predictor::None,
    ..CHOSEN_DYE
};

fn main() {
    for (dpi, names) in [(300, &SAMPLES[..]), (600, &SAMPLES[..2])] {
        let kit = load(dpi);
        let faces = names.iter().flat_map(|name| {
            let (job, photo) = granted(name);
            let prepared = prepare(&job, photo.as_deref(), &kit);
            prepared.expect("prepares").faces.panels.clone()
        });
        let (dyes, inks): (Vec<_>, Vec<_>) = faces.partition(|panel| panel.bits == 8);
        table(&format!("dyes, {dpi} dpi"), &dyes, names.len(), CHOSEN_DYE);
        table(&format!("inks, {dpi} dpi"), &inks, names.len(), CHOSEN_INK);
    }
}

/// One line for each way that differs from the chosen one in one thing, and for the extremes.
fn ways(chosen: Way) -> Vec<Way> {
    let ink = chosen.predictor == Predictor::None;
    let predictors: &[Predictor] = match ink {
        true => &[Predictor::Xor, Predictor::Sub],
        false => &[
            Predictor::None,
            Predictor::Up,
            Predictor::Average,
            Predictor::Paeth,
            Predictor::Adaptive,
        ],
    };
    let predictors = predictors.iter().map(|predictor| Way {
        predictor: *predictor,
        ..chosen
    });
    let levels = [-1, 1, 6, 9, 12, 15, 19].map(Coder::Zstd);
    let deflate = [Coder::Deflate(1), Coder::Deflate(6)];
    let coders = levels
        .into_iter()
        .chain(deflate)
        .map(|coder| Way { coder, ..chosen });
    let heights = [8, 16, 64, 128, 4096].map(|rows| Way { rows, ..chosen });
    let best = Way {
        predictor: if ink {
            Predictor::Xor
        } else {
            Predictor::Adaptive
        },
        coder: Coder::Zstd(19),
        rows: 4096,
    };
    let all = [chosen].into_iter().chain(predictors).chain(coders);
    all.chain(heights).chain([best]).collect()
}

fn table(title: &str, panels: &[PanelImage], cards: usize, chosen: Way) {
    println!("\n{title}, a card (mean of {cards})");
    println!("| predictor | coder | rows | kB | ratio | encode ms | decode ms | s at 460,800 |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut first = None;
    for way in ways(chosen) {
        let cost = cost(panels, way);
        let base = *first.get_or_insert(cost.bytes as f64);
        let coder = match way.coder {
            Coder::Zstd(level) => format!("zstd {level}"),
            Coder::Deflate(level) => format!("deflate {level}"),
        };
        let rows = match way.rows {
            4096 => "all".to_owned(),
            rows => rows.to_string(),
        };
        let a_card = |time: Duration| time.as_secs_f64() * 1000.0 / cards as f64;
        let bytes = cost.bytes as f64 / cards as f64;
        println!(
            "| {:?} | {coder} | {rows} | {:.0} | {:.2} | {:.0} | {:.0} | {:.2} |",
            way.predictor,
            bytes / 1000.0,
            cost.bytes as f64 / base,
            a_card(cost.encode),
            a_card(cost.decode),
            bytes * BITS_A_BYTE / BAUD,
        );
    }
}

fn cost(panels: &[PanelImage], way: Way) -> Cost {
    let mut best: Option<Cost> = None;
    for _ in 0..ROUNDS {
        let begun = on_the_core();
        let encoded: Vec<_> = panels.iter().flat_map(|panel| encode(panel, way)).collect();
        let encode = on_the_core() - begun;
        let begun = on_the_core();
        for band in &encoded {
            black_box(decode(band, way));
        }
        let decode = on_the_core() - begun;
        let bytes = encoded.iter().map(|band| on_the_line(&band.bytes)).sum();
        // The quickest round is the one that was disturbed least.
        let quickest =
            |time: Duration, former: Option<Duration>| former.map_or(time, |f| f.min(time));
        best = Some(Cost {
            bytes,
            encode: quickest(encode, best.as_ref().map(|cost| cost.encode)),
            decode: quickest(decode, best.as_ref().map(|cost| cost.decode)),
        });
    }
    best.expect("at least one round")
}

/// Time that this thread has had a core to itself: what else runs makes no difference.
fn on_the_core() -> Duration {
    let kept = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ns = kept.split(' ').next().and_then(|ns| ns.parse().ok());
    Duration::from_nanos(ns.expect("the kernel counts it"))
}

/// Bytes of the frames that carry one band; one of more than 255 fragments goes as several.
fn on_the_line(band: &[u8]) -> usize {
    let key = Digest([0x5A; 32]).key();
    let parts = band.chunks(200 * wire::raster::FRAGMENT);
    let frames = parts.flat_map(|part| fragments(key, 0, part).collect::<Vec<_>>());
    frames
        .map(|fragment| HostMessage::Band(fragment).encode().len())
        .sum()
}

struct Band {
    bytes: Vec<u8>,
    plain: usize,
    row: usize,
}

fn encode(panel: &PanelImage, way: Way) -> Vec<Band> {
    let row = (usize::from(panel.dots) * usize::from(panel.bits)).div_ceil(8);
    let bands = panel
        .packed
        .chunks(row * way.rows.min(usize::from(panel.rows)));
    let encode = |rows: &[u8]| {
        let left = predict(rows, row, way.predictor);
        let bytes = match way.coder {
            Coder::Zstd(level) => zstd::bulk::compress(&left, level).expect("compresses"),
            Coder::Deflate(level) => compress_to_vec(&left, level),
        };
        let plain = left.len();
        Band { bytes, plain, row }
    };
    bands.map(encode).collect()
}

fn decode(band: &Band, way: Way) -> Vec<u8> {
    let left = match way.coder {
        Coder::Zstd(_) => zstd::bulk::decompress(&band.bytes, band.plain).expect("whole"),
        Coder::Deflate(_) => decompress_to_vec(&band.bytes).expect("whole"),
    };
    restore(left, band.row, way.predictor)
}

fn predict(rows: &[u8], row: usize, predictor: Predictor) -> Vec<u8> {
    let blank = vec![0; row];
    let mut above = &blank[..];
    let mut out = Vec::with_capacity(rows.len() + rows.len() / row);
    for line in rows.chunks(row) {
        match predictor {
            Predictor::Adaptive => {
                let tried = [Predictor::Sub, Predictor::Up].map(|p| line_left(line, above, p));
                let weight = |left: &Vec<u8>| {
                    left.iter()
                        .map(|b| u32::from(b.cast_signed().unsigned_abs()))
                        .sum::<u32>()
                };
                let up = weight(&tried[1]) < weight(&tried[0]);
                out.push(u8::from(up));
                out.extend_from_slice(&tried[usize::from(up)]);
            }
            Predictor::None | Predictor::Sub | Predictor::Up => {
                out.extend(line_left(line, above, predictor));
            }
            Predictor::Average | Predictor::Paeth | Predictor::Xor => {
                out.extend(line_left(line, above, predictor));
            }
        }
        above = line;
    }
    out
}

/// What of one row its prediction leaves.
fn line_left(line: &[u8], above: &[u8], predictor: Predictor) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len());
    let (mut left, mut corner) = (0u8, 0u8);
    for (byte, up) in line.iter().zip(above) {
        out.push(if predictor == Predictor::Xor {
            byte ^ up
        } else {
            byte.wrapping_sub(guess(left, *up, corner, predictor))
        });
        (left, corner) = (*byte, *up);
    }
    out
}

fn guess(left: u8, up: u8, corner: u8, predictor: Predictor) -> u8 {
    match predictor {
        Predictor::None | Predictor::Xor | Predictor::Adaptive => 0,
        Predictor::Sub => left,
        Predictor::Up => up,
        Predictor::Average => ((u16::from(left) + u16::from(up)) / 2) as u8,
        Predictor::Paeth => {
            let from = i16::from(left) + i16::from(up) - i16::from(corner);
            let far = |guess: u8| (from - i16::from(guess)).abs();
            if far(left) <= far(up) && far(left) <= far(corner) {
                left
            } else if far(up) <= far(corner) {
                up
            } else {
                corner
            }
        }
    }
}

fn restore(left: Vec<u8>, row: usize, predictor: Predictor) -> Vec<u8> {
    let told = usize::from(predictor == Predictor::Adaptive);
    let mut rows = Vec::with_capacity(left.len());
    for line in left.chunks(row + told) {
        let (tell, line) = line.split_at(told);
        let predictor = match tell {
            [1] => Predictor::Up,
            [_] => Predictor::Sub,
            _ => predictor,
        };
        let begun = rows.len();
        for (at, byte) in line.iter().enumerate() {
            let up = if begun > 0 { rows[begun - row + at] } else { 0 };
            let (side, corner) = match (at, begun) {
                (0, _) => (0, 0),
                (_, 0) => (rows[begun + at - 1], 0),
                (_, _) => (rows[begun + at - 1], rows[begun - row + at - 1]),
            };
            rows.push(if predictor == Predictor::Xor {
                byte ^ up
            } else {
                byte.wrapping_add(guess(side, up, corner, predictor))
            });
        }
    }
    rows
}
