//! Every state of the counter, each at its fullest, so that the same states serve for measuring and
//! for attacking.

use super::super::session::Idle;
use super::super::state::{Approval, Checks, Doing, End, Question, Slip, Stage, State, Subject};
use super::parts::{AT_AN_OLD_CARD, Texts, checks, jam, making, number, old_number, state, stop};
use crate::diag::{Detail, Live, Reading, Report, Value};
use crate::fault::{Code, Role, Signed, Words};
use crate::issuance::{Decision, Sensors, Step, Withdrawal};
use crate::kiosk::screens::{Notice, Page};
use crate::station::agenda::Far;
use crate::station::request::{Act, Reply};

/// One state, and who looks at it.
pub(super) struct Specimen {
    /// Its name; also of its picture.
    pub(super) name: &'static str,
    pub(super) state: State,
    /// The role of whoever looks; nobody where there is none.
    pub(super) role: Option<Role>,
    pub(super) idle: Idle,
    pub(super) query: Vec<(String, String)>,
    pub(super) notice: Option<Notice>,
    /// How many people work here.
    pub(super) people: usize,
    /// The page that the person chose; the state decides where there is none.
    pub(super) chosen: Option<Page>,
}

fn asked(act: Act) -> Stage {
    Stage::Asked(Doing::HandingOver, Question::Act(act))
}

fn signed(texts: &Texts, role: Role) -> Signed {
    Signed {
        person: texts.person.clone(),
        role,
    }
}

/// Every state.
pub(super) fn all(texts: &Texts) -> Vec<Specimen> {
    let mut all = on_the_way(texts);
    all.extend(off_the_way(texts));
    all.extend(super::books::all(texts));
    all
}

/// The states of a card that comes to its holder.
pub(super) fn on_the_way(texts: &Texts) -> Vec<Specimen> {
    let mut all = before_a_card(texts);
    all.extend(of_a_job(texts));
    all.extend(of_a_finished_card(texts));
    all
}

/// The others: stops, and a technician's.
pub(super) fn off_the_way(texts: &Texts) -> Vec<Specimen> {
    let mut all = of_trouble(texts);
    all.extend(of_a_technician(texts));
    all
}

pub(super) fn clerk(name: &'static str, state: State) -> Specimen {
    Specimen {
        name,
        state,
        role: Some(Role::Clerk),
        idle: Idle::Active,
        query: Vec::new(),
        notice: None,
        people: 12,
        chosen: None,
    }
}

fn before_a_card(texts: &Texts) -> Vec<Specimen> {
    let at = |stage| state(stage, texts);
    let idle = |empty: bool| {
        let mut state = at(Stage::Idle);
        state.agenda.open = None;
        if empty {
            state.agenda.waiting.clear();
            state.agenda.unheard = None;
        }
        state
    };
    let out = stop(Code::JournalDamaged, Step::Feed, &[], texts);
    let looked_for = vec![("find".to_owned(), texts.find.clone())];
    vec![
        Specimen {
            role: None,
            people: 0,
            chosen: Some(Page::Enrol),
            ..clerk("enrol", at(Stage::Idle))
        },
        Specimen {
            role: None,
            ..clerk("sign-in", at(Stage::Idle))
        },
        Specimen {
            role: None,
            notice: Some(Notice::Throttled(3600)),
            ..clerk("sign-in-throttled", at(Stage::Idle))
        },
        Specimen {
            idle: Idle::Locked,
            ..clerk("locked", at(Stage::Busy(Doing::Making)))
        },
        clerk("starting", at(Stage::Starting)),
        clerk("out", at(Stage::Out(out))),
        clerk("queue", idle(false)),
        clerk("queue-empty", idle(true)),
        Specimen {
            query: looked_for,
            ..clerk("queue-none-found", idle(false))
        },
        clerk("preparing", at(Stage::Opening)),
        Specimen {
            chosen: Some(Page::Help),
            ..clerk("help", at(Stage::Idle))
        },
    ]
}

