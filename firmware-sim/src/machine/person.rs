//! What a person does to the machine with bare hands: cover, path, tray, supplies, cleaning.

use super::card::{Fate, Place};
use super::interior::{Roll, TRAY};
use super::{Effect, Machine};
use crate::fault::{Change, Fault, Kind, Supply};
use std::time::Duration;
use wire::message::Happening;
use wire::{Condition, Motion, SupplyKind, Tag};

/// The last day of an expired supply.
const LONG_PAST: u32 = 20_190_331;
/// A lot that nobody delivered.
const OTHER_LOT: u32 = 999_999;

/// One act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// Opens the cover: a motion under way ends at once.
    OpenCover,
    /// Closes it.
    CloseCover,
    /// Takes the card out of the path, wherever it sticks; out of the exit slot, released or not.
    RemoveCard,
    /// Empties the reject tray.
    EmptyTray,
    /// Fills the reject tray up.
    FillTray,
    /// Puts in a new ribbon or film.
    Load(Load),
    /// Takes it out.
    Unload(Supply),
    /// Frees a ribbon or film that sticks.
    Free(Supply),
    /// Cleans the machine by hand.
    Clean,
}

/// What is put in, and what its tag says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// Where it goes.
    pub supply: Supply,
    /// Sets or patches when new.
    pub capacity: u32,
    /// What its tag says is left; the capacity if nothing.
    pub remaining: Option<u32>,
    /// What is really left; what the tag says if nothing.
    pub left: Option<u32>,
    /// The type on its tag; the right one if nothing.
    pub kind: Option<SupplyKind>,
    /// The serial on its tag; a new one if nothing.
    pub serial: Option<[u8; 8]>,
    /// The lot on its tag; the former's if nothing.
    pub lot: Option<u32>,
    /// The last day on its tag, as YYYYMMDD, 0 for none; the former's if nothing.
    pub expires: Option<u32>,
    /// Its tag cannot be read.
    pub unreadable: bool,
}

impl Load {
    /// A new supply of so many, as it should be.
    pub fn new(supply: Supply, capacity: u32) -> Load {
        Load {
            supply,
            capacity,
            remaining: None,
            left: None,
            kind: None,
            serial: None,
            lot: None,
            expires: None,
            unreadable: false,
        }
    }
}

impl Machine {
    /// A person acts.
    pub fn act(&mut self, act: Person, now: Duration) {
        self.poll(now);
        match act {
            Person::OpenCover if !self.interior.cover_open => {
                self.interior.cover_open = true;
                self.effects.push(Effect::Happened(Happening::CoverOpened));
                self.end(Some(Condition::CoverOpened), now);
                self.stop_order(Condition::CoverOpened, now);
            }
            Person::CloseCover if self.interior.cover_open => {
                self.interior.cover_open = false;
                self.effects.push(Effect::Happened(Happening::CoverClosed));
            }
            Person::OpenCover | Person::CloseCover => {}
            Person::RemoveCard => self.remove_card(now),
            Person::EmptyTray => self.interior.in_tray = 0,
            Person::FillTray => self.interior.in_tray = TRAY,
            Person::Load(load) => self.load(&load),
            Person::Unload(supply) => self.unload(supply),
            Person::Free(supply) => {
                if let Some(roll) = self.interior.roll(supply) {
                    roll.sticks = false;
                }
            }
            Person::Clean => self.cleaned(),
        }
        self.effects.push(Effect::InteriorChanged);
        self.tell_changes(now);
    }

    fn remove_card(&mut self, now: Duration) {
        let open = self
            .underway()
            .is_some_and(|motion| motion == Motion::Release);
        let at_exit = self
            .card
            .as_ref()
            .is_some_and(|card| card.place == Place::Exit);
        match (at_exit, open) {
            (true, true) => self.leave(Fate::Taken, now),
            (true, false) => self.leave(Fate::PulledOut, now),
            (false, _) => self.leave(Fate::RemovedByHand, now),
        }
        self.end((!open).then_some(Condition::CoverOpened), now);
    }

    fn underway(&self) -> Option<Motion> {
        self.ram.underway.as_ref().map(|underway| underway.motion)
    }

    fn tag(&mut self, supply: Supply) -> &mut Option<Tag> {
        match supply {
            Supply::Ribbon => &mut self.kept.supplies.ribbon,
            Supply::Patches => &mut self.kept.supplies.patches,
        }
    }

    fn load(&mut self, load: &Load) {
        let supply = load.supply;
        let remaining = load.remaining.unwrap_or(load.capacity);
        let roll = Roll::new(load.left.unwrap_or(remaining));
        self.kept.loaded = self.kept.loaded.wrapping_add(1);
        let number = self.kept.loaded;
        let tag = self.tag(supply);
        let (lot, expires) = tag.map_or((0, 0), |tag| (tag.lot, tag.expires));
        let right = match supply {
            Supply::Ribbon => SupplyKind::Ribbon,
            Supply::Patches => SupplyKind::Patches,
        };
        *tag = (!load.unreadable).then(|| Tag {
            kind: load.kind.unwrap_or(right),
            serial: load.serial.unwrap_or_else(|| serial(supply, number)),
            lot: load.lot.unwrap_or(lot),
            capacity: load.capacity,
            remaining,
            expires: load.expires.unwrap_or(expires),
        });
        *self.interior.roll(supply) = Some(roll);
        if supply == Supply::Ribbon {
            self.kept.ribbon_at = None;
        }
        self.keep();
    }

    fn unload(&mut self, supply: Supply) {
        *self.tag(supply) = None;
        *self.interior.roll(supply) = None;
        if supply == Supply::Ribbon {
            self.kept.ribbon_at = None;
        }
        self.keep();
    }

    /// Changes what is loaded as the faults in store for the next card want it.
    pub(super) fn reload_as_wished(&mut self) {
        let ordinal = self.ordinal();
        let changes: Vec<Fault> = self.setup.scenario.changes(ordinal);
        for fault in &changes {
            if let Kind::Supplies(change) = fault.what.row().kind {
                self.change(change);
                self.story.fault(fault.what, crate::fault::Step::Feed);
            }
        }
        if !changes.is_empty() {
            self.keep();
            self.effects.push(Effect::InteriorChanged);
        }
    }

    fn change(&mut self, change: Change) {
        match change {
            Change::Expired(supply) => {
                if let Some(tag) = self.tag(supply) {
                    tag.expires = LONG_PAST;
                }
            }
            Change::Reused(supply) => {
                if let Some(tag) = self.tag(supply) {
                    tag.remaining = tag.capacity;
                }
                if let Some(roll) = self.interior.roll(supply) {
                    roll.left = 1;
                }
            }
            Change::OtherLot(supply) => {
                if let Some(tag) = self.tag(supply) {
                    tag.lot = OTHER_LOT;
                }
            }
        }
    }
}

/// The serial of the n-th supply that was put in without one.
fn serial(supply: Supply, number: u32) -> [u8; 8] {
    let name = match supply {
        Supply::Ribbon => "RB",
        Supply::Patches => "HG",
    };
    let text = format!("{name}{:06}", (number + 1) % 1_000_000);
    let mut serial = [b' '; 8];
    serial.copy_from_slice(&text.as_bytes()[..8]);
    serial
}
