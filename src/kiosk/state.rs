//! Where the counter stands, as every screen shows it. Pure: changes only by what the worker and
//! persons report; holds no session, no socket and no clock.

use std::sync::Arc;
use std::time::Duration;

use super::books::Books;
use super::entry::{Close, Entry};
use super::faces::{Faces, OldFaces};
use super::tech::Tech;
use crate::fault::{Signed, Words};
use crate::issuance::{Decision, Withdrawal};
use crate::product::CardNumber;
use crate::station::agenda::{Agenda, Far, Sheet};
use crate::station::checklist::Check;
use crate::station::request::{Act, Reply, Stop};
use crate::station::view::Snapshot;

/// Where the counter stands.
pub(super) struct State {
    /// Bound into every one-time action id: another one after each act that was taken.
    pub(super) turn: Turn,
    /// What is going on.
    pub(super) stage: Stage,
    /// What there is to do, as last looked up.
    pub(super) agenda: Agenda,
    /// The open job as persons see it; in memory only, wiped when it is over.
    pub(super) job: Option<Arc<JobView>>,
    /// The old card's pictures out of its chip; in memory only, wiped with the job.
    pub(super) old: Option<Arc<OldFaces>>,
    /// What the station shows of the card in the making.
    pub(super) snapshot: Snapshot,
    /// When that came, since the program began.
    pub(super) snapshot_at: Duration,
    /// What the station said last.
    pub(super) remark: Option<Words>,
    /// What was wrong with the last answer.
    pub(super) slip: Option<Slip>,
    /// "Stop after this motion" was asked for.
    pub(super) stop_asked: bool,
    /// A decision that waits for a second person.
    pub(super) approval: Option<Approval>,
    /// What the last request beside a card came to: supplies, counts, a technician's order.
    pub(super) told: Option<Box<Result<Reply, Stop>>>,
    /// What a technician ordered; what came of it is `told`.
    pub(super) tech: Tech,
    /// Material: the books, and what persons do with them.
    pub(super) books: Books,
}

/// One state of the acts that are open: 128 bits of chance, in hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Turn(pub String);

/// The open job as persons see it.
pub(super) struct JobView {
    /// What the card says.
    pub(super) sheet: Sheet,
    /// Its pictures.
    pub(super) faces: Faces,
}

/// What is going on.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stage {
    /// Journal and authority are asked where things stand.
    Starting,
    /// The journal cannot be used, or another program has it.
    Out(Box<Stop>),
    /// No job is open.
    Idle,
    /// A job is fetched and prepared.
    Opening,
    /// The proof is shown; the checks come a moment later.
    Review(Option<Checks>),
    /// The station works and asks nothing.
    Busy(Doing),
    /// The station waits for a person.
    Asked(Doing, Question),
    /// The finished card lies in the slot.
    Produced {
        /// Its number.
        number: CardNumber,
        /// From the first byte of print data to the slot.
        elapsed_ms: Option<u32>,
    },
    /// The journal says that a job is open; nothing was asked of it in this run.
    Waiting(Far),
    /// The last request stopped, and nobody is asked.
    Stopped(Box<Stop>, Doing),
    /// The job is over.
    Ended(End),
}

/// What the station does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// A card is made.
    Making,
    /// What was cut short is examined.
    Examining,
    /// The job is given back.
    GivingBack,
    /// The card is handed over.
    HandingOver,
    /// The card is withdrawn.
    Withdrawing,
}

/// What the station asks.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Question {
    /// For an act.
    Act(Act),
    /// For a decision about a stop.
    Decide(Box<Stop>),
}

/// The checks before a blank is fed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Checks {
    /// Whether a card could be begun now.
    pub(super) ready: bool,
    /// Each of them.
    pub(super) list: Vec<Check>,
    /// Why they could not be made at all.
    pub(super) stop: Option<Box<Stop>>,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum End {
    /// The holder has the card.
    Delivered {
        /// The job, by which its record is found.
        job: String,
        /// The number, live now.
        number: CardNumber,
    },
    /// The finished card was withdrawn.
    Withdrawn {
        /// The number that was burned.
        number: CardNumber,
    },
    /// Nobody can say what the card is; its number was burned.
    Quarantined {
        /// The number.
        number: CardNumber,
    },
    /// No card was made.
    Returned,
}

