//! GlobalPlatform Secure Channel Protocol 03 with S8 challenges at security level 33h: command and
//! response authentication and encryption. Pure: turns commands into commands and answers into answers.

use crate::crypto;
use crate::exchange::carried_out;
use crate::keys::KeySet;
use wire::apdu::{Command, Response};
use zeroize::Zeroize;

/// C-MAC, C-ENC, R-MAC and R-ENC.
pub(crate) const LEVEL: u8 = 0x33;
/// Bytes that authentication adds to a command or an answer.
const MAC_BYTES: usize = 8;

const CARD_CRYPTOGRAM: u8 = 0x00;
const HOST_CRYPTOGRAM: u8 = 0x01;
const S_ENC: u8 = 0x04;
const S_MAC: u8 = 0x06;
const S_RMAC: u8 = 0x07;

/// The two challenges that session keys are derived from.
#[derive(Clone, Copy)]
pub(crate) struct Challenges {
    /// Chosen by the host.
    pub(crate) host: [u8; 8],
    /// Answered by the card.
    pub(crate) card: [u8; 8],
}

/// Keys and counters of one secure channel, wiped when dropped.
pub(crate) struct Session {
    enc: [u8; 16],
    mac: [u8; 16],
    rmac: [u8; 16],
    chain: [u8; 16],
    counter: u32,
    challenges: Challenges,
}

/// An answer without the authentication code, or the padding, that it must have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken;

impl Session {
    /// Session keys for a key set and two challenges.
    pub(crate) fn new(keys: &KeySet, challenges: Challenges) -> Session {
        let context = [challenges.host, challenges.card].concat();
        let key = |base, constant| derive(base, constant, 128, &context);
        Session {
            enc: key(&keys.enc, S_ENC),
            mac: key(&keys.mac, S_MAC),
            rmac: key(&keys.mac, S_RMAC),
            chain: [0; 16],
            counter: 0,
            challenges,
        }
    }

    /// What a card with the same keys answers.
    pub(crate) fn card_cryptogram(&self) -> [u8; 8] {
        self.cryptogram(CARD_CRYPTOGRAM)
    }

    /// EXTERNAL AUTHENTICATE: authenticated, not encrypted, not counted.
    pub(crate) fn authenticate(&mut self) -> Command {
        let data = self.cryptogram(HOST_CRYPTOGRAM).to_vec();
        self.seal(Command {
            cla: 0x80,
            ins: 0x82,
            p1: LEVEL,
            p2: 0,
            data,
            le: None,
        })
    }

    /// Encrypts and authenticates a command.
    pub(crate) fn wrap(&mut self, command: &Command) -> Command {
        self.counter += 1;
        let mut command = command.clone();
        if !command.data.is_empty() {
            let vector = self.vector(0x00);
            let mut data = crypto::pad(std::mem::take(&mut command.data), 16);
            crypto::aes_encrypt(&self.enc, &vector, &mut data);
            command.data = data;
        }
        self.seal(command)
    }

    /// Checks and decrypts the answer to the command that was wrapped last. A refusal carries
    /// neither data nor authentication code.
    pub(crate) fn unwrap(&self, answer: Response) -> Result<Response, Broken> {
        let Response { mut data, sw } = answer;
        if !carried_out(sw) {
            return Ok(Response {
                data: Vec::new(),
                sw,
            });
        }
        let at = data.len().checked_sub(MAC_BYTES).ok_or(Broken)?;
        let mac = data.split_off(at);
        let expected = crypto::aes_cmac(&self.rmac, &[&self.chain, &data, &sw.0.to_be_bytes()]);
        if !crypto::same(&mac, &expected[..MAC_BYTES]) || data.len() % 16 != 0 {
            return Err(Broken);
        }
        if !data.is_empty() {
            crypto::aes_decrypt(&self.enc, &self.vector(0x80), &mut data);
            let len = crypto::unpadded_len(&data).ok_or(Broken)?;
            data.truncate(len);
        }
        Ok(Response { data, sw })
    }

    fn seal(&mut self, mut command: Command) -> Command {
        command.cla |= 0x04;
        let len = length_field(command.data.len() + MAC_BYTES);
        let header = [command.cla, command.ins, command.p1, command.p2];
        self.chain = crypto::aes_cmac(&self.mac, &[&self.chain, &header, &len, &command.data]);
        command.data.extend_from_slice(&self.chain[..MAC_BYTES]);
        command
    }

    /// The counter's block, encrypted: `first` is 00 for commands, 80 for answers.
    fn vector(&self, first: u8) -> [u8; 16] {
        let mut block = [0; 16];
        block[0] = first;
        block[12..].copy_from_slice(&self.counter.to_be_bytes());
        crypto::aes_block(&self.enc, block)
    }

    fn cryptogram(&self, constant: u8) -> [u8; 8] {
        let context = [self.challenges.host, self.challenges.card].concat();
        let block = derive(&self.mac, constant, 64, &context);
        std::array::from_fn(|i| block[i])
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.enc.zeroize();
        self.mac.zeroize();
        self.rmac.zeroize();
        self.chain.zeroize();
    }
}

/// NIST SP 800-108 in counter mode over AES-CMAC, at most one block.
fn derive(base: &[u8; 16], constant: u8, bits: u16, context: &[u8]) -> [u8; 16] {
    let [high, low] = bits.to_be_bytes();
    crypto::aes_cmac(base, &[&[0; 11], &[constant, 0, high, low, 1], context])
}

