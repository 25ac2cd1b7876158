//! The stock against a world of its own: whatever persons and machine do, the sums hold, and
//! a count says exactly what is gone.

use super::*;
use crate::fault::{By, Role, Signed, TwoPersons};
use proptest::prelude::*;

fn clerk() -> Signed {
    Signed {
        person: "c1".into(),
        role: Role::Clerk,
    }
}

fn two() -> TwoPersons {
    let supervisor = Signed {
        person: "s1".into(),
        role: Role::Supervisor,
    };
    TwoPersons::new(clerk(), supervisor).expect("two persons")
}

fn roll(serial: &str) -> Roll {
    Roll {
        serial: serial.into(),
        lot: 7,
        expires: None,
    }
}

fn load(supply: Supply, serial: &str, count: u32) -> Event {
    Event::Loaded {
        supply,
        roll: roll(serial),
        count,
        by: By::Two(two()),
    }
}

fn with_blanks(count: u32) -> Stock {
    let mut stock = Stock::default();
    let loaded = stock.apply(&load(Supply::Blanks, "B1", count));
    loaded.expect("loads");
    stock
}

/// One card of each fate: delivered, in the tray, in the bag; the spoiled ones are named.
fn with_spoiled() -> Stock {
    let mut stock = with_blanks(10);
    stock.used(Use::Fed);
    stock.known("AA01", Some("AB12345678CD"));
    stock.used(Use::Ejected);
    stock.used(Use::Delivered);
    stock.used(Use::Fed);
    stock.known("AA02", Some("EF12345678GH"));
    stock.used(Use::Tray);
    stock.used(Use::Fed);
    stock.known("AA03", None);
    stock.used(Use::Bag);
    stock.used(Use::Test(Bin::Tray));
    stock
}

fn reconcile(stock: &Stock, count: Count, reason: Option<Reason>, by: By) -> Event {
    let readings = Readings::default();
    let differences = stock.compare(&count, &readings).differences();
    Event::Reconciled {
        count,
        readings,
        differences,
        reason,
        by,
    }
}

#[test]
fn blanks_are_loaded_by_two_and_a_roll_only_once() {
    let mut stock = Stock::default();
    let alone = |supply, serial: &str| Event::Loaded {
        supply,
        roll: roll(serial),
        count: 5,
        by: By::One(clerk()),
    };
    let refused = stock.apply(&alone(Supply::Blanks, "B1"));
    assert_eq!(refused, Err(Refusal::NeedsTwo));
    stock
        .apply(&alone(Supply::Ribbon, "R1"))
        .expect("one person");
    let again = stock.apply(&alone(Supply::Ribbon, "R1"));
    assert_eq!(again, Err(Refusal::Reused));
    let second = stock.apply(&alone(Supply::Ribbon, "R2"));
    assert_eq!(second, Err(Refusal::StillLoaded));
    let out = Event::Unloaded {
        supply: Supply::Ribbon,
        left: 0,
        by: By::One(clerk()),
    };
    stock.apply(&out).expect("taken out");
    assert_eq!(stock.waste(), ["R1"]);
    let back = stock.apply(&alone(Supply::Ribbon, "R1"));
    assert_eq!(back, Err(Refusal::Reused), "a used ribbon never comes back");
    stock
        .apply(&alone(Supply::Ribbon, "R2"))
        .expect("a new one");
    let none = stock.apply(&load(Supply::Blanks, "B1", 0));
    assert_eq!(none, Err(Refusal::BadCount(0)));
}

#[test]
fn a_set_is_spent_once_per_card_and_again_for_a_card_that_starts_over() {
    let mut stock = Stock::default();
    let loaded = stock.apply(&load(Supply::Ribbon, "R1", 10));
    loaded.expect("loads");
    (0..7).for_each(|panel| stock.used(Use::Pass(panel)));
    let left = |stock: &Stock| stock.film(Supply::Ribbon).map(Film::left);
    assert_eq!(left(&stock), Some(9));
    stock.used(Use::Pass(0));
    stock.used(Use::Unburned);
    assert_eq!(left(&stock), Some(9), "refused before its first dot");
    (0..3).for_each(|panel| stock.used(Use::Pass(panel)));
    assert_eq!(left(&stock), Some(8));
    stock.used(Use::Pass(3));
    stock.used(Use::Unburned);
    stock.used(Use::Pass(3));
    assert_eq!(left(&stock), Some(8), "the same set goes on");
}

