//! What comes as a file or over the network: grants, approvals, pictures, layouts,
//! configurations, the simulator's files, the journal's records.

use card_station::authority::contract;
use card_station::config::{Config, Measured, calibrate};
use card_station::fault::{Code, Table};
use card_station::issuance::{Entry, Ledger};
use card_station::job::{Approval, Claims, Digest, Job, JobId, JobKey, JobKeys, StationId, strict};
use card_station::product::CardNumber;
use card_station::product::name::RegularKanji;
use firmware_sim::machine::Times;
use firmware_sim::scenario::Scenario;
use jiff::{Timestamp, civil::date};
use layouts::{Layout, Photo, Product, built_in_files};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use std::path::Path;
use std::sync::LazyLock;

/// A picture that is taken has the size that its header promised to the rules.
pub(super) fn photo(data: &[u8]) {
    let rules = &LAYOUT.photo;
    let _ = Photo::parse(data, rules);
}

static LAYOUT: LazyLock<Layout> =
    LazyLock::new(|| Layout::builtin(Product::ResidenceCard1).expect("the built-in layout"));

pub(super) fn photo_seeds() -> Vec<Vec<u8>> {
    let jpeg = include_bytes!("../../samples/photos/taro.jpg").to_vec();
    let mut png = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_fn(300, 400, |x, y| image::Rgb([x as u8, y as u8, 9]));
    picture
        .write_to(&mut png, image::ImageFormat::Png)
        .expect("encodes");
    vec![jpeg, png.into_inner()]
}

struct Signer {
    pair: EcdsaKeyPair,
    kid: String,
    keys: JobKeys,
}

static SIGNER: LazyLock<Signer> = LazyLock::new(|| {
    let (chance, kind) = (SystemRandom::new(), &ECDSA_P384_SHA384_FIXED_SIGNING);
    let document = EcdsaKeyPair::generate_pkcs8(kind, &chance).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &chance).expect("a key");
    let key = JobKey::of(pair.public_key().as_ref());
    let keys = JobKeys::new(std::slice::from_ref(&key), "").expect("keys");
    Signer {
        pair,
        kid: key.kid,
        keys,
    }
});

const STATION: &str = "TYO-W3";

/// The envelope as it comes, and claims that were signed although they are strange: what is
/// taken for a job says of itself what the claims said.
pub(super) fn grant(data: &[u8]) {
    let station = StationId::parse(STATION).expect("plain");
    let now = Timestamp::from_second(1_718_000_000).expect("a time");
    let token = String::from_utf8_lossy(data);
    assert!(
        Job::verify(&token, &SIGNER.keys, &station, now).is_err(),
        "nobody signed this"
    );
    let _ = JobKeys::parse(data);
    let Ok(claims) = strict::read::<Claims>(data, 1 << 20) else {
        return;
    };
    let sign = |bytes: &[u8]| SIGNER.pair.sign(&SystemRandom::new(), bytes);
    let token = claims.sign(&SIGNER.kid, |bytes| {
        sign(bytes).map(|s| s.as_ref().to_vec())
    });
    if let Ok(job) = Job::verify(&token.expect("signs"), &SIGNER.keys, &station, now) {
        assert!(job.number == claims.number && job.station == station && job.expires > now);
    }
}

pub(super) fn grant_seeds() -> Vec<Vec<u8>> {
    let claims = approvals().map(|(id, approval)| Claims {
        job: id,
        attempt: 1,
        epoch: 1,
        station: StationId::parse(STATION).expect("plain"),
        number: CardNumber::parse("AB12345678CD").expect("a number"),
        delivery_date: date(2024, 6, 10),
        valid_through: date(2027, 6, 9),
        not_before: Timestamp::UNIX_EPOCH,
        expires: Timestamp::MAX,
        photo: approval.photo.as_ref().map(|_| Digest::of(b"a photo")),
        approval,
    });
    let mut seeds: Vec<_> = claims
        .iter()
        .map(|claims| serde_json::to_vec(claims).expect("JSON"))
        .collect();
    let sign = |bytes: &[u8]| SIGNER.pair.sign(&SystemRandom::new(), bytes);
    let token = claims[0].sign("another", |bytes| sign(bytes).map(|s| s.as_ref().to_vec()));
    seeds.push(token.expect("signs").into_bytes());
    seeds
}

const APPROVALS: [&str; 5] = [
    include_str!("../../samples/approvals/1-landing.json"),
    include_str!("../../samples/approvals/2-extension.json"),
    include_str!("../../samples/approvals/3-reissue-lost.json"),
    include_str!("../../samples/approvals/4-under-16.json"),
    include_str!("../../samples/approvals/5-permanent.json"),
];

