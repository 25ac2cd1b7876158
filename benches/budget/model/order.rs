//! The station's order of one card: what waits for what, once, for every world that can take it:
//! the two sessions of the line in virtual time, or the sum that makes ten thousand cards.

use super::talk::{CONNECT, Chip};
use std::time::Duration;
use wire::{Motion, Panel};

/// What a world can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// The panels are named; their raster streams from now on.
    Load,
    /// A motion, accepted. A pass is held back until its panel is there.
    Begin(Motion),
    /// The end of that motion.
    End,
    /// Until the chip of the card that moves is in the antenna's field and seen by the service.
    Couple,
    /// The machine is surveyed.
    Survey,
    /// The rest of the scan that was asked for when the check began.
    Scan,
}

/// What the computer and its neighbours take, besides chip, line and mechanics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Costs {
    /// One record of the journal, on the disk.
    pub(crate) record: Duration,
    /// The authority's answer with the keys.
    pub(crate) keys: Duration,
    /// Comparing chip, faces and scan.
    pub(crate) compare: Duration,
}

/// What makes one card.
pub(crate) trait World {
    /// Does it, and lets the time pass that it takes.
    fn act(&mut self, act: Act);
    /// Lets time pass: the chip's, the authority's, the computer's.
    fn spend(&mut self, time: Duration);
    /// Time since the manifest left.
    fn now(&self) -> Duration;
}

/// Makes one card; the time from the manifest to the card in the slot.
pub(crate) fn make(world: &mut impl World, chip: &Chip, costs: &Costs) -> Duration {
    world.act(Act::Load);
    feed(world, chip, costs);
    encode(world, chip, costs);
    for motion in printing() {
        step(world, costs);
        perform(world, motion);
    }
    step(world, costs);
    check(world, chip, costs);
    step(world, costs);
    perform(world, Motion::Eject);
    world.now()
}

/// The motions between chip and check.
pub(crate) fn printing() -> impl Iterator<Item = Motion> {
    let front = Panel::ALL
        .into_iter()
        .filter(|panel| *panel != Panel::BackK);
    [Motion::Pass(Panel::BackK), Motion::Flip]
        .into_iter()
        .chain(front.map(Motion::Pass))
        .chain([Motion::Hologram])
}

/// Between two steps: the outcome is written, the machine surveyed, the intent written.
fn step(world: &mut impl World, costs: &Costs) {
    world.spend(costs.record);
    world.act(Act::Survey);
    world.spend(costs.record);
}

fn perform(world: &mut impl World, motion: Motion) {
    world.act(Act::Begin(motion));
    world.act(Act::End);
}

/// The blank proves itself while the feed ends.
fn feed(world: &mut impl World, chip: &Chip, costs: &Costs) {
    world.act(Act::Begin(Motion::Feed));
    world.act(Act::Couple);
    world.spend(CONNECT + chip.blank);
    world.act(Act::End);
    world.spend(costs.record * 2);
    world.spend(costs.keys);
    world.spend(costs.record);
}

/// The ribbon is searched while the chip is written.
fn encode(world: &mut impl World, chip: &Chip, costs: &Costs) {
    world.act(Act::Survey);
    world.spend(costs.record);
    world.act(Act::Begin(Motion::SeekRibbon(Panel::BackK)));
    world.spend(CONNECT + chip.write + chip.verify);
    world.act(Act::End);
    step(world, costs);
    world.spend(CONNECT + chip.lock);
}

/// The chip is read and the scan fetched while the card cools.
fn check(world: &mut impl World, chip: &Chip, costs: &Costs) {
    let begun = world.now();
    world.act(Act::Begin(Motion::Check));
    let read = begun + CONNECT + chip.check;
    world.act(Act::End);
    world.act(Act::Scan);
    world.spend(read.saturating_sub(world.now()));
    world.spend(costs.compare);
}
