//! `firmware-sim person`: what hands do at the machine. The act is put into the state folder,
//! where the running printer finds it.

use super::state::{self, State};
use clap::{Args, Subcommand};
use firmware_sim::Error;
use firmware_sim::machine::Person;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Arguments of `person`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The printer's state folder.
    #[arg(long)]
    state: PathBuf,
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Act {
    /// Open the cover; what moves stops.
    OpenCover,
    /// Close the cover.
    CloseCover,
    /// Take the card out of the path.
    RemoveCard,
    /// Empty the reject tray.
    EmptyTray,
    /// Put in a new ribbon.
    LoadRibbon {
        /// Sets on it.
        #[arg(default_value_t = 500)]
        sets: u32,
    },
    /// Put in a new patch film.
    LoadPatches {
        /// Patches on it.
        #[arg(default_value_t = 500)]
        patches: u32,
    },
}

impl Act {
    fn line(self) -> String {
        match self {
            Act::OpenCover => "open-cover".to_owned(),
            Act::CloseCover => "close-cover".to_owned(),
            Act::RemoveCard => "remove-card".to_owned(),
            Act::EmptyTray => "empty-tray".to_owned(),
            Act::LoadRibbon { sets } => format!("load-ribbon {sets}"),
            Act::LoadPatches { patches } => format!("load-patches {patches}"),
        }
    }
}

/// Puts the act where the printer finds it.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let folder = State::open(&arguments.state)?.acts();
    state::make(&folder)?;
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let name = format!("{:020}.act", since.as_nanos());
    state::replace(&folder.join(name), arguments.act.line().as_bytes())
}

/// The acts that were put there, oldest first; each is taken once.
pub(crate) fn taken(folder: &Path) -> Result<Vec<Person>, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => {
            return Err(Error::File {
                path: folder.to_owned(),
                source,
            });
        }
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "act"));
    paths.sort();
    let mut acts = Vec::new();
    for path in paths {
        let file = |source| Error::File {
            path: path.clone(),
            source,
        };
        let text = fs::read_to_string(&path).map_err(file)?;
        fs::remove_file(&path).map_err(file)?;
        acts.extend(parse(&text));
    }
    Ok(acts)
}

fn parse(line: &str) -> Option<Person> {
    let (act, count) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
    Some(match act {
        "open-cover" => Person::OpenCover,
        "close-cover" => Person::CloseCover,
        "remove-card" => Person::RemoveCard,
        "empty-tray" => Person::EmptyTray,
        "load-ribbon" => Person::LoadRibbon(count.parse().ok()?),
        "load-patches" => Person::LoadPatches(count.parse().ok()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_is_understood() {
        assert_eq!(parse(&Act::RemoveCard.line()), Some(Person::RemoveCard));
        let ribbon = Act::LoadRibbon { sets: 7 };
        assert_eq!(parse(&ribbon.line()), Some(Person::LoadRibbon(7)));
        assert_eq!(parse("kick"), None);
    }
}
