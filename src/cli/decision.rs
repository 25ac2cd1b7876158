//! Decisions as the command line names them, and what they say to a person.

use clap::ValueEnum;

use crate::issuance::{Decision, Finding, Waiver, Withdrawal};
use crate::station::request::Stop;
use crate::station::says::says;

/// A decision, as the command line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DecisionName {
    /// The cause is mended: the same step again
    Continue,
    /// Give this card up
    Cancel,
    /// The step was done
    Done,
    /// The step was not begun
    Untouched,
    /// The card is spoiled
    Spoiled,
    /// The card is taken out by hand
    ByHand,
    /// A supervisor looked at an old card whose chip cannot speak
    ByEye,
    /// The old card is not returned: lost since the application
    LostSince,
    /// The old card is not returned: destroyed
    Destroyed,
    /// The old card is not returned: kept by another body
    KeptElsewhere,
    /// The finished card is withdrawn: the holder is not there
    HolderAbsent,
    /// The finished card is withdrawn: its data are wrong
    DataWrong,
    /// The finished card is withdrawn: the old card is forged
    OldForged,
    /// The finished card is withdrawn: its day has passed
    DatePassed,
    /// Nobody can say what the card is: its number is burned
    Quarantine,
}

impl DecisionName {
    /// The decision.
    pub(super) fn decision(self) -> Decision {
        match self {
            DecisionName::Continue => Decision::Continue,
            DecisionName::Cancel => Decision::Cancel,
            DecisionName::Done => Decision::Answer(Finding::Done),
            DecisionName::Untouched => Decision::Answer(Finding::Untouched),
            DecisionName::Spoiled => Decision::Answer(Finding::Spoiled),
            DecisionName::ByHand => Decision::ByHand,
            DecisionName::ByEye => Decision::ByEye,
            DecisionName::LostSince => Decision::Waive(Waiver::LostSince),
            DecisionName::Destroyed => Decision::Waive(Waiver::Destroyed),
            DecisionName::KeptElsewhere => Decision::Waive(Waiver::KeptElsewhere),
            DecisionName::HolderAbsent => Decision::Withdraw(Withdrawal::HolderAbsent),
            DecisionName::DataWrong => Decision::Withdraw(Withdrawal::DataWrong),
            DecisionName::OldForged => Decision::Withdraw(Withdrawal::OldForged),
            DecisionName::DatePassed => Decision::Withdraw(Withdrawal::DatePassed),
            DecisionName::Quarantine => Decision::Quarantine,
        }
    }

    /// The name of a decision; `None` for one that nobody can take at the command line.
    pub(super) fn of(decision: Decision) -> Option<DecisionName> {
        DecisionName::value_variants()
            .iter()
            .copied()
            .find(|name| name.decision() == decision)
    }

    /// The word on the command line.
    pub(super) fn word(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }

    /// What it does at this stop, with its consequence, Japanese and English.
    pub(super) fn says_at(self, stop: &Stop) -> (&'static str, &'static str) {
        says(self.decision(), stop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_decision_has_a_name() {
        for decision in Decision::ALL {
            let name = DecisionName::of(decision).expect("named");
            assert_eq!(name.decision(), decision);
            assert!(!name.word().is_empty());
        }
    }
}
