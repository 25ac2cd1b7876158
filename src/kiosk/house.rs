//! What all requests share: the state behind its lock, the browsers, the ways to the worker.
//! Opens no socket and moves nothing.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::session::{Idle, Session, Sessions};
use super::state::{State, Turn};
use super::worker::{Answer, Order};
use crate::config::Config;
use crate::station::request::Perform;
use crate::station::view::Snapshot;

/// What all requests share.
pub(super) struct House {
    /// The station's configuration.
    pub(super) config: Config,
    /// The way to the station.
    pub(super) perform: Perform,
    /// The station's one channel.
    pub(super) snapshots: watch::Sender<Snapshot>,
    /// "Stop after this motion" was asked for.
    pub(super) stop_asked: AtomicBool,
    /// Orders that the worker has not taken up yet.
    pub(super) queued: AtomicUsize,
    /// The worker has nothing to do.
    pub(super) idle: AtomicBool,
    sessions: Mutex<Sessions>,
    /// The file of the people who work here.
    pub(super) people_file: PathBuf,
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    orders: Mutex<Option<Sender<Order>>>,
    answers: Mutex<Option<Sender<Answer>>>,
    began: Instant,
}

impl House {
    /// A house whose worker listens at the other ends.
    pub(super) fn new(
        config: Config,
        perform: Perform,
        orders: Sender<Order>,
        answers: Sender<Answer>,
    ) -> House {
        let lock_after = Duration::from_secs(config.kiosk.idle_lock_s.into());
        let mut state = State::new(Turn(chance(16)));
        let plan = config.plan();
        state.tech.plan = plan.iter().map(|one| (one.phase, one.planned_ms)).collect();
        House {
            people_file: config.people_file(),
            config,
            perform,
            snapshots: watch::Sender::new(Snapshot::default()),
            stop_asked: AtomicBool::new(false),
            queued: AtomicUsize::new(0),
            idle: AtomicBool::new(true),
            sessions: Mutex::new(Sessions::new(lock_after)),
            state: Mutex::new(state),
            changed: watch::Sender::new(0),
            orders: Mutex::new(Some(orders)),
            answers: Mutex::new(Some(answers)),
            began: Instant::now(),
        }
    }

    /// Time since the program began.
    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// The browsers.
    pub(super) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is remembered of a browser, and how long it was left alone.
    pub(super) fn browser(&self, id: &str) -> Option<(Session, Idle)> {
        let now = self.now();
        let mut sessions = self.sessions();
        let session = sessions.get(id, now)?;
        let idle = sessions.idle(&session, now);
        Some((session, idle))
    }

    /// Whether anybody is signed in.
    pub(super) fn anybody(&self) -> bool {
        self.sessions().anybody()
    }

    /// Reads the state.
    pub(super) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the state; every screen that watches is told. Acts that were open before are not
    /// open any more.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let told = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let before = (state.stage.clone(), state.approval.clone());
            let told = change(&mut state);
            if before != (state.stage.clone(), state.approval.clone()) {
                state.turn = Turn(chance(16));
            }
            told
        };
        self.tell();
        told
    }

    /// Takes one act if its action id is still open; afterwards it is not. None: it is stale.
    pub(super) fn act<T>(&self, turn: &str, act: impl FnOnce(&mut State) -> T) -> Option<T> {
        let done = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if turn != state.turn.0 {
                return None;
            }
            let done = act(&mut state);
            state.turn = Turn(chance(16));
            done
        };
        self.tell();
        Some(done)
    }

    fn tell(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// Counts the changes.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Gives the worker something to do.
    pub(super) fn order(&self, order: Order) {
        self.idle.store(false, Ordering::SeqCst);
        let orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(orders) = orders.as_ref() {
            self.queued.fetch_add(1, Ordering::SeqCst);
            // A worker that ended takes the house with it.
            let _ = orders.send(order);
        }
    }

    /// Answers what the worker waits for.
    pub(super) fn answer(&self, answer: Answer) {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answers) = answers.as_ref() {
            let _ = answers.send(answer);
        }
    }

    /// Stops after this motion; no question is asked any more, no order taken.
    pub(super) fn close(&self) {
        self.stop_asked.store(true, Ordering::SeqCst);
        let closed = |lock: PoisonError<_>| lock.into_inner();
        drop(self.orders.lock().unwrap_or_else(closed).take());
        let closed = |lock: PoisonError<_>| lock.into_inner();
        drop(self.answers.lock().unwrap_or_else(closed).take());
    }
}

/// Chance from the system, in hexadecimal digits.
pub(super) fn chance(bytes: usize) -> String {
    let mut chance = vec![0; bytes];
    // Without chance there is no session and no action id: nothing can be served.
    getrandom::fill(&mut chance).expect("the system gives chance");
    hex::encode(chance)
}
