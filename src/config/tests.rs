//! The configuration as offices write it, right and wrong.

use super::*;

pub(super) const GOOD: &str = r#"
[station]
id = "T-01"
office = "見本出入国在留管理局"
data_folder = "data"

[authority]
enrolment_folder = "enrolment"

[printer]
port = "/dev/ttyACM0"

[readers]
encoder = "Card Printer 00 00"
check = "Card Printer 00 01"
desk = "Desk Reader 01 00"

[layout]
"#;

fn parse(text: &str) -> Result<Config, Error> {
    Config::parse(text, Path::new("station.toml"))
}

fn complaint(text: &str) -> String {
    parse(text).expect_err("must be refused").to_string()
}

#[test]
fn a_printer_without_serial_is_any_but_not_the_nameless_one() {
    assert_eq!(parse(GOOD).expect("good").printer.serial, None);
    let named = GOOD.replace("ttyACM0\"", "ttyACM0\"\nserial = \"A7\"");
    assert_eq!(
        parse(&named).expect("good").printer.serial.as_deref(),
        Some("A7")
    );
    assert!(complaint(&named.replace("A7", "")).contains("printer.serial"));
}

#[test]
fn the_shortest_file_gets_the_defaults() {
    let config = parse(GOOD).expect("good");
    assert_eq!(config.printer.baud, 921_600);
    assert_eq!(config.layout.resolution_dpi, 300);
    assert_eq!(config.readers.apdu_length, ApduLength::Auto);
    assert_eq!(config.budget_s, Budget::default());
}

#[test]
fn the_planned_phases_fit_the_forty_seconds() {
    assert_eq!(Budget::default().total_ms(), 37_200);
    assert!(Budget::default().total_ms() < LIMIT_MS);
}

#[test]
fn a_deadline_is_that_of_the_file_or_leaves_a_slow_machine_its_time() {
    let of = |sections: &str, phase: &str| {
        let config = parse(&format!("{GOOD}\n{sections}")).expect("good");
        let plan = config.plan();
        let found = plan.iter().find(|plan| plan.phase == phase).copied();
        found.expect("a phase").deadline_ms
    };
    assert_eq!(of("", "flip"), 15_000);
    assert_eq!(of("[deadline_s]\nflip = 4.5", "flip"), 4_500);
    assert_eq!(of("[budget_s]\nflip = 8.0", "flip"), 24_000);
    assert_eq!(of("", "keys"), 2_000);
}

#[test]
fn a_move_has_no_deadline_of_its_own() {
    let said = complaint(&GOOD.replace("[layout]", "[layout]\n[deadline_s]\nto_head = 3.0"));
    let expected = "station.toml:20: deadline_s.to_head: unknown field";
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn what_is_within_the_tolerance_is_no_miss() {
    let plan = |planned_ms| Planned {
        phase: "flip",
        planned_ms,
        deadline_ms: 15_000,
    };
    assert_eq!(plan(2_000).missed_by(2_300), None);
    assert_eq!(plan(2_000).missed_by(2_301), Some(301));
    assert_eq!(plan(6_900).missed_by(7_590), None);
    assert_eq!(plan(6_900).missed_by(7_600), Some(700));
}

#[test]
fn an_unknown_key_is_refused_with_line_and_key() {
    let text = GOOD.replace("[layout]", "[layout]\nresolution = 300");
    let said = complaint(&text);
    assert!(
        said.starts_with("station.toml:19: layout.resolution: unknown field"),
        "{said}"
    );
}

#[test]
fn a_wrong_type_is_refused_with_line_and_key() {
    let text = GOOD.replace("\"/dev/ttyACM0\"", "\"/dev/ttyACM0\"\nbaud = \"fast\"");
    let said = complaint(&text);
    assert!(
        said.starts_with("station.toml:12: printer.baud: "),
        "{said}"
    );
}

#[test]
fn a_missing_key_names_its_section() {
    let said = complaint(&GOOD.replace("office = \"見本出入国在留管理局\"\n", ""));
    assert!(said.contains("station: missing field `office`"), "{said}");
}

#[test]
fn values_that_cannot_be_meant_are_refused_where_they_stand() {
    let cases = [
        (
            "id = \"T-01\"",
            "id = \"T 01\"",
            "station.toml:3: station.id: is not an id",
        ),
        (
            "\"/dev/ttyACM0\"",
            "\"/dev/ttyACM0\"\nbaud = 921601",
            "station.toml:12: printer.baud: is no line speed",
        ),
        (
            "Card Printer 00 01",
            "Card Printer 00 00",
            "station.toml:15: readers.check: two places have the same reader",
        ),
        (
            "[layout]",
            "[layout]\nresolution_dpi = 301",
            "station.toml:19: layout.resolution_dpi: is no resolution of this print head",
        ),
        (
            "[layout]",
            "[layout]\n[deadline_s]\nfeed = 0.01",
            "station.toml:20: deadline_s.feed: is not a deadline between 0.1 and 120 seconds",
        ),
        (
            "[layout]",
            "[layout]\n[budget_s]\nfeed = 3.0\n[deadline_s]\nfeed = 2.9",
            "station.toml:22: deadline_s.feed: is over before its phase is planned to end",
        ),
        (
            "[layout]",
            "[layout]\n[deadline_s]\nback = 2.4",
            "station.toml:20: deadline_s.back: is over before its phase is planned to end",
        ),
        (
            "[layout]",
            "[layout]\n[budget_s]\nfeed = -1.0",
            "station.toml:20: budget_s.feed: is not a time between 0 and 40 seconds",
        ),
    ];
    for (from, to, expected) in cases {
        assert_eq!(complaint(&GOOD.replace(from, to)), expected);
    }
}

#[test]
fn folders_count_from_the_files_own_folder() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("station.toml");
    std::fs::write(&file, GOOD).expect("written");
    let config = Config::load(&file).expect("good");
    assert_eq!(
        config.journal_file(),
        folder.path().join("data/journal.sqlite")
    );
    assert_eq!(config.printer.port, Path::new("/dev/ttyACM0"));
}

#[test]
fn every_mistake_has_words_and_a_remedy_in_both_languages() {
    let all = [
        Mistake::Empty,
        Mistake::NotAnId,
        Mistake::Baud,
        Mistake::SameReader,
        Mistake::Resolution,
        Mistake::Seconds,
        Mistake::Deadline,
        Mistake::DeadlineBelowPlan,
    ];
    for mistake in all {
        let (ja, en) = mistake.remedy();
        assert!(!mistake.japanese().is_empty() && ja.ends_with('。') && en.ends_with('.'));
    }
}
