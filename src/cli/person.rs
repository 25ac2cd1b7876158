//! The person at the terminal, as the station meets them: flags answer first, then questions.
//! Irreversible acts take the last four of the number and no other yes.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;

use clap::ValueEnum;
use indicatif::ProgressBar;

use super::decision::DecisionName;
use super::hands::Present;
use super::output::Output;
use super::prompt::Prompt;
use super::signals::STOP_ASKED;
use super::stop;
use crate::fault::By;
use crate::issuance::Decision;
use crate::station::request::{Act, Person, Stop};

/// The person at the terminal.
pub(super) struct Terminal {
    output: Output,
    prompt: Prompt,
    present: Option<Present>,
    /// Held back while a question stands on the terminal.
    pub(super) progress: Option<ProgressBar>,
    /// Last four of the new card, where a flag gives it.
    pub(super) new_last_four: Option<String>,
    /// Last four of the old card, where a flag says that it is punched.
    pub(super) old_last_four: Option<String>,
    /// Decisions that flags give, one for each stop.
    pub(super) decisions: VecDeque<DecisionName>,
}

impl Terminal {
    pub(super) fn new(output: Output, prompt: Prompt, present: Option<Present>) -> Terminal {
        Terminal {
            output,
            prompt,
            present,
            progress: None,
            new_last_four: None,
            old_last_four: None,
            decisions: VecDeque::new(),
        }
    }

    /// The same person with the decisions that flags give.
    pub(super) fn deciding(mut self, decisions: &[DecisionName]) -> Terminal {
        self.decisions = decisions.iter().copied().collect();
        self
    }

    fn ask(&self, act: Act) -> bool {
        let (ja, en) = question(act);
        let question = (ja.as_str(), en.as_str());
        match act {
            Act::PlaceOld(_) => {
                self.output.remark(question.0, question.1);
                true
            }
            Act::CollectOld(_) | Act::RemoveByHand(None) => self.yes(question),
            Act::HandOver(number) | Act::Withdraw(number) | Act::RemoveByHand(Some(number)) => self
                .last_four(
                    question,
                    &self.new_last_four,
                    number.last_four(),
                    "--last-four",
                ),
            Act::Punch(number) => self.last_four(
                question,
                &self.old_last_four,
                number.last_four(),
                "--punched",
            ),
        }
    }

    fn last_four(
        &self,
        question: (&str, &str),
        given: &Option<String>,
        expected: &str,
        flag: &'static str,
    ) -> bool {
        match self
            .prompt
            .last_four(question, given.as_deref(), expected, flag)
        {
            Ok(()) => true,
            Err(failure) => {
                failure.tell(&self.output);
                false
            }
        }
    }

    /// Without input the command itself is the answer: such an act has a proof of its own.
    fn yes(&self, question: (&str, &str)) -> bool {
        self.prompt.no_input || self.prompt.ask(question, "--no-input").is_ok()
    }

    fn choose(&self, stop: &Stop) -> Option<DecisionName> {
        stop::tell(stop, &self.output);
        let question = (
            "決定（Enter でこのまま止める）：",
            "Decision (Enter leaves it stopped):",
        );
        let answer = self.prompt.ask(question, "--decide").ok()?;
        DecisionName::from_str(&answer, true).ok()
    }
}

impl Person for Terminal {
    fn act(&mut self, act: Act) -> bool {
        match self.progress.clone() {
            Some(bar) => bar.suspend(|| self.ask(act)),
            None => self.ask(act),
        }
    }

    fn decide(&mut self, stop: &Stop) -> Option<(Decision, By)> {
        let by = self.present.as_ref()?.by().ok()?;
        let open = |name: &DecisionName| stop.permits(name.decision(), &by);
        if let Some(name) = self.decisions.front().copied().filter(open) {
            self.decisions.pop_front();
            return Some((name.decision(), by));
        }
        if self.prompt.no_input || stop.decisions.is_empty() {
            return None;
        }
        let name = match self.progress.clone() {
            Some(bar) => bar.suspend(|| self.choose(stop)),
            None => self.choose(stop),
        };
        name.filter(open).map(|name| (name.decision(), by))
    }

    fn stop_asked(&mut self) -> bool {
        STOP_ASKED.load(Ordering::Relaxed)
    }
}

/// The question that an act is, with its consequence, Japanese and English.
fn question(act: Act) -> (String, String) {
    match act {
        Act::PlaceOld(number) => (
            format!("旧カード {number} を読み取り台に置いてください。"),
            format!("Place the old card {number} on the desk reader."),
        ),
        Act::CollectOld(number) => (
            format!("旧カード {number} を回収箱に入れ、Enter を押してください。"),
            format!("Put the old card {number} into the collection box and press Enter."),
        ),
        Act::HandOver(number) => (
            format!(
                "本人の顔と写真を見比べ、{number} を渡してください。渡すと交付になります。\nカード番号の下 4 文字："
            ),
            format!(
                "Compare the holder with the photo, then hand {number} over. That issues it.\nLast four of its number:"
            ),
        ),
        Act::Punch(number) => (
            format!(
                "旧カード {number} に穴をあけてください。もう使えなくなります。\n旧カード番号の下 4 文字："
            ),
            format!("Punch the old card {number}. It is void then.\nLast four of the old number:"),
        ),
        Act::Withdraw(number) => (
            format!(
                "新カード {number} を取り消します。番号は失効し、戻せません。\nカード番号の下 4 文字："
            ),
            format!(
                "The new card {number} is withdrawn. Its number is burned for good.\nLast four of its number:"
            ),
        ),
        Act::RemoveByHand(Some(number)) => (
            format!(
                "カード {number} を取り出し、廃棄袋に入れてください。\nカード番号の下 4 文字："
            ),
            format!("Take the card {number} out and bag it.\nLast four of its number:"),
        ),
        Act::RemoveByHand(None) => (
            "カードを取り出し、廃棄袋に入れ、Enter を押してください。".to_owned(),
            "Take the card out, bag it and press Enter.".to_owned(),
        ),
    }
}
