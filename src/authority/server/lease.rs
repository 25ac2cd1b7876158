//! The law of grants: when a lease expires, for which blank keys are released, which report fits
//! which state and what follows. Pure; the storage does as it says.

use super::Refused;
use crate::authority::contract::{ChipSerial, NumberStanding, OldCardEnd, ReportEvent, Withdrawal};
use crate::job::{OldCard, StationId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Approved; the next lease may have it.
    Waiting,
    /// A station holds its grant.
    Leased,
    /// The holder has the card.
    Delivered,
    /// Its record is closed.
    Closed,
    /// Its data are wrong or its old card was forged: a new approval is needed.
    Refused,
    /// Its card may be outside: a finished one was written off, or the authority was put back to
    /// an older copy. Two persons, or its station's own word, say whether it may become a card.
    SetAside,
}

/// Where a grant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// The station may make the card.
    Open,
    /// The card is made and not yet handed over.
    Produced,
    /// Handed over.
    Delivered,
    /// Ended: no blank was written.
    Returned,
    /// Ended: the blank is lost.
    Spoiled,
    /// Ended: a good card was not handed over.
    Withdrawn,
    /// Ended by time, before any keys were released.
    Expired,
    /// Ended by two persons.
    WrittenOff,
}

impl GrantState {
    /// Whether the station is still bound by it.
    pub fn holds(self) -> bool {
        matches!(self, GrantState::Open | GrantState::Produced)
    }
}

/// Where a blank stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlankState {
    /// Delivered and unused.
    Stock,
    /// Keys were released for it.
    Bound,
    /// It became a card.
    Used,
    /// It is lost.
    Spoiled,
}

/// A grant, as far as the law looks at it.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Who holds it.
    pub station: StationId,
    /// Where it stands.
    pub state: GrantState,
    /// Until when, as long as no keys were released.
    pub expires: Timestamp,
    /// The one blank whose keys were released.
    pub blank: Option<ChipSerial>,
    /// Whether it is the job's latest attempt.
    pub current: bool,
}

/// Until when a grant given now holds: so long, and never past the day of delivery in Tokyo.
pub fn expiry(now: Timestamp, lease: SignedDuration) -> Timestamp {
    let tokyo = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
    let midnight = tokyo
        .to_datetime(now)
        .date()
        .tomorrow()
        .ok()
        .and_then(|day| {
            tokyo
                .to_timestamp(day.to_datetime(jiff::civil::Time::midnight()))
                .ok()
        });
    let end = now.checked_add(lease).unwrap_or(now);
    midnight.map_or(end, |midnight| end.min(midnight))
}

/// Whether the grant ended by time: only as long as no keys were released.
pub fn has_expired(grant: &Grant, now: Timestamp) -> bool {
    grant.state == GrantState::Open && grant.blank.is_none() && now >= grant.expires
}

/// Whether the station may go on with this grant at all.
///
/// # Errors
/// [`Refused::Unknown`], [`Refused::Ended`] or [`Refused::Expired`].
pub fn usable(grant: &Grant, station: &StationId, now: Timestamp) -> Result<(), Refused> {
    if grant.station != *station {
        return Err(Refused::Unknown);
    }
    if !grant.current || !grant.state.holds() {
        return Err(Refused::Ended);
    }
    if has_expired(grant, now) {
        Err(Refused::Expired)
    } else {
        Ok(())
    }
}

/// The fence: whether keys for this blank are released. `true` when it is bound by this very
/// request, `false` when it was before.
///
/// # Errors
/// [`Refused`]: another blank was bound, or this one is not of the stock.
pub fn release(
    grant: &Grant,
    station: &StationId,
    serial: ChipSerial,
    blank: Option<BlankState>,
    now: Timestamp,
) -> Result<bool, Refused> {
    usable(grant, station, now)?;
    match (grant.blank, blank) {
        (Some(bound), _) if bound == serial => Ok(false),
        (Some(_), _) => Err(Refused::OtherBlank),
        (None, Some(BlankState::Stock)) if grant.state == GrantState::Open => Ok(true),
        (None, Some(BlankState::Stock)) => Err(Refused::Ended),
        (None, Some(BlankState::Bound | BlankState::Used | BlankState::Spoiled) | None) => {
            Err(Refused::UnknownBlank)
        }
    }
}

/// What follows from a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The grant's next state.
    pub grant: GrantState,
    /// The job's next state.
    pub job: JobState,
    /// Where the new card's number stands then; `None` leaves it.
    pub number: Option<NumberStanding>,
    /// Where the bound blank stands then; `None` leaves it.
    pub blank: Option<BlankState>,
    /// Whether the old card's number is void now.
    pub void_old: bool,
}

impl Outcome {
    fn unchanged(grant: GrantState, job: JobState) -> Outcome {
        Outcome {
            grant,
            job,
            number: None,
            blank: None,
            void_old: false,
        }
    }

