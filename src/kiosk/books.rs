//! The books as the screens know them, and what persons are doing with them. Pure: the station
//! decides, and nothing that was typed is lost when it refuses.

use super::entry::{Act, Close, Entry, Field, Problem, Typed, Wrong};
use super::worker::Order;
use crate::fault::{By, Signed, TwoPersons};
use crate::station::request::{Reply, Stop};
use crate::station::supplies::{Ask, Count, Reason, Reconciliation, Shift, Shown, Told};

/// The books as the screens know them, and the act at hand.
#[derive(Default)]
pub(super) struct Books {
    /// As last told.
    pub(super) shown: Option<Box<Shown>>,
    /// What the station is asked now.
    pub(super) running: Option<Errand>,
    /// The act that was tried last.
    pub(super) act: Option<Act>,
    /// What was typed for it, or counted, as it was typed.
    pub(super) typed: Typed,
    /// What is wrong with that.
    pub(super) wrong: Vec<Wrong>,
    /// What the station did not do, and why.
    pub(super) refused: Option<(Errand, Box<Stop>)>,
    /// The act that was recorded last, and what was typed for it.
    pub(super) done: Option<(Act, Typed)>,
    /// A count, and how it compares.
    pub(super) compared: Option<(Count, Box<Reconciliation>)>,
    /// The shift that was closed just now, and whether its report was written.
    pub(super) closed: Option<(Box<Shift>, bool)>,
}

/// What the station is asked about the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Errand {
    /// How they stand.
    Look,
    /// An act is recorded.
    Record(Act),
    /// A count is compared.
    Compare,
    /// The shift is closed.
    Close,
}

/// What an act with the books leads to.
pub(super) enum Next {
    /// The station is asked.
    Ask(Ask),
    /// Something is to be put right on the screen.
    Mend,
    /// A second person is asked for this act.
    Second(Entry),
}

impl Books {
    /// Why this was not done, if it was tried last.
    pub(super) fn refusal(&self, of: impl Fn(Errand) -> bool) -> Option<&Stop> {
        let refused = self.refused.as_ref().filter(|(errand, _)| of(*errand));
        refused.map(|(_, stop)| &**stop)
    }

    /// Whether an act is on its way, behind which none may be posted. A look is none.
    pub(super) fn acting(&self) -> bool {
        self.running.is_some_and(|errand| errand != Errand::Look)
    }

    /// Looks how they stand.
    pub(super) fn look(&mut self) -> Order {
        self.closed = None;
        self.send(Errand::Look, Ask::Show)
    }

    /// Gives the worker an errand.
    pub(super) fn send(&mut self, errand: Errand, ask: Ask) -> Order {
        self.running = Some(errand);
        self.refused = None;
        self.done = None;
        Order::Books(errand, Box::new(ask))
    }

    /// What two persons agreed on is recorded; none where these hands are not enough.
    pub(super) fn record(&mut self, entry: Entry, by: By) -> Option<Order> {
        let errand = Errand::Record(entry.act);
        let ask = entry.signed(by)?;
        Some(self.send(errand, ask))
    }

    /// The shift is closed by two persons.
    pub(super) fn close_by(&mut self, close: Close, by: TwoPersons) -> Order {
        self.send(Errand::Close, close.signed(by))
    }

    /// An act was typed: it is recorded, put before a second person, or to be put right.
    pub(super) fn enter(&mut self, act: Act, typed: Typed, person: &Signed) -> Next {
        self.act = Some(act);
        self.refused = None;
        self.done = None;
        let parsed = Entry::parse(act, &typed);
        self.typed = typed;
        match parsed {
            Err(wrong) => {
                self.wrong = wrong;
                Next::Mend
            }
            Ok(entry) => {
                self.wrong.clear();
                match entry.clone().signed(By::One(person.clone())) {
                    Some(ask) => Next::Ask(ask),
                    None => Next::Second(entry),
                }
            }
        }
    }

    /// Everything was counted: compared, or to be put right.
    pub(super) fn count(&mut self, typed: Typed) -> Next {
        self.act = None;
        self.refused = None;
        let parsed = typed.count();
        self.typed = typed;
        self.wrong = parsed.as_ref().err().cloned().unwrap_or_default();
        match parsed {
            Ok(count) => Next::Ask(Ask::Compare { count }),
            Err(_) => Next::Mend,
        }
    }

    /// The shift is to be closed; none where nothing was compared, or a reason is missing.
    pub(super) fn close(&mut self, reason: Option<Reason>) -> Option<Close> {
        let (count, compared) = self.compared.clone()?;
        self.wrong.clear();
        if !compared.comes_out() && reason.is_none() {
            self.wrong.push(Wrong {
                field: Field::Reason,
                problem: Problem::Empty,
            });
            return None;
        }
        Some(Close {
            count,
            reason: reason.filter(|_| !compared.comes_out()),
            compared,
        })
    }

