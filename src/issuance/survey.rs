//! What the devices show when they are asked: one-way counters, sensors, the chip's
//! own word. The station's vocabulary, apart from any printer's wire.

use super::ids::Serial;
use super::step::{Panel, Step};
use serde::{Deserialize, Serialize};

/// The printer's one-way counters, monotone for life.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counters {
    /// Cards that arrived at the encoder.
    pub fed: u32,
    /// Cards that arrived at the exit.
    pub ejected: u32,
    /// Cards taken out of the exit.
    pub taken: u32,
    /// Cards that fell into the reject tray.
    pub rejected: u32,
    /// Cards that vanished.
    pub lost: u32,
    /// Passes begun, by `Panel::index`; stored before the first dot.
    pub begun: [u32; 7],
    /// Passes completed; stored after the last dot.
    pub completed: [u32; 7],
    /// Patches begun.
    pub patches_begun: u32,
    /// Patches completed.
    pub patches_completed: u32,
    /// Cards seated after a turn.
    pub flips: u32,
    /// Power-ons.
    pub power_ons: u32,
    /// Cards since the last cleaning.
    pub since_cleaning: u32,
}

impl Counters {
    /// Passes of one panel: begun and completed.
    #[must_use]
    pub fn passes(&self, panel: Panel) -> (u32, u32) {
        (self.begun[panel.index()], self.completed[panel.index()])
    }

    /// These counters after `step` took its whole effect.
    #[must_use]
    pub fn after(&self, step: Step) -> Counters {
        let mut next = self.clone();
        match step {
            Step::Feed => next.fed += 1,
            Step::Print(panel) => {
                next.begun[panel.index()] += 1;
                next.completed[panel.index()] += 1;
            }
            Step::Flip => next.flips += 1,
            Step::Hologram => {
                next.patches_begun += 1;
                next.patches_completed += 1;
            }
            Step::Eject => next.ejected += 1,
            Step::Release => next.taken += 1,
            Step::Reject => next.rejected += 1,
            Step::SightOld
            | Step::Encode
            | Step::Lock
            | Step::Check
            | Step::CollectOld
            | Step::HandOver
            | Step::Punch
            | Step::Terminate
            | Step::RemoveByHand => {}
        }
        next
    }

    /// Whether both tell of the same cards, passes and patches (invariant I-44).
    /// Power-ons, losses and the cleaning count move without a journalled step.
    #[must_use]
    pub fn same_work(&self, other: &Counters) -> bool {
        let level = |counters: &Counters| Counters {
            lost: 0,
            power_ons: 0,
            since_cleaning: 0,
            ..counters.clone()
        };
        level(self) == level(other)
    }
}

impl Counters {
    /// Where `seen` tells of other work: each counter's name, its count here and there.
    #[must_use]
    pub fn other_work(&self, seen: &Counters) -> Vec<(String, u32, u32)> {
        let pairs = self.named().into_iter().zip(seen.named());
        pairs
            .filter(|((_, here), (_, there))| here != there)
            .map(|((name, here), (_, there))| (name, here, there))
            .collect()
    }

    /// The counters of work, by name.
    fn named(&self) -> Vec<(String, u32)> {
        let one = |name: &str, count| (name.to_owned(), count);
        let mut named = vec![
            one("fed", self.fed),
            one("ejected", self.ejected),
            one("taken", self.taken),
            one("rejected", self.rejected),
            one("patches-begun", self.patches_begun),
            one("patches-completed", self.patches_completed),
            one("flips", self.flips),
        ];
        for panel in Panel::ALL {
            let (begun, completed) = self.passes(panel);
            named.push((format!("begun-{panel:?}").to_lowercase(), begun));
            named.push((format!("completed-{panel:?}").to_lowercase(), completed));
        }
        named
    }
}

/// What the flipper's sensors see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flipper {
    /// No card.
    #[default]
    Empty,
    /// A card, front up.
    FrontUp,
    /// A card, back up.
    BackUp,
    /// A card that is not seated.
    Between,
}

/// Which face is up, where the printer can know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// The front.
    Front,
    /// The back.
    Back,
}

/// The sensors along the path; `true` is a card (or a full tray, an open cover).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sensors {
    /// Blanks in the hopper.
    pub hopper: bool,
    /// Between hopper and encoder.
    pub feeder: bool,
    /// At the encoder.
    pub encoder: bool,
    /// Before the head.
    pub head_in: bool,
    /// Behind the head.
    pub head_out: bool,
    /// In the flipper.
    pub flipper: Flipper,
    /// At the hologram station.
    pub hologram: bool,
    /// At the check station.
    pub check: bool,
    /// In the exit slot.
    pub exit: bool,
    /// The reject tray is full.
    pub tray_full: bool,
    /// The cover is open.
    pub cover_open: bool,
}

impl Sensors {
    /// Whether a card is anywhere between hopper and exit slot, the slot not counted.
    #[must_use]
    pub fn inside(&self) -> bool {
        self.feeder
            || self.encoder
            || self.head_in
            || self.head_out
            || self.flipper != Flipper::Empty
            || self.hologram
            || self.check
    }

    /// Whether no card is in the path, nor in the slot.
    #[must_use]
    pub fn empty(&self) -> bool {
        !self.inside() && !self.exit
    }
}

/// Which keys the chip answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keys {
    /// Transport keys, as delivered.
    Transport,
    /// The issuer's keys: locked.
    Issuer,
    /// Neither.
    Other,
}

/// The life of the card application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Life {
    /// Nothing personal yet.
    Blank,
    /// Personalised, not yet locked.
    Personalised,
    /// Personalised and closed for good.
    Locked,
    /// Dead by order.
    Terminated,
    /// Something else.
    Other,
}

/// What the public read-back says of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Files {
    /// Not read in this survey.
    NotRead,
    /// All equal to the prepared files.
    Equal,
    /// Different, or not all readable.
    Different,
}

/// The chip's own word, free of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// Its serial.
    pub serial: Serial,
    /// Its key version.
    pub keys: Keys,
    /// Its life cycle.
    pub life: Life,
    /// Bytes ever stored.
    pub stored: u32,
    /// The read-back.
    pub files: Files,
}

impl Witness {
    /// Transport keys and not one byte stored: a blank.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.keys == Keys::Transport && self.life == Life::Blank && self.stored == 0
    }
}

/// The chip of the card in the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Chip {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// Asked over a healthy reader, no answer.
    Silent,
    /// It answered.
    Answers(Witness),
}

/// Everything that the devices show at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The printer's boot id.
    pub boot: u32,
    /// The one-way counters.
    pub counters: Counters,
    /// The sensors.
    pub sensors: Sensors,
    /// Which face is up, where known.
    pub face_up: Option<Face>,
    /// The chip.
    pub chip: Chip,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_of_other_work_are_named_with_both_counts() {
        let mut seen = Counters::default();
        let here = seen.clone();
        (seen.power_ons, seen.lost, seen.since_cleaning) = (3, 1, 9);
        assert!(here.other_work(&seen).is_empty() && here.same_work(&seen));
        seen.fed = 2;
        seen.begun[Panel::Uv.index()] = 1;
        let told = here.other_work(&seen);
        assert_eq!(
            told,
            [("fed".to_owned(), 0, 2), ("begun-uv".to_owned(), 0, 1)]
        );
        assert!(!here.same_work(&seen));
    }
}
