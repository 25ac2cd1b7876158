//! The chip driver meets the simulated card: two implementations that share no code, in one process,
//! with short and with extended commands. What they say over a real service is tested there.

use chip::{
    CardType, Contents, Date8, Error, FileId, Files, KeySet, Kind, Number, ProveChance, ReadChance,
};
use firmware_sim::chip::{Card, TEST_TRANSPORT_MASTER};
use std::convert::Infallible;
use wire::apdu::{Command, Length, Response, Transmit};

const SERIAL: [u8; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const ISSUER_MASTER: [u8; 16] = [0x55; 16];
const LENGTHS: [Length; 2] = [Length::Short, Length::Extended];

/// The card behind the driver's seam.
struct Near {
    card: Card,
    length: Length,
    commands: usize,
}

impl Near {
    fn blank(length: Length) -> Near {
        let mut card = Card::blank(SERIAL, &TEST_TRANSPORT_MASTER);
        card.power_on();
        Near {
            card,
            length,
            commands: 0,
        }
    }
}

impl Transmit for Near {
    type Error = Infallible;

    fn transmit(&mut self, command: &Command) -> Result<Response, Infallible> {
        self.commands += 1;
        let bytes = command
            .encode(self.length)
            .expect("the driver keeps to the length");
        let answer = self.card.apdu(&bytes);
        let answer = Response::parse(&answer).expect("a powered card answers");
        assert!(self.length == Length::Extended || answer.data.len() <= 256);
        Ok(answer)
    }

    fn length(&self) -> Length {
        self.length
    }
}

fn transport() -> KeySet {
    chip::diversify(&TEST_TRANSPORT_MASTER, &SERIAL, chip::TRANSPORT_VERSION)
}

fn issuer() -> KeySet {
    chip::diversify(&ISSUER_MASTER, &SERIAL, chip::ISSUER_VERSION)
}

fn number() -> Number {
    Number::parse("AB12345678CD").expect("a number")
}

fn chance(seed: u8) -> ReadChance {
    ReadChance {
        challenge: [seed; 8],
        key: [seed.wrapping_add(1); 16],
    }
}

fn prove_chance() -> ProveChance {
    ProveChance {
        read: chance(9),
        host_challenge: [8; 8],
    }
}

fn contents() -> Contents<'static> {
    Contents {
        version: *b"0001",
        card_type: CardType::ResidenceCard,
        front_tiff: b"II*\0front image of a specimen",
        photo_jp2: Some(b"\0\0\0\x0CjP  photo of a specimen"),
        address_date: Date8::new(2026, 4, 1).expect("a day"),
        municipality: Some(*b"131016"),
        address: "東京都千代田区霞が関1-1-1",
        blanket: Some("許可（原則週28時間以内・風俗営業等の従事を除く）"),
        individual: None,
        pending: false,
    }
}

fn signed() -> Files {
    let files = Files::assemble(&contents()).expect("contents fit");
    files
        .with_signature(&[0xA5; 256], &[0x30; 900])
        .expect("a signed card")
}

fn write(card: &mut Near, files: &Files) {
    chip::personalise(card, &transport(), &SERIAL, &number(), files, [3; 8]).expect("written");
}

#[test]
fn a_card_is_written_proved_locked_and_read() {
    for length in LENGTHS {
        let mut card = Near::blank(length);
        let blank = chip::prove_blank(&mut card).expect("blank");
        assert_eq!((blank.serial, blank.bytes_stored), (SERIAL, 0));
        let files = signed();
        write(&mut card, &files);
        chip::prove_written(&mut card, &number(), &files, &chance(1)).expect("as written");
        chip::lock(&mut card, &transport(), &issuer(), [4; 8]).expect("locked");
        chip::prove_locked(&mut card, &number(), &prove_chance()).expect("refuses writes");
        let state = chip::inspect(&mut card).expect("witness");
        assert!(state.is_locked() && !state.is_blank() && state.bytes_stored > 12_000);
        let reading = chip::read_public(&mut card, Some(&number()), &chance(2)).expect("readable");
        assert_eq!(reading.kind, Kind::FirstGeneration(CardType::ResidenceCard));
        assert!(reading.files == files);
        println!("{length:?}: {} commands", card.commands);
    }
}

