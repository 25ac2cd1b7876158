//! The end of a technician's order that a crash cut short, seen from the counters: before the next
//! card, whoever asks for it. The orders themselves are `diag`'s.

use super::request::Stop;
use super::seams::{Moves as _, World};
use super::{Station, translate};
use crate::diag::machine;
use crate::fault::Code;
use crate::issuance::{Counters, Service, What};
use crate::stock::Bin;

/// What to do about a card that no job owns.
pub(super) const CLEAR: &str = "station diag clear";

impl<W: World> Station<'_, W> {
    /// The printer's survey, its counters held against the journal first.
    pub(super) fn seen(&mut self) -> Result<wire::Survey, Stop> {
        let sequence = self.sequence();
        let seen = self.hands()?.printer_survey(sequence);
        seen.map_err(|code| self.stop(code))
    }

    /// A machine with a card in it is given no order that moves.
    pub(super) fn without_card(&mut self, seen: &wire::Survey) -> Result<(), Stop> {
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
