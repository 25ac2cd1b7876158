//! The worked examples and the table of conditions of PROTOCOL.md, as tests: what
//! the page says and what the crate does are the same bytes.

use std::collections::BTreeMap;

use wire::frame::Decoder;
use wire::message::{
    ChunkBytes, Event, Happening, Have, Hello, HostMessage, Manifest, PanelHave, PrinterMessage,
    ScanReady,
};
use wire::raster::{Assembly, BandMap, Digest, Entry, Fragment, Shape, Taken};
use wire::service::{
    Ask, Check, ChecksPage, Echo, Identity, LogEntry, LogPage, Motor, Order, Outcome, Probe, Tell,
};
use wire::{
    BoxMm100, Condition, Counters, Face, Motion, MotionAnswer, MotionId, MotionResult, Panel,
    Sensors, Supplies, SupplyKind, Survey, Tag,
};

const PROTOCOL: &str = include_str!("../PROTOCOL.md");
const PASS_Y: MotionId = MotionId {
    card: 7,
    step: 5,
    attempt: 0,
};
const PACKED_ROWS: [u8; 8] = [0x10, 0x20, 0x30, 0x30, 0x00, 0xFF, 0xFF, 0x00];
// By sha256sum over the packed rows above.
const DIGEST: Digest = Digest(hex_literal::hex!(
    "39464b695173a00c3aebc5b0bc6f7264fddf76afcde699c6f81261430b67e40f"
));

/// Every fenced block that begins with "hex" and a name.
fn examples() -> BTreeMap<&'static str, Vec<u8>> {
    let blocks = PROTOCOL.split("```hex ").skip(1);
    let example = |block: &'static str| {
        let (name, rest) = block.split_once('\n').expect("a name ends its line");
        let (hex, _) = rest.split_once("```").expect("a block ends");
        let byte = |digits| u8::from_str_radix(digits, 16).expect("hexadecimal digits");
        (name, hex.split_whitespace().map(byte).collect())
    };
    blocks.map(example).collect()
}

fn from_host(expected: &mut BTreeMap<&str, Vec<u8>>, name: &str, message: &HostMessage) {
    let line = expected
        .remove(name)
        .unwrap_or_else(|| panic!("{name} is not in PROTOCOL.md"));
    let frame = Decoder::default().feed(&line).remove(0).unwrap();
    assert_eq!(&HostMessage::try_from(&frame).unwrap(), message, "{name}");
    assert_eq!(message.encode(), line, "{name}");
}

fn from_printer(expected: &mut BTreeMap<&str, Vec<u8>>, name: &str, message: &PrinterMessage) {
    let line = expected
        .remove(name)
        .unwrap_or_else(|| panic!("{name} is not in PROTOCOL.md"));
    let frame = Decoder::default().feed(&line).remove(0).unwrap();
    assert_eq!(
        &PrinterMessage::try_from(&frame).unwrap(),
        message,
        "{name}"
    );
    assert_eq!(message.encode(), line, "{name}");
}

fn entry() -> Entry {
    Entry {
        panel: Panel::Y,
        shape: Shape::new(2, 4, 8).unwrap(),
        digest: DIGEST,
    }
}

fn survey() -> Survey {
    let tag = |kind, serial: &[u8; 8], lot, capacity, remaining, expires| {
        Some(Tag {
            kind,
            serial: *serial,
            lot,
            capacity,
            remaining,
            expires,
        })
    };
    Survey {
        boot: 12,
        clock_ms: 61_000,
        sensors: Sensors {
            hopper: true,
            head_in: true,
            head_decidegrees: 415,
            patch_decidegrees: 1320,
            ..Sensors::default()
        },
        counters: Counters {
            fed: 41,
            ejected: 38,
            taken: 38,
            rejected: 2,
            lost: 0,
            begun: [40, 39, 39, 39, 39, 39, 39],
            completed: [39; 7],
            patches_begun: 39,
            patches_completed: 39,
            flips: 39,
            power_ons: 12,
            since_cleaning: 41,
        },
        supplies: Supplies {
            blanks: tag(SupplyKind::Blanks, b"BLANKS01", 20261, 100, 59, 0),
            ribbon: tag(SupplyKind::Ribbon, b"RIBBON07", 711, 250, 210, 20271231),
            patches: None,
        },
        last_motion: Some(PASS_Y),
        underway: None,
        newest_sequence: 9001,
        face_up: Some(Face::Back),
    }
}

#[test]
fn every_worked_example_is_these_bytes() {
    let mut left = examples();
    talk_examples(&mut left);
    motion_examples(&mut left);
    raster_examples(&mut left);
    scan_examples(&mut left);
    service_examples(&mut left);
    assert!(
        left.is_empty(),
        "examples without a test: {:?}",
        left.keys()
    );
}

