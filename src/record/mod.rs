//! Papers: the one-page issuance record, the report of a shift, the proof of the faces, as PDF. What stands in a
//! record is told from outside; of the holder it bears the card number and nothing else.

mod issuance;
mod page;
mod proof;
mod sheet;
mod shift;

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use thiserror::Error;

pub use proof::Picture;
pub use sheet::Face;
pub use shift::{ClosedShift, SignedAct};

/// Everything that the record of one closed job says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Closed {
    /// The office, as configured.
    pub office: String,
    /// The station's id.
    pub station: String,
    /// The job's id.
    pub job: String,
    /// Its reception number.
    pub reception: String,
    /// Every attempt, in order; the last one gives the outcome.
    pub attempts: Vec<Attempt>,
    /// What became of the old card.
    pub old_card: OldCard,
    /// Who did what.
    pub hands: Vec<Hand>,
    /// What stopped the work on the way, in order.
    pub stops: Vec<Stopped>,
    /// When the record was closed.
    pub closed_at: Timestamp,
    /// First and last journal record of the job.
    pub journal: (u64, u64),
    /// Hash of that last journal record.
    pub journal_head: String,
}

/// One attempt: one number, at most one blank.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attempt {
    /// From 1.
    pub attempt: u32,
    /// The number that it was granted.
    pub number: String,
    /// The serial of the chip that was fed, in hexadecimal.
    pub chip_serial: Option<String>,
    /// What became of it.
    pub end: End,
    /// Names and SHA-256 digests, in hexadecimal: token, prepared job, signed chip data, scans.
    pub digests: Vec<(String, String)>,
    /// Each phase: Japanese words, planned and actual milliseconds.
    pub phases: Vec<PhaseTime>,
    /// From the first byte of print data to the exit slot, in milliseconds.
    pub elapsed_ms: Option<u32>,
    /// Why the card took longer than its limit, in Japanese; empty when it did not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub late_by: Vec<String>,
}

/// A phase's time beside its plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PhaseTime {
    /// The words of the phase, Japanese.
    pub name: String,
    /// Planned, in milliseconds.
    pub planned_ms: u32,
    /// Actual, in milliseconds; `None` when it did not come to its end.
    pub actual_ms: Option<u32>,
    /// Why it missed its plan, in Japanese; empty when it did not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub late_by: Vec<String>,
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The holder has the card.
    Delivered,
    /// No card came of it; the blank is untouched.
    Returned,
    /// The card was written and is dead or in the tray.
    Spoiled,
    /// The finished card was not handed over.
    Withdrawn,
    /// Nobody can say what the card is.
    Quarantined,
}

impl End {
    fn words(self) -> &'static str {
        match self {
            End::Delivered => "交付済み",
            End::Returned => "未使用で返却（番号は失効）",
            End::Spoiled => "廃棄（番号は失効）",
            End::Withdrawn => "取消し（番号は失効）",
            End::Quarantined => "隔離（番号は失効）",
        }
    }
}

/// What was seen of an old card that persons looked at in place of its chip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ByEye {
    /// Its chip answered and could not prove itself: a supervisor looked.
    ChipSpoke,
    /// No reader saw a card: two persons looked.
    NothingRead,
}

/// What became of the old card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "old_card", rename_all = "kebab-case")]
pub enum OldCard {
    /// None exists, or none must be returned.
    NotRequired,
    /// Collected and punched.
    Punched {
        /// Its number.
        number: String,
        /// What was seen where its chip did not prove it.
        by_eye: Option<ByEye>,
    },
    /// Its loss was declared; its number is void.
    DeclaredLost {
        /// Its number.
        number: String,
    },
    /// Not returned, by decision of two persons.
    Waived {
        /// Its number.
        number: String,
        /// Why, in Japanese.
        reason: String,
    },
    /// Forged: kept and reported.
    Forged {
        /// The number it pretends to have.
        number: String,
    },
    /// The new card was not handed over: given back, unpunched.
    GivenBack {
        /// Its number.
        number: String,
    },
}

