//! The two antennas: a card at one of them is a card in a reader of the PC/SC service.

use firmware_sim::machine::Spot;
use firmware_sim::vpcd::{AirTime, Slot};
use firmware_sim::{Error, chip};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Where each antenna's reader listens, and how fast the air is.
pub(crate) struct Antennas {
    encoder_port: u16,
    check_port: u16,
    air: AirTime,
    coupled: Option<(Spot, Slot)>,
}

impl Antennas {
    /// Antennas with no card.
    pub(crate) fn new(encoder_port: u16, check_port: u16, air: AirTime) -> Antennas {
        Antennas {
            encoder_port,
            check_port,
            air,
            coupled: None,
        }
    }

    /// The card that lies in `folder` comes into the field.
    pub(crate) fn couple(&mut self, spot: Spot, folder: &Path) -> Result<(), Error> {
        self.coupled = None;
        let card = Arc::new(Mutex::new(chip::Card::load(folder)?));
        let port = match spot {
            Spot::Encoder => self.encoder_port,
            Spot::Check => self.check_port,
        };
        let slot = Slot::insert(card, port, self.air).map_err(|source| Error::Port {
            what: "antenna",
            source,
        })?;
        self.coupled = Some((spot, slot));
        Ok(())
    }

    /// The card leaves the field; says how long it was on the air.
    pub(crate) fn uncouple(&mut self) -> Option<(Spot, Duration)> {
        self.coupled.take().map(|(spot, slot)| (spot, slot.air()))
    }
}
