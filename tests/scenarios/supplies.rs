//! Material in persons' hands: what is loaded, spent, counted, destroyed. The simulator's hands
//! are at the machine; the station believes nobody without tag, count and names.

use serde_json::Value;

use crate::rig::{CLERK, Rig, Said};

const JOB: &str = "2026-000001";
const BLANKS: &str = "--serial BL000001 --lot 202401";
const RIBBON: &str = "supplies load ribbon --lot 202402";

/// A station whose books know what is in the machine: six blanks, a ribbon, patches.
fn with_books(scenario: &str) -> Rig {
    let rig = Rig::with_faults(scenario);
    rig.two(&format!("supplies load blanks {BLANKS} --count 6"))
        .reached();
    rig.clerk(&format!("{RIBBON} --serial RB000001 --count 500"))
        .reached();
    rig.clerk("supplies load patches --serial HG000001 --lot 202403 --count 500")
        .reached();
    rig
}

fn hands(rig: &Rig, act: &str) {
    rig.simulate(&format!("person --state printer-state {act}"));
}

fn terms(rig: &Rig) -> Value {
    rig.station("supplies").reached().result()["blanks"].clone()
}

/// The check of this name, as the pre-flight told it.
fn check(said: &Said, name: &str) -> Value {
    let mut checks = said.objects.iter();
    let found = checks.find(|one| one["type"] == "check" && one["name"] == name);
    found.cloned().unwrap_or_else(|| panic!("no check {name}"))
}

fn delivered(rig: &Rig, produced: &Said) {
    rig.hand_over(&produced.number()).reached();
}

#[test]
fn the_preflight_shows_every_check_and_names_what_stands_in_the_way() {
    let rig = with_books("");
    let all = rig.station("preflight").reached();
    assert_eq!(all.result()["ready"], true);
    for name in ["ribbon", "patches", "blanks", "scanner", "authority"] {
        assert_eq!(check(&all, name)["state"], "passed", "{name}");
    }
    assert_eq!(check(&all, "desk")["state"], "not-needed");

    hands(&rig, "open-cover");
    let open = rig.station("preflight").stopped("P-COVER-OPEN");
    assert_eq!(check(&open, "cover")["state"], "failed");
    hands(&rig, "close-cover");
    rig.stop_authority();
    let alone = rig.station("preflight").stopped("A-OFFLINE");
    assert_eq!(check(&alone, "cover")["state"], "passed");
    rig.start_authority();
    rig.station("preflight").reached();
    rig.hold_the_laws();
}

#[test]
fn blanks_loaded_in_mid_job_are_signed_by_two_and_counted() {
    let rig = with_books("[[fault]]\ncard = 1\nwhat = \"hopper-empty\"\n");
    rig.approve("1-landing", &[]);
    rig.issue(JOB).stopped("P-HOPPER-EMPTY");
    rig.load_blanks(2);
    let line = format!("supplies load blanks {BLANKS} --count 2");
    rig.clerk(&line).stopped("X-BOOKS-REFUSE");
    rig.two(&line).reached();
    let produced = rig.clerk("recover --decide continue").reached();
    assert_eq!(produced.result()["attempt"], 1);
    delivered(&rig, &produced);
    let terms = terms(&rig);
    assert_eq!((&terms["loaded"], &terms["hopper"]), (&8.into(), &7.into()));
    assert_eq!(terms["delivered"], 1);
    rig.hold_the_laws();
}

#[test]
fn a_ribbon_that_ended_is_changed_recorded_and_never_comes_back() {
    let rig = with_books("");
    hands(&rig, "load-ribbon 1");
    rig.station("preflight").stopped("P-SUPPLY-OTHER");
    rig.clerk("supplies unload ribbon").reached();
    rig.clerk(&format!("{RIBBON} --serial RB000009 --count 1"))
        .stopped("P-SUPPLY-OTHER");
    rig.clerk(&format!("{RIBBON} --serial RB000002 --count 500"))
        .stopped("X-COUNT-DIFFERS");
    rig.clerk(&format!("{RIBBON} --serial RB000002 --count 1"))
        .reached();
    rig.approve("1-landing", &[]);
    let first = rig.issue(JOB).reached();
    delivered(&rig, &first);

    rig.approve("3-reissue-lost", &[]);
    rig.issue("2026-000003").stopped("P-RIBBON-OUT");
    rig.clerk("supplies unload ribbon")
        .stopped("P-SUPPLY-OTHER");
    hands(&rig, "load-ribbon 500");
    rig.clerk("recover --decide continue")
        .stopped("P-SUPPLY-OTHER");
    rig.clerk("supplies unload ribbon").reached();
    rig.clerk(&format!("{RIBBON} --serial RB000003 --count 500"))
        .reached();
    let second = rig.clerk("recover --decide continue").reached();
    delivered(&rig, &second);

    rig.two("destroy ribbons --count 1")
        .stopped("X-COUNT-DIFFERS");
    let shown = rig.two("destroy ribbons --count 2").reached();
    assert_eq!(shown.result()["ribbons"], Value::Array(vec![]));
    let left = &shown.result()["supplies"][1];
    assert_eq!(
        (&left["left"], &left["tag"]["remaining"]),
        (&499.into(), &499.into())
    );
    rig.hold_the_laws();
}

