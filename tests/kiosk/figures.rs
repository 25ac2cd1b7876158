//! How quick the screens are: real cards on the simulated devices, a real browser, fifty screens
//! that watch. `scripts/bench-kiosk` runs it alone and keeps the table; it judges nothing.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use browser::Browser;
use card_station::station::view::Words;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::counter::{Counter, clerk_at};
use crate::rig::{CLERK, Rig, last_four};

/// Cards made, every other one with idle screens watching it.
const CARDS: usize = 6;
const WATCHING: usize = 50;
/// Mechanics so many times faster than real: each phase still lasts longer than any screen takes.
const SPEED: &str = "5";
const LOADS: usize = 20;
const TOUCHES: usize = 200;
const RESTARTS: usize = 5;

/// Notes in each page when a touch was answered by a frame, when the phase on it changed, and when
/// it lost and found its station; kept over pages, in milliseconds since 1970.
const NOTES: &str = r"
const note = (name, value) => { sessionStorage[name] = (sessionStorage[name] || '') + value + ' '; };
const now = () => performance.timeOrigin + performance.now();
const painted = then => requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = then; c.port2.postMessage(0); });
addEventListener('pointerdown', event => painted(() => note('touch', performance.now() - event.timeStamp)), true);
addEventListener('DOMContentLoaded', () => {
  let before = null, lost = false;
  new MutationObserver(() => {
    const phase = document.querySelector('.making p.now')?.textContent;
    if (phase && phase !== before) painted(() => note('phase', now() + '|' + phase.replaceAll(' ', '_')));
    before = phase;
    const away = !document.getElementById('lost').hidden;
    if (away && !lost) painted(() => note('lost', now()));
    lost = away;
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['hidden'] });
  painted(() => note('drawn', now()));
});
";

#[test]
#[ignore = "a measurement: scripts/bench-kiosk runs it alone"]
fn how_quick_the_screens_are() {
    let rig = Rig::stocked(u32::try_from(CARDS).expect("few") + 2);
    let reception = |n: usize| format!("2026-0009{n:02}");
    for n in 0..CARDS {
        rig.approve("1-landing", &[("2026-000001", &reception(n))]);
    }
    rig.switch_off();
    rig.switch_on_at("", SPEED);
    let counter = clerk_at(rig, "");
    let browser = &counter.browser;
    browser.tell(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({ "source": NOTES }),
    );
    let mut pages = Pages::default();
    let mut cards = [Vec::new(), Vec::new()];
    for n in 0..CARDS {
        pages.load(&counter, "/queue");
        counter.touch(
            &format!("#job-{}", reception(n)),
            "#issue:not([aria-disabled])",
        );
        pages.load(&counter, "/");
        let watchers = (n % 2 == 1).then(|| Watchers::begin(&counter));
        counter.touch("#issue", "[data-page='making']");
        browser.wait("[data-page='ready']");
        cards[n % 2].push(took(browser));
        drop(watchers);
        pages.load(&counter, "/");
        let number = counter.number();
        counter.touch("#hand-over", "#handed-over");
        pages.load(&counter, "/");
        browser.type_in("#last", last_four(&number));
        counter.touch("#handed-over", "[data-page='done']");
        counter.touch("#next", "[data-page='queue']");
    }
    keys(&counter);
    let touches = noted(browser, "touch");
    let phases = phases(browser);
    let away = restarts(&counter);
    let rig = counter.close();
    let changes = since_their_record(&phases, &records(&rig));
    rig.hold_the_laws();

    println!("\n| figure | n | p50 | p95 | most | goal |\n| --- | --- | --- | --- | --- | --- |");
    row("touch → first visible change, ms", &touches, "p95 ≤ 100");
    row("change in the journal → frame, ms", &changes, "p95 ≤ 200");
    row("address → first paint, ms", &pages.paints, "p95 ≤ 300");
    row("page without pictures, KB", &pages.weights, "most ≤ 200");
    row(
        "screens' program gone → page says so, ms",
        &away[0],
        "most ≤ 3000",
    );
    row(
        "screens' program back → page live, ms",
        &away[1],
        "most ≤ 2000",
    );
    row("card alone, ms", &cards[0], "");
    row("card while 50 idle screens watch, ms", &cards[1], "");
    let ratio = median(&cards[1]) / median(&cards[0]);
    println!(
        "\nA card while {WATCHING} idle screens watch takes {ratio:.3} times as long as one alone."
    );
}

/// What loading pages comes to.
#[derive(Default)]
struct Pages {
    paints: Vec<f64>,
    weights: Vec<f64>,
}

impl Pages {
    /// Loads a page again and again, without a cache.
    fn load(&mut self, counter: &Counter, path: &str) {
        let loads = LOADS / CARDS + 1;
        for _ in 0..loads {
            counter.goto(path);
            let told = counter.browser.run_async(
                "const told = () => { const paint = performance.getEntriesByName('first-contentful-paint')[0]; \
                 if (!paint) return setTimeout(told, 10); \
                 const all = performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource')); \
                 const own = all.filter(e => !e.name.includes('/face/') && !e.name.includes('/live')); \
                 done([paint.startTime, own.reduce((sum, e) => sum + e.decodedBodySize, 0) / 1024]); }; told();",
            );
            self.paints.push(told[0].as_f64().expect("a time"));
            self.weights.push(told[1].as_f64().expect("a size"));
        }
    }
}

/// From the first byte of print data to the slot, as the screen tells it, in milliseconds.
fn took(browser: &Browser) -> f64 {
    let text = browser.text(".took");
    let digits = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    let seconds = digits.filter_map(|one| one.parse::<f64>().ok()).next();
    seconds.expect("a time") * 1000.0
}

