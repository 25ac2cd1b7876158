//! What each posted act does: takes its one-time action id, then changes the state and tells the
//! worker. A stale id changes nothing.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::handle::{Caller, pairs};
use super::house::{House, chance};
use super::routes::{Does, Route};
use super::screens::{Notice, name_of, reason_of};
use super::state::{Approval, Doing, Question, Slip, Stage, State, Subject};
use super::words::Lang;
use super::worker::{Answer, Order, resume};
use super::{guard, material, tech};
use crate::fault::{By, Role, Signed, TwoPersons};
use crate::issuance::{Decision, Withdrawal};
use crate::people::{Error as PeopleError, People};
use crate::product::CardNumber;
use crate::station::request::{Act, Select, Stop};
use crate::station::view::Snapshot;

/// A posted form. Wiped when dropped: it may hold a PIN.
pub(super) struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    pub(super) fn parse(bytes: &[u8]) -> Form {
        let text = Zeroizing::new(String::from_utf8_lossy(bytes).into_owned());
        let fields = pairs(&text).into_iter();
        Form(
            fields
                .map(|(name, value)| (name, Zeroizing::new(value)))
                .collect(),
        )
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(key, _)| key == name);
        field.map(|(_, value)| value.as_str())
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }
}

/// What came of an act.
pub(super) enum Done {
    /// The state says where to go.
    Home,
    /// This page, if the state lets it.
    At(String),
    /// A person signed in; the browser has another id.
    SignedIn(HeaderValue),
    /// Nothing to show.
    Quiet,
}

type Outcome = Result<Done, (Notice, StatusCode)>;

const STALE: (Notice, StatusCode) = (Notice::Stale, StatusCode::CONFLICT);

/// Does what the route says.
pub(super) async fn act(
    route: &'static Route,
    house: &Arc<House>,
    caller: &Caller,
    form: &Form,
) -> Outcome {
    match route.does {
        Does::Enrol => enrol(house, form).await,
        Does::SignIn => sign_in(house, caller, form).await,
        Does::SignOut => Ok(sign_out(house, caller)),
        Does::View => Ok(view(house, caller, form)),
        Does::Stay => Ok(Done::Quiet),
        Does::Approve => approve(house, form).await,
        Does::Home
        | Does::Show(_)
        | Does::Script
        | Does::Style
        | Does::Icon
        | Does::Live
        | Does::Face
        | Does::Bundle
        | Does::ShiftReport
        | Does::Record => Err((Notice::NoPage, StatusCode::NOT_FOUND)),
        Does::Look
        | Does::Open
        | Does::Check
        | Does::Issue
        | Does::GiveBack
        | Does::StopAfter
        | Does::Act
        | Does::Decide
        | Does::Leave
        | Does::Resume
        | Does::HandOver
        | Does::Withdraw
        | Does::Refuse
        | Does::Order
        | Does::Halt
        | Does::Material(_)
        | Does::Next => once(route.does, house, caller, form),
    }
}

/// What the worker is told, if anything.
pub(super) enum Tell {
    Order(Order),
    Answer(Answer),
    Nothing,
}

/// An act under its one-time id: the state changes and the id is spent in one breath.
fn once(does: Does, house: &Arc<House>, caller: &Caller, form: &Form) -> Outcome {
    let Some(person) = caller.session.person.clone() else {
        return Err((Notice::NotYours, StatusCode::FORBIDDEN));
    };
    let told = house.act(form.text("turn"), |state| {
        let way = material::way(does, state, form);
        let told = change(does, state, &person, form)?;
        // Told within the breath, so that two acts reach the worker in the order of their ids.
        match told {
            Tell::Order(order) => house.order(order),
            Tell::Answer(answer) => house.answer(answer),
            Tell::Nothing => house.stop_asked.store(state.stop_asked, Ordering::SeqCst),
        }
        Some(way.map_or(Done::Home, Done::At))
    });
    told.flatten().ok_or(STALE)
}

/// Changes the state; none when the act does not fit it.
fn change(does: Does, state: &mut State, person: &Signed, form: &Form) -> Option<Tell> {
    state.slip = None;
    before_a_card(does, state, person, form)
        .or_else(|| at_a_card(does, state, person, form))
        .or_else(|| beside_cards(does, state, person, form))
        .or_else(|| material::change(does, state, person, form))
}

