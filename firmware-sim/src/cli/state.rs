//! The state folder: what a power cut leaves. Non-volatile memory, the hopper, and the card
//! inside. Knows files, not mechanics.

use firmware_sim::Error;
use firmware_sim::chip;
use firmware_sim::machine::{Blank, Card, Interior, Layer, Nonvolatile, Place};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wire::{Face, Panel, raster::Shape};

const NONVOLATILE: &str = "nonvolatile.json";
const INTERIOR: &str = "interior.json";
const CARD: &str = "card.json";

/// The folder.
pub(crate) struct State {
    root: PathBuf,
    /// Rows of each layer that this process has written down.
    written: Vec<Option<u16>>,
    /// Places of the blanks at the last look.
    seen: Option<Vec<u32>>,
}

/// The card inside, as it is written down.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CardImage {
    blank: Blank,
    count: u32,
    place: Place,
    front_up: bool,
    patch: bool,
    #[serde(default)]
    askew: bool,
    #[serde(default)]
    beneath: Option<Blank>,
    dead: bool,
    layers: Vec<LayerImage>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LayerImage {
    panel: usize,
    front: bool,
    rows: u16,
    dots: u16,
    bits: u8,
    burned: u16,
}

impl State {
    /// Opens the folder, making it if need be.
    pub(crate) fn open(root: &Path) -> Result<State, Error> {
        let state = State {
            root: root.to_owned(),
            written: Vec::new(),
            seen: None,
        };
        make(&state.hopper())?;
        Ok(state)
    }

    fn hopper(&self) -> PathBuf {
        self.root.join("hopper")
    }

    /// Where the card in the machine lies, its chip with it.
    pub(crate) fn inside(&self) -> PathBuf {
        self.root.join("inside")
    }

    /// Where the blank beneath it lies.
    fn beneath(&self) -> PathBuf {
        self.root.join("beneath")
    }

