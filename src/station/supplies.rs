//! Material in persons' hands: loading, unloading, counting, destroying. What they say is held
//! against the printer's tags and the books, then journalled. Moves no card.

use super::Station;
use super::checklist::{absent, expiry, serial, unfit};
use super::request::{Reply, Stop};
use super::seams::{Moves as _, Sights as _, World};
use crate::fault::{By, Code, TwoPersons};
use crate::issuance::{Chip, What};
use crate::stock::{Event, Refusal};
use jiff::civil::Date;
use serde::Serialize;
use std::path::PathBuf;
use wire::{Supplies, Tag};

/// What persons count and name.
pub use crate::stock::{
    Candidates, Count, Item, Kind, Line, OldCard, OldState, Piece, Place, Reason, Reconciliation,
    Roll, Shift, Supply, Terms,
};

/// What persons ask of the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// What is loaded, what waits, by the books and by the printer's tags.
    Show,
    /// More was put in.
    Load {
        /// What.
        supply: Supply,
        /// The serial on its label.
        serial: String,
        /// The lot on its label.
        lot: u32,
        /// How many cards, sets or patches.
        count: u32,
        /// Who.
        by: By,
    },
    /// It was taken out.
    Unload {
        /// What.
        supply: Supply,
        /// How many blanks; ribbon and patches are known by the books.
        count: u32,
        /// Who.
        by: By,
    },
    /// The reject tray was emptied into the bag.
    EmptyTray {
        /// How many cards lay in it.
        counted: u32,
        /// Who.
        by: TwoPersons,
    },
    /// The untouched blank on the desk reader goes back into the hopper.
    BookBack {
        /// Who.
        by: By,
    },
    /// How a count compares with books and printer; writes nothing.
    Compare {
        /// What lay where.
        count: Count,
    },
    /// Everything was counted.
    Reconcile {
        /// What lay where.
        count: Count,
        /// Why it differs, where it does.
        reason: Option<Reason>,
        /// Who.
        by: By,
    },
    /// The shift is closed on a count of everything.
    CloseShift {
        /// What lay where.
        count: Count,
        /// Why it differs, where it does.
        reason: Option<Reason>,
        /// Who.
        by: TwoPersons,
    },
    /// Cards of tray and bag were destroyed.
    DestroyCards {
        /// Which; empty: all of them.
        cards: Vec<u32>,
        /// How many the persons had in their hands.
        counted: u32,
        /// Who.
        by: TwoPersons,
    },
    /// The used ribbons were handed to destruction.
    DestroyRibbons {
        /// How many.
        counted: u32,
        /// Who.
        by: TwoPersons,
    },
    /// The punched old cards were handed to destruction.
    DestroyOldCards {
        /// How many.
        counted: u32,
        /// Who.
        by: TwoPersons,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "did", rename_all = "snake_case")]
pub enum Told {
    /// The books as they stand now.
    Stock(Shown),
    /// A count beside the books.
    Counted {
        /// The count.
        count: Reconciliation,
        /// Whether it was journalled: one that differs needs a supervisor and a reason.
        settled: bool,
    },
    /// These were destroyed.
    Destroyed {
        /// The cards.
        cards: Vec<Piece>,
    },
    /// The shift is closed.
    ShiftClosed {
        /// The shift.
        shift: Box<Shift>,
        /// The count that it closed on.
        count: Box<Reconciliation>,
        /// Its report, where it was written.
        report: Option<PathBuf>,
    },
}

/// The books, and the printer's tags beside them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// The number of the shift that is open.
    pub shift: u32,
    /// Where all blanks are.
    pub blanks: Terms,
    /// Each supply in the printer.
    pub supplies: Vec<Loaded>,
    /// Why the printer could not be asked.
    pub printer: Option<Code>,
    /// Cards in tray and bag.
    pub binned: Vec<Piece>,
    /// Cards in the machine and its slot, those quarantined, and those that nobody found.
    pub elsewhere: Vec<Piece>,
    /// Used ribbons that wait for destruction.
    pub ribbons: Vec<String>,
    /// Old cards in the box, and those kept as evidence.
    pub old_cards: Vec<OldCard>,
}

/// One supply.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Loaded {
    /// What.
    pub supply: Supply,
    /// The roll that is recorded; none for blanks, which lie loose.
    pub recorded: Option<Roll>,
    /// Left by the books; none where nothing is recorded.
    pub left: Option<i64>,
    /// What the printer reads.
    pub tag: Option<TagShown>,
    /// What speaks against it.
    pub code: Option<Code>,
}

/// A supply's tag as people read it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TagShown {
    /// Its serial.
    pub serial: String,
    /// Its lot.
    pub lot: u32,
    /// When new.
    pub capacity: u32,
    /// Left.
    pub remaining: u32,
    /// Its last day of use.
    pub expires: Option<Date>,
}

