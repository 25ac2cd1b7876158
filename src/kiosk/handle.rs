//! From a request to its answer: who asks, whether the route is open to them now, then the one
//! function of that route. Turns nobody away without saying why.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::house::{House, chance};
use super::routes::{Away, Does, Route, Verb};
use super::screens::{self, Counter, Notice, Page, View, Viewer, screen};
use super::session::{Idle, Session};
use super::words::Lang;
use super::{guard, live, material, post, tech};
use crate::people::People;

/// The page's script.
pub(super) const SCRIPT: &str = include_str!("assets/kiosk.js");
const STYLE: &str = include_str!("assets/kiosk.css");
const ICON: &str = include_str!("assets/icon.svg");

/// One browser at one request.
pub(super) struct Caller {
    /// Its id.
    pub(super) id: String,
    /// What is remembered of it.
    pub(super) session: Session,
    /// How long it was left alone.
    pub(super) idle: Idle,
    /// Whether it was given its id just now.
    new: bool,
    /// Path and query of the address.
    pub(super) uri: Uri,
}

impl Caller {
    fn of(house: &House, headers: &HeaderMap, uri: Uri) -> Caller {
        let now = house.now();
        let mut sessions = house.sessions();
        let known = guard::session_id(headers, &house.config.kiosk)
            .and_then(|id| Some((id.to_owned(), sessions.get(id, now)?)));
        let (id, session, new) = match known {
            Some((id, session)) => (id, session, false),
            None => {
                let (id, csrf) = (chance(32), chance(32));
                let session = sessions.begin(id.clone(), csrf, language(headers), now);
                (id, session, true)
            }
        };
        let idle = sessions.idle(&session, now);
        Caller {
            id,
            session,
            idle,
            new,
            uri,
        }
    }

    /// As a viewer of screens.
    pub(super) fn viewer(&self) -> Viewer {
        Viewer {
            person: self.session.person.clone(),
            idle: self.idle,
            lang: self.session.lang,
            large: self.session.large,
            sound: self.session.sound,
            csrf: self.session.csrf.clone(),
            query: pairs(self.uri.query().unwrap_or_default()),
            notice: None,
            seen: 0,
            people: Vec::new(),
        }
    }
}

/// The language that the browser asks for.
fn language(headers: &HeaderMap) -> Lang {
    let asked = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    match asked {
        Some(asked) if !asked.trim_start().starts_with("ja") => Lang::En,
        Some(_) | None => Lang::Ja,
    }
}

