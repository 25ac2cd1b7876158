//! `station help`: a command's long help, or the four fields of a fault.

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory, Subcommand};
use serde_json::{Value, json};

use super::args::Line;
use super::context::Context;
use super::lang::Lang;
use super::outcome::{Exit, Failure, Outcome};
use super::words;
use crate::fault::{Code, Fault, Table, Words};

/// Explain a command or a fault.
#[derive(Debug, Args)]
pub(super) struct HelpArgs {
    /// What to explain.
    #[command(subcommand)]
    topic: Option<Topic>,
}

/// What to explain.
#[derive(Debug, Subcommand)]
enum Topic {
    /// Show how a command is used
    Command {
        /// The command
        #[arg(value_name = "COMMAND")]
        command: String,
    },
    /// Show what a fault code means and what to do
    Fault {
        /// The code, such as P-RIBBON-OUT
        #[arg(value_name = "CODE")]
        code: String,
    },
    /// List every fault: code, class, fates, what to do, who may decide
    Faults {
        /// Check this table of faults and list it, instead of the one that is built in
        #[arg(long, value_name = "FILE")]
        table: Option<PathBuf>,
    },
}

/// Explains.
///
/// # Errors
/// A refusal when there is no such command or code.
pub(super) fn run(args: &HelpArgs, context: &mut Context) -> Outcome {
    match &args.topic {
        None => usage(None, context),
        Some(Topic::Command { command }) => usage(Some(command), context),
        Some(Topic::Fault { code }) => fault(code, context),
        Some(Topic::Faults { table }) => faults(table.as_deref(), context),
    }
}

fn usage(of: Option<&str>, context: &Context) -> Outcome {
    let mut line = words::command(Line::command(), context.output.lang);
    line.build();
    let text = match of {
        None => Some(line.render_long_help()),
        Some(name) => line
            .find_subcommand_mut(name)
            .map(|sub| sub.render_long_help()),
    };
    let Some(text) = text else {
        return Err(unknown("command", of.unwrap_or_default(), "station help"));
    };
    context.output.line(text.to_string().trim_end());
    Ok(json!({ "help": text.to_string() }))
}

fn fault(code: &str, context: &Context) -> Outcome {
    let name = code.to_uppercase();
    let known = Code::ALL.iter().copied().find(|code| code.name() == name);
    let Some(code) = known else {
        return Err(unknown("fault", code, "station help fault ?-UNKNOWN"));
    };
    let row = code.fault();
    for line in fault_lines(code, row, context.output.lang) {
        context.output.line(&line);
    }
    Ok(json!({ "fault": fault_object(code, row, context.output.lang) }))
}

/// The whole table.
fn faults(file: Option<&Path>, context: &Context) -> Outcome {
    let own;
    let table = match file {
        None => Table::built_in(),
        Some(file) => {
            own = read_table(file)?;
            &own
        }
    };
    let lang = context.output.lang;
    let rows = Code::ALL
        .iter()
        .filter_map(|code| Some((*code, table.row(*code)?)));
    let mut count = 0;
    for (code, row) in rows {
        count += 1;
        for line in fault_lines(code, row, lang) {
            context.output.line(&line);
        }
        context.output.line("");
        context
            .output
            .object("fault", &fault_object(code, row, lang));
    }
    let told = (format!("{count} 件です。"), format!("{count} faults."));
    context.output.line(lang.pick(&told.0, &told.1));
    Ok(json!({ "faults": count }))
}

fn read_table(file: &Path) -> Result<Table, Failure> {
    let refused = |what: String| {
        Failure::refused(
            Exit::Usage,
            "fault-table",
            (what.clone(), what),
            ("示された行を直す。", "Correct the line that is named."),
        )
    };
    let shown = file.display().to_string();
    let text =
        std::fs::read_to_string(file).map_err(|cause| refused(format!("{shown}: {cause}")))?;
    Table::parse(&text, &shown).map_err(|refusal| refused(refusal.to_string()))
}

/// One row, line by line; the first line is its code.
fn fault_lines(code: Code, row: &Fault, lang: Lang) -> Vec<String> {
    let notice = row.notice(code, row.fates(), None);
    let say = |words: &Words| lang.pick(words.ja(), words.en()).to_owned();
    let label = |ja: &str, en: &str, text: &str| {
        lang.pick(format!("  {ja}　{text}"), format!("  {en:<9} {text}"))
    };
    let (class_ja, class_en) = notice.class.words();
    let mut lines = vec![
        format!("{code}  {}", lang.pick(class_ja, class_en)),
        format!("  {}", say(&notice.what)),
    ];
    if !row.condition.is_empty() {
        lines.push(label("印刷機　", "Printer", &row.condition.join(", ")));
    }
    lines.push(label("カード　", "Card", &say(&notice.card)));
    lines.push(label("番号　　", "Number", &say(&notice.number)));
    lines.extend(
        notice
            .old
            .map(|old| label("旧カード", "Old card", &say(&old))),
    );
    for (at, step) in notice.todo.iter().enumerate() {
        lines.push(format!("  {} {}", at + 1, say(step)));
    }
    let roles = row
        .who
        .iter()
        .map(|role| lang.pick(role.name_ja(), role.name()));
    let roles = roles.collect::<Vec<_>>().join(lang.pick("、", ", "));
    lines.push(label("する人　", "Who acts", &roles));
    for (choice, hands) in &row.may {
        let ((ja, en), (who_ja, who_en)) = (choice.words(), hands.words());
        let text = lang.pick(format!("{ja}（{who_ja}）"), format!("{en} ({who_en})"));
        lines.push(label("選べる　", "May", &text));
    }
    lines
}

/// One row as an object.
fn fault_object(code: Code, row: &Fault, lang: Lang) -> Value {
    let notice = row.notice(code, row.fates(), None);
    let say = |words: &Words| lang.pick(words.ja(), words.en()).to_owned();
    let may = row
        .may
        .iter()
        .map(|(choice, hands)| json!({ "choice": choice.name(), "by": hands.name() }));
    json!({
        "code": code.name(),
        "class": notice.class,
        "condition": row.condition,
        "what": say(&notice.what),
        "card": say(&notice.card),
        "card_fate": row.card,
        "number": say(&notice.number),
        "number_fate": row.number,
        "old_card": notice.old.as_ref().map(say),
        "old_card_fate": row.old,
        "todo": notice.todo.iter().map(say).collect::<Vec<_>>(),
        "who": row.who.iter().map(|role| role.name()).collect::<Vec<_>>(),
        "may": may.collect::<Vec<_>>(),
    })
}

fn unknown(what: &'static str, name: &str, next: &str) -> Failure {
    Failure::refused(
        Exit::Usage,
        what,
        (
            format!("「{name}」はありません。"),
            format!("There is no {what} \"{name}\"."),
        ),
        (format!("次に：{next}"), format!("Next: {next}")),
    )
}
