//! `station journal`: show and verify. Reads only; a running station owns the journal.

use clap::Subcommand;
use serde_json::{Value, json};

use super::context::Context;
use super::outcome::{Exit, Failure, Outcome};
use super::stop;
use crate::fault::Code;
use crate::journal::{self, Error, Journal};
use crate::station::request::Stop;

/// The journal.
#[derive(Debug, Subcommand)]
pub(super) enum JournalCommand {
    /// Show the records in order
    Show {
        /// First record to show
        #[arg(long, value_name = "NUMBER", default_value_t = 1)]
        from: u64,
    },
    /// Verify the chain from the first record to the last
    Verify,
}

/// Shows or verifies.
///
/// # Errors
/// Exit code 4 when it is missing, damaged or another station's; 3 when a station owns it.
pub(super) fn run(command: &JournalCommand, context: &mut Context) -> Outcome {
    match command {
        JournalCommand::Show { from } => show(*from, context),
        JournalCommand::Verify => verify(context),
    }
}

fn show(from: u64, context: &Context) -> Outcome {
    let config = context.config()?;
    let journal = Journal::open(&config.journal_file(), &config.station.id).map_err(failure)?;
    let records = journal.replay().map_err(failure)?;
    let shown = records.iter().filter(|(sequence, _)| *sequence >= from);
    for (sequence, bytes) in shown {
        let record = String::from_utf8_lossy(bytes);
        context.output.line(&format!("{sequence}\t{record}"));
        let body: Value = serde_json::from_slice(bytes).unwrap_or_else(|_| json!(record));
        context
            .output
            .object("record", &json!({ "sequence": sequence, "record": body }));
    }
    Ok(json!({ "records": records.len() }))
}

fn verify(context: &Context) -> Outcome {
    let config = context.config()?;
    let file = config.journal_file();
    let checked = journal::verify(&file).map_err(failure)?;
    if checked.station != config.station.id {
        let found = checked.station.clone();
        return Err(failure(Error::OtherStation {
            found,
            wanted: config.station.id,
        }));
    }
    let (sequence, hash) = checked.head;
    context.output.line(&format!("{sequence}\t{hash}"));
    context.output.remark(
        "最初から最後まで鎖がつながっています。",
        "The chain holds from the first record to the last.",
    );
    Ok(json!({ "station": checked.station, "sequence": sequence, "hash": hash.to_string() }))
}

/// What is wrong with the journal, as a stop or a refusal.
pub(super) fn failure(cause: Error) -> Failure {
    let code = match &cause {
        Error::Missing { .. } => Code::JournalMissing,
        Error::Busy { .. } => Code::JournalBusy,
        Error::OtherStation { .. } => Code::JournalForeign,
        Error::Damaged { .. } | Error::RolledBack { .. } => Code::JournalDamaged,
        Error::Poisoned | Error::Storage(_) | Error::File(_) => Code::JournalWrite,
        Error::Exists { path } => {
            let path = path.display();
            return Failure::refused(
                Exit::Usage,
                "journal-exists",
                (
                    format!("台帳がもうあります：{path}"),
                    format!("There is a journal already: {path}."),
                ),
                (
                    "今の台帳を使う。消してはならない。",
                    "Use the one that is there; never delete it.",
                ),
            );
        }
    };
    Stop::plain(code).detailed(stop::causes(&cause)).into()
}
