//! The language of everything said to a person: Japanese or English.

use clap::ValueEnum;

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Lang {
    /// Japanese.
    Ja,
    /// English.
    En,
}

impl Lang {
    /// Of a text in both languages, the one in this.
    pub(super) fn pick<T>(self, japanese: T, english: T) -> T {
        match self {
            Lang::Ja => japanese,
            Lang::En => english,
        }
    }

    /// The language of the environment: the first set of `LC_ALL`, `LC_MESSAGES`, `LANG`.
    pub(super) fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Lang {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| variable(name).filter(|value| !value.is_empty()));
        match locale {
            Some(locale) if locale.starts_with("ja") => Lang::Ja,
            Some(_) | None => Lang::En,
        }
    }

    /// The language asked for on the command line, before it is parsed, so that help and
    /// complaints about the line itself are in it too.
    pub(super) fn of_line(line: &[String]) -> Option<Lang> {
        let mut words = line.iter().skip(1).map(String::as_str);
        while let Some(word) = words.next() {
            let value = match word {
                "--" => return None,
                "--lang" => words.next(),
                _ => word.strip_prefix("--lang="),
            };
            if let Some(lang) = value.and_then(|v| Lang::from_str(v, false).ok()) {
                return Some(lang);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_environment_names_the_language() {
        let of = |set: &[(&str, &str)]| {
            Lang::of_environment(|name| {
                set.iter()
                    .find(|(n, _)| *n == name)
                    .map(|(_, v)| (*v).to_owned())
            })
        };
        assert_eq!(of(&[("LC_MESSAGES", "ja_JP.UTF-8")]), Lang::Ja);
        assert_eq!(
            of(&[("LC_ALL", "C.UTF-8"), ("LC_MESSAGES", "ja_JP.UTF-8")]),
            Lang::En
        );
        assert_eq!(of(&[("LC_ALL", ""), ("LANG", "ja_JP.UTF-8")]), Lang::Ja);
        assert_eq!(of(&[]), Lang::En);
    }

    #[test]
    fn the_line_names_the_language_before_it_is_parsed() {
        assert_eq!(
            Lang::of_line(&line("station --lang ja issue")),
            Some(Lang::Ja)
        );
        assert_eq!(
            Lang::of_line(&line("station issue --lang=en")),
            Some(Lang::En)
        );
        assert_eq!(Lang::of_line(&line("station issue -- --lang ja")), None);
        assert_eq!(Lang::of_line(&line("station issue")), None);
    }
}
