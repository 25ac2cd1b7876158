//! The person at the terminal, as the station meets them: flags answer first, then questions.
//! Irreversible acts take the last four of the number and no other yes.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use clap::ValueEnum;
use indicatif::ProgressBar;

use super::decision::DecisionName;
use super::hands::{self, Present};
use super::outcome::{Failure, Stopped};
use super::output::Output;
use super::prompt::Prompt;
use super::signals::STOP_ASKED;
use super::{question, stop};
use crate::fault::{By, Hands};
use crate::issuance::Decision;
use crate::station::request::{Act, Person, Shown, Stop};

/// The person at the terminal.
pub(super) struct Terminal {
    output: Output,
    prompt: Prompt,
    present: Option<Present>,
    people: Option<PathBuf>,
    /// Held back while a question stands on the terminal.
    pub(super) progress: Option<ProgressBar>,
    /// Last four of the new card, where a flag gives it.
    pub(super) new_last_four: Option<String>,
    /// Last four of the old card, where a flag says that it is punched.
    pub(super) old_last_four: Option<String>,
    /// A flag says that a card without a number was taken out and bagged.
    pub(super) removed: bool,
    /// PINs are read from standard input.
    pub(super) pin_stdin: bool,
    /// Decisions that flags give, one for each stop.
    pub(super) decisions: VecDeque<DecisionName>,
    left: bool,
    unanswered: Option<&'static str>,
}

impl Terminal {
    pub(super) fn new(
        output: Output,
        prompt: Prompt,
        present: Option<Present>,
        people: Option<PathBuf>,
    ) -> Terminal {
        Terminal {
            output,
            prompt,
            present,
            people,
            progress: None,
            new_last_four: None,
            old_last_four: None,
            removed: false,
            pin_stdin: false,
            decisions: VecDeque::new(),
            left: false,
            unanswered: None,
        }
    }

    /// The same person with the decisions that flags give.
    pub(super) fn deciding(mut self, decisions: &[DecisionName]) -> Terminal {
        self.decisions = decisions.iter().copied().collect();
        self
    }

    /// The stop with which the station ended, as this person met it.
    pub(super) fn stopped(&self, stop: Stop) -> Failure {
        Failure::Stopped(Box::new(Stopped {
            stop,
            left: self.left,
            flag: self.unanswered,
        }))
    }

    /// Does something while the progress bar is held back.
    fn aside<T>(&mut self, what: impl FnOnce(&mut Terminal) -> T) -> T {
        match self.progress.clone() {
            Some(bar) => bar.suspend(|| what(self)),
            None => what(self),
        }
    }

    fn ask(&mut self, act: Act) -> bool {
        let (ja, en) = question::of(act);
        let question = (ja.as_str(), en.as_str());
        match act {
            Act::PlaceOld(_) => {
                self.output.remark(question.0, question.1);
                true
            }
            Act::CollectOld(_) => self.yes(question),
            Act::RemoveByHand { number: None, .. } => self.removed(question),
            Act::HandOver(number)
            | Act::Withdraw(number)
            | Act::RemoveByHand {
                number: Some(number),
                ..
            } => {
                let given = self.new_last_four.take();
                self.last_four(question, given, number.last_four(), "--last-four")
            }
            Act::Punch(number) => {
                let given = self.old_last_four.take();
                self.last_four(question, given, number.last_four(), "--punched")
            }
        }
    }

    fn last_four(
        &mut self,
        question: (&str, &str),
        given: Option<String>,
        expected: &str,
        flag: &'static str,
    ) -> bool {
        let given = given.as_deref();
        match self.prompt.last_four(question, given, expected, flag) {
            Ok(()) => true,
            Err(failure) => {
                if self.prompt.no_input && given.is_none() {
                    self.unanswered = Some(flag);
                }
                failure.tell(&self.output);
                false
            }
        }
    }

    /// Without input the command itself is the answer: such an act has a proof of its own.
    fn yes(&self, question: (&str, &str)) -> bool {
        self.prompt.no_input || self.prompt.ask(question, "--no-input").is_ok()
    }

