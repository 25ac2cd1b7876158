//! The card's own ciphers: two-key TDES and the retail MAC of the public interface, AES and
//! CMAC of the issuer's channel. It must not know what is enciphered with them.

use aes::Aes128;
use cipher::{BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt};
use cipher::{KeyInit, KeyIvInit};
use cmac::{Cmac, Mac};
use des::{Des, TdesEde2};
use sha1::{Digest, Sha1};

/// A 128-bit key: two DES keys or one AES key.
pub(super) type Key = [u8; 16];

/// The first 16 bytes of SHA-1: how the public interface makes keys (card specification, app. 1).
pub(super) fn sha1_key(seed: &[u8]) -> Key {
    let digest = Sha1::digest(seed);
    std::array::from_fn(|i| digest[i])
}

/// Enciphers whole blocks with TDES-CBC; the card specification always starts at IV 0.
pub(super) fn tdes_encrypt(key: &Key, blocks: &[u8]) -> Vec<u8> {
    let mut mode = cbc::Encryptor::<TdesEde2>::new(&(*key).into(), &[0; 8].into());
    let mut out = blocks.to_vec();
    let (whole, _) = out.as_chunks_mut::<8>();
    whole
        .iter_mut()
        .for_each(|block| mode.encrypt_block(block.into()));
    out
}

/// Deciphers whole blocks with TDES-CBC from IV 0.
pub(super) fn tdes_decrypt(key: &Key, blocks: &[u8]) -> Vec<u8> {
    let mut mode = cbc::Decryptor::<TdesEde2>::new(&(*key).into(), &[0; 8].into());
    let mut out = blocks.to_vec();
    let (whole, _) = out.as_chunks_mut::<8>();
    whole
        .iter_mut()
        .for_each(|block| mode.decrypt_block(block.into()));
    out
}

/// ISO 9797-1 algorithm 3 over DES with padding method 2: the MAC of MUTUAL AUTHENTICATE.
pub(super) fn retail_mac(key: &Key, message: &[u8]) -> [u8; 8] {
    let half = |at: usize| -> [u8; 8] { std::array::from_fn(|i| key[at + i]) };
    let (first, second) = (Des::new(&half(0).into()), Des::new(&half(8).into()));
    let padded = pad(message, 8);
    let mut state = [0; 8];
    for block in padded.as_chunks::<8>().0 {
        state.iter_mut().zip(block).for_each(|(s, b)| *s ^= b);
        first.encrypt_block((&mut state).into());
    }
    second.decrypt_block((&mut state).into());
    first.encrypt_block((&mut state).into());
    state
}

/// Appends 80h and zeros to a multiple of `block`: always at least one byte.
pub(super) fn pad(data: &[u8], block: usize) -> Vec<u8> {
    let mut out = data.to_vec();
    out.push(0x80);
    out.resize(out.len().next_multiple_of(block), 0);
    out
}

/// Takes the padding off again; `None` when there is none.
pub(super) fn unpad(data: &[u8]) -> Option<&[u8]> {
    let end = data.iter().rposition(|&byte| byte != 0)?;
    (data[end] == 0x80).then(|| &data[..end])
}

/// One AES-128 block.
pub(super) fn aes_block(key: &Key, block: Key) -> Key {
    let mut out = block;
    Aes128::new(&(*key).into()).encrypt_block((&mut out).into());
    out
}

/// Enciphers whole blocks with AES-128-CBC.
pub(super) fn aes_encrypt(key: &Key, iv: &Key, blocks: &[u8]) -> Vec<u8> {
    let mut mode = cbc::Encryptor::<Aes128>::new(&(*key).into(), &(*iv).into());
    let mut out = blocks.to_vec();
    let (whole, _) = out.as_chunks_mut::<16>();
    whole
        .iter_mut()
        .for_each(|block| mode.encrypt_block(block.into()));
    out
}

/// Deciphers whole blocks with AES-128-CBC.
pub(super) fn aes_decrypt(key: &Key, iv: &Key, blocks: &[u8]) -> Vec<u8> {
    let mut mode = cbc::Decryptor::<Aes128>::new(&(*key).into(), &(*iv).into());
    let mut out = blocks.to_vec();
    let (whole, _) = out.as_chunks_mut::<16>();
    whole
        .iter_mut()
        .for_each(|block| mode.decrypt_block(block.into()));
    out
}

/// AES-CMAC over the parts as if they were joined.
pub(super) fn cmac(key: &Key, parts: &[&[u8]]) -> Key {
    let mut mac = <Cmac<Aes128> as KeyInit>::new(&(*key).into());
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// The key check value of GlobalPlatform for AES keys.
pub(super) fn check_value(key: &Key) -> [u8; 3] {
    let block = aes_block(key, [1; 16]);
    [block[0], block[1], block[2]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    // Card specification 1.5, appendix 2, steps 3 to 5.
    const KENC: Key = hex!("6522B4E171195BB218223A976C040111");
    const E_IFD: [u8; 32] =
        hex!("937745C20883A1BAD1E04193722A1592378F81A8F1DC589157AEB0F7544FA1BA");

    #[test]
    fn the_number_s_key_is_that_of_the_card_specification() {
        assert_eq!(sha1_key(b"AA12345678BB"), KENC);
    }

    #[test]
    fn tdes_and_retail_mac_give_the_card_specification_s_bytes() {
        let plain = hex!("1122334455667788 5A6E7E385162B7A3 404142434445464748494A4B4C4D4E4F");
        assert_eq!(tdes_encrypt(&KENC, &plain), E_IFD);
        assert_eq!(tdes_decrypt(&KENC, &E_IFD), plain);
        assert_eq!(retail_mac(&KENC, &E_IFD), hex!("1AD7FB6A3389E017"));
    }

    #[test]
    fn cmac_is_that_of_rfc_4493() {
        let key = hex!("2b7e151628aed2a6abf7158809cf4f3c");
        assert_eq!(cmac(&key, &[]), hex!("bb1d6929e95937287fa37d129b756746"));
        let message = hex!("6bc1bee22e409f96e93d7e117393172a");
        assert_eq!(
            cmac(&key, &[&message[..3], &message[3..]]),
            hex!("070a16b46b4d4144f79bdd9dd04a287c")
        );
    }

    #[test]
    fn check_values_are_those_of_the_published_key_set() {
        let key: Key = std::array::from_fn(|i| i as u8);
        assert_eq!(check_value(&key), hex!("C35280"));
    }

    #[test]
    fn padding_is_at_least_one_byte_and_must_be_there() {
        assert_eq!(pad(&[1; 8], 8).len(), 16);
        assert_eq!(unpad(&pad(b"abc", 16)), Some(&b"abc"[..]));
        assert_eq!(unpad(&[0; 8]), None);
        assert_eq!(unpad(&[0x80, 1, 0]), None);
    }
}
