//! Where a card is in its plan, as the screens see it: steps become phases with planned and
//! actual times, and what was missed has its causes. Knows the plan and the view; moves nothing.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use super::checklist::Check;
use super::notes::{Noted, Notes};
use super::view::{Phase, PhaseState, Snapshot};
use crate::config::{LIMIT_MS, Planned};
use crate::diag::Live;
use crate::issuance::{Cause, Miss, Panel, Step, WHOLE, Why};
use tokio::sync::watch;

/// Time between phases that is worth a cause when the card is over its limit.
const BETWEEN_MS: u32 = 500;

/// The phases of one card, sent whole at each change.
pub(super) struct Progress {
    sender: watch::Sender<Snapshot>,
    notes: Arc<Notes>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    plan: Vec<Planned>,
    /// When print data began to flow.
    t0: Option<Duration>,
    /// The phase being done, and since when.
    underway: Option<(&'static str, Duration)>,
    /// Each phase begun: how often, and the time it took before.
    spent: Vec<(&'static str, u32, u32)>,
    /// When the last phase ended, and what passed between phases.
    ended: Option<Duration>,
    between_ms: u32,
}

/// How long the phases of a card took.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// The finished phases with their milliseconds.
    pub(super) phases: Vec<(String, u32)>,
    /// From the first byte of print data to the slot.
    pub(super) elapsed_ms: Option<u32>,
    /// What was missed.
    pub(super) misses: Vec<Miss>,
}

impl Progress {
    pub(super) fn new(sender: watch::Sender<Snapshot>) -> Progress {
        Progress {
            sender,
            notes: Arc::default(),
            state: RefCell::default(),
        }
    }

    /// Where the causes of lateness are noted.
    pub(super) fn notes(&self) -> Arc<Notes> {
        Arc::clone(&self.notes)
    }

    /// A new card: every phase ahead.
    pub(super) fn plan(&self, plan: Vec<Planned>, label: impl FnOnce(&mut Snapshot)) {
        let mut next = Snapshot::planned(phases(&plan), LIMIT_MS);
        self.state.replace(State {
            plan,
            ..State::default()
        });
        label(&mut next);
        self.sender.send_modify(|snapshot| {
            next.version = snapshot.version + 1;
            *snapshot = next;
        });
    }

    /// A phase begins; the one before it is thereby done.
    pub(super) fn begin(&self, name: &'static str, now: Duration) {
        if self
            .state
            .borrow()
            .underway
            .is_some_and(|(at, _)| at == name)
        {
            return;
        }
        self.finish(now);
        // What was noted between two phases belongs to neither, but the heat that stopped this one.
        let before = self.notes.take();
        self.notes.heat(before.head_hot, before.heater_cold);
        let mut state = self.state.borrow_mut();
        state.underway = Some((name, now));
        let between = state.ended.map_or(0, |ended| since(ended, now));
        state.between_ms += between;
        match state.spent.iter_mut().find(|(at, ..)| *at == name) {
            Some((_, times, _)) => *times += 1,
            None => state.spent.push((name, 1, 0)),
        }
        if name == "link_check" {
            // A blank that was fed again belongs to the same print data.
            state.t0.get_or_insert(now);
        }
        let elapsed = state.t0.map(|t0| since(t0, now));
        self.change(|snapshot| {
            snapshot.elapsed_ms = elapsed;
            set(snapshot, name, PhaseState::Underway, elapsed);
        });
    }

    /// The phase at hand is done and recorded. Tells its name and how long it took.
    pub(super) fn finish(&self, now: Duration) -> Option<(&'static str, u32)> {
        let mut state = self.state.borrow_mut();
        let (name, began) = state.underway.take()?;
        state.ended = Some(now);
        let (tries, actual_ms) = state.spend(name, since(began, now));
        let elapsed = state.t0.map(|t0| since(t0, now));
        let noted = self.notes.take();
        tracing::debug!(phase = name, actual_ms, ?noted, "phase");
        let miss = state.miss(name, actual_ms, tries, &noted);
        let between_ms = state.between_ms;
        self.change(|snapshot| {
            snapshot.elapsed_ms = elapsed;
            // A phase done again is late as a whole, not twice.
            snapshot.misses.retain(|missed| missed.phase != name);
            snapshot.misses.extend(miss);
            if name == "eject" {
                snapshot.finished_ms = elapsed;
                let over = elapsed.filter(|ms| *ms > LIMIT_MS);
                let whole = over.map(|ms| whole_card(ms, between_ms, &snapshot.misses));
                snapshot.misses.extend(whole);
            }
            set(snapshot, name, PhaseState::Done { actual_ms }, None);
        });
        Some((name, actual_ms))
    }

