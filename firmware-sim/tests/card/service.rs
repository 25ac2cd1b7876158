//! The card through the real PC/SC service: a private one, started as demo and tests start it.

use std::ffi::CString;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use firmware_sim::vpcd::{AirTime, Slot};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pcsc::{Context, Protocols, ReaderState, Scope, ShareMode, State};

use crate::host::{self, Host, NUMBER};
use crate::reading::finished;

const SOCKET: &str = "PCSCLITE_CSOCK_NAME";
const BASE_PORT: u16 = 21240;
const READERS: [&str; 4] = [
    "Card Printer 00 00",
    "Card Printer 00 01",
    "Desk Reader 00 00",
    "Desk Reader 00 01",
];
const PATIENCE: Duration = Duration::from_secs(10);

/// The private service; ends with the test.
struct Service(Child);

impl Service {
    /// Starts it and returns the variable that leads clients to it, once its readers are listed.
    fn start(folder: &std::path::Path) -> (Service, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_firmware-sim"))
            .args(["pcscd", "--base-port", &BASE_PORT.to_string(), "--dir"])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let service = Service(child);
        let socket = lines.find_map(|line| Some(line.split_once('=')?.1.to_owned()));
        assert!(lines.any(|line| line == "ready"), "is pcscd installed?");
        (service, socket.unwrap())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(self.0.id().cast_signed()), Signal::SIGTERM);
        let _ = self.0.wait();
    }
}

/// The client library reads its variable from the environment, so the test runs itself again
/// with the variable set.
#[test]
fn a_finished_card_is_read_through_the_service() {
    if std::env::var_os(SOCKET).is_some() {
        return through_the_service();
    }
    let folder = tempfile::tempdir().unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).unwrap();
    let (_service, socket) = Service::start(&folder.path().join("service"));
    let name = std::thread::current().name().map(str::to_owned).unwrap();
    let again = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(SOCKET, socket)
        .status();
    assert!(again.unwrap().success());
}

fn through_the_service() {
    let context = Context::establish(Scope::User).unwrap();
    let mut buffer = [0; 1024];
    let names: Vec<String> = context
        .list_readers(&mut buffer)
        .unwrap()
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    assert_eq!(names, READERS);
    let reader = CString::new(READERS[3]).unwrap();
    let card = Arc::new(Mutex::new(finished()));
    let slot = Slot::insert(Arc::clone(&card), BASE_PORT + 11, AirTime::NONE).unwrap();
    await_state(&context, &reader, State::PRESENT);
    let connected = context
        .connect(&reader, ShareMode::Exclusive, Protocols::T1)
        .unwrap();
    let send = |bytes: &[u8]| {
        let mut buffer = vec![0; 8192];
        connected.transmit(bytes, &mut buffer).unwrap().to_vec()
    };
    let mut host = Host {
        send: Box::new(send),
    };
    let key = host.authenticate(NUMBER).unwrap();
    assert_eq!(
        host.sw(&hex_literal::hex!(
            "00A4040C10D392F0004F0200000000000000000000"
        )),
        0x9000
    );
    assert_eq!(host.read(&key, [0x85, 0], 0).unwrap(), host::files()[2].1);
    // Prompt acknowledgements (or each command takes 40 ms: 200 would take 8 s).
    let start = Instant::now();
    (0..200).for_each(|_| assert_eq!(host.sw(&[0, 0xA4, 0, 0, 2, 0x3F, 0]), 0x9000));
    assert!(
        start.elapsed() < Duration::from_secs(4),
        "{:?}",
        start.elapsed()
    );
    println!(
        "{:.0} commands a second",
        200.0 / start.elapsed().as_secs_f64()
    );
    drop(slot);
    await_state(&context, &reader, State::EMPTY);
}

fn await_state(context: &Context, reader: &CString, wanted: State) {
    let deadline = Instant::now() + PATIENCE;
    let mut states = [ReaderState::new(reader.clone(), State::UNAWARE)];
    while !states[0].event_state().contains(wanted) {
        assert!(
            Instant::now() < deadline,
            "the reader never became {wanted:?}"
        );
        states[0].sync_current_state();
        match context.get_status_change(Duration::from_secs(1), &mut states) {
            Ok(()) | Err(pcsc::Error::Timeout) => {}
            Err(cause) => panic!("{cause}"),
        }
    }
}
