//! What a card's chip really holds, behind the back of its operating system: for whoever must know
//! the truth of it. No part of the card's interface.

use super::Card;
use super::memory::{Flaw, Memory, Vault, application, domain};

/// A chip's memory as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// Version of the keys that it holds.
    pub key_version: u8,
    /// How far its life has come.
    pub life: Life,
    /// Whether it still opens a channel under the keys that were replaced.
    pub stays_open: bool,
    /// The number with which it opens; empty before one was stored.
    pub number: String,
}

/// The life of a chip, as far as its two life cycles say it together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// As delivered.
    Blank,
    /// Written and readable, its issuer domain open.
    Personalised,
    /// Written and readable, its issuer domain closed.
    Secured,
    /// Dead by its own word.
    Terminated,
    /// Anything between.
    Other,
}

impl Life {
    fn of(memory: &Memory) -> Life {
        match (memory.issuer_domain, memory.application) {
            (domain::TERMINATED, _) | (_, application::TERMINATED) => Life::Terminated,
            (domain::SECURED, application::PERSONALIZED) => Life::Secured,
            (domain::LOCKED, _) | (_, application::LOCKED) => Life::Other,
            (_, application::PERSONALIZED) => Life::Personalised,
            (_, application::INSTALLED | application::SELECTABLE) if memory.bytes_stored == 0 => {
                Life::Blank
            }
            _ => Life::Other,
        }
    }
}

impl Card {
    /// What the chip really holds.
    pub fn truth(&self) -> Truth {
        let memory = &self.vault.memory;
        Truth {
            key_version: memory.keys.version,
            life: Life::of(memory),
            stays_open: memory.flaw == Some(Flaw::StaysOpen),
            number: String::from_utf8_lossy(&memory.number).into_owned(),
        }
    }

    /// A file's bytes, by the name that the card specification gives it; none before all of
    /// them were stored.
    pub fn holds(&self, file: &str) -> Option<&[u8]> {
        let stored = self.vault.memory.files.get(file)?;
        stored.complete.then_some(&stored.bytes)
    }

    /// Another card with the same memory, kept nowhere.
    #[must_use]
    pub fn twin(&self) -> Card {
        Card::holding(Vault {
            memory: self.vault.memory.clone(),
            home: None,
        })
    }
}
