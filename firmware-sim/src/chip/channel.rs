//! The card's end of a GlobalPlatform secure channel, SCP03 with i = 70h and AES-128.
//! Pure: keys and challenges come in, bytes go out; it must not know what commands do.

use super::apdu::{Answer, Command, Sw, encode};
use super::cipher::{self, Key};
use super::memory::Keys;

/// Security level that data and keys need: all four protections.
pub(super) const FULL: u8 = 0x33;
const C_ENC: u8 = 0x02;
const R_MAC: u8 = 0x10;
const R_ENC: u8 = 0x20;
/// Derivation constants (SCP03 table 4-1).
const CARD_CRYPTOGRAM: u8 = 0x00;
const HOST_CRYPTOGRAM: u8 = 0x01;
const CARD_CHALLENGE: u8 = 0x02;
const S_ENC: u8 = 0x04;
const S_MAC: u8 = 0x06;
const S_RMAC: u8 = 0x07;

/// Between INITIALIZE UPDATE and EXTERNAL AUTHENTICATE.
pub(super) struct Opening {
    channel: Channel,
    context: [u8; 16],
}

/// An open secure channel.
pub(super) struct Channel {
    s_enc: Key,
    s_mac: Key,
    s_rmac: Key,
    /// The key that data and keys are enciphered with, as it was when the channel opened.
    pub(super) dek: Key,
    pub(super) level: u8,
    chain: Key,
    counter: u32,
}

impl Opening {
    /// Answers INITIALIZE UPDATE: the opening, and the response without its status word.
    pub(super) fn begin(
        keys: &Keys,
        serial: &[u8; 10],
        sequence: u32,
        aid: &[u8],
        host_challenge: [u8; 8],
    ) -> (Opening, Vec<u8>) {
        let sequence = &sequence.to_be_bytes()[1..];
        let card_challenge = derive(&keys.enc, CARD_CHALLENGE, 64, &[sequence, aid]);
        let mut context = [0; 16];
        context[..8].copy_from_slice(&host_challenge);
        context[8..].copy_from_slice(&card_challenge[..8]);
        let channel = Channel {
            s_enc: derive(&keys.enc, S_ENC, 128, &[&context]),
            s_mac: derive(&keys.mac, S_MAC, 128, &[&context]),
            s_rmac: derive(&keys.mac, S_RMAC, 128, &[&context]),
            dek: keys.dek,
            level: 0,
            chain: [0; 16],
            counter: 0,
        };
        let cryptogram = derive(&channel.s_mac, CARD_CRYPTOGRAM, 64, &[&context]);
        let head = [serial, &[keys.version, 0x03, 0x70][..]].concat();
        let answer = [&head, &context[8..], &cryptogram[..8], sequence].concat();
        (Opening { channel, context }, answer)
    }

    /// Judges EXTERNAL AUTHENTICATE; 6300 means the other side does not hold the keys.
    pub(super) fn authenticate(self, command: &Command<'_>) -> Result<Channel, Sw> {
        let mut channel = self.channel;
        if !matches!(command.p1, 0x01 | 0x03 | 0x11 | 0x13 | FULL) || command.p2 != 0 {
            return Err(Sw::PARAMETERS);
        }
        if command.data.len() != 16 {
            return Err(Sw::LENGTH);
        }
        let expected = derive(&channel.s_mac, HOST_CRYPTOGRAM, 64, &[&self.context]);
        let cryptogram = channel.checked(command).map_err(|_| Sw::MISMATCH)?;
        if cryptogram != &expected[..8] {
            return Err(Sw::MISMATCH);
        }
        channel.level = command.p1;
        Ok(channel)
    }
}

impl Channel {
    /// Takes protection off a command; any error means the channel must be closed.
    pub(super) fn open(&mut self, command: &Command<'_>) -> Answer {
        let body = self.checked(command)?;
        if self.level & C_ENC == 0 {
            return Ok(body.to_vec());
        }
        // The counter advances on commands without data too (vector P-128-33).
        self.counter += 1;
        if body.is_empty() {
            return Ok(Vec::new());
        }
        if !body.len().is_multiple_of(16) {
            return Err(Sw::SM_WRONG);
        }
        let plain = cipher::aes_decrypt(&self.s_enc, &self.vector(0), body);
        cipher::unpad(&plain)
            .map(<[u8]>::to_vec)
            .ok_or(Sw::SM_WRONG)
    }

    /// Puts protection on an answer. Errors go out bare.
    pub(super) fn close(&self, answer: Answer) -> Vec<u8> {
        let Ok(mut data) = answer else {
            return encode(answer);
        };
        if self.level & R_ENC != 0 && !data.is_empty() {
            let padded = cipher::pad(&data, 16);
            data = cipher::aes_encrypt(&self.s_enc, &self.vector(0x80), &padded);
        }
        if self.level & R_MAC != 0 {
            let mac = cipher::cmac(&self.s_rmac, &[&self.chain, &data, &[0x90, 0x00]]);
            data.extend_from_slice(&mac[..8]);
        }
        encode(Ok(data))
    }

