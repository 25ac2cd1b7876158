//! What a decision does at a stop, in the words of every screen, Japanese and English. Pure.

use super::request::Stop;
use crate::fault::{CardFate, Code};
use crate::issuance::{Decision, Finding, Step, Waiver, Withdrawal};

/// What it does at this stop, with its consequence, Japanese and English.
pub fn says(decision: Decision, stop: &Stop) -> (&'static str, &'static str) {
    match (decision, stop.step) {
        (Decision::Continue, Some(Step::Terminate | Step::Reject)) => (
            "原因を直した。カードを不良箱へ送る。",
            "The cause is mended; the card is sent to the reject tray.",
        ),
        (Decision::Continue, Some(Step::RemoveByHand)) => (
            "カードを取り出した。もう一度答える。",
            "The card is out; answer again.",
        ),
        (Decision::Continue, _) if stop.fates.card == CardFate::Unknown => (
            "原因を直した。機械をもう一度調べて続ける。",
            "The cause is mended; the machine is examined again.",
        ),
        (Decision::Continue, _) if stop.code == Code::TakenEarly => (
            "カードは排出口に戻っている。続ける。",
            "The card is back in the exit slot; go on.",
        ),
        (Decision::Continue, _) if stop.code == Code::CardMoved => (
            "カードを元の場所に戻した。続ける。",
            "The card is back where it was; go on.",
        ),
        (Decision::ByEye, _) if stop.code == Code::NoOldCard => (
            "リーダーに見えない旧カードを、2 人が目で確かめた。記録に残る。",
            "Two persons saw the old card that no reader sees; the record says so.",
        ),
        (Decision::Answer(Finding::Done), Some(step)) => done_says(step),
        (Decision::Answer(Finding::Untouched), Some(step)) => untouched_says(step),
        _ => plain(decision),
    }
}

/// What it does, with its consequence, Japanese and English.
fn plain(decision: Decision) -> (&'static str, &'static str) {
    match decision {
        Decision::Continue => (
            "原因を直した。同じ作業を続ける。",
            "The cause is mended; go on with the same step.",
        ),
        Decision::Cancel => (
            "このカードをやめる。書いた後なら廃棄になる。",
            "Give this card up; once written it is spoiled.",
        ),
        Decision::Answer(Finding::Done) => ("この作業は終わっている。", "This step was done."),
        Decision::Answer(Finding::Untouched | Finding::Unknown) => {
            ("この作業は始まっていない。", "This step was not begun.")
        }
        Decision::Answer(Finding::Spoiled) => (
            "このカードは使えない。番号は失効する。",
            "This card is spoiled; its number is burned.",
        ),
        Decision::ByHand => (
            "カードを手で取り出し、廃棄袋に入れる。",
            "Take the card out by hand and bag it.",
        ),
        Decision::ByEye => (
            "監督者が旧カードを目で確かめた。",
            "A supervisor looked at the old card.",
        ),
        Decision::Waive(Waiver::LostSince) => (
            "旧カードは申請の後に紛失した。返納なしで進む。",
            "The old card was lost since; go on without it.",
        ),
        Decision::Waive(Waiver::Destroyed) => (
            "旧カードは滅失した。返納なしで進む。",
            "The old card was destroyed; go on without it.",
        ),
        Decision::Waive(Waiver::KeptElsewhere) => (
            "旧カードは別の機関にある。返納なしで進む。",
            "Another body keeps the old card; go on without it.",
        ),
        Decision::Withdraw(Withdrawal::HolderAbsent) => (
            "本人がいない。新カードを取り消す。番号は失効する。",
            "The holder is not there; withdraw the new card, burn its number.",
        ),
        Decision::Withdraw(Withdrawal::DataWrong) => (
            "記載に誤りがある。新カードを取り消す。番号は失効する。",
            "The data are wrong; withdraw the new card, burn its number.",
        ),
        Decision::Withdraw(Withdrawal::OldForged) => (
            "旧カードを保管・報告し、新カードを取り消す。",
            "Keep and report the old card; withdraw the new one.",
        ),
        Decision::Withdraw(Withdrawal::DatePassed) => (
            "交付日を過ぎた。新カードを取り消す。番号は失効する。",
            "The day of delivery passed; withdraw the new card, burn its number.",
        ),
        Decision::Quarantine => (
            "カードの状態が分からない。隔離し、番号を失効させる。",
            "The card's state is unknown; quarantine it, burn its number.",
        ),
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
        | Step::Reject => plain(Decision::Answer(Finding::Done)),
    }
}

/// What it means that a step was not begun.
fn untouched_says(step: Step) -> (&'static str, &'static str) {
    match step {
        Step::Feed => (
            "機械の中にカードはない。取り出した白カードは給紙部に戻した。給紙をやり直す。",
            "No card is in the machine; a blank taken out of it is back in the hopper. Feed again.",
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
        | Step::Reject => plain(Decision::Answer(Finding::Untouched)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_decision_has_words() {
        for decision in Decision::ALL {
            let (ja, en) = plain(decision);
            assert!(ja.ends_with('。') && en.ends_with('.'), "{decision:?}");
            assert!(
                ja.split('。')
                    .all(|sentence| sentence.chars().count() <= 40)
            );
        }
    }
}
