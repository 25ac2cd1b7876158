//! Every route with the roles and the states in which it is open: data from which the router is
//! built and which a test walks whole. What is not in this table does not exist.

use super::screens::Page;
use super::session::{Idle, Session};
use super::state::Kind;
use crate::fault::Role;

/// What a request may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    /// Look; changes nothing.
    Get,
    /// Act; carries the browser's token.
    Post,
}

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Any browser, signed in or not, locked or not.
    Anyone,
    /// Whoever is signed in and not locked out, in one of these roles.
    Signed(&'static [Role]),
}

/// What a route does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    /// Goes to where the state wants the viewer to be.
    Home,
    /// Shows a page.
    Show(Page),
    /// The page's script.
    Script,
    /// Its style.
    Style,
    /// Its icon.
    Icon,
    /// Watches the state.
    Live,
    /// A picture of the card.
    Face,
    /// The issuance record as PDF.
    Record,
    /// The first person of the station.
    Enrol,
    /// Person and PIN.
    SignIn,
    /// The person leaves.
    SignOut,
    /// Language, type size, sound.
    View,
    /// A person is still there.
    Stay,
    /// Asks again where things stand.
    Look,
    /// Chooses a job.
    Open,
    /// Makes the checks again.
    Check,
    /// Begins the card.
    Issue,
    /// Gives the job back.
    GiveBack,
    /// Stops after this motion, or takes that back.
    StopAfter,
    /// Answers whether an act was done.
    Act,
    /// Decides about a stop.
    Decide,
    /// Leaves the card as it stands.
    Leave,
    /// Goes on with what is open.
    Resume,
    /// Hands the card over.
    HandOver,
    /// Withdraws the card.
    Withdraw,
    /// A second person agrees.
    Approve,
    /// A second person does not.
    Refuse,
    /// On to the next job.
    Next,
    /// A technician's order.
    Order,
    /// The order that runs ends at its next stop.
    Halt,
    /// The service bundle that was made last.
    Bundle,
    /// Something with material.
    Material(Material),
    /// The report of a closed shift as PDF.
    ShiftReport,
}

/// What is posted about material.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Material {
    /// Looks how the books stand.
    Look,
    /// An act is recorded.
    Enter,
    /// What was counted is compared.
    Count,
    /// It is counted again.
    Recount,
    /// The shift is closed on the count.
    Close,
}

/// One route.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route {
    pub(super) verb: Verb,
    pub(super) path: &'static str,
    pub(super) who: Who,
    /// The states in which it is open.
    pub(super) when: &'static [Kind],
    /// Whether it carries a one-time action id.
    pub(super) once: bool,
    pub(super) does: Does,
}

const TECH: &[Role] = &[Role::Technician];
/// Nothing moves and nobody is asked: a ribbon that ended in mid-job is changed then.
const STILL: &[Kind] = &[Kind::Idle, Kind::Review, Kind::Waiting, Kind::Stopped];
/// No job is open, and the journal is at hand.
const IDLE: &[Kind] = &[Kind::Idle];
/// No job is open.
const NO_JOB: &[Kind] = &[Kind::Idle, Kind::Out];

const ALWAYS: &[Kind] = &Kind::ALL;
const COUNTER: &[Role] = &[Role::Clerk, Role::Supervisor];
const ALL: &[Role] = &Role::ALL;

const fn get(path: &'static str, who: Who, does: Does) -> Route {
    Route {
        verb: Verb::Get,
        path,
        who,
        when: ALWAYS,
        once: false,
        does,
    }
}

const fn show(path: &'static str, roles: &'static [Role], page: Page) -> Route {
    get(path, Who::Signed(roles), Does::Show(page))
}

const fn post(path: &'static str, who: Who, does: Does) -> Route {
    Route {
        verb: Verb::Post,
        ..get(path, who, does)
    }
}

const fn act(path: &'static str, when: &'static [Kind], does: Does) -> Route {
    Route {
        verb: Verb::Post,
        path,
        who: Who::Signed(COUNTER),
        when,
        once: true,
        does,
    }
}

