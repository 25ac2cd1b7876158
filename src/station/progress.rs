//! Where a card is in its plan, as the screens see it: steps become phases with planned and
//! actual times. Knows the budget and the view; moves nothing.

use std::cell::RefCell;
use std::time::Duration;

use super::view::{Phase, PhaseState, Snapshot};
use crate::config::{Budget, LIMIT_MS};
use crate::issuance::{Panel, Step};
use tokio::sync::watch;

/// The phases of one card, sent whole at each change.
pub(super) struct Progress {
    sender: watch::Sender<Snapshot>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    /// When print data began to flow.
    t0: Option<Duration>,
    /// The phase being done, and since when.
    underway: Option<(&'static str, Duration)>,
}

impl Progress {
    pub(super) fn new(sender: watch::Sender<Snapshot>) -> Progress {
        Progress {
            sender,
            state: RefCell::default(),
        }
    }

    /// A new card: every phase ahead.
    pub(super) fn plan(&self, budget: &Budget, label: impl FnOnce(&mut Snapshot)) {
        self.state.replace(State::default());
        let mut next = Snapshot::planned(phases(budget), LIMIT_MS);
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
        let mut state = self.state.borrow_mut();
        state.underway = Some((name, now));
        if name == "link_check" {
            state.t0 = Some(now);
        }
        let elapsed = state.t0.map(|t0| milliseconds(now.saturating_sub(t0)));
        self.change(|snapshot| {
            snapshot.elapsed_ms = elapsed;
            set(snapshot, name, PhaseState::Underway);
        });
    }

    /// The phase at hand is done and recorded. Tells its name and how long it took.
    pub(super) fn finish(&self, now: Duration) -> Option<(&'static str, u32)> {
        let mut state = self.state.borrow_mut();
        let (name, since) = state.underway.take()?;
        let actual_ms = milliseconds(now.saturating_sub(since));
        let elapsed = state.t0.map(|t0| milliseconds(now.saturating_sub(t0)));
        self.change(|snapshot| {
            snapshot.elapsed_ms = elapsed;
            if name == "eject" {
                snapshot.finished_ms = elapsed;
            }
            set(snapshot, name, PhaseState::Done { actual_ms });
        });
        Some((name, actual_ms))
    }

    /// The phase at hand stopped.
    pub(super) fn stopped(&self) {
        if let Some((name, _)) = self.state.borrow_mut().underway.take() {
            self.change(|snapshot| set(snapshot, name, PhaseState::Stopped));
        }
    }

    fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        self.sender.send_modify(|snapshot| {
            snapshot.version += 1;
            change(snapshot);
        });
    }

    /// The finished phases with their milliseconds, and the whole time to the slot.
    pub(super) fn times(&self) -> (Vec<(String, u32)>, Option<u32>) {
        let snapshot = self.sender.borrow();
        let done = snapshot
            .phases
            .iter()
            .filter_map(|phase| match phase.state {
                PhaseState::Done { actual_ms } => Some((phase.name.to_owned(), actual_ms)),
                PhaseState::Ahead | PhaseState::Underway | PhaseState::Stopped => None,
            });
        (done.collect(), snapshot.finished_ms)
    }

    /// From the first byte of print data to the exit slot, once the card is there.
    pub(super) fn finished_ms(&self) -> Option<u32> {
        self.sender.borrow().finished_ms
    }
}

/// The phases that a screen shows. Moves to the head and to the hologram are part of the
/// motion that begins there, so their plan is, too.
pub(super) fn phases(budget: &Budget) -> Vec<Phase> {
    let mut shown: Vec<Phase> = Vec::new();
    let mut carried = 0;
    for (name, planned_ms) in budget.each_ms() {
        if matches!(name, "to_head" | "to_hologram") {
            carried = planned_ms;
            continue;
        }
        shown.extend(Phase::ahead(name, planned_ms + carried));
        carried = 0;
    }
    shown
}

fn set(snapshot: &mut Snapshot, name: &str, state: PhaseState) {
    for phase in &mut snapshot.phases {
        if phase.name == name {
            phase.state = state;
        }
    }
}

fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
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

    #[test]
    fn moves_are_planned_with_the_motion_that_they_lead_to() {
        let shown = phases(&Budget::default());
        let total: u32 = shown.iter().map(|phase| phase.planned_ms).sum();
        assert_eq!(total, Budget::default().total_ms());
        assert_eq!(
            shown
                .iter()
                .find(|phase| phase.name == "back")
                .map(|p| p.planned_ms),
            Some(2_500)
        );
    }

    #[test]
    fn the_forty_seconds_run_from_the_link_check_to_the_slot() {
        let (sender, receiver) = watch::channel(Snapshot::default());
        let progress = Progress::new(sender);
        progress.plan(&Budget::default(), |_| {});
        progress.begin("link_check", Duration::from_secs(5));
        progress.begin("feed", Duration::from_millis(5_200));
        progress.begin("eject", Duration::from_secs(40));
        assert_eq!(receiver.borrow().finished_ms, None);
        assert_eq!(
            progress.finish(Duration::from_secs(41)),
            Some(("eject", 1_000))
        );
        assert_eq!(receiver.borrow().finished_ms, Some(36_000));
    }
}
