//! Blanks, ribbon, patches and old cards as a fold of what was loaded, spent, counted and
//! destroyed. Pure; knows no event of an issuance: whoever folds the journal tells it what
//! was used.

mod blanks;
mod count;
mod event;
mod film;
mod old;
mod refusal;
mod shift;
#[cfg(test)]
mod tests;
mod words;

pub use blanks::{Blanks, Kind, Piece, Place, Terms};
pub use count::{Candidates, Count, Difference, Item, Line, Readings, Reconciliation};
pub use event::{Bin, Event, Reason, Roll, Supply, Use};
pub use film::Film;
pub use old::{OldCard, OldCards, OldState};
pub use refusal::Refusal;
pub use shift::Shift;

/// Where all blanks are, what is left of ribbon and patches, and what waits to be destroyed,
/// as the journal believes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    blanks: Blanks,
    ribbon: Film,
    patches: Film,
    /// Passes begun of the newest set, by panel.
    passes: [u32; 7],
    /// Sets left and passes as they stood before the pass begun last.
    before_pass: (i64, [u32; 7]),
    /// Used ribbons that wait for their destruction: they show the holders.
    waste: Vec<String>,
    old: OldCards,
    /// Differences that a supervisor took note of, oldest first.
    differences: Vec<Difference>,
    /// Everything was counted, and nothing happened since.
    counted: bool,
    /// The shift that was closed last.
    shift: Option<Shift>,
}

impl Stock {
    /// Takes in what persons did.
    ///
    /// # Errors
    /// The rule that it breaks; nothing is changed then.
    pub fn apply(&mut self, event: &Event) -> Result<(), Refusal> {
        self.admits(event)?;
        self.counted = matches!(event, Event::Reconciled { .. });
        match event {
            Event::Loaded {
                supply,
                roll,
                count,
                ..
            } => match supply {
                Supply::Blanks => self.blanks.load(*count),
                Supply::Ribbon => {
                    self.passes = [0; 7];
                    self.ribbon.load(roll.clone(), *count);
                }
                Supply::Patches => self.patches.load(roll.clone(), *count),
            },
            Event::Unloaded { supply, left, .. } => match supply {
                Supply::Blanks => self.blanks.unload(*left),
                Supply::Ribbon => self.waste.extend(self.ribbon.unload()),
                Supply::Patches => drop(self.patches.unload()),
            },
            Event::TrayEmptied { .. } => self.blanks.empty_tray(),
            Event::BookedBack { serial, .. } => self.blanks.book_back(serial),
            Event::Reconciled {
                count, readings, ..
            } => {
                let lines = self.compare(count, readings).differences();
                self.settle(count, readings);
                self.differences.extend(lines);
            }
            Event::Destroyed { cards, .. } => self.blanks.destroy(cards),
            Event::RibbonsDestroyed { .. } => self.waste.clear(),
            Event::OldCardsDestroyed { jobs, .. } => self.old.destroy(jobs),
            Event::ShiftClosed(shift) => self.shift = Some(shift.clone()),
        }
        Ok(())
    }

    /// Takes in what a card used, or became.
    pub fn used(&mut self, used: Use) {
        self.counted = false;
        match used {
            Use::Pass(panel) => self.pass(panel),
            Use::Unburned => {
                let (left, passes) = self.before_pass;
                self.ribbon.settle(u32::try_from(left).ok());
                self.passes = passes;
            }
            Use::Patch => self.patches.spend(),
            Use::Unpatched => self.patches.unspend(),
            Use::Fed => self.blanks.fed(),
            Use::Unfed => self.blanks.unfed(),
            Use::Ejected => self.blanks.leave(Place::Exit),
            Use::Tray => self.blanks.leave(Place::Tray),
            Use::Bag => self.blanks.leave(Place::Bag),
            Use::Delivered => self.blanks.leave(Place::Delivered),
            Use::Quarantined => self.blanks.leave(Place::Quarantined),
            Use::Test(bin) => self.blanks.tested(bin),
        }
    }

    /// The card at hand is known by its chip, and by its number once it bears one.
    pub fn known(&mut self, serial: &str, number: Option<&str>) {
        self.blanks.known(serial, number);
    }

    /// What became of the old card of this job.
    pub fn old_card(&mut self, job: &str, state: OldState) {
        self.counted = false;
        self.old.note(job, state);
    }

    /// Whether every blank is somewhere (invariant I-40).
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.terms().balanced()
    }

    /// Where all blanks are.
    #[must_use]
    pub fn terms(&self) -> Terms {
        self.blanks.terms()
    }

    /// The blanks, one by one since they left the hopper.
    #[must_use]
    pub fn blanks(&self) -> &Blanks {
        &self.blanks
    }

    /// The ribbon or the patches; none for blanks, which lie loose.
    #[must_use]
    pub fn film(&self, supply: Supply) -> Option<&Film> {
        match supply {
            Supply::Blanks => None,
            Supply::Ribbon => Some(&self.ribbon),
            Supply::Patches => Some(&self.patches),
        }
    }

    /// Serials of used ribbons that wait for their destruction.
    #[must_use]
    pub fn waste(&self) -> &[String] {
        &self.waste
    }

    /// The old cards that this station took in.
    #[must_use]
    pub fn old_cards(&self) -> &OldCards {
        &self.old
    }

    /// Differences that a supervisor took note of, oldest first.
    #[must_use]
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// A set is gone as soon as any of its panels is begun a second time.
    fn pass(&mut self, panel: usize) {
        if panel >= self.passes.len() {
            return;
        }
        self.before_pass = (self.ribbon.left(), self.passes);
        let begun = &mut self.passes[panel];
        *begun += 1;
        if *begun > 1 || self.passes.iter().sum::<u32>() == 1 {
            self.ribbon.spend();
            self.passes = [0; 7];
            self.passes[panel] = 1;
        }
    }

    /// From now on the counts stand.
    fn settle(&mut self, count: &Count, readings: &Readings) {
        self.blanks.settle(count);
        self.ribbon.settle(readings.sets);
        self.patches.settle(readings.patches);
    }
}
