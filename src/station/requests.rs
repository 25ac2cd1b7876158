//! What a screen asks for, one request after the other, as goals for the runner.

use super::request::{Act, Open, Person, Reply, Request, Select, Shown, Stop};
use super::seams::World;
use super::{Goal, Station};
use crate::fault::{By, Code, Hands, Signed, Words};
use crate::issuance::{
    Decision, Ending, Event, OldCard, Phase, Place, ReportKind, Seen, What, Withdrawal,
};
use crate::product::CardNumber;

/// Attempts that one request makes at a card before a person must ask again.
const ATTEMPTS_ALONE: u32 = 3;

impl<W: World> Station<'_, W> {
    /// Does one request.
    ///
    /// # Errors  The stop at which a person must act. What was done until then is in the journal.
    pub fn serve(&mut self, request: Request, person: &mut dyn Person) -> Result<Reply, Stop> {
        match request {
            Request::Open { select, clerk } => self.open_job(select, clerk),
            Request::Survey => self.show_devices(),
            Request::Preflight => self.show_preflight(),
            Request::Supplies(ask) => self.material(ask),
            Request::Record { job } => self.record_of(&job),
            Request::Shift { number } => self.shift_of(number),
            Request::Proof { job } => self.proof(&job),
            // A technician's orders and the agenda ask the real world itself: `perform` leads them there.
            Request::Diagnose(_) | Request::Agenda => Err(Stop::plain(Code::NotAllowed)),
            Request::Issue { select, clerk } => {
                self.signed = Some(By::One(clerk.clone()));
                self.issue(select, clerk, person)
            }
            Request::Recover { by } => {
                self.signed = Some(by);
                self.recover(person)
            }
            Request::HandOver { clerk } => {
                self.signed = Some(By::One(clerk));
                self.hand_over(person)
            }
            Request::Withdraw { reason, by } => self.withdraw(reason, by, person),
            Request::TakeOver { by } => self.take_over(by),
        }
    }

    /// The finished card is not handed over. A number is burned for good: whoever does it
    /// names the card.
    fn withdraw(
        &mut self,
        reason: Withdrawal,
        by: By,
        person: &mut dyn Person,
    ) -> Result<Reply, Stop> {
        let open = self.issuance().choices();
        let withdrawals = open.iter().any(|d| matches!(d, Decision::Withdraw(_)));
        if self.ledger.open().is_none() || !withdrawals {
            return Err(self.not_produced());
        }
        let decision = Decision::Withdraw(reason);
        if !open.contains(&decision) {
            return Err(Stop {
                decisions: self.open_withdrawals(),
                ..self.stop_seen(Code::NotAllowed)
            });
        }
        self.meet_witnesses()?;
        self.signed = Some(by.clone());
        let number = self.issuance().grant().map(|grant| grant.number.parse());
        if let Some(Ok(number)) = number
            && !person.act(Act::Withdraw(number))
        {
            return Err(Stop {
                decisions: self.open_withdrawals(),
                ..self.stop_seen(Code::NotDone)
            });
        }
        self.record(Event::Decided { decision, by })?;
        self.run(Goal::Closed, person)?;
        self.reply()
    }

    /// No finished card waits here; where one is being made, it is shown where it is.
    fn not_produced(&mut self) -> Stop {
        if self.ledger.open().is_some() {
            self.stop_seen(Code::NotProduced)
        } else {
            self.stop(Code::NotProduced)
        }
    }

    fn open_withdrawals(&self) -> Vec<Open> {
        let issuance = self.issuance();
        let open = issuance.choices().into_iter();
        open.filter(|decision| matches!(decision, Decision::Withdraw(_)))
            .map(|decision| Open {
                decision,
                hands: Hands::Two,
            })
            .collect()
    }

    /// Makes one card, up to *produced*. One grant is open at a time: what another day or a
    /// power loss left open comes first.
    fn issue(
        &mut self,
        select: Select,
        clerk: Signed,
        person: &mut dyn Person,
    ) -> Result<Reply, Stop> {
        if self.ledger.open().is_some() {
            return Err(self.stop_seen(Code::JobOpen));
        }
        self.settle_service()?;
        self.clock_trusted()?;
        self.meet_witnesses()?;
        // Nothing is leased for a machine that is not there, or in which a card lies.
        let seen = self.seen()?;
        self.without_card(&seen)?;
        self.write(What::Wanted { select, clerk })?;
        self.ask()?;
        self.make(person)
    }

    /// Goes on where the journal stands.
    fn recover(&mut self, person: &mut dyn Person) -> Result<Reply, Stop> {
        if self.ledger.open().is_none() {
            self.settle_service()?;
            return self.fits();
        }
        self.meet_witnesses()?;
        let handing = matches!(self.issuance().card().place, Place::Hand | Place::Delivered);
        if handing {
            self.run(Goal::Closed, person)?;
            return self.reply();
        }
        self.look_at_the_slot()?;
        self.make(person)
    }

    /// Every start surveys: a finished card that is not in the slot any more is a stop.
    fn look_at_the_slot(&mut self) -> Result<(), Stop> {
        let waits = self.issuance().card().place == Place::Exit
            && *self.issuance().phase() == Phase::Ready
            && self.issuance().acknowledged(ReportKind::Produced);
        if !waits {
            return Ok(());
        }
        let survey = self.survey(false)?;
        match self.issuance().astray(&survey) {
            Some(fault) => self.record(Event::Astray { fault }),
            None => Ok(()),
        }
    }

    /// No job is open: the printer's counters and its memory must be those of the journal.
    /// Where they are not, two persons take it over by a command of its own.
    fn fits(&mut self) -> Result<Reply, Stop> {
        self.hands()?;
        Ok(Reply::Idle)
    }

    /// Runs until the card is produced. A spoiled blank costs its number, not the job: the
    /// next attempt begins, a bounded number of times.
    fn make(&mut self, person: &mut dyn Person) -> Result<Reply, Stop> {
        for _ in 0..ATTEMPTS_ALONE {
            self.run(Goal::Produced, person)?;
            match self.ending() {
                Some(Ending::Reported(ReportKind::Spoiled)) if !person.stop_asked() => {
                    if let Some(words) = self.made_again() {
                        person.show(Shown::Words(words));
                    }
                    self.want_same_again()?;
                    self.ask()?;
                }
                Some(Ending::Reported(ReportKind::Returned)) => {
                    return match self.issuance().cause() {
                        // A person wanted no card; anything else is a goal that was missed.
                        Some(Code::Cancelled) | None => self.reply(),
                        Some(cause) => Err(self.stop(cause)),
                    };
                }
                Some(_) | None => return self.reply(),
            }
        }
        Err(self.stop(self.issuance().cause().unwrap_or(Code::Unknown)))
    }

    /// What became of a spoiled card, for the person who sees the next one begin.
    fn made_again(&self) -> Option<Words> {
        let issuance = self.issuance();
        let cause = issuance.cause()?.fault().what.clone();
        let number = &issuance.grant()?.number;
        let Words(ja, en) = issuance.card().place.words();
        Some(Words(
            format!(
                "{}{ja}{number} は失効しました。新しい番号で作り直します。",
                cause.ja()
            ),
            format!(
                "{} {en} {number} is burned. It is made again under a new number.",
                cause.en()
            ),
        ))
    }

    /// The spoiled card's job again, under whom it was wanted.
    fn want_same_again(&mut self) -> Result<(), Stop> {
        let job = self.issuance().grant().map(|grant| grant.job.clone());
        let clerk = self.ledger.wanted().map(|(_, clerk)| clerk.clone());
        self.work = None;
        match (job, clerk) {
            (Some(job), Some(clerk)) => self.write(What::Wanted {
                select: Select::Job(job),
                clerk,
            }),
            (None, _) | (_, None) => Err(self.stop(Code::JournalDamaged)),
        }
    }

    /// Collects, releases, hands over, punches, closes.
    fn hand_over(&mut self, person: &mut dyn Person) -> Result<Reply, Stop> {
        let produced =
            self.ledger.open().is_some() && self.issuance().acknowledged(ReportKind::Produced);
        if !produced {
            return Err(self.not_produced());
        }
        self.meet_witnesses()?;
        self.run(Goal::Closed, person)?;
        self.reply()
    }

    /// What the request came to, as the issuance stands.
    pub(super) fn reply(&mut self) -> Result<Reply, Stop> {
        let Some(grant) = self.issuance().grant().cloned() else {
            let cause = self.issuance().cause().unwrap_or(Code::NoJob);
            return Err(self.stop(cause));
        };
        let Ok(number) = CardNumber::parse(&grant.number) else {
            return Err(self.stop(Code::JournalDamaged));
        };
        let job = grant.job;
        match self.ending() {
            None => {
                let approval = self.work.as_ref().map(|work| &work.job.approval);
                let collected =
                    matches!(self.issuance().old(), OldCard::Expected | OldCard::Sighted);
                Ok(Reply::Produced {
                    job,
                    reception: approval
                        .map(|a| a.reception.to_string())
                        .unwrap_or_default(),
                    attempt: grant.attempt,
                    number,
                    elapsed_ms: self.view.finished_ms(),
                    old_number: collected
                        .then(|| approval.and_then(|a| a.previous_card.number()))
                        .flatten(),
                })
            }
            Some(Ending::Reported(ReportKind::Delivered)) => {
                let record = self.write_record(&job);
                Ok(Reply::Delivered {
                    job,
                    number,
                    record,
                })
            }
            Some(Ending::Reported(ReportKind::Withdrawn(_))) => {
                Ok(Reply::Withdrawn { job, number })
            }
            Some(Ending::Reported(ReportKind::Returned)) => Ok(Reply::Returned { job }),
            Some(Ending::Reported(ReportKind::Quarantined)) => Ok(Reply::Quarantined {
                job,
                number,
                seen: self.glance(Code::Unknown).as_ref().map(Seen::from),
            }),
            Some(Ending::Reported(
                ReportKind::Produced
                | ReportKind::Punched
                | ReportKind::Forged
                | ReportKind::Record
                | ReportKind::Spoiled,
            ))
            | Some(Ending::Declined) => {
                let cause = self.issuance().cause().unwrap_or(Code::Unknown);
                Err(self.stop(cause))
            }
        }
    }
}
