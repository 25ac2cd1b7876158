//! The one thread that asks the station: one request after the other, each through the one door.
//! What the station asks of a person becomes a screen; the answer is waited for here.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;

use super::books::{Errand, count_of};
use super::faces::{Faces, OldFaces, png};
use super::house::House;
use super::state::{Checks, Doing, End, JobView, Question, Stage, State};
use super::tech::LOOKS;
use crate::fault::{By, Code, Signed};
use crate::issuance::{Decision, Step, Withdrawal};
use crate::product::CardNumber;
use crate::station::agenda::{Agenda, Far};
use crate::station::request::{Act, Person, Reply, Request, Select, Shown, Stop};
use crate::station::supplies::{Ask, Told};

/// What the worker is to do.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Order {
    /// Look up what there is to do.
    Look,
    /// Fetch a job and show its proof.
    Open(Select, Signed),
    /// Make the checks of the job under review again.
    Check,
    /// Show the finished card's picture again.
    Show,
    /// Make the card that was reviewed, or go on where the journal stands; after the stop that was left.
    Go(Doing, By, Option<Left>),
    /// Give the job back: nothing has moved for it.
    GiveBack(Signed),
    /// Hand the finished card over.
    HandOver(Signed),
    /// The finished card is not handed over.
    Withdraw(Withdrawal, By),
    /// Material in persons' hands: what for, and what is asked.
    Books(Errand, Box<Ask>),
    /// Anything else that moves no card of a job; its answer is kept for the one who asked.
    Ask(Box<Request>),
}

/// A stop that was left as it stands, by which it is known again.
pub(super) type Left = (Code, Option<Step>);

/// What a person answered.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    /// Whether the act was done.
    Act(bool),
    /// The decision; none leaves the card as it stands.
    Decide(Option<(Decision, By)>),
}

/// Works until the house closes.
pub(super) fn work(house: &Arc<House>, orders: &Receiver<Order>, answers: &Receiver<Answer>) {
    while let Ok(order) = orders.recv() {
        house.queued.fetch_sub(1, Ordering::SeqCst);
        do_one(house, answers, order);
        house.idle.store(true, Ordering::SeqCst);
    }
}

fn do_one(house: &House, answers: &Receiver<Answer>, order: Order) {
    match order {
        Order::Look => look(house),
        Order::Open(select, clerk) => open(house, Request::Open { select, clerk }),
        Order::Check => check(house),
        Order::Show => show(house),
        Order::Go(doing, by, left) => {
            let mut person = AtScreen::new(house, answers, doing);
            person.goes_on = left.map(|left| (left, by.clone()));
            let reply = perform(house, Request::Recover { by }, &mut person);
            settle(house, doing, reply);
        }
        Order::GiveBack(clerk) => {
            let mut person = AtScreen::new(house, answers, Doing::GivingBack);
            person.gives_back = Some(clerk.clone());
            let by = By::One(clerk);
            let reply = perform(house, Request::Recover { by }, &mut person);
            settle(house, Doing::GivingBack, reply);
        }
        Order::HandOver(clerk) => {
            let mut person = AtScreen::new(house, answers, Doing::HandingOver);
            let reply = perform(house, Request::HandOver { clerk }, &mut person);
            settle(house, Doing::HandingOver, reply);
        }
        Order::Withdraw(reason, by) => {
            let mut person = AtScreen::new(house, answers, Doing::Withdrawing);
            let reply = perform(house, Request::Withdraw { reason, by }, &mut person);
            settle(house, Doing::Withdrawing, reply);
        }
        Order::Books(errand, ask) => books(house, errand, *ask),
        Order::Ask(request) => {
            house.stop_asked.store(false, Ordering::SeqCst);
            let mut person = AtScreen::new(house, answers, Doing::Examining);
            person.gives_way = Some(LOOKS);
            let reply = perform(house, *request, &mut person);
            house.stop_asked.store(false, Ordering::SeqCst);
            house.change(|state| {
                state.told = Some(Box::new(reply));
                state.tech.running = false;
                state.stop_asked = false;
            });
        }
    }
}

fn perform(house: &House, request: Request, person: &mut AtScreen<'_>) -> Result<Reply, Stop> {
    (house.perform)(&house.config, request, person, &house.snapshots)
}

/// Asks without anybody at the screen.
fn ask(house: &House, request: Request) -> Result<Reply, Stop> {
    let (_, nobody) = std::sync::mpsc::channel();
    perform(
        house,
        request,
        &mut AtScreen::new(house, &nobody, Doing::Examining),
    )
}

/// What there is to do; where nothing is open, the screens follow it.
fn look(house: &House) {
    match ask(house, Request::Agenda) {
        Ok(Reply::Agenda(agenda)) => house.change(|state| take(state, *agenda)),
        Ok(_) => {}
        Err(stop) => house.change(|state| {
            if matches!(state.stage, Stage::Starting | Stage::Idle | Stage::Out(_)) {
                state.stage = Stage::Out(Box::new(stop));
            }
        }),
    }
}

