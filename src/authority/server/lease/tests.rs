//! Each sentence of the law of grants, by its own name.

use super::*;
use crate::authority::contract::ReportEvent as E;
use crate::product::CardNumber;

const BLANK: ChipSerial = ChipSerial([1; 10]);
const OTHER: ChipSerial = ChipSerial([2; 10]);

fn station() -> StationId {
    StationId::parse("TYO-W1").unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-22T03:00:00Z")
}

fn grant(state: GrantState, blank: Option<ChipSerial>) -> Grant {
    Grant {
        station: station(),
        state,
        expires: at("2026-11-22T03:30:00Z"),
        blank,
        current: true,
    }
}

fn old() -> OldCard {
    OldCard::Return(CardNumber::parse("MH00000002MH").unwrap())
}

fn spoiled() -> E {
    E::Spoiled {
        serial: Some(BLANK),
        terminated: true,
        reason: "P-RIBBON-OUT".to_owned(),
    }
}

fn returned() -> E {
    E::Returned {
        serial: Some(BLANK),
        reason: "P-HOPPER-EMPTY".to_owned(),
    }
}

fn produced(serial: ChipSerial) -> E {
    E::Produced { serial, chip: None }
}

#[test]
fn a_lease_ends_with_the_day_in_tokyo() {
    // 23:50 in Tokyo.
    let late = at("2026-11-22T14:50:00Z");
    assert_eq!(
        expiry(late, SignedDuration::from_mins(30)),
        at("2026-11-22T15:00:00Z")
    );
    assert_eq!(
        expiry(now(), SignedDuration::from_mins(30)),
        at("2026-11-22T03:30:00Z")
    );
}

#[test]
fn a_lease_expires_by_itself_only_before_keys_were_released() {
    let end = at("2026-11-22T03:30:00Z");
    assert!(!has_expired(&grant(GrantState::Open, None), now()));
    assert!(has_expired(&grant(GrantState::Open, None), end));
    let week_later = at("2026-11-29T03:30:00Z");
    assert!(!has_expired(
        &grant(GrantState::Open, Some(BLANK)),
        week_later
    ));
    assert!(!has_expired(
        &grant(GrantState::Produced, Some(BLANK)),
        week_later
    ));
}

#[test]
fn keys_are_released_for_one_blank_and_again_for_the_same() {
    let open = grant(GrantState::Open, None);
    assert_eq!(
        release(&open, &station(), BLANK, Some(BlankState::Stock), now()),
        Ok(true)
    );
    let bound = grant(GrantState::Open, Some(BLANK));
    let later = at("2026-11-29T03:30:00Z");
    assert_eq!(
        release(&bound, &station(), BLANK, Some(BlankState::Bound), later),
        Ok(false)
    );
    assert_eq!(
        release(&bound, &station(), OTHER, Some(BlankState::Stock), now()),
        Err(Refused::OtherBlank)
    );
}

#[test]
fn keys_are_not_released_for_a_blank_that_is_not_of_the_stock() {
    let open = grant(GrantState::Open, None);
    for blank in [
        None,
        Some(BlankState::Bound),
        Some(BlankState::Used),
        Some(BlankState::Spoiled),
    ] {
        let refused = release(&open, &station(), BLANK, blank, now());
        assert_eq!(refused, Err(Refused::UnknownBlank));
    }
}

#[test]
fn keys_are_not_released_after_expiry_or_for_an_older_attempt_or_another_station() {
    let open = grant(GrantState::Open, None);
    let stock = Some(BlankState::Stock);
    let late = release(&open, &station(), BLANK, stock, open.expires);
    assert_eq!(late, Err(Refused::Expired));
    let stale = Grant {
        current: false,
        ..open.clone()
    };
    assert_eq!(
        release(&stale, &station(), BLANK, stock, now()),
        Err(Refused::Ended)
    );
    let other = StationId::parse("OSA-W1").unwrap();
    assert_eq!(
        release(&open, &other, BLANK, stock, now()),
        Err(Refused::Unknown)
    );
    for state in [
        GrantState::Spoiled,
        GrantState::WrittenOff,
        GrantState::Delivered,
    ] {
        let ended = grant(state, Some(BLANK));
        let refused = release(&ended, &station(), BLANK, Some(BlankState::Bound), now());
        assert_eq!(refused, Err(Refused::Ended));
    }
}

