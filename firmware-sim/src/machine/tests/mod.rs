//! The machine in virtual time: whole cards, cuts everywhere, faults.

mod each;
mod faults;
mod service;
mod steer;

use super::panels::WINDOW;
use super::*;
use wire::message::Manifest;
use wire::raster::{Entry, Shape, encode_band, fragments};
use wire::{BoxMm100, Face, Flipper, MotionAnswer, Zone};

/// The motions of one card with all panels, in order.
const PLAN: [Motion; 13] = [
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

fn raster(panel: Panel, rows: u16, ink: impl Fn(usize, usize) -> bool) -> (Entry, Vec<u8>) {
    let dots = (u32::from(rows) * 648 / 1016) as u16;
    let shape = Shape::new(rows, dots, panel.bits()).unwrap();
    let mut packed = vec![0; shape.bytes()];
    for row in 0..usize::from(rows) {
        for dot in 0..usize::from(dots) {
            if ink(row, dot) {
                match panel.bits() {
                    8 => packed[row * shape.row_bytes() + dot] = 200,
                    _ => packed[row * shape.row_bytes() + dot / 8] |= 0x80 >> (dot % 8),
                }
            }
        }
    }
    (
        Entry {
            panel,
            shape,
            digest: sha256(&packed),
        },
        packed,
    )
}

/// A block of ink on each panel, 40 × 100 dots of 300 dpi.
fn blocks(rows: u16, shift: usize) -> Vec<(Entry, Vec<u8>)> {
    let coarse = 1016 / usize::from(rows);
    let block = move |panel: Panel| {
        raster(panel, rows, move |row, dot| {
            let at = 100 + 60 * panel.index() + shift;
            (at..at + 40).contains(&(row * coarse)) && (200..300).contains(&(dot * coarse))
        })
    };
    Panel::ALL.map(block).to_vec()
}

/// Coarse panels, for what does not look at them closely.
fn panels(shift: usize) -> Vec<(Entry, Vec<u8>)> {
    blocks(127, shift * 16)
}

struct Bench {
    machine: Machine,
    now: Duration,
    sequence: u64,
    step: u8,
    card: u32,
    seen: Vec<Effect>,
}

impl Bench {
    fn new(scenario: &str) -> Bench {
        let scenario = Scenario::parse(scenario, std::path::Path::new("s.toml")).unwrap();
        let setup = Setup {
            scenario,
            ..Setup::default()
        };
        let blanks = (1..=4).map(|place| Blank {
            place,
            serial: format!("{place:020X}"),
        });
        let kept = Nonvolatile::factory();
        let machine = Machine::new(setup, kept, blanks.collect(), None, Duration::ZERO);
        let now = Duration::ZERO;
        Bench {
            machine,
            now,
            sequence: 0,
            step: 0,
            card: 1,
            seen: Vec::new(),
        }
    }

    fn loaded(scenario: &str) -> Bench {
        let mut bench = Bench::new(scenario);
        bench.load(&panels(0));
        bench
    }

    fn name(&mut self, panels: &[(Entry, Vec<u8>)]) -> Result<(), Condition> {
        let panels = panels.iter().map(|(entry, _)| *entry).collect();
        let (card, boot) = (self.card, self.machine.boot());
        self.machine
            .manifest(&Manifest { card, boot, panels }, self.now)
    }

    fn stream(&mut self, panels: &[(Entry, Vec<u8>)]) {
        for (entry, packed) in panels {
            for band in 0..entry.shape.bands() {
                let encoded = encode_band(&entry.shape, packed, band).unwrap();
                for fragment in fragments(entry.digest.key(), band, &encoded) {
                    self.machine.band(&fragment);
                }
            }
        }
    }

    fn load(&mut self, panels: &[(Entry, Vec<u8>)]) {
        self.name(panels).unwrap();
        self.stream(panels);
    }

    fn id(&mut self) -> MotionId {
        self.step += 1;
        MotionId {
            card: self.card,
            step: self.step,
            attempt: 1,
        }
    }

    fn begin(&mut self, motion: Motion) -> (MotionId, MotionAnswer) {
        let id = self.id();
        self.sequence += 1;
        let boot = self.machine.boot();
        let answer = self
            .machine
            .begin(id, motion, self.sequence, boot, self.now);
        (id, answer)
    }

    fn pass_time(&mut self, until: Duration) {
        while let Some(next) = self.machine.next_at().filter(|next| *next <= until) {
            self.now = next;
            self.machine.poll(next);
            let effects = self.machine.effects();
            self.seen.extend(effects);
        }
        self.now = until.max(self.now);
        self.machine.poll(self.now);
        let effects = self.machine.effects();
        self.seen.extend(effects);
    }

    /// Performs to the end: the condition unless done, and the time.
    fn perform(&mut self, motion: Motion) -> Result<u32, Condition> {
        let (id, answer) = self.begin(motion);
        if let MotionAnswer::Refused(condition) = answer {
            return Err(condition);
        }
        while let Some(next) = self.machine.next_at() {
            self.pass_time(next);
        }
        self.end_of(id).expect("an accepted motion ends")
    }

    fn end_of(&self, id: MotionId) -> Option<Result<u32, Condition>> {
        self.seen.iter().rev().find_map(|effect| {
            let Effect::Ended(ended, result) = effect else {
                return None;
            };
            (*ended == id).then_some(match **result {
                MotionResult::Done { elapsed_ms, .. } => Ok(elapsed_ms),
                MotionResult::Failed { condition, .. } => Err(condition),
            })
        })
    }

    fn up_to(&mut self, last: Motion) {
        for motion in PLAN {
            self.perform(motion).unwrap();
            if motion == last {
                return;
            }
        }
    }

    fn next_card(&mut self) {
        self.card += 1;
        self.step = 0;
    }

    fn departed(&self) -> &Departed {
        let left = self.seen.iter().rev().find_map(|effect| {
            let Effect::Left(departed) = effect else {
                return None;
            };
            Some(departed)
        });
        left.expect("a card left")
    }
}

#[test]
fn a_card_goes_through_all_stations_in_the_time_of_the_table() {
    let mut bench = Bench::loaded("");
    let times = Times::default();
    let mut sum = 0;
    for motion in PLAN {
        let took = bench.perform(motion).unwrap();
        if !matches!(motion, Motion::SeekRibbon(_)) {
            assert_eq!(took, times.critical_ms(motion), "{motion:?}");
            sum += took;
        }
    }
    assert!(bench.machine.survey(None, bench.now).sensors.exit);
    bench.perform(Motion::Release).unwrap();
    let counters = bench.machine.kept().counters;
    assert_eq!(
        (
            counters.fed,
            counters.ejected,
            counters.taken,
            counters.flips
        ),
        (1, 1, 1, 1)
    );
    assert_eq!((counters.begun, counters.completed), ([1; 7], [1; 7]));
    let Departed { card, truth } = bench.departed();
    assert_eq!(
        (truth.fate, truth.times.motions_ms, card.patch),
        (Fate::Taken, sum.into(), true)
    );
    for (layer, (entry, packed)) in card.layers.iter().zip(panels(0)) {
        assert_eq!(
            (layer.panel, layer.rows.as_slice()),
            (entry.panel, packed.as_slice())
        );
    }
    assert!(card.on(Face::Back).all(|layer| layer.panel == Panel::BackK));
}

#[test]
fn wherever_power_is_cut_the_counters_enclose_the_dots() {
    for at in 0..PLAN.len() {
        for part in 0..=40u32 {
            let mut bench = Bench::loaded("");
            for motion in &PLAN[..at] {
                bench.perform(*motion).unwrap();
            }
            let before = bench.machine.kept().counters;
            bench.begin(PLAN[at]);
            let length = Times::default().critical_ms(PLAN[at]).max(600);
            let cut = bench.now + Duration::from_millis(u64::from(length * part / 40));
            bench.pass_time(cut);
            bench.machine.power_cut(bench.now);
            let after = bench.machine.kept().counters;
            check_witnesses(&bench, PLAN[at], &before, &after);
            bench.pass_time(bench.now + Duration::from_secs(10));
            assert_eq!(bench.machine.boot(), before.power_ons + 1);
        }
    }
}

fn check_witnesses(bench: &Bench, motion: Motion, before: &wire::Counters, after: &wire::Counters) {
    let card = bench.machine.card();
    match motion {
        Motion::Pass(panel) => {
            let begun = after.begun[panel.index()] > before.begun[panel.index()];
            let completed = after.completed[panel.index()] > before.completed[panel.index()];
            let layer = card.and_then(|card| card.layers.iter().find(|at| at.panel == panel));
            let burned = layer.map_or(0, |layer| layer.burned);
            assert!(begun || burned == 0, "dots without begun");
            assert!(!completed || layer.is_some_and(|layer| burned == layer.shape.rows()));
        }
        Motion::Feed => {
            let place = card.map(|card| card.place);
            assert!(after.fed == before.fed || place == Some(Place::Encoder));
        }
        Motion::Flip => {
            let seated = card
                .is_some_and(|card| (card.place, card.face_up) == (Place::Flipper, Face::Front));
            assert_eq!(after.flips > before.flips, seated);
        }
        Motion::Hologram => {
            let patch = card.is_some_and(|card| card.patch);
            assert!(!patch || after.patches_begun > before.patches_begun);
            assert!(patch || after.patches_completed == before.patches_completed);
        }
        Motion::Eject => {
            let at_exit = card.is_some_and(|card| card.place == Place::Exit);
            assert_eq!(after.ejected > before.ejected, at_exit);
        }
        Motion::SeekRibbon(_) | Motion::Check | Motion::Release | Motion::Reject => {}
    }
}

#[test]
fn a_repeated_motion_gives_its_answer_and_never_moves_again() {
    let mut bench = Bench::loaded("");
    let (id, _) = bench.begin(Motion::Feed);
    bench.pass_time(Duration::from_secs(5));
    let fed = bench.machine.kept().counters;
    let boot = bench.machine.boot();
    for _ in 0..3 {
        let again = bench
            .machine
            .begin(id, Motion::Feed, bench.sequence, boot, bench.now);
        assert_eq!(again, MotionAnswer::Accepted);
        bench.pass_time(bench.now + Duration::from_secs(5));
    }
    assert_eq!(bench.machine.kept().counters, fed);
    assert_eq!(
        bench
            .seen
            .iter()
            .filter(|e| matches!(e, Effect::Ended(at, _) if *at == id))
            .count(),
        4
    );
    bench.machine.power_cut(bench.now);
    bench.pass_time(bench.now + Duration::from_secs(10));
    let boot = bench.machine.boot();
    bench
        .machine
        .begin(id, Motion::Feed, bench.sequence, boot, bench.now);
    bench.pass_time(bench.now + Duration::from_secs(5));
    assert_eq!(
        bench.end_of(id),
        Some(Ok(2_200)),
        "the stored end outlives the power"
    );
    assert_eq!(bench.machine.kept().counters.fed, fed.fed);
}

#[test]
fn a_motion_cut_by_power_repeated_tells_so_and_does_not_move() {
    let mut bench =
        Bench::loaded("[[fault]]\ncard = 1\nwhat = \"power-cut\"\nstep = \"feed\"\nat = 0.5\n");
    let (id, _) = bench.begin(Motion::Feed);
    bench.pass_time(Duration::from_secs(20));
    assert_eq!(bench.end_of(id), None);
    let boot = bench.machine.boot();
    bench
        .machine
        .begin(id, Motion::Feed, bench.sequence, boot, bench.now);
    bench.pass_time(bench.now + Duration::from_secs(20));
    assert_eq!(bench.end_of(id), Some(Err(Condition::PowerLost)));
    assert_eq!(bench.machine.kept().counters.fed, 0);
}

#[test]
fn a_stale_boot_and_a_stale_journal_are_refused_without_moving() {
    let mut bench = Bench::loaded("");
    bench.machine.survey(Some(100), bench.now);
    let boot = bench.machine.boot();
    let begin = |bench: &mut Bench, sequence, boot| {
        let id = bench.id();
        bench
            .machine
            .begin(id, Motion::Feed, sequence, boot, bench.now)
    };
    let refused = MotionAnswer::Refused;
    assert_eq!(
        begin(&mut bench, 100, boot + 1),
        refused(Condition::StaleBoot)
    );
    assert_eq!(
        begin(&mut bench, 99, boot),
        refused(Condition::StaleSequence)
    );
    bench.pass_time(Duration::from_secs(10));
    assert!(bench.machine.card().is_none());
    assert_eq!(begin(&mut bench, 100, boot), MotionAnswer::Accepted);
}

#[test]
fn the_scan_sees_a_swapped_glyph_and_no_dye() {
    let glyph = |row: usize, dot: usize| (500..520).contains(&row) && (300..330).contains(&dot);
    let text = |row: usize, dot: usize| (100..900).contains(&row) && row % 40 < 20 && dot % 64 < 30;
    let scan = |swapped: bool| {
        let mut bench = Bench::new("");
        let mut all = blocks(1016, 0);
        all[Panel::K.index()] = raster(Panel::K, 1016, |row, dot| {
            text(row, dot) != (swapped && glyph(row, dot))
        });
        bench.load(&all);
        bench.up_to(Motion::Check);
        bench.machine.scan(None).unwrap().unwrap()
    };
    let (good, bad) = (scan(false), scan(true));
    let differing: u32 = good
        .front_ir
        .iter()
        .zip(&bad.front_ir)
        .map(|(a, b)| (a ^ b).count_ones())
        .sum();
    let expected = 20.0 * 30.0 / 2.25;
    assert!(
        (f64::from(differing) - expected).abs() < 0.2 * expected,
        "{differing}"
    );
    assert_eq!(good.back_ir, bad.back_ir);
    let ink: u32 = good.back_ir.iter().map(|byte| byte.count_ones()).sum();
    assert!(
        (1_600..=1_950).contains(&ink),
        "40 × 100 dots at 200 dpi: {ink}"
    );
}

#[test]
fn the_photo_box_darkens_where_dye_lies() {
    let mut bench = Bench::new("");
    bench.load(&blocks(1016, 0));
    bench.up_to(Motion::Check);
    let area = BoxMm100 {
        x_mm100: 0,
        y_mm100: 0,
        w_mm100: 8_500,
        h_mm100: 5_300,
    };
    let photo = bench
        .machine
        .scan(Some(area))
        .unwrap()
        .unwrap()
        .photo
        .clone()
        .unwrap();
    assert_eq!((photo.w_px, photo.h_px), (335, 209));
    let pixel = |row: usize, dot: usize| photo.pixels[(dot - 5) / 3 * 335 + (row - 2) / 3];
    assert!(
        pixel(300, 250) < 190,
        "magenta lies there: {}",
        pixel(300, 250)
    );
    assert!(pixel(300, 500) > 230);
    let outside = BoxMm100 {
        x_mm100: 8_000,
        ..area
    };
    assert_eq!(
        bench.machine.scan(Some(outside)),
        Some(Err(Condition::BadParameter))
    );
}
