//! Where the card is and what became of it, in words for a person who stands before the
//! machine. Pure; reads sensors and the issuance, touches nothing.

use super::event::Decision;
use super::judge::Finding;
use super::machine::Issuance;
use super::state::{Phase, Place};
use super::step::Step;
use super::survey::{Flipper, Sensors};
use crate::fault::{Code, Words};
use serde::Serialize;

/// A place in the machine at which a sensor sees a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spot {
    /// Between hopper and encoder.
    Feeder,
    /// At the encoder.
    Encoder,
    /// Under the print head.
    Head,
    /// In the flipper, front up.
    FlipperFront,
    /// In the flipper, back up.
    FlipperBack,
    /// In the flipper, not seated.
    FlipperBetween,
    /// At the hologram station.
    Hologram,
    /// At the check station.
    Check,
    /// In the exit slot.
    Exit,
}

impl Spot {
    /// Where that is: Japanese, English.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Spot::Feeder => ("給紙部", "in the feeder"),
            Spot::Encoder => ("ICの書き込み部", "at the chip writer"),
            Spot::Head => ("印刷ヘッドの下", "under the print head"),
            Spot::FlipperFront => ("反転部（表が上）", "in the flipper, front up"),
            Spot::FlipperBack => ("反転部（裏が上）", "in the flipper, back up"),
            Spot::FlipperBetween => ("反転部の途中", "in the flipper, between its ends"),
            Spot::Hologram => ("ホログラム部", "at the hologram station"),
            Spot::Check => ("検査部", "at the check station"),
            Spot::Exit => ("排出口", "in the exit slot"),
        }
    }
}

impl Sensors {
    /// Every place at which a sensor sees a card, in the card's order.
    #[must_use]
    pub fn spots(&self) -> Vec<Spot> {
        let flipper = match self.flipper {
            Flipper::Empty => None,
            Flipper::FrontUp => Some(Spot::FlipperFront),
            Flipper::BackUp => Some(Spot::FlipperBack),
            Flipper::Between => Some(Spot::FlipperBetween),
        };
        [
            self.feeder.then_some(Spot::Feeder),
            self.encoder.then_some(Spot::Encoder),
            (self.head_in || self.head_out).then_some(Spot::Head),
            flipper,
            self.hologram.then_some(Spot::Hologram),
            self.check.then_some(Spot::Check),
            self.exit.then_some(Spot::Exit),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// What the printer sees of the card now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Where sensors see a card.
    pub spots: Vec<Spot>,
    /// The cover is open.
    pub cover_open: bool,
}

impl From<&Sensors> for Seen {
    fn from(sensors: &Sensors) -> Seen {
        Seen {
            spots: sensors.spots(),
            cover_open: sensors.cover_open,
        }
    }
}

impl Seen {
    /// Where the card is seen, and whether the cover is open.
    #[must_use]
    pub fn words(&self) -> Words {
        let all = |pick: fn(&Spot) -> &'static str, join: &str| {
            let places: Vec<&str> = self.spots.iter().map(pick).collect();
            places.join(join)
        };
        let (ja, en) = if self.spots.is_empty() {
            (
                "どのセンサーもカードを見ていません。".to_owned(),
                "No sensor sees a card.".to_owned(),
            )
        } else {
            let (ja, en) = (all(|s| s.words().0, "と"), all(|s| s.words().1, " and "));
            (
                format!("センサーは{ja}にカードを見ています。"),
                format!("The sensors see a card {en}."),
            )
        };
        if self.cover_open {
            Words(
                format!("{ja}ふたが開いています。"),
                format!("{en} The cover is open."),
            )
        } else {
            Words(ja, en)
        }
    }
}

/// What became of the chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChipState {
    /// Nothing was written.
    Blank,
    /// Perhaps a part was written.
    Unclear,
    /// Written, not closed.
    Written,
    /// Written and closed.
    Locked,
    /// To be killed, but no antenna reached it where the card lies, or it was silent.
    Unreached,
    /// Dead by order, by its own word.
    Dead,
}

