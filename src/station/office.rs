//! The authority as the runner speaks to it: one call, one answer, each failure a fault.
//! Knows the contract; moves nothing and writes nothing.

use super::agenda::Waiting;
use super::chips::say;
use super::request::{Select, Stop};
use super::seams::{Grants, Tells, Trusts};
use crate::authority::client::{Client, Enrolment, Error, Patience};
use crate::authority::contract::{
    Checkpoint, ChipKeys, ChipSerial, Key, LeaseRequest, NumberState, QueueEntry, Report,
    Select as Wanted,
};
use crate::config::Config;
use crate::fault::Code;
use crate::job::{Digest, Job, JobId, ReceptionNumber, Refusal};
use crate::prepare;
use crate::product::CardNumber;
use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};
use zeroize::Zeroizing;

/// Why something was not to be had.
#[derive(Debug)]
pub struct Refused {
    /// The fault.
    pub code: Code,
    /// Whether it was answered: only then is it certain that nothing was done.
    pub reached: bool,
    /// What the fault's words leave out: field and remedy; no holder's data.
    pub detail: Option<String>,
}

/// The authority's signature over a chip's data.
pub struct Seal {
    /// The signature, as the chip stores it.
    pub signature: [u8; 256],
    /// The certificate of its signer, DER.
    pub certificate: Vec<u8>,
}

impl Refused {
    /// Refused by the station itself.
    pub(super) fn here(code: Code) -> Refused {
        Refused {
            code,
            reached: true,
            detail: None,
        }
    }

    /// Refused for this error, in its own words.
    pub(super) fn by(error: &dyn std::error::Error, code: Code) -> Refused {
        let code = say(error, code);
        Refused {
            code,
            reached: true,
            detail: Some(error.to_string()),
        }
    }

    /// Refused while preparing, with the field and what to do.
    pub(super) fn by_preparing(error: &prepare::Error) -> Refused {
        let code = say(error, error.code());
        let (ja, en) = error.remedy();
        let field = error
            .field()
            .map(|field| format!("{field}: "))
            .unwrap_or_default();
        let detail = format!("{field}{error}\n{ja}\n{en}");
        Refused {
            code,
            reached: true,
            detail: Some(detail),
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        match &error {
            Error::Refused(problem) => {
                say(&error, Code::AuthorityRefused);
                let code = match problem.code.as_str() {
                    "G-NOTHING-WAITS" | "G-NOT-WAITING" | "G-UNKNOWN" => Code::NoJob,
                    "G-STALE-JOURNAL" => Code::NewerAuthority,
                    "G-ENDED" | "G-EXPIRED" => Code::LeaseEnded,
                    "G-UNKNOWN-BLANK" | "G-OTHER-BLANK" => Code::NotOfStock,
                    "G-DIGEST-DIFFERS" => Code::SignatureRefused,
                    _ => Code::AuthorityRefused,
                };
                let field = if problem.field.is_empty() { "" } else { ": " };
                let detail = format!(
                    "{} {}{field}{}\n{}\n{}",
                    problem.code,
                    problem.field,
                    problem.title,
                    problem.remedy_ja,
                    problem.remedy_en
                );
                Refused {
                    code,
                    reached: true,
                    detail: Some(detail),
                }
            }
            Error::Certificate(_) => Refused {
                code: say(&error, Code::AuthorityUntrusted),
                reached: false,
                detail: Some(error.to_string()),
            },
            Error::Unreachable(_) | Error::Garbled { .. } => Refused {
                code: say(&error, Code::Offline),
                reached: false,
                detail: Some(error.to_string()),
            },
        }
    }
}

impl From<QueueEntry> for Waiting {
    fn from(entry: QueueEntry) -> Waiting {
        Waiting {
            job: entry.job.to_string(),
            reception: entry.reception.to_string(),
            ground: entry.ground,
            old_card: entry.old_card,
            since: entry.waiting_since,
            attempt: entry.next_attempt,
        }
    }
}

/// The authority, and what the enrolment with it gave.
pub struct Office {
    runtime: Runtime,
    client: Client,
    enrolment: Enrolment,
}

impl Office {
    /// Reads the enrolment. Reaches nobody yet.
    pub(super) fn open(config: &Config) -> Result<Office, Stop> {
        let failed = |error: &(dyn std::error::Error + 'static)| {
            super::stopped(error, Code::AuthorityUntrusted)
        };
        let enrolment =
            Enrolment::load(&config.authority.enrolment_folder).map_err(|error| failed(&error))?;
        if enrolment.about.station.as_str() != config.station.id {
            return Err(Stop::plain(Code::AuthorityUntrusted).detailed("station.id"));
        }
        let patience = Patience {
            keys: config.deadline("keys"),
            ..Patience::default()
        };
        let client = Client::new(&enrolment, patience).map_err(|error| failed(&error))?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| failed(&error))?;
        Ok(Office {
            runtime,
            client,
            enrolment,
        })
    }

