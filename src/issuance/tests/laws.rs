//! Orders that no sequence of events may break, and the form of the records.

use super::*;
use crate::fault::Code;
use proptest::prelude::*;

/// Plays events; the last one's verdict.
fn play(events: &[Event]) -> (Issuance, Result<(), Misfit>) {
    let mut issuance = Issuance::default();
    let mut last = Ok(());
    for (n, event) in events.iter().enumerate() {
        last = issuance.apply(event);
        assert!(n + 1 == events.len() || last.is_ok(), "{event:?}: {last:?}");
    }
    (issuance, last)
}

fn opened(old: OldRule) -> Vec<Event> {
    vec![
        Event::Asked { key: "k".into() },
        Event::Granted {
            grant: grant(1, old),
        },
        Event::Opened {
            card: 1,
            plan: Plan::residence_card(old),
            prepared: Digest([1; 32]),
        },
    ]
}

fn began(step: Step) -> Event {
    Event::Began {
        step,
        before: Counters::default(),
    }
}

fn after(events: Vec<Event>, more: impl IntoIterator<Item = Event>) -> Vec<Event> {
    events.into_iter().chain(more).collect()
}

fn fed() -> Vec<Event> {
    let proof = Proof::Blank(Serial([1; 10]));
    after(
        opened(OldRule::NotRequired),
        [
            began(Step::Feed),
            Event::Finished {
                step: Step::Feed,
                proof,
            },
        ],
    )
}

#[test]
fn the_old_card_is_sighted_before_a_blank_moves() {
    let (_, verdict) = play(&after(opened(OldRule::Return), [began(Step::Feed)]));
    assert!(verdict.is_err());
    let (issuance, _) = play(&opened(OldRule::Return));
    assert!(matches!(
        issuance.next(),
        Command::Begin {
            step: Step::SightOld,
            on: None
        }
    ));
}

#[test]
fn the_chip_is_not_written_without_its_keys() {
    let (issuance, verdict) = play(&after(fed(), [began(Step::Encode)]));
    assert!(verdict.is_err());
    assert_eq!(issuance.next(), Command::AskKeys(Serial([1; 10])));
    let (_, other) = play(&after(
        fed(),
        [Event::KeysAsked {
            blank: Serial([2; 10]),
        }],
    ));
    assert!(other.is_err(), "keys of another blank");
}

#[test]
fn feed_encode_eject_and_release_carry_the_day() {
    let (issuance, _) = play(&opened(OldRule::NotRequired));
    let day = Some(date(2026, 4, 1));
    assert_eq!(
        issuance.next(),
        Command::Begin {
            step: Step::Feed,
            on: day
        }
    );
}

#[test]
fn a_cancelled_blank_that_was_not_written_is_rejected_and_returned() {
    let cancel = Event::Decided {
        decision: Decision::Cancel,
        by: clerk(),
    };
    let (issuance, verdict) = play(&after(fed(), [cancel]));
    assert_eq!(verdict, Ok(()));
    assert_eq!(issuance.course(), Course::Discarding(ReportKind::Returned));
    assert!(matches!(
        issuance.next(),
        Command::Begin {
            step: Step::Reject,
            ..
        }
    ));
}

#[test]
fn a_passed_day_spoils_a_written_card() {
    let blank = Serial([1; 10]);
    let written = [
        Event::KeysAsked { blank },
        Event::KeysHeld { blank },
        began(Step::Encode),
        Event::Finished {
            step: Step::Encode,
            proof: Proof::Files(Digest([1; 32])),
        },
        Event::GivenUp {
            fault: Code::DatePassed,
        },
    ];
    let (issuance, _) = play(&after(fed(), written));
    assert_eq!(issuance.course(), Course::Discarding(ReportKind::Spoiled));
    assert!(matches!(
        issuance.next(),
        Command::Begin {
            step: Step::Terminate,
            ..
        }
    ));
}

