//! What was physically made: one folder a card, written by the simulator when the card left. The
//! station never sees it. Read here with eyes of our own: no type of the station's decisions.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Chip life cycles as GlobalPlatform codes them.
const PERSONALISED: u64 = 0x0F;
const TERMINATED: u64 = 0xFF;
const ISSUER_KEYS: u64 = 0x31;

/// Tag and length before the value of a chip's file.
const HEADER: usize = 4;
/// The front image in the chip: dots across and down.
const IMAGE: (u32, u32) = (674, 425);
/// What ink leaves of the ground's light; the pre-print and most dyes leave more.
const INK_LUMA: u32 = 110;

/// One card that left the machine.
pub(crate) struct Made {
    pub(crate) folder: PathBuf,
    truth: Value,
    chip: Value,
}

/// The cards in a folder, in the order of the hopper.
pub(super) fn made(cards: &Path) -> Vec<Made> {
    let mut folders: Vec<PathBuf> = fs::read_dir(cards)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    folders.into_iter().map(Made::read).collect()
}

impl Made {
    pub(super) fn read(folder: PathBuf) -> Made {
        let json = |name: &str| {
            let text = fs::read(folder.join(name)).expect("written before the printer ended");
            serde_json::from_slice(&text).expect("JSON")
        };
        let (truth, chip) = (json("truth.json"), json("chip.json"));
        Made {
            folder,
            truth,
            chip,
        }
    }

    /// `taken`, `rejected`, …
    pub(crate) fn fate(&self) -> String {
        self.truth["fate"]
            .as_str()
            .unwrap_or_default()
            .to_ascii_lowercase()
    }

    pub(crate) fn taken(&self) -> bool {
        self.fate() == "taken"
    }

    /// The number in the chip; empty when it has none.
    pub(crate) fn number(&self) -> String {
        String::from_utf8(self.bytes("number")).expect("a number is plain text")
    }

    /// Finished and locked: to a reader outside this is a residence card.
    pub(crate) fn is_live(&self) -> bool {
        !self.is_dead()
            && self.figure("application") == PERSONALISED
            && self.chip["keys"]["version"].as_u64() == Some(ISSUER_KEYS)
    }

    /// Terminated, or broken.
    pub(crate) fn is_dead(&self) -> bool {
        self.chip["dead"].as_bool() == Some(true) || self.figure("issuer_domain") == TERMINATED
    }

    /// Nothing was ever written to its chip.
    pub(crate) fn is_untouched(&self) -> bool {
        self.figure("bytes_stored") == 0
    }

    /// Panels that were burned at least in part, in order.
    pub(crate) fn passes(&self) -> Vec<String> {
        let passes = self.truth["passes"].as_array().into_iter().flatten();
        passes
            .map(|pass| pass["panel"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Faults that the simulator did to it.
    pub(crate) fn faults(&self) -> usize {
        self.truth["faults"].as_array().map_or(0, Vec::len)
    }

    /// Whether the face bears ink wherever the other card's chip says that there is ink.
    pub(crate) fn face_shows(&self, other: &Made) -> bool {
        let file = other.chip["files"]["DF1/EF01"]["bytes"]
            .as_str()
            .unwrap_or_default();
        let file = hex::decode(file).expect("hexadecimal");
        let Some(tiff) = file.get(HEADER..) else {
            return false;
        };
        let image = chip::image::mmr::decode(tiff).expect("a front image");
        assert_eq!((image.width, image.height), IMAGE);
        let face = image::open(self.folder.join("front.png"))
            .expect("a picture")
            .to_luma8();
        let (mut ink, mut shown) = (0, 0);
        for y in 0..IMAGE.1 {
            for x in 0..IMAGE.0 {
                let at = (y * image.width.div_ceil(8) + x / 8) as usize;
                if image.packed[at] & (0x80 >> (x % 8)) != 0 {
                    ink += 1;
                    shown += u32::from(dark_around(&face, x, y));
                }
            }
        }
        ink > 1000 && shown * 100 >= ink * 97
    }

    fn figure(&self, member: &str) -> u64 {
        self.chip[member].as_u64().unwrap_or_default()
    }

    fn bytes(&self, member: &str) -> Vec<u8> {
        hex::decode(self.chip[member].as_str().unwrap_or_default()).expect("hexadecimal")
    }
}

/// Whether the face is dark where the chip's image has this dot, or one dot beside it.
fn dark_around(face: &image::GrayImage, x: u32, y: u32) -> bool {
    let (width, height) = face.dimensions();
    let (left, top) = (x * width / IMAGE.0, y * height / IMAGE.1);
    let near = |at: u32, limit: u32| at.saturating_sub(2)..(at + 4).min(limit);
    near(top, height)
        .any(|row| near(left, width).any(|at| u32::from(face.get_pixel(at, row).0[0]) < INK_LUMA))
}