/// `a=b&c=d`, decoded.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// Percent-decoding; what is no UTF-8 becomes a replacement character.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let coded = (*byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (byte, coded) {
            (_, Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', None) => out.push(b' '),
            (byte, None) => out.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Answers one request.
pub(super) async fn answer(route: &'static Route, house: Arc<House>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let caller = Caller::of(&house, &parts.headers, parts.uri.clone());
    let response = match route.verb {
        Verb::Get => look(route, &house, &caller).await,
        Verb::Post => {
            let ours = guard::comes_from_us(&parts.headers, &house.config.kiosk);
            act(route, &house, &caller, ours, body).await
        }
    };
    with_cookie(response, &house, &caller)
}

fn with_cookie(mut response: Response, house: &House, caller: &Caller) -> Response {
    if caller.new && !response.headers().contains_key(header::SET_COOKIE) {
        let cookie = guard::cookie(&caller.id, &house.config.kiosk);
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

async fn look(route: &'static Route, house: &Arc<House>, caller: &Caller) -> Response {
    let kind = house.read(super::state::State::kind);
    if let Err(away) = route.admits(&caller.session, caller.idle, kind) {
        return match away {
            Away::SignIn | Away::Locked | Away::State => Redirect::to("/").into_response(),
            Away::Role => told(house, caller, Notice::NotYours, StatusCode::FORBIDDEN).await,
        };
    }
    match route.does {
        Does::Show(page) => show(page, house, caller).await,
        Does::Script => asset(SCRIPT.to_owned(), "text/javascript; charset=utf-8"),
        Does::Style => asset(
            style(house.config.kiosk.px_per_mm),
            "text/css; charset=utf-8",
        ),
        Does::Icon => asset(ICON.to_owned(), "image/svg+xml"),
        Does::Live => live::stream(Arc::clone(house), caller),
        Does::Face => face(house, caller),
        Does::Record => post::record(house, caller).await,
        Does::Bundle => tech::bundle(house),
        Does::ShiftReport => material::report(house, caller).await,
        Does::Home
        | Does::Enrol
        | Does::SignIn
        | Does::SignOut
        | Does::View
        | Does::Stay
        | Does::Look
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
        | Does::Approve
        | Does::Refuse
        | Does::Order
        | Does::Halt
        | Does::Material(_)
        | Does::Next => Redirect::to(&home(house, caller).await).into_response(),
    }
}

async fn show(page: Page, house: &Arc<House>, caller: &Caller) -> Response {
    let viewer = viewer(house, caller).await;
    let (html, right) = house.read(|state| {
        let view = View {
            state,
            viewer: &viewer,
            counter: &counter(house),
            now: Timestamp::now(),
        };
        let wanted = wanted(page, &view);
        let right = wanted.path(state);
        let html = screens::page(&screen(wanted, &view), &view).into_string();
        (html, right)
    });
    if right == caller.uri.path() {
        document(StatusCode::OK, html)
    } else {
        Redirect::to(&right).into_response()
    }
}

/// The page that this viewer is shown: the one asked for if they may choose, else the state's.
fn wanted(page: Page, view: &View<'_>) -> Page {
    let home = home_of(view);
    let chosen = page.is_free() && page.fits(view.state);
    let free = chosen && view.viewer.person.is_some() && home != Page::Locked;
    if free { page } else { home }
}

/// Where the state wants this viewer to be; a station without people wants its first one.
pub(super) fn home_of(view: &View<'_>) -> Page {
    let home = Page::home(view.state, view.viewer);
    if home == Page::SignIn && view.viewer.people.is_empty() {
        Page::Enrol
    } else {
        home
    }
}

async fn home(house: &Arc<House>, caller: &Caller) -> String {
    let viewer = viewer(house, caller).await;
    house.read(|state| {
        let view = View {
            state,
            viewer: &viewer,
            counter: &counter(house),
            now: Timestamp::now(),
        };
        home_of(&view).path(state)
    })
}

/// The viewer, with the people where somebody is to sign in.
pub(super) async fn viewer(house: &Arc<House>, caller: &Caller) -> Viewer {
    let mut viewer = caller.viewer();
    // Before the state is read: a change in between is sent once more, never missed.
    viewer.seen = *house.watch().borrow();
    let asked = house.read(|state| state.approval.is_some());
    if viewer.person.is_none() || asked {
        let file = house.people_file.clone();
        let list = move || People::open(&file).and_then(|people| people.list());
        match tokio::task::spawn_blocking(list).await {
            Ok(Ok(mut people)) => {
                people.sort_by_key(|person| person.role);
                viewer.people = people;
            }
            Ok(Err(_)) | Err(_) => viewer.notice = Some(Notice::NoPeople),
        }
    }
    viewer
}

/// Which counter this is.
pub(super) fn counter(house: &House) -> Counter {
    Counter {
        station: house.config.station.id.clone(),
        office: house.config.station.office.clone(),
    }
}

/// The state's screen with something to be said above it.
pub(super) async fn told(
    house: &Arc<House>,
    caller: &Caller,
    notice: Notice,
    status: StatusCode,
) -> Response {
    let mut viewer = viewer(house, caller).await;
    viewer.notice = Some(notice);
    let html = house.read(|state| {
        let view = View {
            state,
            viewer: &viewer,
            counter: &counter(house),
            now: Timestamp::now(),
        };
        screens::page(&screen(home_of(&view), &view), &view).into_string()
    });
    document(status, html)
}

/// There is no such page.
pub(super) async fn no_page(house: Arc<House>, request: Request) -> Response {
    let caller = Caller::of(&house, request.headers(), request.uri().clone());
    let response = told(&house, &caller, Notice::NoPage, StatusCode::NOT_FOUND).await;
    with_cookie(response, &house, &caller)
}

fn document(status: StatusCode, html: String) -> Response {
    let kind = (header::CONTENT_TYPE, "text/html; charset=utf-8");
    (status, [kind], html).into_response()
}

fn asset(text: String, kind: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

/// The style with the counter's own millimetre.
pub(super) fn style(px_per_mm: f64) -> String {
    format!(":root{{--mm:{px_per_mm}px}}\n{STYLE}")
}

/// A picture of the card at hand; of no other.
fn face(house: &House, caller: &Caller) -> Response {
    let mut parts = caller.uri.path().split('/').skip(2);
    let (job, side) = (
        parts.next().unwrap_or_default(),
        parts.nth(1).unwrap_or_default(),
    );
    let png = house.read(|state| {
        let view = state.job.as_ref().filter(|view| view.sheet.job == job)?;
        let old = || state.old.as_ref()?.of_side(side);
        let png = view.faces.of(side).or_else(old)?;
        Some(Zeroizing::new(png.to_vec()))
    });
    match png {
        Some(png) => ([(header::CONTENT_TYPE, "image/png")], png.to_vec()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// One act: from our own page, by this browser, in a state that it fits.
async fn act(
    route: &'static Route,
    house: &Arc<House>,
    caller: &Caller,
    ours: bool,
    body: Body,
) -> Response {
    let Ok(bytes) = to_bytes(body, guard::LARGEST_FORM).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let form = post::Form::parse(&bytes);
    if !ours || caller.new || form.get("csrf") != Some(caller.session.csrf.as_str()) {
        return told(house, caller, Notice::Foreign, StatusCode::FORBIDDEN).await;
    }
    let kind = house.read(super::state::State::kind);
    if let Err(away) = route.admits(&caller.session, caller.idle, kind) {
        let (notice, status) = match away {
            Away::SignIn | Away::Locked | Away::Role => (Notice::NotYours, StatusCode::FORBIDDEN),
            Away::State => (Notice::Stale, StatusCode::CONFLICT),
        };
        return told(house, caller, notice, status).await;
    }
    if route.once && form.get("turn").is_none() {
        return told(house, caller, Notice::Stale, StatusCode::CONFLICT).await;
    }
    house.sessions().touch(&caller.id, house.now());
    match post::act(route, house, caller, &form).await {
        Ok(post::Done::Home) => after(house, caller).await,
        Ok(post::Done::At(path)) => to(&path),
        Ok(post::Done::SignedIn(cookie)) => {
            let mut response = Redirect::to("/").into_response();
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            response
        }
        Ok(post::Done::Quiet) => Json(serde_json::json!({})).into_response(),
        Err((notice, status)) => told(house, caller, notice, status).await,
    }
}

/// After an act the browser goes where the state is then.
async fn after(house: &Arc<House>, caller: &Caller) -> Response {
    let now = Caller {
        id: caller.id.clone(),
        session: house
            .sessions()
            .get(&caller.id, house.now())
            .unwrap_or(caller.session.clone()),
        idle: Idle::Active,
        new: false,
        uri: caller.uri.clone(),
    };
    to(&home(house, &now).await)
}

/// On to this page.
fn to(path: &str) -> Response {
    let mut response = Redirect::to(path).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests;
