//! The seams of the station: what the runner asks of journal, authority, preparing and devices.
//! `real` stands behind them in production; a simulator that knows the truth stands there in tests.
//! Decides nothing, and names no device.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::authority::contract::{Checkpoint, ChipKeys, ChipSerial, Key, NumberState, Report};
use crate::config::Config;
use crate::desk::Looked;
use crate::fault::Code;
use crate::issuance::{Chip, Select, Survey};
use crate::job::{Job, Refusal};
use crate::journal::{Error, Hash, Sequence};
use crate::prepare::{self, Prepared};
use crate::product::CardNumber;
use crate::record::Paper;
use image::RgbImage;
use jiff::Timestamp;
use layouts::{Dpi, Faces, Layout, Side};
use zeroize::Zeroizing;

pub use super::checklist::{Antennas, Scanner};
pub use super::chips::Trust;
pub use super::deed::{Deed, Outcome};
pub use super::devices::{Devices, Pulse, Reads};
pub use super::hands::Hands;
pub use super::notes::Notes;
pub use super::office::{Refused, Seal};
pub use super::work::{Keys, Work};

/// Everything that is not the station itself: the real one, or a simulated one.
pub trait World: Sized {
    /// The journal's storage.
    type Journal: Records + Chain;
    /// The authority.
    type Office: Grants + Tells + Trusts;
    /// What prepares a job.
    type Kit: Prepares;
    /// The devices.
    type Hands: Moves + Stands + Sights;

    /// Opens the devices.
    ///
    /// # Errors  The fault that says which device is not there.
    fn open_hands(&self, config: &Config, opening: Opening) -> Result<Self::Hands, Code>;

    /// 128 bits of chance: the key under which a lease is asked for.
    ///
    /// # Errors  There is none to be had: nothing is begun without it.
    fn chance(&self) -> Result<[u8; 16], Code>;

