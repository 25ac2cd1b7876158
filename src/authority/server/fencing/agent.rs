//! A station that keeps to its order: journals its key, asks again under it, makes one card, and
//! hands over only what the authority acknowledged. What it does with its hands is truth.

use super::super::{Fault, Refused};
use super::bench::{BLANKS, Bench, MESSAGE, PREPARED, STATIONS, blank, jobs};
use crate::authority::contract::{
    Checkpoint, ChipSerial, Key, LeaseRequest, OldCardEnd, Report, ReportEvent, Select,
    SignRequest, Withdrawal,
};
use crate::job::{Digest, Job, JobId, OldCard};
use crate::product::CardNumber;
use std::collections::BTreeMap;

/// What exists, whoever believes what.
#[derive(Default)]
pub(super) struct Truth {
    /// The cards outside, by job.
    pub(super) outside: BTreeMap<String, Vec<CardNumber>>,
    /// Numbers that a chip bears: each on one chip only.
    pub(super) written: BTreeMap<String, ChipSerial>,
    /// Requests that were answered with yes: what an eavesdropper could send again.
    pub(super) sent: Vec<(usize, Sent)>,
}

/// A request that can be sent again.
#[derive(Clone)]
pub(super) enum Sent {
    Lease(LeaseRequest),
    Sign(JobId, u32),
    Keys(JobId, u32, ChipSerial),
    Report(Report),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Asked,
    Granted,
    Signed,
    Made,
    Produced,
    HandedOver,
    Told,
    Ending,
}

struct Holding {
    request: LeaseRequest,
    stage: Stage,
    job: Option<Job>,
    blank: Option<ChipSerial>,
    owed: Option<Report>,
}

/// One station.
pub(super) struct Agent {
    at: usize,
    sequence: u64,
    acknowledged: u64,
    keys: u8,
    blanks: u8,
    hold: Option<Holding>,
    /// Ends that were told and acknowledged.
    pub(super) ended: u32,
}

/// How a step of a station went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Went {
    On,
    /// The authority said no to what a station must be able to end.
    Stuck,
}

impl Agent {
    pub(super) fn new(at: usize) -> Agent {
        Agent {
            at,
            sequence: 1,
            acknowledged: 0,
            keys: 0,
            blanks: 0,
            hold: None,
            ended: 0,
        }
    }

    pub(super) fn idle(&self) -> bool {
        self.hold.is_none()
    }

    /// The job in hand, as far as it knows it.
    pub(super) fn job(&self) -> Option<JobId> {
        let hold = self.hold.as_ref()?;
        match &hold.request.select {
            Select::Job(job) => Some(job.clone()),
            Select::Next | Select::Reception(_) => None,
        }
    }

    fn key(&mut self) -> Key {
        self.keys += 1;
        let mut key = [self.keys; 16];
        key[0] = u8::try_from(self.at).unwrap();
        Key(key)
    }

    fn draw_blank(&mut self) -> ChipSerial {
        self.blanks += 1;
        let share = BLANKS / 2;
        assert!(self.blanks <= share, "the run is too long for its stock");
        blank(u8::try_from(self.at).unwrap() * share + self.blanks - 1)
    }

    /// One step of its order; when the answer is lost, the request was applied and it asks again.
    pub(super) fn step(&mut self, bench: &Bench, truth: &mut Truth, which: u8, lost: bool) -> Went {
        self.sequence += 1;
        let Some(stage) = self.hold.as_ref().map(|hold| hold.stage) else {
            let wanted = jobs()[usize::from(which) % jobs().len()].clone();
            let request = LeaseRequest {
                key: self.key(),
                select: Select::Job(wanted),
            };
            self.hold = Some(Holding {
                request,
                stage: Stage::Asked,
                job: None,
                blank: None,
                owed: None,
            });
            return Went::On;
        };
        match stage {
            Stage::Asked => self.lease(bench, truth, lost),
            Stage::Granted => self.sign(bench, truth, lost),
            Stage::Signed => self.keyed(bench, truth, lost),
            Stage::Made => self.produced(bench, truth, lost),
            Stage::Produced => self.hand_over(bench, truth),
            Stage::HandedOver | Stage::Told | Stage::Ending => self.tell(bench, truth, lost),
        }
    }

    fn lease(&mut self, bench: &Bench, truth: &mut Truth, lost: bool) -> Went {
        let hold = self.hold.as_mut().unwrap();
        let caller = bench.caller(self.at, self.sequence, self.acknowledged);
        match bench.authority.lease(&caller, &hold.request) {
            Ok(_) if lost => {}
            Ok(lease) => {
                let verified = bench.verified(&lease.token, self.at);
                truth
                    .sent
                    .push((self.at, Sent::Lease(hold.request.clone())));
                // A grant that came too late is declined, as a station does.
                match verified {
                    Some(job) => {
                        hold.job = Some(job);
                        hold.stage = Stage::Granted;
                    }
                    None => self.hold = None,
                }
            }
            Err(Fault::Refused(_)) => self.hold = None,
            Err(fault) => panic!("{fault}"),
        }
        Went::On
    }

