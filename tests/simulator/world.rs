//! One run's world: the truth, the faults, and what was seen of them; shared by every seam, and by
//! the person at the counter. The only place from which a power cut comes.

use card_station::config::{self, Config};
use card_station::fault::Code;
use card_station::issuance::Step;
use card_station::record::Paper;
use card_station::station::clock::Clock;
use card_station::station::seams::{Ground, Opening, World};
use jiff::Timestamp;
use std::cell::{Ref, RefCell, RefMut};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::authority::Authority;
use super::bytes::{self, Press};
use super::disk::{Disk, Journal};
use super::faults::{Fault, Faults, Level};
use super::hands::Hands;
use super::kit::Kit;
use super::office::Office;
use super::planted::Planted;
use super::truth::{At, Machine, OnDesk, TrueCard, TrueOld, sensed};

/// The station's name.
pub(crate) const STATION: &str = "SIM-1";
/// When every run begins: ten in the morning in Tokyo.
const BEGIN_S: i64 = 1_717_981_200;

/// A boundary at which nothing is half done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    Whole,
}

/// Why a run of the station ended in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended;

/// Virtual time: two hands that the world turns.
#[derive(Clone)]
pub(crate) struct Time {
    /// A planted mistake: the station's clock never leaves its first hours.
    frozen: bool,
    micros: Arc<AtomicI64>,
    skew: Arc<AtomicI64>,
}

impl Time {
    fn new(frozen: bool) -> Time {
        Time {
            frozen,
            micros: Arc::new(AtomicI64::new(0)),
            skew: Arc::new(AtomicI64::new(0)),
        }
    }

    /// The true time.
    pub(crate) fn now(&self) -> Timestamp {
        let micros = BEGIN_S * 1_000_000 + self.micros.load(Ordering::Relaxed);
        Timestamp::from_microsecond(micros).expect("a time")
    }

    pub(crate) fn pass(&self, time: Duration) {
        let micros = i64::try_from(time.as_micros()).expect("a short time");
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// Sets the station's clock beside the true time; zero sets it right.
    pub(crate) fn skew(&self, seconds: i64) {
        self.skew.store(seconds * 1_000_000, Ordering::Relaxed);
    }

    /// Whether the station's clock was set wrong.
    pub(crate) fn is_skewed(&self) -> bool {
        self.skew.load(Ordering::Relaxed) != 0
    }

    /// The clock that the station has.
    pub(crate) fn clock(&self) -> Clock {
        let (wall, steady) = (self.clone(), self.clone());
        Clock::of(
            move || {
                let skew = wall.skew.load(Ordering::Relaxed);
                let passed = wall.micros.load(Ordering::Relaxed);
                let shown = if wall.frozen {
                    passed % 36_000_000_000
                } else {
                    passed
                };
                let true_now = BEGIN_S * 1_000_000 + shown;
                Timestamp::from_microsecond(true_now + skew).unwrap_or(Timestamp::MAX)
            },
            move || {
                let micros = steady.micros.load(Ordering::Relaxed);
                Duration::from_micros(micros.unsigned_abs())
            },
        )
    }
}

/// What happened once and is remembered until it is put right.
#[derive(Default)]
pub(crate) struct Flags {
    /// The journal that runs now could not append: it must do nothing more.
    pub(crate) append_failed: bool,
    pub(crate) reader_gone: bool,
    pub(crate) offline_until: Option<Timestamp>,
    /// Counters or counts were made wrong on purpose: they cannot come out.
    pub(crate) counts_off: bool,
    pub(crate) counters_off: bool,
    /// Somebody moved a card by hand outside of what the station asked for.
    pub(crate) hands_on: bool,
}

/// What a campaign counts.
#[derive(Clone, Default)]
pub(crate) struct Reached {
    pub(crate) rows: BTreeSet<(Step, &'static str)>,
    pub(crate) ends: BTreeSet<String>,
    pub(crate) stops: BTreeSet<Code>,
    pub(crate) issuances: u32,
    pub(crate) restarts: u32,
    pub(crate) requests: u32,
    /// The machine's own faults that were put in, by their names.
    pub(crate) machine: BTreeMap<&'static str, u64>,
}

/// One run's world.
pub(crate) struct Sim {
    pub(crate) time: Time,
    pub(crate) faults: Faults,
    pub(crate) planted: Planted,
    pub(crate) cards: Vec<TrueCard>,
    pub(crate) machine: Machine,
    pub(crate) desk: OnDesk,
    pub(crate) old: Vec<Option<TrueOld>>,
    pub(crate) disk: Disk,
    pub(crate) authority: Authority,
    pub(crate) flags: Flags,
    pub(crate) reached: Reached,
    pub(crate) watch: super::checkers::Watch,
    pub(crate) broken: Vec<String>,
    pub(crate) keys: u64,
    /// The level of bytes: the printer with its chips; none at the level of decisions.
    pub(crate) press: Option<Box<Press>>,
    pub(crate) old_chips: Vec<Option<firmware_sim::chip::Card>>,
    pub(crate) stranger_chip: Option<firmware_sim::chip::Card>,
    /// What station and world draw that no fault does.
    pub(crate) chance: fastrand::Rng,
}

impl Sim {
    /// The level of this world.
    pub(crate) fn level(&self) -> Level {
        if self.press.is_some() {
            Level::Bytes
        } else {
            Level::Decision
        }
    }

