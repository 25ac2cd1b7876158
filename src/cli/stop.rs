//! A stop in words: the fixed anatomy of what happened, this card, its number, the old card, what
//! to do, who may decide. The same object that every screen shows.

use serde_json::{Value, json};

use super::decision::DecisionName;
use super::lang::Lang;
use super::outcome::Exit;
use super::output::Output;
use crate::fault::{CardFate, Code, Hands, NumberFate, Words};
use crate::issuance::{Decision, Place, Step, Withdrawal};
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
    let mut lines = lines(stop, output.lang);
    lines.extend(choices(stop, output.lang));
    lines.extend(next(stop).map(|next| command(&next, output.lang)));
    print(lines, output);
}

/// Tells a stop to a person who is about to be asked: the decisions have letters.
pub(super) fn tell_asking(stop: &Stop, output: &Output) {
    let mut lines = lines(stop, output.lang);
    lines.extend(menu(stop, output.lang));
    print(lines, output);
}

fn print(lines: Vec<String>, output: &Output) {
    let mut lines = lines.into_iter();
    if let Some(title) = lines.next() {
        output.heading(&title);
    }
    for line in lines {
        output.word(&line);
    }
}

/// The line that ends every stop: the command to run next.
pub(super) fn command(next: &str, lang: Lang) -> String {
    lang.pick(format!("次に：{next}"), format!("Next: {next}"))
}

/// A stop, line by line; the first is its title. The decisions follow it.
pub(super) fn lines(stop: &Stop, lang: Lang) -> Vec<String> {
    let notice = stop.notice();
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
    if stop.fates.card != CardFate::None {
        lines.push(label("カード　", "Card", &say(&notice.card)));
    }
    if let Some(standing) = &stop.standing {
        lines.push(label("場所　　", "Place", &say(&standing.whereabouts())));
        if standing.place != Place::Nowhere {
            lines.push(label("IC　　　", "Chip", &say(&standing.chip.words())));
            lines.push(label("券面　　", "Faces", &say(&standing.face.words())));
        }
    }
    if stop.fates.number != NumberFate::None {
        lines.push(label("番号　　", "Number", &say(&notice.number)));
    }
    let old = stop.old_number.as_ref().map(ToString::to_string);
    let fate = notice.old.as_ref().map(say);
    if old.is_some() || fate.is_some() {
        let text = [old, fate].into_iter().flatten().collect::<Vec<_>>();
        lines.push(label("旧カード", "Old card", &text.join(" ")));
    }
    lines.extend(
        stop.told(lang == Lang::Ja)
            .map(|detail| label("内容　　", "Detail", &detail)),
    );
    for (at, step) in notice.todo.iter().enumerate() {
        lines.push(format!("  {} {}", at + 1, say(step)));
    }
    let reception = stop
        .reception
        .iter()
        .map(|r| format!("  {} {r}", lang.pick("受付", "reception")));
    lines.push(format!("  {}{}", stop.code, reception.collect::<String>()));
    lines
}

/// What may be decided: each by its name, with the hands that it needs.
pub(super) fn open(stop: &Stop) -> impl Iterator<Item = (DecisionName, Hands)> {
    stop.decisions
        .iter()
        .filter_map(|open| DecisionName::of(open.decision).map(|name| (name, open.hands)))
}

/// What may be decided, each with its consequence and who may.
fn choices(stop: &Stop, lang: Lang) -> Vec<String> {
    let withdraws = |(name, _): (DecisionName, Hands)| {
        let decision = name.decision();
        matches!(decision, Decision::Withdraw(_))
    };
    let withdrawing =
        matches!(stop.code, Code::NotAllowed | Code::NotDone) && open(stop).all(withdraws);
    let flag = if withdrawing { "--reason" } else { "--decide" };
    let one = |(name, hands): (DecisionName, Hands)| {
        format!(
            "  {flag} {:<14} {}",
            name.word(),
            says(stop, name, hands, lang)
        )
    };
    open(stop).map(one).collect()
}

/// The same, with letters.
fn menu(stop: &Stop, lang: Lang) -> Vec<String> {
    let letters = 'a'..='z';
    let one = |(letter, (name, hands)): (char, (DecisionName, Hands))| {
        format!(
            "  {letter}) {:<14} {}",
            name.word(),
            says(stop, name, hands, lang)
        )
    };
    letters.zip(open(stop)).map(one).collect()
}

