//! What faults leave behind in machine and card, and the lies of the firmware: made real here,
//! beat by beat.

use super::card::Place;
use super::run::Flow;
use super::{Effect, Machine};
use crate::fault::Harm;
use std::time::Duration;
use wire::message::Happening;
use wire::{Motion, MotionResult};

impl Machine {
    pub(super) fn pick_beneath(&mut self) {
        let Some(card) = &mut self.card else { return };
        if let Some(blank) = self.hopper.pop_front() {
            card.beneath = Some(blank.clone());
            self.effects.push(Effect::PickedBeneath(blank));
            self.effects.push(Effect::CardChanged);
        }
    }

    pub(super) fn harm(&mut self, harm: Harm) {
        let interior = &mut self.interior;
        let supplies = &mut self.kept.supplies;
        match harm {
            Harm::None | Harm::NotPicked | Harm::TwoPicked | Harm::Held => return,
            Harm::SearchFails => self.kept.ribbon_at = None,
            Harm::Astray => {
                self.uncouple();
                return self.place(Place::Astray);
            }
            Harm::CoverOpen => {
                interior.cover_open = true;
                self.effects.push(Effect::Happened(Happening::CoverOpened));
            }
            Harm::RibbonEnds(told) => {
                if let Some(roll) = &mut interior.ribbon {
                    roll.left = 0;
                }
                if let Some(tag) = supplies.ribbon.as_mut().filter(|_| told) {
                    tag.remaining = 0;
                }
                self.kept.ribbon_at = None;
            }
            Harm::PatchesEnd(told) => {
                if let Some(roll) = &mut interior.patches {
                    roll.left = 0;
                }
                if let Some(tag) = supplies.patches.as_mut().filter(|_| told) {
                    tag.remaining = 0;
                }
            }
            Harm::RibbonTears | Harm::RibbonSticks => {
                if let Some(roll) = &mut interior.ribbon {
                    roll.torn |= harm == Harm::RibbonTears;
                    roll.sticks |= harm == Harm::RibbonSticks;
                }
                self.kept.ribbon_at = None;
            }
            Harm::PatchesStick => {
                if let Some(roll) = &mut interior.patches {
                    roll.sticks = true;
                }
            }
            Harm::PatchAskew => {
                if let Some(card) = &mut self.card {
                    card.askew = true;
                }
                self.effects.push(Effect::CardChanged);
            }
        }
        self.keep();
        self.effects.push(Effect::InteriorChanged);
    }

    /// The counter of the motion at hand goes on by one that nothing moved for.
    pub(super) fn jump(&mut self) {
        let counters = &mut self.kept.counters;
        match self.ram.underway.as_ref().map(|underway| underway.motion) {
            Some(Motion::Pass(panel)) => {
                counters.begun[panel.index()] += 1;
                counters.completed[panel.index()] += 1;
            }
            Some(Motion::Flip) => counters.flips += 1,
            Some(Motion::Hologram) => {
                counters.patches_begun += 1;
                counters.patches_completed += 1;
            }
            Some(Motion::Eject | Motion::Check) => counters.ejected += 1,
            Some(Motion::Release) => counters.taken += 1,
            Some(Motion::Reject) => counters.rejected += 1,
            Some(Motion::Feed | Motion::SeekRibbon(_)) | None => counters.fed += 1,
        }
        self.keep();
    }

    /// The firmware says "done" with what it shows now; the mechanics go on.
    pub(super) fn tell_done(&mut self, due: Duration) {
        let Some(underway) = &mut self.ram.underway else {
            return;
        };
        underway.told = true;
        let (id, started) = (underway.id, underway.started);
        self.tell_motion_end(id, None, (started, due));
    }

    /// The firmware tells this motion the end of the one before, and has moved nothing.
    pub(super) fn tell_stale(&mut self, due: Duration) -> Flow {
        let stale = self.ram.results.last().map(|(_, result)| *result);
        let Some((underway, result)) = self.ram.underway.as_mut().zip(stale) else {
            return Flow::Ends(None);
        };
        underway.told = true;
        let (id, elapsed_ms) = (underway.id, result.elapsed_ms());
        self.kept.end(id, (None, elapsed_ms));
        self.keep();
        let survey = *result.survey();
        let result = MotionResult::Done { elapsed_ms, survey };
        self.ram.results.push((id, result));
        self.effects.push(Effect::Ended(id, Box::new(result)));
        self.end(None, due);
        Flow::Goes
    }
}
