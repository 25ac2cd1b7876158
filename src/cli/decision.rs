//! Decisions as the command line names them, and what they say to a person.

use clap::ValueEnum;

use crate::fault::{CardFate, Code};
use crate::issuance::{Decision, Finding, Step, Waiver, Withdrawal};
use crate::station::request::Stop;

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
        match (self, stop.step) {
            (DecisionName::Continue, Some(Step::Terminate | Step::Reject)) => (
                "原因を直した。カードを不良箱へ送る。",
                "The cause is mended; the card is sent to the reject tray.",
            ),
            (DecisionName::Continue, Some(Step::RemoveByHand)) => (
                "カードを取り出した。もう一度答える。",
                "The card is out; answer again.",
            ),
            (DecisionName::Continue, _) if stop.fates.card == CardFate::Unknown => (
                "原因を直した。機械をもう一度調べて続ける。",
                "The cause is mended; the machine is examined again.",
            ),
            (DecisionName::Continue, _) if stop.code == Code::TakenEarly => (
                "カードは排出口に戻っている。続ける。",
                "The card is back in the exit slot; go on.",
            ),
            (DecisionName::Continue, _) if stop.code == Code::CardMoved => (
                "カードを元の場所に戻した。続ける。",
                "The card is back where it was; go on.",
            ),
            (DecisionName::ByEye, _) if stop.code == Code::NoOldCard => (
                "リーダーに見えない旧カードを、2 人が目で確かめた。記録に残る。",
                "Two persons saw the old card that no reader sees; the record says so.",
            ),
            (DecisionName::Done, Some(step)) => done_says(step),
            (DecisionName::Untouched, Some(step)) => untouched_says(step),
            _ => self.says(),
        }
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

/// What it means that a step was done.
fn done_says(step: Step) -> (&'static str, &'static str) {
    match step {
        Step::Eject => (
            "完成したカードは排出口にある。",
            "The finished card is in the exit slot.",
        ),
        Step::Release => (
            "窓口係が排出口からカードを取った。",
            "The clerk took the card from the slot.",
        ),
        Step::CollectOld => ("旧カードを回収した。", "The old card was collected."),
        Step::HandOver => (
            "本人にカードを渡した。番号は有効になる。",
            "The holder has the card; its number goes live.",
        ),
        Step::Punch => (
            "旧カードに穴をあけた。旧番号は失効する。",
            "The old card was punched; its number is void.",
        ),
        Step::RemoveByHand => (
            "カードを取り出し、廃棄袋に入れた。",
            "The card was taken out and bagged.",
        ),
        Step::SightOld
        | Step::Feed
        | Step::Encode
        | Step::Lock
        | Step::Print(_)
        | Step::Flip
        | Step::Hologram
        | Step::Check
        | Step::Terminate
        | Step::Reject => DecisionName::Done.says(),
    }
}

/// What it means that a step was not begun.
fn untouched_says(step: Step) -> (&'static str, &'static str) {
    match step {
        Step::Feed => (
            "機械の中にカードはない。給紙をやり直す。",
            "No card is in the machine; a blank is fed again.",
        ),
        Step::Check => (
            "カードは検査の前のまま。もう一度検査する。",
            "The card is as before the check; it is checked again.",
        ),
        Step::Release => (
            "カードはまだ排出口にある。",
            "The card is still in the exit slot.",
        ),
        Step::CollectOld => (
            "旧カードはまだ回収していない。",
            "The old card was not collected yet.",
        ),
        Step::HandOver => (
            "まだ本人に渡していない。",
            "The holder was not given the card yet.",
        ),
        Step::Punch => (
            "旧カードにまだ穴をあけていない。",
            "The old card was not punched yet.",
        ),
        Step::RemoveByHand => (
            "カードはまだ取り出していない。",
            "The card was not taken out yet.",
        ),
        Step::SightOld
        | Step::Encode
        | Step::Lock
        | Step::Print(_)
        | Step::Flip
        | Step::Hologram
        | Step::Eject
        | Step::Terminate
        | Step::Reject => DecisionName::Untouched.says(),
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
