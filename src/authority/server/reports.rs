//! What a station's report changes: the law decides, this stores what follows from it.

use super::lease::{self, GrantState, JobState};
use super::service::{Caller, enrolled};
use super::store::{GrantRow, JobRow, Rows};
use super::{Fault, Refused, restored};
use crate::authority::contract::{NumberStanding, ReportEvent};
use crate::job::OldCard;
use jiff::Timestamp;

/// Whether the attempt is the caller's to tell of. One that is not known is, where this authority
/// was put back: it may have given it.
///
/// # Errors
/// [`Refused::Unknown`] when it is not.
pub(super) fn of_caller(
    rows: &Rows<'_>,
    caller: &Caller,
    job: &JobRow,
    grant: Option<&GrantRow>,
) -> Result<(), Fault> {
    let own = match grant {
        Some(grant) => grant.law.station == caller.station,
        None => rows.put_backs()?.ever && job.approval.office == enrolled(rows, caller)?.office,
    };
    if own {
        Ok(())
    } else {
        Err(Refused::Unknown.into())
    }
}

/// What a report changes.
pub(super) fn take(
    rows: &Rows<'_>,
    grant: Option<&GrantRow>,
    job: &JobRow,
    event: &ReportEvent,
    now: Timestamp,
) -> Result<(), Fault> {
    let Some(grant) = grant else {
        return restored::take(rows, None, job, event, now);
    };
    let ended = !grant.law.current || grant.law.state == GrantState::WrittenOff;
    // What a station says of an attempt that two persons ended changes nothing; but it is taken,
    // or the station could never end it, too. Only a card that would live is refused.
    let evidence = match event {
        ReportEvent::Closed { .. }
        | ReportEvent::Returned { .. }
        | ReportEvent::Spoiled { .. }
        | ReportEvent::Withdrawn { .. }
        | ReportEvent::OldCardForged { .. } => true,
        ReportEvent::Produced { .. }
        | ReportEvent::Delivered { .. }
        | ReportEvent::OldCardPunched => false,
    };
    if ended && evidence {
        return restored::freed(rows, grant, job, event);
    }
    let old = job.approval.previous_card;
    let outcome = match lease::follow(&grant.law, job.state, old, event) {
        Err(Refused::DoesNotFit) if job.state == JobState::SetAside => {
            return restored::take(rows, Some(grant), job, event, now);
        }
        outcome => outcome?,
    };
    if let ReportEvent::Produced { chip, .. } = event
        && (grant.signed.is_none() || grant.chip != *chip)
    {
        return Err(Refused::DigestDiffers.into());
    }
    rows.set_grant(&grant.job, grant.attempt, outcome.grant)?;
    rows.set_job(&grant.job, outcome.job, job.attempts, job.epoch)?;
    if let Some(standing) = outcome.number {
        rows.set_number(&grant.number, standing, Some(job.approval.product), now)?;
    }
    if let (Some(serial), Some(state)) = (grant.law.blank, outcome.blank) {
        rows.set_blank(&serial, state)?;
    }
    if outcome.void_old {
        void(rows, old, now)?;
    }
    Ok(())
}

/// Voids an old card's number, also one that was given elsewhere.
pub(super) fn void(rows: &Rows<'_>, old: OldCard, now: Timestamp) -> rusqlite::Result<()> {
    match old.number() {
        Some(number) => rows.set_number(&number, NumberStanding::Void, None, now),
        None => Ok(()),
    }
}
