//! The physical steps of one card and the plan that orders them. Knows no device.

use serde::{Deserialize, Serialize};

/// One ribbon panel, in the ribbon's order of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Panel {
    /// Black, back.
    BackK,
    /// Yellow.
    Y,
    /// Magenta.
    M,
    /// Cyan.
    C,
    /// Black, front.
    K,
    /// Ultraviolet.
    Uv,
    /// Pearl.
    Pearl,
}

impl Panel {
    /// Every panel in the ribbon's order.
    pub const ALL: [Panel; 7] = [
        Panel::BackK,
        Panel::Y,
        Panel::M,
        Panel::C,
        Panel::K,
        Panel::Uv,
        Panel::Pearl,
    ];

    /// The place in the ribbon and in counters.
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }
}

/// What becomes of the old card by the ground of issuance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OldRule {
    /// There is none.
    NotRequired,
    /// It is sighted first and collected at hand-over.
    Return,
    /// Its loss was declared; its number is voided.
    DeclaredLost,
}

/// One physical or witnessed step. What a person does is a step too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Read the old card on the desk reader.
    SightOld,
    /// Bring one blank to the encoder and learn its serial.
    Feed,
    /// Write the chip and read it back.
    Encode,
    /// Replace the transport keys and close the chip.
    Lock,
    /// One pass of one panel.
    Print(Panel),
    /// Turn the card front up.
    Flip,
    /// Laminate the patch.
    Hologram,
    /// Read the chip back, scan both faces, compare.
    Check,
    /// Bring the card to the exit slot, held.
    Eject,
    /// Take the old card from the holder, confirmed again.
    CollectOld,
    /// Open the slot for the clerk.
    Release,
    /// Give the card to the holder who was checked against the photo.
    HandOver,
    /// Punch the old card.
    Punch,
    /// Make the chip of a spoiled card dead.
    Terminate,
    /// Send the card to the reject tray.
    Reject,
    /// A person takes the card out and bags it.
    RemoveByHand,
}

impl Step {
    /// A stable number for motion ids; never reused for another step.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Step::SightOld => 1,
            Step::Feed => 2,
            Step::Encode => 3,
            Step::Lock => 4,
            Step::Flip => 5,
            Step::Hologram => 6,
            Step::Check => 7,
            Step::Eject => 8,
            Step::CollectOld => 9,
            Step::Release => 10,
            Step::HandOver => 11,
            Step::Punch => 12,
            Step::Terminate => 13,
            Step::Reject => 14,
            Step::RemoveByHand => 15,
            Step::Print(panel) => 32 + panel as u8,
        }
    }

    /// Whether it leaves on the card what a second time would spoil.
    #[must_use]
    pub fn burns(self) -> bool {
        matches!(self, Step::Print(_) | Step::Hologram)
    }

    /// Whether a person performs it, so that only a person can say whether it was done.
    #[must_use]
    pub fn is_persons_act(self) -> bool {
        match self {
            Step::CollectOld | Step::HandOver | Step::Punch | Step::RemoveByHand => true,
            Step::SightOld
            | Step::Feed
            | Step::Encode
            | Step::Lock
            | Step::Print(_)
            | Step::Flip
            | Step::Hologram
            | Step::Check
            | Step::Eject
            | Step::Release
            | Step::Terminate
            | Step::Reject => false,
        }
    }

    /// Whether the delivery date must still be today before it begins.
    #[must_use]
    pub fn is_dated(self) -> bool {
        match self {
            Step::Feed | Step::Encode | Step::Eject | Step::Release => true,
            Step::SightOld
            | Step::Lock
            | Step::Print(_)
            | Step::Flip
            | Step::Hologram
            | Step::Check
            | Step::CollectOld
            | Step::HandOver
            | Step::Punch
            | Step::Terminate
            | Step::Reject
            | Step::RemoveByHand => false,
        }
    }
}

/// Which steps this card takes: from the product's layout and the ground of issuance.
/// It stores the choice, not the list, so every plan that can be read back is a legal one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The rule for the old card.
    pub old: OldRule,
    /// Panels burned on the back, before the flip.
    pub back: Vec<Panel>,
    /// Panels burned on the front.
    pub front: Vec<Panel>,
    /// Whether a patch is laminated.
    pub hologram: bool,
}

impl Plan {
    /// The residence card: black back; Y M C K, UV and pearl front; a patch.
    #[must_use]
    pub fn residence_card(old: OldRule) -> Plan {
        Plan {
            old,
            back: vec![Panel::BackK],
            front: Panel::ALL[1..].to_vec(),
            hologram: true,
        }
    }

    /// The steps in order.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let returned = self.old == OldRule::Return;
        let mut steps = Vec::with_capacity(20);
        steps.extend(returned.then_some(Step::SightOld));
        steps.extend([Step::Feed, Step::Encode, Step::Lock]);
        steps.extend(self.back.iter().copied().map(Step::Print));
        // The back is burned first, so that one flip is enough.
        steps.push(Step::Flip);
        steps.extend(self.front.iter().copied().map(Step::Print));
        steps.extend(self.hologram.then_some(Step::Hologram));
        steps.extend([Step::Check, Step::Eject]);
        steps.extend(returned.then_some(Step::CollectOld));
        steps.extend([Step::Release, Step::HandOver]);
        steps.extend(returned.then_some(Step::Punch));
        steps
    }
}
