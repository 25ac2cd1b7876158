//! `station init`: makes the journal and the people file, once and by order. No other command
//! ever starts a fresh journal.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::outcome::{Exit, Failure, Outcome};
use super::{journal, people};
use crate::journal::Journal;
use crate::people::People;

/// Make this station's journal and people file, once.
#[derive(Debug, Args)]
pub(super) struct InitArgs {}

/// Makes both files.
///
/// # Errors
/// A refusal when one of them is there already, or the folder cannot be written.
pub(super) fn run(_: &InitArgs, context: &mut Context) -> Outcome {
    let config = context.config()?;
    let folder = &config.station.data_folder;
    for_owner_only(folder).map_err(|cause| unwritable(folder, &cause))?;
    let salt = chance()?;
    let journal_file = config.journal_file();
    drop(Journal::create(&journal_file, &config.station.id, salt).map_err(journal::failure)?);
    let people_file = config.people_file();
    drop(People::open(&people_file).map_err(|cause| people::failure(&cause))?);
    for file in [&journal_file, &people_file] {
        context.output.line(&file.display().to_string());
    }
    context.output.remark(
        "次に：station people add ID --role supervisor",
        "Next: station people add ID --role supervisor",
    );
    Ok(json!({ "journal": journal_file, "people": people_file }))
}

/// Card numbers and PIN hashes are nobody else's to read on this machine.
fn for_owner_only(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::set_permissions(folder, Permissions::from_mode(0o700))
}

fn unwritable(folder: &Path, cause: &std::io::Error) -> Failure {
    let folder = folder.display();
    Failure::refused(
        Exit::Usage,
        "folder",
        (
            format!("{folder} を作れません（{cause}）。"),
            format!("{folder} cannot be made: {cause}."),
        ),
        (
            "station.data_folder を確かめる。",
            "Check station.data_folder.",
        ),
    )
}

/// Sixteen bytes of chance.
///
/// # Errors
/// A refusal when the system gives none.
pub(super) fn chance() -> Result<[u8; 16], Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| no_chance())?;
    Ok(bytes)
}

fn no_chance() -> Failure {
    Failure::refused(
        Exit::Unreachable,
        "no-chance",
        (
            "乱数が得られません。",
            "The system gives no random numbers.",
        ),
        ("技術者を呼ぶ。", "Call the technician."),
    )
}
