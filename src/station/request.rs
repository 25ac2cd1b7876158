//! What a screen may ask of the station, what the station asks of the person at the screen,
//! and what comes back. Alike for the command line and the kiosk; names no device.

use serde::Serialize;
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::agenda::{Agenda, Sheet};
use super::checklist::Check;
use super::supplies::{Ask, Told};
use super::view::Snapshot;
use crate::config::Config;
use crate::diag;
use crate::fault::{By, Code, Fates, Hands, Notice, Signed, TwoPersons, Words};
use crate::issuance::{Decision, Seen, Sensors, Standing, Step, TakenOver, Withdrawal};

pub use crate::issuance::Select;
use crate::product::CardNumber;
use crate::record::{Closed, ClosedShift};

/// The station's one door: opens journal and devices, does what was asked, closes them again.
/// The command line is handed this function by `main`.
pub type Perform =
    fn(&Config, Request, &mut dyn Person, &watch::Sender<Snapshot>) -> Result<Reply, Stop>;

/// One request of a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// What there is to do: the jobs that wait, the one that is open. Asks no device.
    Agenda,
    /// Lease and prepare a job, and show how its card will look; moves nothing. Goes on with
    /// the same job as [`Request::Recover`].
    Open {
        /// Which job.
        select: Select,
        /// Who is signed in.
        clerk: Signed,
    },
    /// Make a card, up to *produced*.
    Issue {
        /// Which job.
        select: Select,
        /// Who is signed in.
        clerk: Signed,
    },
    /// Collect the old card, release the new one, hand it over, punch the old one.
    HandOver {
        /// Who is signed in, and who compares the holder with the photo.
        clerk: Signed,
    },
    /// The produced card is not handed over.
    Withdraw {
        /// Why.
        reason: Withdrawal,
        /// Who decided.
        by: By,
    },
    /// Find out what a step cut short left behind, and go on from there.
    Recover {
        /// Who is here: one person, or two.
        by: By,
    },
    /// Take over a printer that was exchanged or serviced by hand; moves nothing.
    TakeOver {
        /// Who, one of them a supervisor.
        by: TwoPersons,
    },
    /// Ask the devices what they show; moves nothing.
    Survey,
    /// Go through the checks that a card must pass before its blank is fed.
    Preflight,
    /// Material in persons' hands: load, unload, count, destroy; moves no card.
    Supplies(Ask),
    /// Draw the faces of the job that is open here; moves nothing.
    Proof {
        /// The job.
        job: String,
    },
    /// Tell the record of a closed job, from the journal.
    Record {
        /// The job.
        job: String,
    },
    /// Tell what stands in the report of a closed shift, from the journal.
    Shift {
        /// Which; the last one where none is named.
        number: Option<u32>,
    },
    /// A technician's order.
    Diagnose(diag::Ask),
}

/// An act of a person that the station waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Lay the old card of this number on the desk reader.
    PlaceOld(CardNumber),
    /// Put the old card of this number, just confirmed, into the collection box.
    CollectOld(CardNumber),
    /// Give the new card to the holder, who was compared with the photo.
    HandOver(CardNumber),
    /// Punch the old card.
    Punch(CardNumber),
    /// Confirm that the finished card of this number is withdrawn.
    Withdraw(CardNumber),
    /// Take the spoiled card out and bag it.
    RemoveByHand {
        /// Its number; none when it bears none.
        number: Option<CardNumber>,
        /// What the sensors see now.
        sensors: Sensors,
    },
}

/// The person at the screen. Waits as long as a person takes.
pub trait Person {
    /// Asks for an act; `false` when it is not done (nobody there, not possible, given up).
    fn act(&mut self, act: Act) -> bool;
    /// Shows a stop and asks for one of its decisions; `None` leaves the card as it stands.
    fn decide(&mut self, stop: &Stop) -> Option<(Decision, By)>;
    /// Is shown what the station sees; no answer is awaited.
    fn show(&mut self, shown: Shown);
    /// Whether "stop after this motion" was asked for.
    fn stop_asked(&mut self) -> bool;
}

/// What a person is shown beside the work.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// What became of a card.
    Words(Words),
    /// The old card on the desk reader; shown, never kept.
    OldCard(Box<Sighted>),
}

/// A card as its chip shows it; what the chip does not hold, or not readably, is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighted {
    /// The front, black and white.
    pub front: Option<Picture>,
    /// The photo.
    pub photo: Option<Picture>,
}

/// A decision that a stop leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Open {
    /// What may be decided.
    pub decision: Decision,
    /// By which hands.
    pub hands: Hands,
}

/// The station stopped: the fault, and what it means for this card.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stop {
    /// The fault.
    pub code: Code,
    /// The new card's number, in full; `None` when none is granted.
    pub number: Option<CardNumber>,
    /// The old card's number, where one exists.
    pub old_number: Option<CardNumber>,
    /// The reception number of the job.
    pub reception: Option<String>,
    /// What the fault's own words leave out: a field, a character, a port. No holder's data.
    pub detail: Option<String>,
    /// The step that is stopped.
    pub step: Option<Step>,
    /// What became of card, number and old card.
    pub fates: Fates,
    /// Where the card is and what became of it; none when no blank was fed.
    pub standing: Option<Box<Standing>>,
    /// What may be decided now; empty when nothing can be.
    pub decisions: Vec<Open>,
}

