//! What the station asks becomes a screen, the answer reaches it once, and a house that closes
//! leaves no question hanging. The station behind the door is a double that asks.

use std::sync::mpsc;
use std::time::Duration;

use tokio::sync::watch;

use super::super::state::Kind;
use super::*;
use crate::config::Config;
use crate::fault::{Code, Hands, Role};
use crate::station::request::Open;
use crate::station::view::Snapshot;

fn number() -> CardNumber {
    CardNumber::parse("AB12345678CD").expect("a number")
}

fn clerk() -> Signed {
    Signed {
        person: "a.mihon".to_owned(),
        role: Role::Clerk,
    }
}

fn stop() -> Stop {
    let mut stop = Stop::plain(Code::Cancelled);
    let open = |decision| Open {
        decision,
        hands: Hands::Counter,
    };
    stop.decisions = vec![open(Decision::Continue), open(Decision::Cancel)];
    stop
}

/// Asks for the old card; without it, for a decision; tells what was answered by its reply.
fn asking(
    _: &Config,
    request: Request,
    person: &mut dyn Person,
    _: &watch::Sender<Snapshot>,
) -> Result<Reply, Stop> {
    let returned = || Reply::Returned {
        job: "J".to_owned(),
    };
    match request {
        Request::Agenda => Ok(Reply::Agenda(Box::default())),
        Request::Recover { .. } if person.stop_asked() => match person.decide(&stop()) {
            Some((Decision::Cancel, _)) => Ok(returned()),
            _ => Err(stop()),
        },
        Request::Recover { .. } if person.act(Act::PlaceOld(number())) => {
            let number = number();
            Ok(Reply::Withdrawn {
                job: "J".to_owned(),
                number,
            })
        }
        Request::Recover { .. } => match person.decide(&stop()) {
            Some((Decision::Cancel, By::One(_))) => Ok(returned()),
            _ => Err(stop()),
        },
        Request::Open { .. }
        | Request::Issue { .. }
        | Request::HandOver { .. }
        | Request::Withdraw { .. }
        | Request::TakeOver { .. }
        | Request::Survey
        | Request::Preflight
        | Request::Supplies(_)
        | Request::Proof { .. }
        | Request::Record { .. }
        | Request::Shift { .. }
        | Request::Diagnose(_) => Err(Stop::plain(Code::Unknown)),
    }
}

struct Rig {
    house: Arc<House>,
    worker: std::thread::JoinHandle<()>,
}

fn rig() -> Rig {
    let text = include_str!("../handle/station.toml");
    let config = Config::parse(text, "station.toml".as_ref()).expect("a configuration");
    let (orders, received) = mpsc::channel();
    let (answers, answered) = mpsc::channel();
    let house = Arc::new(House::new(config, asking, orders, answers));
    let working = Arc::clone(&house);
    let worker = std::thread::spawn(move || work(&working, &received, &answered));
    Rig { house, worker }
}

impl Rig {
    /// Waits for the screens to be of this kind.
    fn comes_to(&self, kind: Kind) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let mut changes = self.house.watch();
        let come = changes.wait_for(|_| self.house.read(State::kind) == kind);
        let waited = runtime.block_on(async {
            tokio::time::timeout(Duration::from_secs(20), come)
                .await
                .is_ok()
        });
        assert!(
            waited,
            "{kind:?} did not come: {:?}",
            self.house.read(|s| s.stage.clone())
        );
    }
}

fn go() -> Order {
    Order::Go(Doing::Making, By::One(clerk()), None)
}

#[test]
fn a_question_becomes_a_screen_and_its_answer_reaches_the_station() {
    let rig = rig();
    rig.house.order(go());
    rig.comes_to(Kind::Act);
    rig.house.answer(Answer::Act(true));
    rig.comes_to(Kind::Ended);
    let end = rig.house.read(|state| state.stage.clone());
    assert_eq!(end, Stage::Ended(End::Withdrawn { number: number() }));
}

#[test]
fn an_act_that_was_not_done_leads_to_the_stop_and_leaving_it_stops_the_request() {
    let rig = rig();
    rig.house.order(go());
    rig.comes_to(Kind::Act);
    rig.house.answer(Answer::Act(false));
    rig.comes_to(Kind::Decide);
    rig.house.answer(Answer::Decide(None));
    rig.comes_to(Kind::Stopped);
}

#[test]
fn a_job_is_given_back_without_a_question() {
    let rig = rig();
    rig.house.order(Order::GiveBack(clerk()));
    rig.comes_to(Kind::Ended);
    assert_eq!(
        rig.house.read(|state| state.stage.clone()),
        Stage::Ended(End::Returned)
    );
}

#[test]
fn a_house_that_closes_leaves_no_question_hanging() {
    let rig = rig();
    rig.house.order(go());
    rig.comes_to(Kind::Act);
    rig.house.close();
    rig.worker.join().expect("the worker ends by itself");
    assert_eq!(rig.house.read(State::kind), Kind::Stopped);
}

#[test]
fn a_job_that_somebody_opened_at_the_command_line_comes_to_the_screens() {
    let mut state = State::new(super::super::state::Turn("1".to_owned()));
    let open = crate::station::agenda::OpenJob {
        job: Some("J".to_owned()),
        number: None,
        far: Far::Interrupted,
        old_due: false,
    };
    take(&mut state, Agenda::default());
    assert_eq!(state.stage, Stage::Idle);
    let agenda = Agenda {
        open: Some(open),
        ..Agenda::default()
    };
    take(&mut state, agenda);
    assert_eq!(state.stage, Stage::Waiting(Far::Interrupted));
    take(&mut state, Agenda::default());
    assert_eq!(state.stage, Stage::Idle);
}

#[test]
fn whoever_goes_on_from_a_stop_that_was_left_is_not_asked_that_again_but_of_another_stop() {
    let same = (stop().code, stop().step);
    for (left, comes) in [
        (same, Kind::Stopped),
        ((Code::CoverOpen, same.1), Kind::Decide),
    ] {
        let rig = rig();
        let by = By::One(clerk());
        rig.house.order(Order::Go(Doing::Examining, by, Some(left)));
        rig.comes_to(Kind::Act);
        rig.house.answer(Answer::Act(false));
        rig.comes_to(comes);
        rig.house.close();
        rig.worker.join().expect("the worker ends by itself");
    }
}
