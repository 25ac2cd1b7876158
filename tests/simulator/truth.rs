//! What physically is: cards and their chips, the printer's interior and its own memory, the desk,
//! old cards. Knows no journal and decides nothing.

use card_station::issuance::{
    Chip, ChipKeys, Counters, Digest, Files, Flipper, Life, Panel, Sensors, Serial, Witness,
};
use card_station::product::CardNumber;
use std::collections::BTreeMap;
use wire::{MotionId, SupplyKind, Tag};

/// Where a card really is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Hopper,
    Feeder,
    Encoder,
    Head,
    Flipper(Flipper),
    Hologram,
    Check,
    Exit,
    /// In the clerk's hand.
    Clerk,
    /// With the holder of this job.
    Holder(usize),
    Tray,
    Bag,
    /// On the path, between two sensors.
    Between,
    /// Somewhere in the machine where no sensor looks.
    Astray,
}

/// A chip as it really is.
#[derive(Clone, Debug)]
pub(crate) struct TrueChip {
    pub(crate) keys: ChipKeys,
    pub(crate) life: Life,
    pub(crate) stored: u32,
    /// What its files are, by digest.
    pub(crate) files: Option<Digest>,
    /// The number with which it opens.
    pub(crate) number: Option<CardNumber>,
    /// It will never answer again.
    pub(crate) dead: bool,
    /// How often somebody began to write it, and to lock it.
    pub(crate) writes: u8,
    pub(crate) locks: u8,
}

/// What one pass left on a face.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Burned {
    pub(crate) begun: u8,
    pub(crate) completed: u8,
    /// What was prepared, by digest; none where nothing readable came of it.
    pub(crate) content: Option<Digest>,
    /// The number that the face shows.
    pub(crate) number: Option<CardNumber>,
}

/// A card as it really is.
#[derive(Clone, Debug)]
pub(crate) struct TrueCard {
    pub(crate) serial: Serial,
    /// Of the registered stock.
    pub(crate) of_stock: bool,
    /// It left the hopper beside another one.
    pub(crate) stowaway: bool,
    pub(crate) at: At,
    pub(crate) chip: TrueChip,
    pub(crate) faces: [Burned; 7],
    pub(crate) patch: (u8, u8),
    /// It passed a check that was a check.
    pub(crate) checked: bool,
}

impl TrueCard {
    /// A blank as it was delivered.
    pub(crate) fn blank(count: u32) -> TrueCard {
        let mut serial = [0x27; 10];
        serial[6..].copy_from_slice(&count.to_be_bytes());
        TrueCard {
            serial: Serial(serial),
            of_stock: true,
            stowaway: false,
            at: At::Hopper,
            chip: TrueChip {
                keys: ChipKeys::Transport,
                life: Life::Blank,
                stored: 0,
                files: None,
                number: None,
                dead: false,
                writes: 0,
                locks: 0,
            },
            faces: Default::default(),
            patch: (0, 0),
            checked: false,
        }
    }

    /// Whether it is between hopper and slot, the slot included.
    pub(crate) fn in_machine(&self) -> bool {
        match self.at {
            At::Feeder
            | At::Encoder
            | At::Head
            | At::Flipper(_)
            | At::Hologram
            | At::Check
            | At::Exit
            | At::Between
            | At::Astray => true,
            At::Hopper | At::Clerk | At::Holder(_) | At::Tray | At::Bag => false,
        }
    }

    /// What the chip says of itself to whoever asks.
    pub(crate) fn word(&self, prepared: Option<Digest>) -> Chip {
        let chip = &self.chip;
        if chip.dead {
            return Chip::Silent;
        }
        let files = match prepared {
            Some(prepared) if chip.life == Life::Personalised => {
                if chip.files == Some(prepared) {
                    Files::Equal
                } else {
                    Files::Different
                }
            }
            Some(_) | None => Files::NotRead,
        };
        Chip::Answers(Witness {
            serial: self.serial,
            keys: chip.keys,
            life: chip.life,
            stored: chip.stored,
            files,
        })
    }
}

/// A roll in the printer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Film {
    pub(crate) kind: SupplyKind,
    pub(crate) serial: [u8; 8],
    pub(crate) capacity: u32,
    pub(crate) left: u32,
}

impl Film {
    pub(crate) fn tag(&self) -> Tag {
        Tag {
            kind: self.kind,
            serial: self.serial,
            lot: 202_406,
            capacity: self.capacity,
            remaining: self.left,
            expires: 0,
        }
    }

    pub(crate) fn label(&self) -> String {
        String::from_utf8_lossy(&self.serial).into_owned()
    }
}

/// The panels in the printer's memory: whose card they are, and what they show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Panels {
    pub(crate) card: u32,
    pub(crate) content: Digest,
    pub(crate) number: CardNumber,
}

