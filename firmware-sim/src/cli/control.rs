//! `firmware-sim control` and `person`, and the socket that they talk to: a line of text in, a
//! line of JSON out. The socket lies in the state folder and is its owner's alone.

use clap::Args;
use firmware_sim::control::{self, Command};
use firmware_sim::{Error, noise::Noise, session::Session};
use serde_json::Value;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

const SOCKET: &str = "control.sock";
/// A longer line is no command.
const LINE: usize = 4 * 1024;
/// More at once are not served; each comes with one line and goes.
const CLIENTS: usize = 16;
/// An answer comes within one turn of the printer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Arguments of `control` and `person`.
#[derive(Debug, Args)]
#[command(after_help = control::HELP)]
pub(crate) struct Arguments {
    /// The printer's state folder; `faults` and `help` need none.
    #[arg(long)]
    state: Option<PathBuf>,
    /// The list of faults as JSON; every other answer is JSON anyway.
    #[arg(long)]
    json: bool,
    /// What to do.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<String>,
}

/// Says the command to the running printer and prints its answer.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let line = arguments.command.join(" ");
    let mut answer = match (line.as_str(), &arguments.state) {
        ("help", _) => control::HELP.to_owned(),
        ("faults", _) if arguments.json => control::listed().to_string(),
        ("faults", _) => control::table(),
        (_, None) => {
            return Err(refused(
                "a running printer is meant: name its --state folder",
            ));
        }
        (_, Some(state)) => ask(state, &line)?.to_string(),
    };
    if !answer.ends_with('\n') {
        answer.push('\n');
    }
    // Whoever reads only the beginning has read enough.
    let _ = io::stdout().write_all(answer.as_bytes());
    Ok(())
}

fn ask(state: &Path, line: &str) -> Result<Value, Error> {
    // What cannot be understood is refused here already, printer or not.
    control::parse(line).map_err(|reason| refused(&reason))?;
    let port = |source| Error::Port {
        what: "control socket: does a printer run on this state folder?",
        source,
    };
    let (_folder, socket) = short(state, SOCKET).map_err(port)?;
    let mut stream = UnixStream::connect(socket).map_err(port)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(port)?;
    stream
        .write_all(format!("{line}\n").as_bytes())
        .map_err(port)?;
    let mut answer = String::new();
    BufReader::new(&stream)
        .read_line(&mut answer)
        .map_err(port)?;
    let answer: Value = serde_json::from_str(&answer).map_err(|cause| port(cause.into()))?;
    match answer["error"].as_str() {
        Some(reason) => Err(refused(reason)),
        None => Ok(answer),
    }
}

/// A name for a file of the folder that is short enough for a socket, however deep the folder
/// lies; it holds for as long as the folder is held.
fn short(folder: &Path, name: &str) -> io::Result<(fs::File, PathBuf)> {
    let folder = fs::File::open(folder)?;
    let path = PathBuf::from(format!("/proc/self/fd/{}/{name}", folder.as_raw_fd()));
    Ok((folder, path))
}

fn refused(reason: &str) -> Error {
    Error::Parameter {
        name: "control",
        reason: reason.to_owned(),
    }
}

/// The printer's end of the socket.
pub(crate) struct Socket {
    path: PathBuf,
    listener: UnixListener,
    clients: Vec<Client>,
}

struct Client {
    stream: UnixStream,
    heard: Vec<u8>,
    gone: bool,
}

impl Socket {
    /// Listens in the state folder; only its owner may speak.
    pub(crate) fn open(state: &Path) -> Result<Socket, Error> {
        let path = state.join(SOCKET);
        // Nobody sees it under its name before it is its owner's alone.
        let beside = state.join("control.new");
        for old in [&path, &beside] {
            match fs::remove_file(old) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(port(error)),
                Ok(()) | Err(_) => {}
            }
        }
        let (_folder, short) = short(state, "control.new").map_err(port)?;
        let listener = UnixListener::bind(short).map_err(port)?;
        fs::set_permissions(&beside, fs::Permissions::from_mode(0o600)).map_err(port)?;
        fs::rename(&beside, &path).map_err(port)?;
        listener.set_nonblocking(true).map_err(port)?;
        Ok(Socket {
            path,
            listener,
            clients: Vec::new(),
        })
    }

    /// Obeys what was said since the last turn.
    pub(crate) fn turn(&mut self, session: &mut Session, noise: &mut Option<Noise>, now: Duration) {
        while let Ok((stream, _)) = self.listener.accept() {
            if self.clients.len() < CLIENTS && stream.set_nonblocking(true).is_ok() {
                self.clients.push(Client {
                    stream,
                    heard: Vec::new(),
                    gone: false,
                });
            }
        }
        for client in &mut self.clients {
            client.listen();
            while let Some(line) = client.line() {
                let answer = obey(&line, session, noise, now);
                tracing::info!(%line, ok = %answer["ok"], "control");
                client.say(&answer);
            }
        }
        self.clients.retain(|client| !client.gone);
    }
}

