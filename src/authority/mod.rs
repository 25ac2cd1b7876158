//! The authority: what it and a station say to each other, the station's client, the service.
//!
//! `contract` is all that both sides share; `server` never reaches the station's modules.

pub mod client;
pub mod contract;
pub mod server;

pub use client::{Client, Enrolment, Patience};