#[test]
fn a_card_is_produced_on_the_bound_blank_only() {
    let bound = grant(GrantState::Open, Some(BLANK));
    let outcome = follow(&bound, JobState::Leased, old(), &produced(BLANK)).unwrap();
    assert_eq!(outcome.grant, GrantState::Produced);
    assert_eq!(outcome.number, Some(NumberStanding::Produced));
    let wrong = follow(&bound, JobState::Leased, old(), &produced(OTHER));
    assert_eq!(wrong, Err(Refused::DoesNotFit));
    let unkeyed = grant(GrantState::Open, None);
    let early = follow(&unkeyed, JobState::Leased, old(), &produced(BLANK));
    assert_eq!(early, Err(Refused::DoesNotFit));
}

#[test]
fn a_card_is_delivered_only_after_it_was_produced_and_with_the_old_card_settled() {
    let end = |old_card| E::Delivered { old_card };
    let made = grant(GrantState::Produced, Some(BLANK));
    let outcome = follow(&made, JobState::Leased, old(), &end(OldCardEnd::Collected)).unwrap();
    assert_eq!(
        (outcome.grant, outcome.job),
        (GrantState::Delivered, JobState::Delivered)
    );
    assert_eq!(outcome.number, Some(NumberStanding::Live));
    assert!(
        !outcome.void_old,
        "the old number is void when the card is punched"
    );
    let waived = follow(&made, JobState::Leased, old(), &end(OldCardEnd::Waived)).unwrap();
    assert!(waived.void_old);
    for wrong in [OldCardEnd::NotRequired, OldCardEnd::Lost] {
        let refused = follow(&made, JobState::Leased, old(), &end(wrong));
        assert_eq!(refused, Err(Refused::DoesNotFit));
    }
    let open = grant(GrantState::Open, Some(BLANK));
    let early = follow(&open, JobState::Leased, old(), &end(OldCardEnd::Collected));
    assert_eq!(early, Err(Refused::DoesNotFit));
}

#[test]
fn the_old_number_is_void_when_the_old_card_is_punched_and_not_before_delivery() {
    let delivered = grant(GrantState::Delivered, Some(BLANK));
    let outcome = follow(&delivered, JobState::Delivered, old(), &E::OldCardPunched).unwrap();
    assert!(outcome.void_old);
    let none = follow(
        &delivered,
        JobState::Delivered,
        OldCard::NotRequired,
        &E::OldCardPunched,
    );
    assert_eq!(none, Err(Refused::DoesNotFit));
    let made = grant(GrantState::Produced, Some(BLANK));
    let early = follow(&made, JobState::Leased, old(), &E::OldCardPunched);
    assert_eq!(early, Err(Refused::DoesNotFit));
}

#[test]
fn an_untouched_blank_goes_back_and_its_number_is_burned() {
    let open = grant(GrantState::Open, Some(BLANK));
    let outcome = follow(&open, JobState::Leased, old(), &returned()).unwrap();
    assert_eq!(
        (outcome.grant, outcome.job),
        (GrantState::Returned, JobState::Waiting)
    );
    assert_eq!(outcome.number, Some(NumberStanding::Burned));
    assert_eq!(outcome.blank, Some(BlankState::Stock));
    let made = grant(GrantState::Produced, Some(BLANK));
    let late = follow(&made, JobState::Leased, old(), &returned());
    assert_eq!(late, Err(Refused::DoesNotFit));
}

