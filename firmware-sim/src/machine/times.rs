//! How long the mechanics take: data, so that measured times can replace the defaults.
//! Knows no card and no clock; the sum of the critical path is a sum over this table.

use crate::Error;
use crate::scenario::{key_line, line_of};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Duration;
use wire::{Motion, Panel};

/// Times of the mechanics in milliseconds, unscaled. The defaults are those of printers on the
/// market that print direct to card at 300 dpi with hot heaters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Times {
    /// Link check and manifest, from the first byte of print data.
    pub link_check_ms: u32,
    /// Hopper to encoder.
    pub feed_ms: u32,
    /// The card couples to the encoder's antenna this long before the feed ends.
    pub couple_early_ms: u32,
    /// Allowance for the authority's keys; the machine only waits.
    pub keys_ms: u32,
    /// From wherever the card is to the print head.
    pub to_head_ms: u32,
    /// Finding the first panel of a ribbon set.
    pub ribbon_search_ms: u32,
    /// One pass of a dye (Y, M, C).
    pub dye_pass_ms: u32,
    /// One pass of an ink (K on either side, UV, pearl).
    pub ink_pass_ms: u32,
    /// Turning the card over.
    pub flip_ms: u32,
    /// To the hologram station.
    pub to_hologram_ms: u32,
    /// Laying the hologram patch.
    pub patch_ms: u32,
    /// Cooling, flattening and scanning in the check station.
    pub check_ms: u32,
    /// Of the check: when the line scanner has seen both faces.
    pub scan_ms: u32,
    /// Check station to exit slot.
    pub eject_ms: u32,
    /// Opening the exit slot.
    pub open_slot_ms: u32,
    /// How long the slot stays open for a person.
    pub slot_patience_ms: u32,
    /// From wherever the card is into the reject tray.
    pub reject_ms: u32,
}

impl Default for Times {
    fn default() -> Times {
        Times {
            link_check_ms: 200,
            feed_ms: 2_200,
            couple_early_ms: 500,
            keys_ms: 300,
            to_head_ms: 400,
            ribbon_search_ms: 600,
            dye_pass_ms: 2_600,
            ink_pass_ms: 2_100,
            flip_ms: 2_000,
            to_hologram_ms: 900,
            patch_ms: 6_000,
            check_ms: 2_000,
            scan_ms: 600,
            eject_ms: 1_300,
            open_slot_ms: 200,
            slot_patience_ms: 120_000,
            reject_ms: 2_000,
        }
    }
}

/// No phase of a machine that works takes longer.
const LONGEST_MS: u32 = 600_000;

impl Times {
    /// Reads a file of measured times; what it does not name stays as it is.
    ///
    /// # Errors  `Content` with the line and the reason: unknown keys, absurd values.
    pub fn parse(text: &str, path: &Path) -> Result<Times, Error> {
        let content = |line, reason| Error::Content {
            path: path.to_owned(),
            line,
            reason,
        };
        let times: Times = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            content(line, error.message().to_owned())
        })?;
        match times.absurd() {
            None => Ok(times),
            Some((key, reason)) => Err(content(key_line(text, key), format!("{key}: {reason}"))),
        }
    }

    /// The first time that no machine has, and why.
    fn absurd(&self) -> Option<(&'static str, String)> {
        let moves = [
            ("feed_ms", self.feed_ms),
            ("dye_pass_ms", self.dye_pass_ms),
            ("ink_pass_ms", self.ink_pass_ms),
            ("flip_ms", self.flip_ms),
            ("patch_ms", self.patch_ms),
            ("check_ms", self.check_ms),
            ("eject_ms", self.eject_ms),
            ("reject_ms", self.reject_ms),
            ("slot_patience_ms", self.slot_patience_ms),
        ];
        let waits = [
            ("link_check_ms", self.link_check_ms),
            ("keys_ms", self.keys_ms),
            ("to_head_ms", self.to_head_ms),
            ("ribbon_search_ms", self.ribbon_search_ms),
            ("to_hologram_ms", self.to_hologram_ms),
            ("open_slot_ms", self.open_slot_ms),
        ];
        let within = [
            (
                "couple_early_ms",
                self.couple_early_ms,
                "feed_ms",
                self.feed_ms,
            ),
            ("scan_ms", self.scan_ms, "check_ms", self.check_ms),
        ];
        let nothing = moves.iter().find(|(_, ms)| *ms == 0);
        let endless = moves.iter().chain(&waits).find(|(_, ms)| *ms > LONGEST_MS);
        let outside = within.iter().find(|(_, part, _, whole)| part > whole);
        nothing
            .map(|(key, _)| (*key, "a card does not move in no time".to_owned()))
            .or_else(|| endless.map(|(key, _)| (*key, format!("longer than {LONGEST_MS} ms"))))
            .or_else(|| {
                outside.map(|(key, _, whole, _)| {
                    (*key, format!("longer than {whole}, of which it is a part"))
                })
            })
    }

    /// One pass of the panel, the card being at the head.
    pub fn pass_ms(&self, panel: Panel) -> u32 {
        match panel {
            Panel::Y | Panel::M | Panel::C => self.dye_pass_ms,
            Panel::BackK | Panel::K | Panel::Uv | Panel::Pearl => self.ink_pass_ms,
        }
    }

    /// What the motion adds to a card's critical path when all is well: the ribbon search hides
    /// under the chip, and a person's time is nobody's.
    pub fn critical_ms(&self, motion: Motion) -> u32 {
        match motion {
            Motion::Feed => self.feed_ms,
            Motion::SeekRibbon(_) | Motion::Release | Motion::Reject => 0,
            Motion::Pass(Panel::BackK) => self.to_head_ms + self.pass_ms(Panel::BackK),
            Motion::Pass(panel) => self.pass_ms(panel),
            Motion::Flip => self.flip_ms,
            Motion::Hologram => self.to_hologram_ms + self.patch_ms,
            Motion::Check => self.check_ms,
            Motion::Eject => self.eject_ms,
        }
    }
}

