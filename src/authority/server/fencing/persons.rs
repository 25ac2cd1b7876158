//! What two persons decide at the authority, act by act; what is told of numbers and jobs; and
//! what a station's late word still changes after persons decided, or after a copy was put back.

use super::super::lease::JobState;
use super::super::service::Caller;
use super::super::{Fault, acts};
use super::bench::{blank, jobs, start, two};
use super::desk::{Desk, ask, code, delivered, produced, report};
use crate::authority::contract::{NumberStanding, OldCardEnd, ReportEvent, Withdrawal};
use crate::job::{Approval, Digest, OfficeId, StationId};
use serde_json::json;

fn alone() -> acts::TwoPersons {
    acts::TwoPersons {
        second: two().first,
        ..two()
    }
}

fn speechless() -> acts::TwoPersons {
    acts::TwoPersons {
        reason: "  ".to_owned(),
        ..two()
    }
}

fn spoiled() -> ReportEvent {
    ReportEvent::Spoiled {
        serial: Some(blank(0)),
        terminated: true,
        reason: "P-RIBBON-OUT".to_owned(),
    }
}

fn forged() -> ReportEvent {
    ReportEvent::OldCardForged {
        finding: "O-FORGED".to_owned(),
    }
}

/// A job like the second, that came in later: for the same old card.
fn another() -> Approval {
    let text = include_str!("../../../../tests/samples/approvals/2-extension.json");
    serde_json::from_str(&text.replace("2026-000002", "2026-000902")).expect("an approval")
}

impl Desk {
    fn writes_off(&self, job: usize, attempt: u32) -> Result<(), Fault> {
        let mut store = self.bench.store();
        acts::write_off(&mut store, &jobs()[job], attempt, &two(), self.bench.now)
    }

    fn state(&self, job: usize) -> String {
        self.bench.job_state(&jobs()[job])
    }
}

#[test]
fn no_act_is_one_persons_nor_without_a_reason() {
    let desk = Desk::new();
    let (job, now) = (desk.granted(1, 0), desk.bench.now);
    for by in [alone(), speechless()] {
        let mut store = desk.bench.store();
        let refused = |done| assert_eq!(code::<()>(done), "G-FORM", "{by:?}");
        refused(acts::write_off(&mut store, &job.id, 1, &by, now));
        refused(acts::put_back(&mut store, &by, now));
        refused(acts::resume(&mut store, &by, now));
    }
    assert_eq!(desk.state(0), "leased");
    assert_eq!(desk.number(&job), NumberStanding::Reserved);
}

#[test]
fn only_a_live_number_is_voided() {
    let desk = Desk::new();
    let job = desk.made(1, 0);
    let void = |by: &acts::TwoPersons| {
        acts::void_number(&mut desk.bench.store(), &job.number, by, desk.bench.now)
    };
    assert_eq!(code(void(&two())), "G-DOES-NOT-FIT", "not handed over");
    desk.tell(2, &job, delivered(OldCardEnd::NotRequired))
        .expect("taken");
    assert_eq!(code(void(&alone())), "G-FORM");
    assert_eq!(desk.number(&job), NumberStanding::Live);
    void(&two()).expect("it is live");
    assert_eq!(desk.number(&job), NumberStanding::Void);
    assert_eq!(code(void(&two())), "G-DOES-NOT-FIT", "once");
}

#[test]
fn an_attempt_that_was_written_off_burns_number_and_blank_and_its_epoch_is_over() {
    let desk = Desk::new();
    let first = desk.granted(1, 0);
    desk.keys(&first, 0).expect("keys");
    desk.writes_off(0, 1).expect("it holds");
    assert_eq!(desk.number(&first), NumberStanding::Burned);
    assert_eq!(code(desk.writes_off(0, 1)), "G-ENDED");
    assert_eq!(code(desk.writes_off(0, 2)), "G-UNKNOWN");
    // Two epochs on: a station that still holds the old one can be told from both.
    let second = desk.granted(2, 0);
    assert_eq!((second.attempt, second.epoch), (2, 3));
    assert_eq!(code(desk.keys(&second, 0)), "G-UNKNOWN-BLANK");
}

