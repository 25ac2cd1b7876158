//! What is refused, each by its own name, and what an older copy of the authority does with what it
//! forgot: told one by one, where no run of chance would show the code.

use super::super::service::Caller;
use super::super::{Fault, Refused, acts};
use super::bench::{blank, jobs, two};
use super::desk::{Desk, ask, code, delivered, produced, report};
use crate::authority::contract::{
    Checkpoint, Key, LeaseRequest, NumberStanding, OldCardEnd, ReportEvent, Select, Withdrawal,
};
use crate::job::{Digest, ReceptionNumber};

#[test]
fn a_lease_ends_by_time_only_before_the_keys_were_released() {
    let mut desk = Desk::new();
    let first = desk.granted(1, 0);
    desk.bench.wait(30);
    assert_eq!(code(desk.sign(&first)), "G-EXPIRED");
    assert_eq!(code(desk.keys(&first, 0)), "G-EXPIRED");
    let second = desk.granted(2, 0);
    assert_eq!((second.attempt, second.epoch), (2, 2));
    assert_eq!(desk.number(&first), NumberStanding::Burned);
    desk.keys(&second, 0).expect("in time");
    // A partition of seven days: the attempt is fenced to its blank, and to nobody else.
    desk.bench.wait(7 * 24 * 60);
    let other = desk.bench.caller(1, 5, 0);
    let refused = desk.authority().lease(&other, &ask(3, 0));
    assert_eq!(code(refused), "G-NOT-WAITING");
    assert_eq!(code(desk.lease(4, 1)), "G-STATION-BUSY");
    desk.sign(&second).expect("a card outlives its lease");
    desk.tell(5, &second, produced()).expect("taken");
    assert_eq!(desk.number(&second), NumberStanding::Produced);
}

#[test]
fn the_stale_the_foreign_and_the_unknown_are_told_apart() {
    let desk = Desk::new();
    let job = desk.granted(1, 0);
    let other = desk.bench.caller(1, 5, 0);
    let authority = desk.authority();
    let foreign = authority.keys(&other, &job.id, 1, blank(3));
    assert_eq!(code(foreign), "G-UNKNOWN");
    let foreign = authority.report(&other, &report(9, &job, produced()));
    assert_eq!(code(foreign), "G-UNKNOWN");
    let later = authority.keys(&desk.caller(0), &job.id, 2, blank(3));
    assert_eq!(code(later), "G-UNKNOWN");
    let (next, asked) = (Select::Next, Key([1; 16]));
    let reused = LeaseRequest {
        key: asked,
        select: next,
    };
    let reused = authority.lease(&desk.caller(0), &reused);
    assert_eq!(code(reused), "G-KEY-REUSED");
    let older = desk.bench.caller(0, desk.sequence - 1, 0);
    assert_eq!(code(authority.queue(&older)), "G-STALE-JOURNAL");
    let silent = Caller {
        sequence: None,
        ..desk.caller(0)
    };
    assert_eq!(code(authority.queue(&silent)), "G-FORM");
    let forged = Caller {
        fingerprint: Digest([77; 32]),
        ..desk.caller(0)
    };
    assert_eq!(code(authority.queue(&forged)), "G-NOT-ENROLLED");
}

#[test]
fn any_waiting_job_is_granted_by_queue_order_by_name_or_by_reception() {
    let desk = Desk::new();
    let waiting = desk.authority().queue(&desk.caller(0)).expect("a queue");
    assert_eq!(waiting.len(), 2);
    assert!(
        waiting
            .iter()
            .all(|entry| entry.next_attempt == 1 && entry.photo)
    );
    let by_reception = LeaseRequest {
        key: Key([1; 16]),
        select: Select::Reception(ReceptionNumber::parse("2026-000002").expect("a number")),
    };
    let lease = desk.authority().lease(&desk.caller(0), &by_reception);
    let job = desk.bench.verified(&lease.expect("granted").token, 0);
    assert_eq!(job.expect("verified").id, jobs()[1]);
    let next = LeaseRequest {
        key: Key([2; 16]),
        select: Select::Next,
    };
    let other = desk.bench.caller(1, 5, 0);
    desk.authority()
        .lease(&other, &next)
        .expect("the other one");
    let third = desk.authority().lease(&desk.caller(0), &ask(3, 0));
    assert_eq!(code(third), "G-STATION-BUSY");
    assert!(desk.authority().queue(&other).expect("a queue").is_empty());
}

