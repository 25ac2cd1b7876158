//! How good the line is: probes out, echoes back, counted and timed in three rounds.
//! Probes are bulk behind all raster, so that they delay nothing but themselves.

use std::time::Duration;

use wire::message::HostMessage;
use wire::service::{self, Echo, MAX_PROBE, Probe};

use super::{Reply, Session, Ticket};
use crate::error::{Asked, Error};
use crate::patience::{ABANDON, REPLY, RESEND};
use crate::service::LineQuality;

/// The most probes of a round.
const MOST_PROBES: u32 = 10_000;
/// The most probes under way at a time.
const WIDEST: u32 = 16;
/// So much time of the line may be under way, within that.
const UNDER_WAY: Duration = Duration::from_millis(100);
/// What a frame has besides its ballast, about.
const OVERHEAD: u32 = 30;

/// A round's purpose; they come in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    /// Whether there is an echo at all, and the printer's counts before.
    Opening,
    /// Latency.
    OneByOne,
    /// Throughput towards the printer.
    Out,
    /// Throughput from the printer.
    Back,
    /// The printer's counts after.
    Closing,
}

struct Flight {
    tag: u32,
    back: u16,
    ballast: usize,
    sent_at: Duration,
    /// Which probe since the opening's echo, from 1.
    ordinal: u32,
}

/// A probing of the line under way.
pub(super) struct Probing {
    ticket: Ticket,
    quality: LineQuality,
    probes: u32,
    window: u32,
    echo_patience: Duration,
    round: Round,
    unsent: u32,
    flights: Vec<Flight>,
    ordinal: u32,
    began: Duration,
    last_echo: Duration,
    carried: u64,
    echoes_before: u32,
    damaged_there_before: u32,
    damaged_here_before: u32,
    /// When a bare round that found no echo is given up.
    give_up_at: Duration,
}

impl Probing {
    fn new(ticket: Ticket, baud: u32, probes: u32, bytes: usize, now: Duration) -> Probing {
        let byte_time = Duration::from_secs(10) / baud.max(300);
        let bytes = bytes.min(MAX_PROBE);
        let frame_time = byte_time * (bytes as u32 + OVERHEAD);
        let window = UNDER_WAY.as_nanos() / frame_time.as_nanos().max(1);
        let window = (window as u32).clamp(2, WIDEST);
        Probing {
            ticket,
            quality: LineQuality {
                baud,
                bytes,
                ..LineQuality::default()
            },
            probes: probes.min(MOST_PROBES),
            window,
            // Twice what may lie before an echo on its way, and then some.
            echo_patience: RESEND + frame_time * window * 4,
            round: Round::Opening,
            unsent: u32::MAX,
            flights: Vec::new(),
            ordinal: 0,
            began: now,
            last_echo: now,
            carried: 0,
            echoes_before: 0,
            damaged_there_before: 0,
            damaged_here_before: 0,
            give_up_at: now + REPLY,
        }
    }

    fn bare(&self) -> bool {
        matches!(self.round, Round::Opening | Round::Closing)
    }

    fn width(&self) -> u32 {
        match self.round {
            Round::Opening | Round::OneByOne | Round::Closing => 1,
            Round::Out | Round::Back => self.window,
        }
    }

    /// Whether a probe could leave now.
    pub(super) fn ready(&self) -> bool {
        self.unsent > 0 && (self.flights.len() as u32) < self.width()
    }

    /// When an echo counts as lost, if nothing comes until then.
    pub(super) fn wake_at(&self) -> Option<Duration> {
        let due = self.flights.iter().map(|flight| self.lost_at(flight)).min();
        let give_up = self.bare().then_some(self.give_up_at);
        due.into_iter().chain(give_up).min()
    }

    fn lost_at(&self, flight: &Flight) -> Duration {
        let patience = if self.bare() {
            RESEND
        } else {
            self.echo_patience
        };
        flight.sent_at + patience
    }

    fn next(&mut self, tag: u32, now: Duration) -> Option<Probe> {
        if !self.ready() {
            return None;
        }
        let bytes = self.quality.bytes;
        let (ballast, back) = match self.round {
            Round::Opening | Round::Closing => (0, 0),
            Round::OneByOne => (bytes, bytes),
            Round::Out => (bytes, 0),
            Round::Back => (0, bytes),
        };
        self.unsent -= 1;
        self.ordinal += 1;
        if !self.bare() {
            self.quality.sent += 1;
        }
        let back = back as u16;
        self.flights.push(Flight {
            tag,
            back,
            ballast,
            sent_at: now,
            ordinal: self.ordinal,
        });
        // Every value comes, the delimiter's too, which stuffing must take away.
        let bytes = (0..ballast).map(|at| (at * 7) as u8).collect();
        Some(Probe { tag, back, bytes })
    }

    /// Forgets probes whose echo is overdue.
    fn lose(&mut self, now: Duration) {
        let patience = if self.bare() {
            RESEND
        } else {
            self.echo_patience
        };
        self.flights
            .retain(|flight| now < flight.sent_at + patience);
    }

