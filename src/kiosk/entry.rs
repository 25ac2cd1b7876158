//! What persons do with material on the screens: the acts, what must be typed for each, what is
//! wrong with it. Pure.

use crate::fault::{By, Hands, TwoPersons};
use crate::station::supplies::{Ask, Count, Reason, Reconciliation, Supply};

/// An act with material.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// It was put in.
    Load(Supply),
    /// It was taken out.
    Unload(Supply),
    /// The reject tray was emptied into the bag.
    EmptyTray,
    /// An untouched blank goes back into the hopper.
    BookBack,
    /// Spoiled and test cards were destroyed.
    DestroyCards,
    /// Used ribbons were.
    DestroyRibbons,
    /// Punched old cards were.
    DestroyOldCards,
}

/// A field of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Field {
    /// The serial on a label.
    Serial,
    /// The lot on a label.
    Lot,
    /// How many.
    Count,
    /// Blanks in the hopper.
    Hopper,
    /// Cards in the tray.
    Tray,
    /// Cards in the bag.
    Bag,
    /// Used ribbons.
    Ribbons,
    /// Old cards in the box.
    OldCards,
    /// Why a count differs.
    Reason,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Which.
    pub(super) field: Field,
    /// What.
    pub(super) problem: Problem,
}

/// Why a field cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// Nothing stands there.
    Empty,
    /// It is no number, or one that nobody counts.
    NotANumber,
    /// It is not what a label bears.
    NoSerial,
}

/// What was typed, field by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Typed(Vec<(Field, String)>);

/// An act with everything that was typed for it, complete but for the hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Which act.
    pub(super) act: Act,
    /// The serial on the label; empty where none is asked for.
    pub(super) serial: String,
    /// The lot on the label.
    pub(super) lot: u32,
    /// How many.
    pub(super) count: u32,
}

/// A shift to be closed, complete but for the hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Close {
    /// The count.
    pub(super) count: Count,
    /// How it compares.
    pub(super) compared: Box<Reconciliation>,
    /// Why it differs, where it does.
    pub(super) reason: Option<Reason>,
}

/// No label bears a longer serial.
pub(super) const LONGEST_SERIAL: usize = 16;
/// More digits than any count or lot has.
pub(super) const MOST_DIGITS: usize = 9;
/// What is counted before a shift closes.
pub(super) const COUNTED: [Field; 5] = [
    Field::Hopper,
    Field::Tray,
    Field::Bag,
    Field::Ribbons,
    Field::OldCards,
];

impl Act {
    /// Every act.
    pub(super) const ALL: [Act; 11] = [
        Act::Load(Supply::Ribbon),
        Act::Load(Supply::Patches),
        Act::Load(Supply::Blanks),
        Act::Unload(Supply::Ribbon),
        Act::Unload(Supply::Patches),
        Act::Unload(Supply::Blanks),
        Act::EmptyTray,
        Act::BookBack,
        Act::DestroyCards,
        Act::DestroyRibbons,
        Act::DestroyOldCards,
    ];

    /// The name in addresses and forms.
    pub(super) fn name(self) -> &'static str {
        match self {
            Act::Load(Supply::Ribbon) => "load-ribbon",
            Act::Load(Supply::Patches) => "load-patches",
            Act::Load(Supply::Blanks) => "load-blanks",
            Act::Unload(Supply::Ribbon) => "unload-ribbon",
            Act::Unload(Supply::Patches) => "unload-patches",
            Act::Unload(Supply::Blanks) => "unload-blanks",
            Act::EmptyTray => "empty-tray",
            Act::BookBack => "book-back",
            Act::DestroyCards => "destroy-cards",
            Act::DestroyRibbons => "destroy-ribbons",
            Act::DestroyOldCards => "destroy-old-cards",
        }
    }

    /// The act of this name.
    pub(super) fn of_name(name: &str) -> Option<Act> {
        Act::ALL.into_iter().find(|act| act.name() == name)
    }

    /// What is typed for it.
    pub(super) fn fields(self) -> &'static [Field] {
        match self {
            Act::Load(_) => &[Field::Serial, Field::Lot, Field::Count],
            Act::Unload(Supply::Blanks)
            | Act::EmptyTray
            | Act::DestroyCards
            | Act::DestroyRibbons
            | Act::DestroyOldCards => &[Field::Count],
            Act::Unload(Supply::Ribbon | Supply::Patches) | Act::BookBack => &[],
        }
    }

    /// The hands that it needs.
    pub(super) fn hands(self) -> Hands {
        match self {
            Act::Load(Supply::Blanks)
            | Act::Unload(Supply::Blanks)
            | Act::EmptyTray
            | Act::DestroyCards
            | Act::DestroyRibbons
            | Act::DestroyOldCards => Hands::Two,
            Act::Load(Supply::Ribbon | Supply::Patches)
            | Act::Unload(Supply::Ribbon | Supply::Patches)
            | Act::BookBack => Hands::Counter,
        }
    }

    /// Where its form is.
    pub(super) fn path(self) -> String {
        format!("/supplies?act={}", self.name())
    }
}

impl Field {
    /// The name in forms.
    pub(super) fn name(self) -> &'static str {
        match self {
            Field::Serial => "serial",
            Field::Lot => "lot",
            Field::Count => "count",
            Field::Hopper => "hopper",
            Field::Tray => "tray",
            Field::Bag => "bag",
            Field::Ribbons => "ribbons",
            Field::OldCards => "old-cards",
            Field::Reason => "reason",
        }
    }
}

