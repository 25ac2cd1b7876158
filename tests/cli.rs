//! The command line as a person or a program meets it: the real binary, its words and exit codes.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const CONFIG: &str = r#"
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

/// A station's folder with its configuration.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(config: &str) -> Place {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("station.toml"), config).expect("written");
        Place { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn station(&self, line: &str, input: &str) -> Output {
        station(self.folder.path(), line, input)
    }
}

fn station(folder: &Path, line: &str, input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_station"))
        .args(line.split_whitespace())
        .current_dir(folder)
        .env_remove("LC_ALL")
        .env("LC_MESSAGES", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A command that asks nothing may have closed it already.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("the binary ends")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn result(output: &Output) -> Value {
    let stdout = stdout(output);
    let last = stdout.lines().last().unwrap_or_default();
    let result: Value = serde_json::from_str(last).expect("an object a line");
    assert_eq!(result["type"], "result");
    result
}

#[test]
fn help_speaks_the_language_asked_for() {
    let place = Place::new(CONFIG);
    let english = place.station("--help", "");
    assert_eq!(english.status.code(), Some(0));
    assert!(stdout(&english).contains("Make one card, up to the exit slot"));
    let japanese = place.station("issue -h --lang ja", "");
    assert_eq!(japanese.status.code(), Some(0));
    assert!(
        stdout(&japanese).contains("受付番号"),
        "{}",
        stdout(&japanese)
    );
    let one = place.station("help command handover", "");
    assert!(stdout(&one).contains("--last-four"), "{}", stdout(&one));
}

#[test]
fn a_fault_is_explained_and_an_unknown_code_is_a_usage_error() {
    let place = Place::new(CONFIG);
    let known = place.station("help fault p-ribbon-out", "");
    assert_eq!(known.status.code(), Some(0));
    assert!(stdout(&known).contains("P-RIBBON-OUT"));
    assert_eq!(
        place.station("help fault P-NONSENSE", "").status.code(),
        Some(2)
    );
}

#[test]
fn every_fault_is_listed_in_both_languages_and_as_objects() {
    let place = Place::new(CONFIG);
    for lang in ["ja", "en"] {
        let told = place.station(&format!("help faults --lang {lang}"), "");
        assert_eq!(told.status.code(), Some(0));
        let words = stdout(&told);
        assert!(words.contains("P-JAM-FLIP") && words.contains("?-UNKNOWN"));
    }
    let listed = place.station("help faults --json", "");
    let count = result(&listed)["faults"].as_u64().expect("a count");
    let objects = stdout(&listed);
    let faults: Vec<Value> = objects
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|object: &Value| object["type"] == "fault")
        .collect();
    assert_eq!(faults.len() as u64, count);
    for fault in &faults {
        for member in ["what", "card", "number"] {
            let text = fault[member].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{fault}: {member}");
        }
    }
}

#[test]
fn a_contradictory_fault_table_is_refused_with_file_line_and_reason() {
    let place = Place::new(CONFIG);
    let whole = include_str!("../src/fault/table.toml");
    let listed = |text: &str| {
        std::fs::write(place.path("faults.toml"), text).expect("written");
        place.station("help faults --table faults.toml", "")
    };
    assert_eq!(listed(whole).status.code(), Some(0));
    let refused = |from: &str, to: &str| {
        assert!(whole.contains(from), "{from}");
        let told = listed(&whole.replacen(from, to, 1));
        assert_eq!(told.status.code(), Some(2));
        stderr(&told)
    };
    let unknown = refused("[\"P-TRAY-FULL\"]", "[\"P-TRAY-FALL\"]");
    assert!(
        unknown.contains("faults.toml:") && unknown.contains("P-TRAY-FALL"),
        "{unknown}"
    );
    let contradiction = refused("quarantine = \"two\"", "quarantine = \"anyone\"");
    assert!(
        contradiction.contains("quarantine needs at least"),
        "{contradiction}"
    );
    let wording = refused("ふたを閉める。", "ふたを閉めます。");
    assert!(wording.contains("plain verb"), "{wording}");
}

#[test]
fn a_mistake_in_the_configuration_is_named_with_line_key_and_remedy() {
    let place = Place::new(&CONFIG.replace("[layout]", "[layout]\nresolution_dpi = 301"));
    let told = place.station("config check", "");
    assert_eq!(told.status.code(), Some(2));
    let words = stderr(&told);
    assert!(
        words.contains("station.toml:19: layout.resolution_dpi"),
        "{words}"
    );
    assert!(words.contains("Use 300 or 600."), "{words}");
    let japanese = stderr(&place.station("config check --lang ja", ""));
    assert!(japanese.contains("300 か 600 を書く。"), "{japanese}");
    let object = result(&place.station("config check --json", ""));
    assert_eq!(object["exit"], 2);
    assert_eq!(object["stop"]["reason"], "configuration");
}

#[test]
fn an_unknown_key_and_a_missing_file_are_usage_errors() {
    let place = Place::new(&CONFIG.replace("[layout]", "[layout]\ncolour = 1"));
    let told = place.station("config check", "");
    assert_eq!(told.status.code(), Some(2));
    assert!(stderr(&told).contains("station.toml:19: layout.colour"));
    let missing = place.station("config check --config nowhere.toml", "");
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("--config"));
}

