//! Faults to inject, from a TOML file: what happens to which card. Pure text to values; the
//! machine asks it when a motion begins.

use crate::Error;
use serde::Deserialize;
use std::path::Path;
use wire::{Motion, Panel, Zone};

/// Faults by card. Cards count from 1 as they are fed by this process.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// `[[fault]]` tables in order.
    pub fault: Vec<Fault>,
}

/// One fault, at one card.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which card, from 1; for `hopper-empty` the card that is not there.
    pub card: u32,
    /// What happens.
    pub what: What,
    /// The motion it happens in, where `what` can happen in several.
    #[serde(default)]
    pub step: Option<Step>,
    /// How far into the motion, 0 to 1.
    #[serde(default = "half")]
    pub at: f64,
    /// How often: the motion fails so many times, then it works.
    #[serde(default = "once")]
    pub times: u32,
}

fn half() -> f64 {
    0.5
}

fn once() -> u32 {
    1
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The hopper shows empty at Feed.
    HopperEmpty,
    /// The card sticks in the middle of the step; it comes loose when rejected.
    Jam,
    /// Like `jam`, but it does not come loose: a person must take it out.
    StuckJam,
    /// The ribbon ends in the middle of the pass.
    RibbonOut,
    /// The pass reports success and burns nothing; without a step, all passes of the front.
    BlankFace,
    /// The dye passes burn the photo of the card before.
    PreviousPhoto,
    /// The pass burns the panel of the card before; without a step, all passes of the front.
    PreviousBuffer,
    /// The chip of this blank never answers.
    DeadChip,
    /// The chip dies when the step begins.
    ChipDies,
    /// Mains power is lost in the middle of the step.
    PowerCut,
    /// The scanner's white strip is dirty at Check.
    ScannerDirty,
    /// After Release nobody takes the card.
    NotTaken,
}

/// A motion, as scenarios name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Hopper to encoder.
    Feed,
    /// Ribbon search.
    Seek,
    /// Back black.
    BackK,
    /// Yellow.
    Y,
    /// Magenta.
    M,
    /// Cyan.
    C,
    /// Front black.
    K,
    /// Fluorescent.
    Uv,
    /// Pearl.
    Pearl,
    /// Turning over.
    Flip,
    /// Patch.
    Hologram,
    /// Check station.
    Check,
    /// To the exit slot.
    Eject,
    /// Slot opens.
    Release,
    /// Into the tray.
    Reject,
}

impl Step {
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

    /// Where a card sticks that jams in this step.
    pub fn zone(self) -> Zone {
        match self {
            Step::Feed => Zone::Feeder,
            Step::Seek | Step::BackK | Step::Y | Step::M | Step::C => Zone::Head,
            Step::K | Step::Uv | Step::Pearl => Zone::Head,
            Step::Flip => Zone::Flipper,
            Step::Hologram => Zone::Hologram,
            Step::Check | Step::Reject => Zone::Check,
            Step::Eject | Step::Release => Zone::Exit,
        }
    }
}

impl Fault {
    /// Whether the fault can strike this motion at all.
    fn strikes(&self, motion: Motion) -> bool {
        let step = Step::of(motion);
        let front_pass = matches!(motion, Motion::Pass(panel) if panel != Panel::BackK);
        match self.what {
            What::HopperEmpty | What::DeadChip => step == Step::Feed,
            What::ScannerDirty => step == Step::Check,
            What::NotTaken => step == Step::Release,
            What::PreviousPhoto => matches!(step, Step::Y | Step::M | Step::C),
            What::BlankFace | What::PreviousBuffer => self.step.map_or(front_pass, |at| at == step),
            What::Jam | What::StuckJam => step == self.step.unwrap_or(Step::BackK),
            What::RibbonOut => step == self.step.unwrap_or(Step::Y),
            What::ChipDies | What::PowerCut => self.step == Some(step),
        }
    }

