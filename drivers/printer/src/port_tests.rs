//! The whole driver over real ptys: opening, owning and losing a port.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::thread;

use serialport::{SerialPort, TTYPort};
use wire::frame::Decoder;
use wire::message::{HostMessage, PrinterMessage};

use crate::{Error, Event, Line, Printer, SerialLine};

/// A pty whose far side answers hello and nothing else, and hangs up when the
/// host asks for a survey.
fn far_side() -> (PathBuf, thread::JoinHandle<()>) {
    let (mut master, slave) = TTYPort::pair().unwrap();
    let path = PathBuf::from(slave.name().unwrap());
    let answers = move || {
        // Held until the end: a pty without any slave reads as hung up.
        let _slave = slave;
        let mut decoder = Decoder::default();
        let mut buffer = [0; 512];
        loop {
            let Ok(count) = master.read(&mut buffer) else {
                continue;
            };
            for frame in decoder.feed(&buffer[..count]).into_iter().flatten() {
                match HostMessage::try_from(&frame) {
                    Ok(HostMessage::Hello { tag, .. }) => {
                        let hello = crate::Hello {
                            tag,
                            version: 1,
                            lowest: 1,
                            highest: 1,
                            boot: 4,
                            clock_ms: 1,
                            newest_event: 0,
                            model: "far side".into(),
                            firmware: "1".into(),
                            serial: "9".into(),
                        };
                        master
                            .write_all(&PrinterMessage::Hello(hello).encode())
                            .unwrap();
                    }
                    Ok(HostMessage::Survey { .. }) => return,
                    _ => {}
                }
            }
        }
    };
    (path, thread::spawn(answers))
}

#[test]
fn a_printer_is_found_owned_and_lost() {
    let (path, far_side) = far_side();
    let printer = Printer::open(&path, 921_600).unwrap();
    assert_eq!(
        (printer.hello().model.as_str(), printer.hello().boot),
        ("far side", 4)
    );

    match Printer::open(&path, 921_600) {
        Err(Error::Busy { port, .. }) => assert_eq!(port, path),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("two owners"),
    }

    let events = printer.events();
    assert!(matches!(printer.survey(1), Err(Error::Gone(_))));
    assert!(matches!(printer.survey(1), Err(Error::Gone(_))));
    assert_eq!(events.recv(), Ok(Event::Gone));
    far_side.join().unwrap();
}

#[test]
fn a_port_that_is_not_there_is_named() {
    let missing = PathBuf::from("/nowhere/printer");
    assert!(
        matches!(Printer::open(&missing, 921_600), Err(Error::Port { port, .. }) if port == missing)
    );
}

#[test]
fn a_line_that_nobody_reads_takes_nothing_and_blocks_nobody() {
    let (_master, slave) = TTYPort::pair().unwrap();
    let path = PathBuf::from(slave.name().unwrap());
    let mut line = SerialLine::open(&path, 921_600).unwrap();
    let mut taken = 0;
    while taken < 1 << 20 {
        match line.write(&[0x55; 1024]).unwrap() {
            0 => return,
            count => taken += count,
        }
    }
    panic!("a pty swallowed a mebibyte");
}
