//! The station: the only room that moves a device, and the only caller of both journal and
//! issuance. One request at a time, one card at a time.

pub mod agenda;
mod antenna;
pub mod checklist;
mod chips;
pub mod clock;
mod close;
mod closed;
mod deed;
mod desk;
mod devices;
mod diag;
mod faces;
mod hands;
pub mod kit;
mod lease;
mod motions;
mod notes;
mod office;
mod preflight;
mod progress;
mod real;
pub mod request;
mod requests;
mod run;
pub mod says;
pub mod seams;
mod service;
mod shift;
mod shift_report;
mod sighted;
pub mod supplies;
mod survey;
mod take_over;
pub mod translate;
pub mod view;
mod work;

use crate::config::Config;
use crate::fault::{By, Code};
use crate::issuance::{Decision, Entry, Event, Issuance, Ledger, Sensors, What};
use crate::journal;
use crate::wiping;
use chips::Trust;
use clock::Clock;
use jiff::Timestamp;
use progress::Progress;
use real::Real;
use request::{Open, Person, Reply, Request, Stop};
use seams::{Ground, Moves as _, Opening, Records as _, Trusts as _, World};
use tokio::sync::watch;
use view::Snapshot;
use work::Work;

/// What a run of the machine is to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    /// The card is prepared and nothing has moved; or no card comes of it.
    Prepared,
    /// The card lies in the slot and the authority knows it; or no card comes of it.
    Produced,
    /// Nothing is left to do.
    Closed,
}

/// One station, open: its journal, what the journal says, its devices and its authority.
pub struct Station<'a, W: World = Real> {
    config: &'a Config,
    clock: Clock,
    world: W,
    journal: W::Journal,
    ledger: Ledger,
    kit: W::Kit,
    office: W::Office,
    view: Progress,
    hands: Option<W::Hands>,
    work: Option<Work>,
    /// Who is here for this request.
    signed: Option<By>,
    /// Whether this request did something for the issuance at hand, open or just closed.
    at_work: bool,
    /// When a grant last bore the clock out.
    witnessed_at: Timestamp,
    /// What the devices said of the step that is now in doubt.
    doubt: Option<Code>,
    /// What the last refusal leaves to be said: a field, a port, a remedy.
    detail: Option<String>,
}

/// The station's one door: opens journal and devices, does what was asked, closes them again.
///
/// # Errors  The stop at which a person must act. What was done until then is in the journal.
pub fn perform(
    config: &Config,
    request: Request,
    person: &mut dyn Person,
    view: &watch::Sender<Snapshot>,
) -> Result<Reply, Stop> {
    wiping::in_libraries_too();
    let reply = served(config, request, person, view);
    wiping::sweep();
    reply
}

fn served(
    config: &Config,
    request: Request,
    person: &mut dyn Person,
    view: &watch::Sender<Snapshot>,
) -> Result<Reply, Stop> {
    let clock = Clock::of_this_machine();
    let mut station = Station::open(config, clock, view.clone(), Real::ground(config)?)?;
    if let Request::Diagnose(ask) = &request {
        return station.diagnose(ask, person);
    }
    if request == Request::Agenda {
        return station.agenda();
    }
    station.serve(request, person)
}

