//! The way to the simulated authority, with its faults: before a request arrives, or after it was
//! applied. Verification of grants is the station's own.

use card_station::authority::client::Error;
use card_station::authority::contract::{
    Checkpoint, ChipKeys, ChipSerial, Key, NumberStanding, NumberState, Report, ReportEvent,
};
use card_station::authority::server::Refused as Law;
use card_station::issuance::Select;
use card_station::job::{Digest, Job, Refusal};
use card_station::product::CardNumber;
use card_station::station::seams::{Grants, Refused, Seal, Tells, Trusts};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use zeroize::Zeroizing;

use super::authority::{Authority, refusal};
use super::bytes;
use super::faults::{Fault, Level};
use super::kit;
use super::planted::Planted;
use super::tokens::{self, Odd};
use super::world::{Cut, Shared};

/// The authority as one station reaches it.
pub(crate) struct Office {
    world: Shared,
    trusted: Vec<Vec<u8>>,
}

impl Office {
    pub(crate) fn new(world: &Shared) -> Office {
        let trusted = match world.borrow().level() {
            Level::Decision => Vec::new(),
            Level::Bytes => bytes::kit::trusted(),
        };
        Office {
            world: world.clone(),
            trusted,
        }
    }

    /// One request: a boundary before it, one after it was applied, and the faults of the way.
    fn call<T>(
        &self,
        sequence: Option<u64>,
        ask: impl FnOnce(&mut Authority, Timestamp) -> Result<T, Law>,
    ) -> Result<T, Refused> {
        let world = &self.world;
        world.boundary(Cut::Whole);
        world.borrow().time.pass(Duration::from_millis(30));
        if self.unreachable() {
            world.borrow().time.pass(Duration::from_secs(2));
            let named = world.borrow().planted == Planted::NameInRefusal;
            return Err(if named { naming() } else { lost() });
        }
        let answer = {
            let mut sim = world.borrow_mut();
            let (now, planted) = (sim.time.now(), sim.planted);
            let authority = &mut sim.authority;
            let blind = planted == Planted::RollbackBlind;
            let sequence = sequence.filter(|_| !blind);
            let admitted = sequence.map_or(Ok(()), |at| authority.admit(at));
            let answer = admitted.and_then(|()| ask(authority, now));
            sim.check_authority();
            answer
        };
        world.boundary(Cut::Whole);
        if world.strikes(Fault::OfficeAnswerLost) {
            return Err(lost());
        }
        answer.map_err(refusal)
    }

    fn unreachable(&self) -> bool {
        let mut sim = self.world.borrow_mut();
        let now = sim.time.now();
        if sim.faults.strikes(Fault::PartitionWeek) {
            sim.flags.offline_until = now.checked_add(SignedDuration::from_hours(168)).ok();
        }
        if sim.faults.strikes(Fault::PartitionHour) {
            sim.flags.offline_until = now.checked_add(SignedDuration::from_hours(1)).ok();
        }
        if sim.faults.strikes(Fault::LeaseRevoked) && sim.authority.write_off() {
            sim.watch.written_off = true;
        }
        let offline = sim.flags.offline_until.is_some_and(|until| now < until);
        offline || sim.faults.strikes(Fault::Refused) || sim.faults.strikes(Fault::OfficeStorm)
    }

    /// What is wrong with the next token.
    fn odd(&self) -> Option<Odd> {
        [
            (Fault::TokenForged, Odd::Forged),
            (Fault::TokenUnsigned, Odd::Unsigned),
            (Fault::TokenUnknownKey, Odd::UnknownKey),
            (Fault::TokenElsewhere, Odd::Elsewhere),
            (Fault::TokenExpired, Odd::Expired),
            (Fault::TokenReplayed, Odd::Replayed),
        ]
        .into_iter()
        .find_map(|(fault, odd)| self.world.strikes(fault).then_some(odd))
    }
}

/// The same with a holder's name: a planted mistake.
fn naming() -> Refused {
    Refused {
        detail: Some("MIHON HANAKO".to_owned()),
        ..lost()
    }
}

/// Nobody knows whether it arrived.
fn lost() -> Refused {
    Refused::from(Error::Garbled {
        status: 502,
        source: None,
    })
}

impl Grants for Office {
    fn lease(&self, key: Key, select: &Select, at: u64) -> Result<Zeroizing<String>, Refused> {
        let known = self
            .world
            .borrow()
            .authority
            .grants
            .iter()
            .any(|grant| grant.key == key);
        let odd = if known { None } else { self.odd() };
        if known && self.world.strikes(Fault::TokenChanged) {
            let sim = self.world.borrow();
            let other = sim.authority.grants.iter().find(|grant| grant.key != key);
            if let Some(other) = other {
                return Ok(Zeroizing::new(other.token.clone()));
            }
        }
        let token = self.call(Some(at), |authority, now| {
            authority.lease(key, select, now, odd)
        })?;
        Ok(Zeroizing::new(token))
    }

