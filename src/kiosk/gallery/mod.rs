//! Every screen in the real browser without a device: pure screens drawn of specimens, under the
//! real script, style and policy, measured and attacked. One page is served at a time.

mod attack;
mod books;
mod parts;
mod sounds;
mod specimens;
mod sweep;
mod tech;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use browser::Browser;
use jiff::Timestamp;
use tokio::runtime::Runtime;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::IntervalStream;

use super::guard;
use super::handle::{SCRIPT, style};
use super::screens::{Counter, Page, Screen, View, Viewer, page, screen};
use super::words::Lang;
use crate::config::Config;
use crate::fault::{Role, Signed};
use parts::Texts;
use specimens::Specimen;

/// The page that is served, the picture on it, and what its stream brings.
#[derive(Default)]
struct Served {
    html: String,
    face: Vec<u8>,
    /// For the stream of this page alone, not of one that was left and still hears.
    brought: Option<String>,
    pages: u64,
}

/// A browser in front of one page after the other.
struct Gallery {
    browser: Browser,
    shown: Arc<Mutex<Served>>,
    base: String,
    _runtime: Runtime,
}

/// Quick, so that no test waits for it.
const BEAT: Duration = Duration::from_millis(20);

fn config() -> Config {
    let text = include_str!("../handle/station.toml");
    Config::parse(text, "station.toml".as_ref()).expect("a configuration")
}

impl Gallery {
    /// `name` keeps the cookies and the storage of two galleries apart.
    fn open(name: &str) -> Gallery {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let port = listener.local_addr().expect("an address").port();
        let shown = Arc::new(Mutex::new(Served::default()));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let service = service(&shown);
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, service).await
        });
        Gallery {
            browser: browser::window(),
            shown,
            base: format!("http://{name}.localhost:{port}"),
            _runtime: runtime,
        }
    }

    /// What the page's stream brings at its next beat.
    fn bring(&self, html: Option<String>) {
        self.shown.lock().expect("no server panics").brought = html;
    }

    /// Shows this page.
    #[track_caller]
    fn show(&self, html: String, face: &[u8]) {
        let mut shown = self.shown.lock().expect("no server panics");
        shown.html = html;
        shown.pages += 1;
        shown.face = face.to_vec();
        drop(shown);
        self.browser.goto(&format!("{}/", self.base));
    }
}

/// What the stream of this page says at its next beat: another screen, if there is one.
fn event(shown: &Mutex<Served>, page: u64) -> Event {
    let mut shown = shown.lock().expect("no test panics");
    let ours = shown.pages == page;
    match shown.brought.take_if(|_| ours) {
        Some(html) => Event::default().event("screen").data(html),
        None => Event::default().event("beat").data(""),
    }
}

/// The page, what belongs to it, and a stream that only beats.
fn service(shown: &Arc<Mutex<Served>>) -> Router {
    let (of_page, of_face, of_live) = (Arc::clone(shown), Arc::clone(shown), Arc::clone(shown));
    let css = style(config().kiosk.px_per_mm);
    let text = |kind: &'static str, text: String| {
        get(move || async move { dressed(([(header::CONTENT_TYPE, kind)], text).into_response()) })
    };
    let html = move || async move {
        let html = of_page.lock().expect("no test panics").html.clone();
        dressed(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response())
    };
    let face = move || async move {
        let face = of_face.lock().expect("no test panics").face.clone();
        dressed(([(header::CONTENT_TYPE, "image/png")], face).into_response())
    };
    let live = move || async move {
        let page = of_live.lock().expect("no test panics").pages;
        let beats = IntervalStream::new(tokio::time::interval(BEAT));
        let events = beats.map(move |_| Ok::<_, Infallible>(event(&of_live, page)));
        dressed(Sse::new(events).into_response())
    };
    Router::new()
        .route(
            "/assets/kiosk.js",
            text("text/javascript; charset=utf-8", SCRIPT.to_owned()),
        )
        .route("/assets/kiosk.css", text("text/css; charset=utf-8", css))
        .route("/live", get(live))
        .route("/jobs/{job}/face/{side}", get(face))
        .fallback(html)
}

/// With the headers of every answer.
fn dressed(mut response: Response) -> Response {
    guard::dress(response.headers_mut());
    response
}

/// Whoever looks at a specimen.
fn viewer(specimen: &Specimen, texts: &Texts, lang: Lang, large: bool) -> Viewer {
    let person = |n: usize, role| Signed {
        person: if n == 0 {
            texts.person.clone()
        } else {
            format!("mihon-no-kakari.{n}")
        },
        role,
    };
    let roles = [Role::Supervisor, Role::Clerk, Role::Technician];
    Viewer {
        person: specimen.role.map(|role| person(0, role)),
        idle: specimen.idle,
        large,
        query: specimen.query.clone(),
        notice: specimen.notice.clone(),
        people: (0..specimen.people)
            .map(|n| person(n, roles[n % 3]))
            .collect(),
        ..Viewer::nobody(lang)
    }
}

/// Draws with what a specimen is looked at with.
fn with_view<T>(specimen: &Specimen, viewer: &Viewer, draw: impl FnOnce(&View<'_>) -> T) -> T {
    let counter = Counter {
        station: "OFFICE-W3".to_owned(),
        office: "見本出入国在留管理局".to_owned(),
    };
    draw(&View {
        state: &specimen.state,
        viewer,
        counter: &counter,
        now: Timestamp::UNIX_EPOCH,
    })
}

/// The screen that this specimen is.
fn drawn(specimen: &Specimen, view: &View<'_>) -> Screen {
    let home = || Page::home(view.state, view.viewer);
    let wanted = specimen.chosen.unwrap_or_else(home);
    screen(wanted, view)
}

/// The whole page of a specimen.
fn html(specimen: &Specimen, viewer: &Viewer) -> String {
    with_view(specimen, viewer, |view| {
        page(&drawn(specimen, view), view).into_string()
    })
}