#[test]
fn a_report_whose_acknowledgement_was_lost_is_counted_once() {
    let desk = Desk::new();
    let job = desk.made(1, 1);
    let first = desk
        .tell(2, &job, delivered(OldCardEnd::Collected))
        .expect("taken");
    let before = desk.bench.picture();
    let again = desk
        .tell(2, &job, delivered(OldCardEnd::Collected))
        .expect("taken");
    assert_eq!((first, before), (again, desk.bench.picture()));
    let changed = desk.tell(2, &job, delivered(OldCardEnd::Waived));
    assert_eq!(code(changed), "G-KEY-REUSED");
    let twice = desk.tell(3, &job, delivered(OldCardEnd::Collected));
    assert_eq!(code(twice), "G-DOES-NOT-FIT");
}

#[test]
fn a_waived_old_card_is_void_with_the_hand_over_and_a_collected_one_with_the_punch() {
    for (old_card, void) in [(OldCardEnd::Waived, true), (OldCardEnd::Collected, false)] {
        let desk = Desk::new();
        let job = desk.made(1, 1);
        let old = job.approval.previous_card.number().expect("an old card");
        let standing = || {
            desk.authority()
                .number(&desk.caller(0), &old)
                .expect("asked")
        };
        assert_eq!(standing().state, NumberStanding::Unknown);
        desk.tell(2, &job, delivered(old_card)).expect("taken");
        assert_eq!(standing().state == NumberStanding::Void, void);
        desk.tell(3, &job, ReportEvent::OldCardPunched)
            .expect("taken");
        assert_eq!(standing().state, NumberStanding::Void);
    }
}

#[test]
fn a_card_is_signed_before_it_counts_as_produced() {
    let desk = Desk::new();
    let job = desk.granted(1, 0);
    desk.keys(&job, 0).expect("keys");
    assert_eq!(code(desk.tell(2, &job, produced())), "G-DIGEST-DIFFERS");
    let unread = ReportEvent::Produced {
        serial: blank(0),
        chip: None,
    };
    assert_eq!(code(desk.tell(2, &job, unread)), "G-DIGEST-DIFFERS");
    desk.sign(&job).expect("signed");
    let other = ReportEvent::Produced {
        serial: blank(0),
        chip: Some(Digest([1; 32])),
    };
    assert_eq!(code(desk.tell(3, &job, other)), "G-DIGEST-DIFFERS");
    assert_eq!(desk.number(&job), NumberStanding::Reserved);
    desk.tell(4, &job, produced()).expect("taken");
}

#[test]
fn a_checkpoint_never_goes_back_and_never_forks() {
    let desk = Desk::new();
    let leave = |sequence, byte| {
        let point = Checkpoint {
            sequence,
            hash: Digest([byte; 32]),
        };
        desk.authority().checkpoint(&desk.caller(0), &point)
    };
    leave(7, 1).expect("kept");
    leave(7, 1).expect("the same");
    assert_eq!(code(leave(7, 2)), "G-STALE-JOURNAL");
    assert_eq!(code(leave(6, 1)), "G-STALE-JOURNAL");
    leave(8, 2).expect("a later one");
    let known = desk.authority().station(&desk.caller(0)).expect("known");
    assert_eq!(known.checkpoint.expect("kept").sequence, 8);
}

