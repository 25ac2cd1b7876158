//! Reading a first-generation card through its public interface: completely, to prove what was
//! written, and tolerantly, at the desk. Recognises a second-generation card, reads nothing of it.

use super::contents::Files;
use super::files::{CardType, Directory, FileId};
use super::secure_messaging::{ReadChance, Session};
use crate::Error;
use crate::exchange::{SHORT_ALL, command, demand, exchange};
use crate::number::Number;
use wire::apdu::{Command, Le, Length, Response, StatusWord, Transmit};
use zeroize::Zeroizing;

/// Plain bytes of one read under secure messaging that short commands ask for.
const SHORT_SECURE: u16 = 223;
/// Plain bytes of one short plain read.
const SHORT_PLAIN: u16 = 256;
/// Above any file of a card; a card that goes on longer is not followed.
const FILE_LIMIT: usize = 0x7FFF;
const OFFSET_OUTSIDE: StatusWord = StatusWord(0x6B00);

/// What a card on the desk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A card of the first generation.
    FirstGeneration(CardType),
    /// A card of the second generation with this type code.
    SecondGeneration([u8; 2]),
}

/// What could be read from a card on the desk.
#[derive(Debug)]
pub struct Reading {
    /// What the card is.
    pub kind: Kind,
    /// The files that answered: all of a first-generation card that the number opened, else those
    /// that are free.
    pub files: Files,
}

/// Reads every file of a personalised card, in the sizes and forms that it has.
///
/// # Errors
/// `WrongNumber`; `Refused` where a file is not there; `Foreign`, `Garbled`, `Lost`.
pub fn read_back<T: Transmit>(
    card: &mut T,
    number: &Number,
    chance: &ReadChance,
) -> Result<Files, Error> {
    read_directories(card, number, chance, |_| true)
}

/// Reads what a finished card is held against its face by: type, front image, photo, signature.
/// What is endorsed later was proved when it was written, and the closed chip keeps it.
///
/// # Errors
/// As [`read_back`].
pub fn read_face<T: Transmit>(
    card: &mut T,
    number: &Number,
    chance: &ReadChance,
) -> Result<Files, Error> {
    read_directories(card, number, chance, |directory| {
        directory != Directory::Endorsements
    })
}

fn read_directories<T: Transmit>(
    card: &mut T,
    number: &Number,
    chance: &ReadChance,
    wanted: impl Fn(Directory) -> bool,
) -> Result<Files, Error> {
    let (kind, mut files) = read_free(card)?;
    let Kind::FirstGeneration(card_type) = kind else {
        return Err(Error::Garbled {
            step: "READ BINARY (card type)",
        });
    };
    let session = Session::open(card, number, chance)?;
    let mut selected = Directory::Master;
    for file in card_type
        .files()
        .filter(|file| file.directory() != Directory::Master && wanted(file.directory()))
    {
        select(card, file.directory(), &mut selected)?;
        files.push((file, read_file(card, &session, file)?));
    }
    Ok(Files::from_read(files))
}

/// Reads the card back and compares it byte for byte with what was to be written.
///
/// # Errors
/// `Mismatch` names the first file that differs; as [`read_back`] otherwise.
pub fn prove_written<T: Transmit>(
    card: &mut T,
    number: &Number,
    files: &Files,
    chance: &ReadChance,
) -> Result<(), Error> {
    match read_back(card, number, chance)?.first_difference(files) {
        Some(file) => Err(Error::Mismatch { file }),
        None => Ok(()),
    }
}

