//! The station's one configuration file: read once, checked, then trusted.
//! Knows files and numbers; opens no device and asks no authority.

mod budget;
mod calibrate;
mod error;
mod kiosk;
mod limits;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

pub use budget::{Budget, Deadlines, LIMIT_MS, Planned};
pub use calibrate::{Calibrated, Change, FEWEST, Measured, calibrate, calibrate_file};
pub use error::{Error, Mistake};
pub use kiosk::Kiosk;
pub use limits::Limits;

/// Everything that an office sets for one station.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Which station this is, and where it keeps its files.
    pub station: Station,
    /// The authority that it is enrolled with.
    pub authority: Authority,
    /// The printer's line.
    pub printer: Printer,
    /// The three card readers.
    pub readers: Readers,
    /// How faces are drawn.
    pub layout: Layout,
    /// Planned time of each phase, in seconds.
    #[serde(default)]
    pub budget_s: Budget,
    /// Until when a phase is waited for, in seconds.
    #[serde(default)]
    pub deadline_s: Deadlines,
    /// What must hold before a blank is fed.
    #[serde(default)]
    pub limits: Limits,
    /// The screens.
    #[serde(default)]
    pub kiosk: Kiosk,
}

/// Section `[station]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Station {
    /// The station's id, as enrolled at the authority.
    pub id: String,
    /// The office, as it stands on the issuance record.
    pub office: String,
    /// Folder of journal, people and records; relative to the configuration file.
    pub data_folder: PathBuf,
}

/// Section `[authority]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Folder that the enrolment made: address, certificate and key, trust anchors.
    pub enrolment_folder: PathBuf,
}

/// Section `[printer]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Printer {
    /// The serial port; or a folder of ports, such as `/dev/serial/by-id`, each of which may be
    /// asked. In a folder the printer is found again when its port comes back renamed.
    pub port: PathBuf,
    /// The serial that the printer must name; without it the only one that answers is taken.
    #[serde(default)]
    pub serial: Option<String>,
    /// The line's speed in bits a second.
    #[serde(default = "default_baud")]
    pub baud: u32,
}

/// Section `[readers]`: names as the PC/SC service lists them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Readers {
    /// The antenna of the encoder station.
    pub encoder: String,
    /// The antenna of the check station.
    pub check: String,
    /// The reader on the desk.
    pub desk: String,
    /// How long an APDU may be.
    #[serde(default)]
    pub apdu_length: ApduLength,
}

/// How long an APDU may be on these readers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApduLength {
    /// Short, unless the reader itself reports extended length.
    #[default]
    Auto,
    /// Short always.
    Short,
    /// Extended always; for readers that can but do not say so.
    Extended,
}

/// Section `[layout]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// The print head's resolution: 300 or 600.
    #[serde(default = "default_resolution")]
    pub resolution_dpi: u16,
    /// Folders that hold the font files; each file is checked against the layout's digests.
    #[serde(default = "default_font_folders")]
    pub font_folders: Vec<PathBuf>,
}

fn default_baud() -> u32 {
    921_600
}

fn default_resolution() -> u16 {
    300
}

/// Where Debian's `fonts-ipaexfont` and `fonts-ipamj-mincho` put their files.
fn default_font_folders() -> Vec<PathBuf> {
    [
        "/usr/share/fonts/opentype/ipaexfont-gothic",
        "/usr/share/fonts/opentype/ipaexfont-mincho",
        "/usr/share/fonts/truetype/ipamj",
    ]
    .map(PathBuf::from)
    .to_vec()
}

impl Config {
    /// Reads and checks a configuration file; relative folders in it count from its own folder.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when the file cannot be read, [`Error::Mistaken`] with line, key,
    /// problem and remedy for anything in it that is not right.
    pub fn load(file: &Path) -> Result<Config, Error> {
        let text = std::fs::read_to_string(file).map_err(|cause| Error::Unreadable {
            file: file.to_owned(),
            cause,
        })?;
        let mut config = Config::parse(&text, file)?;
        let base = file.parent().unwrap_or(Path::new(""));
        config.resolve(base);
        Ok(config)
    }

    /// Parses and checks the text of a configuration file; `file` only names it in errors.
    ///
    /// # Errors
    /// [`Error::Mistaken`] with line, key, problem and remedy.
    pub fn parse(text: &str, file: &Path) -> Result<Config, Error> {
        let config: Config =
            toml::from_str(text).map_err(|cause| error::from_toml(file, text, &cause))?;
        match config.first_mistake() {
            None => Ok(config),
            Some((section, key, mistake)) => Err(Error::Mistaken {
                file: file.to_owned(),
                line: error::line_of(text, section, key),
                key: format!("{section}.{key}"),
                mistake,
            }),
        }
    }

