//! What is known of one issuance: phase, course, the two cards, the keys. Types only.

use super::event::{Report, ReportKind};
use super::ids::{Digest, Serial};
use super::judge::Finding;
use super::step::{OldRule, Plan, Step};
use super::survey::Counters;
use crate::fault::Code;
use jiff::civil::Date;
use serde::Serialize;

/// Whether the authority acknowledged a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// Not yet.
    No,
    /// Durable there.
    Yes,
}

/// What was fixed when work began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The station's count of cards begun.
    pub card: u32,
    /// The plan.
    pub plan: Plan,
    /// Digest of what was prepared.
    pub prepared: Digest,
}

/// What is known about the step at hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nothing was asked.
    #[default]
    New,
    /// A lease was asked for.
    Asked,
    /// Granted, not prepared.
    Granted,
    /// The step at hand may begin.
    Ready,
    /// The step was begun and its end is not recorded: in doubt.
    Underway {
        /// The step.
        step: Step,
        /// The counters just before it.
        before: Counters,
    },
    /// A person must act.
    Stopped {
        /// The step.
        step: Step,
        /// What is known of it.
        finding: Finding,
        /// Why.
        fault: Code,
        /// The counters before it, if it was begun: it can be judged again.
        before: Option<Counters>,
    },
    /// Over.
    Closed(Ending),
}

/// Where the issuance is heading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Course {
    /// To a card in the holder's hand.
    #[default]
    Making,
    /// A foreign card goes out, the next blank comes in.
    Foreign,
    /// No card will come of this attempt.
    Discarding(ReportKind),
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// No grant came.
    Declined,
    /// As this report says.
    Reported(ReportKind),
}

/// The old card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OldCard {
    /// There is none.
    #[default]
    NotRequired,
    /// It must be returned.
    Expected,
    /// It was seen and proved.
    Sighted,
    /// It is the station's.
    Collected,
    /// It is void to the eye.
    Punched,
    /// Its loss was declared.
    LostDeclared,
    /// Two persons waived it.
    Waived,
    /// It is evidence.
    Forged,
    /// It went back to the holder, unpunched.
    GivenBack,
}

/// The new card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// The chip's serial.
    pub blank: Option<Serial>,
    /// Where it is.
    pub place: Place,
    /// Its chip holds, or may hold, something.
    pub written: bool,
    /// Nothing more can be done to kill its chip.
    pub terminated: bool,
    /// The chip itself said that it is dead.
    pub killed: bool,
    /// It is to be taken out by hand.
    pub by_hand: bool,
    /// Foreign cards that this attempt already threw out.
    pub foreign: u8,
}

/// Where the new card is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// No blank was fed.
    #[default]
    Nowhere,
    /// Perhaps one was fed.
    Unsure,
    /// Between hopper and slot.
    Inside,
    /// In the slot, held.
    Exit,
    /// In the clerk's hand.
    Hand,
    /// With the holder.
    Delivered,
    /// In the reject tray.
    Tray,
    /// In the destruction bag.
    Bag,
}

/// The keys for the bound blank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// Not asked.
    #[default]
    None,
    /// Asked: from here the authority counts this attempt as used.
    Asked,
    /// Held once (in memory, so perhaps to be asked for again).
    Held,
}

/// What the runner is to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Nothing: there is no issuance.
    Ask,
    /// Send the lease request under this key, again if need be → `Granted` | `Declined`.
    Lease(String),
    /// Fetch, verify, prepare, have it signed → `Opened` | `GivenUp`.
    Prepare,
    /// Ask for this blank's keys: `KeysAsked`, then `KeysHeld` | `Refused(Encode)` | `GivenUp`.
    AskKeys(Serial),
    /// Survey (`astray`), write `Began`, do it → `Finished` | `Refused` | `Found`.
    Begin {
        /// The step.
        step: Step,
        /// The day that must be today; else `GivenUp(DatePassed)`.
        on: Option<Date>,
    },
    /// Survey, judge → `Found`.
    Settle {
        /// The step in doubt.
        step: Step,
        /// The counters before it.
        before: Counters,
    },
    /// Ask persons → `Decided`.
    Decide {
        /// The step.
        step: Step,
        /// What is known of it.
        finding: Finding,
        /// Why.
        fault: Code,
    },
    /// Write `Owed`.
    Owe(Report),
    /// Send until `Acknowledged`.
    Send(Report),
    /// See that the authority holds the old number as void → `Voided`.
    Void,
    /// Write `Closed`.
    Close,
    /// Over.
    Rest,
}

impl From<OldRule> for OldCard {
    fn from(rule: OldRule) -> OldCard {
        match rule {
            OldRule::NotRequired => OldCard::NotRequired,
            OldRule::Return => OldCard::Expected,
            OldRule::DeclaredLost => OldCard::LostDeclared,
        }
    }
}
