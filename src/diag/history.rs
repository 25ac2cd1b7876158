//! What the journal tells a technician: faults of cards and of technicians' orders by code, zone and
//! outcome, what was late, and how long the phases took. Reads entries, shows no number, no job, no
//! person and no serial.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::statistics::Spread;
use crate::config::Measured;
use crate::fault::Code;
use crate::issuance::{Entry, Event, Finding, Miss, Service, Step, What};

/// Which faults are asked for; everything where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only this code.
    pub code: Option<String>,
    /// Only this zone of the machine.
    pub zone: Option<String>,
    /// Only this outcome.
    pub outcome: Option<String>,
    /// Only the newest so many.
    pub last: Option<usize>,
}

/// One fault that the journal tells of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The record's number.
    pub sequence: u64,
    /// When, by the wall clock.
    pub at: Timestamp,
    /// The fault; none where something was late and nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// Where in the machine.
    pub zone: &'static str,
    /// What came of it: one of [`OUTCOMES`].
    pub outcome: &'static str,
    /// What was late, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late: Option<Miss>,
}

/// Every zone that a fault can be in.
pub const ZONES: [&str; 12] = [
    "hopper",
    "feeder",
    "encoder",
    "head",
    "flipper",
    "hologram",
    "check",
    "exit",
    "desk",
    "line",
    "authority",
    "station",
];
/// Everything that can come of a fault. `order`: it cut a technician's order short. `late`: a phase
/// took longer than planned.
pub const OUTCOMES: [&str; 9] = [
    "refused",
    "untouched",
    "done",
    "spoiled",
    "unknown",
    "astray",
    "given-up",
    "order",
    "late",
];

/// The faults that pass the filter, oldest first.
#[must_use]
pub fn faults<'a>(
    entries: impl IntoIterator<Item = (u64, &'a Entry)>,
    filter: &Filter,
) -> Vec<Fault> {
    let wanted = |fault: &Fault| {
        let same = |wanted: &Option<String>, is: &str| {
            wanted
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(is))
        };
        same(&filter.code, fault.code.map_or("", Code::name))
            && same(&filter.zone, fault.zone)
            && same(&filter.outcome, fault.outcome)
    };
    let all = entries
        .into_iter()
        .flat_map(|(sequence, entry)| told_by(sequence, entry));
    let mut all: Vec<Fault> = all.filter(wanted).collect();
    if let Some(last) = filter.last {
        all.drain(..all.len().saturating_sub(last));
    }
    all
}

fn told_by(sequence: u64, entry: &Entry) -> Vec<Fault> {
    let at = entry.at;
    let stopped = |code, step, outcome| Fault {
        sequence,
        at,
        code: Some(code),
        zone: zone(code, step),
        outcome,
        late: None,
    };
    let late = |miss: &Miss| Fault {
        sequence,
        at,
        code: None,
        zone: zone_of_phase(&miss.phase),
        outcome: "late",
        late: Some(miss.clone()),
    };
    match &entry.what {
        What::Issuance(event) => told(event)
            .map(|(code, step, outcome)| stopped(code, step, outcome))
            .into_iter()
            .collect(),
        What::Service(Service::Failed { fault }) => vec![stopped(*fault, None, "order")],
        What::Timed { misses, .. } => misses.iter().map(late).collect(),
        What::Service(Service::Began { .. } | Service::Ended { .. })
        | What::Wanted { .. }
        | What::Stock(_)
        | What::Checkpoint { .. }
        | What::Started { .. }
        | What::Counted { .. }
        | What::TakenOver(_) => Vec::new(),
    }
}

fn told(event: &Event) -> Option<(Code, Option<Step>, &'static str)> {
    match event {
        Event::Refused { step, fault } => Some((*fault, Some(*step), "refused")),
        Event::Found {
            step,
            finding,
            fault,
            ..
        } => {
            let outcome = match finding {
                Finding::Done => "done",
                Finding::Untouched => "untouched",
                Finding::Spoiled => "spoiled",
                Finding::Unknown => "unknown",
            };
            fault.map(|fault| (fault, Some(*step), outcome))
        }
        Event::Astray { fault } => Some((*fault, None, "astray")),
        Event::GivenUp { fault } => Some((*fault, None, "given-up")),
        Event::Declined { fault } => Some((*fault, None, "refused")),
        Event::Asked { .. }
        | Event::Granted { .. }
        | Event::Opened { .. }
        | Event::Began { .. }
        | Event::Finished { .. }
        | Event::Decided { .. }
        | Event::KeysAsked { .. }
        | Event::KeysHeld { .. }
        | Event::Owed { .. }
        | Event::Acknowledged { .. }
        | Event::Voided
        | Event::Closed => None,
    }
}

/// Where a fault is: by its code where the code says so, else by the step that it stopped.
fn zone(code: Code, step: Option<Step>) -> &'static str {
    zone_of(code).unwrap_or_else(|| step.map_or("station", zone_of_step))
}