fn take(state: &mut State, agenda: Agenda) {
    let far = agenda.open.as_ref().map(|open| open.far);
    state.agenda = agenda;
    match (&state.stage, far) {
        (Stage::Starting | Stage::Out(_), Some(far)) => state.stage = Stage::Waiting(far),
        // Somebody opened it at the command line.
        (Stage::Idle, Some(far)) => state.stage = Stage::Waiting(far),
        (Stage::Starting | Stage::Out(_) | Stage::Waiting(_), None) => state.stage = Stage::Idle,
        (_, _) => {}
    }
}

/// Fetches or shows a job's proof, then makes the checks.
fn open(house: &House, request: Request) {
    match ask(house, request) {
        Ok(Reply::Proof {
            sheet, front, back, ..
        }) => {
            let faces = Faces {
                front: png(&front),
                back: png(&back),
                photo: sheet.photo.as_deref().map(png),
            };
            let view = JobView {
                sheet: *sheet,
                faces,
            };
            house.change(|state| {
                state.job = Some(Arc::new(view));
                state.stage = Stage::Review(None);
            });
            check(house);
        }
        Ok(_) => look(house),
        Err(stop) => {
            refresh(house);
            house.change(|state| state.stage = Stage::Stopped(Box::new(stop), Doing::Making));
        }
    }
}

/// The checks before a blank is fed, for the job under review.
fn check(house: &House) {
    let checks = match ask(house, Request::Preflight) {
        Ok(Reply::Preflight { ready, checks }) => Checks {
            ready,
            list: checks,
            stop: None,
        },
        Ok(_) => return,
        Err(stop) => Checks {
            ready: false,
            list: Vec::new(),
            stop: Some(Box::new(stop)),
        },
    };
    house.change(|state| {
        if matches!(state.stage, Stage::Review(_)) {
            state.stage = Stage::Review(Some(checks));
        }
    });
    refresh(house);
}

/// Looks up what there is to do without moving the screens.
fn refresh(house: &House) {
    if let Ok(Reply::Agenda(agenda)) = ask(house, Request::Agenda) {
        house.change(|state| state.agenda = *agenda);
    }
}

/// What persons want of the books, and how these stand then.
fn books(house: &House, errand: Errand, wanted: Ask) {
    let counted = count_of(&wanted).cloned();
    let reply = ask(house, Request::Supplies(wanted));
    let told = matches!(&reply, Ok(Reply::Supplies(told)) if matches!(**told, Told::Stock(_)));
    house.change(|state| state.books.told(errand, counted.as_ref(), reply));
    if !told {
        let shown = ask(house, Request::Supplies(Ask::Show));
        house.change(|state| state.books.see(shown));
    }
    refresh(house);
}

/// The picture of the finished card, for whoever hands it over.
fn show(house: &House) {
    let job = house.read(|state| state.job_id().map(str::to_owned));
    let number = house.read(|state| state.agenda.open.as_ref().and_then(|open| open.number));
    let Some(job) = job else {
        return look(house);
    };
    match ask(house, Request::Proof { job }) {
        Ok(Reply::Proof {
            sheet, front, back, ..
        }) => {
            let number = number.unwrap_or(sheet.number);
            let faces = Faces {
                front: png(&front),
                back: png(&back),
                photo: sheet.photo.as_deref().map(png),
            };
            house.change(|state| {
                state.job = Some(Arc::new(JobView {
                    sheet: *sheet,
                    faces,
                }));
                let elapsed_ms = state.stage.took_ms().or(state.snapshot.finished_ms);
                state.stage = Stage::Produced { number, elapsed_ms };
            });
        }
        Ok(_) => look(house),
        Err(stop) => house.change(|state| {
            state.stage = Stage::Stopped(Box::new(stop), Doing::HandingOver);
        }),
    }
}

/// What a request about the card came to.
fn settle(house: &House, doing: Doing, reply: Result<Reply, Stop>) {
    house.stop_asked.store(false, Ordering::SeqCst);
    refresh(house);
    let stale = house.change(|state| {
        state.stop_asked = false;
        state.approval = None;
        state.slip = None;
        match reply {
            Err(stop) => state.stage = Stage::Stopped(Box::new(stop), doing),
            Ok(reply) => arrive(state, reply),
        }
        matches!(&state.stage, Stage::Produced { number, .. } if !shows(state, number))
    });
    if stale {
        show(house);
    }
}

fn shows(state: &State, number: &CardNumber) -> bool {
    state
        .job
        .as_ref()
        .is_some_and(|job| job.sheet.number == *number)
}

