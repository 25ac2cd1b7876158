//! The table of faults: what happened, what became of card, number and old card, what to
//! do, who may decide. The words stand in `table.toml`; the closed lists stand here.

use super::{CardFate, Code, Fates, Hands, NumberFate, OldFate, Role, Words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    // Part of the program: only a bug can break it, and a test reads it first.
    Table::parse(include_str!("table.toml"), "table.toml")
        .expect("the fault table that is built in is whole")
});

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

impl Class {
    /// The word on the screen: Japanese, English.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Class::Info => ("お知らせ", "info"),
            Class::Warning => ("注意", "warning"),
            Class::Error => ("停止", "error"),
        }
    }
}

/// What a person may choose; the machine says which of them are open now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

impl Choice {
    /// The hands without which no fault leaves this choice open.
    #[must_use]
    pub fn least(self) -> Hands {
        match self {
            Choice::Continue => Hands::Anyone,
            Choice::Cancel | Choice::ByHand | Choice::Answer => Hands::Counter,
            Choice::ByEye | Choice::Withdraw => Hands::Supervisor,
            Choice::Waive | Choice::Quarantine => Hands::Two,
        }
    }

    /// The word in tables and programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Choice::Continue => "continue",
            Choice::Cancel => "cancel",
            Choice::Answer => "answer",
            Choice::ByHand => "by-hand",
            Choice::ByEye => "by-eye",
            Choice::Waive => "waive",
            Choice::Withdraw => "withdraw",
            Choice::Quarantine => "quarantine",
        }
    }

    /// The words on the screen: Japanese, English.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Choice::Continue => ("続ける", "go on"),
            Choice::Cancel => ("中止", "cancel"),
            Choice::Answer => ("見たとおりに答える", "say what is seen"),
            Choice::ByHand => ("手で取り出す", "take it out by hand"),
            Choice::ByEye => ("旧カードを目で確かめる", "look at the old card"),
            Choice::Waive => ("旧カードの返納なしで進む", "go on without the old card"),
            Choice::Withdraw => ("交付を取り消す", "withdraw the card"),
            Choice::Quarantine => ("隔離する", "quarantine"),
        }
    }
}

/// One fault of the table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// How much it stops.
    pub class: Class,
    /// The printer's names of it; empty where the station finds it by itself.
    pub condition: Vec<String>,
    /// The card, where nothing better is known.
    pub card: CardFate,
    /// The number, where nothing better is known.
    pub number: NumberFate,
    /// The old card, where nothing better is known.
    pub old: OldFate,
    /// What happened.
    pub what: Words,
    /// What to do, at most three steps.
    pub todo: Vec<Words>,
    /// Who must act.
    pub who: Vec<Role>,
    /// What may be chosen, and by which hands.
    pub may: BTreeMap<Choice, Hands>,
}

/// Every fault by its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub(super) rows: BTreeMap<Code, Fault>,
}

impl Table {
    /// The table that is built in.
    #[must_use]
    pub fn built_in() -> &'static Table {
        &TABLE
    }

    /// The row of a code.
    #[must_use]
    pub fn row(&self, code: Code) -> Option<&Fault> {
        self.rows.get(&code)
    }
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
    /// Who must act.
    pub who: Vec<Role>,
}

impl Fault {
    /// The notice of this fault for these fates; `number` is the card number in full.
    #[must_use]
    pub fn notice(&self, code: Code, fates: Fates, number: Option<&str>) -> Notice {
        Notice {
            code,
            class: self.class,
            what: self.what.clone(),
            card: fates.card.words(),
            number: fates.number.words(number),
            old: fates.old.words(),
            todo: self.todo.clone(),
            who: self.who.clone(),
        }
    }

    /// What to do where no card waits: without the steps that press "Continue".
    #[must_use]
    pub fn remedy(&self) -> Vec<Words> {
        let presses = |step: &&Words| step.ja().contains("「続ける」");
        let steps = self.todo.iter().filter(|step| !presses(step));
        steps.cloned().collect()
    }

    /// The fates, where nothing better is known.
    #[must_use]
    pub fn fates(&self) -> Fates {
        Fates {
            card: self.card,
            number: self.number,
            old: self.old,
        }
    }
}

impl Code {
    /// The table's row.
    ///
    /// # Panics
    /// Never: the loader holds that every code has its row.
    #[must_use]
    pub fn fault(self) -> &'static Fault {
        TABLE.row(self).expect("every code has its row")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_that_is_built_in_is_whole() {
        match Table::parse(include_str!("table.toml"), "src/fault/table.toml") {
            Ok(table) => assert_eq!(table.rows.len(), Code::ALL.len()),
            Err(refusal) => panic!("{refusal}"),
        }
        for code in Code::ALL {
            assert_eq!(Code::parse(code.name()), *code);
        }
    }

    #[test]
    fn a_code_that_nobody_knows_stops_and_touches_nothing() {
        let unknown = Code::parse("P-FROM-A-NEWER-PRINTER");
        assert_eq!(unknown, Code::Unknown);
        assert_eq!(unknown.fault().class, Class::Error);
        assert_eq!(unknown.fault().card, CardFate::Unknown);
        assert_eq!(unknown.fault().number, NumberFate::Held);
    }

    #[test]
    fn without_a_button_to_press_something_is_left_to_do() {
        for code in Code::ALL {
            let (todo, remedy) = (&code.fault().todo, code.fault().remedy());
            assert!(
                remedy
                    .iter()
                    .all(|step| !step.en().contains("\"Continue\""))
            );
            assert!(!remedy.is_empty(), "{code}: {todo:?}");
        }
    }

    #[test]
    fn every_condition_of_the_printer_stands_in_one_row_only() {
        let mut named: Vec<&str> = Code::ALL
            .iter()
            .flat_map(|code| &code.fault().condition)
            .map(String::as_str)
            .collect();
        let all = named.len();
        named.sort_unstable();
        named.dedup();
        assert_eq!(named.len(), all);
    }
}