/// Where a fault is by its code alone: one of [`ZONES`], or none where the code does not say.
#[must_use]
pub fn zone_of(code: Code) -> Option<&'static str> {
    let by_code = [
        ("P-JAM-FEED", "feeder"),
        ("P-JAM-ENCODER", "encoder"),
        ("P-JAM-HEAD", "head"),
        ("P-JAM-FLIP", "flipper"),
        ("P-JAM-HOLOGRAM", "hologram"),
        ("P-JAM-CHECK", "check"),
        ("P-JAM-EXIT", "exit"),
        ("P-HOPPER", "hopper"),
        ("P-NOT-PICKED", "hopper"),
        ("P-DOUBLE", "hopper"),
        ("P-RIBBON", "head"),
        ("P-HEAD", "head"),
        ("P-PATCH", "hologram"),
        ("P-SCANNER", "check"),
        ("S-", "check"),
        ("L-", "line"),
        ("A-", "authority"),
        ("O-", "desk"),
        ("J-", "station"),
        ("X-", "station"),
        ("D-", "station"),
    ];
    let known = by_code
        .iter()
        .find(|(start, _)| code.name().starts_with(start));
    known.map(|(_, zone)| *zone)
}

fn zone_of_step(step: Step) -> &'static str {
    match step {
        Step::Feed => "feeder",
        Step::Encode | Step::Lock | Step::Terminate => "encoder",
        Step::Print(_) => "head",
        Step::Flip => "flipper",
        Step::Hologram => "hologram",
        Step::Check => "check",
        Step::Eject | Step::Release | Step::HandOver | Step::Reject | Step::RemoveByHand => "exit",
        Step::SightOld | Step::CollectOld | Step::Punch => "desk",
    }
}

/// Where the machine is in a phase of the plan; the whole card is the station's.
fn zone_of_phase(phase: &str) -> &'static str {
    let zones = [
        ("link_check", "line"),
        ("feed", "feeder"),
        ("keys", "authority"),
        ("chip", "encoder"),
        ("back", "head"),
        ("front", "head"),
        ("flip", "flipper"),
        ("hologram", "hologram"),
        ("check", "check"),
        ("eject", "exit"),
    ];
    let known = zones.iter().find(|(start, _)| phase.starts_with(start));
    known.map_or("station", |(_, zone)| zone)
}

/// How long one phase took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PhaseTimes {
    /// Its key in the budget.
    pub phase: String,
    /// The spread, in milliseconds.
    pub ms: Spread,
}

/// The measured times of the last cards, phase by phase.
#[must_use]
pub fn measured<'a>(
    entries: impl DoubleEndedIterator<Item = &'a Entry>,
    last: usize,
) -> Vec<Measured> {
    let mut phases: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    let timed = entries.rev().filter_map(|entry| {
        let What::Timed { phases, .. } = &entry.what else {
            return None;
        };
        Some(phases)
    });
    for (phase, ms) in timed.take(last).flatten() {
        phases.entry(phase.clone()).or_default().push(*ms);
    }
    let measured = phases.into_iter();
    measured.map(|(phase, ms)| Measured { phase, ms }).collect()
}

/// The spread of each phase's times.
#[must_use]
pub fn spreads(measured: &[Measured]) -> Vec<PhaseTimes> {
    let times = measured.iter().filter_map(|one| {
        let phase = one.phase.clone();
        Spread::of(&one.ms).map(|ms| PhaseTimes { phase, ms })
    });
    times.collect()
}

/// What one record is, without what it says of anybody: tags, and the fault where there is one.
#[must_use]
pub fn state_of(entry: &Entry) -> String {
    match &entry.what {
        What::Issuance(event) => {
            let fault = told(event).map(|(code, _, outcome)| format!(" {outcome} {code}"));
            let json = serde_json::to_value(event).unwrap_or_default();
            let step = json.get("step").map(|step| format!(" {}", in_words(step)));
            let words = [step, fault].map(Option::unwrap_or_default).concat();
            format!(
                "issuance {}{words}",
                json["event"].as_str().unwrap_or_default()
            )
        }
        What::Service(Service::Began { order, .. }) => format!("service began {order}"),
        What::Service(Service::Failed { fault }) => format!("service failed {fault}"),
        What::Service(Service::Ended { .. }) => "service ended".to_owned(),
        What::TakenOver(_) => "taken-over".to_owned(),
        What::Wanted { .. }
        | What::Timed { .. }
        | What::Stock(_)
        | What::Checkpoint { .. }
        | What::Started { .. }
        | What::Counted { .. } => in_words(&entry.what),
    }
}

