//! The authority's keys in memory: it signs jobs and chip data with them and derives the keys of
//! single chips. They leave this module in no other form.

use super::home::{Error, Home};
use crate::authority::contract::{ChipKeys, ChipSerial, KeySet};
use crate::job::keys::{JobKey, JobKeys};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use zeroize::Zeroizing;

/// File names within the authority's folder.
pub(super) mod file {
    pub(in super::super) const JOB_KEY: &str = "job.key";
    pub(in super::super) const CHIP_CA_KEY: &str = "chip-ca.key";
    pub(in super::super) const CHIP_CA: &str = "chip-ca.der";
    pub(in super::super) const SIGNER_KEY: &str = "chip-signer.key";
    pub(in super::super) const SIGNER: &str = "chip-signer.der";
    pub(in super::super) const TRANSPORT_MASTER: &str = "transport.master";
    pub(in super::super) const ISSUER_MASTER: &str = "issuer.master";
    pub(in super::super) const STATION_CA_KEY: &str = "station-ca.key";
    pub(in super::super) const STATION_CA: &str = "station-ca.der";
    pub(in super::super) const SERVER_KEY: &str = "server.key";
    pub(in super::super) const SERVER: &str = "server.der";
    pub(in super::super) const FURTHER_KANJI: &str = "further-kanji.txt";
}

/// What the running service signs and derives with.
pub struct Secrets {
    job: EcdsaKeyPair,
    job_public: JobKey,
    keys: JobKeys,
    signer: RsaKeyPair,
    signer_certificate: Vec<u8>,
    transport: Zeroizing<[u8; 16]>,
    issuer: Zeroizing<[u8; 16]>,
    random: SystemRandom,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets(job key {})", self.job_public.kid)
    }
}

impl Secrets {
    /// Loads the keys that `init` made.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Key`] naming the file.
    pub fn load(home: &Home) -> Result<Secrets, Error> {
        let random = SystemRandom::new();
        let job = job_key(&home.read(file::JOB_KEY)?, &random)?;
        let job_public = JobKey::of(job.public_key().as_ref());
        let further = home.read(file::FURTHER_KANJI)?;
        let further = std::str::from_utf8(&further).map_err(|_| Error::Key(file::FURTHER_KANJI))?;
        let keys = JobKeys::new(std::slice::from_ref(&job_public), further).map_err(Error::Keys)?;
        let signer = RsaKeyPair::from_pkcs8(&home.read(file::SIGNER_KEY)?)
            .map_err(|_| Error::Key(file::SIGNER_KEY))?;
        Ok(Secrets {
            job,
            job_public,
            keys,
            signer,
            signer_certificate: home.read(file::SIGNER)?.to_vec(),
            transport: master(home, file::TRANSPORT_MASTER)?,
            issuer: master(home, file::ISSUER_MASTER)?,
            random,
        })
    }

    /// The job key's name in a token's header.
    pub(super) fn kid(&self) -> &str {
        &self.job_public.kid
    }

    /// What stations verify jobs with.
    pub fn job_keys(&self) -> &JobKeys {
        &self.keys
    }

    /// Signs a grant: 96 bytes.
    pub(super) fn sign_job(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature = self
            .job
            .sign(&self.random, message)
            .map_err(|_| Error::Chance)?;
        Ok(signature.as_ref().to_vec())
    }

    /// Signs chip data, and gives the certificate beside the signature.
    pub(super) fn sign_chip(&self, message: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Error> {
        let mut signature = vec![0; self.signer.public().modulus_len()];
        self.signer
            .sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature)
            .map_err(|_| Error::Chance)?;
        Ok((signature, self.signer_certificate.clone()))
    }

    /// The keys of one chip.
    pub(super) fn chip_keys(&self, serial: &ChipSerial) -> ChipKeys {
        let of = |master: &[u8; 16], version| {
            let keys = chip::diversify(master, &serial.0, version);
            KeySet {
                version: keys.version,
                enc: keys.enc,
                mac: keys.mac,
                dek: keys.dek,
            }
        };
        ChipKeys {
            transport: of(&self.transport, chip::TRANSPORT_VERSION),
            issuer: of(&self.issuer, chip::ISSUER_VERSION),
        }
    }
}

/// Reads the ES384 key.
pub(super) fn job_key(pkcs8: &[u8], random: &SystemRandom) -> Result<EcdsaKeyPair, Error> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, pkcs8, random)
        .map_err(|_| Error::Key(file::JOB_KEY))
}

fn master(home: &Home, name: &'static str) -> Result<Zeroizing<[u8; 16]>, Error> {
    let bytes = home.read(name)?;
    <[u8; 16]>::try_from(bytes.as_slice())
        .map(Zeroizing::new)
        .map_err(|_| Error::Key(name))
}
