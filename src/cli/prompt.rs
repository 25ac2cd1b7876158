//! Questions to the person at the terminal. With `--no-input` every question becomes exit code 2
//! and the flag that answers it. Keeps no PIN longer than its check takes.

use std::io::{self, BufRead, IsTerminal, Write};
use std::os::fd::AsFd;

use nix::sys::termios::{self, LocalFlags, SetArg, Termios};
use zeroize::Zeroizing;

use super::lang::Lang;
use super::outcome::{Exit, Failure};

/// So often a mistyped number is asked for again.
const ASKED_AGAIN: u8 = 3;
const DIFFER: (&str, &str) = (
    "入力した 4 文字が、カード番号の下 4 文字と違います。",
    "These are not the last four characters of the card's number.",
);
const AGAIN: (&str, &str) = (
    "カードの番号を見て、もう一度下 4 文字：",
    "Read the number on the card; its last four:",
);

/// How questions are asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prompt {
    /// The language of questions.
    pub lang: Lang,
    /// Ask nothing.
    pub no_input: bool,
}

impl Prompt {
    /// Asks a question; the answer without its line end.
    ///
    /// # Errors
    /// A refusal that names `flag` when nothing may be asked or nobody answers.
    pub(super) fn ask(
        &self,
        question: (&str, &str),
        flag: &'static str,
    ) -> Result<String, Failure> {
        self.may_ask(flag)?;
        eprint!("{} ", self.lang.pick(question.0, question.1));
        let _ = io::stderr().flush();
        let mut answer = String::new();
        match io::stdin().lock().read_line(&mut answer) {
            Ok(read) if read > 0 => Ok(answer.trim().to_owned()),
            Ok(_) | Err(_) => Err(unanswered(flag)),
        }
    }

    /// Asks for the last four characters of a number; the irreversible acts have no other yes.
    /// Whoever mistypes is asked again, a few times.
    ///
    /// # Errors
    /// A refusal when nothing may be asked, or the answer stays another one.
    pub(super) fn last_four(
        &self,
        question: (&str, &str),
        given: Option<&str>,
        expected: &str,
        flag: &'static str,
    ) -> Result<(), Failure> {
        let mut typed = match given {
            Some(given) => given.to_owned(),
            None => self.ask(question, flag)?,
        };
        for _ in 0..ASKED_AGAIN {
            if typed == expected || self.no_input {
                break;
            }
            let (ja, en) = DIFFER;
            eprintln!("{}", self.lang.pick(ja, en));
            typed = self.ask(AGAIN, flag)?;
        }
        if typed == expected {
            return Ok(());
        }
        Err(Failure::refused(
            Exit::Usage,
            "last-four-differ",
            DIFFER,
            (
                "カードの番号を見て、もう一度入力する。",
                "Read the number on the card and type its last four again.",
            ),
        ))
    }

    /// Reads a PIN from the terminal without showing it.
    ///
    /// # Errors
    /// A refusal that names `--pin-stdin` when nothing may be asked or there is no terminal.
    pub(super) fn pin(&self, question: (&str, &str)) -> Result<Zeroizing<String>, Failure> {
        self.may_ask("--pin-stdin")?;
        let stdin = io::stdin();
        if !stdin.is_terminal() {
            return Err(unanswered("--pin-stdin"));
        }
        eprint!("{} ", self.lang.pick(question.0, question.1));
        let _ = io::stderr().flush();
        let pin = {
            let _silence = Silence::begin(&stdin).ok_or_else(|| unanswered("--pin-stdin"))?;
            one_line()
        };
        eprintln!();
        pin.ok_or_else(|| unanswered("--pin-stdin"))
    }

    fn may_ask(&self, flag: &'static str) -> Result<(), Failure> {
        if self.no_input {
            Err(unanswered(flag))
        } else {
            Ok(())
        }
    }
}

/// One line of standard input, wiped when dropped; `None` at its end.
pub(super) fn one_line() -> Option<Zeroizing<String>> {
    // As long as any PIN, so that the text never moves and leaves a copy behind.
    let mut line = Zeroizing::new(String::with_capacity(128));
    let read = io::stdin().lock().read_line(&mut line).unwrap_or(0);
    while line.ends_with(['\n', '\r']) {
        line.pop();
    }
    (read > 0).then_some(line)
}

/// A question was not answered: exit code 2, naming the flag that answers it.
pub(super) fn unanswered(flag: &'static str) -> Failure {
    Failure::refused(
        Exit::Usage,
        "unanswered",
        (
            format!("{flag} の答えがありません。"),
            format!("{flag} is not answered."),
        ),
        (
            format!("{flag} を付けて、もう一度実行する。"),
            format!("Run it again with {flag}."),
        ),
    )
}

/// The terminal shows nothing while this lives.
struct Silence {
    before: Termios,
}

impl Silence {
    fn begin(terminal: &impl AsFd) -> Option<Silence> {
        let before = termios::tcgetattr(terminal).ok()?;
        let mut silent = before.clone();
        silent.local_flags.remove(LocalFlags::ECHO);
        termios::tcsetattr(terminal, SetArg::TCSAFLUSH, &silent).ok()?;
        Some(Silence { before })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // Nothing better can be done for a terminal that is gone.
        let _ = termios::tcsetattr(io::stdin(), SetArg::TCSANOW, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: Prompt = Prompt {
        lang: Lang::En,
        no_input: true,
    };

    #[test]
    fn nobody_to_ask_is_a_usage_error_that_names_the_flag() {
        let failure = NOBODY
            .ask(("何番？", "Which?"), "--number")
            .expect_err("refused");
        assert_eq!(failure.exit(), Exit::Usage);
        let Failure::Refused(refusal) = failure else {
            panic!("a refusal")
        };
        assert!(refusal.what.1.contains("--number") && refusal.remedy.0.contains("--number"));
    }

    #[test]
    fn only_the_last_four_say_yes() {
        let ask = |typed| NOBODY.last_four(("", ""), Some(typed), "78CD", "--last-four");
        assert!(ask("78CD").is_ok());
        assert!(ask("yes").is_err() && ask("").is_err() && ask("78cd").is_err());
    }
}
