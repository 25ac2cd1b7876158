//! Where words go: data on stdout, progress and words for people on stderr, and with `--json`
//! one object per line on stdout, the last of them the result.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::lang::Lang;

/// How this run speaks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    /// The language of words.
    pub lang: Lang,
    /// Objects instead of words.
    pub json: bool,
    /// No progress, no remarks.
    pub quiet: bool,
    /// Colours on stderr.
    pub color: bool,
}

impl Output {
    /// One line of data.
    pub(super) fn line(&self, text: &str) {
        if !self.json {
            write(&mut io::stdout().lock(), text);
        }
    }

    /// One object of a stream, with its type; nothing without `--json`.
    pub(super) fn object(&self, kind: &str, body: &impl Serialize) {
        if self.json {
            write(&mut io::stdout().lock(), &tagged(kind, body).to_string());
        }
    }

    /// One remark for the person at the terminal.
    pub(super) fn remark(&self, japanese: &str, english: &str) {
        if !self.quiet {
            write(&mut io::stderr().lock(), self.lang.pick(japanese, english));
        }
    }

    /// Words that may not be left out.
    pub(super) fn word(&self, text: &str) {
        write(&mut io::stderr().lock(), text);
    }

    /// A heading that stands out where colours do; the words alone say it all.
    pub(super) fn heading(&self, text: &str) {
        let mark = if self.color {
            ("\x1b[1;31m", "\x1b[0m")
        } else {
            ("", "")
        };
        write(
            &mut io::stderr().lock(),
            &format!("{}{text}{}", mark.0, mark.1),
        );
    }

    /// Whether a bar can be drawn: a person looks at stderr and did not ask for silence.
    pub(super) fn draws(&self) -> bool {
        !self.quiet && !self.json && io::stderr().is_terminal()
    }
}

/// A closed pipe on the reader's side is no fault of ours: there is nobody left to tell.
fn write(to: &mut impl Write, text: &str) {
    let _ = writeln!(to, "{text}").and_then(|()| to.flush());
}

/// The object with `type` first among its members.
pub(super) fn tagged(kind: &str, body: &impl Serialize) -> Value {
    let mut object = json!({ "type": kind });
    match serde_json::to_value(body) {
        Ok(Value::Object(members)) => {
            if let Some(object) = object.as_object_mut() {
                object.extend(members);
            }
        }
        Ok(other) => object["value"] = other,
        Err(cause) => object["unprintable"] = json!(cause.to_string()),
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_carries_its_type_beside_its_members() {
        let object = tagged("phase", &json!({ "name": "feed", "actual_ms": 2200 }));
        assert_eq!(object["type"], "phase");
        assert_eq!(object["actual_ms"], 2200);
        assert_eq!(tagged("page", &json!("text"))["value"], "text");
    }
}
