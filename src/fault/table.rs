//! The table of faults: what happened, what became of card, number and old card, what to
//! do, who may decide. The words stand in `table.toml`; the closed lists stand here.

use super::{Code, Role};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static TABLE: LazyLock<BTreeMap<Code, Fault>> = LazyLock::new(|| {
    // Part of the program: only a bug can break it, and a test reads it first.
    toml::from_str(include_str!("table.toml")).expect("the fault table that is built in is whole")
});

/// Words in both languages of the station: Japanese, English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words(pub String, pub String);

impl Words {
    fn of(ja: &str, en: &str) -> Words {
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

/// How much a fault stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Nothing.
    Info,
    /// The start of a motion.
    Warning,
    /// It stopped a motion, or the station.
    Error,
}

/// What became of the card in the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardFate {
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

/// What a person may choose; the machine says which of them are open now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// 続ける.
    Continue,
    /// 中止.
    Cancel,
    /// Say what is seen.
    Answer,
    /// 取り出した.
    ByHand,
    /// A supervisor looked at the old card.
    ByEye,
    /// 持っていない, by two persons.
    Waive,
    /// 取り消す.
    Withdraw,
    /// 見えない, by two persons.
    Quarantine,
}

/// One fault of the table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// How much it stops.
    pub class: Class,
    /// The card, where nothing better is known.
    pub card: CardFate,
    /// The number, where nothing better is known.
    pub number: NumberFate,
    /// What may be chosen.
    pub choices: Vec<Choice>,
    /// Who may choose.
    pub who: Vec<Role>,
    /// What happened.
    pub what: Words,
    /// What to do, at most three steps.
    pub todo: Vec<Words>,
}

/// The fixed anatomy of a stop, for screen, command line and log alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// The code.
    pub code: Code,
    /// How much it stops.
    pub class: Class,
    /// What happened.
    pub what: Words,
    /// What became of the card.
    pub card: Words,
    /// What became of its number.
    pub number: Words,
    /// What becomes of the old card, where there is one.
    pub old: Option<Words>,
    /// What to do.
    pub todo: Vec<Words>,
    /// Who may decide.
    pub who: Vec<Role>,
}

impl Code {
    /// The table's row.
    ///
    /// # Panics
    /// Never: a test holds that every code has its row.
    #[must_use]
    pub fn fault(self) -> &'static Fault {
        TABLE.get(&self).expect("every code has its row")
    }

    /// The notice as far as the code alone tells it; `number` is the card number in full.
    #[must_use]
    pub fn notice(self, number: Option<&str>) -> Notice {
        let fault = self.fault();
        self.notice_of(fault.card, fault.number, OldFate::None, number)
    }

    /// The notice for what is known of card, number and old card.
    #[must_use]
    pub fn notice_of(
        self,
        card: CardFate,
        fate: NumberFate,
        old: OldFate,
        number: Option<&str>,
    ) -> Notice {
        let fault = self.fault();
        Notice {
            code: self,
            class: fault.class,
            what: fault.what.clone(),
            card: card.words(),
            number: fate.words(number),
            old: old.words(),
            todo: fault.todo.clone(),
            who: fault.who.clone(),
        }
    }
}

impl CardFate {
    /// The line 「このカード」.
    #[must_use]
    pub fn words(self) -> Words {
        match self {
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
                return Words::of("番号はまだありません。", "There is no number yet.");
            }
            NumberFate::Unused => ("は未使用です。", "is unused."),
            NumberFate::Burned => ("は失効として記録しました。", "is burned."),
            NumberFate::Held => (
                "は結果が分かるまで保留します。",
                "is on hold until the outcome is known.",
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
    use super::*;

    const BANNED: [&str; 4] = ["エラー", "不正", "てしまいました", "異常が発生"];
    const LONGEST: usize = 40;

    fn sentences(text: &str) -> impl Iterator<Item = &str> {
        text.split_inclusive('。')
    }

    fn state(text: &str) -> bool {
        let polite = [
            "ます。",
            "ません。",
            "ました。",
            "ませんでした。",
            "です。",
            "ください。",
        ];
        sentences(text).all(|one| polite.iter().any(|end| one.ends_with(end)))
    }

    fn step(text: &str) -> bool {
        let plain = [
            "る。",
            "す。",
            "つ。",
            "く。",
            "ぶ。",
            "む。",
            "ない。",
            "発行できません。",
        ];
        let polite = |one: &str| one.ends_with("ます。") || one.ends_with("です。");
        sentences(text).all(|one| plain.iter().any(|end| one.ends_with(end)) && !polite(one))
    }

    fn well_worded(words: &Words, form: fn(&str) -> bool, whose: &str) {
        let Words(ja, en) = words;
        assert!(form(ja), "{whose}: the form of {ja}");
        for one in sentences(ja) {
            assert!(one.chars().count() <= LONGEST, "{whose}: too long: {one}");
        }
        assert!(
            BANNED.iter().all(|word| !ja.contains(word)),
            "{whose}: {ja}"
        );
        assert!(
            en.ends_with('.') && en.is_ascii() && en.len() > 5,
            "{whose}: {en}"
        );
        assert!(
            !ja.contains('?') && !ja.contains('？'),
            "{whose}: a question"
        );
    }

    #[test]
    fn every_code_has_one_row_and_every_row_a_code() {
        assert_eq!(TABLE.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(TABLE.contains_key(code), "{code}");
            assert_eq!(Code::parse(code.name()), *code);
        }
    }

    #[test]
    fn every_row_obeys_the_wording_rules() {
        for code in Code::ALL {
            let fault = code.fault();
            well_worded(&fault.what, state, code.name());
            assert!(
                (1..=3).contains(&fault.todo.len()),
                "{code}: one to three steps"
            );
            for words in &fault.todo {
                well_worded(words, step, code.name());
            }
            assert!(!fault.who.is_empty(), "{code}: somebody must act");
        }
    }

    #[test]
    fn the_lines_of_card_number_and_old_card_obey_them_too() {
        use CardFate::{Finished, Held, Spoiled, Unharmed, Unknown, Unmoved};
        for fate in [Unmoved, Unharmed, Spoiled, Finished, Held, Unknown] {
            well_worded(&fate.words(), state, "card");
        }
        for fate in [
            NumberFate::Unused,
            NumberFate::Burned,
            NumberFate::Held,
            NumberFate::Live,
        ] {
            let words = fate.words(Some("AB12345678CD"));
            well_worded(&words, state, "number");
            assert!(
                words.ja().contains("AB12345678CD"),
                "the number stands in full"
            );
        }
        for fate in [
            OldFate::WithHolder,
            OldFate::GiveBack,
            OldFate::Collected,
            OldFate::Evidence,
        ] {
            well_worded(&fate.words().expect("a line"), state, "old card");
        }
    }

    #[test]
    fn a_code_that_nobody_knows_stops_and_touches_nothing() {
        let unknown = Code::parse("P-FROM-A-NEWER-PRINTER");
        assert_eq!(unknown, Code::Unknown);
        assert_eq!(unknown.fault().class, Class::Error);
        assert_eq!(unknown.fault().card, CardFate::Unknown);
    }

    #[test]
    fn decisions_that_need_a_supervisor_name_one() {
        for code in Code::ALL {
            let fault = code.fault();
            let guarded = [
                Choice::Waive,
                Choice::Withdraw,
                Choice::Quarantine,
                Choice::ByEye,
            ];
            if fault.choices.iter().any(|choice| guarded.contains(choice)) {
                assert!(fault.who.contains(&Role::Supervisor), "{code}");
            }
        }
    }
}
