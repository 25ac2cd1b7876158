//! Every blank from the vault to its end: loose in the hopper, then one by one.

use super::count::Count;
use super::event::Bin;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a card is that left the hopper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In the machine.
    Machine,
    /// In the exit slot, or in the clerk's hand.
    Exit,
    /// In the reject tray.
    Tray,
    /// In the bag.
    Bag,
    /// With its holder.
    Delivered,
    /// Nobody knows what it is; its number is burned.
    Quarantined,
    /// Destroyed under two names.
    Destroyed,
    /// Not found when it was counted, and taken note of by a supervisor.
    Missing,
    /// Untouched, and back in the hopper: counted there.
    Returned,
}

/// What a blank became.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A card of an issuance, good or spoiled.
    Card,
    /// A test card.
    Test,
}

/// One blank since it left the hopper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// The station's count of blanks that left the hopper, from 1: its name in lists.
    pub id: u32,
    /// What it became.
    pub kind: Kind,
    /// Its chip's serial, where that was read.
    pub serial: Option<String>,
    /// The number that its chip or face may bear; none when nothing was written.
    pub number: Option<String>,
    /// Where it is.
    pub place: Place,
}

impl Piece {
    /// Whether somebody who looks at it, or reads its chip, names it so.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        [&self.serial, &self.number]
            .into_iter()
            .flatten()
            .any(|own| own.eq_ignore_ascii_case(name))
    }
}

/// All blanks of a station.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blanks {
    loaded: i64,
    hopper: i64,
    pieces: Vec<Piece>,
    /// What counts said beyond the pieces: cards that nobody can name.
    unnamed: BTreeMap<Place, i64>,
}

/// The equation of all blanks (invariant I-40): `loaded` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Loaded, less what went back to the vault.
    pub loaded: i64,
    /// In the hopper. Below zero: more were fed than anybody loaded.
    pub hopper: i64,
    /// In the machine.
    pub machine: i64,
    /// In the exit slot, or in the clerk's hand.
    pub exit: i64,
    /// In the reject tray.
    pub tray: i64,
    /// In the bag.
    pub bag: i64,
    /// With their holders.
    pub delivered: i64,
    /// Destroyed.
    pub destroyed: i64,
    /// Quarantined.
    pub quarantined: i64,
    /// Missing; below zero: found beyond the books.
    pub missing: i64,
    /// Of tray and bag: test cards.
    pub tests: i64,
    /// Of the destroyed: test cards.
    pub tests_destroyed: i64,
}

impl Terms {
    /// Whether the equation holds.
    #[must_use]
    pub fn balanced(&self) -> bool {
        let places = self.hopper + self.machine + self.exit + self.tray + self.bag;
        let gone = self.delivered + self.destroyed + self.quarantined + self.missing;
        self.loaded == places + gone
    }
}

impl Blanks {
    /// Every blank that left the hopper, oldest first.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Those in the machine or its slot, quarantined or missing.
    pub fn elsewhere(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter(|piece| match piece.place {
            Place::Machine | Place::Exit | Place::Quarantined | Place::Missing => true,
            Place::Tray | Place::Bag | Place::Delivered | Place::Destroyed | Place::Returned => {
                false
            }
        })
    }

    /// Those in the tray and in the bag.
    pub fn binned(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter(|piece| in_bin(piece))
    }

    /// How many are in the hopper; below zero when more were fed than anybody loaded.
    #[must_use]
    pub fn hopper(&self) -> i64 {
        self.hopper
    }

    /// How many are here, those that nobody can name included.
    #[must_use]
    pub fn at(&self, place: Place) -> i64 {
        let named = self.pieces.iter().filter(|piece| piece.place == place);
        whole(named.count()) + self.unnamed.get(&place).copied().unwrap_or(0)
    }

    /// Where all of them are.
    #[must_use]
    pub fn terms(&self) -> Terms {
        let tests = |wanted: &dyn Fn(&Piece) -> bool| {
            let test = |piece: &&Piece| piece.kind == Kind::Test && wanted(piece);
            whole(self.pieces.iter().filter(test).count())
        };
        Terms {
            loaded: self.loaded,
            hopper: self.hopper,
            machine: self.at(Place::Machine),
            exit: self.at(Place::Exit),
            tray: self.at(Place::Tray),
            bag: self.at(Place::Bag),
            delivered: self.at(Place::Delivered),
            destroyed: self.at(Place::Destroyed),
            quarantined: self.at(Place::Quarantined),
            missing: self.at(Place::Missing),
            tests: tests(&in_bin),
            tests_destroyed: tests(&|piece| piece.place == Place::Destroyed),
        }
    }

    pub(super) fn load(&mut self, count: u32) {
        self.loaded += i64::from(count);
        self.hopper += i64::from(count);
    }

