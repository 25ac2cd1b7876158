//! The public interface of the card (card specification §4 and appendix 1): select, number
//! authentication, reading plain and secured. It can only read; it must not know the issuer's side.

use super::Chance;
use super::apdu::{Answer, Command, Sw};
use super::cipher::{self, Key};
use super::files::{self, Access, FileSpec, Folder};
use super::memory::Memory;

/// What the public interface remembers until the power goes.
#[derive(Default)]
pub(super) struct Session {
    /// `None` while the issuer domain is selected.
    folder: Place,
    current: Option<&'static FileSpec>,
    /// The challenge, alive for the very next command only.
    challenge: Option<[u8; 8]>,
    key: Option<Key>,
    verified: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Place(Option<Folder>);

impl Default for Place {
    fn default() -> Place {
        Place(Some(Folder::Master))
    }
}

impl Session {
    /// The issuer domain was selected: everything public ends.
    pub(super) fn leave(&mut self) {
        *self = Session {
            folder: Place(None),
            ..Session::default()
        };
    }

    /// Forgets the challenge, because some other command came between.
    pub(super) fn interrupted(&mut self) {
        self.challenge = None;
    }

    /// Answers one command of class 00 or 08.
    pub(super) fn answer(
        &mut self,
        command: &Command<'_>,
        memory: &Memory,
        chance: &mut Chance,
    ) -> Answer {
        let challenge = self.challenge.take();
        if is_write(command.ins) {
            return Err(Sw::CONDITIONS);
        }
        if !memory.readable() {
            return Err(if is_select(command) {
                unreadable(memory)
            } else {
                Sw::CONDITIONS
            });
        }
        match (command.cla, command.ins) {
            (0x00, 0xA4) => self.select(command),
            (0x00, 0x84) => self.get_challenge(command, chance),
            (0x00, 0x82) => self.mutual_authenticate(command, memory, challenge, chance),
            (0x08, 0x20) => self.verify(command, memory),
            (0x00, 0x20) => Err(Sw::SECURITY),
            (0x00, 0xB0) => self.read_plain(command, memory),
            (0x08, 0xB0) => self.read_secured(command, memory),
            (0x08, 0xA4 | 0x84 | 0x82) => Err(Sw(0x6882)),
            _ => Err(Sw::INSTRUCTION),
        }
    }

    fn select(&mut self, command: &Command<'_>) -> Answer {
        let folder = match (command.p1, command.p2, command.data) {
            (0x00, 0x00 | 0x0C, [] | [0x3F, 0x00]) => Folder::Master,
            (0x04, 0x00 | 0x0C, aid) => files::folder(aid).ok_or(Sw::FILE)?,
            (0x00, 0x00 | 0x0C, _) => return Err(Sw::FILE),
            _ => return Err(Sw::PARAMETERS),
        };
        self.folder = Place(Some(folder));
        self.current = None;
        Ok(Vec::new())
    }

    fn get_challenge(&mut self, command: &Command<'_>, chance: &mut Chance) -> Answer {
        if (command.p1, command.p2) != (0, 0) {
            return Err(Sw::PARAMETERS);
        }
        if !command.data.is_empty() || command.le != Some(8) {
            return Err(Sw::LENGTH);
        }
        let mut challenge = [0; 8];
        chance(&mut challenge);
        self.challenge = Some(challenge);
        Ok(challenge.to_vec())
    }

    fn mutual_authenticate(
        &mut self,
        command: &Command<'_>,
        memory: &Memory,
        challenge: Option<[u8; 8]>,
        chance: &mut Chance,
    ) -> Answer {
        let challenge = challenge.ok_or(Sw::CONDITIONS)?;
        (self.key, self.verified) = (None, false);
        if (command.p1, command.p2) != (0, 0) {
            return Err(Sw::PARAMETERS);
        }
        let (cryptogram, mac) = command.data.split_at_checked(32).ok_or(Sw::LENGTH)?;
        if mac.len() != 8 {
            return Err(Sw::LENGTH);
        }
        let key = cipher::sha1_key(&memory.number);
        if cipher::retail_mac(&key, cryptogram) != mac {
            return Err(Sw::MISMATCH);
        }
        let plain = cipher::tdes_decrypt(&key, cryptogram);
        let (terminal_challenge, rest) = plain.split_at(8);
        let (returned, terminal_key) = rest.split_at(8);
        if returned != challenge {
            return Err(Sw::MISMATCH);
        }
        let mut card_key: Key = [0; 16];
        chance(&mut card_key);
        let reply = [&challenge, terminal_challenge, &card_key].concat();
        let mut answer = cipher::tdes_encrypt(&key, &reply);
        answer.extend_from_slice(&cipher::retail_mac(&key, &answer));
        self.key = Some(session_key(terminal_key, &card_key));
        Ok(answer)
    }

