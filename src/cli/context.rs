//! What every command is run with: configuration, voice, questions, and the way to the station.

use std::path::PathBuf;

use super::hands::Present;
use super::outcome::{Exit, Failure};
use super::output::Output;
use super::person::Terminal;
use super::progress::Progress;
use super::prompt::Prompt;
use crate::config::{Config, Error as ConfigError};
use crate::people::People;
use crate::station::request::{Perform, Reply, Request};
use crate::station::view;

/// What every command is run with.
pub(super) struct Context {
    /// The configuration file.
    pub config_file: PathBuf,
    /// How this run speaks.
    pub output: Output,
    /// How it asks.
    pub prompt: Prompt,
    /// The way to the station.
    pub perform: Perform,
}

impl Context {
    /// Reads the configuration.
    ///
    /// # Errors
    /// A refusal with file, line, key, problem and remedy.
    pub(super) fn config(&self) -> Result<Config, Failure> {
        Config::load(&self.config_file).map_err(|cause| mistaken(&cause))
    }

    /// Opens the people file.
    ///
    /// # Errors
    /// A refusal when it is not there or cannot be read.
    pub(super) fn people(&self) -> Result<People, Failure> {
        let file = self.config()?.people_file();
        // Opening would start an empty file; only `station init` may do that.
        if !file.exists() {
            return Err(no_people(&file));
        }
        People::open(&file).map_err(|cause| super::people::failure(&cause))
    }

    /// Asks the station, shows what it does meanwhile, and waits for the end.
    ///
    /// # Errors
    /// The stop that a person must act on.
    pub(super) fn ask_station(
        &self,
        config: &Config,
        request: Request,
        person: &mut Terminal,
    ) -> Result<Reply, Failure> {
        super::signals::listen(self.output);
        let (sender, snapshots) = view::channel();
        let progress = Progress::show(snapshots, self.output);
        person.progress = Some(progress.bar());
        let reply = (self.perform)(config, request, person, &sender);
        drop(progress);
        reply.map_err(|stop| person.stopped(stop))
    }

    /// A person at this terminal.
    pub(super) fn person(&self, present: Option<Present>) -> Terminal {
        let people = self.config().ok().map(|config| config.people_file());
        Terminal::new(self.output, self.prompt, present, people)
    }
}

/// A mistaken configuration as a refusal.
pub(super) fn mistaken(cause: &ConfigError) -> Failure {
    let remedy = cause.remedy();
    Failure::refused(
        Exit::Usage,
        "configuration",
        (cause.japanese(), cause.to_string()),
        remedy,
    )
}

fn no_people(file: &std::path::Path) -> Failure {
    let file = file.display();
    Failure::refused(
        Exit::Usage,
        "no-people-file",
        (
            format!("人の名簿がありません：{file}"),
            format!("There is no people file at {file}."),
        ),
        ("次に：station init", "Next: station init"),
    )
}
