//! The recovery table: what a step cut short left behind. Pure; reads a `Survey`,
//! touches nothing, and never repeats an act to find out.

use super::step::{Panel, Step};
use super::survey::{Chip, Counters, Files, Flipper, Keys, Life, Survey};
use serde::{Deserialize, Serialize};

/// What became of a step that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// It took its whole effect.
    Done,
    /// It took none; it may be begun again.
    Untouched,
    /// It took a part: the card can never pass.
    Spoiled,
    /// The devices cannot tell.
    Unknown,
}

/// Judges `step`, begun when the counters stood at `before`, by what `survey` shows now.
#[must_use]
pub fn judge(step: Step, before: &Counters, survey: &Survey) -> Finding {
    let (now, sensors) = (&survey.counters, &survey.sensors);
    match step {
        Step::SightOld => Finding::Untouched,
        Step::Feed => match moved(before.fed, now.fed) {
            // A blank that hands took out on its way left the hopper, although it never arrived.
            Some(0) if sensors.empty() && now.lost == before.lost => Finding::Untouched,
            Some(1) if sensors.encoder => Finding::Done,
            Some(_) | None => Finding::Unknown,
        },
        Step::Encode => encode(&survey.chip),
        Step::Lock => lock(&survey.chip),
        Step::Print(panel) => pass(before, now, panel),
        Step::Flip => flip(before, survey),
        Step::Hologram => halves(
            moved(before.patches_begun, now.patches_begun),
            moved(before.patches_completed, now.patches_completed),
        ),
        Step::Check if sensors.hologram != sensors.check => Finding::Untouched,
        Step::Check => Finding::Unknown,
        Step::Eject => match moved(before.ejected, now.ejected) {
            Some(0) if sensors.inside() && !sensors.exit => Finding::Untouched,
            Some(1) if sensors.exit && !sensors.inside() => Finding::Done,
            Some(_) | None => Finding::Unknown,
        },
        Step::Release => match moved(before.taken, now.taken) {
            Some(0) if sensors.exit => Finding::Untouched,
            Some(1) if !sensors.exit => Finding::Done,
            Some(_) | None => Finding::Unknown,
        },
        Step::Terminate => match survey.chip {
            Chip::Silent => Finding::Done,
            Chip::Answers(witness) if witness.life == Life::Terminated => Finding::Done,
            Chip::Answers(_) => Finding::Untouched,
            Chip::NotAsked => Finding::Unknown,
        },
        Step::Reject => match moved(before.rejected, now.rejected) {
            Some(0) if !sensors.empty() => Finding::Untouched,
            Some(1) if sensors.empty() => Finding::Done,
            Some(_) | None => Finding::Unknown,
        },
        // A person's act: only a person can answer, never a second card on a guess.
        Step::CollectOld | Step::HandOver | Step::Punch | Step::RemoveByHand => Finding::Unknown,
    }
}

/// How far a one-way counter moved; `None` when it ran backwards.
fn moved(before: u32, now: u32) -> Option<u32> {
    now.checked_sub(before)
}

fn encode(chip: &Chip) -> Finding {
    let Chip::Answers(witness) = chip else {
        return Finding::Unknown;
    };
    match (witness.keys, witness.life, witness.files) {
        (Keys::Transport, Life::Blank, _) if witness.stored == 0 => Finding::Untouched,
        (Keys::Transport, Life::Personalised, Files::Equal) => Finding::Done,
        // Perhaps good, perhaps not: read it before anybody judges.
        (Keys::Transport, Life::Personalised, Files::NotRead) => Finding::Unknown,
        (Keys::Transport | Keys::Issuer | Keys::Other, _, _) => Finding::Spoiled,
    }
}

fn lock(chip: &Chip) -> Finding {
    let Chip::Answers(witness) = chip else {
        return Finding::Unknown;
    };
    match (witness.keys, witness.life) {
        (Keys::Transport, Life::Personalised) => Finding::Untouched,
        (Keys::Issuer, Life::Locked) => Finding::Done,
        (Keys::Transport | Keys::Issuer | Keys::Other, _) => Finding::Spoiled,
    }
}

fn pass(before: &Counters, now: &Counters, panel: Panel) -> Finding {
    let ((begun, completed), (begun_now, completed_now)) =
        (before.passes(panel), now.passes(panel));
    halves(moved(begun, begun_now), moved(completed, completed_now))
}

/// Begun is stored before the first dot, completed after the last.
fn halves(begun: Option<u32>, completed: Option<u32>) -> Finding {
    match (begun, completed) {
        (Some(0), Some(0)) => Finding::Untouched,
        (Some(1), Some(1)) => Finding::Done,
        (Some(1), Some(0)) => Finding::Spoiled,
        (Some(_) | None, Some(_) | None) => Finding::Unknown,
    }
}

fn flip(before: &Counters, survey: &Survey) -> Finding {
    let sensors = &survey.sensors;
    let at_head = sensors.head_in || sensors.head_out;
    match (moved(before.flips, survey.counters.flips), sensors.flipper) {
        (Some(0), Flipper::BackUp) => Finding::Untouched,
        (Some(0), Flipper::Empty) if at_head => Finding::Untouched,
        (Some(1), Flipper::FrontUp) => Finding::Done,
        (
            Some(_) | None,
            Flipper::Empty | Flipper::FrontUp | Flipper::BackUp | Flipper::Between,
        ) => Finding::Unknown,
    }
}
