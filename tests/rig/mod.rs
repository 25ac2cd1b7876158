//! A whole station in a temporary folder: the real binaries, a PC/SC service of its own, the
//! authority over TLS, the simulated printer behind a pty. Tests act as the persons do, look at
//! what was physically made, and hold the laws against it. Waits for words, never for time.

mod crash;
mod laws;
mod ports;
mod process;
mod said;
mod tamper;
mod technician;
mod template;
mod truth;

use std::cell::{Cell, RefCell};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;
use serde_json::Value;

pub(crate) use laws::canaries;
use ports::Ports;
pub(crate) use process::{PATIENCE, Process, binary, journalled};
pub(crate) use said::{Said, last_four};
pub(crate) use truth::Made;

/// The clerk of every rig, with the PIN.
pub(crate) const CLERK: (&str, &str) = ("clerk-1", "271828");
/// The supervisor of every rig, with the PIN.
pub(crate) const SUPERVISOR: (&str, &str) = ("super-1", "314159");
/// The technician of every rig, with the PIN.
pub(crate) const TECHNICIAN: (&str, &str) = ("tech-1", "161803");
/// Reception numbers of the two cards that an experienced station delivered.
pub(crate) const TARO: &str = "2026-000001";
pub(crate) const HANAKO: &str = "2026-000102";

const BLANKS: u32 = 6;
/// Mechanics and air run so many times faster than real.
const SPEED: &str = "100";

/// One station with everything around it.
pub(crate) struct Rig {
    // Ended in this order: the printer lets go of the readers before they vanish.
    desk: RefCell<Option<Process>>,
    printer: RefCell<Option<Process>>,
    authority: RefCell<Option<Process>>,
    pcscd: Option<Process>,
    ports: Ports,
    folder: tempfile::TempDir,
    /// Everything that the station said so far, for the search after canaries.
    said: RefCell<String>,
    imports: Cell<u32>,
}

impl Rig {
    /// A station that has made no card yet, blanks in its hopper.
    pub(crate) fn fresh() -> Rig {
        let rig = Rig::at(template::fresh());
        rig.load_blanks(BLANKS);
        rig.switch_on("");
        rig
    }

    /// A fresh station whose printer has these faults in store (`[[fault]]` tables).
    pub(crate) fn with_faults(scenario: &str) -> Rig {
        let rig = Rig::at(template::fresh());
        rig.load_blanks(BLANKS);
        rig.switch_on(scenario);
        rig
    }

    /// A station that delivered the cards of [`TARO`] and [`HANAKO`]; its printer is on.
    pub(crate) fn experienced() -> Rig {
        let rig = Rig::at(template::experienced());
        rig.switch_on("");
        rig
    }

    fn at(template: &Path) -> Rig {
        let folder = tempfile::Builder::new()
            .prefix("rig-")
            .tempdir()
            .expect("a folder");
        // The PC/SC service runs as nobody when the tests run as root.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("ours");
        template::copy(template, folder.path());
        let ports = Ports::claim();
        let enrolment = folder.path().join("enrolment/station.json");
        let url = format!("https://localhost:{}", ports.authority());
        let text = fs::read_to_string(&enrolment).expect("enrolled");
        // An experienced template carries the port of the rig that it was made by.
        let port = text
            .split("localhost:")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let old = format!("https://localhost:{}", port.expect("an address"));
        fs::write(&enrolment, text.replace(&old, &url)).expect("written");
        let mut rig = Rig {
            desk: RefCell::default(),
            printer: RefCell::default(),
            authority: RefCell::default(),
            pcscd: None,
            ports,
            folder,
            said: RefCell::default(),
            imports: Cell::new(0),
        };
        rig.start_pcscd();
        rig.start_authority();
        rig
    }

    /// A path in the rig's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Ends all programs and gives the folder away.
    fn into_folder(self) -> tempfile::TempDir {
        self.switch_off();
        self.stop_authority();
        self.folder
    }

    // --- the devices -----------------------------------------------------------------------

