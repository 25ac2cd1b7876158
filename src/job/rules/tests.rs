//! Each rule of the domain with an approval that breaks it, and the samples that keep them all.

use super::*;
use crate::job::{OldCard, Private, strict};
use crate::product::{CardNumber, DesignatedActivity, PermissionKind, WorkRestriction};

const SAMPLES: [&str; 5] = [
    include_str!("../../../tests/samples/approvals/1-landing.json"),
    include_str!("../../../tests/samples/approvals/2-extension.json"),
    include_str!("../../../tests/samples/approvals/3-reissue-lost.json"),
    include_str!("../../../tests/samples/approvals/4-under-16.json"),
    include_str!("../../../tests/samples/approvals/5-permanent.json"),
];
const TODAY: Date = date(2026, 11, 22);

fn sample(at: usize) -> Approval {
    strict::read(SAMPLES[at].as_bytes(), 65_536).unwrap()
}

fn checked(approval: &Approval) -> Result<Date, Breach> {
    check(approval, TODAY, &RegularKanji::listed())
}

/// The field and code of the breach, after one line changed the extension's sample.
fn breach_of(change: impl FnOnce(&mut Approval)) -> (&'static str, &'static str) {
    let mut approval = sample(1);
    change(&mut approval);
    let breach = checked(&approval).unwrap_err();
    assert!(!breach.rule.remedy().0.is_empty() && !breach.rule.remedy().1.is_empty());
    (breach.field, breach.rule.code())
}

fn old() -> OldCard {
    OldCard::Return(CardNumber::parse("MH00000009MH").unwrap())
}

#[test]
fn the_samples_keep_every_rule() {
    let last: Vec<_> = (0..5)
        .map(|at| checked(&sample(at)).unwrap().to_string())
        .collect();
    assert_eq!(
        last,
        [
            "2029-06-03",
            "2028-09-03",
            "2029-06-03",
            "2029-06-03",
            "2033-11-21"
        ]
    );
}

#[test]
fn each_of_the_six_ineligible_kinds_is_refused() {
    let status =
        |ja: &'static str| move |approval: &mut Approval| approval.status.ja = ja.to_owned();
    assert_eq!(
        breach_of(status("短期滞在")),
        ("status.ja", "A-TEMPORARY-VISITOR")
    );
    assert_eq!(breach_of(status("外交")), ("status.ja", "A-DIPLOMAT"));
    assert_eq!(breach_of(status("公用")), ("status.ja", "A-DIPLOMAT"));
    assert_eq!(
        breach_of(status("特別永住者")),
        ("status.ja", "A-SPECIAL-PERMANENT")
    );
    assert_eq!(breach_of(status("")), ("status.ja", "A-NO-STATUS"));
    let mission = breach_of(|approval| {
        approval.status.ja = "特定活動".to_owned();
        approval.status.designated_activity = Some(DesignatedActivity::TaiwanOffice);
    });
    assert_eq!(mission, ("status.designated_activity", "A-MISSION-STAFF"));
    let short = breach_of(|approval| approval.stay.period = Period::months(3));
    assert_eq!(short, ("stay.period", "A-SHORT-STAY"));
}

#[test]
fn ground_and_old_card_agree() {
    let none = breach_of(|approval| approval.previous_card = OldCard::NotRequired);
    assert_eq!(none, ("previous_card", "A-OLD-CARD"));
    let mut landing = sample(0);
    landing.previous_card = old();
    assert_eq!(
        checked(&landing).unwrap_err().rule,
        Rule::OldCard(Ground::Landing)
    );
    let mut lost = sample(2);
    lost.previous_card = old();
    assert_eq!(
        checked(&lost).unwrap_err().rule,
        Rule::OldCard(Ground::ReissueLost)
    );
}

#[test]
fn one_person_does_not_approve_twice() {
    let twice = breach_of(|approval| approval.approvers[1] = approval.approvers[0].clone());
    assert_eq!(twice, ("approvers", "A-SAME-APPROVER"));
}

