//! The record of one job, read from the journal alone: the same journal gives the same record.

use crate::config::{Config, Planned};
use crate::fault::{By, Code, Signed};
use crate::issuance::{
    Cause, Decision, Entry, Event, Miss, OldCard as Old, Proof, ReportKind, Step, WHOLE, Waiver,
    What,
};
use crate::issuance::{Issuance, Serial};
use crate::record::{Attempt, ByEye, Closed, End, Hand, OldCard, PhaseTime, Stopped};
use jiff::Timestamp;

use super::view::Words;

/// One issuance of the job, as its records tell it.
#[derive(Default)]
struct Told {
    issuance: Issuance,
    digests: Vec<(String, String)>,
    serial: Option<Serial>,
    phases: Vec<(String, u32)>,
    elapsed_ms: Option<u32>,
    misses: Vec<Miss>,
    hands: Vec<Hand>,
    stops: Vec<(Code, Option<String>)>,
    by_eye: Option<ByEye>,
    waived: Option<Waiver>,
    records: Option<(u64, u64)>,
    last_at: Timestamp,
}

/// The record of `job`; none when the journal does not know it. `hash` gives a record's hash.
pub(super) fn of(
    job: &str,
    records: &[(u64, Vec<u8>)],
    config: &Config,
    hash: impl Fn(u64) -> Option<String>,
) -> Option<Closed> {
    let told = attempts_of(job, records);
    let (first, last) = (told.first()?.records?, told.last()?.records?);
    let newest = told.last()?;
    let grant = newest.issuance.grant();
    let number = grant.and_then(|grant| grant.old_number.clone());
    let number = number.unwrap_or_default();
    Some(Closed {
        office: config.station.office.clone(),
        station: config.station.id.clone(),
        job: job.to_owned(),
        reception: reception_of(job),
        attempts: told
            .iter()
            .map(|one| attempt(one, &config.plan()))
            .collect(),
        old_card: old_card(newest, number),
        hands: told
            .iter()
            .flat_map(|one| one.hands.iter().cloned())
            .collect(),
        stops: told.iter().flat_map(stops).collect(),
        closed_at: newest.last_at,
        journal: (first.0, last.1),
        journal_head: hash(last.1).unwrap_or_default(),
    })
}

/// A job is named by its office and the number under which that took the application.
fn reception_of(job: &str) -> String {
    job.split_once('-')
        .map_or(job, |(_, reception)| reception)
        .to_owned()
}

fn attempts_of(job: &str, records: &[(u64, Vec<u8>)]) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    for (at, bytes) in records {
        // The journal was folded at opening, so that every record reads.
        let Ok(entry) = Entry::parse(bytes) else {
            continue;
        };
        if matches!(entry.what, What::Issuance(Event::Asked { .. })) {
            all.push(Told::default());
        }
        if let Some(told) = all.last_mut() {
            told.take(*at, &entry);
        }
    }
    all.retain(|told| told.issuance.grant().is_some_and(|grant| grant.job == job));
    all
}

