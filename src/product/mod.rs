//! What belongs to a card product: number, validity, grounds, periods, names, old-card rule.
//!
//! One generation of the card has its rules here and nowhere else; a second one is a further
//! [`Product`] with further modules. Pure: knows no clock, no disk, no device.

pub mod eligibility;
pub mod ground;
pub mod name;
pub mod nation;
pub mod number;
pub mod period;
pub mod status;
pub mod validity;

pub use eligibility::{DesignatedActivity, Ineligible};
pub use ground::{Ground, OldCardRule, PermissionKind, WorkRestriction};
pub use number::{CardNumber, NumberError};
pub use period::{Period, PeriodError};

use serde::{Deserialize, Serialize};

/// A kind of card that a station can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Product {
    /// Residence card 「在留カード」 of the first generation.
    #[serde(rename = "residence-card-1")]
    ResidenceCard1,
}

impl Product {
    /// Every product, in the order of their introduction.
    pub const ALL: [Product; 1] = [Product::ResidenceCard1];

    /// The name by which approvals, layouts and the command line call it.
    pub fn name(self) -> &'static str {
        match self {
            Product::ResidenceCard1 => "residence-card-1",
        }
    }
}

impl std::fmt::Display for Product {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
