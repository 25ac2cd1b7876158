//! What is true of cards and printer at the level of bytes, written where the checkers read it: each
//! card by its place, its layers, its chip's memory. Asks neither firmware nor station.

use card_station::issuance::{ChipKeys, Digest, Flipper, Life, Panel, Serial};
use card_station::product::CardNumber;
use card_station::station::translate;
use firmware_sim::chip::{self, Card as Chip};
use firmware_sim::fault::Supply;
use firmware_sim::machine::{Card as Inside, Fate, Person, Place};

use super::super::truth::{At, Burned, TrueCard, TrueChip, patches, ribbon};
use super::super::world::Sim;
use super::kit;
use super::press::{Gone, Press, serial_of};

/// A face's layers against what was prepared.
struct Drawn {
    content: Digest,
    number: CardNumber,
    panels: Vec<Vec<u8>>,
}

impl Sim {
    /// Writes down what is true now.
    pub(crate) fn look(&mut self) {
        let Some(mut press) = self.press.take() else {
            return;
        };
        self.note_places(&mut press);
        self.note_machine(&press);
        for card in &mut self.cards {
            if let Some(chip) = press.chips.get(&card.serial) {
                note_chip(&mut card.chip, chip);
            }
        }
        self.press = Some(press);
    }

    fn note_places(&mut self, press: &mut Press) {
        for serial in std::mem::take(&mut press.beneath) {
            if let Some(card) = self.card_of(serial) {
                (card.at, card.stowaway) = (At::Astray, true);
            }
            self.flags.hands_on = true;
        }
        for Gone { serial, fate, card } in std::mem::take(&mut press.gone) {
            let patches = press.machine().kept().counters.patches_begun - press.patches_before;
            if let Some(card) = card {
                self.note_card(&card, patches);
            }
            if let Some(card) = self.card_of(serial) {
                card.at = match fate {
                    Fate::Taken | Fate::PulledOut => At::Clerk,
                    Fate::Rejected => At::Tray,
                    Fate::RemovedByHand => At::Bag,
                };
            }
        }
        let patches = press.machine().kept().counters.patches_begun - press.patches_before;
        if let Some(card) = press.inside() {
            self.note_card(card, patches);
        }
    }

    fn card_of(&mut self, serial: Serial) -> Option<&mut TrueCard> {
        self.cards.iter_mut().find(|card| card.serial == serial)
    }

    /// Place, faces and patch of a card, as it is or was when it left.
    fn note_card(&mut self, inside: &Inside, patches: u32) {
        let drawn = self.drawn();
        let off = self.flags.counters_off;
        let Some(card) = self.card_of(serial_of(&inside.blank)) else {
            return;
        };
        card.at = at(inside);
        card.chip.dead |= inside.dead;
        let own = card.chip.number;
        for panel in Panel::ALL {
            let layers = || {
                let same =
                    |layer: &&firmware_sim::machine::Layer| layer.panel.index() == panel.index();
                inside.layers.iter().filter(same)
            };
            let whole = layers().filter(|layer| layer.burned == layer.shape.rows());
            let shows = layers().next_back().and_then(|layer| {
                let fits = |drawn: &&Drawn| drawn.panels[panel.index()] == **layer.rows;
                let of_own = drawn
                    .iter()
                    .filter(fits)
                    .find(|one| Some(one.number) == own);
                of_own.or_else(|| drawn.iter().rev().find(fits))
            });
            card.faces[panel.index()] = Burned {
                begun: layers().count() as u8,
                completed: whole.count() as u8,
                content: shows.map(|drawn| drawn.content),
                number: shows.map(|drawn| drawn.number),
            };
        }
        let begun = if off {
            u8::from(inside.patch || inside.askew)
        } else {
            patches as u8
        };
        card.patch = (begun, u8::from(inside.patch));
    }

    /// What was prepared of every grant so far.
    fn drawn(&self) -> Vec<Drawn> {
        let one = |grant: &super::super::authority::GrantRow| {
            let job = super::super::tokens::opened(&grant.token, &self.authority.station).ok()?;
            let prepared = kit::prepared(&job);
            let panels = &prepared.faces.panels;
            Some(Drawn {
                content: Digest(prepared.digest),
                number: grant.number,
                panels: panels.iter().map(|panel| panel.packed.clone()).collect(),
            })
        };
        self.authority.grants.iter().filter_map(one).collect()
    }

    fn note_machine(&mut self, press: &Press) {
        let (kept, interior) = (press.machine().kept(), press.machine().interior());
        let machine = &mut self.machine;
        machine.counters = translate::counters(&kept.counters);
        machine.boot = press.machine().boot();
        machine.newest_sequence = kept.newest_sequence;
        machine.last_motion = kept.last_motion();
        machine.cover_open = interior.cover_open;
        machine.stuck = interior.stuck.is_some();
        machine.tray_full = interior.tray_full();
        let film = |film: &mut super::super::truth::Film, tag: Option<wire::Tag>| {
            if let Some(tag) = tag {
                film.kind = tag.kind;
                film.serial = tag.serial;
                film.capacity = tag.capacity;
                film.left = tag.remaining;
            }
        };
        film(&mut machine.ribbon, kept.supplies.ribbon);
        film(&mut machine.patches, kept.supplies.patches);
        machine.ribbon_broken = interior
            .ribbon
            .as_ref()
            .is_none_or(|roll| roll.torn || roll.left == 0);
        machine.true_passes = press.passes;
        machine.true_patches = if self.flags.counters_off {
            0
        } else {
            kept.counters.patches_begun
        };
    }

