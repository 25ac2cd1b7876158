//! `station journal`: show, and verify by the auditor's own reader. Reads only.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tokio::runtime::Builder;

use super::context::Context;
use super::outcome::{Exit, Failure, Outcome};
use super::stop;
use crate::audit::{self, Account, Checkpoint, Flaw};
use crate::authority::{Client, Enrolment, Patience};
use crate::config::Config;
use crate::fault::Code;
use crate::journal::{Error, Journal};
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
    Verify(VerifyArgs),
}

/// What is verified, and against what.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// A journal's file or a copy of one, without any configuration; by default this station's own
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Hold it against a checkpoint, such as the authority keeps; may be repeated
    #[arg(long = "checkpoint", value_name = "NUMBER:HASH")]
    checkpoints: Vec<Checkpoint>,
    /// Do not ask the authority for its checkpoint
    #[arg(long)]
    offline: bool,
}

/// Shows or verifies.
///
/// # Errors
/// Exit code 4 when it is missing, damaged or another station's; 3 when a station owns what is shown.
pub(super) fn run(command: &JournalCommand, context: &mut Context) -> Outcome {
    match command {
        JournalCommand::Show { from } => show(*from, context),
        JournalCommand::Verify(args) => verify(args, context),
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

/// Reads the file anew, as an auditor does, and holds it against what others remember of it.
fn verify(args: &VerifyArgs, context: &Context) -> Outcome {
    let mut remembered = args.checkpoints.clone();
    let (file, asked) = match &args.file {
        Some(file) => (file.clone(), None),
        None => {
            let config = context.config()?;
            let asked = (!args.offline).then(|| ask(&config));
            if let Some(Asked::Keeps(point)) = asked {
                remembered.push(point);
            }
            (config.journal_file(), asked)
        }
    };
    let account = audit::read(&file, &remembered).map_err(flawed)?;
    if args.file.is_none() {
        own(&account, context)?;
    }
    for flaw in &account.flaws {
        let (ja, en) = flaw.words();
        context.output.word(context.output.lang.pick(&ja, &en));
        let (record, word) = (flaw.record(), flaw.word());
        let body =
            json!({ "record": record, "flaw": word, "what": context.output.lang.pick(ja, en) });
        context.output.object("flaw", &body);
    }
    if let Some(first) = account.flaws.first() {
        return Err(flawed(*first));
    }
    tell(&account, asked, remembered.len(), context)
}

/// A whole journal that is not this station's own is refused like an unreadable one.
fn own(account: &Account, context: &Context) -> Result<(), Failure> {
    let config = context.config()?;
    if account.flaws.is_empty() && account.station != config.station.id {
        return Err(failure(Error::OtherStation {
            found: account.station.clone(),
            wanted: config.station.id,
        }));
    }
    Ok(())
}

fn tell(account: &Account, asked: Option<Asked>, held: usize, context: &Context) -> Outcome {
    let hash = hex::encode(account.head);
    context.output.line(&format!("{}\t{hash}", account.newest));
    context.output.remark(
        "最初から最後まで鎖がつながっています。",
        "The chain holds from the first record to the last.",
    );
    let tail = match asked {
        Some(Asked::Keeps(_)) => (
            "本部の控えと合っています。",
            "The authority's checkpoint is in it.",
        ),
        Some(Asked::KeepsNone) => (
            "本部にはまだ控えがありません。",
            "The authority keeps no checkpoint yet.",
        ),
        Some(Asked::Silent) => (
            "本部に尋ねられません。末尾が切られていないかは確かめていません。",
            "The authority cannot be asked: whether the tail was cut is not proved.",
        ),
        None if held > 0 => ("控えと合っています。", "The checkpoints are in it."),
        None => (
            "控えがありません。末尾が切られていないかは確かめていません。",
            "No checkpoint was given: whether the tail was cut is not proved.",
        ),
    };
    context.output.remark(tail.0, tail.1);
    Ok(
        json!({ "station": account.station, "sequence": account.newest, "hash": hash,
        "checkpoints": held, "noted": account.noted,
        "tail": if held > 0 { "proved" } else { "unproved" } }),
    )
}

/// What the authority said of its last checkpoint.
#[derive(Clone, Copy)]
enum Asked {
    Keeps(Checkpoint),
    KeepsNone,
    Silent,
}

fn ask(config: &Config) -> Asked {
    let answer = Enrolment::load(&config.authority.enrolment_folder)
        .and_then(|enrolment| Client::new(&enrolment, Patience::default()))
        .ok()
        .zip(Builder::new_current_thread().enable_all().build().ok())
        .and_then(|(client, runtime)| runtime.block_on(client.latest_checkpoint()).ok());
    match answer {
        Some(Some(point)) => Asked::Keeps(Checkpoint {
            sequence: point.sequence,
            hash: point.hash.0,
        }),
        Some(None) => Asked::KeepsNone,
        None => Asked::Silent,
    }
}

/// A flaw as a refusal; a journal that is missing has its own stop.
fn flawed(flaw: Flaw) -> Failure {
    if flaw == Flaw::Missing {
        return Stop::plain(Code::JournalMissing).into();
    }
    Failure::refused(Exit::Journal, flaw.word(), flaw.words(), flaw.remedy())
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
