//! The supervisor's part in a browser: material under two names, destruction, the count and close
//! of a shift with its report. Whatever two persons sign bears both names in the journal.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::counter::{Counter, clerk_at};
use crate::rig::{CLERK, Rig, SUPERVISOR};

/// That an act was recorded: the way back is the main one then.
const RECORDED: &str = "[data-page='supplies'] #back.main";
const JAM: &str = "[[fault]]\ncard = 1\nwhat = \"jam\"\nstep = \"c\"\n";

fn hands(rig: &Rig, act: &str) {
    rig.simulate(&format!("person --state printer-state {act}"));
}

impl Counter {
    /// Opens the form of an act from the queue or from the overview.
    #[track_caller]
    fn material(&self, act: &str) {
        if self.browser.has("#material-look") {
            self.touch("#material-look", "[data-page='supplies'] #loaded");
        }
        if self.browser.has("#back.main") {
            self.touch("#back", "[data-page='supplies'] #loaded");
        }
        let form = format!("#enter-form input[name='act'][value='{act}']");
        self.touch(&format!("#{act}"), &format!("#app:has({form}) #enter"));
    }

    #[track_caller]
    fn types(&self, fields: &[(&str, &str)]) {
        self.browser.wait("#app:not([inert])");
        for (field, text) in fields {
            self.browser.type_in(&format!("#{field}"), text);
        }
    }

    /// What stands in a field.
    fn typed(&self, field: &str) -> String {
        let script = format!("return document.getElementById({field:?}).value");
        let value = self.browser.run(&script);
        value.as_str().unwrap_or_default().to_owned()
    }

    /// The supervisor signs in afresh and agrees; then this appears.
    #[track_caller]
    fn supervisor_agrees(&self, then: &str) {
        self.browser.wait("[data-page='approve']:not([inert])");
        self.browser.type_in("#pin", SUPERVISOR.1);
        self.touch("#agree", then);
    }
}

/// The stock events of a journal of this kind.
fn events(journal: &[Value], kind: &str) -> Vec<Value> {
    let of_kind = |record: &Value| record["what"]["stock"].get(kind).cloned();
    journal.iter().filter_map(of_kind).collect()
}

/// The two who signed.
fn names(by: &Value) -> (String, String) {
    let person = |which: &str| by[which]["person"].as_str().unwrap_or_default().to_owned();
    (person("first"), person("second"))
}

fn both() -> (String, String) {
    (CLERK.0.to_owned(), SUPERVISOR.0.to_owned())
}

