//! A terminal and an issuer, written apart from the card for its tests: everything goes through
//! one closure that sends bytes to a card, in this process or behind the PC/SC service.

use std::iter::repeat_n;

use aes::Aes128;
use cipher::{BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit};
use cmac::{Cmac, Mac};
use des::{Des, TdesEde2};
use sha1::{Digest, Sha1};

pub(crate) type Key = [u8; 16];

pub(crate) const NUMBER: &[u8; 12] = b"AA12345678BB";
pub(crate) const TRANSPORT: u8 = 0x30;
pub(crate) const ISSUER: u8 = 0x31;
pub(crate) const SELECT_DOMAIN: &[u8] = &[0, 0xA4, 4, 0, 8, 0xA0, 0, 0, 1, 0x51, 0, 0, 0, 0];
pub(crate) const WITNESS: &[u8] = &[0x80, 0xCA, 0xDF, 0x20, 0];
const DOMAIN: [u8; 8] = [0xA0, 0, 0, 1, 0x51, 0, 0, 0];
const APPLICATION: [u8; 6] = [0xF0, 0x52, 0x43, 0x31, 0, 1];

/// Keys of one version.
#[derive(Clone)]
pub(crate) struct KeySet {
    pub(crate) version: u8,
    pub(crate) keys: [Key; 3],
}

/// The keys of a chip under a master, as the fact sheet's §5.3 has it.
pub(crate) fn diversified(master: &Key, serial: &[u8; 10], version: u8) -> KeySet {
    let key = |which| mac(master, &[&[1, 0, 0, 0, which, 0], &serial[..]].concat());
    KeySet {
        version,
        keys: [key(1), key(2), key(3)],
    }
}

/// The groupings of a whole card: tag and content of every file, in the order of the tree.
pub(crate) fn files() -> Vec<(u16, Vec<u8>)> {
    let value = |head: &[u8], start: &[u8], bytes: usize| {
        let mut content = [head, start].concat();
        content.resize(bytes, 0);
        content
    };
    let numbered = |head: &[u8], bytes: usize| {
        let body: Vec<u8> = (0..bytes - head.len()).map(|at| (at % 251) as u8).collect();
        value(head, &body, bytes)
    };
    let mut signature = numbered(&[0xDA, 0x82, 0x01, 0x00], 1464);
    signature[260..264].copy_from_slice(&[0xDB, 0x82, 0x04, 0xB0]);
    vec![
        (0x000B, b"\xC0\x040001".to_vec()),
        (0x000A, b"\xC1\x011".to_vec()),
        (0x0105, numbered(&[0xD0, 0x82, 0x1B, 0x58], 7004)),
        (0x0106, numbered(&[0xD1, 0x82, 0x0B, 0xB8], 3004)),
        (
            0x0201,
            value(b"\xD2\x0820260401\xD3\x06131016\xD4\x82\x01\x40", b"", 342),
        ),
        (0x0202, value(b"\xD5\x78", b"", 122)),
        (0x0203, value(b"\xD6\x78", b"", 122)),
        (0x0204, b"\xD7\x010".to_vec()),
        (0x0302, signature),
    ]
}

/// The way to a card: command in, response out.
pub(crate) type Line<'a> = Box<dyn FnMut(&[u8]) -> Vec<u8> + 'a>;

/// Whoever talks to the card.
pub(crate) struct Host<'a> {
    pub(crate) send: Line<'a>,
}

/// The status word of a response.
pub(crate) fn sw(response: &[u8]) -> u16 {
    let at = response.len() - 2;
    u16::from_be_bytes([response[at], response[at + 1]])
}

/// An open SCP03 channel, host's end.
pub(crate) struct Channel {
    enc: Key,
    mac: Key,
    rmac: Key,
    dek: Key,
    level: u8,
    chain: Key,
    counter: u8,
}

