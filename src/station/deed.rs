//! One act of the station's hands, and what it came to. Moves nothing itself.

use super::work::Work;
use crate::fault::Code;
use crate::issuance::{Counters, Finding, Proof, Step};
use layouts::Layout;
use wire::MotionId;

/// Motions that only wind the ribbon are numbered apart from the steps.
const SEEK_CODE: u8 = 128;

/// What one act came to.
#[derive(Debug)]
pub enum Outcome {
    /// Done, and here is the evidence.
    Done(Proof),
    /// Refused cleanly: nothing moved, nothing was written.
    Refused(Code),
    /// Cut short: only a survey can tell what it left behind.
    InDoubt(Code),
    /// Seen plainly: what it left behind.
    Found(Finding, Code),
}

/// One act: the step, under the name that makes it happen once only.
pub struct Deed<'a> {
    /// The step.
    pub step: Step,
    /// The station's count of cards begun.
    pub card: u32,
    /// Which try of this step.
    pub attempt: u8,
    /// The printer's counters as surveyed just before.
    pub before: &'a Counters,
    /// The journal's newest sequence number.
    pub sequence: u64,
    /// The workpiece; every step that writes or compares needs it.
    pub work: Option<&'a Work>,
    /// Where the faces' elements lie, and how strictly they are compared.
    pub layout: &'a Layout,
    /// Is told when a phase of the budget begins.
    pub phase: &'a mut dyn FnMut(&'static str),
}

impl Deed<'_> {
    /// The name under which the printer does it once only.
    pub fn id(&self) -> MotionId {
        MotionId {
            card: self.card,
            step: self.step.code(),
            attempt: self.attempt,
        }
    }

    /// The same act under the code of the ribbon search that hides behind it.
    pub(super) fn seek_id(&self) -> MotionId {
        MotionId {
            step: SEEK_CODE + self.step.code(),
            ..self.id()
        }
    }

    /// "Done" that no counter bears out is the printer's word only.
    #[must_use]
    pub fn borne_out(&self, outcome: Outcome) -> Outcome {
        match &outcome {
            Outcome::Done(Proof::Motion(after))
                if !after.same_work(&self.before.after(self.step)) =>
            {
                Outcome::InDoubt(Code::Counters)
            }
            Outcome::Done(_) | Outcome::Refused(_) | Outcome::InDoubt(_) | Outcome::Found(..) => {
                outcome
            }
        }
    }
}
