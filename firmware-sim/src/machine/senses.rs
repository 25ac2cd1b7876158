//! What the machine shows: the survey, its sensors, and the conditions that begin and end. A
//! fault that stands shows here as the firmware would see it.

use super::{Effect, Machine};
use crate::fault::{Kind, Lie};
use std::time::Duration;
use wire::message::Happening;
use wire::{Condition, Sensors, Supplies, SupplyKind, Survey, Tag};

/// Cards after which cleaning is due, and after which no card is begun.
const CLEANING_DUE: u32 = 1_000;
const CLEANING_OVERDUE: u32 = 1_200;
/// What a tag of another type says that it is.
const OTHER_KIND: SupplyKind = SupplyKind::Other(9);

impl Machine {
    /// Everything that can be seen now; notes the journal sequence if it is newer.
    pub fn survey(&mut self, sequence: Option<u64>, now: Duration) -> Survey {
        if let Some(sequence) = sequence
            && sequence > self.kept.newest_sequence
        {
            self.kept.newest_sequence = sequence;
            self.keep();
        }
        let told = |underway: &&super::Underway| !underway.told;
        let underway = self.ram.underway.as_ref().filter(told);
        Survey {
            boot: self.boot(),
            clock_ms: self.clock_ms(now),
            sensors: self.sensors(now),
            counters: self.kept.counters,
            supplies: self.supplies(),
            last_motion: self.kept.last_motion(),
            underway: underway.map(|underway| underway.id),
            newest_sequence: self.kept.newest_sequence,
            face_up: self.kept.face_up(),
        }
    }

    fn supplies(&self) -> Supplies {
        let mut supplies = self.kept.supplies;
        if let Some(blanks) = &mut supplies.blanks {
            blanks.remaining = self.hopper.len() as u32;
            blanks.capacity = blanks.capacity.max(blanks.remaining);
        }
        let absent = |tag: &mut Option<Tag>, stands: bool| {
            if stands {
                *tag = None;
            }
        };
        absent(&mut supplies.ribbon, self.stands(Condition::RibbonAbsent));
        absent(&mut supplies.patches, self.stands(Condition::PatchAbsent));
        let changed = |tag: &mut Option<Tag>, stands: bool, change: fn(&mut Tag)| {
            if let Some(tag) = tag.as_mut().filter(|_| stands) {
                change(tag);
            }
        };
        let wrong = self.stands(Condition::RibbonWrong);
        changed(&mut supplies.ribbon, wrong, |tag| tag.kind = OTHER_KIND);
        let out = self.stands(Condition::RibbonOut);
        changed(&mut supplies.ribbon, out, |tag| tag.remaining = 0);
        let out = self.stands(Condition::PatchOut);
        changed(&mut supplies.patches, out, |tag| tag.remaining = 0);
        supplies
    }

    pub(super) fn sensors(&self, now: Duration) -> Sensors {
        let mut sensors = Sensors {
            hopper: !self.hopper.is_empty() && !self.stands(Condition::HopperEmpty),
            tray_full: self.interior.tray_full() || self.stands(Condition::TrayFull),
            cover_open: self.interior.cover_open || self.stands(Condition::CoverOpen),
            head_decidegrees: self.head.decidegrees(now),
            patch_decidegrees: self.heater.decidegrees(now),
            ..Sensors::default()
        };
        if let Some(card) = &self.card {
            card.place.show(card.face_up, &mut sensors);
        }
        sensors
    }

    /// Whether a fault with this condition stands now.
    pub(super) fn stands(&self, condition: Condition) -> bool {
        let mut standing = self.setup.scenario.standing(self.ordinal());
        standing.any(|(stands, _)| stands == condition)
    }

    /// Whether cleaning is overdue: no card is begun.
    pub(super) fn overdue(&self) -> bool {
        self.kept.counters.since_cleaning >= CLEANING_OVERDUE
    }

    /// The machine was cleaned.
    pub fn cleaned(&mut self) {
        self.kept.counters.since_cleaning = 0;
        self.keep();
    }

