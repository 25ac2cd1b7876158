//! The simulated card as a terminal meets it: its laws in this process, and once more through the
//! real PC/SC service.

mod anything;
mod forged;
mod host;
mod issuing;
mod reading;
mod service;
