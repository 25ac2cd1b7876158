//! The issuer's side of the card: channel, personalisation, keys, life cycle, and the witness that
//! anybody may read. It must not know how the public interface reads.

use super::apdu::{Answer, Command, Sw, encode};
use super::channel::{Channel, FULL, Opening};
use super::cipher;
use super::files::Folder;
use super::groupings::{self, Part, Stream};
use super::memory::{FAILURES_ALLOWED, Flaw, Keys, TRANSPORT, Vault, application, domain};
use super::public;

/// The issuer security domain.
pub(super) const DOMAIN_AID: [u8; 8] = [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00];
/// The residence application, "RC1" under a proprietary prefix.
const APPLICATION_AID: [u8; 6] = [0xF0, 0x52, 0x43, 0x31, 0x00, 0x01];

/// What the issuer's side remembers until the power goes.
#[derive(Default)]
pub(super) struct Session {
    selected: bool,
    opening: Option<Opening>,
    channel: Option<Channel>,
    stream: Option<Stream>,
}

/// Whether the issuer domain is meant: its identifier, the beginning of it, or none at all.
pub(super) fn selects(command: &Command<'_>) -> bool {
    (command.cla, command.ins, command.p1) == (0x00, 0xA4, 0x04)
        && (command.data.is_empty()
            || command.data.len() >= 5 && DOMAIN_AID.starts_with(command.data))
}

impl Session {
    /// SELECT of the issuer domain: an old channel ends.
    pub(super) fn select(&mut self, command: &Command<'_>) -> Answer {
        if !matches!(command.p2, 0x00 | 0x0C) {
            return Err(Sw::PARAMETERS);
        }
        *self = Session {
            selected: true,
            ..Session::default()
        };
        // FCI: application identifier, and 255 as the longest block (9F65).
        let template = [
            &[0x6F, 0x10, 0x84, 0x08],
            &DOMAIN_AID[..],
            &[0xA5, 0x04, 0x9F, 0x65, 1, 0xFF],
        ];
        Ok(if command.p2 == 0x00 {
            template.concat()
        } else {
            Vec::new()
        })
    }

    /// Another application was selected.
    pub(super) fn leave(&mut self) {
        *self = Session::default();
    }

    /// Answers one command of class 80 or 84, protection included.
    pub(super) fn answer(&mut self, command: &Command<'_>, vault: &mut Vault) -> Vec<u8> {
        if let Err(sw) = command.exact() {
            return encode(Err(sw));
        }
        match (command.cla, command.ins) {
            _ if !self.selected => encode(Err(Sw::CONDITIONS)),
            (0x80, 0xCA) => encode(get_data(command, vault)),
            _ if vault.memory.issuer_domain == domain::TERMINATED => encode(Err(Sw::CONDITIONS)),
            (0x80, 0x50) => encode(self.initialize_update(command, vault)),
            (0x84, 0x82) => encode(self.external_authenticate(command, vault)),
            (0x84, _) => self.secured(command, vault),
            _ => {
                // A bare command breaks an open channel.
                let within = self.channel.is_some();
                self.end();
                encode(Err(if within {
                    Sw::SECURITY
                } else {
                    bare(command.ins)
                }))
            }
        }
    }

    fn end(&mut self) {
        (self.opening, self.channel, self.stream) = (None, None, None);
    }

    fn initialize_update(&mut self, command: &Command<'_>, vault: &mut Vault) -> Answer {
        self.end();
        let host_challenge = command.data.try_into().map_err(|_| Sw::LENGTH)?;
        let memory = &mut vault.memory;
        let open = memory.flaw == Some(Flaw::StaysOpen) && command.p1 == TRANSPORT;
        let known = command.p1 == 0 || command.p1 == memory.keys.version || open;
        if !known || command.p2 != 0 {
            return Err(Sw::REFERENCE);
        }
        if memory.failures >= FAILURES_ALLOWED {
            return Err(Sw::METHOD);
        }
        memory.sequence = (memory.sequence + 1) & 0x00FF_FFFF;
        let (opening, answer) = Opening::begin(
            &memory.keys,
            &memory.serial,
            memory.sequence,
            &DOMAIN_AID,
            host_challenge,
        );
        vault.commit()?;
        self.opening = Some(opening);
        Ok(answer)
    }

    fn external_authenticate(&mut self, command: &Command<'_>, vault: &mut Vault) -> Answer {
        let opening = self.opening.take().ok_or(Sw::CONDITIONS)?;
        // Counted before it is judged: a cut cannot make trying free.
        vault.memory.failures += 1;
        vault.commit()?;
        let channel = opening.authenticate(command)?;
        vault.memory.failures = 0;
        vault.commit()?;
        self.channel = Some(channel);
        Ok(Vec::new())
    }

