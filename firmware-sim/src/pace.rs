//! The line's pace: a token bucket for each direction, because a pseudo terminal does not keep
//! to its baud. Pure; time is a parameter.

use std::time::Duration;

/// Bits on the line for each byte: start, eight, stop.
const BITS_A_BYTE: f64 = 10.0;
/// How far the bucket fills while nobody draws, in time of the line.
const DEPTH: Duration = Duration::from_millis(20);

/// Bytes that the line may have carried by now.
#[derive(Debug, Clone)]
pub struct Bucket {
    bytes_a_second: f64,
    level: f64,
    at: Duration,
}

impl Bucket {
    /// An empty bucket.
    pub fn new(baud: u32, now: Duration) -> Bucket {
        Bucket {
            bytes_a_second: f64::from(baud) / BITS_A_BYTE,
            level: 0.0,
            at: now,
        }
    }

    /// Follows another baud from now on.
    pub fn set_baud(&mut self, baud: u32, now: Duration) {
        self.room(now);
        self.bytes_a_second = f64::from(baud) / BITS_A_BYTE;
    }

    /// Whole bytes that may pass now.
    pub fn room(&mut self, now: Duration) -> usize {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.at = now;
        let depth = (self.bytes_a_second * DEPTH.as_secs_f64()).max(64.0);
        self.level = (self.level + passed * self.bytes_a_second).min(depth);
        self.level.max(0.0) as usize
    }

    /// So many bytes passed; a frame may go below zero and is waited for afterwards.
    pub fn draw(&mut self, bytes: usize) {
        self.level -= bytes as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_carries_a_tenth_of_the_baud() {
        let mut bucket = Bucket::new(921_600, Duration::ZERO);
        let mut carried = 0;
        for millisecond in 1..=1000 {
            let room = bucket.room(Duration::from_millis(millisecond));
            bucket.draw(room);
            carried += room;
        }
        assert!((92_100..=92_160).contains(&carried), "{carried}");
    }

    #[test]
    fn idle_time_is_not_saved_up() {
        let mut bucket = Bucket::new(460_800, Duration::ZERO);
        assert!(bucket.room(Duration::from_secs(60)) <= 921);
    }
}
