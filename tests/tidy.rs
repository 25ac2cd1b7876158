//! The house rules that no compiler knows: who may import whom, how large a file, a trait
//! or an error may grow, and that every file says what it is. Reads the tree as text.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const MAX_FILE_LINES: usize = 500;
const MAX_TRAIT_METHODS: usize = 4;
const MAX_ERROR_VARIANTS: usize = 12;

/// Our own crates and whom each may import (ARCHITECTURE.md, "The arrows").
const ARROWS: [(&str, &[&str]); 8] = [
    ("drivers/wire", &[]),
    ("drivers/printer", &["wire"]),
    ("drivers/reader", &["wire"]),
    ("drivers/chip", &["wire"]),
    ("layouts", &[]),
    ("firmware-sim", &["wire"]),
    ("tests/browser", &[]),
    (".", &["wire", "printer", "reader", "chip", "layouts"]),
];
const OURS: [&str; 8] = [
    "wire",
    "printer",
    "reader",
    "chip",
    "layouts",
    "firmware-sim",
    "browser",
    "card-station",
];

/// Rooms that know no IO, no clock and no chance: none of these words may stand in them.
const PURE_ROOMS: [&str; 10] = [
    "drivers/wire/src",
    "drivers/chip/src",
    "layouts/src",
    "src/fault",
    "src/product",
    "src/job",
    "src/prepare",
    "src/issuance",
    "src/stock",
    "src/diag",
];
const IMPURE_WORDS: [&str; 9] = [
    "std::fs",
    "std::net",
    "std::thread",
    "Instant::now",
    "SystemTime::now",
    "Timestamp::now",
    "Zoned::now",
    "tokio::",
    "tracing::",
];

/// Inside `card-station`: a room on the left never names a room on the right.
const ROOM_WALLS: [(&str, &[&str]); 13] = [
    (
        "src/fault",
        &[
            "product",
            "job",
            "prepare",
            "issuance",
            "journal",
            "station",
            "cli",
            "authority",
        ],
    ),
    (
        "src/product",
        &[
            "job",
            "prepare",
            "issuance",
            "journal",
            "station",
            "cli",
            "authority",
        ],
    ),
    (
        "src/job",
        &[
            "prepare",
            "issuance",
            "journal",
            "station",
            "cli",
            "authority",
            "desk",
        ],
    ),
    (
        "src/prepare",
        &["journal", "station", "cli", "authority", "desk", "record"],
    ),
    (
        "src/issuance",
        &[
            "journal",
            "station",
            "cli",
            "authority",
            "desk",
            "record",
            "prepare",
        ],
    ),
    (
        "src/journal",
        &[
            "issuance",
            "job",
            "station",
            "cli",
            "authority",
            "desk",
            "record",
            "prepare",
        ],
    ),
    (
        "src/authority",
        &["station", "cli", "desk", "record", "issuance", "journal"],
    ),
    // Shares nothing with what it checks.
    (
        "src/audit",
        &[
            "fault",
            "product",
            "job",
            "prepare",
            "issuance",
            "journal",
            "stock",
            "people",
            "station",
            "cli",
            "authority",
            "desk",
            "record",
            "config",
        ],
    ),
    (
        "src/stock",
        &[
            "product",
            "job",
            "prepare",
            "issuance",
            "journal",
            "station",
            "cli",
            "authority",
            "desk",
            "record",
        ],
    ),
    ("src/desk", &["station", "cli", "record"]),
    (
        "src/diag",
        &["journal", "station", "cli", "authority", "desk", "record"],
    ),
    ("src/record", &["station", "cli", "desk"]),
    (
        "src/kiosk",
        &[
            "job",
            "prepare",
            "journal",
            "authority",
            "desk",
            "stock",
            "cli",
        ],
    ),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust source file below `room`, a file or a folder, in path order.
fn sources(room: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if room.with_extension("rs").is_file() {
        found.push(room.with_extension("rs"));
    }
    let Ok(entries) = fs::read_dir(room) else {
        return found;
    };
    for entry in entries {
        let path = entry.expect("readable folder").path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") && !found.contains(&path) {
            found.push(path);
        }
    }
    found.sort();
    found.dedup();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of a file before its test module.
fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod ")
        .map_or(text, |at| &text[..at])
}

