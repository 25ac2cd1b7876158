//! The planned time of each phase on the critical path of a card. Data, so that a technician's
//! measured times can replace them; knows no step of the machine.

use serde::Deserialize;

use super::Mistake;

/// From the first byte of print data to the finished card in the slot (the contract of 2011).
pub const LIMIT_MS: u32 = 40_000;

macro_rules! budget {
    ($($(#[$doc:meta])* $phase:ident = $seconds:literal,)*) => {
        /// Planned seconds of each phase, in the order of the critical path.
        #[derive(Debug, Clone, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Budget {
            $($(#[$doc])* pub $phase: f64,)*
        }

        impl Default for Budget {
            fn default() -> Budget {
                Budget { $($phase: $seconds,)* }
            }
        }

        impl Budget {
            /// Each phase by its key, with its planned time in milliseconds, in order.
            pub fn each_ms(&self) -> Vec<(&'static str, u32)> {
                vec![$((stringify!($phase), milliseconds(self.$phase)),)*]
            }

            /// The first phase whose time is not one.
            pub(super) fn mistake(&self) -> Option<(&'static str, Mistake)> {
                let phases = [$((stringify!($phase), self.$phase),)*];
                let wrong = |seconds: f64| !(0.0..=40.0).contains(&seconds);
                phases
                    .into_iter()
                    .find(|(_, seconds)| wrong(*seconds))
                    .map(|(phase, _)| (phase, Mistake::Seconds))
            }
        }
    };
}

budget! {
    /// Link check and manifest.
    link_check = 0.2,
    /// Hopper to encoder station.
    feed = 2.2,
    /// Keys for this blank from the authority.
    keys = 0.3,
    /// Writing the chip.
    chip_write = 2.6,
    /// Reading it back, verifying, locking.
    chip_verify = 2.2,
    /// Encoder station to print head.
    to_head = 0.4,
    /// Back, black.
    back = 2.1,
    /// Turning the card over.
    flip = 2.0,
    /// Front, yellow.
    front_yellow = 2.6,
    /// Front, magenta.
    front_magenta = 2.6,
    /// Front, cyan.
    front_cyan = 2.6,
    /// Front, black.
    front_black = 2.1,
    /// Front, ultraviolet.
    front_uv = 2.1,
    /// Front, pearl.
    front_pearl = 2.1,
    /// Print head to hologram station.
    to_hologram = 0.9,
    /// Hologram patch.
    hologram = 6.0,
    /// Cooling, flattening, scanning; the chip is checked inside it.
    check = 2.0,
    /// Check station to exit slot.
    eject = 1.3,
}

impl Budget {
    /// The whole plan in milliseconds.
    pub fn total_ms(&self) -> u32 {
        self.each_ms().iter().map(|(_, ms)| ms).sum()
    }
}

fn milliseconds(seconds: f64) -> u32 {
    (seconds * 1000.0).round() as u32
}
