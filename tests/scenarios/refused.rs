//! What is refused before a blank moves: nobody there, somebody else there, another one's journal.

use std::fs;

use crate::rig::{CLERK, Rig};

const JOB: &str = "2026-000001";

fn approved() -> Rig {
    let rig = Rig::fresh();
    rig.approve("1-landing", &[]);
    rig
}

/// Nothing was fed; and once the cause is mended, the card is made.
fn nothing_moved_and_then_it_works(rig: &Rig) {
    let journal = rig.journal();
    assert!(
        !journal
            .iter()
            .any(|record| record["what"]["issuance"]["step"] == "feed")
    );
    let open = rig.recover().reached();
    let produced = match open.text("reached").as_str() {
        "produced" => open,
        _ => rig.issue(JOB).reached(),
    };
    rig.hand_over(&produced.number()).reached();
    assert_eq!(rig.made().len(), 1);
    rig.hold_the_laws();
}

#[test]
fn without_the_authority_no_card_is_begun() {
    let rig = approved();
    rig.stop_authority();
    let said = rig.issue(JOB).stopped("A-OFFLINE");
    assert_eq!(said.exit, Some(3));
    rig.start_authority();
    nothing_moved_and_then_it_works(&rig);
}

#[test]
fn keys_that_do_not_come_in_time_give_the_untouched_blank_back() {
    let rig = approved();
    let station = rig.station_runs(&format!("issue --reception {JOB}"), &[CLERK]);
    station.await_line(&["journalled", "record=began feed"]);
    rig.stop_authority();
    // The blank goes to the tray; that it does is told when the authority is there again.
    rig.hear(station.wait()).stopped("A-OFFLINE");
    rig.start_authority();
    rig.recover().stopped("A-KEYS-LATE");
    let number = rig.issue(JOB).reached().number();
    rig.hand_over(&number).reached();
    let made = rig.made();
    assert_eq!(made.len(), 2);
    assert!(made[0].fate() == "rejected" && made[0].is_untouched());
    rig.hold_the_laws();
}

#[test]
fn cancelled_before_the_chip_the_blank_is_given_back_and_after_it_is_spoiled() {
    for (at, untouched) in [("record=finished feed", true), ("record=began lock", false)] {
        let rig = approved();
        let station = rig.station_runs(
            &format!("issue --reception {JOB} --decide cancel"),
            &[CLERK],
        );
        station.await_line(&["journalled", at]);
        rig.asked_to_stop(station);
        rig.recover();
        let number = rig.issue(JOB).number();
        let number = if number.is_empty() {
            rig.recover().reached().number()
        } else {
            number
        };
        rig.hand_over(&number).reached();
        let made = rig.made();
        assert_eq!(made.len(), 2, "{at}");
        assert_eq!(made[0].fate(), "rejected", "{at}");
        assert_eq!(made[0].is_untouched(), untouched, "{at}");
        assert!(
            made[0].is_untouched() || made[0].is_dead(),
            "{at}: its chip is killed"
        );
        rig.hold_the_laws();
    }
}

#[test]
fn an_authority_of_an_unknown_maker_is_not_believed() {
    let rig = approved();
    // The station is told to trust another authority than the one that answers.
    let anchor = rig.path("enrolment/ca.pem");
    let true_anchor = fs::read(&anchor).expect("enrolled");
    rig.manage_at("rogue", "init --test-transport-master");
    rig.manage_at(
        "rogue",
        "enrol-station TYO-W3 --office TYO --out rogue-enrolment",
    );
    fs::copy(rig.path("rogue-enrolment/ca.pem"), &anchor).expect("copied");
    let said = rig.issue(JOB).stopped("A-UNTRUSTED");
    assert_eq!(said.exit, Some(3));
    fs::write(&anchor, true_anchor).expect("written");
    nothing_moved_and_then_it_works(&rig);
}

#[test]
fn a_second_station_is_refused_with_the_owners_name() {
    let rig = approved();
    let first = rig.station_runs(&format!("issue --reception {JOB}"), &[CLERK]);
    first.await_line(&["journalled", "record=began encode"]);
    let second = rig.clerk("recover").stopped("J-BUSY");
    assert_eq!(second.exit, Some(3));
    let number = rig.hear(first.wait()).reached().number();
    rig.hand_over(&number).reached();
    rig.hold_the_laws();
}

#[test]
fn another_stations_journal_is_not_continued() {
    let rig = approved();
    let configuration = rig.path("station.toml");
    let text = fs::read_to_string(&configuration).expect("written");
    fs::write(&configuration, text.replace("TYO-W3", "TYO-W4")).expect("written");
    let said = rig.issue(JOB).stopped("J-OTHER-STATION");
    assert_eq!(said.exit, Some(4));
    fs::write(&configuration, text).expect("written");
    nothing_moved_and_then_it_works(&rig);
}

#[test]
fn a_missing_journal_is_never_replaced_silently() {
    let rig = approved();
    let (journal, away) = (rig.path("station/journal.sqlite"), rig.path("away.sqlite"));
    fs::rename(&journal, &away).expect("moved");
    let said = rig.issue(JOB).stopped("J-MISSING");
    assert_eq!(said.exit, Some(4));
    assert!(!journal.exists());
    fs::rename(&away, &journal).expect("moved");
    nothing_moved_and_then_it_works(&rig);
}

#[test]
fn a_printer_that_is_not_there_is_named() {
    let rig = approved();
    rig.switch_off();
    let said = rig.issue(JOB).stopped("L-PORT-ABSENT");
    assert_eq!(said.exit, Some(3));
    rig.switch_on("");
    nothing_moved_and_then_it_works(&rig);
}

#[test]
fn a_reader_that_is_not_there_is_named() {
    let rig = approved();
    let configuration = rig.path("station.toml");
    let text = fs::read_to_string(&configuration).expect("written");
    let renamed = text.replace("Card Printer 00 01", "Card Printer 07 07");
    fs::write(&configuration, renamed).expect("written");
    let said = rig.issue(JOB).stopped("C-READER-GONE");
    assert_eq!(said.exit, Some(3));
    assert!(
        said.result()["stop"]["detail"]
            .to_string()
            .contains("Card Printer 07 07")
    );
    fs::write(&configuration, text).expect("written");
    let produced = rig.clerk("recover --decide continue").reached();
    rig.hand_over(&produced.number()).reached();
    assert_eq!(rig.made().len(), 1);
    rig.hold_the_laws();
}

#[test]
fn one_person_cannot_withdraw_or_waive() {
    let rig = approved();
    let number = rig.issue(JOB).reached().number();
    let line = format!(
        "withdraw --reason holder-absent --last-four {}",
        &number[8..]
    );
    let alone = rig.clerk(&line);
    assert_eq!(alone.result()["stop"]["reason"], "not-two-persons");
    // A burned number cannot be had back: the card is named first.
    rig.two("withdraw --reason holder-absent --last-four 00XX")
        .stopped("O-NOT-DONE");
    assert_eq!(rig.standing(&number), "produced");
    rig.hand_over(&number).reached();
    rig.hold_the_laws();
}
