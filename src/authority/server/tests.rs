//! The service as a station meets it: real TLS on loopback, real SQLite, the real client.

use super::service::LEASE;
use super::*;
use crate::authority::client::{self, Client, Enrolment, Patience};
use crate::authority::contract::*;
use crate::job::{Digest, Job, JobId, OfficeId, ReceptionNumber, StationId};
use crate::product::name::RegularKanji;
use axum_server::Handle;
use jiff::Timestamp;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

const BLANK: ChipSerial = ChipSerial([0x11; 10]);
const SECOND: ChipSerial = ChipSerial([0x22; 10]);
const PREPARED: Digest = Digest([9; 32]);
const MESSAGE: &[u8] = b"what the signature covers";

/// A served authority with the sample approvals and two blanks; stops when it is dropped.
struct Served {
    folder: tempfile::TempDir,
    home: Home,
    handle: Handle<SocketAddr>,
    address: SocketAddr,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

async fn served() -> Served {
    let folder = tempfile::tempdir().unwrap();
    let home = setup::init(&folder.path().join("authority"), true).unwrap();
    let reproduce: Box<Reproduce> = Box::new(|job, _, dpi| {
        let signed_message = job.photo.map(|_| Zeroizing::new(MESSAGE.to_vec()));
        (dpi == 300).then_some(Reproduced {
            digest: PREPARED,
            signed_message,
        })
    });
    let authority = Arc::new(Authority::open(&home, LEASE, reproduce).unwrap());
    let mut store = store::Store::open(&home.database()).unwrap();
    let stocked = import::stock(&mut store, &format!("# lot 1\n{BLANK}\n{SECOND}\n"));
    assert_eq!(stocked.unwrap(), 2);
    assert!(imported(&mut store).iter().all(|one| one.result.is_ok()));
    let handle = Handle::new();
    let server = axum_server::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .acceptor(tls::StationAcceptor::new(tls::config(&home).unwrap()))
        .handle(handle.clone())
        .serve(routes::router(authority).into_make_service());
    tokio::spawn(server);
    let address = handle.listening().await.unwrap();
    Served {
        folder,
        home,
        handle,
        address,
    }
}

fn imported(store: &mut store::Store) -> Vec<import::Imported> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/approvals");
    let kanji = RegularKanji::listed();
    import::import(store, &samples, &kanji, &|_, _, _| Ok(()), Timestamp::now()).unwrap()
}

impl Served {
    fn enrol(&self, station: &str, folder: &str) -> PathBuf {
        let out = self.folder.path().join(folder);
        let enrolment = enrol::Enrolment {
            station: StationId::parse(station).unwrap(),
            office: OfficeId::parse("TYO").unwrap(),
            url: format!("https://localhost:{}", self.address.port()),
        };
        enrol::enrol(&self.home, &enrolment, &out).unwrap();
        out
    }

    fn client(&self, station: &str) -> (Client, Enrolment) {
        let enrolment = Enrolment::load(&self.enrol(station, station)).unwrap();
        (
            Client::new(&enrolment, Patience::default()).unwrap(),
            enrolment,
        )
    }

    fn store(&self) -> store::Store {
        store::Store::open(&self.home.database()).unwrap()
    }
}

fn ask(key: u8, select: Select) -> LeaseRequest {
    LeaseRequest {
        key: Key([key; 16]),
        select,
    }
}

fn reception(number: &str) -> Select {
    Select::Reception(ReceptionNumber::parse(number).unwrap())
}

fn verified(lease: &Lease, enrolment: &Enrolment) -> Job {
    let station = &enrolment.about.station;
    Job::verify(&lease.token, &enrolment.job_keys, station, Timestamp::now()).unwrap()
}

fn code<T: std::fmt::Debug>(result: Result<T, client::Error>) -> String {
    match result {
        Err(client::Error::Refused(report)) => {
            assert!(!report.remedy_ja.is_empty() && !report.remedy_en.is_empty());
            report.code
        }
        other => panic!("not refused: {other:?}"),
    }
}

fn report(id: u8, job: &Job, event: ReportEvent) -> Report {
    let at = Timestamp::now();
    Report {
        id: Key([id; 16]),
        job: job.id.clone(),
        attempt: job.attempt,
        at,
        event,
    }
}

fn spoiled(serial: ChipSerial) -> ReportEvent {
    let reason = "P-RIBBON-OUT".to_owned();
    ReportEvent::Spoiled {
        serial: Some(serial),
        terminated: true,
        reason,
    }
}

