//! `authority import`: a folder of approvals (`*.json` with their photos), each taken whole or not
//! at all, each refusal with file, field, what is wrong and what to do.

use super::Error;
use super::lease::JobState;
use super::reports::void;
use super::store::{Rows, Store};
use crate::authority::contract::NumberStanding;
use crate::fault::Code;
use crate::job::rules::{self, Breach};
use crate::job::strict::{self, ContentError};
use crate::job::token::day_in_tokyo;
use crate::job::{Approval, JobId, OldCard};
use crate::prepare;
use crate::product::name::RegularKanji;
use jiff::Timestamp;
use jiff::civil::Date;
use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// No approval is longer.
const APPROVAL_MAX: usize = 64 * 1024;
/// No photo is longer.
pub const PHOTO_MAX: u64 = 4 * 1024 * 1024;

/// Why one approval is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// The file or its photo cannot be read.
    #[error("cannot be read")]
    File(#[source] io::Error),
    /// It is not of the form.
    #[error("{0}")]
    Content(ContentError),
    /// It breaks a rule.
    #[error("{0}")]
    Rule(Breach),
    /// The photo is longer than any photo.
    #[error("photo: is longer than {PHOTO_MAX} bytes")]
    PhotoTooLong,
    /// The photo is no image that a card can bear.
    #[error("photo: is no portrait that a card can bear")]
    NotAPhoto,
    /// The card cannot be made with these texts: they do not fit, or a glyph is missing.
    #[error("the card cannot be made as it stands")]
    NotDrawn(#[source] prepare::Error),
    /// This reception number was imported with other contents.
    #[error("reception: was imported before with other contents")]
    AlreadyThere,
    /// The old card's number is not one of a card that can be returned.
    #[error("previous_card: the number is {0:?} here")]
    OldCard(NumberStanding),
    /// Another approval replaces the same card: of one old card comes one new card.
    #[error("previous_card: is replaced by job {0} already")]
    OldCardTaken(JobId),
    /// The storage failed.
    #[error("the authority's storage failed")]
    Store(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for NotTaken {
    fn from(error: rusqlite::Error) -> NotTaken {
        NotTaken::Store(error)
    }
}

impl NotTaken {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            NotTaken::File(_) => "A-FILE",
            NotTaken::Content(_) => "A-CONTENT",
            NotTaken::Rule(breach) => breach.rule.code(),
            NotTaken::PhotoTooLong | NotTaken::NotAPhoto => "A-PHOTO-FILE",
            NotTaken::NotDrawn(error) => error.code().name(),
            NotTaken::AlreadyThere => "A-ALREADY-THERE",
            NotTaken::OldCard(_) | NotTaken::OldCardTaken(_) => "A-OLD-NUMBER",
            NotTaken::Store(_) => "A-STORE",
        }
    }

    /// The field at fault; empty for the file as a whole.
    pub fn field(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            NotTaken::File(_) | NotTaken::Store(_) => "",
            NotTaken::Content(error) => &error.field,
            NotTaken::Rule(breach) => breach.field,
            NotTaken::PhotoTooLong | NotTaken::NotAPhoto => "photo",
            NotTaken::NotDrawn(error) => return error.field().unwrap_or_default().into(),
            NotTaken::AlreadyThere => "reception",
            NotTaken::OldCard(_) | NotTaken::OldCardTaken(_) => "previous_card",
        })
    }

    /// What to do, in Japanese and in English.
    pub fn remedy(&self) -> (&'static str, &'static str) {
        match self {
            NotTaken::File(_) => (
                "ファイルと写真を同じフォルダーに置く。",
                "Put the file and its photo into the same folder.",
            ),
            NotTaken::Content(_) => ("示された項目を直す。", "Correct the named field."),
            NotTaken::Rule(breach) => breach.rule.remedy(),
            NotTaken::PhotoTooLong | NotTaken::NotAPhoto => (
                "写真を撮り直す、または規格に合わせる。",
                "Take the photo again, or bring it to the rules.",
            ),
            NotTaken::NotDrawn(error) => error.remedy(),
            NotTaken::AlreadyThere => (
                "新しい受付番号で承認し直す。",
                "Approve again under a new reception number.",
            ),
            NotTaken::OldCard(_) => ("旧カードの番号を確認する。", "Check the old card's number."),
            NotTaken::OldCardTaken(_) => (
                "先の承認を終えるか、取り消してから承認する。",
                "Finish or refuse the other approval first; a later card replaces its card.",
            ),
            NotTaken::Store(_) => ("本部の技術者を呼ぶ。", "Call the authority's technician."),
        }
    }
}

/// What became of one file.
#[derive(Debug)]
pub struct Imported {
    /// The file.
    pub file: PathBuf,
    /// The job that it became, or why not.
    pub result: Result<JobId, NotTaken>,
}

/// Makes the card of an approval on paper, as if it were granted today: what cannot be drawn
/// is refused here, before a number is spent on it.
pub type Rehearse<'a> = dyn Fn(&Approval, Option<&[u8]>, Date) -> Result<(), prepare::Error> + 'a;

