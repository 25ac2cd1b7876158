//! What goes wrong around the station, done with hands: other blanks in the hopper, a line that is
//! cut, files that are changed or put back. Each is what a person or an accident could do.

use std::fs;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;
use serde_json::Value;

use super::{BLANKS, Process, Rig, Said, process, template};

impl Rig {
    /// A fresh station; the first blank in its hopper is laid with these arguments of the
    /// simulator, all others are good.
    pub(crate) fn with_first_blank(arguments: &str) -> Rig {
        let rig = Rig::at(template::fresh());
        let serial = rig.lay_blank(arguments);
        rig.manage("stock", &serial);
        rig.load_blanks(BLANKS);
        rig.switch_on("");
        rig
    }

    /// Lays one blank behind all others without telling the authority; its serial.
    pub(crate) fn lay_blank(&self, arguments: &str) -> String {
        self.simulate(&format!(
            "hopper load --state printer-state --count 1 {arguments}"
        ))
    }

    /// Approves one more landing; its reception number.
    pub(crate) fn job(&self) -> String {
        let reception = format!("2026-0005{:02}", self.imports.get());
        self.approve("1-landing", &[("2026-000001", &reception)]);
        reception
    }

    /// A command of the simulator's control socket; its answer.
    pub(crate) fn control(&self, command: &str) -> Value {
        let answer = self.simulate(&format!("control --state printer-state {command}"));
        serde_json::from_str(&answer).expect("JSON")
    }

    /// Where the card in the machine really is; nothing when there is none.
    pub(crate) fn card_is(&self) -> Value {
        self.control("show")["card"]["place"].clone()
    }

    /// What a person does at the printer.
    pub(crate) fn person(&self, act: &str) {
        self.simulate(&format!("person --state printer-state {act}"));
    }

    /// The printer's whole process stands still, or goes on: to the station it is silent.
    pub(crate) fn signal_printer(&self, signal: Signal) {
        let printer = self.printer.borrow();
        printer.as_ref().expect("the printer is on").signal(signal);
    }

    /// A member of the printer's non-volatile memory is now another one. It is switched off and on.
    pub(crate) fn rewrite_printer(&self, change: impl FnOnce(&mut Value)) {
        self.switch_off();
        change_json(&self.path("printer-state/nonvolatile.json"), change);
        self.switch_on("");
    }

    /// Changes the station's configuration.
    pub(crate) fn configure(&self, from: &str, to: &str) {
        let file = self.path("station.toml");
        let text = fs::read_to_string(&file).expect("written");
        assert!(text.contains(from), "station.toml says nowhere {from}");
        fs::write(file, text.replace(from, to)).expect("written");
    }

    /// A folder of the rig as it is now, to be put back later.
    pub(crate) fn keep(&self, folder: &str) -> Kept {
        let mut copy = self.path(&format!("{folder}.kept"));
        while copy.exists() {
            copy.set_extension("kept-later");
        }
        template::copy(&self.path(folder), &copy);
        Kept {
            of: self.path(folder),
            copy,
        }
    }

    /// A program of the station that runs and stops after this motion.
    pub(crate) fn stopped_at(&self, reception: &str, record: &str) {
        let line = format!("issue --reception {reception}");
        let station = self.station_runs(&line, &[super::CLERK]);
        station.await_line(&["journalled", &format!("record={record}")]);
        self.asked_to_stop(station).stopped("X-CANCELLED");
    }

    /// Issues on a disk that takes so little that it ends in mid-card.
    pub(crate) fn issue_with_little_room(&self, reception: &str) -> Said {
        let journal = fs::metadata(self.path("station/journal.sqlite")).expect("a journal");
        let (clerk, pin) = super::CLERK;
        let mut command = process::command(Path::new("prlimit"));
        command
            .arg(format!("--fsize={}", journal.len() * 2))
            // A write beyond is refused as on a full disk, and kills nobody.
            .args(["env", "--ignore-signal=XFSZ"])
            .arg(process::binary("station"))
            .args(["--json", "--lang", "en", "--no-input"])
            .args(["issue", "--reception", reception])
            .args(["--clerk", clerk, "--pin-stdin"])
            .current_dir(self.folder.path())
            .env("PCSCLITE_CSOCK_NAME", self.path("pcscd/pcscd.comm"))
            .env("STATION_LOG", "card_station::station=debug,info");
        let station = Process::start("station", &mut command, &format!("{pin}\n"));
        self.hear(station.wait())
    }

    /// All faults that the journal names, oldest first.
    pub(crate) fn on_record(&self) -> Vec<String> {
        let journal = self.journal();
        let events = journal.iter().map(|record| &record["what"]["issuance"]);
        events
            .filter_map(|event| event["fault"].as_str().map(str::to_owned))
            .collect()
    }
}

/// A folder as it was.
pub(crate) struct Kept {
    of: PathBuf,
    copy: PathBuf,
}

impl Kept {
    /// Puts it back: what came since is gone.
    pub(crate) fn put_back(&self) {
        fs::remove_dir_all(&self.of).expect("ours");
        template::copy(&self.copy, &self.of);
    }
}

/// Changes a JSON file.
pub(crate) fn change_json(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut value = serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON");
    change(&mut value);
    fs::write(path, serde_json::to_vec(&value).expect("JSON")).expect("written");
}
