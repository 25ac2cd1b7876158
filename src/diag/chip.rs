//! A reader and a card by what they tell and by the clock: answer to reset, round trips, bytes a
//! second. Sends nothing that changes a card and reads nothing that is a holder's.

use wire::apdu::Command;

use super::reading::{Reading, State, Value};
use super::statistics::Spread;

/// The longest name that the timing command carries: no application has one, so it is refused.
const LONG: usize = 250;
/// The issuer domain, by name.
const ISSUER_DOMAIN: [u8; 8] = [0xA0, 0, 0, 0x01, 0x51, 0, 0, 0];
/// Bits on the air of each byte, contactless.
const BITS_A_BYTE: u64 = 10;

/// What was heard from one reader and one card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// The reader's name.
    pub reader: String,
    /// The answer to reset.
    pub atr: Vec<u8>,
    /// Whether lengths above 255 can be sent.
    pub extended: bool,
    /// Bits a second, where the reader tells.
    pub told_bits_per_s: Option<u32>,
    /// Short exchanges: microseconds each.
    pub short_us: Vec<u32>,
    /// Long exchanges: microseconds each.
    pub long_us: Vec<u32>,
    /// Bytes of a long exchange, both ways.
    pub long_bytes: u64,
}

/// The short exchange: a card of any state answers.
#[must_use]
pub fn short() -> Command {
    select(&ISSUER_DOMAIN)
}

/// The long one: a name that no application has. It is refused, which takes as long.
#[must_use]
pub fn long() -> Command {
    select(&[0; LONG])
}

fn select(name: &[u8]) -> Command {
    Command {
        cla: 0x00,
        ins: 0xA4,
        p1: 0x04,
        p2: 0x0C,
        data: name.to_vec(),
        le: None,
    }
}

impl Heard {
    /// Bits a second on the air, from what the longer exchange took more.
    #[must_use]
    pub fn timed_bits_per_s(&self) -> Option<u64> {
        let (short, long) = (Spread::of(&self.short_us)?, Spread::of(&self.long_us)?);
        let more_us = u64::from(long.median.checked_sub(short.median)?);
        let more_bytes = (LONG - ISSUER_DOMAIN.len()) as u64;
        (more_us > 0).then(|| more_bytes * BITS_A_BYTE * 1_000_000 / more_us)
    }

    /// Bytes a second over long exchanges.
    #[must_use]
    pub fn bytes_per_s(&self) -> Option<u64> {
        let total: u64 = self.long_us.iter().copied().map(u64::from).sum();
        let bytes = self.long_bytes * self.long_us.len() as u64;
        (total > 0).then(|| bytes * 1_000_000 / total)
    }

    /// All of it.
    #[must_use]
    pub fn readings(&self) -> Vec<Reading> {
        let length = match self.extended {
            true => Value::Named("extended", "拡張", "extended"),
            false => Value::Named("short", "短のみ", "short only"),
        };
        let mut readings = vec![
            Reading::text("reader", ("リーダー", "Reader"), &self.reader),
            Reading::text(
                "atr",
                ("リセット応答", "Answer to reset"),
                hex::encode_upper(&self.atr),
            ),
            Reading::new("apdu_length", ("APDU の長さ", "APDU length"), length),
            Reading::new(
                "bit_rate_told",
                (
                    "通信速度（リーダーの申告）",
                    "Bit rate, as the reader tells",
                ),
                self.told_bits_per_s
                    .map_or(NOT_TOLD, |bits| milli(bits.into())),
            )
            .unit(if self.told_bits_per_s.is_some() {
                "kbit/s"
            } else {
                ""
            }),
            Reading::new(
                "bit_rate_timed",
                ("通信速度（時間から）", "Bit rate, as timed"),
                self.timed_bits_per_s().map_or(Value::Absent, milli),
            )
            .unit("kbit/s"),
        ];
        if self.told_bits_per_s.is_none() {
            readings[3].state = State::Absent;
        }
        if let Some(spread) = Spread::of(&self.short_us) {
            readings.extend(spread.readings("rtt", ("往復時間", "Round trip")));
        }
        let throughput = self.bytes_per_s().map_or(Value::Absent, Value::Count);
        readings.push(
            Reading::new(
                "throughput",
                ("APDU の転送量", "APDU throughput"),
                throughput,
            )
            .unit("B/s"),
        );
        readings.push(Reading::count(
            "exchanges",
            ("交信の回数", "Exchanges"),
            (self.short_us.len() + self.long_us.len()) as u64,
        ));
        readings
    }
}

/// What most contactless readers say of their bit rate.
const NOT_TOLD: Value = Value::Named(
    "not-told",
    "リーダーは示しません",
    "the reader does not tell",
);

/// Bits a second as thousandths of kbit/s.
fn milli(bits: u64) -> Value {
    Value::Milli(i64::try_from(bits).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard() -> Heard {
        Heard {
            // 106 kbit/s: 242 bytes more take 22.8 ms more.
            short_us: vec![14_000, 14_100, 13_900],
            long_us: vec![36_800, 36_830, 36_900],
            long_bytes: 257,
            ..Heard::default()
        }
    }

    #[test]
    fn the_bit_rate_comes_of_what_the_longer_exchange_took_more() {
        let rate = heard().timed_bits_per_s().expect("timed");
        assert!((105_000..107_000).contains(&rate), "{rate}");
        assert_eq!(heard().bytes_per_s(), Some(6_975));
        let readings = heard().readings();
        let told = readings
            .iter()
            .find(|one| one.name == "bit_rate_told")
            .expect("there");
        assert_eq!(told.state, State::Absent, "what the reader does not tell");
    }

    #[test]
    fn a_clock_that_shows_no_difference_tells_no_rate() {
        let heard = Heard {
            long_us: vec![14_000],
            ..heard()
        };
        assert_eq!(heard.timed_bits_per_s(), None);
    }

    #[test]
    fn neither_exchange_can_change_a_card() {
        for command in [short(), long()] {
            let bytes = command
                .encode(wire::apdu::Length::Short)
                .expect("short enough");
            assert_eq!(bytes[1], 0xA4, "SELECT alone");
        }
    }
}
