//! What a card says: commands and answers, whole talks, files, signature, pictures.

use super::Bytes;
use chip::image::{jpeg2000, mmr};
use chip::{CardType, Contents, Date8, Files, KeySet, Number, ProveChance, ReadChance};
use firmware_sim::chip::{Card, TEST_TRANSPORT_MASTER};
use std::sync::LazyLock;
use wire::apdu::{Command, Le, Length, Response, Transmit};

const SERIAL: [u8; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
/// No more commands than any talk of ours needs by far.
const MOST_COMMANDS: usize = 3000;

/// What is a command or an answer is said in bytes that mean the same; the simulated card
/// answers whatever it is sent.
pub(super) fn apdu(data: &[u8]) {
    if let Ok(command) = Command::parse(data) {
        let short = command.encode(Length::Short);
        let bytes = short.or_else(|_| command.encode(Length::Extended));
        let bytes = bytes.expect("what came from bytes goes into bytes");
        // A short command says "256" and "all there is" with the same byte.
        let is_short = bytes.len() < 7 + command.data.len();
        let expected = command.le.map(|le| {
            let says_all = is_short && le == Le::Number(256);
            if says_all { Le::All } else { le }
        });
        let said = Command {
            le: expected,
            ..command
        };
        assert!(Command::parse(&bytes) == Ok(said));
    }
    if let Ok(response) = Response::parse(data) {
        assert!(response.data.len() + 2 == data.len());
    }
    let mut card = Card::blank(SERIAL, &TEST_TRANSPORT_MASTER);
    card.power_on();
    let answer = card.apdu(data);
    assert!(answer.len() >= 2, "a card answers with a status word");
}

pub(super) fn apdu_seeds() -> Vec<Vec<u8>> {
    let commands = LISTENED.commands.iter();
    commands.step_by(5).cloned().collect()
}

/// A card that says what the input holds.
struct Stranger<'a> {
    answers: Bytes<'a>,
    left: usize,
}

#[derive(Debug, thiserror::Error)]
#[error("the card went silent")]
struct Gone;

impl Transmit for Stranger<'_> {
    type Error = Gone;

    fn transmit(&mut self, _: &Command) -> Result<Response, Gone> {
        self.left = self.left.checked_sub(1).ok_or(Gone)?;
        if self.answers.is_empty() {
            return Err(Gone);
        }
        let count = match self.answers.u8() {
            // Most answers are short.
            short @ 0..250 => usize::from(short % 64),
            _ => usize::from(self.answers.u16()),
        };
        Response::parse(self.answers.run(count)).map_err(|_| Gone)
    }

    fn length(&self) -> Length {
        Length::Short
    }
}

/// Everything that we say to a card, to one that says anything.
pub(super) fn answers(data: &[u8]) {
    let Some((choice, answers)) = data.split_first() else {
        return;
    };
    let mut card = Stranger {
        answers: Bytes::of(answers),
        left: MOST_COMMANDS,
    };
    match choice % 6 {
        0 => drop(chip::read_public(&mut card, Some(&number()), &chance())),
        1 => drop(chip::read_public(&mut card, None, &chance())),
        2 => drop(chip::inspect(&mut card)),
        3 => drop(chip::prove_blank(&mut card)),
        4 => {
            let keys = transport();
            drop(chip::personalise(
                &mut card,
                &keys,
                &SERIAL,
                &number(),
                &SIGNED,
                [3; 8],
            ));
        }
        _ => drop(chip::prove_locked(&mut card, &number(), &prove_chance())),
    }
}

pub(super) fn answer_seeds() -> Vec<Vec<u8>> {
    let mut said = Vec::new();
    for answer in &LISTENED.answers {
        if answer.len() < 64 {
            said.push(answer.len() as u8);
        } else {
            said.push(255);
            said.extend((answer.len() as u16).to_be_bytes());
        }
        said.extend(answer);
    }
    (0..6)
        .map(|choice| [&[choice], &said[..]].concat())
        .collect()
}

/// What a true card said, word for word.
struct Listened {
    commands: Vec<Vec<u8>>,
    answers: Vec<Vec<u8>>,
}

static LISTENED: LazyLock<Listened> = LazyLock::new(|| {
    let mut card = Listening::new();
    chip::personalise(&mut card, &transport(), &SERIAL, &number(), &SIGNED, [3; 8]).expect("made");
    let (commands, answers) = (card.commands.len(), card.answers.len());
    chip::read_public(&mut card, Some(&number()), &chance()).expect("read");
    chip::inspect(&mut card).expect("seen");
    card.commands.drain(..commands);
    card.answers.drain(..answers);
    Listened {
        commands: card.commands,
        answers: card.answers,
    }
});

static SIGNED: LazyLock<Files> = LazyLock::new(|| {
    let contents = Contents {
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
    };
    let files = Files::assemble(&contents).expect("contents fit");
    files
        .with_signature(&[0xA5; 256], &CERTIFICATE)
        .expect("signed")
});

/// A true card whose chance is none, so that its talk is the same each time.
struct Listening {
    card: Card,
    commands: Vec<Vec<u8>>,
    answers: Vec<Vec<u8>>,
}

impl Listening {
    fn new() -> Listening {
        let card = Card::blank(SERIAL, &TEST_TRANSPORT_MASTER);
        let mut card = card.with_chance(Box::new(|bytes: &mut [u8]| bytes.fill(0x42)));
        card.power_on();
        Listening {
            card,
            commands: Vec::new(),
            answers: Vec::new(),
        }
    }
}

impl Transmit for Listening {
    type Error = Gone;

