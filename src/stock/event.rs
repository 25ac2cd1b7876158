//! What persons do with supplies, and what a card uses: the words of the stock. Types only.

use super::count::{Count, Difference, Readings};
use super::shift::Shift;
use crate::fault::{By, TwoPersons};
use jiff::civil::Date;
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

impl Supply {
    /// Every supply.
    pub const ALL: [Supply; 3] = [Supply::Blanks, Supply::Ribbon, Supply::Patches];

    /// The word in commands and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Supply::Blanks => "blanks",
            Supply::Ribbon => "ribbon",
            Supply::Patches => "patches",
        }
    }
}

/// What a package or roll is called: as its tag and its label say.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roll {
    /// Its serial.
    pub serial: String,
    /// Its lot.
    pub lot: u32,
    /// Its last day of use, where it has one.
    pub expires: Option<Date>,
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

/// Why a count does not come out, as the supervisor who signs it sees it. A closed list: a
/// sentence could name somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It was counted wrong when it was loaded.
    Miscounted,
    /// Fewer or more came than the package says.
    Delivered,
    /// Two went as one, or one went where no sensor saw it.
    Machine,
    /// It is gone, and nobody knows where.
    Missing,
    /// It was stolen, or that is suspected.
    Stolen,
}

/// What persons do with supplies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// More was put in.
    Loaded {
        /// What.
        supply: Supply,
        /// Which package or roll.
        roll: Roll,
        /// How many cards, sets or patches.
        count: u32,
        /// Who; two persons for blanks.
        by: By,
    },
    /// It was taken out of the machine: blanks back to the vault, a ribbon into the waste.
    Unloaded {
        /// What.
        supply: Supply,
        /// How many cards went out, or how many sets or patches are left on the roll.
        left: u32,
        /// Who; two persons for blanks.
        by: By,
    },
    /// The reject tray was emptied into the bag.
    TrayEmptied {
        /// How many cards lay in it.
        counted: u32,
        /// Who.
        by: TwoPersons,
    },
    /// An untouched blank went from tray or bag back into the hopper.
    BookedBack {
        /// Its chip's serial.
        serial: String,
        /// Who read it on the desk reader.
        by: By,
    },
    /// Everything was counted, and the counts stand from now on.
    Reconciled {
        /// What the persons counted.
        count: Count,
        /// What the printer said beside it.
        readings: Readings,
        /// What did not come out.
        differences: Vec<Difference>,
        /// Why not; needed when anything did not.
        reason: Option<Reason>,
        /// Who; a supervisor when anything did not come out.
        by: By,
    },
    /// Cards of tray and bag were destroyed.
    Destroyed {
        /// Which, by the station's count of blanks that left the hopper.
        cards: Vec<u32>,
        /// How many the persons had in their hands.
        counted: u32,
        /// Who.
        by: TwoPersons,
    },
    /// Used ribbons were handed to destruction, all that waited.
    RibbonsDestroyed {
        /// How many the persons had in their hands.
        counted: u32,
        /// Who.
        by: TwoPersons,
    },
    /// Punched old cards were handed to destruction.
    OldCardsDestroyed {
        /// Of which jobs.
        jobs: Vec<String>,
        /// How many the persons had in their hands.
        counted: u32,
        /// Who.
        by: TwoPersons,
    },
    /// A shift was closed on the count before.
    ShiftClosed(Shift),
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
    /// The pass begun last burned nothing after all.
    Unburned,
    /// A patch was begun.
    Patch,
    /// The patch begun last was not laid after all.
    Unpatched,
    /// A card came into the exit slot.
    Ejected,
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