/// Touches keys on the glass.
fn keys(counter: &Counter) {
    counter.touch("#sign-out", "[data-page='sign-in']");
    for n in 0..TOUCHES {
        let key = if n % 8 == 7 {
            "clear".to_owned()
        } else {
            (n % 8).to_string()
        };
        counter.browser.touch(&format!("[data-put='{key}']"));
    }
    counter.sign_in(CLERK, "[data-page='queue']");
}

/// Ends and starts the screens' program: until the page says so, and until it lives again.
fn restarts(counter: &Counter) -> [Vec<f64>; 2] {
    let (mut gone, mut back) = (Vec::new(), Vec::new());
    for _ in 0..RESTARTS {
        let browser = &counter.browser;
        browser.run("sessionStorage.lost = ''");
        let ended = now_ms();
        counter.stop();
        browser.wait("#lost:not([hidden])");
        browser.until("return Boolean(sessionStorage.lost)", &true.into());
        gone.push(noted(browser, "lost")[0] - ended);
        browser.run("sessionStorage.drawn = ''");
        counter.start();
        let started = now_ms();
        browser.wait("body:has(#lost[hidden]) [data-page='sign-in']:not([inert]) #pin:focus");
        browser.until("return Boolean(sessionStorage.drawn)", &true.into());
        let drawn = noted(browser, "drawn");
        back.push(drawn.last().map_or(0.0, |drawn| drawn - started));
        counter.sign_in(CLERK, "[data-page='queue']");
    }
    [gone, back]
}

fn now_ms() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("after 1970").as_secs_f64() * 1000.0
}

/// What the pages noted under this name.
fn noted(browser: &Browser, name: &str) -> Vec<f64> {
    let text = browser.run(&format!("return sessionStorage[{name:?}] || ''"));
    let words = text.as_str().unwrap_or_default().split_whitespace();
    words.filter_map(|word| word.parse().ok()).collect()
}

/// When each record of a card was written, in milliseconds since 1970.
fn records(rig: &Rig) -> Vec<f64> {
    let at = |record: &Value| record["at"].as_str()?.parse::<Timestamp>().ok();
    let journal = rig.journal();
    let times = journal.iter().filter_map(at);
    times.map(|at| at.as_nanosecond() as f64 / 1e6).collect()
}

/// Phases that begin with a record of their own; the others begin within a step.
const RECORDED: [&str; 10] = [
    "to_head",
    "flip",
    "front_magenta",
    "front_cyan",
    "front_black",
    "front_uv",
    "front_pearl",
    "to_hologram",
    "check",
    "eject",
];

/// When such a phase was seen to begin, in milliseconds since 1970.
fn phases(browser: &Browser) -> Vec<f64> {
    let words = RECORDED.iter().filter_map(|name| Words::of(name));
    let spoken: Vec<String> = words
        .flat_map(|words| [words.japanese, words.english])
        .map(|words| words.replace(' ', "_"))
        .collect();
    let text = browser.run("return sessionStorage.phase || ''");
    let changes = text.as_str().unwrap_or_default().split_whitespace();
    let seen = changes.filter_map(|change| change.split_once('|'));
    seen.filter(|(_, phase)| spoken.iter().any(|one| one == phase))
        .filter_map(|(at, _)| at.parse().ok())
        .collect()
}

/// How long after the newest record before it each change was seen. Records of a card lie further
/// apart than a screen takes, so that this is the record that it shows.
fn since_their_record(changes: &[f64], records: &[f64]) -> Vec<f64> {
    let before = |change: &f64| {
        let earlier = records.iter().copied().filter(|at| at <= change);
        earlier.reduce(f64::max)
    };
    changes
        .iter()
        .filter_map(|change| Some(change - before(change)?))
        .collect()
}

/// Screens that nobody touches, each with its own stream.
struct Watchers {
    runtime: Runtime,
}

impl Watchers {
    fn begin(counter: &Counter) -> Watchers {
        let cookies = counter.browser.tell("Network.getCookies", json!({}));
        let cookie = cookies["cookies"][0]["value"].as_str().expect("a cookie");
        let cookie = format!("station={cookie}");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        // The second call of a process finds the provider installed already: the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        // Names below localhost are this machine's; a client that asks nobody goes by the number.
        let (address, host) = counter.live();
        let (begun, all) = std::sync::mpsc::channel();
        for _ in 0..WATCHING {
            let request = client
                .get(&address)
                .header("host", &host)
                .header("cookie", &cookie)
                .timeout(Duration::from_secs(600));
            let begun = begun.clone();
            runtime.spawn(async move {
                let mut stream = request.send().await.expect("a stream");
                assert!(stream.status().is_success(), "{}", stream.status());
                let _ = begun.send(());
                while let Ok(Some(_)) = stream.chunk().await {}
            });
        }
        for _ in 0..WATCHING {
            all.recv_timeout(Duration::from_secs(30))
                .expect("every stream begins");
        }
        Watchers { runtime }
    }
}

impl Drop for Watchers {
    fn drop(&mut self) {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let own = std::mem::replace(&mut self.runtime, runtime.expect("a runtime"));
        own.shutdown_background();
    }
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn median(values: &[f64]) -> f64 {
    sorted(values)[(values.len() - 1) / 2]
}

fn row(figure: &str, values: &[f64], goal: &str) {
    assert!(!values.is_empty(), "{figure}: nothing was measured");
    let all = sorted(values);
    let rank = |percent: usize| all[(all.len() * percent).div_ceil(100).max(1) - 1];
    let (p50, p95, most) = (rank(50), rank(95), rank(100));
    println!(
        "| {figure} | {} | {p50:.1} | {p95:.1} | {most:.1} | {goal} |",
        all.len()
    );
}