/// Only code: comments may name what the code may not.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    without_tests(text)
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
}

fn report(broken: &[String]) {
    assert!(
        broken.is_empty(),
        "house rules broken:\n{}",
        broken.join("\n")
    );
}

#[test]
fn every_crate_imports_only_along_the_arrows() {
    let mut broken = Vec::new();
    for (folder, allowed) in ARROWS {
        let manifest: toml::Table = read(&root().join(folder).join("Cargo.toml"))
            .parse()
            .expect("TOML");
        let Some(dependencies) = manifest.get("dependencies").and_then(toml::Value::as_table)
        else {
            continue;
        };
        for name in dependencies.keys() {
            if OURS.contains(&name.as_str()) && !allowed.contains(&name.as_str()) {
                broken.push(format!("{folder} must not import {name}"));
            }
        }
    }
    report(&broken);
}

#[test]
fn pure_rooms_name_no_io_no_clock_no_log() {
    let mut broken = Vec::new();
    for room in PURE_ROOMS {
        let files = sources(&root().join(room));
        assert!(!files.is_empty(), "{room} is empty: was it moved?");
        for file in files {
            let text = read(&file);
            for word in IMPURE_WORDS {
                if code_lines(&text).any(|line| line.contains(word)) {
                    broken.push(format!("{} names {word}", file.display()));
                }
            }
        }
    }
    report(&broken);
}

#[test]
fn rooms_of_the_station_keep_their_walls() {
    let mut broken = Vec::new();
    for (room, forbidden) in ROOM_WALLS {
        let files = sources(&root().join(room));
        assert!(!files.is_empty(), "{room} is empty: was it moved?");
        for file in files {
            let text = read(&file);
            for other in forbidden {
                let name = format!("crate::{other}");
                if code_lines(&text).any(|line| names_module(line, &name)) {
                    broken.push(format!("{} imports {name}", file.display()));
                }
            }
        }
    }
    report(&broken);
}

fn names_module(line: &str, module: &str) -> bool {
    line.match_indices(module).any(|(at, _)| {
        let after = line[at + module.len()..].chars().next();
        !after.is_some_and(|next| next.is_alphanumeric() || next == '_')
    })
}

#[test]
fn every_file_says_what_it_is_and_stays_within_its_size() {
    let mut broken = Vec::new();
    for folder in [
        "src",
        "drivers",
        "layouts",
        "firmware-sim",
        "tests",
        "benches",
    ] {
        for file in sources(&root().join(folder)) {
            let text = read(&file);
            if !text.starts_with("//!") {
                broken.push(format!("{} has no header", file.display()));
            }
            let lines = without_tests(&text).lines().count();
            if lines > MAX_FILE_LINES {
                broken.push(format!(
                    "{} has {lines} lines, at most {MAX_FILE_LINES}",
                    file.display()
                ));
            }
        }
    }
    report(&broken);
}

#[test]
fn traits_and_errors_stay_small() {
    let mut broken = Vec::new();
    for folder in ["src", "drivers", "layouts", "firmware-sim"] {
        for file in sources(&root().join(folder)) {
            let text = read(&file);
            for complaint in oversized(&text) {
                broken.push(format!("{}: {complaint}", file.display()));
            }
        }
    }
    report(&broken);
}

/// Public traits with too many methods and error enums with too many variants. Reads the
/// text as rustfmt leaves it: a body ends with a brace in the column of its head, and its
/// members stand one level in.
fn oversized(text: &str) -> Vec<String> {
    let lines: Vec<&str> = without_tests(text).lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let body = || lines[at + 1..].iter().take_while(|line| **line != "}");
        if line.starts_with("pub trait ") && line.ends_with('{') {
            let methods = body().filter(|line| line.starts_with("    fn ")).count();
            if methods > MAX_TRAIT_METHODS {
                found.push(format!("{line} has {methods} methods"));
            }
        }
        if line.starts_with("pub enum ") && line.ends_with('{') && is_error(&lines[..at]) {
            let variants = body().filter(|line| is_variant(line)).count();
            if variants > MAX_ERROR_VARIANTS {
                found.push(format!("{line} has {variants} variants"));
            }
        }
    }
    found
}

