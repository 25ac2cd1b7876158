//! Readers and cards over a real card service: a private `pcscd` with virtual readers, and a card
//! of a few lines at the other end. Runs itself again inside that service, whose socket only the
//! environment can name. Needs the packages pcscd and vsmartcard-vpcd; there is no way to skip it.

use reader::{Access, Error, Readers, Sharing};
use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use wire::apdu::{self, Le, Length, StatusWord, Transmit};

const INSIDE: &str = "READER_TEST_INSIDE";
const READER: &str = "Private Reader 00 00";
const OTHER: &str = "Private Reader 00 01";
const PORT: u16 = 21_100;
const PATIENCE: Duration = Duration::from_secs(10);
const NOBODY: u32 = 65_534;
/// Pseudo answer to reset of a Type-B card, as a public reader's manual builds it.
const ATR: [u8; 13] = [0x3B, 0x88, 0x80, 1, 0, 0, 0, 0, 0x33, 0x81, 0x81, 0, 0x3A];

fn main() {
    match std::env::var_os(INSIDE) {
        Some(_) => inside(),
        None => outside(),
    }
}

/// Starts the service and this program again inside it.
fn outside() {
    let folder = tempfile::tempdir().expect("a folder for the service");
    let _service = Service::start(folder.path());
    let status = Command::new(std::env::current_exe().expect("this program"))
        .env(INSIDE, "1")
        .env("PCSCLITE_CSOCK_NAME", folder.path().join("pcscd.comm"))
        .status()
        .expect("this program starts again");
    assert!(
        status.success(),
        "the checks inside the private service failed: {status}"
    );
    absent_service(folder.path());
}

/// Without a service there is one clear error.
fn absent_service(folder: &Path) {
    let status = Command::new(std::env::current_exe().expect("this program"))
        .env(INSIDE, "no service")
        .env("PCSCLITE_CSOCK_NAME", folder.join("nobody-listens"))
        .status()
        .expect("this program starts again");
    assert!(
        status.success(),
        "the check without a service failed: {status}"
    );
}

