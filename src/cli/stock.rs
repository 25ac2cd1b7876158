//! The books in words and as objects: supplies, waste, counts.

use serde_json::{Value, json};

use super::lang::Lang;
use super::outcome::{Exit, Failure, Outcome};
use super::output::Output;
use crate::fault::Code;
use crate::station::request::{Reply, Stop};
use crate::station::supplies::{Loaded, Shown, Told};
use crate::stock::{Line, Piece, Reconciliation, Shift, Terms};

/// Tells what came of it; gives the members of the result object.
///
/// # Errors
/// A count that differs and was not signed is a stop: the table is told first.
pub(super) fn tell(reply: &Reply, output: &Output) -> Outcome {
    let Reply::Supplies(told) = reply else {
        return Ok(super::reply::tell(reply, output));
    };
    let body = object(told);
    match &**told {
        Told::Stock(shown) => stock(shown, output),
        Told::Destroyed { cards } => pieces(cards, output),
        Told::Counted { count, settled } => {
            counted(count, output);
            if !settled {
                output.object("count", &body);
                return Err(unsettled());
            }
        }
        Told::ShiftClosed {
            shift,
            count,
            report,
        } => {
            counted(count, output);
            output.line(&shift_closed(shift, output.lang));
            if let Some(file) = report {
                output.line(&file.display().to_string());
            }
        }
    }
    Ok(body)
}

/// Tells the old cards only.
pub(super) fn old_cards(reply: &Reply, output: &Output) -> Value {
    let Reply::Supplies(told) = reply else {
        return super::reply::tell(reply, output);
    };
    let Told::Stock(shown) = &**told else {
        return object(told);
    };
    for old in &shown.old_cards {
        let state = words(old.state.words(), output.lang);
        output.line(&format!("{}\t{state}", old.job));
        output.object("old_card", old);
    }
    json!({ "old_cards": shown.old_cards.len() })
}

fn object(told: &Told) -> Value {
    serde_json::to_value(told).unwrap_or_else(|cause| json!({ "unprintable": cause.to_string() }))
}

fn shift_closed(shift: &Shift, lang: Lang) -> String {
    let Shift {
        number, from, to, ..
    } = shift;
    let (first, second) = (&shift.by.first().person, &shift.by.second().person);
    lang.pick(
        format!("第 {number} 回の締め（台帳 {from}～{to}）：{first}、{second}"),
        format!("Shift {number} is closed (records {from} to {to}) by {first} and {second}."),
    )
}

fn unsettled() -> Failure {
    let stop = Stop::plain(Code::CountDiffers).detailed("--because … --supervisor …");
    debug_assert_eq!(super::stop::exit(stop.code), Exit::Person);
    stop.into()
}

fn stock(shown: &Shown, output: &Output) {
    let lang = output.lang;
    output.line(&equation(&shown.blanks, lang));
    for one in &shown.supplies {
        output.line(&supply(one, lang));
    }
    if let Some(code) = shown.printer {
        let word = lang.pick("印刷機", "Printer");
        output.line(&format!("{word}\t— {code}"));
    }
    pieces(&shown.binned, output);
    pieces(&shown.elsewhere, output);
    for ribbon in &shown.ribbons {
        let word = lang.pick("使用済みリボン", "Used ribbon");
        output.line(&format!("{word}\t{ribbon}"));
    }
    let held = shown.old_cards.len();
    output.line(&format!("{}\t{held}", lang.pick("旧カード", "Old cards")));
}

/// The equation of all blanks, as a shift is closed by it.
fn equation(terms: &Terms, lang: Lang) -> String {
    let Terms {
        loaded,
        hopper,
        machine,
        exit,
        tray,
        bag,
        delivered,
        destroyed,
        quarantined,
        missing,
        tests,
        tests_destroyed,
    } = terms;
    let mark = if terms.balanced() { "✓" } else { "■" };
    lang.pick(
        format!(
            "受入 {loaded} = 交付 {delivered} + 廃棄 {destroyed}（うち試験 {tests_destroyed}）+ \
             隔離 {quarantined} + 機械内 {machine} + 排出口 {exit} + 不良箱 {tray} + \
             袋 {bag}（箱と袋のうち試験 {tests}）+ 不明 {missing} + 残 {hopper} {mark}"
        ),
        format!(
            "loaded {loaded} = delivered {delivered} + destroyed {destroyed} (tests \
             {tests_destroyed}) + quarantined {quarantined} + machine {machine} + exit {exit} + \
             tray {tray} + bag {bag} (tests in both {tests}) + missing {missing} + hopper \
             {hopper} {mark}"
        ),
    )
}

