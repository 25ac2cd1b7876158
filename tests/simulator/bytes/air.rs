//! The readers: who lies on them, real commands to its chip, and what can happen to each of them.

use card_station::issuance::Serial;
use card_station::station::seams::Reads;
use firmware_sim::chip::Card;
use firmware_sim::machine::Spot;
use reader::{Access, Error, ServiceError};
use std::rc::Rc;
use std::time::Duration;
use wire::apdu::{Command, Length, Response, Transmit};

use super::super::faults::Fault;
use super::super::truth::{Nature, OldAt, OnDesk};
use super::super::world::{Cut, Sim};
use super::talk::Wire;

/// What a command takes on the air and in the chip.
const AIR: Duration = Duration::from_millis(12);
/// Between two looks whether a card has come.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Which chip a connection leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lies {
    Inside(Serial),
    Old(usize),
    Stranger,
}

/// The three readers.
pub(crate) struct Readers(pub(super) Rc<Wire>);

/// A connected card; its field goes with it.
pub(crate) struct Connected {
    wire: Rc<Wire>,
    lies: Lies,
    gone: bool,
}

/// The way to the card broke.
#[derive(Debug, thiserror::Error)]
#[error("the antenna lost the card")]
pub(crate) struct Gone;

impl Reads for Readers {
    type Card = Connected;

    fn list(&self) -> Result<Vec<String>, Error> {
        if self.away() {
            return Ok(Vec::new());
        }
        Ok(["E", "C", "D"].map(str::to_owned).to_vec())
    }

    fn wait_card(&self, reader: &str, patience: Duration, _: Access) -> Result<Connected, Error> {
        if self.away() {
            let reader = reader.to_owned();
            return Err(Error::NoReader { reader });
        }
        let until = self.0.now() + patience;
        loop {
            match self.lies_on(reader) {
                Some(lies) => return self.connect(reader, lies),
                None if self.0.now() >= until => {
                    let reader = reader.to_owned();
                    return Err(Error::NoCard { reader });
                }
                None => self.0.rest(LOOK_AGAIN),
            }
        }
    }
}

impl Readers {
    /// Whether the readers are not there.
    fn away(&self) -> bool {
        let mut sim = self.0.world.borrow_mut();
        if sim.faults.strikes(Fault::ReaderGone) {
            sim.flags.reader_gone = true;
        }
        sim.flags.reader_gone
    }

    fn lies_on(&self, reader: &str) -> Option<Lies> {
        let sim = self.0.world.borrow();
        let spot = match reader {
            "E" => Spot::Encoder,
            "C" => Spot::Check,
            _ => return on_desk(&sim),
        };
        let coupled = sim.press.as_ref().and_then(|press| press.coupled);
        coupled
            .filter(|(at, _)| *at == spot)
            .map(|(_, serial)| Lies::Inside(serial))
    }

    fn connect(&self, reader: &str, lies: Lies) -> Result<Connected, Error> {
        let mut sim = self.0.world.borrow_mut();
        let dead = match chip_of(&mut sim, lies) {
            Some(chip) => {
                chip.power_on();
                chip.is_dead()
            }
            None => true,
        };
        if dead {
            return Err(Error::Mute {
                reader: reader.to_owned(),
                source: ServiceError::UnresponsiveCard,
            });
        }
        Ok(Connected {
            wire: Rc::clone(&self.0),
            lies,
            gone: false,
        })
    }
}

fn on_desk(sim: &Sim) -> Option<Lies> {
    match sim.desk {
        OnDesk::Nothing => None,
        OnDesk::Stranger => Some(Lies::Stranger),
        OnDesk::Old(job) => {
            let held = sim.old[job]
                .as_ref()
                .is_some_and(|old| old.at == OldAt::Holder);
            held.then_some(Lies::Old(job))
        }
    }
}

