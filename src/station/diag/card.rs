//! Test cards: printed, checked, rejected. Counted as blanks, never a number, nothing written to
//! the chip; a card that turns out to hold data is rejected unprinted.

use super::super::hands::{COUPLING_PATIENCE, Outcome};
use super::super::request::{Person, Stop};
use super::super::seams::Moves as _;
use super::super::{Station, chips, kit, stopped, translate, view};
use crate::config::Measured;
use crate::diag::card::{self, Step};
use crate::diag::{Detail, Reading, Report, Value, history, statistics::Spread};
use crate::fault::{By, Code};
use layouts::{Bitmap, Faces, Product, SCAN, compare_ir};
use printer::PanelRaster;
use wire::{Motion, MotionId, MotionResult, Scan};

/// What one test card came to.
#[derive(Default)]
pub(super) struct Made {
    /// Each phase with its milliseconds, in order.
    times: Vec<(String, u32)>,
    /// Whether the scanner saw what was drawn, front and back.
    faces: Option<(Option<String>, Option<String>)>,
    /// What the scanner saw of its own white.
    white: Option<u8>,
    /// Whether the chip answered.
    chip: Option<bool>,
}

impl Station<'_> {
    /// So many test cards, one after the other; stops between two when the person asks.
    pub(super) fn test_cards(
        &mut self,
        (pattern, patch): (bool, bool),
        count: u32,
        by: &By,
        person: &mut dyn Person,
    ) -> Result<Report, Stop> {
        let mut made = Vec::new();
        for _ in 0..count {
            if !made.is_empty() && person.stop_asked() {
                break;
            }
            made.push(self.test_card(pattern, patch, by)?);
        }
        let name = if pattern { "pattern" } else { "test-card" };
        Ok(Report::of(name, told(&made)))
    }

    fn test_card(&mut self, pattern: bool, patch: bool, by: &By) -> Result<Made, Stop> {
        if let Some(code) = self.preflight(None)? {
            return Err(self.stop(code));
        }
        let (product, name) = match pattern {
            false => (Product::TestCard, "test-card"),
            true => (Product::TestPattern, "pattern"),
        };
        self.show(
            ("テストカードを描いています", "Drawing the test card"),
            Some(0),
        );
        let folders = &self.config.layout.font_folders;
        let dpi = self.config.layout.resolution_dpi.into();
        let refused = |error: &dyn std::error::Error| {
            Stop::plain(chips::say(error, Code::LayoutRefused)).detailed(error.to_string())
        };
        let kit = kit::load_for(product, folders, dpi)
            .map_err(|error| stopped(&error, Code::LayoutRefused))?;
        let count = self.ledger.next_card();
        let values = card::values(&self.config.station.id, self.clock.today(), count);
        let faces = layouts::render(&kit.layout, &kit.fonts, &values, None, kit.dpi)
            .map_err(|error| refused(&error))?;
        self.between(name, by.clone(), |station, count| {
            let done = station.print(&faces, &card::steps(patch), count);
            let rejected = station.reject(count);
            let erased = station.hands()?.erase(count);
            let made = done?;
            rejected?;
            erased.map_err(|code| station.stop(code))?;
            Ok(made)
        })
    }

    /// Every motion of a test card but the last.
    fn print(&mut self, faces: &Faces, steps: &[Step], count: u32) -> Result<Made, Stop> {
        let printer = self.hands()?.printer();
        let panels = faces.panels.iter().map(|panel| PanelRaster {
            panel: translate::drawn_on_wire(panel.panel),
            rows: panel.rows,
            dots: panel.dots,
            bits: panel.bits,
            packed: panel.packed.clone(),
        });
        printer
            .load(count, panels.collect())
            .map_err(|error| self.failed(&error))?;
        let mut made = Made::default();
        for (done, step) in steps.iter().enumerate() {
            let percent = done * 100 / (steps.len() + 1);
            self.show(words(step), Some(percent as u8));
            let ms = self.motion(step, count, 0)?;
            made.times
                .extend(step.phase.map(|phase| (phase.to_owned(), ms)));
            if step.motion == Motion::Feed {
                made.chip = Some(self.blank_fed()?);
            }
        }
        let scan = printer.scan(None).map_err(|error| self.failed(&error))?;
        made.white = Some(scan.white);
        made.faces = Some(compared(faces, &scan));
        Ok(made)
    }

    /// One motion to its end; how long it took.
    pub(super) fn motion(&mut self, step: &Step, count: u32, attempt: u8) -> Result<u32, Stop> {
        let id = MotionId {
            card: count,
            step: step.code,
            attempt,
        };
        let (sequence, began) = (self.sequence(), self.clock.steady());
        match self.hands()?.motions().perform(id, step.motion, sequence) {
            Ok(MotionResult::Done { .. }) => {
                let took = self.clock.steady().saturating_sub(began).as_millis();
                tracing::debug!(motion = ?step.motion, ms = took, "moved");
                Ok(u32::try_from(took).unwrap_or(u32::MAX))
            }
            Ok(MotionResult::Failed { condition, .. }) => {
                Err(self.stop(translate::fault(condition)))
            }
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Whether the chip of what was fed answers. A card that holds data is none to print on.
    fn blank_fed(&mut self) -> Result<bool, Stop> {
        let reader = self.config.readers.encoder.clone();
        let Ok(mut card) = self.hands()?.card_at(&reader, COUPLING_PATIENCE) else {
            return Ok(false);
        };
        match chips::blank(&mut card) {
            Outcome::Done(_) => Ok(true),
            Outcome::InDoubt(_) | Outcome::Refused(_) => Ok(false),
            Outcome::Found(_, code) => Err(self.stop(code)),
        }
    }

    /// Sends a card into the tray, if the machine holds one that it can still move.
    pub(super) fn reject(&mut self, count: u32) -> Result<(), Stop> {
        let seen = self.seen()?;
        if !crate::diag::machine::holds_card(&seen.sensors) {
            return Ok(());
        }
        self.show(
            (
                "カードを不良箱に送っています",
                "Sending the card into the tray",
            ),
            Some(95),
        );
        // Tried before, it would not move again under that name.
        let step = card::reject();
        let last = seen
            .last_motion
            .filter(|id| (id.card, id.step) == (count, step.code));
        let attempt = last.map_or(0, |id| id.attempt.wrapping_add(1));
        self.motion(&step, count, attempt).map(|_| ())
    }

    /// A card that no job owns leaves the machine: into the tray, or it was bagged by hand.
    pub(super) fn clear(&mut self, bagged: bool, by: By) -> Result<Report, Stop> {
        let seen = self.seen()?;
        let inside = crate::diag::machine::holds_card(&seen.sensors);
        let words = ("機械の中のカード", "Card in the machine");
        let report = Report::of(
            "clear",
            vec![Reading::new("card", words, Value::Flag(inside))],
        );
        if !inside || bagged {
            self.settle_service()?;
            self.without_card(&seen)?;
            return Ok(report);
        }
        match self.count() {
            // The order that a crash cut short ends with its card in the tray.
            Some(count) => {
                self.reject(count)?;
                self.settle_service()?;
            }
            None => self.between("clear", by, Station::reject)?,
        }
        Ok(report)
    }

    /// The times of test cards made now, and of the last cards made.
    pub(super) fn measure(
        &mut self,
        test_cards: u32,
        last: usize,
        by: &By,
        person: &mut dyn Person,
    ) -> Result<Report, Stop> {
        let entries = self.entries()?;
        let wanted = last.saturating_sub(test_cards as usize);
        let mut all = history::measured(entries.iter().map(|(_, entry)| entry), wanted);
        for _ in 0..test_cards {
            if person.stop_asked() {
                break;
            }
            for (phase, ms) in self.test_card(false, true, by)?.times {
                match all.iter_mut().find(|one| one.phase == phase) {
                    Some(one) => one.ms.push(ms),
                    None => all.push(Measured {
                        phase,
                        ms: vec![ms],
                    }),
                }
            }
        }
        let phases = history::spreads(&all);
        let report = Report::of("calibrate", Vec::new());
        Ok(report.with(Detail::Measured { phases, all }))
    }
}

/// What a step is called while it runs.
fn words(step: &Step) -> (&'static str, &'static str) {
    let phase = step.phase.and_then(view::Words::of);
    phase.map_or(
        ("リボンを送っています", "Winding the ribbon"),
        |words| (words.japanese, words.english),
    )
}

/// The first element of each face that the scanner saw otherwise than it was drawn.
fn compared(faces: &Faces, scan: &Scan) -> (Option<String>, Option<String>) {
    let differs = |elements: &[layouts::ElementBox], drawn: &Bitmap, seen: &[u8]| {
        let Some(seen) = Bitmap::from_packed(SCAN.0, SCAN.1, seen.to_vec()) else {
            return Some("scan".to_owned());
        };
        compare_ir(elements, drawn, &seen)
            .err()
            .map(|differs| differs.element)
    };
    (
        differs(&faces.front_elements, &faces.front_ir, &scan.front_ir),
        differs(&faces.back_elements, &faces.back_ir, &scan.back_ir),
    )
}

/// What the cards came to, the worst of each.
fn told(made: &[Made]) -> Vec<Reading> {
    let mut readings = vec![Reading::count(
        "cards",
        ("テストカード（不良箱へ）", "Test cards, in the tray"),
        made.len() as u64,
    )];
    let chips = made.iter().filter(|one| one.chip == Some(true)).count() as u64;
    let all = made.len() as i64 * 1000;
    let words = ("応答したチップ", "Chips that answered");
    readings.push(Reading::count("chips", words, chips).within(all, all));
    for (name, words, back) in [
        ("front_as_drawn", ("表面の印字", "Front as drawn"), false),
        ("back_as_drawn", ("裏面の印字", "Back as drawn"), true),
    ] {
        let faces = made.iter().filter_map(|one| one.faces.as_ref());
        let mut off = faces.filter_map(|(front, other)| if back { other } else { front }.as_ref());
        let reading = match off.next() {
            Some(element) => Reading::text(name, words, element).judged(false),
            None => Reading::new(name, words, Value::Flag(true)).judged(true),
        };
        readings.push(reading);
    }
    if let Some(white) = made.iter().filter_map(|one| one.white).min() {
        let words = ("スキャナーの白", "Scanner's white");
        readings.push(Reading::count("white", words, white).within(200_000, 255_000));
    }
    readings.extend(phase_readings(made));
    readings
}

/// The middle of each phase's times, in the order of the plan.
fn phase_readings(made: &[Made]) -> Vec<Reading> {
    let Some(first) = made.first() else {
        return Vec::new();
    };
    let reading = |(phase, _): &(String, u32)| {
        let of_phase = made
            .iter()
            .flat_map(|one| &one.times)
            .filter(|(name, _)| name == phase);
        let times: Vec<u32> = of_phase.map(|(_, ms)| *ms).collect();
        let words = view::Words::of(phase)?;
        let middle = i64::from(Spread::of(&times)?.median);
        let english = format!("Time of {phase}");
        let name = format!("phase_{phase}");
        let words = (format!("{} の時間", words.noun), english);
        Some(Reading::new(&name, (&words.0, &words.1), Value::Milli(middle)).unit("s"))
    };
    first.times.iter().filter_map(reading).collect()
}