#[test]
fn a_card_for_a_holder_under_sixteen_carries_no_photograph() {
    for length in LENGTHS {
        let mut card = Near::blank(length);
        let young = Contents {
            photo_jp2: None,
            ..contents()
        };
        let files = Files::assemble(&young).expect("contents fit");
        write(&mut card, &files);
        let read = chip::read_back(&mut card, &number(), &chance(1)).expect("readable");
        assert!(read == files && read.photo().is_none() && read.signature().is_none());
    }
}

#[test]
fn a_special_permanent_resident_has_six_files() {
    let mut card = Near::blank(Length::Short);
    let product = CardType::SpecialPermanentResident;
    let files = Contents {
        card_type: product,
        blanket: None,
        ..contents()
    };
    let files = Files::assemble(&files).expect("contents fit");
    write(&mut card, &files);
    let reading = chip::read_public(&mut card, Some(&number()), &chance(1)).expect("readable");
    assert_eq!(reading.kind, Kind::FirstGeneration(product));
    assert_eq!(reading.files.each().count(), 6);
}

#[test]
fn only_the_number_opens_what_is_not_free() {
    let mut card = Near::blank(Length::Short);
    write(&mut card, &signed());
    let free = chip::read_public(&mut card, None, &chance(1)).expect("free files");
    assert_eq!(free.files.each().count(), 2);
    let other = Number::parse("AB12345678CE").expect("a number");
    let error = chip::read_back(&mut card, &other, &chance(1)).expect_err("shut");
    assert!(matches!(error, Error::WrongNumber), "{error:?}");
}

#[test]
fn a_difference_is_named_by_its_file() {
    let mut card = Near::blank(Length::Short);
    write(&mut card, &signed());
    let address = Contents {
        address: "東京都千代田区霞が関1-1-2",
        ..contents()
    };
    let expected = Files::assemble(&address).expect("contents fit");
    let expected = expected
        .with_signature(&[0xA5; 256], &[0x30; 900])
        .expect("signed");
    let error = chip::prove_written(&mut card, &number(), &expected, &chance(1));
    assert!(
        matches!(
            error,
            Err(Error::Mismatch {
                file: FileId::Address
            })
        ),
        "{error:?}"
    );
}

#[test]
fn wrong_keys_end_the_attempt_before_the_card_counts_it() {
    let mut card = Near::blank(Length::Short);
    let mut wrong = transport();
    wrong.mac[0] ^= 1;
    let attempt = chip::personalise(&mut card, &wrong, &SERIAL, &number(), &signed(), [3; 8]);
    assert!(
        matches!(attempt, Err(Error::WrongKeys { version: 0x30 })),
        "{attempt:?}"
    );
    assert!(chip::inspect(&mut card).expect("witness").is_blank());
}

#[test]
fn another_blank_and_a_written_card_are_refused_untouched() {
    let mut card = Near::blank(Length::Short);
    let other = [9; 10];
    let attempt = chip::personalise(
        &mut card,
        &transport(),
        &other,
        &number(),
        &signed(),
        [3; 8],
    );
    assert!(
        matches!(attempt, Err(Error::OtherCard { serial: SERIAL })),
        "{attempt:?}"
    );
    write(&mut card, &signed());
    assert!(matches!(
        chip::prove_blank(&mut card),
        Err(Error::NotBlank { .. })
    ));
    let again = chip::personalise(
        &mut card,
        &transport(),
        &SERIAL,
        &number(),
        &signed(),
        [5; 8],
    );
    assert!(matches!(again, Err(Error::NotBlank { .. })), "{again:?}");
}

#[test]
fn an_unlocked_card_does_not_pass_as_locked() {
    let mut card = Near::blank(Length::Short);
    write(&mut card, &signed());
    let proof = chip::prove_locked(&mut card, &number(), &prove_chance());
    assert!(matches!(proof, Err(Error::Unproven { .. })), "{proof:?}");
}

#[test]
fn a_terminated_card_still_bears_witness() {
    let mut card = Near::blank(Length::Short);
    write(&mut card, &signed());
    chip::terminate(&mut card, &transport(), [6; 8]).expect("terminated");
    assert!(chip::inspect(&mut card).expect("witness").is_terminated());
    assert!(chip::read_back(&mut card, &number(), &chance(1)).is_err());

    let mut locked = Near::blank(Length::Extended);
    write(&mut locked, &signed());
    chip::lock(&mut locked, &transport(), &issuer(), [4; 8]).expect("locked");
    chip::terminate(&mut locked, &issuer(), [7; 8]).expect("terminated under issuer keys");
}