#[test]
fn a_spoiled_blank_burns_the_number_and_the_job_waits_again() {
    for state in [GrantState::Open, GrantState::Produced] {
        let outcome = follow(
            &grant(state, Some(BLANK)),
            JobState::Leased,
            old(),
            &spoiled(),
        );
        let outcome = outcome.unwrap();
        assert_eq!(
            (outcome.grant, outcome.job),
            (GrantState::Spoiled, JobState::Waiting)
        );
        assert_eq!(outcome.number, Some(NumberStanding::Burned));
        assert_eq!(outcome.blank, Some(BlankState::Spoiled));
    }
    let delivered = grant(GrantState::Delivered, Some(BLANK));
    let late = follow(&delivered, JobState::Delivered, old(), &spoiled());
    assert_eq!(late, Err(Refused::DoesNotFit));
    let other = grant(GrantState::Open, Some(OTHER));
    let wrong = follow(&other, JobState::Leased, old(), &spoiled());
    assert_eq!(wrong, Err(Refused::DoesNotFit));
}

#[test]
fn a_withdrawn_card_needs_a_new_approval_only_when_its_data_are_wrong() {
    let made = grant(GrantState::Produced, Some(BLANK));
    let job = |why| {
        follow(&made, JobState::Leased, old(), &E::Withdrawn { why })
            .unwrap()
            .job
    };
    assert_eq!(job(Withdrawal::DataWrong), JobState::Refused);
    assert_eq!(job(Withdrawal::OldForged), JobState::Refused);
    assert_eq!(job(Withdrawal::Stopped), JobState::Waiting);
    assert_eq!(job(Withdrawal::HolderAbsent), JobState::Waiting);
    assert_eq!(job(Withdrawal::DayPassed), JobState::Waiting);
    let open = grant(GrantState::Open, Some(BLANK));
    let why = Withdrawal::HolderAbsent;
    let early = follow(&open, JobState::Leased, old(), &E::Withdrawn { why });
    assert_eq!(early, Err(Refused::DoesNotFit));
}

#[test]
fn what_comes_too_late_changes_nothing_and_is_taken() {
    let expired = grant(GrantState::Expired, None);
    let late = E::Returned {
        serial: None,
        reason: "A-LEASE-ENDED".to_owned(),
    };
    let outcome = follow(&expired, JobState::Waiting, old(), &late).unwrap();
    assert_eq!(
        (outcome.grant, outcome.job, outcome.number),
        (GrantState::Expired, JobState::Waiting, None)
    );
}

#[test]
fn after_a_forged_old_card_no_further_attempt_is_granted_whatever_is_reported_next() {
    let open = grant(GrantState::Open, Some(BLANK));
    let forged = E::OldCardForged {
        finding: "O-FORGED".to_owned(),
    };
    let found = follow(&open, JobState::Leased, old(), &forged).unwrap();
    assert_eq!(
        (found.grant, found.job),
        (GrantState::Open, JobState::Refused)
    );
    let ends = [
        (GrantState::Open, returned()),
        (GrantState::Open, spoiled()),
        (
            GrantState::Produced,
            E::Withdrawn {
                why: Withdrawal::OldForged,
            },
        ),
    ];
    for (state, end) in ends {
        let ended = follow(&grant(state, Some(BLANK)), found.job, old(), &end).unwrap();
        assert_eq!(ended.job, JobState::Refused);
    }
}

#[test]
fn a_card_that_is_made_gets_keys_for_no_blank_any_more() {
    let made = grant(GrantState::Produced, None);
    let refused = release(&made, &station(), BLANK, Some(BlankState::Stock), now());
    assert_eq!(refused, Err(Refused::Ended));
}

