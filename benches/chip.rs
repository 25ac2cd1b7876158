//! The figure for the chip: write, read back, lock and prove through a real card service, without
//! air time. Starts a private service with the `firmware-sim` that stands beside this program, and
//! runs itself again inside it.

use chip::{CardType, Contents, Date8, Files, Number, ProveChance, ReadChance};
use firmware_sim::chip::{Card, TEST_TRANSPORT_MASTER};
use firmware_sim::vpcd::{AirTime, Slot};
use reader::{Access, Readers};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use wire::apdu::Length;

const SOCKET: &str = "PCSCLITE_CSOCK_NAME";
const BASE_PORT: u16 = 21_150;
const READER: &str = "Card Printer 00 00";
const PATIENCE: Duration = Duration::from_secs(10);
const ROUNDS: u8 = 20;

/// The private service, ended with the run.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        // Ends by its input's end or by the signal; either way the service goes with it.
        let id = nix::unistd::Pid::from_raw(self.0.id().cast_signed());
        let _ = nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM);
        let _ = self.0.wait();
    }
}

fn main() {
    if std::env::var_os(SOCKET).is_some() {
        return measure();
    }
    let own = std::env::current_exe().expect("this program");
    let beside = own
        .ancestors()
        .nth(2)
        .expect("a build folder")
        .join("firmware-sim");
    let folder = tempfile::tempdir().expect("a folder for the service");
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).expect("a folder that others may enter");
    let mut child = Command::new(beside)
        .args(["pcscd", "--base-port", &BASE_PORT.to_string(), "--dir"])
        .arg(folder.path().join("service"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("firmware-sim is built: cargo build --workspace with the same profile");
    let out = BufReader::new(child.stdout.take().expect("its output is ours"));
    let _service = Service(child);
    let mut lines = out.lines().map_while(Result::ok);
    let socket = lines.find_map(|line| Some(line.split_once('=')?.1.to_owned()));
    assert!(
        lines.any(|line| line == "ready"),
        "the service did not start"
    );
    let again = Command::new(own)
        .env(SOCKET, socket.expect("the socket's name"))
        .status();
    assert!(again.expect("this program starts again").success());
}

fn measure() {
    let readers = Readers::connect().expect("the private service answers");
    let files = specimen();
    for (name, length) in [("short", Length::Short), ("extended", Length::Extended)] {
        let mut times: Vec<[Duration; 4]> = (0..ROUNDS)
            .map(|round| one_card(&readers, &files, round, length))
            .collect();
        times.sort_by_key(|parts| parts.iter().sum::<Duration>());
        let [write, read, lock, prove] = times[times.len() / 2];
        println!(
            "chip, {name} commands, median of {ROUNDS}: {:.1?} (write {write:.1?}, read back \
             {read:.1?}, lock {lock:.1?}, prove {prove:.1?}); slowest {:.1?}; goal 250 ms",
            write + read + lock + prove,
            times[times.len() - 1].iter().sum::<Duration>(),
        );
    }
}

/// Times of writing, reading back, locking and proving one blank.
fn one_card(readers: &Readers, files: &Files, round: u8, length: Length) -> [Duration; 4] {
    let serial = [round; 10];
    let blank = Arc::new(Mutex::new(Card::blank(serial, &TEST_TRANSPORT_MASTER)));
    let slot = Slot::insert(blank, BASE_PORT, AirTime::NONE).expect("a thread");
    let access = Access {
        length: Some(length),
        ..Access::default()
    };
    let mut card = readers
        .wait_card_with(READER, PATIENCE, access)
        .expect("the blank is seen");
    let number = Number::parse("AB12345678CD").expect("a number");
    let transport = chip::diversify(&TEST_TRANSPORT_MASTER, &serial, chip::TRANSPORT_VERSION);
    let issuer = chip::diversify(&[1; 16], &serial, chip::ISSUER_VERSION);
    let read = ReadChance {
        challenge: [round; 8],
        key: [round; 16],
    };
    let prove = ProveChance {
        read: read.clone(),
        host_challenge: [round; 8],
    };
    let card = &mut card;
    let parts = [
        timed(|| chip::personalise(card, &transport, &serial, &number, files, [round; 8])),
        timed(|| chip::prove_written(card, &number, files, &read)),
        timed(|| chip::lock(card, &transport, &issuer, [round; 8])),
        timed(|| chip::prove_locked(card, &number, &prove)),
    ];
    drop(slot);
    assert!(
        readers
            .wait_gone(READER, PATIENCE)
            .expect("the reader stays")
    );
    parts
}

fn timed(step: impl FnOnce() -> Result<(), chip::Error>) -> Duration {
    let start = Instant::now();
    step().expect("a sound blank");
    start.elapsed()
}

fn specimen() -> Files {
    let contents = Contents {
        version: *b"0001",
        card_type: CardType::ResidenceCard,
        front_tiff: b"II*\0specimen",
        photo_jp2: Some(b"specimen"),
        address_date: Date8::new(2026, 4, 1).expect("a day"),
        municipality: Some(*b"131016"),
        address: "東京都千代田区霞が関1-1-1",
        blanket: None,
        individual: None,
        pending: false,
    };
    let files = Files::assemble(&contents).expect("a specimen fits");
    files
        .with_signature(&[0xA5; 256], &[0x30; 900])
        .expect("a specimen is signed")
}
