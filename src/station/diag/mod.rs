//! Runs a technician's orders: what stands in their way, the journal around whatever moves, and the
//! end of what a crash cut short. No job is open meanwhile; what is told is `diag`'s.

mod card;
mod chip;
mod line;
mod look;
mod papers;

use super::request::{Person, Reply, Stop};
use super::{Station, translate};
use crate::diag::{Access, Ask, Live, Order, Report, machine};
use crate::fault::{By, Code};
use crate::issuance::{Counters, Service, What};
use crate::stock::Bin;

/// What to do about a card that no job owns.
const CLEAR: &str = "station diag clear";

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

    /// The printer's survey, its counters held against the journal first.
    fn seen(&mut self) -> Result<wire::Survey, Stop> {
        let sequence = self.sequence();
        let seen = self.hands()?.printer_survey(sequence);
        seen.map_err(|code| self.stop(code))
    }

    /// A machine with a card in it is given no order that moves.
    fn without_card(&mut self, seen: &wire::Survey) -> Result<(), Stop> {
        if machine::holds_card(&seen.sensors) {
            return Err(self.stop(Code::CardInPath).detailed(CLEAR));
        }
        Ok(())
    }

    /// Work that a crash cut short is over once the machine is empty: what it used is what the
    /// counters show. A card that still lies inside is cleared by a technician first.
    pub(super) fn settle_service(&mut self) -> Result<(), Stop> {
        if self.ledger.service().is_none() {
            return Ok(());
        }
        let seen = self.seen()?;
        self.without_card(&seen)?;
        self.end_service(&seen)
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

    /// The machine is empty: the order that was begun is over.
    fn end_service(&mut self, seen: &wire::Survey) -> Result<(), Stop> {
        let Some(begun) = self.ledger.service() else {
            return Ok(());
        };
        let after = translate::counters(&seen.counters);
        let (blanks, fate) = blanks(&begun.before, &after);
        self.write(What::Service(Service::Ended {
            after,
            blanks,
            fate,
        }))
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

/// Blanks that left the hopper between two readings, and where they are, the machine being empty.
fn blanks(before: &Counters, after: &Counters) -> (u32, Option<Bin>) {
    let rejected = after.rejected.saturating_sub(before.rejected);
    // One that was fed before and rejected now was counted then.
    let fed = after.fed.saturating_sub(before.fed);
    let bin = if rejected >= fed { Bin::Tray } else { Bin::Bag };
    (fed, (fed > 0).then_some(bin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_that_did_not_reach_the_tray_was_taken_out_by_hand() {
        let before = Counters {
            fed: 7,
            rejected: 2,
            ..Counters::default()
        };
        let after = |fed, rejected| Counters {
            fed,
            rejected,
            ..before.clone()
        };
        assert_eq!(blanks(&before, &after(8, 3)), (1, Some(Bin::Tray)));
        assert_eq!(blanks(&before, &after(8, 2)), (1, Some(Bin::Bag)));
        assert_eq!(blanks(&before, &after(7, 2)), (0, None));
        assert_eq!(blanks(&before, &after(7, 3)), (0, None), "an earlier card");
    }
}