#[test]
fn only_the_exchange_costs_a_fee() {
    let fee = breach_of(|approval| approval.exchange_fee_yen = Some(1600));
    assert_eq!(fee, ("exchange_fee_yen", "A-FEE"));
    let mut exchange = sample(1);
    exchange.ground = Ground::ReissueExchange;
    assert_eq!(
        checked(&exchange).unwrap_err().rule,
        Rule::Fee { due: true }
    );
    exchange.exchange_fee_yen = Some(0);
    assert_eq!(
        checked(&exchange).unwrap_err().rule,
        Rule::Fee { due: true }
    );
    exchange.exchange_fee_yen = Some(1600);
    assert!(checked(&exchange).is_ok());
}

#[test]
fn a_name_keeps_to_capitals_and_regular_kanji() {
    let roman = breach_of(|approval| approval.holder.roman_name = Private::from("Mihon Hanako"));
    assert_eq!(roman, ("holder.roman_name", "A-NAME"));
    let mut simplified = sample(1);
    simplified.holder.kanji_name = Some(Private::from("见本 花子"));
    let breach = checked(&simplified).unwrap_err();
    assert_eq!(breach.field, "holder.kanji_name");
    assert!(breach.to_string().contains("U+89C1"), "{breach}");
}

#[test]
fn dates_are_plausible() {
    let unborn = breach_of(|approval| approval.holder.birth_date = date(2026, 11, 23));
    assert_eq!(unborn, ("holder.birth_date", "A-DATE"));
    let ancient = breach_of(|approval| approval.holder.birth_date = date(1899, 12, 31));
    assert_eq!(ancient, ("holder.birth_date", "A-DATE"));
    let future = breach_of(|approval| approval.permission.date = date(2026, 11, 23));
    assert_eq!(future, ("permission.date", "A-DATE"));
}

#[test]
fn status_and_period_keep_to_the_table() {
    let unlisted = breach_of(|approval| approval.status.ja = "観光".to_owned());
    assert_eq!(unlisted, ("status.ja", "A-STATUS"));
    let english = breach_of(|approval| approval.status.en = "Trainee".to_owned());
    assert_eq!(english, ("status.en", "A-STATUS"));
    let period = breach_of(|approval| approval.stay.period = Period::years(5));
    assert_eq!(period, ("stay.period", "A-PERIOD"));
    let far = breach_of(|approval| approval.stay.last_day = Some(date(2030, 9, 3)));
    assert_eq!(far, ("stay.last_day", "A-PERIOD"));
    let none = breach_of(|approval| approval.stay.last_day = None);
    assert_eq!(none, ("stay.last_day", "A-PERIOD"));
    let activity = breach_of(|approval| {
        approval.status.designated_activity = Some(DesignatedActivity::Other);
    });
    assert_eq!(activity, ("status.designated_activity", "A-STATUS"));
}

#[test]
fn a_stay_that_is_over_gives_no_card() {
    let over = check(&sample(1), date(2028, 9, 4), &RegularKanji::listed()).unwrap_err();
    assert_eq!(
        (over.field, over.rule.code()),
        ("stay.last_day", "A-VALIDITY")
    );
}

#[test]
fn a_photo_goes_with_the_age() {
    assert_eq!(
        breach_of(|approval| approval.photo = None),
        ("photo", "A-PHOTO")
    );
    let mut child = sample(3);
    child.photo = Some("mihon.jpg".to_owned().try_into().unwrap());
    assert_eq!(
        checked(&child).unwrap_err().rule,
        Rule::Photo { due: false }
    );
}

#[test]
fn the_certified_permission_is_the_grounds() {
    let other = breach_of(|approval| approval.permission.kind = PermissionKind::Landing);
    assert_eq!(other, ("permission.kind", "A-PERMISSION"));
}

