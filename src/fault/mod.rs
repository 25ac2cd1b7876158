//! The closed vocabulary of what can go wrong: code, fate of card and number, remedy,
//! and who may decide. Leftmost room: it knows no other module, no device and no clock.

mod code;
mod fate;
mod loader;
mod role;
mod table;
mod wording;

pub use code::Code;
pub use fate::{CardFate, Fates, NumberFate, OldFate, Words};
pub use loader::Refusal;
pub use role::{By, Hands, NotTwo, Role, Signed, TwoPersons};
pub use table::{Choice, Class, Fault, Notice, Table};
