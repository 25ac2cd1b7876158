//! The one integration test binary: the rig, the scenarios run against it, and what is pinned.

mod cli;
mod tidy;
