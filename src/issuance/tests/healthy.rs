//! A card to which nothing happens: what the station writes next when devices, desk and authority all
//! do as they should. A test takes it to the state that it is about, and no further.

use super::*;
use crate::fault::Code;

pub(super) const BLANK: Serial = Serial([1; 10]);
/// More events than any healthy card has.
const MOST: usize = 120;

pub(super) fn began(step: Step) -> Event {
    Event::Began {
        step,
        before: Counters::default(),
    }
}

pub(super) fn found(step: Step, finding: Finding, fault: Option<Code>) -> Event {
    Event::Found {
        step,
        finding,
        fault,
        proof: None,
    }
}

pub(super) fn decided(decision: Decision) -> Event {
    Event::Decided {
        decision,
        by: both(),
    }
}

/// The evidence that a healthy step leaves, begun when the counters stood at `before`.
pub(super) fn proof(step: Step, before: &Counters) -> Proof {
    let digest = Digest([1; 32]);
    let witness = |keys, life| {
        Proof::Chip(Chip::Answers(Witness {
            keys,
            life,
            ..fresh(BLANK)
        }))
    };
    match step {
        Step::SightOld | Step::CollectOld => Proof::OldCard(digest),
        Step::Feed => Proof::Blank(BLANK),
        Step::Encode => Proof::Files(digest),
        Step::Lock => witness(ChipKeys::Issuer, Life::Locked),
        Step::Terminate => witness(ChipKeys::Transport, Life::Terminated),
        Step::Check => Proof::Faces {
            chip: digest,
            front: digest,
            back: digest,
        },
        Step::Print(_)
        | Step::Flip
        | Step::Hologram
        | Step::Eject
        | Step::Release
        | Step::Reject => Proof::Motion(before.after(step)),
        Step::HandOver | Step::Punch | Step::RemoveByHand => Proof::Person(clerk()),
    }
}

/// What follows when all is well; the counters stand at `now`.
pub(super) fn answer(issuance: &Issuance, old: OldRule, now: &Counters) -> Event {
    match issuance.next() {
        Command::Ask => Event::Asked { key: "k".into() },
        Command::Lease(_) => Event::Granted {
            grant: grant(1, old),
        },
        Command::Prepare => Event::Opened {
            card: 1,
            plan: Plan::residence_card(old),
            prepared: Digest([1; 32]),
        },
        Command::AskKeys(blank) if issuance.keys() == Keys::None => Event::KeysAsked { blank },
        Command::AskKeys(blank) => Event::KeysHeld { blank },
        Command::Begin { step, .. } => Event::Began {
            step,
            before: now.clone(),
        },
        Command::Settle { step, before } => Event::Finished {
            step,
            proof: proof(step, &before),
        },
        Command::Owe(report) => Event::Owed { report },
        Command::Send(report) => Event::Acknowledged { report: report.id },
        Command::Void => Event::Voided,
        Command::Close => Event::Closed,
        Command::Decide { .. } | Command::Rest => panic!("nothing follows: {issuance:?}"),
    }
}

/// Goes on until `there` says that this is the state.
pub(super) fn on(mut issuance: Issuance, there: impl Fn(&Issuance) -> bool) -> Issuance {
    let old = issuance
        .grant()
        .map_or(OldRule::NotRequired, |grant| grant.old);
    for _ in 0..MOST {
        if there(&issuance) {
            return issuance;
        }
        let event = answer(&issuance, old, &Counters::default());
        issuance.apply(&event).expect("it follows");
    }
    panic!("it never comes there: {issuance:?}")
}

pub(super) fn takes(mut issuance: Issuance, events: &[Event]) -> Issuance {
    for event in events {
        issuance.apply(event).expect("it fits");
    }
    issuance
}

/// A card of this ground, granted and not prepared.
pub(super) fn granted(old: OldRule) -> Issuance {
    let asked = Event::Asked { key: "k".into() };
    let grant = grant(1, old);
    takes(Issuance::default(), &[asked, Event::Granted { grant }])
}

/// This step may begin.
pub(super) fn before(old: OldRule, step: Step) -> Issuance {
    on(
        granted(old),
        |issuance| matches!(issuance.next(), Command::Begin { step: due, .. } if due == step),
    )
}

/// This step was begun.
pub(super) fn underway(old: OldRule, step: Step) -> Issuance {
    takes(before(old, step), &[began(step)])
}

/// This step was refused before anything moved.
pub(super) fn refused(old: OldRule, step: Step, fault: Code) -> Issuance {
    takes(before(old, step), &[Event::Refused { step, fault }])
}

/// Nobody can tell what became of this step.
pub(super) fn doubtful(old: OldRule, step: Step) -> Issuance {
    let unclear = found(step, Finding::Unknown, Some(Code::PowerLoss));
    takes(underway(old, step), &[unclear])
}

/// This step spoiled the card.
pub(super) fn spoiled(old: OldRule, step: Step, fault: Code) -> Issuance {
    let found = found(step, Finding::Spoiled, Some(fault));
    takes(underway(old, step), &[found])
}

/// A person decides.
pub(super) fn decides(issuance: Issuance, decision: Decision) -> Issuance {
    takes(issuance, &[decided(decision)])
}