impl Stop {
    /// A stop of which only the code is known.
    pub fn plain(code: Code) -> Stop {
        Stop {
            code,
            fates: code.fault().fates(),
            standing: None,
            number: None,
            old_number: None,
            reception: None,
            detail: None,
            step: None,
            decisions: Vec::new(),
        }
    }

    /// The same where neither a card in the machine nor a number is concerned.
    #[must_use]
    pub fn of_no_card(mut self) -> Stop {
        self.fates = Fates::NONE;
        self
    }

    /// The notice that every screen shows. A step that presses a button which is not there is
    /// left out.
    #[must_use]
    pub fn notice(&self) -> Notice {
        let number = self.number.as_ref().map(CardNumber::as_str);
        let mut notice = self.code.fault().notice(self.code, self.fates, number);
        if self.hands(Decision::Continue).is_none() {
            notice.todo = self.code.fault().remedy();
        }
        notice
    }

    /// What the fault's words leave out, for one reader. Its last two lines are the same in
    /// Japanese and in English; a single line is for both.
    #[must_use]
    pub fn told(&self, japanese: bool) -> Option<String> {
        let mut lines: Vec<&str> = self.detail.as_deref()?.lines().collect();
        if let [.., ja, _] = lines[..]
            && !ja.is_ascii()
        {
            lines.remove(lines.len() - if japanese { 1 } else { 2 });
        }
        Some(lines.join(" "))
    }

    /// The same with what the fault's words leave out.
    #[must_use]
    pub fn detailed(mut self, detail: impl Into<String>) -> Stop {
        self.detail = Some(detail.into());
        self
    }
}

/// How a request ended well.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "reached", rename_all = "snake_case")]
pub enum Reply {
    /// The card lies in the exit slot, held, and the authority knows it.
    Produced {
        /// The job.
        job: String,
        /// Its reception number.
        reception: String,
        /// The attempt that made it.
        attempt: u32,
        /// The new card's number.
        number: CardNumber,
        /// From the first byte of print data to the exit slot, in milliseconds.
        elapsed_ms: Option<u32>,
        /// The old card that will be collected.
        old_number: Option<CardNumber>,
    },
    /// The holder has the card, the old one is dealt with, the record is closed.
    Delivered {
        /// The job.
        job: String,
        /// The new card's number.
        number: CardNumber,
        /// The issuance record, where it was written.
        record: Option<std::path::PathBuf>,
    },
    /// The produced card was withdrawn, its number burned.
    Withdrawn {
        /// The job.
        job: String,
        /// The number that was burned.
        number: CardNumber,
    },
    /// Two persons set a card aside of which nobody can say what it is; its number was burned.
    Quarantined {
        /// The job.
        job: String,
        /// The number that was burned.
        number: CardNumber,
        /// Where sensors see a card now; none when the printer could not be asked.
        seen: Option<Seen>,
    },
    /// No card was made of it: the blank, if one was fed, is untouched.
    Returned {
        /// The job.
        job: String,
    },
    /// No job is open.
    Idle,
    /// The printer is taken over as it stands.
    TakenOver(Box<TakenOver>),
    /// There is nothing to take over: the printer fits this journal.
    Fits {
        /// What it says it is.
        printer: String,
    },
    /// What the devices show.
    Surveyed {
        /// One line of each thing: name, Japanese, English, value.
        lines: Vec<SurveyLine>,
    },
    /// The checks before a blank is fed.
    Preflight {
        /// Whether a card could be begun now.
        ready: bool,
        /// Every check, in order.
        checks: Vec<Check>,
    },
    /// What came of an act with material.
    Supplies(Box<Told>),
    /// What there is to do.
    Agenda(Box<Agenda>),
    /// The faces of a job; shown or drawn, never kept.
    Proof {
        /// The job.
        job: String,
        /// What the card says, item by item.
        #[serde(skip)]
        sheet: Box<Sheet>,
        /// The front.
        #[serde(skip)]
        front: Box<Picture>,
        /// The back.
        #[serde(skip)]
        back: Box<Picture>,
    },
    /// The record of a closed job.
    Record(Box<Closed>),
    /// What stands in the report of a shift; none where no such shift was closed here.
    Shift(Option<Box<ClosedShift>>),
    /// What a technician's order came to.
    Diagnosed(Box<diag::Report>),
}

/// A picture of a face, wiped when dropped: it shows the holder.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Dots across.
    pub width: u32,
    /// Dots down.
    pub height: u32,
    /// Red, green, blue of each dot, rows from the top.
    pub rgb: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} x {}, …)", self.width, self.height)
    }
}

/// One thing that a survey shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SurveyLine {
    /// Stable name.
    pub name: String,
    /// What it is, in Japanese.
    pub japanese: String,
    /// What it is, in English.
    pub english: String,
    /// Its value with unit; 「—」 when unknown.
    pub value: String,
}

impl Stop {
    /// Whether these hands may take this decision here.
    pub fn permits(&self, decision: Decision, by: &By) -> bool {
        self.hands(decision).is_some_and(|hands| hands.are(by))
    }

    /// The hands that this decision needs here; none when it is not open.
    pub fn hands(&self, decision: Decision) -> Option<Hands> {
        let open = self.decisions.iter().find(|open| open.decision == decision);
        open.map(|open| open.hands)
    }
}
