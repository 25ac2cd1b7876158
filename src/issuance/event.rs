//! What can happen to an issuance, as the journal keeps it: ids, digests, card numbers,
//! chip serials, counters and person ids; never holder's data. Tags are stable: a new
//! meaning is a new tag, and `SCHEMA` counts up when old records would read otherwise.

use super::ids::{Digest, Serial};
use super::judge::Finding;
use super::step::{OldRule, Plan, Step};
use super::survey::{Chip, Counters, Life};
use crate::fault::{By, Code, Role, Signed};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The version of the event's form.
pub const SCHEMA: u8 = 1;

/// What of a grant the machine and the journal need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// SHA-256 of the signed token.
    pub token: Digest,
    /// The job's id at the authority.
    pub job: String,
    /// The attempt, from 1.
    pub attempt: u32,
    /// The lease's epoch.
    pub epoch: u32,
    /// The new card's number.
    pub number: String,
    /// The day on which alone the card may be made and handed over, Asia/Tokyo.
    pub delivery: Date,
    /// The rule for the old card.
    pub old: OldRule,
    /// The old card's number: the job itself is not to be had any more when its void is seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_number: Option<String>,
}

/// Evidence that a step was done; each step asks for its own kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// Feed: the serial of a registered, blank chip.
    Blank(Serial),
    /// Encode: digest of the files read back.
    Files(Digest),
    /// Lock, Terminate: the chip's own word.
    Chip(Chip),
    /// A motion: the counters after it.
    Motion(Counters),
    /// Check: digests of what the chip returned and of both scans.
    Faces {
        /// The signed chip data read back.
        chip: Digest,
        /// The front scan.
        front: Digest,
        /// The back scan.
        back: Digest,
    },
    /// The old card opened with its number, its signature verified: digest of its signed data.
    OldCard(Digest),
    /// A supervisor looked at an old card whose chip cannot speak.
    Eye(Signed),
    /// A person's act.
    Person(By),
}

impl Proof {
    /// Whether this kind of evidence proves `step`.
    #[must_use]
    pub fn fits(&self, step: Step) -> bool {
        match step {
            Step::SightOld | Step::CollectOld => match self {
                Proof::OldCard(_) => true,
                Proof::Eye(signed) => signed.role == Role::Supervisor,
                Proof::Blank(_)
                | Proof::Files(_)
                | Proof::Chip(_)
                | Proof::Motion(_)
                | Proof::Faces { .. }
                | Proof::Person(_) => false,
            },
            Step::Feed => matches!(self, Proof::Blank(_)),
            Step::Encode => matches!(self, Proof::Files(_)),
            Step::Lock => matches!(self, Proof::Chip(Chip::Answers(w)) if w.life == Life::Locked),
            Step::Terminate => match self {
                Proof::Chip(Chip::Silent) => true,
                Proof::Chip(Chip::Answers(witness)) => witness.life == Life::Terminated,
                Proof::Chip(Chip::NotAsked)
                | Proof::Blank(_)
                | Proof::Files(_)
                | Proof::Motion(_)
                | Proof::Faces { .. }
                | Proof::OldCard(_)
                | Proof::Eye(_)
                | Proof::Person(_) => false,
            },
            Step::Check => matches!(self, Proof::Faces { .. }),
            Step::Print(_)
            | Step::Flip
            | Step::Hologram
            | Step::Eject
            | Step::Release
            | Step::Reject => matches!(self, Proof::Motion(_)),
            Step::HandOver | Step::Punch | Step::RemoveByHand => matches!(self, Proof::Person(_)),
        }
    }
}

/// Why a supervisor waives the old card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Waiver {
    /// Lost since the application.
    LostSince,
    /// Destroyed.
    Destroyed,
    /// Kept by another body (police, court, another office).
    KeptElsewhere,
}

/// Why a produced card is not handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Withdrawal {
    /// The holder is not there.
    HolderAbsent,
    /// The holder found an error; a new approval is needed.
    DataWrong,
    /// The old card is forged.
    OldForged,
    /// The delivery date passed.
    DatePassed,
}