    /// A card without a number: nothing on it proves that it was read, so that the word of the
    /// person, or the flag, is the answer. The sensors must bear it out.
    fn removed(&mut self, question: (&str, &str)) -> bool {
        if self.removed || self.new_last_four.is_some() {
            return true;
        }
        match self.prompt.ask(question, "--removed") {
            Ok(_) => true,
            Err(failure) => {
                self.unanswered = Some("--removed");
                failure.tell(&self.output);
                false
            }
        }
    }

    /// The decision that a flag gives for this stop; said aloud where it is not open here.
    fn given(&mut self, stop: &Stop) -> Option<DecisionName> {
        let name = *self.decisions.front()?;
        if stop.hands(name.decision()).is_some() {
            self.decisions.pop_front();
            return Some(name);
        }
        let (word, code) = (name.word(), stop.code);
        self.output.remark(
            &format!("--decide {word} は {code} では選べません。"),
            &format!("--decide {word} is not open at {code}."),
        );
        None
    }

    fn choose(&mut self, stop: &Stop) -> Option<DecisionName> {
        if self.prompt.no_input || stop.decisions.is_empty() {
            return None;
        }
        stop::tell_asking(stop, &self.output);
        self.left = true;
        loop {
            let question = (
                "決定の記号か名前（Enter でこのまま止める）：",
                "Letter or name of the decision (Enter leaves it stopped):",
            );
            let answer = self.prompt.ask(question, "--decide").ok()?;
            if answer.is_empty() {
                return None;
            }
            let letter = ('a'..='z').zip(stop::open(stop));
            let by_letter = letter
                .into_iter()
                .find(|(letter, _)| answer == letter.to_string());
            let by_name = || DecisionName::from_str(&answer, true).ok();
            let name = by_letter.map(|(_, (name, _))| name).or_else(by_name);
            if let Some(name) = name.filter(|name| stop.hands(name.decision()).is_some()) {
                self.left = false;
                return Some(name);
            }
            self.output.word(self.output.lang.pick(
                "その決定は、ここでは選べません。",
                "That decision is not open here.",
            ));
        }
    }

    /// The hands that this decision needs: who is here, or a supervisor who signs in now.
    fn by(&mut self, name: DecisionName, hands: Hands) -> Option<By> {
        let present = self.present.as_mut()?;
        let by = present.by().ok()?;
        if hands.are(&by) {
            return Some(by);
        }
        let (who_ja, who_en) = hands.words();
        let word = name.word();
        self.output.word(&self.output.lang.pick(
            format!("{word} を決めるのは：{who_ja}。"),
            format!("{word} is decided by: {who_en}."),
        ));
        if self.prompt.no_input {
            self.unanswered = present.supervisor.is_none().then_some("--supervisor");
            return None;
        }
        let people = self.people.clone()?;
        match hands::supervisor(&people, self.pin_stdin, &self.prompt) {
            Ok(signed) => present.supervisor = Some(signed),
            Err(failure) => failure.tell(&self.output),
        }
        let by = present.by().ok().filter(|by| hands.are(by));
        self.left = by.is_none();
        by
    }

    fn settle(&mut self, stop: &Stop) -> Option<(Decision, By)> {
        let name = match self.given(stop) {
            Some(name) => name,
            None => self.choose(stop)?,
        };
        let hands = stop.hands(name.decision())?;
        let by = self.by(name, hands)?;
        Some((name.decision(), by))
    }
}

impl Person for Terminal {
    fn act(&mut self, act: Act) -> bool {
        self.aside(|terminal| terminal.ask(act))
    }

    fn decide(&mut self, stop: &Stop) -> Option<(Decision, By)> {
        self.present.as_ref()?;
        self.aside(|terminal| terminal.settle(stop))
    }

    fn show(&mut self, shown: Shown) {
        match shown {
            Shown::Words(words) => {
                self.aside(|terminal| terminal.output.remark(words.ja(), words.en()));
            }
            // A terminal shows no pictures, and nothing of a holder.
            Shown::OldCard(_) => {}
        }
    }

    fn stop_asked(&mut self) -> bool {
        STOP_ASKED.load(Ordering::Relaxed)
    }
}
