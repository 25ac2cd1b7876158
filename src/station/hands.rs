//! The station's hands: printer, both antennas and the desk reader, for one act at a time.
//! Decides nothing: it does what one intent says, or tells what the devices show.

mod feed;

use std::sync::Arc;
use std::time::Duration;

use super::antenna::Card;
use super::checklist::{Antennas, Scanner};
use super::chips::{self, Trust};
pub(super) use super::deed::{Deed, Outcome};
use super::devices::{Devices, OwnPulse, Pulse as _, Reads, Wired};
use super::faces;
use super::motions::Motions;
use super::notes::Notes;
use super::seams::{Moves, Opening, Stands};
use super::translate;
use super::work::Work;
use crate::config::{self, ApduLength, Config, Planned};
use crate::fault::Code;
use crate::issuance::{Chip, Digest, Finding, Proof, Step, Survey};
use chip::Files;
use printer::{Place, Printer};
use reader::{Access, Readers};
use wire::apdu::Length;
use wire::service::{Order, Outcome as Seen};
use wire::{Motion, MotionResult};

/// How long a card at an antenna may take to be seen by the PC/SC service.
pub(super) const COUPLING_PATIENCE: Duration = Duration::from_secs(3);

/// The devices of one station, open.
pub struct Hands<D: Devices = Wired> {
    printer: Arc<Printer<D::Talk>>,
    motions: Motions<D>,
    readers: D::Readers,
    pulse: D::Pulse,
    encoder: String,
    check: String,
    desk: String,
    /// The card whose panels the printer was given in this run.
    loaded: Option<u32>,
    access: Access,
    trust: Trust,
    /// Why a phase takes long, as far as it is seen here.
    notes: Arc<Notes>,
    deadlines: Vec<Planned>,
    /// How far the printer's memory of journals is ahead of this one.
    ahead: u64,
}

/// A card of these devices, with a watch beside it.
type Watched<D> = Card<<<D as Devices>::Readers as Reads>::Card, <D as Devices>::Pulse>;

impl Hands {
    /// Opens the line and the PC/SC service.
    ///
    /// # Errors  The fault that says which device is not there.
    pub(super) fn open(config: &Config, opening: Opening) -> Result<Hands, Code> {
        let config::Printer { port, baud, serial } = config.printer.clone();
        let printer = Printer::find(Place { port, serial }, baud)
            .map_err(|error| chips::say(&error, printer_fault(&error)))?;
        let readers = Readers::connect().map_err(|error| chips::say(&error, Code::ReaderGone))?;
        Hands::of(printer, readers, OwnPulse::begun(), config, opening)
    }

    /// A card at an antenna, of which nothing is noted: a technician times it.
    pub(super) fn bare_card_at(
        &self,
        reader: &str,
        patience: Duration,
    ) -> Result<reader::Card, reader::Error> {
        self.readers.wait_card_with(reader, patience, self.access)
    }
}

impl<D: Devices> Hands<D> {
    /// The hands of devices that are driven elsewhere.
    ///
    /// # Errors  The fault of a printer that does not answer.
    pub fn driven(
        talk: D::Talk,
        readers: D::Readers,
        pulse: D::Pulse,
        config: &Config,
        opening: Opening,
    ) -> Result<Hands<D>, Code> {
        let printer = Printer::driven(talk);
        let printer = printer.map_err(|error| chips::say(&error, printer_fault(&error)))?;
        Hands::of(printer, readers, pulse, config, opening)
    }

    fn of(
        printer: Printer<D::Talk>,
        readers: D::Readers,
        pulse: D::Pulse,
        config: &Config,
        opening: Opening,
    ) -> Result<Hands<D>, Code> {
        let Opening {
            trust,
            notes,
            ahead,
        } = opening;
        let printer = Arc::new(printer);
        let motions = Motions::new(&printer, pulse.clone(), config, Arc::clone(&notes), ahead)
            .map_err(|error| chips::say(&error, printer_fault(&error)))?;
        Ok(Hands {
            printer,
            motions,
            readers,
            pulse,
            encoder: config.readers.encoder.clone(),
            check: config.readers.check.clone(),
            desk: config.readers.desk.clone(),
            loaded: None,
            access: access(config.readers.apdu_length),
            trust,
            notes,
            deadlines: config.plan(),
            ahead,
        })
    }

