//! What a big campaign must have reached, or it fails: faults, rows of the recovery table, ends; each
//! level has its own list.

use super::campaign::Sum;
use super::faults::{Fault, Level};

/// What a campaign of one level must reach.
struct Goals {
    /// From so many issuances on.
    issuances: u64,
    /// Steps, and what must have been found of them in journals.
    rows: &'static [(&'static str, &'static str)],
    /// How jobs must have ended; a beginning of the end's name does.
    ends: &'static [&'static str],
    /// What must have become of the old card in one end or another.
    old_cards: &'static [&'static str],
    /// The machine's own faults.
    machine: &'static [&'static str],
}

const DECISION: Goals = Goals {
    issuances: 100_000,
    rows: &[
        ("SightOld", "untouched spoiled"),
        ("Feed", "done untouched spoiled unknown"),
        ("Encode", "done untouched spoiled unknown"),
        ("Lock", "done untouched spoiled unknown"),
        ("Print(BackK)", "done untouched spoiled unknown"),
        ("Print(Y)", "done untouched spoiled unknown"),
        ("Print(M)", "done untouched spoiled unknown"),
        ("Print(C)", "done untouched spoiled unknown"),
        ("Print(K)", "done untouched spoiled unknown"),
        ("Print(Uv)", "done untouched spoiled unknown"),
        ("Print(Pearl)", "done untouched spoiled unknown"),
        ("Flip", "done untouched unknown"),
        ("Hologram", "done untouched spoiled unknown"),
        ("Check", "untouched spoiled unknown"),
        ("Eject", "done untouched unknown"),
        ("CollectOld", "untouched unknown"),
        ("Release", "done untouched unknown"),
        ("HandOver", "untouched unknown"),
        ("Punch", "untouched unknown"),
        ("Terminate", "done untouched"),
        ("Reject", "done untouched unknown"),
    ],
    ends: &[
        "declined",
        "Delivered",
        "Returned",
        "Spoiled",
        "Quarantined",
        "Withdrawn(HolderAbsent)",
        "Withdrawn(DataWrong)",
        "Withdrawn(DatePassed)",
    ],
    old_cards: &[
        "NotRequired",
        "Expected",
        "Sighted",
        "Punched",
        "LostDeclared",
        "Waived",
        "Forged",
        "GivenBack",
    ],
    machine: &[],
};

const BYTES: Goals = Goals {
    issuances: 5_000,
    rows: &[
        ("SightOld", "spoiled untouched"),
        ("Feed", "done spoiled unknown untouched"),
        ("Encode", "done spoiled unknown untouched"),
        ("Lock", "done spoiled unknown untouched"),
        ("Print(BackK)", "done spoiled untouched"),
        ("Print(Y)", "done spoiled unknown untouched"),
        ("Print(M)", "done spoiled untouched"),
        ("Print(C)", "done spoiled untouched"),
        ("Print(K)", "done spoiled untouched"),
        ("Print(Uv)", "done spoiled untouched"),
        ("Print(Pearl)", "done spoiled untouched"),
        ("Flip", "done unknown untouched"),
        ("Hologram", "done spoiled unknown untouched"),
        ("Check", "spoiled unknown untouched"),
        ("Eject", "unknown untouched"),
        ("CollectOld", "spoiled unknown untouched"),
        ("Release", "done untouched"),
        ("HandOver", "untouched"),
        ("Punch", "untouched"),
        ("Terminate", "done unknown untouched"),
        ("Reject", "done unknown untouched"),
    ],
    ends: &[
        "Delivered / old card LostDeclared",
        "Delivered / old card NotRequired",
        "Delivered / old card Punched",
        "Delivered / old card Waived",
        "Quarantined / old card GivenBack",
        "Quarantined / old card LostDeclared",
        "Quarantined / old card NotRequired",
        "Returned / old card Expected",
        "Returned / old card Forged",
        "Returned / old card GivenBack",
        "Returned / old card LostDeclared",
        "Returned / old card NotRequired",
        "Spoiled / old card GivenBack",
        "Spoiled / old card LostDeclared",
        "Spoiled / old card NotRequired",
        "Spoiled / old card Waived",
        "Withdrawn(DataWrong) / old card GivenBack",
        "Withdrawn(DataWrong) / old card LostDeclared",
        "Withdrawn(DataWrong) / old card NotRequired",
        "Withdrawn(HolderAbsent) / old card GivenBack",
        "Withdrawn(HolderAbsent) / old card LostDeclared",
        "Withdrawn(HolderAbsent) / old card NotRequired",
        "Withdrawn(OldForged) / old card Forged",
        "declined",
    ],
    old_cards: &[],
    machine: &[
        "card-lost",
        "chip-dies",
        "counter-jumped",
        "cover-open",
        "cover-opened",
        "done-early",
        "firmware",
        "jam",
        "power-cut",
        "ribbon-out",
        "ribbon-stuck",
        "stale-answer",
        "stuck-jam",
        "unknown-condition",
    ],
};

/// What a campaign that is big enough should have reached and did not.
pub(super) fn missed(level: Level, sum: &Sum) -> Vec<String> {
    let goals = match level {
        Level::Decision => &DECISION,
        Level::Bytes => &BYTES,
    };
    if sum.issuances < goals.issuances {
        return Vec::new();
    }
    let faults = Fault::ALL
        .iter()
        .filter(|fault| fault.is_of(level) && !sum.strikes.contains_key(fault))
        .map(|fault| fault.name().to_owned());
    let rows = goals.rows.iter().flat_map(|(step, findings)| {
        let wanted = findings.split(' ');
        wanted.map(move |finding| (*step, finding))
    });
    let met = |(step, finding): &(&str, &str)| {
        let mut rows = sum.reached.rows.iter();
        rows.any(|(met, found)| found == finding && format!("{met:?}") == *step)
    };
    let rows = rows
        .filter(|wanted| !met(wanted))
        .map(|(step, finding)| format!("{step} {finding}"));
    let reached = &sum.reached.ends;
    let ends = goals
        .ends
        .iter()
        .filter(|end| !reached.iter().any(|met| met.starts_with(*end)))
        .map(|end| (*end).to_owned());
    let old = goals
        .old_cards
        .iter()
        .filter(|old| !reached.iter().any(|met| met.ends_with(*old)))
        .map(|old| format!("old card {old}"));
    let machine = goals
        .machine
        .iter()
        .filter(|name| !sum.reached.machine.contains_key(**name))
        .map(|name| format!("the machine's {name}"));
    faults
        .chain(rows)
        .chain(ends)
        .chain(old)
        .chain(machine)
        .collect()
}
