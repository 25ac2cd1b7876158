//! A card's forty seconds in virtual time: made of the simulator's own machine, the real panels,
//! the real talk with the chip and the station's order, so that ten thousand cards take seconds.
//! The budget's benchmark and its test share it; it opens no port and reads no clock.

pub(crate) mod chance;
pub(crate) mod line;
pub(crate) mod mechanics;
pub(crate) mod order;
pub(crate) mod sum;
pub(crate) mod talk;

use card_station::prepare::{Kit, Prepared, prepare};
use chance::Chance;
use chip::Files;
use firmware_sim::machine::Setup;
use firmware_sim::vpcd::AirTime;
use line::{Line, Profile};
use mechanics::{Mechanics, Workshop};
use order::Costs;
use printer::{Encoded, PanelRaster};
use std::time::Duration;
use sum::{Odds, Sum};
use talk::Talk;
use wire::apdu::Length;

use super::samples;

/// The contract.
pub(crate) const LIMIT: Duration = Duration::from_secs(40);
/// The sample whose photo and text weigh most on the line.
pub(crate) const SAMPLE: &str = "2-extension";
/// The bit rate that the simulated antennas have by default.
pub(crate) const SLOWEST: u32 = 106_000;

/// What the computer and its neighbours take: medians of the cards that were made in real time.
pub(crate) const COSTS: Costs = Costs {
    record: Duration::from_millis(4),
    keys: Duration::from_millis(60),
    compare: Duration::from_millis(25),
};

/// The sample card as it is prepared and encoded for the line.
pub(crate) struct Sample {
    prepared: Prepared,
    /// The files as they lie in the chip, a signature's length included.
    pub(crate) files: Files,
}

impl Sample {
    pub(crate) fn at(dpi: u32) -> Sample {
        let kit: Kit = samples::load(dpi);
        let (job, photo) = samples::granted(SAMPLE);
        let prepared = prepare(&job, photo.as_deref(), &kit).expect("prepares");
        let files = prepared
            .signed(&[0xA5; 256], &[0x30; 900])
            .expect("has a photo");
        Sample { prepared, files }
    }

    pub(crate) fn panels(&self) -> Vec<Encoded> {
        let encoded = |panel: &layouts::PanelImage| {
            Encoded::of(&PanelRaster {
                panel: on_wire(panel.panel),
                rows: panel.rows,
                dots: panel.dots,
                bits: panel.bits,
                packed: panel.packed.clone(),
            })
        };
        let panels = self.prepared.faces.panels.iter().map(encoded);
        panels
            .collect::<Result<_, _>>()
            .expect("panels of their shape")
    }
}

fn on_wire(panel: layouts::Panel) -> wire::Panel {
    match panel {
        layouts::Panel::BackK => wire::Panel::BackK,
        layouts::Panel::Y => wire::Panel::Y,
        layouts::Panel::M => wire::Panel::M,
        layouts::Panel::C => wire::Panel::C,
        layouts::Panel::K => wire::Panel::K,
        layouts::Panel::Uv => wire::Panel::Uv,
        layouts::Panel::Pearl => wire::Panel::Pearl,
    }
}

/// Bytes of a panel's encoded bands.
pub(crate) fn weight(panel: &Encoded) -> usize {
    panel.weight()
}

/// How station and chip talk.
pub(crate) struct Antenna {
    pub(crate) talk: Talk,
    pub(crate) air: AirTime,
}

impl Antenna {
    pub(crate) fn new(files: &Files, length: Length, bit_rate: u32) -> Antenna {
        Antenna {
            talk: Talk::of(files, length),
            air: AirTime {
                speed: 1.0,
                bit_rate,
            },
        }
    }
}

/// One card over the exact line, nothing going wrong: its time, and what the line adds.
pub(crate) fn exact(sample: &Sample, antenna: &Antenna, baud: u32) -> (Duration, Profile) {
    let mut line = Line::new(Setup::default(), baud, sample.panels());
    let chip = antenna
        .talk
        .times(&antenna.air, &Odds::NONE, &mut Chance::of(0));
    let took = order::make(&mut line, &chip, &COSTS);
    (took, line.profile())
}

/// The same card as a sum.
pub(crate) fn summed(mechanics: &Mechanics, profile: &Profile, antenna: &Antenna) -> Duration {
    let chip = antenna
        .talk
        .times(&antenna.air, &Odds::NONE, &mut Chance::of(0));
    let mut card = Sum::new(mechanics, profile, &Odds::NONE, Chance::of(0));
    order::make(&mut card, &chip, &COSTS)
}

/// The mechanics of so many cards, with the machine's own jitter.
pub(crate) fn mechanics(cards: usize, odds: &Odds, seed: u64) -> Vec<Mechanics> {
    let mut workshop = Workshop::new(Setup {
        jitter_percent: odds.jitter_percent,
        seed,
        ..Setup::default()
    });
    (0..cards).map(|_| workshop.card()).collect()
}

/// What ten thousand cards took, the shortest first.
pub(crate) fn many(
    mechanics: &[Mechanics],
    profile: &Profile,
    antenna: &Antenna,
    odds: &Odds,
    seed: u64,
) -> Vec<Duration> {
    let one = |(at, mechanics): (usize, &Mechanics)| {
        // The same card has the same luck at every speed, so that columns can be compared.
        let mut chance = Chance::of(seed ^ (at as u64).wrapping_mul(0xD134_2543_DE82_EF95));
        let chip = antenna.talk.times(&antenna.air, odds, &mut chance);
        let mut costs = COSTS;
        if chance.hits(odds.keys_slow) {
            costs.keys += chance.tail(odds.keys_tail);
        }
        let mut card = Sum::new(mechanics, profile, odds, chance);
        order::make(&mut card, &chip, &costs)
    };
    let mut took: Vec<Duration> = mechanics.iter().enumerate().map(one).collect();
    took.sort_unstable();
    took
}

/// What this share of the cards did not exceed.
pub(crate) fn percentile(sorted: &[Duration], percent: f64) -> Duration {
    let rank = (sorted.len() as f64 * percent / 100.0).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

/// The share of cards within the limit, in percent.
pub(crate) fn within(sorted: &[Duration]) -> f64 {
    let within = sorted.iter().filter(|took| **took <= LIMIT).count();
    100.0 * within as f64 / sorted.len() as f64
}