    /// The printer, for orders that no step is.
    pub(super) fn printer(&self) -> Arc<Printer<D::Talk>> {
        Arc::clone(&self.printer)
    }

    /// Its motions.
    pub(super) fn motions(&self) -> &Motions<D> {
        &self.motions
    }

    /// Whose certificates are trusted.
    pub(super) fn authorities(&self) -> &[Vec<u8>] {
        &self.trust.authorities
    }

    /// The readers that are there.
    pub(super) fn readers(&self) -> Result<Vec<String>, reader::Error> {
        self.readers.list()
    }

    /// Time and chance.
    pub(super) fn pulse(&self) -> &D::Pulse {
        &self.pulse
    }

    /// The card at an antenna, waited for.
    pub(super) fn card_at(
        &self,
        reader: &str,
        patience: Duration,
    ) -> Result<Watched<D>, reader::Error> {
        let card = self.readers.wait_card(reader, patience, self.access)?;
        Ok(Card::new(card, self.pulse.clone(), Arc::clone(&self.notes)))
    }

    /// Until when a phase is waited for.
    fn deadline(&self, phase: &str) -> Duration {
        let plan = self.deadlines.iter().find(|plan| plan.phase == phase);
        Duration::from_millis(plan.map_or(0, |plan| plan.deadline_ms).into())
    }

    /// A card on the desk reader, waited for.
    pub(super) fn desk_card(&mut self, patience: Duration) -> Result<Watched<D>, reader::Error> {
        self.card_at(&self.desk, patience)
    }

    fn motion(&mut self, deed: &mut Deed<'_>) -> Outcome {
        let Some(motion) = translate::motion(deed.step) else {
            return Outcome::Refused(Code::Unknown);
        };
        if let (Step::Print(_), Err(code)) = (deed.step, self.load(deed)) {
            return Outcome::Refused(code);
        }
        match self.motions.begin(deed.id(), motion, deed.sequence) {
            Ok(pending) => deed.borne_out(settled(self.motions.end(pending))),
            Err(error) => failed(&error),
        }
    }

    fn encode(&mut self, deed: &mut Deed<'_>) -> Outcome {
        let Some((work, keys)) = deed.work.and_then(|work| Some((work, work.keys.as_ref()?)))
        else {
            return Outcome::Refused(Code::ChipKeys);
        };
        let patience = self.deadline("chip_write") + self.deadline("chip_verify");
        let mut card = match self.card_at(&self.encoder, COUPLING_PATIENCE) {
            Ok(card) => card.within(patience),
            Err(error) => return Outcome::Refused(chips::say(&error, Code::ChipSilent)),
        };
        // Winding the ribbon moves no card and burns nothing, so it may hide behind the chip.
        let seek = self.printer.begin(
            deed.seek_id(),
            Motion::SeekRibbon(wire::Panel::BackK),
            deed.sequence,
        );
        let outcome = chips::encode(
            &mut card,
            &self.pulse,
            work,
            keys,
            &self.trust,
            &mut *deed.phase,
        );
        if let Ok(pending) = seek {
            // A search that fails is found again, with its code, by the pass that needs it.
            let _searched = pending.wait();
        }
        outcome
    }

    fn lock(&mut self, deed: &mut Deed<'_>) -> Outcome {
        let Some((work, keys)) = deed.work.and_then(|work| Some((work, work.keys.as_ref()?)))
        else {
            return Outcome::Refused(Code::ChipKeys);
        };
        match self.card_at(&self.encoder, COUPLING_PATIENCE) {
            Ok(card) => {
                let mut card = card.within(self.deadline("chip_verify"));
                chips::lock(&mut card, &self.pulse, work, keys)
            }
            Err(error) => Outcome::Refused(chips::say(&error, Code::ChipSilent)),
        }
    }