impl OldCard {
    fn words(&self) -> String {
        match self {
            OldCard::NotRequired => "対象なし".to_owned(),
            OldCard::Punched {
                number,
                by_eye: None,
            } => {
                format!("{number}　IC 照合のうえ回収・穿孔")
            }
            OldCard::Punched {
                number,
                by_eye: Some(ByEye::ChipSpoke),
            } => {
                format!("{number}　IC で確認できず、監督者が目視、回収・穿孔")
            }
            OldCard::Punched {
                number,
                by_eye: Some(ByEye::NothingRead),
            } => {
                format!("{number}　リーダーに応答なし、2 人が目視、回収・穿孔")
            }
            OldCard::DeclaredLost { number } => format!("{number}　紛失届により失効"),
            OldCard::Waived { number, reason } => format!("{number}　返納なし（{reason}）"),
            OldCard::Forged { number } => format!("{number}　偽変造の疑い、保管・報告"),
            OldCard::GivenBack { number } => format!("{number}　穴をあけずに返却"),
        }
    }
}

/// Who did what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hand {
    /// What, in Japanese: 「交付」「旧カード回収」.
    pub act: String,
    /// The person's id, never a name.
    pub person: String,
    /// The role, in Japanese.
    pub role: String,
}

/// Something that stopped the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stopped {
    /// In which attempt.
    pub attempt: u32,
    /// The fault's code.
    pub code: String,
    /// What happened, in Japanese.
    pub what: String,
    /// What was decided, in Japanese; `None` when the station went on by itself.
    pub decided: Option<String>,
}

/// Why a paper cannot be made. The one who must act looks after the station's fonts and disk.
#[derive(Debug, Error)]
pub enum Error {
    /// The font cannot be read.
    #[error("the font {file} cannot be read")]
    Font {
        /// The file.
        file: String,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// The file is no font that can be embedded.
    #[error("the font {0} cannot be embedded")]
    NotAFont(String),
    /// A character has no glyph: the paper would lie.
    #[error("the font has no glyph for {0:?}")]
    NoGlyph(char),
    /// A picture's bytes are not three for each dot.
    #[error("the picture is not {width} by {height} dots of three bytes")]
    Picture {
        /// Dots across.
        width: u32,
        /// Dots down.
        height: u32,
    },
}

/// Draws the one-page issuance record.
///
/// # Errors
/// [`Error::NoGlyph`]; nothing is ever left out silently.
pub fn issuance_pdf(closed: &Closed, face: &Face) -> Result<Vec<u8>, Error> {
    issuance::draw(closed, face)
}

/// Draws the report of a closed shift, on as many pages as it takes.
///
/// # Errors
/// [`Error::NoGlyph`]; nothing is ever left out silently.
pub fn shift_pdf(shift: &ClosedShift, face: &Face) -> Result<Vec<u8>, Error> {
    shift::draw(shift, face)
}

/// A paper that the station keeps for people.
#[derive(Debug, Clone, Copy)]
pub enum Paper<'a> {
    /// The issuance record of a closed job.
    Issuance(&'a Closed),
    /// The report of a closed shift.
    Shift(&'a ClosedShift),
}

impl Paper<'_> {
    /// The name of its file.
    pub fn file_name(&self) -> String {
        match self {
            Paper::Issuance(closed) => format!("{}.pdf", closed.job.replace('/', "-")),
            Paper::Shift(shift) => shift_file(shift.number),
        }
    }

    /// Draws it.
    ///
    /// # Errors
    /// Those of its kind.
    pub fn pdf(&self, face: &Face) -> Result<Vec<u8>, Error> {
        match self {
            Paper::Issuance(closed) => issuance_pdf(closed, face),
            Paper::Shift(shift) => shift_pdf(shift, face),
        }
    }
}

/// The name of the file of a shift's report.
pub fn shift_file(number: u32) -> String {
    format!("shift-{number:04}.pdf")
}

/// Draws both faces with 「見本 SPECIMEN」 across, at the card's own size and enlarged.
///
/// # Errors
/// [`Error::Picture`] when a picture's bytes do not match its size.
pub fn proof_pdf(front: &Picture, back: &Picture, face: &Face) -> Result<Vec<u8>, Error> {
    proof::draw(front, back, face)
}

/// The font of all papers, by its usual file name, from the first folder that has it.
///
/// # Errors
/// [`Error::Font`] or [`Error::NotAFont`].
pub fn face_from(folders: &[impl AsRef<Path>]) -> Result<Face, Error> {
    const FILE: &str = "ipaexg.ttf";
    let found = folders
        .iter()
        .map(|folder| folder.as_ref().join(FILE))
        .find(|file| file.exists());
    let file = found.unwrap_or_else(|| FILE.into());
    let name = file.display().to_string();
    let bytes = std::fs::read(&file).map_err(|cause| Error::Font {
        file: name.clone(),
        cause,
    })?;
    Face::new(&bytes).ok_or(Error::NotAFont(name))
}

#[cfg(test)]
mod tests;
