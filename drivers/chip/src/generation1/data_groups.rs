//! What STORE DATA carries for a first-generation card: the number under the data encryption key,
//! and one data group a file (PERSONALISATION.md).

use super::contents::Files;
use crate::crypto;
use crate::number::Number;
use crate::platform::put_group;
use zeroize::Zeroizing;

const NUMBER_GROUP: u16 = 0x8001;

/// The card number, padded to 16 bytes, encrypted, as data group 8001.
pub(crate) fn secret(dek: &[u8; 16], number: &Number) -> Zeroizing<Vec<u8>> {
    let mut value = Zeroizing::new(crypto::pad(number.bytes().to_vec(), 16));
    crypto::aes_encrypt(dek, &[0; 16], &mut value);
    let mut out = Zeroizing::new(Vec::new());
    put_group(&mut out, NUMBER_GROUP, &value);
    out
}

/// All files, each as one data group.
pub(crate) fn of(files: &Files) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(13_000));
    for (file, bytes) in files.each() {
        put_group(&mut out, file.data_group(), bytes);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_sealed_in_one_block() {
        let number = Number::parse("AB12345678CD").unwrap();
        let mut group = secret(&[7; 16], &number).to_vec();
        assert_eq!(group[..3], [0x80, 0x01, 0x10]);
        crypto::aes_decrypt(&[7; 16], &[0; 16], &mut group[3..]);
        assert_eq!(group[3..], *b"AB12345678CD\x80\0\0\0");
    }
}