    /// The printer, in a world of bytes.
    pub(crate) fn press(&mut self) -> &mut Press {
        self.press.as_mut().expect("a world of bytes")
    }

    /// An invariant does not hold.
    pub(crate) fn breaks(&mut self, law: &str, how: impl Into<String>) {
        let known = self.broken.iter().any(|broken| broken.starts_with(law));
        if !known {
            self.broken.push(format!("{law}: {}", how.into()));
        }
    }

    /// The card that the motion at hand moves: the one in the path that is no stowaway.
    pub(crate) fn at_hand(&mut self) -> Option<&mut TrueCard> {
        let held = |card: &&mut TrueCard| card.in_machine() && !card.stowaway;
        self.cards.iter_mut().find(held)
    }

    pub(crate) fn place_of_card(&self) -> Option<At> {
        let held = |card: &&TrueCard| card.in_machine() && !card.stowaway;
        self.cards.iter().find(held).map(|card| card.at)
    }

    /// The power of station and printer fails and comes back.
    pub(crate) fn power_cut(&mut self) {
        self.disk.lose_unsynced();
        self.printer_power();
    }

    /// The printer starts anew.
    pub(crate) fn printer_power(&mut self) {
        if let Some(press) = &mut self.press {
            press.power_cut();
            self.time.pass(Duration::from_secs(20));
            return self.look();
        }
        self.machine.boot += 1;
        self.machine.counters.power_ons += 1;
        self.machine.panels = None;
        self.machine.head_hot = false;
        self.time.pass(Duration::from_secs(20));
    }

    /// What the printer shows.
    pub(crate) fn printer_shows(&self) -> wire::Survey {
        let sensors = sensed(&self.cards, &self.machine);
        let machine = &self.machine;
        wire::Survey {
            boot: machine.boot,
            clock_ms: 0,
            sensors: wire::Sensors {
                hopper: sensors.hopper,
                feeder: sensors.feeder,
                encoder: sensors.encoder,
                head_in: sensors.head_in,
                head_out: sensors.head_out,
                flipper: super::hands::flipper(sensors.flipper),
                hologram: sensors.hologram,
                check: sensors.check,
                exit: sensors.exit,
                tray_full: sensors.tray_full,
                cover_open: sensors.cover_open,
                head_decidegrees: if machine.head_hot { 800 } else { 400 },
                patch_decidegrees: 1_400,
            },
            counters: super::truth::on_wire(&machine.counters),
            supplies: wire::Supplies {
                blanks: None,
                ribbon: Some(machine.ribbon.tag()),
                patches: Some(machine.patches.tag()),
            },
            last_motion: machine.last_motion,
            underway: None,
            newest_sequence: machine.newest_sequence,
            face_up: None,
        }
    }
}

/// The world as every seam holds it.
#[derive(Clone)]
pub(crate) struct Shared(Rc<RefCell<Sim>>);

impl Shared {
    pub(crate) fn new(faults: Faults, planted: Planted) -> Shared {
        let mut authority = Authority::new(STATION);
        authority.numbers_again = planted == Planted::NumberReused;
        authority.any_stock = planted == Planted::AnyStock;
        let frozen = planted == Planted::DayFrozen;
        Shared(Rc::new(RefCell::new(Sim {
            time: Time::new(frozen),
            faults,
            planted,
            cards: Vec::new(),
            machine: Machine::new(),
            desk: OnDesk::Nothing,
            old: Vec::new(),
            disk: Disk::new(),
            authority,
            flags: Flags::default(),
            reached: Reached::default(),
            watch: super::checkers::Watch::default(),
            broken: Vec::new(),
            keys: 0,
            press: None,
            old_chips: Vec::new(),
            stranger_chip: None,
            chance: fastrand::Rng::with_seed(0),
        })))
    }

