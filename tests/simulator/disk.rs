//! The simulated disk: records, of which some are durable and the newest perhaps not. The chain is
//! linked as the journal links it, by code of its own.

use card_station::journal::{Error, Hash, Sequence};
use card_station::station::seams::{Chain, Records};
use std::io;

use super::faults::Fault;
use super::planted::Planted;
use super::world::{Cut, Shared};

/// Records and their links, put aside.
type Shelved = (Vec<Vec<u8>>, Vec<[u8; 32]>);

/// What lies on the disk.
pub(crate) struct Disk {
    pub(crate) records: Vec<Vec<u8>>,
    pub(crate) links: Vec<[u8; 32]>,
    /// So many of them outlive a power cut.
    pub(crate) durable: usize,
    pub(crate) full: bool,
    /// The newest state, while an old copy lies in its place.
    pub(crate) shelved: Option<Shelved>,
}

impl Disk {
    pub(crate) fn new() -> Disk {
        Disk {
            records: Vec::new(),
            links: Vec::new(),
            durable: 0,
            full: false,
            shelved: None,
        }
    }

    /// The power went: what was not synced is gone.
    pub(crate) fn lose_unsynced(&mut self) {
        self.records.truncate(self.durable);
        self.links.truncate(self.durable);
    }

    /// An old copy is put back.
    pub(crate) fn roll_back(&mut self, to: usize) {
        if self.shelved.is_none() {
            self.shelved = Some((self.records.clone(), self.links.clone()));
            self.records.truncate(to);
            self.links.truncate(to);
            self.durable = to;
        }
    }

    /// The disk as it was is put back in its place.
    pub(crate) fn restore(&mut self) {
        if let Some((records, links)) = self.shelved.take() {
            (self.records, self.links) = (records, links);
            self.durable = self.records.len();
        }
    }

    fn write(&mut self, record: &[u8]) {
        let at = self.records.len();
        let before = at.checked_sub(1).map_or(genesis(), |at| self.links[at]);
        self.links
            .push(link(&[&before, &(at as u64 + 1).to_be_bytes(), record]));
        self.records.push(record.to_vec());
    }

    fn head(&self) -> (Sequence, Hash) {
        let link = self.links.last().copied().unwrap_or_else(genesis);
        (self.links.len() as u64, Hash(link))
    }

    /// Whether the chain holds from its first record; an independent reader.
    pub(crate) fn holds(&self) -> bool {
        let mut before = genesis();
        self.records
            .iter()
            .zip(&self.links)
            .enumerate()
            .all(|(at, (record, kept))| {
                before = link(&[&before, &(at as u64 + 1).to_be_bytes(), record]);
                before == *kept
            })
    }
}

fn genesis() -> [u8; 32] {
    link(&[b"card-station journal 1", b"SIM-1", b"salt"])
}

fn link(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut link = [0; 32];
    link.copy_from_slice(context.finish().as_ref());
    link
}

/// The journal of one run of the station.
pub(crate) struct Journal {
    pub(crate) world: Shared,
    poisoned: bool,
    /// A planted mistake holds an intent back here.
    held: Option<Vec<u8>>,
}

impl Journal {
    /// What was written and not synced when a process was killed is synced before it is read.
    pub(crate) fn open(world: &Shared) -> Journal {
        let mut sim = world.borrow_mut();
        if !matches!(sim.planted, Planted::SkipSync | Planted::OpenedUnsynced) {
            sim.disk.durable = sim.disk.records.len();
        }
        drop(sim);
        Journal {
            world: world.clone(),
            poisoned: false,
            held: None,
        }
    }

    fn fail(&mut self, kind: io::ErrorKind) -> Error {
        self.poisoned = self.world.borrow().planted != Planted::PoisonForgotten;
        self.world.borrow_mut().flags.append_failed = true;
        Error::File(io::Error::from(kind))
    }
}

impl Records for Journal {
    fn append(&mut self, record: &[u8]) -> Result<Sequence, Error> {
        if self.poisoned {
            return Err(Error::Poisoned);
        }
        let world = self.world.clone();
        let planted = world.borrow().planted;
        if planted == Planted::IntentAfterAct {
            let began = record
                .windows(15)
                .any(|part| part == b"\"event\":\"began\"");
            if began {
                self.held = Some(record.to_vec());
                return Ok(world.borrow().disk.records.len() as u64 + 1);
            }
            if let Some(held) = self.held.take() {
                world.borrow_mut().disk.write(&held);
            }
        }
        world.boundary(Cut::Whole);
        let mut sim = world.borrow_mut();
        let fails = [
            (
                sim.faults.strikes(Fault::DiskFull) || sim.disk.full,
                Fault::DiskFull,
            ),
            (sim.faults.strikes(Fault::WriteFails), Fault::WriteFails),
        ];
        if let Some((_, fault)) = fails.iter().find(|(fails, _)| *fails) {
            sim.disk.full |= *fault == Fault::DiskFull;
            let told = sim.disk.records.len() as u64 + 1;
            drop(sim);
            if planted == Planted::WriteErrorSwallowed {
                return Ok(told);
            }
            return Err(self.fail(io::ErrorKind::StorageFull));
        }
        sim.check_record(record);
        sim.disk.write(record);
        if planted == Planted::ChainBroken {
            let broken = link(&[b"", &0_u64.to_be_bytes(), record]);
            sim.disk.links.pop();
            sim.disk.links.push(broken);
        }
        if sim.faults.strikes(Fault::SyncFails) {
            drop(sim);
            return Err(self.fail(io::ErrorKind::Other));
        }
        drop(sim);
        world.boundary(Cut::Whole);
        if world.strikes(Fault::KilledUnsynced) {
            world.end();
        }
        let mut sim = world.borrow_mut();
        if planted != Planted::SkipSync {
            sim.disk.durable = sim.disk.records.len();
        }
        sim.check_durable();
        let sequence = sim.disk.records.len() as u64;
        drop(sim);
        world.boundary(Cut::Whole);
        Ok(sequence)
    }

    fn replay(&self) -> Result<Vec<(Sequence, Vec<u8>)>, Error> {
        let sim = self.world.borrow();
        let forgotten = usize::from(sim.planted == Planted::NewestForgotten);
        let known = sim.disk.records.len().saturating_sub(forgotten);
        let records = sim.disk.records[..known].iter().enumerate();
        Ok(records
            .map(|(at, record)| (at as u64 + 1, record.clone()))
            .collect())
    }

    fn head(&self) -> (Sequence, Hash) {
        self.world.borrow().disk.head()
    }

    fn free_mb(&self) -> Option<u64> {
        let mut sim = self.world.borrow_mut();
        let low = sim.disk.full || sim.faults.strikes(Fault::DiskLow);
        Some(if low { 0 } else { 100_000 })
    }
}

impl Chain for Journal {
    fn hash_at(&self, sequence: Sequence) -> Result<Option<Hash>, Error> {
        let sim = self.world.borrow();
        let at = usize::try_from(sequence).unwrap_or(0).checked_sub(1);
        Ok(at
            .and_then(|at| sim.disk.links.get(at))
            .map(|link| Hash(*link)))
    }

    fn hold_against(&self, sequence: Sequence, hash: &[u8; 32]) -> Result<(), Error> {
        let ours = self.hash_at(sequence)?;
        if sequence == 0 || ours.is_some_and(|ours| ours.0 == *hash) {
            return Ok(());
        }
        Err(Error::RolledBack { at: sequence })
    }
}
