//! The simulated printer's motions: accepted, refused or failed as a firmware does, each with its
//! truth: nothing, the half or the whole of it.

use card_station::fault::Code;
use card_station::issuance::{Chip, Digest, Finding, Life, Panel, Proof, Step};
use card_station::station::seams::{Deed, Outcome};
use card_station::station::translate;
use std::time::Duration;
use wire::Condition;

use super::faults::Fault;
use super::hands::{Hands, is_blank};
use super::interior::{half, whole};
use super::planted::Planted;
use super::truth::{At, Burned, Ended, Panels, TrueCard};
use super::world::Sim;

/// How a motion was cut in its middle.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cutoff {
    Nothing,
    Killed,
    Power,
    Printer,
}

impl Hands {
    /// Gives the printer the panels once a run.
    fn load(&mut self, deed: &mut Deed<'_>) -> Result<(), Code> {
        let Some(work) = deed.work else {
            return Err(Code::PanelMissing);
        };
        let held = self.world.borrow().machine.panels;
        if self.loaded == Some(deed.card) && held.is_some_and(|held| held.card == deed.card) {
            return Ok(());
        }
        if deed.step == Step::Feed {
            (deed.phase)("link_check");
        }
        let mut sim = self.world.borrow_mut();
        sim.machine.panels_before = sim.machine.panels_before.or(held);
        sim.machine.panels = Some(Panels {
            card: deed.card,
            content: Digest(work.prepared.digest),
            number: work.job.number,
        });
        self.loaded = Some(deed.card);
        Ok(())
    }

    pub(crate) fn feed(&mut self, deed: &mut Deed<'_>) -> Outcome {
        if let Err(code) = self.load(deed) {
            return Outcome::Refused(code);
        }
        (deed.phase)("feed");
        match self.moved(deed) {
            Outcome::Done(_) => {}
            other @ (Outcome::Refused(_) | Outcome::InDoubt(_) | Outcome::Found(..)) => {
                return other;
            }
        }
        if let Err(code) = self.reader() {
            return Outcome::InDoubt(code);
        }
        let silent = self.world.strikes(Fault::ChipNoise);
        let blind = self.planted() == Planted::AnyBlank;
        let mut sim = self.world.borrow_mut();
        match sim.at_hand() {
            Some(card) if blind => Outcome::Done(Proof::Blank(card.serial)),
            Some(card) if card.chip.dead || silent => {
                Outcome::Found(Finding::Spoiled, Code::ChipSilent)
            }
            Some(card) if is_blank(&card.chip) => Outcome::Done(Proof::Blank(card.serial)),
            Some(_) => Outcome::Found(Finding::Spoiled, Code::NotBlank),
            None => Outcome::Found(Finding::Spoiled, Code::ChipSilent),
        }
    }

    pub(crate) fn motion(&mut self, deed: &mut Deed<'_>) -> Outcome {
        if matches!(deed.step, Step::Print(_))
            && let Err(code) = self.load(deed)
        {
            return Outcome::Refused(code);
        }
        self.moved(deed)
    }

    pub(crate) fn check(&mut self, deed: &mut Deed<'_>) -> Outcome {
        let Some(work) = deed.work else {
            return Outcome::Refused(Code::PanelMissing);
        };
        match self.moved(deed) {
            Outcome::Done(_) => {}
            other @ (Outcome::Refused(_) | Outcome::InDoubt(_) | Outcome::Found(..)) => {
                return other;
            }
        }
        let dirty = {
            let mut sim = self.world.borrow_mut();
            sim.machine.scanner_dirty |= sim.faults.strikes(Fault::ScannerDirty);
            sim.machine.scanner_dirty
        };
        if dirty {
            return Outcome::Refused(Code::ScannerDirty);
        }
        if self.reader().is_err() {
            return Outcome::Refused(Code::ReaderGone);
        }
        let noise = self.world.strikes(Fault::ChipNoise);
        let (files, content) = (work.files_digest(), Digest(work.prepared.digest));
        let mut sim = self.world.borrow_mut();
        let planted = sim.planted;
        let Some(card) = sim.at_hand() else {
            return Outcome::InDoubt(Code::CardLost);
        };
        let word = if noise { Chip::Silent } else { card.word(None) };
        let said = match word {
            Chip::Silent | Chip::NotAsked if deed.attempt < 2 => {
                return Outcome::InDoubt(Code::ChipSilent);
            }
            Chip::Silent | Chip::NotAsked => Err(Code::ChipSilent),
            Chip::Answers(_) if planted == Planted::CheckReadSkipped => Ok(()),
            Chip::Answers(seen) if seen.life != Life::Locked && planted != Planted::LockTrusted => {
                Err(Code::NotLocked)
            }
            Chip::Answers(_) if card.chip.files != Some(files) => Err(Code::VerifyFail),
            Chip::Answers(_) => Ok(()),
        };
        let shows = |burned: &Burned| burned.content == Some(content) && burned.completed >= 1;
        let front = Panel::ALL[1..]
            .iter()
            .all(|panel| shows(&card.faces[panel.index()]));
        let back = shows(&card.faces[Panel::BackK.index()]);
        let scanned = match (front, back) {
            _ if planted == Planted::ScanSkipped => Ok(()),
            (false, _) => Err(Code::FrontDiffers),
            (_, false) => Err(Code::BackDiffers),
            (true, true) => Ok(()),
        };
        match said.and(scanned) {
            Ok(()) => {
                card.checked = true;
                Outcome::Done(Proof::Faces {
                    chip: files,
                    front: content,
                    back: content,
                })
            }
            Err(code) => Outcome::Found(Finding::Spoiled, code),
        }
    }