    fn secured(&mut self, command: &Command<'_>, vault: &mut Vault) -> Vec<u8> {
        let Some(mut channel) = self.channel.take() else {
            return encode(Err(Sw::SECURITY));
        };
        let data = match channel.open(command) {
            Ok(data) => data,
            Err(sw) => {
                self.end();
                return encode(Err(sw));
            }
        };
        if matches!(command.ins, 0xE2 | 0xD8) && channel.level != FULL {
            self.end();
            return encode(Err(Sw::SECURITY));
        }
        let answer = self.within(command, &data, &channel, vault);
        let response = channel.close(answer);
        if vault.memory.issuer_domain != domain::TERMINATED {
            self.channel = Some(channel);
        }
        response
    }

    fn within(
        &mut self,
        command: &Command<'_>,
        data: &[u8],
        channel: &Channel,
        vault: &mut Vault,
    ) -> Answer {
        match command.ins {
            0xCA => get_data(command, vault),
            0xE6 => self.install(command, data, vault),
            0xE2 => {
                let answer = self.store_data(command, data, channel, vault);
                if answer.is_err() || command.p1 & 0x80 != 0 {
                    self.stream = None;
                }
                answer
            }
            0xD8 => put_key(command, data, channel, vault),
            0xF0 => set_status(command, data, vault),
            ins => Err(bare(ins)),
        }
    }

    fn install(&mut self, command: &Command<'_>, data: &[u8], vault: &Vault) -> Answer {
        if (command.p1, command.p2) != (0x20, 0x00) {
            return Err(Sw::PARAMETERS);
        }
        match data {
            [0, 0, 6, aid @ .., 0, 0, 0] if aid == APPLICATION_AID => {}
            [0, 0, 6, ..] => return Err(Sw::REFERENCE),
            [..] => return Err(Sw::DATA),
        }
        if matches!(
            vault.memory.application,
            application::LOCKED | application::TERMINATED
        ) {
            return Err(Sw::CONDITIONS);
        }
        self.stream = Some(Stream::default());
        Ok(vec![0x00])
    }

    fn store_data(
        &mut self,
        command: &Command<'_>,
        data: &[u8],
        channel: &Channel,
        vault: &mut Vault,
    ) -> Answer {
        let stream = self.stream.as_mut().ok_or(Sw::CONDITIONS)?;
        stream.number(command.p2)?;
        if command.p1 & 0x7F == 0x60 {
            return store_number(data, channel, vault);
        }
        if command.p1 & 0x7F != 0 {
            return Err(Sw::PARAMETERS);
        }
        let parts = stream.feed(data)?;
        if command.p1 & 0x80 != 0 && !stream.at_rest() {
            return Err(Sw::DATA);
        }
        store(&parts, vault)
    }
}

fn bare(ins: u8) -> Sw {
    match ins {
        ins if public::is_write(ins) => Sw::CONDITIONS,
        0x82 | 0xCA | 0xD8 | 0xE2 | 0xE6 | 0xF0 => Sw::SECURITY,
        _ => Sw::INSTRUCTION,
    }
}

/// The witness `DF20` (free), and the key information template for tools that ask.
fn get_data(command: &Command<'_>, vault: &Vault) -> Answer {
    let memory = &vault.memory;
    match (command.p1, command.p2) {
        (0xDF, 0x20) => {
            let mut answer = vec![0xDF, 0x20, 0x11];
            answer.extend_from_slice(&memory.serial);
            let states = [
                memory.keys.version,
                memory.issuer_domain,
                memory.application,
            ];
            answer.extend_from_slice(&states);
            answer.extend_from_slice(&memory.bytes_stored.to_be_bytes());
            Ok(answer)
        }
        (0x00, 0xE0) => {
            let version = memory.keys.version;
            let keys = [1, 2, 3].map(|id| [0xC0, 0x04, id, version, 0x88, 0x10]);
            Ok([&[0xE0, 0x12], keys.as_flattened()].concat())
        }
        _ => Err(Sw::REFERENCE),
    }
}

fn store_number(data: &[u8], channel: &Channel, vault: &mut Vault) -> Answer {
    let value = groupings::number(data)?;
    if vault.memory.closed() {
        return Err(Sw::CONDITIONS);
    }
    let plain = cipher::aes_decrypt(&channel.dek, &[0; 16], &value);
    let number = cipher::unpad(&plain)
        .filter(|number| is_number(number))
        .ok_or(Sw::DATA)?;
    vault.count(value.len())?;
    vault.memory.number = number.to_vec();
    vault.commit()?;
    Ok(Vec::new())
}

