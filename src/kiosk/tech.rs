//! What a technician orders on the screens and what came of it. Only while no job is open; holds
//! nothing of a holder and moves nothing itself.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;

use super::house::House;
use crate::diag::history::Filter;
use crate::diag::{Ask, Detail, Motor, Order, Report, bundle};
use crate::fault::Signed;
use crate::station::request::{Reply, Request, Stop};

/// Exchanges of each kind with a chip, probes of the line: enough to see a bad one in seconds.
const ROUNDS: u32 = 50;
const PROBE_BYTES: usize = 256;
/// How many of the last cards count for the times.
const LAST: usize = 50;
/// Steps of a motor at one touch.
const STEPS: i16 = 50;
/// Watching ends by itself after so many looks, four a second.
pub(super) const LOOKS: u32 = 4 * 120;

/// What a technician ordered.
#[derive(Default)]
pub(super) struct Tech {
    /// The order at hand or the last one, by its name on the screen.
    pub(super) order: Option<&'static str>,
    /// Whether it still runs.
    pub(super) running: bool,
    /// The plan: each phase with its time, in order.
    pub(super) plan: Vec<(&'static str, u32)>,
}

/// Every order by its name on the screen.
pub(super) const NAMES: [&str; 19] = [
    "identity",
    "sensors",
    "counters",
    "supplies",
    "log",
    "history",
    "timing",
    "late",
    "self-test",
    "scanner",
    "line",
    "encoder",
    "desk",
    "test-card",
    "pattern",
    "clean",
    "clear",
    "move",
    "bundle",
];

/// The order of this name, with what else its form says.
pub(super) fn order(name: &str, motor: &str, back: bool) -> Option<(&'static str, Order)> {
    let known = NAMES.into_iter().find(|known| *known == name)?;
    let test_card = |pattern| Order::TestCard {
        pattern,
        patch: false,
        count: 1,
    };
    let order = match known {
        "identity" => Order::Identity,
        "sensors" => Order::Sensors { watch: true },
        "counters" => Order::Counters,
        "supplies" => Order::Supplies,
        "log" => Order::Log {
            from: 1,
            code: None,
        },
        "history" => Order::History(Filter::default()),
        "late" => Order::History(Filter {
            outcome: Some("late".to_owned()),
            ..Filter::default()
        }),
        "timing" => Order::Calibrate {
            test_cards: 0,
            last: LAST,
        },
        "self-test" => Order::SelfTest,
        "scanner" => Order::Scanner,
        "line" => Order::Line {
            probes: ROUNDS,
            bytes: PROBE_BYTES,
            bauds: Vec::new(),
        },
        "encoder" => Order::Encoder { rounds: ROUNDS },
        "desk" => Order::Desk { rounds: ROUNDS },
        "test-card" => test_card(false),
        "pattern" => test_card(true),
        "clean" => Order::Clean,
        "clear" => Order::Clear { bagged: false },
        "move" => Order::Move {
            motor: Motor::ALL.into_iter().find(|one| one.name() == motor)?,
            steps: if back { -STEPS } else { STEPS },
        },
        _ => Order::Bundle,
    };
    Some((known, order))
}

/// The request that it is, by this person.
pub(super) fn request(order: Order, by: &Signed) -> Request {
    Request::Diagnose(Ask {
        order,
        by: by.clone(),
    })
}

/// What the last order came to, if it came to a report.
pub(super) fn report(told: Option<&Result<Reply, Stop>>) -> Option<&Report> {
    match told {
        Some(Ok(Reply::Diagnosed(report))) => Some(report),
        Some(Ok(_) | Err(_)) | None => None,
    }
}

/// The service bundle that was made last, as one file.
pub(super) fn bundle(house: &House) -> Response {
    let at = u64::try_from(Timestamp::now().as_second()).unwrap_or_default();
    let archive = house.read(|state| {
        let Detail::Files(files) = &report(state.told.as_deref())?.detail else {
            return None;
        };
        bundle::archive(files, at).ok()
    });
    let Some(archive) = archive else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"service-bundle.tar\"",
        ),
    ];
    (headers, archive).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Access;

    #[test]
    fn every_name_is_an_order_and_no_other_is() {
        for name in NAMES {
            let (known, order) = order(name, "feeder", false).expect(name);
            assert_eq!(known, name);
            let bundled = matches!(order, Order::Bundle);
            assert_eq!(bundled, name == "bundle", "{name}");
        }
        assert_eq!(order("move", "nothing", false), None);
        assert_eq!(order("issue", "", false), None);
        // Reading times makes no test cards.
        let (_, timing) = order("timing", "", false).expect("an order");
        assert_eq!(timing.access(), Access::Alone);
    }
}
