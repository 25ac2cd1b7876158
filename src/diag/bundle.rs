//! A service bundle: one tar of plain files that a technician elsewhere can read. Whatever could
//! name a holder, a card, a person or a key never comes in; a last look takes out card numbers.

use std::fmt;

use serde::Serialize;

/// One file of a bundle.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct File {
    /// Its name in the archive.
    pub name: String,
    /// What it is, Japanese.
    pub japanese: &'static str,
    /// What it is, English.
    pub english: &'static str,
    /// How long it is, in bytes.
    pub bytes: usize,
    /// The text.
    #[serde(skip)]
    pub text: String,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.name, self.bytes)
    }
}

impl File {
    /// A file of lines of JSON, one a thing.
    #[must_use]
    pub fn lines<T: Serialize>(
        name: &str,
        words: (&'static str, &'static str),
        things: &[T],
    ) -> File {
        let line = |thing: &T| serde_json::to_string(thing).unwrap_or_default() + "\n";
        File::text(name, words, &things.iter().map(line).collect::<String>())
    }

    /// A file of plain text.
    #[must_use]
    pub fn text(name: &str, words: (&'static str, &'static str), text: &str) -> File {
        let text = without_numbers(text);
        File {
            name: name.to_owned(),
            japanese: words.0,
            english: words.1,
            bytes: text.len(),
            text,
        }
    }
}

/// The archive. `at` is the moment that its files bear, in Unix seconds.
///
/// # Errors
/// A name that no archive can hold; there is none among ours.
pub fn archive(files: &[File], at: u64) -> Result<Vec<u8>, std::io::Error> {
    let mut tar = tar::Builder::new(Vec::new());
    for file in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(file.text.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(at);
        let path = format!("service-bundle/{}", file.name);
        tar.append_data(&mut header, path, file.text.as_bytes())?;
    }
    tar.into_inner()
}

/// The same text with the middle of whatever has a card number's form (two letters, eight
/// digits, two letters) replaced: nothing should bring one in, and none gets out.
#[must_use]
pub fn without_numbers(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let form = |at: &[char]| {
        let letters = |from: usize| at[from..from + 2].iter().all(char::is_ascii_uppercase);
        letters(0) && at[2..10].iter().all(char::is_ascii_digit) && letters(10)
    };
    for start in 0..characters.len().saturating_sub(11) {
        if form(&characters[start..start + 12]) {
            characters[start + 2..start + 8].fill('•');
        }
    }
    characters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn what_was_put_in_is_what_comes_out() {
        let files = [
            File::lines("counters.jsonl", ("計数", "counters"), &[1, 2]),
            File::text("about.txt", ("説明", "about"), "見本\n"),
        ];
        let bytes = archive(&files, 1_795_000_000).expect("packed");
        let mut read = tar::Archive::new(bytes.as_slice());
        let mut out = Vec::new();
        for entry in read.entries().expect("an archive") {
            let mut entry = entry.expect("a file");
            let mut text = String::new();
            entry.read_to_string(&mut text).expect("text");
            out.push((entry.path().expect("a path").display().to_string(), text));
        }
        let expected = [
            ("service-bundle/counters.jsonl", "1\n2\n"),
            ("service-bundle/about.txt", "見本\n"),
        ];
        let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(out, expected);
    }

    #[test]
    fn no_card_number_gets_out_in_full() {
        let shown = without_numbers("a AB12345678CD,xAB12345678CDx AB1234567CD");
        assert_eq!(shown, "a AB••••••78CD,xAB••••••78CDx AB1234567CD");
        let file = File::text("x", ("", ""), "AB12345678CD");
        assert!(!file.text.contains("12345678"));
        assert!(!format!("{file:?}").contains('•'), "texts are not for logs");
    }
}