    /// What came of an errand.
    pub(super) fn told(
        &mut self,
        errand: Errand,
        asked: Option<&Count>,
        reply: Result<Reply, Stop>,
    ) {
        // A look that ends while an act waits behind it ends nothing but itself.
        self.running = self.running.filter(|running| *running != errand);
        let told = match reply {
            Ok(Reply::Supplies(told)) => *told,
            Ok(_) => return,
            Err(stop) => {
                self.refused = Some((errand, Box::new(stop)));
                return;
            }
        };
        if let Errand::Record(act) = errand {
            self.done = Some((act, std::mem::take(&mut self.typed)));
        }
        match told {
            Told::Stock(shown) => self.shown = Some(Box::new(shown)),
            Told::Destroyed { .. } => {}
            Told::Counted { count, .. } => {
                self.compared = asked.cloned().map(|asked| (asked, Box::new(count)));
            }
            Told::ShiftClosed { shift, report, .. } => {
                self.compared = None;
                self.typed = Typed::default();
                self.closed = Some((shift, report.is_some()));
            }
        }
    }
}

impl Books {
    /// How they stand now.
    pub(super) fn see(&mut self, reply: Result<Reply, Stop>) {
        if let Ok(Reply::Supplies(told)) = reply
            && let Told::Stock(shown) = *told
        {
            self.shown = Some(Box::new(shown));
        }
    }
}

/// The count that an errand carries, for the screen that shows what came of it.
pub(super) fn count_of(ask: &Ask) -> Option<&Count> {
    match ask {
        Ask::Compare { count } | Ask::Reconcile { count, .. } | Ask::CloseShift { count, .. } => {
            Some(count)
        }
        Ask::Show
        | Ask::Load { .. }
        | Ask::Unload { .. }
        | Ask::EmptyTray { .. }
        | Ask::BookBack { .. }
        | Ask::DestroyCards { .. }
        | Ask::DestroyRibbons { .. }
        | Ask::DestroyOldCards { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Role;
    use crate::station::supplies::Supply;

    fn signed(person: &str, role: Role) -> Signed {
        Signed {
            person: person.to_owned(),
            role,
        }
    }

    fn typed(pairs: &[(&'static str, &'static str)]) -> Typed {
        let fields = [Field::Serial, Field::Lot, Field::Count];
        Typed::of(&fields, |name| {
            let found = pairs.iter().find(|(own, _)| *own == name);
            found.map_or("", |(_, text)| text)
        })
    }

    #[test]
    fn what_is_wrong_is_told_field_by_field_and_nothing_typed_is_lost() {
        let mut books = Books::default();
        let half = typed(&[("serial", "rb 1"), ("count", "12x")]);
        let person = signed("a", Role::Clerk);
        let next = books.enter(Act::Load(Supply::Ribbon), half, &person);
        assert!(matches!(next, Next::Mend));
        let wrong = |field, problem| Wrong { field, problem };
        assert_eq!(
            books.wrong,
            [
                wrong(Field::Serial, Problem::NoSerial),
                wrong(Field::Lot, Problem::Empty),
                wrong(Field::Count, Problem::NotANumber),
            ]
        );
        assert_eq!(books.typed.get(Field::Serial), "RB 1");
        assert_eq!(books.typed.get(Field::Count), "12X");
    }

    #[test]
    fn a_refusal_keeps_what_was_typed_and_a_record_clears_it() {
        let mut books = Books::default();
        let person = signed("a", Role::Clerk);
        let whole = || typed(&[("serial", "RB000002"), ("lot", "7"), ("count", "3")]);
        let act = Act::Load(Supply::Ribbon);
        assert!(matches!(books.enter(act, whole(), &person), Next::Ask(_)));
        books.running = Some(Errand::Record(act));
        let stop = Stop::plain(crate::fault::Code::SupplyOther);
        books.told(Errand::Record(act), None, Err(stop));
        assert_eq!(books.typed.get(Field::Serial), "RB000002");
        assert!(books.refused.is_some() && books.done.is_none());
        books.running = Some(Errand::Record(act));
        let told = Told::Destroyed { cards: Vec::new() };
        books.told(
            Errand::Record(act),
            None,
            Ok(Reply::Supplies(Box::new(told))),
        );
        assert_eq!(books.done.as_ref().map(|(act, _)| *act), Some(act));
        assert_eq!(books.typed.get(Field::Serial), "");
    }

    #[test]
    fn a_look_that_ends_late_ends_no_act_behind_it() {
        let mut books = Books::default();
        let person = signed("a", Role::Clerk);
        let act = Act::Unload(Supply::Ribbon);
        let _look = books.look();
        let Next::Ask(ask) = books.enter(act, Typed::default(), &person) else {
            panic!("one person is enough")
        };
        let _record = books.send(Errand::Record(act), ask);
        let stop = Stop::plain(crate::fault::Code::Silent);
        books.told(Errand::Look, None, Err(stop));
        assert!(books.acting() && books.done.is_none());
        let told = Told::Destroyed { cards: Vec::new() };
        let told = Ok(Reply::Supplies(Box::new(told)));
        books.told(Errand::Record(act), None, told);
        assert!(!books.acting() && books.done.is_some());
    }
}