/// How much faster than real the mechanics run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed(f64);

impl Speed {
    /// As long as the table says.
    pub const REAL: Speed = Speed(1.0);

    /// `None` unless the factor is finite and between 0.01 and 1000.
    pub fn new(factor: f64) -> Option<Speed> {
        (0.01..=1000.0).contains(&factor).then_some(Speed(factor))
    }

    /// The factor.
    pub fn factor(self) -> f64 {
        self.0
    }

    /// A time of the table on the simulator's clock.
    pub fn scale(self, milliseconds: u32) -> Duration {
        Duration::from_micros((f64::from(milliseconds) * 1000.0 / self.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The motions of one card with all panels, in order.
    const ONE_CARD: [Motion; 13] = [
        Motion::Feed,
        Motion::SeekRibbon(Panel::BackK),
        Motion::Pass(Panel::BackK),
        Motion::Flip,
        Motion::Pass(Panel::Y),
        Motion::Pass(Panel::M),
        Motion::Pass(Panel::C),
        Motion::Pass(Panel::K),
        Motion::Pass(Panel::Uv),
        Motion::Pass(Panel::Pearl),
        Motion::Hologram,
        Motion::Check,
        Motion::Eject,
    ];

    #[test]
    fn the_critical_path_leaves_room_for_chip_and_link_in_forty_seconds() {
        let times = Times::default();
        let motions: u32 = ONE_CARD
            .iter()
            .map(|motion| times.critical_ms(*motion))
            .sum();
        let chip = 2_600 + 2_200; // emergent; the fact sheet's estimate at 106 kbit/s
        let total = times.link_check_ms + times.keys_ms + motions + chip;
        assert_eq!(motions, 31_000);
        assert!((35_500..=37_000).contains(&total), "{total} ms");
    }

    #[test]
    fn measured_times_replace_the_defaults_and_absurd_ones_are_refused_with_their_line() {
        let parse = |text: &str| {
            let parsed = Times::parse(text, Path::new("t.toml"));
            parsed.map_err(|error| error.to_string())
        };
        let measured = parse("feed_ms = 2350\n").expect("sound");
        assert_eq!((measured.feed_ms, measured.flip_ms), (2_350, 2_000));
        for (text, refusal) in [
            (
                "feed_ms = 1\nlunch_ms = 9",
                "t.toml, line 2: unknown field `lunch_ms`",
            ),
            (
                "\nflip_ms = 0",
                "t.toml, line 2: flip_ms: a card does not move in no time",
            ),
            ("flip_ms = -1", "t.toml, line 1: "),
            ("flip_ms = \"soon\"", "t.toml, line 1: invalid type"),
            (
                "eject_ms = 900000",
                "t.toml, line 1: eject_ms: longer than 600000 ms",
            ),
            (
                "scan_ms = 2001",
                "t.toml, line 1: scan_ms: longer than check_ms",
            ),
        ] {
            let refused = parse(text).expect_err(text);
            assert!(refused.starts_with(refusal), "{refused}");
        }
    }

    #[test]
    fn speed_divides() {
        let speed = Speed::new(20.0).expect("in range");
        assert_eq!(speed.scale(2_000), Duration::from_millis(100));
        assert_eq!(Speed::new(0.0), None);
        assert_eq!(Speed::new(f64::NAN), None);
    }
}
