//! The authority's service: its folder and keys, its storage, its rules, its HTTPS edge.
//!
//! Never reaches the station's modules; what it shares with a station is the contract, the job
//! and the products.

pub mod acts;
pub mod enrol;
mod fault;
mod home;
pub mod import;
pub mod lease;
mod reports;
mod restored;
pub mod routes;
mod secrets;
pub mod service;
pub mod setup;
pub mod store;
pub mod tls;

pub use fault::{Fault, Refused};
pub use home::{Error, Home};
pub use secrets::Secrets;
pub use service::{Authority, Reproduce, Reproduced};

#[cfg(test)]
mod fencing;
#[cfg(test)]
mod tests;
