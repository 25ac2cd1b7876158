//! A cut: what is killed or loses its power, and at which instant. The instant is chosen by chance
//! over a command's whole time, or just after one of the records that it writes.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::chance::Chance;
use super::tally::Times;
use crate::rig::{Process, Rig, Said};

/// What ends at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The station's process: SIGKILL.
    Station,
    /// The printer's power.
    Printer,
    /// Station and printer together.
    Both,
    /// The authority's process: SIGKILL.
    Authority,
}

/// When.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// So long after the record that stands at this part of those that it usually writes.
    Record { part: f64, after: Duration },
    /// After this part of the time that such a command usually takes.
    Part(f64),
}

/// One cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    kind: Kind,
    moment: Moment,
    /// How long the mains stay away, at the machine's own speed.
    outage_ms: u64,
}

/// A cut that struck.
#[derive(Debug)]
pub(super) struct Struck {
    pub(super) kind: Kind,
    /// The newest record that the command had written.
    pub(super) phase: String,
}

impl Cut {
    /// A cut of any kind at any instant.
    pub(super) fn by(chance: &mut Chance) -> Cut {
        let kind = match chance.below(100) {
            0..55 => Kind::Station,
            55..75 => Kind::Printer,
            75..92 => Kind::Both,
            _ => Kind::Authority,
        };
        let moment = if chance.percent(50) {
            Moment::Part(chance.part())
        } else {
            Moment::Record {
                part: chance.part(),
                after: Duration::from_micros(chance.below(25_000)),
            }
        };
        Cut {
            kind,
            moment,
            outage_ms: 200 + chance.below(6_000),
        }
    }

    /// Waits for the instant. False: the command ended before it came.
    fn comes(&self, station: &Process, (usually, records): (Duration, usize)) -> bool {
        let now = Instant::now();
        match self.moment {
            Moment::Part(part) => station.runs_until(None, now + usually.mul_f64(part)),
            Moment::Record { part, after } => {
                let nth = 1 + (records as f64 * part) as usize;
                station.runs_until(Some(nth), now + crate::rig::PATIENCE)
                    && station.runs_until(None, Instant::now() + after)
            }
        }
    }
}

/// Runs a command of the station by these persons, and cuts if there is a cut for it.
pub(super) fn run(
    rig: &Rig,
    line: &str,
    by: &[(&str, &str)],
    cut: Option<Cut>,
    times: &Times,
) -> (Said, Option<Struck>) {
    let began = Instant::now();
    let verb = line.split(' ').next().unwrap_or_default();
    let station = rig.station_runs(line, by);
    let Some(cut) = cut.filter(|cut| cut.comes(&station, times.usually(verb))) else {
        let said = rig.hear(station.wait());
        let records = said.err.lines().filter_map(crate::rig::journalled).count();
        times.took(verb, began.elapsed(), records);
        return (said, None);
    };
    let mains = || rig.control(&format!("power-cut --for {}", cut.outage_ms));
    let ended = match cut.kind {
        Kind::Station => station.kill(),
        Kind::Printer => {
            mains();
            station.wait()
        }
        Kind::Both => {
            station.signal(Signal::SIGKILL);
            mains();
            station.kill()
        }
        Kind::Authority => {
            rig.kill_authority();
            let ended = station.wait();
            rig.start_authority();
            ended
        }
    };
    let said = rig.hear(ended);
    let phase = newest_record(&said.err);
    (
        said,
        Some(Struck {
            kind: cut.kind,
            phase,
        }),
    )
}

/// The newest record that a log tells of, without quotes and braces.
fn newest_record(log: &str) -> String {
    match log.lines().rev().find_map(crate::rig::journalled) {
        None => "before the command's first record".to_owned(),
        Some("") => "a record of no issuance".to_owned(),
        Some(record) => record.replace(['{', '}', '"'], ""),
    }
}