fn obey(line: &str, session: &mut Session, noise: &mut Option<Noise>, now: Duration) -> Value {
    match control::parse(line) {
        Err(reason) => control::refused(&reason),
        Ok(command) => {
            if let Command::Noise(wanted) = &command {
                *noise = wanted.and_then(|(rate, seed)| Noise::new(rate, seed));
            }
            control::obey(session, command, now)
        }
    }
}

impl Client {
    fn listen(&mut self) {
        let mut bytes = [0; 512];
        loop {
            match self.stream.read(&mut bytes) {
                Ok(0) => self.gone = true,
                Ok(count) => {
                    self.heard.extend(&bytes[..count]);
                    self.gone |= self.heard.len() > LINE;
                    if !self.gone {
                        continue;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => self.gone |= error.kind() != io::ErrorKind::WouldBlock,
            }
            return;
        }
    }

    fn line(&mut self) -> Option<String> {
        let end = self.heard.iter().position(|byte| *byte == b'\n')?;
        let line: Vec<u8> = self.heard.drain(..=end).collect();
        Some(String::from_utf8_lossy(&line).trim().to_owned())
    }

    fn say(&mut self, answer: &Value) {
        // An answer fits the socket's buffer; who does not read it does not get the next one.
        let line = format!("{answer}\n");
        self.gone |= self.stream.write_all(line.as_bytes()).is_err();
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _ = fs::remove_file(&self.path);
    }
}

fn port(source: io::Error) -> Error {
    Error::Port {
        what: "control socket",
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmware_sim::machine::{Machine, Nonvolatile, Setup};

    /// Asks a printer in a folder so deep that no socket's own name could hold it.
    fn asked(lines: &'static [&'static str]) -> Vec<Result<Value, String>> {
        let root = tempfile::tempdir().unwrap();
        let state = root.path().join("deep/".repeat(30));
        fs::create_dir_all(&state).unwrap();
        let mut socket = Socket::open(&state).unwrap();
        let mode = fs::metadata(state.join(SOCKET))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "its owner's alone");
        let kept = Nonvolatile::factory();
        let machine = Machine::new(Setup::default(), kept, Vec::new(), None, Duration::ZERO);
        let mut session = Session::new(machine, "T".to_owned());
        let folder = state.clone();
        let asking = std::thread::spawn(move || {
            let said = lines.iter().map(|line| ask(&folder, line));
            said.map(|said| said.map_err(|error| error.to_string()))
                .collect::<Vec<_>>()
        });
        while !asking.is_finished() {
            socket.turn(&mut session, &mut None, Duration::ZERO);
            std::thread::yield_now();
        }
        drop(socket);
        assert!(!state.join(SOCKET).exists(), "it goes with the printer");
        asking.join().unwrap()
    }

    #[test]
    fn a_line_is_answered_by_a_line_and_nonsense_is_refused() {
        let said = asked(&[
            "open-cover",
            "show",
            "inject jam --card 3",
            "inject jam --card 3",
            "kick",
        ]);
        assert_eq!(said[1].as_ref().unwrap()["interior"]["cover_open"], true);
        assert_eq!(said[2].as_ref().unwrap()["became"], "stored");
        let refused = "control: excludes `jam`, which is in store for that card";
        assert_eq!(said[3].as_ref().unwrap_err(), refused);
        assert!(
            said[4]
                .as_ref()
                .unwrap_err()
                .contains("`kick` is no command")
        );
    }

    #[test]
    fn who_sends_no_line_end_is_hung_up_on_and_the_others_are_served() {
        let folder = tempfile::tempdir().unwrap();
        let mut socket = Socket::open(folder.path()).unwrap();
        let kept = Nonvolatile::factory();
        let machine = Machine::new(Setup::default(), kept, Vec::new(), None, Duration::ZERO);
        let mut session = Session::new(machine, "T".to_owned());
        let mut flood = UnixStream::connect(folder.path().join(SOCKET)).unwrap();
        let mut other = UnixStream::connect(folder.path().join(SOCKET)).unwrap();
        flood.write_all(&[b'x'; LINE + 1]).unwrap();
        other.write_all(b"\xFF\xFE\nshow\n").unwrap();
        for _ in 0..3 {
            socket.turn(&mut session, &mut None, Duration::ZERO);
        }
        assert_eq!(socket.clients.len(), 1);
        let mut answers = BufReader::new(other).lines();
        assert!(answers.next().unwrap().unwrap().contains("\"ok\":false"));
        assert!(answers.next().unwrap().unwrap().contains("\"ok\":true"));
    }
}
