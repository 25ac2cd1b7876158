//! A station's side of the authority: HTTPS with its own roots and certificate and no others,
//! bounded in time and size. Knows requests and answers; decides nothing.

use super::contract::{
    ACKNOWLEDGED_HEADER, Acknowledged, Checkpoint, ChipKeys, ChipSerial, ChipSignature,
    EnrolmentFile, KeysRequest, Lease, LeaseRequest, NumberState, PROBLEM_TYPE, ProblemReport,
    QueueEntry, Report, SEQUENCE_HEADER, SignRequest, StationState,
};
use crate::job::keys::KeysError;
use crate::job::strict::{self, ContentError};
use crate::job::{Digest, JobId, JobKeys};
use crate::product::CardNumber;
use reqwest::{Method, Request, Response, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use zeroize::Zeroizing;

/// Why the authority gave no answer that can be used, split by who must act.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody answers in time: the network, or the authority is down. Trying again may help.
    #[error("the authority cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// One side's certificate is not accepted by the other. Trying again does not help.
    #[error("the certificates of station and authority do not fit")]
    Certificate(#[source] reqwest::Error),
    /// The authority says no, and what to do.
    #[error("the authority refuses: {} ({})", .0.title, .0.code)]
    Refused(Box<ProblemReport>),
    /// What came is no answer of this contract.
    #[error("the authority's answer cannot be understood (HTTP status {status})")]
    Garbled {
        /// The HTTP status.
        status: u16,
        /// What is wrong with the body, if that is known.
        #[source]
        source: Option<ContentError>,
    },
}

/// Why the folder of the enrolment cannot be used: enrol the station again.
#[derive(Debug, thiserror::Error)]
pub enum EnrolmentError {
    /// A file cannot be read.
    #[error("{path}")]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// `station.json` is not of its form.
    #[error("station.json is not of its form")]
    Station(#[source] ContentError),
    /// `job-keys.json` is not of its form.
    #[error("job-keys.json is not of its form")]
    Keys(#[source] KeysError),
    /// Certificate, key or address cannot be used.
    #[error("certificate, key or address cannot be used")]
    Tls(#[source] reqwest::Error),
    /// The address is no HTTPS address.
    #[error("the authority's address is no https:// address")]
    Address,
}

/// How long to wait for an answer.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the connection.
    pub connect: Duration,
    /// For an ordinary answer.
    pub answer: Duration,
    /// For chip keys, while a blank waits at the encoder.
    pub keys: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            connect: Duration::from_secs(2),
            answer: Duration::from_secs(10),
            keys: Duration::from_secs(2),
        }
    }
}

/// What an enrolment's folder holds.
#[derive(Debug)]
pub struct Enrolment {
    /// Who this station is, and where the authority.
    pub about: EnrolmentFile,
    /// What jobs are verified with.
    pub job_keys: JobKeys,
    /// The CAs (DER) whose signatures on chips are trusted, in the order of their file names.
    pub chip_cas: Vec<Vec<u8>>,
    identity: Zeroizing<Vec<u8>>,
    roots: Vec<u8>,
}

impl Enrolment {
    /// Reads the folder that `authority enrol-station` made.
    ///
    /// # Errors
    /// [`EnrolmentError`] naming the file.
    pub fn load(folder: &Path) -> Result<Enrolment, EnrolmentError> {
        let mut identity = Zeroizing::new(read(&folder.join("client.pem"))?);
        identity.extend_from_slice(&Zeroizing::new(read(&folder.join("client.key"))?));
        let about = read(&folder.join("station.json"))?;
        let keys = read(&folder.join("job-keys.json"))?;
        Ok(Enrolment {
            about: strict::read(&about, 4096).map_err(EnrolmentError::Station)?,
            job_keys: JobKeys::parse(&keys).map_err(EnrolmentError::Keys)?,
            chip_cas: chip_cas(folder)?,
            identity,
            roots: read(&folder.join("ca.pem"))?,
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, EnrolmentError> {
    std::fs::read(path).map_err(|source| EnrolmentError::File {
        path: path.to_owned(),
        source,
    })
}

/// Every `chip-ca-*.der`; the numbers grow when the authority changes its CA.
fn chip_cas(folder: &Path) -> Result<Vec<Vec<u8>>, EnrolmentError> {
    let error = |source| EnrolmentError::File {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(error)? {
        let path = entry.map_err(error)?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with("chip-ca-") && name.ends_with(".der") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// The authority, as a station reaches it. One request at a time, so that no request overtakes
/// one with an older journal sequence.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    patience: Patience,
    sequence: AtomicU64,
    acknowledged: AtomicU64,
    turn: tokio::sync::Mutex<()>,
}

/// No answer in JSON is longer.
const ANSWER_MAX: usize = 1024 * 1024;
/// No photo is longer.
const PHOTO_MAX: usize = 4 * 1024 * 1024;

impl Client {
    /// A client with that enrolment's certificate and roots, and no others.
    ///
    /// # Errors
    /// [`EnrolmentError`] when certificate, key or address cannot be used.
    pub fn new(enrolment: &Enrolment, patience: Patience) -> Result<Client, EnrolmentError> {
        // The second call of a process finds the provider installed already: the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let base = enrolment
            .about
            .authority_url
            .trim_end_matches('/')
            .to_owned();
        if !base.starts_with("https://") {
            return Err(EnrolmentError::Address);
        }
        let roots = reqwest::Certificate::from_pem_bundle(&enrolment.roots);
        let identity = reqwest::Identity::from_pem(&enrolment.identity);
        let http = reqwest::Client::builder()
            .tls_certs_only(roots.map_err(EnrolmentError::Tls)?)
            .identity(identity.map_err(EnrolmentError::Tls)?)
            .tls_version_min(reqwest::tls::Version::TLS_1_3)
            .https_only(true)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(patience.connect)
            .timeout(patience.answer)
            .build()
            .map_err(EnrolmentError::Tls)?;
        Ok(Client {
            http,
            base,
            patience,
            sequence: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            turn: tokio::sync::Mutex::new(()),
        })
    }

    /// Notes how far the journal is: every later request says so.
    pub fn set_sequence(&self, sequence: u64) {
        self.sequence.fetch_max(sequence, Ordering::SeqCst);
    }

    /// Notes the newest checkpoint that the authority acknowledged: every later request says so,
    /// and an authority that does not know it learns that it was put back.
    pub fn set_acknowledged(&self, sequence: u64) {
        self.acknowledged.fetch_max(sequence, Ordering::SeqCst);
    }

    /// What the authority remembers of this station; also an outdated journal may ask.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn station(&self) -> Result<StationState, Error> {
        self.get("/v1/station").await
    }

    /// The last checkpoint that the authority keeps.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn latest_checkpoint(&self) -> Result<Option<Checkpoint>, Error> {
        self.station().await.map(|state| state.checkpoint)
    }

    /// The jobs that wait at this station's office.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn queue(&self) -> Result<Vec<QueueEntry>, Error> {
        self.get("/v1/queue").await
    }

    /// Leases a job; the same key again gives the same grant. The token still has to be verified.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn lease(&self, request: &LeaseRequest) -> Result<Lease, Error> {
        self.send(
            Method::POST,
            "/v1/lease",
            Some(request),
            self.patience.answer,
        )
        .await
    }

    /// The photo of a leased job; the caller compares its digest with the grant's.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn photo(&self, job: &JobId, attempt: u32) -> Result<Zeroizing<Vec<u8>>, Error> {
        let path = format!("/v1/jobs/{job}/attempts/{attempt}/photo");
        let request = self.request(Method::GET, &path, None::<&()>, self.patience.answer)?;
        let (_, body) = self.answered(request, PHOTO_MAX).await?;
        Ok(body)
    }

    /// The signature over the chip's data, given when the authority prepares the same.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn sign(
        &self,
        job: &JobId,
        attempt: u32,
        digest: Digest,
        dpi: u16,
    ) -> Result<ChipSignature, Error> {
        let path = format!("/v1/jobs/{job}/attempts/{attempt}/sign");
        let request = SignRequest { digest, dpi };
        self.send(Method::POST, &path, Some(&request), self.patience.answer)
            .await
    }

    /// The keys of the blank at the encoder: from then on the attempt is fenced to it.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn keys(
        &self,
        job: &JobId,
        attempt: u32,
        serial: ChipSerial,
    ) -> Result<ChipKeys, Error> {
        let path = format!("/v1/jobs/{job}/attempts/{attempt}/keys");
        self.send(
            Method::POST,
            &path,
            Some(&KeysRequest { serial }),
            self.patience.keys,
        )
        .await
    }

    /// Reports what became of an attempt; to be repeated until it is acknowledged.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn report(&self, report: &Report) -> Result<Acknowledged, Error> {
        self.send(
            Method::POST,
            "/v1/reports",
            Some(report),
            self.patience.answer,
        )
        .await
    }

    /// What the authority knows of a card number.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn number(&self, number: &CardNumber) -> Result<NumberState, Error> {
        self.get(&format!("/v1/numbers/{number}")).await
    }

    /// Leaves the journal's head with the authority.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn checkpoint(&self, point: &Checkpoint) -> Result<(), Error> {
        let answer = self.patience.answer;
        let request = self.request(Method::PUT, "/v1/checkpoint", Some(point), answer)?;
        self.answered(request, ANSWER_MAX).await?;
        self.set_acknowledged(point.sequence);
        Ok(())
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.send(Method::GET, path, None::<&()>, self.patience.answer)
            .await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
        patience: Duration,
    ) -> Result<T, Error> {
        let request = self.request(method, path, body, patience)?;
        let (status, body) = self.answered(request, ANSWER_MAX).await?;
        strict::read(&body, ANSWER_MAX).map_err(|source| Error::Garbled {
            status,
            source: Some(source),
        })
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
        patience: Duration,
    ) -> Result<Request, Error> {
        let request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .timeout(patience);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        request.build().map_err(sorted)
    }

    /// Sends one request and reads its answer; refusals are sorted out.
    async fn answered(
        &self,
        mut request: Request,
        limit: usize,
    ) -> Result<(u16, Zeroizing<Vec<u8>>), Error> {
        let _turn = self.turn.lock().await;
        let sequence = self.sequence.load(Ordering::SeqCst);
        request
            .headers_mut()
            .insert(SEQUENCE_HEADER, header::HeaderValue::from(sequence));
        let acknowledged = self.acknowledged.load(Ordering::SeqCst);
        if acknowledged > 0 {
            request
                .headers_mut()
                .insert(ACKNOWLEDGED_HEADER, header::HeaderValue::from(acknowledged));
        }
        let response = self.http.execute(request).await.map_err(sorted)?;
        let status = response.status();
        let problem = response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes() == PROBLEM_TYPE.as_bytes());
        let body = bounded(response, limit).await?;
        match (status.is_success(), problem) {
            (true, _) => Ok((status.as_u16(), body)),
            (false, true) => Err(match strict::read(&body, ANSWER_MAX) {
                Ok(report) => Error::Refused(Box::new(report)),
                Err(source) => Error::Garbled {
                    status: status.as_u16(),
                    source: Some(source),
                },
            }),
            (false, false) => Err(Error::Garbled {
                status: status.as_u16(),
                source: None,
            }),
        }
    }
}

/// The body, if it is not longer than it may be.
async fn bounded(mut response: Response, limit: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
    let status = response.status().as_u16();
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(sorted)? {
        if body.len() + chunk.len() > limit {
            return Err(Error::Garbled {
                status,
                source: None,
            });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Tells a certificate that does not fit from a network that does not answer.
fn sorted(error: reqwest::Error) -> Error {
    // Addresses may hold job numbers; they are no part of an error.
    let error = error.without_url();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(at) = cause {
        if is_tls(at) {
            return Error::Certificate(error);
        }
        cause = at.source();
    }
    Error::Unreachable(error)
}

fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return matches!(
            tls,
            rustls::Error::InvalidCertificate(_)
                | rustls::Error::AlertReceived(_)
                | rustls::Error::NoCertificatesPresented
                | rustls::Error::PeerIncompatible(_)
        );
    }
    // An I/O error does not count what it wraps among its sources, and one wraps another here.
    let io = error.downcast_ref::<std::io::Error>();
    io.and_then(std::io::Error::get_ref)
        .is_some_and(|inner| is_tls(inner))
}
