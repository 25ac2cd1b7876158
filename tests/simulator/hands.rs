//! The simulated devices: motions, chips and desk as truth, each answer as a device gives it. What
//! a fault makes of an act is here; what the station makes of an answer is the station's own.

use card_station::desk::{Looked, Seen, Signature};
use card_station::fault::Code;
use card_station::issuance::{self, Chip, ChipKeys, Digest, Finding, Life, Proof, Step, Survey};
use card_station::product::CardNumber;
use card_station::station::seams::{Antennas, Deed, Moves, Outcome, Scanner, Sights, Stands, Work};
use card_station::station::translate;
use jiff::Timestamp;
use std::time::Duration;

use super::faults::Fault;
use super::planted::Planted;
use super::truth::{Nature, OldAt, OnDesk};
use super::world::{Cut, Shared, Sim};

/// The devices of one run of the station.
pub(crate) struct Hands {
    pub(crate) world: Shared,
    ahead: u64,
    pub(crate) loaded: Option<u32>,
}

/// A flipper's word on the wire.
pub(crate) fn flipper(seen: issuance::Flipper) -> wire::Flipper {
    match seen {
        issuance::Flipper::Empty => wire::Flipper::Empty,
        issuance::Flipper::FrontUp => wire::Flipper::FrontUp,
        issuance::Flipper::BackUp => wire::Flipper::BackUp,
        issuance::Flipper::Between => wire::Flipper::Between,
    }
}

impl Hands {
    pub(crate) fn new(world: &Shared, ahead: u64) -> Hands {
        Hands {
            world: world.clone(),
            ahead,
            loaded: None,
        }
    }

    /// The printer's memory number as this journal's hands name it.
    pub(crate) fn named(&self, sequence: u64) -> u64 {
        sequence + self.ahead
    }

    /// A chip is asked: whether it and its reader answer this once.
    pub(crate) fn reader(&self) -> Result<(), Code> {
        let mut sim = self.world.borrow_mut();
        if sim.faults.strikes(Fault::ReaderGone) {
            sim.flags.reader_gone = true;
        }
        if sim.flags.reader_gone {
            Err(Code::ReaderGone)
        } else {
            Ok(())
        }
    }

    pub(crate) fn planted(&self) -> Planted {
        self.world.borrow().planted
    }

    fn noise(&self) -> bool {
        self.world.strikes(Fault::ChipNoise)
    }

    /// A group of commands that writes a chip: before it, in the middle, after it without answer.
    fn written(
        &self,
        half: impl FnOnce(&mut Sim),
        whole: impl FnOnce(&mut Sim),
    ) -> Result<(), Outcome> {
        half(&mut self.world.borrow_mut());
        self.world.boundary(Cut::Whole);
        if self.world.strikes(Fault::TornWrite) {
            return Err(Outcome::InDoubt(Code::ChipTorn));
        }
        whole(&mut self.world.borrow_mut());
        self.world.boundary(Cut::Whole);
        if self.world.strikes(Fault::ChipAnswerLost) {
            return Err(Outcome::InDoubt(Code::ChipSilent));
        }
        Ok(())
    }

