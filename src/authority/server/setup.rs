//! `authority init`: makes every key and certificate once. RSA keys come from `openssl genpkey`,
//! because ring signs with them and cannot make them.

use super::home::{Error, Home};
use super::secrets::file;
use super::store::Store;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use std::path::Path;
use std::process::{Command, Stdio};
use zeroize::Zeroizing;

/// The documented test value; blanks of the simulated printer carry it.
const TEST_TRANSPORT_MASTER: [u8; 16] = [
    0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F,
];

/// Makes the authority's folder with all that it needs.
///
/// # Errors
/// [`Error::Exists`] when the folder holds anything; then nothing is touched.
pub fn init(path: &Path, test_transport_master: bool) -> Result<Home, Error> {
    let home = Home::create(path)?;
    let job = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &SystemRandom::new())
        .map_err(|_| Error::Chance)?;
    home.write(file::JOB_KEY, job.as_ref())?;
    let transport = if test_transport_master {
        TEST_TRANSPORT_MASTER
    } else {
        chance()?
    };
    home.write(file::TRANSPORT_MASTER, &*Zeroizing::new(transport))?;
    home.write(file::ISSUER_MASTER, &*Zeroizing::new(chance::<16>()?))?;
    home.write(
        file::FURTHER_KANJI,
        b"# Further permitted kanji (notice 582), one code point a line.\n",
    )?;
    chip_certificates(&home)?;
    station_certificates(&home)?;
    Store::create(&home.database())?;
    Ok(home)
}

/// So many bytes of the system's chance.
pub(super) fn chance<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::Chance)?;
    Ok(bytes)
}

fn chip_certificates(home: &Home) -> Result<(), Error> {
    let ca_key = rsa_key(home, file::CHIP_CA_KEY)?;
    let mut ca = params("Specimen Card CA", 15)?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = ca.self_signed(&ca_key)?;
    home.write(file::CHIP_CA, certificate.der())?;
    let signer_key = rsa_key(home, file::SIGNER_KEY)?;
    let mut signer = params("Specimen Card Signer 1", 12)?;
    signer.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let issuer = Issuer::new(ca, ca_key);
    home.write(file::SIGNER, signer.signed_by(&signer_key, &issuer)?.der())
}

fn station_certificates(home: &Home) -> Result<(), Error> {
    let ca_key = rsa_key(home, file::STATION_CA_KEY)?;
    let mut ca = params("Card Station CA", 15)?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    home.write(file::STATION_CA, ca.self_signed(&ca_key)?.der())?;
    let key = KeyPair::generate()?;
    let mut server = params("Card Authority", 5)?;
    server.subject_alt_names =
        CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])?
            .subject_alt_names;
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = server.signed_by(&key, &Issuer::new(ca, ca_key))?;
    home.write(file::SERVER, certificate.der())?;
    home.write(file::SERVER_KEY, &Zeroizing::new(key.serialize_der()))
}

/// A certificate of that name, valid from yesterday (clocks differ) for so many years.
pub(super) fn params(name: &str, years: i16) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
        .distinguished_name
        .push(DnType::OrganizationName, "Specimen Immigration Office");
    let today = crate::job::token::day_in_tokyo(jiff::Timestamp::now());
    let start = today.yesterday().unwrap_or(today);
    let month = u8::try_from(start.month()).unwrap_or(1);
    // No certificate starts or ends on a day that some year lacks.
    let day = u8::try_from(start.day()).unwrap_or(1).min(28);
    params.not_before = rcgen::date_time_ymd(start.year().into(), month, day);
    params.not_after = rcgen::date_time_ymd(i32::from(start.year() + years), month, day);
    Ok(params)
}

/// Makes an RSA-2048 key, keeps it in the folder and gives it for signing certificates.
fn rsa_key(home: &Home, name: &'static str) -> Result<KeyPair, Error> {
    // As PEM: with `-outform DER` OpenSSL 3.0 writes PKCS #1, which ring does not take.
    let made = Command::new("openssl")
        .args([
            "genpkey",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|error| Error::KeyMaker(Some(error)))?;
    let pem = Zeroizing::new(made.stdout);
    if !made.status.success() {
        return Err(Error::KeyMaker(None));
    }
    let key = PrivatePkcs8KeyDer::from_pem_slice(&pem).map_err(|_| Error::KeyMaker(None))?;
    home.write(name, key.secret_pkcs8_der())?;
    key_pair(key.secret_pkcs8_der())
}

fn key_pair(der: &[u8]) -> Result<KeyPair, Error> {
    Ok(KeyPair::from_pkcs8_der_and_sign_algo(
        &PrivatePkcs8KeyDer::from(der),
        &PKCS_RSA_SHA256,
    )?)
}

/// The CA that signs stations' certificates.
pub(super) fn station_issuer(home: &Home) -> Result<Issuer<'static, KeyPair>, Error> {
    let key = key_pair(&home.read(file::STATION_CA_KEY)?)?;
    let der = home.read(file::STATION_CA)?.to_vec();
    Ok(Issuer::from_ca_cert_der(&CertificateDer::from(der), key)?)
}
