//! A technician's view of the machine: what may be ordered, what comes back, and how it is told.
//! Pure: the command line and a technician's screen use the same types; `station` runs them.
//!
//! Read `order`, `reading`, `report`; the rest makes readings of what devices and journal say.

pub mod bundle;
pub mod card;
pub mod chip;
pub mod history;
pub mod line;
pub mod machine;
mod order;
mod reading;
mod report;
mod spoken;
pub mod statistics;

pub use order::{Access, Ask, Motor, Order};
pub use reading::{Live, Reading, State, Value};
pub use report::{Detail, Report};
pub use spoken::spoken;