#[test]
fn an_end_that_names_no_blank_and_one_whose_keys_were_never_asked_for_are_taken() {
    let unnamed = E::Spoiled {
        serial: None,
        terminated: false,
        reason: "P-POWER-LOSS".to_owned(),
    };
    let bound = grant(GrantState::Open, Some(BLANK));
    let outcome = follow(&bound, JobState::Leased, old(), &unnamed).unwrap();
    assert_eq!(outcome.blank, Some(BlankState::Spoiled));
    let unkeyed = grant(GrantState::Open, None);
    for end in [spoiled(), returned()] {
        let outcome = follow(&unkeyed, JobState::Leased, old(), &end).unwrap();
        assert_eq!(outcome.number, Some(NumberStanding::Burned));
    }
    let other = grant(GrantState::Open, Some(OTHER));
    let wrong = follow(&other, JobState::Leased, old(), &returned());
    assert_eq!(wrong, Err(Refused::DoesNotFit));
}

#[test]
fn each_ground_has_its_own_end_of_the_old_card() {
    let made = grant(GrantState::Produced, Some(BLANK));
    let number = CardNumber::parse("MH00000003MH").unwrap();
    let ends = [
        OldCardEnd::NotRequired,
        OldCardEnd::Collected,
        OldCardEnd::Lost,
        OldCardEnd::Waived,
    ];
    let fitting = |old: OldCard| {
        let fits = |end: &OldCardEnd| {
            let event = E::Delivered { old_card: *end };
            follow(&made, JobState::Leased, old, &event).is_ok()
        };
        ends.into_iter().filter(fits).collect::<Vec<_>>()
    };
    assert_eq!(fitting(OldCard::NotRequired), [OldCardEnd::NotRequired]);
    assert_eq!(fitting(OldCard::DeclaredLost(number)), [OldCardEnd::Lost]);
    let returned = [OldCardEnd::Collected, OldCardEnd::Waived];
    assert_eq!(fitting(OldCard::Return(number)), returned);
}

#[test]
fn a_card_is_finished_only_where_its_job_still_expects_one() {
    let bound = grant(GrantState::Open, Some(BLANK));
    let finished = |job| follow(&bound, job, old(), &produced(BLANK));
    for job in [JobState::Leased, JobState::Refused, JobState::SetAside] {
        let outcome = finished(job).unwrap();
        assert_eq!((outcome.job, outcome.blank), (job, Some(BlankState::Used)));
    }
    for job in [JobState::Waiting, JobState::Delivered, JobState::Closed] {
        assert_eq!(finished(job), Err(Refused::DoesNotFit), "{job:?}");
    }
}

#[test]
fn a_record_closes_the_job_that_was_delivered_and_no_other() {
    let closed = E::Closed {
        record: serde_json::json!({}),
    };
    let state = |grant_, job| follow(&grant(grant_, Some(BLANK)), job, old(), &closed);
    let delivered = state(GrantState::Delivered, JobState::Delivered).unwrap();
    assert_eq!(delivered.job, JobState::Closed);
    for ended in [
        GrantState::Returned,
        GrantState::Spoiled,
        GrantState::Withdrawn,
        GrantState::Expired,
    ] {
        let outcome = state(ended, JobState::Waiting).unwrap();
        assert_eq!((outcome.grant, outcome.job), (ended, JobState::Waiting));
    }
    for holds in [GrantState::Open, GrantState::Produced] {
        let early = state(holds, JobState::Leased);
        assert_eq!(early, Err(Refused::DoesNotFit));
    }
}

#[test]
fn a_job_whose_finished_card_may_be_outside_is_set_aside_and_any_other_waits_or_stays() {
    let (open, made) = (GrantState::Open, GrantState::Produced);
    assert_eq!(after_end(made, JobState::Leased), JobState::SetAside);
    assert_eq!(after_end(open, JobState::Leased), JobState::Waiting);
    for job in [JobState::Refused, JobState::Delivered, JobState::SetAside] {
        assert_eq!(after_end(made, job), job);
        assert_eq!(after_end(open, job), job);
    }
}