    fn photo(&self, job: &Job, at: u64) -> Result<Zeroizing<Vec<u8>>, Refused> {
        self.call(Some(at), |authority, now| {
            authority.usable(job.id.as_str(), job.attempt, now)
        })?;
        Ok(Zeroizing::new(kit::PHOTO.to_vec()))
    }

    fn sign(&self, job: &Job, digest: [u8; 32], _: u32, at: u64) -> Result<Option<Seal>, Refused> {
        // The authority prepares its own grant, whatever the station says that it prepared.
        let attempt = (job.id.as_str(), job.attempt);
        let level = self.world.borrow().level();
        let message = kit::prepared_at(level, job).signed_message;
        let chip = message.as_ref().map(|message| Digest::of(message));
        let reproduced = (kit::content(job), chip);
        self.call(Some(at), |authority, now| {
            authority.sign(attempt, digest, reproduced, now)
        })?;
        Ok(message.map(|message| match level {
            Level::Decision => Seal {
                signature: seal(&kit::content(job)),
                certificate: b"a certificate, specimen".to_vec(),
            },
            Level::Bytes => bytes::kit::seal(&message),
        }))
    }

    fn keys(&self, job: &Job, blank: ChipSerial, at: u64) -> Result<ChipKeys, Refused> {
        let attempt = (job.id.as_str(), job.attempt);
        self.call(Some(at), |authority, now| {
            authority.keys(attempt, blank, now)
        })
    }
}

/// The seal of a card: its own, and always the same.
pub(crate) fn seal(content: &[u8; 32]) -> [u8; 256] {
    let mut seal = [0; 256];
    for (at, byte) in seal.iter_mut().enumerate() {
        *byte = content[at % 32] ^ at as u8;
    }
    seal
}

impl Tells for Office {
    fn report(&self, report: &Report, at: u64) -> Result<(), Refused> {
        if matches!(report.event, ReportEvent::Closed { .. }) {
            self.world.borrow_mut().check_told(report);
        }
        let planted = self.world.borrow().planted;
        let punched = matches!(report.event, ReportEvent::OldCardPunched);
        if planted == Planted::ReportDropped || (punched && planted == Planted::VoidInvented) {
            return Ok(());
        }
        self.call(Some(at), |authority, _| authority.report(report))?;
        if planted == Planted::VoidEarly && matches!(report.event, ReportEvent::Produced { .. }) {
            let mut sim = self.world.borrow_mut();
            let job = sim.authority.grants.last().map(|grant| grant.job);
            let old = job.and_then(|job| sim.authority.jobs[job].approval.previous_card.number());
            if let Some(number) = old {
                sim.authority.numbers.insert(number, NumberStanding::Void);
            }
            sim.check_authority();
        }
        Ok(())
    }

    fn number(&self, number: &CardNumber, at: u64) -> Result<NumberState, Refused> {
        let mut state = self.call(Some(at), |authority, _| Ok(authority.number(number)))?;
        let sim = self.world.borrow();
        let held = sim
            .job_of_old(*number)
            .and_then(|job| sim.old[job].as_ref());
        let punched = held.is_some_and(|old| old.punched);
        if sim.planted == Planted::VoidInvented && punched {
            state.state = NumberStanding::Void;
        }
        Ok(state)
    }

    fn latest_checkpoint(&self, at: u64) -> Result<Option<Checkpoint>, Refused> {
        if self.world.borrow().planted == Planted::RollbackBlind {
            return Ok(None);
        }
        self.call(None, |authority, _| {
            if authority.sequence > at {
                return Err(Law::StaleJournal);
            }
            Ok(authority.kept)
        })
    }

    fn checkpoint(&self, point: &Checkpoint) -> Result<(), Refused> {
        self.call(Some(point.sequence), |authority, _| {
            authority.checkpoint(point)
        })
    }
}

impl Trusts for Office {
    fn verify(&self, token: &str, now: Timestamp) -> Result<Job, Refusal> {
        let planted = self.world.borrow().planted;
        let job = self.opened(token)?;
        if planted != Planted::StaleGrant {
            job.timely(now)?;
        }
        Ok(job)
    }

    fn reopen(&self, token: &str, journalled: &[u8; 32]) -> Result<Job, Refusal> {
        let job = self.opened(token)?;
        if job.digest == *journalled {
            Ok(job)
        } else {
            Err(Refusal::Contradiction("token"))
        }
    }

    fn trusted(&self) -> &[Vec<u8>] {
        &self.trusted
    }
}

impl Office {
    fn opened(&self, token: &str) -> Result<Job, Refusal> {
        let station = self.world.borrow().authority.station.clone();
        let opened = tokens::opened(token, &station).map(|job| (*job).clone());
        let planted = self.world.borrow().planted;
        match (opened, planted) {
            (Err(refusal), Planted::UnsignedGrant) => tokens::unverified(token).ok_or(refusal),
            (opened, _) => opened,
        }
    }
}
