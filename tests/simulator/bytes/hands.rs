//! The hands of either level behind one seam. At the level of bytes they are the production hands;
//! around each act the world looks on.

use card_station::config::Config;
use card_station::desk::Looked;
use card_station::fault::Code;
use card_station::issuance::{Chip, ChipKeys, Digest, Life, Proof, Step, Survey};
use card_station::product::CardNumber;
use card_station::station::seams::{
    self, Antennas, Deed, Devices, Moves, Opening, Outcome, Scanner, Sights, Stands, Work,
};
use firmware_sim::chip::{Card, Flaw};
use jiff::Timestamp;
use std::time::Duration;

use super::super::faults::Fault;
use super::super::hands::Hands as Decided;
use super::super::planted::Planted;
use super::super::truth::At;
use super::super::world::{Cut, Shared, Sim};
use super::air::Readers;
use super::old;
use super::talk::{Driven, Virtual, Wire};

/// The devices of a world of bytes.
pub(crate) struct Simulated;

impl Devices for Simulated {
    type Talk = Driven;
    type Readers = Readers;
    type Pulse = Virtual;
}

/// The devices of one run of the station.
pub(crate) enum Hands {
    Decided(Decided),
    Bytes(Shared, Box<seams::Hands<Simulated>>),
}

impl Hands {
    /// Opens a driver's session of its own.
    pub(crate) fn open(world: &Shared, config: &Config, opening: Opening) -> Result<Hands, Code> {
        let seed = world.borrow_mut().chance.u32(..);
        let wire = Wire::open(world, seed);
        let (talk, readers) = (Driven(wire.clone()), Readers(wire.clone()));
        let hands = seams::Hands::driven(talk, readers, Virtual(wire), config, opening)?;
        Ok(Hands::Bytes(world.clone(), Box::new(hands)))
    }
}

impl Moves for Hands {
    fn act(&mut self, deed: &mut Deed<'_>) -> Outcome {
        match self {
            Hands::Decided(hands) => hands.act(deed),
            Hands::Bytes(world, hands) => {
                world.boundary(Cut::Whole);
                world.borrow_mut().check_act(deed);
                if deed.step == Step::Feed {
                    world.borrow_mut().odd_blank();
                }
                let outcome = hands.act(deed);
                let planted = world.borrow().planted;
                let outcome = perverted(planted, hands.as_mut(), deed, outcome);
                let mut sim = world.borrow_mut();
                sim.look();
                let passed = matches!((deed.step, &outcome), (Step::Check, Outcome::Done(_)));
                if let (true, Some(card)) = (passed, sim.at_hand()) {
                    card.checked = true;
                }
                sim.check_cards();
                drop(sim);
                world.boundary(Cut::Whole);
                outcome
            }
        }
    }

    fn survey(&mut self, sequence: u64, work: Option<&Work>) -> Result<Survey, Code> {
        match self {
            Hands::Decided(hands) => hands.survey(sequence, work),
            Hands::Bytes(world, hands) => {
                let seen = hands.survey(sequence, work);
                world.borrow_mut().look();
                seen
            }
        }
    }

    fn printer_survey(&self, sequence: u64) -> Result<wire::Survey, Code> {
        match self {
            Hands::Decided(hands) => hands.printer_survey(sequence),
            Hands::Bytes(_, hands) => hands.printer_survey(sequence),
        }
    }

    fn erase(&mut self, card: u32) -> Result<(), Code> {
        match self {
            Hands::Decided(hands) => hands.erase(card),
            Hands::Bytes(_, hands) => hands.erase(card),
        }
    }
}

impl Stands for Hands {
    fn antennas(&self) -> Result<Antennas, Code> {
        match self {
            Hands::Decided(hands) => hands.antennas(),
            Hands::Bytes(_, hands) => hands.antennas(),
        }
    }

    fn scanner(&self) -> Scanner {
        match self {
            Hands::Decided(hands) => hands.scanner(),
            Hands::Bytes(_, hands) => hands.scanner(),
        }
    }

    fn rest(&self, time: Duration) {
        match self {
            Hands::Decided(hands) => hands.rest(time),
            Hands::Bytes(_, hands) => hands.rest(time),
        }
    }

    fn identity(&self) -> String {
        match self {
            Hands::Decided(hands) => hands.identity(),
            Hands::Bytes(_, hands) => hands.identity(),
        }
    }
}

