//! Programs that run beside a test: what they say is heard line by line, so that a test waits
//! for words and never for time. They end with the test, however it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Nothing that a test waits for takes longer, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The record of which a line of the station's log tells.
pub(crate) fn journalled(line: &str) -> Option<&str> {
    let (_, told) = line.split_once("journalled ")?;
    Some(told.split_once("record=")?.1.trim())
}

/// One of the workspace's binaries.
pub(crate) fn binary(name: &str) -> PathBuf {
    let station = Path::new(env!("CARGO_BIN_EXE_station"));
    let path = station.with_file_name(name);
    assert!(
        path.exists(),
        "{} is missing: build it with `cargo build --workspace`",
        path.display()
    );
    path
}

/// A command that ends when the thread that starts it ends.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]).arg(program);
    command.env_remove("LC_ALL").env("LC_MESSAGES", "C");
    command
}

/// A program that runs.
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    heard: Arc<Heard>,
    ears: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Heard {
    words: Mutex<Words>,
    news: Condvar,
}

#[derive(Default)]
struct Words {
    out: Vec<String>,
    err: Vec<String>,
    streams_ended: u8,
}

impl Process {
    /// Starts it and gives it its standard input.
    pub(crate) fn start(name: &'static str, command: &mut Command, input: &str) -> Process {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|cause| panic!("{name} does not start: {cause}"));
        let heard = Arc::new(Heard::default());
        let out = child.stdout.take().expect("a pipe");
        let err = child.stderr.take().expect("a pipe");
        let ears = vec![
            listen(out, Arc::clone(&heard), |words| &mut words.out),
            listen(err, Arc::clone(&heard), |words| &mut words.err),
        ];
        let mut stdin = child.stdin.take().expect("a pipe");
        // A program that asks nothing may have closed it already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        Process {
            name,
            child,
            heard,
            ears,
        }
    }

    /// Waits until it said a line with all of these words.
    pub(crate) fn await_line(&self, wanted: &[&str]) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut words = self.heard.words.lock().expect("no ear panics");
        loop {
            let fits = |line: &&String| wanted.iter().all(|word| line.contains(word));
            if let Some(line) = words.out.iter().chain(&words.err).find(fits) {
                return line.clone();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if words.streams_ended == 2 || left.is_zero() {
                let said = words.err.join("\n");
                drop(words);
                panic!("{} never said {wanted:?}; it said:\n{said}", self.name);
            }
            words = self
                .heard
                .news
                .wait_timeout(words, left)
                .expect("no ear panics")
                .0;
        }
    }

    /// Waits until it told of its `nth` record, or until that instant. False: it ended before.
    pub(crate) fn runs_until(&self, nth: Option<usize>, until: Instant) -> bool {
        let mut words = self.heard.words.lock().expect("no ear panics");
        loop {
            if words.streams_ended == 2 {
                return false;
            }
            let told = words.err.iter().filter(|line| journalled(line).is_some());
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || nth.is_some_and(|nth| told.count() >= nth) {
                return true;
            }
            words = self
                .heard
                .news
                .wait_timeout(words, left)
                .expect("no ear panics")
                .0;
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        // It may have ended by itself meanwhile.
        let _ = kill(self.pid(), signal);
    }

    /// `kill -9`, and the funeral.
    pub(crate) fn kill(mut self) -> (ExitStatus, String, String) {
        self.signal(Signal::SIGKILL);
        self.last_words()
    }

    /// Asks it to end, and waits.
    pub(crate) fn end(mut self) -> (ExitStatus, String, String) {
        self.signal(Signal::SIGTERM);
        self.last_words()
    }

    /// Waits until it ends by itself: status, standard output, standard error.
    pub(crate) fn wait(mut self) -> (ExitStatus, String, String) {
        self.last_words()
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).expect("a pid"))
    }

    fn last_words(&mut self) -> (ExitStatus, String, String) {
        let status = self.child.wait().expect("our own child");
        for ear in self.ears.drain(..) {
            let _ = ear.join();
        }
        let words = self.heard.words.lock().expect("no ear panics");
        (status, words.out.join("\n"), words.err.join("\n"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.ears.is_empty() {
            return;
        }
        self.signal(Signal::SIGTERM);
        // One that was made to stand still ends, too.
        self.signal(Signal::SIGCONT);
        let (status, _, err) = self.last_words();
        // What a failing test wants to know; of a passing one nobody sees it.
        if !status.success() || std::thread::panicking() {
            eprintln!(
                "--- {} ended with {status:?} ({:?})\n{err}",
                self.name,
                status.signal()
            );
        }
    }
}

fn listen(
    stream: impl Read + Send + 'static,
    heard: Arc<Heard>,
    side: fn(&mut Words) -> &mut Vec<String>,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            side(&mut heard.words.lock().expect("no ear panics")).push(line);
            heard.news.notify_all();
        }
        heard.words.lock().expect("no ear panics").streams_ended += 1;
        heard.news.notify_all();
    })
}
