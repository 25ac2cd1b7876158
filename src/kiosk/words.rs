//! The words of the screens: one catalogue, Japanese and English, built into the program. Faults,
//! phases and decisions bring their own words; what is said around them stands here.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::fault::Words;
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader as _, langid, static_loader};

static_loader! {
    static CATALOGUE = {
        locales: "./src/kiosk/words",
        fallback_language: "en",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static JA: LanguageIdentifier = langid!("ja");
static EN: LanguageIdentifier = langid!("en");

/// A language of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub(super) enum Lang {
    /// Japanese.
    #[default]
    Ja,
    /// English.
    En,
}

impl Lang {
    /// Both.
    pub(super) const ALL: [Lang; 2] = [Lang::Ja, Lang::En];

    /// The language tag.
    pub(super) fn tag(self) -> &'static str {
        self.pick("ja", "en")
    }

    /// The language of this tag.
    pub(super) fn of_tag(tag: &str) -> Option<Lang> {
        Lang::ALL.into_iter().find(|lang| lang.tag() == tag)
    }

    /// Of a text in both languages, the one in this.
    pub(super) fn pick<T>(self, japanese: T, english: T) -> T {
        match self {
            Lang::Ja => japanese,
            Lang::En => english,
        }
    }

    /// Of words in both languages, those in this.
    pub(super) fn of(self, words: &Words) -> &str {
        self.pick(words.ja(), words.en())
    }

    /// The catalogue's text of this key.
    pub(super) fn say(self, key: &str) -> String {
        CATALOGUE.lookup(self.id(), key)
    }

    /// The same with its variables.
    pub(super) fn tell(self, key: &str, variables: &[(&'static str, &str)]) -> String {
        let named = |(name, value): &(&'static str, &str)| {
            (Cow::from(*name), FluentValue::from((*value).to_owned()))
        };
        let variables: HashMap<_, _> = variables.iter().map(named).collect();
        CATALOGUE.lookup_with_args(self.id(), key, &variables)
    }

    fn id(self) -> &'static LanguageIdentifier {
        match self {
            Lang::Ja => &JA,
            Lang::En => &EN,
        }
    }
}

#[cfg(test)]
mod tests;
