//! Runs a technician's orders: what stands in their way, the journal around whatever moves, and the
//! end of what a crash cut short. No job is open meanwhile; what is told is `diag`'s.

mod card;
mod chip;
mod line;
mod look;
mod papers;

use super::request::{Person, Reply, Stop};
use super::{Station, translate};
use crate::diag::{Access, Ask, Live, Order, Report};
use crate::fault::{By, Code};
use crate::issuance::{Service, What};

impl Station<'_> {
    /// Does one order.
    pub(super) fn diagnose(&mut self, ask: &Ask, person: &mut dyn Person) -> Result<Reply, Stop> {
        let by = By::One(ask.by.clone());
        self.signed = Some(by.clone());
        self.admit(ask.order.access())?;
        let report = match &ask.order {
            Order::Identity => self.identity()?,
            Order::Sensors { watch } => self.sensors(*watch, person)?,
            Order::Counters => self.counters()?,
            Order::Supplies => self.supplies()?,
            Order::Log { from, code } => self.printer_log(*from, code.as_deref())?,
            Order::SelfTest => self.checks("self-test", wire::service::Order::SelfTest, by)?,
            Order::Scanner => self.checks("scanner", wire::service::Order::ScannerCheck, by)?,
            Order::Clean => self.checks("clean-head", wire::service::Order::CleanHead, by)?,
            Order::Move { motor, steps } => {
                let (motor, steps) = (*motor, *steps);
                self.checks("move", wire::service::Order::Move { motor, steps }, by)?
            }
            Order::Encoder { rounds } => self.encoder(*rounds, by)?,
            Order::Desk { rounds } => self.desk_reader(*rounds)?,
            Order::Line {
                probes,
                bytes,
                bauds,
            } => self.line(*probes, *bytes, bauds)?,
            Order::TestCard {
                pattern,
                patch,
                count,
            } => self.test_cards((*pattern, *patch), *count, &by, person)?,
            Order::Calibrate { test_cards, last } => {
                self.measure(*test_cards, *last, &by, person)?
            }
            Order::Bundle => self.bundle()?,
            Order::History(filter) => self.history(filter)?,
            Order::Clear { bagged } => self.clear(*bagged, by)?,
        };
        if ask.order.access() != Access::Looks {
            self.keep(&report);
        }
        Ok(Reply::Diagnosed(Box::new(report)))
    }

    /// What stands in the way of an order.
    fn admit(&mut self, access: Access) -> Result<(), Stop> {
        if access == Access::Looks {
            return Ok(());
        }
        if self.ledger.open().is_some() {
            return Err(self.stop(Code::JobOpen));
        }
        match access {
            Access::Moves => {
                self.settle_service()?;
                let seen = self.seen()?;
                self.without_card(&seen)
            }
            Access::Alone | Access::Clears | Access::Looks => Ok(()),
        }
    }

    /// Does something between a journalled beginning and a journalled end. `work` is given the
    /// count that its motions are named after. With a card left inside the end is not written.
    fn between<T>(
        &mut self,
        order: &str,
        by: By,
        work: impl FnOnce(&mut Self, u32) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let seen = self.seen()?;
        self.write(What::Service(Service::Began {
            order: order.to_owned(),
            by,
            before: translate::counters(&seen.counters),
        }))?;
        let count = self.count().unwrap_or_default();
        let done = work(self, count);
        if let Err(Stop { code: fault, .. }) = done {
            self.write(What::Service(Service::Failed { fault }))?;
        }
        let end = self.settle_service();
        // What stopped the work is told before what it left behind.
        let done = done?;
        end?;
        Ok(done)
    }

    /// What the motions of the order at hand are named after, as the printer counts.
    fn count(&self) -> Option<u32> {
        let begun = self.ledger.service()?;
        Some(begun.count + self.ledger.ahead().cards)
    }

    /// Shows what an order does, and how far it has come.
    fn show(&self, words: (&str, &str), percent: Option<u8>) {
        self.view.show(Live {
            japanese: words.0.to_owned(),
            english: words.1.to_owned(),
            percent,
            readings: Vec::new(),
        });
    }

    /// Keeps the newest report of each test for the next bundle. Losing one costs nothing.
    fn keep(&self, report: &Report) {
        let folder = self.config.station.data_folder.join(papers::RESULTS);
        let file = folder.join(format!("{}.json", report.order));
        let text = serde_json::to_string_pretty(report).unwrap_or_default();
        let kept = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, text));
        if let Err(error) = kept {
            tracing::warn!(%error, order = report.order, "a report was not kept");
        }
    }
}
