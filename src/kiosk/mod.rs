//! The screens: a service on this machine alone, from which the counter's browser takes its
//! pages. It asks the station through the one door and never moves a device itself; the server's
//! state is the truth, and a browser may be reloaded at any moment.

mod books;
mod entry;
mod faces;
#[cfg(test)]
mod gallery;
mod guard;
mod handle;
mod house;
mod live;
mod material;
mod post;
mod routes;
mod screens;
mod serve;
mod session;
mod state;
mod tech;
mod words;
mod worker;

pub use serve::{Error, serve};
