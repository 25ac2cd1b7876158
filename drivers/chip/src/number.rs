//! The card number 「在留カード番号」: two letters, eight digits, two letters. No check digit is documented.

use std::fmt;
use zeroize::Zeroize;

/// A card number as the chip holds it: twelve ASCII bytes. `Debug` shows the last four only.
#[derive(Clone, PartialEq, Eq)]
pub struct Number([u8; 12]);

impl Number {
    /// Reads `AA99999999AA`.
    ///
    /// # Errors
    /// `None` for any other form.
    pub fn parse(text: &str) -> Option<Number> {
        let bytes: [u8; 12] = text.as_bytes().try_into().ok()?;
        let letters = bytes[..2]
            .iter()
            .chain(&bytes[10..])
            .all(u8::is_ascii_uppercase);
        let digits = bytes[2..10].iter().all(u8::is_ascii_digit);
        (letters && digits).then_some(Number(bytes))
    }

    /// The twelve ASCII bytes that open the chip.
    pub fn bytes(&self) -> &[u8; 12] {
        &self.0
    }
}

impl TryFrom<[u8; 12]> for Number {
    type Error = NotANumber;

    fn try_from(bytes: [u8; 12]) -> Result<Number, NotANumber> {
        std::str::from_utf8(&bytes)
            .ok()
            .and_then(Number::parse)
            .ok_or(NotANumber)
    }
}

/// The text is not two capital letters, eight digits and two capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a card number: two capital letters, eight digits, two capital letters")]
pub struct NotANumber;

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last: String = self.0[8..].iter().map(|&byte| char::from(byte)).collect();
        write!(f, "Number(…{last})")
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_documented_form_is_a_number() {
        assert_eq!(
            Number::parse("AB12345678CD").unwrap().bytes(),
            b"AB12345678CD"
        );
        for wrong in [
            "AB1234567CD",
            "ab12345678CD",
            "AB12345678C1",
            "A112345678CD",
            "",
            "AB1234567８",
        ] {
            assert!(Number::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn debug_shows_the_last_four_only() {
        assert_eq!(
            format!("{:?}", Number::parse("AB12345678CD").unwrap()),
            "Number(…78CD)"
        );
    }
}
