//! `station people`: who works here.

use clap::{Subcommand, ValueEnum};
use jiff::Timestamp;
use serde_json::json;

use super::context::Context;
use super::hands::pin;
use super::outcome::{Exit, Failure, Outcome};
use crate::fault::{Role, Signed};
use crate::people::{Error, People};

/// The people who work here.
#[derive(Debug, Subcommand)]
pub(super) enum PeopleCommand {
    /// Add a person, who types the new PIN twice
    Add {
        /// The person's id; never a name
        #[arg(value_name = "ID")]
        person: String,
        /// What the person is here for
        #[arg(long, value_enum, value_name = "ROLE")]
        role: RoleName,
        /// The supervisor who agrees; not needed for the first one
        #[arg(long, value_name = "ID")]
        by: Option<String>,
        /// PINs from standard input, one a line: the new one twice, then the agreeing supervisor's
        #[arg(long)]
        pin_stdin: bool,
    },
    /// List ids and roles
    List,
}

/// A role, as the command line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RoleName {
    /// Issues and hands over
    Clerk,
    /// The second pair of eyes
    Supervisor,
    /// Mends the machine, sees no holder's data
    Technician,
}

impl RoleName {
    fn role(self) -> Role {
        match self {
            RoleName::Clerk => Role::Clerk,
            RoleName::Supervisor => Role::Supervisor,
            RoleName::Technician => Role::Technician,
        }
    }
}

/// Adds or lists people.
///
/// # Errors
/// A refusal that says what is missing.
pub(super) fn run(command: &PeopleCommand, context: &mut Context) -> Outcome {
    match command {
        PeopleCommand::List => list(context),
        PeopleCommand::Add {
            person,
            role,
            by,
            pin_stdin,
        } => add(person, role.role(), by.as_deref(), *pin_stdin, context),
    }
}

fn list(context: &Context) -> Outcome {
    let people = context.people()?.list().map_err(|cause| failure(&cause))?;
    for Signed { person, role } in &people {
        let word = context.output.lang.pick(role.name_ja(), role.name());
        context.output.line(&format!("{person}\t{word}"));
        context
            .output
            .object("person", &json!({ "person": person, "role": role.name() }));
    }
    Ok(json!({ "people": people.len() }))
}

fn add(person: &str, role: Role, by: Option<&str>, from_stdin: bool, context: &Context) -> Outcome {
    let people = context.people()?;
    let new = pin(person, from_stdin, context)?;
    let again = pin(person, from_stdin, context)?;
    if *new != *again {
        return Err(Failure::refused(
            Exit::Usage,
            "pins-differ",
            ("2 回の PIN が違います。", "The two PINs differ."),
            ("もう一度 2 回入力する。", "Type it twice again."),
        ));
    }
    agreed(&people, role, by, from_stdin, context)?;
    people
        .add(person, role, &new, super::init::chance()?)
        .map_err(|cause| failure(&cause))?;
    context.output.remark(
        &format!("{person}（{}）を加えました。", role.name_ja()),
        &format!("{person} ({}) is added.", role.name()),
    );
    Ok(json!({ "person": person, "role": role.name() }))
}

/// The first person is a supervisor and needs nobody; everybody else needs a supervisor.
fn agreed(
    people: &People,
    role: Role,
    by: Option<&str>,
    from_stdin: bool,
    context: &Context,
) -> Result<(), Failure> {
    let none_yet = people.list().map_err(|cause| failure(&cause))?.is_empty();
    if none_yet && role == Role::Supervisor {
        return Ok(());
    }
    let Some(by) = by.filter(|_| !none_yet) else {
        return Err(no_supervisor(none_yet));
    };
    let agreeing = pin(by, from_stdin, context)?;
    let signed = people
        .authenticate(by, &agreeing, Timestamp::now())
        .map_err(|cause| failure(&cause))?;
    if signed.role == Role::Supervisor {
        Ok(())
    } else {
        Err(no_supervisor(none_yet))
    }
}

fn no_supervisor(none_yet: bool) -> Failure {
    let remedy = if none_yet {
        ("最初に監督者を加える。", "Add a supervisor first.")
    } else {
        ("--by で監督者を指定する。", "Name a supervisor with --by.")
    };
    Failure::refused(
        Exit::Person,
        "no-supervisor",
        ("監督者の確認がありません。", "No supervisor has agreed."),
        remedy,
    )
}

/// What went wrong with the people file, as a refusal.
pub(super) fn failure(cause: &Error) -> Failure {
    let (exit, reason) = match cause {
        Error::Wrong => (Exit::Person, "wrong-pin"),
        Error::Throttled { .. } => (Exit::Person, "throttled"),
        Error::BadId => (Exit::Usage, "bad-id"),
        Error::BadPin => (Exit::Usage, "bad-pin"),
        Error::Exists => (Exit::Usage, "person-exists"),
        Error::Hash(_) => (Exit::Unreachable, "hash"),
        Error::UnknownRole | Error::Storage(_) => (Exit::Unreachable, "people-file"),
    };
    Failure::refused(
        exit,
        reason,
        (said(cause), format!("{cause}.")),
        remedy(cause),
    )
}

fn said(cause: &Error) -> String {
    match cause {
        Error::Wrong => "ID と PIN が合いません。".to_owned(),
        Error::Throttled { until } => format!("PIN の間違いが続きました。{until} まで待ちます。"),
        Error::BadId => "ID は英小文字、数字、「.」「-」で 32 文字以内です。".to_owned(),
        Error::BadPin => "PIN は 6～12 桁の数字です。同じ数字や連番は使えません。".to_owned(),
        Error::Exists => "この ID の人がもういます。".to_owned(),
        Error::Hash(_) => "PIN を確かめられません。".to_owned(),
        Error::UnknownRole | Error::Storage(_) => "人の名簿を使えません。".to_owned(),
    }
}

fn remedy(cause: &Error) -> (&'static str, &'static str) {
    match cause {
        Error::Wrong => (
            "ID と PIN を確かめ、もう一度入力する。",
            "Check id and PIN and type them again.",
        ),
        Error::Throttled { .. } => ("時間をおいて入力する。", "Wait, then try again."),
        Error::BadId => (
            "別の ID を付ける。氏名は使わない。",
            "Choose another id; do not use a name.",
        ),
        Error::BadPin => ("別の PIN を選ぶ。", "Choose another PIN."),
        Error::Exists => (
            "「station people list」で確かめる。",
            "See \"station people list\".",
        ),
        Error::Hash(_) | Error::UnknownRole | Error::Storage(_) => {
            ("技術者を呼ぶ。", "Call the technician.")
        }
    }
}
