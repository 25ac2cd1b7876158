//! The desk reader: sight the old card, confirm it at collection, examine any card.
//! What was seen and what the authority knows make a verdict in `verdict`, which is pure; the
//! card is asked in `look`.

mod look;
mod verdict;

pub use look::{Error, Looked, Trust, look};
pub use verdict::{Forgery, Known, Permits, Seen, Signature, Standing, Verdict, judge};

use crate::authority::contract::{NumberStanding, NumberState};

impl From<&NumberState> for Known {
    fn from(state: &NumberState) -> Known {
        let standing = match state.state {
            NumberStanding::Live => Standing::Live,
            NumberStanding::Void => Standing::Void,
            NumberStanding::Unknown => Standing::Unknown,
            NumberStanding::Reserved | NumberStanding::Produced | NumberStanding::Burned => {
                Standing::NeverLive
            }
        };
        Known {
            standing,
            signed_data: state.chip.map(|digest| digest.0),
            signed: state.signed,
        }
    }
}