#[test]
fn a_count_that_comes_out_needs_no_supervisor() {
    let mut stock = with_spoiled();
    let before = stock.terms();
    let count = Count {
        hopper: 6,
        tray: 2,
        bag: 1,
        ..Count::default()
    };
    let event = reconcile(&stock, count, None, By::One(clerk()));
    stock.apply(&event).expect("comes out");
    assert_eq!(stock.terms(), before);
    assert!(stock.differences().is_empty());
}

#[test]
fn a_blank_that_is_gone_is_said_signed_and_kept_on_the_books() {
    let mut stock = with_spoiled();
    let count = Count {
        hopper: 5,
        tray: 2,
        bag: 1,
        ..Count::default()
    };
    let told = stock.compare(&count, &Readings::default());
    assert_eq!(told.blanks, -1);
    assert_eq!(told.differences()[0].item, Item::Hopper);
    let alone = reconcile(
        &stock,
        count.clone(),
        Some(Reason::Missing),
        By::One(clerk()),
    );
    assert_eq!(stock.apply(&alone), Err(Refusal::NeedsSupervisor));
    let dumb = reconcile(&stock, count.clone(), None, By::Two(two()));
    assert_eq!(stock.apply(&dumb), Err(Refusal::NeedsReason));
    let signed = reconcile(&stock, count.clone(), Some(Reason::Stolen), By::Two(two()));
    stock.apply(&signed).expect("signed");
    assert_eq!((stock.terms().hopper, stock.terms().missing), (5, 1));
    assert!(stock.balanced());
    let again = reconcile(&stock, count, None, By::One(clerk()));
    stock.apply(&again).expect("comes out from now on");
}

#[test]
fn a_card_that_is_gone_is_named_when_the_others_were_read() {
    let stock = with_spoiled();
    let count = Count {
        hopper: 6,
        tray: 1,
        bag: 1,
        seen: vec!["aa03".into()],
        ..Count::default()
    };
    let told = stock.compare(&count, &Readings::default());
    assert_eq!(told.missing.len(), 1);
    assert_eq!(told.missing[0].number.as_deref(), Some("EF12345678GH"));
    assert!(told.candidates.is_empty() && told.unexpected.is_empty());
    // Nobody read them: the books know who it can be.
    let unread = Count {
        seen: vec![],
        ..count
    };
    let told = stock.compare(&unread, &Readings::default());
    assert!(told.missing.is_empty());
    assert_eq!(
        (told.candidates[0].missing, told.candidates[0].among.len()),
        (1, 2)
    );
}

#[test]
fn a_card_in_place_of_another_is_seen_though_the_counts_agree() {
    let mut stock = with_spoiled();
    let count = Count {
        hopper: 6,
        tray: 2,
        bag: 1,
        seen: vec!["AA02".into(), "FF99".into()],
        ..Count::default()
    };
    let told = stock.compare(&count, &Readings::default());
    assert!(told.differences().is_empty() && !told.comes_out());
    assert_eq!(told.missing[0].serial.as_deref(), Some("AA03"));
    assert_eq!(told.unexpected, ["FF99"]);
    let alone = reconcile(&stock, count.clone(), None, By::One(clerk()));
    assert_eq!(stock.apply(&alone), Err(Refusal::NeedsSupervisor));
    let signed = reconcile(&stock, count, Some(Reason::Missing), By::Two(two()));
    stock.apply(&signed).expect("signed");
    assert!(stock.balanced(), "{:?}", stock.terms());
}

#[test]
fn a_card_that_only_lies_elsewhere_is_not_missing() {
    let stock = with_spoiled();
    let count = Count {
        hopper: 6,
        tray: 1,
        bag: 2,
        ..Count::default()
    };
    let told = stock.compare(&count, &Readings::default());
    assert_eq!((told.blanks, told.differences().len()), (0, 2));
}

