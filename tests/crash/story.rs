//! One card's story: issued, cut, recovered and handed over by persons who answer what they see at
//! the machine. They know no rule of the station's; they come again until the job has its end.

use std::path::PathBuf;

use serde_json::Value;

use super::book::{Authority, Book};
use super::chance::Chance;
use super::cut::{self, Cut};
use super::tally::Tally;
use crate::rig::{CLERK, Rig, SUPERVISOR, Said, last_four};

/// Commands that a job may take: healed, it ends in bounded time.
const MOST: u32 = 40;

/// The old card that the holder returns.
#[derive(Clone)]
pub(super) struct Old {
    pub(super) number: String,
    pub(super) folder: PathBuf,
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    Delivered,
    Withdrawn,
}

/// What a person does next.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Act {
    Issue,
    Recover(String),
    HandOver,
    Withdraw,
    Over(End),
}

/// One job at one station.
pub(super) struct Story<'a> {
    pub(super) rig: &'a Rig,
    pub(super) reception: String,
    /// Whether the finished card is to be withdrawn.
    pub(super) withdraw: bool,
    pub(super) old: Option<Old>,
    pub(super) cuts: Vec<Cut>,
    pub(super) chance: Chance,
    pub(super) tally: &'a Tally,
    /// Stops that were met, each with what was decided, in order.
    pub(super) path: Vec<String>,
    /// Cuts that struck.
    pub(super) struck: u32,
    looked_again: u32,
    withdrawn: bool,
}

impl<'a> Story<'a> {
    pub(super) fn new(rig: &'a Rig, reception: String, chance: Chance, tally: &'a Tally) -> Self {
        Story {
            rig,
            reception,
            withdraw: false,
            old: None,
            cuts: Vec::new(),
            chance,
            tally,
            path: Vec::new(),
            struck: 0,
            looked_again: 0,
            withdrawn: false,
        }
    }

    /// Plays it to its end.
    pub(super) fn play(&mut self) -> End {
        let mut act = Act::Issue;
        for _ in 0..MOST {
            if let Act::Over(end) = act {
                return end;
            }
            let line = self.line(&act);
            let two = matches!(act, Act::Recover(_) | Act::Withdraw);
            let by: &[_] = if two { &[CLERK, SUPERVISOR] } else { &[CLERK] };
            // Some cuts wait for a later command, the last ones for what ends the job.
            let last = matches!(act, Act::HandOver | Act::Withdraw);
            let now = last || self.chance.percent(70);
            let cut = if now { self.cuts.pop() } else { None };
            let (said, struck) = cut::run(self.rig, &line, by, cut, &self.tally.times);
            self.tally.heard(&said, act_name(&act), struck.as_ref());
            self.path.push(told(&line, &said, struck.as_ref()));
            match struck {
                Some(_) => self.struck += 1,
                // It ended before its instant came: the next command is cut instead.
                None => self.cuts.extend(cut),
            }
            act = self.next(&act, &said);
        }
        panic!("no end after {MOST} commands");
    }

    fn line(&self, act: &Act) -> String {
        let four = self.four();
        let punched = self.old.as_ref();
        let punched = punched.map_or_else(String::new, |old| {
            format!(" --punched {}", last_four(&old.number))
        });
        match act {
            Act::Issue => format!("issue --reception {}", self.reception),
            Act::Recover(flags) => format!("recover{flags} --removed --last-four {four}"),
            Act::HandOver => format!("handover --last-four {four}{punched}"),
            Act::Withdraw => format!("withdraw --reason holder-absent --last-four {four}"),
            Act::Over(_) => String::new(),
        }
    }

    fn four(&self) -> String {
        let number = Book::of(self.rig).number();
        number.map_or_else(|| "0000".to_owned(), |number| last_four(&number).to_owned())
    }

    fn next(&mut self, act: &Act, said: &Said) -> Act {
        let Some(exit) = said.exit else {
            return Act::Recover(String::new());
        };
        assert_ne!(exit, 101, "the station panicked");
        let stop = &said.result()["stop"];
        if !stop.is_null() {
            return self.stopped(act, said);
        }
        match said.text("reached").as_str() {
            "produced" if self.withdraw && !self.withdrawn => Act::Withdraw,
            "produced" => Act::HandOver,
            "delivered" => Act::Over(End::Delivered),
            "withdrawn" => {
                self.withdrawn = true;
                Act::Over(End::Withdrawn)
            }
            // No card came of this attempt, or nobody knows what came of it.
            "returned" | "quarantined" => Act::Issue,
            "idle" => self.idle(),
            other => panic!("it reached {other:?}: {}", said.result()),
        }
    }

