//! The printer's line below any talk: frames, messages, bands, scans.

use super::{Bytes, worked_examples};
use ring::digest::{SHA256, digest};
use wire::Panel;
use wire::frame::{Decoder, Frame, MAX_ON_LINE, MAX_PAYLOAD};
use wire::message::{HostMessage, PrinterMessage};
use wire::raster::{
    Assembly, Digest, Entry, FRAGMENT, Fragment, Shape, Taken, decode_band, encode_band, fragments,
};
use wire::scan::{Collector, GreyBox, IR_BYTES, MAX_PACKED, Scan};

/// The same frames come of the same bytes however they are cut; a sound frame encodes to
/// bytes that are that frame again.
pub(super) fn frames(data: &[u8]) {
    let whole = Decoder::default().feed(data);
    let mut decoder = Decoder::default();
    let cut: Vec<_> = data.chunks(7).flat_map(|part| decoder.feed(part)).collect();
    assert!(whole == cut, "frames depend on how the line cuts its bytes");
    for frame in whole.into_iter().flatten() {
        assert!(frame.payload.len() <= MAX_PAYLOAD);
        let line = frame.encode();
        assert!(line.len() <= MAX_ON_LINE && !line[..line.len() - 1].contains(&0));
        assert!(Decoder::default().feed(&line) == [Ok(frame)]);
    }
}

pub(super) fn frame_seeds() -> Vec<Vec<u8>> {
    let examples: Vec<_> = worked_examples()
        .into_iter()
        .map(|(_, line)| line)
        .collect();
    let all = examples.concat();
    examples.into_iter().chain([all]).collect()
}

/// Channel, type, payload.
fn frame(data: &[u8]) -> Frame {
    let mut bytes = Bytes::of(data);
    let channel = match bytes.u8() % 2 {
        0 => wire::frame::Channel::Control,
        _ => wire::frame::Channel::Bulk,
    };
    let kind = bytes.u8();
    let payload = bytes.run(MAX_PAYLOAD).to_vec();
    Frame {
        channel,
        kind,
        payload,
    }
}

/// A message that was understood is said in the same bytes: every form has one meaning.
pub(super) fn host_messages(data: &[u8]) {
    let frame = frame(data);
    if let Ok(message) = HostMessage::try_from(&frame) {
        assert!(Frame::from(&message) == frame, "{message:?}");
    }
}

pub(super) fn host_message_seeds() -> Vec<Vec<u8>> {
    messages(|frame| HostMessage::try_from(frame).is_ok())
}

/// As the host's; texts that are no UTF-8 are shown with a mark and may differ.
pub(super) fn printer_messages(data: &[u8]) {
    let frame = frame(data);
    if let Ok(message) = PrinterMessage::try_from(&frame) {
        let again = PrinterMessage::try_from(&Frame::from(&message));
        assert!(again.as_ref() == Ok(&message), "{message:?}");
    }
}

pub(super) fn printer_message_seeds() -> Vec<Vec<u8>> {
    messages(|frame| PrinterMessage::try_from(frame).is_ok())
}

fn messages(ours: impl Fn(&Frame) -> bool) -> Vec<Vec<u8>> {
    let examples = worked_examples();
    let frames = examples
        .iter()
        .flat_map(|(_, line)| Decoder::default().feed(line));
    let plain = |frame: Frame| {
        let head = [frame.channel as u8, frame.kind];
        [&head, &frame.payload[..]].concat()
    };
    frames.flatten().filter(ours).map(plain).collect()
}

fn sha256(bytes: &[u8]) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    Digest(out)
}

const SHAPES: [(Panel, u16, u16); 3] = [(Panel::Y, 70, 40), (Panel::K, 65, 100), (Panel::Uv, 3, 9)];

fn panels() -> Vec<(Entry, Vec<u8>)> {
    let panel = |(panel, rows, dots): (Panel, u16, u16)| {
        let shape = Shape::new(rows, dots, panel.bits()).expect("a shape");
        let packed: Vec<u8> = (0..shape.bytes()).map(|at| (at * 7 / 3) as u8).collect();
        let digest = sha256(&packed);
        let entry = Entry {
            panel,
            shape,
            digest,
        };
        (entry, packed)
    };
    SHAPES.map(panel).to_vec()
}

fn pieces() -> Vec<Fragment> {
    let cut = |(entry, packed): (Entry, Vec<u8>)| {
        let bands = (0..entry.shape.bands()).map(move |band| {
            let encoded = encode_band(&entry.shape, &packed, band).expect("encodes");
            fragments(entry.digest.key(), band, &encoded).collect::<Vec<_>>()
        });
        bands.flatten().collect::<Vec<_>>()
    };
    panels().into_iter().flat_map(cut).collect()
}