/// What was wrong with an answer; the question stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slip {
    /// The last four are others.
    LastFour,
    /// Person and PIN do not belong together, or it is not a second person.
    Second,
}

/// A decision that waits for a second person.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Approval {
    /// What is to be decided.
    pub(super) subject: Subject,
    /// Who asked.
    pub(super) asked_by: Signed,
}

/// What two persons decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// A decision about the stop at hand.
    Decision(Decision),
    /// The finished card is withdrawn.
    Withdraw(Withdrawal),
    /// An act with material is recorded.
    Material(Entry),
    /// The shift is closed.
    Shift(Close),
}

impl Subject {
    /// The page to which its end leads, where the state says none.
    pub(super) fn path(&self) -> Option<String> {
        match self {
            Subject::Decision(_) | Subject::Withdraw(_) => None,
            Subject::Material(entry) => Some(entry.act.path()),
            Subject::Shift(_) => Some("/shift".to_owned()),
        }
    }
}

/// A stage without what belongs to it: what routes are bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    /// [`Stage::Starting`].
    Starting,
    /// [`Stage::Out`].
    Out,
    /// [`Stage::Idle`].
    Idle,
    /// [`Stage::Opening`].
    Opening,
    /// [`Stage::Review`].
    Review,
    /// [`Stage::Busy`].
    Busy,
    /// [`Stage::Asked`] for an act.
    Act,
    /// [`Stage::Asked`] for a decision.
    Decide,
    /// [`Stage::Produced`].
    Produced,
    /// [`Stage::Waiting`].
    Waiting,
    /// [`Stage::Stopped`].
    Stopped,
    /// [`Stage::Ended`].
    Ended,
    /// Whatever it is, a second person is asked.
    Approval,
}

impl Stage {
    /// The act that a person is asked for.
    pub(super) fn act(&self) -> Option<Act> {
        if let Stage::Asked(_, Question::Act(act)) = self {
            Some(*act)
        } else {
            None
        }
    }

    /// The stop at hand, asked about or not.
    pub(super) fn stop(&self) -> Option<&Stop> {
        if let Stage::Asked(_, Question::Decide(stop))
        | Stage::Stopped(stop, _)
        | Stage::Out(stop) = self
        {
            Some(stop)
        } else {
            None
        }
    }

    /// What the station does, where it does something.
    pub(super) fn doing(&self) -> Option<Doing> {
        if let Stage::Busy(doing) | Stage::Asked(doing, _) = self {
            Some(*doing)
        } else {
            None
        }
    }

    /// How long the finished card took.
    pub(super) fn took_ms(&self) -> Option<u32> {
        if let Stage::Produced { elapsed_ms, .. } = self {
            *elapsed_ms
        } else {
            None
        }
    }
}

impl Kind {
    /// Every kind.
    pub(super) const ALL: [Kind; 13] = [
        Kind::Starting,
        Kind::Out,
        Kind::Idle,
        Kind::Opening,
        Kind::Review,
        Kind::Busy,
        Kind::Act,
        Kind::Decide,
        Kind::Produced,
        Kind::Waiting,
        Kind::Stopped,
        Kind::Ended,
        Kind::Approval,
    ];
}

impl State {
    /// Before anything is known.
    pub(super) fn new(turn: Turn) -> State {
        State {
            turn,
            stage: Stage::Starting,
            agenda: Agenda::default(),
            job: None,
            old: None,
            snapshot: Snapshot::default(),
            snapshot_at: Duration::ZERO,
            remark: None,
            slip: None,
            stop_asked: false,
            approval: None,
            told: None,
            tech: Tech::default(),
            books: Books::default(),
        }
    }

