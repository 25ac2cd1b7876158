//! The command line: parses it, runs one command, gives the exit code. Data go to stdout, words
//! to stderr; a command never moves a device itself but asks the station.

mod args;
mod config;
mod context;
mod decision;
mod destroy;
mod diag;
mod diag_args;
mod diag_live;
mod diag_show;
mod diag_words;
mod examine;
mod handover;
mod hands;
mod help;
mod init;
mod issue;
mod journal;
mod lang;
mod layout;
mod outcome;
mod output;
mod people;
mod person;
mod preflight;
mod progress;
mod prompt;
mod question;
mod reconcile;
mod record;
mod recover;
mod reply;
mod serve;
mod shift;
mod signals;
mod stock;
mod stop;
mod supplies;
mod survey;
mod take_over;
mod timings;
mod withdraw;
mod words;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use serde_json::json;

use args::{Command, Global, Line};
use context::Context;
use lang::Lang;
pub use outcome::Exit;
use outcome::Outcome;
use output::Output;
use prompt::Prompt;
pub use signals::STOP_ASKED;

use crate::station::request::Perform;

/// Runs the command line of this process; `perform` is the way to the station.
pub fn main(perform: Perform) -> ExitCode {
    let line: Vec<String> = std::env::args_os()
        .map(|a| a.to_string_lossy().into_owned())
        .collect();
    let lang = Lang::of_line(&line)
        .unwrap_or_else(|| Lang::of_environment(|name| std::env::var(name).ok()));
    let parsed = words::command(Line::command(), lang).try_get_matches_from(&line);
    match parsed.and_then(|matches| Line::from_arg_matches(&matches)) {
        Ok(parsed) => run(parsed, lang, perform).into(),
        Err(complaint) => complain(&complaint, &line).into(),
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

fn run(line: Line, lang: Lang, perform: Perform) -> Exit {
    let output = voice(&line.global, lang);
    start_log(line.global.verbose);
    let prompt = Prompt {
        lang,
        no_input: line.global.no_input,
    };
    let mut context = Context {
        config_file: line.global.config,
        output,
        prompt,
        perform,
    };
    let outcome = dispatch(line.command, &mut context);
    outcome::conclude(outcome, &output)
}

fn dispatch(command: Command, context: &mut Context) -> Outcome {
    match command {
        Command::Issue(args) => issue::run(&args, context),
        Command::Handover(args) => handover::run(&args, context),
        Command::Withdraw(args) => withdraw::run(&args, context),
        Command::Recover(args) => recover::run(&args, context),
        Command::Serve(args) => serve::run(&args, context),
        Command::Survey => survey::run(context),
        Command::TakeOver(args) => take_over::run(&args, context),
        Command::Preflight => preflight::run(context),
        Command::Supplies(args) => supplies::run(&args, context),
        Command::Reconcile(args) => reconcile::run(&args, context),
        Command::Shift(command) => shift::run(&command, context),
        Command::Destroy(command) => destroy::run(&command, context),
        Command::OldCards => supplies::old_cards(context),
        Command::Examine(args) => examine::run(&args, context),
        Command::Layout(args) => layout::run(&args, context),
        Command::Journal(command) => journal::run(&command, context),
        Command::Record(args) => record::run(&args, context),
        Command::Timings(args) => timings::run(&args, context),
        Command::People(command) => people::run(&command, context),
        Command::Config(command) => config::run(&command, context),
        Command::Init(args) => init::run(&args, context),
        Command::Diag(args) => diag::run(&args, context),
        Command::Help(args) => help::run(&args, context),
    }
}

fn voice(global: &Global, lang: Lang) -> Output {
    let plain = global.no_color || std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    Output {
        lang,
        json: global.json,
        quiet: global.quiet,
        color: !plain && std::io::stderr().is_terminal(),
    }
}

/// The log goes to stderr, quiet unless asked for; `STATION_LOG` names finer filters.
fn start_log(verbose: u8) {
    // A person at a terminal is told stops, not log lines; whoever keeps the log gets both.
    let least = if std::io::stderr().is_terminal() {
        "error"
    } else {
        "warn"
    };
    let level = [least, "info", "debug", "trace"][usize::from(verbose.min(3))];
    let filter = tracing_subscriber::EnvFilter::builder()
        .with_env_var("STATION_LOG")
        .try_from_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    // A second start in one process (tests) keeps the first log.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .try_init();
}

/// Help and version are goals reached; anything else about the line is a usage error.
fn complain(complaint: &clap::Error, line: &[String]) -> Exit {
    // Nobody is left to tell when the terminal is gone.
    let _ = complaint.print();
    if !complaint.use_stderr() {
        return Exit::Reached;
    }
    let exit = Exit::Usage;
    if line.iter().any(|word| word == "--json") {
        let result = json!({
            "exit": exit as u8,
            "stop": { "reason": "usage", "what": complaint.kind().to_string() },
        });
        println!("{}", output::tagged("result", &result));
    }
    exit
}