/// Until a card is begun.
fn before_a_card(does: Does, state: &mut State, person: &Signed, form: &Form) -> Option<Tell> {
    let (stage, order) = match (does, &state.stage) {
        (Does::Look, Stage::Out(_) | Stage::Starting) => (Stage::Starting, Order::Look),
        (Does::Open, Stage::Idle) => {
            let job = form.get("job")?;
            let mut waiting = state.agenda.waiting.iter();
            waiting.find(|waiting| waiting.job == job)?;
            let select = Select::Job(job.to_owned());
            (Stage::Opening, Order::Open(select, person.clone()))
        }
        (Does::Check, Stage::Review(_)) => (Stage::Review(None), Order::Check),
        (Does::Issue, Stage::Review(Some(_))) => {
            let by = By::One(person.clone());
            (
                Stage::Busy(Doing::Making),
                Order::Go(Doing::Making, by, None),
            )
        }
        (Does::GiveBack, Stage::Review(_)) => {
            let order = Order::GiveBack(person.clone());
            (Stage::Busy(Doing::GivingBack), order)
        }
        (Does::Resume, Stage::Waiting(far)) => resume(*far, state.job_id(), person, None),
        (Does::Resume, Stage::Stopped(stop, _)) => {
            let far = state.agenda.open.as_ref().map(|open| open.far)?;
            resume(far, state.job_id(), person, Some((stop.code, stop.step)))
        }
        (Does::HandOver, Stage::Produced { .. }) => {
            let order = Order::HandOver(person.clone());
            (Stage::Busy(Doing::HandingOver), order)
        }
        (Does::Next, Stage::Ended(_) | Stage::Stopped(..)) => {
            let far = state.agenda.open.as_ref().map(|open| open.far);
            state.snapshot = Snapshot::default();
            (far.map_or(Stage::Idle, Stage::Waiting), Order::Look)
        }
        (_, _) => return None,
    };
    state.stage = stage;
    state.remark = None;
    Some(Tell::Order(order))
}

/// While the station works or asks.
fn at_a_card(does: Does, state: &mut State, person: &Signed, form: &Form) -> Option<Tell> {
    match (does, &state.stage) {
        (Does::StopAfter, Stage::Busy(_)) => {
            state.stop_asked = form.get("stop") == Some("yes");
            Some(Tell::Nothing)
        }
        (Does::Act, Stage::Asked(_, Question::Act(asked))) => answer_act(*asked, state, form),
        (Does::Decide, Stage::Asked(doing, Question::Decide(stop))) => {
            let (doing, stop) = (*doing, stop.clone());
            decide(doing, &stop, state, person, form)
        }
        (Does::Leave, Stage::Asked(doing, Question::Decide(_))) => {
            state.stage = Stage::Busy(*doing);
            Some(Tell::Answer(Answer::Decide(None)))
        }
        (Does::Withdraw, Stage::Produced { .. } | Stage::Stopped(..)) => {
            let why = withdrawal(form.get("reason")?)?;
            state.approval = Some(Approval {
                subject: Subject::Withdraw(why),
                asked_by: person.clone(),
            });
            Some(Tell::Nothing)
        }
        (Does::Refuse, _) => state.approval.take().map(|_| Tell::Nothing),
        (_, _) => None,
    }
}

/// A technician's orders, while no job is open.
fn beside_cards(does: Does, state: &mut State, person: &Signed, form: &Form) -> Option<Tell> {
    match (does, &state.stage) {
        (Does::Order, Stage::Idle | Stage::Out(_)) if !state.tech.running => {
            let back = form.text("way") == "back";
            let (name, order) = tech::order(form.text("order"), form.text("motor"), back)?;
            state.tech.order = Some(name);
            state.tech.running = true;
            state.told = None;
            state.snapshot.service = None;
            let request = tech::request(order, person);
            Some(Tell::Order(Order::Ask(Box::new(request))))
        }
        (Does::Halt, Stage::Idle | Stage::Out(_)) => {
            state.stop_asked = state.tech.running;
            Some(Tell::Nothing)
        }
        (_, _) => None,
    }
}

