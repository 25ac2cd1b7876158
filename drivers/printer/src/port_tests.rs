//! The whole driver over real ptys: opening, owning, losing a port and finding it again.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use serialport::{SerialPort, TTYPort};
use wire::frame::Decoder;
use wire::message::{Event as Numbered, Happening, HostMessage, PrinterMessage};
use wire::{Counters, Motion, MotionAnswer, MotionId, MotionResult, Sensors, Supplies, Survey};

use crate::{Error, Event, Line, Place, Printer, SerialLine};

const BAUD: u32 = 921_600;
const MOTION: MotionId = MotionId {
    card: 1,
    step: 2,
    attempt: 0,
};

/// A printer of a few lines on a pty. It answers; it ends a motion when `ends` says so;
/// dropped, its port vanishes.
struct FarSide {
    path: PathBuf,
    motions: Arc<AtomicU32>,
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl FarSide {
    fn new(serial: &'static str, ends: bool) -> FarSide {
        FarSide::saying(move |message| {
            if let HostMessage::Hello { tag, .. } = message {
                return vec![hello(tag, serial)];
            }
            if let HostMessage::Survey { tag, .. } = message {
                let survey = survey();
                return vec![PrinterMessage::Survey { tag, survey }];
            }
            if let HostMessage::Motion { id, .. } = message {
                return moved(id, ends);
            }
            vec![]
        })
    }

    fn saying(answer: impl Fn(HostMessage) -> Vec<PrinterMessage> + Send + 'static) -> FarSide {
        FarSide::with(move |decoder, bytes, motions| {
            let frames = decoder.feed(bytes);
            let messages = frames.iter().flatten().flat_map(HostMessage::try_from);
            let mut said = Vec::new();
            for message in messages {
                let motion = matches!(message, HostMessage::Motion { .. });
                motions.fetch_add(u32::from(motion), Ordering::Relaxed);
                for message in answer(message) {
                    said.extend(message.encode());
                }
            }
            said
        })
    }

    fn with(
        answer: impl Fn(&mut Decoder, &[u8], &AtomicU32) -> Vec<u8> + Send + 'static,
    ) -> FarSide {
        let (mut master, slave) = TTYPort::pair().unwrap();
        master.set_timeout(Duration::from_millis(10)).unwrap();
        let path = PathBuf::from(slave.name().unwrap());
        let (motions, stop) = (
            Arc::new(AtomicU32::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let (counted, stopped) = (Arc::clone(&motions), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            // Held until the end: a pty without any slave reads as hung up.
            let _slave = slave;
            let (mut decoder, mut buffer) = (Decoder::default(), [0; 512]);
            while !stopped.load(Ordering::Relaxed) {
                let Ok(count) = master.read(&mut buffer) else {
                    continue;
                };
                let said = answer(&mut decoder, &buffer[..count], &counted);
                master.write_all(&said).unwrap();
            }
        });
        FarSide {
            path,
            motions,
            stop,
            thread: Some(thread),
        }
    }

    fn moved(&self) -> u32 {
        self.motions.load(Ordering::Relaxed)
    }
}

impl Drop for FarSide {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn hello(tag: u32, serial: &str) -> PrinterMessage {
    PrinterMessage::Hello(crate::Hello {
        tag,
        version: 1,
        lowest: 1,
        highest: 1,
        boot: 4,
        clock_ms: 1,
        newest_event: 0,
        model: "far side".into(),
        firmware: "1".into(),
        serial: serial.into(),
    })
}

fn moved(id: MotionId, ends: bool) -> Vec<PrinterMessage> {
    let answer = MotionAnswer::Accepted;
    let result = MotionResult::Done {
        elapsed_ms: 1,
        survey: survey(),
    };
    let happening = Happening::MotionEnded {
        id,
        result: Box::new(result),
    };
    let (number, clock_ms) = (1, 2);
    let ended = PrinterMessage::Event(Numbered {
        number,
        clock_ms,
        happening,
    });
    let mut said = vec![PrinterMessage::MotionAnswer { id, answer }];
    said.extend(ends.then_some(ended));
    said
}

fn survey() -> Survey {
    Survey {
        boot: 4,
        clock_ms: 1,
        sensors: Sensors::default(),
        counters: Counters::default(),
        supplies: Supplies::default(),
        last_motion: None,
        underway: None,
        newest_sequence: 0,
        face_up: None,
    }
}

/// A folder of ports, as the system keeps one that names them by what hangs there.
struct Ports(PathBuf);

impl Ports {
    fn new(name: &str) -> Ports {
        let folder = std::env::temp_dir().join(format!("ports-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Ports(folder)
    }

    fn add(&self, name: &str, side: &FarSide) {
        symlink(&side.path, self.0.join(name)).unwrap();
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.0.join(name)).unwrap();
    }

    fn find(&self, serial: Option<&str>) -> Result<Printer, Error> {
        let (port, serial) = (self.0.clone(), serial.map(str::to_owned));
        Printer::find(Place { port, serial }, BAUD)
    }
}

impl Drop for Ports {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Why a port could not be used, to its last cause.
fn why(outcome: Result<Printer, Error>) -> String {
    match outcome {
        Ok(_) => panic!("a printer was taken"),
        Err(Error::Port { source, .. }) => source.to_string(),
        Err(other) => other.to_string(),
    }
}

#[test]
fn a_printer_is_found_and_owned_by_one() {
    let side = FarSide::new("9", true);
    let printer = Printer::open(&side.path, BAUD).unwrap();
    let hello = printer.hello();
    assert_eq!((hello.model.as_str(), hello.boot), ("far side", 4));
    match Printer::open(&side.path, BAUD) {
        Err(Error::Busy { port, .. }) => assert_eq!(port, side.path),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("two owners"),
    }
    drop(printer);
    assert!(Printer::open(&side.path, BAUD).is_ok());
}

#[test]
fn a_line_that_is_nowhere_to_be_found_is_gone_for_good() {
    let side = FarSide::new("9", true);
    let line = SerialLine::open(&side.path, BAUD).unwrap();
    let printer = Printer::over(Box::new(line)).unwrap();
    let events = printer.events();
    drop(side);
    assert!(matches!(printer.survey(1), Err(Error::Gone(_))));
    assert!(matches!(printer.survey(1), Err(Error::Gone(_))));
    assert_eq!(events.recv(), Ok(Event::LinkLost));
    assert_eq!(events.recv(), Ok(Event::Gone));
}

#[test]
fn a_port_that_comes_back_under_another_name_is_known_by_its_serial() {
    let ports = Ports::new("renamed");
    let (neighbour, side) = (FarSide::new("B3", true), FarSide::new("A7", false));
    ports.add("usb-0", &neighbour);
    ports.add("usb-1", &side);
    let printer = ports.find(Some("A7")).unwrap();
    let events = printer.events();
    let pending = printer.begin(MOTION, Motion::Feed, 1).unwrap();
    // It vanishes while a motion is under way, and only its neighbour is left.
    drop(side);
    ports.remove("usb-1");
    assert_eq!(events.recv(), Ok(Event::LinkLost));
    let back = FarSide::new("A7", true);
    ports.add("usb-7", &back);
    assert!(matches!(pending.wait(), Ok(MotionResult::Done { .. })));
    assert_eq!(events.recv(), Ok(Event::LinkBack));
    assert!(printer.survey(2).is_ok());
    assert_eq!((neighbour.moved(), back.moved()), (0, 1));
}

#[test]
fn another_printer_is_never_taken_for_ours() {
    let ports = Ports::new("others");
    let (one, two) = (FarSide::new("B3", true), FarSide::new("C9", true));
    assert_eq!(
        why(ports.find(None)),
        "no port in this folder has the printer"
    );
    ports.add("one", &one);
    assert_eq!(ports.find(None).unwrap().hello().serial, "B3");
    assert_eq!(
        why(ports.find(Some("A7"))),
        "printer B3 answers there, not A7"
    );
    ports.add("two", &two);
    assert_eq!(
        why(ports.find(None)),
        "several printers answer (B3, C9): name the serial of one"
    );
    let (port, serial) = (two.path.clone(), Some("A7".to_owned()));
    assert_eq!(
        why(Printer::find(Place { port, serial }, BAUD)),
        "printer C9 answers there, not A7"
    );
}

#[test]
fn what_talks_but_is_no_printer_is_told_from_silence() {
    // A positioning receiver: lines of text, and never a zero.
    let talker = FarSide::with(|_, _, _| b"$GPGGA,,,,,,0,,,,,,,,*66\r\n".to_vec());
    // A plug that sends back what it gets.
    let echo = FarSide::with(|_, bytes, _| bytes.to_vec());
    let silent = FarSide::with(|_, _, _| vec![]);
    let [talker, echo, silent] = [talker, echo, silent].map(|side| {
        thread::spawn(move || Printer::open(&side.path, BAUD).err().expect("no printer"))
    });
    assert!(matches!(talker.join().unwrap(), Error::NotAPrinter));
    assert!(matches!(echo.join().unwrap(), Error::NotAPrinter));
    assert!(matches!(silent.join().unwrap(), Error::Silent { .. }));
}

#[test]
fn a_port_that_is_not_there_is_named() {
    let missing = Path::new("/nowhere/printer");
    assert!(
        matches!(Printer::open(missing, BAUD), Err(Error::Port { port, .. }) if port == missing)
    );
}

#[test]
fn a_line_that_nobody_reads_takes_nothing_and_blocks_nobody() {
    let (_master, slave) = TTYPort::pair().unwrap();
    let path = PathBuf::from(slave.name().unwrap());
    let mut line = SerialLine::open(&path, BAUD).unwrap();
    let mut taken = 0;
    while taken < 1 << 20 {
        match line.write(&[0x55; 1024]).unwrap() {
            0 => return,
            count => taken += count,
        }
    }
    panic!("a pty swallowed a mebibyte");
}