    /// One motion of the firmware, by its own order of decisions (PROTOCOL §5).
    fn moved(&mut self, deed: &mut Deed<'_>) -> Outcome {
        if self.world.strikes(Fault::LineSilent) {
            return Outcome::InDoubt(Code::Silent);
        }
        let (id, named) = (deed.id(), self.named(deed.sequence));
        let repeated = self.world.borrow().machine.ended.get(&id).cloned();
        if let Some(ended) = repeated {
            return self.told(ended, deed);
        }
        {
            let mut sim = self.world.borrow_mut();
            let last = sim.machine.last_motion.map_or(0, |last| last.card);
            let stale = named < sim.machine.newest_sequence || id.card < last;
            if stale && sim.planted != Planted::RollbackBlind {
                return Outcome::Refused(translate::fault(Condition::StaleSequence));
            }
            if let Some(condition) = refused(&mut sim, deed) {
                return Outcome::Refused(translate::fault(condition));
            }
            sim.check_motion(deed);
            sim.machine.newest_sequence = named;
            sim.machine.last_motion = Some(id);
            if last != id.card {
                sim.machine.ended.clear();
            }
            let lost = Ended::Failed(Condition::PowerLost);
            sim.machine.ended.insert(id, lost);
        }
        let ended = self.run(deed);
        self.world
            .borrow_mut()
            .machine
            .ended
            .insert(id, ended.clone());
        if self.world.strikes(Fault::AnswerLost) {
            return Outcome::InDoubt(Code::Silent);
        }
        self.told(ended, deed)
    }

    /// A motion's end as the driver tells it.
    fn told(&self, ended: Ended, deed: &Deed<'_>) -> Outcome {
        match ended {
            Ended::Done(mut after) if self.planted() == Planted::CountersNotAsked => {
                if !after.same_work(&deed.before.after(deed.step)) {
                    after = deed.before.after(deed.step);
                    self.world.borrow_mut().machine.counters = after.clone();
                }
                Outcome::Done(Proof::Motion(after))
            }
            Ended::Done(after) => deed.borne_out(Outcome::Done(Proof::Motion(after))),
            Ended::Failed(condition) => Outcome::InDoubt(translate::fault(condition)),
        }
    }

    fn run(&mut self, deed: &Deed<'_>) -> Ended {
        let step = deed.step;
        let mut sim = self.world.borrow_mut();
        sim.time.pass(Duration::from_secs(3));
        if sim.faults.strikes(Fault::DoneEarly) {
            return Ended::Done(sim.machine.counters.clone());
        }
        if step == Step::Feed {
            if sim.faults.strikes(Fault::NotPicked) {
                return Ended::Failed(Condition::NotPicked);
            }
            if sim.faults.strikes(Fault::DoubleFeed) {
                return double_feed(&mut sim);
            }
            let odd = odd_blank(&mut sim);
            if let Some(card) = sim.cards.iter_mut().find(|card| card.at == At::Hopper) {
                odd.into_iter().for_each(|odd| odd(card));
            }
        }
        half(&mut sim, step);
        drop(sim);
        let cutoff = self.cutoff();
        if matches!(cutoff, Cutoff::Power | Cutoff::Printer) {
            let mut sim = self.world.borrow_mut();
            if cutoff == Cutoff::Printer {
                sim.printer_power();
                return Ended::Failed(Condition::PowerLost);
            }
            sim.power_cut();
            drop(sim);
            self.world.end();
        }
        let mut sim = self.world.borrow_mut();
        let ended = match failed(&mut sim, step) {
            Some(condition) => Ended::Failed(condition),
            None => {
                whole(&mut sim, step);
                Ended::Done(sim.machine.counters.clone())
            }
        };
        if cutoff == Cutoff::Killed {
            sim.machine.ended.insert(deed.id(), ended);
            drop(sim);
            self.world.end();
        }
        ended
    }

    /// In the middle of a motion: a killed process does not stop the machine.
    fn cutoff(&self) -> Cutoff {
        let world = &self.world;
        if world.strikes(Fault::Killed) {
            Cutoff::Killed
        } else if world.strikes(Fault::PowerBoth) {
            Cutoff::Power
        } else if world.strikes(Fault::PowerPrinter) {
            Cutoff::Printer
        } else {
            Cutoff::Nothing
        }
    }
}