#[tokio::test]
async fn a_card_goes_from_lease_to_closed_record() {
    let served = served().await;
    let (client, enrolment) = served.client("TYO-W1");
    assert_eq!(client.queue().await.unwrap().len(), 5);
    let asked = ask(1, reception("2026-000002"));
    let lease = client.lease(&asked).await.unwrap();
    let job = verified(&lease, &enrolment);
    let photo = client.photo(&job.id, 1).await.unwrap();
    assert_eq!(Some(Digest::of(&photo).0), job.photo);
    let sealed = client.sign(&job.id, 1, PREPARED, 300).await.unwrap();
    assert_eq!(sealed.signature.unwrap().len(), 256);
    assert!(sealed.certificate.unwrap().len() <= 1200);
    let keys = client.keys(&job.id, 1, BLANK).await.unwrap();
    // The documented test master, diversified (fact sheet §5.3).
    let master = *b"@ABCDEFGHIJKLMNO";
    assert_eq!(
        keys.transport.enc,
        chip::diversify(&master, &BLANK.0, 0x30).enc
    );
    assert_eq!((keys.transport.version, keys.issuer.version), (0x30, 0x31));
    let chip = Some(Digest::of(MESSAGE));
    let produced = report(
        2,
        &job,
        ReportEvent::Produced {
            serial: BLANK,
            chip,
        },
    );
    let first = client.report(&produced).await.unwrap();
    assert_eq!(
        client.report(&produced).await.unwrap(),
        first,
        "counted once"
    );
    let standing = client.number(&job.number).await.unwrap();
    assert_eq!(
        (standing.state, standing.chip),
        (NumberStanding::Produced, chip)
    );
    let old_card = OldCardEnd::Collected;
    client
        .report(&report(3, &job, ReportEvent::Delivered { old_card }))
        .await
        .unwrap();
    client
        .report(&report(4, &job, ReportEvent::OldCardPunched))
        .await
        .unwrap();
    let record = serde_json::json!({ "phases_ms": [1, 2] });
    client
        .report(&report(5, &job, ReportEvent::Closed { record }))
        .await
        .unwrap();
    let live = client.number(&job.number).await.unwrap();
    assert_eq!(live.state, NumberStanding::Live);
    let old = job.approval.previous_card.number().unwrap();
    assert_eq!(
        client.number(&old).await.unwrap().state,
        NumberStanding::Void
    );
    assert_eq!(client.queue().await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_lease_is_idempotent_by_its_key_and_one_at_a_time() {
    let served = served().await;
    let (client, _) = served.client("TYO-W1");
    let first = client.lease(&ask(1, Select::Next)).await.unwrap();
    assert_eq!(
        client.lease(&ask(1, Select::Next)).await.unwrap().token,
        first.token
    );
    let changed = ask(1, reception("2026-000003"));
    assert_eq!(code(client.lease(&changed).await), "G-KEY-REUSED");
    assert_eq!(
        code(client.lease(&ask(2, Select::Next)).await),
        "G-STATION-BUSY"
    );
    let (other, _) = served.client("TYO-W2");
    let taken = ask(3, Select::Job(JobId::parse("TYO-2026-000001").unwrap()));
    assert_eq!(code(other.lease(&taken).await), "G-NOT-WAITING");
    let nothing = ask(4, reception("2026-999999"));
    assert_eq!(code(other.lease(&nothing).await), "G-NOT-WAITING");
}

#[tokio::test]
async fn keys_are_fenced_to_one_registered_blank_and_a_spoiled_one_gives_a_new_number() {
    let served = served().await;
    let (client, enrolment) = served.client("TYO-W1");
    let job = verified(
        &client.lease(&ask(1, Select::Next)).await.unwrap(),
        &enrolment,
    );
    let foreign = ChipSerial([0x33; 10]);
    assert_eq!(
        code(client.keys(&job.id, 1, foreign).await),
        "G-UNKNOWN-BLANK"
    );
    let keys = client.keys(&job.id, 1, BLANK).await.unwrap();
    assert_eq!(
        client.keys(&job.id, 1, BLANK).await.unwrap().issuer.enc,
        keys.issuer.enc
    );
    assert_eq!(code(client.keys(&job.id, 1, SECOND).await), "G-OTHER-BLANK");
    client
        .report(&report(2, &job, spoiled(BLANK)))
        .await
        .unwrap();
    assert_eq!(code(client.keys(&job.id, 1, BLANK).await), "G-ENDED");
    let burned = client.number(&job.number).await.unwrap();
    assert_eq!(burned.state, NumberStanding::Burned);
    let again = ask(3, Select::Job(job.id.clone()));
    let second = verified(&client.lease(&again).await.unwrap(), &enrolment);
    assert_eq!((second.attempt, second.epoch), (2, 2));
    assert_ne!(second.number, job.number);
    assert_eq!(
        code(client.keys(&job.id, 2, BLANK).await),
        "G-UNKNOWN-BLANK"
    );
}

#[tokio::test]
async fn nothing_is_signed_that_the_authority_does_not_reproduce() {
    let served = served().await;
    let (client, enrolment) = served.client("TYO-W1");
    let job = verified(
        &client.lease(&ask(1, Select::Next)).await.unwrap(),
        &enrolment,
    );
    let other = Digest([8; 32]);
    assert_eq!(
        code(client.sign(&job.id, 1, other, 300).await),
        "G-DIGEST-DIFFERS"
    );
    assert_eq!(
        code(client.sign(&job.id, 1, PREPARED, 301).await),
        "G-UNPREPARED"
    );
    client.keys(&job.id, 1, BLANK).await.unwrap();
    let chip = Some(Digest::of(MESSAGE));
    let unsigned = report(
        2,
        &job,
        ReportEvent::Produced {
            serial: BLANK,
            chip,
        },
    );
    assert_eq!(code(client.report(&unsigned).await), "G-DIGEST-DIFFERS");
}

#[tokio::test]
async fn a_card_under_sixteen_bears_no_signature() {
    let served = served().await;
    let (client, enrolment) = served.client("TYO-W1");
    let asked = ask(1, reception("2026-000004"));
    let job = verified(&client.lease(&asked).await.unwrap(), &enrolment);
    assert_eq!(code(client.photo(&job.id, 1).await), "G-UNKNOWN");
    let sealed = client.sign(&job.id, 1, PREPARED, 300).await.unwrap();
    assert_eq!((sealed.signature, sealed.certificate), (None, None));
    client.keys(&job.id, 1, BLANK).await.unwrap();
    let produced = ReportEvent::Produced {
        serial: BLANK,
        chip: None,
    };
    client.report(&report(2, &job, produced)).await.unwrap();
    assert_eq!(
        client.number(&job.number).await.unwrap().signed,
        Some(false)
    );
}

#[tokio::test]
async fn an_older_journal_is_exposed() {
    let served = served().await;
    let (client, enrolment) = served.client("TYO-W1");
    client.set_sequence(10);
    let point = Checkpoint {
        sequence: 10,
        hash: Digest([1; 32]),
    };
    client.checkpoint(&point).await.unwrap();
    client.checkpoint(&point).await.unwrap();
    let forked = Checkpoint {
        hash: Digest([2; 32]),
        ..point
    };
    assert_eq!(code(client.checkpoint(&forked).await), "G-STALE-JOURNAL");
    let older = Checkpoint {
        sequence: 9,
        ..point
    };
    assert_eq!(code(client.checkpoint(&older).await), "G-STALE-JOURNAL");
    assert_eq!(client.latest_checkpoint().await.unwrap(), Some(point));
    let put_back = Client::new(&enrolment, Patience::default()).unwrap();
    put_back.set_sequence(9);
    assert_eq!(code(put_back.queue().await), "G-STALE-JOURNAL");
    assert_eq!(put_back.station().await.unwrap().sequence, 10);
}

#[tokio::test]
async fn a_rogue_ca_and_a_missing_or_foreign_certificate_are_refused() {
    let (served, rogue) = (served().await, served().await);
    let ours = served.enrol("TYO-W1", "ours");
    let theirs = rogue.enrol("TYO-W1", "theirs");
    let mixed = |identity: &Path, trust: &Path, name: &str| {
        let out = served.folder.path().join(name);
        std::fs::create_dir(&out).unwrap();
        for file in ["client.pem", "client.key"] {
            std::fs::copy(identity.join(file), out.join(file)).unwrap();
        }
        for file in ["ca.pem", "job-keys.json", "chip-ca-1.der"] {
            std::fs::copy(trust.join(file), out.join(file)).unwrap();
        }
        std::fs::copy(ours.join("station.json"), out.join("station.json")).unwrap();
        Client::new(&Enrolment::load(&out).unwrap(), Patience::default()).unwrap()
    };
    let rogue_server = mixed(&ours, &theirs, "rogue-server").queue().await;
    assert!(
        matches!(rogue_server, Err(client::Error::Certificate(_))),
        "{rogue_server:?}"
    );
    let foreign = mixed(&theirs, &ours, "foreign-station").queue().await;
    assert!(
        matches!(foreign, Err(client::Error::Certificate(_))),
        "{foreign:?}"
    );
    let ca = reqwest::Certificate::from_pem(&std::fs::read(ours.join("ca.pem")).unwrap());
    let nobody = reqwest::Client::builder()
        .tls_certs_only([ca.unwrap()])
        .build()
        .unwrap();
    let url = format!("https://localhost:{}/v1/queue", served.address.port());
    assert!(nobody.get(url).send().await.is_err());
    assert_eq!(mixed(&ours, &ours, "right").queue().await.unwrap().len(), 5);
}

#[tokio::test]
async fn only_the_latest_enrolment_counts() {
    let served = served().await;
    let (old, _) = served.client("TYO-W1");
    served.enrol("TYO-W1", "again");
    assert_eq!(code(old.queue().await), "G-NOT-ENROLLED");
}

#[tokio::test]
async fn an_authority_that_is_down_is_unreachable() {
    let served = served().await;
    let (client, _) = served.client("TYO-W1");
    served.handle.shutdown();
    // The accept loop has ended when nobody can connect any more.
    while tokio::net::TcpStream::connect(served.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let answer = client.queue().await;
    assert!(
        matches!(answer, Err(client::Error::Unreachable(_))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn two_different_persons_void_and_write_off() {
    let served = served().await;
    let (client, enrolment) = served.client("TYO-W1");
    let job = verified(
        &client.lease(&ask(1, Select::Next)).await.unwrap(),
        &enrolment,
    );
    client.keys(&job.id, 1, BLANK).await.unwrap();
    let person = |id: &str| crate::job::PersonId::parse(id).unwrap();
    let by = |second: &str| acts::TwoPersons {
        first: person("S-1"),
        second: person(second),
        reason: "the station burned down".to_owned(),
    };
    let now = Timestamp::now();
    let alone = acts::write_off(&mut served.store(), &job.id, 1, &by("S-1"), now);
    assert!(matches!(alone, Err(Fault::Form(_))));
    acts::write_off(&mut served.store(), &job.id, 1, &by("S-2"), now).unwrap();
    assert_eq!(
        client.number(&job.number).await.unwrap().state,
        NumberStanding::Burned
    );
    assert_eq!(code(client.keys(&job.id, 1, BLANK).await), "G-ENDED");
    let void = acts::void_number(&mut served.store(), &job.number, &by("S-2"), now);
    assert!(matches!(void, Err(Fault::Refused(Refused::DoesNotFit))));
    let again = ask(2, Select::Job(job.id.clone()));
    let second = verified(&client.lease(&again).await.unwrap(), &enrolment);
    assert_eq!((second.attempt, second.epoch), (2, 3));
}

#[tokio::test]
async fn a_second_import_and_a_lost_card_are_counted_once() {
    let served = served().await;
    let mut store = served.store();
    assert!(imported(&mut store).iter().all(|one| one.result.is_ok()));
    let (client, _) = served.client("TYO-W1");
    assert_eq!(client.queue().await.unwrap().len(), 5);
    let lost = crate::product::CardNumber::parse("MH00000003MH").unwrap();
    assert_eq!(
        client.number(&lost).await.unwrap().state,
        NumberStanding::Void
    );
    let again = setup::init(&served.folder.path().join("authority"), true);
    assert!(matches!(again, Err(Error::Exists(_))));
}

// One lost card, two approvals: only one of them may become a card.
#[tokio::test]
async fn an_old_card_is_replaced_by_one_approval_only() {
    let served = served().await;
    let mut store = served.store();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let second = std::fs::read_to_string(samples.join("approvals/3-reissue-lost.json")).unwrap();
    let folder = served.folder.path().join("second");
    std::fs::create_dir(&folder).unwrap();
    let other = second.replace("2026-000003", "2026-000903");
    assert_ne!(second, other);
    std::fs::write(folder.join("second.json"), other).unwrap();
    for photo in std::fs::read_dir(samples.join("photos")).unwrap() {
        let photo = photo.unwrap();
        std::fs::copy(photo.path(), folder.join(photo.file_name())).unwrap();
    }
    let kanji = RegularKanji::listed();
    let taken = import::import(
        &mut store,
        &folder,
        &kanji,
        &|_, _, _| Ok(()),
        Timestamp::now(),
    )
    .unwrap();
    assert!(matches!(
        taken[0].result,
        Err(import::NotTaken::OldCardTaken(_))
    ));
}