/// Imports every `*.json` of a folder, in the order of their names.
///
/// # Errors
/// [`Error::File`] when the folder cannot be read; what is wrong with one file stands in its own
/// [`Imported`].
pub fn import(
    store: &mut Store,
    folder: &Path,
    kanji: &RegularKanji,
    rehearse: &Rehearse<'_>,
    now: Timestamp,
) -> Result<Vec<Imported>, Error> {
    let file_error = |source| Error::File {
        path: folder.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(file_error)? {
        let path = entry.map_err(file_error)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
    files.sort();
    let import = |file: PathBuf| {
        let result = one(store, &file, kanji, rehearse, now);
        Imported { file, result }
    };
    Ok(files.into_iter().map(import).collect())
}

fn one(
    store: &mut Store,
    file: &Path,
    kanji: &RegularKanji,
    rehearse: &Rehearse<'_>,
    now: Timestamp,
) -> Result<JobId, NotTaken> {
    let json = bounded(file, APPROVAL_MAX as u64 + 1)?;
    let approval: Approval = strict::read(&json, APPROVAL_MAX).map_err(NotTaken::Content)?;
    rules::check(&approval, day_in_tokyo(now), kanji).map_err(NotTaken::Rule)?;
    let photo = match &approval.photo {
        None => None,
        Some(name) => Some(bounded(&photo_path(file, name.as_str()), PHOTO_MAX + 1)?),
    };
    if photo
        .as_ref()
        .is_some_and(|bytes| bytes.len() as u64 > PHOTO_MAX)
    {
        return Err(NotTaken::PhotoTooLong);
    }
    rehearse(&approval, photo.as_deref(), day_in_tokyo(now)).map_err(|error| {
        if error.code() == Code::PhotoRefused {
            NotTaken::NotAPhoto
        } else {
            NotTaken::NotDrawn(error)
        }
    })?;
    store.transaction(|rows| take(rows, &approval, photo.as_deref(), now))?;
    Ok(approval.job())
}

/// The photo lies beside the approval, or in the folder `photos` beside the approvals' folder.
fn photo_path(file: &Path, name: &str) -> PathBuf {
    let folder = file.parent().unwrap_or(Path::new("."));
    let beside = folder.join(name);
    if beside.is_file() {
        beside
    } else {
        folder.join("..").join("photos").join(name)
    }
}

fn bounded(path: &Path, limit: u64) -> Result<Vec<u8>, NotTaken> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(NotTaken::File)?;
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(NotTaken::File)?;
    Ok(bytes)
}

fn take(
    rows: &Rows<'_>,
    approval: &Approval,
    photo: Option<&[u8]>,
    now: Timestamp,
) -> Result<(), NotTaken> {
    if let Some(there) = rows.job(&approval.job())? {
        let same = there.approval == *approval && there.photo == photo.map(crate::job::Digest::of);
        // The same file imported twice is one approval.
        return if same {
            Ok(())
        } else {
            Err(NotTaken::AlreadyThere)
        };
    }
    let known = match approval.previous_card.number() {
        Some(number) => rows.number(&number)?.map(|number| number.state),
        None => None,
    };
    returnable(approval.previous_card, known)?;
    if let Some(number) = approval.previous_card.number()
        && let Some(job) = rows.job_replacing(&number)?
    {
        return Err(NotTaken::OldCardTaken(job));
    }
    rows.put_job(approval, photo, now)?;
    if rows.put_backs()?.now {
        // It may have become a card in the time that was forgotten.
        rows.set_job(&approval.job(), JobState::SetAside, 0, 0)?;
    }
    if let OldCard::DeclaredLost(_) = approval.previous_card {
        // A declared loss is voided at the declaration.
        void(rows, approval.previous_card, now)?;
    }
    Ok(())
}

/// An old card is live here, or of another authority's making; a lost one may be void already.
fn returnable(old: OldCard, known: Option<NumberStanding>) -> Result<(), NotTaken> {
    let lost = matches!(old, OldCard::DeclaredLost(_));
    match known {
        None | Some(NumberStanding::Live | NumberStanding::Unknown) => Ok(()),
        Some(NumberStanding::Void) if lost => Ok(()),
        Some(
            standing @ (NumberStanding::Void
            | NumberStanding::Reserved
            | NumberStanding::Produced
            | NumberStanding::Burned),
        ) => Err(NotTaken::OldCard(standing)),
    }
}

/// Registers delivered blanks: serials of 20 hexadecimal digits, one a line. Gives how many are
/// new; all or nothing.
///
/// # Errors
/// [`BadSerial`] with the line, or the storage.
pub fn stock(store: &mut Store, list: &str) -> Result<usize, BadSerial> {
    store.transaction(|rows| {
        let mut new = 0;
        for (at, line) in list.lines().enumerate() {
            let text = line.trim().to_ascii_lowercase();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let serial = text.parse().map_err(|_| BadSerial::Line(at + 1))?;
            new += usize::from(rows.put_blank(&serial)?);
        }
        Ok(new)
    })
}

/// The list of blanks was not taken.
#[derive(Debug, thiserror::Error)]
pub enum BadSerial {
    /// That line is no serial.
    #[error("line {0}: a chip's serial is 20 hexadecimal digits; nothing was registered")]
    Line(usize),
    /// The storage failed.
    #[error("the authority's storage failed")]
    Store(#[from] rusqlite::Error),
}
