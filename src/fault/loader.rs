//! Reads a table of faults and refuses what is unknown, missing, contradictory or worded
//! against the rules: with file, line and reason.

use super::wording::{state, step, well_worded};
use super::{CardFate, Choice, Class, Code, Fault, Hands, NumberFate, OldFate, Role, Table};
use std::collections::BTreeMap;

/// Why a table of faults is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {reason}")]
pub struct Refusal {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is the matter.
    pub reason: String,
}

/// A reason with the key, or the words, at fault.
type Complaint<'a> = (&'a str, String);

impl Table {
    /// Reads a table; `file` is what a refusal names.
    ///
    /// # Errors
    /// The first entry that is unknown, missing, contradictory or badly worded.
    pub fn parse(text: &str, file: &str) -> Result<Table, Refusal> {
        let refuse = |line: usize, reason: String| Refusal {
            file: file.to_owned(),
            line,
            reason,
        };
        let read: BTreeMap<String, Fault> = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_at(text, span.start));
            refuse(line, error.message().to_owned())
        })?;
        let mut rows = BTreeMap::new();
        for (name, fault) in read {
            let code = Code::ALL.iter().copied().find(|code| code.name() == name);
            let Some(code) = code else {
                let line = line_of(text, &name, "");
                return Err(refuse(line, format!("{name} is no code of this station")));
            };
            check(code, &fault).map_err(|(key, reason)| {
                refuse(line_of(text, &name, key), format!("{name}: {reason}"))
            })?;
            rows.insert(code, fault);
        }
        if let Some(missing) = Code::ALL.iter().find(|code| !rows.contains_key(code)) {
            let end = text.lines().count().max(1);
            return Err(refuse(end, format!("{missing} has no row")));
        }
        if let Some((name, condition)) = claimed_twice(&rows) {
            let line = line_of(text, name, "condition");
            let reason = format!("{name}: another row has the condition {condition}, too");
            return Err(refuse(line, reason));
        }
        Ok(Table { rows })
    }
}

fn check(code: Code, fault: &Fault) -> Result<(), Complaint<'_>> {
    fates(fault)?;
    decisions(code, fault)?;
    words(fault)
}

fn holds(condition: bool, key: &'static str, reason: &str) -> Result<(), Complaint<'static>> {
    if condition {
        Ok(())
    } else {
        Err((key, reason.to_owned()))
    }
}

/// Fates that contradict each other.
fn fates(fault: &Fault) -> Result<(), Complaint<'static>> {
    let Fault {
        card, number, old, ..
    } = *fault;
    let spoiled = card == CardFate::Spoiled;
    holds(
        !spoiled || number == NumberFate::Burned,
        "number",
        "the number of a spoiled card is burned",
    )?;
    holds(
        !spoiled || matches!(old, OldFate::None | OldFate::GiveBack),
        "old",
        "when the new card is spoiled the old one goes back to the holder",
    )?;
    holds(
        number != NumberFate::Burned || matches!(card, CardFate::Spoiled | CardFate::Finished),
        "number",
        "a number is burned with its card",
    )?;
    holds(
        !matches!(number, NumberFate::Live | NumberFate::Waiting) || card == CardFate::Finished,
        "number",
        "only the number of a finished card is live, or waits to be",
    )?;
    holds(
        card != CardFate::Unknown || matches!(number, NumberFate::Held | NumberFate::None),
        "number",
        "while the card's state is unknown its number is on hold",
    )?;
    holds(
        number != NumberFate::Unused || matches!(card, CardFate::Unmoved | CardFate::Unharmed),
        "number",
        "only an unharmed card leaves its number unused",
    )?;
    holds(
        fault.class != Class::Warning || !spoiled,
        "class",
        "what spoiled a card stopped a motion: its class is error",
    )?;
    holds(
        fault.class != Class::Info || card != CardFate::Unknown,
        "class",
        "a card of unknown state is more than an info",
    )
}

/// Decisions that are open to the wrong hands, or to nobody.
fn decisions(code: Code, fault: &Fault) -> Result<(), Complaint<'static>> {
    for (choice, hands) in &fault.may {
        if *hands < choice.least() {
            let least = choice.least().name();
            return Err((
                "may",
                format!("{} needs at least the hands: {least}", choice.name()),
            ));
        }
        let supervised = matches!(hands, Hands::Supervisor | Hands::Two);
        holds(
            !supervised || fault.who.contains(&Role::Supervisor),
            "who",
            "a decision of a supervisor, but no supervisor is called",
        )?;
    }
    let old_card = fault.may.contains_key(&Choice::Waive) || fault.may.contains_key(&Choice::ByEye);
    holds(
        !old_card || code.name().starts_with("O-"),
        "may",
        "only faults of the old card (O-…) leave it to be looked at or waived",
    )?;
    holds(
        code != Code::Forged || fault.may.keys().eq([&Choice::Withdraw]),
        "may",
        "a forged card is never waived: the new card is withdrawn",
    )?;
    let mut who = fault.who.clone();
    who.sort_unstable();
    who.dedup();
    holds(
        !who.is_empty() && who.len() == fault.who.len(),
        "who",
        "who must act: at least one role, each once",
    )
}

fn words(fault: &Fault) -> Result<(), Complaint<'_>> {
    well_worded(&fault.what, state).map_err(|reason| (fault.what.ja(), reason))?;
    holds(
        (1..=3).contains(&fault.todo.len()),
        "todo",
        "one to three steps",
    )?;
    fault
        .todo
        .iter()
        .try_for_each(|words| well_worded(words, step).map_err(|reason| (words.ja(), reason)))
}