fn approvals() -> [(JobId, Approval); 5] {
    APPROVALS.map(|json| {
        let approval: Approval = serde_json::from_str(json).expect("an approval");
        (JobId::of(&approval.office, &approval.reception), approval)
    })
}

/// An approval that was read is written in bytes that are the same approval.
pub(super) fn approval(data: &[u8]) {
    if let Ok(approval) = strict::read::<Approval>(data, 1 << 20) {
        let json = serde_json::to_vec(&approval).expect("JSON");
        let again = strict::read::<Approval>(&json, 1 << 20).expect("what was read is read again");
        assert!(serde_json::to_vec(&again).expect("JSON") == json);
    }
}

pub(super) fn approval_seeds() -> Vec<Vec<u8>> {
    APPROVALS.map(|json| json.as_bytes().to_vec()).to_vec()
}

/// What the authority and a station say to each other.
pub(super) fn contract(data: &[u8]) {
    let _ = serde_json::from_slice::<contract::EnrolmentFile>(data);
    let _ = serde_json::from_slice::<Vec<contract::QueueEntry>>(data);
    let _ = serde_json::from_slice::<contract::LeaseRequest>(data);
    let _ = serde_json::from_slice::<contract::Lease>(data);
    let _ = serde_json::from_slice::<contract::SignRequest>(data);
    let _ = serde_json::from_slice::<contract::ChipSignature>(data);
    let _ = serde_json::from_slice::<contract::KeysRequest>(data);
    let _ = serde_json::from_slice::<contract::ChipKeys>(data);
}

