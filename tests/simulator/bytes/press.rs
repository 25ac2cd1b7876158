//! The simulated printer with its chips, as the world holds it: the machine's own session and truth,
//! both directions of the line, and what its effects mean for chips and power.

use card_station::issuance::Serial;
use firmware_sim::chip::{Card, TEST_TRANSPORT_MASTER};
use firmware_sim::fault::{Kind, Lie, Row, Step, Supply, TABLE, What, Wish};
use firmware_sim::machine::{
    Blank, Card as Inside, Effect, Fate, Load, Machine, Nonvolatile, Person, Setup, Spot,
};
use firmware_sim::session::Session;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

use super::super::truth::{self, Film};
use super::line::Pipe;

/// How long the mains are away in a cut.
const OUTAGE_MS: u32 = 3_000;

/// A card that left the machine, or the one beneath it.
pub(crate) struct Gone {
    pub(crate) serial: Serial,
    pub(crate) fate: Fate,
    /// As it was; none for a card that left beneath another one.
    pub(crate) card: Option<Inside>,
}

/// The printer, its chips and its line.
pub(crate) struct Press {
    pub(super) session: Session,
    pub(super) down: Pipe,
    pub(super) up: Pipe,
    /// Time on the line and in the machine; it stands still while nobody looks for long.
    pub(super) now: Duration,
    /// The world's time when this was looked at last.
    pub(super) seen: Timestamp,
    pub(super) chips: BTreeMap<Serial, Card>,
    pub(super) coupled: Option<(Spot, Serial)>,
    pub(crate) gone: Vec<Gone>,
    /// Cards that left the hopper beneath another one.
    pub(crate) beneath: Vec<Serial>,
    /// Something was stored over a power cut since this was asked last.
    pub(super) stored: bool,
    /// Passes that were begun, by the layers on the cards.
    pub(crate) passes: [u32; 7],
    layers: usize,
    /// Patches counted as begun before the card at hand.
    pub(crate) patches_before: u32,
    seed: u64,
}

/// A serial as the hopper names it.
fn named(serial: &Serial) -> String {
    hex::encode_upper(serial.0)
}

/// A blank's serial, as this side names it.
pub(super) fn serial_of(blank: &Blank) -> Serial {
    let mut serial = [0; 10];
    let bytes = hex::decode(&blank.serial).expect("a serial in hexadecimal");
    serial.copy_from_slice(&bytes);
    Serial(serial)
}

impl Press {
    pub(crate) fn new(seed: u64, seen: Timestamp) -> Press {
        let mut kept = Nonvolatile::factory();
        kept.supplies = wire::Supplies {
            blanks: None,
            ribbon: Some(truth::ribbon(1).tag()),
            patches: Some(truth::patches(1).tag()),
        };
        let setup = Setup {
            seed,
            ..Setup::default()
        };
        let machine = Machine::new(setup, kept, Vec::new(), None, Duration::ZERO);
        Press {
            session: Session::new(machine, "SIM".to_owned()),
            down: Pipe::new(),
            up: Pipe::new(),
            now: Duration::ZERO,
            seen,
            chips: BTreeMap::new(),
            coupled: None,
            gone: Vec::new(),
            beneath: Vec::new(),
            stored: false,
            passes: [0; 7],
            layers: 0,
            patches_before: 0,
            seed,
        }
    }

    pub(crate) fn machine(&self) -> &Machine {
        self.session.machine()
    }

    /// The card in the machine.
    pub(crate) fn inside(&self) -> Option<&Inside> {
        self.machine().card()
    }

    /// A chip whose random numbers are the seed's own.
    pub(super) fn seeded(&self, card: Card, salt: u64) -> Card {
        let mut chance = fastrand::Rng::with_seed(self.seed ^ salt << 8 ^ 0xC41B);
        card.with_chance(Box::new(move |out| chance.fill(out)))
    }

    /// The chip of a blank, as it was delivered.
    pub(super) fn blank_chip(&self, serial: &Serial, master: &[u8; 16]) -> Card {
        let salt = u64::from_be_bytes(serial.0[2..].try_into().expect("eight bytes"));
        self.seeded(Card::blank(serial.0, master), salt)
    }

    /// Blanks as they now lie in the hopper, each with its chip.
    pub(crate) fn fill(&mut self, hopper: &[Serial]) {
        for serial in hopper {
            if !self.chips.contains_key(serial) {
                let chip = self.blank_chip(serial, &TEST_TRANSPORT_MASTER);
                self.chips.insert(*serial, chip);
            }
        }
        let blank = |(at, serial): (usize, &Serial)| Blank {
            place: at as u32 + 1,
            serial: named(serial),
        };
        let blanks = hopper.iter().enumerate().map(blank).collect();
        self.session.fill_hopper(blanks);
    }

    /// A person acts at the machine.
    pub(crate) fn act(&mut self, act: Person) {
        self.session.act(act, self.now);
        self.settle();
    }

    /// The mains fail and come back.
    pub(crate) fn power_cut(&mut self) {
        let now = self.now;
        self.session
            .steer(now, |machine| machine.pull_mains(Some(OUTAGE_MS), now));
        self.settle();
        self.pass(Duration::from_millis(u64::from(OUTAGE_MS) + 100));
    }

