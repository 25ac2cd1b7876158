//! Work with the machine outside of issuances: between its beginning and its end no card is
//! begun, and what it used is told by the printer's own counters.

use super::super::apply::{Misfit, holds};
use super::super::survey::Counters;
use super::{Ledger, Service};
use crate::fault::By;
use crate::stock::Use;

/// Work that was begun and whose end is not recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Underway {
    /// Its place in the station's count of cards begun, which motions are named after.
    pub count: u32,
    /// Which order.
    pub order: String,
    /// Who.
    pub by: By,
    /// The counters just before it.
    pub before: Counters,
}

impl Ledger {
    /// The work outside of issuances that is under way, or that a crash cut short.
    #[must_use]
    pub fn service(&self) -> Option<&Underway> {
        self.service.as_ref()
    }

    pub(super) fn serviced(&mut self, service: &Service) -> Result<(), Misfit> {
        match service {
            Service::Began { order, by, before } => {
                holds(self.open().is_none(), "a service order beside an open job")?;
                holds(self.service.is_none(), "one service order at a time")?;
                self.expected = Some(before.clone());
                // Its motions have names of their own: no card has this count, before or after.
                self.cards += 1;
                self.service = Some(Underway {
                    count: self.cards,
                    order: order.clone(),
                    by: by.clone(),
                    before: before.clone(),
                });
                Ok(())
            }
            Service::Failed { .. } => holds(
                self.service.is_some(),
                "a service order that never began failed",
            ),
            Service::Ended {
                after,
                blanks,
                fate,
            } => {
                let placed = *blanks == 0 || fate.is_some();
                holds(placed, "test cards that are nowhere")?;
                let Some(begun) = self.service.take() else {
                    return holds(false, "the end of a service order that never began");
                };
                for used in spent(&begun.before, after) {
                    self.stock.used(used);
                }
                if let Some(bin) = fate {
                    (0..*blanks).for_each(|_| self.stock.used(Use::Test(*bin)));
                }
                self.expected = Some(after.clone());
                Ok(())
            }
        }
    }
}

/// Passes and patches between two readings, in the order in which a ribbon gives them.
fn spent(before: &Counters, after: &Counters) -> Vec<Use> {
    let patches = after.patches_begun.saturating_sub(before.patches_begun);
    let passes: [u32; 7] =
        std::array::from_fn(|panel| after.begun[panel].saturating_sub(before.begun[panel]));
    let rounds = passes.into_iter().max().unwrap_or(0);
    let mut used = Vec::new();
    for round in 0..rounds {
        let of_this_set = (0..passes.len()).filter(|panel| passes[*panel] > round);
        used.extend(of_this_set.map(Use::Pass));
    }
    used.extend((0..patches).map(|_| Use::Patch));
    used
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Code, Role, Signed, TwoPersons};
    use crate::issuance::{Entry, Event, Panel, Select, What};
    use crate::stock::{self, Bin, Roll, Supply};
    use jiff::Timestamp;

    fn technician() -> Signed {
        Signed {
            person: "t1".into(),
            role: Role::Technician,
        }
    }

    fn take(ledger: &mut Ledger, what: What) -> Result<(), Misfit> {
        let entry = Entry::new(Timestamp::UNIX_EPOCH, what);
        let bytes = entry.to_bytes().expect("an entry is JSON");
        ledger.apply(&Entry::parse(&bytes).expect("reads back"))
    }

    fn began(before: &Counters) -> What {
        What::Service(Service::Began {
            order: "test-card".into(),
            by: By::One(technician()),
            before: before.clone(),
        })
    }

    fn ended(after: &Counters, blanks: u32, fate: Option<Bin>) -> What {
        What::Service(Service::Ended {
            after: after.clone(),
            blanks,
            fate,
        })
    }

    fn loaded(supply: Supply) -> What {
        let supervisor = Signed {
            person: "s1".into(),
            role: Role::Supervisor,
        };
        let two = TwoPersons::new(technician(), supervisor).expect("two persons");
        What::Stock(stock::Event::Loaded {
            supply,
            roll: Roll {
                serial: "R1".into(),
                lot: 1,
                expires: None,
            },
            count: 10,
            by: By::Two(two),
        })
    }

    #[test]
    fn a_test_card_is_a_blank_and_a_set_and_what_the_counters_say() {
        let mut ledger = Ledger::default();
        for supply in [Supply::Blanks, Supply::Ribbon, Supply::Patches] {
            take(&mut ledger, loaded(supply)).expect("loads");
        }
        let before = Counters::default();
        take(&mut ledger, began(&before)).expect("begins");
        let count = ledger.service().map(|begun| begun.count);
        assert_eq!((count, ledger.next_card()), (Some(1), 2));
        let mut after = before.clone();
        (after.fed, after.rejected) = (2, 2);
        (after.begun, after.completed) = ([2; 7], [2; 7]);
        (after.patches_begun, after.patches_completed) = (1, 1);
        assert!(ledger.contradicts(&after), "not before it is told");
        take(&mut ledger, ended(&after, 2, Some(Bin::Tray))).expect("ends");
        let stock = ledger.stock();
        let left = |supply| stock.film(supply).expect("a film").left();
        assert_eq!((left(Supply::Ribbon), left(Supply::Patches)), (8, 9));
        let terms = stock.terms();
        assert_eq!((terms.hopper, terms.tray, terms.tests), (8, 2, 2));
        assert!(stock.balanced(), "{stock:?}");
        assert!(!ledger.contradicts(&after));
        assert!(ledger.service().is_none());
    }

    #[test]
    fn an_order_that_burned_one_panel_leaves_the_rest_of_its_set() {
        let mut ledger = Ledger::default();
        take(&mut ledger, loaded(Supply::Ribbon)).expect("loads");
        let mut counters = Counters::default();
        let mut left = |panel: Panel| {
            take(&mut ledger, began(&counters)).expect("begins");
            counters.begun[panel.index()] += 1;
            take(&mut ledger, ended(&counters, 0, None)).expect("ends");
            ledger.stock().film(Supply::Ribbon).expect("a film").left()
        };
        assert_eq!((left(Panel::Y), left(Panel::M)), (9, 9), "one set");
        assert_eq!(left(Panel::Y), 8, "the next");
    }

    #[test]
    fn no_card_is_begun_while_a_technician_works_and_none_works_twice() {
        let counters = Counters::default();
        let mut ledger = Ledger::default();
        take(&mut ledger, began(&counters)).expect("begins");
        let wanted = What::Wanted {
            select: Select::Next,
            clerk: technician(),
        };
        assert!(take(&mut ledger, wanted).is_err());
        let asked = What::Issuance(Event::Asked { key: "k".into() });
        assert!(take(&mut ledger, asked).is_err());
        assert!(take(&mut ledger, began(&counters)).is_err());
        let failed = What::Service(Service::Failed {
            fault: Code::JamHead,
        });
        take(&mut ledger, failed.clone()).expect("it is under way");
        let nowhere = ended(&counters, 1, None);
        assert!(
            take(&mut ledger, nowhere).is_err(),
            "a test card is somewhere"
        );
        take(&mut ledger, ended(&counters, 0, None)).expect("ends");
        assert!(take(&mut ledger, ended(&counters, 0, None)).is_err());
        assert!(take(&mut ledger, failed).is_err());
    }
}
