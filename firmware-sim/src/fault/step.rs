//! Where a fault can strike: the motions, as scenarios and commands name them, and the moment in
//! which a card's panels are named. Knows no fault and no machine.

use wire::{Motion, Panel, Zone};

macro_rules! steps {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A motion, or the naming of the panels.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Step {
            $($(#[$doc])* $variant,)*
        }

        impl Step {
            /// All steps in the order of a card.
            pub const ALL: &'static [Step] = &[$(Step::$variant,)*];

            /// The name in scenarios and commands.
            pub fn name(self) -> &'static str {
                match self {
                    $(Step::$variant => $name,)*
                }
            }
        }
    };
}

steps! {
    /// The printer is told which panels the card has.
    Panels = "panels",
    /// Hopper to encoder.
    Feed = "feed",
    /// Ribbon search.
    Seek = "seek",
    /// Back black.
    BackK = "back-k",
    /// Turning over.
    Flip = "flip",
    /// Yellow.
    Y = "y",
    /// Magenta.
    M = "m",
    /// Cyan.
    C = "c",
    /// Front black.
    K = "k",
    /// Fluorescent.
    Uv = "uv",
    /// Pearl.
    Pearl = "pearl",
    /// Patch.
    Hologram = "hologram",
    /// Check station.
    Check = "check",
    /// To the exit slot.
    Eject = "eject",
    /// Slot opens.
    Release = "release",
    /// Into the tray.
    Reject = "reject",
}

/// The patch is laid.
pub(super) const HOLOGRAM: &[Step] = &[Step::Hologram];
/// The blank leaves the hopper.
pub(super) const FEED: &[Step] = &[Step::Feed];
/// The passes of the front.
pub(super) const FRONT: &[Step] = &[Step::Y, Step::M, Step::C, Step::K, Step::Uv, Step::Pearl];
/// The passes that make the photo.
pub(super) const DYES: &[Step] = &[Step::Y, Step::M, Step::C];
/// Every pass.
pub(super) const PASSES: &[Step] = &[
    Step::BackK,
    Step::Y,
    Step::M,
    Step::C,
    Step::K,
    Step::Uv,
    Step::Pearl,
];
/// Everything that winds the ribbon.
pub(super) const RIBBON: &[Step] = &[
    Step::Seek,
    Step::BackK,
    Step::Y,
    Step::M,
    Step::C,
    Step::K,
    Step::Uv,
    Step::Pearl,
];
/// Every motion in which a card travels.
pub(super) const TRAVEL: &[Step] = &[
    Step::Feed,
    Step::BackK,
    Step::Flip,
    Step::Y,
    Step::M,
    Step::C,
    Step::K,
    Step::Uv,
    Step::Pearl,
    Step::Hologram,
    Step::Check,
    Step::Eject,
    Step::Reject,
];
/// Every motion.
pub(super) const MOTIONS: &[Step] = Step::ALL.split_at(1).1;

impl Step {
    /// The step of this name.
    pub fn named(name: &str) -> Option<Step> {
        Step::ALL.iter().copied().find(|step| step.name() == name)
    }

    /// The scenario's name of a motion.
    pub fn of(motion: Motion) -> Step {
        match motion {
            Motion::Feed => Step::Feed,
            Motion::SeekRibbon(_) => Step::Seek,
            Motion::Pass(Panel::BackK) => Step::BackK,
            Motion::Pass(Panel::Y) => Step::Y,
            Motion::Pass(Panel::M) => Step::M,
            Motion::Pass(Panel::C) => Step::C,
            Motion::Pass(Panel::K) => Step::K,
            Motion::Pass(Panel::Uv) => Step::Uv,
            Motion::Pass(Panel::Pearl) => Step::Pearl,
            Motion::Flip => Step::Flip,
            Motion::Hologram => Step::Hologram,
            Motion::Check => Step::Check,
            Motion::Eject => Step::Eject,
            Motion::Release => Step::Release,
            Motion::Reject => Step::Reject,
        }
    }

    /// Where a card sticks that jams in this part of the step, 0 to 1.
    pub fn zone(self, at: f64) -> Zone {
        match self {
            Step::Panels | Step::Feed if at < 0.75 => Zone::Feeder,
            Step::Panels | Step::Feed => Zone::Encoder,
            Step::Seek | Step::BackK | Step::Y | Step::M | Step::C => Zone::Head,
            Step::K | Step::Uv | Step::Pearl => Zone::Head,
            Step::Flip => Zone::Flipper,
            Step::Hologram => Zone::Hologram,
            Step::Check | Step::Reject => Zone::Check,
            Step::Eject | Step::Release => Zone::Exit,
        }
    }
}
