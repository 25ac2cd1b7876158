//! Old cards with real chips: what was issued once, and what became of it. Each is made once in a
//! thread; a run has a twin of it.

use card_station::authority::contract::{self, ChipKeys, ChipSerial};
use card_station::product::CardNumber;
use chip::{Number, diversify};
use firmware_sim::chip::{Card, TEST_TRANSPORT_MASTER, forge};
use std::cell::RefCell;
use std::collections::HashMap;
use std::convert::Infallible;
use wire::apdu::{Command, Length, Response, Transmit};

use super::super::truth::Nature;
use super::kit;

/// Whose keys an issued card bears.
const ISSUER_MASTER: [u8; 16] = [0x55; 16];

thread_local! {
    static CARDS: RefCell<HashMap<(CardNumber, bool), Card>> = RefCell::default();
}

/// The keys of a blank, as its maker and the authority derive them.
pub(crate) fn keys_of(serial: ChipSerial) -> ChipKeys {
    let set = |master: &[u8; 16], version| {
        let keys = diversify(master, &serial.0, version);
        contract::KeySet {
            version,
            enc: keys.enc,
            mac: keys.mac,
            dek: keys.dek,
        }
    };
    ChipKeys {
        transport: set(&TEST_TRANSPORT_MASTER, chip::TRANSPORT_VERSION),
        issuer: set(&ISSUER_MASTER, chip::ISSUER_VERSION),
    }
}

/// The card that a person lays on the desk by mistake.
pub(super) fn stranger() -> CardNumber {
    CardNumber::parse("MH99999999MH").expect("a number")
}

/// The number of a card that lies in the hopper by mistake, at this place of all blanks.
pub(super) fn foreign(at: usize) -> CardNumber {
    CardNumber::parse(&format!("MH{:08}MH", 90_000_000 + at)).expect("a number")
}

/// An old card of this number, as its nature is.
pub(super) fn card(number: CardNumber, nature: Nature) -> Card {
    let signed = nature != Nature::Unsigned;
    let mut card = CARDS.with_borrow_mut(|cards| {
        let issued = cards
            .entry((number, signed))
            .or_insert_with(|| issue(serial(&number), number, signed));
        issued.twin()
    });
    match nature {
        Nature::Genuine | Nature::Unsigned | Nature::SecondGeneration => {}
        Nature::Dead => card.kill().expect("it lies in no folder"),
        Nature::Forged => forge::alter_image(&mut card).expect("an issued card"),
    }
    card
}

/// The digest of what a genuine card of this number bears signed.
pub(crate) fn signed_data(number: CardNumber) -> [u8; 32] {
    let message = kit::old_files(number.as_str(), true).signed_message();
    card_station::job::Digest::of(&message.expect("it has a photo")).0
}

fn serial(number: &CardNumber) -> [u8; 10] {
    let mut serial = [0x0D; 10];
    serial[1..].copy_from_slice(&number.bytes()[1..10]);
    serial
}

/// A card as it leaves an office: written and locked.
pub(super) fn issue(serial: [u8; 10], number: CardNumber, signed: bool) -> Card {
    let mut air = Still(Card::blank(serial, &TEST_TRANSPORT_MASTER));
    air.0.power_on();
    let transport = diversify(&TEST_TRANSPORT_MASTER, &serial, chip::TRANSPORT_VERSION);
    let issuer = diversify(&ISSUER_MASTER, &serial, chip::ISSUER_VERSION);
    let opens = Number::try_from(*number.bytes()).expect("a number");
    let files = kit::old_files(number.as_str(), signed);
    chip::personalise(&mut air, &transport, &serial, &opens, &files, [1; 8]).expect("written");
    chip::lock(&mut air, &transport, &issuer, [2; 8]).expect("locked");
    air.0
}

/// A card that nothing disturbs.
struct Still(Card);

impl Transmit for Still {
    type Error = Infallible;

    fn transmit(&mut self, command: &Command) -> Result<Response, Infallible> {
        let bytes = command.encode(Length::Extended).expect("a command");
        Ok(Response::parse(&self.0.apdu(&bytes)).expect("an answer"))
    }

    fn length(&self) -> Length {
        Length::Extended
    }
}