/// What holds, and the check that shows it.
type Law = (&'static str, fn(&Readers));

fn inside() {
    if std::env::var_os(INSIDE).is_some_and(|value| value == "no service") {
        assert!(matches!(Readers::connect(), Err(Error::NoService(_))));
        return;
    }
    let readers = Readers::connect().expect("the private service answers");
    readers
        .wait_reader(READER, PATIENCE)
        .expect("its reader comes");
    let laws: [Law; 7] = [
        ("absence is told apart", absence_is_told_apart),
        (
            "a card answers short and extended",
            a_card_answers_short_and_extended,
        ),
        ("a card is held by one", a_card_is_held_by_one),
        ("a lost card stays lost", a_lost_card_stays_lost),
        ("a dead chip is no card", a_dead_chip_is_no_card),
        ("a wait is called off", a_wait_is_called_off),
        ("two readers are apart", two_readers_are_apart),
    ];
    for (name, law) in laws {
        law(&readers);
        println!("test {name} ... ok");
    }
}

fn absence_is_told_apart(readers: &Readers) {
    assert!(readers.list().unwrap().contains(&READER.to_owned()));
    assert!(!readers.present(READER).unwrap());
    let soon = Duration::from_millis(30);
    assert!(matches!(
        readers.wait_card(READER, soon),
        Err(Error::NoCard { .. })
    ));
    assert!(matches!(
        readers.wait_card("Nowhere", soon),
        Err(Error::NoReader { .. })
    ));
    assert!(matches!(
        readers.present("No\0name"),
        Err(Error::NoReader { .. })
    ));
    assert!(matches!(
        readers.wait_reader("Nowhere", soon),
        Err(Error::NoReader { .. })
    ));
}

fn a_card_answers_short_and_extended(readers: &Readers) {
    let virtual_card = VirtualCard::insert(PORT, Answer::Echo);
    let mut card = readers
        .wait_card(READER, PATIENCE)
        .expect("the card is seen");
    assert!(readers.present(READER).unwrap());
    assert_eq!(card.atr(), ATR);
    assert_eq!(card.length(), Length::Short);
    let answer = card.transmit(&echo(&[7; 200])).unwrap();
    assert_eq!((answer.data, answer.sw), (vec![7; 200], StatusWord::OK));
    assert!(matches!(
        card.transmit(&echo(&[7; 300])),
        Err(Error::Unsendable { .. })
    ));
    card.disconnect(true).unwrap();

    let extended = Access {
        length: Some(Length::Extended),
        ..Access::default()
    };
    let mut card = readers.wait_card_with(READER, PATIENCE, extended).unwrap();
    let long: Vec<u8> = (0..7_013u32).map(|i| i as u8).collect();
    assert_eq!(card.transmit(&echo(&long)).unwrap().data, long);
    drop(card);
    virtual_card.remove();
    assert!(readers.wait_gone(READER, PATIENCE).unwrap());
}

fn a_card_is_held_by_one(readers: &Readers) {
    let virtual_card = VirtualCard::insert(PORT, Answer::Echo);
    let other = Readers::connect().unwrap();
    let card = readers.wait_card(READER, PATIENCE).unwrap();
    assert!(matches!(
        other.wait_card(READER, PATIENCE),
        Err(Error::InUse { .. })
    ));
    card.disconnect(false).unwrap();

    let shared = Access {
        sharing: Sharing::Shared,
        ..Access::default()
    };
    let mut mine = readers.wait_card_with(READER, PATIENCE, shared).unwrap();
    let mut theirs = other.wait_card_with(READER, PATIENCE, shared).unwrap();
    let mut held = mine.hold().unwrap();
    held.transmit(&echo(&[1])).unwrap();
    let (answered, answers) = mpsc::channel();
    let waiting = std::thread::spawn(move || answered.send(theirs.transmit(&echo(&[2])).is_ok()));
    let while_held = answers.recv_timeout(Duration::from_millis(200));
    assert_eq!(
        while_held,
        Err(mpsc::RecvTimeoutError::Timeout),
        "their command waits"
    );
    drop(held);
    assert_eq!(answers.recv_timeout(PATIENCE), Ok(true), "free again");
    waiting.join().unwrap().unwrap();
    drop(mine);
    virtual_card.remove();
    assert!(readers.wait_gone(READER, PATIENCE).unwrap());
}

fn a_lost_card_stays_lost(readers: &Readers) {
    let virtual_card = VirtualCard::insert(PORT, Answer::BreakOff);
    let mut card = readers.wait_card(READER, PATIENCE).unwrap();
    let broken_off = card.transmit(&echo(&[1]));
    assert!(
        matches!(broken_off, Err(Error::CardGone { .. })),
        "{broken_off:?}"
    );
    virtual_card.remove();
    // The next card on the reader does not answer through the old connection.
    let next = VirtualCard::insert(PORT, Answer::Echo);
    assert!(matches!(
        card.transmit(&echo(&[1])),
        Err(Error::CardGone { .. })
    ));
    assert!(matches!(card.hold().err(), Some(Error::CardGone { .. })));
    drop(card);
    let mut card = readers
        .wait_card(READER, PATIENCE)
        .expect("the next card is a new connection");
    assert_eq!(card.transmit(&echo(&[5])).unwrap().data, [5]);
    drop(card);
    next.remove();
    assert!(readers.wait_gone(READER, PATIENCE).unwrap());
}

/// A contactless reader cannot tell a chip that stays silent from an empty field.
fn a_dead_chip_is_no_card(readers: &Readers) {
    let virtual_card = VirtualCard::insert(PORT, Answer::Dead);
    let waited = readers.wait_card(READER, Duration::from_secs(1));
    assert!(matches!(waited, Err(Error::NoCard { .. })));
    virtual_card.remove();
}

fn a_wait_is_called_off(readers: &Readers) {
    let canceller = readers.canceller();
    let (called_off, done) = mpsc::channel();
    let caller = std::thread::spawn(move || {
        // A call before the wait has begun ends nothing, so it is repeated until the wait is over.
        while done.recv_timeout(Duration::from_millis(20)).is_err() {
            canceller.cancel().unwrap();
        }
    });
    let waited = readers.wait_card(READER, Duration::from_secs(3600));
    called_off.send(()).unwrap();
    caller.join().unwrap();
    assert!(matches!(waited, Err(Error::Cancelled)));
}

fn two_readers_are_apart(readers: &Readers) {
    let virtual_card = VirtualCard::insert(PORT + 1, Answer::Echo);
    let mut card = readers.wait_card(OTHER, PATIENCE).unwrap();
    assert!(!readers.present(READER).unwrap());
    card.transmit(&echo(&[1])).unwrap();
    drop(card);
    virtual_card.remove();
    assert!(readers.wait_gone(OTHER, PATIENCE).unwrap());
}

fn echo(data: &[u8]) -> apdu::Command {
    apdu::Command {
        cla: 0x80,
        ins: 0xEC,
        p1: 0,
        p2: 0,
        data: data.to_vec(),
        le: Some(Le::All),
    }
}

/// What a virtual card does with a command.
#[derive(Clone, Copy, PartialEq)]
enum Answer {
    Echo,
    BreakOff,
    Dead,
}

/// A card of a few lines at the far end of a virtual reader.
struct VirtualCard {
    stream: TcpStream,
    thread: std::thread::JoinHandle<()>,
}

impl VirtualCard {
    fn insert(port: u16, answer: Answer) -> VirtualCard {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the virtual reader listens");
        stream.set_nodelay(true).unwrap();
        let mut end = stream.try_clone().unwrap();
        let thread = std::thread::spawn(move || {
            while let Some(message) = receive(&mut end) {
                let reply = match (&message[..], answer) {
                    ([4], Answer::Dead) => vec![],
                    ([4], _) => ATR.to_vec(),
                    ([_], _) => continue,
                    (_, Answer::BreakOff) => return drop(end.shutdown(Shutdown::Both)),
                    (command, _) => {
                        let command = apdu::Command::parse(command).unwrap();
                        apdu::Response {
                            data: command.data,
                            sw: StatusWord::OK,
                        }
                        .encode()
                    }
                };
                let framed = [&(reply.len() as u16).to_be_bytes()[..], &reply].concat();
                if end.write_all(&framed).is_err() {
                    return;
                }
            }
        });
        VirtualCard { stream, thread }
    }

    fn remove(self) {
        let _ = self.stream.shutdown(Shutdown::Both);
        self.thread.join().expect("the virtual card did not panic");
    }
}

/// The service sends length and body apart; without quick acknowledgement each waits 40 ms.
fn receive(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let quick = |stream: &TcpStream| socket2::SockRef::from(stream).set_tcp_quickack(true);
    let mut len = [0; 2];
    quick(stream).ok()?;
    stream.read_exact(&mut len).ok()?;
    let mut body = vec![0; usize::from(u16::from_be_bytes(len))];
    quick(stream).ok()?;
    stream.read_exact(&mut body).ok()?;
    Some(body)
}

/// A private card service, ended when dropped. As root it runs as nobody, because a `pcscd` of root
/// takes the machine's own pid file away when it ends.
struct Service(Child);

impl Service {
    fn start(folder: &Path) -> Service {
        let driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
        let own = folder.join("libvpcd.so");
        fs::copy(driver, &own).expect("the package vsmartcard-vpcd is installed");
        let configuration = folder.join("reader.conf");
        let entry = format!(
            "FRIENDLYNAME \"Private Reader\"\nDEVICENAME /dev/null:{PORT}\nLIBPATH {}\nCHANNELID {PORT}\n",
            own.display()
        );
        fs::write(&configuration, entry).unwrap();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        let socket = UnixListener::bind(folder.join("pcscd.comm")).unwrap();
        let mut command = Command::new("/bin/sh");
        command
            .args([
                "-c",
                "exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" \"$@\"",
            ])
            .args(["/usr/sbin/pcscd", "--foreground", "-c"])
            .arg(&configuration)
            .stdin(Stdio::from(OwnedFd::from(socket)))
            .stdout(fs::File::create(folder.join("log")).unwrap())
            .stderr(Stdio::null());
        if fs::metadata(folder).unwrap().uid() == 0 {
            chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
            command.uid(NOBODY).gid(NOBODY);
        }
        Service(command.spawn().expect("the package pcscd is installed"))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
