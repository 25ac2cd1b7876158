//! Technicians' requests over good and bad lines, and to a printer that knows none.

use wire::service::{Motor, Order};

use super::peer::technician::{specimen_checks, specimen_log};
use super::*;
use crate::service::LineQuality;

const TURN: Order = Order::Move {
    motor: Motor::Flipper,
    steps: -40,
};

impl Rig {
    /// The progress that was told, and the end.
    fn order(&mut self, order: Order) -> (Vec<u8>, Result<Reply, Error>) {
        let ticket = self.session.ask(Ask::Order(order), self.now);
        let mut told = Vec::new();
        loop {
            match self.outcome(ticket) {
                Ok(Reply::Progress(percent)) => told.push(percent),
                end => return (told, end),
            }
        }
    }

    fn probe(&mut self, probes: u32, bytes: usize) -> LineQuality {
        match self.ask(Ask::Probe { probes, bytes }) {
            Ok(Reply::Quality(quality)) => quality,
            other => panic!("{other:?}"),
        }
    }
}

fn checks_of(end: Result<Reply, Error>) -> Vec<wire::service::Check> {
    let Ok(Reply::Checks(checks)) = end else {
        panic!("{end:?}")
    };
    checks
}

#[test]
fn an_order_is_obeyed_once_however_bad_the_line() {
    for seed in 0..150 {
        let mut rig = Rig::new(seed, 4);
        for order in [Order::SelfTest, TURN] {
            let (_, end) = rig.order(order);
            assert_eq!(checks_of(end), specimen_checks(), "seed {seed}");
        }
        assert_eq!(
            rig.peer.technician.obeyed,
            [Order::SelfTest, TURN],
            "seed {seed}"
        );
    }
}

#[test]
fn progress_comes_as_it_is_made() {
    let mut rig = Rig::new(1, u64::MAX / 8);
    let (told, end) = rig.order(Order::CleanHead);
    assert_eq!(checks_of(end).len(), 41);
    assert_eq!(told.len(), 9);
    assert!(told.is_sorted() && told.iter().all(|percent| *percent <= 100));
    assert!(rig.events().is_empty(), "heartbeats went on");
}

#[test]
fn a_refused_order_and_a_stopped_one_say_which() {
    let mut rig = Rig::new(3, 6);
    rig.peer.technician.refuse = Some(Condition::NotWhereExpected);
    let (_, end) = rig.order(TURN);
    assert!(
        matches!(end, Err(Error::Refused(Condition::NotWhereExpected))),
        "{end:?}"
    );
    assert!(rig.peer.technician.obeyed.is_empty());
    rig.peer.technician.refuse = None;
    rig.peer.technician.stop = Some(Condition::CoverOpened);
    let (_, end) = rig.order(TURN);
    assert!(
        matches!(end, Err(Error::Stopped(Condition::CoverOpened))),
        "{end:?}"
    );
}

#[test]
fn a_power_loss_in_an_order_is_told_and_the_next_waits_for_a_survey() {
    let mut rig = Rig::new(4, u64::MAX / 8);
    let ticket = rig.session.ask(Ask::Order(Order::CleanHead), rig.now);
    rig.run(Duration::from_secs(1));
    rig.peer.lose_power();
    rig.run(Duration::from_secs(1));
    let last = std::iter::from_fn(|| rig.session.outcome())
        .filter(|(of, _)| *of == ticket)
        .last();
    assert!(matches!(last, Some((_, Err(Error::StaleBoot)))), "{last:?}");
    assert!(matches!(rig.order(TURN).1, Err(Error::StaleBoot)));
    rig.ask(Ask::Survey { sequence: 5 }).unwrap();
    assert!(rig.order(TURN).1.is_ok());
    assert_eq!(rig.peer.technician.obeyed, [Order::CleanHead, TURN]);
}

#[test]
fn a_log_of_many_pages_comes_whole_and_in_order() {
    for seed in 0..60 {
        let mut rig = Rig::new(seed, 4);
        rig.peer.technician.log = specimen_log(100);
        for (from, due) in [(0, 0), (1, 0), (150, 49), (200, 99), (201, 100)] {
            match rig.ask(Ask::Log { from }) {
                Ok(Reply::Log(log)) => assert_eq!(log, specimen_log(100)[due..], "seed {seed}"),
                other => panic!("seed {seed}: {other:?}"),
            }
        }
    }
    let mut rig = Rig::new(1, u64::MAX / 8);
    assert!(matches!(rig.ask(Ask::Log { from: 1 }), Ok(Reply::Log(log)) if log.is_empty()));
    rig.peer.technician.log = specimen_log(3);
    rig.peer.technician.log.swap(0, 1);
    assert!(matches!(rig.ask(Ask::Log { from: 1 }), Err(Error::Form(_))));
}