#[test]
fn a_ribbon_is_changed_and_blanks_are_added_under_two_names() {
    let rig = Rig::stocked(4);
    hands(&rig, "load-ribbon 500");
    rig.load_blanks(2);
    let counter = clerk_at(rig, "");
    counter.touch("#material-look", "[data-page='supplies'] #loaded");
    counter.look("supplies");
    counter.material("unload-ribbon");
    counter.look("supplies-unload-ribbon");
    counter.touch("#enter", RECORDED);

    counter.material("load-ribbon");
    counter.look("supplies-load-ribbon");
    counter.types(&[("serial", "RB000009"), ("count", "5oo")]);
    counter.touch("#enter", "#lot-why");
    assert!(
        counter.browser.has("#count-why"),
        "each wrong field is named"
    );
    assert_eq!(counter.typed("serial"), "RB000009");
    assert_eq!(counter.typed("count"), "5OO");
    counter.look("supplies-wrong");
    // The label of another roll: the printer reads this one.
    counter.types(&[("lot", "202402"), ("count", "500")]);
    counter.touch("#enter", "#lead .notice.error");
    assert!(counter.browser.text("#lead").contains("P-SUPPLY-OTHER"));
    assert_eq!(counter.typed("lot"), "202402");
    counter.look("supplies-refused");
    counter.types(&[("serial", "RB000002")]);
    counter.touch("#enter", RECORDED);
    counter.look("supplies-recorded");

    counter.material("load-blanks");
    counter.types(&[("serial", "BL000001"), ("lot", "202401"), ("count", "2")]);
    counter.touch("#enter", "[data-page='approve']");
    assert!(counter.browser.text("#stop").contains("BL000001"));
    counter.look("approve-blanks");
    // Whoever asked is no second person, whatever the form says.
    let own = format!("#approve input[value='{}']", CLERK.0);
    assert!(!counter.browser.has(&own), "nobody is offered twice");
    let forged = format!(
        "document.querySelector('#approve input[name=person]').value = '{}'",
        CLERK.0
    );
    counter.browser.run(&forged);
    counter.browser.type_in("#pin", CLERK.1);
    counter.touch("#agree", "#approve .bad");
    // The second person does not agree: what was typed is still there.
    counter.touch("#refuse", "#enter-form");
    assert_eq!(counter.typed("serial"), "BL000001");
    counter.touch("#enter", "[data-page='approve']");
    counter.supervisor_agrees(RECORDED);

    let rig = counter.close();
    let loaded = events(&rig.journal(), "loaded");
    let blanks = loaded.last().expect("loaded");
    assert_eq!(
        (&blanks["supply"], &blanks["count"]),
        (&"blanks".into(), &2.into())
    );
    assert_eq!(names(&blanks["by"]["two"]), both());
    let ribbon = &loaded[loaded.len() - 2];
    assert_eq!(ribbon["roll"]["serial"], "RB000002");
    assert_eq!(ribbon["by"]["one"]["person"], CLERK.0);
    rig.hold_the_laws();
}

/// The tray is emptied into the bag; then the bag is destroyed, miscounted at first.
#[track_caller]
fn spoiled_cards_are_destroyed(counter: &Counter) {
    counter.material("empty-tray");
    counter.look("supplies-empty-tray");
    counter.types(&[("count", "1")]);
    counter.touch("#enter", "[data-page='approve']");
    counter.supervisor_agrees(RECORDED);
    counter.material("destroy-cards");
    counter.types(&[("count", "2")]);
    counter.touch("#enter", "[data-page='approve']");
    counter.look("approve-destruction");
    counter.supervisor_agrees("#lead .notice");
    assert!(counter.browser.text("#lead").contains("X-COUNT-DIFFERS"));
    assert_eq!(counter.typed("count"), "2", "it is there to be put right");
    counter.types(&[("count", "1")]);
    counter.touch("#enter", "[data-page='approve']");
    counter.supervisor_agrees(RECORDED);
}

/// What two persons signed bears both names.
#[track_caller]
fn every_act_bears_both_names(journal: &[Value]) {
    for (kind, by) in [
        ("tray-emptied", "/by"),
        ("destroyed", "/by"),
        ("reconciled", "/by/two"),
        ("shift-closed", "/by"),
    ] {
        let events = events(journal, kind);
        let last = events.last().unwrap_or_else(|| panic!("no {kind}"));
        let by = last.pointer(by).unwrap_or_else(|| panic!("{last}"));
        assert_eq!(names(by), both(), "{kind}");
    }
}

/// Fetches a paper as the page's link does; its first bytes and its size.
const PAPER: &str = "fetch(document.querySelector('#report').href).then(answer => answer.text())\
    .then(text => done([text.slice(0, 5), text.length]), cause => done([String(cause), 0]));";

