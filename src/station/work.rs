//! The workpiece: everything about one card that lives in memory only, and is wiped with it.

use crate::authority::contract::{ChipKeys, KeySet};
use crate::issuance::Digest;
use crate::job::Job;
use crate::prepare::Prepared;

/// One job, prepared and signed. Made again after a crash; its digest must then be the
/// one that the journal holds.
pub struct Work {
    /// The granted job.
    pub job: Job,
    /// What was prepared from it, the authority's signature in its chip files.
    pub prepared: Prepared,
    /// The keys of the bound blank, once the authority released them.
    pub keys: Option<Keys>,
}

/// The keys of one blank, as the chip driver takes them.
pub struct Keys {
    /// Those it was delivered with.
    pub transport: chip::KeySet,
    /// Those it gets.
    pub issuer: chip::KeySet,
}

impl Work {
    /// The number as the chip takes it.
    pub(super) fn number(&self) -> chip::Number {
        // Both are the same twelve characters; each checked its form when it was made.
        chip::Number::try_from(*self.job.number.bytes()).expect("a card number")
    }

    /// The digest of the chip's files, signature included: the evidence of a chip written.
    #[must_use]
    pub fn files_digest(&self) -> Digest {
        super::chips::files_digest(&self.prepared.files)
    }

    /// The digest of what was prepared.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest(self.prepared.digest)
    }
}

impl From<&ChipKeys> for Keys {
    fn from(keys: &ChipKeys) -> Keys {
        let set = |keys: &KeySet| chip::KeySet {
            version: keys.version,
            enc: keys.enc,
            mac: keys.mac,
            dek: keys.dek,
        };
        Keys {
            transport: set(&keys.transport),
            issuer: set(&keys.issuer),
        }
    }
}