/// What a decision does here, and who may take it.
fn says(stop: &Stop, name: DecisionName, hands: Hands, lang: Lang) -> String {
    let ((ja, en), (who_ja, who_en)) = (name.says_at(stop), hands.words());
    lang.pick(format!("{ja}（{who_ja}）"), format!("{en} ({who_en})"))
}

/// The command to run next.
fn next(stop: &Stop) -> Option<String> {
    // A spoiled card is taken out, unless the cause can be mended and the machine rejects it.
    let mended = stop.notice().todo.len() > stop.code.fault().remedy().len()
        && !matches!(stop.code, Code::CardMoved | Code::TakenEarly);
    let by_hand = stop.fates.card == CardFate::Spoiled && !mended;
    let by_hand = open(stop).find(|(name, _)| by_hand && name.decision() == Decision::ByHand);
    let first = by_hand.or_else(|| open(stop).next());
    let here = |decision: Decision| stop.decisions.iter().any(|open| open.decision == decision);
    let of_no_card = stop.fates.card == CardFate::None;
    let line = match (stop.code, first) {
        (Code::Counters | Code::NewerPrinter, _) if of_no_card => {
            "station take-over --clerk ID --supervisor ID".to_owned()
        }
        (Code::JournalMissing, _) => "station help fault J-MISSING".to_owned(),
        (Code::NoJob, _) => return None,
        (Code::NotProduced, _) if of_no_card => "station issue --clerk ID".to_owned(),
        (Code::NotProduced, _) => "station recover --clerk ID".to_owned(),
        (Code::JobOpen, _) => "station recover --clerk ID".to_owned(),
        (Code::NotAllowed | Code::NotDone, Some((name, _)))
            if matches!(name.decision(), Decision::Withdraw(_)) =>
        {
            format!(
                "station withdraw --reason {} --clerk ID --supervisor ID",
                name.word()
            )
        }
        (Code::NotDone, None) => match stop.step {
            Some(Step::HandOver | Step::Punch | Step::CollectOld) => {
                "station handover --clerk ID".to_owned()
            }
            Some(_) | None => "station recover --clerk ID".to_owned(),
        },
        _ if here(Decision::Withdraw(Withdrawal::OldForged)) => {
            "station withdraw --reason old-forged --clerk ID --supervisor ID".to_owned()
        }
        (_, Some((name, hands))) => {
            let second = match hands {
                Hands::Anyone | Hands::Counter => "",
                Hands::Supervisor | Hands::Two => " --supervisor ID",
            };
            format!(
                "station recover --clerk ID{second} --decide {}",
                name.word()
            )
        }
        (_, None) if of_no_card => return None,
        // The attempt is over, its number burned: the job can be made again.
        (_, None) if stop.step.is_none() && stop.fates.number == NumberFate::Burned => {
            "station issue --clerk ID".to_owned()
        }
        (_, None) => "station recover --clerk ID".to_owned(),
    };
    Some(line)
}

/// A stop as an object.
pub(super) fn object(stop: &Stop, lang: Lang) -> Value {
    let decisions: Vec<Value> = open(stop)
        .map(|(name, hands)| {
            let (ja, en) = name.says_at(stop);
            json!({ "decision": name.word(), "says": lang.pick(ja, en), "by": hands.name() })
        })
        .collect();
    let notice = stop.notice();
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
        "standing": stop.standing.as_ref().map(|standing| json!({
            "place": standing.place,
            "seen": standing.seen,
            "chip": standing.chip,
            "face": standing.face,
            "says": say(&standing.whereabouts()),
        })),
        "next": next(stop),
        "number": stop.number,
        "old_number": stop.old_number,
        "reception": stop.reception,
        "detail": stop.told(lang == Lang::Ja),
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
    use crate::station::request::Open;

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
        stop.decisions = vec![Open {
            decision: Decision::Continue,
            hands: Hands::Anyone,
        }];
        let mut told = lines(&stop, Lang::En);
        told.extend(choices(&stop, Lang::En));
        let told = told.join("\n");
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