/// What became of the faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaceState {
    /// Nothing was printed.
    Bare,
    /// Some passes were made, the last of them perhaps in part.
    Part {
        /// Whole passes.
        passes: u8,
        /// Passes of the plan.
        of: u8,
    },
    /// Every pass was made.
    Printed,
    /// Every pass and the patch.
    Laminated,
    /// Scanned and compared.
    Checked,
}

/// What became of a card that left the hopper, or may have left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Where the journal has it.
    pub place: Place,
    /// What the printer sees; none when it could not be asked.
    pub seen: Option<Seen>,
    /// The chip.
    pub chip: ChipState,
    /// The faces.
    pub face: FaceState,
}

impl Standing {
    /// Where the card is: by the sensors, else by the journal.
    #[must_use]
    pub fn whereabouts(&self) -> Words {
        let Words(ja, en) = self.place.words();
        match (&self.seen, self.place) {
            (Some(seen), Place::Inside | Place::Unsure | Place::Exit | Place::Nowhere) => {
                seen.words()
            }
            (None, Place::Inside | Place::Unsure | Place::Exit) => Words(
                format!("{ja}（記録による。）"),
                format!("{en} (By the journal.)"),
            ),
            (
                Some(_) | None,
                Place::Hand | Place::Delivered | Place::Tray | Place::Bag | Place::Nowhere,
            ) => Words(ja, en),
        }
    }
}

impl Place {
    /// Where the journal has the card.
    #[must_use]
    pub fn words(self) -> Words {
        match self {
            Place::Nowhere => Words::of("カードはまだ送られていません。", "No card was fed."),
            Place::Unsure => Words::of(
                "カードが送られたかどうか分かりません。",
                "Perhaps a card was fed.",
            ),
            Place::Inside => Words::of("カードは機械の中です。", "The card is in the machine."),
            Place::Exit => Words::of("カードは排出口です。", "The card is in the exit slot."),
            Place::Hand => Words::of(
                "カードは窓口係の手にあります。",
                "The card is in the clerk's hand.",
            ),
            Place::Delivered => Words::of("カードは本人に渡しました。", "The holder has the card."),
            Place::Tray => Words::of("カードは不良箱です。", "The card is in the reject tray."),
            Place::Bag => Words::of(
                "カードは廃棄袋です。",
                "The card is in the destruction bag.",
            ),
        }
    }
}

impl ChipState {
    /// The line 「IC」.
    #[must_use]
    pub fn words(self) -> Words {
        match self {
            ChipState::Blank => Words::of(
                "ICには何も書いていません。",
                "Nothing was written to the chip.",
            ),
            ChipState::Unclear => Words::of(
                "ICに書けたかどうか分かりません。",
                "Perhaps something was written to the chip.",
            ),
            ChipState::Written => Words::of(
                "ICは書き込み済みで、まだ閉じていません。",
                "The chip is written and not locked yet.",
            ),
            ChipState::Locked => Words::of(
                "ICは書き込み済みで、閉じています。",
                "The chip is written and locked.",
            ),
            ChipState::Unreached => Words::of(
                "ICに届かないため、止められませんでした。廃棄するまで動くことがあります。",
                "The chip could not be reached to be killed. It may work until it is destroyed.",
            ),
            ChipState::Dead => Words::of("ICは使えなくしました。", "The chip has been killed."),
        }
    }
}

impl FaceState {
    /// The line 「券面」.
    #[must_use]
    pub fn words(self) -> Words {
        match self {
            FaceState::Bare => Words::of("何も印刷していません。", "Nothing is printed."),
            FaceState::Part { passes, of } => Words(
                format!("印刷は途中です。{of} 回のうち {passes} 回が済んでいます。"),
                format!("Printed in part: {passes} of {of} passes are whole."),
            ),
            FaceState::Printed => Words::of("両面を印刷してあります。", "Both faces are printed."),
            FaceState::Laminated => Words::of(
                "両面の印刷とホログラムが済んでいます。",
                "Both faces are printed, the hologram is on.",
            ),
            FaceState::Checked => Words::of(
                "印刷とホログラムが済み、検査に合格しています。",
                "Printed, laminated and checked.",
            ),
        }
    }
}