impl Told {
    fn take(&mut self, at: u64, entry: &Entry) {
        match &entry.what {
            // What closes a record is not in it: it is told before.
            What::Issuance(Event::Closed) => {}
            What::Issuance(event) => {
                // It applied when it was written; a record that does not is left out.
                let _ = self.issuance.apply(event);
                self.note(event);
                self.records = Some((self.records.map_or(at, |(first, _)| first), at));
                self.last_at = entry.at;
            }
            What::Timed {
                phases,
                elapsed_ms,
                misses,
            } => {
                self.phases.clone_from(phases);
                self.elapsed_ms = *elapsed_ms;
                self.misses.clone_from(misses);
            }
            What::Wanted { .. }
            | What::Stock(_)
            | What::Service(_)
            | What::Checkpoint { .. }
            | What::Started { .. }
            | What::Counted { .. }
            | What::TakenOver(_) => {}
        }
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::Granted { grant } => self.digest("発行許可", grant.token),
            Event::Opened { prepared, .. } => self.digest("準備した内容", *prepared),
            Event::Finished { step, proof } => self.proved(*step, proof),
            Event::Found {
                step, fault, proof, ..
            } => {
                if let Some(proof) = proof {
                    self.proved(*step, proof);
                }
                self.stops.extend(fault.map(|code| (code, None)));
            }
            Event::Refused { fault, .. }
            | Event::Astray { fault }
            | Event::GivenUp { fault }
            | Event::Declined { fault } => self.stops.push((*fault, None)),
            Event::Decided { decision, by } => self.decided(*decision, by),
            Event::Asked { .. }
            | Event::Began { .. }
            | Event::KeysAsked { .. }
            | Event::KeysHeld { .. }
            | Event::Owed { .. }
            | Event::Acknowledged { .. }
            | Event::Voided
            | Event::Closed => {}
        }
    }

    fn proved(&mut self, step: Step, proof: &Proof) {
        match proof {
            Proof::Blank(serial) => self.serial = Some(*serial),
            Proof::Files(digest) => self.digest("チップの内容", *digest),
            Proof::Faces { chip, front, back } => {
                self.digest("検査で読んだチップ", *chip);
                self.digest("表の読み取り", *front);
                self.digest("裏の読み取り", *back);
            }
            Proof::OldCard(digest) if step == Step::SightOld => {
                self.digest("旧カードの署名対象", *digest);
            }
            Proof::Eye(_) => self.by_eye = Some(ByEye::ChipSpoke),
            Proof::Person(by) => self.hand(act_words(step), by),
            Proof::OldCard(_) | Proof::Chip(_) | Proof::Motion(_) => {}
        }
    }

    fn decided(&mut self, decision: Decision, by: &By) {
        match decision {
            Decision::ByEye => {
                let unread = self
                    .stops
                    .last()
                    .is_some_and(|(code, _)| *code == Code::NoOldCard);
                // At two stops the weaker of both is what the record says.
                if unread || self.by_eye.is_none() {
                    self.by_eye = Some(if unread {
                        ByEye::NothingRead
                    } else {
                        ByEye::ChipSpoke
                    });
                }
            }
            Decision::Waive(why) => self.waived = Some(why),
            Decision::Continue
            | Decision::Cancel
            | Decision::Answer(_)
            | Decision::ByHand
            | Decision::Withdraw(_)
            | Decision::Quarantine => {}
        }
        let words = decision_words(decision);
        if let Some((_, decided)) = self.stops.last_mut() {
            *decided = Some(words.to_owned());
        }
        self.hand(words, by);
    }

    fn digest(&mut self, name: &str, digest: crate::issuance::Digest) {
        self.digests.push((name.to_owned(), digest.to_string()));
    }

    fn hand(&mut self, act: &str, by: &By) {
        let hand = |signed: &Signed| Hand {
            act: act.to_owned(),
            person: signed.person.clone(),
            role: signed.role.name_ja().to_owned(),
        };
        match by {
            By::One(one) => self.hands.push(hand(one)),
            By::Two(two) => self.hands.extend([hand(two.first()), hand(two.second())]),
        }
    }
}

fn attempt(told: &Told, plan: &[Planned]) -> Attempt {
    let grant = told.issuance.grant();
    let planned: Vec<_> = super::progress::phases(plan);
    let phases = planned.into_iter().map(|phase| PhaseTime {
        name: Words::of(phase.name)
            .map_or(phase.name, |words| words.noun)
            .to_owned(),
        planned_ms: phase.planned_ms,
        actual_ms: told
            .phases
            .iter()
            .find(|(name, _)| name == phase.name)
            .map(|(_, ms)| *ms),
        late_by: late_by(told, phase.name),
    });
    Attempt {
        attempt: grant.map_or(0, |grant| grant.attempt),
        number: grant.map(|grant| grant.number.clone()).unwrap_or_default(),
        chip_serial: told.serial.map(|serial| serial.to_string()),
        end: end(&told.issuance),
        digests: told.digests.clone(),
        phases: phases.collect(),
        elapsed_ms: told.elapsed_ms,
        late_by: late_by(told, WHOLE),
    }
}

