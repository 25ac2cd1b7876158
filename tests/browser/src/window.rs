//! One window: what is touched and typed in it, what is there. Waits for elements, never for time.

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand, WindowHandle};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Nothing that a test waits for takes longer, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked whether an element is there.
const LOOK_EACH: Duration = Duration::from_millis(25);
/// How often a script is asked again.
const AGAIN_EACH: Duration = Duration::from_millis(5);
/// A touch on a screen that has just changed does nothing: after so long it is made again.
const AGAIN_AFTER: Duration = Duration::from_millis(400);

/// Counts what a page may not do, over all pages of a window.
const WITNESS: &str = "addEventListener('securitypolicyviolation', event => { \
    sessionStorage.csp = (sessionStorage.csp || '') + event.violatedDirective + ' ' + event.blockedURI + ';'; }); \
    addEventListener('error', event => { \
    sessionStorage.csp = (sessionStorage.csp || '') + event.message + ';'; });";

static COMING_AND_GOING: Mutex<()> = Mutex::new(());

/// A window that closes with the test. Its first address decides whose cookies it has.
pub struct Browser {
    runtime: Runtime,
    client: Option<Client>,
    first: WindowHandle,
}

/// A tab of a window.
#[derive(Clone)]
pub struct Tab(WindowHandle);