    fn check(&mut self, deed: &mut Deed<'_>) -> Outcome {
        let Some(work) = deed.work else {
            return Outcome::Refused(Code::PanelMissing);
        };
        let pending = match self.motions.begin(deed.id(), Motion::Check, deed.sequence) {
            Ok(pending) => pending,
            Err(error) => return failed(&error),
        };
        // The driver goes on by itself: the chip is read and the scan fetched while the card cools,
        // so that proving costs the longest of them only.
        let scan = self.printer.begin_scan(faces::photo_box(deed.layout, work));
        let read = self.read_again(work);
        let scanned = match settled(self.motions.end(pending)) {
            Outcome::Done(_) => scan.wait(),
            unmoved @ (Outcome::Refused(_) | Outcome::InDoubt(_) | Outcome::Found(..)) => {
                return unmoved;
            }
        };
        match (read, scanned) {
            (_, Err(error)) => Outcome::InDoubt(chips::say(&error, printer_fault(&error))),
            // A dirty scanner says nothing about the card.
            (_, Ok(scan)) if scan.white < CLEAN_WHITE => Outcome::Refused(Code::ScannerDirty),
            // Reading harms nothing: a chip that fell silent is asked once more.
            (Err(Code::ChipSilent), Ok(_)) if deed.attempt < 2 => {
                Outcome::InDoubt(Code::ChipSilent)
            }
            // A reader that fails says nothing about the card, either.
            (Err(Code::ReaderGone), Ok(_)) => Outcome::Refused(Code::ReaderGone),
            (Err(code), Ok(_)) => Outcome::Found(Finding::Spoiled, code),
            (Ok(files), Ok(scan)) => faces::compare(deed.layout, work, &files, &scan),
        }
    }

    /// The chip of the card that arrives at the check station.
    fn read_again(&self, work: &Work) -> Result<Files, Code> {
        match self.card_at(&self.check, COUPLING_PATIENCE + FEED_PATIENCE) {
            Ok(card) => {
                let mut card = card.within(self.deadline("check"));
                chips::read_again(&mut card, &self.pulse, work, &self.trust)
            }
            Err(error) => match chips::silent(&error) {
                Ok(_) => Err(Code::ChipSilent),
                Err(code) => Err(code),
            },
        }
    }

    /// Kills the chip of a card that will never pass, where an antenna still reaches it.
    fn terminate(&mut self, deed: &mut Deed<'_>) -> Outcome {
        let silent = Outcome::Done(Proof::Chip(Chip::Silent));
        let Some(keys) = deed.work.and_then(|work| work.keys.as_ref()) else {
            return silent;
        };
        let seen = match self.printer_survey(deed.sequence) {
            Ok(seen) => seen,
            Err(code) => return Outcome::Refused(code),
        };
        let reader = match (seen.sensors.encoder, seen.sensors.check) {
            (true, _) => &self.encoder,
            (false, true) => &self.check,
            (false, false) => return silent,
        };
        match self.card_at(reader, COUPLING_PATIENCE) {
            Ok(mut card) => chips::terminate(&mut card, &self.pulse, keys),
            Err(_) => silent,
        }
    }
}

impl<D: Devices> Moves for Hands<D> {
    fn act(&mut self, deed: &mut Deed<'_>) -> Outcome {
        match deed.step {
            Step::Feed => self.feed(deed),
            Step::Encode => self.encode(deed),
            Step::Lock => self.lock(deed),
            Step::Check => self.check(deed),
            Step::Terminate => self.terminate(deed),
            Step::Print(_)
            | Step::Flip
            | Step::Hologram
            | Step::Eject
            | Step::Release
            | Step::Reject => self.motion(deed),
            // Acts of persons and of the desk are the runner's to lead.
            Step::SightOld
            | Step::CollectOld
            | Step::HandOver
            | Step::Punch
            | Step::RemoveByHand => Outcome::Refused(Code::Unknown),
        }
    }

    fn survey(&mut self, sequence: u64, work: Option<&Work>) -> Result<Survey, Code> {
        let seen = self
            .motions
            .at_rest(sequence)
            .map_err(|error| chips::say(&error, printer_fault(&error)))?;
        let reader = if seen.sensors.encoder {
            Some(self.encoder.clone())
        } else if seen.sensors.check {
            Some(self.check.clone())
        } else {
            None
        };
        let chip = match reader {
            Some(name) => match self.card_at(&name, COUPLING_PATIENCE) {
                Ok(mut card) => chips::witness(&mut card, &self.pulse, work),
                Err(error) => chips::silent(&error)?,
            },
            None => Chip::NotAsked,
        };
        Ok(translate::survey(&seen, chip))
    }

