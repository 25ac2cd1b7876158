//! The card issuance station: one pure machine decides, one runner writes the intent to disk,
//! lets one device move once, and writes the outcome.

pub mod product;

pub mod job;

pub mod prepare;

pub mod authority;

pub mod config;
pub mod desk;
pub mod fault;
pub mod issuance;
pub mod record;
pub mod station;
