//! Before a blank is fed: gathers what the checklist reads, waits for what only needs time,
//! and names the first thing that stands in the way. Moves no card.

use super::Station;
use super::checklist::{self, Antennas, Check, Facts, Scanner, State};
use super::request::{Person, Reply, Stop};
use super::seams::{Moves as _, Records as _, Stands as _, Tells as _, World};
use crate::fault::Code;
use crate::issuance::OldRule;
use std::time::Duration;

/// How often head and heater are looked at while a card waits for them.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// What is gathered once and stays true while a heater warms up.
struct Gathered {
    authority: Result<(), Code>,
    antennas: Result<Antennas, Code>,
    scanner: Scanner,
    desk_due: bool,
}

impl<W: World> Station<'_, W> {
    /// The first thing that stands in the way of the next card; none when it can be finished.
    /// Without a person at the counter it is a test card, which needs no authority.
    pub(super) fn preflight(
        &mut self,
        person: Option<&mut dyn Person>,
    ) -> Result<Option<Code>, Stop> {
        let scanner = match self.ledger.scanner_proved() {
            Some(true) => Some(Scanner::Proved),
            Some(false) => None,
            // The first check of a card begins with the white strip, and spoils nothing.
            None => Some(Scanner::Unasked),
        };
        let mut gathered = self.gather(scanner)?;
        let mut person = person;
        if person.is_none() {
            gathered.authority = Ok(());
        }
        let patience = Duration::from_secs_f64(self.config.limits.warm_up_s);
        let until = self.clock.steady() + patience;
        loop {
            let checks = self.list(&gathered)?;
            if let Some(check) = checklist::first_failed(&checks) {
                self.detail = Some(told(check));
                return Ok(check.code);
            }
            let Some(waiting) = checks.iter().find(|check| check.state == State::Waiting) else {
                self.view.waits_for(None);
                return Ok(None);
            };
            if self.clock.steady() >= until
                || person.as_mut().is_some_and(|person| person.stop_asked())
            {
                self.view.waits_for(None);
                self.detail = Some(told(waiting));
                return Ok(waiting.code);
            }
            self.view.waits_for(Some(waiting.clone()));
            self.hands()?.rest(LOOK_AGAIN);
        }
    }

    /// The whole list for a person to see, as things stand now; waits for nothing.
    pub(super) fn show_preflight(&mut self) -> Result<Reply, Stop> {
        let gathered = self.gather(None)?;
        let checks = self.list(&gathered)?;
        Ok(Reply::Preflight {
            ready: checklist::first_failed(&checks).is_none() && !checklist::waits(&checks),
            checks,
        })
    }

    /// A clock that was put back is trusted with no lease.
    pub(super) fn clock_trusted(&mut self) -> Result<(), Stop> {
        if checklist::clock_holds(self.witnessed_at, self.clock.now()) {
            return Ok(());
        }
        Err(self.stop(Code::ClockUntrusted))
    }

    /// `scanner` is what is known of it; none: it looks at its white strip now.
    fn gather(&mut self, scanner: Option<Scanner>) -> Result<Gathered, Stop> {
        let open = self.ledger.open().and_then(|issuance| issuance.grant());
        let desk_due = open.is_some_and(|grant| grant.old == OldRule::Return);
        let authority = self
            .office
            .latest_checkpoint(self.sequence())
            .map(drop)
            .map_err(|refused| refused.code);
        // A printer that cannot be opened is a failed check, not the end of the list.
        let (antennas, scanner) = match self.open_hands() {
            Err(stop) => (Err(stop.code), Scanner::Unasked),
            Ok(hands) => {
                let scanner = scanner.unwrap_or_else(|| hands.scanner());
                (hands.antennas(), scanner)
            }
        };
        Ok(Gathered {
            authority,
            antennas,
            scanner,
            desk_due,
        })
    }

    fn list(&mut self, gathered: &Gathered) -> Result<Vec<Check>, Stop> {
        let sequence = self.sequence();
        let printer = match self.open_hands() {
            Ok(hands) => hands.printer_survey(sequence),
            Err(stop) => Err(stop.code),
        };
        Ok(checklist::checks(&Facts {
            printer,
            antennas: gathered.antennas,
            desk_due: gathered.desk_due,
            readers: &self.config.readers,
            authority: gathered.authority,
            now: self.clock.now(),
            today: self.clock.today(),
            witnessed_at: self.witnessed_at,
            free_mb: self.journal.free_mb(),
            scanner: gathered.scanner,
            stock: self.ledger.stock(),
            limits: &self.config.limits,
        }))
    }
}

/// A check as a stop's detail: its name and what was seen.
fn told(check: &Check) -> String {
    format!("{} {}", check.name, check.value)
        .trim_end()
        .to_owned()
}
