//! What can be wrong with a configuration file, and what to do about it, in both languages.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use thiserror::Error;
use toml::de::{DeTable, DeValue};

/// Why a configuration cannot be used. The one who must act is whoever edits the file.
#[derive(Debug, Error)]
pub enum Error {
    /// The file is not there or may not be read.
    #[error("{}: cannot be read", file.display())]
    Unreadable {
        /// The file asked for.
        file: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The file may not be written, or its disk is full; it is as it was.
    #[error("{}: cannot be written", file.display())]
    Unwritable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The text is not TOML, or a key is unknown, missing or of the wrong type.
    #[error("{}:{line}: {key}: {problem}", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The key at fault, as far as the text shows it.
        key: String,
        /// The parser's own words.
        problem: String,
    },
    /// A key holds a value that this station cannot work with.
    #[error("{}:{line}: {key}: {mistake}", file.display())]
    Mistaken {
        /// The file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Section and key.
        key: String,
        /// What is wrong with it.
        mistake: Mistake,
    },
}

/// A value that parses but cannot be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Mistake {
    /// Nothing in it.
    #[error("is empty")]
    Empty,
    /// The station's id has other characters than capitals, digits and `-`.
    #[error("is not an id")]
    NotAnId,
    /// Not a speed that serial ports have.
    #[error("is no line speed")]
    Baud,
    /// One reader named for two places.
    #[error("two places have the same reader")]
    SameReader,
    /// The print head has 300 or 600 dots an inch.
    #[error("is no resolution of this print head")]
    Resolution,
    /// Not a time between 0 and 40 seconds.
    #[error("is not a time between 0 and 40 seconds")]
    Seconds,
    /// Not a time between 0.1 and 120 seconds.
    #[error("is not a deadline between 0.1 and 120 seconds")]
    Deadline,
    /// A deadline within which its phase is not planned to end.
    #[error("is over before its phase is planned to end")]
    DeadlineBelowPlan,
    /// A limit that no machine has, or two that contradict each other.
    #[error("is no limit that could be meant")]
    Limit,
}

impl Mistake {
    /// What is wrong, in Japanese.
    pub fn japanese(self) -> &'static str {
        match self {
            Mistake::Empty => "値がありません。",
            Mistake::NotAnId => "発行機の ID として使えない文字があります。",
            Mistake::Baud => "通信速度として使えない値です。",
            Mistake::SameReader => "2 か所に同じリーダーが指定されています。",
            Mistake::Resolution => "この印字ヘッドにない解像度です。",
            Mistake::Seconds => "0～40 秒の時間ではありません。",
            Mistake::Deadline => "0.1～120 秒の期限ではありません。",
            Mistake::DeadlineBelowPlan => "期限が作業の予定より短くなっています。",
            Mistake::Limit => "限界として使えない値です。",
        }
    }

    /// What to do, in Japanese and English.
    pub fn remedy(self) -> (&'static str, &'static str) {
        match self {
            Mistake::Empty => ("値を書く。", "Give it a value."),
            Mistake::NotAnId => (
                "英大文字、数字、「-」で 24 文字以内にする。",
                "Use at most 24 capitals, digits and \"-\".",
            ),
            Mistake::Baud => (
                "460800、921600 など、ポートにある速度を書く。",
                "Use a speed that the port has, such as 460800 or 921600.",
            ),
            Mistake::SameReader => (
                "encoder、check、desk に別のリーダーを書く。",
                "Name three different readers for encoder, check and desk.",
            ),
            Mistake::Resolution => ("300 か 600 を書く。", "Use 300 or 600."),
            Mistake::Seconds => ("0 以上 40 以下の秒数を書く。", "Use seconds from 0 to 40."),
            Mistake::Deadline => (
                "0.1 以上 120 以下の秒数を書くか、行を消す。",
                "Use seconds from 0.1 to 120, or leave the line out.",
            ),
            Mistake::DeadlineBelowPlan => (
                "budget_s の予定（直前の移動を含む）以上にするか、行を消す。",
                "Make it no shorter than the plan in budget_s with its move, or leave the line out.",
            ),
            Mistake::Limit => (
                "機械の仕様にある値を書くか、行を消す。",
                "Use the value of the machine's papers, or leave the line out.",
            ),
        }
    }
}

