//! PINs as Argon2id hashes (RFC 9106). 19 MiB, two passes, one lane: the 64 MiB of the RFC's
//! second choice would be half of what the whole station may use.

use super::Error;
use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

/// The hash of a PIN with its salt.
#[derive(Clone)]
pub(super) struct PinHash {
    pub(super) salt: [u8; 16],
    pub(super) hash: [u8; 32],
}

impl PinHash {
    pub(super) fn make(pin: &str, salt: [u8; 16]) -> Result<PinHash, Error> {
        if !is_pin(pin) {
            return Err(Error::BadPin);
        }
        PinHash::stretch(pin, salt)
    }

    pub(super) fn matches(&self, pin: &str) -> Result<bool, Error> {
        let given = Zeroizing::new(PinHash::stretch(pin, self.salt)?.hash);
        // Every byte is looked at, so that the time tells nothing.
        let differs = given
            .iter()
            .zip(self.hash)
            .fold(0, |sum, (a, b)| sum | (a ^ b));
        Ok(differs == 0)
    }

    /// Spends the time of one hash.
    pub(super) fn waste(pin: &str) -> Result<(), Error> {
        PinHash::stretch(pin, [0; 16]).map(drop)
    }

    fn stretch(pin: &str, salt: [u8; 16]) -> Result<PinHash, Error> {
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT);
        let mut hash = [0; 32];
        argon
            .hash_password_into(pin.as_bytes(), &salt, &mut hash)
            .map_err(Error::Hash)?;
        Ok(PinHash { salt, hash })
    }
}

/// 6 to 12 digits, neither all alike nor counting up or down.
fn is_pin(pin: &str) -> bool {
    let digits = pin.as_bytes();
    let steady = |step: i16| {
        digits
            .windows(2)
            .all(|pair| i16::from(pair[1]) - i16::from(pair[0]) == step)
    };
    (6..=12).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit)
        && !steady(0)
        && !steady(1)
        && !steady(-1)
}
