//! A physical count held against the books: what is missing, what is too much, and where
//! known, which card. The whole of it can be shown, printed and journalled.

use super::Stock;
use super::blanks::{Piece, Place, Terms, in_bin};
use serde::{Deserialize, Serialize};

/// What persons counted with their hands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// Blanks in the hopper.
    pub hopper: u32,
    /// Cards in the reject tray.
    pub tray: u32,
    /// Cards in the bag.
    pub bag: u32,
    /// Used ribbons that wait for destruction, where they were counted.
    pub ribbons: Option<u32>,
    /// Old cards in the collection box, where they were counted.
    pub old_cards: Option<u32>,
    /// Chip serials and card numbers that were read on the cards of tray and bag. Empty: none
    /// was read.
    pub seen: Vec<String>,
}

impl Count {
    /// Whether this card should lie in tray or bag, bears a name, and was not among those seen.
    pub(super) fn misses(&self, piece: &Piece) -> bool {
        let named = piece.serial.is_some() || piece.number.is_some();
        let seen = self.seen.iter().any(|name| piece.is_called(name));
        !self.seen.is_empty() && in_bin(piece) && named && !seen
    }
}

/// What the printer says beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Readings {
    /// Sets left on the ribbon by its tag; none when it shows no tag or the roll is not recorded.
    pub sets: Option<u32>,
    /// Patches left by their tag.
    pub patches: Option<u32>,
    /// Counters that tell of other work than the journal: name, journal, printer.
    pub counters: Vec<(String, u32, u32)>,
}

/// A thing that is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Item {
    /// Blanks in the hopper.
    Hopper,
    /// Cards in the tray.
    Tray,
    /// Cards in the bag.
    Bag,
    /// Sets on the ribbon.
    Sets,
    /// Patches on the film.
    Patches,
    /// Used ribbons.
    Ribbons,
    /// Old cards in the box.
    OldCards,
    /// One of the printer's counters.
    Counter(String),
}

/// One thing, by the books and as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// What.
    pub item: Item,
    /// By the books.
    pub journal: i64,
    /// As it was found.
    pub found: i64,
}

/// A line that does not come out.
pub type Difference = Line;

impl Line {
    /// Found less booked: below zero it is missing, above it is too much.
    #[must_use]
    pub fn difference(&self) -> i64 {
        self.found - self.journal
    }
}

/// Cards of which so many are missing, where nobody read which they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidates {
    /// Where they should lie.
    pub place: Place,
    /// How many of them are missing.
    pub missing: i64,
    /// The cards that should lie there.
    pub among: Vec<Piece>,
}

/// A count beside the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reconciliation {
    /// Where all blanks are by the books, before this count.
    pub terms: Terms,
    /// Everything that was counted.
    pub lines: Vec<Line>,
    /// Blanks and cards missing (below zero) or too many over all places: a card that only
    /// lies elsewhere than the books say makes no difference here.
    pub blanks: i64,
    /// Cards that are missing for certain, by name.
    pub missing: Vec<Piece>,
    /// Cards of which some are missing, nobody knows which.
    pub candidates: Vec<Candidates>,
    /// Names that were read on cards which should not lie there.
    pub unexpected: Vec<String>,
}

impl Reconciliation {
    /// The lines that do not come out.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        let differs = |line: &&Line| line.difference() != 0;
        self.lines.iter().filter(differs).cloned().collect()
    }

    /// Whether everything is where the books say.
    #[must_use]
    pub fn comes_out(&self) -> bool {
        self.differences().is_empty() && self.missing.is_empty() && self.unexpected.is_empty()
    }
}

impl Stock {
    /// Holds a count against the books; changes nothing.
    #[must_use]
    pub fn compare(&self, count: &Count, readings: &Readings) -> Reconciliation {
        let terms = self.terms();
        let hands = [
            (Item::Hopper, terms.hopper, count.hopper),
            (Item::Tray, terms.tray, count.tray),
            (Item::Bag, terms.bag, count.bag),
        ];
        let line = |(item, journal, found): (Item, i64, u32)| Line {
            item,
            journal,
            found: i64::from(found),
        };
        let lines: Vec<Line> = hands.into_iter().map(line).collect();
        let blanks = lines.iter().map(Line::difference).sum();
        let kept = |film: &super::Film| film.roll().map(|_| film.left());
        let waiting = i64::try_from(self.waste.len()).unwrap_or(i64::MAX);
        let boxed = i64::try_from(self.old.held().count()).unwrap_or(i64::MAX);
        let others = [
            (Item::Sets, kept(&self.ribbon), readings.sets),
            (Item::Patches, kept(&self.patches), readings.patches),
            (Item::Ribbons, Some(waiting), count.ribbons),
            (Item::OldCards, Some(boxed), count.old_cards),
        ];
        let others = others
            .into_iter()
            .filter_map(|(item, journal, found)| Some(line((item, journal?, found?))));
        let counters = readings
            .counters
            .iter()
            .map(|(name, journal, printer)| Line {
                item: Item::Counter(name.clone()),
                journal: i64::from(*journal),
                found: i64::from(*printer),
            });
        let missing: Vec<Piece> = self.named(|piece| count.misses(piece));
        Reconciliation {
            terms,
            blanks,
            candidates: self.candidates(count),
            missing,
            unexpected: self.unexpected(count),
            lines: lines.into_iter().chain(others).chain(counters).collect(),
        }
    }

    fn candidates(&self, count: &Count) -> Vec<Candidates> {
        let bins = [(Place::Tray, count.tray), (Place::Bag, count.bag)];
        let short = bins.into_iter().filter_map(|(place, counted)| {
            let gone = self.named(|piece| piece.place == place && count.misses(piece));
            let named = i64::try_from(gone.len()).unwrap_or(i64::MAX);
            let missing = self.blanks.at(place) - i64::from(counted) - named;
            let among = self.named(|piece| {
                let seen = count.seen.iter().any(|name| piece.is_called(name));
                piece.place == place && !seen && !count.misses(piece)
            });
            (missing > 0).then_some(Candidates {
                place,
                missing,
                among,
            })
        });
        short.collect()
    }

    fn unexpected(&self, count: &Count) -> Vec<String> {
        let stranger = |name: &&String| !self.blanks.binned().any(|piece| piece.is_called(name));
        count.seen.iter().filter(stranger).cloned().collect()
    }

    fn named(&self, wanted: impl Fn(&Piece) -> bool) -> Vec<Piece> {
        let pieces = self.blanks.pieces().iter();
        pieces.filter(|piece| wanted(piece)).cloned().collect()
    }
}