#[test]
fn spoiled_and_test_cards_are_destroyed_by_list_and_count() {
    let mut stock = with_spoiled();
    let all: Vec<u32> = stock.blanks().binned().map(|piece| piece.id).collect();
    let destroy = |cards: &[u32], counted| Event::Destroyed {
        cards: cards.to_vec(),
        counted,
        by: two(),
    };
    let differs = stock.apply(&destroy(&all, 2));
    let expected = Refusal::CountDiffers {
        expected: 3,
        counted: 2,
    };
    assert_eq!(differs, Err(expected));
    assert_eq!(
        stock.apply(&destroy(&[1], 1)),
        Err(Refusal::NotThere(1)),
        "delivered"
    );
    stock.apply(&destroy(&all, 3)).expect("destroyed");
    let terms = stock.terms();
    assert_eq!((terms.destroyed, terms.tests_destroyed), (3, 1));
    assert_eq!((terms.tray, terms.bag, terms.tests), (0, 0, 0));
    assert!(terms.balanced());
    assert_eq!(
        stock.apply(&destroy(&all, 3)),
        Err(Refusal::NotThere(all[0]))
    );
}

#[test]
fn only_an_untouched_blank_is_booked_back() {
    let mut stock = with_spoiled();
    let back = |serial: &str| Event::BookedBack {
        serial: serial.into(),
        by: By::One(clerk()),
    };
    assert_eq!(stock.apply(&back("AA02")), Err(Refusal::NotUntouched));
    stock.apply(&back("AA03")).expect("untouched");
    assert_eq!((stock.terms().hopper, stock.terms().bag), (7, 0));
    assert!(stock.balanced());
    assert_eq!(stock.apply(&back("AA03")), Err(Refusal::NotUntouched));
}

#[test]
fn an_old_card_is_destroyed_only_when_it_is_punched() {
    let mut stock = Stock::default();
    stock.old_card("J-1", OldState::Collected);
    stock.old_card("J-1", OldState::Punched);
    stock.old_card("J-2", OldState::Collected);
    stock.old_card("J-3", OldState::GivenBack);
    assert_eq!(stock.old_cards().held().count(), 2);
    let destroy = |jobs: &[&str], counted| Event::OldCardsDestroyed {
        jobs: jobs.iter().map(|job| (*job).to_owned()).collect(),
        counted,
        by: two(),
    };
    let early = stock.apply(&destroy(&["J-1", "J-2"], 2));
    assert_eq!(early, Err(Refusal::NotPunched));
    stock.apply(&destroy(&["J-1"], 1)).expect("punched");
    assert_eq!(stock.old_cards().held().count(), 1);
}

/// What really lies where, kept by counting alone.
#[derive(Default)]
struct World {
    loaded: i64,
    hopper: i64,
    inside: i64,
    tray: i64,
    bag: i64,
    gone: i64,
}

impl World {
    fn step(&mut self, stock: &mut Stock, act: u8, many: u8) {
        let n = u32::from(many % 5) + 1;
        match act % 12 {
            0 => {
                let loaded = stock.apply(&load(Supply::Blanks, "B", n));
                loaded.expect("loads");
                self.loaded += i64::from(n);
                self.hopper += i64::from(n);
            }
            1..=3 if self.inside == 0 => {
                stock.used(Use::Fed);
                stock.known(&format!("{:04X}", self.loaded * 100 + self.hopper), None);
                (self.hopper, self.inside) = (self.hopper - 1, 1);
            }
            4 if self.inside == 1 => {
                stock.used(Use::Unfed);
                (self.hopper, self.inside) = (self.hopper + 1, 0);
            }
            5 if self.inside == 1 => self.out(stock, Use::Tray, |world| &mut world.tray),
            6 if self.inside == 1 => self.out(stock, Use::Bag, |world| &mut world.bag),
            7 if self.inside == 1 => {
                stock.used(Use::Ejected);
                self.out(stock, Use::Delivered, |world| &mut world.gone);
            }
            8 if self.inside == 0 => {
                stock.used(Use::Test(Bin::Tray));
                (self.hopper, self.tray) = (self.hopper - 1, self.tray + 1);
            }
            9 => {
                let counted = u32::try_from(self.tray).expect("counted up");
                let emptied = Event::TrayEmptied { counted, by: two() };
                stock.apply(&emptied).expect("the books agree");
                (self.bag, self.tray) = (self.bag + self.tray, 0);
            }
            10 => self.destroy(stock),
            11 => self.recount(stock, many),
            _ => {}
        }
    }

    fn out(&mut self, stock: &mut Stock, used: Use, to: fn(&mut World) -> &mut i64) {
        stock.used(used);
        self.inside = 0;
        *to(self) += 1;
    }

