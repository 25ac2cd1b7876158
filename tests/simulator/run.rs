//! One run: a few jobs under faults, then everything heals, an operator who answers finishes, and
//! the checkers look. The seed and the list of strikes are the whole of it.

use card_station::config::Config;
use card_station::fault::{By, Code};
use card_station::issuance::{
    Decision, Ending, Ledger, OldCard, Phase, Place, ReportKind, Select, Withdrawal,
};
use card_station::station::Station;
use card_station::station::request::{Reply, Request, Stop};
use card_station::station::view::Snapshot;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::watch;

use super::book::Book;
use super::faults::{Fault, Faults, Level, Strike};
use super::life::{self, Kind};
use super::operator::{Operator, clerk, told, two};
pub(crate) use super::plan::Plan;
use super::planted::Planted;
use super::truth::{At, OldAt, OnDesk};
use super::world::{Cut, Ended, Reached, Shared, Simulated};
use card_station::authority::server::lease::JobState;

/// What one run came to.
pub(crate) struct Came {
    pub(crate) broken: Vec<String>,
    pub(crate) struck: Vec<Strike>,
    pub(crate) reached: Reached,
    /// At how many places each fault could strike.
    pub(crate) places: Vec<u32>,
}

/// One run of a few issuances.
pub(crate) struct Run<'a> {
    config: &'a Config,
    pub(crate) world: Shared,
    pub(super) operator: Operator,
    station: Option<Station<'a, Simulated>>,
    book: Book,
    rng: fastrand::Rng,
    pub(super) kinds: Vec<Kind>,
    trace: bool,
}

/// How a request ended.
pub(crate) enum Answer {
    Reply(Reply),
    Stop(Box<Stop>),
    Cut,
}

/// Runs it.
pub(crate) fn run(plan: &Plan, config: &Config) -> Came {
    let faults = match &plan.strikes {
        Some(strikes) => Faults::listed(strikes).seeded(plan.seed),
        None => Faults::by_chance(plan.seed, plan.level),
    };
    let world = match plan.level {
        Level::Decision => Shared::new(faults, plan.planted),
        Level::Bytes => Shared::new(faults, plan.planted).of_bytes(plan.seed),
    };
    let mut rng = fastrand::Rng::with_seed(plan.seed);
    let kinds = match plan.kind {
        Some(kind) => vec![life::FIVE[kind].1],
        None => life::kinds(&mut rng),
    };
    let operator = Operator {
        world: world.clone(),
        rng: fastrand::Rng::with_seed(plan.seed ^ 0x0BE2),
        asked: 0,
        trace: plan.trace,
    };
    let mut run = Run {
        config,
        world,
        operator,
        station: None,
        book: Book::default(),
        rng,
        kinds,
        trace: plan.trace,
    };
    run.whole();
    run.came()
}

impl<'a> Run<'a> {
    fn whole(&mut self) {
        life::approve(&mut self.world.borrow_mut(), &self.kinds);
        self.setup();
        for job in 0..self.kinds.len() {
            self.one(job);
        }
        self.heal();
        self.finish();
        if self.world.borrow().broken.is_empty() {
            self.station = None;
            let ledger = self.ledger();
            self.world.borrow_mut().check_end(&ledger, &self.kinds);
        }
    }

    fn came(self) -> Came {
        let mut sim = self.world.borrow_mut();
        let struck = sim.faults.struck().to_vec();
        sim.reached.issuances = sim.authority.grants.len() as u32;
        sim.count_ends();
        Came {
            broken: sim.broken.clone(),
            reached: sim.reached.clone(),
            places: Fault::ALL
                .iter()
                .map(|fault| sim.faults.places(*fault))
                .collect(),
            struck,
        }
    }