#[test]
fn after_a_put_back_what_comes_in_waits_only_when_two_persons_said_so() {
    let desk = Desk::new();
    let now = desk.bench.now;
    let mut store = desk.bench.store();
    acts::put_back(&mut store, &two(), now).expect("noted");
    assert_eq!(
        (desk.state(0), desk.state(1)),
        ("set_aside".into(), "set_aside".into())
    );
    let standing = |store: &mut super::super::store::Store| {
        let read: Result<_, Fault> = store.transaction(|rows| Ok(rows.put_backs()?));
        read.expect("reads")
    };
    let put_backs = standing(&mut store);
    assert!(put_backs.ever && put_backs.now);
    acts::resume(&mut store, &two(), now).expect("noted");
    let put_backs = standing(&mut store);
    assert!(put_backs.ever && !put_backs.now);
}

#[test]
fn a_job_is_released_to_whoever_still_holds_it() {
    let desk = Desk::new();
    let job = desk.granted(1, 0);
    desk.keys(&job, 0).expect("keys");
    let mut store = desk.bench.store();
    let now = desk.bench.now;
    let release = |store: &mut _, n: usize| acts::release(store, &jobs()[n], &two(), now);
    assert_eq!(code(release(&mut store, 0)), "G-DOES-NOT-FIT");
    acts::put_back(&mut store, &two(), now).expect("noted");
    release(&mut store, 0).expect("it was set aside");
    release(&mut store, 1).expect("it was set aside");
    assert_eq!(
        (desk.state(0), desk.state(1)),
        ("leased".into(), "waiting".into())
    );
    assert_eq!(code(desk.lease(2, 1)), "G-STATION-BUSY");
}