    /// Checks the command's MAC over the bytes as they came, length field included.
    fn checked<'a>(&mut self, command: &Command<'a>) -> Result<&'a [u8], Sw> {
        let at = command.data.len().checked_sub(8).ok_or(Sw::SM_MISSING)?;
        let (body, mac) = command.data.split_at(at);
        let header = [command.cla, command.ins, command.p1, command.p2];
        let length = u16::try_from(command.data.len())
            .map_err(|_| Sw::LENGTH)?
            .to_be_bytes();
        let length: &[u8] = if command.extended {
            &[0, length[0], length[1]]
        } else {
            &length[1..]
        };
        let chain = cipher::cmac(&self.s_mac, &[&self.chain, &header, length, body]);
        if &chain[..8] != mac {
            return Err(Sw::SM_WRONG);
        }
        self.chain = chain;
        Ok(body)
    }

    fn vector(&self, first: u8) -> Key {
        let mut block = [0; 16];
        block[0] = first;
        block[12..].copy_from_slice(&self.counter.to_be_bytes());
        cipher::aes_block(&self.s_enc, block)
    }
}

/// NIST SP 800-108 in counter mode over CMAC, as SCP03 §4.1.5 lays it out; one block is enough.
fn derive(key: &Key, constant: u8, bits: u16, context: &[&[u8]]) -> Key {
    let mut block = vec![0; 11];
    block.extend_from_slice(&[constant, 0]);
    block.extend_from_slice(&bits.to_be_bytes());
    block.push(1);
    context
        .iter()
        .for_each(|part| block.extend_from_slice(part));
    cipher::cmac(key, &[&block])
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    // Vector P-128-33 (fact sheet §5.2): a recorded session of a real card.
    fn published_keys() -> Keys {
        Keys {
            version: 0x30,
            enc: std::array::from_fn(|i| i as u8),
            mac: std::array::from_fn(|i| 0x10 + i as u8),
            dek: std::array::from_fn(|i| 0x20 + i as u8),
        }
    }

    fn command(bytes: &[u8]) -> Command<'_> {
        Command::parse(bytes).unwrap_or_else(|sw| panic!("{sw:?}"))
    }

    fn opening() -> (Opening, Vec<u8>) {
        let aid = hex!("A0000005591010FFFFFFFF8900000100");
        Opening::begin(
            &published_keys(),
            &[0; 10],
            3,
            &aid,
            hex!("fdf38259a1e0de44"),
        )
    }

    fn opened() -> Channel {
        let bytes = hex!("84823300108c36f96bcc00724a4e13ad591d7da3f0");
        opening()
            .0
            .authenticate(&command(&bytes))
            .unwrap_or_else(|sw| panic!("{sw:?}"))
    }

    #[test]
    fn initialize_update_answers_as_recorded() {
        let expected = hex!("00000000000000000000 300370 3b1aca81e821f219 081cdc01c26b372d 000003");
        assert_eq!(opening().1, expected);
    }

    #[test]
    fn session_keys_and_chain_are_those_recorded() {
        let channel = opened();
        assert_eq!(channel.s_enc, hex!("bc5689f3a0b783a9ed6da1c5c6bc1f99"));
        assert_eq!(channel.s_mac, hex!("0415f56cbb9e488bb171b2b66081f004"));
        assert_eq!(channel.s_rmac, hex!("1ee185123244e047bc9d68b914bd1fbe"));
        assert_eq!(channel.chain, hex!("4e13ad591d7da3f0520c9b22e18d4b6a"));
    }

    #[test]
    fn the_recorded_commands_open_and_the_answer_closes_as_recorded() {
        let mut channel = opened();
        let recorded: [(&[u8], &[u8]); 5] = [
            (
                &hex!("84e2910018267a85dfe4a98fca6fb0527e0dfecce4914e40401433c87f00"),
                &hex!("BF3E035C015A"),
            ),
            (&hex!("84f2200208ac6a59024bed84cc"), &[]),
            (&hex!("84ca006608409912ad8fb7aed000"), &[]),
            (
                &hex!("84f22002185f3dafc3ac14c381536a488bf44e06d056df9d74dbd21e5a"),
                &hex!("4f0212345c054f9f70c5"),
            ),
            (
                &hex!("84f280021865165105be3373347d0424d4400af2ac393f569ec779389e00"),
                &hex!("4f00"),
            ),
        ];
        let answer = hex!("bf3e125a1089882119900000000000000000000005");
        for (at, (bytes, plain)) in recorded.into_iter().enumerate() {
            assert_eq!(channel.open(&command(bytes)).as_deref(), Ok(plain));
            if at == 0 {
                let sent = hex!(
                    "f3ba2b1013aa6224f5e1c138d71805c569e5439b47576260b75fc021b25097cb2e68f8a0144975b9 9000"
                );
                assert_eq!(channel.close(Ok(answer.to_vec())), sent);
            }
        }
    }

    #[test]
    fn one_wrong_bit_is_refused() {
        let mut bytes = hex!("84823300108c36f96bcc00724a4e13ad591d7da3f0");
        bytes[7] ^= 1;
        assert_eq!(
            opening().0.authenticate(&command(&bytes)).err(),
            Some(Sw::MISMATCH)
        );
        let mut bytes = hex!("84e2910018267a85dfe4a98fca6fb0527e0dfecce4914e40401433c87f00");
        bytes[2] ^= 0x80;
        assert_eq!(opened().open(&command(&bytes)), Err(Sw::SM_WRONG));
    }
}
