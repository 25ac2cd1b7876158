//! The whole table of routes, role by role and state by state, through the real router; what a
//! request must prove; what every answer carries. The station behind the door is a double that
//! counts what is asked of it.

use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};
use reqwest::RequestBuilder;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::super::house::House;
use super::super::routes::{Does, ROUTES, Route, Verb, Who};
use super::super::serve::router;
use super::super::state::{Approval, Checks, Doing, End, Kind, Question, Stage, Subject};
use super::super::worker::{Answer, Order};
use crate::config::Config;
use crate::fault::{By, Code, Role, Signed};
use crate::issuance::Withdrawal;
use crate::people::People;
use crate::product::CardNumber;
use crate::station::agenda::Far;
use crate::station::request::{Act, Person, Reply, Request, Stop};
use crate::station::supplies::Ask;
use crate::station::view::Snapshot;

const CONFIG: &str = include_str!("station.toml");

/// Nobody of these tests reaches the station: the worker's end is in the test's hand.
fn nothing(
    _: &Config,
    _: Request,
    _: &mut dyn Person,
    _: &watch::Sender<Snapshot>,
) -> Result<Reply, Stop> {
    Ok(Reply::Idle)
}

struct Rig {
    house: Arc<House>,
    orders: mpsc::Receiver<Order>,
    answers: mpsc::Receiver<Answer>,
    runtime: Runtime,
    client: reqwest::Client,
    base: String,
    _folder: tempfile::TempDir,
}

fn rig() -> Rig {
    let folder = tempfile::tempdir().expect("a folder");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let mut config = Config::parse(CONFIG, "station.toml".as_ref()).expect("a configuration");
    config.station.data_folder = folder.path().to_owned();
    config.kiosk.listen = listener.local_addr().expect("an address");
    let base = format!("http://{}", config.kiosk.listen);
    let (orders, received) = mpsc::channel();
    let (answers, answered) = mpsc::channel();
    let house = Arc::new(House::new(config, nothing, orders, answers));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let service = router(&house);
    runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        axum::serve(listener, service).await
    });
    // The second call of a process finds the provider installed already: the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .expect("a client");
    Rig {
        house,
        orders: received,
        answers: answered,
        runtime,
        client,
        base,
        _folder: folder,
    }
}

fn number() -> CardNumber {
    CardNumber::parse("AB12345678CD").expect("a number")
}

fn signed(role: Role) -> Signed {
    Signed {
        person: "a.mihon".to_owned(),
        role,
    }
}

impl Rig {
    /// A browser at which a person of this role is signed in; none: nobody.
    fn browser(&self, role: Option<Role>) -> (String, String) {
        let (id, csrf) = ("1".repeat(64), "2".repeat(64));
        let now = self.house.now();
        let mut sessions = self.house.sessions();
        match role {
            None => drop(sessions.begin(id.clone(), csrf.clone(), super::Lang::En, now)),
            Some(role) => sessions.sign_in("", id.clone(), csrf.clone(), signed(role), now),
        }
        (id, csrf)
    }

    fn bring(&self, kind: Kind) {
        let stop = || Box::new(Stop::plain(Code::RibbonOut));
        self.house.change(|state| {
            state.approval = None;
            state.stage = match kind {
                Kind::Starting => Stage::Starting,
                Kind::Out => Stage::Out(stop()),
                Kind::Idle => Stage::Idle,
                Kind::Opening => Stage::Opening,
                Kind::Review => Stage::Review(Some(Checks {
                    ready: true,
                    list: Vec::new(),
                    stop: None,
                })),
                Kind::Busy => Stage::Busy(Doing::Making),
                Kind::Act => {
                    Stage::Asked(Doing::HandingOver, Question::Act(Act::HandOver(number())))
                }
                Kind::Decide => Stage::Asked(Doing::Making, Question::Decide(stop())),
                Kind::Produced | Kind::Approval => Stage::Produced {
                    number: number(),
                    elapsed_ms: Some(36_900),
                },
                Kind::Waiting => Stage::Waiting(Far::Interrupted),
                Kind::Stopped => Stage::Stopped(stop(), Doing::Making),
                Kind::Ended => Stage::Ended(End::Returned),
            };
            if kind == Kind::Approval {
                state.approval = Some(Approval {
                    subject: Subject::Withdraw(Withdrawal::HolderAbsent),
                    asked_by: signed(Role::Clerk),
                });
            }
        });
    }

