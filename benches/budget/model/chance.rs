//! Chance from a seed, so that the same seed gives the same ten thousand cards.

use std::time::Duration;

/// A generator of SplitMix64's form.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn of(seed: u64) -> Chance {
        Chance(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to just below 1.
    pub(crate) fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Whether something of this probability happens.
    pub(crate) fn hits(&mut self, probability: f64) -> bool {
        self.part() < probability
    }

    /// How often something of this probability happens in so many trials, few being the rule.
    pub(crate) fn times(&mut self, probability: f64, trials: usize) -> u32 {
        (0..trials).filter(|_| self.hits(probability)).count() as u32
    }

    /// A time with this mean and a long tail.
    pub(crate) fn tail(&mut self, mean: Duration) -> Duration {
        mean.mul_f64(-(1.0 - self.part()).ln())
    }
}
