//! A technician at the true driver and the simulated printer, on the same bad line: each order
//! moves once, refusals and stops arrive as what they are, and both sides count alike.

use wire::Condition;
use wire::service::{Check, Motor, Order, Outcome};

use super::*;

const WIND: Order = Order::Move {
    motor: Motor::RibbonWind,
    steps: -120,
};

impl World {
    fn order(&mut self, order: Order) -> Result<Vec<Check>, Error> {
        let ticket = self.driver.ask(Ask::Order(order), self.now);
        loop {
            let reply = self.outcome(ticket)?;
            if let Reply::Checks(checks) = reply {
                return Ok(checks);
            }
            let told = matches!(reply, Reply::Progress(percent) if percent <= 100);
            assert!(told, "{reply:?}");
        }
    }
}

#[test]
fn each_order_moves_once_however_bad_the_line() {
    for seed in 1..=8 {
        let mut world = World::new(Badness { one_in: 8, seed });
        let orders = [Order::SelfTest, WIND, Order::ScannerCheck, Order::CleanHead];
        for order in orders {
            let checks = world
                .order(order)
                .unwrap_or_else(|e| panic!("seed {seed}: {e}"));
            let passed = |check: &Check| check.outcome == Outcome::Passed;
            assert!(checks.iter().all(passed), "seed {seed}: {checks:?}");
        }
        assert_eq!(world.orders.len(), orders.len(), "seed {seed}");
    }
}

#[test]
fn interlocks_power_and_log_come_through() {
    for seed in 1..=8 {
        let mut world = World::new(Badness { one_in: 8, seed });
        let ticket = world.driver.ask(Ask::Order(Order::CleanHead), world.now);
        world.run(Duration::from_secs(3));
        let feed = Ask::Motion {
            id: MotionId {
                card: 1,
                step: 1,
                attempt: 0,
            },
            motion: Motion::Feed,
            sequence: 1,
        };
        let busy = world.ask(feed);
        assert!(
            matches!(busy, Err(Error::Refused(Condition::Busy))),
            "seed {seed}: {busy:?}"
        );
        let now = world.now;
        world.firmware.steer(now, |machine| machine.power_cut(now));
        let cut = loop {
            match world.outcome(ticket) {
                Ok(Reply::Progress(_)) => {}
                other => break other,
            }
        };
        assert!(matches!(cut, Err(Error::StaleBoot)), "seed {seed}: {cut:?}");
        world.ask(Ask::Survey { sequence: 1 }).unwrap();
        world.firmware.act(Person::OpenCover, world.now);
        let open = world.order(WIND);
        assert!(
            matches!(open, Err(Error::Refused(Condition::CoverOpen))),
            "{open:?}"
        );
        let Ok(Reply::Log(log)) = world.ask(Ask::Log { from: 1 }) else {
            panic!("seed {seed}: no log")
        };
        let lost = log
            .iter()
            .filter(|entry| entry.condition == Condition::PowerLost);
        assert_eq!(
            lost.map(|entry| entry.boot).collect::<Vec<_>>(),
            [2],
            "seed {seed}"
        );
    }
}

#[test]
fn both_sides_count_what_the_line_did() {
    for (one_in, seed) in [(1_000_000, 1), (8, 2), (8, 3)] {
        let mut world = World::new(Badness { one_in, seed });
        let told = world.ask(Ask::Probe {
            probes: 100,
            bytes: 300,
        });
        let Ok(Reply::Quality(quality)) = told else {
            panic!("seed {seed}: {told:?}")
        };
        let lost = quality.lost_out + quality.lost_back;
        assert_eq!(
            (quality.sent, quality.answered),
            (300, 300 - lost),
            "{quality:?}"
        );
        let bad = one_in == 8;
        assert_eq!(
            quality.lost_out > 0 && quality.lost_back > 0,
            bad,
            "{quality:?}"
        );
        assert_eq!(
            quality.damaged_here > 0 && quality.damaged_there > 0,
            bad,
            "{quality:?}"
        );
        // There and back, each with ballast: no echo can come sooner than the line carries.
        let least = 2 * 300 * 10 * 1_000_000 / u64::from(BAUD);
        let soonest = u64::from(quality.rtt_us.first().copied().unwrap_or_default());
        assert!(soonest >= least, "{soonest} < {least} us");
    }
}