    /// One job, as far as it comes with what goes wrong.
    fn one(&mut self, job: usize) {
        self.strike_between();
        let select = {
            let sim = self.world.borrow();
            let approval = &sim.authority.jobs[job].approval;
            match job % 3 {
                0 => Select::Job(approval.job().to_string()),
                1 => Select::Reception(approval.reception.to_string()),
                _ => Select::Next,
            }
        };
        let mut answer = self.ask(Request::Issue {
            select: select.clone(),
            clerk: clerk(),
        });
        if self.world.strikes(Fault::DoubleClick) {
            answer = self.ask(Request::Issue {
                select,
                clerk: clerk(),
            });
        }
        for _ in 0..7 {
            self.react(&answer);
            if !self.is_open() {
                return;
            }
            self.strike_between();
            answer = self.go_on(job);
        }
        self.react(&answer);
    }

    /// What strikes between two requests.
    fn strike_between(&mut self) {
        let world = self.world.clone();
        let mut sim = world.borrow_mut();
        if sim.faults.strikes(Fault::Midnight) {
            sim.time.pass(Duration::from_secs(15 * 3600));
        }
        if sim.faults.strikes(Fault::ClockBack) {
            sim.time.skew(-3_600);
        }
        if sim.faults.strikes(Fault::ClockAhead) {
            sim.time.skew(315_360_000);
        }
        if sim.faults.strikes(Fault::HopperEmpty) {
            sim.empty_hopper();
        }
        if sim.place_of_card() == Some(At::Exit) && sim.faults.strikes(Fault::TakenEarly) {
            sim.pull_out();
            sim.flags.hands_on = true;
        }
        // Older than a witness knows: what nobody but the disk ever saw is lost as in a crash.
        let known = sim.witnessed().min(sim.disk.records.len());
        if known > 20 && sim.disk.shelved.is_none() && sim.faults.strikes(Fault::Rollback) {
            let to = self.rng.usize(8..known);
            sim.disk.roll_back(to);
            drop(sim);
            self.station = None;
        }
    }

    /// Goes on with what is open: hand it over, withdraw it, recover it.
    fn go_on(&mut self, job: usize) -> Answer {
        let ledger = self.ledger();
        let open = ledger.open();
        let produced = open.is_some_and(|issuance| {
            issuance.acknowledged(ReportKind::Produced)
                && issuance.card().place == Place::Exit
                && *issuance.phase() == Phase::Ready
        });
        let mine = open
            .and_then(|issuance| issuance.grant())
            .and_then(|grant| {
                let sim = self.world.borrow();
                let of = |row: &super::authority::JobRow| row.approval.job().as_str() == grant.job;
                sim.authority.jobs.iter().position(of)
            });
        let kind = self.kinds[mine.unwrap_or(job)];
        let withdraws = if produced && kind.withdrawn() {
            self.once(mine.unwrap_or(job))
        } else {
            None
        };
        let request = match (produced, withdraws) {
            (true, Some(reason)) => Request::Withdraw {
                reason,
                by: By::Two(two()),
            },
            (true, None) => Request::HandOver { clerk: clerk() },
            (false, _) => Request::Recover { by: By::Two(two()) },
        };
        self.ask(request)
    }

    /// A person reacts to how a request ended.
    fn react(&mut self, answer: &Answer) {
        let code = match answer {
            Answer::Reply(_) | Answer::Cut => None,
            Answer::Stop(stop) => Some(stop.code),
        };
        self.clear_up();
        self.write_down_rolls();
        let healed = self.world.borrow().faults.healed();
        let Some(code) = code else { return };
        if healed || self.rng.u32(0..4) > 0 {
            self.operator.mend();
        }
        match code {
            Code::Counters | Code::NewerPrinter if self.may_take_over() => {
                let _taken = self.ask(Request::TakeOver { by: two() });
            }
            Code::AuthorityRefused | Code::NoJob | Code::GrantInvalid | Code::GrantReplayed => {
                self.world.borrow().time.pass(Duration::from_secs(2_400));
            }
            // The authority does not want the card in the slot any more: it is withdrawn.
            Code::LeaseEnded if self.may_withdraw() => {
                let _withdrawn = self.ask(Request::Withdraw {
                    reason: Withdrawal::HolderAbsent,
                    by: By::Two(two()),
                });
                self.clear_up();
            }
            Code::ClockUntrusted => self.world.borrow().time.skew(0),
            Code::CardInPath if !self.is_open() => {
                let mut sim = self.world.borrow_mut();
                sim.take_out();
                sim.flags.hands_on = true;
            }
            _ => {}
        }
    }