impl Host<'_> {
    pub(crate) fn ask(&mut self, bytes: &[u8]) -> Vec<u8> {
        (self.send)(bytes)
    }

    pub(crate) fn sw(&mut self, bytes: &[u8]) -> u16 {
        sw(&self.ask(bytes))
    }

    pub(crate) fn witness(&mut self) -> Vec<u8> {
        assert_eq!(self.sw(SELECT_DOMAIN), 0x9000);
        let answer = self.ask(WITNESS);
        assert_eq!(sw(&answer), 0x9000);
        answer[3..20].to_vec()
    }

    /// INITIALIZE UPDATE and EXTERNAL AUTHENTICATE; the status word when one is refused.
    pub(crate) fn open(&mut self, set: &KeySet, level: u8) -> Result<Channel, u16> {
        let challenge = [0x11; 8];
        assert_eq!(self.sw(SELECT_DOMAIN), 0x9000);
        let update = [&[0x80, 0x50, set.version, 0, 8], &challenge[..], &[0]].concat();
        let answer = self.ask(&update);
        if sw(&answer) != 0x9000 {
            return Err(sw(&answer));
        }
        assert_eq!(answer.len(), 34);
        assert_eq!(answer[10..13], [set.version, 0x03, 0x70]);
        let context = [&challenge[..], &answer[13..21]].concat();
        let [enc, mac_key, dek] = set.keys;
        let mut channel = Channel {
            enc: derive(&enc, 0x04, 128, &context),
            mac: derive(&mac_key, 0x06, 128, &context),
            rmac: derive(&mac_key, 0x07, 128, &context),
            dek,
            level: 0,
            chain: [0; 16],
            counter: 0,
        };
        assert_eq!(answer[10] == TRANSPORT, set.version == TRANSPORT);
        let cryptogram = derive(&channel.mac, 0x01, 64, &context);
        let command = channel.protect([0x84, 0x82, level, 0], &cryptogram[..8], false);
        channel.level = level;
        match self.sw(&command) {
            0x9000 => {
                let card = derive(&channel.mac, 0x00, 64, &context);
                assert_eq!(answer[21..29], card[..8]);
                Ok(channel)
            }
            refused => Err(refused),
        }
    }

    /// One command through the channel; data that came back, or the status word.
    pub(crate) fn secured(
        &mut self,
        channel: &mut Channel,
        header: [u8; 3],
        data: &[u8],
    ) -> Result<Vec<u8>, u16> {
        let [ins, p1, p2] = header;
        let command = channel.protect([0x84, ins, p1, p2], data, true);
        let answer = self.ask(&command);
        match sw(&answer) {
            0x9000 => Ok(channel.unprotect(&answer[..answer.len() - 2])),
            refused => Err(refused),
        }
    }

    /// INSTALL [for personalization].
    pub(crate) fn install(&mut self, channel: &mut Channel) -> Result<Vec<u8>, u16> {
        let data = [&[0, 0, 6], &APPLICATION[..], &[0, 0, 0]].concat();
        self.secured(channel, [0xE6, 0x20, 0], &data)
    }

    /// The number, and then all groupings in blocks of `size`.
    pub(crate) fn store(
        &mut self,
        channel: &mut Channel,
        number: Option<&[u8; 12]>,
        groupings: &[(u16, Vec<u8>)],
        size: usize,
    ) -> Result<(), u16> {
        self.install(channel)?;
        let mut block = 0;
        if let Some(number) = number {
            let plain = [&number[..], &[0x80, 0, 0, 0]].concat();
            let value = encrypt(&channel.dek, &[0; 16], &plain);
            let data = [&[0x80, 0x01, 0x10], &value[..]].concat();
            self.secured(channel, [0xE2, 0x60, 0], &data)?;
            block = 1;
        }
        let stream = stream(groupings);
        let mut blocks = stream.chunks(size).peekable();
        while let Some(data) = blocks.next() {
            let p1 = if blocks.peek().is_none() { 0x80 } else { 0 };
            self.secured(channel, [0xE2, p1, block], data)?;
            block += 1;
        }
        Ok(())
    }

    /// SET STATUS of the residence application.
    pub(crate) fn application(&mut self, channel: &mut Channel, state: u8) -> Result<Vec<u8>, u16> {
        self.secured(channel, [0xF0, 0x40, state], &APPLICATION)
    }

    /// SET STATUS of the issuer domain.
    pub(crate) fn domain(&mut self, channel: &mut Channel, state: u8) -> Result<Vec<u8>, u16> {
        self.secured(channel, [0xF0, 0x80, state], &DOMAIN)
    }

    /// PUT KEY of a whole set in place of version `old`.
    pub(crate) fn put_key(
        &mut self,
        channel: &mut Channel,
        old: u8,
        new: &KeySet,
    ) -> Result<Vec<u8>, u16> {
        let mut data = vec![new.version];
        for key in &new.keys {
            data.extend([0x88, 0x11, 0x10]);
            data.extend(encrypt(&channel.dek, &[0; 16], key));
            data.push(0x03);
            data.extend(&encrypt(key, &[0; 16], &[1; 16])[..3]);
        }
        self.secured(channel, [0xD8, old, 0x81], &data)
    }

    /// Everything that makes a blank a finished card, locked under `issuer`.
    pub(crate) fn make(&mut self, transport: &KeySet, issuer: &KeySet, size: usize) {
        let mut channel = self.open(transport, 0x33).unwrap();
        self.store(&mut channel, Some(NUMBER), &files(), size)
            .unwrap();
        self.application(&mut channel, 0x0F).unwrap();
        self.put_key(&mut channel, transport.version, issuer)
            .unwrap();
        self.domain(&mut channel, 0x0F).unwrap();
    }

    /// Number authentication; the session key.
    pub(crate) fn authenticate(&mut self, number: &[u8; 12]) -> Result<Key, u16> {
        let challenge = self.ask(&[0, 0x84, 0, 0, 8]);
        if sw(&challenge) != 0x9000 {
            return Err(sw(&challenge));
        }
        let key = sha1_key(number);
        let own = [0x22; 24];
        let plain = [&own[..8], &challenge[..8], &own[8..]].concat();
        let cryptogram = tdes(&key, &plain);
        let command = [
            &[0, 0x82, 0, 0, 0x28],
            &cryptogram[..],
            &retail_mac(&key, &cryptogram),
            &[0],
        ]
        .concat();
        let answer = self.ask(&command);
        if sw(&answer) != 0x9000 {
            return Err(sw(&answer));
        }
        assert_eq!(answer[32..40], retail_mac(&key, &answer[..32]));
        let plain = tdes_back(&key, &answer[..32]);
        assert_eq!(plain[..16], [&challenge[..8], &own[..8]].concat());
        let mut seed: Vec<u8> = own[8..]
            .iter()
            .zip(&plain[16..])
            .map(|(a, b)| a ^ b)
            .collect();
        seed.extend([0, 0, 0, 1]);
        let key = sha1_key(&seed);
        match self.sw(&verify(&key, number)) {
            0x9000 => Ok(key),
            refused => Err(refused),
        }
    }

    /// A secured read of `wanted` bytes (0: all) with extended lengths.
    pub(crate) fn read(&mut self, key: &Key, place: [u8; 2], wanted: u16) -> Result<Vec<u8>, u16> {
        let [high, low] = wanted.to_be_bytes();
        let command = [
            8, 0xB0, place[0], place[1], 0, 0, 4, 0x96, 2, high, low, 0, 0,
        ];
        let answer = self.ask(&command);
        if sw(&answer) != 0x9000 {
            return Err(sw(&answer));
        }
        let body = &answer[..answer.len() - 2];
        let at = match body[1] {
            0x82 => 4,
            0x81 => 3,
            _ => 2,
        };
        assert_eq!((body[0], body[at]), (0x86, 0x01));
        Ok(unpad(&tdes_back(key, &body[at + 1..])))
    }
}

