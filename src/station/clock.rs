//! Time as the station takes it: two hands that a simulator can turn itself.

use crate::job::token::day_in_tokyo;
use jiff::Timestamp;
use jiff::civil::Date;
use std::time::{Duration, Instant};

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
}
