//! All that belongs to cards of the first generation (card specification 1.5). A second generation
//! stands beside this module; nothing outside may assume these sizes, ciphers or files.

pub mod contents;
pub(crate) mod data_groups;
pub mod files;
pub mod prove;
pub mod read;
pub mod secure_messaging;
pub mod signature;
