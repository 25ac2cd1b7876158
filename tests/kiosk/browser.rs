//! One browser with its driver, on this machine alone. Says what is clicked and typed, and what
//! is there; knows no screen.

use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::rig::{PATIENCE, Process, command};

/// How often it is looked whether an element is there.
const LOOK_EACH: Duration = Duration::from_millis(40);
/// A touch on a screen that has just changed does nothing: after so long it is made again.
const AGAIN_AFTER: Duration = Duration::from_millis(400);

const FLAGS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--disable-lcd-text",
    "--font-render-hinting=none",
    "--autoplay-policy=no-user-gesture-required",
    "--no-first-run",
    "--disable-background-networking",
    "--lang=ja",
];

/// Counts what a page may not do, over all pages of a tab.
const WITNESS: &str = "addEventListener('securitypolicyviolation', event => { \
    sessionStorage.csp = (sessionStorage.csp || '') + event.violatedDirective + ' ' + event.blockedURI + ';'; }); \
    addEventListener('error', event => { \
    sessionStorage.csp = (sessionStorage.csp || '') + event.message + ';'; });";

/// A browser that ends with the test.
pub(super) struct Browser {
    runtime: Runtime,
    client: Option<Client>,
    _driver: Process,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub(super) fn open() -> Browser {
        let mut driver = command(Path::new("chromedriver"));
        let driver = Process::start("chromedriver", driver.arg("--port=0"), "");
        let line = driver.await_line(&["started successfully on port"]);
        let port = line
            .rsplit(' ')
            .next()
            .map(|port| port.trim_end_matches('.'));
        let at = format!("http://127.0.0.1:{}", port.expect("a port"));
        let profile = tempfile::tempdir().expect("a folder");
        let mut flags: Vec<String> = FLAGS.map(str::to_owned).to_vec();
        flags.push(format!("--user-data-dir={}", profile.path().display()));
        let wanted = json!({ "goog:chromeOptions": { "args": flags } });
        let wanted: Capabilities = serde_json::from_value(wanted).expect("capabilities");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = runtime
            .block_on(builder.capabilities(wanted).connect(&at))
            .expect("the browser starts");
        let browser = Browser {
            runtime,
            client: Some(client),
            _driver: driver,
            _profile: profile,
        };
        let witness = json!({ "source": WITNESS });
        browser.tell("Page.addScriptToEvaluateOnNewDocument", witness);
        browser.size(1280, 800);
        browser
    }

    fn client(&self) -> &Client {
        self.client.as_ref().expect("until it is dropped")
    }

    /// A command of the browser's own protocol.
    fn tell(&self, cmd: &'static str, params: Value) {
        let own = Own { cmd, params };
        self.runtime
            .block_on(self.client().issue_cmd(own))
            .unwrap_or_else(|cause| panic!("{cmd}: {cause}"));
    }

