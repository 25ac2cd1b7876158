//! Holds `scenarios/COVERAGE.md` true: each fault has one row, in the order of the codes, and each
//! row names a test that is there. Reads the sources as text.

use std::fs;
use std::path::{Path, PathBuf};

use card_station::fault::Code;

const LIST: &str = include_str!("scenarios/COVERAGE.md");

struct Row<'a> {
    code: &'a str,
    file: PathBuf,
    test: &'a str,
    remark: &'a str,
}

fn rows() -> Vec<Row<'static>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lines = LIST.lines().filter(|line| line.starts_with("| "));
    lines
        .skip(2)
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
            let &[code, file, test, remark] = cells.as_slice() else {
                panic!("a row has four cells: {line}");
            };
            let scenario = file.starts_with("scenarios/");
            let file = if scenario {
                root.join("tests").join(file)
            } else {
                root.join(file)
            };
            Row {
                code,
                file,
                test: test.trim_matches('`'),
                remark,
            }
        })
        .collect()
}

/// Whether the file has a test of this name.
fn has_test(file: &Path, test: &str) -> bool {
    let Ok(text) = fs::read_to_string(file) else {
        return false;
    };
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let heads = [format!("fn {test}("), format!("async fn {test}(")];
    lines.iter().enumerate().any(|(at, line)| {
        let named = heads.iter().any(|head| line.starts_with(head.as_str()));
        let marks = lines[..at]
            .iter()
            .rev()
            .take_while(|line| line.starts_with("#["));
        named && marks.into_iter().any(|mark| mark.contains("test"))
    })
}

#[test]
fn the_list_of_faults_is_tidy() {
    let rows = rows();
    let listed: Vec<_> = rows.iter().map(|row| row.code).collect();
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(listed, codes, "one row for each code, in their order");
    let missing: Vec<_> = rows
        .iter()
        .filter(|row| !has_test(&row.file, row.test))
        .map(|row| {
            format!(
                "{}: {} has no test {}",
                row.code,
                row.file.display(),
                row.test
            )
        })
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    for row in rows {
        let on_the_rig = row
            .file
            .components()
            .any(|part| part.as_os_str() == "scenarios");
        assert_eq!(
            on_the_rig,
            row.remark.is_empty(),
            "{}: why not on the rig?",
            row.code
        );
    }
}
