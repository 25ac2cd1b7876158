//! The simulated authority: jobs, grants, numbers, blanks and reports in memory, by the law of the
//! real one (`authority::server::lease`), with tokens that are really signed. Knows no station.

use card_station::authority::client::Error;
use card_station::authority::contract::{
    Checkpoint, ChipKeys, ChipSerial, Key, KeySet, NumberStanding, NumberState, ProblemReport,
    Report, ReportEvent,
};
use card_station::authority::server::Refused;
use card_station::authority::server::lease::{self, BlankState, Grant, GrantState, JobState};
use card_station::issuance::Select;
use card_station::job::token::day_in_tokyo;
use card_station::job::{Approval, Digest, OldCard, StationId};
use card_station::product::CardNumber;
use card_station::station::seams;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

use super::bytes;
use super::tokens::{self, Odd};

/// How long a grant holds as long as no keys were released.
pub(crate) const LEASE: SignedDuration = SignedDuration::from_mins(30);
/// Grants are dated on this raster, so that the same ones come again from run to run.
const RASTER_S: i64 = 600;

/// One approval on its way.
pub(crate) struct JobRow {
    pub(crate) approval: Approval,
    pub(crate) state: JobState,
    pub(crate) attempts: u32,
    pub(crate) epoch: u32,
}

/// One attempt.
pub(crate) struct GrantRow {
    pub(crate) job: usize,
    pub(crate) attempt: u32,
    pub(crate) law: Grant,
    pub(crate) number: CardNumber,
    pub(crate) token: String,
    pub(crate) key: Key,
    /// What is wrong with its token.
    pub(crate) odd: Option<Odd>,
    /// What was prepared, and what its chip data are, once they were signed.
    pub(crate) prepared: Option<[u8; 32]>,
    pub(crate) chip: Option<Digest>,
    signed: bool,
}

/// The authority.
pub(crate) struct Authority {
    pub(crate) station: StationId,
    pub(crate) jobs: Vec<JobRow>,
    pub(crate) grants: Vec<GrantRow>,
    pub(crate) numbers: BTreeMap<CardNumber, NumberStanding>,
    /// The signed data of old cards, by number; none for one that is not signed.
    pub(crate) old_data: BTreeMap<CardNumber, Option<Digest>>,
    pub(crate) reports: BTreeMap<Key, Report>,
    pub(crate) blanks: BTreeMap<ChipSerial, BlankState>,
    pub(crate) sequence: u64,
    /// A planted mistake: the number of the first attempt for every one.
    pub(crate) numbers_again: bool,
    /// A planted mistake: keys for whatever was fed.
    pub(crate) any_stock: bool,
    /// The keys are those that the simulated blanks were made with.
    pub(crate) real_keys: bool,
    pub(crate) kept: Option<Checkpoint>,
}

/// The number of an attempt: each its own, the same from run to run.
pub(crate) fn number_of(job: usize, attempt: u32) -> CardNumber {
    let digits = 10_000 * (job as u32 + 1) + attempt;
    CardNumber::parse(&format!("AB{digits:08}CD")).expect("a number")
}

/// A refusal in the words of the contract.
pub(crate) fn refusal(refused: Refused) -> seams::Refused {
    seams::Refused::from(Error::Refused(Box::new(ProblemReport {
        status: 409,
        code: refused.code().to_owned(),
        title: refused.to_string(),
        field: String::new(),
        remedy_ja: String::new(),
        remedy_en: String::new(),
    })))
}

impl Authority {
    pub(crate) fn new(station: &str) -> Authority {
        Authority {
            station: StationId::parse(station).expect("plain"),
            jobs: Vec::new(),
            grants: Vec::new(),
            numbers: BTreeMap::new(),
            old_data: BTreeMap::new(),
            reports: BTreeMap::new(),
            blanks: BTreeMap::new(),
            sequence: 0,
            numbers_again: false,
            any_stock: false,
            real_keys: false,
            kept: None,
        }
    }

    /// A new approval waits.
    pub(crate) fn approve(&mut self, approval: Approval) {
        self.jobs.push(JobRow {
            approval,
            state: JobState::Waiting,
            attempts: 0,
            epoch: 0,
        });
    }

    /// Every request of a station says how far its journal is; an older one is refused.
    pub(crate) fn admit(&mut self, sequence: u64) -> Result<(), Refused> {
        if sequence < self.sequence {
            return Err(Refused::StaleJournal);
        }
        self.sequence = sequence;
        Ok(())
    }

    /// The newest grant of a job.
    pub(crate) fn newest(&self, job: usize) -> Option<&GrantRow> {
        self.grants.iter().rev().find(|grant| grant.job == job)
    }