fn arrive(state: &mut State, reply: Reply) {
    let end = match reply {
        Reply::Produced {
            number, elapsed_ms, ..
        } => {
            state.stage = Stage::Produced { number, elapsed_ms };
            return;
        }
        Reply::Delivered { number, job, .. } => End::Delivered { job, number },
        Reply::Withdrawn { number, .. } => End::Withdrawn { number },
        Reply::Quarantined { number, .. } => End::Quarantined { number },
        Reply::Returned { .. } => End::Returned,
        Reply::Idle
        | Reply::Agenda(_)
        | Reply::TakenOver(_)
        | Reply::Fits { .. }
        | Reply::Surveyed { .. }
        | Reply::Preflight { .. }
        | Reply::Supplies(_)
        | Reply::Proof { .. }
        | Reply::Record(_)
        | Reply::Shift(_)
        | Reply::Diagnosed(_) => {
            state.forget_job();
            let far = state.agenda.open.as_ref().map(|open| open.far);
            state.stage = far.map_or(Stage::Idle, Stage::Waiting);
            return;
        }
    };
    state.forget_job();
    state.stage = Stage::Ended(end);
}

/// The person at the screen, as the station meets them.
struct AtScreen<'a> {
    house: &'a House,
    answers: &'a Receiver<Answer>,
    doing: Doing,
    /// The job is given back by this person, without a question.
    gives_back: Option<Signed>,
    /// From the stop that was left this person asked to go on, and is not asked that again.
    goes_on: Option<(Left, By)>,
    /// Ends for whoever wants something of the station, and after being asked so often.
    gives_way: Option<u32>,
}

impl<'a> AtScreen<'a> {
    fn new(house: &'a House, answers: &'a Receiver<Answer>, doing: Doing) -> AtScreen<'a> {
        AtScreen {
            house,
            answers,
            doing,
            gives_back: None,
            goes_on: None,
            gives_way: None,
        }
    }

    /// Puts a question on the screens and waits; none when the house closes.
    fn put(&mut self, question: Question) -> Option<Answer> {
        let doing = self.doing;
        self.house.change(|state| {
            state.slip = None;
            state.stage = Stage::Asked(doing, question);
        });
        let answer = self.answers.recv().ok();
        self.house.change(|state| {
            state.remark = None;
            state.approval = None;
        });
        answer
    }
}

impl Person for AtScreen<'_> {
    fn act(&mut self, act: Act) -> bool {
        self.put(Question::Act(act)) == Some(Answer::Act(true))
    }

    fn decide(&mut self, stop: &Stop) -> Option<(Decision, By)> {
        if let Some(clerk) = self.gives_back.take() {
            let by = By::One(clerk);
            if stop.permits(Decision::Cancel, &by) {
                return Some((Decision::Cancel, by));
            }
        }
        if let Some((left, by)) = self.goes_on.take() {
            let same = left == (stop.code, stop.step);
            if same && stop.permits(Decision::Continue, &by) {
                return Some((Decision::Continue, by));
            }
        }
        match self.put(Question::Decide(Box::new(stop.clone()))) {
            Some(Answer::Decide(decision)) => {
                // What was asked for was answered: the card goes on, or is given up.
                self.house.stop_asked.store(false, Ordering::SeqCst);
                self.house.change(|state| state.stop_asked = false);
                decision
            }
            Some(Answer::Act(_)) | None => None,
        }
    }

    fn show(&mut self, shown: Shown) {
        match shown {
            Shown::Words(words) => self.house.change(|state| state.remark = Some(words)),
            Shown::OldCard(sighted) => {
                let old = Arc::new(OldFaces::of(&sighted));
                self.house.change(|state| state.old = Some(old));
            }
        }
    }

    fn stop_asked(&mut self) -> bool {
        if let Some(looks) = &mut self.gives_way {
            *looks = looks.saturating_sub(1);
            if *looks == 0 || self.house.queued.load(Ordering::SeqCst) > 0 {
                return true;
            }
        }
        self.gives_back.is_some() || self.house.stop_asked.load(Ordering::SeqCst)
    }
}

/// How a job that is open is gone on with.
pub(super) fn resume(
    far: Far,
    job: Option<&str>,
    clerk: &Signed,
    left: Option<Left>,
) -> (Stage, Order) {
    let by = By::One(clerk.clone());
    match (far, job) {
        (Far::Fresh, Some(job)) => (
            Stage::Opening,
            Order::Open(Select::Job(job.to_owned()), clerk.clone()),
        ),
        (Far::Produced, Some(_)) => (Stage::Busy(Doing::Examining), Order::Show),
        (Far::Fresh | Far::Interrupted | Far::Produced | Far::InHand, _) => (
            Stage::Busy(Doing::Examining),
            Order::Go(Doing::Examining, by, left),
        ),
    }
}

#[cfg(test)]
mod tests;
