//! The card issuance station: one pure machine decides, one runner writes the intent to disk,
//! lets one device move once, and writes the outcome.

// In the order of the data's way.
pub mod fault;

pub mod product;

pub mod job;

pub mod prepare;

pub mod issuance;

pub mod journal;

pub mod audit;

pub mod stock;

pub mod people;

pub mod desk;

pub mod diag;

pub mod station;

pub mod authority;

pub mod record;

pub mod config;

pub mod kiosk;

pub mod cli;

mod wiping;

/// Holder's data and keys pass through many libraries: none leaves them behind in free memory.
#[global_allocator]
static MEMORY: wiping::Wiping = wiping::Wiping;