#[test]
fn a_roll_that_is_expired_used_before_or_of_another_type_prints_nothing() {
    let rig = with_books("");
    for (act, code) in [
        ("load-ribbon 9 --expires 2019-03-31", "P-SUPPLY-EXPIRED"),
        ("load-ribbon 9 --type patches", "P-RIBBON-WRONG"),
        ("load-patches 9 --type ribbon", "P-SUPPLY-WRONG"),
    ] {
        hands(&rig, act);
        rig.station("preflight").stopped(code);
        hands(
            &rig,
            "load-ribbon 500 --serial RB000001 --lot 202402 --expires 2099-12-31",
        );
        hands(
            &rig,
            "load-patches 500 --serial HG000001 --lot 202403 --expires 2099-12-31",
        );
    }
    rig.station("preflight").reached();
    rig.approve("1-landing", &[]);
    let produced = rig.issue(JOB).reached();
    delivered(&rig, &produced);
    // The same roll with its tag set back: the books know what was used of it.
    hands(
        &rig,
        "load-ribbon 500 --serial RB000001 --lot 202402 --expires 2099-12-31",
    );
    rig.station("preflight").stopped("P-SUPPLY-REUSED");
    rig.hold_the_laws();
}

#[test]
fn a_ribbon_that_ends_in_a_pass_costs_a_blank_that_is_bagged_and_destroyed() {
    let rig = with_books("[[fault]]\ncard = 1\nwhat = \"ribbon-out\"\nstep = \"m\"\n");
    rig.approve("1-landing", &[]);
    let mut said = rig.issue(JOB);
    if said.exit != Some(0) {
        // The ribbon is really at its end: the next attempt waits for a new one.
        said.stopped("P-RIBBON-OUT");
        hands(&rig, "load-ribbon 500");
        rig.clerk("supplies unload ribbon").reached();
        rig.clerk(&format!("{RIBBON} --serial RB000002 --count 500"))
            .reached();
        said = rig.clerk("recover --decide continue");
    }
    let produced = said.reached();
    assert_eq!(produced.result()["attempt"], 2);
    delivered(&rig, &produced);

    let before = rig.station("supplies").reached();
    let spoiled = &before.result()["binned"][0];
    assert_eq!(spoiled["place"], "tray");
    assert!(spoiled["serial"].is_string() && spoiled["number"].is_string());
    hands(&rig, "empty-tray");
    rig.two("supplies empty-tray --count 2")
        .stopped("X-COUNT-DIFFERS");
    rig.two("supplies empty-tray --count 1").reached();
    let alone = rig.clerk("destroy cards --count 1");
    assert_eq!(alone.result()["stop"]["reason"], "not-two-persons");
    rig.two("destroy cards --count 2")
        .stopped("X-COUNT-DIFFERS");
    let gone = rig.two("destroy cards --count 1").reached();
    assert_eq!(gone.result()["cards"][0]["serial"], spoiled["serial"]);
    let terms = terms(&rig);
    assert_eq!((&terms["destroyed"], &terms["bag"]), (&1.into(), &0.into()));
    rig.hold_the_laws();
}

#[test]
fn a_stolen_blank_is_missed_and_one_too_many_is_told() {
    let rig = with_books("");
    rig.clerk("reconcile --hopper 6 --tray 0 --bag 0").reached();
    let less = rig
        .clerk("reconcile --hopper 5 --tray 0 --bag 0")
        .stopped("X-COUNT-DIFFERS");
    let count = less.objects.iter().find(|one| one["type"] == "count");
    assert_eq!(count.expect("told all the same")["count"]["blanks"], -1);
    rig.clerk("reconcile --hopper 5 --tray 0 --bag 0 --because stolen")
        .stopped("X-COUNT-DIFFERS");
    rig.two("reconcile --hopper 5 --tray 0 --bag 0 --because stolen")
        .reached();
    assert_eq!(terms(&rig)["missing"], 1);
    rig.clerk("reconcile --hopper 5 --tray 0 --bag 0").reached();
    let more = rig
        .two("reconcile --hopper 6 --tray 0 --bag 0 --because miscounted")
        .reached();
    assert_eq!(more.result()["count"]["blanks"], 1);
    assert_eq!(terms(&rig)["missing"], 0);
    rig.hold_the_laws();
}

