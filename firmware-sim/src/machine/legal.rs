//! When a motion is refused before anything moves. Pure; looks at the machine, touches nothing.

use super::{Machine, Place};
use crate::fault::Step;
use std::time::Duration;
use wire::{Condition, Face, Motion, Panel, SupplyKind};

/// The face that a panel belongs to.
pub(super) fn face_of(panel: Panel) -> Face {
    match panel {
        Panel::BackK => Face::Back,
        Panel::Y | Panel::M | Panel::C | Panel::K | Panel::Uv | Panel::Pearl => Face::Front,
    }
}

/// Why the motion cannot begin, if it cannot.
pub(super) fn refusal(machine: &Machine, motion: Motion, now: Duration) -> Option<Condition> {
    if machine.interior.cover_open {
        return Some(Condition::CoverOpen);
    }
    match (&machine.card, machine.interior.stuck) {
        (Some(card), _) if card.place == Place::Astray => return Some(Condition::CardLost),
        (_, Some(stuck)) if motion != Motion::Reject => return Some(Condition::Jam(stuck.zone())),
        (Some(_) | None, Some(_) | None) => {}
    }
    misplaced(machine, motion)
        .or_else(|| unsupplied(machine, motion))
        .or_else(|| machine.standing_refusal(Step::of(motion)))
        .or_else(|| too_hot_or_cold(machine, motion, now))
}

/// Whether head and heater are as warm as the motion needs them.
pub(super) fn too_hot_or_cold(
    machine: &Machine,
    motion: Motion,
    now: Duration,
) -> Option<Condition> {
    match motion {
        Motion::Pass(_) => machine.head.refuses(now).then_some(Condition::HeadHot),
        Motion::Hologram => (!machine.heater.ready(now)).then_some(Condition::HeaterNotReady),
        Motion::Feed
        | Motion::SeekRibbon(_)
        | Motion::Flip
        | Motion::Check
        | Motion::Eject
        | Motion::Release
        | Motion::Reject => None,
    }
}

fn misplaced(machine: &Machine, motion: Motion) -> Option<Condition> {
    let place = machine.card.as_ref().map(|card| card.place);
    let from: &[Place] = match motion {
        Motion::Feed => return place.map(|_| Condition::NotWhereExpected),
        Motion::SeekRibbon(_) => return None,
        Motion::Pass(_) => &[
            Place::Encoder,
            Place::HeadIn,
            Place::UnderHead,
            Place::Flipper,
            Place::Between,
        ],
        Motion::Flip => &[
            Place::HeadIn,
            Place::UnderHead,
            Place::Flipper,
            Place::FlipperBetween,
        ],
        Motion::Hologram => &[
            Place::HeadIn,
            Place::UnderHead,
            Place::Flipper,
            Place::Hologram,
            Place::Between,
        ],
        Motion::Check => &[
            Place::HeadIn,
            Place::UnderHead,
            Place::Flipper,
            Place::Hologram,
            Place::Check,
            Place::Between,
        ],
        Motion::Eject => &[Place::Check, Place::Between],
        Motion::Release => &[Place::Exit],
        Motion::Reject => return place.is_none().then_some(Condition::NotWhereExpected),
    };
    match place {
        Some(place) if from.contains(&place) => wrong_side_up(machine, motion),
        Some(_) | None => Some(Condition::NotWhereExpected),
    }
}

fn wrong_side_up(machine: &Machine, motion: Motion) -> Option<Condition> {
    match motion {
        Motion::Pass(panel) if machine.kept.face_up() != Some(face_of(panel)) => {
            Some(Condition::NotWhereExpected)
        }
        Motion::Pass(_)
        | Motion::Feed
        | Motion::SeekRibbon(_)
        | Motion::Flip
        | Motion::Hologram
        | Motion::Check
        | Motion::Eject
        | Motion::Release
        | Motion::Reject => None,
    }
}

fn unsupplied(machine: &Machine, motion: Motion) -> Option<Condition> {
    match motion {
        Motion::Feed => unfit_to_begin(machine),
        Motion::SeekRibbon(panel) => unprinted(machine, panel),
        Motion::Pass(panel) => unprinted(machine, panel).or_else(|| missing(machine, panel)),
        Motion::Hologram => match &machine.kept.supplies.patches {
            None => Some(Condition::PatchAbsent),
            Some(tag) if tag.kind != SupplyKind::Patches => Some(Condition::PatchAbsent),
            Some(tag) if tag.remaining == 0 => Some(Condition::PatchOut),
            Some(_) => machine.interior.patch_harm(),
        },
        Motion::Reject => machine.interior.tray_full().then_some(Condition::TrayFull),
        Motion::Flip | Motion::Check | Motion::Eject | Motion::Release => None,
    }
}

/// A blank is not fed into a machine that cannot wind, or that must be cleaned first.
fn unfit_to_begin(machine: &Machine) -> Option<Condition> {
    let empty = machine.hopper.is_empty().then_some(Condition::HopperEmpty);
    let overdue = || machine.overdue().then_some(Condition::CleaningOverdue);
    empty
        .or_else(overdue)
        .or_else(|| machine.interior.ribbon_harm())
        .or_else(|| machine.interior.patch_harm())
}

fn unprinted(machine: &Machine, panel: Panel) -> Option<Condition> {
    match &machine.kept.supplies.ribbon {
        None => Some(Condition::RibbonAbsent),
        Some(tag) if tag.kind != SupplyKind::Ribbon => Some(Condition::RibbonWrong),
        Some(tag) if tag.remaining == 0 && !machine.kept.ribbon_is_at(panel) => {
            Some(Condition::RibbonOut)
        }
        Some(_) => machine.interior.ribbon_harm(),
    }
}

/// A pass begins only when its panel is whole and its digest holds.
fn missing(machine: &Machine, panel: Panel) -> Option<Condition> {
    let whole = machine
        .ram
        .assembly
        .as_ref()
        .is_some_and(|held| held.panel(panel).is_some());
    (!whole).then_some(Condition::PanelMissing)
}
