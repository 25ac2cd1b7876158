//! A test card: what is printed on it and which motions it takes. It bears no number, its chip is
//! not written, and it ends in the tray. Knows no device.

use wire::{Motion, Panel};

/// Steps of a test card are numbered apart from those of a card that is issued.
const FIRST_STEP: u8 = 192;

/// One motion of a test card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The step in the motion's id.
    pub code: u8,
    /// What moves.
    pub motion: Motion,
    /// The budget's phase that it is timed as; rejecting is none.
    pub phase: Option<&'static str>,
}

/// The motions of a test card, rejecting not among them.
#[must_use]
pub fn steps(patch: bool) -> Vec<Step> {
    let mut motions = vec![
        (Motion::Feed, "feed"),
        // As behind a chip that is written: the pass is then timed without the search.
        (Motion::SeekRibbon(Panel::BackK), ""),
        (Motion::Pass(Panel::BackK), "back"),
        (Motion::Flip, "flip"),
        (Motion::Pass(Panel::Y), "front_yellow"),
        (Motion::Pass(Panel::M), "front_magenta"),
        (Motion::Pass(Panel::C), "front_cyan"),
        (Motion::Pass(Panel::K), "front_black"),
        (Motion::Pass(Panel::Uv), "front_uv"),
        (Motion::Pass(Panel::Pearl), "front_pearl"),
    ];
    motions.extend(patch.then_some((Motion::Hologram, "hologram")));
    motions.push((Motion::Check, "check"));
    let step = |(code, (motion, phase)): (u8, (Motion, &'static str))| Step {
        code,
        motion,
        phase: (!phase.is_empty()).then_some(phase),
    };
    (FIRST_STEP..).zip(motions).map(step).collect()
}

/// The way into the tray, from wherever a card is.
#[must_use]
pub fn reject() -> Step {
    Step {
        code: u8::MAX,
        motion: Motion::Reject,
        phase: None,
    }
}

/// The feed alone, for a blank that is only to lie in the encoder.
#[must_use]
pub fn feed() -> Step {
    steps(false)[0]
}

/// What stands on it: the station, the day, its place in the count of cards begun.
#[must_use]
pub fn values(station: &str, day: jiff::civil::Date, count: u32) -> layouts::Values {
    let mut values = layouts::Values::default();
    values.set("station", station);
    values.set("day", day.to_string());
    values.set("count", count.to_string());
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_pass_is_made_and_nothing_ever_leaves_by_the_slot() {
        for patch in [false, true] {
            let steps = steps(patch);
            let passes = steps
                .iter()
                .filter(|step| matches!(step.motion, Motion::Pass(_)));
            assert_eq!(passes.count(), Panel::ALL.len());
            let out = |step: &Step| matches!(step.motion, Motion::Eject | Motion::Release);
            assert!(!steps.iter().any(out));
            let laid = steps.iter().any(|step| step.motion == Motion::Hologram);
            assert_eq!(laid, patch);
            let codes: BTreeSet<u8> = steps.iter().chain([&reject()]).map(|s| s.code).collect();
            assert_eq!(codes.len(), steps.len() + 1);
            assert!(codes.iter().all(|code| *code >= FIRST_STEP));
        }
    }
}