    fn sign(&mut self, bench: &Bench, truth: &mut Truth, lost: bool) -> Went {
        let (job, attempt) = self.attempt();
        match self.signs(bench, &job, attempt) {
            Ok(()) if lost => {}
            Ok(()) => {
                truth.sent.push((self.at, Sent::Sign(job, attempt)));
                self.hold.as_mut().unwrap().stage = Stage::Signed;
            }
            Err(_) => self.give_up(),
        }
        Went::On
    }

    fn signs(&self, bench: &Bench, job: &JobId, attempt: u32) -> Result<(), Refused> {
        let asked = SignRequest {
            digest: PREPARED,
            dpi: 300,
        };
        let caller = bench.caller(self.at, self.sequence, self.acknowledged);
        match bench.authority.sign(&caller, job, attempt, &asked) {
            Ok(sealed) => {
                assert_eq!(sealed.signature.map(|bytes| bytes.len()), Some(256));
                Ok(())
            }
            Err(Fault::Refused(refused)) => Err(refused),
            Err(fault) => panic!("{fault}"),
        }
    }

    /// Asks for the blank's keys and makes the card with them.
    fn keyed(&mut self, bench: &Bench, truth: &mut Truth, lost: bool) -> Went {
        let (job, attempt) = self.attempt();
        let serial = match self.hold.as_ref().unwrap().blank {
            Some(serial) => serial,
            None => self.draw_blank(),
        };
        let hold = self.hold.as_mut().unwrap();
        hold.blank = Some(serial);
        let caller = bench.caller(self.at, self.sequence, self.acknowledged);
        match bench.authority.keys(&caller, &job, attempt, serial) {
            Ok(_) if lost => {}
            Ok(_) => {
                let number = hold.job.as_ref().unwrap().number;
                let before = truth.written.insert(number.to_string(), serial);
                assert!(before.is_none(), "{number} stands on two chips");
                truth.sent.push((self.at, Sent::Keys(job, attempt, serial)));
                hold.stage = Stage::Made;
            }
            Err(Fault::Refused(_)) => self.give_up(),
            Err(fault) => panic!("{fault}"),
        }
        Went::On
    }

    fn produced(&mut self, bench: &Bench, truth: &mut Truth, lost: bool) -> Went {
        let serial = self.hold.as_ref().unwrap().blank.unwrap();
        let chip = Some(Digest::of(MESSAGE));
        self.owe(bench, ReportEvent::Produced { serial, chip });
        match self.send(bench, truth) {
            Ok(()) if lost => {}
            Ok(()) => self.moves_to(Stage::Produced),
            // No card comes of it: the chip is killed, the card destroyed.
            Err(_) => self.spoil(bench),
        }
        Went::On
    }

    /// In one breath: asks whether the card is still wanted, collects, hands over.
    fn hand_over(&mut self, bench: &Bench, truth: &mut Truth) -> Went {
        let (job, attempt) = self.attempt();
        if self.signs(bench, &job, attempt).is_err() {
            self.withdraw(bench, Withdrawal::Stopped);
            return Went::On;
        }
        let held = self.hold.as_ref().unwrap().job.as_ref().unwrap();
        let cards = truth.outside.entry(job.to_string()).or_default();
        cards.push(held.number);
        let old_card = match held.approval.previous_card {
            OldCard::NotRequired => OldCardEnd::NotRequired,
            OldCard::Return(_) => OldCardEnd::Collected,
            OldCard::DeclaredLost(_) => OldCardEnd::Lost,
        };
        self.owe(bench, ReportEvent::Delivered { old_card });
        self.moves_to(Stage::HandedOver);
        Went::On
    }

    /// Sends what it owes until it is acknowledged; what must be told is never refused.
    fn tell(&mut self, bench: &Bench, truth: &mut Truth, lost: bool) -> Went {
        if self.send(bench, truth).is_err() {
            return Went::Stuck;
        }
        if lost {
            return Went::On;
        }
        let hold = self.hold.as_mut().unwrap();
        let returned = matches!(
            hold.job.as_ref().map(|job| job.approval.previous_card),
            Some(OldCard::Return(_))
        );
        hold.owed = None;
        let record = serde_json::json!({ "cards": 1 });
        match hold.stage {
            Stage::HandedOver if returned => {
                self.owe(bench, ReportEvent::OldCardPunched);
                self.moves_to(Stage::Told);
            }
            Stage::HandedOver | Stage::Told => {
                self.owe(bench, ReportEvent::Closed { record });
                self.moves_to(Stage::Ending);
            }
            Stage::Ending => {
                self.ended += 1;
                self.hold = None;
                self.leave_checkpoint(bench);
            }
            Stage::Asked | Stage::Granted | Stage::Signed | Stage::Made | Stage::Produced => {}
        }
        Went::On
    }