    fn verify(&mut self, command: &Command<'_>, memory: &Memory) -> Answer {
        let key = self.key.ok_or(Sw::SECURITY)?;
        if (command.p1, command.p2) != (0x00, 0x86) {
            return Err(Sw::PARAMETERS);
        }
        let cryptogram = match command.data {
            [0x86, 0x11, 0x01, cryptogram @ ..] if cryptogram.len() == 16 => cryptogram,
            [0x86, ..] => return Err(self.broken(Sw::SM_WRONG)),
            [..] => return Err(self.broken(Sw::SM_MISSING)),
        };
        let plain = cipher::tdes_decrypt(&key, cryptogram);
        self.verified = cipher::unpad(&plain) == Some(memory.number.as_slice());
        if self.verified {
            Ok(Vec::new())
        } else {
            Err(Sw::MISMATCH)
        }
    }

    fn read_plain(&mut self, command: &Command<'_>, memory: &Memory) -> Answer {
        let le = command.le.ok_or(Sw::LENGTH)?;
        self.read(command, memory, le, false)
    }

    fn read_secured(&mut self, command: &Command<'_>, memory: &Memory) -> Answer {
        let key = self.key.ok_or(Sw::SECURITY)?;
        let wanted = match *command.data {
            [0x96, 0x02, high, low] => usize::from(u16::from_be_bytes([high, low])),
            [0x96, 0x01, low] => usize::from(low),
            [0x96, ..] => return Err(self.broken(Sw::SM_WRONG)),
            [..] => return Err(self.broken(Sw::SM_MISSING)),
        };
        let wanted = if wanted == 0 { usize::MAX } else { wanted };
        let before = self.current;
        let plain = self.read(command, memory, wanted, true)?;
        let object = secured(&key, &plain);
        if command.le.is_none_or(|le| object.len() > le) {
            // A cut cryptogram could not be deciphered, so none is sent.
            self.current = before;
            return Err(Sw::LENGTH);
        }
        Ok(object)
    }

    /// At most `wanted` bytes from the place that P1 and P2 name; the file becomes the current one.
    fn read(
        &mut self,
        command: &Command<'_>,
        memory: &Memory,
        wanted: usize,
        secured: bool,
    ) -> Answer {
        let (spec, offset) = self.place(command)?;
        let stored = memory.file(spec).ok_or(Sw::FILE)?;
        let allowed = match spec.access {
            Access::Free => true,
            Access::Number => self.verified,
            Access::NumberSecured => self.verified && secured,
        };
        if !allowed {
            return Err(Sw::SECURITY);
        }
        let rest = stored
            .bytes
            .get(offset..)
            .filter(|rest| !rest.is_empty())
            .ok_or(Sw::OFFSET)?;
        self.current = Some(spec);
        Ok(rest[..wanted.min(rest.len())].to_vec())
    }

    fn place(&self, command: &Command<'_>) -> Result<(&'static FileSpec, usize), Sw> {
        if command.p1 & 0x80 == 0 {
            let offset = usize::from(u16::from_be_bytes([command.p1, command.p2]));
            return Ok((self.current.ok_or(Sw::NO_CURRENT_EF)?, offset));
        }
        if command.p1 & 0x60 != 0 {
            return Err(Sw::PARAMETERS);
        }
        let folder = self.folder.0.ok_or(Sw::FILE)?;
        let spec = files::by_sfi(folder, command.p1 & 0x1F).ok_or(Sw::FILE)?;
        Ok((spec, usize::from(command.p2)))
    }

    /// A command that spoils secure messaging ends it.
    fn broken(&mut self, sw: Sw) -> Sw {
        (self.key, self.verified) = (None, false);
        sw
    }
}

/// KSenc (card specification, appendix 1 step 5).
fn session_key(terminal: &[u8], card: &Key) -> Key {
    let mut seed: Vec<u8> = terminal.iter().zip(card).map(|(t, c)| t ^ c).collect();
    seed.extend_from_slice(&[0, 0, 0, 1]);
    cipher::sha1_key(&seed)
}

/// Data object 86: padding indicator and cryptogram (card specification §4.2.5 (4)).
fn secured(key: &Key, plain: &[u8]) -> Vec<u8> {
    let cryptogram = cipher::tdes_encrypt(key, &cipher::pad(plain, 8));
    let mut object = vec![0x86];
    match cryptogram.len() + 1 {
        length @ 0..=0x7F => object.push(length as u8),
        length @ 0x80..=0xFF => object.extend_from_slice(&[0x81, length as u8]),
        length => object.extend_from_slice(&[0x82, (length >> 8) as u8, length as u8]),
    }
    object.push(0x01);
    object.extend_from_slice(&cryptogram);
    object
}

/// UPDATE, WRITE, ERASE and PUT: nothing is writable from outside, in whatever state.
pub(super) fn is_write(ins: u8) -> bool {
    matches!(
        ins,
        0xD6 | 0xD7 | 0xD0 | 0xD1 | 0xD2 | 0xDA | 0xDB | 0xDC | 0xDD | 0xE0 | 0xE4 | 0x0E | 0x0F
    )
}

fn is_select(command: &Command<'_>) -> bool {
    command.ins == 0xA4 && command.p1 == 0x04
}

fn unreadable(memory: &Memory) -> Sw {
    if memory.issuer_domain > super::memory::domain::SECURED {
        Sw::BLOCKED
    } else {
        Sw::CONDITIONS
    }
}
