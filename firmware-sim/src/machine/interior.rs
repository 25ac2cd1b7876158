//! What is really in the machine beside the card at hand: rolls, tray, cover, what sticks. Truth,
//! not what the firmware believes; it outlives power and process.

use super::Nonvolatile;
use crate::fault::Supply;
use serde::{Deserialize, Serialize};
use wire::{Condition, Zone};

/// Cards that the reject tray holds.
pub(super) const TRAY: u32 = 30;

/// Everything that stays where it is when power goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interior {
    /// Cards in the reject tray.
    pub in_tray: u32,
    /// Whether the cover stands open.
    pub cover_open: bool,
    /// The card that does not move, if one does not.
    pub stuck: Option<Stuck>,
    /// The ribbon on the spindle.
    pub ribbon: Option<Roll>,
    /// The patch film.
    pub patches: Option<Roll>,
}

/// A card that does not move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stuck {
    zone: u8,
    /// It comes loose when rejected.
    pub loosens: bool,
}

/// A supply that winds, as it really is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roll {
    /// Sets or patches that are really left.
    pub left: u32,
    /// It is torn.
    pub torn: bool,
    /// It does not wind.
    pub sticks: bool,
}

impl Roll {
    /// A sound roll of so many.
    pub fn new(left: u32) -> Roll {
        Roll {
            left,
            torn: false,
            sticks: false,
        }
    }
}

impl Stuck {
    /// A card that sticks in this zone.
    pub fn new(zone: Zone, loosens: bool) -> Stuck {
        let zone = zone as u8;
        Stuck { zone, loosens }
    }

    /// Where it sticks.
    pub fn zone(self) -> Zone {
        let zone = Zone::ALL.get(usize::from(self.zone)).copied();
        zone.unwrap_or(Zone::Head)
    }
}

impl Interior {
    /// A machine whose rolls are as their tags say, and nothing amiss.
    pub fn of(kept: &Nonvolatile) -> Interior {
        let roll = |tag: Option<wire::Tag>| tag.map(|tag| Roll::new(tag.remaining));
        Interior {
            in_tray: 0,
            cover_open: false,
            stuck: None,
            ribbon: roll(kept.supplies.ribbon),
            patches: roll(kept.supplies.patches),
        }
    }

    /// Whether the tray has no room.
    pub fn tray_full(&self) -> bool {
        self.in_tray >= TRAY
    }

    /// The roll of a supply.
    pub fn roll(&mut self, supply: Supply) -> &mut Option<Roll> {
        match supply {
            Supply::Ribbon => &mut self.ribbon,
            Supply::Patches => &mut self.patches,
        }
    }

    /// What keeps the ribbon from winding.
    pub(super) fn ribbon_harm(&self) -> Option<Condition> {
        let roll = self.ribbon.as_ref()?;
        match (roll.torn, roll.sticks) {
            (true, _) => Some(Condition::RibbonBroken),
            (false, true) => Some(Condition::RibbonStuck),
            (false, false) => None,
        }
    }

    /// What keeps the patch film from winding.
    pub(super) fn patch_harm(&self) -> Option<Condition> {
        let sticks = self.patches.as_ref().is_some_and(|roll| roll.sticks);
        sticks.then_some(Condition::PatchStuck)
    }
}
