//! When a motion is refused before anything moves. Pure; looks at the machine, touches nothing.

use super::{Machine, Place};
use wire::{Condition, Face, Motion, Panel};

/// The face that a panel belongs to.
pub(super) fn face_of(panel: Panel) -> Face {
    match panel {
        Panel::BackK => Face::Back,
        Panel::Y | Panel::M | Panel::C | Panel::K | Panel::Uv | Panel::Pearl => Face::Front,
    }
}

/// Why the motion cannot begin, if it cannot.
pub(super) fn refusal(machine: &Machine, motion: Motion) -> Option<Condition> {
    if machine.cover_open {
        return Some(Condition::CoverOpen);
    }
    match machine.stuck {
        Some(stuck) if motion != Motion::Reject => return Some(Condition::Jam(stuck.zone)),
        Some(_) | None => {}
    }
    misplaced(machine, motion).or_else(|| unsupplied(machine, motion))
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
    let supplies = &machine.kept.supplies;
    match motion {
        Motion::Feed => machine.hopper.is_empty().then_some(Condition::HopperEmpty),
        Motion::SeekRibbon(panel) | Motion::Pass(panel) => match &supplies.ribbon {
            None => Some(Condition::RibbonAbsent),
            Some(tag) if tag.remaining == 0 && !machine.kept.ribbon_is_at(panel) => {
                Some(Condition::RibbonOut)
            }
            Some(_) if matches!(motion, Motion::Pass(_)) => missing(machine, panel),
            Some(_) => None,
        },
        Motion::Hologram => match &supplies.patches {
            None => Some(Condition::PatchAbsent),
            Some(tag) => (tag.remaining == 0).then_some(Condition::PatchOut),
        },
        Motion::Reject => (machine.in_tray >= super::TRAY).then_some(Condition::TrayFull),
        Motion::Flip | Motion::Check | Motion::Eject | Motion::Release => None,
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
