//! What faults make of a motion's beats: cut short, changed, told otherwise. Pure; executes
//! nothing.

use super::program::{Act, Beat, Ink, Program};
use super::times::Times;
use crate::fault::{Fault, Harm, Kind, Lie, Step};
use wire::Condition;

/// How soon a printer answers that does not move at all.
const ANSWER_MS: u32 = 50;

impl Program {
    /// Applies a fault to what is still to come after `from_ms`.
    pub(super) fn strike(&mut self, fault: &Fault, step: Step, times: &Times, from_ms: u32) {
        let at_ms = ((f64::from(self.total_ms) * fault.at) as u32).max(from_ms);
        match fault.what.row().kind {
            // Decided before anything moves, or made real elsewhere.
            Kind::Refuses(_) | Kind::RefusesAsTold | Kind::Supplies(_) | Kind::Shows(_) => {}
            Kind::HeatsHead(_) | Kind::CoolsHeater(_) => {}
            Kind::Ends(condition, harm) => self.end(condition, harm, at_ms, times),
            Kind::EndsAsTold => {
                let condition = fault.told.unwrap_or(Condition::Firmware);
                self.end(condition, Harm::None, at_ms, times);
            }
            Kind::Jams(loosens) => {
                let stick = Act::Stick(step, fault.at, loosens);
                let zone = step.zone(fault.at);
                self.cut(at_ms, &[stick, Act::Fail(Condition::Jam(zone))]);
            }
            Kind::Lies(lie) => self.lie(lie, at_ms),
            Kind::KillsChip if at_ms == 0 => self.kill_at_once(),
            Kind::KillsChip => self.insert(at_ms, Act::KillChip),
            Kind::CutsPower => self.cut(at_ms, &[Act::PowerCut]),
        }
    }

    fn end(&mut self, condition: Condition, harm: Harm, at_ms: u32, times: &Times) {
        let at_ms = match harm {
            Harm::NotPicked => {
                self.beats.clear();
                at_ms
            }
            Harm::TwoPicked => {
                self.pick_two();
                at_ms.max(self.moment(Act::PickTwo) + 1)
            }
            Harm::Astray => at_ms.max(self.moment(Act::Pick) + 1),
            Harm::SearchFails => at_ms.min(self.burning_from()),
            Harm::PatchAskew => {
                let at_ms = at_ms.max(self.moment(Act::Press));
                self.beats.retain(|beat| beat.act != Act::CompletePatch);
                self.without_patch();
                at_ms
            }
            Harm::PatchesEnd(_) | Harm::PatchesStick => {
                // However late it is noticed: what was not laid is not counted as laid.
                self.beats.retain(|beat| beat.act != Act::CompletePatch);
                self.without_patch();
                at_ms
            }
            Harm::Held => {
                self.cut(times.open_slot_ms, &[]);
                times.slot_patience_ms
            }
            Harm::None
            | Harm::CoverOpen
            | Harm::RibbonEnds(_)
            | Harm::RibbonTears
            | Harm::RibbonSticks => at_ms,
        };
        self.cut(at_ms, &[Act::Harm(harm), Act::Fail(condition)]);
    }

    fn lie(&mut self, lie: Lie, at_ms: u32) {
        match lie {
            Lie::BlankPass => self.burn(Ink::Nothing),
            Lie::PreviousPanel => self.burn(Ink::Previous),
            Lie::Slipped => self.burn(Ink::Slipped),
            Lie::NoPatch => self.without_patch(),
            Lie::Unseen => self.pick_two(),
            Lie::CounterJumps => self.insert(self.total_ms, Act::Jump),
            Lie::DoneEarly => self.insert(at_ms, Act::TellDone),
            Lie::StaleAnswer => {
                self.beats.clear();
                self.cut(ANSWER_MS, &[Act::TellStale]);
            }
            Lie::DirtyStrip => {
                for beat in &mut self.beats {
                    if beat.act == Act::Scanned(true) {
                        beat.act = Act::Scanned(false);
                    }
                }
            }
        }
    }

    fn without_patch(&mut self) {
        self.beats.retain(|beat| beat.act != Act::Press);
    }

    fn pick_two(&mut self) {
        for beat in &mut self.beats {
            if beat.act == Act::Pick {
                beat.act = Act::PickTwo;
            }
        }
    }

    /// The chip never comes into a field again from the motion's first moment on.
    fn kill_at_once(&mut self) {
        let picked = self.beats.iter().position(|beat| beat.act == Act::Pick);
        let at_ms = picked.map_or(0, |at| self.beats[at].at_ms);
        let behind = picked.map_or(0, |at| at + 1);
        let act = Act::KillChip;
        self.beats.insert(behind, Beat { at_ms, act });
    }

    fn burn(&mut self, ink: Ink) {
        for beat in &mut self.beats {
            if let Act::Burn(_, _, source) = &mut beat.act {
                *source = ink;
            }
        }
    }

    /// Puts an act behind all that happens up to its moment.
    fn insert(&mut self, at_ms: u32, act: Act) {
        let behind = self.beats.partition_point(|beat| beat.at_ms <= at_ms);
        self.beats.insert(behind, Beat { at_ms, act });
    }

    /// When the act happens; the begin if it does not.
    fn moment(&self, act: Act) -> u32 {
        let found = self.beats.iter().find(|beat| beat.act == act);
        found.map_or(0, |beat| beat.at_ms)
    }

    /// When a pass counts its begin; the end for what burns nothing.
    fn burning_from(&self) -> u32 {
        let mut beats = self.beats.iter();
        let begun = beats.find(|beat| matches!(beat.act, Act::BeginPass(_)));
        begun.map_or(self.total_ms, |beat| beat.at_ms)
    }
}