impl<'a, W: World> Station<'a, W> {
    /// A station on this ground, as its journal says that it stands.
    ///
    /// # Errors  The journal cannot be read or contradicts itself.
    pub fn open(
        config: &'a Config,
        clock: Clock,
        view: watch::Sender<Snapshot>,
        ground: Ground<W>,
    ) -> Result<Station<'a, W>, Stop> {
        let Ground {
            world,
            journal,
            office,
            kit,
        } = ground;
        let records = journal
            .replay()
            .map_err(|error| stopped(&error, journal_fault(&error)))?;
        let ledger = Ledger::replay(records.iter().map(|(_, bytes)| bytes.as_slice()))
            .map_err(|error| stopped(&error, Code::JournalDamaged))?;
        let witnessed_at = ledger.witnessed_at();
        Ok(Station {
            config,
            clock,
            world,
            journal,
            ledger,
            kit,
            office,
            view: Progress::new(view),
            hands: None,
            work: None,
            witnessed_at,
            signed: None,
            at_work: false,
            doubt: None,
            detail: None,
        })
    }

    /// What the journal says.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The issuance at hand, open or closed.
    fn issuance(&self) -> &Issuance {
        self.ledger.newest()
    }

    /// Writes one event of the issuance; on return it is durable.
    fn record(&mut self, event: Event) -> Result<(), Stop> {
        self.at_work = true;
        self.write(What::Issuance(event))
    }

    /// Asks the ledger, then the disk. An entry that does not fit is never written.
    fn write(&mut self, what: What) -> Result<(), Stop> {
        let entry = Entry::new(self.clock.now(), what);
        self.ledger
            .apply(&entry)
            .map_err(|error| stopped(&error, Code::JournalDamaged))?;
        let bytes = entry
            .to_bytes()
            .map_err(|error| stopped(&error, Code::JournalWrite))?;
        let sequence = self
            .journal
            .append(&bytes)
            .map_err(|error| stopped(&error, journal_fault(&error)))?;
        tracing::debug!(sequence, record = %kind(&entry.what), "journalled");
        Ok(())
    }

    /// The journal's newest sequence number: what every motion and request carries.
    fn sequence(&self) -> u64 {
        self.journal.head().0
    }

    /// The stop at hand, with everything that a person must know of this card.
    fn stop(&mut self, code: Code) -> Stop {
        let detail = self.detail.take();
        if self.ledger.open().is_none() && !self.at_work {
            return Stop {
                detail,
                ..Stop::plain(code).of_no_card()
            };
        }
        let sensors = self.glance(code);
        let issuance = self.ledger.newest();
        let job = self.work.as_ref().map(|work| &work.job);
        let may = &code.fault().may;
        let open = |decision: Decision| {
            let hands = may.get(&decision.choice())?;
            let hands = (*hands).max(issuance.hands(decision));
            Some(Open { decision, hands })
        };
        Stop {
            code,
            number: issuance.grant().and_then(|grant| grant.number.parse().ok()),
            old_number: self.old_number(),
            reception: job.map(|job| job.approval.reception.to_string()),
            detail,
            step: issuance.current(),
            fates: issuance.fates(),
            standing: issuance.standing(sensors.as_ref()).map(Box::new),
            decisions: issuance.choices().into_iter().filter_map(open).collect(),
        }
    }

    /// What the sensors see, for the words of a stop; none when the printer is not at hand.
    fn glance(&self, code: Code) -> Option<Sensors> {
        if code.name().starts_with("L-") {
            return None;
        }
        let seen = self.hands.as_ref()?.printer_survey(self.sequence()).ok()?;
        Some(translate::sensors(&seen.sensors))
    }

    /// The devices, opened when they are first needed.
    fn hands(&mut self) -> Result<&mut W::Hands, Stop> {
        if self.hands.is_none() {
            self.open_hands()?;
            if let Err(stop) = self.hold_printer_against_journal() {
                self.hands = None;
                return Err(stop);
            }
        }
        self.hands
            .as_mut()
            .ok_or_else(|| Stop::plain(Code::PortAbsent))
    }

    /// Opens the devices without asking whether they fit this journal: enough to look.
    fn open_hands(&mut self) -> Result<&mut W::Hands, Stop> {
        if self.hands.is_none() {
            let trust = Trust {
                authorities: self.office.trusted().to_vec(),
                on: self.clock.now().as_second(),
            };
            let opening = Opening {
                trust,
                notes: self.view.notes(),
                ahead: self.ledger.ahead().sequence,
            };
            let opened = self.world.open_hands(self.config, opening);
            self.hands = Some(opened.map_err(|code| {
                self.detail = self.at_port(code);
                self.stop(code)
            })?);
        }
        self.hands
            .as_mut()
            .ok_or_else(|| Stop::plain(Code::PortAbsent))
    }

    /// Which port it is that a printer cannot be met at.
    fn at_port(&self, code: Code) -> Option<String> {
        let port = self.config.printer.port.display();
        let line = code.name().starts_with("L-");
        line.then(|| format!("printer.port = \"{port}\""))
    }

    /// A printer that knows a newer journal, or did work that this journal does not know,
    /// exposes a journal that was cut or put back: nothing moves.
    fn hold_printer_against_journal(&mut self) -> Result<(), Stop> {
        let sequence = self.sequence();
        let Some(hands) = self.hands.as_ref() else {
            return Ok(());
        };
        let seen = match hands.printer_survey(sequence) {
            Ok(seen) => seen,
            Err(code) => return Err(self.stop(code)),
        };
        if seen.newest_sequence > sequence {
            return Err(self.stop(Code::NewerPrinter));
        }
        let counters = translate::counters(&seen.counters);
        // An open issuance judges its own card: a step in doubt, a card taken too early; and what a
        // technician's order used is what the counters show after it.
        let at_rest = self.ledger.open().is_none() && self.ledger.service().is_none();
        if at_rest && self.ledger.contradicts(&counters) {
            return Err(self.stop(Code::Counters));
        }
        Ok(())
    }
}

/// What a record tells, by its tags alone: the log names no number in full.
fn kind(what: &What) -> String {
    let record = serde_json::to_value(what).unwrap_or_default();
    let tag = |member: &str| {
        let value = &record["issuance"][member];
        let none = value.is_null();
        let other = || value.to_string();
        let text = value.as_str().map_or_else(other, str::to_owned);
        if none { String::new() } else { text }
    };
    format!("{} {}", tag("event"), tag("step"))
}

/// An error as a stop outside any card: logged with its causes, told with its own words.
fn stopped(error: &(dyn std::error::Error + 'static), code: Code) -> Stop {
    Stop::plain(chips::say(error, code)).detailed(error.to_string())
}

/// The station's fault for what became of the journal.
fn journal_fault(error: &journal::Error) -> Code {
    match error {
        journal::Error::Missing { .. } => Code::JournalMissing,
        journal::Error::Busy { .. } => Code::JournalBusy,
        journal::Error::OtherStation { .. } => Code::JournalForeign,
        journal::Error::Damaged { .. } | journal::Error::RolledBack { .. } => Code::JournalDamaged,
        journal::Error::Exists { .. }
        | journal::Error::Poisoned
        | journal::Error::Storage(_)
        | journal::Error::File(_) => Code::JournalWrite,
    }
}
