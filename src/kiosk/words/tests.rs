//! The catalogue holds the same keys and variables in both languages, nothing empty, nothing
//! unused, nothing missing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const CATALOGUES: [(&str, &str); 2] = [
    ("ja", include_str!("ja.ftl")),
    ("en", include_str!("en.ftl")),
];

/// Key → variables of one catalogue, read as text: one message a line.
fn messages(text: &str) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let (key, value) = line.split_once(" = ").unwrap_or_else(|| panic!("{line}"));
            let variables = value.split("{ $").skip(1);
            let names = variables.map(|rest| rest.split(' ').next().unwrap_or_default().to_owned());
            (key.to_owned(), (value.to_owned(), names.collect()))
        })
        .collect()
}

#[test]
fn both_languages_hold_the_same_keys_and_variables() {
    let [ja, en] = CATALOGUES.map(|(_, text)| messages(text));
    let keys = |of: &BTreeMap<String, _>| of.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&ja), keys(&en));
    for (key, (value, variables)) in &ja {
        assert!(
            !value.trim().is_empty() && !en[key].0.trim().is_empty(),
            "{key}"
        );
        assert_eq!(*variables, en[key].1, "{key}");
    }
}

#[test]
fn no_text_says_what_tells_nobody_anything() {
    let banned = [
        "エラーが発生",
        "不明なエラー",
        "しばらくお待ち",
        "てしまいました",
        "An error occurred",
    ];
    for (lang, text) in CATALOGUES {
        for phrase in banned {
            assert!(!text.contains(phrase), "{lang}: {phrase}");
        }
    }
}

#[test]
fn every_key_is_used_and_every_key_that_is_used_exists() {
    let mut code = String::new();
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kiosk");
    gather(&room, &mut code);
    let known = messages(CATALOGUES[0].1);
    for call in [".say(\"", ".tell(\""] {
        for rest in code.split(call).skip(1) {
            let key = rest.split('"').next().unwrap_or_default();
            assert!(known.contains_key(key), "no words for {key}");
        }
    }
    for key in known.keys() {
        // Keys of a list of a kind are named where the kind is.
        assert!(code.contains(&format!("\"{key}\"")), "nobody says {key}");
    }
}

fn gather(folder: &Path, code: &mut String) {
    for entry in std::fs::read_dir(folder).expect("the room") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, code);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source");
            // rustfmt may put the key on a line of its own.
            let joined: String = text.split('\n').map(str::trim).collect();
            code.push_str(&joined);
        }
    }
}
