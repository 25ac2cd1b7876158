//! Faults in store: from a TOML file, from the control socket, and by chance. Pure text to
//! values; the machine asks it when a motion begins.

use crate::Error;
use crate::fault::{Chance, Dice, Fault, Kind, Lie, Step, What, Wish};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use wire::Condition;

/// Faults by card. Cards count from 1 as they are fed by this process.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    faults: Vec<Fault>,
    chance: Option<Chance>,
    dice: Dice,
}

/// A scenario file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// `[[fault]]` tables in order.
    #[serde(default)]
    fault: Vec<Wish>,
    /// `[chance]`: how likely each fault is in a motion that it can strike.
    #[serde(default)]
    chance: BTreeMap<String, f64>,
}

impl Default for Scenario {
    fn default() -> Scenario {
        Scenario {
            faults: Vec::new(),
            chance: None,
            dice: Dice::new(0),
        }
    }
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors  `Content` with the line and the reason, unknown keys included.
    pub fn parse(text: &str, path: &Path) -> Result<Scenario, Error> {
        let content = |line, reason| Error::Content {
            path: path.to_owned(),
            line,
            reason,
        };
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            content(line, error.message().to_owned())
        })?;
        let mut scenario = Scenario::default();
        for (at, wish) in file.fault.iter().enumerate() {
            let line = table_line(text, at);
            let fault = wish.check().map_err(|reason| content(line, reason))?;
            if let Some(other) = scenario.faults.iter().position(|it| it.excludes(&fault)) {
                let other = table_line(text, other);
                let reason = format!("excludes the fault of line {other}: only one can happen");
                return Err(content(line, reason));
            }
            scenario.faults.push(fault);
        }
        let mut rates = Vec::new();
        for (name, rate) in &file.chance {
            let line = key_line(text, name);
            rates.push(rated(name, *rate).map_err(|reason| content(line, reason))?);
        }
        if !rates.is_empty() {
            scenario.chance = Some(Chance::Each(rates));
        }
        Ok(scenario)
    }

    /// The same, with these chances and this seed.
    #[must_use]
    pub fn by_chance(mut self, chance: Option<Chance>, seed: u64) -> Scenario {
        self.chance = chance.or(self.chance);
        self.dice = Dice::new(seed);
        self
    }

    /// What its `[chance]` says.
    pub fn chance(&self) -> Option<&Chance> {
        self.chance.as_ref()
    }

    /// Whether anything is in store in so many words.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Puts one more in store.
    ///
    /// # Errors  Which fault in store it excludes.
    pub fn add(&mut self, fault: Fault) -> Result<(), &'static str> {
        if let Some(other) = self
            .faults
            .iter()
            .find(|it| it.times > 0 && it.excludes(&fault))
        {
            return Err(other.what.row().name);
        }
        self.faults.retain(|fault| fault.times > 0);
        self.faults.push(fault);
        Ok(())
    }

    /// Takes all out of store, or those of one kind; says how many.
    pub fn clear(&mut self, what: Option<What>) -> usize {
        let before = self.faults.len();
        self.faults
            .retain(|fault| what.is_some_and(|what| what != fault.what));
        before - self.faults.len()
    }

    /// The faults that strike this step of this card now; each is spent once per call.
    pub fn strike(&mut self, card: u32, step: Step) -> Vec<Fault> {
        let mut struck = Vec::new();
        for fault in &mut self.faults {
            let here = fault.card == card || (fault.standing && fault.card <= card);
            if here && fault.times > 0 && fault.strikes(step) {
                let stays = fault.standing || lasts(fault.what);
                fault.times -= u32::from(!stays);
                struck.push(fault.clone());
            }
        }
        if let Some(chance) = &self.chance
            && let Some((what, at)) = chance.strikes(step, &mut self.dice)
            && struck.is_empty()
        {
            struck.push(Fault {
                card,
                what,
                steps: vec![step],
                at,
                times: 1,
                standing: false,
                told: None,
            });
        }
        struck
    }

    /// The conditions of faults that stand while this card is at hand, with where they strike.
    pub fn standing(&self, card: u32) -> impl Iterator<Item = (Condition, &Fault)> {
        let here = self.faults.iter();
        here.filter(move |fault| fault.standing && fault.card <= card && fault.times > 0)
            .filter_map(|fault| Some((fault.condition()?, fault)))
    }

    /// Changes of what is loaded that are due when this card is the next one; each comes once.
    pub fn changes(&mut self, card: u32) -> Vec<Fault> {
        let due = |fault: &&mut Fault| {
            let loads = matches!(fault.what.row().kind, Kind::Supplies(_));
            loads && fault.card <= card && fault.times > 0
        };
        let mut changes = Vec::new();
        for fault in self.faults.iter_mut().filter(due) {
            fault.times = 0;
            changes.push(fault.clone());
        }
        changes
    }
}

