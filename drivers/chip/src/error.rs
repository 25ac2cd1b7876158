//! Why a conversation with a card did not reach its goal, split by who must act.

use crate::generation1::files::FileId;
use crate::witness::ChipState;
use wire::apdu::StatusWord;

/// Why a conversation with a card did not reach its goal. Names steps, files and status words, never
/// contents, numbers or keys.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The way to the card broke during this step; whether the card acted on it is unknown. Identify it again.
    #[error("the card was lost at {step}")]
    Lost {
        /// The command under way.
        step: &'static str,
        /// What the reader said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The card answers, but is none of ours: take it out.
    #[error("not a card of ours: it answered {status} to {step}")]
    Foreign {
        /// The command.
        step: &'static str,
        /// Its status word.
        status: StatusWord,
    },
    /// A card of ours, but not the one that this step is meant for.
    #[error("another card than the one expected")]
    OtherCard {
        /// Chip serial of the card at hand.
        serial: [u8; 10],
    },
    /// The card has been written before, or cannot show that it has not: reject it.
    #[error("the card is not blank")]
    NotBlank {
        /// Its witness.
        state: ChipState,
    },
    /// The keys do not fit this card. After this, give the card up: it is tried once only.
    #[error("the keys of version {version:02X} do not fit the card")]
    WrongKeys {
        /// Key version number that was asked for.
        version: u8,
    },
    /// The card number does not open this card.
    #[error("the card number does not open the card")]
    WrongNumber,
    /// The card understood and refused.
    #[error("the card refused {step} with {status}")]
    Refused {
        /// The command.
        step: &'static str,
        /// Its status word.
        status: StatusWord,
    },
    /// The card did what a locked card must refuse: it must not leave the machine.
    #[error("the card accepted {probe}, which a locked card refuses")]
    NotLocked {
        /// What was tried.
        probe: &'static str,
    },
    /// What was read back is not what was written.
    #[error("{} differs from what was written", file.name())]
    Mismatch {
        /// The first file that differs.
        file: FileId,
    },
    /// The card says that it succeeded, its witness says otherwise.
    #[error("the card's witness contradicts its answer to {step}")]
    Unproven {
        /// What should have been done.
        step: &'static str,
        /// The witness afterwards.
        state: ChipState,
    },
    /// The answer does not have the form, or the authentication code, that it must have.
    #[error("the card's answer to {step} is garbled")]
    Garbled {
        /// The command.
        step: &'static str,
    },
}
