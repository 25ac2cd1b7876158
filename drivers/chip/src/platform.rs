//! The card management commands that personalisation needs, over an open secure channel
//! (GlobalPlatform; PERSONALISATION.md). Knows no file of the residence application.

use crate::exchange::{SHORT_ALL, accept, command, exchange};
use crate::keys::KeySet;
use crate::scp03::{Challenges, Session};
use crate::witness::select_issuer_domain;
use crate::{Error, crypto};
use wire::apdu::{Command, Length, Response, StatusWord, Transmit};
use zeroize::Zeroizing;

/// The issuer security domain.
pub(crate) const ISSUER_DOMAIN: [u8; 8] = [0xA0, 0, 0, 0x01, 0x51, 0, 0, 0];
/// The residence application: `F0 "RC1" 00 01`.
pub(crate) const APPLICATION: [u8; 6] = [0xF0, 0x52, 0x43, 0x31, 0x00, 0x01];

/// Life cycle states for SET STATUS.
pub(crate) mod state {
    pub(crate) const PERSONALISED: u8 = 0x0F;
    pub(crate) const SECURED: u8 = 0x0F;
    pub(crate) const TERMINATED: u8 = 0xFF;
}

/// Plain bytes that one STORE DATA carries: a short command leaves 239 beside padding and code.
const SHORT_BLOCK: usize = 239;
const EXTENDED_BLOCK: usize = 2000;
/// P1 of STORE DATA.
const ENCRYPTED_BY_DEK: u8 = 0x60;
const LAST: u8 = 0x80;

/// Asks the card for a challenge under a key version: serial, challenge and cryptogram, or the refusal.
pub(crate) fn initialize_update<T: Transmit>(
    card: &mut T,
    version: u8,
    host_challenge: [u8; 8],
) -> Result<Response, Error> {
    let update = command([0x80, 0x50, version, 0x00], &host_challenge, SHORT_ALL);
    exchange(card, "INITIALIZE UPDATE", &update)
}

/// An open secure channel to the issuer domain.
pub(crate) struct Channel<'card, T> {
    card: &'card mut T,
    session: Session,
    serial: [u8; 10],
}

impl<'card, T: Transmit> Channel<'card, T> {
    /// Opens the channel. The keys are tried once: a card cryptogram that does not fit ends it
    /// before the card counts a failure.
    pub(crate) fn open(
        card: &'card mut T,
        keys: &KeySet,
        host: [u8; 8],
    ) -> Result<Channel<'card, T>, Error> {
        const STEP: &str = "INITIALIZE UPDATE";
        select_issuer_domain(card)?;
        let answer = accept(STEP, initialize_update(card, keys.version, host)?)?;
        let answer = Update::parse(&answer).ok_or(Error::Garbled { step: STEP })?;
        let mut session = Session::new(
            keys,
            Challenges {
                host,
                card: answer.challenge,
            },
        );
        let wrong = Error::WrongKeys {
            version: keys.version,
        };
        if answer.version != keys.version
            || !crypto::same(&session.card_cryptogram(), &answer.cryptogram)
        {
            return Err(wrong);
        }
        let authenticate = session.authenticate();
        match exchange(card, "EXTERNAL AUTHENTICATE", &authenticate)?.sw {
            StatusWord::OK => Ok(Channel {
                card,
                session,
                serial: answer.serial,
            }),
            StatusWord(0x6300 | 0x6982) => Err(wrong),
            status => Err(Error::Refused {
                step: "EXTERNAL AUTHENTICATE",
                status,
            }),
        }
    }

    /// Chip serial by which the card diversified its keys.
    pub(crate) fn serial(&self) -> [u8; 10] {
        self.serial
    }

    /// INSTALL [for personalization]: what is stored next belongs to the residence application.
    pub(crate) fn install_for_personalisation(&mut self) -> Result<(), Error> {
        let mut data = vec![0, 0, APPLICATION.len() as u8];
        data.extend_from_slice(&APPLICATION);
        data.extend_from_slice(&[0, 0, 0]);
        self.demand(
            "INSTALL",
            &command([0x80, 0xE6, 0x20, 0x00], &data, SHORT_ALL),
        )
        .map(drop)
    }

    /// STORE DATA: one secret under the data encryption key alone in the first block, then data
    /// groups cut wherever a block is full.
    pub(crate) fn store(&mut self, secret: &[u8], groups: &[u8]) -> Result<(), Error> {
        let size = match self.card.length() {
            Length::Short => SHORT_BLOCK,
            Length::Extended => EXTENDED_BLOCK,
        };
        self.store_block(ENCRYPTED_BY_DEK, 0, secret)?;
        let blocks = groups.chunks(size).len();
        for (i, block) in groups.chunks(size).enumerate() {
            let p1 = if i + 1 == blocks { LAST } else { 0 };
            let number =
                u8::try_from(i + 1).expect("a card's files take far fewer than 255 blocks");
            self.store_block(p1, number, block)?;
        }
        Ok(())
    }

    /// SET STATUS of the residence application.
    pub(crate) fn set_application(&mut self, state: u8) -> Result<(), Error> {
        let set = command([0x80, 0xF0, 0x40, state], &APPLICATION, SHORT_ALL);
        self.demand("SET STATUS (application)", &set).map(drop)
    }

    /// SET STATUS of the issuer domain.
    pub(crate) fn set_issuer_domain(&mut self, state: u8) -> Result<(), Error> {
        let set = command([0x80, 0xF0, 0x80, state], &ISSUER_DOMAIN, SHORT_ALL);
        self.demand("SET STATUS (issuer domain)", &set).map(drop)
    }

    /// PUT KEY: replaces the keys of this channel.
    pub(crate) fn replace_keys(&mut self, old: &KeySet, new: &KeySet) -> Result<(), Error> {
        const STEP: &str = "PUT KEY";
        let mut data = Zeroizing::new(vec![new.version]);
        for (key, check) in [&new.enc, &new.mac, &new.dek]
            .into_iter()
            .zip(new.check_values())
        {
            let mut sealed = *key;
            crypto::aes_encrypt(&old.dek, &[0; 16], &mut sealed);
            data.extend_from_slice(&[0x88, 17, 16]);
            data.extend_from_slice(&sealed);
            data.push(3);
            data.extend_from_slice(&check);
        }
        let put = command([0x80, 0xD8, old.version, 0x81], &data, SHORT_ALL);
        let answer = self.demand(STEP, &put)?;
        // A card may name what it stored; if it does, it must be these keys.
        let named = [&[new.version][..], &new.check_values().concat()].concat();
        match answer.is_empty() || answer == named {
            true => Ok(()),
            false => Err(Error::Garbled { step: STEP }),
        }
    }

    fn store_block(&mut self, p1: u8, number: u8, block: &[u8]) -> Result<(), Error> {
        let store = command([0x80, 0xE2, p1, number], block, SHORT_ALL);
        self.demand("STORE DATA", &store).map(drop)
    }

    fn demand(&mut self, step: &'static str, plain: &Command) -> Result<Vec<u8>, Error> {
        let answer = exchange(self.card, step, &self.session.wrap(plain))?;
        let answer = self
            .session
            .unwrap(answer)
            .map_err(|_| Error::Garbled { step })?;
        accept(step, answer)
    }
}