    fn echoed(&mut self, echo: &Echo, damaged_here: u32, now: Duration) {
        let ours = |flight: &Flight| {
            flight.tag == echo.tag && usize::from(flight.back) == echo.bytes.len()
        };
        let Some(at) = self.flights.iter().position(ours) else {
            return;
        };
        let flight = self.flights.swap_remove(at);
        self.last_echo = now;
        match self.round {
            Round::Opening => {
                self.echoes_before = echo.echoes;
                self.damaged_there_before = echo.damaged;
                self.damaged_here_before = damaged_here;
                self.ordinal = 0;
                self.unsent = 0;
            }
            Round::OneByOne => {
                self.quality.answered += 1;
                let rtt = now.saturating_sub(flight.sent_at).as_micros();
                self.quality.rtt_us.push(rtt.try_into().unwrap_or(u32::MAX));
            }
            Round::Out | Round::Back => {
                self.quality.answered += 1;
                self.carried += flight.ballast as u64 + u64::from(flight.back);
            }
            Round::Closing => {
                self.close(&flight, echo, damaged_here);
                self.unsent = 0;
            }
        }
    }

    fn close(&mut self, flight: &Flight, echo: &Echo, damaged_here: u32) {
        let quality = &mut self.quality;
        let arrived = echo.echoes.wrapping_sub(self.echoes_before);
        let lost = quality.sent - quality.answered;
        quality.lost_out = flight.ordinal.saturating_sub(arrived).min(lost);
        quality.lost_back = lost - quality.lost_out;
        quality.damaged_there = echo.damaged.wrapping_sub(self.damaged_there_before);
        quality.damaged_here = damaged_here.wrapping_sub(self.damaged_here_before);
        quality.rtt_us.sort_unstable();
    }

    /// Goes on to the next round when this one is through; `false` when it was the last.
    fn advance(&mut self, now: Duration) -> bool {
        if self.unsent > 0 || !self.flights.is_empty() {
            return true;
        }
        let took = self.last_echo.saturating_sub(self.began).as_secs_f64();
        let a_second = match took > 0.0 {
            true => (self.carried as f64 / took) as u32,
            false => 0,
        };
        self.round = match self.round {
            Round::Opening => Round::OneByOne,
            Round::OneByOne => Round::Out,
            Round::Out => {
                self.quality.out_bytes_per_s = a_second;
                Round::Back
            }
            Round::Back => {
                self.quality.back_bytes_per_s = a_second;
                self.give_up_at = now + REPLY;
                Round::Closing
            }
            Round::Closing => return false,
        };
        self.unsent = if self.bare() { u32::MAX } else { self.probes };
        (self.began, self.last_echo, self.carried) = (now, now, 0);
        // A round without probes is through at once.
        self.advance(now)
    }
}

impl Session {
    pub(super) fn ask_probing(&mut self, probes: u32, bytes: usize, now: Duration) {
        if self.probing.is_some() {
            let busy = Err(Error::Refused(wire::Condition::Busy));
            self.outcomes.push_back((self.ticket, busy));
            return;
        }
        let probing = Probing::new(self.ticket, self.baud, probes, bytes, now);
        self.probing = Some(probing);
    }

    pub(super) fn next_probe(&mut self, now: Duration) -> Option<Vec<u8>> {
        if !self.probing.as_ref()?.ready() {
            return None;
        }
        let tag = self.next_tag();
        let probe = self.probing.as_mut()?.next(tag, now)?;
        Some(HostMessage::Service(service::Ask::Probe(probe)).encode())
    }

    pub(super) fn echoed(&mut self, echo: &Echo, now: Duration) {
        let damaged = self.damaged;
        if let Some(probing) = &mut self.probing {
            probing.echoed(echo, damaged, now);
        }
        self.go_on_probing(now);
    }

    pub(super) fn tick_probing(&mut self, now: Duration) {
        let silence = now.saturating_sub(self.heard_at);
        let Some(probing) = &mut self.probing else {
            return;
        };
        probing.lose(now);
        let (asked, patience) = (Asked::Probe, REPLY);
        let given_up = probing.bare() && now >= probing.give_up_at;
        let opening = probing.round == Round::Opening;
        let error = if silence >= ABANDON {
            let patience = ABANDON;
            Error::Silent { asked, patience }
        } else if !given_up {
            return self.go_on_probing(now);
        } else if opening && !self.link_lost {
            Error::NotUnderstood { asked, patience }
        } else {
            Error::Silent { asked, patience }
        };
        self.fail_probing(|| error);
    }

    fn go_on_probing(&mut self, now: Duration) {
        let over = |probing: &mut Probing| !probing.advance(now);
        if let Some(probing) = self.probing.take_if(over) {
            let outcome = Ok(Reply::Quality(probing.quality));
            self.outcomes.push_back((probing.ticket, outcome));
        }
    }

    /// Ends a probing under way.
    pub(super) fn fail_probing(&mut self, error: impl FnOnce() -> Error) {
        if let Some(probing) = self.probing.take() {
            self.outcomes.push_back((probing.ticket, Err(error())));
        }
    }
}
