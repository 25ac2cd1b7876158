//! Jobs whose card may be outside though the authority does not know it: a finished card was
//! written off, or the authority was put back to an older copy of itself and forgot what it granted
//! since. Nothing of that is granted again by itself.

use super::lease::{BlankState, GrantState, JobState, after_withdrawal};
use super::reports::void;
use super::store::{GrantRow, JobRow, Rows};
use super::{Fault, Refused};
use crate::authority::contract::{NumberStanding, OldCardEnd, ReportEvent};
use jiff::Timestamp;

/// The act under which it is noted, by persons or because a station remembered more.
pub(super) const PUT_BACK: &str = "put back";
/// The act that ends it: approvals that are imported wait for a card again.
pub(super) const RESUMED: &str = "resumed";

/// Sets every job aside that could be granted from here on.
pub(super) fn close(
    rows: &Rows<'_>,
    by: [&str; 2],
    why: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    rows.put_act(PUT_BACK, by, why, now)?;
    Ok(rows.set_aside()?)
}

/// Takes a report about an attempt that is not known here any more, or only as it was before.
/// What ended is taken as evidence; what is outside is outside; nothing becomes a card by it.
///
/// # Errors
/// [`Refused::Ended`] where a card would become live by it.
pub(super) fn take(
    rows: &Rows<'_>,
    grant: Option<&GrantRow>,
    job: &JobRow,
    event: &ReportEvent,
    now: Timestamp,
) -> Result<(), Fault> {
    let stands = |state| rows.set_job(&job.id, state, job.attempts, job.epoch);
    match event {
        ReportEvent::Produced { .. } => return Err(Refused::Ended.into()),
        ReportEvent::Delivered { old_card } => {
            stands(JobState::Delivered)?;
            if let Some(grant) = grant {
                delivered(rows, grant, job, now)?;
            }
            if *old_card == OldCardEnd::Waived {
                void(rows, job.approval.previous_card, now)?;
            }
        }
        ReportEvent::OldCardPunched => void(rows, job.approval.previous_card, now)?,
        ReportEvent::OldCardForged { .. } => stands(JobState::Refused)?,
        ReportEvent::Closed { .. } if job.state == JobState::Delivered => {
            stands(JobState::Closed)?;
        }
        ReportEvent::Closed { .. }
        | ReportEvent::Returned { .. }
        | ReportEvent::Spoiled { .. }
        | ReportEvent::Withdrawn { .. } => {}
    }
    Ok(())
}

/// A station's word about an attempt that was ended without it. Where its finished card was written
/// off, the job waits again as soon as the station says that this card will never be outside.
pub(super) fn freed(
    rows: &Rows<'_>,
    grant: &GrantRow,
    job: &JobRow,
    event: &ReportEvent,
) -> Result<(), Fault> {
    let latest = grant.law.current && grant.law.state == GrantState::WrittenOff;
    let known = latest && job.state == JobState::SetAside && !rows.put_backs()?.ever;
    let state = match event {
        ReportEvent::Withdrawn { why } => after_withdrawal(*why, JobState::Waiting),
        ReportEvent::Spoiled { .. } => JobState::Waiting,
        ReportEvent::OldCardForged { .. } => JobState::Refused,
        ReportEvent::Produced { .. }
        | ReportEvent::Delivered { .. }
        | ReportEvent::Returned { .. }
        | ReportEvent::OldCardPunched
        | ReportEvent::Closed { .. } => return Ok(()),
    };
    if known {
        rows.set_job(&job.id, state, job.attempts, job.epoch)?;
    }
    Ok(())
}

/// The grant is known, from before its card was finished.
fn delivered(rows: &Rows<'_>, grant: &GrantRow, job: &JobRow, now: Timestamp) -> Result<(), Fault> {
    rows.set_grant(&grant.job, grant.attempt, GrantState::Delivered)?;
    let product = Some(job.approval.product);
    rows.set_number(&grant.number, NumberStanding::Live, product, now)?;
    if let Some(serial) = grant.law.blank {
        rows.set_blank(&serial, BlankState::Used)?;
    }
    Ok(())
}