/// What persons decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// The cause is mended: the same step again.
    Continue,
    /// Give this card up; its state says whether it is returned or spoiled.
    Cancel,
    /// What the devices could not tell.
    Answer(Finding),
    /// The card will be taken out by hand.
    ByHand,
    /// The old card counts as sighted (or collected) by a supervisor's eye.
    ByEye,
    /// The old card is not returned.
    Waive(Waiver),
    /// The produced card is not handed over.
    Withdraw(Withdrawal),
    /// Nobody can say what the card is: its number is burned, it never passes.
    Quarantine,
}

/// What the authority is told; each is idempotent under its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportKind {
    /// The card is finished, checked, in the slot.
    Produced,
    /// The holder has it.
    Delivered,
    /// The old card is punched.
    Punched,
    /// The old card is forged and kept as evidence.
    Forged,
    /// No card came of it; the blank, if one was fed, is untouched.
    Returned,
    /// The card was written and is dead or in the tray.
    Spoiled,
    /// The produced card was not handed over.
    Withdrawn(Withdrawal),
    /// The card's state is unknown; the number is burned.
    Quarantined,
    /// The closed record.
    Record,
}

/// A report that is owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Its id: the same whenever the same thing is told.
    pub id: String,
    /// What it tells.
    pub kind: ReportKind,
}

impl Report {
    /// The id as 128 bits, for an authority that wants it short.
    #[must_use]
    pub fn key(&self) -> [u8; 16] {
        let digest = ring::digest::digest(&ring::digest::SHA256, self.id.as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&digest.as_ref()[..16]);
        key
    }
}

/// One event of an issuance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// A lease will be asked for, under this idempotency key.
    Asked {
        /// The key.
        key: String,
    },
    /// The authority has no grant for this key.
    Declined {
        /// Why.
        fault: Code,
    },
    /// The grant came and verifies.
    Granted {
        /// What it says.
        grant: Grant,
    },
    /// Prepared, signed, digests compared: work may begin.
    Opened {
        /// The station's count of cards begun, this one included.
        card: u32,
        /// The steps to take.
        plan: Plan,
        /// Digest of what was prepared.
        prepared: Digest,
    },
    /// A step will begin: written before the first byte leaves.
    Began {
        /// The step.
        step: Step,
        /// The counters as surveyed just before.
        before: Counters,
    },
    /// The step was done.
    Finished {
        /// The step.
        step: Step,
        /// The evidence.
        proof: Proof,
    },
    /// A clean refusal before anything moved.
    Refused {
        /// The step.
        step: Step,
        /// Why.
        fault: Code,
    },
    /// What the recovery table made of a step in doubt, or a check that failed.
    Found {
        /// The step.
        step: Step,
        /// The finding.
        finding: Finding,
        /// What cut it short, where a person must act on it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fault: Option<Code>,
        /// The evidence, for `Done`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proof: Option<Proof>,
    },
    /// Between steps the card is not where the journal says.
    Astray {
        /// What was seen.
        fault: Code,
    },
    /// The station gives this card up by rule (not prepared, date passed, keys too late).
    GivenUp {
        /// Why.
        fault: Code,
    },
    /// Persons decided.
    Decided {
        /// What.
        decision: Decision,
        /// Who.
        by: By,
    },
    /// Keys will be asked for this blank.
    KeysAsked {
        /// Its serial.
        blank: Serial,
    },
    /// The keys came (they are in memory only; asked again, the same come).
    KeysHeld {
        /// The serial.
        blank: Serial,
    },
    /// A report is owed; written before it is sent.
    Owed {
        /// The report.
        report: Report,
    },
    /// The authority acknowledged a report.
    Acknowledged {
        /// The report's id.
        report: String,
    },
    /// The authority was seen to hold the old number as void.
    Voided,
    /// Nothing is left to do.
    Closed,
}
