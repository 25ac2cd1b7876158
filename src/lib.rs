//! The card issuance station.
