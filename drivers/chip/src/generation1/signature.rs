//! The electronic signature 「電子署名」 of a first-generation card: RSA-2048 with SHA-256 over
//! front image and photograph, and the chain of its key to a trusted authority
//! (card specification §3.4.3). Knows no card; the clock and the trusted authorities are parameters.

use super::contents::{FRONT_BYTES, PHOTO_BYTES, SIGNATURE_BYTES};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::OID_PKCS1_SHA256WITHRSA;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

/// Why the data of a card are not to be trusted, or cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The certificate area holds no X.509 certificate followed by NUL, or misses required fields.
    #[error("the certificate on the card cannot be read")]
    CertificateUnreadable,
    /// No trusted authority has issued the certificate.
    #[error("no trusted authority has issued the certificate on the card")]
    UnknownIssuer,
    /// An authority of that name is trusted, but its key did not sign the certificate.
    #[error("the certificate on the card is not signed by the authority that it names")]
    ForgedCertificate,
    /// The day lies outside the validity of the certificate.
    #[error("the certificate on the card is not valid on this day")]
    OutsideValidity,
    /// The day lies outside the validity of the authority's certificate.
    #[error("the trusted authority's certificate is not valid on this day")]
    AuthorityOutsideValidity,
    /// The certificate is not meant for signing data.
    #[error("the certificate on the card is not meant for digital signatures")]
    WrongUsage,
    /// The signed data are not 7,000 + 3,000 bytes with a check code of 256 bytes.
    #[error("the signed data do not have the size of the card specification")]
    WrongSize,
    /// The signature does not fit the data.
    #[error("the signature does not fit the data on the card")]
    DataAltered,
    /// A trusted authority's certificate that the station was given is not usable: the configuration must change.
    #[error("a configured authority certificate cannot be used")]
    BadAuthority,
}

/// Verifies front image and photograph (values of D0 and D1 with their filling) against the check
/// code (DA) and the certificate area (DB, filled with NUL), on a day given as Unix time in seconds.
/// `trusted` are authority certificates in DER; several may bear one name.
///
/// # Errors
/// What does not hold; `BadAuthority` points at `trusted`, all others at the card.
pub fn verify(
    front: &[u8],
    photo: &[u8],
    check_code: &[u8],
    certificate: &[u8],
    trusted: &[&[u8]],
    on: i64,
) -> Result<(), SignatureError> {
    let sizes = (front.len(), photo.len(), check_code.len());
    if sizes != (FRONT_BYTES, PHOTO_BYTES, SIGNATURE_BYTES) {
        return Err(SignatureError::WrongSize);
    }
    let signer = signer(certificate)?;
    let on = ASN1Time::from_timestamp(on).map_err(|_| SignatureError::OutsideValidity)?;
    check_chain(&signer, trusted, on)?;
    check_signer(&signer, on)?;
    let key = signer.public_key().subject_public_key.as_ref();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
        .verify(&[front, photo].concat(), check_code)
        .map_err(|_| SignatureError::DataAltered)
}

/// The certificate at the start of its area; nothing but NUL may follow.
fn signer(area: &[u8]) -> Result<X509Certificate<'_>, SignatureError> {
    let (rest, certificate) =
        X509Certificate::from_der(area).map_err(|_| SignatureError::CertificateUnreadable)?;
    match rest.iter().all(|&byte| byte == 0) {
        true => Ok(certificate),
        false => Err(SignatureError::CertificateUnreadable),
    }
}

fn check_chain(
    signer: &X509Certificate<'_>,
    trusted: &[&[u8]],
    on: ASN1Time,
) -> Result<(), SignatureError> {
    let mut found = SignatureError::UnknownIssuer;
    for der in trusted {
        let (_, authority) =
            X509Certificate::from_der(der).map_err(|_| SignatureError::BadAuthority)?;
        if authority.subject().as_raw() != signer.issuer().as_raw() {
            continue;
        }
        check_authority(&authority)?;
        if signer.signature_algorithm.algorithm != OID_PKCS1_SHA256WITHRSA
            || signer
                .verify_signature(Some(authority.public_key()))
                .is_err()
        {
            // Another authority of this name may fit; one that fitted but had expired says more.
            if found == SignatureError::UnknownIssuer {
                found = SignatureError::ForgedCertificate;
            }
        } else if authority.validity().is_valid_at(on) {
            return Ok(());
        } else {
            found = SignatureError::AuthorityOutsideValidity;
        }
    }
    Err(found)
}

fn check_authority(authority: &X509Certificate<'_>) -> Result<(), SignatureError> {
    let usage = authority
        .key_usage()
        .map_err(|_| SignatureError::BadAuthority)?;
    let signs_certificates = usage.is_none_or(|usage| usage.value.key_cert_sign());
    match authority.is_ca() && signs_certificates {
        true => Ok(()),
        false => Err(SignatureError::BadAuthority),
    }
}

