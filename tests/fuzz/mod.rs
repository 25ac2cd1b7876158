//! The fuzz targets, briefly: each over its real bytes, over bent ones and over any bytes, with
//! a fixed seed, in a few seconds together. `make fuzz` runs the same functions at length.

mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use targets::{ALL, Target};

/// Small and seeded: the same inputs on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        match self.below(6) {
            0 => 0,
            1 => 0xFF,
            2 => 0x80,
            _ => self.below(256) as u8,
        }
    }

    /// Real bytes bent in a few places, or any bytes.
    fn input(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        if self.below(8) == 0 {
            let count = self.below(300);
            return (0..count).map(|_| self.byte()).collect();
        }
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(4) {
            self.bend(&mut bytes, seeds);
        }
        bytes
    }

    fn bend(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(bytes.len() + 1);
        let end = (at + self.below(12)).min(bytes.len());
        match self.below(7) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, self.byte()),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            4 => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ if at < bytes.len() => match self.below(2) {
                0 => bytes[at] ^= 1 << self.below(8),
                _ => bytes[at] = self.byte(),
            },
            _ => {}
        }
    }
}

/// The inputs that a target fell over, told by its name.
fn briefly(target: &Target) -> Option<&'static str> {
    let seeds = (target.seeds)();
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let bent = std::iter::repeat_with(|| chance.input(&seeds)).take(target.rounds);
    for (round, input) in seeds.iter().cloned().chain(bent).enumerate() {
        if catch_unwind(AssertUnwindSafe(|| (target.run)(&input))).is_err() {
            let shown = &input[..input.len().min(2000)];
            eprintln!("{} fell in round {round}: {shown:02x?}", target.name);
            return Some(target.name);
        }
    }
    None
}

#[test]
fn every_parser_survives_bent_and_any_bytes() {
    let fallen = std::thread::scope(|scope| {
        let half = ALL.len().div_ceil(2);
        let run = |targets: &'static [Target]| targets.iter().filter_map(briefly).collect();
        let threads = ALL
            .chunks(half)
            .map(|targets| scope.spawn(move || run(targets)));
        let threads: Vec<_> = threads.collect();
        let names = threads
            .into_iter()
            .map(|thread| thread.join().expect("seeds are made"));
        names.collect::<Vec<Vec<_>>>().concat()
    });
    assert!(fallen.is_empty(), "fell: {fallen:?}");
}

#[test]
fn no_two_targets_bear_one_name() {
    let mut names = ALL.each_ref().map(|target| target.name);
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
}