#[test]
fn three_foreign_cards_end_the_attempt_and_nothing_is_burned_but_the_number() {
    let foreign = || {
        let counters = Counters {
            rejected: 1,
            ..Counters::default()
        };
        let fault = Some(Code::NotBlank);
        [
            began(Step::Feed),
            Event::Found {
                step: Step::Feed,
                finding: Finding::Spoiled,
                fault,
                proof: None,
            },
            began(Step::Reject),
            Event::Finished {
                step: Step::Reject,
                proof: Proof::Motion(counters),
            },
        ]
    };
    let thrice = foreign().into_iter().chain(foreign()).chain(foreign());
    let (issuance, verdict) = play(&after(opened(OldRule::NotRequired), thrice));
    assert_eq!(verdict, Ok(()));
    assert_eq!(issuance.course(), Course::Discarding(ReportKind::Returned));
}

#[test]
fn a_waiver_is_signed_by_two_and_a_forged_card_is_never_waived() {
    let waive = |by| Event::Decided {
        decision: Decision::Waive(Waiver::LostSince),
        by,
    };
    let open = || opened(OldRule::Return);
    assert!(play(&after(open(), [waive(clerk())])).1.is_err());
    let (waived, verdict) = play(&after(open(), [waive(both())]));
    assert_eq!((verdict, waived.old()), (Ok(()), OldCard::Waived));
    assert_eq!(waived.current(), Some(Step::Feed));
    let forged = Event::Found {
        step: Step::SightOld,
        finding: Finding::Spoiled,
        fault: Some(Code::Forged),
        proof: None,
    };
    let evidence = after(open(), [began(Step::SightOld), forged]);
    assert!(play(&after(evidence.clone(), [waive(both())])).1.is_err());
    let (issuance, _) = play(&evidence);
    assert_eq!(
        issuance.choices(),
        [Decision::Withdraw(Withdrawal::OldForged)]
    );
}

#[test]
fn a_motion_whose_counters_did_not_move_is_not_done() {
    let blank = Serial([1; 10]);
    let mut witness = fresh(blank);
    (witness.keys, witness.life) = (ChipKeys::Issuer, Life::Locked);
    let head = [
        Event::KeysAsked { blank },
        Event::KeysHeld { blank },
        began(Step::Encode),
        Event::Finished {
            step: Step::Encode,
            proof: Proof::Files(Digest([1; 32])),
        },
        began(Step::Lock),
        Event::Finished {
            step: Step::Lock,
            proof: Proof::Chip(Chip::Answers(witness)),
        },
        began(Step::Print(Panel::BackK)),
        Event::Finished {
            step: Step::Print(Panel::BackK),
            proof: Proof::Motion(Counters::default()),
        },
    ];
    assert!(play(&after(fed(), head)).1.is_err());
}

#[test]
fn another_chip_at_the_encoder_says_nothing_about_ours() {
    let (issuance, _) = play(&fed());
    let chip = Chip::Answers(fresh(Serial([2; 10])));
    let survey = Survey {
        chip,
        ..Survey::default()
    };
    let finding = issuance.judge(Step::Encode, &Counters::default(), &survey);
    assert_eq!(finding, Finding::Unknown);
}

#[test]
fn a_slot_of_which_nobody_can_tell_is_a_stop_of_its_own() {
    let (mut slot, step) = (play(&fed()).0, Step::Release);
    (slot.at, slot.steps, slot.card.place) = (0, vec![step], Place::Exit);
    let before = Counters::default();
    slot.phase = Phase::Underway { step, before };
    let unclear = Event::Found {
        step,
        finding: Finding::Unknown,
        fault: None,
        proof: None,
    };
    assert_eq!(slot.apply(&unclear), Ok(()));
    let Phase::Stopped { fault, .. } = slot.phase() else {
        panic!("it goes on");
    };
    assert_eq!(*fault, Code::ExitUnclear);
    assert!(slot.choices().contains(&Decision::Answer(Finding::Done)));
}