    /// What routes are bound to.
    pub(super) fn kind(&self) -> Kind {
        if self.approval.is_some() {
            return Kind::Approval;
        }
        match &self.stage {
            Stage::Starting => Kind::Starting,
            Stage::Out(_) => Kind::Out,
            Stage::Idle => Kind::Idle,
            Stage::Opening => Kind::Opening,
            Stage::Review(_) => Kind::Review,
            Stage::Busy(_) => Kind::Busy,
            Stage::Asked(_, Question::Act(_)) => Kind::Act,
            Stage::Asked(_, Question::Decide(_)) => Kind::Decide,
            Stage::Produced { .. } => Kind::Produced,
            Stage::Waiting(_) => Kind::Waiting,
            Stage::Stopped(..) => Kind::Stopped,
            Stage::Ended(_) => Kind::Ended,
        }
    }

    /// The job that screens name in their address.
    pub(super) fn job_id(&self) -> Option<&str> {
        let viewed = self.job.as_ref().map(|job| job.sheet.job.as_str());
        let shown = (!self.snapshot.job.is_empty()).then_some(self.snapshot.job.as_str());
        let open = self
            .agenda
            .open
            .as_ref()
            .and_then(|open| open.job.as_deref());
        viewed.or(shown).or(open)
    }

    /// The reception number of the job at hand.
    pub(super) fn reception(&self) -> Option<&str> {
        let viewed = self.job.as_ref().map(|job| job.sheet.reception.as_str());
        viewed.or((!self.snapshot.reception.is_empty()).then_some(&self.snapshot.reception))
    }

    /// The new card's number, as far as it is granted.
    pub(super) fn number(&self) -> Option<String> {
        let shown = (!self.snapshot.number.is_empty()).then(|| self.snapshot.number.clone());
        let viewed = || self.job.as_ref().map(|job| job.sheet.number.to_string());
        let open = self.agenda.open.as_ref().and_then(|open| open.number);
        shown
            .or_else(viewed)
            .or(open.map(|number| number.to_string()))
    }

    /// The job's picture, if it is that of the attempt at hand.
    pub(super) fn card(&self) -> Option<&Arc<JobView>> {
        let number = self.number();
        let of_this = |job: &&Arc<JobView>| number.as_deref() == Some(job.sheet.number.as_str());
        self.job.as_ref().filter(of_this)
    }

    /// Whether nobody's work would be cut off if this program ended now.
    pub(super) fn at_rest(&self) -> bool {
        !matches!(
            self.stage,
            Stage::Opening | Stage::Busy(_) | Stage::Asked(..)
        )
    }

    /// Whether material may be handled: nothing moves, nobody is asked, the journal is at hand.
    pub(super) fn lies_still(&self) -> bool {
        match self.stage {
            Stage::Idle | Stage::Review(Some(_)) | Stage::Waiting(_) | Stage::Stopped(..) => true,
            Stage::Starting
            | Stage::Out(_)
            | Stage::Opening
            | Stage::Review(None)
            | Stage::Busy(_)
            | Stage::Asked(..)
            | Stage::Produced { .. }
            | Stage::Ended(_) => false,
        }
    }

    /// Whoever worked with material left: what was asked of a second person for it is dropped.
    pub(super) fn leave_books(&mut self) {
        let material = |approval: &Approval| approval.subject.path().is_some();
        self.approval = self.approval.take().filter(|asked| !material(asked));
        self.books = Books {
            running: self.books.running,
            ..Books::default()
        };
    }

    /// Nothing of the holder stays here.
    pub(super) fn forget_job(&mut self) {
        self.job = None;
        self.old = None;
    }

    /// The job is over, or whoever worked at it left: nothing of the holder stays here.
    pub(super) fn forget_holder(&mut self) {
        self.forget_job();
        let far = match self.stage {
            Stage::Review(_) => Far::Fresh,
            Stage::Produced { .. } => Far::Produced,
            Stage::Starting
            | Stage::Out(_)
            | Stage::Idle
            | Stage::Opening
            | Stage::Busy(_)
            | Stage::Asked(..)
            | Stage::Waiting(_)
            | Stage::Stopped(..)
            | Stage::Ended(_) => return,
        };
        self.stage = Stage::Waiting(far);
    }
}