impl Browser {
    /// A new window of a browser that runs.
    pub(crate) fn attach(driver: &str, browser: &str) -> Browser {
        let wanted = json!({ "goog:chromeOptions": { "debuggerAddress": browser } });
        let wanted: Capabilities = serde_json::from_value(wanted).expect("capabilities");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        // A session begins in any window that there is: none may close before it has its own.
        let _coming = COMING_AND_GOING
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (client, first) = runtime.block_on(async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            let client = builder.capabilities(wanted).connect(driver).await;
            let client = client.expect("the browser takes another window");
            let new = client.new_window(false).await.expect("a window");
            client
                .switch_to_window(new.handle.clone())
                .await
                .expect("the window");
            (client, new.handle)
        });
        let browser = Browser {
            runtime,
            client: Some(client),
            first,
        };
        browser.prepare();
        browser
    }

    /// What every tab needs: the witness, the counter's size, and to be as if in front.
    fn prepare(&self) {
        let witness = json!({ "source": WITNESS });
        self.tell("Page.addScriptToEvaluateOnNewDocument", witness);
        self.tell(
            "Emulation.setFocusEmulationEnabled",
            json!({ "enabled": true }),
        );
        self.size(1280, 800);
    }

    fn client(&self) -> &Client {
        self.client.as_ref().expect("until it is dropped")
    }

    /// A command of the browser's own protocol; what it answers.
    #[track_caller]
    pub fn tell(&self, cmd: &'static str, params: Value) -> Value {
        let own = Own { cmd, params };
        match self.runtime.block_on(self.client().issue_cmd(own)) {
            Ok(answer) => answer,
            Err(cause) => panic!("{cmd}: {cause}"),
        }
    }

    /// The page's width and height in its own pixels.
    pub fn size(&self, width: u32, height: u32) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.tell("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Goes to an address.
    #[track_caller]
    pub fn goto(&self, url: &str) {
        if let Err(cause) = self.runtime.block_on(self.client().goto(url)) {
            panic!("{url}: {cause}");
        }
    }

    /// Loads the page again.
    pub fn reload(&self) {
        let again = self.client().refresh();
        self.runtime.block_on(again).expect("a page");
    }

    /// One page back.
    pub fn back(&self) {
        let back = self.client().back();
        self.runtime.block_on(back).expect("a page");
    }

    /// The tab at hand.
    pub fn tab(&self) -> Tab {
        let tab = self.client().window();
        Tab(self.runtime.block_on(tab).expect("a tab"))
    }

    /// Another tab, at hand from now on.
    pub fn new_tab(&self) -> Tab {
        let tab = self.runtime.block_on(async {
            let new = self.client().new_window(true).await.expect("a tab");
            Tab(new.handle)
        });
        self.switch(&tab);
        self.prepare();
        tab
    }

    /// Puts a tab at hand.
    pub fn switch(&self, tab: &Tab) {
        let switched = self.client().switch_to_window(tab.0.clone());
        self.runtime.block_on(switched).expect("a tab");
    }

    /// What a script in the page comes to; nothing when the page went away meanwhile.
    pub fn try_run(&self, script: &str) -> Option<Value> {
        let run = self.client().execute(script, Vec::new());
        self.runtime.block_on(run).ok()
    }

    /// What a script in the page comes to.
    #[track_caller]
    pub fn run(&self, script: &str) -> Value {
        let run = self.client().execute(script, Vec::new());
        match self.runtime.block_on(run) {
            Ok(value) => value,
            Err(cause) => panic!("{cause}"),
        }
    }

    /// What a script that promises something comes to: it calls `done`.
    #[track_caller]
    pub fn run_async(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1];\n{script}");
        let run = self.client().execute_async(&script, Vec::new());
        match self.runtime.block_on(run) {
            Ok(value) => value,
            Err(cause) => panic!("{cause}"),
        }
    }

    /// Waits until a script in the page comes to this.
    #[track_caller]
    pub fn until(&self, script: &str, wanted: &Value) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let told = self.try_run(script);
            if told.as_ref() == Some(wanted) {
                return;
            }
            assert!(Instant::now() < deadline, "never {wanted}, but {told:?}");
            self.runtime
                .block_on(async { tokio::time::sleep(AGAIN_EACH).await });
        }
    }

    /// What is seen, as PNG.
    pub fn screenshot(&self) -> Vec<u8> {
        let shot = self.client().screenshot();
        self.runtime.block_on(shot).expect("a picture")
    }

    /// Whether there is such an element now.
    pub fn has(&self, css: &str) -> bool {
        let find = self.client().find(Locator::Css(css));
        self.runtime.block_on(find).is_ok()
    }

    /// Waits until there is such an element.
    #[track_caller]
    pub fn wait(&self, css: &str) {
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
    pub fn text(&self, css: &str) -> String {
        self.wait(css);
        let script =
            format!("const e = document.querySelector({css:?}); return e ? e.textContent : ''");
        self.run(&script).as_str().unwrap_or_default().to_owned()
    }

    /// Touches an element until this appears.
    #[track_caller]
    pub fn press(&self, css: &str, then: &str) {
        self.wait(&format!("{css}, {then}"));
        self.again_and_again(then, || self.touch(css));
    }

    /// Presses a key, by its name in the protocol of drivers, until this appears.
    #[track_caller]
    pub fn key(&self, key: char, then: &str) {
        self.again_and_again(then, || self.strike(key));
    }

    #[track_caller]
    fn again_and_again(&self, then: &str, act: impl Fn()) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            act();
            if self.appears(then, AGAIN_AFTER) {
                return;
            }
            if Instant::now() > deadline {
                return self.wait(then);
            }
        }
    }

    /// Touches an element once, if it is there.
    pub fn touch(&self, css: &str) {
        self.runtime.block_on(async {
            if let Ok(element) = self.client().find(Locator::Css(css)).await {
                // It may go away under the finger.
                let _ = element.click().await;
            }
        });
    }

    /// Strikes keys once, at whatever has the focus.
    pub fn strike(&self, key: char) {
        self.runtime.block_on(async {
            if let Ok(element) = self.client().active_element().await {
                // It may go away under the finger.
                let _ = element.send_keys(&key.to_string()).await;
            }
        });
    }

    /// Types into a field that is empty then.
    #[track_caller]
    pub fn type_in(&self, css: &str, text: &str) {
        self.wait(css);
        self.runtime.block_on(async {
            let field = self.client().find(Locator::Css(css)).await.expect("there");
            field.clear().await.expect("a field");
            field.send_keys(text).await.expect("typed");
        });
    }

    /// What pages of this tab tried that they may not.
    pub fn violations(&self) -> String {
        let told = self.run("return sessionStorage.csp || ''");
        told.as_str().unwrap_or_default().to_owned()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            let _going = COMING_AND_GOING
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let first = self.first.clone();
            self.runtime.block_on(async {
                // A window that is gone already needs no farewell.
                if client.switch_to_window(first).await.is_ok() {
                    let _ = client.close_window().await;
                }
                let _ = client.close().await;
            });
        }
    }
}

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
