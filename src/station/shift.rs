//! Counts held against books and printer, and the shift that closes on one; its report, read from
//! the journal alone. Moves nothing.

use super::checklist::serial;
use super::request::{Reply, Stop};
use super::seams::{Chain as _, Records as _, World};
use super::supplies::{Told, tag_of};
use super::{Station, shift_report, stopped, translate};
use crate::fault::{By, Code, TwoPersons};
use crate::issuance::{Counters, What};
use crate::record::{ClosedShift, Paper};
use crate::stock::{Count, Event, Readings, Reason, Shift, Supply};
use wire::Supplies;

/// What books and printer say to a count.
struct Held {
    readings: Readings,
    counters: Counters,
}

impl<W: World> Station<'_, W> {
    /// How a count compares; nothing is written.
    pub(super) fn compare(&mut self, count: &Count) -> Result<Told, Stop> {
        let held = self.hold_count()?;
        Ok(Told::Counted {
            count: self.ledger.stock().compare(count, &held.readings),
            settled: false,
        })
    }

    /// Holds a count against books and printer; what comes out, or is signed with its reason,
    /// is journalled.
    pub(super) fn reconcile(
        &mut self,
        count: Count,
        reason: Option<Reason>,
        by: By,
    ) -> Result<Told, Stop> {
        let Held { readings, counters } = self.hold_count()?;
        let compared = self.ledger.stock().compare(&count, &readings);
        let signed = by.supervised() && reason.is_some();
        if !compared.comes_out() && !signed {
            return Ok(Told::Counted {
                count: compared,
                settled: false,
            });
        }
        let worked = !readings.counters.is_empty();
        let differences = compared.differences();
        self.enter(Event::Reconciled {
            count,
            readings,
            differences,
            reason: reason.filter(|_| !compared.comes_out()),
            by,
        })?;
        if worked {
            self.write(What::Counted { counters })?;
        }
        Ok(Told::Counted {
            count: compared,
            settled: true,
        })
    }

    /// Closes the shift on a count. One that differs without a reason closes nothing.
    pub(super) fn close_shift(
        &mut self,
        count: Count,
        reason: Option<Reason>,
        by: TwoPersons,
    ) -> Result<Told, Stop> {
        let told = self.reconcile(count, reason, By::Two(by.clone()))?;
        let Told::Counted {
            count,
            settled: true,
        } = told
        else {
            return Ok(told);
        };
        let (number, from) = self.ledger.stock().open_shift();
        let shift = Shift {
            number,
            from,
            to: self.sequence(),
            terms: self.ledger.stock().terms(),
            by,
        };
        self.enter(Event::ShiftClosed(shift.clone()))?;
        self.leave_checkpoint();
        let closed = self.closed_shift(Some(number))?;
        let report = closed.and_then(|closed| self.world.keep(self.config, &Paper::Shift(&closed)));
        Ok(Told::ShiftClosed {
            shift: Box::new(shift),
            count: Box::new(count),
            report,
        })
    }

    /// The report of a closed shift; without a number that of the last one.
    pub(super) fn shift_of(&mut self, number: Option<u32>) -> Result<Reply, Stop> {
        Ok(Reply::Shift(self.closed_shift(number)?.map(Box::new)))
    }

    fn closed_shift(&self, number: Option<u32>) -> Result<Option<ClosedShift>, Stop> {
        let Some(last) = self.ledger.stock().shift() else {
            return Ok(None);
        };
        let records = self
            .journal
            .replay()
            .map_err(|error| stopped(&error, Code::JournalDamaged))?;
        let hash = |at| {
            let hash = self.journal.hash_at(at).ok().flatten();
            hash.map(|hash| hex::encode(hash.0))
        };
        let number = number.unwrap_or(last.number);
        Ok(shift_report::of(number, &records, self.config, hash))
    }

    /// What the printer says beside a count: no job is open, no card is inside, and what a
    /// technician's order used is booked.
    fn hold_count(&mut self) -> Result<Held, Stop> {
        if self.ledger.open().is_some() {
            return Err(self.stop(Code::JobOpen));
        }
        self.settle_service()?;
        let seen = self.printer_shows()?;
        if !translate::sensors(&seen.sensors).empty() {
            return Err(Stop::plain(Code::CardInPath));
        }
        let counters = translate::counters(&seen.counters);
        Ok(Held {
            readings: self.readings(&seen.supplies, &counters),
            counters,
        })
    }

    fn readings(&self, supplies: &Supplies, seen: &Counters) -> Readings {
        let stock = self.ledger.stock();
        let left = |supply| {
            let recorded = stock.film(supply)?.roll()?;
            let tag = tag_of(supplies, supply)?;
            (serial(tag) == recorded.serial).then_some(tag.remaining)
        };
        let expected = self.ledger.expected();
        Readings {
            sets: left(Supply::Ribbon),
            patches: left(Supply::Patches),
            counters: expected.map_or_else(Vec::new, |expected| expected.other_work(seen)),
        }
    }
}