impl Channel {
    fn protect(&mut self, header: [u8; 4], data: &[u8], cipher: bool) -> Vec<u8> {
        let mut body = data.to_vec();
        if cipher && self.level & 0x02 != 0 {
            self.counter += 1;
            if !body.is_empty() {
                body = encrypt(&self.enc, &self.vector(0), &pad(&body, 16));
            }
        }
        let total = body.len() + 8;
        let length = if total > 255 {
            vec![0, (total >> 8) as u8, total as u8]
        } else {
            vec![total as u8]
        };
        let head = [&header[..], &length].concat();
        self.chain = mac(&self.mac, &[&self.chain, &head[..], &body].concat());
        let le: &[u8] = if total > 255 { &[0, 0] } else { &[0] };
        [&head, &body[..], &self.chain[..8], le].concat()
    }

    fn unprotect(&self, answer: &[u8]) -> Vec<u8> {
        if self.level & 0x10 == 0 {
            return answer.to_vec();
        }
        let (body, tag) = answer.split_at(answer.len() - 8);
        let expected = mac(&self.rmac, &[&self.chain, body, &[0x90, 0]].concat());
        assert_eq!(tag, &expected[..8]);
        if self.level & 0x20 == 0 || body.is_empty() {
            return body.to_vec();
        }
        let mut plain = body.to_vec();
        let vector = self.vector(0x80);
        let mut mode = cbc::Decryptor::<Aes128>::new(&self.enc.into(), &vector.into());
        plain
            .as_chunks_mut::<16>()
            .0
            .iter_mut()
            .for_each(|b| mode.decrypt_block(b.into()));
        unpad(&plain)
    }