#[test]
fn a_wrong_line_is_a_usage_error_for_programs_too() {
    let place = Place::new(CONFIG);
    assert_eq!(place.station("issue --bogus", "").status.code(), Some(2));
    let object = result(&place.station("issue --bogus --json", ""));
    assert_eq!(object["exit"], 2);
    let both = place.station("issue --job A --next", "");
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn without_input_a_question_names_its_flag() {
    let place = Place::new(CONFIG);
    let told = place.station("issue --no-input", "");
    assert_eq!(told.status.code(), Some(2));
    assert!(stderr(&told).contains("--clerk"));
}

#[test]
fn journal_and_people_are_made_once_and_by_order() {
    let place = Place::new(CONFIG);
    assert_eq!(place.station("journal verify", "").status.code(), Some(4));
    assert_eq!(place.station("people list", "").status.code(), Some(2));
    assert!(!place.path("data").exists(), "nothing is made by asking");

    assert_eq!(place.station("init", "").status.code(), Some(0));
    assert_eq!(place.station("init", "").status.code(), Some(2));
    let verified = result(&place.station("journal verify --json", ""));
    assert_eq!(verified["exit"], 0);
    assert_eq!(verified["sequence"], 0);
}

#[test]
fn any_copy_of_a_journal_is_verified_without_a_station() {
    let place = Place::new(CONFIG);
    place.station("init", "");
    let auditor = tempfile::tempdir().expect("a folder");
    let copy = auditor.path().join("copy");
    std::fs::copy(place.path("data/journal.sqlite"), &copy).expect("copied");
    let whole = station(auditor.path(), "journal verify copy --json", "");
    let told = result(&whole);
    assert_eq!(
        (&told["exit"], &told["tail"]),
        (&0.into(), &"unproved".into())
    );
    let line = format!("journal verify copy --checkpoint 5:{}", "ab".repeat(32));
    let cut = station(auditor.path(), &line, "");
    assert_eq!(cut.status.code(), Some(4));
    let said = stderr(&cut);
    assert!(
        said.contains("ends at record 0") && said.contains("record 5"),
        "{said}"
    );
    assert!(said.contains("Stop the station"), "{said}");
    let ja = station(auditor.path(), &format!("{line} --lang ja"), "");
    assert!(stderr(&ja).contains("記録 5"), "{}", stderr(&ja));
    std::fs::write(&copy, "no database").expect("written");
    let told = result(&station(auditor.path(), "journal verify copy --json", ""));
    assert_eq!(
        (&told["exit"], &told["stop"]["reason"]),
        (&4.into(), &"no-database".into())
    );
}

#[test]
fn people_are_added_by_a_supervisor_and_pins_are_never_shown() {
    let place = Place::new(CONFIG);
    place.station("init", "");
    let clerk_first = place.station("people add c1 --role clerk --pin-stdin", "271828\n271828\n");
    assert_eq!(
        clerk_first.status.code(),
        Some(1),
        "{}",
        stderr(&clerk_first)
    );
    let add = "people add s1 --role supervisor --pin-stdin";
    assert_eq!(
        place.station(add, "314159\n271828\n").status.code(),
        Some(2)
    );
    let added = place.station(add, "314159\n314159\n");
    assert_eq!(added.status.code(), Some(0), "{}", stderr(&added));
    assert!(!stderr(&added).contains("314159") && !stdout(&added).contains("314159"));

    let add = "people add c1 --role clerk --by s1 --pin-stdin";
    let wrong = place.station(add, "271828\n271828\n999999\n");
    assert_eq!(wrong.status.code(), Some(1));
    let right = place.station(add, "271828\n271828\n314159\n");
    assert_eq!(right.status.code(), Some(0), "{}", stderr(&right));
    assert_eq!(
        stdout(&place.station("people list", "")),
        "c1\tclerk\ns1\tsupervisor\n"
    );
}

#[test]
fn a_withdrawal_takes_two_persons() {
    let place = Place::new(CONFIG);
    place.station("init", "");
    place.station(
        "people add s1 --role supervisor --pin-stdin",
        "314159\n314159\n",
    );
    place.station(
        "people add c1 --role clerk --by s1 --pin-stdin",
        "271828\n271828\n314159\n",
    );
    let alone = "withdraw --reason data-wrong --clerk c1 --pin-stdin --no-input";
    let told = place.station(alone, "271828\n");
    assert_eq!(told.status.code(), Some(1));
    assert!(stderr(&told).contains("Two persons"), "{}", stderr(&told));
    let same = "withdraw --reason data-wrong --clerk s1 --supervisor s1 --pin-stdin --no-input";
    assert_eq!(
        place.station(same, "314159\n314159\n").status.code(),
        Some(1)
    );
}
