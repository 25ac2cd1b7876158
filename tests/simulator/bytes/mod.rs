//! The level of bytes: the production hands over the driver's own session, real frames on a virtual
//! line, the simulated printer's own session and machine, and real commands to simulated chips; one
//! thread, virtual time. Its truth is the machine's and the chips' own.

mod air;
mod glass;
mod hands;
pub(crate) mod kit;
mod line;
pub(crate) mod old;
mod press;
mod talk;

pub(crate) use hands::Hands;
pub(crate) use press::Press;

use super::faults::Fault;

/// Faults of the level of decisions that are made of bytes, motions and commands here.
pub(crate) const DECIDED: [Fault; 25] = [
    Fault::AnswerLost,
    Fault::SurveyLost,
    Fault::PowerAtSurvey,
    Fault::UsedBlank,
    Fault::ChangedAfterPatch,
    Fault::DoneEarly,
    Fault::NotPicked,
    Fault::DoubleFeed,
    Fault::Jam,
    Fault::CoverOpened,
    Fault::HeadHot,
    Fault::RibbonBroken,
    Fault::RibbonOut,
    Fault::RibbonWrong,
    Fault::RibbonSlipped,
    Fault::OldBuffer,
    Fault::PatchMissed,
    Fault::PatchOut,
    Fault::TrayFull,
    Fault::CardLost,
    Fault::ScannerDirty,
    Fault::CounterJump,
    Fault::ChipNoise,
    Fault::ChipAnswerLost,
    Fault::DeadAfterPatch,
];