    /// The same world with a printer that speaks in frames, and chips.
    pub(crate) fn of_bytes(self, seed: u64) -> Shared {
        let mut sim = self.0.borrow_mut();
        let seen = sim.time.now();
        sim.press = Some(Box::new(Press::new(seed, seen)));
        sim.authority.real_keys = true;
        sim.chance = fastrand::Rng::with_seed(seed ^ 0x0C4A);
        drop(sim);
        self
    }

    pub(crate) fn borrow(&self) -> Ref<'_, Sim> {
        self.0.borrow()
    }

    pub(crate) fn borrow_mut(&self) -> RefMut<'_, Sim> {
        self.0.borrow_mut()
    }

    /// Whether this fault strikes here.
    pub(crate) fn strikes(&self, fault: Fault) -> bool {
        self.borrow_mut().faults.strikes(fault)
    }

    /// A place at which the process can be killed or the power fail, with nothing half done.
    pub(crate) fn boundary(&self, _: Cut) {
        if self.strikes(Fault::Killed) {
            self.end();
        }
        if self.strikes(Fault::PowerBoth) {
            self.borrow_mut().power_cut();
            self.end();
        }
    }

    /// This run of the station is over.
    pub(crate) fn end(&self) -> ! {
        resume_unwind(Box::new(Ended))
    }

    /// What a station stands on.
    pub(crate) fn ground(&self) -> Ground<Simulated> {
        Ground {
            world: Simulated(self.clone()),
            journal: Journal::open(self),
            office: Office::new(self),
            kit: Kit::new(self.borrow().level()),
        }
    }
}

/// The simulated world behind the station's seams.
pub(crate) struct Simulated(pub(crate) Shared);

impl World for Simulated {
    type Journal = Journal;
    type Office = Office;
    type Kit = Kit;
    type Hands = bytes::Hands;

    fn open_hands(&self, config: &Config, opening: Opening) -> Result<bytes::Hands, Code> {
        if self.0.borrow().level() == Level::Bytes {
            return bytes::Hands::open(&self.0, config, opening);
        }
        if self.0.strikes(Fault::LineSilent) {
            return Err(Code::Silent);
        }
        Ok(bytes::Hands::Decided(Hands::new(&self.0, opening.ahead)))
    }

    fn chance(&self) -> Result<[u8; 16], Code> {
        let mut sim = self.0.borrow_mut();
        sim.keys += 1;
        let mut key = [0x5A; 16];
        key[..8].copy_from_slice(&sim.keys.to_be_bytes());
        Ok(key)
    }

    fn keep(&self, _: &Config, _: &Paper<'_>) -> Option<PathBuf> {
        None
    }
}

/// The configuration of every run.
pub(crate) fn config() -> Config {
    Config {
        station: config::Station {
            id: STATION.to_owned(),
            office: "見本".to_owned(),
            data_folder: PathBuf::new(),
        },
        authority: config::Authority {
            enrolment_folder: PathBuf::new(),
        },
        printer: config::Printer {
            port: PathBuf::new(),
            serial: None,
            baud: 921_600,
        },
        readers: config::Readers {
            encoder: "E".to_owned(),
            check: "C".to_owned(),
            desk: "D".to_owned(),
            apdu_length: config::ApduLength::Auto,
        },
        layout: config::Layout {
            resolution_dpi: 300,
            font_folders: Vec::new(),
        },
        budget_s: config::Budget::default(),
        deadline_s: config::Deadlines::default(),
        limits: config::Limits::default(),
        kiosk: config::Kiosk::default(),
    }
}