#[test]
fn a_spoiled_card_that_is_gone_is_named() {
    let rig = with_books("[[fault]]\ncard = 1\nwhat = \"jam\"\nstep = \"c\"\n");
    rig.approve("1-landing", &[]);
    let produced = rig.issue(JOB).reached();
    delivered(&rig, &produced);
    let less = rig
        .clerk("reconcile --hopper 4 --tray 0 --bag 0")
        .stopped("X-COUNT-DIFFERS");
    let count = less.objects.iter().find(|one| one["type"] == "count");
    let among = &count.expect("told")["count"]["candidates"][0]["among"][0];
    let shown = rig.station("supplies").reached();
    assert_eq!(among["number"], shown.result()["binned"][0]["number"]);
    assert!(among["number"].is_string());
    rig.hold_the_laws();
}

#[test]
fn an_untouched_blank_is_read_on_the_desk_and_booked_back() {
    let rig = with_books("");
    rig.approve("1-landing", &[]);
    let station = rig.station_runs(
        &format!("issue --reception {JOB} --decide cancel"),
        &[CLERK],
    );
    station.await_line(&["journalled", "record=finished feed"]);
    rig.asked_to_stop(station);
    rig.recover();
    let shown = rig.station("supplies").reached();
    let returned = shown.result()["binned"][0].clone();
    assert_eq!(
        (&returned["place"], &returned["number"]),
        (&"tray".into(), &Value::Null)
    );

    rig.clerk("supplies book-back").stopped("O-NO-CARD");
    let cards = rig.old_cards();
    assert!(cards[0].is_untouched());
    rig.lay(&cards[0].folder);
    rig.clerk("supplies book-back").reached();
    assert_eq!(terms(&rig)["hopper"], 6);
    rig.clerk("supplies book-back").stopped("X-BOOKS-REFUSE");
    rig.hold_the_laws();
}

#[test]
fn a_punched_old_card_waits_for_its_destruction_under_two_names() {
    let rig = Rig::experienced();
    let old = rig.old_cards();
    rig.approve_extension("2026-000011", &old[0].number());
    rig.lay(&old[0].folder);
    let produced = rig.issue("2026-000011").reached();
    rig.hand_over_for(&produced.number(), &old[0].number())
        .reached();
    let listed = rig.station("old-cards").reached();
    assert_eq!(listed.result()["old_cards"], 1);
    rig.two("destroy old-cards --count 0")
        .stopped("X-COUNT-DIFFERS");
    rig.two("destroy old-cards --count 1").reached();
    assert_eq!(rig.station("old-cards").reached().result()["old_cards"], 0);
    rig.hold_the_laws();
}

#[test]
fn a_shift_closes_only_on_a_signed_count_and_its_report_is_read_from_the_journal() {
    let rig = with_books("");
    let none = rig.station("shift report");
    assert_eq!(none.result()["stop"]["reason"], "no-shift");
    let right = "shift close --hopper 6 --tray 0 --bag 0";
    let alone = rig.clerk(right);
    assert_eq!(alone.result()["stop"]["reason"], "not-two-persons");
    rig.two("shift close --hopper 5 --tray 0 --bag 0")
        .stopped("X-COUNT-DIFFERS");
    let still = rig.station("shift report --shift 1");
    assert_eq!(
        still.result()["stop"]["reason"],
        "no-shift",
        "none is closed"
    );
    let first = rig.two(right).reached();
    let closed = &first.result()["shift"];
    assert_eq!((&closed["number"], &closed["from"]), (&1.into(), &1.into()));
    assert_eq!(closed["by"]["second"]["person"], crate::rig::SUPERVISOR.0);

    rig.approve("1-landing", &[]);
    let produced = rig.issue(JOB).reached();
    rig.two(right).stopped("X-JOB-OPEN");
    delivered(&rig, &produced);
    let second = rig
        .two("shift close --hopper 4 --tray 0 --bag 0 --because missing")
        .reached();
    let follows = closed["to"].as_u64().expect("a number") + 1;
    assert_eq!(second.result()["shift"]["from"], follows);

    let told = rig.station("shift report").reached();
    let shift = &told.result()["shift"];
    assert_eq!(
        (&shift["opened"]["hopper"], &shift["closed"]["hopper"]),
        (&6.into(), &4.into())
    );
    assert_eq!(
        (&shift["ends"], &shift["reason"]),
        (&serde_json::json!([["delivered", 1]]), &"missing".into())
    );
    let text = shift.to_string();
    assert!(
        !text.contains(&produced.number()),
        "no card's number: {text}"
    );
    let again = rig
        .station("shift report --shift 1 --out first.pdf")
        .reached();
    assert_eq!(again.result()["shift"]["closed"]["hopper"], 6);
    assert!(rig.path("first.pdf").exists());
    rig.hold_the_laws();
}