    /// Nothing is open: a person asks the authority what became of the job.
    fn idle(&self) -> Act {
        let number = Book::of(self.rig).number();
        let authority = Authority::of(self.rig);
        match authority.job(&self.reception).as_str() {
            "waiting" if self.withdraw && self.is_burned(number.as_deref(), &authority) => {
                Act::Over(End::Withdrawn)
            }
            "waiting" => Act::Issue,
            "delivered" | "closed" => Act::Over(End::Delivered),
            other => panic!("nothing is open here, and the job is {other}"),
        }
    }

    /// The newest attempt is this job's and was withdrawn before the station could say so.
    fn is_burned(&self, number: Option<&str>, authority: &Authority) -> bool {
        let mine = authority.job_id(&self.reception);
        let attempts = Book::of(self.rig).attempts();
        let newest = attempts.last().filter(|attempt| attempt.job == mine);
        newest.is_some()
            && Book::of(self.rig).was_withdrawn()
            && number.is_some_and(|number| authority.number(number) == "burned")
    }

    fn stopped(&mut self, act: &Act, said: &Said) -> Act {
        let code = said.result()["stop"]["code"].as_str().unwrap_or_default();
        assert!(!code.is_empty(), "refused: {}", said.result());
        assert!(!code.starts_with("J-"), "the journal: {}", said.err);
        let open = said.decisions();
        if open.is_empty() || matches!(code, "X-JOB-OPEN" | "X-NOT-PRODUCED") {
            return match (act, code) {
                // The old card's end is asked for at hand-over only.
                (Act::Recover(_), "O-NOT-DONE") => Act::HandOver,
                (Act::Issue | Act::Recover(_) | Act::HandOver | Act::Withdraw, _) => {
                    Act::Recover(String::new())
                }
                (Act::Over(_), _) => unreachable!("it is over"),
            };
        }
        match self.decide(code, &open) {
            // What is open would give a good card up: they come again.
            None => Act::Recover(String::new()),
            Some(decision) => {
                self.tally.decided(code, decision);
                Act::Recover(format!(" --decide {decision}"))
            }
        }
    }

    /// What a person who looks at the machine decides.
    fn decide(&mut self, code: &str, open: &[&str]) -> Option<&'static str> {
        let card = self.rig.card_is();
        let step = Book::of(self.rig).step();
        let may = |decision: &str| open.contains(&decision);
        let at_exit = card.as_str() == Some("exit");
        let decision = match step.as_str() {
            // Where only giving the card up is open, they come again.
            _ if code == "A-OFFLINE" => return may("continue").then_some("continue"),
            "feed" if may("untouched") && card.is_null() => "untouched",
            "release" if may("untouched") && at_exit => "untouched",
            "release" if may("done") => "done",
            "eject" if may("done") && at_exit => "done",
            "hand-over" | "punch" | "collect-old" if may("done") && may("untouched") => {
                if self.chance.percent(50) {
                    "done"
                } else {
                    "untouched"
                }
            }
            "remove-by-hand" if may("done") => {
                self.take_out(&card);
                "done"
            }
            _ => return self.decide_about_the_card(open, &card),
        };
        Some(decision)
    }

    fn decide_about_the_card(&mut self, open: &[&str], card: &Value) -> Option<&'static str> {
        let may = |decision: &&&str| open.contains(*decision);
        // The cause is over: the devices look once more before a person judges.
        let again = ["continue", "spoiled", "by-hand", "quarantine", "cancel"];
        let hard = ["spoiled", "by-hand", "quarantine", "continue", "cancel"];
        self.looked_again += 1;
        let order = if self.looked_again.is_multiple_of(3) {
            hard
        } else {
            again
        };
        let decision = order.iter().find(may).copied();
        let decision = decision.or(open.contains(&"untouched").then_some("untouched"));
        if matches!(decision, Some("by-hand" | "quarantine")) {
            self.take_out(card);
        }
        decision
    }

    fn take_out(&self, card: &Value) {
        if !card.is_null() {
            self.rig.control("remove-card");
        }
    }
}

fn act_name(act: &Act) -> &'static str {
    match act {
        Act::Issue => "issue",
        Act::Recover(_) => "recover",
        Act::HandOver => "handover",
        Act::Withdraw => "withdraw",
        Act::Over(_) => "over",
    }
}

fn told(line: &str, said: &Said, struck: Option<&cut::Struck>) -> String {
    let end = match (said.exit, said.fault()) {
        (None, _) => "killed".to_owned(),
        (Some(_), "") => said.text("reached"),
        (Some(_), fault) => fault.to_owned(),
    };
    let cut = struck.map_or_else(String::new, |cut| {
        format!(" [{:?} at {}]", cut.kind, cut.phase)
    });
    format!("{line}{cut} -> {end}")
}