    fn printer_survey(&self, sequence: u64) -> Result<wire::Survey, Code> {
        let seen = self.printer.survey(sequence + self.ahead);
        let mut seen = seen.map_err(|error| chips::say(&error, printer_fault(&error)))?;
        seen.newest_sequence = seen.newest_sequence.saturating_sub(self.ahead);
        Ok(seen)
    }

    fn erase(&mut self, card: u32) -> Result<(), Code> {
        self.loaded = None;
        self.printer
            .erase(card)
            .map_err(|error| chips::say(&error, printer_fault(&error)))
    }
}

impl<D: Devices> Stands for Hands<D> {
    fn antennas(&self) -> Result<Antennas, Code> {
        let there = self
            .readers
            .list()
            .map_err(|error| chips::say(&error, Code::ReaderGone))?;
        Ok(Antennas {
            encoder: there.contains(&self.encoder),
            check: there.contains(&self.check),
            desk: there.contains(&self.desk),
        })
    }

    fn scanner(&self) -> Scanner {
        match self.printer.service(Order::ScannerCheck, &mut |_| ()) {
            Ok(checks) if checks.iter().any(|one| one.outcome == Seen::Failed) => Scanner::Dirty,
            Ok(_) => Scanner::Proved,
            Err(error) => {
                tracing::info!(%error, "the scanner was not asked");
                Scanner::Unasked
            }
        }
    }

    fn rest(&self, time: Duration) {
        self.pulse.rest(time);
    }

    fn identity(&self) -> String {
        let hello = self.printer.hello();
        format!("{} {} {}", hello.model, hello.firmware, hello.serial)
    }
}

/// How long an APDU may be, where the configuration knows better than the reader.
fn access(length: ApduLength) -> Access {
    Access {
        length: match length {
            ApduLength::Auto => None,
            ApduLength::Short => Some(Length::Short),
            ApduLength::Extended => Some(Length::Extended),
        },
        ..Access::default()
    }
}

/// What the scanner sees of its white strip when it is clean; 255 is white.
const CLEAN_WHITE: u8 = 200;

/// A feed or a move to the check station takes about this long before a chip can answer.
const FEED_PATIENCE: Duration = Duration::from_secs(5);

/// A motion's end as an outcome.
fn settled(result: Result<MotionResult, printer::Error>) -> Outcome {
    match result {
        Ok(MotionResult::Done { survey, .. }) => {
            Outcome::Done(Proof::Motion(translate::counters(&survey.counters)))
        }
        Ok(MotionResult::Failed { condition, .. }) => Outcome::InDoubt(translate::fault(condition)),
        Err(error) => failed(&error),
    }
}

/// A motion that did not end: refused before it began, or in doubt.
fn failed(error: &printer::Error) -> Outcome {
    let code = chips::say(error, printer_fault(error));
    match error {
        printer::Error::Refused(_) => Outcome::Refused(code),
        printer::Error::StaleBoot
        | printer::Error::Silent { .. }
        | printer::Error::Garbled { .. }
        | printer::Error::Gone(_)
        | printer::Error::WrongVersion { .. }
        | printer::Error::Stopped(_)
        | printer::Error::NotUnderstood { .. }
        | printer::Error::NotAPrinter
        | printer::Error::Busy { .. }
        | printer::Error::Port { .. }
        | printer::Error::Form(_) => Outcome::InDoubt(code),
    }
}

/// The station's fault for a driver's error.
pub(super) fn printer_fault(error: &printer::Error) -> Code {
    match error {
        printer::Error::Refused(condition) | printer::Error::Stopped(condition) => {
            translate::fault(*condition)
        }
        printer::Error::StaleBoot => Code::PowerLoss,
        printer::Error::Silent { .. } | printer::Error::Gone(_) => Code::Silent,
        printer::Error::Garbled { .. } | printer::Error::Form(_) => Code::Garbled,
        printer::Error::WrongVersion { .. } | printer::Error::NotUnderstood { .. } => {
            Code::WireVersion
        }
        printer::Error::NotAPrinter => Code::NotAPrinter,
        printer::Error::Busy { .. } => Code::PortBusy,
        printer::Error::Port { .. } => Code::PortAbsent,
    }
}

/// Digest of bytes as proofs carry them.
pub(super) fn digest(bytes: &[u8]) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    Digest(out)
}