    fn transmit(&mut self, command: &Command) -> Result<Response, Gone> {
        let bytes = command.encode(Length::Short).map_err(|_| Gone)?;
        let answer = self.card.apdu(&bytes);
        self.commands.push(bytes);
        self.answers.push(answer.clone());
        Response::parse(&answer).map_err(|_| Gone)
    }

    fn length(&self) -> Length {
        Length::Short
    }
}

/// A true card's answers, some of them bent: so secure messaging and the files behind it are
/// reached.
pub(super) fn bent_answers(data: &[u8]) {
    let mut bends = Bytes::of(data);
    let mut bent = LISTENED.answers.clone();
    let mut last = 0;
    while !bends.is_empty() {
        let which = usize::from(bends.u8());
        last = (last + which) % bent.len();
        bend(&mut bent[last], &mut bends);
    }
    let told: Vec<u8> = bent
        .iter()
        .flat_map(|answer| {
            let count = (answer.len() as u16).to_be_bytes();
            [&[255], &count[..], answer].concat()
        })
        .collect();
    let mut card = Stranger {
        answers: Bytes::of(&told),
        left: MOST_COMMANDS,
    };
    if let Ok(reading) = chip::read_public(&mut card, Some(&number()), &chance()) {
        let _ = reading.files.first_difference(&SIGNED);
        let _ = (
            reading.files.front_image(),
            reading.files.photo(),
            reading.files.signature(),
        );
        let _ = (reading.files.address(), reading.files.pending());
    }
}

fn bend(answer: &mut Vec<u8>, bends: &mut Bytes<'_>) {
    let at = usize::from(bends.u16()) % answer.len().max(1);
    match bends.u8() % 5 {
        0 if at < answer.len() => answer[at] ^= bends.u8() | 1,
        1 => answer.truncate(at),
        2 => answer.insert(at, bends.u8()),
        3 => {
            let count = usize::from(bends.u8());
            answer.splice(..0, bends.run(count).iter().copied());
        }
        _ => answer.push(bends.u8()),
    }
}

pub(super) fn bend_seeds() -> Vec<Vec<u8>> {
    vec![
        vec![],
        vec![3, 0, 1, 0, 7],
        vec![9, 0, 2, 1],
        vec![20, 0, 0, 3, 3, 0x87, 0x82, 0xFF],
    ]
}

fn transport() -> KeySet {
    chip::diversify(&TEST_TRANSPORT_MASTER, &SERIAL, chip::TRANSPORT_VERSION)
}

fn number() -> Number {
    Number::parse("AB12345678CD").expect("a number")
}

fn chance() -> ReadChance {
    ReadChance {
        challenge: [7; 8],
        key: [8; 16],
    }
}

fn prove_chance() -> ProveChance {
    ProveChance {
        read: chance(),
        host_challenge: [8; 8],
    }
}

/// A certificate area, or a trusted certificate: whichever, nothing verifies by chance.
pub(super) fn signature(data: &[u8]) {
    let (front, photo, code) = ([0; 7000], [0; 3000], [1; 256]);
    let trusted: [&[u8]; 2] = [&CERTIFICATE, data];
    let on = 1_780_000_000;
    for (area, trusted) in [(data, &trusted[..1]), (&CERTIFICATE[..], &trusted[1..])] {
        assert!(chip::signature::verify(&front, &photo, &code, area, trusted, on).is_err());
    }
}

pub(super) fn signature_seeds() -> Vec<Vec<u8>> {
    let filled = [&CERTIFICATE[..], &[0; 100]].concat();
    vec![CERTIFICATE.to_vec(), filled]
}

/// A certificate as the authority's own library makes one.
static CERTIFICATE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut form = rcgen::CertificateParams::new(Vec::new()).expect("a form");
    form.distinguished_name
        .push(rcgen::DnType::CommonName, "Specimen");
    form.self_signed(&key).expect("signed").der().to_vec()
});

/// A picture that is read has the dots that it claims, and is written as it was read.
pub(super) fn front_image(data: &[u8]) {
    if let Ok(image) = mmr::decode(data) {
        let row = (image.width as usize).div_ceil(8);
        assert!(image.packed.len() == row * image.height as usize);
        let again = mmr::encode(image.width, image.height, &image.packed).expect("encodes");
        assert!(mmr::decode(&again).expect("decodes").packed == image.packed);
    }
}

pub(super) fn front_image_seeds() -> Vec<Vec<u8>> {
    let row = mmr::FRONT_WIDTH.div_ceil(8) as usize;
    let rows = mmr::FRONT_HEIGHT as usize;
    // Bars, and no ink where a row is padded.
    let bar = |at: usize| {
        if at % row < 60 && at / row % 40 < 12 {
            0x3C
        } else {
            0
        }
    };
    let packed: Vec<u8> = (0..row * rows).map(bar).collect();
    let small = mmr::encode(13, 5, &[0x5A, 0x50].repeat(5)).expect("encodes");
    vec![mmr::encode_front(&packed).expect("encodes"), small]
}

/// A photo that is read has the pixels that it claims.
pub(super) fn photo(data: &[u8]) {
    if let Ok(photo) = jpeg2000::decode(data) {
        assert!(photo.pixels.len() == 3 * photo.width as usize * photo.height as usize);
    }
}

pub(super) fn photo_seeds() -> Vec<Vec<u8>> {
    let (width, height) = (jpeg2000::PHOTO_WIDTH, jpeg2000::PHOTO_HEIGHT);
    let rgb: Vec<u8> = (0..width * height * 3)
        .map(|at| (at / 40 % 251) as u8)
        .collect();
    vec![jpeg2000::encode_photo(width, height, &rgb).expect("encodes")]
}