/// The table.
pub(super) const ROUTES: &[Route] = &[
    get("/", Who::Anyone, Does::Home),
    get("/assets/kiosk.js", Who::Anyone, Does::Script),
    get("/assets/kiosk.css", Who::Anyone, Does::Style),
    get("/assets/icon.svg", Who::Anyone, Does::Icon),
    get("/live", Who::Anyone, Does::Live),
    get("/enrol", Who::Anyone, Does::Show(Page::Enrol)),
    get("/sign-in", Who::Anyone, Does::Show(Page::SignIn)),
    get("/locked", Who::Anyone, Does::Show(Page::Locked)),
    show("/help", ALL, Page::Help),
    show("/starting", ALL, Page::Starting),
    show("/away", &[Role::Technician], Page::Away),
    show("/out-of-service", COUNTER, Page::Out),
    show("/queue", COUNTER, Page::Queue),
    show("/preparing", COUNTER, Page::Preparing),
    show("/jobs/{job}", COUNTER, Page::Job),
    show("/jobs/{job}/making", COUNTER, Page::Making),
    show("/jobs/{job}/old-card", COUNTER, Page::OldCard),
    show("/jobs/{job}/ready", COUNTER, Page::Ready),
    show("/jobs/{job}/hand-over", COUNTER, Page::HandOver),
    show("/jobs/{job}/done", COUNTER, Page::Done),
    show("/stop", COUNTER, Page::Stop),
    show("/approve", COUNTER, Page::Approve),
    get("/jobs/{job}/face/{side}", Who::Signed(COUNTER), Does::Face),
    get("/jobs/{job}/record.pdf", Who::Signed(COUNTER), Does::Record),
    post("/enrol", Who::Anyone, Does::Enrol),
    post("/sign-in", Who::Anyone, Does::SignIn),
    post("/sign-out", Who::Anyone, Does::SignOut),
    post("/view", Who::Anyone, Does::View),
    post("/stay", Who::Signed(ALL), Does::Stay),
    act("/look", &[Kind::Out, Kind::Starting], Does::Look),
    act("/queue/open", &[Kind::Idle], Does::Open),
    act("/jobs/check", &[Kind::Review], Does::Check),
    act("/jobs/issue", &[Kind::Review], Does::Issue),
    act("/jobs/give-back", &[Kind::Review], Does::GiveBack),
    act("/stop-after", &[Kind::Busy], Does::StopAfter),
    act("/act", &[Kind::Act], Does::Act),
    act("/decide", &[Kind::Decide], Does::Decide),
    act("/leave", &[Kind::Decide], Does::Leave),
    act("/resume", &[Kind::Waiting, Kind::Stopped], Does::Resume),
    act("/hand-over", &[Kind::Produced], Does::HandOver),
    act(
        "/withdraw",
        &[Kind::Produced, Kind::Stopped],
        Does::Withdraw,
    ),
    act("/approve", &[Kind::Approval], Does::Approve),
    act("/refuse", &[Kind::Approval], Does::Refuse),
    act("/next", &[Kind::Ended, Kind::Stopped], Does::Next),
    show("/tech", TECH, Page::Tech),
    Route {
        when: NO_JOB,
        ..get("/tech/bundle.tar", Who::Signed(TECH), Does::Bundle)
    },
    Route {
        who: Who::Signed(TECH),
        ..act("/tech/order", NO_JOB, Does::Order)
    },
    Route {
        who: Who::Signed(TECH),
        ..act("/tech/halt", NO_JOB, Does::Halt)
    },
    show("/supplies", COUNTER, Page::Supplies),
    show("/shift", COUNTER, Page::Shift),
    get(
        "/shifts/{shift}/report.pdf",
        Who::Signed(COUNTER),
        Does::ShiftReport,
    ),
    act("/supplies/look", STILL, Does::Material(Material::Look)),
    act("/supplies/enter", STILL, Does::Material(Material::Enter)),
    act("/shift/count", IDLE, Does::Material(Material::Count)),
    act("/shift/recount", IDLE, Does::Material(Material::Recount)),
    act("/shift/close", IDLE, Does::Material(Material::Close)),
];

/// Why a request is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Away {
    /// Nobody is signed in.
    SignIn,
    /// The browser is locked.
    Locked,
    /// Not for this role.
    Role,
    /// Not in this state: the page was out of date.
    State,
}

impl Route {
    /// Whether the route is open to this browser in this state.
    pub(super) fn admits(&self, session: &Session, idle: Idle, kind: Kind) -> Result<(), Away> {
        if let Who::Signed(roles) = self.who {
            let Some(person) = &session.person else {
                return Err(Away::SignIn);
            };
            if idle == Idle::Locked {
                return Err(Away::Locked);
            }
            if !roles.contains(&person.role) {
                return Err(Away::Role);
            }
        }
        if self.when.contains(&kind) {
            Ok(())
        } else {
            Err(Away::State)
        }
    }

    /// Whether this role is among those for whom it is.
    pub(super) fn is_for(&self, role: Role) -> bool {
        match self.who {
            Who::Anyone => true,
            Who::Signed(roles) => roles.contains(&role),
        }
    }

    /// The page that this address shows, where a person goes there by choice.
    pub(super) fn free_page(path: &str) -> Option<(&'static Route, Page)> {
        ROUTES.iter().find_map(|route| {
            if let Does::Show(page) = route.does
                && page.is_free()
                && route.path == path
            {
                Some((route, page))
            } else {
                None
            }
        })
    }
}