    fn vector(&self, first: u8) -> Key {
        let mut block = [0; 16];
        (block[0], block[15]) = (first, self.counter);
        encrypt(&self.enc, &[0; 16], &block).try_into().unwrap()
    }
}

/// VERIFY of a number under a session key.
pub(crate) fn verify(key: &Key, number: &[u8; 12]) -> Vec<u8> {
    let plain = [&number[..], &[0x80, 0, 0, 0]].concat();
    [
        &[8, 0x20, 0, 0x86, 0x13, 0x86, 0x11, 1],
        &tdes(key, &plain)[..],
    ]
    .concat()
}

fn stream(groupings: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut stream = Vec::new();
    for (tag, content) in groupings {
        stream.extend(tag.to_be_bytes());
        if content.len() > 254 {
            stream.push(0xFF);
            stream.extend((content.len() as u16).to_be_bytes());
        } else {
            stream.push(content.len() as u8);
        }
        stream.extend(content);
    }
    stream
}

fn derive(key: &Key, constant: u8, bits: u8, context: &[u8]) -> Key {
    let label: Vec<u8> = repeat_n(0, 11).chain([constant, 0, 0, bits, 1]).collect();
    mac(key, &[&label, context].concat())
}

fn mac(key: &Key, message: &[u8]) -> Key {
    let mut mac = <Cmac<Aes128> as KeyInit>::new(&(*key).into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn encrypt(key: &Key, iv: &Key, blocks: &[u8]) -> Vec<u8> {
    let mut out = blocks.to_vec();
    let mut mode = cbc::Encryptor::<Aes128>::new(&(*key).into(), &(*iv).into());
    out.as_chunks_mut::<16>()
        .0
        .iter_mut()
        .for_each(|b| mode.encrypt_block(b.into()));
    out
}

fn sha1_key(seed: &[u8]) -> Key {
    Sha1::digest(seed)[..16].try_into().unwrap()
}

fn tdes(key: &Key, blocks: &[u8]) -> Vec<u8> {
    let mut out = blocks.to_vec();
    let mut mode = cbc::Encryptor::<TdesEde2>::new(&(*key).into(), &[0; 8].into());
    out.as_chunks_mut::<8>()
        .0
        .iter_mut()
        .for_each(|b| mode.encrypt_block(b.into()));
    out
}

fn tdes_back(key: &Key, blocks: &[u8]) -> Vec<u8> {
    let mut out = blocks.to_vec();
    let mut mode = cbc::Decryptor::<TdesEde2>::new(&(*key).into(), &[0; 8].into());
    out.as_chunks_mut::<8>()
        .0
        .iter_mut()
        .for_each(|b| mode.decrypt_block(b.into()));
    out
}

/// ISO 9797-1 algorithm 3 by its other definition: DES-CBC-MAC, the last block under TDES.
fn retail_mac(key: &Key, message: &[u8]) -> [u8; 8] {
    let half: [u8; 8] = key[..8].try_into().unwrap();
    let single = Des::new(&half.into());
    let triple = TdesEde2::new(&(*key).into());
    let padded = pad(message, 8);
    let last = padded.len() / 8 - 1;
    let mut state = [0; 8];
    for (at, block) in padded.chunks(8).enumerate() {
        state.iter_mut().zip(block).for_each(|(s, b)| *s ^= b);
        match at == last {
            true => triple.encrypt_block((&mut state).into()),
            false => single.encrypt_block((&mut state).into()),
        }
    }
    state
}

fn pad(data: &[u8], block: usize) -> Vec<u8> {
    let mut out = data.to_vec();
    out.push(0x80);
    out.resize(out.len().div_ceil(block) * block, 0);
    out
}

fn unpad(plain: &[u8]) -> Vec<u8> {
    let end = plain.iter().rposition(|&byte| byte != 0).unwrap();
    assert_eq!(plain[end], 0x80);
    plain[..end].to_vec()
}
