//! Card-number authentication and secure messaging of the first generation (card specification
//! §3.4.2, appendix 1): SHA-1, two-key triple DES, retail MAC; confidentiality only.

use crate::exchange::{SHORT_ALL, accept, command, demand, exchange};
use crate::number::Number;
use crate::{Error, crypto, tlv};
use wire::apdu::{Command, Le, StatusWord, Transmit};
use zeroize::{Zeroize, Zeroizing};

/// The random bytes of one card-number authentication; never used twice.
#[derive(Clone)]
pub struct ReadChance {
    /// The reader's challenge.
    pub challenge: [u8; 8],
    /// The reader's half of the session key.
    pub key: [u8; 16],
}

impl Drop for ReadChance {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

/// The session that the card number opened.
pub(crate) struct Session {
    key: Zeroizing<[u8; 16]>,
}

impl Session {
    /// Opens a session with the card number: GET CHALLENGE, MUTUAL AUTHENTICATE, VERIFY.
    ///
    /// # Errors
    /// `WrongNumber` where the card says so; `Refused`, `Garbled`, `Lost`.
    pub(crate) fn open<T: Transmit>(
        card: &mut T,
        number: &Number,
        chance: &ReadChance,
    ) -> Result<Session, Error> {
        let session = Session::agree(card, number, chance)?;
        let verify = session.verify(number);
        refuse_wrong_number(exchange(card, "VERIFY", &verify)?.sw, "VERIFY")?;
        Ok(session)
    }

    fn agree<T: Transmit>(
        card: &mut T,
        number: &Number,
        chance: &ReadChance,
    ) -> Result<Session, Error> {
        const STEP: &str = "MUTUAL AUTHENTICATE";
        let get = command([0x00, 0x84, 0x00, 0x00], &[], Some(Le::Number(8)));
        let challenge = demand(card, "GET CHALLENGE", &get)?;
        let challenge: [u8; 8] = challenge.try_into().map_err(|_| Error::Garbled {
            step: "GET CHALLENGE",
        })?;
        let base = Zeroizing::new(crypto::sha1_key(&[number.bytes()]));
        let token = token(&base, &chance.challenge, &challenge, &chance.key);
        let mutual = command([0x00, 0x82, 0x00, 0x00], &token, SHORT_ALL);
        let answer = exchange(card, STEP, &mutual)?;
        refuse_wrong_number(answer.sw, STEP)?;
        let answer = accept(STEP, answer)?;
        let card_key = open_token(&base, &answer, &challenge, &chance.challenge)
            .ok_or(Error::Garbled { step: STEP })?;
        Ok(Session {
            key: session_key(&chance.key, &card_key),
        })
    }

    fn verify(&self, number: &Number) -> Command {
        command([0x08, 0x20, 0x00, 0x86], &self.seal(number.bytes()), None)
    }

    /// READ BINARY of `count` bytes, or of all; `le` is that of the answer around them.
    pub(crate) fn read(&self, p1: u8, p2: u8, count: Option<u16>, le: Le) -> Command {
        let mut data = vec![0x96, 0x02];
        data.extend_from_slice(&count.unwrap_or(0).to_be_bytes());
        command([0x08, 0xB0, p1, p2], &data, Some(le))
    }

    /// UPDATE BINARY, which no card of ours may accept.
    pub(crate) fn update(&self, p1: u8, p2: u8, bytes: &[u8]) -> Command {
        command([0x08, 0xD6, p1, p2], &self.seal(bytes), None)
    }

    /// The plain bytes of an answer, or `None` where it is not one cryptogram object.
    pub(crate) fn open_answer(&self, answer: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (0x86, value, []) = tlv::take(answer)? else {
            return None;
        };
        let (0x01, sealed) = value.split_first().map(|(first, rest)| (*first, rest))? else {
            return None;
        };
        if sealed.is_empty() || sealed.len() % 8 != 0 {
            return None;
        }
        let mut plain = Zeroizing::new(sealed.to_vec());
        crypto::tdes_decrypt(&self.key, &mut plain);
        let len = crypto::unpadded_len(&plain).filter(|len| len + 8 >= plain.len())?;
        plain.truncate(len);
        Some(plain)
    }