    /// The journal's file.
    pub fn journal_file(&self) -> PathBuf {
        self.station.data_folder.join("journal.sqlite")
    }

    /// The file of the people who work here.
    pub fn people_file(&self) -> PathBuf {
        self.station.data_folder.join("people.sqlite")
    }

    /// The folder of the issuance records.
    pub fn records_folder(&self) -> PathBuf {
        self.station.data_folder.join("records")
    }

    /// The phases of a card as they are timed, with plan and deadline.
    pub fn plan(&self) -> Vec<Planned> {
        self.budget_s.timed(&self.deadline_s)
    }

    /// Until when a phase is waited for; nothing is waited for that no plan knows.
    pub fn deadline(&self, phase: &str) -> Duration {
        let plan = self.plan();
        let found = plan.iter().find(|plan| plan.phase == phase);
        Duration::from_millis(found.map_or(0, |plan| plan.deadline_ms).into())
    }

    fn resolve(&mut self, base: &Path) {
        for folder in [
            &mut self.station.data_folder,
            &mut self.authority.enrolment_folder,
        ] {
            *folder = base.join(&*folder);
        }
        for folder in &mut self.layout.font_folders {
            *folder = base.join(&*folder);
        }
        let papers = [&mut self.kiosk.certificate, &mut self.kiosk.key];
        for file in papers.into_iter().flatten() {
            *file = base.join(&*file);
        }
        self.printer.port = base.join(&self.printer.port);
    }

    /// What TOML's types cannot say, in the order of the file.
    fn first_mistake(&self) -> Option<(&'static str, &'static str, Mistake)> {
        let texts = [
            ("station", "id", &self.station.id),
            ("station", "office", &self.station.office),
            ("readers", "encoder", &self.readers.encoder),
            ("readers", "check", &self.readers.check),
            ("readers", "desk", &self.readers.desk),
        ];
        let empty = texts.iter().find(|(_, _, text)| text.trim().is_empty());
        if let Some((section, key, _)) = empty {
            return Some((section, key, Mistake::Empty));
        }
        if self.printer.serial.as_deref().is_some_and(str::is_empty) {
            return Some(("printer", "serial", Mistake::Empty));
        }
        if !id_is_plain(&self.station.id) {
            return Some(("station", "id", Mistake::NotAnId));
        }
        if !BAUDS.contains(&self.printer.baud) {
            return Some(("printer", "baud", Mistake::Baud));
        }
        if self.readers_clash() {
            return Some(("readers", "check", Mistake::SameReader));
        }
        if ![300, 600].contains(&self.layout.resolution_dpi) {
            return Some(("layout", "resolution_dpi", Mistake::Resolution));
        }
        if self.layout.font_folders.is_empty() {
            return Some(("layout", "font_folders", Mistake::Empty));
        }
        let planned = self.budget_s.mistake();
        let due = || self.deadline_s.mistake(&self.budget_s);
        let limit = || self.limits.mistake();
        let screens = || self.kiosk.mistake();
        planned
            .map(|(key, mistake)| ("budget_s", key, mistake))
            .or_else(|| due().map(|(key, mistake)| ("deadline_s", key, mistake)))
            .or_else(|| limit().map(|(key, mistake)| ("limits", key, mistake)))
            .or_else(|| screens().map(|(key, mistake)| ("kiosk", key, mistake)))
    }

    /// The desk reader may be any, but one antenna cannot be two places in the machine.
    fn readers_clash(&self) -> bool {
        let Readers {
            encoder,
            check,
            desk,
            ..
        } = &self.readers;
        encoder == check || encoder == desk || check == desk
    }
}

/// Speeds that a serial port of this machine family can be set to.
pub const BAUDS: [u32; 9] = [
    115_200, 230_400, 460_800, 921_600, 1_000_000, 1_500_000, 2_000_000, 2_500_000, 3_000_000,
];

/// Ids go into file names, certificates and frames: 1–24 capitals, digits, `-`, as the authority
/// gives them out.
fn id_is_plain(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
    id.len() <= 24 && id.bytes().all(plain) && !id.starts_with('-')
}

#[cfg(test)]
mod tests;
