//! Names on the card: Roman capitals as in the passport, kanji in regular form 「正字」 only.

use std::collections::BTreeSet;

/// The characters of JIS X 0213:2004 and JIS X 0212, as code point ranges.
const LISTED: &str = include_str!("regular-kanji.txt");

/// Longest Roman name of a passport's machine-readable zone, spaces included.
pub const ROMAN_MAX: usize = 39;

/// Why a name cannot stand on a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Empty, or longer than a passport's name.
    #[error("the name is empty or longer than {ROMAN_MAX} characters")]
    Length,
    /// Something else than capitals, single spaces, hyphen, apostrophe, comma or full stop.
    #[error("a Roman name has capitals A to Z, single spaces, - ' , and . only; found {0:?}")]
    NotRoman(char),
    /// A kanji outside the permitted set.
    #[error("{0:?} (U+{code:04X}) is no regular form 「正字」", code = *.0 as u32)]
    NotRegular(char),
}

/// Checks the Roman name as in the passport.
///
/// # Errors
/// [`NameError::Length`] or [`NameError::NotRoman`].
pub fn roman(name: &str) -> Result<(), NameError> {
    if name.is_empty() || name.chars().count() > ROMAN_MAX {
        return Err(NameError::Length);
    }
    let strange = |c: char| !(c.is_ascii_uppercase() || " -',.".contains(c));
    if let Some(found) = name.chars().find(|c| strange(*c)) {
        return Err(NameError::NotRoman(found));
    }
    let ragged = name.starts_with(' ') || name.ends_with(' ') || name.contains("  ");
    if ragged || !name.contains(|c: char| c.is_ascii_uppercase()) {
        return Err(NameError::NotRoman(' '));
    }
    Ok(())
}

/// The kanji that may stand on a card.
#[derive(Clone, Debug)]
pub struct RegularKanji {
    ranges: Vec<(u32, u32)>,
    /// Further characters of notice 582 that an office added.
    added: BTreeSet<char>,
}

/// A line of a list of characters is no code point or range of code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: expected a code point or a range such as 355D-355E")]
pub struct ListError {
    /// The line's number, from 1.
    pub line: usize,
}

impl RegularKanji {
    /// The list that the program brings along (13,109 characters).
    ///
    /// # Panics
    /// Never with the list in this folder; a test reads all of it.
    pub fn listed() -> RegularKanji {
        let ranges = parse(LISTED).unwrap_or_default();
        RegularKanji {
            ranges,
            added: BTreeSet::new(),
        }
    }

    /// Adds an office's own list (the named characters of notice 582), in the same form.
    ///
    /// # Errors
    /// [`ListError`] with the line that is wrong; nothing is added then.
    pub fn with(mut self, list: &str) -> Result<RegularKanji, ListError> {
        for (from, to) in parse(list)? {
            self.added.extend((from..=to).filter_map(char::from_u32));
        }
        Ok(self)
    }

    /// Whether this character is permitted.
    pub fn permits(&self, c: char) -> bool {
        let code = c as u32;
        let after = self.ranges.partition_point(|(from, _)| *from <= code);
        let listed = after > 0 && self.ranges[after - 1].1 >= code;
        listed || self.added.contains(&c)
    }

    /// Checks a kanji name: permitted kanji, kana that stand in names, and spaces.
    ///
    /// # Errors
    /// [`NameError::NotRegular`] with the first character that may not stand there.
    pub fn check(&self, name: &str) -> Result<(), NameError> {
        if name.is_empty() || name.chars().count() > ROMAN_MAX {
            return Err(NameError::Length);
        }
        let permitted = |c: char| self.permits(c) || matches!(c, ' ' | '\u{3000}' | '々' | '・');
        match name.chars().find(|c| !permitted(*c)) {
            Some(found) => Err(NameError::NotRegular(found)),
            None => Ok(()),
        }
    }
}

fn parse(list: &str) -> Result<Vec<(u32, u32)>, ListError> {
    let mut ranges = Vec::new();
    for (at, line) in list.lines().enumerate() {
        let text = line.split('#').next().unwrap_or_default().trim();
        if text.is_empty() {
            continue;
        }
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let line = ListError { line: at + 1 };
        let code = |hex: &str| {
            let code = u32::from_str_radix(hex, 16).ok();
            code.filter(|code| *code <= u32::from(char::MAX))
                .ok_or(line)
        };
        let (from, to) = (code(from)?, code(to)?);
        if from > to {
            return Err(line);
        }
        ranges.push((from, to));
    }
    ranges.sort_unstable();
    Ok(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_the_published_count() {
        let count: u32 = parse(LISTED)
            .unwrap()
            .iter()
            .map(|(from, to)| to - from + 1)
            .sum();
        assert_eq!(count, 13_109);
    }

    #[test]
    fn a_simplified_form_is_refused_by_name() {
        let kanji = RegularKanji::listed();
        assert_eq!(kanji.check("見本 太郎"), Ok(()));
        // U+9A6C, the simplified form of 馬.
        assert_eq!(kanji.check("马 太郎"), Err(NameError::NotRegular('马')));
        assert!(
            kanji
                .check("马")
                .unwrap_err()
                .to_string()
                .contains("U+9A6C")
        );
    }

    #[test]
    fn an_office_adds_the_named_others() {
        // U+9AD9 is one of the 176, and not in the two standards.
        assert!(!RegularKanji::listed().permits('髙'));
        assert!(
            RegularKanji::listed()
                .with("9AD9 # notice 582\n")
                .unwrap()
                .permits('髙')
        );
        assert_eq!(
            RegularKanji::listed().with("9AD9\nxyz").unwrap_err(),
            ListError { line: 2 }
        );
    }

    #[test]
    fn a_roman_name_is_in_capitals() {
        assert_eq!(roman("MIHON TARO"), Ok(()));
        assert_eq!(roman("O'MIHON-SMITH, JR."), Ok(()));
        assert_eq!(roman("Mihon TARO"), Err(NameError::NotRoman('i')));
        assert_eq!(roman("MIHON  TARO"), Err(NameError::NotRoman(' ')));
        assert_eq!(roman(""), Err(NameError::Length));
        assert_eq!(roman(&"A".repeat(40)), Err(NameError::Length));
    }
}