/// The name of a variant, or of the one inside it, and nothing of its members.
fn in_words(of: &impl Serialize) -> String {
    let json = serde_json::to_value(of).unwrap_or_default();
    if let Some(name) = json.as_str() {
        return name.to_owned();
    }
    let Some((name, inner)) = json.as_object().and_then(|members| members.iter().next()) else {
        return String::new();
    };
    match inner.as_str().filter(|inner| inner.len() < 12) {
        Some(inner) => format!("{name} {inner}"),
        None => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Budget, Deadlines};
    use crate::issuance::{Panel, WHOLE};

    fn entry(what: What) -> Entry {
        Entry::new(Timestamp::UNIX_EPOCH, what)
    }

    fn refused(step: Step, fault: Code) -> Entry {
        entry(What::Issuance(Event::Refused { step, fault }))
    }

    fn journal() -> Vec<Entry> {
        let spoiled = Event::Found {
            step: Step::Print(Panel::C),
            finding: Finding::Spoiled,
            fault: Some(Code::RibbonOut),
            proof: None,
        };
        vec![
            refused(Step::Feed, Code::HopperEmpty),
            entry(What::Issuance(spoiled)),
            refused(Step::Encode, Code::ChipSilent),
            entry(What::Issuance(Event::Closed)),
        ]
    }

    fn found(filter: Filter) -> Vec<(u64, &'static str, &'static str)> {
        let journal = journal();
        let numbered = (1..).zip(&journal);
        let all = faults(numbered, &filter);
        all.iter()
            .map(|fault| (fault.sequence, fault.zone, fault.outcome))
            .collect()
    }

    #[test]
    fn faults_are_found_by_code_zone_and_outcome() {
        let all = [
            (1, "hopper", "refused"),
            (2, "head", "spoiled"),
            (3, "encoder", "refused"),
        ];
        assert_eq!(found(Filter::default()), all);
        let only = |field: &str, value: &str| {
            let value = |name: &str| (field == name).then(|| value.to_owned());
            found(Filter {
                code: value("code"),
                zone: value("zone"),
                outcome: value("outcome"),
                last: None,
            })
        };
        assert_eq!(only("code", "p-ribbon-out"), all[1..2]);
        assert_eq!(only("zone", "encoder"), all[2..]);
        assert_eq!(only("outcome", "refused"), [all[0], all[2]]);
        let newest = Filter {
            last: Some(1),
            ..Filter::default()
        };
        assert_eq!(found(newest), all[2..]);
    }

    #[test]
    fn what_cut_an_order_short_and_what_was_late_is_told_too() {
        let failed = entry(What::Service(Service::Failed {
            fault: Code::JamHead,
        }));
        let missed = |phase: &str| Miss {
            phase: phase.into(),
            planned_ms: 2_500,
            actual_ms: 3_100,
            causes: Vec::new(),
        };
        let timed = entry(What::Timed {
            phases: Vec::new(),
            elapsed_ms: None,
            misses: vec![missed("front_cyan"), missed(WHOLE)],
        });
        let journal = [(7, &failed), (8, &timed)];
        let all = faults(journal, &Filter::default());
        let told: Vec<_> = all
            .iter()
            .map(|one| (one.sequence, one.code, one.zone, one.outcome))
            .collect();
        let expected = [
            (7, Some(Code::JamHead), "head", "order"),
            (8, None, "head", "late"),
            (8, None, "station", "late"),
        ];
        assert_eq!(told, expected);
        assert!(all.iter().all(|one| OUTCOMES.contains(&one.outcome)));
        assert_eq!(state_of(&failed), "service failed P-JAM-HEAD");
        let plan = Budget::default().timed(&Deadlines::default());
        let unknown = plan
            .iter()
            .find(|one| zone_of_phase(one.phase) == "station");
        assert!(unknown.is_none(), "{unknown:?}");
    }

    #[test]
    fn every_zone_and_outcome_that_is_told_can_be_asked_for() {
        for code in Code::ALL {
            assert!(ZONES.contains(&zone(*code, None)), "{code}");
        }
        for (_, zone, outcome) in found(Filter::default()) {
            assert!(ZONES.contains(&zone) && OUTCOMES.contains(&outcome));
        }
    }

    #[test]
    fn states_name_steps_and_faults_and_nobody() {
        let journal = journal();
        let told: Vec<String> = journal.iter().map(state_of).collect();
        assert_eq!(told[0], "issuance refused feed refused P-HOPPER-EMPTY");
        assert_eq!(told[1], "issuance found print c spoiled P-RIBBON-OUT");
        assert_eq!(told[3], "issuance closed");
        let granted = r#"{"v":1,"at":"1970-01-01T00:00:00Z","what":{"wanted":
            {"select":{"reception":"2026-000001"},"clerk":{"person":"c1","role":"clerk"}}}}"#;
        let entry: Entry = serde_json::from_str(granted).expect("an entry");
        assert_eq!(state_of(&entry), "wanted");
    }

    #[test]
    fn only_the_last_cards_are_measured() {
        let timed = |ms| {
            entry(What::Timed {
                phases: vec![("feed".into(), ms)],
                elapsed_ms: None,
                misses: Vec::new(),
            })
        };
        let journal = [timed(9_000), timed(2_200), timed(2_300)];
        let measured = measured(journal.iter(), 2);
        assert_eq!(measured[0].ms, [2_300, 2_200]);
        assert_eq!(spreads(&measured)[0].ms.median, 2_200);
    }
}