impl Error {
    /// What to do, in Japanese and English.
    pub fn remedy(&self) -> (&'static str, &'static str) {
        match self {
            Error::Unreadable { .. } => (
                "--config で設定ファイルを指定する。",
                "Name the file with --config.",
            ),
            Error::Unwritable { .. } => (
                "ファイルとフォルダーの権限と、ディスクの空きを確かめる。",
                "Check the permissions of file and folder, and the room on the disk.",
            ),
            Error::Malformed { .. } => (
                "示された行を直し、「station config check」を実行する。",
                "Mend the line shown, then run \"station config check\".",
            ),
            Error::Mistaken { mistake, .. } => mistake.remedy(),
        }
    }

    /// What is wrong and where, in Japanese. The parser's own words stay as they are.
    pub fn japanese(&self) -> String {
        match self {
            Error::Unreadable { file, cause } => {
                format!("{}: 設定ファイルを読めません（{cause}）。", file.display())
            }
            Error::Unwritable { file, cause } => {
                format!("{}: 設定ファイルに書けません（{cause}）。", file.display())
            }
            Error::Malformed {
                file,
                line,
                key,
                problem,
            } => format!(
                "{}:{line}: {key}: 設定ファイルの書き方が違います（{problem}）。",
                file.display()
            ),
            Error::Mistaken {
                file,
                line,
                key,
                mistake,
            } => format!("{}:{line}: {key}: {}", file.display(), mistake.japanese()),
        }
    }
}

/// Turns the parser's complaint into line, key and problem.
pub(super) fn from_toml(file: &Path, text: &str, cause: &toml::de::Error) -> Error {
    malformed(file, text, cause.span(), cause.message())
}

/// The same for the parser that keeps what stands around the values.
pub(super) fn from_edit(file: &Path, text: &str, cause: &toml_edit::TomlError) -> Error {
    malformed(file, text, cause.span(), cause.message())
}

fn malformed(file: &Path, text: &str, span: Option<Range<usize>>, message: &str) -> Error {
    let at = span.map_or(0, |span| span.start.min(text.len()));
    let line = line_at(text, at);
    let words = message.lines().next().unwrap_or_default();
    Error::Malformed {
        file: file.to_owned(),
        line,
        key: key_on(text, line),
        problem: words.to_owned(),
    }
}

/// The line of a key, from 1; of its section when the key is not written; else 1.
pub(super) fn line_of(text: &str, section: &str, key: &str) -> usize {
    let Ok(table) = DeTable::parse(text) else {
        return 1;
    };
    let Some((_, value)) = table
        .get_ref()
        .iter()
        .find(|(name, _)| name.get_ref() == section)
    else {
        return 1;
    };
    let inner = if let DeValue::Table(inner) = value.get_ref() {
        inner.iter().find(|(name, _)| name.get_ref() == key)
    } else {
        None
    };
    let start = inner.map_or(value.span().start, |(name, _)| name.span().start);
    line_at(text, start)
}

fn line_at(text: &str, at: usize) -> usize {
    1 + text.as_bytes()[..at]
        .iter()
        .filter(|b| **b == b'\n')
        .count()
}

/// `section.key` as written on a line and above it.
fn key_on(text: &str, line: usize) -> String {
    let lines: Vec<&str> = text.lines().take(line).collect();
    let own = lines.last().copied().unwrap_or_default();
    let section = lines
        .iter()
        .rev()
        .find_map(|l| l.trim().strip_prefix('[')?.split(']').next())
        .unwrap_or_default();
    match own.split_once('=') {
        Some((key, _)) if section.is_empty() => key.trim().to_owned(),
        Some((key, _)) => format!("{section}.{}", key.trim()),
        None => section.to_owned(),
    }
}
