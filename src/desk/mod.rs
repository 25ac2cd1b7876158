//! The desk reader: sight the old card, confirm it at collection, examine any card.
//! What was seen and what the authority knows make a verdict in `verdict`, which is pure.

mod verdict;

pub use verdict::{Forgery, Known, Permits, Seen, Signature, Standing, Verdict, judge};
