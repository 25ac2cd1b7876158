//! How a stop speaks to a person: です・ます for a state, the plain form for a step, short
//! sentences, no phrase that says nothing. Knows words, not faults.

use super::Words;

/// Phrases that tell nobody what to do.
const BANNED: [&str; 6] = [
    "エラー",
    "不正",
    "てしまいました",
    "異常が発生",
    "お待ちください",
    "問題が発生",
];
/// No Japanese sentence has more characters.
const LONGEST: usize = 40;
/// No English sentence has more.
const LONGEST_ENGLISH: usize = 80;

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('。')
}

/// Whether a text tells of a state, politely.
pub(super) fn state(text: &str) -> bool {
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

/// Whether a text tells a step, plainly.
pub(super) fn step(text: &str) -> bool {
    let plain = [
        "る。",
        "す。",
        "つ。",
        "く。",
        "ぶ。",
        "む。",
        "ぐ。",
        "う。",
        "ない。",
        "発行できません。",
    ];
    let polite = |one: &str| one.ends_with("ます。") || one.ends_with("です。");
    sentences(text).all(|one| plain.iter().any(|end| one.ends_with(end)) && !polite(one))
}

/// Whether both languages obey the rules; `form` is [`state`] or [`step`].
///
/// # Errors
/// The rule that is broken, with the words that break it.
pub(super) fn well_worded(words: &Words, form: fn(&str) -> bool) -> Result<(), String> {
    let Words(ja, en) = words;
    let rule = |holds: bool, rule: &str, text: &str| {
        if holds {
            Ok(())
        } else {
            Err(format!("{rule}: {text}"))
        }
    };
    rule(
        form(ja),
        "a state ends with です or ます, a step with a plain verb",
        ja,
    )?;
    for one in sentences(ja) {
        let fits = one.chars().count() <= LONGEST;
        rule(fits, "a sentence has at most 40 characters", one)?;
    }
    if let Some(phrase) = BANNED.iter().find(|phrase| ja.contains(**phrase)) {
        return Err(format!("「{phrase}」 tells nobody what to do: {ja}"));
    }
    rule(
        !ja.contains(['?', '？']) && !en.contains('?'),
        "a stop asks nothing",
        ja,
    )?;
    rule(
        en.ends_with('.') && en.is_ascii() && en.len() > 5,
        "English is ASCII and ends with a full stop",
        en,
    )?;
    for one in en.split_inclusive('.') {
        let fits = one.len() <= LONGEST_ENGLISH;
        rule(fits, "an English sentence has at most 80 characters", one)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_break_a_rule_are_named_with_it() {
        let told = |ja: &str, en: &str, form| well_worded(&Words::of(ja, en), form).unwrap_err();
        assert!(told("カードを取り出す。", "Take it out.", state).contains("a state ends"));
        assert!(told("カードを取り出します。", "Take it out.", step).contains("plain verb"));
        assert!(told("エラーがあります。", "An error.", state).contains("エラー"));
        assert!(told("カードです。", "no full stop", state).contains("full stop"));
        let long = format!("{}です。", "あ".repeat(39));
        assert!(told(&long, "It is long.", state).contains("40 characters"));
        assert!(well_worded(&Words::of("無傷です。", "Unharmed."), state).is_ok());
    }
}
