//! Any order of steps, losses, waits, replays, spoiled cards, write-offs and backups that are put
//! back: never two cards of one job outside, nothing told twice, nothing lost, always an end.

use super::super::acts;
use super::agent::{Agent, Truth, Went};
use super::bench::{Bench, jobs, two};
use crate::authority::contract::Withdrawal;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Op {
    /// A station goes on; its answer may be lost.
    Step {
        who: usize,
        job: u8,
        lost: bool,
    },
    /// Time passes: from a minute to a partition of seven days.
    Wait(i64),
    Spoil(usize),
    Withdraw(usize, Withdrawal),
    /// An earlier request once more, from the same or the other station.
    Replay {
        at: usize,
        foreign: bool,
    },
    /// Two persons write the attempt off that holds a job, whatever its station does.
    WriteOff(u8),
    BackUp,
    PutBack,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        24 => (0..2usize, any::<u8>(), prop::bool::weighted(0.2))
            .prop_map(|(who, job, lost)| Op::Step { who, job, lost }),
        3 => prop_oneof![Just(1), Just(29), Just(31), Just(24 * 60), Just(7 * 24 * 60)]
            .prop_map(Op::Wait),
        2 => (0..2usize).prop_map(Op::Spoil),
        1 => (0..2usize, prop_oneof![
                Just(Withdrawal::HolderAbsent), Just(Withdrawal::Stopped), Just(Withdrawal::DayPassed),
                Just(Withdrawal::DataWrong), Just(Withdrawal::OldForged)])
            .prop_map(|(who, why)| Op::Withdraw(who, why)),
        4 => (any::<usize>(), any::<bool>()).prop_map(|(at, foreign)| Op::Replay { at, foreign }),
        1 => any::<u8>().prop_map(Op::WriteOff),
        1 => Just(Op::BackUp),
        1 => Just(Op::PutBack),
    ]
}

struct Run {
    bench: Bench,
    truth: Truth,
    agents: [Agent; 2],
    put_back: bool,
}

impl Run {
    fn new() -> Run {
        Run {
            bench: Bench::new(),
            truth: Truth::default(),
            agents: [Agent::new(0), Agent::new(1)],
            put_back: false,
        }
    }

    fn takes(&mut self, op: &Op) {
        match op {
            Op::Step { who, job, lost } => self.step(*who, *job, *lost),
            Op::Wait(minutes) => self.bench.wait(*minutes),
            Op::Spoil(who) => self.agents[*who].spoil(&self.bench),
            Op::Withdraw(who, why) => self.agents[*who].withdraw(&self.bench, *why),
            Op::Replay { at, foreign } => self.replay(*at, *foreign),
            Op::WriteOff(job) => self.write_off(usize::from(*job) % jobs().len()),
            Op::BackUp => self.bench.back_up(),
            Op::PutBack => {
                if self.bench.put_back() {
                    self.put_back = true;
                    // What was answered since is not in this copy: it is no replay any more.
                    self.truth.sent.clear();
                    acts::put_back(&mut self.bench.store(), &two(), self.bench.now).unwrap();
                }
            }
        }
        self.holds();
    }

    fn step(&mut self, who: usize, job: u8, lost: bool) {
        let went = self.agents[who].step(&self.bench, &mut self.truth, job, lost);
        assert_eq!(went, Went::On, "what must be told is refused");
    }

    fn replay(&mut self, at: usize, foreign: bool) {
        if self.truth.sent.is_empty() {
            return;
        }
        let sent = self.truth.sent[at % self.truth.sent.len()].clone();
        let before = self.bench.picture();
        let yes = Agent::replay(&self.bench, &self.agents, &sent, foreign);
        assert!(!(foreign && yes), "another station's grant was of use");
        assert_eq!(before, self.bench.picture(), "a replay changed something");
    }

    fn write_off(&mut self, job: usize) {
        let job = &jobs()[job];
        for (attempt, _) in self.bench.holding(job) {
            let mut store = self.bench.store();
            acts::write_off(&mut store, job, attempt, &two(), self.bench.now).unwrap();
        }
    }

    fn holds(&self) {
        for (job, cards) in &self.truth.outside {
            assert!(cards.len() <= 1, "{job} has two cards outside: {cards:?}");
        }
        self.bench.holds_its_laws();
    }

    /// Nothing fails any more: every station ends what it holds, and every job that may have a
    /// card gets exactly one.
    fn heals(&mut self) {
        for who in 0..2 {
            for _ in 0..24 {
                if !self.agents[who].idle() {
                    self.step(who, 0, false);
                }
            }
            assert!(self.agents[who].idle(), "a station never ends");
        }
        for (at, job) in jobs().iter().enumerate() {
            self.looked_after(at);
            for _ in 0..40 {
                let state = self.bench.job_state(job);
                if state != "waiting" && self.agents[0].idle() {
                    break;
                }
                self.step(0, u8::try_from(at).unwrap(), false);
                self.holds();
            }
            let outside = self.truth.outside.get(&job.to_string()).map_or(0, Vec::len);
            let state = self.bench.job_state(job);
            match state.as_str() {
                "closed" => assert_eq!(outside, 1, "closed without a card"),
                "refused" => {}
                other => assert!(
                    self.put_back && outside == 1 && other != "waiting",
                    "{job} ends as {other} with {outside} cards"
                ),
            }
            let live = self.bench.live_numbers(job);
            assert!(live <= outside, "a number is live and no card is outside");
            assert!(
                self.put_back || live == outside,
                "a card outside is not live"
            );
        }
    }

    /// After a backup was put back two persons look in the stations' journals: what no station
    /// holds is written off, what is not outside may become a card.
    fn looked_after(&mut self, at: usize) {
        self.write_off(at);
        // A grant of another job, ended in truth and open in the copy, still binds its station.
        (0..jobs().len()).for_each(|other| self.write_off(other));
        let job = &jobs()[at];
        let outside = self.truth.outside.contains_key(&job.to_string());
        if self.bench.job_state(job) == "set_aside" && !outside {
            acts::release(&mut self.bench.store(), job, &two(), self.bench.now).unwrap();
        }
        assert!(self.agents.iter().all(|agent| agent.job().is_none()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn by_chance_there_are_never_two_cards_and_always_an_end(
        ops in prop::collection::vec(op(), 0..60)
    ) {
        let mut run = Run::new();
        for op in &ops {
            run.takes(op);
        }
        run.heals();
    }
}

/// As many as `FENCING_CASES` says; about a hundred in the ordinary tests.
fn cases() -> u32 {
    let asked = std::env::var("FENCING_CASES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(96)
}
