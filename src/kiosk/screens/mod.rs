//! The screens: pure functions from what is known to what is shown. No IO, no clock, no session
//! store; what a screen needs is given to it, so that every one is tested without a browser.

mod approve;
mod card;
mod frame;
mod hand_over;
mod job;
mod machine;
mod making;
mod old_card;
mod parts;
mod plain;
mod queue;
mod shift;
mod sign_in;
mod stop;
mod supplies;
mod supply_form;
mod tech;
mod tech_chart;

use jiff::Timestamp;
use maud::Markup;

pub(super) use frame::{main, page, regions};
pub(super) use stop::{name_of, reason_of};

use super::session::Idle;
use super::state::{Doing, Question, Stage, State};
use super::words::Lang;
use crate::fault::{Role, Signed};
use crate::station::request::Act;

/// Everything that a screen is a function of.
pub(super) struct View<'a> {
    /// Where the counter stands.
    pub(super) state: &'a State,
    /// Who looks.
    pub(super) viewer: &'a Viewer,
    /// Which counter this is.
    pub(super) counter: &'a Counter,
    /// When it is shown.
    pub(super) now: Timestamp,
}

/// Which counter this is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Counter {
    /// The station's id.
    pub(super) station: String,
    /// The office.
    pub(super) office: String,
}

/// Who looks, and how they want to be spoken to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Viewer {
    /// Who is signed in.
    pub(super) person: Option<Signed>,
    /// How long the browser was left alone.
    pub(super) idle: Idle,
    /// In which language.
    pub(super) lang: Lang,
    /// Large type.
    pub(super) large: bool,
    /// Sounds.
    pub(super) sound: bool,
    /// Stands in every form.
    pub(super) csrf: String,
    /// What the address asked for beyond the page: `find`, `page`.
    pub(super) query: Vec<(String, String)>,
    /// What is to be said about the last thing that was tried.
    pub(super) notice: Option<Notice>,
    /// After how many changes of the state this is drawn.
    pub(super) seen: u64,
    /// Who works here; filled in where somebody signs in.
    pub(super) people: Vec<Signed>,
}

/// What is to be said about the last thing that was tried.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Notice {
    /// The page was out of date: nothing was done.
    Stale,
    /// Person and PIN do not belong together.
    WrongPin,
    /// Too many wrong PINs; how many seconds to wait.
    Throttled(i64),
    /// The PIN or the id has another form, or the two PINs differ.
    BadPerson,
    /// The people file cannot be used.
    NoPeople,
    /// This is not for this role.
    NotYours,
    /// The request came from elsewhere, or its form is not this browser's.
    Foreign,
    /// There is no such page.
    NoPage,
    /// Something in the program failed.
    Broken,
}

impl Viewer {
    /// Nobody signed in, nothing asked.
    #[cfg(test)]
    pub(super) fn nobody(lang: Lang) -> Viewer {
        Viewer {
            person: None,
            idle: Idle::Active,
            lang,
            large: false,
            sound: false,
            csrf: String::new(),
            query: Vec::new(),
            notice: None,
            seen: 0,
            people: Vec::new(),
        }
    }

    /// The role of whoever is signed in.
    pub(super) fn role(&self) -> Option<Role> {
        self.person.as_ref().map(|person| person.role)
    }

    /// What the address asked for under this name.
    pub(super) fn asked(&self, name: &str) -> Option<&str> {
        let pair = self.query.iter().find(|(key, _)| key == name);
        pair.map(|(_, value)| value.as_str())
    }
}

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Page {
    /// The first person is made.
    Enrol,
    /// Person and PIN.
    SignIn,
    /// Left alone: progress without names.
    Locked,
    /// Journal and authority are asked.
    Starting,
    /// The journal cannot be used.
    Out,
    /// The jobs that wait.
    Queue,
    /// A job is fetched.
    Preparing,
    /// The proof of a job.
    Job,
    /// A card is made.
    Making,
    /// The old card on the desk.
    OldCard,
    /// The finished card waits.
    Ready,
    /// The card goes to the holder, the old one is punched.
    HandOver,
    /// The job is over.
    Done,
    /// Something stopped.
    Stop,
    /// A second person is asked.
    Approve,
    /// A job is open, and this role does not see it.
    Away,
    /// A technician's orders.
    Tech,
    /// What is loaded, what waits to be destroyed, and what is done with it.
    Supplies,
    /// The count and the close of a shift.
    Shift,
    /// Keys and sounds.
    Help,
}

impl Page {
    /// Whether a person goes there by choice; the others follow the state.
    pub(super) fn is_free(self) -> bool {
        matches!(self, Page::Help | Page::Supplies | Page::Shift)
    }

    /// Whether it may be shown as things stand: material is handled while nothing moves, a shift
    /// closed while no job is open.
    pub(super) fn fits(self, state: &State) -> bool {
        let still = state.approval.is_none() && state.lies_still();
        match self {
            Page::Supplies => still,
            Page::Shift => still && state.stage == Stage::Idle,
            Page::Enrol
            | Page::SignIn
            | Page::Locked
            | Page::Starting
            | Page::Out
            | Page::Queue
            | Page::Preparing
            | Page::Job
            | Page::Making
            | Page::OldCard
            | Page::Ready
            | Page::HandOver
            | Page::Done
            | Page::Stop
            | Page::Approve
            | Page::Away
            | Page::Tech
            | Page::Help => true,
        }
    }

