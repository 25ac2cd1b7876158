//! Physical truth: the card in the machine, where it is, and what was really burned on it.
//! Knows nothing of counters or of what the firmware believes.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use wire::{Face, Flipper, Panel, Sensors, raster::Shape};

/// A blank as it lies in the hopper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blank {
    /// Its place in the hopper's order, which also names its folder.
    pub place: u32,
    /// Serial of its chip, hexadecimal.
    pub serial: String,
}

/// Where a card is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Out of the hopper, not yet at the encoder.
    Feeder,
    /// Under the encoder's antenna.
    Encoder,
    /// At the entry of the print head, at rest.
    HeadIn,
    /// Under the print head.
    UnderHead,
    /// Seated in the flipper.
    Flipper,
    /// In the flipper, not seated.
    FlipperBetween,
    /// In the hologram station.
    Hologram,
    /// In the check station.
    Check,
    /// In the exit slot.
    Exit,
    /// Between two stations, at no sensor.
    Between,
    /// Off the path, where no motion reaches it.
    Astray,
}

impl Place {
    /// Sets the sensors that see a card here.
    pub fn show(self, face_up: Face, sensors: &mut Sensors) {
        match self {
            Place::Feeder => sensors.feeder = true,
            Place::Encoder => sensors.encoder = true,
            Place::HeadIn => sensors.head_in = true,
            Place::UnderHead => {
                sensors.head_in = true;
                sensors.head_out = true;
            }
            Place::Flipper => {
                sensors.flipper = match face_up {
                    Face::Front => Flipper::FrontUp,
                    Face::Back => Flipper::BackUp,
                }
            }
            Place::FlipperBetween => sensors.flipper = Flipper::Between,
            Place::Hologram => sensors.hologram = true,
            Place::Check => sensors.check = true,
            Place::Exit => sensors.exit = true,
            Place::Between | Place::Astray => {}
        }
    }
}

/// An antenna of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// At the encoder.
    Encoder,
    /// In the check station.
    Check,
}

/// What one pass really left on a face: rows burned so far, the rest empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Layer {
    /// The ribbon panel that was under the head.
    pub panel: Panel,
    /// The face that was up.
    pub face: Face,
    /// Geometry of the raster.
    pub shape: Shape,
    /// Packed rows as burned.
    pub rows: Arc<Vec<u8>>,
    /// How many rows were burned.
    pub burned: u16,
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} on {:?}: {}/{} rows",
            self.panel,
            self.face,
            self.burned,
            self.shape.rows()
        )
    }
}

impl Layer {
    /// An untouched layer.
    pub fn new(panel: Panel, face: Face, shape: Shape) -> Layer {
        Layer {
            panel,
            face,
            shape,
            rows: Arc::new(vec![0; shape.bytes()]),
            burned: 0,
        }
    }

    /// Burns rows up to `until` out of `source`, which has the layer's shape.
    pub fn burn(&mut self, source: &[u8], until: u16) {
        let width = self.shape.row_bytes();
        let range = usize::from(self.burned) * width..usize::from(until) * width;
        if let Some(dots) = source.get(range.clone()) {
            Arc::make_mut(&mut self.rows)[range].copy_from_slice(dots);
        }
        self.burned = self.burned.max(until);
    }

    /// Burns rows up to `until` so many rows beside their place.
    pub fn burn_beside(&mut self, source: &[u8], until: u16, beside: u16) {
        let width = self.shape.row_bytes();
        let rows = usize::from(self.burned)..usize::from(until);
        for row in rows {
            let from = row
                .checked_sub(usize::from(beside))
                .and_then(|row| source.get(row * width..(row + 1) * width));
            if let Some(dots) = from {
                Arc::make_mut(&mut self.rows)[row * width..(row + 1) * width].copy_from_slice(dots);
            }
        }
        self.burned = self.burned.max(until);
    }

    /// How much dye or ink a dot took, 0 to 255.
    pub fn dot(&self, row: usize, dot: usize) -> u8 {
        let width = self.shape.row_bytes();
        match self.shape.bits() {
            8 => self.rows.get(row * width + dot).copied().unwrap_or(0),
            _ => {
                let byte = self.rows.get(row * width + dot / 8).copied().unwrap_or(0);
                if byte >> (7 - dot % 8) & 1 == 1 {
                    255
                } else {
                    0
                }
            }
        }
    }
}

/// The card in the machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// The blank that it was.
    pub blank: Blank,
    /// The motions' card count that fed it.
    pub count: u32,
    /// Where it is.
    pub place: Place,
    /// Which face is up.
    pub face_up: Face,
    /// What was burned, in order of burning.
    pub layers: Vec<Layer>,
    /// Whether a hologram patch lies on it, and lies well.
    pub patch: bool,
    /// Whether a patch lies on it askew.
    pub askew: bool,
    /// The blank that sticks to its underside since they left the hopper together.
    pub beneath: Option<Blank>,
    /// The antenna that its chip is coupled to.
    pub coupled: Option<Spot>,
    /// The chip answers no more.
    pub dead: bool,
}

impl Card {
    /// A blank that just left the hopper, back up.
    pub fn new(blank: Blank, count: u32) -> Card {
        let (face_up, place) = (Face::Back, Place::Feeder);
        let layers = Vec::new();
        Card {
            blank,
            count,
            place,
            face_up,
            layers,
            patch: false,
            askew: false,
            beneath: None,
            coupled: None,
            dead: false,
        }
    }

    /// The layers on one face, in order of burning.
    pub fn on(&self, face: Face) -> impl Iterator<Item = &Layer> {
        self.layers.iter().filter(move |layer| layer.face == face)
    }
}

/// How a card left the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// A person took it from the exit slot after Release.
    Taken,
    /// A person pulled it out of the exit slot before it was released.
    PulledOut,
    /// It fell into the reject tray.
    Rejected,
    /// A person took it out of the path by hand.
    RemovedByHand,
}
