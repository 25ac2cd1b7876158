//! What crashes need of a rig: books that know every blank, ends without warning, the truth of one
//! card as soon as it is written down, and evidence that outlives the rig.

use std::fs;
use std::path::{Path, PathBuf};

use super::truth::Made;
use super::{Process, Rig, Said, process, template};

/// What is said of blanks when they are loaded.
const BLANKS: &str = "supplies load blanks --serial BL000001 --lot 202401";

impl Rig {
    /// A fresh station whose books know every supply, with so many blanks.
    pub(crate) fn stocked(blanks: u32) -> Rig {
        let rig = Rig::at(template::fresh());
        rig.load_blanks(blanks);
        rig.switch_on("");
        rig.two(&format!("{BLANKS} --count {blanks}")).reached();
        let ribbon = "supplies load ribbon --lot 202402 --serial RB000001 --count 500";
        rig.clerk(ribbon).reached();
        let patches = "supplies load patches --lot 202403 --serial HG000001 --count 500";
        rig.clerk(patches).reached();
        rig
    }

    /// The authority's process ends at once.
    pub(crate) fn kill_authority(&self) {
        if let Some(authority) = self.authority.take() {
            authority.kill();
        }
    }

    /// Folders of the cards that left the machine, by name.
    pub(crate) fn card_folders(&self) -> Vec<PathBuf> {
        let cards = fs::read_dir(self.path("cards")).into_iter().flatten();
        let mut folders: Vec<_> = cards.flatten().map(|entry| entry.path()).collect();
        folders.sort();
        folders
    }

    /// The truth of a card that left while the printer is on: waits until it is written down.
    pub(crate) fn truth_of(&self, folder: &Path) -> Made {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let printer = self.printer.borrow();
        let printer = printer.as_ref().expect("the printer is on");
        printer.await_line(&["a card is written down", &name]);
        Made::read(folder.to_owned())
    }

    /// Copies everything that a violation may be read from to a folder that outlives the rig.
    pub(crate) fn keep_evidence(&self, to: &Path) {
        let _ = fs::remove_dir_all(to);
        for folder in ["station", "authority", "printer-state", "cards"] {
            if self.path(folder).exists() {
                template::copy(&self.path(folder), &to.join(folder));
            }
        }
        fs::write(to.join("said.log"), self.said.borrow().as_str()).expect("written");
    }

    /// How many blanks were ever laid into the hopper.
    pub(crate) fn laid(&self) -> u32 {
        let next = fs::read_to_string(self.path("printer-state/next-place")).expect("a count");
        next.trim().parse::<u32>().expect("a count") - 1
    }

    /// Approves one more extension: this old card is to be returned; its reception number.
    pub(crate) fn extension_job(&self, old: &str) -> String {
        let reception = format!("2026-{:06}", 700_000 + self.imports.get());
        self.approve_extension(&reception, old);
        reception
    }

    /// Approves one more reissue of a card that was declared lost; its reception number.
    pub(crate) fn job_of_a_lost_card(&self) -> String {
        let reception = format!("2026-{:06}", 800_000 + self.imports.get());
        let lost = format!("MH{:08}MH", 1_000 + self.imports.get());
        let changes = [("2026-000003", reception.as_str()), ("MH00000003MH", &lost)];
        self.approve("3-reissue-lost", &changes);
        reception
    }

    /// A command of the station where a disk is not what it should be: a shell with a file system
    /// table of its own does `before`, then the station runs, then `after` is done.
    pub(crate) fn station_where(
        &self,
        before: &str,
        (line, by): (&str, &[(&str, &str)]),
        after: &str,
    ) -> Said {
        let (inner, pins) = self.station_by(line, by);
        let mut command = process::command(Path::new("unshare"));
        let script = format!("set -e; {before}; code=0; \"$@\" || code=$?; {after}; exit $code");
        command
            .args(["--user", "--map-root-user", "--mount", "sh", "-c"])
            .args([&script, "sh"])
            .arg(inner.get_program())
            .args(inner.get_args())
            .current_dir(self.folder.path());
        for (name, value) in inner.get_envs() {
            value.map(|value| command.env(name, value));
        }
        self.hear(Process::start("station", &mut command, &pins).wait())
    }

    /// One of this binary's own tests as a process of its own, in the rig's folder.
    pub(crate) fn another_process(&self, test: &str, reception: &str) -> Process {
        let own = std::env::current_exe().expect("a program");
        let mut command = process::command(&own);
        command
            .args([test, "--exact", "--ignored", "--nocapture"])
            .current_dir(self.folder.path())
            .env("CRASH_RECEPTION", reception)
            .env("PCSCLITE_CSOCK_NAME", self.path("pcscd/pcscd.comm"));
        Process::start("another process", &mut command, "")
    }

    /// The files of the chip of the card in the machine, without what every chip has around them.
    pub(crate) fn chip_inside(&self) -> std::collections::BTreeMap<String, Vec<u8>> {
        let text = fs::read(self.path("printer-state/inside/chip.json")).expect("a card inside");
        let chip: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
        let files = chip["files"].as_object().expect("files");
        let bytes = |file: &serde_json::Value| {
            hex::decode(file["bytes"].as_str().unwrap_or_default()).expect("hexadecimal")
        };
        let files = files.iter().map(|(name, file)| (name.clone(), bytes(file)));
        files.collect()
    }

    /// Imports a sample approval whose photo's file bears this remark; gives the job.
    pub(crate) fn approve_with_a_remark(
        &self,
        sample: &str,
        changes: &[(&str, &str)],
        photo: &str,
        remark: &str,
    ) -> String {
        let folder = self.write_approval(sample, changes);
        let photo = self.path(&folder).join(photo);
        let mut jpeg = fs::read(&photo).expect("a photo");
        // A comment segment right behind the start of the image.
        let length = u16::try_from(remark.len() + 2).expect("short");
        let mut segment = vec![0xFF, 0xFE];
        segment.extend(length.to_be_bytes());
        segment.extend(remark.as_bytes());
        jpeg.splice(2..2, segment);
        fs::write(&photo, jpeg).expect("written");
        let answer = self.manage(&format!("import {folder}"), "");
        let job = answer["imported"][0]["job"].as_str();
        job.unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// Everything that the station said so far.
    pub(crate) fn words(&self) -> String {
        self.said.borrow().clone()
    }

    /// Everything that the authority's service said since it was started. It is started again.
    pub(crate) fn words_of_the_authority(&self) -> String {
        let authority = self.authority.take().expect("the authority runs");
        let (_, out, err) = authority.end();
        self.start_authority();
        out + &err
    }
}
