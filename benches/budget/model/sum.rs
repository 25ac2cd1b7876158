//! One card as a sum: the machine's own motion times, what the line adds at this speed, and
//! chance. What the exact line takes a tenth of a second for takes microseconds here.

use super::chance::Chance;
use super::line::Profile;
use super::mechanics::Mechanics;
use super::order::{Act, World};
use std::time::Duration;
use wire::{Motion, Panel};

/// What can go wrong without stopping a card, and how often. These are assumptions: nobody
/// published how often such machines stumble.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Odds {
    /// Every motion takes up to so many percent longer or shorter.
    pub(crate) jitter_percent: f64,
    /// A command to the chip is repeated at the antenna …
    pub(crate) command_again: f64,
    /// … after this wait.
    pub(crate) command_wait: Duration,
    /// A control frame is lost on the line …
    pub(crate) frame_lost: f64,
    /// … and sent again after this.
    pub(crate) frame_wait: Duration,
    /// A band of raster is lost on the line, of each panel.
    pub(crate) band_lost: f64,
    /// The first blank is not picked and the feed is done again.
    pub(crate) fed_again: f64,
    /// The authority is slow with the keys …
    pub(crate) keys_slow: f64,
    /// … by a tail of this mean.
    pub(crate) keys_tail: Duration,
    /// What the computer adds to whatever it does, by a tail of this mean.
    pub(crate) scheduling: Duration,
}

impl Odds {
    /// Nothing goes wrong.
    pub(crate) const NONE: Odds = Odds {
        jitter_percent: 0.0,
        command_again: 0.0,
        command_wait: Duration::ZERO,
        frame_lost: 0.0,
        frame_wait: Duration::ZERO,
        band_lost: 0.0,
        fed_again: 0.0,
        keys_slow: 0.0,
        keys_tail: Duration::ZERO,
        scheduling: Duration::ZERO,
    };

    /// An office's ordinary year.
    pub(crate) const YEAR: Odds = Odds {
        jitter_percent: 3.0,
        command_again: 1.0 / 500.0,
        command_wait: Duration::from_millis(80),
        frame_lost: 1.0 / 2_000.0,
        frame_wait: Duration::from_millis(250),
        band_lost: 1.0 / 100.0,
        fed_again: 1.0 / 500.0,
        keys_slow: 1.0 / 100.0,
        keys_tail: Duration::from_millis(350),
        scheduling: Duration::from_millis(1),
    };
}

/// A card that is only added up.
pub(crate) struct Sum<'a> {
    pub(crate) mechanics: &'a Mechanics,
    pub(crate) line: &'a Profile,
    pub(crate) odds: &'a Odds,
    pub(crate) chance: Chance,
    now: Duration,
    begun: Duration,
    ends: Duration,
}

impl<'a> Sum<'a> {
    pub(crate) fn new(
        mechanics: &'a Mechanics,
        line: &'a Profile,
        odds: &'a Odds,
        chance: Chance,
    ) -> Sum<'a> {
        Sum {
            mechanics,
            line,
            odds,
            chance,
            now: Duration::ZERO,
            begun: Duration::ZERO,
            ends: Duration::ZERO,
        }
    }

    /// The one of two that holds now: while raster streams, or after.
    fn of(&self, both: [Duration; 2]) -> Duration {
        let last = self.line.arrived.last();
        both[usize::from(last.is_none_or(|(_, at)| self.now >= *at))]
    }

    /// A frame that is lost is sent again.
    fn control(&mut self, time: Duration) {
        self.now += time;
        if self.chance.hits(self.odds.frame_lost) {
            self.now += self.odds.frame_wait;
        }
    }

    fn arrival(&mut self, panel: Panel) -> Duration {
        let known = self.line.arrived.iter().find(|(known, _)| *known == panel);
        let at = known.map_or(Duration::ZERO, |(_, at)| *at);
        // Whoever lost a band is told so in the next report, and sends it again.
        let lost = self.chance.hits(self.odds.band_lost);
        at + if lost {
            self.line.survey[0] * 4
        } else {
            Duration::ZERO
        }
    }

    fn begin(&mut self, motion: Motion) {
        if let Motion::Pass(panel) = motion {
            self.now = self.now.max(self.arrival(panel));
        }
        let half = self.of(self.line.motion) / 2;
        self.control(half);
        self.begun = self.now;
        self.ends = self.begun + self.mechanics.of(motion);
        if motion == Motion::Feed && self.chance.hits(self.odds.fed_again) {
            // The failed one takes its time, too, and is settled by a survey.
            self.begun = self.ends + self.of(self.line.survey) * 2;
            self.ends = self.begun + self.mechanics.of(motion);
        }
    }
}

impl World for Sum<'_> {
    fn act(&mut self, act: Act) {
        match act {
            Act::Load => self.control(self.line.load),
            Act::Begin(motion) => self.begin(motion),
            Act::End => {
                self.now = self.now.max(self.ends);
                let half = self.of(self.line.motion) / 2;
                self.control(half);
            }
            Act::Couple => self.now = self.now.max(self.begun + self.mechanics.couple),
            Act::Survey => {
                let survey = self.of(self.line.survey);
                self.control(survey);
            }
            Act::Scan => self.now = self.now.max(self.begun + self.line.scan),
        }
    }

    fn spend(&mut self, time: Duration) {
        if !time.is_zero() {
            self.now += time + self.chance.tail(self.odds.scheduling);
        }
    }

    fn now(&self) -> Duration {
        self.now
    }
}