/// Lc as the command carries it: one byte, or 00 and two bytes above 255.
fn length_field(len: usize) -> Vec<u8> {
    match u8::try_from(len) {
        Ok(len) => vec![len],
        Err(_) => [&[0][..], &(len as u16).to_be_bytes()].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;
    use wire::apdu::{Length, StatusWord};

    // P-128-33: a session of a public personalisation tool with a card at i = 70h, level 33h.
    const KEYS: [[u8; 16]; 3] = [
        hex!("000102030405060708090A0B0C0D0E0F"),
        hex!("101112131415161718191A1B1C1D1E1F"),
        hex!("202122232425262728292A2B2C2D2E2F"),
    ];
    const CHALLENGES: Challenges = Challenges {
        host: hex!("fdf38259a1e0de44"),
        card: hex!("3b1aca81e821f219"),
    };

    fn keys() -> KeySet {
        KeySet {
            version: 0x30,
            enc: KEYS[0],
            mac: KEYS[1],
            dek: KEYS[2],
        }
    }

    fn open() -> Session {
        let mut session = Session::new(&keys(), CHALLENGES);
        session.authenticate();
        session
    }

    fn wrap(session: &mut Session, plain: &[u8]) -> Vec<u8> {
        let plain = Command::parse(plain).unwrap();
        session.wrap(&plain).encode(Length::Short).unwrap()
    }

    #[test]
    fn check_values_are_the_published_ones() {
        assert_eq!(
            keys().check_values(),
            [hex!("C35280"), hex!("013808"), hex!("840DE5")]
        );
    }

    #[test]
    fn session_keys_and_cryptograms_are_the_published_ones() {
        let mut session = Session::new(&keys(), CHALLENGES);
        assert_eq!(session.enc, hex!("bc5689f3a0b783a9ed6da1c5c6bc1f99"));
        assert_eq!(session.mac, hex!("0415f56cbb9e488bb171b2b66081f004"));
        assert_eq!(session.rmac, hex!("1ee185123244e047bc9d68b914bd1fbe"));
        assert_eq!(session.card_cryptogram(), hex!("081cdc01c26b372d"));
        assert_eq!(
            session.authenticate().encode(Length::Short).unwrap(),
            hex!("84823300108c36f96bcc00724a4e13ad591d7da3f0")
        );
        assert_eq!(session.chain, hex!("4e13ad591d7da3f0520c9b22e18d4b6a"));
    }

    #[test]
    fn the_published_commands_are_wrapped_in_their_order() {
        let mut session = open();
        let store = wrap(&mut session, &hex!("80E2910006BF3E035C015A00"));
        assert_eq!(session.vector(0), hex!("2130ff8bbb48c9be46f5b4fd6945003d"));
        assert_eq!(
            store,
            hex!("84e2910018267a85dfe4a98fca6fb0527e0dfecce4914e40401433c87f00")
        );
        // The counter also advances on the two commands without data.
        assert_eq!(
            wrap(&mut session, &hex!("80F22002")),
            hex!("84f2200208ac6a59024bed84cc")
        );
        assert_eq!(
            wrap(&mut session, &hex!("80ca006600")),
            hex!("84ca006608409912ad8fb7aed000")
        );
        assert_eq!(
            wrap(&mut session, &hex!("80F220020a4f0212345c054f9f70c5")),
            hex!("84f22002185f3dafc3ac14c381536a488bf44e06d056df9d74dbd21e5a")
        );
        assert_eq!(
            wrap(&mut session, &hex!("80f28002024f0000")),
            hex!("84f280021865165105be3373347d0424d4400af2ac393f569ec779389e00")
        );
    }

    fn published_answer() -> Response {
        let data = hex!(
            "f3ba2b1013aa6224f5e1c138d71805c569e5439b47576260b75fc021b25097cb2e68f8a0144975b9"
        );
        Response {
            data: data.to_vec(),
            sw: StatusWord::OK,
        }
    }

    #[test]
    fn the_published_answer_opens() {
        let mut session = open();
        wrap(&mut session, &hex!("80E2910006BF3E035C015A00"));
        let answer = session.unwrap(published_answer()).unwrap();
        assert_eq!(
            answer.data,
            hex!("bf3e125a1089882119900000000000000000000005")
        );
    }

    #[test]
    fn an_altered_or_cut_answer_is_broken() {
        let mut session = open();
        wrap(&mut session, &hex!("80E2910006BF3E035C015A00"));
        for at in [0, 31, 32, 39] {
            let mut answer = published_answer();
            answer.data[at] ^= 1;
            assert_eq!(session.unwrap(answer).err(), Some(Broken));
        }
        let warning = Response {
            sw: StatusWord(0x6200),
            ..published_answer()
        };
        assert_eq!(session.unwrap(warning).err(), Some(Broken));
        let bare = Response {
            data: vec![],
            sw: StatusWord::OK,
        };
        assert_eq!(session.unwrap(bare).err(), Some(Broken));
    }

    #[test]
    fn a_refusal_needs_no_authentication_and_brings_no_data() {
        let session = open();
        let refusal = Response {
            data: vec![1, 2],
            sw: StatusWord(0x6A80),
        };
        assert_eq!(session.unwrap(refusal).unwrap().data, []);
    }

    #[test]
    fn the_pseudo_random_challenge_is_the_published_one() {
        // Context of constant 02: sequence counter and the application's name.
        let context = hex!("000003 A0000005591010FFFFFFFF8900000100");
        let block = derive(&KEYS[0], 0x02, 64, &context);
        assert_eq!(block[..8], CHALLENGES.card);
    }

    #[test]
    fn length_is_authenticated_as_it_is_sent() {
        assert_eq!(length_field(248), [248]);
        assert_eq!(length_field(2008), [0, 0x07, 0xD8]);
    }
}