fn of_a_job(texts: &Texts) -> Vec<Specimen> {
    let review = |checks| state(Stage::Review(checks), texts);
    let busy = |doing, snapshot| {
        let mut state = state(Stage::Busy(doing), texts);
        state.snapshot = snapshot;
        state
    };
    let unasked = Checks {
        ready: false,
        list: Vec::new(),
        stop: Some(stop(Code::Silent, Step::Feed, &[], texts)),
    };
    let mut late = making(texts, 17);
    late.elapsed_ms = Some(41_700);
    let mut cold = making(texts, 0);
    cold.elapsed_ms = None;
    cold.waits_for = checks(0, 4, texts).list.into_iter().nth(3);
    let mut halted = busy(Doing::Making, making(texts, 12));
    halted.stop_asked = true;
    let stale = Some(Notice::Stale);
    vec![
        clerk("job-before-checks", review(None)),
        clerk("job", review(Some(checks(0, 0, texts)))),
        clerk("job-three-warnings", review(Some(checks(0, 3, texts)))),
        clerk("job-all-wrong", review(Some(checks(9, 8, texts)))),
        clerk("job-not-asked", review(Some(unasked))),
        Specimen {
            notice: stale,
            ..clerk("job-stale", review(Some(checks(2, 3, texts))))
        },
        Specimen {
            idle: Idle::Warned,
            ..clerk("job-idle", review(Some(checks(0, 2, texts))))
        },
        clerk("making", busy(Doing::Making, making(texts, 4))),
        clerk("making-over", busy(Doing::Making, late)),
        clerk("making-cold", busy(Doing::Making, cold)),
        clerk("making-halted", halted),
        clerk("giving-back", busy(Doing::GivingBack, making(texts, 0))),
        clerk(
            "old-card-place",
            state(asked(Act::PlaceOld(old_number())), texts),
        ),
        clerk(
            "old-card-collect",
            state(asked(Act::CollectOld(old_number())), texts),
        ),
    ]
}

fn of_a_finished_card(texts: &Texts) -> Vec<Specimen> {
    let produced = Stage::Produced {
        number: number(),
        elapsed_ms: Some(36_900),
    };
    let ended = |end| {
        let mut state = state(Stage::Ended(end), texts);
        state.job = None;
        state.snapshot.finished_ms = Some(36_900);
        state
    };
    let slipped = |act| {
        let mut state = state(asked(act), texts);
        state.slip = Some(Slip::LastFour);
        state
    };
    let warned = |specimen| Specimen {
        idle: Idle::Warned,
        ..specimen
    };
    vec![
        clerk("ready", state(produced, texts)),
        clerk("handing", state(Stage::Busy(Doing::HandingOver), texts)),
        clerk("hand-over", slipped(Act::HandOver(number()))),
        warned(clerk(
            "hand-over-idle",
            state(asked(Act::HandOver(number())), texts),
        )),
        clerk("punch", slipped(Act::Punch(old_number()))),
        clerk(
            "done",
            ended(End::Delivered {
                job: "OFFICE-2026-000123".to_owned(),
                number: number(),
            }),
        ),
        clerk("withdrawn", ended(End::Withdrawn { number: number() })),
        clerk("quarantined", ended(End::Quarantined { number: number() })),
        clerk("returned", ended(End::Returned)),
    ]
}

