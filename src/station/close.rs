//! Reports, voiding, the closed record: what is told to whom when a step or a card is over.

use super::office::Refused;
use super::request::{Reply, Stop};
use super::seams::{Chain as _, Moves as _, Records as _, Tells as _, Trusts as _, World};
use super::{Station, closed, stopped};
use crate::authority::contract::{
    Checkpoint, ChipSerial, Key, NumberStanding, OldCardEnd, Report as Told, ReportEvent,
    Withdrawal as Why,
};
use crate::fault::Code;
use crate::issuance::{
    Course, Digest, Event, OldCard, Phase, Place, Report, ReportKind, Step, What, Withdrawal,
};
use crate::job::{self, JobId};
use crate::product::CardNumber;
use crate::record;
use std::path::PathBuf;

impl<W: World> Station<'_, W> {
    /// Sends an owed report, or stops where nobody answers. The same report always has the
    /// same id, time and words.
    pub(super) fn send(&mut self, report: &Report) -> Result<(), Stop> {
        if report.kind == ReportKind::Produced {
            match self.ready_work(Step::Eject) {
                // The authority ended this attempt itself, and no card comes of it.
                Err(stop)
                    if stop.code == Code::LeaseEnded
                        && self.issuance().course() != Course::Making =>
                {
                    return self.record(Event::Acknowledged {
                        report: report.id.clone(),
                    });
                }
                ready => ready?,
            }
        }
        let event = self.told(report.kind)?;
        self.tell(report, event)?;
        self.record(Event::Acknowledged {
            report: report.id.clone(),
        })?;
        self.leave_checkpoint();
        Ok(())
    }

    /// The old number must be void at the authority before the record closes (I-23).
    pub(super) fn void_old(&mut self) -> Result<(), Stop> {
        // By the journal: the attempt is over, and the authority gives its job to nobody any more.
        let grant = self.issuance().grant();
        let number = grant.and_then(|grant| grant.old_number.clone());
        let Some(Ok(number)) = number.map(|number| CardNumber::parse(&number)) else {
            return Err(self.stop(Code::JournalDamaged));
        };
        match self.office.number(&number, self.sequence()) {
            Ok(state) if state.state == NumberStanding::Void => self.record(Event::Voided),
            Ok(state) => {
                self.detail = Some(format!("{number}: {:?}", state.state));
                Err(self.stop(Code::AuthorityRefused))
            }
            Err(Refused { code, detail, .. }) => {
                self.detail = detail;
                Err(self.stop(code))
            }
        }
    }

    /// Nothing is left to be done.
    pub(super) fn close(&mut self) -> Result<(), Stop> {
        self.record(Event::Closed)?;
        self.leave_checkpoint();
        Ok(())
    }

    fn tell(&mut self, report: &Report, event: ReportEvent) -> Result<(), Stop> {
        let Some(grant) = self.issuance().grant() else {
            return Err(self.stop(Code::JournalDamaged));
        };
        let job = JobId::parse(&grant.job).map_err(|e| stopped(&e, Code::JournalDamaged))?;
        let attempt = grant.attempt;
        // Once told it never changes: the authority takes the same report again, and no other.
        let owed = self.ledger.owed_at(&report.id);
        let at = owed.unwrap_or_else(|| self.ledger.event_at());
        let told = Told {
            id: Key(report.key()),
            job,
            attempt,
            at,
            event,
        };
        match self.office.report(&told, self.sequence()) {
            Ok(()) => Ok(()),
            Err(Refused { code, detail, .. }) => {
                self.detail = detail;
                Err(self.stop(code))
            }
        }
    }

    fn told(&mut self, kind: ReportKind) -> Result<ReportEvent, Stop> {
        let issuance = self.issuance();
        let card = issuance.card();
        let serial = card.blank.map(|serial| ChipSerial(serial.0));
        let reason = issuance
            .cause()
            .unwrap_or(Code::Cancelled)
            .name()
            .to_owned();
        let terminated = card.terminated;
        Ok(match kind {
            ReportKind::Produced => match (serial, self.work.as_ref()) {
                (Some(serial), Some(work)) => {
                    let signed = work.prepared.signed_message.as_ref();
                    let chip = signed.map(|bytes| job::Digest::of(bytes));
                    ReportEvent::Produced { serial, chip }
                }
                (None, _) | (_, None) => return Err(self.stop(Code::JournalDamaged)),
            },
            ReportKind::Delivered => ReportEvent::Delivered {
                old_card: old_card_end(issuance.old()),
            },
            ReportKind::Punched => ReportEvent::OldCardPunched,
            ReportKind::Forged => ReportEvent::OldCardForged { finding: reason },
            ReportKind::Record => ReportEvent::Closed {
                record: self.record_as_json()?,
            },
            ReportKind::Returned => ReportEvent::Returned { serial, reason },
            ReportKind::Spoiled | ReportKind::Quarantined => ReportEvent::Spoiled {
                serial,
                terminated,
                reason,
            },
            ReportKind::Withdrawn(why) => ReportEvent::Withdrawn {
                why: withdrawal(why),
            },
        })
    }

    /// Leaves the journal's head with the authority. Nothing waits for it: the next one will do.
    pub(super) fn leave_checkpoint(&mut self) {
        let (sequence, hash) = self.journal.head();
        let point = Checkpoint {
            sequence,
            hash: job::Digest(hash.0),
        };
        if self.office.checkpoint(&point).is_ok() {
            let kept = What::Checkpoint {
                sequence,
                hash: Digest(hash.0),
            };
            if let Err(stop) = self.write(kept) {
                tracing::error!(code = stop.code.name(), "the checkpoint was not noted");
            }
        }
    }

    /// At the start of each request, before anything is written: authority and printer know no
    /// newer journal than this one. Each record more would hide what was lost, so that without
    /// both of them nothing is written.
    pub(super) fn meet_witnesses(&mut self) -> Result<(), Stop> {
        self.meet_authority()?;
        self.hands().map(drop)
    }

    /// The same for work that waits for nobody: who is there and knows a newer journal is heard.
    pub(super) fn hear_witnesses(&mut self) -> Result<(), Stop> {
        for met in [self.meet_authority(), self.hands().map(drop)] {
            match met {
                Err(stop) if matches!(stop.code, Code::NewerAuthority | Code::NewerPrinter) => {
                    return Err(stop);
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// What the authority remembers of this journal must be in it.
    pub(super) fn meet_authority(&mut self) -> Result<(), Stop> {
        let (head, _) = self.journal.head();
        if let Some((acknowledged, _)) = self.ledger.checkpoint() {
            self.office.remember(acknowledged);
        }
        let point = match self.office.latest_checkpoint(head) {
            Ok(point) => point,
            Err(Refused { code, detail, .. }) => {
                self.detail = detail;
                return Err(self.stop(code));
            }
        };
        let Some(point) = point else { return Ok(()) };
        if point.sequence > head {
            return Err(self.stop(Code::NewerAuthority));
        }
        self.journal
            .hold_against(point.sequence, &point.hash.0)
            .map_err(|error| stopped(&error, Code::NewerAuthority))
    }

    fn record_as_json(&mut self) -> Result<serde_json::Value, Stop> {
        let job = self
            .issuance()
            .grant()
            .map(|grant| grant.job.clone())
            .unwrap_or_default();
        let record = self.closed_record(&job)?;
        serde_json::to_value(&record).map_err(|error| stopped(&error, Code::JournalDamaged))
    }

    /// What follows at once when a step is done: its phase, the timing, the printer's memory.
    pub(super) fn finish_phase(&mut self, step: Step) -> Result<(), Stop> {
        match self.issuance().phase() {
            Phase::Stopped { .. } => self.view.stopped(),
            // Whether it was done is told when it is settled.
            Phase::Underway { .. } => return Ok(()),
            Phase::Ready if matches!(self.issuance().course(), Course::Discarding(_)) => {
                self.view.stopped();
            }
            // Reading back and locking are one phase of the plan.
            Phase::Ready if step == Step::Encode => {}
            Phase::New | Phase::Asked | Phase::Granted | Phase::Ready | Phase::Closed(_) => {
                self.view.finish(self.clock.steady());
            }
        }
        let out = matches!(self.issuance().card().place, Place::Exit | Place::Tray);
        if !out || !matches!(step, Step::Eject | Step::Reject) {
            return Ok(());
        }
        let card = self.issuance().opened().map_or(0, |opened| opened.card);
        let card = card + self.ledger.ahead().cards;
        if let Some(Err(code)) = self.hands.as_mut().map(|hands| hands.erase(card)) {
            tracing::warn!(code = code.name(), "the printer did not erase its memory");
        }
        let taken = self.view.taken();
        self.write(What::Timed {
            phases: taken.phases,
            elapsed_ms: taken.elapsed_ms,
            misses: taken.misses,
        })
    }

    fn closed_record(&mut self, job: &str) -> Result<record::Closed, Stop> {
        let records = self
            .journal
            .replay()
            .map_err(|error| stopped(&error, Code::JournalDamaged))?;
        let hash = |at| {
            self.journal
                .hash_at(at)
                .ok()
                .flatten()
                .map(|hash| hex::encode(hash.0))
        };
        closed::of(job, &records, self.config, hash)
            .ok_or_else(|| Stop::plain(Code::NoJob).detailed(job))
    }

    /// The record of a job, from the journal.
    pub(super) fn record_of(&mut self, job: &str) -> Result<Reply, Stop> {
        Ok(Reply::Record(Box::new(self.closed_record(job)?)))
    }

    /// The issuance record, kept for people.
    pub(super) fn write_record(&mut self, job: &str) -> Option<PathBuf> {
        let closed = self.closed_record(job).ok()?;
        self.world
            .keep(self.config, &record::Paper::Issuance(&closed))
    }
}

impl<W: World> Station<'_, W> {
    /// The old card's number. The journal knows it: a grant that is over is not opened again.
    pub(super) fn old_number(&self) -> Option<CardNumber> {
        let known = self
            .issuance()
            .grant()
            .and_then(|grant| grant.old_number.as_ref());
        let known = known.and_then(|number| CardNumber::parse(number).ok());
        let at_work = || self.work.as_ref()?.job.approval.previous_card.number();
        known.or_else(at_work)
    }
}

fn old_card_end(old: OldCard) -> OldCardEnd {
    match old {
        OldCard::NotRequired | OldCard::Expected | OldCard::GivenBack => OldCardEnd::NotRequired,
        OldCard::Sighted | OldCard::Collected | OldCard::Punched | OldCard::Forged => {
            OldCardEnd::Collected
        }
        OldCard::LostDeclared => OldCardEnd::Lost,
        OldCard::Waived => OldCardEnd::Waived,
    }
}

fn withdrawal(why: Withdrawal) -> Why {
    match why {
        Withdrawal::HolderAbsent => Why::HolderAbsent,
        Withdrawal::DataWrong => Why::DataWrong,
        Withdrawal::OldForged => Why::OldForged,
        Withdrawal::DatePassed => Why::DayPassed,
    }
}