    /// Keeps a paper for people, where that is possible.
    fn keep(&self, config: &Config, paper: &Paper<'_>) -> Option<PathBuf>;
}

/// What a station stands on from its opening to its end.
pub struct Ground<W: World> {
    /// The world.
    pub world: W,
    /// Its journal.
    pub journal: W::Journal,
    /// Its authority.
    pub office: W::Office,
    /// What its jobs are prepared with.
    pub kit: W::Kit,
}

/// What the devices are told when they are opened.
pub struct Opening {
    /// Whose signatures on chips are trusted.
    pub trust: Trust,
    /// Where the causes of lateness are noted.
    pub notes: Arc<Notes>,
    /// How far the printer's memory of journals is ahead of this one.
    pub ahead: u64,
}

/// The journal's records. On return from `append` a record is durable.
pub trait Records {
    /// Appends one record.
    ///
    /// # Errors  What is on the disk is not known until the journal is opened again.
    fn append(&mut self, record: &[u8]) -> Result<Sequence, Error>;
    /// Every record, oldest first.
    ///
    /// # Errors  The storage cannot be read.
    fn replay(&self) -> Result<Vec<(Sequence, Vec<u8>)>, Error>;
    /// The newest record's number and the chain's hash there.
    fn head(&self) -> (Sequence, Hash);
    /// Free megabytes where it lies; none when nothing can be written there.
    fn free_mb(&self) -> Option<u64>;
}

/// The journal's chain, held against what others remember of it.
pub trait Chain {
    /// The chain's hash at a record; none beyond the head.
    ///
    /// # Errors  The storage cannot be read.
    fn hash_at(&self, sequence: Sequence) -> Result<Option<Hash>, Error>;
    /// Whether a checkpoint is a prefix of this chain.
    ///
    /// # Errors  `RolledBack`: it is not.
    fn hold_against(&self, sequence: Sequence, hash: &[u8; 32]) -> Result<(), Error>;
}

/// What the authority grants for one attempt. Each call carries the journal's sequence number.
pub trait Grants {
    /// The signed grant under this idempotency key.
    ///
    /// # Errors  [`Refused`].
    fn lease(&self, key: Key, select: &Select, at: u64) -> Result<Zeroizing<String>, Refused>;
    /// The photo of a granted job.
    ///
    /// # Errors  [`Refused`].
    fn photo(&self, job: &Job, at: u64) -> Result<Zeroizing<Vec<u8>>, Refused>;
    /// The seal of the chip's data; none for a card without photo.
    ///
    /// # Errors  [`Refused`].
    fn sign(&self, job: &Job, digest: [u8; 32], dpi: u32, at: u64)
    -> Result<Option<Seal>, Refused>;
    /// The keys of this blank: from here the attempt is fenced to it.
    ///
    /// # Errors  [`Refused`].
    fn keys(&self, job: &Job, blank: ChipSerial, at: u64) -> Result<ChipKeys, Refused>;
}

/// What the authority is told and asked about what became of cards and journal.
pub trait Tells {
    /// Takes a report, once, however often it is sent.
    ///
    /// # Errors  [`Refused`].
    fn report(&self, report: &Report, at: u64) -> Result<(), Refused>;
    /// What is known of a card number.
    ///
    /// # Errors  [`Refused`].
    fn number(&self, number: &CardNumber, at: u64) -> Result<NumberState, Refused>;
    /// What is remembered of this station's journal.
    ///
    /// # Errors  [`Refused`].
    fn latest_checkpoint(&self, at: u64) -> Result<Option<Checkpoint>, Refused>;
    /// Takes the journal's head into keeping.
    ///
    /// # Errors  [`Refused`].
    fn checkpoint(&self, point: &Checkpoint) -> Result<(), Refused>;
}

/// What the enrolment gave to hold grants and chips against.
pub trait Trusts {
    /// The job of a grant that is for this station, now.
    ///
    /// # Errors  [`Refusal`].
    fn verify(&self, token: &str, now: Timestamp) -> Result<Job, Refusal>;
    /// The job of a grant that was verified in time and journalled by this digest.
    ///
    /// # Errors  [`Refusal`].
    fn reopen(&self, token: &str, journalled: &[u8; 32]) -> Result<Job, Refusal>;
    /// Certificates of the chip authorities, DER.
    fn trusted(&self) -> &[Vec<u8>];
    /// Notes the newest checkpoint of which the journal holds an acknowledgement: an authority that
    /// does not know it any more was put back, and learns it from the next request.
    fn remember(&self, _acknowledged: u64) {}
}

/// A job becomes everything that one card needs.
pub trait Prepares {
    /// Prepares a job.
    ///
    /// # Errors  Each names a fault code, the field and the remedy.
    fn prepare(&self, job: &Job, photo: Option<&[u8]>) -> Result<Prepared, prepare::Error>;
    /// A face as it will be printed.
    ///
    /// # Errors  The layout cannot be drawn.
    fn proof(&self, faces: &Faces, side: Side) -> Result<RgbImage, layouts::Error>;
    /// Where the faces' elements lie.
    fn layout(&self) -> &Layout;
    /// The print head's resolution.
    fn dpi(&self) -> Dpi;
}

/// One act of the devices, and what they show of it.
pub trait Moves {
    /// Does one step, once.
    fn act(&mut self, deed: &mut Deed<'_>) -> Outcome;
    /// Everything that the devices show once nothing moves; with a workpiece the chip's files
    /// are compared and its lock is proved, too.
    ///
    /// # Errors  The fault of a device that does not answer.
    fn survey(&mut self, sequence: u64, work: Option<&Work>) -> Result<Survey, Code>;
    /// What the printer shows now, as it says it.
    ///
    /// # Errors  The fault of a printer that does not answer.
    fn printer_survey(&self, sequence: u64) -> Result<wire::Survey, Code>;
    /// Has the printer forget the panels of a card.
    ///
    /// # Errors  The fault of a printer that does not.
    fn erase(&mut self, card: u32) -> Result<(), Code>;
}

/// How the devices stand before a card is begun; moves no card.
pub trait Stands {
    /// Which of the three readers are there.
    ///
    /// # Errors  Nobody can say.
    fn antennas(&self) -> Result<Antennas, Code>;
    /// Has the scanner look at its white strip.
    fn scanner(&self) -> Scanner;
    /// Lets this time pass: the devices do by themselves what is waited for.
    fn rest(&self, time: Duration);
    /// What the printer says it is.
    fn identity(&self) -> String;
}

/// Cards on the desk reader.
pub trait Sights {
    /// The card there, opened with this number. A card that does not speak is a finding.
    ///
    /// # Errors  No card lies there, or the reader is at fault.
    fn look(&mut self, number: &CardNumber, on: Timestamp) -> Result<Looked, Code>;
    /// What the chip of a blank there says of itself.
    ///
    /// # Errors  As [`Sights::look`].
    fn blank(&mut self) -> Result<Chip, Code>;
}
