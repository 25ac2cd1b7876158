//! What a technician's orders come to at their fullest.

use jiff::Timestamp;

use super::parts::Texts;
use crate::diag::Detail;
use crate::diag::bundle::File;
use crate::diag::history::{Fault, OUTCOMES, PhaseTimes, ZONES};
use crate::diag::machine::Logged;
use crate::diag::statistics::Spread;
use crate::fault::Code;
use crate::issuance::{Cause, Miss, Why};

/// Two pages of the printer's log.
pub(super) fn log(texts: &Texts) -> Vec<Logged> {
    let entry = |number: u64| Logged {
        number,
        boot: 12,
        clock_ms: 3_600_000 * number,
        code: texts.value.clone(),
        card: 1000,
        step: 5,
    };
    (0..20).map(entry).collect()
}

/// One fault of each outcome, two of them late by every cause.
pub(super) fn faults() -> Vec<Fault> {
    let whys = [
        Why::KeysLate,
        Why::FedAgain,
        Why::RasterLate,
        Why::LineResent,
        Why::ChipSlow,
        Why::HeadHot,
        Why::HeaterCold,
        Why::MachineSlow,
        Why::StationSlow,
    ];
    let miss = || Miss {
        phase: "chip_verify".to_owned(),
        planned_ms: 2600,
        actual_ms: 4200,
        causes: whys
            .iter()
            .map(|why| Cause {
                why: *why,
                ms: Some(100),
                times: None,
            })
            .collect(),
    };
    let fault = |at: usize| Fault {
        sequence: 1000 + at as u64,
        at: Timestamp::UNIX_EPOCH,
        code: (!at.is_multiple_of(4)).then_some(Code::NewerPrinter),
        zone: ZONES[at % ZONES.len()],
        outcome: OUTCOMES[at % OUTCOMES.len()],
        late: at.is_multiple_of(4).then(miss),
    };
    (0..20).map(fault).collect()
}

/// Times of every phase of the plan.
pub(super) fn times() -> Detail {
    let plan = super::config().plan();
    let phases = plan.iter().map(|one| PhaseTimes {
        phase: one.phase.to_owned(),
        ms: Spread {
            count: 50,
            min: one.planned_ms / 2,
            median: one.planned_ms,
            p95: one.planned_ms + 400,
            max: one.planned_ms + 900,
        },
    });
    Detail::Measured {
        phases: phases.collect(),
        all: Vec::new(),
    }
}

/// The files of a bundle.
pub(super) fn files(texts: &Texts) -> Vec<File> {
    let file = |_| File {
        name: texts.value.clone(),
        japanese: "印刷機の自己診断と計数（見本）",
        english: "What the printer says of itself and its counters",
        bytes: 123_456,
        text: String::new(),
    };
    (0..9).map(file).collect()
}