fn supply(one: &Loaded, lang: Lang) -> String {
    let name = words(one.supply.words(), lang);
    let books = one.left.map_or("—".to_owned(), |left| left.to_string());
    let roll = one.recorded.as_ref().map_or("", |roll| &roll.serial);
    let tag = one.tag.as_ref().map_or("—".to_owned(), |tag| {
        let last = tag
            .expires
            .map(|day| format!(" –{day}"))
            .unwrap_or_default();
        let (serial, lot) = (&tag.serial, tag.lot);
        format!(
            "{serial} ({lot}) {} / {}{last}",
            tag.remaining, tag.capacity
        )
    });
    let code = one.code.map_or("", Code::name);
    let (written, reads) = lang.pick(("記録", "印刷機"), ("books", "printer"));
    format!("{name}\t{written} {roll} {books}\t{reads} {tag}\t{code}")
        .trim_end()
        .to_owned()
}

fn words<T>((ja, en): (T, T), lang: Lang) -> T {
    lang.pick(ja, en)
}

fn pieces(all: &[Piece], output: &Output) {
    for piece in all {
        output.line(&one_piece(piece, output.lang));
        output.object("card", piece);
    }
}

fn one_piece(piece: &Piece, lang: Lang) -> String {
    let kind = words(piece.kind.words(), lang);
    let name = |name: &Option<String>| name.as_deref().unwrap_or("—").to_owned();
    format!(
        "{}\t{kind}\t{}\t{}\t{}",
        piece.id,
        words(piece.place.words(), lang),
        name(&piece.number),
        name(&piece.serial)
    )
}

fn counted(count: &Reconciliation, output: &Output) {
    let lang = output.lang;
    output.line(&equation(&count.terms, lang));
    for line in &count.lines {
        output.line(&one_line(line, lang));
    }
    for piece in &count.missing {
        let word = lang.pick("ないカード", "Missing");
        output.line(&format!("{word}\t{}", one_piece(piece, lang)));
    }
    for some in &count.candidates {
        let (missing, place) = (some.missing, words(some.place.words(), lang));
        let word = lang.pick(
            format!("{place}に {missing} 枚足りない。次のどれか："),
            format!("{missing} missing in the {place}, among:"),
        );
        output.line(&word);
        for piece in &some.among {
            output.line(&format!("\t{}", one_piece(piece, lang)));
        }
    }
    for name in &count.unexpected {
        let word = lang.pick("記録にないカード", "Not on the books");
        output.line(&format!("{word}\t{name}"));
    }
    let all = count.blanks;
    output.line(&match all {
        0 => lang
            .pick(
                "カードの枚数は合っています。",
                "No card is missing or too many.",
            )
            .into(),
        less if less < 0 => lang.pick(
            format!("{} 枚足りません。", -less),
            format!("{} missing.", -less),
        ),
        more => lang.pick(
            format!("{more} 枚多すぎます。"),
            format!("{more} too many."),
        ),
    });
}

fn one_line(line: &Line, lang: Lang) -> String {
    let name = words(line.item.words(), lang);
    let difference = line.difference();
    let mark = match difference {
        0 => "✓".to_owned(),
        _ => format!("■ {difference:+}"),
    };
    let (books, found) = lang.pick(("記録", "実際"), ("books", "found"));
    format!(
        "{name}\t{books} {}\t{found} {}\t{mark}",
        line.journal, line.found
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::Item;

    fn terms() -> Terms {
        Terms {
            loaded: 500,
            hopper: 456,
            delivered: 41,
            destroyed: 3,
            tests_destroyed: 1,
            ..Terms::default()
        }
    }

    #[test]
    fn a_shift_is_one_equation_in_both_languages() {
        let ja = equation(&terms(), Lang::Ja);
        assert!(
            ja.starts_with("受入 500 = 交付 41 + 廃棄 3（うち試験 1）"),
            "{ja}"
        );
        assert!(ja.ends_with("残 456 ✓"), "{ja}");
        let open = Terms {
            hopper: 455,
            ..terms()
        };
        let en = equation(&open, Lang::En);
        assert!(en.ends_with("hopper 455 ■"), "{en}");
    }

    #[test]
    fn a_line_of_a_count_says_how_many_too_many_or_too_few() {
        let line = |found| Line {
            item: Item::Hopper,
            journal: 6,
            found,
        };
        assert_eq!(one_line(&line(6), Lang::En), "hopper\tbooks 6\tfound 6\t✓");
        assert_eq!(one_line(&line(5), Lang::Ja), "給紙部\t記録 6\t実際 5\t■ -1");
        assert!(one_line(&line(8), Lang::En).ends_with("■ +2"));
    }
}
