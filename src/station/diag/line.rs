//! The line at several speeds: the port is opened anew for each, and at its own speed again after.

use super::super::Station;
use super::super::request::Stop;
use crate::config;
use crate::diag::line::{AtSpeed, Measured};
use crate::diag::{Detail, Reading, Report, Value};
use printer::{Error, Place, Printer};

impl Station<'_> {
    pub(super) fn line(
        &mut self,
        probes: u32,
        bytes: usize,
        bauds: &[u32],
    ) -> Result<Report, Stop> {
        // Also sees to it that this printer and this journal belong together.
        self.seen()?;
        let own = [self.config.printer.baud];
        let bauds = if bauds.is_empty() { &own[..] } else { bauds };
        // One process holds a port once.
        self.hands = None;
        let mut speeds = Vec::new();
        for (done, baud) in bauds.iter().enumerate() {
            let words = (
                format!("{baud} bit/s を調べています"),
                format!("Probing {baud} bit/s"),
            );
            let percent = (done * 100 / bauds.len()) as u8;
            self.show((&words.0, &words.1), Some(percent));
            speeds.push(self.probed(*baud, probes, bytes)?);
        }
        self.seen()?;
        let readings = speeds.iter().map(judged).collect();
        Ok(Report::of("line", readings).with(Detail::Speeds(speeds)))
    }

    fn probed(&mut self, baud: u32, probes: u32, bytes: usize) -> Result<AtSpeed, Stop> {
        let config::Printer { port, serial, .. } = self.config.printer.clone();
        let printer = match Printer::find(Place { port, serial }, baud) {
            Ok(printer) => printer,
            // Nobody answers at this speed: that is a finding.
            Err(Error::Silent { .. } | Error::Garbled { .. } | Error::NotAPrinter) => {
                return Ok(AtSpeed {
                    baud,
                    measured: None,
                });
            }
            Err(error) => return Err(self.failed(&error)),
        };
        let measured = match printer.probe_line(probes, bytes) {
            Ok(quality) => Some(Measured::of(&quality)),
            Err(Error::Silent { .. } | Error::Garbled { .. } | Error::NotUnderstood { .. }) => None,
            Err(error) => return Err(self.failed(&error)),
        };
        Ok(AtSpeed { baud, measured })
    }
}

/// One speed as a reading: lost probes in a million.
fn judged(at: &AtSpeed) -> Reading {
    let words = (
        format!("{} bit/s の損失", at.baud),
        format!("Lost at {} bit/s", at.baud),
    );
    let name = format!("lost_at_{}", at.baud);
    match &at.measured {
        None => Reading::new(&name, (&words.0, &words.1), Value::Absent),
        Some(measured) => Reading::count(&name, (&words.0, &words.1), measured.lost_per_million)
            .unit("ppm")
            .judged(measured.is_good()),
    }
}
