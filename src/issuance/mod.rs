//! The pure machine that decides about one card: `apply(event)`, `next() → command`, and
//! `judge()`, the recovery table. It knows no device, no file, no clock and no holder.
//!
//! Read `step`, `machine`, `apply`, `judge`; then `decide` for what persons may say.

mod apply;
mod decide;
mod event;
mod fate;
mod ids;
mod judge;
mod ledger;
mod machine;
mod standing;
mod state;
mod step;
mod survey;
#[cfg(test)]
mod tests;
mod timing;

pub use apply::Misfit;
pub use decide::answers;
pub use event::{Decision, Event, Grant, Proof, Report, ReportKind, SCHEMA, Waiver, Withdrawal};
pub use ids::{Digest, Serial};
pub use judge::{Finding, judge};
pub use ledger::{Ahead, Entry, Ledger, Select, Service, TakenOver, Underway, Unreadable, What};
pub use machine::Issuance;
pub use standing::{ChipState, FaceState, Seen, Spot, Standing};
pub use state::{Acknowledged, Card, Command, Course, Ending, Keys, OldCard, Opened, Phase, Place};
pub use step::{OldRule, Panel, Plan, Step};
pub use survey::{
    Chip, Counters, Face, Files, Flipper, Keys as ChipKeys, Life, Sensors, Survey, Witness,
};
pub use timing::{Cause, Miss, MissedBy, PhaseTimes, Spread, Timings, WHOLE, Why};