/// Whether an act was done; where a number must be read, its last four say so.
fn answer_act(asked: Act, state: &mut State, form: &Form) -> Option<Tell> {
    let done = match form.get("done")? {
        "yes" => true,
        "no" => false,
        _ => return None,
    };
    let typed = form.text("last");
    let read = |number: &CardNumber| number.ends_as_read(typed);
    let right = match &asked {
        Act::HandOver(number) | Act::Punch(number) | Act::Withdraw(number) => read(number),
        Act::RemoveByHand { number, .. } => number.as_ref().is_none_or(read),
        Act::PlaceOld(_) | Act::CollectOld(_) => true,
    };
    if done && !right {
        state.slip = Some(Slip::LastFour);
        return Some(Tell::Nothing);
    }
    if let Stage::Asked(doing, _) = &state.stage {
        state.stage = Stage::Busy(*doing);
    }
    Some(Tell::Answer(Answer::Act(done)))
}

/// A decision: taken where one hand is enough, else put before a second person.
fn decide(
    doing: Doing,
    stop: &Stop,
    state: &mut State,
    person: &Signed,
    form: &Form,
) -> Option<Tell> {
    let name = form.get("decision")?;
    let decision = Decision::ALL
        .into_iter()
        .find(|decision| name_of(*decision) == name)?;
    let hands = stop.hands(decision)?;
    let one = By::One(person.clone());
    if hands.are(&one) {
        state.stage = Stage::Busy(doing);
        return Some(Tell::Answer(Answer::Decide(Some((decision, one)))));
    }
    state.approval = Some(Approval {
        subject: Subject::Decision(decision),
        asked_by: person.clone(),
    });
    Some(Tell::Nothing)
}

fn withdrawal(name: &str) -> Option<Withdrawal> {
    let all = [
        Withdrawal::HolderAbsent,
        Withdrawal::DataWrong,
        Withdrawal::OldForged,
        Withdrawal::DatePassed,
    ];
    all.into_iter().find(|why| reason_of(*why) == name)
}

/// A second person signs in afresh, for this one decision.
async fn approve(house: &Arc<House>, form: &Form) -> Outcome {
    let second = authenticate(house, form.text("person"), form.text("pin")).await;
    let told = house.act(form.text("turn"), |state| {
        let approval = state.approval.clone()?;
        let two = second
            .ok()
            .and_then(|second| TwoPersons::new(approval.asked_by, second).ok());
        let Some(two) = two else {
            state.slip = Some(Slip::Second);
            return Some(Done::Home);
        };
        let done = agree(approval.subject, two, state, house)?;
        state.approval = None;
        state.slip = None;
        Some(done)
    });
    told.flatten().ok_or(STALE)
}

/// What two persons agreed on is done.
fn agree(subject: Subject, two: TwoPersons, state: &mut State, house: &House) -> Option<Done> {
    let way = subject.path().map_or(Done::Home, Done::At);
    match (subject, &state.stage) {
        (Subject::Decision(decision), Stage::Asked(doing, Question::Decide(stop))) => {
            let by = By::Two(two);
            if !stop.permits(decision, &by) {
                return None;
            }
            state.stage = Stage::Busy(*doing);
            house.answer(Answer::Decide(Some((decision, by))));
        }
        (Subject::Withdraw(why), _) => {
            state.stage = Stage::Busy(Doing::Withdrawing);
            house.order(Order::Withdraw(why, By::Two(two)));
        }
        (Subject::Material(entry), _) if state.lies_still() => {
            house.order(state.books.record(entry, By::Two(two))?);
        }
        (Subject::Shift(close), Stage::Idle) => {
            house.order(state.books.close_by(close, two));
        }
        (Subject::Decision(_) | Subject::Material(_) | Subject::Shift(_), _) => return None,
    }
    Some(way)
}

/// Checks a PIN where it may take its time.
async fn authenticate(house: &Arc<House>, id: &str, pin: &str) -> Result<Signed, PeopleError> {
    let file = house.people_file.clone();
    let (id, pin) = (id.to_owned(), Zeroizing::new(pin.to_owned()));
    let check = move || People::open(&file)?.authenticate(&id, &pin, Timestamp::now());
    tokio::task::spawn_blocking(check)
        .await
        .unwrap_or(Err(PeopleError::Wrong))
}

