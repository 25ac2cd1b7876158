//! Between the printer's wire words and the station's own: the one place that knows both,
//! so that a printer with another language is another file like this one.

use crate::fault::Code;
use crate::issuance::{self as ours, Chip, Panel, Step};
use wire::{Condition, Motion, Zone};

/// The motion that makes this step; none where no card moves.
pub fn motion(step: Step) -> Option<Motion> {
    match step {
        Step::Feed => Some(Motion::Feed),
        Step::Print(panel) => Some(Motion::Pass(on_wire(panel))),
        Step::Flip => Some(Motion::Flip),
        Step::Hologram => Some(Motion::Hologram),
        Step::Check => Some(Motion::Check),
        Step::Eject => Some(Motion::Eject),
        Step::Release => Some(Motion::Release),
        Step::Reject => Some(Motion::Reject),
        Step::SightOld
        | Step::Encode
        | Step::Lock
        | Step::CollectOld
        | Step::HandOver
        | Step::Punch
        | Step::Terminate
        | Step::RemoveByHand => None,
    }
}

/// A panel of ours as the wire names it.
pub(super) fn on_wire(panel: Panel) -> wire::Panel {
    match panel {
        Panel::BackK => wire::Panel::BackK,
        Panel::Y => wire::Panel::Y,
        Panel::M => wire::Panel::M,
        Panel::C => wire::Panel::C,
        Panel::K => wire::Panel::K,
        Panel::Uv => wire::Panel::Uv,
        Panel::Pearl => wire::Panel::Pearl,
    }
}

/// A panel of the layout as the wire names it.
pub(super) fn drawn_on_wire(panel: layouts::Panel) -> wire::Panel {
    match panel {
        layouts::Panel::BackK => wire::Panel::BackK,
        layouts::Panel::Y => wire::Panel::Y,
        layouts::Panel::M => wire::Panel::M,
        layouts::Panel::C => wire::Panel::C,
        layouts::Panel::K => wire::Panel::K,
        layouts::Panel::Uv => wire::Panel::Uv,
        layouts::Panel::Pearl => wire::Panel::Pearl,
    }
}

/// The printer's survey in the station's words, with what the chip says beside it.
pub fn survey(seen: &wire::Survey, chip: Chip) -> ours::Survey {
    ours::Survey {
        boot: seen.boot,
        counters: counters(&seen.counters),
        sensors: sensors(&seen.sensors),
        face_up: seen.face_up.map(|face| match face {
            wire::Face::Front => ours::Face::Front,
            wire::Face::Back => ours::Face::Back,
        }),
        chip,
    }
}

/// The one-way counters.
pub fn counters(seen: &wire::Counters) -> ours::Counters {
    ours::Counters {
        fed: seen.fed,
        ejected: seen.ejected,
        taken: seen.taken,
        rejected: seen.rejected,
        lost: seen.lost,
        begun: seen.begun,
        completed: seen.completed,
        patches_begun: seen.patches_begun,
        patches_completed: seen.patches_completed,
        flips: seen.flips,
        power_ons: seen.power_ons,
        since_cleaning: seen.since_cleaning,
    }
}

/// The sensors along the path.
pub fn sensors(seen: &wire::Sensors) -> ours::Sensors {
    ours::Sensors {
        hopper: seen.hopper,
        feeder: seen.feeder,
        encoder: seen.encoder,
        head_in: seen.head_in,
        head_out: seen.head_out,
        flipper: match seen.flipper {
            wire::Flipper::Empty => ours::Flipper::Empty,
            wire::Flipper::FrontUp => ours::Flipper::FrontUp,
            wire::Flipper::BackUp => ours::Flipper::BackUp,
            wire::Flipper::Between => ours::Flipper::Between,
        },
        hologram: seen.hologram,
        check: seen.check,
        exit: seen.exit,
        tray_full: seen.tray_full,
        cover_open: seen.cover_open,
    }
}

/// The fault that a condition of the printer is to the station. A code that this version
/// does not know stays unknown, and stops.
pub fn fault(condition: Condition) -> Code {
    match condition {
        Condition::HopperEmpty => Code::HopperEmpty,
        Condition::NotPicked => Code::NotPicked,
        Condition::DoubleFeed => Code::DoubleFeed,
        Condition::TrayFull => Code::TrayFull,
        Condition::CardNotTaken => Code::NotTaken,
        Condition::CardLost => Code::CardLost,
        Condition::NotWhereExpected => Code::CardMoved,
        Condition::CoverOpen | Condition::CoverOpened => Code::CoverOpen,
        Condition::RibbonAbsent => Code::RibbonAbsent,
        Condition::RibbonWrong => Code::RibbonWrong,
        Condition::RibbonOut => Code::RibbonOut,
        Condition::RibbonBroken => Code::RibbonBroken,
        Condition::RibbonStuck => Code::RibbonStuck,
        Condition::RibbonSearchFailed => Code::RibbonSearch,
        Condition::PatchAbsent => Code::PatchAbsent,
        Condition::PatchOut => Code::PatchOut,
        Condition::PatchMisregistered => Code::PatchMisregistered,
        Condition::PatchStuck => Code::PatchStuck,
        Condition::HeadHot => Code::HeadHot,
        Condition::HeaterNotReady => Code::HeaterCold,
        Condition::EncoderSilent | Condition::CheckSilent => Code::ReaderGone,
        Condition::ScannerDirty => Code::ScannerDirty,
        Condition::StaleSequence => Code::NewerPrinter,
        Condition::PanelMissing => Code::PanelMissing,
        Condition::ScanAbsent | Condition::BadParameter | Condition::Busy => Code::BadCommand,
        Condition::Memory => Code::PrinterMemory,
        Condition::StaleBoot | Condition::PowerLost => Code::PowerLoss,
        Condition::HostSilent => Code::Silent,
        Condition::Firmware => Code::Firmware,
        Condition::ImproperShutdown => Code::Shutdown,
        Condition::CleaningDue => Code::CleaningDue,
        Condition::CleaningOverdue => Code::CleaningOverdue,
        Condition::Jam(zone) => jam(zone),
        Condition::Unknown(_) => Code::Unknown,
    }
}

fn jam(zone: Zone) -> Code {
    match zone {
        Zone::Feeder => Code::JamFeed,
        Zone::Encoder => Code::JamEncoder,
        Zone::Head => Code::JamHead,
        Zone::Flipper => Code::JamFlip,
        Zone::Hologram => Code::JamHologram,
        Zone::Check => Code::JamCheck,
        Zone::Exit => Code::JamExit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_condition_is_a_known_fault() {
        for condition in Condition::KNOWN {
            assert_ne!(fault(*condition), Code::Unknown, "{condition}");
        }
        assert_eq!(fault(Condition::Unknown(0x7F)), Code::Unknown);
    }

    #[test]
    fn panels_keep_their_place_in_the_ribbon() {
        for panel in Panel::ALL {
            assert_eq!(on_wire(panel).index(), panel.index());
        }
    }
}
