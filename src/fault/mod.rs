//! The closed vocabulary of what can go wrong: code, fate of card and number, remedy,
//! and who may decide. Leftmost room: it knows no other module, no device and no clock.

mod code;
mod role;
mod table;

pub use code::Code;
pub use role::{By, NotTwo, Role, Signed, TwoPersons};
pub use table::{CardFate, Choice, Class, Fault, Notice, NumberFate, OldFate, Words};
