//! Stories of one counter, each on a rig of its own: what persons, devices and the power do, and
//! what must come of it.

mod book;
mod by_hand;
mod chips;
mod diag;
mod faults;
mod happy;
mod killed;
mod line;
mod machine;
mod office;
mod old_card;
mod persons;
mod refused;
mod row;
mod supplies;