    fn encode(&mut self, deed: &mut Deed<'_>) -> Outcome {
        let Some(work) = deed.work.filter(|work| work.keys.is_some()) else {
            return Outcome::Refused(Code::ChipKeys);
        };
        (deed.phase)("chip_write");
        if let Err(code) = self.reader() {
            return Outcome::Refused(code);
        }
        if self.noise() {
            return Outcome::InDoubt(Code::ChipSilent);
        }
        match self.world.borrow_mut().at_hand() {
            None => return Outcome::Refused(Code::ChipSilent),
            Some(card) if card.chip.dead => return Outcome::InDoubt(Code::ChipSilent),
            // The keys are of one blank only; what was stored before does not keep a chip from them.
            Some(card) if !takes_keys(&card.chip) => return Outcome::Refused(Code::NotBlank),
            Some(_) => {}
        }
        if self.world.strikes(Fault::WrongKeys) {
            return Outcome::Refused(Code::ChipKeys);
        }
        let (files, number) = (work.files_digest(), work.job.number);
        self.world.borrow_mut().check_write();
        let half = |sim: &mut Sim| {
            if let Some(card) = sim.at_hand() {
                card.chip.writes += 1;
                card.chip.stored += 512;
            }
        };
        let whole = move |sim: &mut Sim| {
            let wrong = sim.faults.strikes(Fault::NotStored);
            if let Some(card) = sim.at_hand() {
                card.chip.stored += 20_000;
                card.chip.life = Life::Personalised;
                card.chip.number = Some(number);
                card.chip.files = Some(if wrong { Digest([0xEE; 32]) } else { files });
            }
        };
        if let Err(outcome) = self.written(half, whole) {
            return outcome;
        }
        (deed.phase)("chip_verify");
        let stored = self
            .world
            .borrow_mut()
            .at_hand()
            .and_then(|card| card.chip.files);
        let blind = self.planted() == Planted::ReadBackSkipped;
        if stored == Some(files) || blind {
            Outcome::Done(Proof::Files(files))
        } else {
            Outcome::InDoubt(Code::VerifyFail)
        }
    }

    fn lock(&mut self, deed: &mut Deed<'_>) -> Outcome {
        if deed.work.is_none_or(|work| work.keys.is_none()) {
            return Outcome::Refused(Code::ChipKeys);
        }
        if let Err(code) = self.reader() {
            return Outcome::Refused(code);
        }
        if self.noise() {
            return Outcome::InDoubt(Code::ChipSilent);
        }
        let half = |sim: &mut Sim| {
            if let Some(card) = sim.at_hand() {
                card.chip.locks += 1;
                card.chip.keys = ChipKeys::Issuer;
            }
        };
        let whole = |sim: &mut Sim| {
            let lies = sim.faults.strikes(Fault::NotLocked);
            if let Some(card) = sim.at_hand() {
                if lies {
                    // It said so and took nothing in: what is untouched may be done again.
                    card.chip.keys = ChipKeys::Transport;
                    card.chip.locks -= 1;
                } else {
                    card.chip.life = Life::Locked;
                }
            }
        };
        if let Err(outcome) = self.written(half, whole) {
            return outcome;
        }
        let blind = self.planted() == Planted::LockTrusted;
        match self
            .world
            .borrow_mut()
            .at_hand()
            .map(|card| card.word(None))
        {
            Some(Chip::Answers(mut witness)) if witness.life == Life::Locked || blind => {
                (witness.keys, witness.life) = (ChipKeys::Issuer, Life::Locked);
                Outcome::Done(Proof::Chip(Chip::Answers(witness)))
            }
            Some(Chip::Answers(_)) => Outcome::Found(Finding::Spoiled, Code::NotLocked),
            Some(Chip::Silent | Chip::NotAsked) | None => Outcome::InDoubt(Code::ChipSilent),
        }
    }

    fn terminate(&mut self, deed: &mut Deed<'_>) -> Outcome {
        let silent = Outcome::Done(Proof::Chip(Chip::Silent));
        if deed.work.is_none_or(|work| work.keys.is_none()) {
            return silent;
        }
        let sensors = self.world.borrow().printer_shows().sensors;
        if !sensors.encoder && !sensors.check {
            return silent;
        }
        if self.reader().is_err() || self.noise() {
            return silent;
        }
        let dead = self
            .world
            .borrow_mut()
            .at_hand()
            .is_none_or(|card| card.chip.dead);
        if dead {
            return silent;
        }
        if self.planted() == Planted::KillSkipped {
            let word = self
                .world
                .borrow_mut()
                .at_hand()
                .map(|card| card.word(None));
            return match word {
                Some(Chip::Answers(mut witness)) => {
                    witness.life = Life::Terminated;
                    Outcome::Done(Proof::Chip(Chip::Answers(witness)))
                }
                Some(Chip::Silent | Chip::NotAsked) | None => silent,
            };
        }
        let whole = |sim: &mut Sim| {
            if let Some(card) = sim.at_hand() {
                card.chip.life = Life::Terminated;
            }
        };
        if let Err(outcome) = self.written(|_| (), whole) {
            return outcome;
        }
        let word = self
            .world
            .borrow_mut()
            .at_hand()
            .map(|card| card.word(None));
        Outcome::Done(Proof::Chip(word.unwrap_or_default()))
    }