    fn check(&self) -> Result<(), &'static str> {
        let pass = |step: Step| {
            !matches!(
                step,
                Step::Feed
                    | Step::Seek
                    | Step::Flip
                    | Step::Hologram
                    | Step::Check
                    | Step::Eject
                    | Step::Release
                    | Step::Reject
            )
        };
        match (self.what, self.step) {
            _ if self.card == 0 => Err("cards count from 1"),
            _ if !(0.0..=1.0).contains(&self.at) => Err("`at` is a part of the motion, 0 to 1"),
            (What::PowerCut | What::ChipDies, None) => Err("this fault needs a `step`"),
            (What::RibbonOut | What::BlankFace | What::PreviousBuffer, Some(step))
                if !pass(step) =>
            {
                Err("this fault happens in a pass: step = back-k, y, m, c, k, uv or pearl")
            }
            (
                What::HopperEmpty
                | What::DeadChip
                | What::ScannerDirty
                | What::NotTaken
                | What::PreviousPhoto,
                Some(_),
            ) => Err("this fault has its own step; leave `step` out"),
            _ => Ok(()),
        }
    }
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors  `Content` with the line and the reason, unknown keys included.
    pub fn parse(text: &str, path: &Path) -> Result<Scenario, Error> {
        let content = |line, reason| Error::Content {
            path: path.to_owned(),
            line,
            reason,
        };
        let scenario: Scenario = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(0, |span| line_of(text, span.start));
            content(line, error.message().to_owned())
        })?;
        for (at, fault) in scenario.fault.iter().enumerate() {
            fault
                .check()
                .map_err(|reason| content(table_line(text, at), reason.to_owned()))?;
        }
        Ok(scenario)
    }

    /// The faults that strike this motion of this card now; each is spent once per call.
    pub fn strike(&mut self, card: u32, motion: Motion) -> Vec<Fault> {
        let mut struck = Vec::new();
        for fault in &mut self.fault {
            if fault.card == card && fault.times > 0 && fault.strikes(motion) {
                let stays = matches!(
                    fault.what,
                    What::BlankFace | What::PreviousPhoto | What::PreviousBuffer
                );
                fault.times -= u32::from(!stays);
                struck.push(fault.clone());
            }
        }
        struck
    }
}

fn line_of(text: &str, byte: usize) -> usize {
    text.bytes()
        .take(byte)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

/// The line of the n-th `[[fault]]`.
fn table_line(text: &str, n: usize) -> usize {
    let heads = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.trim().starts_with("[[fault]]"));
    heads.map(|(at, _)| at + 1).nth(n).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Scenario, String> {
        Scenario::parse(text, Path::new("s.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let refusal = parse("[[fault]]\ncard = 1\nwhat = \"jam\"\nwhere = 3\n").unwrap_err();
        assert!(
            refusal.starts_with("s.toml, line 4: unknown field `where`"),
            "{refusal}"
        );
    }

    #[test]
    fn a_fault_that_cannot_happen_there_is_refused_with_its_line() {
        let text = "\n[[fault]]\ncard = 1\nwhat = \"dead-chip\"\n[[fault]]\ncard = 1\nwhat = \"power-cut\"\n";
        assert_eq!(
            parse(text).unwrap_err(),
            "s.toml, line 5: this fault needs a `step`"
        );
        assert!(parse("[[fault]]\ncard = 1\nwhat = \"ribbon-out\"\nstep = \"flip\"\n").is_err());
    }

    #[test]
    fn a_fault_strikes_its_card_and_motion_as_often_as_it_says() {
        let mut scenario =
            parse("[[fault]]\ncard = 2\nwhat = \"jam\"\nstep = \"m\"\ntimes = 2\n").unwrap();
        let pass = Motion::Pass(Panel::M);
        assert!(scenario.strike(1, pass).is_empty());
        assert!(scenario.strike(2, Motion::Flip).is_empty());
        let struck = |s: &mut Scenario| s.strike(2, pass).len();
        assert_eq!([0; 3].map(|_| struck(&mut scenario)), [1, 1, 0]);
    }
}
