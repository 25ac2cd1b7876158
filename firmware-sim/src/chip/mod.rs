//! The chip: a card operating system of its own with the public interface of a first-generation
//! residence card and the issuer's side of it. Bytes in, bytes out; chance is a parameter. It
//! shares no code with the station's card driver, so that two readings of the papers meet.

mod apdu;
mod channel;
mod cipher;
mod files;
pub mod forge;
mod groupings;
mod issuer;
mod memory;
mod public;
mod tiff;
mod truth;

use std::path::Path;

use ring::rand::{SecureRandom, SystemRandom};

use crate::Error;
use apdu::{Command, Sw, encode};
pub use memory::Flaw;
use memory::{Memory, Vault};
pub use truth::{Life, Truth};

/// Where the card's random numbers come from.
pub type Chance = Box<dyn FnMut(&mut [u8]) + Send>;

/// Master of the transport keys that test blanks are delivered with: published, worth nothing.
pub const TEST_TRANSPORT_MASTER: [u8; 16] = *b"@ABCDEFGHIJKLMNO";

/// What a PC/SC reader answers for a Type-B card: application data 0, protocol info 33 81 81.
const ATR: [u8; 13] = [
    0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x00, 0x00, 0x33, 0x81, 0x81, 0x00, 0x3A,
];

/// One card with its chip. `Debug` shows the serial only.
pub struct Card {
    vault: Vault,
    public: public::Session,
    issuer: issuer::Session,
    powered: bool,
    chance: Chance,
}

impl Card {
    /// A chip as delivered: nothing readable, transport keys made from `transport_master`.
    pub fn blank(serial: [u8; 10], transport_master: &[u8; 16]) -> Card {
        Card::holding(Vault {
            memory: Memory::blank(serial, transport_master),
            home: None,
        })
    }

    /// The same blank with a flaw from its maker.
    #[must_use]
    pub fn flawed(mut self, flaw: Flaw) -> Card {
        self.vault.memory.flaw = Some(flaw);
        self
    }

    /// The card that lies in `folder`; what it stores from now on is kept there at once.
    ///
    /// # Errors
    /// `File` without a readable `chip.json`, `Content` if that is no card's memory.
    pub fn load(folder: &Path) -> Result<Card, Error> {
        let memory = Memory::read(folder)?;
        Ok(Card::holding(Vault {
            memory,
            home: Some(folder.into()),
        }))
    }

    /// Lays the card into `folder` (made if need be); from now on it is kept there.
    ///
    /// # Errors
    /// `File` if the folder cannot be written.
    pub fn store(&mut self, folder: &Path) -> Result<(), Error> {
        self.vault.memory.write(folder)?;
        self.vault.home = Some(folder.into());
        Ok(())
    }

    /// The same card with other random numbers, so that a test can repeat a session.
    #[must_use]
    pub fn with_chance(mut self, chance: Chance) -> Card {
        self.chance = chance;
        self
    }

    fn holding(vault: Vault) -> Card {
        Card {
            vault,
            public: public::Session::default(),
            issuer: issuer::Session::default(),
            powered: false,
            chance: system_chance(),
        }
    }

    /// Serial of the chip, as written on the delivery note.
    pub fn serial(&self) -> [u8; 10] {
        self.vault.memory.serial
    }

    /// Bytes ever stored, keys included: the witness, and what writing time is reckoned from.
    pub fn bytes_stored(&self) -> u32 {
        self.vault.memory.bytes_stored
    }

    /// Whether the chip never answers.
    pub fn is_dead(&self) -> bool {
        self.vault.memory.dead
    }

    /// The chip stops answering for good.
    ///
    /// # Errors
    /// `File` if its folder cannot be written.
    pub fn kill(&mut self) -> Result<(), Error> {
        self.vault.memory.dead = true;
        match &self.vault.home {
            Some(folder) => self.vault.memory.write(folder),
            None => Ok(()),
        }
    }

    /// The field comes up.
    pub fn power_on(&mut self) {
        self.power_off();
        self.powered = true;
    }

    /// The field is gone, and with it every session.
    pub fn power_off(&mut self) {
        self.powered = false;
        self.public = public::Session::default();
        self.issuer = issuer::Session::default();
    }

    /// What the reader answers for the card; empty when the chip is dead.
    pub fn atr(&self) -> &'static [u8] {
        if self.is_dead() { &[] } else { &ATR }
    }

    /// Answers one command; empty when the chip is dead or without power.
    pub fn apdu(&mut self, bytes: &[u8]) -> Vec<u8> {
        if self.is_dead() || !self.powered {
            return Vec::new();
        }
        match Command::parse(bytes) {
            Ok(command) => self.answer(&command),
            Err(sw) => {
                self.public.interrupted();
                encode(Err(sw))
            }
        }
    }

    fn answer(&mut self, command: &Command<'_>) -> Vec<u8> {
        match command.cla {
            0x00 if issuer::selects(command) => {
                self.public.leave();
                encode(self.issuer.select(command))
            }
            0x00 | 0x08 => {
                if command.ins == 0xA4 {
                    self.issuer.leave();
                }
                encode(
                    self.public
                        .answer(command, &self.vault.memory, &mut self.chance),
                )
            }
            0x80 | 0x84 => {
                self.public.interrupted();
                self.issuer.answer(command, &mut self.vault)
            }
            0x01..=0x03 | 0x09..=0x0B => encode(Err(Sw::CHANNEL)),
            _ => encode(Err(Sw::CLASS)),
        }
    }
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Card({})", hex::encode_upper(self.serial()))
    }
}

fn system_chance() -> Chance {
    let source = SystemRandom::new();
    // Without random numbers a card would be worse than absent: the process ends.
    Box::new(move |out| source.fill(out).expect("the system gives random numbers"))
}