#[test]
fn numbers_and_jobs_are_told_by_their_states_and_what_is_unknown_is_said_to_be() {
    let desk = Desk::new();
    let job = desk.made(1, 1);
    desk.tell(2, &job, forged()).expect("evidence");
    let told = |what: Option<&str>| acts::standing(&mut desk.bench.store(), what);
    let whole = told(None).expect("told");
    assert_eq!(whole["jobs"], json!({ "refused": 1, "waiting": 1 }));
    assert_eq!(whole["blanks"]["used"], 1);
    assert_eq!(whole["forged_old_cards"][0]["job"], job.id.as_str());
    let number = told(Some(job.number.as_str())).expect("told");
    assert_eq!(number["number"]["state"], "produced");
    let one = told(Some(job.id.as_str())).expect("told");
    assert_eq!(
        (&one["state"], &one["epoch"]),
        (&json!("refused"), &json!(1))
    );
    assert_eq!(one["grants"][0]["state"], "produced");
    assert_eq!(one["grants"].as_array().map(Vec::len), Some(1));
    assert_eq!(one["forged_old_cards"].as_array().map(Vec::len), Some(1));
    let other = told(Some(jobs()[0].as_str())).expect("told");
    assert_eq!(
        (&other["grants"], &other["forged_old_cards"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(code(told(Some("MH00000099MH"))), "G-UNKNOWN");
    assert_eq!(code(told(Some("?"))), "G-FORM");
}

#[test]
fn an_older_attempts_word_frees_nothing_that_a_newer_one_holds() {
    let desk = Desk::new();
    let first = desk.granted(1, 0);
    desk.keys(&first, 0).expect("keys");
    desk.writes_off(0, 1).expect("it holds");
    let second = desk.granted(2, 0);
    desk.sign(&second).expect("signed");
    desk.keys(&second, 1).expect("keys");
    let made = ReportEvent::Produced {
        serial: blank(1),
        chip: Some(Digest::of(super::bench::MESSAGE)),
    };
    desk.tell(3, &second, made).expect("taken");
    desk.writes_off(0, 2).expect("it holds");
    assert_eq!(desk.state(0), "set_aside");
    desk.tell(4, &first, spoiled()).expect("evidence");
    assert_eq!(desk.state(0), "set_aside");
    desk.tell(5, &second, spoiled()).expect("evidence");
    assert_eq!(desk.state(0), "waiting");
    // Told of once more, a job that already waits stays where it is.
    desk.tell(6, &second, forged()).expect("evidence");
    assert_eq!(desk.state(0), "waiting");
}

#[test]
fn a_late_word_frees_a_written_off_card_only_where_nothing_was_forgotten() {
    let words = [
        (spoiled(), "waiting"),
        (forged(), "refused"),
        (
            ReportEvent::Withdrawn {
                why: Withdrawal::DataWrong,
            },
            "refused",
        ),
        (
            ReportEvent::Withdrawn {
                why: Withdrawal::DayPassed,
            },
            "waiting",
        ),
    ];
    for (word, freed) in words {
        for put_back in [false, true] {
            let desk = Desk::new();
            let job = desk.made(1, 1);
            desk.writes_off(1, 1).expect("it holds");
            if put_back {
                let mut store = desk.bench.store();
                acts::put_back(&mut store, &two(), desk.bench.now).expect("noted");
                acts::resume(&mut store, &two(), desk.bench.now).expect("noted");
            }
            desk.tell(2, &job, word.clone()).expect("evidence");
            let expected = if put_back { "set_aside" } else { freed };
            assert_eq!(desk.state(1), expected, "{word:?}, put back: {put_back}");
        }
    }
}

#[test]
fn a_card_that_was_handed_over_after_all_is_live_and_its_old_number_ends_as_told() {
    for (old_card, waived) in [(OldCardEnd::Waived, true), (OldCardEnd::Collected, false)] {
        let desk = Desk::new();
        let job = desk.made(1, 1);
        let old = job.approval.previous_card.number().expect("an old card");
        desk.writes_off(1, 1).expect("it holds");
        desk.tell(2, &job, delivered(old_card))
            .expect("it is outside");
        assert_eq!(desk.number(&job), NumberStanding::Live);
        assert_eq!(desk.state(1), "delivered");
        let standing = || {
            let known = desk.authority().number(&desk.caller(0), &old);
            known.expect("asked").state
        };
        assert_eq!(standing() == NumberStanding::Void, waived);
        let told = acts::standing(&mut desk.bench.store(), Some(job.id.as_str()));
        let told = told.expect("told");
        assert_eq!(told["grants"][0]["state"], "delivered");
        let whole = acts::standing(&mut desk.bench.store(), None).expect("told");
        assert_eq!(whole["blanks"]["used"], 1);
        let record = json!({ "cards": 1 });
        desk.tell(3, &job, ReportEvent::OldCardPunched)
            .expect("taken");
        assert_eq!(standing(), NumberStanding::Void);
        desk.tell(4, &job, ReportEvent::Closed { record })
            .expect("taken");
        assert_eq!(desk.state(1), "closed");
    }
}

#[test]
fn what_a_copy_never_knew_is_closed_only_after_it_was_delivered() {
    let mut desk = Desk::new();
    desk.bench.back_up();
    let job = desk.made(1, 1);
    assert!(desk.bench.put_back());
    let now = desk.bench.now;
    acts::put_back(&mut desk.bench.store(), &two(), now).expect("noted");
    let closed = || ReportEvent::Closed { record: json!({}) };
    desk.tell(2, &job, closed()).expect("evidence");
    assert_eq!(desk.state(1), "set_aside");
    desk.tell(3, &job, delivered(OldCardEnd::Collected))
        .expect("it is outside");
    assert_eq!(desk.state(1), "delivered");
    desk.tell(4, &job, closed()).expect("taken");
    assert_eq!(desk.state(1), "closed");
}

#[test]
fn of_an_attempt_that_nobody_gave_only_the_jobs_own_office_tells_and_only_after_a_put_back() {
    let mut desk = Desk::new();
    let osaka = Caller {
        station: StationId::parse("OSA-W1").expect("a station"),
        fingerprint: Digest([7; 32]),
        ..desk.caller(0)
    };
    let enrolled: Result<(), Fault> = desk.bench.store().transaction(|rows| {
        let office = OfficeId::parse("OSA").expect("an office");
        Ok(rows.put_station(&osaka.station, &office, &osaka.fingerprint, start())?)
    });
    enrolled.expect("enrolled");
    desk.bench.back_up();
    let job = desk.granted(1, 0);
    assert!(desk.bench.put_back());
    assert_eq!(code(desk.tell(2, &job, spoiled())), "G-UNKNOWN");
    let now = desk.bench.now;
    acts::put_back(&mut desk.bench.store(), &two(), now).expect("noted");
    let foreign = desk.authority().report(&osaka, &report(3, &job, spoiled()));
    assert_eq!(code(foreign), "G-UNKNOWN");
    desk.tell(4, &job, spoiled()).expect("evidence");
}

#[test]
fn a_spoiled_card_of_an_attempt_that_holds_burns_its_number_and_the_job_waits() {
    let desk = Desk::new();
    let job = desk.granted(1, 0);
    desk.keys(&job, 0).expect("keys");
    desk.tell(2, &job, spoiled()).expect("taken");
    assert_eq!(desk.number(&job), NumberStanding::Burned);
    assert_eq!(desk.state(0), "waiting");
    assert_eq!(code(desk.tell(3, &job, produced())), "G-DOES-NOT-FIT");
}

#[test]
fn a_holder_of_the_grant_has_the_photo_and_nobody_else() {
    let mut desk = Desk::new();
    let job = desk.granted(1, 0);
    let photo = |caller: &Caller| desk.authority().photo(caller, &job.id, 1);
    assert_eq!(photo(&desk.caller(0)).expect("its own"), b"a photo");
    assert_eq!(code(photo(&desk.bench.caller(1, 5, 0))), "G-UNKNOWN");
    desk.bench.wait(30);
    let late = desk.authority().photo(&desk.caller(0), &job.id, 1);
    assert_eq!(code(late), "G-EXPIRED");
}

#[test]
fn the_authority_shows_its_key_by_name_only() {
    let desk = Desk::new();
    let shown = format!("{:?}", desk.authority());
    assert!(shown.starts_with("Authority(Secrets(job key "), "{shown}");
    assert!(shown.len() < 100, "more than a name: {shown}");
}

#[test]
fn what_waits_longest_comes_first_and_a_refused_job_waits_no_more() {
    let desk = Desk::new();
    let later = another();
    let added: Result<(), Fault> = desk.bench.store().transaction(|rows| {
        let at = start().checked_add(jiff::SignedDuration::from_mins(1));
        Ok(rows.put_job(&later, None, at.expect("a time"))?)
    });
    added.expect("added");
    let queue = || desk.authority().queue(&desk.caller(0)).expect("a queue");
    let waiting = queue();
    assert_eq!(waiting.len(), 3);
    assert_eq!(waiting[2].job, later.job());
    assert!(!waiting[2].photo && waiting[0].photo);
    let refused: Result<(), Fault> = desk
        .bench
        .store()
        .transaction(|rows| Ok(rows.set_job(&later.job(), JobState::Refused, 0, 0)?));
    refused.expect("stored");
    assert_eq!(queue().len(), 2);
    let lease = desk.authority().lease(&desk.caller(0), &ask(1, 1));
    let job = desk.bench.verified(&lease.expect("granted").token, 0);
    assert_eq!(job.expect("verified").id, jobs()[1]);
}
