//! What became of the card, of its number and of the old card, in the words of a stop.

use serde::{Deserialize, Serialize};

/// Words in both languages of the station: Japanese, English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words(pub String, pub String);

impl Words {
    /// Words in both languages.
    #[must_use]
    pub fn of(ja: &str, en: &str) -> Words {
        Words(ja.to_owned(), en.to_owned())
    }
    /// Japanese.
    #[must_use]
    pub fn ja(&self) -> &str {
        &self.0
    }
    /// English.
    #[must_use]
    pub fn en(&self) -> &str {
        &self.1
    }
}

/// What became of the card in the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardFate {
    /// No card is concerned.
    None,
    /// No card was fed.
    Unmoved,
    /// It can still become a good card, or go back to stock.
    Unharmed,
    /// It never can.
    Spoiled,
    /// It is finished.
    Finished,
    /// It is held where it is.
    Held,
    /// Nobody knows yet.
    Unknown,
}

/// What became of the card number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NumberFate {
    /// There is none.
    None,
    /// It stays with this job.
    Unused,
    /// It is never used again.
    Burned,
    /// It waits for what is found.
    Held,
    /// The card is finished and not handed over yet.
    Waiting,
    /// It is live.
    Live,
}

/// What becomes of the old card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OldFate {
    /// There is none here.
    None,
    /// It stays with the holder for now.
    WithHolder,
    /// It goes back to the holder, unpunched.
    GiveBack,
    /// The station has it.
    Collected,
    /// It is evidence.
    Evidence,
}

/// The three fates of a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fates {
    /// Of the card in the machine.
    pub card: CardFate,
    /// Of its number.
    pub number: NumberFate,
    /// Of the old card.
    pub old: OldFate,
}

impl Fates {
    /// Neither a card nor a number is concerned.
    pub const NONE: Fates = Fates {
        card: CardFate::None,
        number: NumberFate::None,
        old: OldFate::None,
    };
}

impl CardFate {
    /// The line 「このカード」.
    #[must_use]
    pub fn words(self) -> Words {
        match self {
            CardFate::None => Words::of("カードには関係しません。", "No card is concerned."),
            CardFate::Unmoved => Words::of("カードは動いていません。", "No card has moved."),
            CardFate::Unharmed => Words::of("カードは無傷です。", "The card is unharmed."),
            CardFate::Spoiled => Words::of("このカードは使えません。", "This card is spoiled."),
            CardFate::Finished => Words::of("カードは完成しています。", "The card is finished."),
            CardFate::Held => Words::of(
                "カードは今の場所で保持しています。",
                "The card is held where it is.",
            ),
            CardFate::Unknown => {
                Words::of("カードの状態は不明です。", "The card's state is not known.")
            }
        }
    }
}

impl NumberFate {
    /// The line 「カード番号」, with the number in full.
    #[must_use]
    pub fn words(self, number: Option<&str>) -> Words {
        let (ja, en) = match self {
            NumberFate::None => {
                return Words::of("番号はありません。", "There is no number.");
            }
            NumberFate::Unused => ("は未使用です。", "is unused."),
            NumberFate::Burned => ("は失効として記録しました。", "is burned."),
            NumberFate::Held => (
                "は結果が分かるまで保留します。",
                "is on hold until the outcome is known.",
            ),
            NumberFate::Waiting => (
                "はまだ有効ではありません。渡すと有効になります。",
                "is not live yet; handing the card over makes it so.",
            ),
            NumberFate::Live => ("は有効です。", "is live."),
        };
        match number {
            Some(number) => Words(format!("{number} {ja}"), format!("{number} {en}")),
            None => Words(format!("番号{ja}"), format!("The number {en}")),
        }
    }
}

impl OldFate {
    /// The line 「旧カード」.
    #[must_use]
    pub fn words(self) -> Option<Words> {
        Some(match self {
            OldFate::None => return None,
            OldFate::WithHolder => Words::of(
                "旧カードは本人が持ったままです。",
                "The holder keeps the old card for now.",
            ),
            OldFate::GiveBack => Words::of(
                "旧カードは穴をあけず、本人に返してください。",
                "Give the old card back, unpunched.",
            ),
            OldFate::Collected => Words::of(
                "旧カードは回収しました。",
                "The old card has been collected.",
            ),
            OldFate::Evidence => Words::of(
                "旧カードは返さず、証拠として保管します。",
                "The old card is kept as evidence.",
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::wording::{state, well_worded};
    use super::*;

    #[test]
    fn the_lines_of_card_number_and_old_card_obey_the_wording_rules() {
        use CardFate::{Finished, Held, Spoiled, Unharmed, Unknown, Unmoved};
        for fate in [
            CardFate::None,
            Unmoved,
            Unharmed,
            Spoiled,
            Finished,
            Held,
            Unknown,
        ] {
            assert_eq!(well_worded(&fate.words(), state), Ok(()));
        }
        for fate in [
            NumberFate::None,
            NumberFate::Unused,
            NumberFate::Burned,
            NumberFate::Held,
            NumberFate::Waiting,
            NumberFate::Live,
        ] {
            let words = fate.words(Some("AB12345678CD"));
            assert_eq!(well_worded(&words, state), Ok(()));
            assert_eq!(
                words.ja().contains("AB12345678CD"),
                fate != NumberFate::None,
                "the number stands in full"
            );
        }
        for fate in [
            OldFate::WithHolder,
            OldFate::GiveBack,
            OldFate::Collected,
            OldFate::Evidence,
        ] {
            assert_eq!(well_worded(&fate.words().expect("a line"), state), Ok(()));
        }
    }
}