#[test]
fn a_shift_closes_on_a_count_under_two_names_and_leaves_its_report() {
    let rig = Rig::with_faults(JAM);
    rig.two("supplies load blanks --serial BL000001 --lot 202401 --count 6")
        .reached();
    rig.clerk("supplies load ribbon --serial RB000001 --lot 202402 --count 500")
        .reached();
    rig.approve("1-landing", &[]);
    let produced = rig.issue("2026-000001").reached();
    rig.hand_over(&produced.number()).reached();
    hands(&rig, "empty-tray");
    let counter = clerk_at(rig, "");

    spoiled_cards_are_destroyed(&counter);
    counter.touch("#back", "#to-shift");
    counter.touch("#to-shift", "#hopper");
    counter.look("shift-count");
    counter.touch("#count-done", "#hopper-why");
    counter.look("shift-nothing-counted");
    // One blank less than the books say.
    for (field, count) in [
        ("hopper", "3"),
        ("tray", "0"),
        ("bag", "0"),
        ("ribbons", "0"),
        ("old-cards", "0"),
    ] {
        counter.types(&[(field, count)]);
    }
    counter.touch("#count-done", "#close");
    counter.look("shift-differs");
    counter.touch("#close", "#close-form .bad");
    counter.touch("label:has(#why-miscounted)", "#why-miscounted:checked");
    counter.touch("#close", "[data-page='approve']");
    counter.look("approve-shift");
    counter.supervisor_agrees("#report");
    counter.look("shift-closed");
    let paper = counter.browser.run_async(PAPER);
    assert_eq!(paper[0], "%PDF-");
    assert!(paper[1].as_u64().is_some_and(|size| size > 5000), "{paper}");
    counter.touch("#next", "[data-page='queue']");

    let rig = counter.close();
    let journal = rig.journal();
    every_act_bears_both_names(&journal);
    let told = rig.station("shift report").reached();
    let shift = &told.result()["shift"];
    assert_eq!(
        (&shift["number"], &shift["reason"]),
        (&1.into(), &"miscounted".into())
    );
    assert_eq!(
        (&shift["closed"]["delivered"], &shift["closed"]["missing"]),
        (&1.into(), &1.into())
    );
    keep_for_the_eye(&rig.path("station/records/shift-0001.pdf"));
    rig.hold_the_laws();
}

/// Keeps a paper beside the pictures.
fn keep_for_the_eye(paper: &Path) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("kiosk-shots");
    fs::copy(paper, folder.join("shift-report.pdf")).expect("the paper is there");
}

#[test]
fn a_ribbon_that_ended_is_changed_while_the_job_waits() {
    let rig = Rig::stocked(4);
    hands(&rig, "load-ribbon 1");
    rig.clerk("supplies unload ribbon").reached();
    rig.clerk("supplies load ribbon --serial RB000002 --lot 202402 --count 1")
        .reached();
    rig.approve("1-landing", &[]);
    let first = rig.issue("2026-000001").reached();
    rig.hand_over(&first.number()).reached();
    rig.approve("3-reissue-lost", &[]);
    let counter = clerk_at(rig, "");
    counter.touch("#job-2026-000003", "[data-page='job'] #material-look");
    hands(&counter.rig, "load-ribbon 500");
    counter.material("unload-ribbon");
    assert!(!counter.browser.has("#to-shift"), "a job is open");
    counter.touch("#enter", RECORDED);
    counter.material("load-ribbon");
    let label = [("serial", "RB000003"), ("lot", "202402"), ("count", "500")];
    counter.types(&label);
    counter.touch("#enter", RECORDED);
    counter.touch("#back", "[data-page='supplies'] #loaded");
    counter.touch("#back", "[data-page='job'] #check-again");
    counter.touch("#check-again", "#issue:not([aria-disabled])");
    counter.touch("#issue", "[data-page='ready']");
    let number = counter.number();
    counter.touch("#hand-over", "#handed-over");
    counter.hand_over(&number, "[data-page='done']");

    let rig = counter.close();
    assert_eq!(rig.standing(&number), "live");
    rig.hold_the_laws();
}

/// Longer than any page takes, and far shorter than a browser keeps the stream of one that it left.
const PAGE: Duration = Duration::from_secs(20);

#[test]
fn a_browser_that_goes_through_many_pages_is_kept_waiting_by_none() {
    let counter = clerk_at(Rig::stocked(1), "");
    for page in ["/help", "/supplies", "/shift", "/queue"].repeat(3) {
        let began = Instant::now();
        counter.goto(page);
        counter.browser.wait("#app");
        let took = began.elapsed();
        assert!(took < PAGE, "{page} took {took:?}");
    }
    counter.close();
}