    /// What the chip that is at an antenna says of itself.
    fn witness(&self, work: Option<&Work>) -> Result<Chip, Code> {
        let sensors = self.world.borrow().printer_shows().sensors;
        if !sensors.encoder && !sensors.check {
            return Ok(Chip::NotAsked);
        }
        self.reader()?;
        if self.noise() {
            return Ok(Chip::Silent);
        }
        let prepared = work.map(Work::files_digest);
        let mut sim = self.world.borrow_mut();
        Ok(sim
            .at_hand()
            .map_or(Chip::Silent, |card| card.word(prepared)))
    }
}

impl Hands {
    /// What a planted mistake makes of an act.
    fn perverted(&mut self, deed: &mut Deed<'_>, outcome: Outcome) -> Outcome {
        let planted = self.planted();
        match (planted, deed.step, &outcome) {
            (Planted::PassRepeated, Step::Print(_), Outcome::InDoubt(_)) => {
                deed.attempt += 100;
                self.motion(deed)
            }
            (Planted::PatchLeftOut, Step::Hologram, Outcome::Refused(Code::PatchOut)) => {
                let mut sim = self.world.borrow_mut();
                sim.machine.counters.patches_begun += 1;
                sim.machine.counters.patches_completed += 1;
                if let Some(card) = sim.at_hand() {
                    card.at = super::truth::At::Hologram;
                }
                Outcome::Done(Proof::Motion(sim.machine.counters.clone()))
            }
            (Planted::SlotOpens, Step::Eject, Outcome::Done(_)) => {
                if let Some(card) = self.world.borrow_mut().at_hand() {
                    card.at = super::truth::At::Clerk;
                }
                outcome
            }
            _ => outcome,
        }
    }
}

/// Transport keys and not one byte stored.
pub(crate) fn is_blank(chip: &super::truth::TrueChip) -> bool {
    takes_keys(chip) && chip.stored == 0
}

/// Whether the chip opens a channel under transport keys.
fn takes_keys(chip: &super::truth::TrueChip) -> bool {
    chip.keys == ChipKeys::Transport && chip.life == Life::Blank
}

impl Moves for Hands {
    fn act(&mut self, deed: &mut Deed<'_>) -> Outcome {
        self.world.boundary(Cut::Whole);
        self.world.borrow_mut().check_act(deed);
        let outcome = match deed.step {
            Step::Encode => self.encode(deed),
            Step::Lock => self.lock(deed),
            Step::Terminate => self.terminate(deed),
            Step::Feed => self.feed(deed),
            Step::Check => self.check(deed),
            Step::Print(_)
            | Step::Flip
            | Step::Hologram
            | Step::Eject
            | Step::Release
            | Step::Reject => self.motion(deed),
            Step::SightOld
            | Step::CollectOld
            | Step::HandOver
            | Step::Punch
            | Step::RemoveByHand => Outcome::Refused(Code::Unknown),
        };
        let outcome = self.perverted(deed, outcome);
        self.world.borrow_mut().check_cards();
        self.world.boundary(Cut::Whole);
        outcome
    }

    fn survey(&mut self, sequence: u64, work: Option<&Work>) -> Result<Survey, Code> {
        let seen = self.printer_survey(sequence)?;
        let chip = self.witness(work)?;
        Ok(translate::survey(&seen, chip))
    }

