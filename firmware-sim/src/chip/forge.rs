//! What forgers do to a chip that was issued: bytes changed behind the card's back, which no
//! command could do. For proving that the examination of a card notices. Holds no key.

use super::Card;
use super::files;
use super::tiff;
use crate::Error;

/// Header of a 7,000-byte front image and of a 3,000-byte face image.
const FRONT_HEADER: [u8; 4] = [0xD0, 0x82, 0x1B, 0x58];
const PHOTO_HEADER: [u8; 4] = [0xD1, 0x82, 0x0B, 0xB8];
/// Header of the check code, and of the certificate area behind it.
const CHECK_CODE_HEADER: [u8; 4] = [0xDA, 0x82, 0x01, 0x00];
const CERTIFICATE_HEADER: [u8; 4] = [0xDB, 0x82, 0x04, 0xB0];
const CHECK_CODE_BYTES: usize = 256;
const CERTIFICATE_BYTES: usize = 1200;

/// Gives the card another card's signed files under its own number.
///
/// # Errors
/// `Parameter` when either card was not personalised.
pub fn other_data(card: &mut Card, other: &Card) -> Result<(), Error> {
    for name in [files::FRONT, files::PHOTO, files::SIGNATURE] {
        let bytes = other.file_bytes(name)?.to_vec();
        card.file_bytes_mut(name)?.copy_from_slice(&bytes);
    }
    Ok(())
}

/// The 10,000 bytes that the card's signature covers, and its certificate (DER, unpadded).
///
/// # Errors
/// `Parameter` when the card carries no signature.
pub fn signed(card: &Card) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let value = |name, header: &[u8]| {
        let bytes = card.file_bytes(name)?;
        bytes
            .strip_prefix(header)
            .ok_or_else(|| unsuitable("the card is not signed"))
    };
    let front = value(files::FRONT, &FRONT_HEADER)?;
    let photo = value(files::PHOTO, &PHOTO_HEADER)?;
    let signature = value(files::SIGNATURE, &CHECK_CODE_HEADER)?;
    let certificate = signature[CHECK_CODE_BYTES..]
        .strip_prefix(&CERTIFICATE_HEADER)
        .ok_or_else(|| unsuitable("the card has no certificate"))?;
    let end = certificate
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(0, |at| at + 1);
    Ok(([front, photo].concat(), certificate[..end].to_vec()))
}

/// Replaces signature and certificate.
///
/// # Errors
/// `Parameter` when they do not fit the file, or the card was not personalised.
pub fn sign_anew(card: &mut Card, signature: &[u8], certificate: &[u8]) -> Result<(), Error> {
    if signature.len() != CHECK_CODE_BYTES || certificate.len() > CERTIFICATE_BYTES {
        return Err(unsuitable("signature or certificate does not fit the chip"));
    }
    let mut bytes = [
        &CHECK_CODE_HEADER,
        signature,
        &CERTIFICATE_HEADER,
        certificate,
    ]
    .concat();
    let file = card.file_bytes_mut(files::SIGNATURE)?;
    bytes.resize(file.len(), 0);
    file.copy_from_slice(&bytes);
    Ok(())
}

/// Inverts one block of pixels at the first glyph of the front image; the file stays a valid image.
///
/// # Errors
/// `Parameter` when the card holds no image that can be altered.
pub fn alter_image(card: &mut Card) -> Result<(), Error> {
    let file = card.file_bytes_mut(files::FRONT)?;
    let image = file
        .strip_prefix(&FRONT_HEADER)
        .and_then(tiff::with_a_block_inverted)
        .ok_or_else(|| unsuitable("the front image is none that can be altered"))?;
    file[FRONT_HEADER.len()..].copy_from_slice(&image);
    Ok(())
}

impl Card {
    /// A file's whole content, behind the back of the card operating system.
    fn file_bytes(&self, name: &str) -> Result<&[u8], Error> {
        let stored = self
            .vault
            .memory
            .files
            .get(name)
            .filter(|stored| stored.complete);
        stored
            .map(|stored| &stored.bytes[..])
            .ok_or_else(|| unsuitable("the card was not issued"))
    }

    fn file_bytes_mut(&mut self, name: &str) -> Result<&mut [u8], Error> {
        let stored = self
            .vault
            .memory
            .files
            .get_mut(name)
            .filter(|stored| stored.complete);
        stored
            .map(|stored| &mut stored.bytes[..])
            .ok_or_else(|| unsuitable("the card was not issued"))
    }
}

fn unsuitable(reason: &str) -> Error {
    Error::Parameter {
        name: "card",
        reason: reason.into(),
    }
}
