//! Block-cipher pieces that both generations of protocol are built from. Knows no card and no key's meaning.

use aes::Aes128;
use cbc::{Decryptor, Encryptor};
use cipher::array::{Array, ArraySize};
use cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit,
};
use cmac::{Cmac, Mac};
use des::{Des, TdesEde2};
use sha1::{Digest, Sha1};

/// Appends `80 00…` up to the next multiple of `block` bytes; at least one byte is added.
pub(crate) fn pad(mut data: Vec<u8>, block: usize) -> Vec<u8> {
    data.push(0x80);
    data.resize(data.len().next_multiple_of(block), 0);
    data
}

/// Length of the data before `80 00…`, or `None` where that padding is missing.
pub(crate) fn unpadded_len(data: &[u8]) -> Option<usize> {
    let mark = data.iter().rposition(|&byte| byte != 0)?;
    (data[mark] == 0x80).then_some(mark)
}

/// Two-key triple-DES in CBC mode with a zero vector, in place; `data` is a multiple of 8 bytes.
pub(crate) fn tdes_encrypt(key: &[u8; 16], data: &mut [u8]) {
    let mode = Encryptor::<TdesEde2>::new(key.into(), &[0; 8].into());
    over_blocks(data, mode, |mode, blocks| mode.encrypt_blocks(blocks));
}

/// Inverse of [`tdes_encrypt`].
pub(crate) fn tdes_decrypt(key: &[u8; 16], data: &mut [u8]) {
    let mode = Decryptor::<TdesEde2>::new(key.into(), &[0; 8].into());
    over_blocks(data, mode, |mode, blocks| mode.decrypt_blocks(blocks));
}

/// ISO/IEC 9797-1 algorithm 3 with DES and padding method 2.
pub(crate) fn retail_mac(key: &[u8; 16], data: &[u8]) -> [u8; 8] {
    let (first, second) = (half(key, 0), half(key, 8));
    let mut padded = pad(data.to_vec(), 8);
    let chain = Encryptor::<Des>::new(&first.into(), &[0; 8].into());
    over_blocks(&mut padded, chain, |mode, blocks| {
        mode.encrypt_blocks(blocks)
    });
    let mut mac = Array::from(last_eight(&padded));
    Des::new(&second.into()).decrypt_block(&mut mac);
    Des::new(&first.into()).encrypt_block(&mut mac);
    mac.into()
}

/// AES-128 in CBC mode, in place; `data` is a multiple of 16 bytes.
pub(crate) fn aes_encrypt(key: &[u8; 16], vector: &[u8; 16], data: &mut [u8]) {
    let mode = Encryptor::<Aes128>::new(key.into(), vector.into());
    over_blocks(data, mode, |mode, blocks| mode.encrypt_blocks(blocks));
}

/// Inverse of [`aes_encrypt`].
pub(crate) fn aes_decrypt(key: &[u8; 16], vector: &[u8; 16], data: &mut [u8]) {
    let mode = Decryptor::<Aes128>::new(key.into(), vector.into());
    over_blocks(data, mode, |mode, blocks| mode.decrypt_blocks(blocks));
}

/// One block of AES-128.
pub(crate) fn aes_block(key: &[u8; 16], block: [u8; 16]) -> [u8; 16] {
    let mut block = Array::from(block);
    Aes128::new(key.into()).encrypt_block(&mut block);
    block.into()
}

/// AES-CMAC (RFC 4493) over the parts as if they were joined.
pub(crate) fn aes_cmac(key: &[u8; 16], parts: &[&[u8]]) -> [u8; 16] {
    let mut mac = <Cmac<Aes128> as KeyInit>::new(key.into());
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// The first 16 bytes of the SHA-1 of the parts as if they were joined.
pub(crate) fn sha1_key(parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Sha1::new();
    parts.iter().for_each(|part| hash.update(part));
    let digest: [u8; 20] = hash.finalize().into();
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

/// Equality whose time does not depend on where the two differ.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

fn over_blocks<M, N: ArraySize>(
    data: &mut [u8],
    mut mode: M,
    run: impl FnOnce(&mut M, &mut [Array<u8, N>]),
) {
    let (blocks, rest) = Array::slice_as_chunks_mut(data);
    assert!(rest.is_empty(), "callers pad to whole blocks");
    run(&mut mode, blocks);
}

fn half(key: &[u8; 16], at: usize) -> [u8; 8] {
    std::array::from_fn(|i| key[at + i])
}

fn last_eight(data: &[u8]) -> [u8; 8] {
    std::array::from_fn(|i| data[data.len() - 8 + i])
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    #[test]
    fn cmac_agrees_with_rfc_4493_example_2() {
        let key = hex!("2b7e151628aed2a6abf7158809cf4f3c");
        let message = hex!("6bc1bee22e409f96e93d7e117393172a");
        assert_eq!(
            aes_cmac(&key, &[&message]),
            hex!("070a16b46b4d4144f79bdd9dd04a287c")
        );
    }

    #[test]
    fn retail_mac_agrees_with_the_card_specification() {
        // Card specification 1.5, appendix 2, step 5 (Kmac, E_IFD, M_IFD).
        let key = hex!("6522B4E171195BB218223A976C040111");
        let e_ifd = hex!("937745C20883A1BAD1E04193722A1592378F81A8F1DC589157AEB0F7544FA1BA");
        assert_eq!(retail_mac(&key, &e_ifd), hex!("1AD7FB6A3389E017"));
    }

    #[test]
    fn padding_always_adds_and_comes_off_exactly() {
        assert_eq!(
            pad(vec![1; 8], 8),
            [[1; 8], [0x80, 0, 0, 0, 0, 0, 0, 0]].concat()
        );
        assert_eq!(unpadded_len(&[1, 0x80, 0, 0]), Some(1));
        assert_eq!(unpadded_len(&[1, 2, 0, 0]), None);
        assert_eq!(unpadded_len(&[0, 0]), None);
    }
}
