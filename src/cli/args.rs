//! The command line: its words, and nothing of what they do.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::decision::DecisionName;
use super::lang::Lang;

/// Issue residence cards at one counter.
#[derive(Debug, Parser)]
#[command(
    name = "station",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
pub(super) struct Line {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Debug, Args)]
pub(super) struct Global {
    /// Configuration file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "station.toml"
    )]
    pub config: PathBuf,
    /// One JSON object per line on stdout, the last of them the result
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of all words; by default that of LC_MESSAGES
    #[arg(long, global = true, value_enum)]
    pub lang: Option<Lang>,
    /// Ask nothing: a missing answer ends with exit code 2 and the flag to give
    #[arg(long, global = true)]
    pub no_input: bool,
    /// No progress and no remarks
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// More of the log on stderr; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// No colours; the same as NO_COLOR
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make one card, up to the exit slot
    Issue(super::issue::IssueArgs),
    /// Collect the old card, hand the new one over, punch the old one
    Handover(super::handover::HandoverArgs),
    /// Keep a finished card from being handed over; burns its number
    Withdraw(super::withdraw::WithdrawArgs),
    /// Find out what was cut short, and go on from there
    Recover(super::recover::RecoverArgs),
    /// Serve the screens to this machine's browser
    Serve(super::serve::ServeArgs),
    /// Show what the devices show; moves nothing
    Survey,
    /// Take over a printer that was exchanged or serviced by hand
    TakeOver(super::take_over::TakeOverArgs),
    /// Go through every check that a card must pass before its blank is fed
    Preflight,
    /// Show what is loaded and what waits; record what is put in or taken out
    Supplies(super::supplies::SuppliesArgs),
    /// Hold a count of everything against journal and printer
    Reconcile(super::reconcile::ReconcileArgs),
    /// Close a shift on a count of everything; its report
    #[command(subcommand)]
    Shift(super::shift::ShiftCommand),
    /// Record a destruction; needs a clerk and a supervisor
    #[command(subcommand)]
    Destroy(super::destroy::DestroyCommand),
    /// List the old cards that were collected here
    OldCards,
    /// Examine any card on the desk reader
    Examine(super::examine::ExamineArgs),
    /// Draw a job's faces as they would be printed
    Layout(super::layout::LayoutArgs),
    /// The journal
    #[command(subcommand)]
    Journal(super::journal::JournalCommand),
    /// The one-page issuance record of a closed job
    Record(super::record::RecordArgs),
    /// What the newest cards took, beside the plan, and why they were late
    Timings(super::timings::TimingsArgs),
    /// The people who work here
    #[command(subcommand)]
    People(super::people::PeopleCommand),
    /// The configuration file
    #[command(subcommand)]
    Config(super::config::ConfigCommand),
    /// Make this station's journal and people file, once
    Init(super::init::InitArgs),
    /// A technician's orders: looks, tests, test cards
    Diag(super::diag_args::DiagArgs),
    /// Explain a command or a fault
    Help(super::help::HelpArgs),
}

/// Who is here, and how they prove it.
#[derive(Debug, Args)]
pub(super) struct Hands {
    /// The clerk who is signed in
    #[arg(long, value_name = "ID")]
    pub clerk: Option<String>,
    /// The supervisor who confirms; somebody else than the clerk
    #[arg(long, value_name = "ID")]
    pub supervisor: Option<String>,
    /// PINs from standard input, one a line: the clerk's, then the supervisor's
    #[arg(long)]
    pub pin_stdin: bool,
}

/// What to decide if the station stops.
#[derive(Debug, Args)]
pub(super) struct Decide {
    /// Decision to take at a stop; repeat it for one stop after another
    #[arg(long = "decide", value_enum, value_name = "DECISION")]
    pub decisions: Vec<DecisionName>,
}