fn talk_examples(left: &mut BTreeMap<&str, Vec<u8>>) {
    from_host(
        left,
        "host-hello",
        &HostMessage::Hello {
            tag: 1234,
            lowest: 1,
            highest: 1,
        },
    );
    let hello = Hello {
        tag: 1234,
        version: 1,
        lowest: 1,
        highest: 1,
        boot: 12,
        clock_ms: 61_000,
        newest_event: 0,
        model: "CP-1".into(),
        firmware: "0.1.0".into(),
        serial: "A7".into(),
    };
    from_printer(left, "printer-hello", &PrinterMessage::Hello(hello));
    from_host(
        left,
        "host-heartbeat",
        &HostMessage::Heartbeat { events_seen: 3 },
    );
    let heartbeat = PrinterMessage::Heartbeat {
        boot: 12,
        clock_ms: 61_250,
        oldest_event: 4,
        newest_event: 5,
    };
    from_printer(left, "printer-heartbeat", &heartbeat);
    from_host(
        left,
        "host-survey",
        &HostMessage::Survey {
            tag: 1235,
            sequence: 9001,
        },
    );
    from_host(left, "host-replay", &HostMessage::Replay { from: 4 });
    let happening = Happening::CardTaken { released: false };
    let taken = Event {
        number: 7,
        clock_ms: 62_000,
        happening,
    };
    from_printer(left, "card-taken", &PrinterMessage::Event(taken));
    let full = Condition::TrayFull;
    for (name, number, clock_ms, happening) in [
        ("condition-raised", 8, 63_000, Happening::Raised(full)),
        ("condition-cleared", 9, 70_500, Happening::Cleared(full)),
    ] {
        let event = Event {
            number,
            clock_ms,
            happening,
        };
        from_printer(left, name, &PrinterMessage::Event(event));
    }
}

fn motion_examples(left: &mut BTreeMap<&str, Vec<u8>>) {
    let motion = Motion::Pass(Panel::Y);
    let asked = HostMessage::Motion {
        id: PASS_Y,
        motion,
        sequence: 9001,
        boot: 12,
    };
    from_host(left, "host-motion", &asked);
    let answer = |answer| PrinterMessage::MotionAnswer { id: PASS_Y, answer };
    from_printer(left, "motion-accepted", &answer(MotionAnswer::Accepted));
    let refused = MotionAnswer::Refused(Condition::RibbonOut);
    from_printer(left, "motion-refused", &answer(refused));
    let result = MotionResult::Failed {
        condition: Condition::RibbonBroken,
        elapsed_ms: 1900,
        survey: survey(),
    };
    let happening = Happening::MotionEnded {
        id: PASS_Y,
        result: Box::new(result),
    };
    let failed = Event {
        number: 6,
        clock_ms: 61_400,
        happening,
    };
    from_printer(left, "motion-failed", &PrinterMessage::Event(failed));
}

fn raster_examples(left: &mut BTreeMap<&str, Vec<u8>>) {
    let manifest = Manifest {
        card: 7,
        boot: 12,
        panels: vec![entry()],
    };
    from_host(left, "host-manifest", &HostMessage::Manifest(manifest));
    let taken = PrinterMessage::ManifestAnswer {
        card: 7,
        refused: None,
    };
    from_printer(left, "manifest-taken", &taken);
    let mut fragment = Fragment {
        key: DIGEST.key(),
        band: 0,
        index: 0,
        of: 1,
        crc: 0,
        bytes: hex_literal::hex!("01 28B52FFD 20 08 410000 10101000 00FF0001").to_vec(),
    };
    fragment.crc = crc32fast::hash(&fragment.bytes);
    from_host(left, "host-band", &HostMessage::Band(fragment.clone()));

    let mut assembly = Assembly::new(7, &[entry()], 8, 65_536).unwrap();
    assert_eq!(assembly.take(&fragment, |_| DIGEST), Taken::Panel(Panel::Y));
    assert_eq!(assembly.panel(Panel::Y).unwrap().1, PACKED_ROWS);
    from_host(
        left,
        "host-ask-have",
        &HostMessage::AskHave { tag: 1, card: 7 },
    );
    let mut bands = BandMap::new(1);
    bands.set(0);
    let panels = vec![PanelHave {
        verified: true,
        bands,
    }];
    let have = Have {
        tag: 1,
        card: 7,
        free: 65_536,
        panels,
    };
    assert_eq!(assembly.have(1), have);
    from_printer(left, "printer-have", &PrinterMessage::Have(have));
    from_host(
        left,
        "host-erase",
        &HostMessage::Erase { tag: 1236, card: 7 },
    );
    let erased = PrinterMessage::Erased {
        tag: 1236,
        card: 7,
        refused: None,
    };
    from_printer(left, "printer-erased", &erased);
}