    /// Lets time pass while no host speaks.
    pub(crate) fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(next) = self.session.next_at().filter(|next| *next <= until) {
            self.now = self.now.max(next);
            self.session.poll(self.now);
            self.settle();
        }
        self.now = until;
        self.session.poll(until);
        self.settle();
        while self.session.send().is_some() {}
    }

    /// No fault is in store any more.
    pub(crate) fn heal(&mut self) {
        let now = self.now;
        self.session.steer(now, |machine| machine.clear(None, now));
        self.settle();
    }

    /// One of the machine's own faults for the motion that is asked for next.
    pub(crate) fn injure(&mut self, step: Step, chance: &mut fastrand::Rng) -> Option<What> {
        let can: Vec<&Row> = TABLE.iter().filter(|row| visible(row, step)).collect();
        let row = *can.get(chance.usize(..can.len().max(1)))?;
        let feeds = step == Step::Feed;
        let machine = self.session.machine();
        let wish = Wish {
            card: if feeds {
                machine.next_ordinal()
            } else {
                machine.ordinal()
            },
            what: row.name.to_owned(),
            step: Some(step.name().to_owned()),
            // A chip that dies does so at once, before anybody looks at it.
            at: (row.kind.has_moment() && row.kind != Kind::KillsChip).then(|| chance.f64()),
            ..Wish::default()
        };
        let (fault, now) = (wish.check().ok()?, self.now);
        let injected = self
            .session
            .steer(now, |machine| machine.inject(fault, false, now).is_ok());
        self.settle();
        injected.then_some(row.what)
    }

    /// Puts a new roll in.
    pub(crate) fn load(&mut self, supply: Supply, film: &Film) {
        let load = Load {
            serial: Some(film.serial),
            lot: Some(film.tag().lot),
            expires: Some(0),
            ..Load::new(supply, film.capacity)
        };
        self.act(Person::Load(load));
    }

    /// What the machine did becomes what is true of chips, cards and power.
    pub(super) fn settle(&mut self) {
        for effect in self.session.effects() {
            match effect {
                Effect::Keep(_) => self.stored = true,
                Effect::Picked(_) => {
                    self.layers = 0;
                    self.patches_before = self.machine().kept().counters.patches_begun;
                }
                Effect::PickedBeneath(blank) => self.beneath.push(serial_of(&blank)),
                Effect::Couple(spot, blank) => {
                    let serial = serial_of(&blank);
                    self.coupled = Some((spot, serial));
                    if let Some(chip) = self.chips.get_mut(&serial) {
                        chip.power_on();
                    }
                }
                Effect::Uncouple(_) => self.uncouple(),
                Effect::Left(departed) => {
                    self.count_layers(&departed.card);
                    self.layers = 0;
                    self.gone.push(Gone {
                        serial: serial_of(&departed.card.blank),
                        fate: departed.truth.fate,
                        card: Some(departed.card),
                    });
                }
                Effect::LeftBeneath(departed) => self.gone.push(Gone {
                    serial: serial_of(&departed.card.blank),
                    fate: departed.truth.fate,
                    card: None,
                }),
                Effect::CardChanged => self.count_layers_inside(),
                Effect::PowerLost => {
                    self.uncouple();
                    self.up.close();
                }
                Effect::InteriorChanged
                | Effect::Ended(..)
                | Effect::Happened(_)
                | Effect::Told(_)
                | Effect::PowerOn => {}
            }
        }
    }

    fn uncouple(&mut self) {
        if let Some((_, serial)) = self.coupled.take()
            && let Some(chip) = self.chips.get_mut(&serial)
        {
            chip.power_off();
        }
    }

    fn count_layers_inside(&mut self) {
        if let Some(card) = self.machine().card().cloned() {
            self.count_layers(&card);
        }
    }

    fn count_layers(&mut self, card: &Inside) {
        for layer in card.layers.iter().skip(self.layers) {
            self.passes[layer.panel.index()] += 1;
        }
        self.layers = card.layers.len();
    }
}

/// Whether a fault strikes this step by chance, and is one that the station can come to know. What
/// nothing in the machine sees is left out: a card beneath another one that nobody noticed, a patch
/// that was never laid, ink that no scanner looks at, one dye of three (the scan correlates in grey),
/// a chip that dies behind the check; and what only a tag says.
fn visible(row: &Row, step: Step) -> bool {
    let seen_in_ink = matches!(step, Step::BackK | Step::K);
    let chosen = match row.kind {
        Kind::RefusesAsTold | Kind::EndsAsTold | Kind::Supplies(_) | Kind::Shows(_) => false,
        Kind::Lies(Lie::Unseen | Lie::NoPatch) => false,
        Kind::Lies(Lie::BlankPass | Lie::PreviousPanel | Lie::Slipped) => seen_in_ink,
        // Nobody looks at a chip after the check.
        Kind::KillsChip => !matches!(step, Step::Eject | Step::Release | Step::Reject),
        Kind::Lies(Lie::CounterJumps | Lie::DoneEarly | Lie::StaleAnswer | Lie::DirtyStrip)
        | Kind::Refuses(_)
        | Kind::Ends(..)
        | Kind::Jams(_)
        | Kind::CutsPower
        | Kind::HeatsHead(_)
        | Kind::CoolsHeater(_) => true,
    };
    chosen && row.steps.contains(&step)
}