    /// The page's width and height in its own pixels.
    pub(super) fn size(&self, width: u32, height: u32) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.tell("Emulation.setDeviceMetricsOverride", metrics);
    }

    pub(super) fn goto(&self, url: &str) {
        self.runtime
            .block_on(self.client().goto(url))
            .unwrap_or_else(|cause| panic!("{url}: {cause}"));
    }

    pub(super) fn reload(&self) {
        self.runtime
            .block_on(self.client().refresh())
            .expect("a page");
    }

    /// A second tab; gives both.
    pub(super) fn second_tab(&self) -> Tabs {
        self.runtime.block_on(async {
            let first = self.client().window().await.expect("a tab");
            let second = self.client().new_window(true).await.expect("a second tab");
            Tabs(first, second.handle)
        })
    }

    pub(super) fn switch(&self, tab: &fantoccini::wd::WindowHandle) {
        let switched = self.client().switch_to_window(tab.clone());
        self.runtime.block_on(switched).expect("a tab");
    }

    /// What a script in the page comes to; nothing when the page went away meanwhile.
    pub(super) fn try_run(&self, script: &str) -> Option<Value> {
        let run = self.client().execute(script, Vec::new());
        self.runtime.block_on(run).ok()
    }

    /// What a script in the page comes to.
    #[track_caller]
    pub(super) fn run(&self, script: &str) -> Value {
        let run = self.client().execute(script, Vec::new());
        match self.runtime.block_on(run) {
            Ok(value) => value,
            Err(cause) => panic!("{cause}"),
        }
    }

    /// What a script that promises something comes to: it calls `done`.
    #[track_caller]
    pub(super) fn run_async(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1];\n{script}");
        let run = self.client().execute_async(&script, Vec::new());
        match self.runtime.block_on(run) {
            Ok(value) => value,
            Err(cause) => panic!("{cause}"),
        }
    }

    pub(super) fn screenshot(&self) -> Vec<u8> {
        let shot = self.client().screenshot();
        self.runtime.block_on(shot).expect("a picture")
    }

    /// Whether there is such an element now.
    pub(super) fn has(&self, css: &str) -> bool {
        let find = self.client().find(Locator::Css(css));
        self.runtime.block_on(find).is_ok()
    }

    /// Waits until there is such an element.
    #[track_caller]
    pub(super) fn wait(&self, css: &str) {
        if !self.appears(css, PATIENCE) {
            let text = self.try_run("return location.pathname + '\\n' + document.body.innerText");
            panic!(
                "{css} never appeared; the page is {}",
                text.unwrap_or_default()
            );
        }
    }

    fn appears(&self, css: &str, within: Duration) -> bool {
        let wait = self.client().wait().at_most(within).every(LOOK_EACH);
        let found = self.runtime.block_on(wait.for_element(Locator::Css(css)));
        // A page that is just going away cannot be asked: once more.
        found.is_ok() || self.has(css)
    }

    /// The text of an element.
    #[track_caller]
    pub(super) fn text(&self, css: &str) -> String {
        self.wait(css);
        let script =
            format!("const e = document.querySelector({css:?}); return e ? e.textContent : ''");
        self.run(&script).as_str().unwrap_or_default().to_owned()
    }

    /// Touches an element until this appears.
    #[track_caller]
    pub(super) fn press(&self, css: &str, then: &str) {
        self.wait(&format!("{css}, {then}"));
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.touch(css);
            if self.appears(then, AGAIN_AFTER) {
                return;
            }
            if Instant::now() > deadline {
                return self.wait(then);
            }
        }
    }

    /// Touches an element, if it is there.
    fn touch(&self, css: &str) {
        self.runtime.block_on(async {
            if let Ok(element) = self.client().find(Locator::Css(css)).await {
                // It may go away under the finger.
                let _ = element.click().await;
            }
        });
    }

    /// Types into a field that is empty then.
    #[track_caller]
    pub(super) fn type_in(&self, css: &str, text: &str) {
        self.wait(css);
        self.runtime.block_on(async {
            let field = self.client().find(Locator::Css(css)).await.expect("there");
            field.clear().await.expect("a field");
            field.send_keys(text).await.expect("typed");
        });
    }

    /// What pages of this tab tried that they may not.
    pub(super) fn violations(&self) -> String {
        let told = self.run("return sessionStorage.csp || ''");
        told.as_str().unwrap_or_default().to_owned()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            // A browser that is gone already needs no farewell.
            let _ = self.runtime.block_on(client.close());
        }
    }
}

/// Two tabs of one browser.
pub(super) struct Tabs(
    pub(super) fantoccini::wd::WindowHandle,
    pub(super) fantoccini::wd::WindowHandle,
);

/// A command of the browser's own protocol.
#[derive(Debug)]
struct Own {
    cmd: &'static str,
    params: Value,
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as FromStr>::Err> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({ "cmd": self.cmd, "params": self.params });
        (Method::POST, Some(body.to_string()))
    }
}
