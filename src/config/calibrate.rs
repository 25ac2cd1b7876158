//! Measured times become the plan: written into `[budget_s]` of the configuration's text, with
//! every comment and every other line left as it stands. Pure but for [`calibrate_file`].

use std::io::Write;
use std::path::Path;

use serde::Serialize;
use toml_edit::{DocumentMut, Item, Table, Value};

use super::{Config, Error};

/// Fewer measurements of a phase than this change nothing.
pub const FEWEST: usize = 3;
/// What is added to the median, so that the machine's own scatter is no miss …
const MARGIN_PART: u32 = 20;
/// … and no less than this.
const MARGIN_MS: u32 = 50;

/// The measured times of one phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// Its key in the budget, as it is timed: with the move that leads to it.
    pub phase: String,
    /// Each measurement, in milliseconds, in any order.
    pub ms: Vec<u32>,
}

/// What calibration changes in one phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The phase's key.
    pub phase: &'static str,
    /// Measurements that it rests on.
    pub measured: usize,
    /// Their median, in milliseconds.
    pub median_ms: u32,
    /// Planned before, in milliseconds, with the move that leads to it.
    pub before_ms: u32,
    /// Planned from now on, in milliseconds, with the move that leads to it.
    pub planned_ms: u32,
}

/// A configuration with measured times in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calibrated {
    /// The new text of the file.
    pub text: String,
    /// What was changed, in the order of the plan.
    pub changes: Vec<Change>,
    /// The whole plan from now on, in milliseconds. Above [`super::LIMIT_MS`] this machine
    /// cannot keep the contract, and somebody must look at it.
    pub total_ms: u32,
}

/// Makes the median of each phase, and a margin, its planned time. Phases that were measured less
/// than [`FEWEST`] times stay as they are, and so do names that the plan does not know.
///
/// # Errors
/// As [`Config::parse`], for the text as it is and as it would be: a deadline in the file that
/// is over before the measured time is refused, and then nothing is changed.
pub fn calibrate(text: &str, file: &Path, measured: &[Measured]) -> Result<Calibrated, Error> {
    let config = Config::parse(text, file)?;
    let mut document: DocumentMut = text
        .parse()
        .map_err(|cause| super::error::from_edit(file, text, &cause))?;
    let changes = changes(&config, measured);
    for change in &changes {
        let own = config
            .budget_s
            .without_move_ms(change.phase, change.planned_ms);
        set(&mut document, change.phase, f64::from(own) / 1000.0);
    }
    let text = document.to_string();
    let total_ms = Config::parse(&text, file)?.budget_s.total_ms();
    Ok(Calibrated {
        text,
        changes,
        total_ms,
    })
}

/// Calibrates the configuration file itself: whole or not at all.
///
/// # Errors
/// As [`calibrate`]; `Unreadable` and `Unwritable`.
pub fn calibrate_file(file: &Path, measured: &[Measured]) -> Result<Calibrated, Error> {
    let read = |cause| Error::Unreadable {
        file: file.to_owned(),
        cause,
    };
    let text = std::fs::read_to_string(file).map_err(read)?;
    let calibrated = calibrate(&text, file, measured)?;
    replace(file, &calibrated.text).map_err(|cause| Error::Unwritable {
        file: file.to_owned(),
        cause,
    })?;
    Ok(calibrated)
}

/// A new file beside the old one takes its place, with its permissions.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let file = std::fs::canonicalize(file)?;
    let beside = file.with_extension("toml.new");
    let mut new = std::fs::File::create(&beside)?;
    new.set_permissions(std::fs::metadata(&file)?.permissions())?;
    new.write_all(text.as_bytes())?;
    new.sync_all()?;
    std::fs::rename(&beside, &file)
}

fn changes(config: &Config, measured: &[Measured]) -> Vec<Change> {
    let plan = config.budget_s.timed(&config.deadline_s);
    let change = |plan: &super::Planned| {
        let of_phase = measured.iter().filter(|m| m.phase == plan.phase);
        let mut ms: Vec<u32> = of_phase.flat_map(|m| m.ms.iter().copied()).collect();
        if ms.len() < FEWEST {
            return None;
        }
        ms.sort_unstable();
        let median_ms = ms[ms.len() / 2];
        let planned_ms = whole_tens(median_ms + MARGIN_MS.max(median_ms / MARGIN_PART));
        Some(Change {
            phase: plan.phase,
            measured: ms.len(),
            median_ms,
            before_ms: plan.planned_ms,
            planned_ms,
        })
    };
    plan.iter().filter_map(change).collect()
}