#[test]
fn a_silent_chip_is_looked_at_again_but_never_written_again() {
    let blank = Serial([1; 10]);
    let silent = [
        Event::KeysAsked { blank },
        Event::KeysHeld { blank },
        began(Step::Encode),
        Event::Found {
            step: Step::Encode,
            finding: Finding::Unknown,
            fault: Some(Code::ChipSilent),
            proof: None,
        },
        Event::Decided {
            decision: Decision::Continue,
            by: clerk(),
        },
    ];
    let (issuance, verdict) = play(&after(fed(), silent));
    assert_eq!(verdict, Ok(()));
    assert!(matches!(
        issuance.next(),
        Command::Settle {
            step: Step::Encode,
            ..
        }
    ));
}

#[test]
fn a_chip_that_was_perhaps_written_never_goes_back_to_stock() {
    let blank = Serial([1; 10]);
    let (step, fault) = (Step::Encode, Some(Code::ChipSilent));
    let cancelled = [
        Event::KeysAsked { blank },
        Event::KeysHeld { blank },
        began(step),
        Event::Found {
            step,
            finding: Finding::Unknown,
            fault,
            proof: None,
        },
        Event::Decided {
            decision: Decision::Cancel,
            by: clerk(),
        },
    ];
    let (issuance, verdict) = play(&after(fed(), cancelled));
    assert_eq!(verdict, Ok(()));
    assert_eq!(issuance.course(), Course::Discarding(ReportKind::Spoiled));
}

fn ledger_after_one(events: Vec<Event>) -> Ledger {
    let mut ledger = Ledger::default();
    for event in events {
        take(&mut ledger, event).expect("fits");
    }
    ledger
}

fn take(ledger: &mut Ledger, event: Event) -> Result<(), Misfit> {
    ledger.apply(&Entry::new(
        jiff::Timestamp::UNIX_EPOCH,
        What::Issuance(event),
    ))
}

#[test]
fn grants_numbers_keys_and_card_counts_are_used_once() {
    let old = OldRule::NotRequired;
    let mut ledger = ledger_after_one(vec![
        Event::Asked { key: "k".into() },
        Event::Granted {
            grant: grant(1, old),
        },
        Event::GivenUp {
            fault: Code::LayoutRefused,
        },
    ]);
    let again = Event::Asked { key: "k2".into() };
    assert!(
        take(&mut ledger, again.clone()).is_err(),
        "one open issuance per station"
    );
    for _ in 0..5 {
        let event = match ledger.newest().next() {
            Command::Owe(report) => Event::Owed { report },
            Command::Send(report) => Event::Acknowledged { report: report.id },
            _ => Event::Closed,
        };
        take(&mut ledger, event).expect("fits");
    }
    assert!(
        take(&mut ledger, Event::Asked { key: "k".into() }).is_err(),
        "a used key"
    );
    take(&mut ledger, again).expect("a new key");
    assert!(ledger.seen(&grant(1, old)));
    assert!(
        take(
            &mut ledger,
            Event::Granted {
                grant: grant(1, old)
            }
        )
        .is_err(),
        "a replay"
    );
    let number = Grant {
        number: grant(1, old).number,
        ..grant(2, old)
    };
    assert!(
        take(&mut ledger, Event::Granted { grant: number }).is_err(),
        "a used number"
    );
    take(
        &mut ledger,
        Event::Granted {
            grant: grant(2, old),
        },
    )
    .expect("a new grant");
    let open = |card| {
        let (plan, prepared) = (Plan::residence_card(old), Digest([1; 32]));
        Event::Opened {
            card,
            plan,
            prepared,
        }
    };
    assert!(
        take(&mut ledger, open(2)).is_err(),
        "a gap in the count of cards"
    );
    assert!(take(&mut ledger, open(1)).is_ok());
}

