//! What two different persons decide at the authority: voiding a number, writing an attempt off;
//! putting the authority back; and where numbers and jobs stand.

use super::lease::{BlankState, GrantState, JobState};
use super::service::end;
use super::store::{Rows, Store};
use super::{Fault, Refused, restored};
use crate::authority::contract::NumberStanding;
use crate::job::{JobId, PersonId};
use crate::product::CardNumber;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The refusal for what does not exist here.
pub fn absent() -> Fault {
    Refused::Unknown.into()
}

/// Two different persons and why.
#[derive(Clone, Debug)]
pub struct TwoPersons {
    /// Who asked for it.
    pub first: PersonId,
    /// Who agreed.
    pub second: PersonId,
    /// Why.
    pub reason: String,
}

impl TwoPersons {
    fn note(&self, rows: &Rows<'_>, act: &str, now: Timestamp) -> Result<(), Fault> {
        if self.first == self.second || self.reason.trim().is_empty() {
            return Err(Fault::Form("two different persons and a reason"));
        }
        let by = [self.first.as_str(), self.second.as_str()];
        Ok(rows.put_act(act, by, &self.reason, now)?)
    }
}

/// Where a card number or a job stands; the totals and every report of a forged card when
/// neither is named. States only: the holder's data stay in the approval.
///
/// # Errors
/// What is named is neither, or is not known here.
pub fn standing(store: &mut Store, what: Option<&str>) -> Result<Value, Fault> {
    store.transaction(|rows| -> Result<Value, Fault> {
        let Some(what) = what else {
            let pairs = |counts: Vec<(String, u32)>| -> Value { counts.into_iter().collect() };
            let (jobs, blanks) = (rows.job_counts()?, rows.blank_counts()?);
            return Ok(json!({ "jobs": pairs(jobs), "blanks": pairs(blanks),
                "forged_old_cards": rows.forged()? }));
        };
        if let Ok(number) = CardNumber::parse(what) {
            let known = rows.number(&number)?.ok_or(absent())?;
            return Ok(json!({ "number": known }));
        }
        let id = JobId::parse(what).map_err(|_| Fault::Form("card number or job"))?;
        let job = rows.job(&id)?.ok_or(absent())?;
        let mut grants = Vec::new();
        for attempt in 1..=job.attempts {
            grants.extend(rows.grant(&id, attempt)?.map(|grant| {
                json!({ "attempt": attempt, "number": grant.number, "station": grant.law.station,
                    "state": grant.law.state, "blank": grant.law.blank })
            }));
        }
        let mut forged = rows.forged()?;
        forged.retain(|report| report.job == id.as_str());
        Ok(
            json!({ "job": id, "state": job.state, "ground": job.approval.ground,
            "epoch": job.epoch, "grants": grants, "forged_old_cards": forged }),
        )
    })
}

/// Notes that this authority was put back to an older copy: what it does not know any more is not
/// granted again by itself; two persons.
///
/// # Errors
/// [`Fault::Form`] without two persons and a reason.
pub fn put_back(store: &mut Store, by: &TwoPersons, now: Timestamp) -> Result<(), Fault> {
    store.transaction(|rows| {
        by.note(rows, restored::PUT_BACK, now)?;
        Ok(rows.set_aside()?)
    })
}

/// Ends what [`put_back`] began: approvals that come in wait for a card again; two persons.
///
/// # Errors
/// [`Fault::Form`] without two persons and a reason.
pub fn resume(store: &mut Store, by: &TwoPersons, now: Timestamp) -> Result<(), Fault> {
    store.transaction(|rows| by.note(rows, restored::RESUMED, now))
}

/// Gives a job free that was set aside: two persons looked in the stations' journals and found
/// that no card of it is outside.
///
/// # Errors
/// [`Refused::DoesNotFit`] when it was not set aside.
pub fn release(
    store: &mut Store,
    job: &JobId,
    by: &TwoPersons,
    now: Timestamp,
) -> Result<(), Fault> {
    store.transaction(|rows| {
        let known = rows.job(job)?.ok_or(Refused::Unknown)?;
        if known.state != JobState::SetAside {
            return Err(Refused::DoesNotFit.into());
        }
        by.note(rows, &format!("release {job}"), now)?;
        let held = rows.open_grants()?.iter().any(|grant| grant.job == *job);
        let state = if held {
            JobState::Leased
        } else {
            JobState::Waiting
        };
        Ok(rows.set_job(job, state, known.attempts, known.epoch)?)
    })
}

/// Voids a live number; two persons.
///
/// # Errors
/// [`Refused::DoesNotFit`] when the number is not live here.
pub fn void_number(
    store: &mut Store,
    number: &CardNumber,
    by: &TwoPersons,
    now: Timestamp,
) -> Result<(), Fault> {
    store.transaction(|rows| {
        let live = rows
            .number(number)?
            .is_some_and(|known| known.state == NumberStanding::Live);
        if !live {
            return Err(Refused::DoesNotFit.into());
        }
        by.note(rows, &format!("void {number}"), now)?;
        Ok(rows.set_number(number, NumberStanding::Void, None, now)?)
    })
}

/// Writes an attempt off, whose station fell silent: its number is burned, another attempt may
/// begin; two persons.
///
/// # Errors
/// [`Refused::Ended`] when the attempt does not hold any more.
pub fn write_off(
    store: &mut Store,
    job: &JobId,
    attempt: u32,
    by: &TwoPersons,
    now: Timestamp,
) -> Result<(), Fault> {
    store.transaction(|rows| {
        let grant = rows.grant(job, attempt)?.ok_or(Refused::Unknown)?;
        if !grant.law.state.holds() {
            return Err(Refused::Ended.into());
        }
        by.note(rows, &format!("write off {job} attempt {attempt}"), now)?;
        if let Some(serial) = grant.law.blank {
            rows.set_blank(&serial, BlankState::Spoiled)?;
        }
        end(rows, &grant, GrantState::WrittenOff, now)
    })
}