/// A hundredth of a second is as fine as people read a plan.
fn whole_tens(ms: u32) -> u32 {
    ms.div_ceil(10) * 10
}

/// Sets a phase's value where it stands, else at the end of its section.
fn set(document: &mut DocumentMut, phase: &str, seconds: f64) {
    let section = document
        .entry("budget_s")
        .or_insert_with(|| Item::Table(Table::new()));
    let Some(section) = section.as_table_like_mut() else {
        return;
    };
    match section.get_mut(phase).and_then(Item::as_value_mut) {
        Some(value) => {
            // What stands around the number, a comment at its line's end included, stays.
            let around = value.decor().clone();
            *value = Value::from(seconds);
            *value.decor_mut() = around;
        }
        None => {
            section.insert(phase, toml_edit::value(seconds));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::GOOD;

    fn measured(phase: &str, ms: &[u32]) -> Measured {
        Measured {
            phase: phase.to_owned(),
            ms: ms.to_vec(),
        }
    }

    fn with(section: &str) -> String {
        format!("# Counter 3, by the window\n{GOOD}\n{section}")
    }

    fn run(text: &str, all: &[Measured]) -> Result<Calibrated, Error> {
        calibrate(text, Path::new("station.toml"), all)
    }

    #[test]
    fn the_median_and_a_margin_become_the_plan_and_comments_stay() {
        let text = with("[budget_s] # measured in spring\nfeed = 2.2 # new rollers\n");
        let times = [measured("feed", &[2_400, 9_000, 2_500, 2_410, 2_390])];
        let done = run(&text, &times).expect("calibrated");
        let expected = "[budget_s] # measured in spring\nfeed = 2.53 # new rollers\n";
        assert_eq!(done.text, with(expected));
        let [change] = &done.changes[..] else {
            panic!("{:?}", done.changes)
        };
        assert_eq!((change.median_ms, change.before_ms), (2_410, 2_200));
        assert_eq!((change.planned_ms, change.measured), (2_530, 5));
        assert_eq!(done.total_ms, 37_200 + 330);
    }

    #[test]
    fn a_move_stays_planned_apart_from_its_motion() {
        let done = run(&with(""), &[measured("back", &[2_500; 3])]).expect("calibrated");
        let config = Config::parse(&done.text, Path::new("s.toml")).expect("good");
        assert_eq!((config.budget_s.to_head, config.budget_s.back), (0.4, 2.23));
        assert_eq!(done.changes[0].planned_ms, 2_630);
    }

    #[test]
    fn too_few_measurements_and_unknown_names_change_nothing() {
        let times = [
            measured("feed", &[9_000; FEWEST - 1]),
            measured("sight_old", &[1; 9]),
        ];
        let done = run(&with(""), &times).expect("calibrated");
        assert_eq!((done.text, done.changes), (with(""), Vec::new()));
    }

    #[test]
    fn a_deadline_that_the_measured_time_would_break_is_refused_with_its_line() {
        let text = with("[deadline_s]\nflip = 2.5\n");
        let refused = run(&text, &[measured("flip", &[2_600; 3])]).expect_err("refused");
        let line = text.lines().position(|line| line == "flip = 2.5");
        let expected = format!(
            "station.toml:{}: deadline_s.flip: is over before its phase is planned to end",
            line.expect("there") + 1
        );
        assert_eq!(refused.to_string(), expected);
    }

    #[test]
    fn the_file_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("station.toml");
        std::fs::write(&file, with("")).expect("written");
        let mode = std::fs::Permissions::from_mode(0o640);
        std::fs::set_permissions(&file, mode.clone()).expect("set");
        calibrate_file(&file, &[measured("eject", &[1_500; 4])]).expect("calibrated");
        let config = Config::load(&file).expect("good");
        assert_eq!(config.budget_s.eject, 1.58);
        let now = std::fs::metadata(&file).expect("there").permissions();
        assert_eq!(now.mode() & 0o777, mode.mode() & 0o777);
        assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 1);
    }
}