impl<W: World> Station<'_, W> {
    /// Does what persons ask of the books.
    pub(super) fn material(&mut self, ask: Ask) -> Result<Reply, Stop> {
        let told = match ask {
            Ask::Show => Told::Stock(self.shown()),
            Ask::Load {
                supply,
                serial,
                lot,
                count,
                by,
            } => {
                let roll = self.roll(supply, serial, lot, count)?;
                self.book(Event::Loaded {
                    supply,
                    roll,
                    count,
                    by,
                })?
            }
            Ask::Unload { supply, count, by } => self.unload(supply, count, by)?,
            Ask::EmptyTray { counted, by } => self.book(Event::TrayEmptied { counted, by })?,
            Ask::BookBack { by } => {
                let serial = self.blank_on_desk()?;
                self.book(Event::BookedBack { serial, by })?
            }
            Ask::Compare { count } => self.compare(&count)?,
            Ask::Reconcile { count, reason, by } => self.reconcile(count, reason, by)?,
            Ask::CloseShift { count, reason, by } => self.close_shift(count, reason, by)?,
            Ask::DestroyCards { cards, counted, by } => self.destroy(cards, counted, by)?,
            Ask::DestroyRibbons { counted, by } => {
                self.book(Event::RibbonsDestroyed { counted, by })?
            }
            Ask::DestroyOldCards { counted, by } => {
                let punched = self.ledger.stock().old_cards().punched();
                let jobs = punched.map(|old| old.job.clone()).collect();
                self.book(Event::OldCardsDestroyed { jobs, counted, by })?
            }
        };
        Ok(Reply::Supplies(Box::new(told)))
    }

    /// The books as they stand after this act.
    fn book(&mut self, event: Event) -> Result<Told, Stop> {
        self.enter(event)?;
        Ok(Told::Stock(self.shown()))
    }

    /// Asks the books, then journals.
    pub(super) fn enter(&mut self, event: Event) -> Result<(), Stop> {
        if let Err(refusal) = self.ledger.stock().admits(&event) {
            let (ja, en) = words(refusal);
            return Err(Stop::plain(code(refusal)).detailed(format!("{ja}\n{en}")));
        }
        self.hear_witnesses()?;
        self.write(What::Stock(event))
    }

    /// The roll that persons say they put in, as its tag says it, too.
    fn roll(&mut self, supply: Supply, said: String, lot: u32, count: u32) -> Result<Roll, Stop> {
        let seen = self.printer_shows()?;
        if supply == Supply::Blanks && !seen.sensors.hopper {
            return Err(Stop::plain(Code::HopperEmpty));
        }
        let Some(tag) = tag_of(&seen.supplies, supply) else {
            // Blanks may come without a tag; a roll that has none is no roll of ours.
            return match supply {
                Supply::Blanks => Ok(Roll {
                    serial: said,
                    lot,
                    expires: None,
                }),
                Supply::Ribbon | Supply::Patches => Err(Stop::plain(absent(supply))),
            };
        };
        if let Some(code) = unfit(supply, tag, self.clock.today()) {
            return Err(Stop::plain(code).detailed(serial(tag)));
        }
        if (serial(tag).as_str(), tag.lot) != (said.as_str(), lot) {
            let detail = format!("{} {}", serial(tag), tag.lot);
            return Err(Stop::plain(Code::SupplyOther).detailed(detail));
        }
        // How many blanks are in a hopper no tag knows.
        if supply != Supply::Blanks && tag.remaining != count {
            let detail = format!("{} / {}", tag.remaining, tag.capacity);
            return Err(Stop::plain(Code::CountDiffers).detailed(detail));
        }
        Ok(Roll {
            serial: said,
            lot,
            expires: expiry(tag).flatten(),
        })
    }

    /// A roll that the printer still reads was not taken out.
    fn unload(&mut self, supply: Supply, count: u32, by: By) -> Result<Told, Stop> {
        let film = self.ledger.stock().film(supply);
        let left = film.map(|film| u32::try_from(film.left()).unwrap_or(0));
        let recorded = film
            .and_then(|film| film.roll())
            .map(|roll| roll.serial.clone());
        if let Some(recorded) = recorded {
            let seen = self.printer_shows()?;
            let tag = tag_of(&seen.supplies, supply);
            if tag.is_some_and(|tag| serial(tag) == recorded) {
                return Err(Stop::plain(Code::SupplyOther).detailed(recorded));
            }
        }
        self.book(Event::Unloaded {
            supply,
            left: left.unwrap_or(count),
            by,
        })
    }

    /// The serial of the untouched blank on the desk reader.
    fn blank_on_desk(&mut self) -> Result<String, Stop> {
        let hands = self.open_hands()?;
        match hands.blank().map_err(Stop::plain)? {
            Chip::Answers(witness) if witness.is_blank() => Ok(witness.serial.to_string()),
            Chip::Answers(_) => Err(Stop::plain(Code::NotBlank)),
            Chip::Silent | Chip::NotAsked => Err(Stop::plain(Code::ChipSilent)),
        }
    }

    fn destroy(&mut self, cards: Vec<u32>, counted: u32, by: TwoPersons) -> Result<Told, Stop> {
        let blanks = self.ledger.stock().blanks();
        let cards: Vec<u32> = match cards.is_empty() {
            true => blanks.binned().map(|piece| piece.id).collect(),
            false => cards,
        };
        let chosen = |piece: &&Piece| cards.contains(&piece.id);
        let pieces: Vec<Piece> = blanks.pieces().iter().filter(chosen).cloned().collect();
        self.book(Event::Destroyed { cards, counted, by })?;
        Ok(Told::Destroyed { cards: pieces })
    }

    /// What the printer shows; it need not fit the journal to be looked at.
    pub(super) fn printer_shows(&mut self) -> Result<wire::Survey, Stop> {
        let sequence = self.sequence();
        let hands = self.open_hands()?;
        hands.printer_survey(sequence).map_err(Stop::plain)
    }

    fn shown(&mut self) -> Shown {
        let seen = self.printer_shows();
        let today = self.clock.today();
        let stock = self.ledger.stock();
        let tags = seen.as_ref().ok().map(|seen| seen.supplies);
        let supply = |supply| {
            let film = stock.film(supply);
            let tag = tags.as_ref().and_then(|tags| tag_of(tags, supply));
            Loaded {
                supply,
                recorded: film.and_then(|film| film.roll()).cloned(),
                left: match film {
                    Some(film) => film.roll().map(|_| film.left()),
                    None => Some(stock.terms().hopper),
                },
                code: tag.and_then(|tag| unfit(supply, tag, today)),
                tag: tag.map(tag_shown),
            }
        };
        Shown {
            shift: stock.open_shift().0,
            blanks: stock.terms(),
            supplies: Supply::ALL.map(supply).to_vec(),
            printer: seen.as_ref().err().map(|stop| stop.code),
            binned: stock.blanks().binned().cloned().collect(),
            elsewhere: stock.blanks().elsewhere().cloned().collect(),
            ribbons: stock.waste().to_vec(),
            old_cards: stock.old_cards().held().cloned().collect(),
        }
    }
}

