//! Chance with a seed: the same seed, the same faults. No clock, no system randomness.

use super::step::Step;
use super::table::{Kind, Row, TABLE, What};

/// A row of numbers out of a seed (splitmix64).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dice(u64);

impl Dice {
    /// The row that belongs to this seed.
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// The next number, from 0 up to but not 1.
    pub fn part(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// One of so many, from 0; 0 of none.
    pub fn below(&mut self, count: usize) -> usize {
        ((self.part() * count as f64) as usize).min(count.saturating_sub(1))
    }
}

/// How likely faults are in each motion that they can strike.
#[derive(Debug, Clone, PartialEq)]
pub enum Chance {
    /// One of all that can happen there, with this probability.
    Any(f64),
    /// Each of these with its own.
    Each(Vec<(What, f64)>),
}

impl Chance {
    /// What chance does to this step, if anything, and how far into it.
    pub fn strikes(&self, step: Step, dice: &mut Dice) -> Option<(What, f64)> {
        let struck = match self {
            Chance::Any(rate) => {
                let hit = dice.part() < *rate;
                let can: Vec<&Row> = TABLE.iter().filter(|row| by_chance(row, step)).collect();
                let which = dice.below(can.len());
                can.get(which).filter(|_| hit).map(|row| row.what)
            }
            Chance::Each(rates) => {
                let here = rates.iter().filter(|(what, _)| may(what.row(), step));
                // Each has its own number, so that one more entry does not move the others' luck
                // within a motion.
                let rolled: Vec<_> = here
                    .map(|(what, rate)| (*what, dice.part() < *rate))
                    .collect();
                let first = rolled.into_iter().find(|(_, hit)| *hit);
                first.map(|(what, _)| what)
            }
        };
        let at = dice.part();
        struck.map(|what| (what, at))
    }
}

/// Where a fault strikes by chance: where it usually does, or anywhere it can if that is unsaid.
fn may(row: &Row, step: Step) -> bool {
    let steps = if row.usual.is_empty() {
        row.steps
    } else {
        row.usual
    };
    steps.contains(&step)
}

/// A fault that needs no word of a person, and harms one card at most.
fn by_chance(row: &Row, step: Step) -> bool {
    match row.kind {
        Kind::RefusesAsTold | Kind::EndsAsTold | Kind::Supplies(_) | Kind::Shows(_) => false,
        Kind::Refuses(_)
        | Kind::Ends(..)
        | Kind::Jams(_)
        | Kind::Lies(_)
        | Kind::KillsChip
        | Kind::CutsPower
        | Kind::HeatsHead(_)
        | Kind::CoolsHeater(_) => row.steps.contains(&step),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_row_of_numbers_and_parts_are_even() {
        let row = |seed| {
            let mut dice = Dice::new(seed);
            [0; 4].map(|_| dice.roll())
        };
        assert_eq!(row(7), row(7));
        assert_ne!(row(7), row(8));
        // First outputs of splitmix64 for the seed 1234567, as published with it.
        assert_eq!(
            row(1_234_567)[..2],
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]
        );
        let mut dice = Dice::new(7);
        let sum: f64 = (0..10_000).map(|_| dice.part()).sum();
        assert!((4_900.0..5_100.0).contains(&sum), "{sum}");
    }
}
