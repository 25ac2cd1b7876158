//! The time plan of a card: what each phase on its critical path should take, and until when it
//! is waited for. Data, so that a technician's measured times can replace it; knows no step of
//! the machine.

use serde::Deserialize;

use super::Mistake;

/// From the first byte of print data to the finished card in the slot (the contract of 2011).
pub const LIMIT_MS: u32 = 40_000;

/// The longest deadline: a person stands at the counter.
const LONGEST_S: f64 = 120.0;
/// A phase is missed when it takes longer than planned by this part of its plan …
const TOLERANCE_PART: u32 = 10;
/// … and by no less than this.
const TOLERANCE_MS: u32 = 300;
/// A machine that was measured slow is waited for so many times its plan.
const PATIENCE_FACTOR: f64 = 3.0;

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
    /// Writing the chip: what the simulated one takes with short commands at 106 kbit/s.
    chip_write = 2.9,
    /// Reading it back, verifying, locking; the same.
    chip_verify = 2.6,
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
    /// Cooling, flattening, scanning for two seconds; at 106 kbit/s the chip's check outlasts it.
    check = 2.2,
    /// Check station to exit slot.
    eject = 1.3,
}

/// Moves are part of the motion that begins with them: planned apart, timed with it.
const MOVES: [&str; 2] = ["to_head", "to_hologram"];

/// A phase as it is timed: a motion with the move that leads to it, or a talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// Its key in the budget.
    pub phase: &'static str,
    /// What it should take, in milliseconds; longer than that is a miss.
    pub planned_ms: u32,
    /// Until when it is waited for, in milliseconds; then it is a stop.
    pub deadline_ms: u32,
}

impl Planned {
    /// By how much this time misses the plan; none within the tolerance.
    pub fn missed_by(&self, actual_ms: u32) -> Option<u32> {
        let tolerance = TOLERANCE_MS.max(self.planned_ms / TOLERANCE_PART);
        (actual_ms > self.planned_ms + tolerance).then(|| actual_ms - self.planned_ms)
    }
}

impl Budget {
    /// The whole plan in milliseconds.
    pub fn total_ms(&self) -> u32 {
        self.each_ms().iter().map(|(_, ms)| ms).sum()
    }

    /// The phases as they are timed, in order, with the deadlines that hold for them.
    pub fn timed(&self, deadlines: &Deadlines) -> Vec<Planned> {
        let mut timed = Vec::new();
        let mut moved_ms = 0;
        for (phase, ms) in self.each_ms() {
            if MOVES.contains(&phase) {
                moved_ms = ms;
                continue;
            }
            let planned_ms = ms + std::mem::take(&mut moved_ms);
            let deadline_ms = deadlines.of(phase, planned_ms);
            timed.push(Planned {
                phase,
                planned_ms,
                deadline_ms,
            });
        }
        timed
    }

    /// What a phase's own key must hold so that it takes this long with its move.
    pub(super) fn without_move_ms(&self, phase: &str, timed_ms: u32) -> u32 {
        let phases = self.each_ms();
        let at = phases.iter().position(|(name, _)| *name == phase);
        let before = at.and_then(|at| at.checked_sub(1)).map(|at| phases[at]);
        match before {
            Some((moved, ms)) if MOVES.contains(&moved) => timed_ms.saturating_sub(ms),
            Some(_) | None => timed_ms,
        }
    }
}

macro_rules! deadlines {
    ($($(#[$doc:meta])* $phase:ident = $seconds:literal,)*) => {
        /// Seconds until a phase that does not end is a stop. A phase that is not named here is
        /// waited for as the printers on the market need it, and a machine that was measured
        /// slow for three times its plan.
        #[derive(Debug, Clone, Default, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Deadlines {
            $($(#[$doc])* pub $phase: Option<f64>,)*
        }

        impl Deadlines {
            /// What the file names for a phase, and what holds where it names nothing.
            fn named(&self, phase: &str) -> (Option<f64>, f64) {
                match phase {
                    $(stringify!($phase) => (self.$phase, $seconds),)*
                    _ => (None, LONGEST_S),
                }
            }

            /// The first deadline that is no time, or that is over before its phase is.
            pub(super) fn mistake(&self, budget: &Budget) -> Option<(&'static str, Mistake)> {
                let named = [$((stringify!($phase), self.$phase),)*];
                named.into_iter().find_map(|(phase, seconds)| {
                    let seconds = seconds?;
                    if !(0.1..=LONGEST_S).contains(&seconds) {
                        return Some((phase, Mistake::Deadline));
                    }
                    let timed = budget.timed(self);
                    let plan = timed.iter().find(|plan| plan.phase == phase)?;
                    let early = plan.deadline_ms < plan.planned_ms;
                    early.then_some((phase, Mistake::DeadlineBelowPlan))
                })
            }
        }
    };
}

deadlines! {
    /// Link check and manifest.
    link_check = 3.0,
    /// Hopper to encoder station.
    feed = 15.0,
    /// Keys for this blank; later, the untouched blank is given back.
    keys = 2.0,
    /// Writing the chip.
    chip_write = 15.0,
    /// Reading it back, verifying, locking.
    chip_verify = 15.0,
    /// Back, black.
    back = 20.0,
    /// Turning the card over.
    flip = 15.0,
    /// Front, yellow.
    front_yellow = 25.0,
    /// Front, magenta.
    front_magenta = 25.0,
    /// Front, cyan.
    front_cyan = 25.0,
    /// Front, black.
    front_black = 20.0,
    /// Front, ultraviolet.
    front_uv = 20.0,
    /// Front, pearl.
    front_pearl = 20.0,
    /// Hologram patch; a cold heater is waited for.
    hologram = 60.0,
    /// Cooling, flattening, scanning.
    check = 30.0,
    /// Check station to exit slot.
    eject = 15.0,
}

impl Deadlines {
    /// The deadline of a phase that is planned to take `planned_ms`.
    fn of(&self, phase: &str, planned_ms: u32) -> u32 {
        let (named, usual) = self.named(phase);
        let patient = usual.max(f64::from(planned_ms) * PATIENCE_FACTOR / 1000.0);
        milliseconds(named.unwrap_or(patient))
    }
}

fn milliseconds(seconds: f64) -> u32 {
    (seconds * 1000.0).round() as u32
}
