//! The service's operations: each is one transaction that asks the law and stores what it says.

use super::home::Error;
use super::lease::{self, BlankState, GrantState, JobState};
use super::secrets::Secrets;
use super::setup::chance;
use super::store::{GrantRow, JobRow, NewGrant, Rows, Store, json};
use super::{Fault, Home, Refused, reports, restored};
use crate::authority::contract::{
    Acknowledged, Checkpoint, ChipKeys, ChipSerial, ChipSignature, Key, Lease, LeaseRequest,
    NumberStanding, NumberState, QueueEntry, Report, Select, SignRequest, StationState,
};
use crate::job::token::day_in_tokyo;
use crate::job::{Claims, Digest, Job, JobId, StationId, rules};
use crate::product::CardNumber;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// What the authority prepared from a job, to be compared and signed.
#[derive(Debug)]
pub struct Reproduced {
    /// The digest of everything prepared.
    pub digest: Digest,
    /// The bytes that the signature covers; none on a card without one (under 16).
    pub signed_message: Option<Zeroizing<Vec<u8>>>,
}

/// Prepares a job as a station does: job, photo, dots per inch. `None` when it cannot be prepared.
pub type Reproduce = dyn Fn(&Job, Option<&[u8]>, u16) -> Option<Reproduced> + Send + Sync;

/// A station's request: who, with which journal, when.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The station of the certificate.
    pub station: StationId,
    /// SHA-256 of the certificate.
    pub fingerprint: Digest,
    /// The journal's sequence number that came along.
    pub sequence: Option<u64>,
    /// The newest checkpoint of which the station's journal holds our acknowledgement.
    pub acknowledged: Option<u64>,
    /// By the authority's clock.
    pub now: Timestamp,
}

/// The running authority.
pub struct Authority {
    store: Mutex<Store>,
    secrets: Secrets,
    reproduce: Box<Reproduce>,
    lease_for: SignedDuration,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Authority({:?})", self.secrets)
    }
}

/// A grant is used within this time or expires, as long as no keys were released.
pub const LEASE: SignedDuration = SignedDuration::from_mins(30);
/// Stations' clocks may be so much behind.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