fn is_number(number: &[u8]) -> bool {
    number.len() == 12
        && number.iter().enumerate().all(|(at, byte)| match at {
            2..=9 => byte.is_ascii_digit(),
            _ => byte.is_ascii_uppercase(),
        })
}

/// Stores parts of files: all of them or, when one is refused, none.
fn store(parts: &[Part], vault: &mut Vault) -> Answer {
    let memory = &vault.memory;
    let issuer_keys = memory.keys.version != TRANSPORT;
    let open = |part: &Part| match part.spec.folder {
        Folder::Back => !memory.closed() || issuer_keys,
        Folder::Master | Folder::Face | Folder::Signature => !memory.closed(),
    };
    if !parts.iter().all(open) {
        return Err(Sw::CONDITIONS);
    }
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    if vault.memory.is_full() {
        return Err(Sw::MEMORY);
    }
    vault.count(parts.iter().map(|part| part.bytes.len()).sum())?;
    parts
        .iter()
        .for_each(|part| vault.put(part.spec, part.offset, &part.bytes));
    vault.commit()?;
    Ok(Vec::new())
}

/// PUT KEY of a whole key set in place of the present one.
fn put_key(command: &Command<'_>, data: &[u8], channel: &Channel, vault: &mut Vault) -> Answer {
    if command.p2 != 0x81 {
        return Err(Sw::PARAMETERS);
    }
    if command.p1 != vault.memory.keys.version {
        return Err(Sw::REFERENCE);
    }
    let (&version, blocks) = data.split_first().ok_or(Sw::DATA)?;
    let (blocks, []) = blocks.as_chunks::<23>() else {
        return Err(Sw::DATA);
    };
    let &[enc, mac, dek] = blocks else {
        return Err(Sw::DATA);
    };
    if !matches!(version, 0x01..=0x7F) || version == TRANSPORT {
        return Err(Sw::DATA);
    }
    let keys = Keys {
        version,
        enc: key(&enc, channel)?,
        mac: key(&mac, channel)?,
        dek: key(&dek, channel)?,
    };
    let mut answer = vec![version];
    for key in [&keys.enc, &keys.mac, &keys.dek] {
        answer.extend_from_slice(&cipher::check_value(key));
    }
    vault.count(48)?;
    vault.memory.keys = keys;
    vault.commit()?;
    Ok(answer)
}

/// One key out of its block `88 11 10 key 03 check`.
fn key(block: &[u8; 23], channel: &Channel) -> Result<cipher::Key, Sw> {
    let [0x88, 0x11, 0x10, enciphered @ .., 0x03, a, b, c] = block else {
        return Err(Sw::DATA);
    };
    let plain = cipher::aes_decrypt(&channel.dek, &[0; 16], enciphered);
    let key = plain.try_into().map_err(|_| Sw::DATA)?;
    if cipher::check_value(&key) == [*a, *b, *c] {
        Ok(key)
    } else {
        Err(Sw::DATA)
    }
}

/// SET STATUS: life cycles only move on, except that a lock may be taken off again.
fn set_status(command: &Command<'_>, data: &[u8], vault: &mut Vault) -> Answer {
    let memory = &mut vault.memory;
    match command.p1 {
        0x80 if data == DOMAIN_AID || data.is_empty() => {
            let next = command.p2;
            if !domain_may_become(memory.issuer_domain, next) {
                return Err(Sw::CONDITIONS);
            }
            memory.issuer_domain = next;
            if next == domain::TERMINATED {
                memory.application = application::TERMINATED;
            }
        }
        0x40 if data == APPLICATION_AID => {
            let next = command.p2;
            let may = application_may_become(memory.application, next);
            if !may || next == application::PERSONALIZED && !memory.complete() {
                return Err(Sw::CONDITIONS);
            }
            memory.application = next;
        }
        0x80 | 0x40 => return Err(Sw::REFERENCE),
        _ => return Err(Sw::PARAMETERS),
    }
    vault.commit()?;
    Ok(Vec::new())
}

fn domain_may_become(now: u8, next: u8) -> bool {
    use domain::{INITIALIZED, LOCKED, OP_READY, SECURED, TERMINATED};
    matches!(
        (now, next),
        (OP_READY, INITIALIZED | SECURED)
            | (INITIALIZED, SECURED)
            | (SECURED, LOCKED)
            | (LOCKED, SECURED)
            | (_, TERMINATED)
    ) || now == next
}

fn application_may_become(now: u8, next: u8) -> bool {
    use application::{INSTALLED, LOCKED, PERSONALIZED, SELECTABLE};
    matches!(
        (now, next),
        (INSTALLED, SELECTABLE)
            | (INSTALLED | SELECTABLE | LOCKED, PERSONALIZED)
            | (PERSONALIZED, LOCKED)
    ) || now == next
}
