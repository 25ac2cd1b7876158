//! Persons at the counter: the old card on the desk reader, and acts that only they can do.

use super::Station;
use super::chips::{read_chance, say};
use super::hands::Outcome;
use super::office::Refused;
use super::request::{Act, Person, Stop};
use crate::desk::{Known, Looked, Seen, Trust, Verdict, judge, look};
use crate::fault::{By, Code, Role};
use crate::issuance::{Digest, Finding, Proof, Step};
use crate::product::CardNumber;
use std::time::Duration;

/// How long an old card may take to be laid on the reader after the person said so.
const PLACING_PATIENCE: Duration = Duration::from_secs(5);

impl Station<'_> {
    /// Sights the old card, or confirms it at collection.
    pub(super) fn old_card(
        &mut self,
        step: Step,
        person: &mut dyn Person,
    ) -> Result<Outcome, Stop> {
        let number = self
            .work
            .as_ref()
            .and_then(|work| work.job.approval.previous_card.number());
        let Some(number) = number else {
            return Ok(Outcome::Refused(Code::NoOldCard));
        };
        if !person.act(Act::PlaceOld(number)) {
            return Ok(Outcome::Refused(Code::NoOldCard));
        }
        let known = match self.office.number(&number, self.sequence()) {
            Ok(state) => Known::from(&state),
            Err(Refused { code, detail, .. }) => {
                self.detail = detail;
                return Ok(Outcome::Refused(code));
            }
        };
        let verdict = match self.look_at_desk(&number)? {
            Ok(looked) => judge(looked.seen, known),
            Err(code) => return Ok(Outcome::Refused(code)),
        };
        let (ja, en) = verdict.words();
        self.detail = Some(format!("{ja} / {en}"));
        tracing::info!(?step, ?verdict, "old card judged");
        match verdict {
            Verdict::Genuine { signed_data } => {
                if step == Step::CollectOld && !person.act(Act::CollectOld(number)) {
                    return Ok(Outcome::Refused(Code::NoOldCard));
                }
                self.detail = None;
                Ok(Outcome::Done(Proof::OldCard(Digest(signed_data))))
            }
            Verdict::Forged { .. } => Ok(Outcome::Found(Finding::Spoiled, Code::Forged)),
            Verdict::WrongCard
            | Verdict::Dead
            | Verdict::Unsigned
            | Verdict::SecondGeneration
            | Verdict::Expired
            | Verdict::NotConfirmed { .. } => {
                Ok(Outcome::Refused(verdict.code().unwrap_or(Code::OldByEye)))
            }
        }
    }

    /// The card on the desk reader, opened with this number. The inner error is a fault of the
    /// reader; a card that does not speak is a finding, not an error.
    fn look_at_desk(&mut self, number: &CardNumber) -> Result<Result<Looked, Code>, Stop> {
        let on = self.clock.now();
        let authorities = self.office.trusted().to_vec();
        let hands = self.hands()?;
        let mut card = match hands.desk_card(PLACING_PATIENCE) {
            Ok(card) => card,
            Err(reader::Error::NoCard { .. }) => return Ok(Err(Code::NoOldCard)),
            Err(reader::Error::Mute { .. }) => {
                return Ok(Ok(Looked {
                    seen: Seen::Silent,
                    files: None,
                }));
            }
            Err(error) => return Ok(Err(say(&error, Code::ReaderGone))),
        };
        let chance = match read_chance() {
            Ok(chance) => chance,
            Err(code) => return Ok(Err(code)),
        };
        let trust = Trust {
            authorities: &authorities,
            on,
        };
        Ok(look(&mut card, number, trust, &chance)
            .map_err(|error| say(&error, Code::AuthorityUntrusted)))
    }

    /// An act of the person who is signed in.
    pub(super) fn persons_act(&mut self, step: Step, person: &mut dyn Person) -> Outcome {
        let grant = self.issuance().grant();
        let number = grant.and_then(|grant| CardNumber::parse(&grant.number).ok());
        let old = self
            .work
            .as_ref()
            .and_then(|work| work.job.approval.previous_card.number());
        let act = match (step, number, old) {
            (Step::HandOver, Some(number), _) => Act::HandOver(number),
            (Step::Punch, _, Some(old)) => Act::Punch(old),
            (_, number, _) => Act::RemoveByHand(number),
        };
        let Some((_, clerk)) = self.ledger.wanted() else {
            return Outcome::Refused(Code::JournalDamaged);
        };
        let by = self.signed.clone().unwrap_or_else(|| clerk.clone());
        // A technician mends the machine; the holder is looked at by those who answer for it.
        let barred = step == Step::HandOver && by.role == Role::Technician;
        if !barred && person.act(act) {
            Outcome::Done(Proof::Person(By::One(by)))
        } else {
            Outcome::Refused(Code::ActUnanswered)
        }
    }
}
