//! `station diag`: a technician signs in, the station does one order, the report is shown. What is
//! written (configuration, bundle) is written here, after it was shown.

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::context::{Context, mistaken};
use super::diag_args::{DiagArgs, DiagCommand};
use super::diag_live::LiveShow;
use super::diag_show;
use super::hands;
use super::outcome::{Exit, Failure, Outcome};
use super::record::write;
use crate::config::{Config, Measured, calibrate_file};
use crate::diag::bundle::{self, File};
use crate::diag::{Access, Ask, Detail, Order, Report};
use crate::fault::{Role, Signed};
use crate::station::request::{Reply, Request};
use crate::station::view;

/// Gives one order.
///
/// # Errors
/// Where the station stopped; that something is not as it should be; why nobody was signed in.
pub(super) fn run(args: &DiagArgs, context: &mut Context) -> Outcome {
    let config = context.config()?;
    let by = technician(args, context)?;
    let order = args.command.order();
    let looks = order.access() == Access::Looks;
    let report = ask(order, by, &config, context)?;
    diag_show::tell(&report, &context.output);
    let mut result = json!({
        "reached": "diagnosed",
        "order": report.order,
        "sound": report.sound,
    });
    match (&report.detail, &args.command) {
        (Detail::Files(files), DiagCommand::Bundle { out, yes }) => {
            result["bundle"] = written(files, out, *yes, context)?;
        }
        (Detail::Measured { all, .. }, _) => {
            result["calibrated"] = calibrated(all, context)?;
        }
        _ => {}
    }
    if report.sound || looks {
        Ok(result)
    } else {
        Err(not_sound())
    }
}

fn ask(order: Order, by: Signed, config: &Config, context: &Context) -> Result<Report, Failure> {
    super::signals::listen(context.output);
    let (sender, snapshots) = view::channel();
    let live = LiveShow::start(snapshots, context.output);
    let mut person = context.person(None);
    let request = Request::Diagnose(Ask { order, by });
    let reply = (context.perform)(config, request, &mut person, &sender);
    drop(live);
    let reply = reply?;
    let Reply::Diagnosed(report) = reply else {
        unreachable!("an order was answered by {reply:?}");
    };
    Ok(*report)
}

/// A technician mends the machine; a supervisor may, too.
fn technician(args: &DiagArgs, context: &Context) -> Result<Signed, Failure> {
    let id = match &args.technician {
        Some(id) => id.clone(),
        None => context
            .prompt
            .ask(("技術者 ID：", "Technician's id:"), "--technician")?,
    };
    let signed = hands::one(&context.people()?, &id, args.pin_stdin, context)?;
    match signed.role {
        Role::Technician | Role::Supervisor => Ok(signed),
        Role::Clerk => Err(Failure::refused(
            Exit::Person,
            "not-a-technician",
            (
                "窓口係は、機械の診断ができません。",
                "A clerk gives the machine no technician's orders.",
            ),
            (
                "--technician に技術者か監督者を指定する。",
                "Name a technician or a supervisor with --technician.",
            ),
        )),
    }
}

/// Says what a bundle holds, asks, writes it.
fn written(files: &[File], out: &Path, yes: bool, context: &Context) -> Result<Value, Failure> {
    if !yes {
        let question = (
            "この中身で書き出しますか（はい：yes）：",
            "Write a bundle of these files (yes)?",
        );
        if context.prompt.ask(question, "--yes")? != "yes" {
            return Err(super::prompt::unanswered("--yes"));
        }
    }
    let at = u64::try_from(Timestamp::now().as_second()).unwrap_or_default();
    let bytes = bundle::archive(files, at).map_err(|cause| unwritable(out, &cause))?;
    write(out, &bytes)?;
    context.output.line(&out.display().to_string());
    Ok(json!({ "file": out, "bytes": bytes.len(), "files": files.len() }))
}

fn unwritable(out: &Path, cause: &std::io::Error) -> Failure {
    let out = out.display();
    Failure::refused(
        Exit::Usage,
        "unwritable",
        (
            format!("{out} に書けません：{cause}"),
            format!("{out} cannot be written: {cause}"),
        ),
        ("別のファイルを指定する。", "Name another file."),
    )
}

/// Makes measured times the plan.
fn calibrated(all: &[Measured], context: &Context) -> Result<Value, Failure> {
    let done = calibrate_file(&context.config_file, all).map_err(|cause| mistaken(&cause))?;
    for line in diag_show::changes(&done, context.output.lang) {
        context.output.line(&line);
    }
    Ok(json!({ "changes": done.changes, "total_ms": done.total_ms }))
}

fn not_sound() -> Failure {
    Failure::refused(
        Exit::Person,
        "not-sound",
        (
            "正常の範囲にないものがあります（■ の行）。",
            "Something is not as it should be (the lines with ■).",
        ),
        (
            "その部分を直してから、もう一度試す。",
            "Mend it, then run the test again.",
        ),
    )
}
