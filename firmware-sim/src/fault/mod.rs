//! Faults of the simulated printer: one table of what can happen and where, one entry for what
//! shall happen when, and chance. Values only; the machine makes them real.

mod chance;
mod entry;
mod step;
mod table;

pub use chance::{Chance, Dice};
pub use entry::{Fault, Stored, Wish};
pub use step::Step;
pub use table::{Change, Harm, Kind, Lie, Row, Supply, TABLE, What};