    /// The name in markup and tests.
    pub(super) fn name(self) -> &'static str {
        match self {
            Page::Enrol => "enrol",
            Page::SignIn => "sign-in",
            Page::Locked => "locked",
            Page::Starting => "starting",
            Page::Out => "out-of-service",
            Page::Queue => "queue",
            Page::Preparing => "preparing",
            Page::Job => "job",
            Page::Making => "making",
            Page::OldCard => "old-card",
            Page::Ready => "ready",
            Page::HandOver => "hand-over",
            Page::Done => "done",
            Page::Stop => "stop",
            Page::Approve => "approve",
            Page::Away => "away",
            Page::Tech => "tech",
            Page::Supplies => "supplies",
            Page::Shift => "shift",
            Page::Help => "help",
        }
    }

    /// Its address.
    pub(super) fn path(self, state: &State) -> String {
        let of_job = |page: &str| format!("/jobs/{}{page}", state.job_id().unwrap_or("open"));
        match self {
            Page::Job => of_job(""),
            Page::Making => of_job("/making"),
            Page::OldCard => of_job("/old-card"),
            Page::Ready => of_job("/ready"),
            Page::HandOver => of_job("/hand-over"),
            Page::Done => of_job("/done"),
            Page::Enrol
            | Page::SignIn
            | Page::Locked
            | Page::Starting
            | Page::Out
            | Page::Queue
            | Page::Preparing
            | Page::Stop
            | Page::Approve
            | Page::Away
            | Page::Tech
            | Page::Supplies
            | Page::Shift
            | Page::Help => format!("/{}", self.name()),
        }
    }

    /// Where the state wants this viewer to be.
    pub(super) fn home(state: &State, viewer: &Viewer) -> Page {
        let Some(person) = &viewer.person else {
            return Page::SignIn;
        };
        if viewer.idle == Idle::Locked {
            return Page::Locked;
        }
        if person.role == Role::Technician && !matches!(state.stage, Stage::Starting) {
            let free = matches!(state.stage, Stage::Idle | Stage::Out(_));
            return if free { Page::Tech } else { Page::Away };
        }
        if state.approval.is_some() {
            return Page::Approve;
        }
        match &state.stage {
            Stage::Starting => Page::Starting,
            Stage::Out(_) => Page::Out,
            Stage::Idle => Page::Queue,
            Stage::Opening => Page::Preparing,
            Stage::Review(_) => Page::Job,
            Stage::Busy(doing) => Page::busy(*doing),
            Stage::Asked(_, Question::Act(act)) => Page::of_act(act),
            Stage::Asked(_, Question::Decide(_)) | Stage::Stopped(..) | Stage::Waiting(_) => {
                Page::Stop
            }
            Stage::Produced { .. } => Page::Ready,
            Stage::Ended(_) => Page::Done,
        }
    }

    fn busy(doing: Doing) -> Page {
        match doing {
            Doing::Making | Doing::Examining | Doing::GivingBack => Page::Making,
            Doing::HandingOver | Doing::Withdrawing => Page::HandOver,
        }
    }

    fn of_act(act: &Act) -> Page {
        match act {
            Act::PlaceOld(_) | Act::CollectOld(_) => Page::OldCard,
            Act::HandOver(_) | Act::Punch(_) => Page::HandOver,
            Act::Withdraw(_) | Act::RemoveByHand { .. } => Page::Stop,
        }
    }
}

/// A screen: its page and its regions, each replaced as a whole when it changes.
pub(super) struct Screen {
    /// Which page.
    pub(super) page: Page,
    /// The window's title.
    pub(super) title: String,
    /// Its parts, in reading order.
    pub(super) regions: Vec<Region>,
}

/// One part of a screen.
pub(super) struct Region {
    /// Its id; also its class and its area in the grid.
    pub(super) id: &'static str,
    /// What it shows.
    pub(super) body: Markup,
}

impl Region {
    /// A part.
    pub(super) fn new(id: &'static str, body: Markup) -> Region {
        Region { id, body }
    }
}

/// The screen of this page.
pub(super) fn screen(page: Page, view: &View<'_>) -> Screen {
    match page {
        Page::Enrol => sign_in::enrol(view),
        Page::SignIn => sign_in::sign_in(view),
        Page::Locked => sign_in::locked(view),
        Page::Starting => plain::starting(view),
        Page::Out => plain::out(view),
        Page::Preparing => plain::preparing(view),
        Page::Away => plain::away(view),
        Page::Tech => tech::screen(view),
        Page::Supplies => supplies::screen(view),
        Page::Shift => shift::screen(view),
        Page::Help => plain::help(view),
        Page::Queue => queue::screen(view),
        Page::Job => job::screen(view),
        Page::Making => making::screen(view),
        Page::OldCard => old_card::screen(view),
        Page::Ready => hand_over::ready(view),
        Page::HandOver => hand_over::screen(view),
        Page::Done => hand_over::done(view),
        Page::Stop => stop::screen(view),
        Page::Approve => approve::screen(view),
    }
}

#[cfg(test)]
mod tests;