    fn ask(&self, request: RequestBuilder) -> (StatusCode, HeaderMap, String) {
        self.runtime.block_on(async {
            let response = request.send().await.expect("an answer");
            let (status, headers) = (response.status(), response.headers().clone());
            let kind = headers.get(header::CONTENT_TYPE);
            // A stream has no end: its head is enough.
            let streams =
                kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
            let text = if streams {
                String::new()
            } else {
                response.text().await.expect("a body")
            };
            (status, headers, text)
        })
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn get(&self, path: &str, id: &str) -> (StatusCode, HeaderMap, String) {
        let request = self.client.get(self.at(path));
        self.ask(request.header("cookie", format!("station={id}")))
    }

    fn post(&self, path: &str, id: &str, form: &str) -> (StatusCode, HeaderMap, String) {
        let request = self.client.post(self.at(path)).header("origin", &self.base);
        let request = request.header("cookie", format!("station={id}"));
        self.ask(request.body(form.to_owned()))
    }

    fn turn(&self) -> String {
        self.house.read(|state| state.turn.0.clone())
    }
}

fn path_of(route: &Route) -> String {
    route
        .path
        .replace("{job}", "TYO-2026-000123")
        .replace("{side}", "front")
}

#[test]
fn every_route_is_open_to_its_roles_in_its_states_and_to_nobody_else() {
    let roles = [
        None,
        Some(Role::Clerk),
        Some(Role::Supervisor),
        Some(Role::Technician),
    ];
    let mut walked = 0;
    for role in roles {
        let rig = rig();
        let (id, csrf) = rig.browser(role);
        for kind in Kind::ALL {
            for route in ROUTES.iter().filter(|route| route.verb == Verb::Post) {
                if matches!(route.does, Does::SignOut | Does::SignIn | Does::Enrol) {
                    continue;
                }
                rig.bring(kind);
                let form = format!("csrf={csrf}&turn={}", rig.turn());
                let (status, ..) = rig.post(&path_of(route), &id, &form);
                let mine = match route.who {
                    Who::Anyone => true,
                    Who::Signed(roles) => role.is_some_and(|role| roles.contains(&role)),
                };
                let told = format!("{} as {role:?} in {kind:?}: {status}", route.path);
                if !mine {
                    assert_eq!(status, StatusCode::FORBIDDEN, "{told}");
                } else if !route.when.contains(&kind) {
                    assert_eq!(status, StatusCode::CONFLICT, "{told}");
                } else {
                    assert_ne!(status, StatusCode::FORBIDDEN, "{told}");
                    assert!(
                        !status.is_server_error() && status != StatusCode::NOT_FOUND,
                        "{told}"
                    );
                }
                if !mine || !route.when.contains(&kind) {
                    assert_eq!(rig.orders.try_recv().ok(), None, "{told}");
                    assert_eq!(rig.answers.try_recv().ok(), None, "{told}");
                }
                let _ = (
                    rig.orders.try_iter().count(),
                    rig.answers.try_iter().count(),
                );
                walked += 1;
            }
        }
    }
    assert!(walked > 600, "{walked} are not the whole table");
}

#[test]
fn pages_lead_everybody_to_where_the_state_wants_them() {
    for role in [None, Some(Role::Clerk), Some(Role::Technician)] {
        let rig = rig();
        let (id, _) = rig.browser(role);
        for kind in Kind::ALL {
            rig.bring(kind);
            for route in ROUTES.iter().filter(|route| route.verb == Verb::Get) {
                let (status, headers, _) = rig.get(&path_of(route), &id);
                let told = format!("{} as {role:?} in {kind:?}: {status}", route.path);
                assert!(!status.is_server_error(), "{told}");
                if matches!(route.does, Does::Face | Does::Record) {
                    assert_ne!(
                        status,
                        StatusCode::OK,
                        "{told}: nothing of a holder is there"
                    );
                }
                assert!(
                    headers.contains_key(header::CONTENT_SECURITY_POLICY),
                    "{told}"
                );
            }
        }
    }
}

#[test]
fn what_is_not_in_the_table_does_not_exist() {
    let rig = rig();
    let (id, csrf) = rig.browser(Some(Role::Supervisor));
    assert_eq!(rig.get("/admin", &id).0, StatusCode::NOT_FOUND);
    assert_eq!(rig.get("/jobs/issue/x/y", &id).0, StatusCode::NOT_FOUND);
    let form = format!("csrf={csrf}");
    assert_eq!(
        rig.post("/queue", &id, &form).0,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[test]
fn a_change_from_elsewhere_without_token_or_too_large_changes_nothing() {
    let rig = rig();
    let (id, csrf) = rig.browser(Some(Role::Clerk));
    rig.bring(Kind::Review);
    let form = format!("csrf={csrf}&turn={}", rig.turn());
    let to_issue = || {
        let request = rig.client.post(rig.at("/jobs/issue"));
        request
            .header("cookie", format!("station={id}"))
            .body(form.clone())
    };
    let foreign = to_issue().header("origin", "http://evil.example");
    assert_eq!(rig.ask(foreign).0, StatusCode::FORBIDDEN);
    assert_eq!(rig.ask(to_issue()).0, StatusCode::FORBIDDEN);
    let bare = format!("turn={}", rig.turn());
    assert_eq!(rig.post("/jobs/issue", &id, &bare).0, StatusCode::FORBIDDEN);
    let large = format!("{form}&more={}", "x".repeat(5000));
    assert_eq!(
        rig.post("/jobs/issue", &id, &large).0,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let named = rig
        .client
        .get(rig.at("/"))
        .header("host", "evil.example:8780");
    assert_eq!(rig.ask(named).0, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(rig.orders.try_recv().ok(), None);
}

#[test]
fn an_act_fires_once_however_often_it_is_posted() {
    let rig = rig();
    let (id, csrf) = rig.browser(Some(Role::Clerk));
    rig.bring(Kind::Review);
    let form = format!("csrf={csrf}&turn={}", rig.turn());
    let first = rig.post("/jobs/issue", &id, &form).0;
    let again = rig.post("/jobs/issue", &id, &form);
    assert_eq!(
        (first, again.0),
        (StatusCode::SEE_OTHER, StatusCode::CONFLICT)
    );
    assert!(again.2.contains("何も行っていません"), "the page says so");
    // Back in the same state by another way: the old id is still worth nothing.
    rig.bring(Kind::Review);
    assert_eq!(rig.post("/jobs/issue", &id, &form).0, StatusCode::CONFLICT);
    let orders: Vec<_> = rig.orders.try_iter().collect();
    assert!(
        matches!(&orders[..], [Order::Go(Doing::Making, _, None)]),
        "{orders:?}"
    );
}

#[test]
fn only_the_last_four_of_the_card_say_that_it_was_handed_over() {
    let rig = rig();
    let (id, csrf) = rig.browser(Some(Role::Clerk));
    rig.bring(Kind::Act);
    for wrong in ["", "78CE", "AB12"] {
        let form = format!("csrf={csrf}&turn={}&done=yes&last={wrong}", rig.turn());
        assert_eq!(rig.post("/act", &id, &form).0, StatusCode::SEE_OTHER);
        assert_eq!(rig.answers.try_recv().ok(), None, "{wrong}");
    }
    let form = format!("csrf={csrf}&turn={}&done=yes&last=78cd", rig.turn());
    rig.post("/act", &id, &form);
    assert_eq!(rig.answers.try_recv().ok(), Some(Answer::Act(true)));
}

#[test]
fn a_locked_browser_shows_no_holder_and_acts_no_more() {
    let rig = rig();
    let (id, csrf) = rig.browser(Some(Role::Clerk));
    rig.bring(Kind::Produced);
    rig.house.sessions().set(&id, |session| {
        session.seen = Duration::ZERO;
        session.locked = true;
    });
    let (status, headers, _) = rig.get("/jobs/TYO-2026-000123/ready", &id);
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(headers[header::LOCATION], "/");
    let form = format!("csrf={csrf}&turn={}", rig.turn());
    assert_eq!(rig.post("/hand-over", &id, &form).0, StatusCode::FORBIDDEN);
    assert_eq!(rig.orders.try_recv().ok(), None);
    assert!(!rig.house.stop_asked.load(Ordering::SeqCst));
}

#[test]
fn every_answer_forbids_scripts_of_others_and_is_kept_by_nobody() {
    let rig = rig();
    let (id, _) = rig.browser(Some(Role::Clerk));
    rig.bring(Kind::Idle);
    for path in ["/queue", "/nowhere", "/jobs/X/face/front"] {
        let (_, headers, _) = rig.get(path, &id);
        let policy = headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("text");
        assert!(policy.contains("default-src 'none'") && policy.contains("trusted-types 'none'"));
        assert!(!policy.contains("unsafe"));
        assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{path}");
    }
}

/// Registers the clerk who is signed in and a supervisor, both with this PIN.
fn register(rig: &Rig, pin: &str) {
    let people = People::open(&rig.house.people_file).expect("a people file");
    for (person, role) in [("a.mihon", Role::Clerk), ("b.mihon", Role::Supervisor)] {
        people.add(person, role, pin, [7; 16]).expect("added");
    }
}

#[test]
fn what_two_must_sign_reaches_the_station_under_two_names_and_under_no_other() {
    let rig = rig();
    register(&rig, "271828");
    let (id, csrf) = rig.browser(Some(Role::Clerk));
    rig.bring(Kind::Idle);
    let load = "act=load-blanks&serial=bl000002&lot=202401&count=40";
    let form = format!("csrf={csrf}&turn={}&{load}", rig.turn());
    let (status, headers, _) = rig.post("/supplies/enter", &id, &form);
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(headers[header::LOCATION], "/supplies?act=load-blanks");
    assert_eq!(
        rig.house.read(super::super::state::State::kind),
        Kind::Approval
    );
    for wrong in ["person=a.mihon&pin=271828", "person=b.mihon&pin=314159"] {
        let form = format!("csrf={csrf}&turn={}&{wrong}", rig.turn());
        rig.post("/approve", &id, &form);
        assert_eq!(rig.orders.try_recv().ok(), None, "{wrong}");
    }
    let form = format!("csrf={csrf}&turn={}&person=b.mihon&pin=271828", rig.turn());
    let agreed = [
        rig.post("/approve", &id, &form).0,
        rig.post("/approve", &id, &form).0,
    ];
    assert_eq!(
        agreed,
        [StatusCode::SEE_OTHER, StatusCode::CONFLICT],
        "once"
    );
    let orders: Vec<_> = rig.orders.try_iter().collect();
    let [Order::Books(_, ask)] = &orders[..] else {
        panic!("{orders:?}")
    };
    let Ask::Load {
        serial,
        count,
        by: By::Two(two),
        ..
    } = &**ask
    else {
        panic!("{ask:?}")
    };
    assert_eq!((serial.as_str(), *count), ("BL000002", 40));
    assert_eq!(
        (two.first().person.as_str(), two.second().person.as_str()),
        ("a.mihon", "b.mihon")
    );
}

#[test]
fn what_one_may_record_is_recorded_once_and_a_mistake_reaches_nobody() {
    let rig = rig();
    let (id, csrf) = rig.browser(Some(Role::Clerk));
    rig.bring(Kind::Idle);
    let half = "act=load-ribbon&serial=RB000002&lot=&count=500";
    let form = format!("csrf={csrf}&turn={}&{half}", rig.turn());
    let (status, headers, _) = rig.post("/supplies/enter", &id, &form);
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(rig.orders.try_recv().ok(), None);
    let to = headers[header::LOCATION].to_str().expect("an address");
    let page = rig.get(to, &id).2;
    assert!(page.contains("value=\"RB000002\"") && page.contains("value=\"500\""));
    assert!(page.contains("ロットが空です。"), "it names the field");
    let whole = "act=load-ribbon&serial=RB000002&lot=7&count=500";
    let form = format!("csrf={csrf}&turn={}&{whole}", rig.turn());
    let twice = [
        rig.post("/supplies/enter", &id, &form).0,
        rig.post("/supplies/enter", &id, &form).0,
    ];
    assert_eq!(twice, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
    assert_eq!(rig.orders.try_iter().count(), 1);
}

#[test]
fn language_leads_away_from_no_page_that_was_chosen_and_to_no_other_address() {
    let rig = rig();
    let (id, csrf) = rig.browser(Some(Role::Supervisor));
    rig.bring(Kind::Idle);
    let chosen = "/supplies?act=load-ribbon";
    for (back, to) in [
        (chosen, chosen),
        ("//evil.example/", "/queue"),
        ("/jobs/x", "/queue"),
    ] {
        let form = format!("csrf={csrf}&lang=ja&back={back}");
        let (_, headers, _) = rig.post("/view", &id, &form);
        assert_eq!(headers[header::LOCATION], to, "{back}");
    }
    assert_eq!(
        rig.get("/shifts/../../report.pdf", &id).0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        rig.get("/shifts/7x/report.pdf", &id).0,
        StatusCode::NOT_FOUND
    );
}
