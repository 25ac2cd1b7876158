//! The chip readers: a card at an antenna is timed. Sends what changes no card.

use std::time::Duration;

use super::super::hands::COUPLING_PATIENCE;
use super::super::request::Stop;
use super::super::{Station, chips};
use crate::diag::chip::{self, Heard};
use crate::diag::{Report, card, machine};
use crate::fault::{By, Code};
use reader::Card;
use wire::apdu::{Command, Length, Transmit};

/// How long a person takes to lay a card on the desk reader.
const LAYING: Duration = Duration::from_secs(30);

impl Station<'_> {
    /// The encoder's reader: with the card that lies there, or with a blank fed and rejected.
    pub(super) fn encoder(&mut self, rounds: u32, by: By) -> Result<Report, Stop> {
        let reader = self.config.readers.encoder.clone();
        let seen = self.seen()?;
        if seen.sensors.encoder {
            let heard = self.heard(&reader, COUPLING_PATIENCE, rounds)?;
            return Ok(Report::of("encoder", heard.readings()));
        }
        if machine::holds_card(&seen.sensors) {
            return Err(self
                .stop(Code::CardInPath)
                .detailed(super::super::service::CLEAR));
        }
        self.settle_service()?;
        let heard = self.between("encoder", by, |station, count| {
            station.show(("カードを送っています", "Feeding the card"), Some(0));
            let fed = station.motion(&card::feed(), count, 0);
            let heard = fed.and_then(|_| station.heard(&reader, COUPLING_PATIENCE, rounds));
            station.reject(count)?;
            heard
        })?;
        Ok(Report::of("encoder", heard.readings()))
    }

    /// The reader on the desk, with the card that a person lays on it.
    pub(super) fn desk_reader(&mut self, rounds: u32) -> Result<Report, Stop> {
        let reader = self.config.readers.desk.clone();
        let words = (
            "カードを読み取り台に置いてください",
            "Place a card on the desk reader",
        );
        self.show(words, None);
        let heard = self.heard(&reader, LAYING, rounds)?;
        Ok(Report::of("desk", heard.readings()))
    }

    fn heard(&mut self, reader: &str, patience: Duration, rounds: u32) -> Result<Heard, Stop> {
        let card = self.open_hands()?.bare_card_at(reader, patience);
        let mut card = card.map_err(|error| self.unheard(&error))?;
        let mut heard = Heard {
            reader: reader.to_owned(),
            atr: card.atr().to_vec(),
            extended: card.length() == Length::Extended,
            told_bits_per_s: card.told_bits_per_s(),
            ..Heard::default()
        };
        let (short, long) = (chip::short(), chip::long());
        for round in 0..rounds {
            let percent = round * 100 / rounds.max(1);
            self.show(
                ("チップと交信しています", "Talking to the chip"),
                Some(percent as u8),
            );
            heard.short_us.push(self.exchange(&mut card, &short)?.0);
            let (took, bytes) = self.exchange(&mut card, &long)?;
            heard.long_us.push(took);
            heard.long_bytes = bytes;
        }
        Ok(heard)
    }

    /// One exchange: how long it took, and the bytes of it, both ways.
    fn exchange(&mut self, card: &mut Card, command: &Command) -> Result<(u32, u64), Stop> {
        let began = self.clock.steady();
        let answer = card
            .transmit(command)
            .map_err(|error| self.unheard(&error))?;
        let took = self.clock.steady().saturating_sub(began).as_micros();
        // Header, length field and status word stand beside the data.
        let bytes = 5 + command.data.len() + answer.data.len() + 2;
        Ok((u32::try_from(took).unwrap_or(u32::MAX), bytes as u64))
    }

    fn unheard(&mut self, error: &reader::Error) -> Stop {
        use reader::Error as E;
        let code = match error {
            E::NoCard { .. } | E::Mute { .. } | E::CardGone { .. } => Code::ChipSilent,
            E::NoService(_)
            | E::NoReader { .. }
            | E::InUse { .. }
            | E::Cancelled
            | E::Unsendable { .. }
            | E::Broken { .. } => Code::ReaderGone,
        };
        let code = chips::say(error, code);
        self.stop(code).detailed(error.to_string())
    }
}
