//! Persons at the counter: the old card on the desk reader, and acts that only they can do.

use super::Station;
use super::hands::Outcome;
use super::office::Refused;
use super::request::{Act, Person, Shown, Stop};
use super::seams::{Sights as _, Tells as _, World};
use super::sighted::sighted;
use crate::desk::{Known, Verdict, judge};
use crate::fault::{By, Code, Hands};
use crate::issuance::{self, Digest, Finding, Proof, Sensors, Step};
use crate::product::CardNumber;
use chip::Files;

impl<W: World> Station<'_, W> {
    /// Sights the old card, or confirms it at collection; none when it was not collected.
    pub(super) fn old_card(
        &mut self,
        step: Step,
        person: &mut dyn Person,
    ) -> Result<Option<Outcome>, Stop> {
        let Some(number) = self.old_number() else {
            return Ok(Some(Outcome::Refused(Code::NoOldCard)));
        };
        if !person.act(Act::PlaceOld(number)) {
            return Ok(Some(Outcome::Refused(Code::NoOldCard)));
        }
        let known = match self.office.number(&number, self.sequence()) {
            Ok(state) => Known::from(&state),
            Err(Refused { code, detail, .. }) => {
                self.detail = detail;
                return Ok(Some(Outcome::Refused(code)));
            }
        };
        let on = self.clock.now();
        let (verdict, files) = match self.hands()?.look(&number, on) {
            Ok(looked) => (judge(looked.seen, known), looked.files),
            Err(code) => return Ok(Some(Outcome::Refused(code))),
        };
        let (ja, en) = verdict.words();
        self.detail = Some(format!("{ja}\n{en}"));
        tracing::info!(?step, ?verdict, "old card judged");
        match verdict {
            Verdict::Genuine { signed_data } => {
                self.detail = None;
                if step == Step::CollectOld && !collected(number, files.as_ref(), person) {
                    return Ok(None);
                }
                Ok(Some(Outcome::Done(Proof::OldCard(Digest(signed_data)))))
            }
            Verdict::Forged { .. } => Ok(Some(Outcome::Found(Finding::Spoiled, Code::Forged))),
            Verdict::WrongCard
            | Verdict::Dead
            | Verdict::Unsigned
            | Verdict::SecondGeneration
            | Verdict::Expired
            | Verdict::NotConfirmed { .. } => {
                let code = verdict.code().unwrap_or(Code::OldByEye);
                Ok(Some(Outcome::Refused(code)))
            }
        }
    }

    /// An act at the counter, of whoever is here: the hand-over, the punch; none when it
    /// was not done.
    pub(super) fn persons_act(
        &mut self,
        step: Step,
        person: &mut dyn Person,
    ) -> Result<Option<Outcome>, Stop> {
        let old = self.old_number();
        let act = match (step, self.new_number(), old) {
            (Step::HandOver, Some(number), _) => Act::HandOver(number),
            (Step::Punch, _, Some(old)) => Act::Punch(old),
            (_, _, _) => return Err(self.stop(Code::JournalDamaged)),
        };
        let by = self.hands_here()?;
        // A technician mends the machine; the holder is looked at by those who answer for it.
        let barred = step == Step::HandOver && !Hands::Counter.are(&by);
        let done = !barred && person.act(act);
        Ok(done.then_some(Outcome::Done(Proof::Person(by))))
    }

    /// A person takes the card out of the machine and bags it; what is seen before and after
    /// must fit what was said. A card that bears a holder's data is no technician's alone.
    pub(super) fn removal(
        &mut self,
        before: &Sensors,
        person: &mut dyn Person,
    ) -> Result<Outcome, Stop> {
        let written = self.issuance().card().written;
        let number = self.new_number().filter(|_| written);
        let act = Act::RemoveByHand {
            number,
            sensors: *before,
        };
        let by = self.hands_here()?;
        let barred = written && !Hands::Counter.are(&by);
        if barred || !person.act(act) {
            return Ok(Outcome::Refused(Code::NotDone));
        }
        let after = self.survey(false)?.sensors;
        let words = issuance::Seen::from(&after).words();
        if !after.empty() {
            return Ok(Outcome::Refused(Code::StillInside));
        }
        person.show(Shown::Words(words));
        Ok(Outcome::Done(Proof::Person(by)))
    }

    fn new_number(&self) -> Option<CardNumber> {
        let grant = self.issuance().grant();
        grant.and_then(|grant| CardNumber::parse(&grant.number).ok())
    }

    /// Who is here; else who wanted the card.
    fn hands_here(&mut self) -> Result<By, Stop> {
        let wanted = self.ledger.wanted().map(|(_, clerk)| clerk.clone());
        match self.signed.clone().or(wanted.map(By::One)) {
            Some(by) => Ok(by),
            None => Err(self.stop(Code::JournalDamaged)),
        }
    }
}

/// Whether a person put the confirmed old card into the box, its chip's pictures before the eyes.
fn collected(number: CardNumber, files: Option<&Files>, person: &mut dyn Person) -> bool {
    if let Some(files) = files {
        person.show(Shown::OldCard(Box::new(sighted(files))));
    }
    person.act(Act::CollectOld(number))
}
