//! Cards on the virtual readers of the PC/SC service: the card's side of the socket that the
//! virtual reader driver listens on, and the time that the air takes. It must not know commands.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use socket2::SockRef;

use crate::chip::Card;

/// How long to wait before the reader is tried again when nobody listens.
const RETRY: Duration = Duration::from_millis(100);
const TURNAROUND_S: f64 = 0.012;
const WRITE_S_PER_64_BYTES: f64 = 0.003;
const BITS_PER_BYTE: f64 = 10.0;
/// Bytes of a command or response that fit a frame of 256 (ISO 14443-4: control byte, CRC).
const FRAME_PAYLOAD: usize = 253;
/// Control byte, CRC, and start, end and guard time of a Type-B frame, in bytes.
const FRAME_OVERHEAD: usize = 6;

/// The speed of the air between antenna and chip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AirTime {
    /// How many times faster than real; 0 takes no time at all.
    pub speed: f64,
    /// Bits a second: 106,000, 212,000, 424,000 or 848,000.
    pub bit_rate: u32,
}

impl AirTime {
    /// No time at all.
    pub const NONE: AirTime = AirTime {
        speed: 0.0,
        bit_rate: 106_000,
    };

    /// The time of one command: both directions, turnaround, writing.
    pub fn of(&self, command_bytes: usize, response_bytes: usize, written: u32) -> Duration {
        if self.speed <= 0.0 {
            return Duration::ZERO;
        }
        let bytes = on_air(command_bytes) + on_air(response_bytes);
        let air = bytes as f64 * BITS_PER_BYTE / f64::from(self.bit_rate.max(1));
        let writing = f64::from(written.div_ceil(64)) * WRITE_S_PER_64_BYTES;
        Duration::from_secs_f64((air + TURNAROUND_S + writing) / self.speed)
    }
}

/// Bytes on the air for one message: its frames, and an acknowledgement for each but the last.
fn on_air(bytes: usize) -> usize {
    let frames = bytes.div_ceil(FRAME_PAYLOAD).max(1);
    bytes + (2 * frames - 1) * FRAME_OVERHEAD
}

/// A card in the field of a virtual reader; dropping it takes the card away.
#[derive(Debug)]
pub struct Slot {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    removed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    gone: bool,
    air: Duration,
    line: Option<TcpStream>,
}

impl Slot {
    /// Brings `card` into the field of the reader whose driver listens on `port` of this machine.
    /// When nobody listens (yet, or any more), the card goes on trying until it is removed.
    ///
    /// # Errors
    /// Only when the system gives no thread.
    pub fn insert(card: Arc<Mutex<Card>>, port: u16, air: AirTime) -> io::Result<Slot> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name(format!("slot {port}"))
            .spawn(move || stay(&card, port, air, &theirs))?;
        Ok(Slot {
            shared,
            thread: Some(thread),
        })
    }

    /// Air time that the card has spent in this field so far.
    pub fn air(&self) -> Duration {
        self.shared.lock().air
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.gone = true;
        if let Some(line) = state.line.take() {
            // Fails only when the service hung up first.
            let _ = line.shutdown(Shutdown::Both);
        }
        drop(state);
        self.shared.removed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits, but not beyond removal; says whether the card is still there.
    fn pause(&self, time: Duration) -> bool {
        let waited = self
            .removed
            .wait_timeout_while(self.lock(), time, |state| !state.gone);
        !waited.unwrap_or_else(PoisonError::into_inner).0.gone
    }
}

/// The card's stay in the field: connect, answer, connect again if the service went away.
fn stay(card: &Mutex<Card>, port: u16, air: AirTime, shared: &Shared) {
    while !shared.lock().gone {
        // A dead chip answers no antenna: to the reader there is no card.
        if !hold(card).is_dead()
            && let Ok(line) = TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            && let Ok(ours) = line.try_clone()
        {
            let mut state = shared.lock();
            if state.gone {
                break;
            }
            state.line = Some(ours);
            drop(state);
            if let Err(cause) = answer_all(card, line, air, shared) {
                tracing::debug!(port, %cause, "the reader let go of the card");
            }
            hold(card).power_off();
            shared.lock().line = None;
        }
        shared.pause(RETRY);
    }
}