#[test]
fn the_records_keep_their_form() {
    let records = [
        (
            Event::Began {
                step: Step::Print(Panel::BackK),
                before: Counters::default(),
            },
            r#"{"event":"began","step":{"print":"back-k"},"before":{"fed":0,"ejected":0,"taken":0,"rejected":0,"lost":0,"begun":[0,0,0,0,0,0,0],"completed":[0,0,0,0,0,0,0],"patches_begun":0,"patches_completed":0,"flips":0,"power_ons":0,"since_cleaning":0}}"#,
        ),
        (
            Event::Refused {
                step: Step::Feed,
                fault: Code::HopperEmpty,
            },
            r#"{"event":"refused","step":"feed","fault":"P-HOPPER-EMPTY"}"#,
        ),
        (
            Event::Finished {
                step: Step::Feed,
                proof: Proof::Blank(Serial([0xab; 10])),
            },
            r#"{"event":"finished","step":"feed","proof":{"blank":"abababababababababab"}}"#,
        ),
        (
            Event::Decided {
                decision: Decision::Answer(Finding::Done),
                by: clerk(),
            },
            r#"{"event":"decided","decision":{"answer":"done"},"by":{"one":{"person":"c1","role":"clerk"}}}"#,
        ),
        (Event::Closed, r#"{"event":"closed"}"#),
    ];
    for (event, json) in records {
        assert_eq!(serde_json::to_string(&event).expect("JSON"), json);
        assert_eq!(
            serde_json::from_str::<Event>(json).expect("an event"),
            event
        );
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    let mut steps = Plan::residence_card(OldRule::Return).steps();
    steps.extend([Step::Terminate, Step::Reject, Step::RemoveByHand]);
    proptest::sample::select(steps)
}

fn any_event() -> impl Strategy<Value = Event> {
    let blank = Serial([1; 10]);
    let finding = proptest::sample::select(vec![
        Finding::Done,
        Finding::Untouched,
        Finding::Spoiled,
        Finding::Unknown,
    ]);
    let proofs = proptest::sample::select(vec![
        Proof::Blank(blank),
        Proof::Files(Digest([1; 32])),
        Proof::Chip(Chip::Silent),
        Proof::OldCard(Digest([1; 32])),
        Proof::Person(clerk()),
    ]);
    let decisions = proptest::sample::select(Decision::ALL.to_vec());
    prop_oneof![
        3 => any_step().prop_map(began),
        3 => (any_step(), proofs.clone()).prop_map(|(step, proof)| Event::Finished { step, proof }),
        2 => (any_step(), finding, proptest::option::of(proofs)).prop_map(|(step, finding, proof)| {
            Event::Found { step, finding, fault: Some(Code::Forged), proof }
        }),
        1 => any_step().prop_map(|step| Event::Refused { step, fault: Code::CoverOpen }),
        2 => decisions.prop_map(|decision| Event::Decided { decision, by: both() }),
        1 => Just(Event::KeysAsked { blank }),
        1 => Just(Event::KeysHeld { blank }),
        1 => Just(Event::GivenUp { fault: Code::DatePassed }),
        1 => Just(Event::Astray { fault: Code::CardMoved }),
        1 => Just(Event::Voided),
        1 => Just(Event::Closed),
    ]
}

proptest! {
    #[test]
    fn no_sequence_of_events_breaks_the_machine(
        events in proptest::collection::vec(any_event(), 0..200),
        obey in proptest::collection::vec(any::<bool>(), 200),
    ) {
        let (mut issuance, _) = play(&opened(OldRule::Return));
        for (event, obey) in events.iter().zip(obey) {
            let before = issuance.clone();
            if issuance.apply(event).is_err() {
                prop_assert_eq!(&before, &issuance, "a misfit changed something");
            }
            if let (true, Command::Owe(report)) = (obey, issuance.next()) {
                issuance.apply(&Event::Owed { report }).expect("it is due");
            }
            let hand = issuance.card().place == Place::Hand;
            if hand && issuance.course() == Course::Making {
                prop_assert!(issuance.old_settled());
                prop_assert!(issuance.acknowledged(ReportKind::Produced));
            }
            let _ = issuance.choices();
        }
    }
}
