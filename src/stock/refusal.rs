//! The rules of the stock: what cannot be so, and who must sign what.

use super::Stock;
use super::blanks::Place;
use super::event::{Event, Roll, Supply};
use super::old::OldState;
use crate::fault::By;

/// Why the stock does not take an act of persons in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Two persons are needed, a supervisor among them.
    #[error("two persons must sign this, one of them a supervisor")]
    NeedsTwo,
    /// A supervisor is needed.
    #[error("a supervisor must sign a count that does not come out")]
    NeedsSupervisor,
    /// A reason is needed.
    #[error("a count that does not come out needs its reason")]
    NeedsReason,
    /// A roll of this kind is recorded as loaded.
    #[error("the roll before it is not recorded as taken out")]
    StillLoaded,
    /// No roll of this kind is recorded as loaded, or not so many blanks.
    #[error("so much of it was never recorded as loaded")]
    NotLoaded,
    /// A roll that was here before.
    #[error("this roll was in the machine before and taken out")]
    Reused,
    /// None, or more than any package holds.
    #[error("nobody loads {0} of it")]
    BadCount(u32),
    /// The persons hold another number than the books say.
    #[error("the books say {expected}, the persons counted {counted}")]
    CountDiffers {
        /// By the books.
        expected: i64,
        /// In the hands.
        counted: u32,
    },
    /// No such card lies there, or it may not be destroyed.
    #[error("card {0} is not among those that wait for destruction")]
    NotThere(u32),
    /// No such old card, or it is not punched.
    #[error("an old card that is not here, or not punched")]
    NotPunched,
    /// No untouched blank of this serial lies in tray or bag.
    #[error("no untouched blank of this serial lies in tray or bag")]
    NotUntouched,
    /// The differences of a count, or the sums of a shift, are not those of the books.
    #[error("the record does not follow from the books before it")]
    Unfounded,
}

/// More than any package of blanks, sets or patches holds.
const PACKAGE_MOST: u32 = 10_000;

impl Stock {
    /// Whether persons may do this now.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn admits(&self, event: &Event) -> Result<(), Refusal> {
        match event {
            Event::Loaded {
                supply,
                roll,
                count,
                by,
            } => self.admits_load(*supply, roll, *count, by),
            Event::Unloaded { supply, left, by } => self.admits_unload(*supply, *left, by),
            Event::TrayEmptied { counted, .. } => comes_out(self.blanks.at(Place::Tray), *counted),
            Event::BookedBack { serial, .. } => {
                let there = self.blanks.untouched(serial).is_some();
                there.then_some(()).ok_or(Refusal::NotUntouched)
            }
            Event::Reconciled {
                count,
                readings,
                differences,
                reason,
                by,
            } => {
                let found = self.compare(count, readings);
                let same = found.differences() == *differences;
                same.then_some(()).ok_or(Refusal::Unfounded)?;
                if found.comes_out() {
                    return Ok(());
                }
                by.supervised()
                    .then_some(())
                    .ok_or(Refusal::NeedsSupervisor)?;
                reason.map(drop).ok_or(Refusal::NeedsReason)
            }
            Event::Destroyed { cards, counted, .. } => self.admits_destruction(cards, *counted),
            Event::RibbonsDestroyed { counted, .. } => comes_out(
                i64::try_from(self.waste.len()).unwrap_or(i64::MAX),
                *counted,
            ),
            Event::OldCardsDestroyed { jobs, counted, .. } => {
                let punched = |job: &String| {
                    let of_job = |old: &&super::OldCard| old.job == *job;
                    let state = self.old.iter().filter(of_job).map(|old| old.state).last();
                    state == Some(OldState::Punched)
                };
                let all = jobs.iter().all(punched);
                all.then_some(()).ok_or(Refusal::NotPunched)?;
                comes_out(i64::try_from(jobs.len()).unwrap_or(i64::MAX), *counted)
            }
            Event::ShiftClosed(shift) => self.admits_shift(shift),
        }
    }

    fn admits_load(&self, supply: Supply, roll: &Roll, count: u32, by: &By) -> Result<(), Refusal> {
        if !(1..=PACKAGE_MOST).contains(&count) {
            return Err(Refusal::BadCount(count));
        }
        let Some(film) = self.film(supply) else {
            return two(by);
        };
        if film.was_here(&roll.serial) {
            return Err(Refusal::Reused);
        }
        match film.roll() {
            Some(now) if now.serial == roll.serial => Err(Refusal::Reused),
            Some(_) => Err(Refusal::StillLoaded),
            None => Ok(()),
        }
    }

    fn admits_unload(&self, supply: Supply, left: u32, by: &By) -> Result<(), Refusal> {
        let loaded = match self.film(supply) {
            None => {
                two(by)?;
                left > 0 && i64::from(left) <= self.blanks.hopper()
            }
            Some(film) => film.roll().is_some(),
        };
        loaded.then_some(()).ok_or(Refusal::NotLoaded)
    }

    fn admits_destruction(&self, cards: &[u32], counted: u32) -> Result<(), Refusal> {
        for card in cards {
            let waits = self.blanks.pieces().iter().any(|piece| {
                let place = piece.place;
                let held = matches!(place, Place::Tray | Place::Bag | Place::Quarantined);
                piece.id == *card && held
            });
            waits.then_some(()).ok_or(Refusal::NotThere(*card))?;
        }
        comes_out(self.blanks.in_hands(cards), counted)
    }
}

fn two(by: &By) -> Result<(), Refusal> {
    match by {
        By::Two(_) => Ok(()),
        By::One(_) => Err(Refusal::NeedsTwo),
    }
}

fn comes_out(expected: i64, counted: u32) -> Result<(), Refusal> {
    let same = expected == i64::from(counted);
    same.then_some(())
        .ok_or(Refusal::CountDiffers { expected, counted })
}
