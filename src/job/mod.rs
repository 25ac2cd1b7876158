//! The granted job: what the authority signed for one station, one attempt, one card.
//!
//! Parsed and checked once ([`Job::verify`]), then trusted. Pure: time and keys are parameters.

pub mod approval;
pub mod ids;
pub mod keys;
pub mod private;
pub mod rules;
pub mod strict;
#[cfg(test)]
mod tests;
pub mod token;

pub use approval::{
    Address, Approval, Endorsements, Holder, Nationality, OldCard, Permission, PhotoFile,
    ResidenceStatus, Sex, Stay,
};
pub use ids::{Digest, IdError, JobId, OfficeId, PersonId, ReceptionNumber, StationId};
pub use keys::{JobKey, JobKeys};
pub use private::Private;
pub use rules::{Breach, Rule};
pub use token::{Claims, Job, Refusal};
