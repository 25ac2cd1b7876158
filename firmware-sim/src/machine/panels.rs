//! Panel memory and scan: what the host gives, and what it may read of the card in the check
//! station.

use super::{Machine, Place, scanner, sha256};
use crate::fault::{Fault, Step};
use std::time::Duration;
use wire::message::Manifest;
use wire::raster::{Assembly, Fragment, Taken};
use wire::{BoxMm100, Condition, Motion, Scan};

/// Panel memory, bytes: a card at 600 dpi and a little more.
pub(super) const MEMORY: usize = 12 * 1024 * 1024;
/// Encoded bytes that may be under way before the next report of what is here.
pub(super) const WINDOW: u32 = 16 * 1024;

impl Machine {
    /// Takes the names of a card's panels; the first of them starts the card's forty seconds.
    ///
    /// # Errors  `StaleBoot`; `Busy` in a motion; what the panels break. Nothing of it is kept.
    pub fn manifest(&mut self, manifest: &Manifest, now: Duration) -> Result<(), Condition> {
        if manifest.boot != self.boot() {
            return Err(Condition::StaleBoot);
        }
        let known = self.ram.assembly.as_ref();
        if known.is_some_and(|known| known.is_of(manifest.card, &manifest.panels)) {
            return Ok(());
        }
        if self.ram.underway.is_some() || self.is_ordered() {
            return Err(Condition::Busy);
        }
        let faults = self.setup.scenario.strike(self.ordinal(), Step::Panels);
        self.note(&faults, Step::Panels);
        if let Some(condition) = faults.iter().find_map(Fault::refusal) {
            return Err(condition);
        }
        self.forget_panels();
        self.ram.assembly = Some(Assembly::new(
            manifest.card,
            &manifest.panels,
            MEMORY,
            WINDOW,
        )?);
        self.story.print_data(manifest, now);
        Ok(())
    }

    /// Takes a piece of raster.
    pub fn band(&mut self, fragment: &Fragment) -> Taken {
        match &mut self.ram.assembly {
            Some(assembly) => assembly.take(fragment, sha256),
            None => Taken::Ignored,
        }
    }

    /// What is in panel memory.
    pub fn assembly(&self) -> Option<&Assembly> {
        self.ram.assembly.as_ref()
    }

    /// Erases a card's panels and scan.
    ///
    /// # Errors  `Busy` while that card's motion moves.
    pub fn erase(&mut self, card: u32) -> Result<(), Condition> {
        if self
            .ram
            .underway
            .as_ref()
            .is_some_and(|underway| underway.id.card == card)
        {
            return Err(Condition::Busy);
        }
        if self
            .ram
            .assembly
            .as_ref()
            .is_some_and(|assembly| assembly.card() == card)
        {
            self.forget_panels();
        }
        Ok(())
    }

    fn forget_panels(&mut self) {
        if let Some(mut assembly) = self.ram.assembly.take() {
            assembly.erase();
        }
    }

    /// What the line scanner saw of the card in the check station. `None`: not yet, ask again.
    ///
    /// # Errors  `ScanAbsent` when no card was scanned; `ScannerDirty`; `BadParameter` for a box
    /// that does not lie on the card.
    pub fn scan(&self, photo: Option<BoxMm100>) -> Option<Result<Scan, Condition>> {
        let checking = self
            .ram
            .underway
            .as_ref()
            .is_some_and(|underway| underway.motion == Motion::Check);
        let card = self.card.as_ref().filter(|card| card.place == Place::Check);
        if card.is_some() && self.stands(Condition::ScannerDirty) {
            return Some(Err(Condition::ScannerDirty));
        }
        match (card, self.ram.scanned) {
            (Some(card), Some(true)) => Some(scanner::scan(card, photo)),
            (Some(_), Some(false)) => Some(Err(Condition::ScannerDirty)),
            (Some(_), None) if checking => None,
            (Some(_) | None, None | Some(_)) => Some(Err(Condition::ScanAbsent)),
        }
    }
}