fn is_error(before: &[&str]) -> bool {
    let attributes = before.iter().rev().take_while(|line| {
        line.starts_with("#[") || line.starts_with("///") || line.starts_with(' ')
    });
    attributes
        .into_iter()
        .any(|line| line.starts_with("#[derive(") && line.contains("Error"))
}

fn is_variant(line: &str) -> bool {
    line.strip_prefix("    ")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
}

#[test]
fn the_reader_of_sizes_counts_what_rustfmt_leaves() {
    let wide = format!("pub trait T {{\n{}}}\n", "    fn f();\n".repeat(5));
    assert_eq!(oversized(&wide).len(), 1);
    let variants = "    /// Why.\n    #[error(\"e\")]\n    E,\n".repeat(13);
    let long = format!("#[derive(Debug, thiserror::Error)]\npub enum E {{\n{variants}}}\n");
    assert_eq!(oversized(&long).len(), 1);
    assert!(oversized(&long.replace("thiserror::Error", "Clone")).is_empty());
}

#[test]
fn every_test_file_is_part_of_the_one_binary() {
    let main = read(&root().join("tests/main.rs"));
    let mut broken = Vec::new();
    for entry in fs::read_dir(root().join("tests")).expect("tests folder") {
        let path = entry.expect("entry").path();
        let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else {
            continue;
        };
        let is_module =
            path.extension().is_some_and(|ending| ending == "rs") || path.join("mod.rs").is_file();
        if is_module && stem != "main" && !main.contains(&format!("mod {stem};")) {
            broken.push(format!(
                "tests/main.rs does not declare {stem}: its tests never run"
            ));
        }
    }
    report(&broken);
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let mut broken = Vec::new();
    for (folder, _) in ARROWS {
        let path = root().join(folder).join("Cargo.toml");
        let mut section = String::new();
        let mut reason = false;
        for line in read(&path).lines() {
            if line.starts_with('[') {
                section = line.to_owned();
            } else if line.starts_with('#') {
                reason = true;
            } else if line.is_empty() {
                reason = false;
            } else if section.ends_with("dependencies]") && section != "[workspace.dependencies]" {
                let ours = OURS.iter().any(|name| line.starts_with(name));
                if !ours && !reason && !line.contains('#') && line.contains('=') {
                    broken.push(format!("{}: {line}: no reason beside it", path.display()));
                }
            }
        }
    }
    report(&broken);
}

#[test]
fn every_dependency_is_used_by_its_crate() {
    let mut broken = Vec::new();
    for (folder, _) in ARROWS {
        let folder = root().join(folder);
        let manifest: toml::Table = read(&folder.join("Cargo.toml")).parse().expect("TOML");
        for (section, rooms) in [
            ("dependencies", ["src"].as_slice()),
            ("dev-dependencies", &["src", "tests", "benches"]),
        ] {
            let files = rooms.iter().flat_map(|room| sources(&folder.join(room)));
            let text: String = files.map(|file| read(&file)).collect();
            let names = manifest.get(section).and_then(toml::Value::as_table);
            for name in names.into_iter().flat_map(toml::Table::keys) {
                let path = name.replace('-', "_");
                let used = [format!("{path}::"), format!("use {path}")];
                if !used.iter().any(|used| text.contains(used)) {
                    broken.push(format!("{}: {name} is not used", folder.display()));
                }
            }
        }
    }
    report(&broken);
}

#[test]
fn the_tree_names_no_place_outside_itself() {
    let needles = [
        ["/ho", "me/"].concat(),
        ["/wo", "rk/"].concat(),
        ["/ro", "ot/"].concat(),
    ];
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for folder in [
        "src",
        "drivers",
        "layouts",
        "firmware-sim",
        "tests",
        "scripts",
        "benches",
    ] {
        for file in sources(&root().join(folder)) {
            for (number, line) in read(&file).lines().enumerate() {
                if needles.iter().any(|needle| line.contains(needle.as_str())) {
                    found.insert(file.display().to_string(), number + 1);
                }
            }
        }
    }
    assert!(found.is_empty(), "paths of one machine: {found:?}");
}