pub(super) fn contract_seeds() -> Vec<Vec<u8>> {
    let key = "00112233445566778899aabbccddeeff";
    let set = format!(r#"{{"version":48,"enc":"{key}","mac":"{key}","dek":"{key}"}}"#);
    [
        format!(r#"{{"key":"{key}","select":"next"}}"#),
        r#"{"token":"a.b.c"}"#.to_owned(),
        format!(r#"{{"digest":"{key}{key}","dpi":300}}"#),
        r#"{"signature":"AAEC","certificate":"MIIB"}"#.to_owned(),
        r#"{"serial":"00010203040506070809"}"#.to_owned(),
        format!(r#"{{"transport":{set},"issuer":{set}}}"#),
        r#"{"station":"TYO-W3","office":"TYO","authority_url":"https://localhost:1"}"#.to_owned(),
    ]
    .map(String::into_bytes)
    .to_vec()
}

/// One file of a layout's folder by its first byte, the others as they are.
pub(super) fn layout(data: &[u8]) {
    let Some((which, text)) = data.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(text);
    let mut files: Vec<(&str, &str)> = built_in_files(Product::ResidenceCard1).to_vec();
    let at = usize::from(*which) % files.len();
    files[at].1 = &text;
    if let Err(error) = Layout::parse(&files) {
        assert!(!error.to_string().is_empty());
    }
}

pub(super) fn layout_seeds() -> Vec<Vec<u8>> {
    let files = built_in_files(Product::ResidenceCard1).iter().enumerate();
    files
        .map(|(at, (_, text))| [&[at as u8], text.as_bytes()].concat())
        .collect()
}

/// A mistake in the station's file is told with its line; what measured times are written into is
/// a station's file again.
pub(super) fn station_toml(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Config::parse(&text, Path::new("station.toml")) {
        Ok(config) => {
            assert!(!config.station.id.is_empty());
            let measured = Measured {
                phase: "feed".to_owned(),
                ms: vec![2_300; 3],
            };
            if let Ok(done) = calibrate(&text, Path::new("station.toml"), &[measured]) {
                let again = Config::parse(&done.text, Path::new("station.toml"));
                assert!(again.expect("a configuration").budget_s.total_ms() == done.total_ms);
            }
        }
        Err(error) => assert!(error.to_string().starts_with("station.toml:"), "{error}"),
    }
}

pub(super) fn station_toml_seeds() -> Vec<Vec<u8>> {
    let readme = include_str!("../../../README.md");
    let (_, rest) = readme.split_once("```toml\n").expect("the example");
    let (example, _) = rest.split_once("```").expect("its end");
    let more = "\n[budget_s]\nfeed = 2.2\n[deadline_s]\nfeed = 15\n";
    vec![
        example.as_bytes().to_vec(),
        [example, more].concat().into_bytes(),
    ]
}

/// A table of faults is taken whole, or refused with a line that it has.
pub(super) fn fault_table(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Table::parse(&text, "table.toml") {
        Ok(table) => assert!(Code::ALL.iter().all(|code| table.row(*code).is_some())),
        Err(refusal) => lies_in(refusal.line, &text),
    }
}

fn lies_in(line: usize, text: &str) {
    let lines = text.lines().count().max(1);
    // A text that ends too early is refused just behind its end.
    assert!((1..=lines + 1).contains(&line), "line {line} of {lines}");
}

/// The whole table, and its first rows: shorter, so that bends strike what is read.
pub(super) fn fault_table_seeds() -> Vec<Vec<u8>> {
    let whole = include_str!("../../../src/fault/table.toml");
    let rows = whole.match_indices("\n[\"").map(|(at, _)| at);
    let few = rows.skip(3).step_by(20).map(|at| &whole[..at]);
    let mut seeds: Vec<_> = few.map(|text| text.as_bytes().to_vec()).collect();
    seeds.push(whole.as_bytes().to_vec());
    seeds
}

/// A scenario is taken, or refused with a line that it has.
pub(super) fn scenario(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Err(firmware_sim::Error::Content { line, .. }) =
        Scenario::parse(&text, Path::new("scenario.toml"))
    {
        lies_in(line, &text);
    }
}

pub(super) fn scenario_seeds() -> Vec<Vec<u8>> {
    [
        "[[fault]]\ncard = 2\nwhat = \"jam\"\nstep = \"feed\"\nat = 0.25\ntimes = 2\n",
        "[[fault]]\ncard = 1\nwhat = \"refuses\"\nstep = \"y\"\ncondition = \"P-BAD-PARAMETER\"\n\n\
         [[fault]]\ncard = 1\nwhat = \"power-cut\"\nstep = \"flip\"\n",
        "[chance]\njam = 0.01\npower-cut = 0.002\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

/// A table of times is taken, or refused with a line that it has.
pub(super) fn timing_table(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Times::parse(&text, Path::new("times.toml")) {
        Ok(times) => assert!(times.scan_ms <= times.check_ms && times.feed_ms > 0),
        Err(firmware_sim::Error::Content { line, .. }) => lies_in(line, &text),
        Err(other) => panic!("{other}"),
    }
}

pub(super) fn timing_table_seeds() -> Vec<Vec<u8>> {
    let times = serde_json::to_value(Times::default()).expect("JSON");
    let line = |(key, ms): (&String, &serde_json::Value)| format!("{key} = {ms}\n");
    let all: String = times
        .as_object()
        .expect("a table")
        .iter()
        .map(line)
        .collect();
    vec![
        b"feed_ms = 2000\nflip_ms = 1800\n".to_vec(),
        all.into_bytes(),
    ]
}

/// What the simulator's control socket is told: a command, or why it is none.
pub(super) fn control(data: &[u8]) {
    let line = String::from_utf8_lossy(data);
    if let Err(reason) = firmware_sim::control::parse(&line) {
        assert!(!reason.is_empty());
    }
}

pub(super) fn control_seeds() -> Vec<Vec<u8>> {
    [
        "inject jam --step c --at 0.4 --card next",
        "inject refuses --step flip --condition 32513",
        "clear jam",
        "show",
        "power-cut --for 500",
        "noise --rate 0.0002 --seed 7",
        "load-ribbon --remaining 0",
        "person open-cover",
    ]
    .map(|line| line.as_bytes().to_vec())
    .to_vec()
}

static KANJI: LazyLock<RegularKanji> = LazyLock::new(RegularKanji::listed);

/// An office's list of further kanji.
pub(super) fn kanji_list(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Err(refused) = KANJI.clone().with(&text) {
        lies_in(refused.line, &text);
    }
}

pub(super) fn kanji_list_seeds() -> Vec<Vec<u8>> {
    vec![b"# an office's own\n355D-355E\n2A9B5 # one\n".to_vec()]
}

/// A record that was read is written in bytes that are the same record; whatever stands in
/// it, the ledger takes it or says why not.
pub(super) fn journal(data: &[u8]) {
    let records = data.split(|byte| *byte == b'\n');
    for record in records.clone() {
        if let Ok(entry) = Entry::parse(record) {
            let bytes = entry.to_bytes().expect("JSON");
            assert!(Entry::parse(&bytes).expect("what was read is read again") == entry);
        }
    }
    let _ = Ledger::replay(records);
}

pub(super) fn journal_seeds() -> Vec<Vec<u8>> {
    let kept = include_str!("../journal.jsonl");
    let lines = kept.lines().map(|line| line.as_bytes().to_vec());
    lines.chain([kept.trim_end().as_bytes().to_vec()]).collect()
}
