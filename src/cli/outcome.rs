//! How a command ended: reached its goal with something to show, or stopped for a reason that
//! names who must act. The reason picks the exit code.

use serde_json::{Value, json};

use super::lang::Lang;
use super::output::{Output, tagged};
use super::stop;
use crate::station::request::Stop;

/// What a command gives back: members of the result object, or why it did not reach its goal.
pub(super) type Outcome = Result<Value, Failure>;

/// The exit codes; 101 is left to a bug (a panic).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The goal was reached.
    Reached = 0,
    /// A person must act.
    Person = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// A device, the authority or the journal's owner cannot be reached.
    Unreachable = 3,
    /// The journal cannot be read.
    Journal = 4,
}

/// Why the goal was not reached.
#[derive(Debug)]
pub(super) enum Failure {
    /// A fault of the closed vocabulary.
    Stopped(Box<Stopped>),
    /// Anything that the vocabulary of faults does not cover: usage, files, people.
    Refused(Box<Refusal>),
}

/// A stop, and what this terminal had to do with it.
#[derive(Debug)]
pub(super) struct Stopped {
    /// The stop.
    pub stop: Stop,
    /// The person was shown it, and left it as it stands.
    pub left: bool,
    /// The flag that would have answered a question that could not be asked.
    pub flag: Option<&'static str>,
}

/// A refusal in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Which exit code it deserves.
    pub exit: Exit,
    /// Stable name for programs, such as `not-a-supervisor`.
    pub reason: &'static str,
    /// What is the matter, Japanese and English.
    pub what: (String, String),
    /// What to do or to run next, Japanese and English.
    pub remedy: (String, String),
}

impl Failure {
    /// A refusal in both languages.
    pub(super) fn refused(
        exit: Exit,
        reason: &'static str,
        what: (impl Into<String>, impl Into<String>),
        remedy: (impl Into<String>, impl Into<String>),
    ) -> Failure {
        Failure::Refused(Box::new(Refusal {
            exit,
            reason,
            what: (what.0.into(), what.1.into()),
            remedy: (remedy.0.into(), remedy.1.into()),
        }))
    }

    /// The exit code.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Failure::Stopped(stopped) if stopped.flag.is_some() => Exit::Usage,
            Failure::Stopped(stopped) => stop::exit(stopped.stop.code),
            Failure::Refused(refusal) => refusal.exit,
        }
    }

    /// Tells it on stderr, in words.
    pub(super) fn tell(&self, output: &Output) {
        match self {
            Failure::Stopped(stopped) if stopped.left => {
                let left = ("このまま止めておきます。", "It is left as it stands.");
                output.word(output.lang.pick(left.0, left.1));
                output.word(&stop::command("station recover --clerk ID", output.lang));
            }
            Failure::Stopped(stopped) => stop::tell(&stopped.stop, output),
            Failure::Refused(refusal) => {
                let Refusal { what, remedy, .. } = &**refusal;
                output.heading(&format!("■ {}", output.lang.pick(&what.0, &what.1)));
                output.word(output.lang.pick(&remedy.0, &remedy.1));
            }
        }
    }

    fn object(&self, lang: Lang) -> Value {
        match self {
            Failure::Stopped(stopped) => {
                let mut object = stop::object(&stopped.stop, lang);
                if let Some(flag) = stopped.flag {
                    object["flag"] = json!(flag);
                }
                object
            }
            Failure::Refused(refusal) => json!({
                "reason": refusal.reason,
                "what": lang.pick(&refusal.what.0, &refusal.what.1),
                "remedy": lang.pick(&refusal.remedy.0, &refusal.remedy.1),
            }),
        }
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Failure {
        Failure::Stopped(Box::new(Stopped {
            stop,
            left: false,
            flag: None,
        }))
    }
}

/// Tells the outcome in words and, with `--json`, as the last object; gives the exit code.
pub(super) fn conclude(outcome: Outcome, output: &Output) -> Exit {
    let (exit, body) = match outcome {
        Ok(body) => (Exit::Reached, body),
        Err(failure) => {
            failure.tell(output);
            (
                failure.exit(),
                json!({ "stop": failure.object(output.lang) }),
            )
        }
    };
    if output.json {
        let mut result = tagged("result", &body);
        result["exit"] = json!(exit as u8);
        output.object("result", &result);
    }
    exit
}
