//! The one browser of a process with its driver. A shell holds both and ends them, with their
//! folder, when the pipe from this process closes: however the tests end, nothing stays behind.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use crate::Browser;

/// Both are there after so long, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The same pixels in every session, and no window that sleeps because another lies in front.
const FLAGS: [&str; 15] = [
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
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--lang=ja",
];

/// Starts both and waits for the end of its standard input.
const HOLD: &str = r#"
trap '' INT
dir=$(mktemp -d)
chromium "$@" --remote-debugging-port=0 --user-data-dir="$dir" about:blank </dev/null & browser=$!
chromedriver --port=0 </dev/null & driver=$!
read -r _
kill $driver $browser 2>/dev/null
wait
rm -rf "$dir"
"#;

/// Where the browser and its driver listen.
struct Shared {
    driver: String,
    browser: String,
    /// While these are held, both run.
    _hold: Mutex<(ChildStdin, Child)>,
}

/// A new window of the one browser. Names below `localhost` keep the windows' cookies apart.
#[must_use]
pub fn window() -> Browser {
    let shared = shared();
    Browser::attach(&shared.driver, &shared.browser)
}

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let mut child = Command::new("sh")
            .args(["-c", HOLD, "sh"])
            .args(FLAGS)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell");
        let hold = child.stdin.take().expect("a pipe");
        let out = lines(child.stdout.take().expect("a pipe"));
        let err = lines(child.stderr.take().expect("a pipe"));
        let port = said(&out, "started successfully on port ");
        let address = said(&err, "DevTools listening on ws://");
        let address = address.split('/').next().unwrap_or_default();
        Shared {
            driver: format!("http://127.0.0.1:{}", port.trim_end_matches('.')),
            browser: address.to_owned(),
            _hold: Mutex::new((hold, child)),
        }
    })
}

/// What a stream says, line by line; read to its end, so that nobody waits for a full pipe.
fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            // Nobody listens any more once the address is known.
            let _ = sender.send(line);
        }
    });
    receiver
}

/// What follows these words in the first line that has them.
fn said(lines: &Receiver<String>, words: &str) -> String {
    loop {
        let line = lines.recv_timeout(PATIENCE);
        let line = line.unwrap_or_else(|_| {
            panic!("{words}: never said; scripts/packages installs the browser")
        });
        if let Some((_, after)) = line.split_once(words) {
            return after.trim().to_owned();
        }
    }
}