/// Whether the fault belongs to the card, not to one motion.
fn lasts(what: What) -> bool {
    match what.row().kind {
        Kind::Lies(Lie::BlankPass | Lie::PreviousPanel) => true,
        Kind::Lies(_)
        | Kind::Refuses(_)
        | Kind::RefusesAsTold
        | Kind::Ends(..)
        | Kind::EndsAsTold
        | Kind::Jams(_)
        | Kind::KillsChip
        | Kind::CutsPower
        | Kind::Supplies(_)
        | Kind::HeatsHead(_)
        | Kind::CoolsHeater(_)
        | Kind::Shows(_) => false,
    }
}

fn rated(name: &str, rate: f64) -> Result<(What, f64), String> {
    let what = What::named(name).ok_or_else(|| {
        format!("unknown fault `{name}`; `firmware-sim control faults` lists them")
    })?;
    let plain = Wish {
        card: 1,
        what: name.to_owned(),
        step: what.row().steps.first().map(|step| step.name().to_owned()),
        ..Wish::default()
    };
    plain.check()?;
    if (0.0..=1.0).contains(&rate) {
        Ok((what, rate))
    } else {
        Err(format!("a probability lies between 0 and 1, not at {rate}"))
    }
}

/// The line of a byte, from 1.
pub(crate) fn line_of(text: &str, byte: usize) -> usize {
    text.bytes()
        .take(byte)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

/// The line of the n-th `[[fault]]`.
fn table_line(text: &str, n: usize) -> usize {
    let heads = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.trim().starts_with("[[fault]]"));
    heads.map(|(at, _)| at + 1).nth(n).unwrap_or(1)
}

