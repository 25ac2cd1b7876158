//! A counter: a rig, the station's screens, a browser in front of them; and the person's way
//! through a card, screen by screen.

use std::cell::{Cell, RefCell};
use std::fs;
use std::net::TcpListener;

use browser::{Browser, measure};
use serde_json::Value;

use crate::rig::{CLERK, Process, Rig, last_four};

/// A counter with its browser.
pub(super) struct Counter {
    pub(super) browser: Browser,
    screens: RefCell<Option<Process>>,
    pub(super) rig: Rig,
    port: u16,
    touches: Cell<u32>,
    /// What was wrong with the pages that were looked at.
    wrong: RefCell<Vec<String>>,
}

impl Counter {
    /// Opens the counter of this rig; `settings` are lines of its section `[kiosk]`.
    pub(super) fn open(rig: Rig, settings: &str) -> Counter {
        // Given back at once: what else takes ports here takes those below or by its own number.
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|free| free.local_addr())
            .expect("a free port")
            .port();
        let file = rig.path("station.toml");
        let text = fs::read_to_string(&file).expect("the configuration");
        let names = ["a", "b"].map(|browser| name(browser, port));
        let own = format!(
            "{text}\n[kiosk]\nlisten = \"127.0.0.1:{port}\"\nhosts = {names:?}\n{settings}\n"
        );
        fs::write(file, own).expect("written");
        let counter = Counter {
            browser: browser::window(),
            screens: RefCell::default(),
            rig,
            port,
            touches: Cell::new(0),
            wrong: RefCell::default(),
        };
        counter.start();
        counter
    }

    /// Starts the screens.
    pub(super) fn start(&self) {
        let screens = self.rig.station_runs("serve", &[]);
        screens.await_line(&["http://127.0.0.1"]);
        *self.screens.borrow_mut() = Some(screens);
    }

    /// Ends the screens, as the system does.
    #[track_caller]
    pub(super) fn stop(&self) {
        if let Some(screens) = self.screens.take() {
            let (status, _, err) = screens.end();
            assert!(status.success(), "the screens' own end: {err}");
        }
    }

    /// The address of a page, as the first browser calls this counter.
    pub(super) fn address(&self, path: &str) -> String {
        format!("http://{}:{}{path}", name("a", self.port), self.port)
    }

    /// The address of this counter's stream by number, and the name by which it is asked for.
    pub(super) fn live(&self) -> (String, String) {
        let host = format!("{}:{}", name("a", self.port), self.port);
        (format!("http://127.0.0.1:{}/live?at=/", self.port), host)
    }

    pub(super) fn goto(&self, path: &str) {
        self.browser.goto(&self.address(path));
    }

    /// Another browser at this counter: by another name, and so without the first one's cookies.
    pub(super) fn another(&self, (person, pin): (&str, &str), then: &str) -> Browser {
        let browser = browser::window();
        browser.goto(&format!("http://{}:{}/", name("b", self.port), self.port));
        sign_in(&browser, (person, pin), then);
        browser
    }

    /// Touches an element; then this appears.
    #[track_caller]
    pub(super) fn touch(&self, css: &str, then: &str) {
        self.browser.press(css, then);
        self.touches.set(self.touches.get() + 1);
    }

    /// Touches since the last time that this was asked.
    pub(super) fn touches(&self) -> u32 {
        self.touches.replace(0)
    }

    /// Signs in with the keys on the glass.
    #[track_caller]
    pub(super) fn sign_in(&self, who: (&str, &str), then: &str) {
        self.goto("/");
        sign_in(&self.browser, who, then);
        self.touches();
    }

    /// Looks at the page as it is: its boxes; keeps its picture.
    #[track_caller]
    pub(super) fn look(&self, page: &str) {
        let text = self.browser.text("html");
        assert!(!text.contains("Unknown localization"), "{page}: {text}");
        measure::picture(&self.browser, "kiosk-shots", page);
        let wrong = measure::boxes(&self.browser);
        let wrong = wrong.iter().map(|one| format!("{page}: {one}"));
        self.wrong.borrow_mut().extend(wrong);
    }

    /// Chooses a job and looks at its proof until it may be issued.
    #[track_caller]
    pub(super) fn choose(&self, reception: &str) {
        let ready = "#issue:not([aria-disabled])";
        self.touch(&format!("#job-{reception}"), ready);
    }

    /// The card's number, from the screen.
    #[track_caller]
    pub(super) fn number(&self) -> String {
        self.browser.text("#card .number").trim().to_owned()
    }

    /// Hands the finished card over by its last four.
    #[track_caller]
    pub(super) fn hand_over(&self, number: &str, then: &str) {
        self.browser.wait("#handed-over");
        self.browser.type_in("#last", last_four(number));
        self.touch("#handed-over", then);
    }

    /// Ends the screens. No page tried what it may not, and none that was looked at was wrong.
    #[track_caller]
    pub(super) fn close(self) -> Rig {
        assert_eq!(self.browser.violations(), "", "what pages may not do");
        let wrong = self.wrong.take();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        self.stop();
        self.rig
    }
}

/// How a browser calls the counter of this port: names of their own keep cookies apart.
fn name(browser: &str, port: u16) -> String {
    format!("{browser}{port}.localhost")
}

#[track_caller]
fn sign_in(browser: &Browser, (person, pin): (&str, &str), then: &str) {
    let choice = format!("input[value='{person}']");
    browser.press(
        &format!("label:has({choice})"),
        &format!("{choice}:checked"),
    );
    for digit in pin.chars() {
        let key = format!("[data-put='{digit}']");
        browser.run(&format!("document.querySelector({key:?}).click()"));
    }
    browser.press("#enter", then);
}

/// The clerk at the queue of this rig.
pub(super) fn clerk_at(rig: Rig, settings: &str) -> Counter {
    let counter = Counter::open(rig, settings);
    counter.sign_in(CLERK, "[data-page='queue']");
    counter
}

impl Rig {
    /// The events of this kind in the journal, at this step if one is named. Not while the screens
    /// have the journal.
    pub(super) fn events(&self, kind: &str, step: Option<&str>) -> Vec<Value> {
        let journal = self.journal().into_iter();
        let events = journal.map(|mut record| record["what"]["issuance"].take());
        let fits =
            |event: &Value| event["event"] == kind && step.is_none_or(|step| event["step"] == step);
        events.filter(fits).collect()
    }
}