fn of_trouble(texts: &Texts) -> Vec<Specimen> {
    let decide = |stop| state(Stage::Asked(Doing::Making, Question::Decide(stop)), texts);
    let old = stop(Code::NoOldCard, Step::CollectOld, &AT_AN_OLD_CARD, texts);
    let approval = |subject| Approval {
        subject,
        asked_by: signed(texts, Role::Clerk),
    };
    let mut second = decide(jam(texts, 7));
    second.approval = Some(approval(Subject::Decision(Decision::Quarantine)));
    second.slip = Some(Slip::Second);
    let mut withdraw = state(Stage::Stopped(jam(texts, 0), Doing::HandingOver), texts);
    let stopped = state(Stage::Stopped(jam(texts, 0), Doing::HandingOver), texts);
    withdraw.approval = Some(approval(Subject::Withdraw(Withdrawal::DataWrong)));
    let sensors = Sensors {
        exit: true,
        ..Sensors::default()
    };
    let by_hand = Act::RemoveByHand {
        number: Some(number()),
        sensors,
    };
    let mut remarked = state(asked(by_hand), texts);
    remarked.slip = Some(Slip::LastFour);
    remarked.remark = Some(Words(texts.value.clone(), texts.value.clone()));
    vec![
        clerk("stop-five", decide(jam(texts, 5))),
        clerk("stop-seven", decide(jam(texts, 7))),
        clerk("stop-old-card", decide(old)),
        Specimen {
            idle: Idle::Warned,
            ..clerk("stop-idle", decide(jam(texts, 5)))
        },
        clerk("stopped", stopped),
        clerk("remove-by-hand", remarked),
        clerk("withdraw", state(asked(Act::Withdraw(number())), texts)),
        clerk("waiting", state(Stage::Waiting(Far::InHand), texts)),
        clerk("approve", second),
        clerk("approve-withdraw", withdraw),
    ]
}

/// The stop of every code, as it stands in the middle of a card.
pub(super) fn of_codes(texts: &Texts) -> Vec<Specimen> {
    let stopped = |code: &Code| {
        let stop = stop(*code, Step::Hologram, &AT_AN_OLD_CARD[..4], texts);
        clerk(
            code.name(),
            state(Stage::Asked(Doing::Making, Question::Decide(stop)), texts),
        )
    };
    Code::ALL.iter().map(stopped).collect()
}

/// As many readings as a machine may have, each in its band.
fn readings(texts: &Texts) -> Vec<Reading> {
    let reading = |at: usize| {
        let value = if at.is_multiple_of(2) {
            Value::Text(texts.value.clone())
        } else {
            Value::Milli(54_200)
        };
        let mut reading = Reading::new(
            "head",
            ("ヘッドの温度（見本）", "Temperature of the head"),
            value,
        );
        reading.name = texts.value.clone();
        reading.normal = Some((45_000, 60_000));
        reading.age_ms = Some(250);
        reading
    };
    (0..28).map(reading).collect()
}

fn of_a_technician(texts: &Texts) -> Vec<Specimen> {
    let readings = readings(texts);
    let at = |order, running| {
        let mut state = state(Stage::Idle, texts);
        state.agenda.open = None;
        state.tech.order = Some(order);
        state.tech.running = running;
        state
    };
    let told = |order, reply| {
        let mut state = at(order, false);
        state.told = Some(Box::new(reply));
        state
    };
    let report = |order, detail| {
        let report = Report::of(order, Vec::new()).with(detail);
        told(order, Ok(Reply::Diagnosed(Box::new(report))))
    };
    let mut watched = at("sensors", true);
    watched.snapshot.service = Some(Live {
        japanese: texts.value.clone(),
        english: texts.value.clone(),
        percent: Some(50),
        readings: readings.clone(),
    });
    let log = super::tech::log(texts);
    let files = super::tech::files(texts);
    let states = vec![
        ("away", state(Stage::Busy(Doing::Making), texts)),
        ("tech", {
            let mut state = at("identity", false);
            state.tech.order = None;
            state
        }),
        ("tech-watching", watched),
        (
            "tech-readings",
            told(
                "identity",
                Ok(Reply::Diagnosed(Box::new(Report::of("identity", readings)))),
            ),
        ),
        ("tech-log", report("log", Detail::Log(log))),
        (
            "tech-history",
            report("history", Detail::Faults(super::tech::faults())),
        ),
        (
            "tech-late",
            report("late", Detail::Faults(super::tech::faults())),
        ),
        ("tech-timing", report("timing", super::tech::times())),
        ("tech-bundle", report("bundle", Detail::Files(files))),
        ("tech-stopped", told("clear", Err(*jam(texts, 0)))),
    ];
    let technician = |(name, state)| Specimen {
        role: Some(Role::Technician),
        ..clerk(name, state)
    };
    states.into_iter().map(technician).collect()
}