    pub(super) fn unload(&mut self, count: u32) {
        self.loaded -= i64::from(count);
        self.hopper -= i64::from(count);
    }

    pub(super) fn fed(&mut self) {
        self.leave_hopper(Kind::Card, Place::Machine);
    }

    pub(super) fn tested(&mut self, bin: Bin) {
        let place = match bin {
            Bin::Tray => Place::Tray,
            Bin::Bag => Place::Bag,
        };
        self.leave_hopper(Kind::Test, place);
    }

    /// Nothing had left the hopper.
    pub(super) fn unfed(&mut self) {
        if self.last().is_some() {
            self.pieces.pop();
            self.hopper += 1;
        }
    }

    /// The card at hand goes here.
    pub(super) fn leave(&mut self, to: Place) {
        match self.last() {
            Some(piece) => piece.place = to,
            // A card that nobody fed: the books say so instead of losing it.
            None => {
                *self.unnamed.entry(to).or_default() += 1;
                *self.unnamed.entry(Place::Missing).or_default() -= 1;
            }
        }
    }

    pub(super) fn known(&mut self, serial: &str, number: Option<&str>) {
        if let Some(piece) = self.pieces.last_mut() {
            piece.serial = Some(serial.to_owned());
            piece.number = number.map(str::to_owned);
        }
    }

    pub(super) fn empty_tray(&mut self) {
        for piece in &mut self.pieces {
            if piece.place == Place::Tray {
                piece.place = Place::Bag;
            }
        }
        let unnamed = self.unnamed.remove(&Place::Tray).unwrap_or(0);
        *self.unnamed.entry(Place::Bag).or_default() += unnamed;
    }

    /// The untouched blank with this serial is a blank again.
    pub(super) fn book_back(&mut self, serial: &str) {
        if let Some(at) = self.untouched(serial) {
            self.pieces[at].place = Place::Returned;
            self.hopper += 1;
        }
    }

    /// The place in the list of the untouched blank with this serial, in tray or bag.
    pub(super) fn untouched(&self, serial: &str) -> Option<usize> {
        self.pieces.iter().position(|piece| {
            in_bin(piece)
                && piece.kind == Kind::Card
                && piece.number.is_none()
                && piece.serial.as_deref().is_some_and(|own| own == serial)
        })
    }

    /// How many cards are in the persons' hands when these are destroyed: where all of tray
    /// and bag are, those that nobody can name are among them.
    #[must_use]
    pub fn in_hands(&self, cards: &[u32]) -> i64 {
        let unnamed = if self.all_binned(cards) {
            self.at(Place::Tray) + self.at(Place::Bag) - whole(self.binned().count())
        } else {
            0
        };
        whole(cards.len()) + unnamed
    }

    pub(super) fn destroy(&mut self, cards: &[u32]) {
        if self.all_binned(cards) {
            for bin in [Place::Tray, Place::Bag] {
                let unnamed = self.unnamed.remove(&bin).unwrap_or(0);
                *self.unnamed.entry(Place::Destroyed).or_default() += unnamed;
            }
        }
        for piece in &mut self.pieces {
            if cards.contains(&piece.id) {
                piece.place = Place::Destroyed;
            }
        }
    }

    /// From now on the counts stand; what is not there is missing.
    pub(super) fn settle(&mut self, count: &Count) {
        for piece in &mut self.pieces {
            if count.misses(piece) {
                piece.place = Place::Missing;
            }
        }
        let hopper = i64::from(count.hopper) - self.hopper;
        self.hopper += hopper;
        *self.unnamed.entry(Place::Missing).or_default() -= hopper;
        for (bin, counted) in [(Place::Tray, count.tray), (Place::Bag, count.bag)] {
            let beyond = i64::from(counted) - self.at(bin);
            *self.unnamed.entry(bin).or_default() += beyond;
            *self.unnamed.entry(Place::Missing).or_default() -= beyond;
        }
    }

    fn leave_hopper(&mut self, kind: Kind, place: Place) {
        self.hopper -= 1;
        let id = self.pieces.last().map_or(1, |piece| piece.id + 1);
        self.pieces.push(Piece {
            id,
            kind,
            serial: None,
            number: None,
            place,
        });
    }

    /// The card at hand: one at a time is between hopper and hand.
    fn last(&mut self) -> Option<&mut Piece> {
        let piece = self.pieces.last_mut()?;
        matches!(piece.place, Place::Machine | Place::Exit).then_some(piece)
    }

    fn all_binned(&self, cards: &[u32]) -> bool {
        self.binned().all(|piece| cards.contains(&piece.id))
    }
}

/// Whether it lies in the tray or in the bag.
pub(super) fn in_bin(piece: &Piece) -> bool {
    matches!(piece.place, Place::Tray | Place::Bag)
}

/// No station makes so many cards that this could overflow.
fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