#[test]
fn a_firmware_without_these_messages_is_named_in_three_seconds() {
    let mut rig = Rig::new(2, u64::MAX / 8);
    rig.peer.technician.older = true;
    let asks = [
        (Ask::Order(Order::SelfTest), Asked::Order(Order::SelfTest)),
        (Ask::Log { from: 1 }, Asked::Log),
        (Ask::Identify, Asked::Identity),
        (
            Ask::Probe {
                probes: 5,
                bytes: 9,
            },
            Asked::Probe,
        ),
    ];
    for (ask, due) in asks {
        let begun = rig.now;
        let told = rig.ask(ask);
        let named = matches!(told, Err(Error::NotUnderstood { asked, .. }) if asked == due);
        assert!(named, "{told:?}");
        assert!(rig.now - begun <= Duration::from_secs(4));
    }
    assert!(rig.perform(1, Motion::Feed).is_ok(), "all else goes on");
}

#[test]
fn silence_is_silence_and_no_older_firmware() {
    let mut rig = Rig::new(2, u64::MAX / 8);
    rig.cut = true;
    let told = rig.order(TURN).1;
    assert!(matches!(told, Err(Error::Silent { .. })), "{told:?}");
    let told = rig.ask(Ask::Probe {
        probes: 5,
        bytes: 9,
    });
    assert!(matches!(told, Err(Error::Silent { .. })), "{told:?}");
}

#[test]
fn a_good_line_has_the_throughput_of_its_baud_and_loses_nothing() {
    let mut rig = Rig::new(6, u64::MAX / 8);
    let quality = rig.probe(100, 1_000);
    assert_eq!((quality.sent, quality.answered), (300, 300));
    assert_eq!((quality.damaged_here, quality.damaged_there), (0, 0));
    assert_eq!((quality.rtt_us.len(), quality.baud), (100, BAUD));
    let of_line = f64::from(quality.out_bytes_per_s) / f64::from(BAUD / 10);
    assert!((0.9..=1.0).contains(&of_line), "{quality:?}");
    assert!(rig.events().is_empty(), "heartbeats went on");
    let none = rig.probe(0, 0);
    assert_eq!((none.sent, none.answered, none.rtt_us.len()), (0, 0, 0));
}

#[test]
fn a_bad_line_is_counted_on_both_sides() {
    for seed in 0..20 {
        let mut rig = Rig::new(seed, 8);
        let quality = rig.probe(100, 200);
        assert_eq!(quality.sent, 300, "seed {seed}");
        let lost = quality.sent - quality.answered;
        assert_eq!(lost, quality.lost_out + quality.lost_back, "seed {seed}");
        assert!((10..100).contains(&lost), "seed {seed}: {quality:?}");
        assert!(
            quality.lost_out > 0 && quality.lost_back > 0,
            "seed {seed}: {quality:?}"
        );
        assert!(
            quality.damaged_here > 0 && quality.damaged_there > 0,
            "seed {seed}"
        );
        assert!(quality.rtt_us.is_sorted());
    }
}

#[test]
fn probing_yields_to_raster_and_motions() {
    let mut rig = Rig::new(9, u64::MAX / 8);
    let probing = Ask::Probe {
        probes: 200,
        bytes: 1_000,
    };
    let ticket = rig.session.ask(probing, rig.now);
    let panel = Panel::Uv;
    let packed = (0..81 * 1016)
        .map(|at: u32| (at.wrapping_mul(31) >> 3) as u8)
        .collect();
    let raster = PanelRaster {
        panel,
        rows: 1016,
        dots: 648,
        bits: 1,
        packed,
    };
    rig.load(&[raster]).unwrap();
    let begun = rig.now;
    rig.perform(1, Motion::Pass(panel)).unwrap();
    assert!(
        rig.now - begun < Duration::from_secs(3),
        "{:?}",
        rig.now - begun
    );
    assert!(matches!(rig.outcome(ticket), Ok(Reply::Quality(q)) if q.answered == 600));
    let second = Ask::Probe {
        probes: 1,
        bytes: 1,
    };
    let first = rig.session.ask(second, rig.now);
    let busy = rig.ask(Ask::Probe {
        probes: 1,
        bytes: 1,
    });
    assert!(matches!(busy, Err(Error::Refused(Condition::Busy))));
    assert!(rig.outcome(first).is_ok());
}

#[test]
fn who_it_is_beyond_the_hello() {
    let mut rig = Rig::new(11, 4);
    let told = rig.ask(Ask::Identify);
    assert!(
        matches!(&told, Ok(Reply::Identity(who)) if (who.hours, who.cards) == (8, 9)),
        "{told:?}"
    );
}
