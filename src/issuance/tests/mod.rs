//! The laws of the machine: the recovery table row by row, the orders that must not be
//! broken, and a small world of truth in which the power is cut anywhere.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test names the cases it is about"
)]

mod books;
mod chaos;
mod choices;
mod counters;
mod healthy;
mod laws;
mod misfits;
mod stops;
mod table;
mod told;
mod way;
mod world;

use super::*;
use crate::fault::{By, Role, Signed, TwoPersons};
use jiff::civil::date;

pub(super) fn signed(person: &str, role: Role) -> Signed {
    Signed {
        person: person.into(),
        role,
    }
}

pub(super) fn clerk() -> By {
    By::One(signed("c1", Role::Clerk))
}

pub(super) fn both() -> By {
    let two = TwoPersons::new(signed("c1", Role::Clerk), signed("s1", Role::Supervisor));
    By::Two(two.expect("two persons"))
}

pub(super) fn grant(n: u8, old: OldRule) -> Grant {
    Grant {
        token: Digest([n; 32]),
        job: format!("job-{n}"),
        attempt: 1,
        epoch: 1,
        number: format!("AB{n:08}CD"),
        delivery: date(2026, 4, 1),
        old,
        old_number: None,
    }
}

/// A blank's chip as delivered.
pub(super) fn fresh(serial: Serial) -> Witness {
    Witness {
        serial,
        keys: ChipKeys::Transport,
        life: Life::Blank,
        stored: 0,
        files: Files::NotRead,
    }
}
