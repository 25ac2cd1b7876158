//! Stories of one counter, each on a rig of its own: what persons, devices and the power do, and
//! what must come of it.

mod faults;
mod happy;
mod killed;
mod old_card;
mod refused;
