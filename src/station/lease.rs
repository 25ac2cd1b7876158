//! From the wish for a card to a workpiece: lease, verification, preparation, signature, keys.
//! All that the authority gives and the law checks, before a blank moves.

use super::Station;
use super::chips::say;
use super::office::Refused;
use super::request::Stop;
use super::seams::{Grants as _, Prepares as _, Records as _, Trusts as _, World};
use super::work::{Keys, Work};
use crate::authority::contract::{ChipSerial, Key};
use crate::fault::Code;
use crate::issuance::{Digest, Event, Grant, OldRule, Serial, Step};
use crate::job::Job;
use crate::prepare::Prepared;
use crate::product::OldCardRule;
use zeroize::Zeroizing;

impl<W: World> Station<'_, W> {
    /// Begins an issuance: the lease's idempotency key, durable before it is sent.
    pub(super) fn ask(&mut self) -> Result<(), Stop> {
        if self.clock.is_behind(self.ledger.witnessed_at()) {
            return Err(self.stop(Code::ClockUntrusted));
        }
        let key = self.world.chance().map_err(Stop::plain)?;
        self.record(Event::Asked {
            key: hex::encode(key),
        })
    }

    /// Sends the lease request, again if need be: the same key gets the same answer.
    pub(super) fn lease(&mut self, key: &str) -> Result<(), Stop> {
        let token = match self.token(key) {
            Ok(token) => token,
            Err(Refused {
                code,
                reached: true,
                detail,
            }) => {
                self.detail = detail;
                return self.record(Event::Declined { fault: code });
            }
            // Whether it was applied is unknown: the key is kept, the next run asks again.
            Err(Refused {
                code,
                reached: false,
                detail,
            }) => {
                self.detail = detail;
                return Err(self.stop(code));
            }
        };
        let job = match self.office.verify(&token, self.clock.now()) {
            Ok(job) => job,
            Err(refusal) => {
                self.detail = Some(format!("{}: {} {refusal}", refusal.code(), refusal.field()));
                say(&refusal, Code::GrantInvalid);
                return self.record(Event::Declined {
                    fault: Code::GrantInvalid,
                });
            }
        };
        let grant = grant_of(&job);
        if self.ledger.seen(&grant) {
            return self.record(Event::Declined {
                fault: Code::GrantReplayed,
            });
        }
        self.record(Event::Granted { grant })
    }

    fn token(&mut self, key: &str) -> Result<Zeroizing<String>, Refused> {
        let select = self.ledger.wanted().map(|(select, _)| select.clone());
        let (Some(select), Ok(key)) = (select, key.parse::<Key>()) else {
            return Err(Refused::here(Code::JournalDamaged));
        };
        self.office.lease(key, &select, self.journal.head().0)
    }

    /// Prepares the granted job and has its chip data signed → `Opened`, or gives it up.
    pub(super) fn prepare(&mut self) -> Result<(), Stop> {
        match self.make_work() {
            Ok(work) => {
                let event = Event::Opened {
                    card: self.ledger.next_card(),
                    plan: work.prepared.plan.clone(),
                    prepared: work.digest(),
                };
                self.work = Some(work);
                self.record(event)?;
                self.show_plan();
                Ok(())
            }
            Err(Refused {
                code,
                reached,
                detail,
            }) => {
                self.detail = detail;
                if reached {
                    self.record(Event::GivenUp { fault: code })
                } else {
                    Err(self.stop(code))
                }
            }
        }
    }

    /// Everything of the card that lives in memory, made from what the authority holds.
    fn make_work(&mut self) -> Result<Work, Refused> {
        let Some(grant) = self.issuance().grant().cloned() else {
            return Err(Refused::here(Code::JournalDamaged));
        };
        let key = self.issuance().key().to_owned();
        let sequence = self.sequence();
        let token = self.token(&key)?;
        let job = self
            .office
            .reopen(&token, &grant.token.0)
            .map_err(|refusal| Refused::by(&refusal, Code::GrantInvalid))?;
        let photo = match job.photo {
            Some(_) => Some(self.office.photo(&job, sequence)?),
            None => None,
        };
        let photo = photo.as_ref().map(|bytes| bytes.as_slice());
        let prepared = self.kit.prepare(&job, photo);
        let mut prepared = prepared.map_err(|error| Refused::by_preparing(&error))?;
        self.sign(&job, &mut prepared, sequence)?;
        Ok(Work {
            job,
            prepared,
            keys: None,
        })
    }

    /// The authority signs what it reproduces; its signature is in the files from here on.
    fn sign(&mut self, job: &Job, prepared: &mut Prepared, sequence: u64) -> Result<(), Refused> {
        let signature =
            self.office
                .sign(job, prepared.digest, self.kit.dpi().number(), sequence)?;
        match (&prepared.signed_message, signature) {
            (None, None) => Ok(()),
            (Some(_), Some(seal)) => {
                prepared.files = prepared
                    .signed(&seal.signature, &seal.certificate)
                    .map_err(|error| Refused::by(&error, Code::SignatureRefused))?;
                Ok(())
            }
            (None, Some(_)) | (Some(_), None) => Err(Refused::here(Code::SignatureRefused)),
        }
    }

    /// Makes the workpiece again where this run does not hold it and the step needs it. After
    /// a crash the same bytes must come out: their digest is in the journal.
    pub(super) fn ready_work(&mut self, step: Step) -> Result<(), Stop> {
        let Some(opened) = self.issuance().opened().cloned() else {
            return Ok(());
        };
        if self.work.is_none() {
            let work = match self.make_work() {
                Ok(work) => work,
                Err(Refused { code, detail, .. }) => {
                    self.detail = detail;
                    return Err(self.stop(code));
                }
            };
            if work.digest() != opened.prepared {
                return Err(self.stop(Code::SignatureRefused));
            }
            self.work = Some(work);
            self.show_plan();
        }
        let keyed = match step {
            Step::Encode | Step::Lock | Step::Terminate => true,
            Step::SightOld
            | Step::Feed
            | Step::Print(_)
            | Step::Flip
            | Step::Hologram
            | Step::Check
            | Step::Eject
            | Step::CollectOld
            | Step::Release
            | Step::HandOver
            | Step::Punch
            | Step::Reject
            | Step::RemoveByHand => false,
        };
        let held = self.issuance().keys() == crate::issuance::Keys::Held;
        match self.issuance().card().blank {
            // Held once and lost with the process: the same blank gets the same keys again.
            Some(blank) if keyed && held && !self.has_keys() => self.fetch_keys(blank),
            Some(_) | None => Ok(()),
        }
    }

    /// Shows this card's plan from its beginning.
    fn show_plan(&self) {
        let Some(work) = &self.work else { return };
        self.view.plan(self.config.plan(), |snapshot| {
            snapshot.job = work.job.id.to_string();
            snapshot.reception = work.job.approval.reception.to_string();
            snapshot.attempt = work.job.attempt;
            snapshot.number = work.job.number.to_string();
        });
    }

    fn has_keys(&self) -> bool {
        self.work.as_ref().is_some_and(|work| work.keys.is_some())
    }

    fn fetch_keys(&mut self, blank: Serial) -> Result<(), Stop> {
        match self.keys_of(blank) {
            Ok(()) => Ok(()),
            Err(Refused { code, detail, .. }) => {
                self.detail = detail;
                Err(self.stop(code))
            }
        }
    }

    fn keys_of(&mut self, blank: Serial) -> Result<(), Refused> {
        let sequence = self.sequence();
        let Some(work) = self.work.as_mut() else {
            return Err(Refused::here(Code::ChipKeys));
        };
        let keys = self.office.keys(&work.job, ChipSerial(blank.0), sequence)?;
        work.keys = Some(Keys::from(&keys));
        Ok(())
    }

    /// Asks for this blank's keys: from here the authority counts the attempt as used. Keys
    /// that do not come in time give the untouched blank back.
    pub(super) fn ask_keys(&mut self, blank: Serial) -> Result<(), Stop> {
        if !self.workable(Step::Encode)? {
            return Ok(());
        }
        self.record(Event::KeysAsked { blank })?;
        self.view.begin("keys", self.clock.steady());
        match self.keys_of(blank) {
            Ok(()) => self.record(Event::KeysHeld { blank }),
            Err(Refused {
                code: Code::Offline,
                detail,
                ..
            }) => {
                self.detail = detail;
                self.record(Event::GivenUp {
                    fault: Code::KeysLate,
                })
            }
            Err(Refused { code, detail, .. }) => {
                self.detail = detail;
                self.record(Event::GivenUp { fault: code })
            }
        }
    }
}

/// What the journal keeps of a job.
fn grant_of(job: &Job) -> Grant {
    Grant {
        token: Digest(job.digest),
        job: job.id.to_string(),
        attempt: job.attempt,
        epoch: job.epoch,
        number: job.number.to_string(),
        delivery: job.delivery_date,
        old: match job.approval.previous_card.rule() {
            OldCardRule::NotRequired => OldRule::NotRequired,
            OldCardRule::Return => OldRule::Return,
            OldCardRule::DeclaredLost => OldRule::DeclaredLost,
        },
        old_number: job.approval.previous_card.number().map(|n| n.to_string()),
    }
}