    /// A cryptogram object: `86 L 01 <encrypted data 80 00…>`.
    fn seal(&self, plain: &[u8]) -> Vec<u8> {
        let mut sealed = crypto::pad(plain.to_vec(), 8);
        crypto::tdes_encrypt(&self.key, &mut sealed);
        let mut object = Vec::new();
        tlv::put(&mut object, 0x86, &[&[0x01][..], &sealed].concat());
        object
    }
}

fn refuse_wrong_number(status: StatusWord, step: &'static str) -> Result<(), Error> {
    match status {
        StatusWord::OK => Ok(()),
        StatusWord(0x6300 | 0x63C0..=0x63CF) => Err(Error::WrongNumber),
        status => Err(Error::Refused { step, status }),
    }
}

/// `E || M` over `mine || theirs || key`.
fn token(base: &[u8; 16], mine: &[u8; 8], theirs: &[u8; 8], key: &[u8; 16]) -> Vec<u8> {
    let mut token = [&mine[..], theirs, key].concat();
    crypto::tdes_encrypt(base, &mut token);
    let mac = crypto::retail_mac(base, &token);
    token.extend_from_slice(&mac);
    token
}

/// The other side's half of the session key, where code and both challenges fit.
fn open_token(
    base: &[u8; 16],
    token: &[u8],
    theirs: &[u8; 8],
    mine: &[u8; 8],
) -> Option<Zeroizing<[u8; 16]>> {
    let (sealed, mac) = token.split_first_chunk::<32>()?;
    if !crypto::same(&crypto::retail_mac(base, sealed), mac) {
        return None;
    }
    let mut plain = Zeroizing::new(*sealed);
    crypto::tdes_decrypt(base, plain.as_mut_slice());
    let fits = crypto::same(&plain[..8], theirs) && crypto::same(&plain[8..16], mine);
    fits.then(|| Zeroizing::new(std::array::from_fn(|i| plain[16 + i])))
}

fn session_key(mine: &[u8; 16], theirs: &[u8; 16]) -> Zeroizing<[u8; 16]> {
    let seed: Zeroizing<[u8; 16]> = Zeroizing::new(std::array::from_fn(|i| mine[i] ^ theirs[i]));
    Zeroizing::new(crypto::sha1_key(&[seed.as_slice(), &[0, 0, 0, 1]]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;
    use wire::apdu::Length;

    // Card specification 1.5, appendix 2, steps 1 to 13.
    const RND_ICC: [u8; 8] = hex!("5A6E7E385162B7A3");
    const RND_IFD: [u8; 8] = hex!("1122334455667788");
    const K_IFD: [u8; 16] = hex!("404142434445464748494A4B4C4D4E4F");
    const K_ICC: [u8; 16] = hex!("19D049490FFF52EEDBFCB930BC810ED0");
    const KENC: [u8; 16] = hex!("6522B4E171195BB218223A976C040111");
    const KS_ENC: [u8; 16] = hex!("CE94938E19E3B97DF96EABCEDC1715CC");
    const FROM_CARD: [u8; 40] =
        hex!("5860775B4D032CC564BA204B8EA868F694A74E7475A8FEF240588BDA1AF496CE59388FD6CD45248B");

    fn session() -> Session {
        Session {
            key: Zeroizing::new(KS_ENC),
        }
    }

    #[test]
    fn the_base_key_is_the_hash_of_the_number() {
        assert_eq!(crypto::sha1_key(&[b"AA12345678BB"]), KENC);
        // Further hashes computed by an independent implementation.
        assert_eq!(
            crypto::sha1_key(&[b"AB12345678CD"]),
            hex!("6C073AFC65039738D0A658F40FC1D82B")
        );
        assert_eq!(
            crypto::sha1_key(&[b"EF12345678GH"]),
            hex!("EEE72616848CCEC241630E998D3C35B0")
        );
    }

    #[test]
    fn both_tokens_are_the_published_ones() {
        let from_reader = hex!(
            "937745C20883A1BAD1E04193722A1592378F81A8F1DC589157AEB0F7544FA1BA1AD7FB6A3389E017"
        );
        assert_eq!(token(&KENC, &RND_IFD, &RND_ICC, &K_IFD), from_reader);
        assert_eq!(token(&KENC, &RND_ICC, &RND_IFD, &K_ICC), FROM_CARD);
        assert_eq!(
            *open_token(&KENC, &FROM_CARD, &RND_ICC, &RND_IFD).unwrap(),
            K_ICC
        );
        assert_eq!(*session_key(&K_IFD, &K_ICC), KS_ENC);
    }

    #[test]
    fn a_token_for_another_session_is_refused() {
        assert!(open_token(&KENC, &FROM_CARD, &RND_ICC, &[0; 8]).is_none());
        assert!(open_token(&KENC, &FROM_CARD, &[0; 8], &RND_IFD).is_none());
        assert!(open_token(&KENC, &FROM_CARD[..39], &RND_ICC, &RND_IFD).is_none());
        let mut altered = FROM_CARD;
        altered[39] ^= 1;
        assert!(open_token(&KENC, &altered, &RND_ICC, &RND_IFD).is_none());
    }

    #[test]
    fn the_published_commands_are_sent() {
        let verify = session().verify(&Number::parse("AA12345678BB").unwrap());
        assert_eq!(
            verify.encode(Length::Short).unwrap(),
            hex!("08200086138611011AA82973DB959A811F9711D728F0EEF6")
        );
        let read = session().read(0x85, 0, None, Le::All);
        assert_eq!(
            read.encode(Length::Extended).unwrap(),
            hex!("08B08500000004960200000000")
        );
    }

    #[test]
    fn answers_open_to_their_plain_bytes() {
        // Computed with the published session key by an independent implementation.
        let open = |answer: &[u8]| session().open_answer(answer).map(|plain| plain.to_vec());
        assert_eq!(
            open(&hex!("860901D1E599BD03484C25")),
            Some(hex!("D70130").to_vec())
        );
        assert_eq!(
            open(&hex!(
                "861901AE2ABD551E3A886AE6C29A4D6C2215497CA5C49B5D1B8AC5"
            )),
            Some(hex!("000102030405060708090A0B0C0D0E0F").to_vec())
        );
    }

    #[test]
    fn malformed_answers_stay_shut() {
        for answer in [
            &hex!("860901D1E599BD03484C26")[..],
            &hex!("860902D1E599BD03484C25"),
            &hex!("870901D1E599BD03484C25"),
            &hex!("860801D1E599BD03484C"),
            &hex!("860101"),
            &hex!("8600"),
            &[],
        ] {
            assert!(session().open_answer(answer).is_none(), "{answer:02X?}");
        }
    }
}