    /// The phase at hand stopped.
    pub(super) fn stopped(&self) {
        if let Some((name, _)) = self.state.borrow_mut().underway.take() {
            self.change(|snapshot| set(snapshot, name, PhaseState::Stopped, None));
        }
    }

    /// What a technician's order shows while it runs.
    pub(super) fn show(&self, live: Live) {
        self.change(|snapshot| snapshot.service = Some(live));
    }

    /// A card waits for something that only needs time; none when it waits no more.
    pub(super) fn waits_for(&self, check: Option<Check>) {
        if self.sender.borrow().waits_for != check {
            self.change(|snapshot| snapshot.waits_for = check);
        }
    }

    fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        self.sender.send_modify(|snapshot| {
            snapshot.version += 1;
            change(snapshot);
        });
    }

    /// How long the phases took, the whole to the slot, and what was missed.
    pub(super) fn taken(&self) -> Taken {
        let snapshot = self.sender.borrow();
        let done = snapshot
            .phases
            .iter()
            .filter_map(|phase| match phase.state {
                PhaseState::Done { actual_ms } => Some((phase.name.to_owned(), actual_ms)),
                PhaseState::Ahead | PhaseState::Underway | PhaseState::Stopped => None,
            });
        Taken {
            phases: done.collect(),
            elapsed_ms: snapshot.finished_ms,
            misses: snapshot.misses.clone(),
        }
    }

    /// From the first byte of print data to the exit slot, once the card is there.
    pub(super) fn finished_ms(&self) -> Option<u32> {
        self.sender.borrow().finished_ms
    }
}

impl State {
    /// Books a phase's time: how often it was begun, and all the time that it took.
    fn spend(&mut self, name: &'static str, ms: u32) -> (u32, u32) {
        let entry = self.spent.iter_mut().find(|(at, ..)| *at == name);
        entry.map_or((1, ms), |(_, times, spent)| {
            *spent += ms;
            (*times, *spent)
        })
    }

    fn miss(&self, name: &str, actual_ms: u32, tries: u32, noted: &Noted) -> Option<Miss> {
        let plan = self.plan.iter().find(|plan| plan.phase == name)?;
        let over_ms = plan.missed_by(actual_ms)?;
        let miss = Miss {
            phase: name.to_owned(),
            planned_ms: plan.planned_ms,
            actual_ms,
            causes: noted.causes(plan, over_ms, tries),
        };
        tracing::info!(phase = name, actual_ms, planned_ms = plan.planned_ms, causes = ?miss.causes, "late");
        Some(miss)
    }
}

/// The card as a whole is over its limit: by what its phases are late by, and what passed between.
fn whole_card(elapsed_ms: u32, between_ms: u32, misses: &[Miss]) -> Miss {
    let mut causes: Vec<Cause> = misses.iter().flat_map(|miss| miss.causes.clone()).collect();
    if between_ms >= BETWEEN_MS {
        causes.push(Cause {
            why: Why::StationSlow,
            ms: Some(between_ms),
            times: None,
        });
    }
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.ms));
    let mut told = Vec::new();
    causes.retain(|cause| {
        let new = !told.contains(&cause.why);
        told.push(cause.why);
        new
    });
    Miss {
        phase: WHOLE.to_owned(),
        planned_ms: LIMIT_MS,
        actual_ms: elapsed_ms,
        causes,
    }
}

/// The phases that a screen shows.
pub(super) fn phases(plan: &[Planned]) -> Vec<Phase> {
    plan.iter().filter_map(Phase::ahead).collect()
}

fn set(snapshot: &mut Snapshot, name: &str, state: PhaseState, began_ms: Option<u32>) {
    for phase in &mut snapshot.phases {
        if phase.name == name {
            phase.state = state;
            phase.began_ms = began_ms.or(phase.began_ms);
        }
    }
}

