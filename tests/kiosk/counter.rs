//! A counter: a rig, the station's screens, a browser in front of them; and the person's way
//! through a card, screen by screen.

use std::cell::{Cell, RefCell};
use std::fs;
use std::net::TcpListener;

use super::browser::Browser;
use super::measure;
use crate::rig::{CLERK, Process, Rig, last_four};

/// A counter with its browser.
pub(super) struct Counter {
    pub(super) browser: Browser,
    screens: Option<Process>,
    pub(super) rig: Rig,
    base: String,
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
        let own = format!("{text}\n[kiosk]\nlisten = \"127.0.0.1:{port}\"\n{settings}\n");
        fs::write(file, own).expect("written");
        let screens = rig.station_runs("serve", &[]);
        screens.await_line(&["http://127.0.0.1"]);
        Counter {
            browser: Browser::open(),
            screens: Some(screens),
            rig,
            base: format!("http://127.0.0.1:{port}"),
            touches: Cell::new(0),
            wrong: RefCell::default(),
        }
    }

    pub(super) fn goto(&self, path: &str) {
        self.browser.goto(&format!("{}{path}", self.base));
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
    pub(super) fn sign_in(&self, (person, pin): (&str, &str), then: &str) {
        self.goto("/");
        let choice = format!("input[value='{person}']");
        self.touch(
            &format!("label:has({choice})"),
            &format!("{choice}:checked"),
        );
        for digit in pin.chars() {
            let key = format!("[data-put='{digit}']");
            self.browser
                .run(&format!("document.querySelector({key:?}).click()"));
        }
        self.touch("#enter", then);
        self.touches();
    }

    /// Looks at the page in both languages.
    #[track_caller]
    pub(super) fn look(&self, name: &str) {
        let now = self.browser.text("html");
        assert!(!now.contains("Unknown localization"), "{name}: {now}");
        for lang in ["ja", "en"] {
            if !self.browser.has(&format!("html[lang='{lang}']")) {
                let button = format!("#lang[value='{lang}']");
                self.browser.press(&button, &format!("html[lang='{lang}']"));
            }
            self.look_once(&format!("{name}-{lang}"));
        }
    }

    /// Looks at the page as it is.
    #[track_caller]
    pub(super) fn look_once(&self, name: &str) {
        let wrong = measure::look(&self.browser, name);
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
    pub(super) fn close(mut self) -> Rig {
        assert_eq!(self.browser.violations(), "", "what pages may not do");
        let wrong = self.wrong.take();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        drop(self.browser);
        if let Some(screens) = self.screens.take() {
            let (status, _, err) = screens.end();
            assert!(status.success(), "the screens' own end: {err}");
        }
        self.rig
    }
}

/// The clerk at the queue of this rig.
pub(super) fn clerk_at(rig: Rig, settings: &str) -> Counter {
    let counter = Counter::open(rig, settings);
    counter.sign_in(CLERK, "[data-page='queue']");
    counter
}
