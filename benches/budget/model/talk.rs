//! What station and chip say to each other over one card, command by command: taken from a real
//! personalisation against the simulated chip in this process, in the station's order.

use super::chance::Chance;
use super::sum::Odds;
use chip::{Files, KeySet, Number, ProveChance, ReadChance};
use firmware_sim::chip::{Card, TEST_TRANSPORT_MASTER};
use firmware_sim::vpcd::AirTime;
use std::convert::Infallible;
use std::time::Duration;
use wire::apdu::{Command, Length, Response, Transmit};

/// What the card service and the way to it add to each command: the reader's answer is measured
/// with `make bench` (chip), without air time.
const SERVICE: Duration = Duration::from_micros(700);
/// Connecting, with reset and answer to reset.
pub(crate) const CONNECT: Duration = Duration::from_millis(6);

/// One command and its answer.
#[derive(Clone, Copy)]
struct Exchange {
    sent: usize,
    received: usize,
    written: u32,
}

/// One part of the talk.
#[derive(Clone, Default)]
pub(crate) struct Part(Vec<Exchange>);

/// All of it.
pub(crate) struct Talk {
    /// Is it a blank of ours?
    pub(crate) blank: Part,
    /// Writing.
    pub(crate) write: Part,
    /// Reading everything back.
    pub(crate) verify: Part,
    /// New keys, closing, proving that it is closed.
    pub(crate) lock: Part,
    /// In the check station: closed, ours, still the same.
    pub(crate) check: Part,
}

impl Part {
    /// How long it takes without incident.
    pub(crate) fn time(&self, air: &AirTime) -> Duration {
        let one = |exchange: &Exchange| {
            air.of(exchange.sent, exchange.received, exchange.written) + SERVICE
        };
        self.0.iter().map(one).sum()
    }

    /// The same with chance: some commands are repeated at the antenna.
    fn by_chance(&self, air: &AirTime, odds: &Odds, chance: &mut Chance) -> Duration {
        let again = chance.times(odds.command_again, self.0.len());
        let time = self.time(air);
        let one = time / (self.0.len().max(1) as u32);
        time + (one + odds.command_wait) * again
    }

    pub(crate) fn commands(&self) -> usize {
        self.0.len()
    }

    /// Bytes to the card and back.
    pub(crate) fn bytes(&self) -> (usize, usize) {
        let sum = |of: fn(&Exchange) -> usize| self.0.iter().map(of).sum();
        (
            sum(|exchange| exchange.sent),
            sum(|exchange| exchange.received),
        )
    }
}

/// How long each part takes on one card.
pub(crate) struct Chip {
    pub(crate) blank: Duration,
    pub(crate) write: Duration,
    pub(crate) verify: Duration,
    pub(crate) lock: Duration,
    pub(crate) check: Duration,
}

impl Talk {
    /// What the parts take at this bit rate.
    pub(crate) fn times(&self, air: &AirTime, odds: &Odds, chance: &mut Chance) -> Chip {
        let mut time = |part: &Part| part.by_chance(air, odds, chance);
        Chip {
            blank: time(&self.blank),
            write: time(&self.write),
            verify: time(&self.verify),
            lock: time(&self.lock),
            check: time(&self.check),
        }
    }

    /// The talk over a card with these files.
    pub(crate) fn of(files: &Files, length: Length) -> Talk {
        const SERIAL: [u8; 10] = [7; 10];
        let number = Number::parse("AB12345678CD").expect("a number");
        let keys = |master: &[u8; 16], version| chip::diversify(master, &SERIAL, version);
        let transport: KeySet = keys(&TEST_TRANSPORT_MASTER, chip::TRANSPORT_VERSION);
        let issuer: KeySet = keys(&[0x55; 16], chip::ISSUER_VERSION);
        let read = ReadChance {
            challenge: [1; 8],
            key: [2; 16],
        };
        let prove = ProveChance {
            read: read.clone(),
            host_challenge: [3; 8],
        };
        let mut near = Near::blank(SERIAL, length);
        chip::prove_blank(&mut near).expect("a blank");
        let blank = near.part();
        chip::inspect(&mut near).expect("a witness");
        chip::personalise(&mut near, &transport, &SERIAL, &number, files, [4; 8]).expect("written");
        let write = near.part();
        chip::prove_written(&mut near, &number, files, &read).expect("as written");
        let verify = near.part();
        chip::lock(&mut near, &transport, &issuer, [5; 8]).expect("locked");
        chip::prove_locked(&mut near, &number, &prove).expect("closed");
        chip::inspect(&mut near).expect("a witness");
        let lock = near.part();
        chip::inspect(&mut near).expect("a witness");
        chip::read_face(&mut near, &number, &read).expect("readable");
        let check = near.part();
        Talk {
            blank,
            write,
            verify,
            lock,
            check,
        }
    }
}

/// The card behind the driver's seam, every exchange noted.
struct Near {
    card: Card,
    length: Length,
    noted: Vec<Exchange>,
}

impl Near {
    fn blank(serial: [u8; 10], length: Length) -> Near {
        let mut card = Card::blank(serial, &TEST_TRANSPORT_MASTER);
        card.power_on();
        Near {
            card,
            length,
            noted: Vec::new(),
        }
    }

    fn part(&mut self) -> Part {
        Part(std::mem::take(&mut self.noted))
    }
}

impl Transmit for Near {
    type Error = Infallible;

    fn transmit(&mut self, command: &Command) -> Result<Response, Infallible> {
        let bytes = command.encode(self.length).expect("within the length");
        let before = self.card.bytes_stored();
        let answer = self.card.apdu(&bytes);
        self.noted.push(Exchange {
            sent: bytes.len(),
            received: answer.len(),
            written: self.card.bytes_stored() - before,
        });
        Ok(Response::parse(&answer).expect("a powered card answers"))
    }

    fn length(&self) -> Length {
        self.length
    }
}