    fn call<'a, T, F>(
        &'a self,
        sequence: u64,
        ask: impl FnOnce(&'a Client) -> F,
    ) -> Result<T, Refused>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.client.set_sequence(sequence);
        self.runtime
            .block_on(ask(&self.client))
            .map_err(Refused::from)
    }
}

impl Office {
    /// The jobs that wait at this station's office.
    pub(super) fn queue(&self, sequence: u64) -> Result<Vec<Waiting>, Refused> {
        let entries = self.call(sequence, |client| client.queue())?;
        Ok(entries.into_iter().map(Waiting::from).collect())
    }
}

impl Grants for Office {
    fn lease(
        &self,
        key: Key,
        select: &Select,
        sequence: u64,
    ) -> Result<Zeroizing<String>, Refused> {
        let unknown = |_| Refused::here(Code::NoJob);
        let select = match select {
            Select::Next => Wanted::Next,
            Select::Job(job) => Wanted::Job(JobId::parse(job).map_err(unknown)?),
            Select::Reception(number) => {
                Wanted::Reception(ReceptionNumber::parse(number).map_err(unknown)?)
            }
        };
        let request = LeaseRequest { key, select };
        let lease = self.call(
            sequence,
            |client| async move { client.lease(&request).await },
        )?;
        Ok(Zeroizing::new(lease.token.clone()))
    }

    fn photo(&self, job: &Job, sequence: u64) -> Result<Zeroizing<Vec<u8>>, Refused> {
        self.call(sequence, |client| client.photo(&job.id, job.attempt))
    }

    fn sign(
        &self,
        job: &Job,
        digest: [u8; 32],
        dpi: u32,
        sequence: u64,
    ) -> Result<Option<Seal>, Refused> {
        let dpi = u16::try_from(dpi).map_err(|_| Refused::here(Code::LayoutRefused))?;
        let answer = self.call(sequence, |client| {
            client.sign(&job.id, job.attempt, Digest(digest), dpi)
        })?;
        match (answer.signature, answer.certificate) {
            (None, None) => Ok(None),
            (Some(signature), Some(certificate)) => match signature.try_into() {
                Ok(signature) => Ok(Some(Seal {
                    signature,
                    certificate,
                })),
                Err(_) => Err(Refused::here(Code::SignatureRefused)),
            },
            (None, Some(_)) | (Some(_), None) => Err(Refused::here(Code::SignatureRefused)),
        }
    }

    fn keys(&self, job: &Job, blank: ChipSerial, sequence: u64) -> Result<ChipKeys, Refused> {
        self.call(sequence, |client| client.keys(&job.id, job.attempt, blank))
    }
}

impl Tells for Office {
    fn report(&self, report: &Report, sequence: u64) -> Result<(), Refused> {
        self.call(sequence, |client| client.report(report))
            .map(drop)
    }

    fn number(&self, number: &CardNumber, sequence: u64) -> Result<NumberState, Refused> {
        self.call(sequence, |client| client.number(number))
    }

    /// Also a request that left no checkpoint told how far the journal was.
    fn latest_checkpoint(&self, sequence: u64) -> Result<Option<Checkpoint>, Refused> {
        let state = self.call(sequence, |client| client.station())?;
        if state.sequence > sequence {
            return Err(Refused {
                code: Code::NewerAuthority,
                reached: true,
                detail: None,
            });
        }
        Ok(state.checkpoint)
    }

    fn checkpoint(&self, point: &Checkpoint) -> Result<(), Refused> {
        self.call(point.sequence, |client| client.checkpoint(point))
    }
}

impl Trusts for Office {
    fn verify(&self, token: &str, now: Timestamp) -> Result<Job, Refusal> {
        let Enrolment {
            job_keys, about, ..
        } = &self.enrolment;
        Job::verify(token, job_keys, &about.station, now)
    }

    fn reopen(&self, token: &str, journalled: &[u8; 32]) -> Result<Job, Refusal> {
        let Enrolment {
            job_keys, about, ..
        } = &self.enrolment;
        Job::reopen(token, job_keys, &about.station, journalled)
    }

    fn remember(&self, acknowledged: u64) {
        self.client.set_acknowledged(acknowledged);
    }

    fn trusted(&self) -> &[Vec<u8>] {
        &self.enrolment.chip_cas
    }
}