fn since(then: Duration, now: Duration) -> u32 {
    u32::try_from(now.saturating_sub(then).as_millis()).unwrap_or(u32::MAX)
}

/// The phase that a step of the machine is; none for steps outside the 40 seconds and for
/// those that name their phases themselves.
pub(super) fn phase_of(step: Step) -> Option<&'static str> {
    match step {
        Step::Lock => Some("chip_verify"),
        Step::Print(Panel::BackK) => Some("back"),
        Step::Flip => Some("flip"),
        Step::Print(Panel::Y) => Some("front_yellow"),
        Step::Print(Panel::M) => Some("front_magenta"),
        Step::Print(Panel::C) => Some("front_cyan"),
        Step::Print(Panel::K) => Some("front_black"),
        Step::Print(Panel::Uv) => Some("front_uv"),
        Step::Print(Panel::Pearl) => Some("front_pearl"),
        Step::Hologram => Some("hologram"),
        Step::Check => Some("check"),
        Step::Eject => Some("eject"),
        Step::Feed
        | Step::Encode
        | Step::SightOld
        | Step::CollectOld
        | Step::Release
        | Step::HandOver
        | Step::Punch
        | Step::Terminate
        | Step::Reject
        | Step::RemoveByHand => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Budget, Deadlines};

    fn plan() -> Vec<Planned> {
        Budget::default().timed(&Deadlines::default())
    }

    fn begun() -> (Progress, watch::Receiver<Snapshot>) {
        let (sender, receiver) = watch::channel(Snapshot::default());
        let progress = Progress::new(sender);
        progress.plan(plan(), |_| {});
        (progress, receiver)
    }

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn moves_are_planned_with_the_motion_that_they_lead_to() {
        let shown = phases(&plan());
        let total: u32 = shown.iter().map(|phase| phase.planned_ms).sum();
        assert_eq!(total, Budget::default().total_ms());
        let back = shown.iter().find(|phase| phase.name == "back");
        assert_eq!(back.map(|p| p.planned_ms), Some(2_500));
    }

    #[test]
    fn the_forty_seconds_run_from_the_link_check_to_the_slot() {
        let (progress, receiver) = begun();
        progress.begin("link_check", ms(5_000));
        progress.begin("feed", ms(5_200));
        progress.begin("eject", ms(40_000));
        assert_eq!(receiver.borrow().finished_ms, None);
        assert_eq!(progress.finish(ms(41_000)), Some(("eject", 1_000)));
        assert_eq!(receiver.borrow().finished_ms, Some(36_000));
    }

    #[test]
    fn a_blank_fed_again_is_one_late_feed_of_the_same_card() {
        let (progress, receiver) = begun();
        progress.begin("link_check", ms(0));
        progress.begin("feed", ms(200));
        progress.finish(ms(2_400));
        assert_eq!(receiver.borrow().misses, []);
        progress.begin("link_check", ms(4_600));
        progress.begin("feed", ms(4_610));
        progress.finish(ms(6_810));
        progress.begin("eject", ms(39_000));
        progress.finish(ms(40_300));
        let taken = progress.taken();
        assert_eq!(taken.elapsed_ms, Some(40_300));
        let whys = |miss: &Miss| miss.causes.iter().map(|c| c.why).collect::<Vec<_>>();
        let told: Vec<_> = taken
            .misses
            .iter()
            .map(|miss| (miss.phase.as_str(), miss.actual_ms, whys(miss)))
            .collect();
        let expected = [
            ("feed", 4_400, vec![Why::FedAgain]),
            // Between the phases of this test nothing is noted, so the computer took it.
            (WHOLE, 40_300, vec![Why::StationSlow, Why::FedAgain]),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn notes_stay_with_their_phase() {
        let (progress, receiver) = begun();
        progress.begin("chip_write", ms(0));
        progress.notes().late_command(ms(900));
        progress.begin("chip_verify", ms(3_500));
        progress.finish(ms(6_000));
        let misses = receiver.borrow().misses.clone();
        let [miss] = &misses[..] else {
            panic!("{misses:?}")
        };
        let expected = Cause {
            why: Why::ChipSlow,
            ms: Some(900),
            times: Some(1),
        };
        assert_eq!(
            (miss.phase.as_str(), &miss.causes[..]),
            ("chip_write", &[expected][..])
        );
    }
}
