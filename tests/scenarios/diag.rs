//! What a technician does, order by order, on the simulated machine; and what stands in the way.

use serde_json::Value;

use crate::rig::{CLERK, Rig, SUPERVISOR, TARO};

/// The `service` records of the journal.
fn services(rig: &Rig) -> Vec<Value> {
    let journal = rig.journal();
    let service = |record: &Value| record["what"]["service"].clone();
    journal
        .iter()
        .map(service)
        .filter(|one| !one.is_null())
        .collect()
}

#[test]
fn looking_tells_everything_and_moves_and_journals_nothing() {
    let rig = Rig::fresh();
    let identity = rig.diag("identity").reached();
    assert_eq!(identity.reading("station")["value"], "TYO-W3");
    assert_eq!(identity.reading("protocol")["value"], 1);
    assert_eq!(identity.reading("encoder_reader")["state"], "normal");
    assert!(identity.reading("font_gothic")["value"].is_string());
    let sensors = rig.diag("sensors").reached();
    assert_eq!(sensors.reading("hopper")["value"], true);
    assert_eq!(sensors.reading("cover_open")["state"], "normal");
    assert!(
        sensors.reading("head")["value"].is_number()
            && sensors.reading("head")["normal"].is_array()
    );
    let counters = rig.diag("counters").reached();
    assert_eq!(counters.reading("fed")["value"], 0);
    assert_eq!(counters.reading("as_journalled")["value"], true);
    let supplies = rig.diag("supplies").reached();
    assert_eq!(supplies.reading("ribbon_type")["state"], "normal");
    rig.diag("log").reached();
    rig.diag("history").reached();
    assert_eq!(services(&rig), Vec::<Value>::new());
}

#[test]
fn only_technicians_and_supervisors_give_orders() {
    let rig = Rig::fresh();
    let said = rig.diag_by("identity", CLERK);
    assert_eq!(said.result()["stop"]["reason"], "not-a-technician");
    rig.diag_by("identity", SUPERVISOR).reached();
    let said = rig.diag_by("identity", ("tech-1", "000111"));
    assert_eq!(said.exit, Some(1), "{}", said.result());
    assert!(services(&rig).is_empty());
}