/// The first line that gives this key a value.
pub(crate) fn key_line(text: &str, key: &str) -> usize {
    let gives = |line: &str| {
        let name = line.split('=').next().unwrap_or_default().trim();
        line.contains('=') && name.trim_matches(['"', '\'']) == key
    };
    text.lines().position(gives).map_or(1, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Scenario, String> {
        Scenario::parse(text, Path::new("s.toml")).map_err(|error| error.to_string())
    }

    fn one(rest: &str) -> Result<Scenario, String> {
        parse(&format!("[[fault]]\ncard = 1\n{rest}\n"))
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let refusal = parse("[[fault]]\ncard = 1\nwhat = \"jam\"\nwhere = 3\n").unwrap_err();
        assert!(
            refusal.starts_with("s.toml, line 4: unknown field `where`"),
            "{refusal}"
        );
    }

    #[test]
    fn a_fault_that_cannot_happen_there_is_refused_with_its_line() {
        let text = "\n[[fault]]\ncard = 1\nwhat = \"dead-chip\"\n[[fault]]\ncard = 1\nwhat = \"power-cut\"\n";
        let refusal = parse(text).unwrap_err();
        assert!(
            refusal.starts_with("s.toml, line 5: this fault needs a `step`: feed, "),
            "{refusal}"
        );
        let refusal = one("what = \"ribbon-out\"\nstep = \"flip\"").unwrap_err();
        assert_eq!(
            refusal,
            "s.toml, line 1: `ribbon-out` cannot happen in `flip`: back-k, y, m, c, k, uv, pearl"
        );
    }

    #[test]
    fn what_nobody_can_mean_is_refused_with_the_reason() {
        for (text, reason) in [
            ("what = \"gremlin\"", "unknown fault `gremlin`"),
            ("what = \"jam\"\nstep = \"lunch\"", "unknown step `lunch`"),
            ("what = \"jam\"\nat = 1.5", "`at` is a part of the motion"),
            ("what = \"jam\"\ntimes = 0", "`times` counts from 1"),
            ("what = \"jam\"\nstanding = true", "`jam` cannot stand"),
            (
                "what = \"tray-full\"\nat = 0.2",
                "`tray-full` has no moment",
            ),
            (
                "what = \"fails\"\nstep = \"y\"",
                "this fault needs a `condition`",
            ),
            (
                "what = \"fails\"\nstep = \"y\"\ncondition = \"P-NONSENSE\"",
                "`P-NONSENSE` is no condition",
            ),
            (
                "what = \"jam\"\ncondition = \"P-FIRMWARE\"",
                "this fault has its own condition",
            ),
            (
                "what = \"jam\"\n[chance]\njam = 1.5",
                "a probability lies between 0 and 1",
            ),
            (
                "what = \"jam\"\n[chance]\ngremlin = 0.5",
                "unknown fault `gremlin`",
            ),
            (
                "what = \"jam\"\n[chance]\nfails = 0.5",
                "this fault needs a `condition`",
            ),
        ] {
            let refusal = one(text).expect_err(text);
            assert!(refusal.contains(reason), "{refusal}");
        }
        let chance = one("what = \"jam\"\n[chance]\njam = 0.5\nribbon-out = -1").unwrap_err();
        assert!(chance.starts_with("s.toml, line 6: "), "{chance}");
    }

    #[test]
    fn two_faults_that_exclude_each_other_are_refused_with_both_lines() {
        let both = |one: &str, two: &str| {
            parse(&format!(
                "[[fault]]\ncard = 1\n{one}\n[[fault]]\ncard = 1\n{two}\n"
            ))
        };
        let jam = "what = \"jam\"\nstep = \"y\"";
        let refusal = both(jam, "what = \"ribbon-out\"\nstep = \"y\"").unwrap_err();
        assert!(
            refusal.starts_with("s.toml, line 5: excludes the fault of line 1"),
            "{refusal}"
        );
        let chip = "what = \"chip-dies\"\nstep = \"check\"";
        assert!(both("what = \"dead-chip\"", chip).is_err());
        assert!(both("what = \"blank-face\"", "what = \"previous-photo\"").is_err());
        assert!(both(jam, "what = \"ribbon-out\"\nstep = \"m\"").is_ok());
        assert!(both(jam, "what = \"blank-face\"").is_ok());
    }

    #[test]
    fn a_fault_strikes_its_card_and_motion_as_often_as_it_says() {
        let mut scenario =
            parse("[[fault]]\ncard = 2\nwhat = \"jam\"\nstep = \"m\"\ntimes = 2\n").unwrap();
        assert!(scenario.strike(1, Step::M).is_empty());
        assert!(scenario.strike(2, Step::Flip).is_empty());
        let struck = |s: &mut Scenario| s.strike(2, Step::M).len();
        assert_eq!([0; 3].map(|_| struck(&mut scenario)), [1, 1, 0]);
    }

    #[test]
    fn chance_is_the_seeds_and_as_rare_as_it_says() {
        let strikes = |chance: Chance, seed| {
            let mut scenario = Scenario::default().by_chance(Some(chance), seed);
            let struck = |_| scenario.strike(1, Step::Y).pop().map(|fault| fault.what);
            (0..2_000).map(struck).collect::<Vec<_>>()
        };
        let rare = || Chance::Any(0.05);
        assert_eq!(strikes(rare(), 7), strikes(rare(), 7));
        assert_ne!(strikes(rare(), 7), strikes(rare(), 8));
        let count = strikes(rare(), 7).iter().flatten().count();
        assert!((60..140).contains(&count), "{count}");
        let jams = Chance::Each(vec![(What::Jam, 1.0), (What::RibbonOut, 0.5)]);
        let outs = strikes(jams, 1)
            .iter()
            .flatten()
            .filter(|what| **what == What::RibbonOut)
            .count();
        assert!(
            (900..1_100).contains(&outs),
            "a jam usually strikes the back: {outs}"
        );
    }
}
