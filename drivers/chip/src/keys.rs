//! Secure-channel key sets and their diversification per chip. Knows no card and no command.

use crate::crypto;
use std::fmt;
use zeroize::Zeroize;

/// Key version number of the transport keys with which a blank is delivered.
pub const TRANSPORT_VERSION: u8 = 0x30;
/// Key version number of the issuer keys that replace them at the lock.
pub const ISSUER_VERSION: u8 = 0x31;

/// Three AES-128 keys of one chip, wiped when dropped. `Debug` shows the version only.
#[derive(Clone, PartialEq, Eq)]
pub struct KeySet {
    /// Key version number on the chip.
    pub version: u8,
    /// Encryption and cryptograms.
    pub enc: [u8; 16],
    /// Command and response authentication.
    pub mac: [u8; 16],
    /// Encryption of keys and numbers within commands.
    pub dek: [u8; 16],
}

impl KeySet {
    /// The first three bytes of AES(key, 01 × 16) of each key, by which a chip names its keys.
    pub fn check_values(&self) -> [[u8; 3]; 3] {
        [&self.enc, &self.mac, &self.dek].map(|key| {
            let block = crypto::aes_block(key, [1; 16]);
            [block[0], block[1], block[2]]
        })
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeySet(version {:02X})", self.version)
    }
}

impl Drop for KeySet {
    fn drop(&mut self) {
        self.enc.zeroize();
        self.mac.zeroize();
        self.dek.zeroize();
    }
}

/// The key set of the chip with this serial: NIST SP 800-108 in counter mode over AES-CMAC, whose
/// input block is `i 00 00 00 k 00 serial(10)` with `k` = 1 ENC, 2 MAC, 3 DEK and no length field.
pub fn diversify(master: &[u8; 16], serial: &[u8; 10], version: u8) -> KeySet {
    let key = |usage: u8| crypto::aes_cmac(master, &[&[1, 0, 0, 0, usage, 0], serial]);
    KeySet {
        version,
        enc: key(1),
        mac: key(2),
        dek: key(3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    // Key diversification "kdf3" as a public personalisation tool computes it; the check values are
    // the ones that its own tests assert.
    const MASTER: [u8; 16] = hex!("404142434445464748494A4B4C4D4E4F");
    const SERIAL: [u8; 10] = hex!("00010203040506070809");

    #[test]
    fn diversified_keys_are_the_published_ones() {
        let keys = diversify(&MASTER, &SERIAL, TRANSPORT_VERSION);
        assert_eq!(keys.enc, hex!("808bc985a1069ad2a9ac94e0fe7b8843"));
        assert_eq!(keys.mac, hex!("65942e0bf4f3f32aefacba5671456275"));
        assert_eq!(keys.dek, hex!("6a74f6f6040cca10d8a3fdc7914fd7cc"));
        assert_eq!(
            keys.check_values(),
            [hex!("E79C05"), hex!("D1BD77"), hex!("3FDE8C")]
        );
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(
            format!("{:?}", diversify(&MASTER, &SERIAL, 0x30)),
            "KeySet(version 30)"
        );
    }
}
