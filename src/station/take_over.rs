//! A printer whose counters or whose memory of journals are not of this station's making:
//! exchanged, or serviced by hand. Two persons take it over; nothing moves.

use super::request::{Reply, Stop};
use super::seams::{Moves as _, Stands as _, World};
use super::{Station, translate};
use crate::fault::{Code, TwoPersons};
use crate::issuance::{Ahead, TakenOver, What};

impl<W: World> Station<'_, W> {
    /// Takes the printer over as it stands: no job open, no card inside, and the authority
    /// knows no newer journal of this station, so that the journal is not an old copy.
    pub(super) fn take_over(&mut self, by: TwoPersons) -> Result<Reply, Stop> {
        if self.ledger.open().is_some() || self.ledger.service().is_some() {
            return Err(self.stop(Code::JobOpen));
        }
        self.meet_authority()?;
        let (sequence, ahead) = (self.sequence(), self.ledger.ahead());
        let cards = self.ledger.next_card() - 1;
        let hands = self.open_hands()?;
        let printer = hands.identity();
        let seen = match hands.printer_survey(sequence) {
            Ok(seen) => seen,
            Err(code) => return Err(self.stop(code)),
        };
        let counters = translate::counters(&seen.counters);
        let newest = seen.newest_sequence + ahead.sequence;
        let last_card = seen.last_motion.map_or(0, |id| id.card);
        if !translate::sensors(&seen.sensors).empty() || seen.underway.is_some() {
            return Err(self.stop(Code::CardInPath));
        }
        let fits = seen.newest_sequence <= sequence
            && last_card <= cards + ahead.cards
            && !self.ledger.contradicts(&counters);
        if fits {
            return Ok(Reply::Fits { printer });
        }
        let taken = TakenOver {
            by,
            printer,
            counters,
            ahead: Ahead {
                sequence: newest.saturating_sub(sequence),
                cards: last_card.saturating_sub(cards),
            },
        };
        // Opened anew by the next request: from now on it speaks with the new numbers.
        self.hands = None;
        self.write(What::TakenOver(taken.clone()))?;
        self.leave_checkpoint();
        Ok(Reply::TakenOver(Box::new(taken)))
    }
}
