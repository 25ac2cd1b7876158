//! Two bodies that take and lose heat: print head and patch heater. Newton's cooling in unscaled
//! time; tenths of a degree. Knows no motion.

use super::times::Speed;
use std::time::Duration;
use wire::Panel;

/// The head when nothing is printed.
const HEAD_REST: f64 = 415.0;
/// How fast the head comes to rest: in this time to a third of the difference.
const HEAD_PACE_S: f64 = 45.0;
/// Hotter, and a pass waits.
const HEAD_WAITS_FROM: f64 = 700.0;
/// It waits until this.
const HEAD_COOLED: f64 = 650.0;
/// Hotter, and a pass is refused.
const HEAD_REFUSED_FROM: f64 = 800.0;
/// What one whole pass of a dye adds, and of an ink.
const DYE_ADDS: f64 = 25.0;
const INK_ADDS: f64 = 12.0;
/// The patch heater at its temperature.
const HEATER_HOT: f64 = 1_320.0;
/// Colder, and no patch is laid.
const HEATER_READY: f64 = 1_250.0;
const HEATER_PACE_S: f64 = 40.0;
/// Without power it cools slowly: it is a block of metal.
const HEATER_COOLS_S: f64 = 400.0;
const ROOM: f64 = 200.0;

/// One body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heat {
    is: f64,
    at: Duration,
    comes_to: f64,
    pace_s: f64,
    speed: f64,
}

impl Heat {
    /// The print head at rest.
    pub(super) fn head(speed: Speed, now: Duration) -> Heat {
        Heat {
            is: HEAD_REST,
            at: now,
            comes_to: HEAD_REST,
            pace_s: HEAD_PACE_S,
            speed: speed.factor(),
        }
    }

    /// The patch heater, warm or as cold as the room, without power.
    pub(super) fn heater(speed: Speed, now: Duration, cold: bool) -> Heat {
        Heat {
            is: if cold { ROOM } else { HEATER_HOT },
            at: now,
            comes_to: ROOM,
            pace_s: HEATER_COOLS_S,
            speed: speed.factor(),
        }
    }

    fn value(&self, now: Duration) -> f64 {
        let passed = now.saturating_sub(self.at).as_secs_f64() * self.speed;
        self.comes_to + (self.is - self.comes_to) * (-passed / self.pace_s).exp()
    }

    /// Tenths of a degree.
    pub(super) fn decidegrees(&self, now: Duration) -> i16 {
        self.value(now).round() as i16
    }

    /// Is so hot from now on, and goes on from there.
    pub(super) fn set(&mut self, decidegrees: f64, now: Duration) {
        (self.is, self.at) = (decidegrees, now);
    }

    fn turn(&mut self, comes_to: f64, pace_s: f64, now: Duration) {
        self.set(self.value(now), now);
        (self.comes_to, self.pace_s) = (comes_to, pace_s);
    }

    /// The heater gets power.
    pub(super) fn heated(&mut self, now: Duration) {
        self.turn(HEATER_HOT, HEATER_PACE_S, now);
    }

    /// The heater loses power.
    pub(super) fn unheated(&mut self, now: Duration) {
        self.turn(ROOM, HEATER_COOLS_S, now);
    }

    /// The head burned one of so many parts of a pass.
    pub(super) fn burned(&mut self, panel: Panel, parts: u8, now: Duration) {
        let adds = match panel {
            Panel::Y | Panel::M | Panel::C => DYE_ADDS,
            Panel::BackK | Panel::K | Panel::Uv | Panel::Pearl => INK_ADDS,
        };
        self.set(self.value(now) + adds / f64::from(parts), now);
    }

    /// Whether the head burns nothing before it has cooled a good deal.
    pub(super) fn refuses(&self, now: Duration) -> bool {
        self.value(now) >= HEAD_REFUSED_FROM
    }

    /// How long a pass waits for the head to cool, unscaled.
    pub(super) fn wait_ms(&self, now: Duration) -> u32 {
        let is = self.value(now);
        if is < HEAD_WAITS_FROM {
            return 0;
        }
        let parts = (is - self.comes_to) / (HEAD_COOLED - self.comes_to);
        (parts.ln() * self.pace_s * 1_000.0) as u32
    }

    /// Whether the heater is warm enough for a patch.
    pub(super) fn ready(&self, now: Duration) -> bool {
        self.value(now) >= HEATER_READY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn card_after_card_at_full_pace_the_head_never_waits() {
        let mut head = Heat::head(Speed::REAL, at(0));
        for card in 0..1_000u64 {
            for (place, panel) in Panel::ALL.into_iter().enumerate() {
                let now = at(card * 36 + 10 + 2 * place as u64);
                assert_eq!(head.wait_ms(now), 0, "card {card}: {}", head.value(now));
                head.burned(panel, 1, now);
            }
        }
    }

    #[test]
    fn a_cold_heater_takes_two_minutes_and_a_short_outage_leaves_it_warm() {
        let mut heater = Heat::heater(Speed::REAL, at(0), true);
        heater.heated(at(0));
        assert!(!heater.ready(at(60)) && heater.ready(at(120)));
        assert_eq!(heater.decidegrees(at(0)), 200);
        let mut warm = Heat::heater(Speed::REAL, at(0), false);
        warm.heated(at(0));
        warm.unheated(at(100));
        assert!(warm.ready(at(103)) && !warm.ready(at(160)));
    }

    #[test]
    fn a_hot_head_is_waited_for_and_a_very_hot_one_refuses() {
        let mut head = Heat::head(Speed::REAL, at(0));
        head.set(750.0, at(0));
        let wait = head.wait_ms(at(0));
        assert!((15_000..16_000).contains(&wait), "{wait}");
        let after = Duration::from_millis(wait.into());
        assert!((head.value(after) - HEAD_COOLED).abs() < 1.0);
        head.set(850.0, at(0));
        assert!(head.refuses(at(0)) && !head.refuses(at(10)));
    }
}
