//! Raster on its way: sends the bands that the printer does not have, in print
//! order, within its credit, until every panel's digest is verified there.

use std::collections::VecDeque;
use std::time::Duration;

use wire::Panel;
use wire::message::{Have, HostMessage, Manifest};
use wire::raster::{Fragment, fragments};

use crate::panel::Encoded;
use crate::patience::RESEND;

/// One card's panels on their way to the printer.
pub(super) struct Stream {
    card: u32,
    accepted: bool,
    panels: Vec<Outgoing>,
    free: usize,
    under_way: usize,
    cut: VecDeque<Fragment>,
    cutting: Option<(usize, usize)>,
    /// A report that goes out in the middle of a band does not yet tell of it: what the credit
    /// then holds back is asked for, once for what was sent so far.
    blocked: bool,
    /// Tags begin somewhere new with each card: what a former process was told is not ours.
    first_tag: u32,
    asks: u32,
    asked_at: Option<Duration>,
    heard_at: Duration,
    ask_now: bool,
}

struct Outgoing {
    encoded: Encoded,
    state: Vec<State>,
    verified: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Missing,
    Cutting,
    /// Sent whole after so many asks: only a later ask's answer shows whether it arrived.
    Sent(u32),
    Held,
}

impl Stream {
    pub(super) fn new(card: u32, panels: Vec<Encoded>, first_tag: u32, now: Duration) -> Stream {
        let outgoing = |encoded: Encoded| Outgoing {
            state: vec![State::Missing; encoded.bands.len()],
            encoded,
            verified: false,
        };
        Stream {
            card,
            accepted: false,
            panels: panels.into_iter().map(outgoing).collect(),
            free: 0,
            under_way: 0,
            cut: VecDeque::new(),
            cutting: None,
            blocked: false,
            first_tag,
            asks: 0,
            asked_at: None,
            heard_at: now,
            ask_now: true,
        }
    }

    pub(super) fn card(&self) -> u32 {
        self.card
    }

    pub(super) fn manifest(&self, boot: u32) -> Manifest {
        let panels = self
            .panels
            .iter()
            .map(|panel| panel.encoded.entry)
            .collect();
        Manifest {
            card: self.card,
            boot,
            panels,
        }
    }

    /// The printer took the manifest: bands may go.
    pub(super) fn accept(&mut self) {
        self.accepted = true;
    }

    /// The printer lost its memory: all is to be sent again, once it took the
    /// manifest again.
    pub(super) fn restart(&mut self) {
        self.accepted = false;
        self.cut.clear();
        self.cutting = None;
        self.under_way = 0;
        self.asked_at = None;
        self.ask_now = true;
        for panel in &mut self.panels {
            panel.verified = false;
            panel.state.fill(State::Missing);
        }
    }

    /// `None` when the panel is not among this card's.
    pub(super) fn verified(&self, panel: Panel) -> Option<bool> {
        let outgoing = self
            .panels
            .iter()
            .find(|out| out.encoded.entry.panel == panel)?;
        Some(outgoing.verified)
    }

    pub(super) fn bands_missing(&self) -> u32 {
        let missing = |out: &Outgoing| out.state.iter().filter(|s| **s != State::Held).count();
        let arriving = self.panels.iter().filter(|panel| !panel.verified);
        arriving.map(missing).sum::<usize>() as u32
    }

    fn complete(&self) -> bool {
        self.panels.iter().all(|panel| panel.verified)
    }

    /// The next fragment, when the credit allows one.
    pub(super) fn next(&mut self) -> Option<Fragment> {
        if self.cut.is_empty() {
            self.cut_next()?;
        }
        let fragment = self.cut.pop_front()?;
        if let (true, Some((panel, band))) = (self.cut.is_empty(), self.cutting) {
            self.panels[panel].state[band] = State::Sent(self.asks);
            self.cutting = None;
            self.ask_now |= !self.panels[panel].state.contains(&State::Missing);
        }
        Some(fragment)
    }

    fn cut_next(&mut self) -> Option<()> {
        if !self.accepted || self.complete() {
            return None;
        }
        let missing = |(at, out): (usize, &Outgoing)| {
            out.state
                .iter()
                .position(|state| *state == State::Missing)
                .map(|band| (at, band))
        };
        let (panel, band) = self.panels.iter().enumerate().find_map(missing)?;
        let outgoing = &mut self.panels[panel];
        let encoded = &outgoing.encoded.bands[band];
        // With nothing under way one band may always go, else a credit that
        // lost bands hold would never open again.
        if self.under_way > 0 && self.under_way + encoded.len() > self.free {
            self.ask_now |= !std::mem::replace(&mut self.blocked, true);
            return None;
        }
        self.blocked = false;
        self.under_way += encoded.len();
        outgoing.state[band] = State::Cutting;
        self.cut.extend(fragments(
            outgoing.encoded.entry.digest.key(),
            band as u16,
            encoded,
        ));
        self.cutting = Some((panel, band));
        Some(())
    }

    /// Whether `next` would give a fragment.
    pub(super) fn ready(&mut self) -> bool {
        !self.cut.is_empty() || self.cut_next().is_some()
    }

    /// Asks what has arrived: after each panel, and when nothing was heard for a while.
    pub(super) fn ask(&mut self, now: Duration) -> Option<HostMessage> {
        if !self.accepted || self.complete() || now < self.ask_due() {
            return None;
        }
        self.ask_now = false;
        self.asks = self.asks.wrapping_add(1);
        self.asked_at = Some(now);
        Some(HostMessage::AskHave {
            tag: self.tag(),
            card: self.card,
        })
    }

    /// The newest question's; 0 is for what nobody asked.
    fn tag(&self) -> u32 {
        self.first_tag.wrapping_add(self.asks).max(1)
    }

    /// Has the next `ask` ask at once.
    pub(super) fn ask_again(&mut self) {
        self.ask_now = true;
        self.asked_at = None;
    }

    /// When `ask` has something to say, if nothing happens until then.
    pub(super) fn ask_due(&self) -> Duration {
        match (self.ask_now, self.asked_at) {
            _ if !self.accepted || self.complete() => Duration::MAX,
            (true, None) => Duration::ZERO,
            (_, asked_at) => self.heard_at.max(asked_at.unwrap_or_default()) + RESEND,
        }
    }

    /// Takes a report in; how many bands were lost on the line and go again.
    pub(super) fn heard(&mut self, have: &Have, now: Duration) -> u32 {
        if have.card != self.card || have.panels.len() != self.panels.len() {
            return 0;
        }
        let mut lost = 0;
        self.heard_at = now;
        self.free = have.free as usize;
        let answers_ask = self.asks > 0 && have.tag == self.tag();
        if answers_ask {
            self.asked_at = None;
        }
        for (outgoing, seen) in self.panels.iter_mut().zip(&have.panels) {
            outgoing.verified = seen.verified || outgoing.verified && !answers_ask;
            for band in 0..outgoing.state.len() {
                let len = outgoing.encoded.bands[band].len();
                let state = &mut outgoing.state[band];
                let was = *state;
                *state = match (was, seen.bands.has(band as u16)) {
                    (State::Cutting, _) => State::Cutting,
                    (_, true) => State::Held,
                    (State::Sent(asks), false) if answers_ask && asks < self.asks => State::Missing,
                    (State::Held, false) if answers_ask => State::Missing,
                    (other, false) => other,
                };
                if matches!(was, State::Sent(_)) && !matches!(*state, State::Sent(_)) {
                    self.under_way = self.under_way.saturating_sub(len);
                    lost += u32::from(*state == State::Missing);
                }
            }
        }
        lost
    }
}