fn scan_examples(left: &mut BTreeMap<&str, Vec<u8>>) {
    let photo = BoxMm100 {
        x_mm100: 6000,
        y_mm100: 1200,
        w_mm100: 2200,
        h_mm100: 2800,
    };
    from_host(
        left,
        "host-scan",
        &HostMessage::Scan {
            tag: 1237,
            photo: Some(photo),
        },
    );
    let ready = |scan| PrinterMessage::ScanReady { tag: 1237, scan };
    let waiting = ScanReady {
        scan: 2,
        bytes: 1003,
        crc: 0xC0FF_EE11,
    };
    from_printer(left, "scan-ready", &ready(Ok(waiting)));
    from_printer(left, "scan-absent", &ready(Err(Condition::ScanAbsent)));
    from_host(
        left,
        "host-scan-read",
        &HostMessage::ScanRead {
            scan: 2,
            first: 0,
            count: 2,
        },
    );
    let bytes = ChunkBytes(vec![0x0A, 0x00, 0x0B]);
    let chunk = PrinterMessage::ScanChunk {
        scan: 2,
        chunk: 1,
        bytes,
    };
    from_printer(left, "scan-chunk", &chunk);
}

#[test]
fn the_table_of_conditions_is_the_crates() {
    let row = |line: &'static str| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let (code, name) = (cells.next()?, cells.next()?);
        Some((u16::from_str_radix(code, 16).ok()?, name)).filter(|(_, name)| name.starts_with("P-"))
    };
    let table: BTreeMap<u16, &str> = PROTOCOL.lines().filter_map(row).collect();
    let known = Condition::KNOWN
        .iter()
        .map(|condition| (condition.code(), condition.name()));
    assert_eq!(table, known.collect());
}

fn service_examples(left: &mut BTreeMap<&str, Vec<u8>>) {
    let order = |tag, order| {
        HostMessage::Service(Ask::Order {
            tag,
            boot: 12,
            order,
        })
    };
    from_host(left, "host-order", &order(0x4D7, Order::CleanHead));
    let (motor, steps) = (Motor::RibbonWind, -120);
    from_host(
        left,
        "host-move",
        &order(0x4D8, Order::Move { motor, steps }),
    );
    let ordered = |refused| {
        PrinterMessage::Service(Tell::Ordered {
            tag: 0x4D7,
            refused,
        })
    };
    from_printer(left, "order-taken", &ordered(None));
    let refused = ordered(Some(Condition::NotWhereExpected));
    from_printer(left, "order-refused", &refused);
    let progress = Tell::Progress {
        tag: 0x4D7,
        percent: 40,
    };
    from_printer(left, "order-progress", &PrinterMessage::Service(progress));
    let check = |name: &str, value, unit: &str| Check {
        name: name.into(),
        outcome: Outcome::Passed,
        value,
        unit: unit.into(),
    };
    let ended = |result| PrinterMessage::Service(Tell::Ended { tag: 0x4D7, result });
    let checks = vec![
        check("head-wiped", 12, "strokes"),
        check("cards-since-cleaning", 412, "cards"),
    ];
    let (page, pages) = (0, 1);
    let whole = ended(Ok(ChecksPage {
        page,
        pages,
        checks,
    }));
    from_printer(left, "order-ended", &whole);
    let stopped = ended(Err(Condition::CoverOpened));
    from_printer(left, "order-stopped", &stopped);
    log_examples(left);
    echo_examples(left);
}

fn log_examples(left: &mut BTreeMap<&str, Vec<u8>>) {
    let ask = Ask::Log {
        tag: 0x4D9,
        from: 301,
    };
    from_host(left, "host-log", &HostMessage::Service(ask));
    let broken = LogEntry {
        number: 301,
        boot: 12,
        clock_ms: 61_190,
        condition: Condition::RibbonBroken,
        card: 7,
        step: 5,
    };
    let cut = LogEntry {
        number: 302,
        boot: 13,
        clock_ms: 0,
        condition: Condition::PowerLost,
        card: 7,
        step: 6,
    };
    let page = LogPage {
        tag: 0x4D9,
        oldest: 45,
        newest: 302,
        entries: vec![broken, cut],
    };
    from_printer(left, "log-page", &PrinterMessage::Service(Tell::Log(page)));
}

fn echo_examples(left: &mut BTreeMap<&str, Vec<u8>>) {
    let bytes = vec![1, 0, 255, 126];
    let probe = Probe {
        tag: 0x4DB,
        back: 6,
        bytes: bytes.clone(),
    };
    let bytes = [&bytes[..], &[1, 0]].concat();
    assert_eq!(probe.ballast(), bytes);
    from_host(left, "host-probe", &HostMessage::Service(Ask::Probe(probe)));
    let echo = Echo {
        tag: 0x4DB,
        echoes: 18,
        damaged: 2,
        bytes,
    };
    from_printer(
        left,
        "printer-echo",
        &PrinterMessage::Service(Tell::Echo(echo)),
    );
    let identify = Ask::Identify { tag: 0x4DC };
    from_host(left, "host-identify", &HostMessage::Service(identify));
    let identity = Identity {
        tag: 0x4DC,
        hardware: "B2".into(),
        hours: 1204,
        cards: 41,
    };
    let identity = PrinterMessage::Service(Tell::Identity(identity));
    from_printer(left, "printer-identity", &identity);
}
