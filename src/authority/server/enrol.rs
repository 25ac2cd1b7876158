//! `authority enrol-station`: the folder that a station gets, and the authority's note of it.

use super::home::{Error, Home};
use super::secrets::{Secrets, file, job_key};
use super::setup::{params, station_issuer};
use super::store::Store;
use crate::authority::contract::EnrolmentFile;
use crate::job::keys::{JobKey, JobKeysFile};
use crate::job::{Digest, OfficeId, StationId};
use base64::Engine as _;
use jiff::Timestamp;
use rcgen::{ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use ring::rand::SystemRandom;
use ring::signature::KeyPair as _;
use std::path::Path;
use zeroize::Zeroizing;

/// Whom to enrol.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// The station.
    pub station: StationId,
    /// Its office: it is given that office's jobs only.
    pub office: OfficeId,
    /// Where it finds the authority.
    pub url: String,
}

/// Makes the station's folder: `station.json`, `client.pem`, `client.key`, `ca.pem`,
/// `job-keys.json`, `chip-ca-1.der`. Enrolling again replaces the certificate that is accepted.
///
/// # Errors
/// [`Error::Exists`] when the folder holds anything.
pub fn enrol(home: &Home, enrolment: &Enrolment, folder: &Path) -> Result<(), Error> {
    Secrets::load(home)?;
    let issuer = station_issuer(home)?;
    let out = Home::create(folder)?;
    let key = KeyPair::generate()?;
    let mut client = params(enrolment.station.as_str(), 5)?;
    client.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let certificate = client.signed_by(&key, &issuer)?;
    out.write("client.pem", certificate.pem().as_bytes())?;
    out.write("client.key", Zeroizing::new(key.serialize_pem()).as_bytes())?;
    out.write("ca.pem", pem(&home.read(file::STATION_CA)?).as_bytes())?;
    out.write("chip-ca-1.der", &home.read(file::CHIP_CA)?)?;
    out.write("job-keys.json", &json(&job_keys(home)?))?;
    let about = EnrolmentFile {
        station: enrolment.station.clone(),
        office: enrolment.office.clone(),
        authority_url: enrolment.url.clone(),
    };
    out.write("station.json", &json(&about))?;
    let mut store = Store::open(&home.database())?;
    let fingerprint = Digest::of(certificate.der());
    store.transaction(|rows| {
        rows.put_station(
            &enrolment.station,
            &enrolment.office,
            &fingerprint,
            Timestamp::now(),
        )
    })
}

fn job_keys(home: &Home) -> Result<JobKeysFile, Error> {
    let pair = job_key(&home.read(file::JOB_KEY)?, &SystemRandom::new())?;
    let further = home.read(file::FURTHER_KANJI)?;
    Ok(JobKeysFile {
        keys: vec![JobKey::of(pair.public_key().as_ref())],
        further_kanji: String::from_utf8_lossy(&further).into_owned(),
    })
}

fn json<T: serde::Serialize>(value: &T) -> Vec<u8> {
    // Plain structs of texts: serialising them cannot fail.
    serde_json::to_vec_pretty(value).unwrap_or_default()
}

fn pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}
