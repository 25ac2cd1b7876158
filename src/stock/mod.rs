//! Blanks, ribbon and patches as a fold of what was loaded, spent and counted. Pure; knows
//! no event of an issuance: whoever folds the journal tells it what was used.

use crate::fault::{By, TwoPersons};
use serde::{Deserialize, Serialize};

/// A counted supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Supply {
    /// Blank cards in the hopper.
    Blanks,
    /// Panel sets on the ribbon.
    Ribbon,
    /// Hologram patches.
    Patches,
}

/// What persons do with supplies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// More was put in.
    Loaded {
        /// What.
        supply: Supply,
        /// Its tag's serial, or the lot.
        tag: String,
        /// How many cards, sets or patches.
        count: u32,
        /// Who.
        by: By,
    },
    /// It was counted, and the count stands from now on.
    Reconciled {
        /// What.
        supply: Supply,
        /// How many there are.
        counted: u32,
        /// Who counted.
        by: TwoPersons,
    },
    /// An untouched blank went from the tray back into stock.
    BookedBack {
        /// Its chip's serial.
        serial: String,
        /// Who read it on the desk reader.
        by: By,
    },
    /// Cards of tray and bag were destroyed.
    Destroyed {
        /// Their chips' serials, as far as they could be read.
        serials: Vec<String>,
        /// How many.
        count: u32,
        /// Who.
        by: TwoPersons,
    },
}

/// Where cards that nobody will be given lie until they are destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bin {
    /// The machine's reject tray.
    Tray,
    /// The bag for what was taken out by hand.
    Bag,
}

/// What a card in the making used, or became.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A blank left the hopper.
    Fed,
    /// A blank that was counted as fed did not leave the hopper after all.
    Unfed,
    /// A pass of this panel was begun.
    Pass(usize),
    /// A patch was begun.
    Patch,
    /// A card fell into the tray.
    Tray,
    /// A card went into the bag.
    Bag,
    /// A card went to its holder.
    Delivered,
    /// A card is nobody knows what.
    Quarantined,
    /// A blank became a test card, and lies here.
    Test(Bin),
}

/// Where all blanks are, and what is left of ribbon and patches, as the journal believes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// Blanks ever loaded, corrections by counts included.
    pub loaded: u32,
    /// In the hopper. Below zero: more were fed than anybody loaded.
    pub hopper: i64,
    /// Fed and not yet out.
    pub machine: u32,
    /// In the reject tray or the bag.
    pub spoiled: u32,
    /// With their holders.
    pub delivered: u32,
    /// Destroyed under two names.
    pub destroyed: u32,
    /// Unknown.
    pub quarantined: u32,
    /// Became test cards.
    pub tests: u32,
    /// Panel sets left.
    pub sets: i64,
    /// Passes begun of the newest set, by panel.
    pub passes: [u32; 7],
    /// Patches left.
    pub patches: i64,
    /// Counts that did not come out: supply, expected, counted.
    pub differences: Vec<(Supply, i64, u32)>,
}