    /// What persons do unasked: a card that is set apart goes into the bag, an old card that is not
    /// kept goes back to its holder.
    fn clear_up(&mut self) {
        let ledger = self.ledger();
        let issuance = ledger.newest();
        let mut sim = self.world.borrow_mut();
        let set_apart = Phase::Closed(Ending::Reported(ReportKind::Quarantined));
        if *issuance.phase() == set_apart && sim.disk.shelved.is_none() {
            sim.take_out();
        }
        // On an old copy of its journal a station asks for nothing.
        let given_back = issuance.old() == OldCard::GivenBack && sim.disk.shelved.is_none();
        let job = issuance.grant().and_then(|grant| {
            let of = |row: &super::authority::JobRow| row.approval.job().as_str() == grant.job;
            sim.authority.jobs.iter().position(of)
        });
        if let (true, Some(job)) = (given_back, job)
            && let Some(old) = &mut sim.old[job]
            && old.at == OldAt::Box
        {
            old.at = OldAt::Holder;
        }
        sim.desk = OnDesk::Nothing;
    }

    /// Everything is well from here: devices, network, disk, clock.
    fn heal(&mut self) {
        let mut sim = self.world.borrow_mut();
        sim.faults.heal();
        if let Some(press) = &mut sim.press {
            press.heal();
        }
        sim.flags.offline_until = None;
        sim.time.skew(0);
        sim.mend();
        let back = sim.disk.shelved.is_some();
        sim.disk.restore();
        drop(sim);
        if back {
            self.station = None;
        }
    }

    /// An operator who answers brings every job to its end, in a bounded number of requests.
    fn finish(&mut self) {
        let mut last = None;
        for _ in 0..60 {
            if !self.world.borrow().broken.is_empty() {
                return;
            }
            let answer = if self.is_open() {
                self.go_on(0)
            } else {
                let rested = self.ask(Request::Recover { by: By::Two(two()) });
                self.react(&rested);
                match rested {
                    Answer::Reply(_) => match self.waiting() {
                        None => return,
                        Some(select) => self.ask(Request::Issue {
                            select,
                            clerk: clerk(),
                        }),
                    },
                    stopped @ (Answer::Stop(_) | Answer::Cut) => stopped,
                }
            };
            self.react(&answer);
            if let Answer::Stop(stop) = answer {
                last = Some(stop.code);
            }
        }
        let phase = format!("{:?}", self.ledger().newest().phase());
        let rows = self
            .world
            .borrow()
            .authority
            .jobs
            .iter()
            .map(|row| row.state)
            .collect::<Vec<_>>();
        self.world.borrow_mut().breaks(
            "I-35",
            format!("no end; the last stop was {last:?}, {phase}, {rows:?}"),
        );
    }

    /// A job that waits for a card, if one does.
    fn waiting(&self) -> Option<Select> {
        let mut sim = self.world.borrow_mut();
        let leased = |row: &super::authority::JobRow| row.state == JobState::Leased;
        if sim.authority.jobs.iter().any(leased) {
            // A lease that nobody holds any more ends by time.
            sim.time.pass(Duration::from_secs(2_400));
            let now = sim.time.now();
            sim.authority.sweep(now);
        }
        let waits = |row: &&super::authority::JobRow| row.state == JobState::Waiting;
        let row = sim.authority.jobs.iter().find(waits)?;
        Some(Select::Job(row.approval.job().to_string()))
    }

    pub(super) fn is_open(&mut self) -> bool {
        self.ledger().open().is_some()
    }