fn check_signer(signer: &X509Certificate<'_>, on: ASN1Time) -> Result<(), SignatureError> {
    if !signer.validity().is_valid_at(on) {
        return Err(SignatureError::OutsideValidity);
    }
    let usage = signer
        .key_usage()
        .map_err(|_| SignatureError::CertificateUnreadable)?;
    match usage.is_none_or(|usage| usage.value.digital_signature()) {
        true => Ok(()),
        false => Err(SignatureError::WrongUsage),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SignatureError as E;

    // Made with OpenSSL, see fixtures/README.md.
    const AUTHORITY: &[u8] = include_bytes!("../../fixtures/signature/authority.der");
    const NAMESAKE: &[u8] = include_bytes!("../../fixtures/signature/namesake.der");
    const STRANGER: &[u8] = include_bytes!("../../fixtures/signature/stranger.der");
    const SIGNER: &[u8] = include_bytes!("../../fixtures/signature/signer.der");
    const WRONG_USAGE: &[u8] = include_bytes!("../../fixtures/signature/wrong-usage.der");
    const CHECK_CODE: &[u8] = include_bytes!("../../fixtures/signature/check-code.bin");
    const IN_2030: i64 = 1_900_000_000;
    const IN_2039: i64 = 2_200_000_000;
    const IN_2047: i64 = 2_430_000_000;

    fn message() -> Vec<u8> {
        (0..10_000usize).map(|i| (i * 7 + i / 256) as u8).collect()
    }

    fn area(certificate: &[u8]) -> Vec<u8> {
        let mut area = certificate.to_vec();
        area.resize(1200, 0);
        area
    }

    fn judge(certificate: &[u8], trusted: &[&[u8]], on: i64) -> Result<(), E> {
        let message = message();
        let (front, photo) = message.split_at(FRONT_BYTES);
        verify(front, photo, CHECK_CODE, certificate, trusted, on)
    }

    #[test]
    fn a_signature_made_elsewhere_holds() {
        assert_eq!(judge(&area(SIGNER), &[AUTHORITY], IN_2030), Ok(()));
        assert_eq!(
            judge(&area(SIGNER), &[STRANGER, NAMESAKE, AUTHORITY], IN_2030),
            Ok(())
        );
    }

    #[test]
    fn the_chain_must_end_at_a_trusted_key() {
        assert_eq!(judge(&area(SIGNER), &[], IN_2030), Err(E::UnknownIssuer));
        assert_eq!(
            judge(&area(SIGNER), &[STRANGER], IN_2030),
            Err(E::UnknownIssuer)
        );
        assert_eq!(
            judge(&area(SIGNER), &[NAMESAKE], IN_2030),
            Err(E::ForgedCertificate)
        );
        assert_eq!(
            judge(&area(SIGNER), &[SIGNER, b"junk"], IN_2030),
            Err(E::BadAuthority)
        );
    }

    #[test]
    fn dates_and_usage_are_checked() {
        assert_eq!(
            judge(&area(SIGNER), &[AUTHORITY], 0),
            Err(E::AuthorityOutsideValidity)
        );
        assert_eq!(
            judge(&area(SIGNER), &[AUTHORITY], IN_2039),
            Err(E::OutsideValidity)
        );
        assert_eq!(
            judge(&area(SIGNER), &[AUTHORITY], IN_2047),
            Err(E::AuthorityOutsideValidity)
        );
        assert_eq!(
            judge(&area(WRONG_USAGE), &[AUTHORITY], IN_2030),
            Err(E::WrongUsage)
        );
    }

    #[test]
    fn one_altered_byte_is_found() {
        for at in [0, FRONT_BYTES - 1, FRONT_BYTES, 9_999] {
            let mut message = message();
            message[at] ^= 1;
            let (front, photo) = message.split_at(FRONT_BYTES);
            let seen = verify(
                front,
                photo,
                CHECK_CODE,
                &area(SIGNER),
                &[AUTHORITY],
                IN_2030,
            );
            assert_eq!(seen, Err(E::DataAltered));
        }
        assert_eq!(
            verify(
                &[0; 7000],
                &[0; 2999],
                CHECK_CODE,
                &area(SIGNER),
                &[AUTHORITY],
                IN_2030
            ),
            Err(E::WrongSize)
        );
    }

    #[test]
    fn only_nul_may_follow_the_certificate() {
        let mut trailing = area(SIGNER);
        trailing[1199] = 1;
        assert_eq!(
            judge(&trailing, &[AUTHORITY], IN_2030),
            Err(E::CertificateUnreadable)
        );
        assert_eq!(
            judge(&[0; 1200], &[AUTHORITY], IN_2030),
            Err(E::CertificateUnreadable)
        );
        assert_eq!(
            judge(&SIGNER[..400], &[AUTHORITY], IN_2030),
            Err(E::CertificateUnreadable)
        );
    }
}
