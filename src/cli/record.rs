//! `station record`: the one-page issuance record of a closed job.

use std::fs::{OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::outcome::{Exit, Failure, Outcome};
use crate::record::{self, Error};
use crate::station::request::{Reply, Request};

/// The one-page issuance record of a closed job.
#[derive(Debug, Args)]
pub(super) struct RecordArgs {
    /// The job's id
    #[arg(value_name = "JOB")]
    job: String,
    /// Write the PDF here instead of into the records folder
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Draws the record again from the journal.
///
/// # Errors
/// Where the station stopped, or why the paper cannot be made.
pub(super) fn run(args: &RecordArgs, context: &mut Context) -> Outcome {
    let config = context.config()?;
    let request = Request::Record {
        job: args.job.clone(),
    };
    let mut person = context.person(None);
    let Reply::Record(closed) = context.ask_station(&config, request, &mut person)? else {
        return Err(no_such(&args.job));
    };
    let file = match &args.out {
        Some(file) => file.clone(),
        None => config.records_folder().join(format!("{}.pdf", closed.job)),
    };
    let face = record::face_from(&config.layout.font_folders).map_err(|e| paper(&e))?;
    let pdf = record::issuance_pdf(&closed, &face).map_err(|e| paper(&e))?;
    write(&file, &pdf)?;
    context.output.line(&file.display().to_string());
    Ok(json!({ "record": &*closed, "pdf": file }))
}

/// Writes a file that a command was asked for.
///
/// # Errors
/// A refusal with the file's name.
pub(super) fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let made = folder.map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| write_for_owner(file, bytes))
        .map_err(|cause| unwritten(file, &cause))
}

/// Nobody else on this machine may read what may show a holder.
fn write_for_owner(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut open = options.open(file)?;
    // `mode` counts for new files only.
    open.set_permissions(Permissions::from_mode(0o600))?;
    open.write_all(bytes)
}

/// A file or folder that cannot be written, as a refusal.
pub(super) fn unwritten(path: &Path, cause: &std::io::Error) -> Failure {
    let path = path.display();
    Failure::refused(
        Exit::Usage,
        "not-written",
        (
            format!("{path} に書けません（{cause}）。"),
            format!("{path} cannot be written: {cause}."),
        ),
        (
            "書けるフォルダーを --out で指定する。",
            "Name a folder that can be written with --out.",
        ),
    )
}

/// A paper that cannot be made, as a refusal.
pub(super) fn paper(cause: &Error) -> Failure {
    Failure::refused(
        Exit::Usage,
        "paper",
        (
            format!("紙面を作れません（{cause}）。"),
            format!("The paper cannot be made: {cause}."),
        ),
        (
            "fonts-ipaexfont を入れ、layout.font_folders を確かめる。",
            "Install fonts-ipaexfont and check layout.font_folders.",
        ),
    )
}

fn no_such(job: &str) -> Failure {
    Failure::refused(
        Exit::Person,
        "no-record",
        (
            format!("{job} の閉じた記録がありません。"),
            format!("There is no closed record of {job}."),
        ),
        (
            "「station journal show」で案件を確かめる。",
            "Look for the job with \"station journal show\".",
        ),
    )
}
