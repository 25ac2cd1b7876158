//! What a person does to the machine with bare hands: cover, path, tray, supplies.

use super::card::{Fate, Place};
use super::{Effect, Machine};
use std::time::Duration;
use wire::message::Happening;
use wire::{Condition, Motion, Supplies};

/// One act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// Opens the cover: a motion under way ends at once.
    OpenCover,
    /// Closes it.
    CloseCover,
    /// Takes the card out of the path, wherever it sticks; out of the exit slot, released or not.
    RemoveCard,
    /// Empties the reject tray.
    EmptyTray,
    /// Puts in a new ribbon of so many sets.
    LoadRibbon(u32),
    /// Puts in a new film of so many patches.
    LoadPatches(u32),
}

impl Machine {
    /// A person acts.
    pub fn act(&mut self, act: Person, now: Duration) {
        self.poll(now);
        match act {
            Person::OpenCover if !self.cover_open => {
                self.cover_open = true;
                self.effects.push(Effect::Happened(Happening::CoverOpened));
                self.end(Some(Condition::CoverOpened), now);
                self.stop_order(Condition::CoverOpened, now);
            }
            Person::CloseCover if self.cover_open => {
                self.cover_open = false;
                self.effects.push(Effect::Happened(Happening::CoverClosed));
            }
            Person::OpenCover | Person::CloseCover => {}
            Person::RemoveCard => {
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
            Person::EmptyTray => self.in_tray = 0,
            Person::LoadRibbon(sets) => {
                self.kept.ribbon_at = None;
                self.reload(|supplies| &mut supplies.ribbon, sets);
            }
            Person::LoadPatches(patches) => {
                self.reload(|supplies| &mut supplies.patches, patches);
            }
        }
    }

    fn underway(&self) -> Option<Motion> {
        self.ram.underway.as_ref().map(|underway| underway.motion)
    }

    fn reload(&mut self, which: fn(&mut Supplies) -> &mut Option<wire::Tag>, count: u32) {
        if let Some(tag) = which(&mut self.kept.supplies) {
            tag.capacity = count;
            tag.remaining = count;
            // A new supply has a new serial: the last byte counts.
            tag.serial[7] = tag.serial[7].wrapping_add(1);
        }
        self.keep();
    }
}
