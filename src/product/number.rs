//! The card number 「在留カード番号」. Form only: no check digit is documented, so none is invented.

use serde::{Deserialize, Serialize};

/// Two capital letters, eight digits, two capital letters. `Debug` shows the last four only.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CardNumber([u8; 12]);

/// The text is no card number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a card number is two capital letters, eight digits, two capital letters")]
pub struct NumberError;

/// Distinct card numbers there can be: 26⁴ × 10⁸.
const SPACE: u64 = 26 * 26 * 26 * 26 * 100_000_000;

impl CardNumber {
    /// Reads a number from its twelve characters.
    ///
    /// # Errors
    /// [`NumberError`] if the form is another one; lower case is not folded.
    pub fn parse(text: &str) -> Result<CardNumber, NumberError> {
        let bytes: [u8; 12] = text.as_bytes().try_into().map_err(|_| NumberError)?;
        let letters = bytes[..2]
            .iter()
            .chain(&bytes[10..])
            .all(u8::is_ascii_uppercase);
        let digits = bytes[2..10].iter().all(u8::is_ascii_digit);
        if letters && digits {
            Ok(CardNumber(bytes))
        } else {
            Err(NumberError)
        }
    }

    /// The number that chance points at; `None` when this draw would make some numbers likelier
    /// than others and chance must be asked again (about one draw in 10⁵).
    pub fn from_chance(chance: [u8; 8]) -> Option<CardNumber> {
        let drawn = u64::from_be_bytes(chance);
        if drawn >= u64::MAX - u64::MAX % SPACE {
            return None;
        }
        let mut rest = drawn % SPACE;
        let mut bytes = [0; 12];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let (base, zero) = if (2..10).contains(&at) {
                (10, b'0')
            } else {
                (26, b'A')
            };
            // The remainder is below 26, so nothing is cut.
            *byte = zero + (rest % base) as u8;
            rest /= base;
        }
        Some(CardNumber(bytes))
    }

    /// The twelve ASCII bytes, as the chip takes them.
    pub fn bytes(&self) -> &[u8; 12] {
        &self.0
    }

    /// The twelve characters.
    pub fn as_str(&self) -> &str {
        // Only ASCII letters and digits ever get in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether these are its last four as people read them off a card: two digits and two letters, so
    /// that O and 0, I and 1 are told apart by their place.
    pub fn ends_as_read(&self, typed: &str) -> bool {
        let typed = typed.trim().to_ascii_uppercase();
        let meant = typed
            .chars()
            .enumerate()
            .map(|(at, read)| match (at, read) {
                (0 | 1, 'O') => '0',
                (0 | 1, 'I') => '1',
                (2 | 3, '0') => 'O',
                (2 | 3, '1') => 'I',
                (_, read) => read,
            });
        meant.eq(self.last_four().chars())
    }

    /// The last four characters: all that a log may show.
    pub fn last_four(&self) -> &str {
        self.as_str().get(8..).unwrap_or_default()
    }
}

impl std::fmt::Display for CardNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CardNumber(…{})", self.last_four())
    }
}

impl std::str::FromStr for CardNumber {
    type Err = NumberError;
    fn from_str(text: &str) -> Result<CardNumber, NumberError> {
        CardNumber::parse(text)
    }
}

impl TryFrom<String> for CardNumber {
    type Error = NumberError;
    fn try_from(text: String) -> Result<CardNumber, NumberError> {
        CardNumber::parse(&text)
    }
}

impl From<CardNumber> for String {
    fn from(number: CardNumber) -> String {
        number.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_form_is_taken() {
        let number = CardNumber::parse("AB12345678CD").unwrap();
        assert_eq!(number.to_string(), "AB12345678CD");
        assert_eq!(number.last_four(), "78CD");
        assert_eq!(format!("{number:?}"), "CardNumber(…78CD)");
    }

    #[test]
    fn a_letter_that_looks_like_a_digit_is_read_by_its_place() {
        let number = CardNumber::parse("JQ05606201OI").expect("a number");
        for typed in ["01OI", "O1O1", "oi01", " 0101 "] {
            assert!(number.ends_as_read(typed), "{typed}");
        }
        for typed in ["", "01O", "01OIX", "02OI", "01OJ", "0156", "JQ05606201OI"] {
            assert!(!number.ends_as_read(typed), "{typed}");
        }
    }

    #[test]
    fn every_other_form_is_refused() {
        for wrong in [
            "",
            "AB1234567CD",
            "ab12345678cd",
            "AB12345678C1",
            "A112345678CD",
            "ＡB1234567CD",
        ] {
            assert_eq!(CardNumber::parse(wrong), Err(NumberError), "{wrong}");
        }
    }

    #[test]
    fn chance_gives_numbers_of_the_form_and_no_bias() {
        assert_eq!(
            CardNumber::from_chance([0; 8]).unwrap().as_str(),
            "AA00000000AA"
        );
        assert!(CardNumber::from_chance([0xFF; 8]).is_none());
        let number = CardNumber::from_chance([7; 8]).unwrap();
        assert_eq!(CardNumber::parse(number.as_str()), Ok(number));
    }
}