    fn printer_survey(&self, sequence: u64) -> Result<wire::Survey, Code> {
        let mut sim = self.world.borrow_mut();
        sim.time.pass(Duration::from_millis(20));
        if sim.faults.strikes(Fault::SurveyLost) {
            return Err(Code::Silent);
        }
        if sim.faults.strikes(Fault::CounterJump) {
            sim.machine.counters.taken += 1;
            sim.flags.counters_off = true;
        }
        let named = self.named(sequence);
        sim.machine.newest_sequence = sim.machine.newest_sequence.max(named);
        if sim.faults.strikes(Fault::PowerAtSurvey) {
            sim.power_cut();
            drop(sim);
            self.world.end();
        }
        let mut seen = sim.printer_shows();
        match sim.planted {
            Planted::PassCounterIgnored => seen.counters.completed = seen.counters.begun,
            Planted::PatchCounterIgnored => {
                seen.counters.patches_completed = seen.counters.patches_begun;
            }
            Planted::SensorsIgnored => {
                seen.sensors = wire::Sensors {
                    hopper: seen.sensors.hopper,
                    head_decidegrees: 400,
                    patch_decidegrees: 1_400,
                    ..wire::Sensors::default()
                };
            }
            Planted::RollbackBlind => seen.newest_sequence = 0,
            _ => {}
        }
        seen.newest_sequence = seen.newest_sequence.saturating_sub(self.ahead);
        Ok(seen)
    }

    fn erase(&mut self, _: u32) -> Result<(), Code> {
        self.loaded = None;
        self.world.borrow_mut().machine.panels = None;
        Ok(())
    }
}

impl Stands for Hands {
    fn antennas(&self) -> Result<Antennas, Code> {
        let there = self.reader().is_ok();
        Ok(Antennas {
            encoder: there,
            check: there,
            desk: there,
        })
    }

    fn scanner(&self) -> Scanner {
        if self.world.borrow().machine.scanner_dirty {
            Scanner::Dirty
        } else {
            Scanner::Proved
        }
    }

    fn rest(&self, time: Duration) {
        let mut sim = self.world.borrow_mut();
        sim.time.pass(time);
        sim.machine.head_hot = false;
    }

    fn identity(&self) -> String {
        "simulated 1".to_owned()
    }
}

impl Sights for Hands {
    fn look(&mut self, number: &CardNumber, _: Timestamp) -> Result<Looked, Code> {
        self.world.boundary(Cut::Whole);
        self.reader()?;
        let seen = if self.noise() {
            Seen::Silent
        } else {
            let sim = self.world.borrow();
            match sim.desk {
                OnDesk::Nothing => return Err(Code::NoOldCard),
                OnDesk::Stranger if sim.planted == Planted::HalfNumber => {
                    Seen::Open(Signature::Verified(old_data(number)))
                }
                OnDesk::Stranger => Seen::Shut,
                OnDesk::Old(_) if sim.planted == Planted::OldSignatureIgnored => {
                    Seen::Open(Signature::Verified(old_data(number)))
                }
                OnDesk::Old(job) => match &sim.old[job] {
                    Some(old) if old.at == OldAt::Holder => seen(old.nature, old.number, *number),
                    Some(_) | None => return Err(Code::NoOldCard),
                },
            }
        };
        Ok(Looked { seen, files: None })
    }

    fn blank(&mut self) -> Result<Chip, Code> {
        Err(Code::NoOldCard)
    }
}

/// What the reader sees of an old card of this nature.
fn seen(nature: Nature, its: CardNumber, asked: CardNumber) -> Seen {
    if its != asked {
        return Seen::Shut;
    }
    match nature {
        Nature::Genuine => Seen::Open(Signature::Verified(old_data(&its))),
        Nature::Forged => Seen::Open(Signature::Altered),
        Nature::Unsigned => Seen::Open(Signature::Missing),
        Nature::Dead => Seen::Silent,
        Nature::SecondGeneration => Seen::SecondGeneration,
    }
}

/// The digest of the signed data of a genuine old card.
pub(crate) fn old_data(number: &CardNumber) -> [u8; 32] {
    card_station::job::Digest::of(number.bytes()).0
}
