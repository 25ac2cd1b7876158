//! What the issuance knows of card, number and old card, in the words of a stop.

use super::judge::Finding;
use super::machine::Issuance;
use super::state::{Course, OldCard, Phase, Place};
use crate::fault::{CardFate, Choice, Code, Fates, NumberFate, OldFate};

use super::event::{Decision, ReportKind};

impl Issuance {
    /// What became of card, number and old card: better than a code alone can tell it.
    #[must_use]
    pub fn fates(&self) -> Fates {
        Fates {
            card: self.card_fate(),
            number: self.number_fate(),
            old: self.old_fate(),
        }
    }

    fn in_doubt(&self) -> bool {
        matches!(
            self.phase(),
            Phase::Underway { .. }
                | Phase::Stopped {
                    finding: Finding::Unknown,
                    ..
                }
        )
    }

    /// Not where it should be: who knows what was done to it.
    fn out_of_sight(&self) -> bool {
        let moved = Code::CardMoved;
        matches!(self.phase(), Phase::Stopped { fault, .. } if *fault == moved)
    }

    fn card_fate(&self) -> CardFate {
        match (self.course(), self.card().place) {
            (_, Place::Delivered) => CardFate::Finished,
            (Course::Discarding(ReportKind::Quarantined), _) => CardFate::Unknown,
            (Course::Discarding(_), _) if self.card().written => CardFate::Spoiled,
            (_, Place::Exit | Place::Hand) => CardFate::Finished,
            _ if self.in_doubt() || self.out_of_sight() => CardFate::Unknown,
            (_, Place::Nowhere) => CardFate::Unmoved,
            (_, Place::Unsure) => CardFate::Unknown,
            (_, Place::Inside | Place::Tray | Place::Bag) => CardFate::Unharmed,
        }
    }

    fn number_fate(&self) -> NumberFate {
        match (self.grant(), self.course(), self.card().place) {
            (None, _, _) => NumberFate::None,
            // The number of a grant that ended otherwise than delivered is burned.
            (Some(_), Course::Discarding(_), _) => NumberFate::Burned,
            (Some(_), _, Place::Delivered) => NumberFate::Live,
            (Some(_), _, Place::Nowhere) if !self.in_doubt() => NumberFate::Unused,
            (Some(_), _, Place::Exit | Place::Hand) if !self.in_doubt() => NumberFate::Waiting,
            (Some(_), Course::Making | Course::Foreign, _) => NumberFate::Held,
        }
    }

    fn old_fate(&self) -> OldFate {
        match self.old() {
            OldCard::NotRequired | OldCard::LostDeclared | OldCard::Waived => OldFate::None,
            OldCard::Expected | OldCard::Sighted => match self.course() {
                // No card comes of this attempt: nothing is taken from the holder.
                Course::Discarding(_) => OldFate::GiveBack,
                Course::Making | Course::Foreign => OldFate::WithHolder,
            },
            OldCard::Collected | OldCard::Punched => OldFate::Collected,
            OldCard::Forged => OldFate::Evidence,
            OldCard::GivenBack => OldFate::GiveBack,
        }
    }
}

impl Decision {
    /// The button that leads to this decision.
    #[must_use]
    pub fn choice(self) -> Choice {
        match self {
            Decision::Continue => Choice::Continue,
            Decision::Cancel => Choice::Cancel,
            Decision::Answer(_) => Choice::Answer,
            Decision::ByHand => Choice::ByHand,
            Decision::ByEye => Choice::ByEye,
            Decision::Waive(_) => Choice::Waive,
            Decision::Withdraw(_) => Choice::Withdraw,
            Decision::Quarantine => Choice::Quarantine,
        }
    }
}