/// Reads what a card on the desk gives: the free files, and with its number all others that answer.
///
/// # Errors
/// `WrongNumber`; `Foreign` for any other card; `Refused` with 6985 for one that is blank or
/// terminated; `Garbled`, `Lost`.
pub fn read_public<T: Transmit>(
    card: &mut T,
    number: Option<&Number>,
    chance: &ReadChance,
) -> Result<Reading, Error> {
    let (kind, mut files) = read_free(card)?;
    if let (Kind::FirstGeneration(card_type), Some(number)) = (kind, number) {
        let session = Session::open(card, number, chance)?;
        let mut selected = Directory::Master;
        for file in card_type
            .files()
            .filter(|file| file.directory() != Directory::Master)
        {
            let read = select(card, file.directory(), &mut selected)
                .and_then(|()| read_file(card, &session, file));
            match read {
                Ok(bytes) => files.push((file, bytes)),
                Err(Error::Refused { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(Reading {
        kind,
        files: Files::from_read(files),
    })
}

type ReadFiles = Vec<(FileId, Zeroizing<Vec<u8>>)>;

fn read_free<T: Transmit>(card: &mut T) -> Result<(Kind, ReadFiles), Error> {
    const STEP: &str = "READ BINARY (card type)";
    select_master(card).map_err(foreign_unless_unused)?;
    let free = [FileId::CommonData, FileId::CardType]
        .map(|file| read_plain(card, file).map(|bytes| (file, bytes)));
    let files: ReadFiles = free
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(foreign_unless_unused)?;
    let kind = match files[1].1.as_slice() {
        [0xC1, 0x01, code] => CardType::from_code(*code).map(Kind::FirstGeneration),
        [0xC1, 0x02, b'0', code @ b'5'..=b'8'] => Some(Kind::SecondGeneration([b'0', *code])),
        _ => None,
    };
    Ok((kind.ok_or(Error::Garbled { step: STEP })?, files))
}

/// A card that refuses the free files is not one of these, except where it says "not yet" or "no more".
fn foreign_unless_unused(error: Error) -> Error {
    if let Error::Refused { step, status } = error
        && !matches!(status.0, 0x6985 | 0x6283)
    {
        return Error::Foreign { step, status };
    }
    error
}

pub(crate) fn select_master<T: Transmit>(card: &mut T) -> Result<(), Error> {
    let select = command([0x00, 0xA4, 0x00, 0x00], &[0x3F, 0x00], None);
    demand(card, "SELECT (master file)", &select).map(drop)
}

pub(crate) fn select<T: Transmit>(
    card: &mut T,
    wanted: Directory,
    selected: &mut Directory,
) -> Result<(), Error> {
    if *selected == wanted {
        return Ok(());
    }
    match wanted.aid() {
        None => select_master(card)?,
        Some(aid) => {
            let select = command([0x00, 0xA4, 0x04, 0x0C], &aid, None);
            demand(card, "SELECT (directory)", &select)?;
        }
    }
    *selected = wanted;
    Ok(())
}

/// Images and endorsements travel encrypted; signature and certificate in the clear, as in
/// appendix 2 of the card specification.
fn read_file<T: Transmit>(
    card: &mut T,
    session: &Session,
    file: FileId,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    match file.directory() {
        Directory::Images | Directory::Endorsements => read_secure(card, session, file),
        Directory::Master | Directory::Signature => read_plain(card, file),
    }
}

fn read_plain<T: Transmit>(card: &mut T, file: FileId) -> Result<Zeroizing<Vec<u8>>, Error> {
    let ask = |[p1, p2]: [u8; 2], whole: bool| {
        command(
            [0x00, 0xB0, p1, p2],
            &[],
            if whole { Some(Le::All) } else { SHORT_ALL },
        )
    };
    read_parts(card, file, SHORT_PLAIN, ask, |data| {
        Some(Zeroizing::new(data))
    })
}

fn read_secure<T: Transmit>(
    card: &mut T,
    session: &Session,
    file: FileId,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let ask = |[p1, p2]: [u8; 2], whole: bool| match whole {
        true => session.read(p1, p2, None, Le::All),
        false => session.read(p1, p2, Some(SHORT_SECURE), Le::Number(256)),
    };
    read_parts(card, file, SHORT_SECURE, ask, |data| {
        session.open_answer(&data)
    })
}

/// Reads a file by its short identifier: whole where the reader carries extended lengths, else in
/// parts, the later ones by offset in the current file, until the card gives less than was asked.
fn read_parts<T: Transmit>(
    card: &mut T,
    file: FileId,
    part: u16,
    ask: impl Fn([u8; 2], bool) -> Command,
    open: impl Fn(Vec<u8>) -> Option<Zeroizing<Vec<u8>>>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let step = file.read_step();
    let whole = card.length() == Length::Extended;
    let mut bytes = Zeroizing::new(Vec::with_capacity(file.size()));
    loop {
        let position = match bytes.len() {
            0 => [file.p1(), 0],
            offset => (offset as u16).to_be_bytes(),
        };
        let Response { data, sw } = exchange(card, step, &ask(position, whole))?;
        match sw {
            StatusWord::OK => {}
            OFFSET_OUTSIDE if !bytes.is_empty() => return Ok(bytes),
            status => return Err(Error::Refused { step, status }),
        }
        let new = open(data).ok_or(Error::Garbled { step })?;
        if new.len() > FILE_LIMIT - bytes.len() || (!whole && new.len() > usize::from(part)) {
            return Err(Error::Garbled { step });
        }
        bytes.extend_from_slice(&new);
        if whole || new.len() < usize::from(part) {
            return Ok(bytes);
        }
    }
}