    /// No card came of it: the number is burned, the job waits again.
    fn ended(grant: GrantState, blank: BlankState, job: JobState) -> Outcome {
        Outcome {
            number: Some(NumberStanding::Burned),
            blank: Some(blank),
            ..Outcome::unchanged(grant, waiting(job))
        }
    }
}

/// What follows from a report about this grant.
///
/// # Errors
/// [`Refused::DoesNotFit`] when it does not fit the state, the blank or the old card.
pub fn follow(
    grant: &Grant,
    job: JobState,
    old: OldCard,
    event: &ReportEvent,
) -> Result<Outcome, Refused> {
    use {GrantState as G, ReportEvent as E};
    let same = Outcome::unchanged(grant.state, job);
    // An untouched blank whose keys were never asked for is not ours to name.
    let ours = |serial: &Option<ChipSerial>| {
        grant.blank.is_none() || serial.is_none() || *serial == grant.blank
    };
    match (event, grant.state) {
        (E::Produced { serial, .. }, G::Open)
            if grant.blank == Some(*serial) && expects_a_card(job) =>
        {
            Ok(Outcome {
                grant: G::Produced,
                number: Some(NumberStanding::Produced),
                blank: Some(BlankState::Used),
                ..same
            })
        }
        (E::Delivered { old_card }, G::Produced) if settles(old, *old_card) => Ok(Outcome {
            grant: G::Delivered,
            job: JobState::Delivered,
            number: Some(NumberStanding::Live),
            void_old: *old_card == OldCardEnd::Waived,
            ..same
        }),
        (E::Returned { serial, .. }, G::Open) if ours(serial) => {
            Ok(Outcome::ended(G::Returned, BlankState::Stock, job))
        }
        (E::Spoiled { serial, .. }, G::Open | G::Produced) if ours(serial) => {
            Ok(Outcome::ended(G::Spoiled, BlankState::Spoiled, job))
        }
        (E::Withdrawn { why }, G::Produced) => Ok(Outcome {
            job: after_withdrawal(*why, job),
            ..Outcome::ended(G::Withdrawn, BlankState::Spoiled, job)
        }),
        (E::OldCardPunched, G::Delivered) if old.number().is_some() => Ok(Outcome {
            void_old: true,
            ..same
        }),
        // Nobody waives a forged card by asking once more.
        (E::OldCardForged { .. }, G::Open | G::Produced | G::Withdrawn) => Ok(Outcome {
            job: JobState::Refused,
            ..same
        }),
        // The lease ended by time before the station could say so.
        (E::Returned { .. }, G::Expired) => Ok(same),
        (E::Closed { .. }, G::Delivered) => Ok(Outcome {
            job: JobState::Closed,
            ..same
        }),
        (E::Closed { .. }, G::Returned | G::Spoiled | G::Withdrawn | G::Expired) => Ok(same),
        (
            E::Produced { .. }
            | E::Delivered { .. }
            | E::Returned { .. }
            | E::Spoiled { .. }
            | E::Withdrawn { .. }
            | E::OldCardPunched
            | E::OldCardForged { .. }
            | E::Closed { .. },
            _,
        ) => Err(Refused::DoesNotFit),
    }
}

/// The job waits again, unless it has its card, needs a new approval or two persons' word.
pub(super) fn waiting(job: JobState) -> JobState {
    match job {
        JobState::Waiting | JobState::Leased => JobState::Waiting,
        JobState::Delivered | JobState::Closed | JobState::Refused | JobState::SetAside => job,
    }
}

/// Where a job stands when its grant, which stood there, is ended without the station's word. A
/// card that was finished may have been handed over before anybody heard of it.
pub(super) fn after_end(grant: GrantState, job: JobState) -> JobState {
    match (grant, waiting(job)) {
        (GrantState::Produced, JobState::Waiting) => JobState::SetAside,
        (_, job) => job,
    }
}

/// Whether a card of this job may be finished; one whose old card was forged is withdrawn then.
fn expects_a_card(job: JobState) -> bool {
    match job {
        JobState::Leased | JobState::Refused | JobState::SetAside => true,
        JobState::Waiting | JobState::Delivered | JobState::Closed => false,
    }
}

/// Wrong data need a new approval; for a forged card there is none.
pub(super) fn after_withdrawal(why: Withdrawal, job: JobState) -> JobState {
    match why {
        Withdrawal::DataWrong | Withdrawal::OldForged => JobState::Refused,
        Withdrawal::HolderAbsent | Withdrawal::Stopped | Withdrawal::DayPassed => waiting(job),
    }
}

fn settles(old: OldCard, end: OldCardEnd) -> bool {
    match old {
        OldCard::NotRequired => end == OldCardEnd::NotRequired,
        OldCard::Return(_) => matches!(end, OldCardEnd::Collected | OldCardEnd::Waived),
        OldCard::DeclaredLost(_) => end == OldCardEnd::Lost,
    }
}

#[cfg(test)]
mod tests;
