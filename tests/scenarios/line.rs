//! The line between station and printer: silent, cut, noisy, taken, answered by somebody else. A
//! card is never printed twice, and the printer never lets one go by itself.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::symlink;

use nix::pty::openpty;
use nix::sys::signal::Signal;
use nix::unistd::ttyname;
use wire::frame::Decoder;
use wire::message::{Hello, HostMessage, PrinterMessage};

use crate::rig::{CLERK, Rig};

const JOB: &str = "2026-000001";

fn approved() -> Rig {
    let rig = Rig::fresh();
    rig.approve("1-landing", &[]);
    rig
}

/// The job comes to one card outside; so many blanks left the machine.
fn delivered(rig: &Rig, number: &str, blanks: usize) {
    rig.hand_over(number).reached();
    let made = rig.made();
    assert_eq!(made.len(), blanks);
    assert_eq!(made.iter().filter(|card| card.taken()).count(), 1);
    rig.hold_the_laws();
}

#[test]
fn a_printer_that_falls_silent_holds_the_card_and_is_asked_again() {
    let rig = approved();
    let station = rig.station_runs(&format!("issue --reception {JOB}"), &[CLERK]);
    station.await_line(&["journalled", "record=began {\"print\":\"y\"}"]);
    rig.signal_printer(Signal::SIGSTOP);
    let said = rig.hear(station.wait()).stopped("L-SILENT");
    assert_eq!(said.exit, Some(3));
    assert!(
        !said.decisions().contains(&"done"),
        "nobody says that it is good"
    );
    rig.recover().stopped("L-SILENT");

    rig.signal_printer(Signal::SIGCONT);
    let produced = rig.recover().reached();
    assert_eq!(
        produced.result()["attempt"],
        1,
        "nothing was lost by silence"
    );
    delivered(&rig, &produced.number(), 1);
}

/// The printer goes off with the card inside and comes back: another boot, and the card is judged
/// by its counters.
fn unplugged_at(record: &str) {
    let rig = approved();
    let station = rig.station_runs(&format!("issue --reception {JOB}"), &[CLERK]);
    station.await_line(&["journalled", &format!("record={record}")]);
    rig.switch_off();
    let said = rig.hear(station.wait()).stopped("L-SILENT");
    assert_eq!(said.exit, Some(3));
    rig.recover().stopped("L-PORT-ABSENT");
    rig.switch_on("");
    let produced = rig.recover().reached();
    let attempts = produced.result()["attempt"].as_u64().expect("an attempt");
    let blanks = usize::try_from(attempts).expect("few");
    delivered(&rig, &produced.number(), blanks);
}

#[test]
fn unplugged_in_a_panel_the_counters_tell() {
    unplugged_at("began {\"print\":\"m\"}");
}

#[test]
fn unplugged_on_the_way_to_the_slot_nobody_gets_two_cards() {
    unplugged_at("began eject");
}

#[test]
fn a_second_station_on_the_same_port_is_refused_with_the_owners_name() {
    let (rig, other) = (approved(), Rig::fresh());
    let station = rig.station_runs(&format!("issue --reception {JOB}"), &[CLERK]);
    station.await_line(&["journalled", "record=began encode"]);
    station.signal(Signal::SIGSTOP);
    let port = format!("port = \"{}\"", rig.path("printer").display());
    other.configure("port = \"printer\"", &port);
    let said = other.station("survey").stopped("L-BUSY");
    assert_eq!(said.exit, Some(3));
    station.signal(Signal::SIGCONT);
    let number = rig.hear(station.wait()).reached().number();
    delivered(&rig, &number, 1);
}

/// What stands at the port instead of a printer, and what it answers to each message it hears.
/// It stays there until the test ends.
fn somebody(rig: &Rig, mut answers: impl FnMut(&[u8]) -> Vec<u8> + Send + 'static) {
    rig.switch_off();
    let pair = openpty(None, None).expect("a pty");
    let name = ttyname(&pair.slave).expect("a name");
    symlink(name, rig.path("printer")).expect("linked");
    std::thread::spawn(move || {
        // Held until the end: a pty without any slave reads as hung up.
        let _slave = pair.slave;
        let mut master = File::from(pair.master);
        let mut buffer = [0; 1024];
        while let Ok(count) = master.read(&mut buffer) {
            if master.write_all(&answers(&buffer[..count])).is_err() {
                break;
            }
        }
    });
}

/// It is named, nothing is leased, and once the printer is there again the card is made.
fn refused_then_made(rig: &Rig, code: &str) {
    let said = rig.issue(JOB).stopped(code);
    assert_eq!(said.exit, Some(3));
    let _ = fs::remove_file(rig.path("printer"));
    rig.switch_on("");
    let produced = rig.issue(JOB).reached();
    assert_eq!(produced.result()["attempt"], 1);
    delivered(rig, &produced.number(), 1);
}

#[test]
fn what_only_makes_noise_is_no_printer() {
    let rig = approved();
    somebody(&rig, |_| b"login: \r\n\0login: \r\n\0".to_vec());
    refused_then_made(&rig, "L-NOT-A-PRINTER");
}

/// Answers HELLO so, and everything else as `other` says.
fn speaks(
    version: u8,
    other: impl Fn() -> Vec<u8> + Send + 'static,
) -> impl FnMut(&[u8]) -> Vec<u8> + Send + 'static {
    let mut decoder = Decoder::default();
    move |bytes| {
        let heard = decoder.feed(bytes).into_iter().flatten();
        let answer = |message| match message {
            Ok(HostMessage::Hello { tag, .. }) => PrinterMessage::Hello(Hello {
                tag,
                version,
                lowest: version.max(1),
                highest: version.max(1) + 1,
                boot: 1,
                clock_ms: 1,
                newest_event: 0,
                model: "OTHER-1".to_owned(),
                firmware: "9".to_owned(),
                serial: "X".to_owned(),
            })
            .encode(),
            Ok(_) | Err(_) => other(),
        };
        heard
            .flat_map(|frame| answer(HostMessage::try_from(&frame)))
            .collect()
    }
}

#[test]
fn another_version_of_the_protocol_is_refused() {
    let rig = approved();
    somebody(&rig, speaks(0, Vec::new));
    refused_then_made(&rig, "L-VERSION");
}

#[test]
fn answers_that_cannot_be_read_move_nothing() {
    let rig = approved();
    somebody(&rig, speaks(1, || b"\x05\x01\x02\x03\x04\0".to_vec()));
    refused_then_made(&rig, "L-GARBLED");
}