/// True pieces among forged ones: a panel is whole only when it is the one that was named,
/// and what waits in pieces stays within its bound.
pub(super) fn assembly(data: &[u8]) {
    let panels = panels();
    let entries: Vec<_> = panels.iter().map(|(entry, _)| *entry).collect();
    let mut assembly = Assembly::new(1, &entries, 1 << 20, 4096).expect("fits");
    let pieces = pieces();
    let mut bytes = Bytes::of(data);
    while !bytes.is_empty() {
        let choice = bytes.u8();
        let mut piece = pieces[usize::from(choice) % pieces.len()].clone();
        if choice & 0x80 != 0 {
            bend(&mut piece, &mut bytes);
        }
        let taken = assembly.take(&piece, sha256);
        assert!(assembly.held_in_pieces() <= 8 * 255 * FRAGMENT);
        for (entry, packed) in &panels {
            let whole = assembly.panel(entry.panel);
            assert!(
                whole.is_none_or(|(_, rows)| rows == packed),
                "another panel came out"
            );
            assert!(taken != Taken::Panel(entry.panel) || whole.is_some());
        }
        let have = assembly.have(3);
        assert!(have.panels.len() == entries.len() && have.free <= 4096);
    }
    assembly.erase();
    assert!(assembly.held_in_pieces() == 0);
}

fn bend(piece: &mut Fragment, bytes: &mut Bytes<'_>) {
    match bytes.u8() % 6 {
        0 => piece.band = bytes.u16(),
        1 => piece.of = bytes.u8(),
        2 => piece.index = bytes.u8(),
        3 => piece.crc = bytes.u32(),
        4 => {
            // Sound on the outside, forged within.
            let count = usize::from(bytes.u16()) % FRAGMENT;
            piece.bytes = bytes.run(count).to_vec();
            (piece.index, piece.of) = (0, 1);
            piece.crc = wire::scan::crc(&piece.bytes);
        }
        _ => piece.key.0[0] ^= bytes.u8(),
    }
}

pub(super) fn assembly_seeds() -> Vec<Vec<u8>> {
    let all: Vec<u8> = (0..pieces().len() as u8).collect();
    let back: Vec<u8> = all.iter().rev().copied().collect();
    vec![
        all.clone(),
        back,
        [&all[..], &[0x81, 4, 0, 2, 0, 7], &all].concat(),
    ]
}

/// An encoded band never comes out longer than the shape says.
pub(super) fn bands(data: &[u8]) {
    let mut bytes = Bytes::of(data);
    let (rows, dots, bits) = (bytes.u8().into(), bytes.u8().into(), bytes.u8() | 1);
    let Ok(shape) = Shape::new(rows, dots, bits) else {
        return;
    };
    if let Ok(rows) = decode_band(&shape, bytes.rest(), shape.bytes()) {
        assert!(rows.len() == shape.bytes());
        if shape.bands() == 1 {
            let encoded = encode_band(&shape, &rows, 0).expect("encodes");
            let again = decode_band(&shape, &encoded, rows.len()).expect("decodes");
            assert!(again == rows);
        }
    }
}

pub(super) fn band_seeds() -> Vec<Vec<u8>> {
    let seed = |(entry, packed): (Entry, Vec<u8>)| {
        let encoded = encode_band(&entry.shape, &packed, 0).expect("encodes");
        let (rows, dots) = (entry.shape.rows().min(32) as u8, entry.shape.dots() as u8);
        [&[rows, dots, entry.shape.bits()], &encoded[..]].concat()
    };
    panels().into_iter().map(seed).collect()
}

/// A packed scan, and its chunks with numbers and lengths of their own.
pub(super) fn scan(data: &[u8]) {
    if let Ok(scan) = Scan::unpack(data) {
        assert!(scan.front_ir.len() == IR_BYTES && scan.back_ir.len() == IR_BYTES);
        if let Ok(packed) = scan.pack() {
            assert!(Scan::unpack(&packed) == Ok(scan));
        }
    }
    let mut bytes = Bytes::of(data);
    let Ok(mut collector) = Collector::new(1, bytes.u32() % (MAX_PACKED as u32 + 9), bytes.u32())
    else {
        return;
    };
    while !bytes.is_empty() {
        let (chunk, count) = (bytes.u16(), bytes.u16());
        collector.take(1, chunk, bytes.run(count.into()));
        let missing = collector.missing();
        assert!(missing.is_none_or(|(_, run)| run > 0));
    }
    let whole = collector.missing().is_none();
    assert!(whole || collector.finish().is_err());
}

pub(super) fn scan_seeds() -> Vec<Vec<u8>> {
    let photo = GreyBox {
        x_mm100: 6000,
        y_mm100: 1200,
        w_px: 4,
        h_px: 5,
        pixels: (0..20).collect(),
    };
    let mut scan = Scan {
        white: 250,
        front_ir: (0..IR_BYTES).map(|at| (at / 300) as u8).collect(),
        back_ir: vec![0; IR_BYTES],
        photo: Some(photo),
    };
    let with = scan.pack().expect("packs").to_vec();
    scan.photo = None;
    vec![with, scan.pack().expect("packs").to_vec()]
}
