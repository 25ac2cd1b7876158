//! One station's desk at the authority: its requests one by one, as a test wants them told.

use super::super::Fault;
use super::super::service::{Authority, Caller};
use super::bench::{Bench, MESSAGE, PREPARED, blank, jobs};
use crate::authority::contract::{
    Acknowledged, Key, Lease, LeaseRequest, NumberStanding, OldCardEnd, Report, ReportEvent,
    Select, SignRequest,
};
use crate::job::{Digest, Job};

pub(super) fn ask(key: u8, job: usize) -> LeaseRequest {
    LeaseRequest {
        key: Key([key; 16]),
        select: Select::Job(jobs()[job].clone()),
    }
}

pub(super) fn code<T: std::fmt::Debug>(result: Result<T, Fault>) -> String {
    result.expect_err("refused").report().code
}

pub(super) fn report(id: u8, job: &Job, event: ReportEvent) -> Report {
    Report {
        id: Key([id; 16]),
        job: job.id.clone(),
        attempt: job.attempt,
        at: super::bench::start(),
        event,
    }
}

pub(super) fn produced() -> ReportEvent {
    ReportEvent::Produced {
        serial: blank(0),
        chip: Some(Digest::of(MESSAGE)),
    }
}

pub(super) fn delivered(old_card: OldCardEnd) -> ReportEvent {
    ReportEvent::Delivered { old_card }
}

/// One station at one bench.
pub(super) struct Desk {
    pub(super) bench: Bench,
    pub(super) sequence: u64,
}

impl Desk {
    pub(super) fn new() -> Desk {
        let (bench, sequence) = (Bench::new(), 10);
        Desk { bench, sequence }
    }

    pub(super) fn caller(&self, at: usize) -> Caller {
        self.bench.caller(at, self.sequence, 0)
    }

    pub(super) fn authority(&self) -> &Authority {
        &self.bench.authority
    }

    pub(super) fn lease(&self, key: u8, job: usize) -> Result<Lease, Fault> {
        self.authority().lease(&self.caller(0), &ask(key, job))
    }

    pub(super) fn granted(&self, key: u8, job: usize) -> Job {
        let lease = self.lease(key, job).expect("granted");
        self.bench.verified(&lease.token, 0).expect("verified")
    }

    pub(super) fn sign(&self, job: &Job) -> Result<(), Fault> {
        let asked = SignRequest {
            digest: PREPARED,
            dpi: 300,
        };
        let caller = self.caller(0);
        self.authority()
            .sign(&caller, &job.id, job.attempt, &asked)
            .map(drop)
    }

    pub(super) fn keys(&self, job: &Job, n: u8) -> Result<(), Fault> {
        let caller = self.caller(0);
        self.authority()
            .keys(&caller, &job.id, job.attempt, blank(n))
            .map(drop)
    }

    pub(super) fn tell(
        &self,
        id: u8,
        job: &Job,
        event: ReportEvent,
    ) -> Result<Acknowledged, Fault> {
        self.authority()
            .report(&self.caller(0), &report(id, job, event))
    }

    pub(super) fn number(&self, job: &Job) -> NumberStanding {
        let caller = self.caller(0);
        self.authority()
            .number(&caller, &job.number)
            .expect("known")
            .state
    }

    /// A card of this job, made and acknowledged.
    pub(super) fn made(&self, key: u8, job: usize) -> Job {
        let job = self.granted(key, job);
        self.sign(&job).expect("signed");
        self.keys(&job, 0).expect("keys");
        self.tell(key + 100, &job, produced()).expect("taken");
        job
    }
}