pub(super) fn tag_of(supplies: &Supplies, supply: Supply) -> Option<&Tag> {
    match supply {
        Supply::Blanks => supplies.blanks.as_ref(),
        Supply::Ribbon => supplies.ribbon.as_ref(),
        Supply::Patches => supplies.patches.as_ref(),
    }
}

fn tag_shown(tag: &Tag) -> TagShown {
    TagShown {
        serial: serial(tag),
        lot: tag.lot,
        capacity: tag.capacity,
        remaining: tag.remaining,
        expires: expiry(tag).flatten(),
    }
}

fn code(refusal: Refusal) -> Code {
    match refusal {
        Refusal::Reused => Code::SupplyReused,
        Refusal::CountDiffers { .. }
        | Refusal::NeedsReason
        | Refusal::NeedsSupervisor
        | Refusal::Unfounded => Code::CountDiffers,
        Refusal::NeedsTwo
        | Refusal::StillLoaded
        | Refusal::NotLoaded
        | Refusal::BadCount(_)
        | Refusal::NotThere(_)
        | Refusal::NotPunched
        | Refusal::NotUntouched => Code::BooksRefuse,
    }
}

/// A refusal of the books, Japanese and English.
fn words(refusal: Refusal) -> (String, String) {
    let ja = match refusal {
        Refusal::NeedsTwo => "2 人（1 人は監督者）の署名がいる".to_owned(),
        Refusal::NeedsSupervisor => "監督者の署名がいる".to_owned(),
        Refusal::NeedsReason => "合わない理由がいる".to_owned(),
        Refusal::StillLoaded => "前のものを取り外した記録がない".to_owned(),
        Refusal::NotLoaded => "それだけ入れた記録がない".to_owned(),
        Refusal::Reused => "一度取り外したもの".to_owned(),
        Refusal::BadCount(count) => format!("{count} は枚数として使えない"),
        Refusal::CountDiffers { expected, counted } => {
            format!("記録 {expected}、数えた枚数 {counted}")
        }
        Refusal::NotThere(card) => format!("{card} 番は廃棄を待つカードにない"),
        Refusal::NotPunched => "穴をあけた旧カードでない".to_owned(),
        Refusal::NotUntouched => "不良箱と袋に、この未使用の白カードはない".to_owned(),
        Refusal::Unfounded => "前の記録から出てこない記録".to_owned(),
    };
    (ja, refusal.to_string())
}
