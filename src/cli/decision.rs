//! Decisions as the command line names them, and what they say to a person.

use clap::ValueEnum;

use crate::issuance::{Decision, Finding, Waiver, Withdrawal};

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

    /// What it does, with its consequence, Japanese and English.
    pub(super) fn says(self) -> (&'static str, &'static str) {
        match self {
            DecisionName::Continue => (
                "原因を直した。同じ作業を続ける。",
                "The cause is mended; go on with the same step.",
            ),
            DecisionName::Cancel => (
                "このカードをやめる。書いた後なら廃棄になる。",
                "Give this card up; once written it is spoiled.",
            ),
            DecisionName::Done => ("この作業は終わっている。", "This step was done."),
            DecisionName::Untouched => ("この作業は始まっていない。", "This step was not begun."),
            DecisionName::Spoiled => (
                "このカードは使えない。番号は失効する。",
                "This card is spoiled; its number is burned.",
            ),
            DecisionName::ByHand => (
                "カードを手で取り出し、廃棄袋に入れる。",
                "Take the card out by hand and bag it.",
            ),
            DecisionName::ByEye => (
                "監督者が旧カードを目で確かめた。",
                "A supervisor looked at the old card.",
            ),
            DecisionName::LostSince => (
                "旧カードは申請の後に紛失した。返納なしで進む。",
                "The old card was lost since; go on without it.",
            ),
            DecisionName::Destroyed => (
                "旧カードは滅失した。返納なしで進む。",
                "The old card was destroyed; go on without it.",
            ),
            DecisionName::KeptElsewhere => (
                "旧カードは別の機関にある。返納なしで進む。",
                "Another body keeps the old card; go on without it.",
            ),
            DecisionName::HolderAbsent => (
                "本人がいない。新カードを取り消す。番号は失効する。",
                "The holder is not there; withdraw the new card, burn its number.",
            ),
            DecisionName::DataWrong => (
                "記載に誤りがある。新カードを取り消す。番号は失効する。",
                "The data are wrong; withdraw the new card, burn its number.",
            ),
            DecisionName::OldForged => (
                "旧カードを保管・報告し、新カードを取り消す。",
                "Keep and report the old card; withdraw the new one.",
            ),
            DecisionName::DatePassed => (
                "交付日を過ぎた。新カードを取り消す。番号は失効する。",
                "The day of delivery passed; withdraw the new card, burn its number.",
            ),
            DecisionName::Quarantine => (
                "カードの状態が分からない。隔離し、番号を失効させる。",
                "The card's state is unknown; quarantine it, burn its number.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_decision_has_a_name_and_words() {
        for decision in Decision::ALL {
            let name = DecisionName::of(decision).expect("named");
            assert_eq!(name.decision(), decision);
            let (ja, en) = name.says();
            assert!(ja.ends_with('。') && en.ends_with('.') && !name.word().is_empty());
            assert!(
                ja.split('。')
                    .all(|sentence| sentence.chars().count() <= 40)
            );
        }
    }
}