    fn start_pcscd(&mut self) {
        let dir = self.path("pcscd");
        let line = format!(
            "pcscd --dir {} --base-port {}",
            dir.display(),
            self.ports.encoder()
        );
        let service = self.simulator(&line);
        service.await_line(&["ready"]);
        self.pcscd = Some(service);
    }

    /// A subcommand of the simulator, running.
    fn simulator(&self, line: &str) -> Process {
        let mut command = process::command(&binary("firmware-sim"));
        command
            .args(line.split_whitespace())
            .current_dir(self.folder.path());
        Process::start("firmware-sim", &mut command, "")
    }

    /// A subcommand of the simulator, waited for; what it printed.
    pub(crate) fn simulate(&self, line: &str) -> String {
        let (status, out, err) = self.simulator(line).wait();
        assert!(status.success(), "firmware-sim {line}: {err}");
        out
    }

    /// Loads new blanks and registers them at the authority.
    pub(crate) fn load_blanks(&self, count: u32) {
        let serials = self.simulate(&format!(
            "hopper load --state printer-state --count {count}"
        ));
        self.manage("stock", &serials);
    }

    /// Switches the printer on, with these faults in store.
    pub(crate) fn switch_on(&self, scenario: &str) {
        self.switch_on_at(scenario, SPEED);
    }

    /// The same, with mechanics and air so many times faster than real.
    pub(crate) fn switch_on_at(&self, scenario: &str, speed: &str) {
        fs::write(self.path("scenario.toml"), scenario).expect("written");
        let line = format!(
            "printer --state printer-state --link printer --out cards --speed {speed} \
             --scenario scenario.toml --encoder-port {} --check-port {}",
            self.ports.encoder(),
            self.ports.check()
        );
        let printer = self.simulator(&line);
        printer.await_line(&["the printer is on"]);
        *self.printer.borrow_mut() = Some(printer);
    }

    /// Switches it off; every card that left it is written down then.
    pub(crate) fn switch_off(&self) {
        if let Some(printer) = self.printer.take() {
            let (status, _, err) = printer.end();
            assert!(status.success(), "the printer's own end: {err}");
        }
        // The terminal is gone; its name would lead nowhere.
        let _ = fs::remove_file(self.path("printer"));
    }

    /// Lays a card on the desk reader, in place of what lies there.
    pub(crate) fn lay(&self, card: &Path) {
        self.lift();
        let port = self.ports.desk();
        let desk = self.simulator(&format!("card present {} --port {port}", card.display()));
        desk.await_line(&["on port"]);
        *self.desk.borrow_mut() = Some(desk);
    }

    /// Takes the card off the desk reader.
    pub(crate) fn lift(&self) {
        self.desk.take();
    }

    // --- the authority ---------------------------------------------------------------------

