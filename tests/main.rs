//! The one integration test binary: the rig, the scenarios run against it, and what is pinned.

mod audit;
mod budget;
mod chip_meets_card;
mod cli;
mod coverage;
mod crash;
mod fuzz;
mod kiosk;
mod prepared;
mod rig;
mod scenarios;
mod simulator;
mod tidy;