    /// Every condition that now is, of what the firmware can know.
    pub(super) fn conditions(&self, now: Duration) -> Vec<Condition> {
        let supplies = &self.kept.supplies;
        let out = |tag: &Option<Tag>| tag.as_ref().is_some_and(|tag| tag.remaining == 0);
        let wrong = |tag: &Option<Tag>, kind| tag.as_ref().is_some_and(|tag| tag.kind != kind);
        let since = self.kept.counters.since_cleaning;
        let lost = self
            .card
            .as_ref()
            .is_some_and(|card| card.place == super::Place::Astray);
        let table = [
            (self.hopper.is_empty(), Condition::HopperEmpty),
            (self.interior.tray_full(), Condition::TrayFull),
            (supplies.ribbon.is_none(), Condition::RibbonAbsent),
            (
                wrong(&supplies.ribbon, SupplyKind::Ribbon),
                Condition::RibbonWrong,
            ),
            (out(&supplies.ribbon), Condition::RibbonOut),
            (
                supplies.patches.is_none() || wrong(&supplies.patches, SupplyKind::Patches),
                Condition::PatchAbsent,
            ),
            (out(&supplies.patches), Condition::PatchOut),
            (self.head.refuses(now), Condition::HeadHot),
            (!self.heater.ready(now), Condition::HeaterNotReady),
            (lost, Condition::CardLost),
            (self.ram.improper, Condition::ImproperShutdown),
            (
                (CLEANING_DUE..CLEANING_OVERDUE).contains(&since),
                Condition::CleaningDue,
            ),
            (self.overdue(), Condition::CleaningOverdue),
        ];
        let mut now_are: Vec<Condition> = table
            .into_iter()
            .filter_map(|(is, condition)| is.then_some(condition))
            .chain(
                self.interior
                    .stuck
                    .map(|stuck| Condition::Jam(stuck.zone())),
            )
            .chain(self.interior.ribbon_harm())
            .chain(self.interior.patch_harm())
            .collect();
        for (condition, _) in self.setup.scenario.standing(self.ordinal()) {
            // The cover has events of its own.
            if condition != Condition::CoverOpen && !now_are.contains(&condition) {
                now_are.push(condition);
            }
        }
        now_are
    }

    /// Tells which conditions began and which ended since the last time.
    pub(super) fn tell_changes(&mut self, now: Duration) {
        if !self.is_on() {
            return;
        }
        let now_are = self.conditions(now);
        if now_are == self.ram.raised {
            return;
        }
        let before = std::mem::replace(&mut self.ram.raised, now_are);
        let gone = before
            .iter()
            .filter(|condition| !self.ram.raised.contains(condition))
            .map(|condition| Happening::Cleared(*condition));
        let begun = self
            .ram
            .raised
            .iter()
            .filter(|condition| !before.contains(condition))
            .map(|condition| Happening::Raised(*condition));
        let told: Vec<Effect> = gone.chain(begun).map(Effect::Happened).collect();
        self.effects.extend(told);
    }

    /// The condition of a fault that stands and strikes here: seen before anything moves.
    pub(super) fn standing_refusal(&self, step: crate::fault::Step) -> Option<Condition> {
        let mut standing = self.setup.scenario.standing(self.ordinal());
        standing.find_map(|(condition, fault)| {
            let kind = fault.what.row().kind;
            let refuses = match kind {
                Kind::Refuses(_) => true,
                Kind::Lies(Lie::DirtyStrip) | Kind::Shows(_) => false,
                Kind::RefusesAsTold
                | Kind::Ends(..)
                | Kind::EndsAsTold
                | Kind::Jams(_)
                | Kind::Lies(_)
                | Kind::KillsChip
                | Kind::CutsPower
                | Kind::Supplies(_)
                | Kind::HeatsHead(_)
                | Kind::CoolsHeater(_) => false,
            };
            (refuses && fault.strikes(step)).then_some(condition)
        })
    }
}