impl Typed {
    /// What stands in these fields of a form.
    pub(super) fn of<'a>(fields: &[Field], text: impl Fn(&str) -> &'a str) -> Typed {
        let typed = fields.iter().map(|field| {
            let text = text(field.name()).trim().to_ascii_uppercase();
            (*field, text.chars().take(LONGEST_SERIAL).collect())
        });
        Typed(typed.collect())
    }

    /// What stands in this field.
    pub(super) fn get(&self, field: Field) -> &str {
        let found = self.0.iter().find(|(own, _)| *own == field);
        found.map_or("", |(_, text)| text)
    }

    fn number(&self, field: Field) -> Result<u32, Wrong> {
        let text = self.get(field);
        let wrong = |problem| Wrong { field, problem };
        if text.is_empty() {
            return Err(wrong(Problem::Empty));
        }
        let digits = text.len() <= MOST_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten();
        number.ok_or(wrong(Problem::NotANumber))
    }

    fn serial(&self) -> Result<String, Wrong> {
        let text = self.get(Field::Serial);
        let wrong = |problem| Wrong {
            field: Field::Serial,
            problem,
        };
        let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
        match text {
            "" => Err(wrong(Problem::Empty)),
            _ if !text.chars().all(plain) => Err(wrong(Problem::NoSerial)),
            _ => Ok(text.to_owned()),
        }
    }

    /// The count of a shift.
    ///
    /// # Errors  Every field that cannot be taken.
    pub(super) fn count(&self) -> Result<Count, Vec<Wrong>> {
        let [hopper, tray, bag, ribbons, old_cards] = COUNTED.map(|field| self.number(field));
        match (hopper, tray, bag, ribbons, old_cards) {
            (Ok(hopper), Ok(tray), Ok(bag), Ok(ribbons), Ok(old_cards)) => Ok(Count {
                hopper,
                tray,
                bag,
                ribbons: Some(ribbons),
                old_cards: Some(old_cards),
                seen: Vec::new(),
            }),
            (hopper, tray, bag, ribbons, old_cards) => {
                let all = [hopper, tray, bag, ribbons, old_cards].into_iter();
                Err(all.filter_map(Result::err).collect())
            }
        }
    }
}

impl Entry {
    /// What was typed for an act.
    ///
    /// # Errors  Every field that cannot be taken.
    pub(super) fn parse(act: Act, typed: &Typed) -> Result<Entry, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let mut entry = Entry {
            act,
            serial: String::new(),
            lot: 0,
            count: 0,
        };
        for field in act.fields() {
            let taken = match field {
                Field::Serial => typed.serial().map(|serial| entry.serial = serial),
                Field::Lot => typed.number(Field::Lot).map(|lot| entry.lot = lot),
                Field::Count
                | Field::Hopper
                | Field::Tray
                | Field::Bag
                | Field::Ribbons
                | Field::OldCards
                | Field::Reason => typed.number(*field).map(|count| entry.count = count),
            };
            wrong.extend(taken.err());
        }
        if wrong.is_empty() {
            Ok(entry)
        } else {
            Err(wrong)
        }
    }

    /// Under these hands; none where they are not enough.
    pub(super) fn signed(self, by: By) -> Option<Ask> {
        let Entry {
            act,
            serial,
            lot,
            count,
        } = self;
        if !act.hands().are(&by) {
            return None;
        }
        let two = |by: By| match by {
            By::Two(two) => Some(two),
            By::One(_) => None,
        };
        let counted = count;
        Some(match act {
            Act::Load(supply) => Ask::Load {
                supply,
                serial,
                lot,
                count,
                by,
            },
            Act::Unload(supply) => Ask::Unload { supply, count, by },
            Act::BookBack => Ask::BookBack { by },
            Act::EmptyTray => Ask::EmptyTray {
                counted,
                by: two(by)?,
            },
            Act::DestroyCards => Ask::DestroyCards {
                cards: Vec::new(),
                counted,
                by: two(by)?,
            },
            Act::DestroyRibbons => Ask::DestroyRibbons {
                counted,
                by: two(by)?,
            },
            Act::DestroyOldCards => Ask::DestroyOldCards {
                counted,
                by: two(by)?,
            },
        })
    }
}

impl Close {
    /// Under these hands.
    pub(super) fn signed(self, by: TwoPersons) -> Ask {
        let (count, reason) = (self.count, self.reason);
        Ask::CloseShift { count, reason, by }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Role, Signed};

    fn signed(person: &str, role: Role) -> Signed {
        Signed {
            person: person.to_owned(),
            role,
        }
    }

    fn two() -> By {
        let (clerk, supervisor) = (signed("a", Role::Clerk), signed("b", Role::Supervisor));
        By::Two(TwoPersons::new(clerk, supervisor).expect("two persons"))
    }

    fn typed(pairs: &[(&'static str, &'static str)]) -> Typed {
        let fields = [Field::Serial, Field::Lot, Field::Count];
        Typed::of(&fields, |name| {
            let found = pairs.iter().find(|(own, _)| *own == name);
            found.map_or("", |(_, text)| text)
        })
    }

    #[test]
    fn every_act_has_a_name_of_its_own_and_the_hands_that_the_books_ask_for() {
        for act in Act::ALL {
            assert_eq!(Act::of_name(act.name()), Some(act));
            let typed = typed(&[("serial", "RB000002"), ("lot", "7"), ("count", "3")]);
            let entry = Entry::parse(act, &typed).expect("complete");
            let alone = entry.clone().signed(By::One(signed("a", Role::Clerk)));
            assert_eq!(alone.is_some(), act.hands() != Hands::Two, "{act:?}");
            assert!(entry.clone().signed(two()).is_some(), "{act:?}");
            let technician = entry.signed(By::One(signed("t", Role::Technician)));
            assert_eq!(technician, None, "{act:?}");
        }
    }
}