/// Answers the virtual reader until the line breaks or the chip dies.
fn answer_all(
    card: &Mutex<Card>,
    mut line: TcpStream,
    air: AirTime,
    shared: &Shared,
) -> io::Result<()> {
    line.set_nodelay(true)?;
    loop {
        let request = receive(&mut line)?;
        let (reply, time) = respond(&mut hold(card), &request, air);
        let Some(reply) = reply else { continue };
        shared.lock().air += time;
        if reply.is_empty() || !time.is_zero() && !shared.pause(time) {
            return Ok(());
        }
        let length = u16::try_from(reply.len()).map_err(io::Error::other)?;
        line.write_all(&[&length.to_be_bytes(), &reply[..]].concat())?;
    }
}

/// One request: control bytes of the virtual reader, or a command for the card.
fn respond(card: &mut Card, request: &[u8], air: AirTime) -> (Option<Vec<u8>>, Duration) {
    match *request {
        [0] => card.power_off(),
        [1 | 2] => card.power_on(),
        [4] => return (Some(card.atr().to_vec()), Duration::ZERO),
        [] | [_] => {}
        [..] => {
            let before = card.bytes_stored();
            let reply = card.apdu(request);
            let written = card.bytes_stored() - before;
            let time = air.of(request.len(), reply.len(), written);
            return (Some(reply), time);
        }
    }
    (None, Duration::ZERO)
}

/// One message. The driver sends length and body apart and waits for our acknowledgement in
/// between; without prompt ones each command would take 40 ms.
fn receive(line: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    SockRef::from(&*line).set_tcp_quickack(true)?;
    line.read_exact(&mut length)?;
    let mut body = vec![0; usize::from(u16::from_be_bytes(length))];
    SockRef::from(&*line).set_tcp_quickack(true)?;
    line.read_exact(&mut body)?;
    Ok(body)
}

fn hold(card: &Mutex<Card>) -> MutexGuard<'_, Card> {
    card.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn ask(line: &mut TcpStream, body: &[u8]) {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        line.write_all(&[&length, body].concat()).unwrap();
    }

    #[test]
    fn the_driver_s_protocol_is_answered_and_dropping_removes_the_card() {
        let driver = TcpListener::bind((Ipv4Addr::LOCALHOST, 21_230)).unwrap();
        let card = Card::blank([1; 10], &crate::chip::TEST_TRANSPORT_MASTER);
        let slot = Slot::insert(Arc::new(Mutex::new(card)), 21_230, AirTime::NONE).unwrap();
        let (mut line, _) = driver.accept().unwrap();
        ask(&mut line, &[4]);
        assert_eq!(receive(&mut line).unwrap()[..4], [0x3B, 0x88, 0x80, 0x01]);
        ask(&mut line, &[1]);
        ask(&mut line, &[0x00, 0xA4, 0x04, 0x00, 0x00]);
        assert!(receive(&mut line).unwrap().ends_with(&[0x90, 0x00]));
        drop(slot);
        assert!(receive(&mut line).is_err());
    }

    #[test]
    fn air_time_is_the_sum_of_both_ways_turnaround_and_writing() {
        let air = AirTime {
            speed: 1.0,
            bit_rate: 106_000,
        };
        // 253 + 5 bytes of command take two frames and one acknowledgement: 276 bytes; the
        // answer one frame: 16. 292 bytes of 10 bits, 12 ms, 4 pages of 3 ms.
        let expected = 2920.0 / 106_000.0 + 0.012 + 0.012;
        assert!((air.of(258, 10, 239).as_secs_f64() - expected).abs() < 1e-9);
        let fast = AirTime { speed: 20.0, ..air };
        assert!((fast.of(258, 10, 239).as_secs_f64() - expected / 20.0).abs() < 1e-9);
        assert_eq!(AirTime::NONE.of(5000, 5000, 5000), Duration::ZERO);
    }
}
