//! What a motion does to card, ribbon and counters: its first half, and the rest of it.

use card_station::issuance::{Digest, Flipper, Panel, Step};

use super::faults::Fault;
use super::planted::Planted;
use super::truth::At;
use super::world::Sim;

/// The first half of a motion.
pub(crate) fn half(sim: &mut Sim, step: Step) {
    match step {
        Step::Feed => {
            if let Some(card) = sim.cards.iter_mut().find(|card| card.at == At::Hopper) {
                card.at = At::Feeder;
            }
        }
        Step::Print(panel) => {
            sim.machine.wind(panel);
            sim.machine.counters.begun[panel.index()] += 1;
            sim.machine.true_passes[panel.index()] += 1;
            if let Some(card) = sim.at_hand() {
                card.at = At::Head;
                card.faces[panel.index()].begun += 1;
            }
        }
        Step::Flip => {
            if let Some(card) = sim.at_hand() {
                card.at = At::Flipper(Flipper::Between);
            }
        }
        Step::Hologram => {
            sim.machine.counters.patches_begun += 1;
            sim.machine.true_patches += 1;
            sim.machine.patches.left = sim.machine.patches.left.saturating_sub(1);
            if let Some(card) = sim.at_hand() {
                card.at = At::Hologram;
                card.patch.0 += 1;
            }
        }
        Step::Check => {
            if let Some(card) = sim.at_hand() {
                card.at = At::Check;
            }
        }
        Step::Eject
        | Step::Release
        | Step::Reject
        | Step::SightOld
        | Step::Encode
        | Step::Lock
        | Step::CollectOld
        | Step::HandOver
        | Step::Punch
        | Step::Terminate
        | Step::RemoveByHand => {}
    }
}

/// The rest of it.
pub(crate) fn whole(sim: &mut Sim, step: Step) {
    match step {
        Step::Feed => {
            sim.machine.counters.fed += 1;
            sim.machine.counters.since_cleaning += 1;
            place(sim, At::Encoder);
        }
        Step::Print(panel) => burn(sim, panel),
        Step::Flip => {
            sim.machine.counters.flips += 1;
            place(sim, At::Flipper(Flipper::FrontUp));
        }
        Step::Hologram => {
            sim.machine.counters.patches_completed += 1;
            let dies = sim.faults.strikes(Fault::DeadAfterPatch);
            let changes = sim.faults.strikes(Fault::ChangedAfterPatch);
            if let Some(card) = sim.at_hand() {
                card.patch.1 += 1;
                card.chip.dead |= dies;
                if changes {
                    card.chip.files = Some(Digest([0xDD; 32]));
                }
            }
        }
        Step::Check => {}
        Step::Eject => {
            sim.machine.counters.ejected += 1;
            place(sim, At::Exit);
        }
        Step::Release => {
            sim.machine.counters.taken += 1;
            place(sim, At::Clerk);
        }
        Step::Reject => {
            sim.machine.counters.rejected += 1;
            if sim.planted != Planted::RejectSkipped {
                place(sim, At::Tray);
            }
        }
        Step::SightOld
        | Step::Encode
        | Step::Lock
        | Step::CollectOld
        | Step::HandOver
        | Step::Punch
        | Step::Terminate
        | Step::RemoveByHand => {}
    }
}

fn burn(sim: &mut Sim, panel: Panel) {
    let slipped = sim.faults.strikes(Fault::RibbonSlipped);
    let stale = sim.faults.strikes(Fault::OldBuffer);
    let machine = &mut sim.machine;
    machine.counters.completed[panel.index()] += 1;
    let shown = if stale {
        machine.panels_before
    } else {
        machine.panels
    };
    if let Some(card) = sim.at_hand() {
        let burned = &mut card.faces[panel.index()];
        burned.completed += 1;
        burned.content = shown.filter(|_| !slipped).map(|panels| panels.content);
        burned.number = shown.map(|panels| panels.number);
    }
}

fn place(sim: &mut Sim, at: At) {
    if let Some(card) = sim.at_hand() {
        card.at = at;
    }
}
