//! Debian's own browser for the tests of the screens: one process for all tests of a binary, a
//! window for each. Says what is touched and typed, what is there, and what a page must be like;
//! knows no screen.

mod axe;
mod driver;
pub mod measure;
mod window;

pub use driver::window;
pub use window::{Browser, Tab};
