//! The firmware that is not there: an IC-card printer and the chips that go through it.
//!
//! The library is plain state: no file, no socket, no clock of its own. Time is a parameter,
//! bytes go in and out, and what must outlive a power cut is handed to a small store. The
//! binary `firmware-sim` puts a pty, a state folder and the PC/SC service's sockets around it.
//! Nothing here knows the station; only `wire` is shared with it.

pub mod chip;
pub mod control;
pub mod error;
pub mod fault;
pub mod machine;
pub mod noise;
pub mod pace;
pub mod scenario;
pub mod session;
pub mod vpcd;

pub use error::Error;
