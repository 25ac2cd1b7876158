//! The real world behind the station's seams: SQLite, HTTPS, fonts, printer and readers.

use std::path::{Path, PathBuf};

use super::chips::{read_chance, say, witness};
use super::devices::Devices;
use super::hands::Hands;
use super::kit;
use super::office::Office;
use super::request::Stop;
use super::seams::{Chain, Ground, Opening, Prepares, Records, Sights, World};
use super::{journal_fault, stopped};
use crate::config::Config;
use crate::desk::{self, Looked, Seen};
use crate::fault::Code;
use crate::issuance::Chip;
use crate::job::Job;
use crate::journal::{Error, Hash, Journal, Sequence};
use crate::prepare::{self, Kit, Prepared};
use crate::product::CardNumber;
use crate::record::{self, Paper};
use image::RgbImage;
use jiff::Timestamp;
use layouts::{Dpi, Faces, Layout, Side};
use nix::sys::statvfs::statvfs;
use nix::unistd::{AccessFlags, access};
use std::time::Duration;

/// How long a card may take to be laid on the desk reader after the person said so.
const PLACING_PATIENCE: Duration = Duration::from_secs(5);

/// This machine, its devices, and the authority that it was enrolled with.
pub struct Real;

impl Real {
    /// Opens the journal and what does not change from card to card.
    pub(super) fn ground(config: &Config) -> Result<Ground<Real>, Stop> {
        let journal = Journal::open(&config.journal_file(), &config.station.id)
            .map_err(|error| stopped(&error, journal_fault(&error)))?;
        let kit = kit::load(
            &config.layout.font_folders,
            config.layout.resolution_dpi.into(),
        )
        .map_err(|error| stopped(&error, Code::LayoutRefused))?;
        let office = Office::open(config)?;
        Ok(Ground {
            world: Real,
            journal,
            office,
            kit,
        })
    }
}

impl World for Real {
    type Journal = Journal;
    type Office = Office;
    type Kit = Kit;
    type Hands = Hands;

    fn open_hands(&self, config: &Config, opening: Opening) -> Result<Hands, Code> {
        Hands::open(config, opening)
    }

    fn chance(&self) -> Result<[u8; 16], Code> {
        let mut key = [0; 16];
        getrandom::fill(&mut key).map_err(|error| say(&error, Code::Unknown))?;
        Ok(key)
    }

    /// A PDF beside the journal. It can be drawn again at any time, so a full disk does not undo
    /// a hand-over.
    fn keep(&self, config: &Config, paper: &Paper<'_>) -> Option<PathBuf> {
        let written = record::face_from(&config.layout.font_folders)
            .and_then(|face| paper.pdf(&face))
            .map_err(|error| tracing::error!(%error, "no paper"))
            .ok()?;
        let folder = config.records_folder();
        let file = folder.join(paper.file_name());
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(&file, written))
            .map_err(|error| tracing::error!(%error, "no paper"))
            .ok()?;
        Some(file)
    }
}

impl Records for Journal {
    fn append(&mut self, record: &[u8]) -> Result<Sequence, Error> {
        Journal::append(self, record)
    }

    fn replay(&self) -> Result<Vec<(Sequence, Vec<u8>)>, Error> {
        Journal::replay(self)
    }

    fn head(&self) -> (Sequence, Hash) {
        Journal::head(self)
    }

    fn free_mb(&self) -> Option<u64> {
        free_mb(self.path())
    }
}

impl Chain for Journal {
    fn hash_at(&self, sequence: Sequence) -> Result<Option<Hash>, Error> {
        Journal::hash_at(self, sequence)
    }

    fn hold_against(&self, sequence: Sequence, hash: &[u8; 32]) -> Result<(), Error> {
        Journal::hold_against(self, sequence, hash)
    }
}

/// Free megabytes on the disk of this file; none when it cannot be written.
fn free_mb(file: &Path) -> Option<u64> {
    access(file, AccessFlags::W_OK).ok()?;
    let disk = statvfs(file).ok()?;
    let bytes = disk.blocks_available() * disk.fragment_size();
    Some(bytes / 1_000_000)
}

impl Prepares for Kit {
    fn prepare(&self, job: &Job, photo: Option<&[u8]>) -> Result<Prepared, prepare::Error> {
        prepare::prepare(job, photo, self)
    }

    fn proof(&self, faces: &Faces, side: Side) -> Result<RgbImage, layouts::Error> {
        layouts::proof(&self.layout, &self.fonts, faces, side)
    }

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn dpi(&self) -> Dpi {
        self.dpi
    }
}

fn look_once<D: Devices>(
    hands: &mut Hands<D>,
    number: &CardNumber,
    on: Timestamp,
) -> Result<Looked, Code> {
    let mut card = match hands.desk_card(PLACING_PATIENCE) {
        Ok(card) => card,
        Err(reader::Error::NoCard { .. }) => return Err(Code::NoOldCard),
        Err(reader::Error::Mute { .. }) => {
            return Ok(Looked {
                seen: Seen::Silent,
                files: None,
            });
        }
        Err(error) => return Err(say(&error, Code::ReaderGone)),
    };
    let chance = read_chance(hands.pulse())?;
    let trust = desk::Trust {
        authorities: hands.authorities(),
        on,
    };
    desk::look(&mut card, number, trust, &chance)
        .map_err(|error| say(&error, Code::AuthorityUntrusted))
}

impl<D: Devices> Sights for Hands<D> {
    /// A card that was exchanged or moved while it was read falls silent, too: a silent one is looked
    /// at once more before it counts as dead.
    fn look(&mut self, number: &CardNumber, on: Timestamp) -> Result<Looked, Code> {
        let looked = look_once(self, number, on)?;
        if matches!(looked.seen, Seen::Silent) {
            return look_once(self, number, on);
        }
        Ok(looked)
    }

    fn blank(&mut self) -> Result<Chip, Code> {
        match self.desk_card(PLACING_PATIENCE) {
            Ok(mut card) => Ok(witness(&mut card, self.pulse(), None)),
            Err(reader::Error::NoCard { .. }) => Err(Code::NoOldCard),
            Err(error) => Err(say(&error, Code::ReaderGone)),
        }
    }
}
