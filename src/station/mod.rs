//! The station: the only room that moves a device.

pub mod kit;
pub mod ledger;
pub mod request;
pub mod view;
