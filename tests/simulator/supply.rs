//! Blanks and rolls in persons' hands: put in, changed, and told to the books.

use card_station::fault::By;
use card_station::station::request::Request;
use card_station::station::supplies::Ask;
use card_station::stock::Supply;

use super::faults::Fault;
use super::operator::{clerk, two};
use super::run::{Answer, Run};
use super::truth::{At, TrueCard};
use card_station::authority::server::lease::BlankState;

impl Run<'_> {
    /// Everything that persons put in before the first card.
    pub(super) fn setup(&mut self) {
        let blanks = 6 + 4 * self.kinds.len() as u32;
        self.put_blanks(blanks);
        self.load(Supply::Ribbon);
        self.load(Supply::Patches);
    }

    /// Persons put blanks in, and say how many.
    fn put_blanks(&mut self, count: u32) {
        {
            let mut sim = self.world.borrow_mut();
            let have = sim.cards.len() as u32;
            for at in have..have + count {
                let card = TrueCard::blank(at);
                let serial = card_station::authority::contract::ChipSerial(card.serial.0);
                sim.authority.blanks.insert(serial, BlankState::Stock);
                sim.cards.push(card);
            }
            sim.fill_press();
        }
        let wrong = self.world.strikes(Fault::WrongCount);
        self.world.borrow_mut().flags.counts_off |= wrong;
        let ask = Ask::Load {
            supply: Supply::Blanks,
            serial: format!("BL{:06}", self.world.borrow().cards.len()),
            lot: 202_406,
            count: count + u32::from(wrong),
            by: By::Two(two()),
        };
        self.until_told(&ask);
    }

    /// Persons write down the roll that is in the machine, as its label says.
    fn load(&mut self, supply: Supply) {
        let ask = {
            let sim = self.world.borrow();
            let film = match supply {
                Supply::Ribbon => sim.machine.ribbon,
                Supply::Patches | Supply::Blanks => sim.machine.patches,
            };
            Ask::Load {
                supply,
                serial: film.label(),
                lot: film.tag().lot,
                count: film.left,
                by: By::One(clerk()),
            }
        };
        self.until_told(&ask);
    }

    /// A roll that persons changed is told to the books: the old one is out, the new one in.
    fn exchange(&mut self, supply: Supply) {
        let out = Ask::Unload {
            supply,
            count: 0,
            by: By::One(clerk()),
        };
        let _told = self.ask(Request::Supplies(out));
        self.load(supply);
    }

    /// Told again until it is written, as a person would; a record is not written twice.
    fn until_told(&mut self, ask: &Ask) {
        for _ in 0..3 {
            let before = self.world.borrow().disk.records.len();
            let answer = self.ask(Request::Supplies(ask.clone()));
            let after = self.world.borrow().disk.records.len();
            if matches!(answer, Answer::Reply(_)) || after > before {
                return;
            }
            self.operator.mend();
        }
        self.world.borrow_mut().flags.counts_off = true;
    }

    /// A roll that a person changed is written down before the next card.
    pub(super) fn write_down_rolls(&mut self) {
        if self.is_open() || self.world.borrow().disk.shelved.is_some() {
            return;
        }
        let empty = self
            .world
            .borrow()
            .cards
            .iter()
            .all(|card| card.at != At::Hopper);
        if empty {
            self.put_blanks(4);
        }
        for supply in [Supply::Ribbon, Supply::Patches] {
            let ledger = self.ledger();
            let film = ledger.stock().film(supply);
            let known = film
                .and_then(|film| film.roll())
                .map(|roll| roll.serial.clone());
            let sim = self.world.borrow();
            let truth = if supply == Supply::Ribbon {
                sim.machine.ribbon.label()
            } else {
                sim.machine.patches.label()
            };
            drop(sim);
            match known {
                Some(known) if known != truth => self.exchange(supply),
                None => self.load(supply),
                Some(_) => {}
            }
        }
    }
}