    /// The grant of a job's attempt.
    pub(crate) fn grant(&self, job: &str, attempt: u32) -> Option<&GrantRow> {
        let of = |grant: &&GrantRow| {
            grant.attempt == attempt && self.jobs[grant.job].approval.job().as_str() == job
        };
        self.grants.iter().find(of)
    }

    fn held(&mut self, job: &str, attempt: u32) -> Result<&mut GrantRow, Refused> {
        let at = self.grants.iter().position(|grant| {
            grant.attempt == attempt && self.jobs[grant.job].approval.job().as_str() == job
        });
        at.map(|at| &mut self.grants[at]).ok_or(Refused::Unknown)
    }

    /// Ends what ended by time.
    pub(crate) fn sweep(&mut self, now: Timestamp) {
        for at in 0..self.grants.len() {
            if lease::has_expired(&self.grants[at].law, now) {
                self.end(at, GrantState::Expired);
            }
        }
    }

    fn end(&mut self, at: usize, state: GrantState) {
        let grant = &mut self.grants[at];
        grant.law.state = state;
        self.numbers.insert(grant.number, NumberStanding::Burned);
        let job = &mut self.jobs[grant.job];
        if job.state == JobState::Leased {
            job.state = JobState::Waiting;
        }
    }

    /// Two persons end what a lost station still holds.
    pub(crate) fn write_off(&mut self) -> bool {
        let open = |grant: &GrantRow| grant.law.state == GrantState::Open;
        let Some(at) = self.grants.iter().position(open) else {
            return false;
        };
        if let Some(serial) = self.grants[at].law.blank {
            self.blanks.insert(serial, BlankState::Spoiled);
        }
        self.end(at, GrantState::WrittenOff);
        true
    }

    /// Gives a grant, the same for the same key.
    pub(crate) fn lease(
        &mut self,
        key: Key,
        select: &Select,
        now: Timestamp,
        odd: Option<Odd>,
    ) -> Result<String, Refused> {
        if let Some(given) = self.grants.iter().find(|grant| grant.key == key) {
            return Ok(given.token.clone());
        }
        self.sweep(now);
        if self.grants.iter().any(|grant| grant.law.state.holds()) {
            return Err(Refused::StationBusy);
        }
        let waits = |row: &JobRow| row.state == JobState::Waiting;
        let job = match select {
            Select::Next => self
                .jobs
                .iter()
                .position(waits)
                .ok_or(Refused::NothingWaits)?,
            Select::Job(id) => self.named(|row| row.approval.job().as_str() == id)?,
            Select::Reception(id) => self.named(|row| row.approval.reception.as_str() == id)?,
        };
        self.give(job, key, now, odd)
    }

    fn named(&self, is: impl Fn(&JobRow) -> bool) -> Result<usize, Refused> {
        let at = self.jobs.iter().position(is).ok_or(Refused::Unknown)?;
        match self.jobs[at].state {
            JobState::Waiting => Ok(at),
            JobState::Leased
            | JobState::Delivered
            | JobState::Closed
            | JobState::SetAside
            | JobState::Refused => Err(Refused::NotWaiting),
        }
    }

    fn give(
        &mut self,
        job: usize,
        key: Key,
        now: Timestamp,
        odd: Option<Odd>,
    ) -> Result<String, Refused> {
        let rastered = Timestamp::from_second(now.as_second() / RASTER_S * RASTER_S).expect("now");
        let row = &mut self.jobs[job];
        (row.attempts, row.epoch) = (row.attempts + 1, row.epoch + 1);
        row.state = JobState::Leased;
        let count = if self.numbers_again { 1 } else { row.attempts };
        let number = number_of(job, count);
        let expires = lease::expiry(rastered, LEASE);
        let dated = tokens::Dated {
            station: &self.station,
            attempt: row.attempts,
            epoch: row.epoch,
            number,
            day: day_in_tokyo(now),
            from: rastered,
            expires,
        };
        let earlier = self.grants.last().map(|grant| grant.token.clone());
        let replays = odd == Some(Odd::Replayed) && earlier.is_some();
        let odd = odd.filter(|odd| *odd != Odd::Replayed || replays);
        let token = tokens::granted(job, &row.approval, &dated, odd, earlier);
        for grant in self.grants.iter_mut().filter(|grant| grant.job == job) {
            grant.law.current = false;
        }
        let attempt = row.attempts;
        self.numbers.insert(number, NumberStanding::Reserved);
        self.grants.push(GrantRow {
            job,
            attempt,
            law: Grant {
                station: self.station.clone(),
                state: GrantState::Open,
                expires,
                blank: None,
                current: true,
            },
            number,
            token: token.clone(),
            key,
            odd,
            prepared: None,
            chip: None,
            signed: false,
        });
        Ok(token)
    }

