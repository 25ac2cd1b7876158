//! What every rig would make alike, made once by this process and copied: an authority with its
//! keys, an enrolled station with its people; and the same after two cards were delivered.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::process::{self, Process};
use super::{CLERK, Rig, SUPERVISOR, TECHNICIAN};

/// The authority's address in the template; each rig puts its own port there.
pub(super) const URL: &str = "https://localhost:8443";

const CONFIGURATION: &str = r#"
[station]
id = "TYO-W3"
office = "見本出入国在留管理局"
data_folder = "station"

[authority]
enrolment_folder = "enrolment"

[printer]
port = "printer"
baud = 3000000

[readers]
encoder = "Card Printer 00 00"
check = "Card Printer 00 01"
desk = "Desk Reader 00 00"

[layout]
"#;

/// A station that has made no card yet.
pub(super) fn fresh() -> &'static Path {
    static FRESH: OnceLock<PathBuf> = OnceLock::new();
    FRESH.get_or_init(|| {
        let folder = workshop().join("fresh");
        fs::create_dir(&folder).expect("a folder");
        run(
            &folder,
            "authority",
            "--home authority init --test-transport-master",
            "",
        );
        let enrol = format!(
            "--home authority enrol-station TYO-W3 --office TYO --url {URL} --out enrolment"
        );
        run(&folder, "authority", &enrol, "");
        fs::write(folder.join("station.toml"), CONFIGURATION).expect("written");
        run(&folder, "station", "init", "");
        let (supervisor, pin) = SUPERVISOR;
        let add = format!("people add {supervisor} --role supervisor --pin-stdin");
        run(&folder, "station", &add, &format!("{pin}\n{pin}\n"));
        for ((person, own), role) in [(CLERK, "clerk"), (TECHNICIAN, "technician")] {
            let add = format!("people add {person} --role {role} --by {supervisor} --pin-stdin");
            run(&folder, "station", &add, &format!("{own}\n{own}\n{pin}\n"));
        }
        folder
    })
}

/// A station that delivered two cards, those of [`super::TARO`] and [`super::HANAKO`].
pub(super) fn experienced() -> &'static Path {
    static EXPERIENCED: OnceLock<PathBuf> = OnceLock::new();
    EXPERIENCED.get_or_init(|| {
        let rig = Rig::fresh();
        rig.deliver_first_cards();
        let folder = workshop().join("experienced");
        copy(rig.into_folder().path(), &folder);
        folder
    })
}

/// This process's folder under the target folder; those of processes that are gone are removed.
fn workshop() -> &'static Path {
    static WORKSHOP: OnceLock<PathBuf> = OnceLock::new();
    WORKSHOP.get_or_init(|| {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
        for entry in fs::read_dir(root).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let pid = name.to_str().and_then(|name| name.strip_prefix("rig-"));
            if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
                // Somebody else may be removing it just now.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        let folder = root.join(format!("rig-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        folder
    })
}

fn run(folder: &Path, name: &'static str, line: &str, input: &str) {
    let mut command = process::command(&process::binary(name));
    command.args(line.split_whitespace()).current_dir(folder);
    let (status, out, err) = Process::start(name, &mut command, input).wait();
    assert!(status.success(), "{name} {line}:\n{out}\n{err}");
}

/// Copies a folder with all that is in it; links and sockets of processes that ended stay out.
pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().expect("a file");
        if kind.is_dir() {
            copy(&path, &target);
        } else if kind.is_file() {
            fs::copy(&path, &target).expect("copied");
        }
    }
}