    fn destroy(&mut self, stock: &mut Stock) {
        let cards: Vec<u32> = stock.blanks().binned().map(|piece| piece.id).collect();
        let counted = u32::try_from(self.tray + self.bag).expect("counted up");
        let destroyed = Event::Destroyed {
            cards,
            counted,
            by: two(),
        };
        stock.apply(&destroyed).expect("the books agree");
        self.gone += self.tray + self.bag;
        (self.tray, self.bag) = (0, 0);
    }

    /// Something is taken away or put in behind the station's back, then counted.
    fn recount(&mut self, stock: &mut Stock, many: u8) {
        let change = i64::from(many % 3) - 1;
        self.hopper = (self.hopper + change).max(0);
        self.tray = (self.tray - change).max(0);
        let count = Count {
            hopper: u32::try_from(self.hopper).expect("not below zero"),
            tray: u32::try_from(self.tray).expect("not below zero"),
            bag: u32::try_from(self.bag).expect("counted up"),
            ..Count::default()
        };
        let signed = reconcile(stock, count, Some(Reason::Missing), By::Two(two()));
        stock.apply(&signed).expect("signed");
    }
}

proptest! {
    #[test]
    fn whatever_happens_the_sums_hold_and_are_those_of_the_world(
        acts in prop::collection::vec((any::<u8>(), any::<u8>()), 0..120)
    ) {
        let (mut stock, mut world) = (Stock::default(), World::default());
        for (act, many) in acts {
            world.step(&mut stock, act, many);
            let terms = stock.terms();
            prop_assert!(terms.balanced(), "{terms:?}");
            prop_assert_eq!(terms.loaded, world.loaded);
            prop_assert_eq!(terms.hopper, world.hopper);
            prop_assert_eq!(terms.machine + terms.exit, world.inside);
            prop_assert_eq!((terms.tray, terms.bag), (world.tray, world.bag));
            prop_assert_eq!(terms.delivered + terms.destroyed, world.gone);
        }
    }
}

/// The stock counted as it is, by two, with nothing to explain.
fn counted(stock: &mut Stock) {
    let terms = stock.terms();
    let whole = |number: i64| u32::try_from(number).expect("nothing is below zero");
    let count = Count {
        hopper: whole(terms.hopper),
        tray: whole(terms.tray),
        bag: whole(terms.bag),
        ..Count::default()
    };
    let event = reconcile(stock, count, None, By::Two(two()));
    stock.apply(&event).expect("it comes out");
}

fn shift(stock: &Stock, to: u64) -> Event {
    let (number, from) = stock.open_shift();
    Event::ShiftClosed(Shift {
        number,
        from,
        to,
        terms: stock.terms(),
        by: two(),
    })
}

#[test]
fn a_shift_closes_on_a_count_with_nothing_between() {
    let mut stock = with_spoiled();
    let uncounted = stock.apply(&shift(&stock.clone(), 9));
    assert_eq!(uncounted, Err(Refusal::Unfounded));
    counted(&mut stock);
    stock.used(Use::Fed);
    stock.used(Use::Tray);
    let moved = stock.apply(&shift(&stock.clone(), 9));
    assert_eq!(moved, Err(Refusal::Unfounded), "a card after the count");
    counted(&mut stock);
    stock.apply(&shift(&stock.clone(), 9)).expect("it closes");
    let again = stock.apply(&shift(&stock.clone(), 12));
    assert_eq!(again, Err(Refusal::Unfounded), "one count, one close");
}

#[test]
fn shifts_follow_on_each_other_without_a_gap_and_with_the_sums_of_the_books() {
    let mut stock = with_spoiled();
    counted(&mut stock);
    stock.apply(&shift(&stock.clone(), 9)).expect("the first");
    assert_eq!(stock.open_shift(), (2, 10));
    counted(&mut stock);
    let Event::ShiftClosed(right) = shift(&stock, 20) else {
        unreachable!("a shift was built")
    };
    let wrongs: [fn(&mut Shift); 4] = [
        |shift| shift.number = 3,
        |shift| shift.from = 11,
        |shift| shift.to = 9,
        |shift| shift.terms.delivered += 1,
    ];
    for wrong in wrongs {
        let mut other = right.clone();
        wrong(&mut other);
        let refused = stock.apply(&Event::ShiftClosed(other));
        assert_eq!(refused, Err(Refusal::Unfounded));
    }
    stock
        .apply(&Event::ShiftClosed(right.clone()))
        .expect("the second");
    assert_eq!(stock.shift(), Some(&right));
}