async fn sign_in(house: &Arc<House>, caller: &Caller, form: &Form) -> Outcome {
    match authenticate(house, form.text("person"), form.text("pin")).await {
        Ok(person) => {
            let id = chance(32);
            let cookie = guard::cookie(&id, &house.config.kiosk);
            house
                .sessions()
                .sign_in(&caller.id, id, chance(32), person, house.now());
            // What there is to do may have changed since anybody looked.
            if house.read(State::at_rest) {
                house.order(Order::Look);
            }
            house.change(|_| ());
            Ok(Done::SignedIn(cookie))
        }
        Err(cause) => Err((notice(&cause), StatusCode::FORBIDDEN)),
    }
}

fn notice(cause: &PeopleError) -> Notice {
    match cause {
        PeopleError::Wrong => Notice::WrongPin,
        PeopleError::Throttled { until } => {
            let left = until.as_second() - Timestamp::now().as_second();
            Notice::Throttled(left.max(1))
        }
        PeopleError::BadId | PeopleError::BadPin | PeopleError::Exists => Notice::BadPerson,
        PeopleError::Hash(_) | PeopleError::UnknownRole | PeopleError::Storage(_) => {
            Notice::NoPeople
        }
    }
}

fn sign_out(house: &Arc<House>, caller: &Caller) -> Done {
    let mut sessions = house.sessions();
    sessions.sign_out(&caller.id);
    let left = !sessions.anybody();
    drop(sessions);
    house.change(|state| {
        if left {
            state.forget_holder();
            state.leave_books();
        }
    });
    Done::Home
}

/// The first person, while there is none: a supervisor with a PIN of their own.
async fn enrol(house: &Arc<House>, form: &Form) -> Outcome {
    if form.text("pin") != form.text("again") {
        return Err((Notice::BadPerson, StatusCode::UNPROCESSABLE_ENTITY));
    }
    let file = house.people_file.clone();
    let person = form.text("person").to_owned();
    let pin = Zeroizing::new(form.text("pin").to_owned());
    let mut salt = [0; 16];
    if getrandom::fill(&mut salt).is_err() {
        return Err((Notice::Broken, StatusCode::INTERNAL_SERVER_ERROR));
    }
    let add = move || {
        let people = People::open(&file)?;
        if !people.list()?.is_empty() {
            return Err(PeopleError::Exists);
        }
        people.add(&person, Role::Supervisor, &pin, salt)
    };
    match tokio::task::spawn_blocking(add).await {
        Ok(Ok(())) => Ok(Done::Home),
        Ok(Err(cause)) => Err((notice(&cause), StatusCode::UNPROCESSABLE_ENTITY)),
        Err(_) => Err((Notice::Broken, StatusCode::INTERNAL_SERVER_ERROR)),
    }
}

fn view(house: &Arc<House>, caller: &Caller, form: &Form) -> Done {
    let switch = |name| form.get(name).map(|value| value == "on");
    house.sessions().set(&caller.id, |session| {
        session.lang = form
            .get("lang")
            .and_then(Lang::of_tag)
            .unwrap_or(session.lang);
        session.large = switch("large").unwrap_or(session.large);
        session.sound = switch("sound").unwrap_or(session.sound);
    });
    let chosen = form.text("back");
    let path = chosen.split('?').next().unwrap_or_default();
    match Route::free_page(path) {
        Some(_) => Done::At(chosen.to_owned()),
        None => Done::Home,
    }
}

/// The issuance record of a closed job, as it was written beside the journal.
pub(super) async fn record(house: &Arc<House>, caller: &Caller) -> Response {
    let job = caller.uri.path().split('/').nth(2).unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if job.is_empty() || !job.chars().all(plain) {
        return StatusCode::NOT_FOUND.into_response();
    }
    paper(house, &format!("{job}.pdf")).await
}

/// A paper as it was written beside the journal.
pub(super) async fn paper(house: &House, name: &str) -> Response {
    let file = house.config.records_folder().join(name);
    match tokio::fs::read(file).await {
        Ok(pdf) => ([(header::CONTENT_TYPE, "application/pdf")], pdf).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
