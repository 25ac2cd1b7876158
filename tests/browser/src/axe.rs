//! axe-core, as its lock file names it: taken from the registry once, kept under the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::measure::target;

/// The script, ready to be injected.
pub(crate) fn script() -> &'static str {
    static SCRIPT: OnceLock<String> = OnceLock::new();
    SCRIPT.get_or_init(|| {
        let file = installed().join("node_modules/axe-core/axe.min.js");
        fs::read_to_string(file).expect("axe-core is installed")
    })
}

/// The folder in which it is installed; again only when the lock file is another one.
fn installed() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = target().join("tmp/kiosk-axe");
    let lock = fs::read(own.join("package-lock.json")).expect("the lock file");
    if fs::read(folder.join("installed")).is_ok_and(|there| there == lock) {
        return folder;
    }
    fs::create_dir_all(&folder).expect("a folder");
    for name in ["package.json", "package-lock.json", ".npmrc"] {
        fs::copy(own.join(name), folder.join(name)).expect("copied");
    }
    let done = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&folder)
        .output()
        .expect("npm runs: scripts/packages installs it");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "npm ci: {said}");
    fs::write(folder.join("installed"), lock).expect("written");
    folder
}