#[test]
fn the_printers_own_orders_are_journalled_around_and_shown_check_by_check() {
    let rig = Rig::fresh();
    let test = rig.diag("self-test").reached();
    assert!(test.all("reading").len() > 5, "{:?}", test.objects);
    rig.diag("scanner").reached();
    rig.diag("move transport 40").reached();
    // It would draw a blank.
    rig.diag("move feeder 40").stopped("P-CARD-IN-PATH");
    rig.diag("move flipper -40").reached();
    rig.diag("clean").reached();
    let orders: Vec<String> = services(&rig)
        .iter()
        .filter_map(|one| one["began"]["order"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(
        orders,
        ["self-test", "scanner", "move", "move", "move", "clean-head"]
    );
    let mut journal = services(&rig);
    let failed = journal.iter().position(|one| !one["failed"].is_null());
    // Between the beginning and the end of the feeder's.
    let failed = journal.remove(failed.expect("one was refused"));
    assert_eq!(failed["failed"]["fault"], "P-CARD-IN-PATH");
    assert_eq!(journal.len(), 12);
    assert_eq!(journal[0]["began"]["by"]["one"]["person"], "tech-1");
    assert_eq!(journal[11]["ended"]["blanks"], 0);
    let usage = rig.diag("move gearbox 5");
    assert_eq!(usage.exit, Some(2));
}

#[test]
fn test_cards_are_blanks_that_end_in_the_tray_and_a_card_is_made_after_them() {
    let rig = Rig::fresh();
    let said = rig.diag("test-card --count 2").reached();
    assert_eq!(said.reading("cards")["value"], 2);
    assert_eq!(said.reading("front_as_drawn")["value"], true);
    assert_eq!(said.reading("back_as_drawn")["value"], true);
    assert_eq!(said.reading("chips")["value"], 2);
    rig.diag("pattern --patch").reached();
    let supplies = rig.diag("supplies").reached();
    assert_eq!(supplies.reading("journal_tests")["value"], 3);
    assert_eq!(supplies.reading("journal_spoiled")["value"], 3);
    rig.approve("1-landing", &[]);
    let number = rig.issue(TARO).reached().number();
    rig.hand_over(&number).reached();
    let made = rig.made();
    let fates: Vec<String> = made.iter().map(|card| card.fate()).collect();
    assert_eq!(fates, ["rejected", "rejected", "rejected", "taken"]);
    for card in &made[..3] {
        assert!(card.number().is_empty() && card.is_untouched());
        assert_eq!(card.passes().len(), 7);
    }
    rig.hold_the_laws();
}

#[test]
fn nothing_that_moves_is_done_while_a_job_is_open_and_looking_goes_on() {
    let rig = Rig::fresh();
    rig.approve("1-landing", &[]);
    let number = rig.issue(TARO).reached().number();
    for order in [
        "self-test",
        "scanner",
        "clean",
        "move feeder 10",
        "test-card",
        "pattern",
        "encoder",
        "line",
        "calibrate --test-cards 1",
        "clear",
    ] {
        rig.diag(order).stopped("X-JOB-OPEN");
    }
    for order in [
        "identity", "sensors", "counters", "supplies", "log", "history",
    ] {
        rig.diag(order).reached();
    }
    assert!(services(&rig).is_empty());
    rig.hand_over(&number).reached();
    rig.diag("clean").reached();
    rig.hold_the_laws();
}

#[test]
fn the_encoder_is_tested_with_a_blank_that_goes_to_the_tray() {
    let rig = Rig::fresh();
    let said = rig.diag("encoder --rounds 20").reached();
    let atr = said.reading("atr")["value"].as_str().map(str::len);
    assert!(atr.is_some_and(|digits| digits >= 4));
    assert!(said.reading("rtt_median")["value"].as_f64() > Some(0.0));
    assert!(
        said.reading("rtt_p95")["value"].as_f64() >= said.reading("rtt_median")["value"].as_f64()
    );
    assert!(said.reading("throughput")["value"].as_u64() > Some(0));
    assert_eq!(said.reading("bit_rate_told")["state"], "absent");
    assert_eq!(
        rig.diag("counters").reached().reading("rejected")["value"],
        1
    );
    let made = rig.made();
    assert!(made.len() == 1 && made[0].is_untouched() && made[0].passes().is_empty());
}

#[test]
fn the_desk_reader_is_tested_with_the_card_that_lies_on_it() {
    let rig = Rig::experienced();
    let old = rig.old_cards().remove(0);
    rig.lay(&old.folder);
    let said = rig.diag("encoder --desk --rounds 10").reached();
    assert_eq!(said.reading("reader")["value"], "Desk Reader 00 00");
    assert_eq!(said.reading("exchanges")["value"], 20);
}

#[test]
fn the_line_is_measured_at_each_speed_and_used_at_its_own_again() {
    let rig = Rig::fresh();
    let said = rig.diag("line --baud 460800 --baud 921600 --probes 40");
    let speeds = said.all("speed");
    let bauds: Vec<&Value> = speeds.iter().map(|one| &one["baud"]).collect();
    assert_eq!(bauds, [460_800, 921_600]);
    for speed in speeds {
        assert!(
            speed["measured"]["answered"].as_u64() > Some(100),
            "{speed}"
        );
        assert_eq!(speed["measured"]["damaged_there"], 0, "{speed}");
        assert!(speed["measured"]["rtt_us"]["median"].as_u64() > Some(0));
    }
    rig.diag("self-test").reached();
}

#[test]
fn a_noisy_line_is_told_by_what_it_lost_and_damaged() {
    let rig = Rig::fresh();
    rig.simulate("control --state printer-state noise --rate 0.0002 --seed 7");
    let said = rig.diag("line --probes 400 --bytes 400");
    assert_eq!(said.result()["stop"]["reason"], "not-sound", "{}", said.err);
    let speed = &said.all("speed")[0]["measured"];
    assert!(speed["lost_per_million"].as_u64() > Some(1_000), "{speed}");
    let damaged = |side: &str| speed[side].as_u64().unwrap_or_default();
    assert!(
        damaged("damaged_there") + damaged("damaged_here") > 0,
        "{speed}"
    );
    rig.simulate("control --state printer-state noise off");
    // A busy host may still be late: what noise does is damage.
    let said = rig.diag("line --probes 100");
    let speed = &said.all("speed")[0]["measured"];
    let whole = ["damaged_there", "damaged_here"].map(|side| speed[side].as_u64());
    assert_eq!(whole, [Some(0), Some(0)], "{speed}");
}

#[test]
fn a_crash_in_a_test_card_is_ended_and_its_card_cleared_and_counted() {
    let rig = Rig::fresh();
    let order = rig.diag_runs("test-card");
    order.await_line(&["moved", "Feed"]);
    assert_eq!(rig.hear(order.kill()).exit, None);
    rig.diag("self-test").stopped("P-CARD-IN-PATH");
    rig.approve("1-landing", &[]);
    rig.issue(TARO).stopped("P-CARD-IN-PATH");
    rig.diag("clear").reached();
    let supplies = rig.diag("supplies").reached();
    assert_eq!(supplies.reading("journal_tests")["value"], 1);
    let journal = services(&rig);
    assert_eq!(journal.len(), 2);
    assert_eq!(journal[1]["ended"]["fate"], "tray");
    rig.diag("clear").reached();
    let number = rig.issue(TARO).reached().number();
    rig.hand_over(&number).reached();
    assert_eq!(rig.made().len(), 2);
    rig.hold_the_laws();
}

#[test]
fn a_test_card_that_sticks_is_taken_out_by_hand_and_counted_in_the_bag() {
    let rig = Rig::with_faults("[[fault]]\ncard = 1\nwhat = \"stuck-jam\"\nstep = \"m\"\n");
    rig.diag("test-card").stopped("P-JAM-HEAD");
    rig.diag("clear").stopped("P-JAM-HEAD");
    for act in ["open-cover", "remove-card", "close-cover"] {
        rig.person(act);
    }
    rig.diag("clear --bagged").reached();
    let journal = services(&rig);
    assert_eq!(journal[1]["failed"]["fault"], "P-JAM-HEAD");
    assert_eq!(journal[2]["ended"]["fate"], "bag");
    let told = rig.diag("history --outcome order").reached();
    assert_eq!(told.all("fault")[0]["code"], "P-JAM-HEAD");
    let supplies = rig.diag("supplies").reached();
    assert_eq!(supplies.reading("journal_tests")["value"], 1);
    rig.diag("test-card").reached();
}

#[test]
fn measured_times_become_the_plan() {
    let rig = Rig::fresh();
    let too_few = rig.diag("calibrate --test-cards 1").reached();
    assert_eq!(
        too_few.result()["calibrated"]["changes"],
        serde_json::json!([])
    );
    let said = rig.diag("calibrate --test-cards 3").reached();
    let changes = said.result()["calibrated"]["changes"].as_array().cloned();
    let phases: Vec<String> = changes
        .unwrap_or_default()
        .iter()
        .filter_map(|one| one["phase"].as_str().map(str::to_owned))
        .collect();
    assert!(phases.contains(&"feed".to_owned()) && phases.contains(&"hologram".to_owned()));
    let text = std::fs::read_to_string(rig.path("station.toml")).expect("there");
    assert!(text.contains("[budget_s]") && text.contains("hologram"));
    rig.station("config check").reached();
}

#[test]
fn a_bundle_says_what_it_holds_and_holds_nothing_of_a_holder() {
    let rig = Rig::experienced();
    rig.diag("self-test").reached();
    let asked = rig.diag("bundle --out service.tar");
    assert_eq!(asked.exit, Some(2), "nobody said yes");
    assert!(asked.all("file").len() >= 8 && !rig.path("service.tar").exists());
    rig.diag("bundle --out service.tar --yes").reached();
    let files = rig.bundle("service.tar");
    for wanted in [
        "identity.jsonl",
        "configuration.json",
        "counters.jsonl",
        "sensors.jsonl",
        "supplies.jsonl",
        "printer-log.jsonl",
        "faults.jsonl",
        "phases.jsonl",
        "journal-states.jsonl",
        "results/self-test.json",
    ] {
        let name = format!("service-bundle/{wanted}");
        assert!(files.iter().any(|(have, _)| *have == name), "no {wanted}");
    }
    let mut secrets: Vec<String> = crate::rig::canaries();
    for card in rig.old_cards() {
        secrets.extend([card.number(), card.number()[..8].to_owned()]);
    }
    let folder = rig.path("").display().to_string();
    secrets.extend([TARO, "2026-000", "clerk-1", "tech-1", "super-1"].map(str::to_owned));
    secrets.push(folder);
    for (name, text) in &files {
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret} stands in {name}");
        }
    }
}

#[test]
fn the_journal_tells_its_faults_by_code_zone_and_outcome() {
    let rig = Rig::with_faults("[[fault]]\ncard = 1\nwhat = \"jam\"\nstep = \"c\"\n");
    rig.approve("1-landing", &[]);
    let number = rig.issue(TARO).reached().number();
    let all = rig.diag("history").reached();
    assert_eq!(all.all("fault")[0]["code"], "P-JAM-HEAD");
    let found = rig.diag("history --zone head --outcome spoiled").reached();
    assert_eq!(found.all("fault").len(), 1);
    let none = rig.diag("history --zone encoder").reached();
    assert!(none.all("fault").is_empty());
    assert_eq!(rig.diag("history --zone nowhere").exit, Some(2));
    rig.hand_over(&number).reached();
}

#[test]
fn watched_sensors_show_what_changes_until_they_are_let_be() {
    let rig = Rig::fresh();
    let watching = rig.diag_runs("sensors --watch");
    watching.await_line(&["cover_open", "false"]);
    rig.person("open-cover");
    watching.await_line(&["cover_open", "\"value\":true"]);
    let said = rig.asked_to_stop(watching).reached();
    assert_eq!(said.result()["order"], "sensors");
}
