//! The printer's numbered events: taken in order, asked for again when one was
//! missed, each told once.

use std::time::Duration;

use wire::message::{Event as Numbered, Happening, HostMessage};

use super::{Event, Session};

/// Between two requests for the same missed event.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// Which events of this boot were seen.
#[derive(Default)]
pub(super) struct Log {
    begun: bool,
    seen: u64,
    newest: u64,
    asked_at: Option<Duration>,
}

impl Log {
    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    /// The log of a boot of which nothing was missed yet.
    pub(super) fn begun() -> Log {
        Log {
            begun: true,
            ..Log::default()
        }
    }

    /// A new talk begins here: what came before belongs to nobody.
    pub(super) fn begin_at(&mut self, newest: u64) {
        self.begun = true;
        self.seen = newest;
        self.newest = newest;
    }

    // Numbers come from the line: saturating, so that none of them overflows.
    fn next(&self) -> u64 {
        self.seen.saturating_add(1)
    }

    /// Notes how far the printer is; `true` when events between were forgotten there.
    pub(super) fn behind(&mut self, oldest: u64, newest: u64) -> bool {
        if !self.begun {
            return false;
        }
        self.newest = self.newest.max(newest);
        let lost = oldest > self.next();
        if lost {
            self.seen = oldest - 1;
        }
        lost
    }

    /// Whether the event is the next one, which then counts as seen.
    fn take(&mut self, number: u64) -> bool {
        if !self.begun {
            return false;
        }
        self.newest = self.newest.max(number);
        let next = number == self.next();
        if next {
            self.seen = number;
            self.asked_at = None;
        }
        next
    }
}

impl Session {
    pub(super) fn happened(&mut self, event: Numbered) {
        let new = self.log.take(event.number);
        let told = match event.happening {
            // A result reaches its waiter even out of order or again.
            Happening::MotionEnded { id, result } => {
                self.motion_ended(id, *result);
                return;
            }
            Happening::CoverOpened => Event::CoverOpened,
            Happening::CoverClosed => Event::CoverClosed,
            Happening::CardTaken { released } => Event::CardTaken { released },
            Happening::Raised(condition) => Event::Raised(condition),
            Happening::Cleared(condition) => Event::Cleared(condition),
        };
        if new {
            self.events.push_back(told);
        }
    }

    pub(super) fn ask_for_missed_events(&mut self, now: Duration) {
        let recently = self.log.asked_at.is_some_and(|at| now < at + ASK_AGAIN);
        if self.log.newest > self.log.seen && !recently {
            self.log.asked_at = Some(now);
            let from = self.log.next();
            self.say(&HostMessage::Replay { from });
        }
    }
}
