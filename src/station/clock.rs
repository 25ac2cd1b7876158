//! Time as the station takes it: two hands that a simulator can turn itself.

use crate::job::token::day_in_tokyo;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, Instant};

/// A time server may set the clock back so far; beyond, no grant can be dated by it.
const SET_BACK: SignedDuration = SignedDuration::from_mins(5);

/// The wall clock labels and decides dates of law; the monotonic one times everything else.
pub struct Clock {
    wall: Box<dyn Fn() -> Timestamp + Send>,
    steady: Box<dyn Fn() -> Duration + Send>,
}

impl Clock {
    /// A clock of two given hands.
    pub fn of(
        wall: impl Fn() -> Timestamp + Send + 'static,
        steady: impl Fn() -> Duration + Send + 'static,
    ) -> Clock {
        Clock {
            wall: Box::new(wall),
            steady: Box::new(steady),
        }
    }

    /// The machine's own clocks.
    #[must_use]
    pub fn of_this_machine() -> Clock {
        let start = Instant::now();
        Clock::of(Timestamp::now, move || start.elapsed())
    }

    /// Now, as a label and for the expiry of grants.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.wall)()
    }

    /// Time since an arbitrary start, which no one can set.
    #[must_use]
    pub fn steady(&self) -> Duration {
        (self.steady)()
    }

    /// Whether the wall clock stands before what is on record already.
    #[must_use]
    pub fn is_behind(&self, recorded: Timestamp) -> bool {
        let latest = self.now().checked_add(SET_BACK).unwrap_or(Timestamp::MAX);
        latest < recorded
    }

    /// Today in Japan: the day that delivery and validity count from.
    #[must_use]
    pub fn today(&self) -> Date {
        day_in_tokyo(self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_law_is_japans() {
        let late: Timestamp = "2026-11-21T15:00:00Z".parse().expect("a moment");
        let clock = Clock::of(move || late, || Duration::ZERO);
        assert_eq!(clock.today(), jiff::civil::date(2026, 11, 22));
    }

    #[test]
    fn a_clock_behind_the_record_is_not_trusted() {
        let recorded: Timestamp = "2026-11-21T15:00:00Z".parse().expect("a moment");
        let behind = |moment: &str| {
            let now: Timestamp = moment.parse().expect("a moment");
            Clock::of(move || now, || Duration::ZERO).is_behind(recorded)
        };
        assert!(behind("1970-01-01T00:00:00Z") && behind("2026-11-21T14:00:00Z"));
        assert!(!behind("2026-11-21T14:58:00Z") && !behind("2036-11-21T15:00:00Z"));
    }
}