/// How an accepted motion ended.
#[derive(Clone, Debug)]
pub(crate) enum Ended {
    Done(Counters),
    Failed(wire::Condition),
}

/// The printer: its interior, and what its firmware keeps.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) counters: Counters,
    pub(crate) boot: u32,
    pub(crate) newest_sequence: u64,
    pub(crate) last_motion: Option<MotionId>,
    pub(crate) ended: BTreeMap<MotionId, Ended>,
    pub(crate) panels: Option<Panels>,
    /// The panels of the card before, which a faulty firmware prints.
    pub(crate) panels_before: Option<Panels>,
    pub(crate) ribbon: Film,
    pub(crate) patches: Film,
    /// The place of the ribbon: panels used of the set at hand.
    pub(crate) ribbon_at: usize,
    pub(crate) cover_open: bool,
    pub(crate) stuck: bool,
    pub(crate) tray_full: bool,
    pub(crate) head_hot: bool,
    pub(crate) ribbon_broken: bool,
    pub(crate) scanner_dirty: bool,
    /// What passes begun and patches begun truly were, apart from every counter.
    pub(crate) true_passes: [u32; 7],
    pub(crate) true_patches: u32,
}

impl Machine {
    pub(crate) fn new() -> Machine {
        Machine {
            counters: Counters::default(),
            boot: 1,
            newest_sequence: 0,
            last_motion: None,
            ended: BTreeMap::new(),
            panels: None,
            panels_before: None,
            ribbon: ribbon(1),
            patches: patches(1),
            ribbon_at: 0,
            cover_open: false,
            stuck: false,
            tray_full: false,
            head_hot: false,
            ribbon_broken: false,
            scanner_dirty: false,
            true_passes: [0; 7],
            true_patches: 0,
        }
    }

    /// Winds to a panel: a set is used up once its panel or a later one was used.
    pub(crate) fn wind(&mut self, panel: Panel) {
        if panel.index() < self.ribbon_at || self.ribbon_at == 0 {
            self.ribbon.left = self.ribbon.left.saturating_sub(1);
        }
        self.ribbon_at = panel.index() + 1;
    }
}

/// A ribbon as it is delivered.
pub(crate) fn ribbon(count: u32) -> Film {
    film(SupplyKind::Ribbon, b"RB", count)
}

/// Patch film as it is delivered.
pub(crate) fn patches(count: u32) -> Film {
    film(SupplyKind::Patches, b"PA", count)
}

fn film(kind: SupplyKind, word: &[u8; 2], count: u32) -> Film {
    let mut serial = *b"XX000000";
    serial[..2].copy_from_slice(word);
    serial[2..].copy_from_slice(format!("{count:06}").as_bytes());
    Film {
        kind,
        serial,
        capacity: 500,
        left: 500,
    }
}

/// What an old card really is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    Genuine,
    Dead,
    Unsigned,
    SecondGeneration,
    Forged,
}

/// Where an old card really is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OldAt {
    Holder,
    Box,
    Lost,
}

/// An old card.
#[derive(Clone, Debug)]
pub(crate) struct TrueOld {
    pub(crate) number: CardNumber,
    pub(crate) nature: Nature,
    pub(crate) at: OldAt,
    pub(crate) punched: bool,
}

/// What lies on the desk reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnDesk {
    Nothing,
    /// The old card of this job.
    Old(usize),
    Stranger,
}

/// What the sensors see of the cards in the machine.
pub(crate) fn sensed(cards: &[TrueCard], machine: &Machine) -> Sensors {
    let mut sensors = Sensors {
        tray_full: machine.tray_full,
        cover_open: machine.cover_open,
        ..Sensors::default()
    };
    for card in cards {
        match card.at {
            At::Hopper => sensors.hopper = true,
            At::Feeder => sensors.feeder = true,
            At::Encoder => sensors.encoder = true,
            At::Head => sensors.head_in = true,
            At::Flipper(seen) => sensors.flipper = seen,
            At::Hologram => sensors.hologram = true,
            At::Check => sensors.check = true,
            At::Exit => sensors.exit = true,
            At::Clerk | At::Holder(_) | At::Tray | At::Bag | At::Between | At::Astray => {}
        }
    }
    sensors
}

/// The counters in the wire's words.
pub(crate) fn on_wire(counters: &Counters) -> wire::Counters {
    wire::Counters {
        fed: counters.fed,
        ejected: counters.ejected,
        taken: counters.taken,
        rejected: counters.rejected,
        lost: counters.lost,
        begun: counters.begun,
        completed: counters.completed,
        patches_begun: counters.patches_begun,
        patches_completed: counters.patches_completed,
        flips: counters.flips,
        power_ons: counters.power_ons,
        since_cleaning: counters.since_cleaning,
    }
}