/// The copy is older than the lease; meanwhile the card was made, handed over and closed.
#[test]
fn a_station_that_remembers_more_closes_an_authority_that_was_put_back() {
    let mut desk = Desk::new();
    desk.bench.back_up();
    let job = desk.made(1, 0);
    desk.tell(2, &job, delivered(OldCardEnd::NotRequired))
        .expect("taken");
    assert!(desk.bench.put_back());
    let remembers = desk.bench.caller(0, 12, 11);
    let known = desk.authority().station(&remembers).expect("asked");
    assert_eq!(known.sequence, 11);
    assert_eq!(
        code(desk.authority().lease(&remembers, &ask(3, 0))),
        "G-NOT-WAITING"
    );
    let other = desk.bench.caller(1, 5, 0);
    let next = LeaseRequest {
        key: Key([4; 16]),
        select: Select::Next,
    };
    assert_eq!(
        code(desk.authority().lease(&other, &next)),
        "G-NOTHING-WAITS"
    );
    // Told once more, it is outside, and nothing makes it wait again.
    let late = report(5, &job, delivered(OldCardEnd::NotRequired));
    desk.authority().report(&remembers, &late).expect("taken");
    let released = acts::release(&mut desk.bench.store(), &job.id, &two(), desk.bench.now);
    assert!(matches!(released, Err(Fault::Refused(Refused::DoesNotFit))));
    assert_eq!(desk.bench.job_state(&job.id), "delivered");
    let level = desk.bench.caller(0, 12, 12);
    desk.authority().station(&level).expect("all is held");
    let boast = desk.bench.caller(0, 12, 13);
    assert_eq!(code(desk.authority().station(&boast)), "G-FORM");
}

/// The station handed over, then the line was cut for a week, and two persons gave it up.
#[test]
fn a_finished_card_that_was_written_off_may_be_outside_and_no_second_one_is_made() {
    for handed_over in [true, false] {
        let mut desk = Desk::new();
        let job = desk.made(1, 0);
        desk.bench.wait(7 * 24 * 60);
        let mut store = desk.bench.store();
        acts::write_off(&mut store, &job.id, 1, &two(), desk.bench.now).expect("written off");
        assert_eq!(code(desk.lease(2, 0)), "G-NOT-WAITING");
        if handed_over {
            desk.tell(3, &job, delivered(OldCardEnd::NotRequired))
                .expect("taken");
            assert_eq!(desk.number(&job), NumberStanding::Live);
            assert_eq!(code(desk.lease(4, 0)), "G-NOT-WAITING");
        } else {
            let why = Withdrawal::HolderAbsent;
            desk.tell(3, &job, ReportEvent::Withdrawn { why })
                .expect("taken");
            assert_eq!(desk.number(&job), NumberStanding::Burned);
            assert_eq!(desk.granted(4, 0).attempt, 2);
        }
    }
}

#[test]
fn what_was_set_aside_becomes_a_card_by_two_persons_only() {
    let mut desk = Desk::new();
    desk.bench.back_up();
    let lost = desk.made(1, 0);
    assert!(desk.bench.put_back());
    let alone = acts::TwoPersons {
        second: two().first,
        ..two()
    };
    let now = desk.bench.now;
    let mut store = desk.bench.store();
    assert_eq!(code(acts::put_back(&mut store, &alone, now)), "G-FORM");
    acts::put_back(&mut store, &two(), now).expect("noted");
    assert_eq!(code(desk.lease(2, 0)), "G-NOT-WAITING");
    // Nobody holds what this copy does not know: a station gives it up, and no card comes of it.
    assert_eq!(code(desk.keys(&lost, 0)), "G-ENDED");
    assert_eq!(code(desk.tell(9, &lost, produced())), "G-ENDED");
    let spoiled = ReportEvent::Spoiled {
        serial: Some(blank(0)),
        terminated: true,
        reason: "A-LEASE-ENDED".to_owned(),
    };
    desk.tell(10, &lost, spoiled).expect("evidence is taken");
    let released = acts::release(&mut store, &lost.id, &alone, now);
    assert_eq!(code(released), "G-FORM");
    acts::release(&mut store, &lost.id, &two(), now).expect("released");
    acts::resume(&mut store, &two(), now).expect("noted");
    let job = desk.granted(3, 0);
    assert_ne!(job.number, lost.number);
    let held = acts::release(&mut store, &jobs()[1], &two(), now);
    held.expect("each by itself");
    assert_eq!(desk.bench.job_state(&jobs()[1]), "waiting");
}
