//! Memory: a process that stays alive makes a card and hands it over, and is looked into from
//! outside, while the card is made and after its end. This test binary is that process, so that
//! the very function of command line and kiosk runs, and its memory outlives the job.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Instant;

use card_station::config::Config;
use card_station::fault::{By, Role, Signed};
use card_station::issuance::Decision;
use card_station::station::perform;
use card_station::station::request::{Act, Person, Request, Select, Shown, Stop};
use card_station::station::view::Snapshot;
use nix::sys::signal::{Signal, raise};
use tokio::sync::watch;

use super::needles::Needles;
use crate::rig::{PATIENCE, Process, Rig};

/// The canaries: a name and an address that stand nowhere else.
const NAME: &str = "KANARIA VOGEL";
const ADDRESS: &str = "神奈川県横浜市中区金糸雀町９丁目８番地";
/// The runner's turn at which the process is looked into: the chip is written, printing goes on.
const IN_THE_MIDDLE: u32 = 13;
/// What is read of the process at once.
const CHUNK: usize = 4 << 20;

/// Answers yes to everything, and stands still where it is to be looked into.
struct Clerk {
    turns: u32,
}

impl Person for Clerk {
    fn act(&mut self, _: Act) -> bool {
        true
    }

    fn decide(&mut self, _: &Stop) -> Option<(Decision, By)> {
        None
    }

    fn show(&mut self, _: Shown) {}

    fn stop_asked(&mut self) -> bool {
        self.turns += 1;
        if self.turns == IN_THE_MIDDLE {
            stand_still("in the middle");
        }
        false
    }
}

fn stand_still(where_: &str) {
    eprintln!("stands still {where_}");
    raise(Signal::SIGSTOP).expect("a signal");
}

/// The process that is looked into; started by the test below, with a rig around it.
#[test]
#[ignore = "a part of the test of memory"]
fn the_process() {
    let reception = std::env::var("CRASH_RECEPTION").expect("started by the test of memory");
    let config = Config::load(Path::new("station.toml")).expect("a configuration");
    let view = watch::Sender::new(Snapshot::default());
    let clerk = Signed {
        person: "clerk-1".to_owned(),
        role: Role::Clerk,
    };
    let mut person = Clerk { turns: 0 };
    let wanted = Request::Issue {
        select: Select::Reception(reception),
        clerk: clerk.clone(),
    };
    perform(&config, wanted, &mut person, &view).expect("a card");
    stand_still("with the card in the slot");
    perform(&config, Request::HandOver { clerk }, &mut person, &view).expect("handed over");
    stand_still("after the end");
}

#[test]
fn nothing_of_the_holder_stays_in_memory_when_the_job_ends() {
    let rig = Rig::fresh();
    let reception = "2026-000033";
    rig.approve(
        "3-reissue-lost",
        &[
            ("2026-000003", reception),
            ("MIHON JIRO", NAME),
            ("神奈川県横浜市中区本町１丁目１番地", ADDRESS),
        ],
    );
    let process = rig.another_process("crash::memory::the_process", reception);
    stands_still(&process, "in the middle");
    let chip = rig.chip_inside();
    let photo = fs::read(rig.path("approvals-1/jiro.jpg")).expect("a photo");
    let dots = image::load_from_memory(&photo).expect("a photo").to_rgb8();
    let pictures: [(&str, &[u8]); 4] = [
        ("the front image", &chip["DF1/EF01"]),
        ("the chip's photo", &chip["DF1/EF02"]),
        ("the photo", &photo),
        ("the photo's dots", dots.as_raw()),
    ];
    let needles = Needles::of(&[NAME, ADDRESS], &pictures);
    let held = look_into(&process, &needles);
    for what in [
        format!("{NAME} (UTF-8)"),
        "the chip's photo (raw)".to_owned(),
    ] {
        assert!(
            held.contains(&what),
            "blind: not even {what} is seen: {held:?}"
        );
    }
    process.signal(Signal::SIGCONT);
    stands_still(&process, "with the card in the slot");
    let left = look_into(&process, &needles);
    assert!(left.is_empty(), "after issuing: {left:?}");
    process.signal(Signal::SIGCONT);
    stands_still(&process, "after the end");
    let left = look_into(&process, &needles);
    assert!(left.is_empty(), "after the hand-over: {left:?}");
    process.signal(Signal::SIGCONT);
    let (status, _, err) = process.wait();
    assert!(status.success(), "{err}");
}

fn stands_still(process: &Process, where_: &str) {
    process.await_line(&["stands still", where_]);
    let deadline = Instant::now() + PATIENCE;
    let stat = format!("/proc/{}/stat", process.id());
    let stopped = || {
        let stat = fs::read_to_string(&stat).expect("it lives");
        stat.rsplit(") ")
            .next()
            .is_some_and(|rest| rest.starts_with('T'))
    };
    while !stopped() {
        assert!(Instant::now() < deadline, "it does not stand still");
        std::thread::yield_now();
    }
}

/// Everything that the process can read and could have written: heap, stacks, its own data.
fn look_into(process: &Process, needles: &Needles) -> BTreeSet<String> {
    let maps = fs::read_to_string(format!("/proc/{}/maps", process.id())).expect("it lives");
    let memory = File::open(format!("/proc/{}/mem", process.id())).expect("it is ours");
    let mut found = BTreeSet::new();
    let mut chunk = vec![0; CHUNK];
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (Some(range), Some(rights)) = (words.next(), words.next()) else {
            continue;
        };
        // What it cannot write is the program itself, and what the kernel shows it.
        if !rights.starts_with("rw") {
            continue;
        }
        let ends: Vec<u64> = range
            .split('-')
            .map(|end| u64::from_str_radix(end, 16).expect("an address"))
            .collect();
        let mut at = ends[0];
        while at < ends[1] {
            let most = usize::try_from(ends[1] - at).map_or(CHUNK, |left| left.min(CHUNK));
            // A page without content cannot be read; of a process that ended there is none.
            let count = match memory.read_at(&mut chunk[..most], at) {
                Ok(0) => panic!("the process ended"),
                Ok(count) => count,
                Err(_) => break,
            };
            let name = words.clone().nth(3).unwrap_or("heap or stack");
            for what in needles.within(&chunk[..count]) {
                if found.insert(what.clone()) {
                    eprintln!("{what} stands in {range} ({name})");
                }
            }
            // A needle that lies across two chunks is met by the second.
            let step = count.saturating_sub(256).max(1) as u64;
            at += if at + count as u64 >= ends[1] {
                count as u64
            } else {
                step
            };
        }
    }
    found
}