impl Issuance {
    /// What became of the card; none before a blank could have been fed.
    #[must_use]
    pub fn standing(&self, sensors: Option<&Sensors>) -> Option<Standing> {
        self.opened()?;
        let fed = self.did(Step::Feed) || self.card.place != Place::Nowhere;
        let at_feed = self.current() == Some(Step::Feed);
        (fed || at_feed).then(|| Standing {
            place: self.card.place,
            seen: sensors.map(Seen::from),
            chip: self.chip_state(),
            face: self.face_state(),
        })
    }

    fn did(&self, step: Step) -> bool {
        self.steps[..self.at.min(self.steps.len())].contains(&step)
    }

    fn chip_state(&self) -> ChipState {
        if self.card.killed {
            ChipState::Dead
        } else if self.card.terminated {
            ChipState::Unreached
        } else if self.did(Step::Lock) {
            ChipState::Locked
        } else if self.did(Step::Encode) {
            ChipState::Written
        } else if self.card.written || self.tries(Step::Encode) > 0 {
            ChipState::Unclear
        } else {
            ChipState::Blank
        }
    }

    fn face_state(&self) -> FaceState {
        let is_pass = |step: &&Step| matches!(step, Step::Print(_));
        let count =
            |steps: &[Step]| u8::try_from(steps.iter().filter(is_pass).count()).unwrap_or(0);
        let of = count(&self.steps);
        let passes = count(&self.steps[..self.at.min(self.steps.len())]);
        let begun = self
            .steps
            .get(self.at)
            .is_some_and(|step| matches!(step, Step::Print(_)) && self.tries(*step) > 0);
        if self.did(Step::Check) {
            FaceState::Checked
        } else if self.did(Step::Hologram) {
            FaceState::Laminated
        } else if of > 0 && passes == of {
            FaceState::Printed
        } else if passes > 0 || begun {
            FaceState::Part { passes, of }
        } else {
            FaceState::Bare
        }
    }

    /// Whether what a person says of the step at hand contradicts what the sensors see now.
    #[must_use]
    pub fn belied(&self, decision: Decision, sensors: &Sensors) -> bool {
        let (step, fault) = match self.phase() {
            Phase::Stopped { step, fault, .. } => (*step, *fault),
            Phase::New
            | Phase::Asked
            | Phase::Granted
            | Phase::Ready
            | Phase::Underway { .. }
            | Phase::Closed(_) => return false,
        };
        let Decision::Answer(answer) = decision else {
            let back_in_slot = fault == Code::TakenEarly && decision == Decision::Continue;
            return back_in_slot && !sensors.exit;
        };
        match (step, answer) {
            (Step::Feed, Finding::Untouched) => !sensors.empty(),
            (Step::Eject, Finding::Done) => !sensors.exit || sensors.inside(),
            (Step::Release, Finding::Untouched) => !sensors.exit,
            (Step::Release | Step::HandOver, Finding::Done) => sensors.exit,
            (Step::RemoveByHand, Finding::Done) => !sensors.empty(),
            (
                Step::SightOld
                | Step::Feed
                | Step::Encode
                | Step::Lock
                | Step::Print(_)
                | Step::Flip
                | Step::Hologram
                | Step::Check
                | Step::Eject
                | Step::CollectOld
                | Step::Release
                | Step::HandOver
                | Step::Punch
                | Step::Terminate
                | Step::Reject
                | Step::RemoveByHand,
                Finding::Done | Finding::Untouched | Finding::Spoiled | Finding::Unknown,
            ) => false,
        }
    }
}