    /// What the journal says now.
    pub(super) fn ledger(&mut self) -> Rc<Ledger> {
        if let Some(station) = &self.station {
            return Rc::new(station.ledger().clone());
        }
        let read = self.book.read(&self.world.borrow().disk);
        read.unwrap_or_else(|error| {
            let broken = format!("the journal: {error}");
            self.world.borrow_mut().breaks("I-30", broken);
            Rc::default()
        })
    }

    /// Whether persons may take the printer over: no card is open, and the disk is the newest one.
    fn may_take_over(&mut self) -> bool {
        !self.is_open() && self.world.borrow().disk.shelved.is_none()
    }

    /// Whether a person may withdraw the card that is open.
    fn may_withdraw(&mut self) -> bool {
        let choices = self.ledger().newest().choices();
        choices.contains(&Decision::Withdraw(Withdrawal::HolderAbsent))
    }

    /// The withdrawal that this job sees once.
    fn once(&mut self, job: usize) -> Option<Withdrawal> {
        let reason = self.kinds[job].reason?;
        self.kinds[job].reason = None;
        Some(reason)
    }

    /// One request to the station, opened anew where it does not run.
    pub(super) fn ask(&mut self, request: Request) -> Answer {
        let word = self.trace.then(|| format!("{request:?}"));
        self.operator.asked = 0;
        self.world.borrow_mut().reached.requests += 1;
        let (config, world) = (self.config, self.world.clone());
        if self.station.is_none() {
            let mut sim = world.borrow_mut();
            sim.flags.append_failed = false;
            sim.reached.restarts += 1;
            if sim.faults.strikes(Fault::ClockAtStart) {
                let back = -sim.time.now().as_second();
                sim.time.skew(back);
            }
            let clock = sim.time.clock();
            drop(sim);
            let (view, _) = watch::channel(Snapshot::default());
            match Station::open(config, clock, view, world.ground()) {
                Ok(station) => self.station = Some(station),
                Err(stop) => return Answer::Stop(Box::new(stop)),
            }
        }
        let (station, operator) = (self.station.as_mut(), &mut self.operator);
        let served = catch_unwind(AssertUnwindSafe(|| {
            station.map(|station| {
                let answer = station.serve(request, operator);
                world.boundary(Cut::Whole);
                answer
            })
        }));
        let answer = match served {
            Ok(Some(Ok(reply))) => Answer::Reply(reply),
            Ok(Some(Err(stop))) => {
                told(&world, &stop);
                Answer::Stop(Box::new(stop))
            }
            Ok(None) => Answer::Cut,
            Err(end) => {
                if end.downcast_ref::<Ended>().is_none() {
                    world.borrow_mut().breaks("panic", "the station panicked");
                }
                Answer::Cut
            }
        };
        if matches!(answer, Answer::Cut) {
            world.borrow_mut().look();
        }
        let failed = world.borrow().flags.append_failed;
        let forgets = world.borrow().planted == Planted::PoisonForgotten;
        let over = matches!(answer, Answer::Cut) || (failed && !forgets);
        if over || self.rng.u32(0..4) == 0 {
            self.station = None;
        }
        self.say(word, &answer);
        answer
    }

    fn say(&self, word: Option<String>, answer: &Answer) {
        let Some(word) = word else { return };
        let sim = self.world.borrow();
        let came = match answer {
            Answer::Reply(reply) => format!("{reply:?}"),
            Answer::Stop(stop) => format!("stop {} {:?}", stop.code.name(), stop.detail),
            Answer::Cut => "cut".to_owned(),
        };
        let struck = sim.faults.struck().len();
        let used = sim.cards.iter().filter(|card| card.at != At::Hopper);
        let places: Vec<String> = used
            .map(|card| format!("{:?} {:?} {:?}", card.chip.number, card.chip.life, card.at))
            .collect();
        println!(
            "{} {word}\n    → {came}; {struck} strikes; {}",
            sim.time.now(),
            places.join(", ")
        );
    }
}