/// Why a phase or the whole card missed its plan, in Japanese.
fn late_by(told: &Told, phase: &str) -> Vec<String> {
    let missed = told.misses.iter().find(|miss| miss.phase == phase);
    let Some(miss) = missed else {
        return Vec::new();
    };
    if miss.causes.is_empty() {
        return vec!["原因不明".to_owned()];
    }
    let words = |cause: &Cause| cause.why.words().0.to_owned();
    miss.causes.iter().map(words).collect()
}

pub(super) fn end(issuance: &Issuance) -> End {
    use crate::issuance::Course;
    match issuance.course() {
        Course::Making
        | Course::Foreign
        | Course::Discarding(
            ReportKind::Delivered | ReportKind::Punched | ReportKind::Forged | ReportKind::Record,
        ) => End::Delivered,
        Course::Discarding(ReportKind::Returned) => End::Returned,
        Course::Discarding(ReportKind::Spoiled) => End::Spoiled,
        Course::Discarding(ReportKind::Withdrawn(_) | ReportKind::Produced) => End::Withdrawn,
        Course::Discarding(ReportKind::Quarantined) => End::Quarantined,
    }
}

fn old_card(told: &Told, number: String) -> OldCard {
    match told.issuance.old() {
        Old::NotRequired => OldCard::NotRequired,
        Old::Expected | Old::Sighted | Old::GivenBack => OldCard::GivenBack { number },
        Old::Collected | Old::Punched => OldCard::Punched {
            number,
            by_eye: told.by_eye,
        },
        Old::LostDeclared => OldCard::DeclaredLost { number },
        Old::Waived => OldCard::Waived {
            number,
            reason: waiver_words(told.waived).to_owned(),
        },
        Old::Forged => OldCard::Forged { number },
    }
}

fn stops(told: &Told) -> Vec<Stopped> {
    let attempt = told.issuance.grant().map_or(0, |grant| grant.attempt);
    told.stops
        .iter()
        .map(|(code, decided)| Stopped {
            attempt,
            code: code.name().to_owned(),
            what: code.fault().what.ja().to_owned(),
            decided: decided.clone(),
        })
        .collect()
}

fn waiver_words(why: Option<Waiver>) -> &'static str {
    match why {
        Some(Waiver::LostSince) => "申請後の紛失",
        Some(Waiver::Destroyed) => "滅失",
        Some(Waiver::KeptElsewhere) => "他機関で保管中",
        None => "理由の記録なし",
    }
}

fn act_words(step: Step) -> &'static str {
    match step {
        Step::HandOver => "本人確認・交付",
        Step::Punch => "旧カードの穿孔",
        Step::RemoveByHand => "カードの取出し",
        Step::SightOld => "旧カードの照合",
        Step::CollectOld => "旧カードの回収",
        Step::Feed
        | Step::Encode
        | Step::Lock
        | Step::Print(_)
        | Step::Flip
        | Step::Hologram
        | Step::Check
        | Step::Eject
        | Step::Release
        | Step::Terminate
        | Step::Reject => "作成",
    }
}

pub(super) fn decision_words(decision: Decision) -> &'static str {
    match decision {
        Decision::Continue => "続行",
        Decision::Cancel => "中止",
        Decision::Answer(_) => "状態の回答",
        Decision::ByHand => "手での取出し",
        Decision::ByEye => "旧カードの目視確認",
        Decision::Waive(_) => "旧カード返納の免除",
        Decision::Withdraw(_) => "交付の取消し",
        Decision::Quarantine => "隔離",
    }
}