    /// What was kept, or a machine fresh from the factory.
    pub(crate) fn nonvolatile(&self) -> Result<Nonvolatile, Error> {
        let path = self.root.join(NONVOLATILE);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| content(&path, &error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Nonvolatile::factory()),
            Err(source) => Err(Error::File { path, source }),
        }
    }

    /// Keeps it, whole: at any cut the old or the new is there.
    pub(crate) fn keep(&self, kept: &Nonvolatile) -> Result<(), Error> {
        replace(&self.root.join(NONVOLATILE), &to_json(kept))
    }

    /// What was in the machine beside the card; as the tags say, when it was never written down.
    pub(crate) fn interior(&self, kept: &Nonvolatile) -> Result<Interior, Error> {
        let path = self.root.join(INTERIOR);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| content(&path, &error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Interior::of(kept)),
            Err(source) => Err(Error::File { path, source }),
        }
    }

    /// Writes it down.
    pub(crate) fn write_interior(&self, interior: &Interior) -> Result<(), Error> {
        replace(&self.root.join(INTERIOR), &to_json(interior))
    }

    /// The blanks in the hopper in their order; nothing when they are those of the last look.
    pub(crate) fn new_blanks(&mut self) -> Result<Option<Vec<Blank>>, Error> {
        let path = self.hopper();
        let file = |source| Error::File {
            path: path.clone(),
            source,
        };
        let mut places = Vec::new();
        for entry in fs::read_dir(&path).map_err(file)? {
            let name = entry.map_err(file)?.file_name();
            places.extend(name.to_str().and_then(|name| name.parse::<u32>().ok()));
        }
        places.sort_unstable();
        if self.seen.as_ref() == Some(&places) {
            return Ok(None);
        }
        let blank = |place: &u32| {
            let card = chip::Card::load(&path.join(format!("{place:04}")))?;
            Ok(Blank {
                place: *place,
                serial: hex::encode_upper(card.serial()),
            })
        };
        let blanks = places.iter().map(blank).collect::<Result<_, Error>>()?;
        self.seen = Some(places);
        Ok(Some(blanks))
    }

    /// Lays a blank into the hopper, whole at once: a running printer may be looking.
    pub(crate) fn lay(&self, place: u32, card: &mut chip::Card) -> Result<(), Error> {
        let beside = self.root.join("blank.new");
        card.store(&beside)?;
        let to = self.hopper().join(format!("{place:04}"));
        fs::rename(&beside, &to).map_err(|source| Error::File { path: to, source })
    }

    /// Takes the next so many places in the hopper's order; none is ever given twice.
    pub(crate) fn take_places(&self, count: u32) -> Result<u32, Error> {
        let path = self.root.join("next-place");
        let next = match fs::read_to_string(&path) {
            Ok(text) => text
                .trim()
                .parse()
                .map_err(|error| content(&path, &error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => 1,
            Err(source) => return Err(Error::File { path, source }),
        };
        replace(&path, format!("{}\n", next + count).as_bytes())?;
        Ok(next)
    }

    /// The blank leaves the hopper and is inside.
    pub(crate) fn picked(&mut self, blank: &Blank) -> Result<(), Error> {
        self.written.clear();
        let from = self.hopper().join(format!("{:04}", blank.place));
        let image = CardImage::of(&Card::new(blank.clone(), 0));
        replace(&from.join(CARD), &to_json(&image))?;
        fs::rename(&from, self.inside()).map_err(|source| Error::File { path: from, source })
    }

    /// The blank leaves the hopper beneath the one inside.
    pub(crate) fn picked_beneath(&mut self, blank: &Blank) -> Result<(), Error> {
        let from = self.hopper().join(format!("{:04}", blank.place));
        fs::rename(&from, self.beneath()).map_err(|source| Error::File { path: from, source })
    }

    /// It left: what lies beneath is moved out to `folder`.
    pub(crate) fn left_beneath(&mut self, folder: &Path) -> Result<(), Error> {
        let beneath = self.beneath();
        if let Some(parent) = folder.parent() {
            make(parent)?;
        }
        fs::rename(&beneath, folder).map_err(|source| Error::File {
            path: beneath,
            source,
        })
    }

    /// Writes down the card inside.
    pub(crate) fn write_card(&mut self, card: &Card) -> Result<(), Error> {
        let image = CardImage::of(card);
        let inside = self.inside();
        self.written.resize(card.layers.len(), None);
        for (at, (layer, written)) in card.layers.iter().zip(&mut self.written).enumerate() {
            if *written != Some(layer.burned) {
                let path = inside.join(format!("layer-{at}.raw"));
                burn(&path, layer, *written).map_err(|source| Error::File { path, source })?;
                *written = Some(layer.burned);
            }
        }
        replace(&self.inside().join(CARD), &to_json(&image))
    }

    /// The card inside, if there is one.
    pub(crate) fn card(&self) -> Result<Option<Card>, Error> {
        let path = self.inside().join(CARD);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Error::File { path, source }),
        };
        let image: CardImage =
            serde_json::from_slice(&bytes).map_err(|error| content(&path, &error))?;
        let mut card = Card::new(image.blank, image.count);
        card.place = image.place;
        card.face_up = face(image.front_up);
        (card.patch, card.askew, card.dead) = (image.patch, image.askew, image.dead);
        card.beneath = image.beneath;
        for (at, layer) in image.layers.into_iter().enumerate() {
            let path = self.inside().join(format!("layer-{at}.raw"));
            let rows = fs::read(&path).map_err(|source| Error::File {
                path: path.clone(),
                source,
            })?;
            card.layers.push(
                layer
                    .layer(rows)
                    .ok_or_else(|| content(&path, &"not a layer"))?,
            );
        }
        Ok(Some(card))
    }

    /// Moves what lies inside out to `folder`; what only the inside needs is not taken along.
    pub(crate) fn left(&mut self, folder: &Path) -> Result<(), Error> {
        let inside = self.inside();
        if let Some(parent) = folder.parent() {
            make(parent)?;
        }
        let file = |source| Error::File {
            path: inside.clone(),
            source,
        };
        fs::rename(&inside, folder).map_err(file)?;
        let mut own = vec![folder.join(CARD)];
        // At most one layer for each pass that was ever asked for: those of a former process, too.
        let layers = (0..).map(|at| folder.join(format!("layer-{at}.raw")));
        own.extend(layers.take_while(|path| path.exists()));
        self.written.clear();
        for path in own {
            match fs::remove_file(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(Error::File { path, source }),
            }
        }
        Ok(())
    }
}

impl CardImage {
    fn of(card: &Card) -> CardImage {
        CardImage {
            blank: card.blank.clone(),
            count: card.count,
            place: card.place,
            front_up: card.face_up == Face::Front,
            patch: card.patch,
            askew: card.askew,
            beneath: card.beneath.clone(),
            dead: card.dead,
            layers: card.layers.iter().map(LayerImage::of).collect(),
        }
    }
}

impl LayerImage {
    fn of(layer: &Layer) -> LayerImage {
        LayerImage {
            panel: layer.panel.index(),
            front: layer.face == Face::Front,
            rows: layer.shape.rows(),
            dots: layer.shape.dots(),
            bits: layer.shape.bits(),
            burned: layer.burned,
        }
    }