/// What forbids a motion before it begins.
fn refused(sim: &mut Sim, deed: &Deed<'_>) -> Option<Condition> {
    let step = deed.step;
    let printing = matches!(step, Step::Print(_));
    let faults = &mut sim.faults;
    let machine = &mut sim.machine;
    if printing {
        machine.head_hot |= faults.strikes(Fault::HeadHot);
        if faults.strikes(Fault::RibbonOut) {
            machine.ribbon.left = 0;
        }
        if faults.strikes(Fault::RibbonWrong) {
            machine.ribbon.kind = wire::SupplyKind::Other(9);
        }
    }
    if step == Step::Hologram && faults.strikes(Fault::PatchOut) {
        machine.patches.left = 0;
    }
    if step == Step::Reject {
        machine.tray_full |= faults.strikes(Fault::TrayFull);
    }
    let hopper = sim.cards.iter().any(|card| card.at == At::Hopper);
    let astray = sim.cards.iter().any(|card| card.at == At::Astray);
    [
        (astray, Condition::CardLost),
        (machine.cover_open, Condition::CoverOpen),
        (step == Step::Feed && !hopper, Condition::HopperEmpty),
        (
            printing && machine.panels.is_none(),
            Condition::PanelMissing,
        ),
        (printing && machine.head_hot, Condition::HeadHot),
        (printing && machine.ribbon_broken, Condition::RibbonBroken),
        (
            printing && machine.ribbon.kind != wire::SupplyKind::Ribbon,
            Condition::RibbonWrong,
        ),
        (
            printing && machine.ribbon.left == 0 && machine.ribbon_at >= 7,
            Condition::RibbonOut,
        ),
        (
            step == Step::Hologram && machine.patches.left == 0,
            Condition::PatchOut,
        ),
        (
            step == Step::Reject && machine.tray_full,
            Condition::TrayFull,
        ),
    ]
    .into_iter()
    .find_map(|(stands, condition)| stands.then_some(condition))
}

/// What fails in the middle of a motion.
fn failed(sim: &mut Sim, step: Step) -> Option<Condition> {
    let printing = matches!(step, Step::Print(_));
    if sim.machine.stuck || sim.faults.strikes(Fault::Jam) {
        sim.machine.stuck = true;
        return Some(Condition::Jam(zone(step)));
    }
    if sim.faults.strikes(Fault::CoverOpened) {
        sim.machine.cover_open = true;
        return Some(Condition::CoverOpened);
    }
    if printing && sim.faults.strikes(Fault::RibbonBroken) {
        sim.machine.ribbon_broken = true;
        return Some(Condition::RibbonBroken);
    }
    if step == Step::Hologram && sim.faults.strikes(Fault::PatchMissed) {
        return Some(Condition::PatchMisregistered);
    }
    if !matches!(step, Step::Release | Step::Reject) && sim.faults.strikes(Fault::CardLost) {
        if let Some(card) = sim.at_hand() {
            card.at = At::Astray;
        }
        return Some(Condition::CardLost);
    }
    None
}

fn zone(step: Step) -> wire::Zone {
    match step {
        Step::Feed | Step::SightOld => wire::Zone::Feeder,
        Step::Encode | Step::Lock | Step::Terminate => wire::Zone::Encoder,
        Step::Print(_) => wire::Zone::Head,
        Step::Flip => wire::Zone::Flipper,
        Step::Hologram => wire::Zone::Hologram,
        Step::Check => wire::Zone::Check,
        Step::Eject
        | Step::Release
        | Step::Reject
        | Step::CollectOld
        | Step::HandOver
        | Step::Punch
        | Step::RemoveByHand => wire::Zone::Exit,
    }
}

fn double_feed(sim: &mut Sim) -> Ended {
    let mut fed = sim.cards.iter_mut().filter(|card| card.at == At::Hopper);
    if let Some(card) = fed.next() {
        card.at = At::Feeder;
    }
    if let Some(card) = fed.next() {
        (card.at, card.stowaway) = (At::Astray, true);
    }
    sim.machine.stuck = true;
    Ended::Failed(Condition::DoubleFeed)
}

/// What is wrong with the blank that comes next.
fn odd_blank(sim: &mut Sim) -> Option<fn(&mut TrueCard)> {
    if sim.faults.strikes(Fault::ForeignCard) {
        return Some(|card| {
            (card.chip.life, card.chip.stored) = (Life::Locked, 20_000);
            card.chip.keys = card_station::issuance::ChipKeys::Other;
        });
    }
    if sim.faults.strikes(Fault::UsedBlank) {
        return Some(|card| card.chip.stored = 512);
    }
    if sim.faults.strikes(Fault::DeadBlank) {
        return Some(|card| card.chip.dead = true);
    }
    if sim.faults.strikes(Fault::StrangeBlank) {
        return Some(|card| {
            card.of_stock = false;
            card.serial.0[0] = 0x99;
        });
    }
    None
}