    fn leave_checkpoint(&mut self, bench: &Bench) {
        let hash = Digest([u8::try_from(self.sequence % 251).unwrap(); 32]);
        let sequence = self.sequence;
        let caller = bench.caller(self.at, sequence, self.acknowledged);
        let point = Checkpoint { sequence, hash };
        bench.authority.checkpoint(&caller, &point).unwrap();
        self.acknowledged = sequence;
    }

    /// A fault spoils the card in the machine, if there is one.
    pub(super) fn spoil(&mut self, bench: &Bench) {
        let Some(hold) = &self.hold else { return };
        let serial = hold.blank;
        match hold.stage {
            Stage::Signed if serial.is_some() => self.give_up(),
            Stage::Made | Stage::Produced => {
                self.hold.as_mut().unwrap().owed = None;
                let reason = "P-RIBBON-OUT".to_owned();
                let terminated = true;
                self.owe(
                    bench,
                    ReportEvent::Spoiled {
                        serial,
                        terminated,
                        reason,
                    },
                );
                self.moves_to(Stage::Ending);
            }
            Stage::Asked
            | Stage::Granted
            | Stage::Signed
            | Stage::HandedOver
            | Stage::Told
            | Stage::Ending => {}
        }
    }

    /// The finished card is not handed over.
    pub(super) fn withdraw(&mut self, bench: &Bench, why: Withdrawal) {
        if self
            .hold
            .as_ref()
            .is_some_and(|hold| hold.stage == Stage::Produced)
        {
            self.owe(bench, ReportEvent::Withdrawn { why });
            self.moves_to(Stage::Ending);
        }
    }

    /// No key was written into the blank: it goes back.
    fn give_up(&mut self) {
        let hold = self.hold.as_mut().unwrap();
        let serial = hold.blank;
        let job = hold.job.as_ref().unwrap();
        let (id, attempt) = (job.id.clone(), job.attempt);
        hold.stage = Stage::Ending;
        let report = Report {
            id: self.key(),
            job: id,
            attempt,
            at: super::bench::start(),
            event: ReportEvent::Returned {
                serial,
                reason: "A-LEASE-ENDED".to_owned(),
            },
        };
        self.hold.as_mut().unwrap().owed = Some(report);
    }

    /// Journals what is owed, once: sent again it is the same, word for word.
    fn owe(&mut self, bench: &Bench, event: ReportEvent) {
        let (job, attempt) = self.attempt();
        let id = self.key();
        let at = bench.now;
        let hold = self.hold.as_mut().unwrap();
        let report = Report {
            id,
            job,
            attempt,
            at,
            event,
        };
        hold.owed.get_or_insert(report);
    }

    fn send(&mut self, bench: &Bench, truth: &mut Truth) -> Result<(), String> {
        let report = self.hold.as_ref().unwrap().owed.clone().unwrap();
        let caller = bench.caller(self.at, self.sequence, self.acknowledged);
        match bench.authority.report(&caller, &report) {
            Ok(acknowledged) => {
                assert_eq!(acknowledged.report, report.id);
                truth.sent.push((self.at, Sent::Report(report)));
                Ok(())
            }
            Err(fault) => Err(fault.to_string()),
        }
    }

    fn moves_to(&mut self, stage: Stage) {
        let hold = self.hold.as_mut().unwrap();
        if stage == Stage::Produced {
            hold.owed = None;
        }
        hold.stage = stage;
    }

    fn attempt(&self) -> (JobId, u32) {
        let job = self.hold.as_ref().unwrap().job.as_ref().unwrap();
        (job.id.clone(), job.attempt)
    }

    /// Sends an earlier request again, as itself or as the other station, with its journal at an
    /// older place if it was put back. Whether it was answered with yes.
    pub(super) fn replay(
        bench: &Bench,
        agents: &[Agent],
        sent: &(usize, Sent),
        foreign: bool,
    ) -> bool {
        let at = if foreign { 1 - sent.0 } else { sent.0 };
        assert!(at < STATIONS.len());
        let caller = bench.caller(at, agents[at].sequence, agents[at].acknowledged);
        let authority = &bench.authority;
        match &sent.1 {
            // Another station's own wish for a card, under the same key.
            Sent::Lease(_) if foreign => false,
            Sent::Lease(request) => authority.lease(&caller, request).is_ok(),
            Sent::Sign(job, attempt) => {
                let asked = SignRequest {
                    digest: PREPARED,
                    dpi: 300,
                };
                authority.sign(&caller, job, *attempt, &asked).is_ok()
            }
            Sent::Keys(job, attempt, serial) => {
                authority.keys(&caller, job, *attempt, *serial).is_ok()
            }
            Sent::Report(report) => authority.report(&caller, report).is_ok(),
        }
    }
}
