//! The technician at the station: `diag` orders, and what they leave in a bundle.

use std::io::Read;

use super::{Process, Rig, Said, TECHNICIAN};

impl Rig {
    /// A technician's order, running.
    pub(crate) fn diag_runs(&self, line: &str) -> Process {
        self.diag_runs_by(line, TECHNICIAN)
    }

    fn diag_runs_by(&self, line: &str, (person, pin): (&str, &str)) -> Process {
        let mut command = self.station_command(&format!("diag {line}"));
        command.args(["--technician", person, "--pin-stdin"]);
        Process::start("station", &mut command, &format!("{pin}\n"))
    }

    /// A technician's order.
    pub(crate) fn diag(&self, line: &str) -> Said {
        self.hear(self.diag_runs(line).wait())
    }

    /// The same, given by somebody else.
    pub(crate) fn diag_by(&self, line: &str, by: (&str, &str)) -> Said {
        self.hear(self.diag_runs_by(line, by).wait())
    }

    /// The files of a bundle in the rig's folder, by name and text.
    pub(crate) fn bundle(&self, name: &str) -> Vec<(String, String)> {
        let bytes = std::fs::read(self.path(name)).expect("written");
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut files = Vec::new();
        for entry in archive.entries().expect("a tar") {
            let mut entry = entry.expect("a file");
            let name = entry.path().expect("a path").display().to_string();
            let mut text = String::new();
            entry.read_to_string(&mut text).expect("text");
            files.push((name, text));
        }
        files
    }
}

impl Said {
    /// A reading of a technician's report.
    #[track_caller]
    pub(crate) fn reading(&self, name: &str) -> &serde_json::Value {
        let found = self.objects.iter().rev().find(|one| one["name"] == name);
        found.unwrap_or_else(|| panic!("no reading {name}: {:?}\n{}", self.objects, self.err))
    }

    /// All objects of one type.
    pub(crate) fn all(&self, kind: &str) -> Vec<&serde_json::Value> {
        self.objects
            .iter()
            .filter(|one| one["type"] == kind)
            .collect()
    }
}
