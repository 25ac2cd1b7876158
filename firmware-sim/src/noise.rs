//! A bad line: bytes that are lost, flipped, repeated or inserted, by a seed. Pure; stands at the
//! edge where bytes meet the pseudo terminal.

use crate::fault::Dice;

/// Damage at a rate.
#[derive(Debug, Clone)]
pub struct Noise {
    rate: f64,
    dice: Dice,
    damaged: u64,
}

impl Noise {
    /// So much damage a byte, by this seed. `None` unless the rate lies between 0 and 1.
    pub fn new(rate: f64, seed: u64) -> Option<Noise> {
        (0.0..=1.0).contains(&rate).then(|| Noise {
            rate,
            dice: Dice::new(seed),
            damaged: 0,
        })
    }

    /// The bytes as they come out of the line.
    pub fn pass(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len() + 4);
        for byte in bytes {
            if self.dice.part() >= self.rate {
                out.push(*byte);
                continue;
            }
            self.damaged += 1;
            let dice = self.dice.roll();
            match dice % 4 {
                0 => {}
                1 => out.push(byte ^ (1 << (dice >> 8 & 7))),
                2 => out.extend([*byte, *byte]),
                _ => out.extend([(dice >> 16) as u8, *byte]),
            }
        }
        out
    }

    /// How many bytes were damaged so far.
    pub fn damaged(&self) -> u64 {
        self.damaged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_the_seeds_and_as_frequent_as_it_says() {
        let line: Vec<u8> = (0..100_000u32).map(|at| at as u8).collect();
        let heard = |seed| {
            let mut noise = Noise::new(0.01, seed).unwrap();
            (noise.pass(&line), noise.damaged())
        };
        assert_eq!(heard(3), heard(3));
        assert_ne!(heard(3).0, heard(4).0);
        assert!((800..1_200).contains(&heard(3).1), "{}", heard(3).1);
        assert_eq!(Noise::new(0.0, 1).unwrap().pass(&line), line);
        assert!(Noise::new(1.5, 1).is_none() && Noise::new(f64::NAN, 1).is_none());
    }
}
