//! The forty seconds in virtual time, in short: `make bench-budget` makes ten thousand cards for
//! each baud, resolution and bit rate, this makes a few hundred and holds the goals.

#[path = "../benches/budget/model/mod.rs"]
#[allow(
    dead_code,
    reason = "the benchmark prints what the tests do not look at"
)]
mod model;
#[path = "../benches/samples/mod.rs"]
mod samples;

use card_station::config::{Budget, LIMIT_MS};
use firmware_sim::machine::Times;
use model::sum::Odds;
use model::{Antenna, LIMIT, SLOWEST, Sample, exact, many, mechanics, percentile, summed};
use std::time::Duration;
use wire::Motion;
use wire::apdu::Length;

const SEED: u64 = 2_011;

fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}

#[test]
fn the_sum_is_the_card_that_driver_and_simulator_make() {
    let calm = mechanics(1, &Odds::NONE, SEED).remove(0);
    let sample = Sample::at(300);
    for (baud, length, rate) in [
        (230_400, Length::Short, SLOWEST),
        (460_800, Length::Short, SLOWEST),
        (921_600, Length::Extended, 848_000),
    ] {
        let antenna = Antenna::new(&sample.files, length, rate);
        let (driven, profile) = exact(&sample, &antenna, baud);
        let summed = summed(&calm, &profile, &antenna);
        let apart = (seconds(summed) - seconds(driven)).abs();
        assert!(apart <= 0.1, "{baud}: {summed:?} for {driven:?}");
    }
}

#[test]
fn ninety_nine_of_a_hundred_cards_keep_the_forty_seconds_at_460800_baud() {
    let sample = Sample::at(300);
    let antenna = Antenna::new(&sample.files, Length::Short, SLOWEST);
    let (_, profile) = exact(&sample, &antenna, 460_800);
    let all = mechanics(300, &Odds::YEAR, SEED);
    let took = many(&all, &profile, &antenna, &Odds::YEAR, SEED);
    assert!(
        percentile(&took, 99.0) < LIMIT,
        "{:?}",
        percentile(&took, 99.0)
    );
    assert_eq!(took, many(&all, &profile, &antenna, &Odds::YEAR, SEED));
}

#[test]
fn from_460800_baud_the_line_adds_nothing_at_either_resolution() {
    for dpi in [300, 600] {
        let sample = Sample::at(dpi);
        let antenna = Antenna::new(&sample.files, Length::Short, SLOWEST);
        let slow = exact(&sample, &antenna, 460_800).0;
        let fast = exact(&sample, &antenna, 3_000_000).0;
        // Control frames are that much longer on the line; no pass waits for its panel.
        assert!(
            seconds(slow) - seconds(fast) < 0.3,
            "{dpi}: {slow:?}, {fast:?}"
        );
    }
}

/// The design's own table: mechanics that nothing can hide, and what the chip was estimated at.
#[test]
fn the_designs_table_of_times_sums_below_the_limit() {
    let times = Times::default();
    let motions = model::order::printing()
        .chain([Motion::Feed, Motion::Check, Motion::Eject])
        .map(|motion| times.critical_ms(motion));
    let chip = 2_600 + 2_200;
    let sum = times.link_check_ms + times.keys_ms + chip + motions.sum::<u32>();
    assert_eq!(sum, 36_300);
    let planned = Budget::default().total_ms();
    assert!(sum <= planned && planned < LIMIT_MS, "{planned}");
}
