//! One fault at one card: what was wished, checked against the table. Pure values.

use super::step::Step;
use super::table::{Group, Kind, What};
use serde::Deserialize;
use serde::Serialize;
use wire::Condition;

/// Rows of a pass are burned in between; a fault strikes in the middle unless told otherwise.
const MIDST: f64 = 0.5;

/// A fault as somebody wishes it: not yet checked. `None` is what the table has as usual.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// Which card, from 1; for `hopper-empty` the card that is not there.
    pub card: u32,
    /// The fault's name.
    pub what: String,
    /// The step it happens in.
    pub step: Option<String>,
    /// How far into the motion, 0 to 1.
    pub at: Option<f64>,
    /// How often: the motion fails so many times, then it works.
    pub times: Option<u32>,
    /// It does not wear off, and is seen before it strikes: sensors and conditions show it.
    #[serde(default)]
    pub standing: bool,
    /// For `refuses` and `fails`: the condition's name or code.
    pub condition: Option<String>,
}

/// One fault, at one card, that can happen.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Which card, from 1 as they are fed by this process.
    pub card: u32,
    /// What happens.
    pub what: What,
    /// The steps it happens in.
    pub steps: Vec<Step>,
    /// How far into the motion, 0 to 1.
    pub at: f64,
    /// How often it will still happen.
    pub times: u32,
    /// It does not wear off, and shows.
    pub standing: bool,
    /// The condition that is told, where the entry names it.
    pub told: Option<Condition>,
}

/// A fault in store, as it is shown.
#[derive(Debug, Clone, Serialize)]
pub struct Stored {
    fault: &'static str,
    card: u32,
    steps: Vec<&'static str>,
    at: f64,
    times: u32,
    standing: bool,
}

impl Wish {
    /// The fault that is wished.
    ///
    /// # Errors  Why there can be no such fault.
    pub fn check(&self) -> Result<Fault, String> {
        let what = What::named(&self.what).ok_or_else(|| {
            format!(
                "unknown fault `{}`; `firmware-sim control faults` lists them",
                self.what
            )
        })?;
        let row = what.row();
        if self.card == 0 {
            return Err("cards count from 1".to_owned());
        }
        let at = match self.at {
            Some(at) if !(0.0..=1.0).contains(&at) => {
                return Err("`at` is a part of the motion, 0 to 1".to_owned());
            }
            Some(_) if !row.kind.has_moment() => {
                return Err(format!("`{}` has no moment; leave `at` out", row.name));
            }
            Some(at) => at,
            None if row.kind == Kind::KillsChip => 0.0,
            None => MIDST,
        };
        if self.standing && !row.kind.can_stand() {
            return Err(format!("`{}` cannot stand", row.name));
        }
        if self.times == Some(0) {
            return Err("`times` counts from 1".to_owned());
        }
        Ok(Fault {
            card: self.card,
            what,
            steps: self.steps(what)?,
            at,
            times: self.times.unwrap_or(1),
            standing: self.standing,
            told: self.told(what)?,
        })
    }

    fn steps(&self, what: What) -> Result<Vec<Step>, String> {
        let row = what.row();
        let where_it_can = || {
            let names: Vec<_> = row.steps.iter().map(|step| step.name()).collect();
            names.join(", ")
        };
        match &self.step {
            None if self.standing => Ok(row.steps.to_vec()),
            None if row.usual.is_empty() => {
                Err(format!("this fault needs a `step`: {}", where_it_can()))
            }
            None => Ok(row.usual.to_vec()),
            Some(name) => {
                let step = Step::named(name).ok_or_else(|| format!("unknown step `{name}`"))?;
                if row.steps.contains(&step) {
                    Ok(vec![step])
                } else {
                    let places = where_it_can();
                    Err(format!(
                        "`{}` cannot happen in `{name}`: {places}",
                        row.name
                    ))
                }
            }
        }
    }

    fn told(&self, what: What) -> Result<Option<Condition>, String> {
        let wanted = matches!(what.row().kind, Kind::RefusesAsTold | Kind::EndsAsTold);
        match (&self.condition, wanted) {
            (None, false) => Ok(None),
            (None, true) => Err("this fault needs a `condition`".to_owned()),
            (Some(_), false) => Err("this fault has its own condition".to_owned()),
            (Some(text), true) => condition(text)
                .map(Some)
                .ok_or_else(|| format!("`{text}` is no condition: a name, or a code not 0")),
        }
    }
}

/// A condition by its stable name or by its number, decimal or hexadecimal after `0x`.
fn condition(text: &str) -> Option<Condition> {
    let named = Condition::KNOWN.iter().find(|known| known.name() == text);
    let code = || match text.strip_prefix("0x") {
        Some(hex) => u16::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    };
    let code = || code().filter(|code| *code != 0).map(Condition::from);
    named.copied().or_else(code)
}

impl Fault {
    /// Whether it strikes this step.
    pub fn strikes(&self, step: Step) -> bool {
        self.steps.contains(&step)
    }

    /// The condition that it is refused or ended with, where the table or the entry says it.
    pub fn condition(&self) -> Option<Condition> {
        match self.what.row().kind {
            Kind::Refuses(condition) | Kind::Ends(condition, _) | Kind::Shows(condition) => {
                Some(condition)
            }
            Kind::Lies(super::Lie::DirtyStrip) => Some(Condition::ScannerDirty),
            Kind::RefusesAsTold | Kind::EndsAsTold => self.told,
            Kind::Jams(_)
            | Kind::Lies(_)
            | Kind::KillsChip
            | Kind::CutsPower
            | Kind::Supplies(_)
            | Kind::HeatsHead(_)
            | Kind::CoolsHeater(_) => None,
        }
    }

    /// The condition with which a motion is refused.
    pub fn refusal(&self) -> Option<Condition> {
        match self.what.row().kind {
            Kind::Refuses(_) | Kind::RefusesAsTold => self.condition(),
            Kind::Ends(..)
            | Kind::EndsAsTold
            | Kind::Jams(_)
            | Kind::Lies(_)
            | Kind::KillsChip
            | Kind::CutsPower
            | Kind::Supplies(_)
            | Kind::HeatsHead(_)
            | Kind::CoolsHeater(_)
            | Kind::Shows(_) => None,
        }
    }

    /// Whether both can not happen in the same motion of the same card.
    pub fn excludes(&self, other: &Fault) -> bool {
        let group = |fault: &Fault| fault.what.row().kind.group();
        let (ours, theirs) = (group(self), group(other));
        let meet = self.steps.iter().any(|step| other.strikes(*step));
        // A chip dies once, wherever that is.
        self.card == other.card
            && ours == theirs
            && ((meet && ours != Group::Alone)
                || ours == Group::Chip
                || self.what == other.what && meet)
    }

    /// How it is shown.
    pub fn stored(&self) -> Stored {
        Stored {
            fault: self.what.row().name,
            card: self.card,
            steps: self.steps.iter().map(|step| step.name()).collect(),
            at: self.at,
            times: self.times,
            standing: self.standing,
        }
    }
}