    /// Whether a grant can be used at all.
    pub(crate) fn usable(
        &mut self,
        job: &str,
        attempt: u32,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let station = self.station.clone();
        lease::usable(&self.held(job, attempt)?.law, &station, now)
    }

    /// Signs what it reproduces itself.
    pub(crate) fn sign(
        &mut self,
        (job, attempt): (&str, u32),
        digest: [u8; 32],
        reproduced: ([u8; 32], Option<Digest>),
        now: Timestamp,
    ) -> Result<(), Refused> {
        self.usable(job, attempt, now)?;
        let grant = self.held(job, attempt)?;
        if digest != reproduced.0 {
            return Err(Refused::DigestDiffers);
        }
        (grant.prepared, grant.chip, grant.signed) = (Some(digest), reproduced.1, true);
        Ok(())
    }

    /// Releases the keys of one blank.
    pub(crate) fn keys(
        &mut self,
        (job, attempt): (&str, u32),
        serial: ChipSerial,
        now: Timestamp,
    ) -> Result<ChipKeys, Refused> {
        let station = self.station.clone();
        let blank = self.blanks.get(&serial).copied();
        let blank = blank.or(self.any_stock.then_some(BlankState::Stock));
        let grant = self.held(job, attempt)?;
        if lease::release(&grant.law, &station, serial, blank, now)? {
            grant.law.blank = Some(serial);
            self.blanks.insert(serial, BlankState::Bound);
        }
        if self.real_keys {
            return Ok(bytes::old::keys_of(serial));
        }
        let set = |version| KeySet {
            version,
            enc: [serial.0[9]; 16],
            mac: [serial.0[8]; 16],
            dek: [version; 16],
        };
        Ok(ChipKeys {
            transport: set(0x30),
            issuer: set(0x31),
        })
    }

    /// Takes a report; the same one again changes nothing.
    pub(crate) fn report(&mut self, report: &Report) -> Result<(), Refused> {
        if let Some(before) = self.reports.get(&report.id) {
            return if before == report {
                Ok(())
            } else {
                Err(Refused::KeyReused)
            };
        }
        self.take(report)?;
        self.reports.insert(report.id, report.clone());
        Ok(())
    }

    fn take(&mut self, report: &Report) -> Result<(), Refused> {
        let grant = self.held(report.job.as_str(), report.attempt)?;
        let (job, law) = (grant.job, grant.law.clone());
        let (signed, chip, number) = (grant.signed, grant.chip, grant.number);
        let ended = !law.current || law.state == GrantState::WrittenOff;
        let evidence = !matches!(
            report.event,
            ReportEvent::Produced { .. }
                | ReportEvent::Delivered { .. }
                | ReportEvent::OldCardPunched
        );
        if ended && evidence {
            return Ok(());
        }
        let old = self.jobs[job].approval.previous_card;
        let outcome = lease::follow(&law, self.jobs[job].state, old, &report.event)?;
        if let ReportEvent::Produced { chip: told, .. } = &report.event
            && (!signed || *told != chip)
        {
            return Err(Refused::DigestDiffers);
        }
        self.held(report.job.as_str(), report.attempt)?.law.state = outcome.grant;
        self.jobs[job].state = outcome.job;
        if let Some(standing) = outcome.number {
            self.numbers.insert(number, standing);
        }
        if let (Some(serial), Some(state)) = (law.blank, outcome.blank) {
            self.blanks.insert(serial, state);
        }
        if let (true, Some(number)) = (outcome.void_old, old.number()) {
            self.numbers.insert(number, NumberStanding::Void);
        }
        Ok(())
    }

    /// What is known of a number.
    pub(crate) fn number(&self, number: &CardNumber) -> NumberState {
        let old = self.old_data.get(number);
        NumberState {
            number: *number,
            state: self
                .numbers
                .get(number)
                .copied()
                .unwrap_or(NumberStanding::Unknown),
            product: None,
            chip: old.copied().flatten(),
            signed: old.map(Option::is_some),
            since: None,
        }
    }

    /// Keeps a checkpoint, never an older one and never another one at the same place.
    pub(crate) fn checkpoint(&mut self, point: &Checkpoint) -> Result<(), Refused> {
        let forks = |kept: &Checkpoint| {
            point.sequence < kept.sequence
                || (point.sequence == kept.sequence && point.hash != kept.hash)
        };
        if self.kept.as_ref().is_some_and(forks) {
            return Err(Refused::StaleJournal);
        }
        self.kept = Some(*point);
        Ok(())
    }

    /// Whether this old number is void.
    pub(crate) fn is_void(&self, old: OldCard) -> bool {
        old.number()
            .is_none_or(|number| self.numbers.get(&number) == Some(&NumberStanding::Void))
    }
}
