//! A stop in words: the fixed anatomy of what happened, this card, its number, the old card, what
//! to do, who may decide. The same object that every screen shows.

use serde_json::{Value, json};

use super::decision::DecisionName;
use super::lang::Lang;
use super::outcome::Exit;
use super::output::Output;
use crate::fault::{Code, Notice, Words};
use crate::product::CardNumber;
use crate::station::request::Stop;

/// Codes that say that the journal itself cannot be used.
const JOURNAL: [Code; 5] = [
    Code::JournalDamaged,
    Code::JournalForeign,
    Code::JournalMissing,
    Code::NewerPrinter,
    Code::NewerAuthority,
];

/// Codes that say that a device, the authority or the journal's owner cannot be reached, beside
/// all of the line (`L-…`).
const UNREACHABLE: [Code; 4] = [
    Code::JournalBusy,
    Code::ReaderGone,
    Code::Offline,
    Code::AuthorityUntrusted,
];

/// The exit code that a fault deserves.
pub(super) fn exit(code: Code) -> Exit {
    if JOURNAL.contains(&code) {
        Exit::Journal
    } else if UNREACHABLE.contains(&code) || code.name().starts_with("L-") {
        Exit::Unreachable
    } else {
        Exit::Person
    }
}

/// Tells a stop on stderr.
pub(super) fn tell(stop: &Stop, output: &Output) {
    let mut lines = lines(stop, output.lang).into_iter();
    if let Some(title) = lines.next() {
        output.heading(&title);
    }
    for line in lines {
        output.word(&line);
    }
}

/// A stop, line by line; the first is its title.
pub(super) fn lines(stop: &Stop, lang: Lang) -> Vec<String> {
    let notice = notice(stop);
    let label = |ja: &str, en: &str, text: &str| {
        // Full-width labels are four characters, so that the texts stand in one column.
        lang.pick(format!("  {ja}　{text}"), format!("  {en:<9} {text}"))
    };
    let say = |words: &Words| lang.pick(words.ja(), words.en()).to_owned();
    let mut lines = vec![format!(
        "■ {} {}",
        lang.pick("停止", "Stopped"),
        say(&notice.what)
    )];
    lines.push(label("カード　", "Card", &say(&notice.card)));
    lines.push(label("番号　　", "Number", &say(&notice.number)));
    if let Some(old) = &stop.old_number {
        let fate = notice.old.as_ref().map(say).unwrap_or_default();
        lines.push(label(
            "旧カード",
            "Old card",
            format!("{old} {fate}").trim_end(),
        ));
    }
    lines.extend(
        stop.detail
            .iter()
            .map(|detail| label("内容　　", "Detail", detail)),
    );
    for (at, step) in notice.todo.iter().enumerate() {
        lines.push(format!("  {} {}", at + 1, say(step)));
    }
    lines.extend(choices(stop, lang));
    let reception = stop
        .reception
        .iter()
        .map(|r| format!("  {} {r}", lang.pick("受付", "reception")));
    lines.push(format!("  {}{}", stop.code, reception.collect::<String>()));
    lines
}

fn notice(stop: &Stop) -> Notice {
    stop.code
        .notice(stop.number.as_ref().map(CardNumber::as_str))
}

/// What may be decided, each with its consequence.
fn choices(stop: &Stop, lang: Lang) -> impl Iterator<Item = String> {
    stop.decisions
        .iter()
        .filter_map(|decision| DecisionName::of(*decision))
        .map(move |name| {
            let (ja, en) = name.says();
            format!("  --decide {}  {}", name.word(), lang.pick(ja, en))
        })
}

/// A stop as an object.
pub(super) fn object(stop: &Stop, lang: Lang) -> Value {
    let decisions: Vec<Value> = stop
        .decisions
        .iter()
        .filter_map(|decision| DecisionName::of(*decision))
        .map(|name| {
            let (ja, en) = name.says();
            json!({ "decision": name.word(), "says": lang.pick(ja, en) })
        })
        .collect();
    let notice = notice(stop);
    let say = |words: &Words| lang.pick(words.ja(), words.en()).to_owned();
    json!({
        "code": stop.code.name(),
        "class": notice.class,
        "what": say(&notice.what),
        "card": say(&notice.card),
        "number_fate": say(&notice.number),
        "old_card": notice.old.as_ref().map(say),
        "todo": notice.todo.iter().map(say).collect::<Vec<_>>(),
        "may_decide": notice.who.iter().map(|role| role.name()).collect::<Vec<_>>(),
        "number": stop.number,
        "old_number": stop.old_number,
        "reception": stop.reception,
        "detail": stop.detail,
        "decisions": decisions,
    })
}

/// An error with its causes, in one line.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(below) = cause {
        text = format!("{text}: {below}");
        cause = below.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issuance::Decision;

    #[test]
    fn the_exit_code_says_who_must_act() {
        assert_eq!(exit(Code::RibbonOut), Exit::Person);
        assert_eq!(exit(Code::Silent), Exit::Unreachable);
        assert_eq!(exit(Code::Offline), Exit::Unreachable);
        assert_eq!(exit(Code::JournalDamaged), Exit::Journal);
        assert_eq!(exit(Code::JournalBusy), Exit::Unreachable);
    }

    #[test]
    fn a_stop_names_its_card_and_its_choices() {
        let mut stop = Stop::plain(Code::WrongCard);
        stop.number = crate::product::CardNumber::parse("AB12345678CD").ok();
        stop.decisions = vec![Decision::Continue];
        let told = lines(&stop, Lang::En).join("\n");
        assert!(
            told.contains("O-WRONG-CARD") && told.contains("AB12345678CD"),
            "{told}"
        );
        assert!(told.contains("--decide continue"), "{told}");
        assert!(told.contains("Number"), "{told}");
        let object = object(&stop, Lang::Ja);
        assert!(
            object["todo"]
                .as_array()
                .is_some_and(|steps| !steps.is_empty())
        );
        assert_eq!(object["code"], "O-WRONG-CARD");
        assert_eq!(object["decisions"][0]["decision"], "continue");
    }
}