impl Sights for Hands {
    fn look(&mut self, number: &CardNumber, on: Timestamp) -> Result<Looked, Code> {
        match self {
            Hands::Decided(hands) => hands.look(number, on),
            Hands::Bytes(world, hands) => {
                world.boundary(Cut::Whole);
                hands.look(number, on)
            }
        }
    }

    fn blank(&mut self) -> Result<Chip, Code> {
        match self {
            Hands::Decided(hands) => hands.blank(),
            Hands::Bytes(_, hands) => hands.blank(),
        }
    }
}

/// What a planted mistake makes of an act.
fn perverted(
    planted: Planted,
    hands: &mut seams::Hands<Simulated>,
    deed: &mut Deed<'_>,
    outcome: Outcome,
) -> Outcome {
    let Some(work) = deed.work else {
        return outcome;
    };
    match (planted, deed.step, &outcome) {
        (Planted::PassRepeated, Step::Print(_), Outcome::InDoubt(_)) => {
            deed.attempt += 100;
            hands.act(deed)
        }
        (Planted::ScanSkipped, Step::Check, Outcome::Found(_, code)) if differs(*code) => {
            Outcome::Done(Proof::Faces {
                chip: work.files_digest(),
                front: Digest([0; 32]),
                back: Digest([0; 32]),
            })
        }
        (Planted::LockTrusted, Step::Lock, Outcome::Found(_, Code::NotLocked)) => {
            let said = hands.survey(deed.sequence, None);
            let Ok(Chip::Answers(mut witness)) = said.map(|survey| survey.chip) else {
                return outcome;
            };
            (witness.keys, witness.life) = (ChipKeys::Issuer, Life::Locked);
            Outcome::Done(Proof::Chip(Chip::Answers(witness)))
        }
        (Planted::ReadBackSkipped, Step::Encode, Outcome::InDoubt(Code::VerifyFail)) => {
            Outcome::Done(Proof::Files(work.files_digest()))
        }
        _ => outcome,
    }
}

/// Whether the face is not the prepared one.
fn differs(code: Code) -> bool {
    matches!(
        code,
        Code::FrontDiffers | Code::BackDiffers | Code::PhotoDiffers
    )
}

impl Sim {
    /// What is wrong with the blank that comes next.
    fn odd_blank(&mut self) {
        let Some(at) = self.cards.iter().position(|card| card.at == At::Hopper) else {
            return;
        };
        let serial = self.cards[at].serial;
        let strange = self.faults.strikes(Fault::StrangeBlank);
        let dead = self.faults.strikes(Fault::DeadBlank);
        let foreign = self.faults.strikes(Fault::ForeignCard);
        let keys = self.faults.strikes(Fault::WrongKeys);
        let flaws = [
            (Fault::TornWrite, Flaw::RefusesStore),
            (Fault::NotStored, Flaw::TurnsBits),
            (Fault::NotLocked, Flaw::StaysOpen),
        ];
        let flaw = flaws.map(|(fault, flaw)| self.faults.strikes(fault).then_some(flaw));
        let Some(press) = &mut self.press else { return };
        let master = if keys {
            [0x11; 16]
        } else {
            firmware_sim::chip::TEST_TRANSPORT_MASTER
        };
        let mut named = serial;
        if strange {
            named.0[0] = 0x99;
            self.cards[at].of_stock = false;
            self.cards[at].serial = named;
        }
        let mut chip: Card = match flaw.into_iter().flatten().next() {
            _ if foreign => press.seeded(old::issue(named.0, old::foreign(at), true), 0xF0E),
            Some(flaw) => press.blank_chip(&named, &master).flawed(flaw),
            None => press.blank_chip(&named, &master),
        };
        if dead {
            chip.kill().expect("it lies in no folder");
        }
        press.chips.insert(named, chip);
        self.fill_press();
    }

    /// A chip is written for the first time (I-16).
    pub(super) fn check_first_write(&mut self, serial: card_station::issuance::Serial) {
        let bound = self
            .authority
            .grants
            .last()
            .and_then(|grant| grant.law.blank);
        let ours = bound.is_some_and(|bound| bound.0 == serial.0);
        let card = self.cards.iter().find(|card| card.serial == serial);
        let stock = card.is_some_and(|card| card.of_stock);
        let foreign = card.is_some_and(|card| card.chip.life == Life::Locked);
        if !ours || !stock || foreign {
            self.breaks(
                "I-16",
                "a chip is written that is no blank of the stock, bound to this job",
            );
        }
    }
}
