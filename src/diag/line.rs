//! How good the line is at one speed. Knows what a probing counts, no port.

use serde::Serialize;

use super::statistics::Spread;

/// More lost probes in a million than this are a bad line; a single one may be a busy host's.
const BAD_PER_MILLION: u64 = 1_000;

/// The line at one speed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AtSpeed {
    /// Bits a second.
    pub baud: u32,
    /// What was measured; none where the printer did not answer at this speed.
    pub measured: Option<Measured>,
}

/// What was measured at one speed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// Bytes of ballast in each probe.
    pub bytes: usize,
    /// Probes that were sent.
    pub sent: u32,
    /// Probes whose echo came.
    pub answered: u32,
    /// Probes that did not arrive at the printer.
    pub lost_out: u32,
    /// Echoes that did not arrive here.
    pub lost_back: u32,
    /// Frames that the printer dropped as damaged.
    pub damaged_there: u32,
    /// Frames that the station dropped as damaged.
    pub damaged_here: u32,
    /// Probes in a million that were lost, either way.
    pub lost_per_million: u64,
    /// There and back, in microseconds.
    pub rtt_us: Option<Spread>,
    /// Ballast a second towards the printer.
    pub out_bytes_per_s: u32,
    /// Ballast a second from the printer.
    pub back_bytes_per_s: u32,
}

impl Measured {
    /// Counts what a probing lost.
    #[must_use]
    pub fn of(quality: &printer::LineQuality) -> Measured {
        let lost = u64::from(quality.sent.saturating_sub(quality.answered));
        Measured {
            bytes: quality.bytes,
            sent: quality.sent,
            answered: quality.answered,
            lost_out: quality.lost_out,
            lost_back: quality.lost_back,
            damaged_there: quality.damaged_there,
            damaged_here: quality.damaged_here,
            lost_per_million: lost * 1_000_000 / u64::from(quality.sent.max(1)),
            rtt_us: Spread::of(&quality.rtt_us),
            out_bytes_per_s: quality.out_bytes_per_s,
            back_bytes_per_s: quality.back_bytes_per_s,
        }
    }

    /// Whether the line carries what it should.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let lost = self.sent.saturating_sub(self.answered);
        self.answered > 0 && (lost <= 1 || self.lost_per_million < BAD_PER_MILLION)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_counted_against_what_was_sent() {
        let quality = printer::LineQuality {
            sent: 2_000,
            answered: 1_995,
            lost_out: 3,
            lost_back: 2,
            rtt_us: vec![900, 1_000, 1_100],
            ..printer::LineQuality::default()
        };
        let measured = Measured::of(&quality);
        assert_eq!(measured.lost_per_million, 2_500);
        assert_eq!(measured.rtt_us.map(|rtt| rtt.median), Some(1_000));
        assert!(!measured.is_good());
        let clean = printer::LineQuality {
            sent: 2_000,
            answered: 2_000,
            ..quality
        };
        assert!(Measured::of(&clean).is_good());
        assert!(
            !Measured::of(&printer::LineQuality::default()).is_good(),
            "nothing came back"
        );
    }
}
