//! How long is waited for what. Times of the machine are three times the
//! simulator's defaults or more: a slow motion is not a silent printer.

use std::time::Duration;

use wire::service::Order;
use wire::{Motion, Panel};

/// Between two sendings of an unanswered request.
pub(crate) const RESEND: Duration = Duration::from_millis(250);
/// Between two reminders of a motion that is under way: a lost result comes again.
pub(crate) const REMIND: Duration = Duration::from_secs(2);
/// Until an unanswered request is given up.
pub(crate) const REPLY: Duration = Duration::from_secs(3);
/// Between two heartbeats.
pub(crate) const HEARTBEAT: Duration = Duration::from_millis(250);
/// Without a sound frame the link counts as lost.
pub(crate) const SILENCE: Duration = Duration::from_millis(750);
/// Without a sound frame motions under way are given up.
pub(crate) const ABANDON: Duration = Duration::from_secs(5);
/// Until a pass whose panel is still on its way is given up.
pub(crate) const STREAM: Duration = Duration::from_secs(60);
/// Until a scan that is being made or read is given up.
pub(crate) const SCAN: Duration = Duration::from_secs(20);

/// How long each port of several is asked who is there.
pub(crate) const KNOCK: Duration = Duration::from_secs(1);
/// How long a port that vanished is looked for.
pub(crate) const FIND: Duration = ABANDON;
/// Between two looks for it.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// How long a full line is left alone.
pub(crate) const FULL: Duration = Duration::from_millis(1);

/// How long a motion may take before it counts as lost.
pub fn patience(motion: Motion) -> Duration {
    Duration::from_secs(match motion {
        Motion::Feed | Motion::Flip | Motion::Eject => 15,
        Motion::SeekRibbon(_) => 10,
        Motion::Pass(Panel::Y | Panel::M | Panel::C) => 25,
        Motion::Pass(Panel::BackK | Panel::K | Panel::Uv | Panel::Pearl) => 20,
        Motion::Check | Motion::Reject => 30,
        // A cold patch heater is waited for.
        Motion::Hologram => 60,
        // A person takes the card.
        Motion::Release => 300,
    })
}

/// How long a technician's order may take before it counts as lost.
pub fn order_patience(order: Order) -> Duration {
    Duration::from_secs(match order {
        Order::SelfTest => 120,
        Order::ScannerCheck => 20,
        Order::CleanHead => 240,
        Order::Move { .. } => 30,
    })
}