    fn layer(self, mut rows: Vec<u8>) -> Option<Layer> {
        let shape = Shape::new(self.rows, self.dots, self.bits).ok()?;
        let panel = *Panel::ALL.get(self.panel)?;
        let (face, burned) = (face(self.front), self.burned);
        // Rows behind those that are known to be burned were being written when the process ended.
        rows.truncate(usize::from(burned) * shape.row_bytes());
        rows.resize(shape.bytes(), 0);
        Some(Layer {
            panel,
            face,
            shape,
            rows: Arc::new(rows),
            burned,
        })
    }
}

/// Writes the rows that were burned since so many; all of them if nobody knows.
fn burn(path: &Path, layer: &Layer, written: Option<u16>) -> io::Result<()> {
    let width = layer.shape.row_bytes();
    let from = usize::from(written.unwrap_or(0)) * width;
    let until = usize::from(layer.burned) * width;
    let mut file = match written {
        Some(_) => fs::File::options().append(true).open(path)?,
        None => fs::File::create(path)?,
    };
    file.write_all(layer.rows.get(from..until).unwrap_or_default())
}

fn face(front: bool) -> Face {
    if front { Face::Front } else { Face::Back }
}

fn content(path: &Path, reason: &dyn std::fmt::Display) -> Error {
    Error::Content {
        path: path.to_owned(),
        line: 0,
        reason: reason.to_string(),
    }
}

/// Makes a folder and all above it.
pub(crate) fn make(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

/// Writes beside and renames: whoever ends this process, the old or the new is there. It is not
/// synced: what it keeps are simulated devices, and a sync would cost the line its time.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let beside = path.with_extension("new");
    let write = || -> io::Result<()> {
        let mut file = fs::File::create(&beside)?;
        file.write_all(bytes)?;
        fs::rename(&beside, path)
    };
    write().map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

/// Own plain data always have a JSON form.
pub(crate) fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec_pretty(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blank() -> Blank {
        Blank {
            place: 1,
            serial: hex::encode_upper([7; 10]),
        }
    }

    /// A state folder with a blank inside.
    fn picked(root: &Path) -> State {
        let mut state = State::open(root).unwrap();
        let mut chip = chip::Card::blank([7; 10], &chip::TEST_TRANSPORT_MASTER);
        state.lay(1, &mut chip).unwrap();
        state.picked(&blank()).unwrap();
        state
    }

    #[test]
    fn whenever_the_process_ends_the_card_is_known_as_far_as_it_was_burned() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = picked(folder.path());
        let shape = Shape::new(64, 40, 8).unwrap();
        let ink: Vec<u8> = (0..shape.bytes()).map(|at| at as u8 | 1).collect();
        let mut card = Card::new(blank(), 3);
        card.layers.push(Layer::new(Panel::M, Face::Front, shape));
        for rows in [0, 4, 8, 40, 64] {
            card.layers[0].burn(&ink, rows);
            state.write_card(&card).unwrap();
            // Another process finds it: nothing of the first one's memory.
            let mut again = State::open(folder.path()).unwrap();
            assert_eq!(again.card().unwrap().as_ref(), Some(&card));
            // Rows that reached the disk before the count did are no more than half-known.
            let path = folder.path().join("inside/layer-0.raw");
            let whole = fs::read(&path).unwrap();
            fs::write(&path, [&whole[..], &[9; 50]].concat()).unwrap();
            assert_eq!(again.card().unwrap().as_ref(), Some(&card));
            fs::write(&path, whole).unwrap();
            if rows == 8 {
                // It goes on from there.
                again.write_card(&card).unwrap();
                state = again;
            }
        }
    }

    #[test]
    fn nothing_of_the_inside_goes_out_with_the_card_whoever_burned_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = picked(folder.path());
        let mut card = Card::new(blank(), 3);
        let shape = Shape::new(8, 8, 1).unwrap();
        card.layers
            .push(Layer::new(Panel::BackK, Face::Back, shape));
        card.layers.push(Layer::new(
            Panel::Y,
            Face::Front,
            Shape::new(8, 8, 8).unwrap(),
        ));
        state.write_card(&card).unwrap();
        let out = folder.path().join("out/0001");
        State::open(folder.path()).unwrap().left(&out).unwrap();
        let names = fs::read_dir(&out).unwrap().flatten();
        let names: Vec<_> = names.map(|entry| entry.file_name()).collect();
        assert_eq!(names, ["chip.json"]);
    }

    #[test]
    fn what_is_in_the_machine_outlives_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).unwrap();
        let kept = Nonvolatile::factory();
        let mut interior = state.interior(&kept).unwrap();
        assert_eq!(interior, Interior::of(&kept));
        (interior.in_tray, interior.cover_open) = (17, true);
        interior.ribbon.as_mut().unwrap().torn = true;
        state.write_interior(&interior).unwrap();
        let again = State::open(folder.path()).unwrap();
        assert_eq!(again.interior(&kept).unwrap(), interior);
    }
}