/// The answer to INITIALIZE UPDATE with S8 challenges and i = 70h: 32 bytes.
struct Update {
    serial: [u8; 10],
    version: u8,
    challenge: [u8; 8],
    cryptogram: [u8; 8],
}

impl Update {
    fn parse(data: &[u8]) -> Option<Update> {
        let (serial, rest) = data.split_first_chunk::<10>()?;
        let (&[version, 0x03, 0x70], rest) = rest.split_first_chunk::<3>()? else {
            return None;
        };
        let (challenge, rest) = rest.split_first_chunk::<8>()?;
        let (cryptogram, sequence) = rest.split_first_chunk::<8>()?;
        (sequence.len() == 3).then_some(Update {
            serial: *serial,
            version,
            challenge: *challenge,
            cryptogram: *cryptogram,
        })
    }
}

/// A data group of STORE DATA: tag, length of one byte or FF and two, value.
pub(crate) fn put_group(out: &mut Vec<u8>, tag: u16, value: &[u8]) {
    out.extend_from_slice(&tag.to_be_bytes());
    match u8::try_from(value.len()) {
        Ok(len) if len < 0xFF => out.push(len),
        _ => {
            let len = u16::try_from(value.len()).expect("no data group is longer");
            out.push(0xFF);
            out.extend_from_slice(&len.to_be_bytes());
        }
    }
    out.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    #[test]
    fn the_published_answer_to_initialize_update_is_understood() {
        // P-128-33 of a public personalisation tool.
        let answer = hex!("00000000000000000000 300370 3b1aca81e821f219 081cdc01c26b372d 000003");
        let update = Update::parse(&answer).unwrap();
        assert_eq!(
            (update.version, update.cryptogram),
            (0x30, hex!("081cdc01c26b372d"))
        );
        assert!(Update::parse(&answer[..29]).is_none());
    }

    #[test]
    fn data_groups_have_short_and_long_lengths() {
        let group = |len| {
            let mut out = Vec::new();
            put_group(&mut out, 0x0105, &vec![0; len]);
            out
        };
        assert_eq!(group(3)[..3], [0x01, 0x05, 3]);
        assert_eq!(group(254)[..3], [0x01, 0x05, 254]);
        assert_eq!(group(255)[..5], [0x01, 0x05, 0xFF, 0x00, 0xFF]);
        assert_eq!(group(7004)[..5], [0x01, 0x05, 0xFF, 0x1B, 0x5C]);
    }
}