#[test]
fn texts_have_their_form() {
    let nation = breach_of(|approval| approval.holder.nationality.code = Private::from("kr"));
    assert_eq!(nation, ("holder.nationality.code", "A-TEXT"));
    let own = breach_of(|approval| approval.holder.nationality.code = Private::from("JPN"));
    assert_eq!(own, ("holder.nationality.code", "A-TEXT"));
    let town = breach_of(|approval| {
        approval.holder.address.municipality = Some(Private::from("13101"));
    });
    assert_eq!(town, ("holder.address.municipality", "A-TEXT"));
    let long = "あ".repeat(81);
    let address = breach_of(|approval| approval.holder.address.text = Private::from(long.as_str()));
    assert_eq!(address, ("holder.address.text", "A-TEXT"));
    let long = "あ".repeat(41);
    let blanket = breach_of(|approval| {
        approval.endorsements.blanket = Some(Private::from(long.as_str()));
    });
    assert_eq!(blanket, ("endorsements.blanket", "A-TEXT"));
    let undetermined = breach_of(|approval| {
        approval.holder.address.text = Private::from(ADDRESS_UNDETERMINED);
    });
    assert_eq!(undetermined, ("holder.address.municipality", "A-TEXT"));
    assert_eq!(sample(0).work, WorkRestriction::StatusOnly);
}

#[test]
fn a_period_starts_at_most_three_months_from_its_permission() {
    // Four years and three months from 3 June 2024 end on 3 September 2028.
    let ends = |last| {
        let mut approval = sample(1);
        approval.stay.last_day = Some(last);
        stay(&approval, TODAY).is_ok()
    };
    assert!(ends(date(2028, 6, 3)) && !ends(date(2028, 6, 2)));
    assert!(ends(date(2028, 12, 3)) && !ends(date(2028, 12, 4)));
}

#[test]
fn nobody_was_permitted_anything_before_birth() {
    let early = breach_of(|approval| approval.permission.date = date(1999, 8, 14));
    assert_eq!(early, ("permission.date", "A-DATE"));
    let mut newborn = sample(1);
    newborn.permission.date = newborn.holder.birth_date;
    // The day is plausible; that the period does not end as it says is told next.
    assert_eq!(checked(&newborn).unwrap_err().field, "stay.last_day");
    let mut today = sample(1);
    today.permission.date = TODAY;
    assert_eq!(checked(&today).unwrap_err().field, "stay.last_day");
}

#[test]
fn no_text_holds_what_no_printer_prints() {
    let text = |line| Private::from(line);
    let address = breach_of(|approval| approval.holder.address.text = text("東京都\n千代田区"));
    assert_eq!(address, ("holder.address.text", "A-TEXT"));
    let by = breach_of(|approval| approval.permission.by = "東京\t局長".to_owned());
    assert_eq!(by, ("permission.by", "A-TEXT"));
    let long = breach_of(|approval| approval.permission.by = "長".repeat(31));
    assert_eq!(long, ("permission.by", "A-TEXT"));
    let individual = breach_of(|approval| {
        approval.endorsements.individual = Some(text("許可\u{7}"));
    });
    assert_eq!(individual, ("endorsements.individual", "A-TEXT"));
    let mut longest = sample(1);
    longest.holder.address.text = Private::from("𠮷".repeat(80).as_str());
    longest.endorsements.individual = Some(Private::from("あ".repeat(40).as_str()));
    longest.permission.by = "長".repeat(30);
    assert!(checked(&longest).is_ok());
}

#[test]
fn a_municipality_is_six_digits() {
    for wrong in ["13101A", "1310160", ""] {
        let town = breach_of(|approval| {
            approval.holder.address.municipality = Some(Private::from(wrong));
        });
        assert_eq!(town, ("holder.address.municipality", "A-TEXT"), "{wrong}");
    }
}

#[test]
fn every_rule_says_what_to_do_in_both_languages() {
    let rules = [
        Rule::Ineligible(Ineligible::NoStatus),
        Rule::OldCard(Ground::Landing),
        Rule::SameApprover,
        Rule::Name(name::roman("").unwrap_err()),
        Rule::Period,
        Rule::Date,
        Rule::Fee { due: true },
        Rule::Photo { due: true },
        Rule::Text("a text"),
    ];
    let mut remedies: Vec<_> = rules.map(Rule::remedy).into();
    for (ja, en) in &remedies {
        assert!(!ja.is_ascii() && ja.ends_with('。'), "{ja}");
        assert!(en.is_ascii() && en.ends_with('.'), "{en}");
    }
    remedies.sort_unstable();
    remedies.dedup();
    assert_eq!(remedies.len(), rules.len());
}
