//! What a person is asked to do, with its consequence, Japanese and English.

use crate::issuance::Seen;
use crate::station::request::Act;

/// The question that an act is.
pub(super) fn of(act: Act) -> (String, String) {
    match act {
        Act::PlaceOld(number) => (
            format!("旧カード {number} を読み取り台に置いてください。"),
            format!("Place the old card {number} on the desk reader."),
        ),
        Act::CollectOld(number) => (
            format!("旧カード {number} を回収箱に入れ、Enter を押してください。"),
            format!("Put the old card {number} into the collection box and press Enter."),
        ),
        Act::HandOver(number) => (
            format!(
                "本人の顔と写真を見比べ、{number} を渡してください。渡すと交付になります。\nカード番号の下 4 文字："
            ),
            format!(
                "Compare the holder with the photo, then hand {number} over. That issues it.\nLast four of its number:"
            ),
        ),
        Act::Punch(number) => (
            format!(
                "旧カード {number} に穴をあけてください。もう使えなくなります。\n旧カード番号の下 4 文字："
            ),
            format!("Punch the old card {number}. It is void then.\nLast four of the old number:"),
        ),
        Act::Withdraw(number) => (
            format!(
                "新カード {number} を取り消します。番号は失効し、戻せません。\nカード番号の下 4 文字："
            ),
            format!(
                "The new card {number} is withdrawn. Its number is burned for good.\nLast four of its number:"
            ),
        ),
        Act::RemoveByHand { number, sensors } => {
            let seen = Seen::from(&sensors).words();
            let (ja, en) = match number {
                Some(number) => (
                    format!("{number} のカードを手で取り出します。カードは廃棄されます。"),
                    format!("The card {number} is taken out by hand and destroyed."),
                ),
                None => (
                    "カードを手で取り出します。カードは廃棄されます。".to_owned(),
                    "The card is taken out by hand and destroyed.".to_owned(),
                ),
            };
            let confirm = match number {
                Some(_) => (
                    "取り出したカードの番号の下 4 文字：",
                    "Last four of the number on that card:",
                ),
                None => ("終わったら Enter を押す：", "Press Enter when it is done:"),
            };
            (
                format!(
                    "{ja}\n{}\n  1 ふたを開け、カードを取り出す。\n  2 カードを廃棄袋に入れる。\n  3 ふたを閉める。\n{}",
                    seen.ja(),
                    confirm.0
                ),
                format!(
                    "{en}\n{}\n  1 Open the cover and take the card out.\n  2 Put it into the destruction bag.\n  3 Close the cover.\n{}",
                    seen.en(),
                    confirm.1
                ),
            )
        }
    }
}