impl Authority {
    /// Opens the folder that `init` made.
    ///
    /// # Errors
    /// [`Error`] naming the file that is missing or damaged.
    pub fn open(
        home: &Home,
        lease_for: SignedDuration,
        reproduce: Box<Reproduce>,
    ) -> Result<Authority, Error> {
        let store = Mutex::new(Store::open(&home.database())?);
        Ok(Authority {
            store,
            secrets: Secrets::load(home)?,
            reproduce,
            lease_for,
        })
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        // A panic in a transaction rolled it back; the connection itself is sound.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one operation of a station that is enrolled and whose journal is not an older one.
    fn admit<T>(
        &self,
        caller: &Caller,
        operation: impl FnOnce(&Rows<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let sequence = caller.sequence.ok_or(Fault::Form("X-Journal-Sequence"))?;
        self.expose(caller)?;
        self.store().transaction(|rows| {
            let known = enrolled(rows, caller)?;
            if sequence < known.sequence {
                return Err(Refused::StaleJournal.into());
            }
            rows.set_sequence(&caller.station, sequence)?;
            operation(rows)
        })
    }

    /// A station that remembers more than is known here exposes an older copy of the authority.
    fn expose(&self, caller: &Caller) -> Result<(), Fault> {
        let Some(held) = caller.acknowledged else {
            return Ok(());
        };
        if caller.sequence.is_some_and(|sequence| held > sequence) {
            return Err(Fault::Form("X-Journal-Acknowledged"));
        }
        self.store().transaction(|rows| {
            if held <= enrolled(rows, caller)?.sequence {
                return Ok(());
            }
            rows.set_sequence(&caller.station, held)?;
            if rows.put_backs()?.now {
                // It is known already; what two persons released since stays released.
                return Ok(());
            }
            let by = [caller.station.as_str(), "authority"];
            restored::close(rows, by, "a station remembers more", caller.now)
        })
    }

    /// What is remembered of the caller; also an outdated journal may ask this.
    pub(super) fn station(&self, caller: &Caller) -> Result<StationState, Fault> {
        self.expose(caller)?;
        self.store().transaction(|rows| {
            let known = enrolled(rows, caller)?;
            Ok(StationState {
                station: caller.station.clone(),
                sequence: known.sequence,
                checkpoint: known.checkpoint,
            })
        })
    }

    /// The jobs that wait at the caller's office.
    pub(super) fn queue(&self, caller: &Caller) -> Result<Vec<QueueEntry>, Fault> {
        self.admit(caller, |rows| {
            sweep(rows, caller.now)?;
            let office = enrolled(rows, caller)?.office;
            Ok(rows.waiting(&office)?.iter().map(entry).collect())
        })
    }

    /// Gives a grant.
    pub(super) fn lease(&self, caller: &Caller, request: &LeaseRequest) -> Result<Lease, Fault> {
        let asked = json(request);
        self.admit(caller, |rows| {
            if let Some(given) = rows.grant_of(&caller.station, &request.key)? {
                let same = given.request == asked;
                return if same {
                    Ok(Lease { token: given.token })
                } else {
                    Err(Refused::KeyReused.into())
                };
            }
            sweep(rows, caller.now)?;
            if rows
                .open_grants()?
                .iter()
                .any(|grant| grant.law.station == caller.station)
            {
                return Err(Refused::StationBusy.into());
            }
            let office = enrolled(rows, caller)?.office;
            let job = choose(rows.waiting(&office)?, &request.select)?;
            self.grant(rows, caller, &job, &request.key, &asked)
        })
    }

    fn grant(
        &self,
        rows: &Rows<'_>,
        caller: &Caller,
        job: &JobRow,
        key: &Key,
        asked: &str,
    ) -> Result<Lease, Fault> {
        let delivery_date = day_in_tokyo(caller.now);
        let kanji = self.secrets.job_keys().kanji();
        let valid_through =
            rules::check(&job.approval, delivery_date, kanji).map_err(Fault::Rule)?;
        let number = fresh(rows)?;
        let claims = Claims {
            job: job.id.clone(),
            attempt: job.attempts + 1,
            epoch: job.epoch + 1,
            station: caller.station.clone(),
            number,
            delivery_date,
            valid_through,
            not_before: caller.now.checked_sub(SKEW).unwrap_or(caller.now),
            expires: lease::expiry(caller.now, self.lease_for),
            approval: job.approval.clone(),
            photo: job.photo,
        };
        let token = claims.sign(self.secrets.kid(), |message| self.secrets.sign_job(message))?;
        let product = Some(job.approval.product);
        rows.set_number(&number, NumberStanding::Reserved, product, caller.now)?;
        rows.set_job(&job.id, JobState::Leased, claims.attempt, claims.epoch)?;
        rows.put_grant(&NewGrant {
            job: &job.id,
            attempt: claims.attempt,
            station: &caller.station,
            number: &number,
            token: &token,
            key,
            request: asked,
            expires: claims.expires,
        })?;
        Ok(Lease { token })
    }

    /// The photo that belongs to a grant.
    pub(super) fn photo(
        &self,
        caller: &Caller,
        job: &JobId,
        attempt: u32,
    ) -> Result<Vec<u8>, Fault> {
        self.admit(caller, |rows| {
            let grant = held(rows, caller, job, attempt)?;
            lease::usable(&grant.law, &caller.station, caller.now)?;
            Ok(rows.photo(job)?.ok_or(Refused::Unknown)?)
        })
    }

    /// Signs the chip's data, if the authority prepares the same.
    pub(super) fn sign(
        &self,
        caller: &Caller,
        job: &JobId,
        attempt: u32,
        request: &SignRequest,
    ) -> Result<ChipSignature, Fault> {
        // Preparing takes tens of milliseconds: not inside a transaction.
        let (grant, photo) = self.admit(caller, |rows| {
            let grant = held(rows, caller, job, attempt)?;
            lease::usable(&grant.law, &caller.station, caller.now)?;
            Ok((grant, rows.photo(job)?.map(Zeroizing::new)))
        })?;
        let keys = self.secrets.job_keys();
        // `usable` minds the time: once keys are released, a card outlives its lease.
        let digest = Digest::of(grant.token.as_bytes());
        let verified = Job::reopen(&grant.token, keys, &caller.station, &digest.0)
            .map_err(|_| Refused::Ended)?;
        let photo = photo.as_ref().map(|photo| photo.as_slice());
        let prepared = (self.reproduce)(&verified, photo, request.dpi).ok_or(Fault::Unprepared)?;
        if prepared.digest != request.digest {
            return Err(Refused::DigestDiffers.into());
        }
        let message = prepared.signed_message;
        let chip = message.as_ref().map(|message| Digest::of(message));
        self.admit(caller, |rows| Ok(rows.set_chip(&grant, chip.as_ref())?))?;
        let Some(message) = message else {
            return Ok(ChipSignature {
                signature: None,
                certificate: None,
            });
        };
        let (signature, certificate) = self.secrets.sign_chip(&message)?;
        Ok(ChipSignature {
            signature: Some(signature),
            certificate: Some(certificate),
        })
    }

    /// Releases the keys of one blank: the fence.
    pub(super) fn keys(
        &self,
        caller: &Caller,
        job: &JobId,
        attempt: u32,
        serial: ChipSerial,
    ) -> Result<ChipKeys, Fault> {
        self.admit(caller, |rows| {
            let grant = held(rows, caller, job, attempt)?;
            let blank = rows.blank(&serial)?;
            if lease::release(&grant.law, &caller.station, serial, blank, caller.now)? {
                rows.set_blank(&serial, BlankState::Bound)?;
                rows.bind(job, attempt, &serial)?;
            }
            Ok(())
        })?;
        Ok(self.secrets.chip_keys(&serial))
    }

    /// Takes a report; the same one again changes nothing.
    pub(super) fn report(&self, caller: &Caller, report: &Report) -> Result<Acknowledged, Fault> {
        let body = json(report);
        self.admit(caller, |rows| {
            let job = rows.job(&report.job)?.ok_or(Refused::Unknown)?;
            let grant = rows.grant(&report.job, report.attempt)?;
            reports::of_caller(rows, caller, &job, grant.as_ref())?;
            if let Some((by, before, at)) = rows.report(&report.id)? {
                let same = by == caller.station && before == body;
                return if same {
                    Ok(Acknowledged {
                        report: report.id,
                        at,
                    })
                } else {
                    Err(Refused::KeyReused.into())
                };
            }
            reports::take(rows, grant.as_ref(), &job, &report.event, caller.now)?;
            rows.put_report(&report.id, &caller.station, &body, caller.now)?;
            Ok(Acknowledged {
                report: report.id,
                at: caller.now,
            })
        })
    }

    /// What is known of a number.
    pub(super) fn number(
        &self,
        caller: &Caller,
        number: &CardNumber,
    ) -> Result<NumberState, Fault> {
        self.admit(caller, |rows| {
            Ok(rows.number(number)?.unwrap_or_else(|| unknown(number)))
        })
    }

    /// Keeps a checkpoint, never an older one and never another one at the same place.
    pub(super) fn checkpoint(&self, caller: &Caller, point: &Checkpoint) -> Result<(), Fault> {
        self.admit(caller, |rows| {
            let forks = |kept: &Checkpoint| {
                point.sequence < kept.sequence
                    || (point.sequence == kept.sequence && point.hash != kept.hash)
            };
            if enrolled(rows, caller)?
                .checkpoint
                .as_ref()
                .is_some_and(forks)
            {
                return Err(Refused::StaleJournal.into());
            }
            Ok(rows.set_checkpoint(&caller.station, point)?)
        })
    }
}

pub(super) fn enrolled(
    rows: &Rows<'_>,
    caller: &Caller,
) -> Result<super::store::StationRow, Fault> {
    let known = rows.station(&caller.station)?.ok_or(Fault::NotEnrolled)?;
    if known.fingerprint == caller.fingerprint {
        Ok(known)
    } else {
        Err(Fault::NotEnrolled)
    }
}

/// The grant of that attempt, if it is the caller's.
fn held(rows: &Rows<'_>, caller: &Caller, job: &JobId, attempt: u32) -> Result<GrantRow, Fault> {
    match rows.grant(job, attempt)? {
        Some(grant) if grant.law.station == caller.station => Ok(grant),
        // Given before this authority was put back: nobody holds it any more.
        None if rows.put_backs()?.ever => Err(Refused::Ended.into()),
        Some(_) | None => Err(Refused::Unknown.into()),
    }
}

/// Ends every grant whose time is over: its number is burned, its job waits again.
fn sweep(rows: &Rows<'_>, now: Timestamp) -> Result<(), Fault> {
    for grant in rows.open_grants()? {
        if lease::has_expired(&grant.law, now) {
            end(rows, &grant, GrantState::Expired, now)?;
        }
    }
    Ok(())
}

/// Ends a grant without a card: number burned, job waiting.
pub(super) fn end(
    rows: &Rows<'_>,
    grant: &GrantRow,
    to: GrantState,
    now: Timestamp,
) -> Result<(), Fault> {
    let job = rows.job(&grant.job)?.ok_or(Refused::Unknown)?;
    let epoch = job.epoch + u32::from(to == GrantState::WrittenOff);
    rows.set_grant(&grant.job, grant.attempt, to)?;
    rows.set_number(
        &grant.number,
        NumberStanding::Burned,
        Some(job.approval.product),
        now,
    )?;
    rows.set_job(
        &grant.job,
        lease::after_end(grant.law.state, job.state),
        job.attempts,
        epoch,
    )?;
    Ok(())
}

/// A number that nobody ever had.
fn fresh(rows: &Rows<'_>) -> Result<CardNumber, Fault> {
    loop {
        let drawn = CardNumber::from_chance(chance()?);
        if let Some(number) = drawn
            && rows.number(&number)?.is_none()
        {
            return Ok(number);
        }
    }
}

fn choose(waiting: Vec<JobRow>, select: &Select) -> Result<JobRow, Refused> {
    let absent = match select {
        Select::Next => Refused::NothingWaits,
        Select::Job(_) | Select::Reception(_) => Refused::NotWaiting,
    };
    let wanted = |job: &JobRow| match select {
        Select::Next => true,
        Select::Job(id) => job.id == *id,
        Select::Reception(number) => job.approval.reception == *number,
    };
    waiting.into_iter().find(wanted).ok_or(absent)
}

fn entry(job: &JobRow) -> QueueEntry {
    QueueEntry {
        job: job.id.clone(),
        office: job.approval.office.clone(),
        reception: job.approval.reception.clone(),
        product: job.approval.product,
        ground: job.approval.ground,
        old_card: job.approval.previous_card.rule(),
        photo: job.photo.is_some(),
        next_attempt: job.attempts + 1,
        waiting_since: job.since,
    }
}

fn unknown(number: &CardNumber) -> NumberState {
    NumberState {
        number: *number,
        state: NumberStanding::Unknown,
        product: None,
        chip: None,
        signed: None,
        since: None,
    }
}