/// The chip that lies there, if it still does.
fn chip_of(sim: &mut Sim, lies: Lies) -> Option<&mut Card> {
    let press = sim.press.as_mut()?;
    match lies {
        Lies::Inside(serial) => {
            press.coupled.filter(|(_, here)| *here == serial)?;
            press.chips.get_mut(&serial)
        }
        Lies::Old(job) => {
            let old = sim.old[job].as_ref()?;
            let kept = &mut sim.old_chips[job];
            if kept.is_none() {
                let salt = 0x01D0 + job as u64;
                *kept = Some(press.seeded(super::old::card(old.number, old.nature), salt));
            }
            kept.as_mut()
        }
        Lies::Stranger => {
            let strange = || super::old::card(super::old::stranger(), Nature::Genuine);
            let kept = &mut sim.stranger_chip;
            if kept.is_none() {
                *kept = Some(press.seeded(strange(), 0x57A6));
            }
            kept.as_mut()
        }
    }
}

impl Connected {
    /// What happens to this command; bits turn over by the strike's own chance.
    fn harm(&self) -> Option<(Fault, fastrand::Rng)> {
        const HARMS: [Fault; 8] = [
            Fault::ApduLost,
            Fault::ApduAnswerLost,
            Fault::FieldBefore,
            Fault::FieldAfter,
            Fault::ApduFlipped,
            Fault::ApduAnswerFlipped,
            Fault::ApduAnswerCut,
            Fault::ApduTwice,
        ];
        let mut sim = self.wire.world.borrow_mut();
        let mut struck = None;
        for harm in HARMS {
            let strikes = sim.faults.struck_with(harm);
            struck = struck.or(strikes.map(|chance| (harm, chance)));
        }
        struck
    }

    /// The chip's answer to these bytes; none when it is no more in the field.
    fn ask(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut sim = self.wire.world.borrow_mut();
        let chip = chip_of(&mut sim, self.lies)?;
        let before = chip.bytes_stored();
        let answer = chip.apdu(bytes);
        let written = before == 0 && chip.bytes_stored() > 0;
        if let (true, Lies::Inside(serial)) = (written, self.lies) {
            sim.check_first_write(serial);
        }
        Some(answer)
    }

    fn field_lost(&self) {
        let mut sim = self.wire.world.borrow_mut();
        if let Some(chip) = chip_of(&mut sim, self.lies) {
            chip.power_on();
        }
    }
}

fn flip(bytes: &mut [u8], chance: &mut fastrand::Rng) {
    if let Some(byte) = chance.choice(bytes) {
        *byte ^= 1 << chance.u8(0..8);
    }
}

impl Transmit for Connected {
    type Error = Gone;

    fn transmit(&mut self, command: &Command) -> Result<Response, Gone> {
        // After a command without answer the card counts as gone, as behind the real service.
        if self.gone {
            return Err(Gone);
        }
        let answer = self.exchange(command);
        self.gone = answer.is_err();
        answer
    }

    fn length(&self) -> Length {
        Length::Extended
    }
}

impl Connected {
    fn exchange(&self, command: &Command) -> Result<Response, Gone> {
        let mut bytes = command.encode(Length::Extended).map_err(|_| Gone)?;
        self.wire.world.boundary(Cut::Whole);
        self.wire.rest(AIR);
        let harm = self.harm();
        let (fault, mut chance) = match harm {
            Some((fault, chance)) => (Some(fault), chance),
            None => (None, fastrand::Rng::with_seed(0)),
        };
        match fault {
            Some(Fault::ApduLost) => return Err(Gone),
            Some(Fault::FieldBefore) => {
                self.field_lost();
                return Err(Gone);
            }
            Some(Fault::ApduFlipped) => flip(&mut bytes, &mut chance),
            Some(Fault::ApduTwice) => drop(self.ask(&bytes)),
            _ => {}
        }
        let mut answer = self.ask(&bytes).ok_or(Gone)?;
        self.wire.world.boundary(Cut::Whole);
        match fault {
            Some(Fault::ApduAnswerLost) => return Err(Gone),
            Some(Fault::FieldAfter) => {
                self.field_lost();
                return Err(Gone);
            }
            Some(Fault::ApduAnswerFlipped) => flip(&mut answer, &mut chance),
            Some(Fault::ApduAnswerCut) => answer.truncate(chance.usize(..answer.len().max(1))),
            _ => {}
        }
        Response::parse(&answer).map_err(|_| Gone)
    }
}