    /// The hopper as it is now.
    pub(crate) fn fill_press(&mut self) {
        let hopper: Vec<Serial> = self
            .cards
            .iter()
            .filter(|card| card.at == At::Hopper)
            .map(|card| card.serial)
            .collect();
        if let Some(press) = &mut self.press {
            press.fill(&hopper);
        }
    }

    /// A person acts at the machine, and sees what came of it.
    pub(crate) fn at_press(&mut self, acts: impl IntoIterator<Item = Person>) {
        if let Some(press) = &mut self.press {
            acts.into_iter().for_each(|act| press.act(act));
        }
        self.look();
    }

    /// Every card that is inside or in the clerk's hand goes into the bag.
    pub(crate) fn take_out_of_press(&mut self) {
        self.at_press([Person::RemoveCard, Person::CloseCover]);
        for card in &mut self.cards {
            if card.at == At::Clerk || card.in_machine() {
                card.at = At::Bag;
            }
        }
    }

    /// What a person at the machine puts right.
    pub(crate) fn mend_press(&mut self, next: u32) {
        self.look();
        let astray = self.cards.iter().any(|card| card.at == At::Astray);
        let mut acts = vec![
            Person::CloseCover,
            Person::EmptyTray,
            Person::Free(Supply::Ribbon),
            Person::Free(Supply::Patches),
        ];
        if astray {
            // A person finds what no sensor sees.
            acts.push(Person::RemoveCard);
            self.flags.hands_on = true;
        }
        let spent = self.machine.patches.left == 0
            || self.press.as_ref().is_some_and(|press| {
                press
                    .machine()
                    .interior()
                    .patches
                    .as_ref()
                    .is_none_or(|roll| roll.left == 0)
            });
        let wrong = self.machine.ribbon.kind != wire::SupplyKind::Ribbon;
        let torn = self.machine.ribbon_broken || wrong || self.machine.ribbon.left == 0;
        if let Some(press) = &mut self.press {
            if torn {
                press.load(Supply::Ribbon, &ribbon(next));
            }
            if spent {
                press.load(Supply::Patches, &patches(next));
            }
        }
        self.at_press(acts);
    }

    /// Somebody pulls the card out of the slot.
    pub(crate) fn pull_out(&mut self) {
        if self.press.is_some() {
            return self.at_press([Person::RemoveCard]);
        }
        if let Some(card) = self.at_hand() {
            card.at = At::Clerk;
        }
    }

    /// New rolls in place of those that nobody is sure of.
    pub(crate) fn new_rolls_in_press(&mut self, next: u32) {
        if let Some(press) = &mut self.press {
            press.load(Supply::Ribbon, &ribbon(next));
            press.load(Supply::Patches, &patches(next));
        }
        self.look();
    }
}

fn at(inside: &Inside) -> At {
    match inside.place {
        Place::Feeder => At::Feeder,
        Place::Encoder => At::Encoder,
        Place::HeadIn | Place::UnderHead => At::Head,
        Place::Flipper => match inside.face_up {
            wire::Face::Front => At::Flipper(Flipper::FrontUp),
            wire::Face::Back => At::Flipper(Flipper::BackUp),
        },
        Place::FlipperBetween => At::Flipper(Flipper::Between),
        Place::Hologram => At::Hologram,
        Place::Check => At::Check,
        Place::Exit => At::Exit,
        Place::Between => At::Between,
        Place::Astray => At::Astray,
    }
}

/// A chip as its memory is.
fn note_chip(noted: &mut TrueChip, chip: &Chip) {
    let truth = chip.truth();
    noted.keys = match truth.key_version {
        chip_driver::TRANSPORT => ChipKeys::Transport,
        chip_driver::ISSUER => ChipKeys::Issuer,
        _ => ChipKeys::Other,
    };
    noted.life = match truth.life {
        chip::Life::Blank => Life::Blank,
        chip::Life::Personalised => Life::Personalised,
        chip::Life::Secured if noted.keys == ChipKeys::Issuer && !truth.stays_open => Life::Locked,
        chip::Life::Secured | chip::Life::Other => Life::Other,
        chip::Life::Terminated => Life::Terminated,
    };
    noted.stored = chip.bytes_stored();
    noted.number = CardNumber::parse(&truth.number).ok();
    noted.files = files_digest(chip);
    noted.dead |= chip.is_dead();
}

/// Versions of the keys, as PERSONALISATION.md has them.
mod chip_driver {
    pub(super) const TRANSPORT: u8 = 0x30;
    pub(super) const ISSUER: u8 = 0x31;
}

/// The digest of what the chip holds, as evidence has it: each file's name and bytes, in order.
fn files_digest(chip: &Chip) -> Option<Digest> {
    const FILES: [&str; 9] = [
        "MF/EF01", "MF/EF02", "DF1/EF01", "DF1/EF02", "DF2/EF01", "DF2/EF02", "DF2/EF03",
        "DF2/EF04", "DF3/EF01",
    ];
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for file in FILES {
        context.update(file.as_bytes());
        context.update(chip.holds(file)?);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    Some(Digest(digest))
}