    /// Starts the authority's service.
    pub(crate) fn start_authority(&self) {
        let port = self.ports.authority();
        let line = format!("--home authority serve --listen 127.0.0.1:{port}");
        let mut command = process::command(&binary("authority"));
        command
            .args(line.split_whitespace())
            .current_dir(self.folder.path());
        let service = Process::start("authority", &mut command, "");
        service.await_line(&["serving"]);
        let deadline = std::time::Instant::now() + PATIENCE;
        // It says so just before it listens.
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                std::time::Instant::now() < deadline,
                "the authority does not listen"
            );
            std::thread::yield_now();
        }
        *self.authority.borrow_mut() = Some(service);
    }

    pub(crate) fn stop_authority(&self) {
        self.authority.take();
    }

    /// One command of the authority; its answer.
    pub(crate) fn manage(&self, line: &str, input: &str) -> Value {
        self.managed("authority", line, input)
    }

    /// One command of another authority, whose folder has this name.
    pub(crate) fn manage_at(&self, home: &str, line: &str) -> Value {
        self.managed(home, line, "")
    }

    fn managed(&self, home: &str, line: &str, input: &str) -> Value {
        let mut command = process::command(&binary("authority"));
        command
            .args(["--json", "--home", home])
            .args(line.split_whitespace())
            .current_dir(self.folder.path());
        let (status, out, err) = Process::start("authority", &mut command, input).wait();
        assert!(status.success(), "authority {line}: {out}\n{err}");
        serde_json::from_str(&out).expect("JSON")
    }

    /// Imports a sample approval with these changes to its text; gives the job.
    pub(crate) fn approve(&self, sample: &str, changes: &[(&str, &str)]) -> String {
        let folder = self.write_approval(sample, changes);
        let answer = self.manage(&format!("import {folder}"), "");
        answer["imported"][0]["job"]
            .as_str()
            .expect("a job")
            .to_owned()
    }

    /// Writes a sample approval with these changes into a folder of its own.
    fn write_approval(&self, sample: &str, changes: &[(&str, &str)]) -> String {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
        let file = samples
            .join("approvals")
            .join(sample)
            .with_extension("json");
        let mut text = fs::read_to_string(file).expect("a sample");
        for (from, to) in changes {
            assert!(text.contains(from), "{sample} says nowhere {from}");
            text = text.replace(from, to);
        }
        self.imports.set(self.imports.get() + 1);
        let folder = format!("approvals-{}", self.imports.get());
        template::copy(&samples.join("photos"), &self.path(&folder));
        fs::write(self.path(&folder).join("approval.json"), text).expect("written");
        folder
    }

    /// Tries to import a sample approval with these changes; gives the refusal. No number is
    /// spent on it.
    pub(crate) fn not_approved(&self, sample: &str, changes: &[(&str, &str)]) -> Value {
        let folder = self.write_approval(sample, changes);
        let line = format!("import {folder}");
        let mut command = process::command(&binary("authority"));
        command
            .args(["--json", "--home", "authority"])
            .args(line.split_whitespace())
            .current_dir(self.folder.path());
        let (status, out, err) = Process::start("authority", &mut command, "").wait();
        assert_eq!(status.code(), Some(1), "authority {line}: {out}\n{err}");
        let answer: Value = serde_json::from_str(&out).expect("JSON");
        answer["imported"][0].clone()
    }

    /// What the authority knows of a number: its standing.
    pub(crate) fn standing(&self, number: &str) -> String {
        let known = &self.manage(&format!("show {number}"), "")["number"];
        let standing = known["state"]
            .as_str()
            .or_else(|| known["standing"].as_str());
        standing.unwrap_or_default().to_owned()
    }

    // --- the station -----------------------------------------------------------------------

    fn station_command(&self, line: &str) -> std::process::Command {
        let mut command = process::command(&binary("station"));
        command
            .args(["--json", "--lang", "en", "--no-input"])
            .args(line.split_whitespace())
            .current_dir(self.folder.path())
            .env("PCSCLITE_CSOCK_NAME", self.path("pcscd/pcscd.comm"))
            .env("STATION_LOG", "card_station::station=debug,info");
        command
    }

    /// A command of the station, running. `by` are the persons whose PINs it is given.
    pub(crate) fn station_runs(&self, line: &str, by: &[(&str, &str)]) -> Process {
        let (mut command, pins) = self.station_by(line, by);
        Process::start("station", &mut command, &pins)
    }

    /// The same, not started yet, and the PINs that it reads.
    fn station_by(&self, line: &str, by: &[(&str, &str)]) -> (std::process::Command, String) {
        let mut command = self.station_command(line);
        let roles = ["--clerk", "--supervisor"];
        let mut pins = String::new();
        for (role, (person, pin)) in roles.iter().zip(by) {
            command.args([role, person]);
            pins.push_str(&format!("{pin}\n"));
        }
        if !by.is_empty() {
            command.arg("--pin-stdin");
        }
        (command, pins)
    }

    /// What a command that runs comes to.
    pub(crate) fn hear(
        &self,
        (status, out, err): (std::process::ExitStatus, String, String),
    ) -> Said {
        let mut said = self.said.borrow_mut();
        said.push_str(&out);
        said.push_str(&err);
        Said::new(status.code(), &out, err)
    }

    /// A command of the station by nobody.
    pub(crate) fn station(&self, line: &str) -> Said {
        self.hear(self.station_runs(line, &[]).wait())
    }

    /// A command of the station by the clerk.
    pub(crate) fn clerk(&self, line: &str) -> Said {
        self.hear(self.station_runs(line, &[CLERK]).wait())
    }

    /// A command of the station by clerk and supervisor.
    pub(crate) fn two(&self, line: &str) -> Said {
        self.hear(self.station_runs(line, &[CLERK, SUPERVISOR]).wait())
    }

    pub(crate) fn issue(&self, reception: &str) -> Said {
        self.clerk(&format!("issue --reception {reception}"))
    }

    pub(crate) fn recover(&self) -> Said {
        self.clerk("recover")
    }

    /// Hands the finished card of this number over; no old card is due.
    pub(crate) fn hand_over(&self, number: &str) -> Said {
        self.clerk(&format!("handover --last-four {}", last_four(number)))
    }

    /// Hands it over and punches the old card that lies on the desk reader.
    pub(crate) fn hand_over_for(&self, number: &str, old: &str) -> Said {
        let (new, old) = (last_four(number), last_four(old));
        self.clerk(&format!("handover --last-four {new} --punched {old}"))
    }

    /// Issues, and is killed as soon as the station's log says this.
    pub(crate) fn issue_killed_at(&self, reception: &str, words: &[&str]) {
        self.killed_at(&format!("issue --reception {reception}"), words);
    }

    /// Any command of the clerk, killed as soon as the station's log says this.
    pub(crate) fn killed_at(&self, line: &str, words: &[&str]) {
        let station = self.station_runs(line, &[CLERK]);
        station.await_line(words);
        let said = self.hear(station.kill());
        assert_eq!(
            said.exit, None,
            "it ended before it was killed: {}",
            said.err
        );
    }

    /// Asks a running station to stop after this motion.
    pub(crate) fn asked_to_stop(&self, station: Process) -> Said {
        station.signal(Signal::SIGTERM);
        self.hear(station.wait())
    }

    /// The journal's records, oldest first.
    pub(crate) fn journal(&self) -> Vec<Value> {
        let shown = self.station("journal show").reached();
        let records = shown
            .objects
            .iter()
            .filter(|object| object["type"] == "record");
        records.map(|object| object["record"].clone()).collect()
    }

    // --- longer stories --------------------------------------------------------------------

    fn deliver_first_cards(&self) {
        self.approve("1-landing", &[]);
        let number = self.issue(TARO).reached().number();
        self.hand_over(&number).reached();
        self.approve(
            "2-extension",
            &[
                ("2026-000002", HANAKO),
                ("\"ground\": \"extension\"", "\"ground\": \"landing\""),
                (
                    "{\n    \"return\": \"MH00000002MH\"\n  }",
                    "\"not_required\"",
                ),
                ("\"kind\": \"extension\"", "\"kind\": \"landing\""),
                ("東京出入国在留管理局長", "成田空港支局長"),
            ],
        );
        let number = self.issue(HANAKO).reached().number();
        self.hand_over(&number).reached();
    }

    /// Approves an extension for [`TARO`]'s holder: this old card is to be returned.
    pub(crate) fn approve_extension(&self, reception: &str, old: &str) -> String {
        let returned = format!("{{ \"return\": \"{old}\" }}");
        self.approve(
            "1-landing",
            &[
                (TARO, reception),
                ("\"landing\"", "\"extension\""),
                ("\"not_required\"", &returned),
                ("成田空港支局長", "東京出入国在留管理局長"),
            ],
        )
    }

    /// The old cards of an experienced station, as they lie in the holders' hands.
    pub(crate) fn old_cards(&self) -> Vec<Made> {
        truth::made(&self.path("cards"))
    }

    /// All cards that left the machine. The printer is switched off, so that all are written.
    pub(crate) fn made(&self) -> Vec<Made> {
        self.switch_off();
        truth::made(&self.path("cards"))
    }

    /// Holds every law that can be held against what was made, recorded and said. To be called
    /// last: switches the printer off.
    #[track_caller]
    pub(crate) fn hold_the_laws(&self) {
        let said = self.said.borrow().clone();
        laws::hold(self, &self.made(), &self.journal(), &said);
    }
}
