//! One direction of the line: frames under way at the line's speed, and what can happen to each.
//! Knows bytes only.

use std::collections::VecDeque;
use std::time::Duration;

use super::super::faults::{Fault, Faults};

/// Bits a second.
pub(super) const BAUD: u32 = 921_600;
/// From the last bit of a frame until the other side acts on it.
const WAKE: Duration = Duration::from_millis(1);
/// Frames that the line can bring again.
const REMEMBERED: usize = 24;

/// One direction.
pub(super) struct Pipe {
    free_at: Duration,
    under_way: VecDeque<(Duration, Vec<u8>)>,
    before: VecDeque<Vec<u8>>,
    /// Whatever is sent until then never arrives.
    pub(super) dead_until: Duration,
}

impl Pipe {
    pub(super) fn new() -> Pipe {
        Pipe {
            free_at: Duration::ZERO,
            under_way: VecDeque::new(),
            before: VecDeque::new(),
            dead_until: Duration::ZERO,
        }
    }

    /// A frame leaves; what happens to it on its way is decided here.
    pub(super) fn send(&mut self, frame: Vec<u8>, faults: &mut Faults, now: Duration) {
        if now < self.dead_until {
            return;
        }
        if self.before.len() == REMEMBERED {
            self.before.pop_front();
        }
        self.before.push_back(frame.clone());
        let late = faults.strikes(Fault::FrameLate);
        for frame in harmed(frame, &self.before, faults) {
            self.free_at = self.free_at.max(now) + byte() * frame.len() as u32;
            let arrives = (self.free_at + WAKE, frame);
            match self.under_way.pop_back_if(|_| late) {
                Some((at, overtaken)) => {
                    self.under_way.push_back((at, arrives.1));
                    self.under_way.push_back((arrives.0, overtaken));
                }
                None => self.under_way.push_back(arrives),
            }
        }
    }

    /// Nobody listens any more.
    pub(super) fn close(&mut self) {
        self.under_way.clear();
    }

    pub(super) fn next_at(&self) -> Option<Duration> {
        self.under_way.front().map(|(at, _)| *at)
    }

    /// The next frame that is here now.
    pub(super) fn arrive(&mut self, now: Duration) -> Option<Vec<u8>> {
        let (at, _) = self.under_way.front()?;
        if *at > now {
            return None;
        }
        self.under_way.pop_front().map(|(_, frame)| frame)
    }
}

fn byte() -> Duration {
    Duration::from_secs(10) / BAUD
}

/// What arrives of a frame.
fn harmed(mut frame: Vec<u8>, before: &VecDeque<Vec<u8>>, faults: &mut Faults) -> Vec<Vec<u8>> {
    if faults.strikes(Fault::FrameLost) {
        return Vec::new();
    }
    if let Some(mut chance) = faults.struck_with(Fault::BytesDropped) {
        let from = chance.usize(..frame.len());
        let until = (from + chance.usize(1..4)).min(frame.len());
        frame.drain(from..until);
    }
    if let Some(mut chance) = faults.struck_with(Fault::BytesFlipped) {
        for _ in 0..chance.usize(1..4) {
            if let Some(byte) = chance.choice(&mut frame) {
                *byte ^= 1 << chance.u8(0..8);
            }
        }
    }
    if let Some(mut chance) = faults.struck_with(Fault::BytesInserted) {
        for _ in 0..chance.usize(1..4) {
            frame.insert(chance.usize(..=frame.len()), chance.u8(..));
        }
    }
    let swapped = faults.struck_with(Fault::BytesSwapped);
    if let Some(mut chance) = swapped.filter(|_| frame.len() > 1) {
        let (one, other) = (chance.usize(..frame.len()), chance.usize(..frame.len()));
        frame.swap(one, other);
    }
    let mut arrives = vec![frame];
    if faults.strikes(Fault::FrameTwice) {
        arrives.push(arrives[0].clone());
    }
    if let Some(mut chance) = faults.struck_with(Fault::FrameStale) {
        arrives.push(before[chance.usize(..before.len())].clone());
    }
    arrives
}