/// A condition that two rows claim, with the later of them.
fn claimed_twice(rows: &BTreeMap<Code, Fault>) -> Option<(&'static str, &str)> {
    let mut seen = BTreeMap::new();
    for (code, fault) in rows {
        for condition in &fault.condition {
            if seen.insert(condition.as_str(), code).is_some() {
                return Some((code.name(), condition));
            }
        }
    }
    None
}

fn line_at(text: &str, byte: usize) -> usize {
    let before = text.bytes().take(byte);
    before.filter(|byte| *byte == b'\n').count() + 1
}

/// The line of a row's key or words; of its head when it has no such.
fn line_of(text: &str, row: &str, key: &str) -> usize {
    let heads = [format!("[\"{row}\"]"), format!("[{row}]")];
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let head = lines
        .iter()
        .position(|line| heads.iter().any(|head| line.starts_with(head.as_str())));
    let Some(head) = head else { return 1 };
    let is_key = |line: &&str| {
        let rest = line.strip_prefix(key);
        let words = !key.is_ascii() && line.contains(key);
        words || rest.is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let rest = &lines[head + 1..];
    let head_of_next = |line: &&str| line.starts_with('[') && line.ends_with(']');
    let row = rest.iter().take_while(|line| !head_of_next(line));
    let row: Vec<&str> = row.copied().collect();
    let at = row.iter().position(is_key).filter(|_| !key.is_empty());
    head + 1 + at.map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = include_str!("table.toml");

    /// The table with this row changed, and what the loader says of it.
    fn refused(code: &str, from: &str, to: &str) -> Refusal {
        let head = WHOLE.find(&format!("[\"{code}\"]")).expect("a row");
        let at = head + WHOLE[head..].find(from).expect("that entry");
        let text = format!("{}{to}{}", &WHOLE[..at], &WHOLE[at + from.len()..]);
        let refusal = Table::parse(&text, "faults.toml").expect_err("refused");
        assert_eq!(refusal.file, "faults.toml");
        let line = text.lines().nth(refusal.line - 1).unwrap_or_default();
        assert!(
            line.contains(to.trim().split(" = ").next().unwrap_or_default())
                || to.contains(line.trim()),
            "line {} is: {line}",
            refusal.line
        );
        refusal
    }

    #[test]
    fn an_unknown_code_a_missing_and_a_double_row_are_refused() {
        let unknown = refused("P-RIBBON-OUT", "P-RIBBON-OUT", "P-RIBBON-GONE");
        assert!(unknown.reason.contains("no code of this station"));
        let head = WHOLE.find("[\"?-UNKNOWN\"]").expect("the last row");
        let missing = Table::parse(&WHOLE[..head], "t").expect_err("refused");
        assert_eq!(missing.reason, "?-UNKNOWN has no row");
        let double = format!("{WHOLE}\n{}", &WHOLE[head..]);
        let double = Table::parse(&double, "t").expect_err("refused");
        assert!(
            double.line > 900 && double.reason.contains("duplicate"),
            "{double}"
        );
    }

    #[test]
    fn an_unknown_key_and_an_unknown_word_are_refused_with_their_line() {
        let key = refused("P-TRAY-FULL", "class = ", "klass = ");
        assert!(key.reason.contains("klass"), "{key}");
        let word = refused(
            "P-TRAY-FULL",
            "class = \"warning\"",
            "class = \"dangerous\"",
        );
        assert!(word.reason.contains("dangerous"), "{word}");
        let choice = refused("P-TRAY-FULL", "may = { continue", "may = { go-on");
        assert!(choice.reason.contains("go-on"), "{choice}");
    }

    #[test]
    fn contradictory_fates_are_refused() {
        let row = "P-JAM-HEAD";
        let told = |code: &str, from: &str, to: &str| refused(code, from, to).reason;
        assert!(told(row, "number = \"burned\"", "number = \"unused\"").contains("burned"));
        assert!(told(row, "old = \"give-back\"", "old = \"collected\"").contains("goes back"));
        assert!(
            told(row, "class = \"error\"", "class = \"warning\"").contains("its class is error")
        );
        assert!(
            told("P-CARD-LOST", "number = \"held\"", "number = \"burned\"")
                .contains("with its card")
        );
        assert!(told("P-CARD-LOST", "number = \"held\"", "number = \"live\"").contains("live"));
    }

    #[test]
    fn decisions_in_the_wrong_hands_are_refused() {
        let told = |code: &str, from: &str, to: &str| refused(code, from, to).reason;
        let alone = told("O-NO-CARD", "waive = \"two\"", "waive = \"supervisor\"");
        assert!(alone.contains("waive needs at least"), "{alone}");
        let nobody = told("O-BY-EYE", "who = [\"supervisor\"]", "who = [\"clerk\"]");
        assert!(nobody.contains("no supervisor is called"), "{nobody}");
        let forged = told("O-FORGED", "withdraw = ", "waive = \"two\", withdraw = ");
        assert!(forged.contains("never waived"), "{forged}");
    }

    #[test]
    fn bad_wording_is_refused() {
        let told = |from: &str, to: &str| refused("P-COVER-OPEN", from, to).reason;
        assert!(told("ふたを閉める。", "ふたを閉めます。").contains("plain verb"));
        assert!(told("止めました。", "エラーで止めました。").contains("エラー"));
    }
}