impl Stock {
    /// Takes in what persons did.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Loaded { supply, count, .. } => {
                *self.left(*supply) += i64::from(*count);
                if *supply == Supply::Blanks {
                    self.loaded += count;
                }
            }
            Event::Reconciled {
                supply, counted, ..
            } => self.reconcile(*supply, *counted),
            Event::BookedBack { .. } => {
                self.spoiled = self.spoiled.saturating_sub(1);
                self.hopper += 1;
            }
            Event::Destroyed { count, .. } => {
                self.spoiled = self.spoiled.saturating_sub(*count);
                self.destroyed += count;
            }
        }
    }

    /// Takes in what a card used.
    pub fn used(&mut self, used: Use) {
        match used {
            Use::Fed => {
                self.hopper -= 1;
                self.machine += 1;
            }
            Use::Unfed => {
                self.hopper += 1;
                self.machine = self.machine.saturating_sub(1);
            }
            Use::Pass(panel) => self.pass(panel),
            Use::Patch => self.patches -= 1,
            Use::Tray | Use::Bag => self.leave(|stock| &mut stock.spoiled),
            Use::Delivered => self.leave(|stock| &mut stock.delivered),
            Use::Quarantined => self.leave(|stock| &mut stock.quarantined),
            Use::Test(_) => {
                self.hopper -= 1;
                self.tests += 1;
            }
        }
    }

    /// Whether every blank is somewhere (invariant I-40).
    #[must_use]
    pub fn balanced(&self) -> bool {
        let out = [
            self.machine,
            self.spoiled,
            self.delivered,
            self.destroyed,
            self.quarantined,
            self.tests,
        ];
        self.hopper + out.iter().copied().map(i64::from).sum::<i64>() == i64::from(self.loaded)
    }

    fn leave(&mut self, to: impl Fn(&mut Stock) -> &mut u32) {
        self.machine = self.machine.saturating_sub(1);
        *to(self) += 1;
    }

    /// A set is gone as soon as any of its panels is begun a second time.
    fn pass(&mut self, panel: usize) {
        let Some(begun) = self.passes.get_mut(panel) else {
            return;
        };
        *begun += 1;
        if *begun > 1 || self.passes.iter().sum::<u32>() == 1 {
            self.sets -= 1;
            self.passes = [0; 7];
            self.passes[panel] = 1;
        }
    }

    fn left(&mut self, supply: Supply) -> &mut i64 {
        match supply {
            Supply::Blanks => &mut self.hopper,
            Supply::Ribbon => &mut self.sets,
            Supply::Patches => &mut self.patches,
        }
    }

    fn reconcile(&mut self, supply: Supply, counted: u32) {
        let expected = *self.left(supply);
        let counted_now = i64::from(counted);
        if expected != counted_now {
            self.differences.push((supply, expected, counted));
        }
        *self.left(supply) = counted_now;
        if supply == Supply::Blanks {
            let corrected = i64::from(self.loaded) + counted_now - expected;
            self.loaded = u32::try_from(corrected).unwrap_or(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Role, Signed};

    fn loaded(supply: Supply, count: u32) -> Event {
        let by = By::One(Signed {
            person: "p1".into(),
            role: Role::Supervisor,
        });
        Event::Loaded {
            supply,
            tag: "LOT-1".into(),
            count,
            by,
        }
    }

    #[test]
    fn every_blank_is_somewhere() {
        let mut stock = Stock::default();
        stock.apply(&loaded(Supply::Blanks, 5));
        for used in [
            Use::Fed,
            Use::Delivered,
            Use::Fed,
            Use::Tray,
            Use::Fed,
            Use::Quarantined,
        ] {
            stock.used(used);
            assert!(stock.balanced(), "{used:?}: {stock:?}");
        }
        assert_eq!((stock.hopper, stock.delivered, stock.spoiled), (2, 1, 1));
    }

    #[test]
    fn a_count_that_differs_is_kept_as_a_difference() {
        let mut stock = Stock::default();
        stock.apply(&loaded(Supply::Blanks, 5));
        let one = Signed {
            person: "p1".into(),
            role: Role::Clerk,
        };
        let two = Signed {
            person: "p2".into(),
            role: Role::Supervisor,
        };
        let by = TwoPersons::new(one, two).expect("two persons");
        stock.apply(&Event::Reconciled {
            supply: Supply::Blanks,
            counted: 4,
            by,
        });
        assert_eq!(stock.differences, [(Supply::Blanks, 5, 4)]);
        assert!(stock.balanced());
    }

    #[test]
    fn a_set_is_spent_once_per_card_and_again_for_a_card_that_starts_over() {
        let mut stock = Stock::default();
        stock.apply(&loaded(Supply::Ribbon, 10));
        (0..7).for_each(|panel| stock.used(Use::Pass(panel)));
        assert_eq!(stock.sets, 9);
        (0..3).for_each(|panel| stock.used(Use::Pass(panel)));
        assert_eq!(stock.sets, 8);
    }
}
