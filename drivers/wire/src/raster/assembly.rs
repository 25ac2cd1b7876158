//! The printer's side of raster: fragments in any order become panels. Bounded
//! memory; says what it has and how much more it takes.

use super::{BandMap, Digest, Entry, FRAGMENT, Fragment, PanelKey, decode_band};
use crate::condition::Condition;
use crate::message::{Have, PanelHave};
use crate::motion::Panel;
use zeroize::{Zeroize, Zeroizing};

/// Bands that may be in pieces at one time; the oldest makes room.
const MAX_PARTIAL: usize = 8;
/// What an encoded band may be longer than its rows.
const SLACK: usize = 256;

/// What a fragment brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It belongs to no panel here, was here already, or is damaged.
    Ignored,
    /// It waits for the rest of its band.
    Held,
    /// It made a band whole.
    Band,
    /// It made this panel whole, and the digest matched.
    Panel(Panel),
    /// It made this panel whole, but the digest differed: all its bands are gone again.
    Differs(Panel),
}

/// The panels of one card as they arrive.
pub struct Assembly {
    card: u32,
    window: u32,
    held: Vec<Held>,
    partial: Vec<Partial>,
}

struct Held {
    entry: Entry,
    rows: Zeroizing<Vec<u8>>,
    bands: BandMap,
    verified: bool,
}

struct Partial {
    key: PanelKey,
    band: u16,
    crc: u32,
    parts: Vec<Option<Zeroizing<Vec<u8>>>>,
}

impl Partial {
    fn bytes(&self) -> usize {
        self.parts.iter().flatten().map(|part| part.len()).sum()
    }
}

impl Assembly {
    /// Makes room for a manifest. `memory` bounds the panels' bytes, `window`
    /// the encoded bytes that the printer takes ahead of its `Have`.
    ///
    /// # Errors  `Memory`; `BadParameter` when a panel stands twice, has other
    /// bits than its ink, or two of one key differ in shape.
    pub fn new(
        card: u32,
        entries: &[Entry],
        memory: usize,
        window: u32,
    ) -> Result<Self, Condition> {
        for (at, entry) in entries.iter().enumerate() {
            let clashes = |other: &Entry| {
                other.panel == entry.panel
                    || other.digest.key() == entry.digest.key()
                        && (other.shape != entry.shape || other.digest != entry.digest)
            };
            if entry.shape.bits() != entry.panel.bits() || entries[..at].iter().any(clashes) {
                return Err(Condition::BadParameter);
            }
        }
        if entries
            .iter()
            .map(|entry| entry.shape.bytes())
            .sum::<usize>()
            > memory
        {
            return Err(Condition::Memory);
        }
        let hold = |entry: &Entry| Held {
            entry: *entry,
            rows: Zeroizing::new(vec![0; entry.shape.bytes()]),
            bands: BandMap::new(entry.shape.bands()),
            verified: false,
        };
        let held = entries.iter().map(hold).collect();
        Ok(Assembly {
            card,
            window,
            held,
            partial: Vec::new(),
        })
    }

    /// The card that the panels belong to.
    pub fn card(&self) -> u32 {
        self.card
    }

    /// Whether this is the assembly of that manifest, which may then be repeated.
    pub fn is_of(&self, card: u32, entries: &[Entry]) -> bool {
        self.card == card && self.held.iter().map(|held| &held.entry).eq(entries)
    }

    /// A panel's packed rows, once whole and verified.
    pub fn panel(&self, panel: Panel) -> Option<(&Entry, &[u8])> {
        let held = self.held.iter().find(|held| held.entry.panel == panel)?;
        held.verified.then_some((&held.entry, &held.rows))
    }

    /// Takes one fragment. `sha256` computes the digest of a whole panel's rows.
    pub fn take(&mut self, fragment: &Fragment, sha256: impl Fn(&[u8]) -> Digest) -> Taken {
        let Some(held) = self
            .held
            .iter()
            .find(|held| held.entry.digest.key() == fragment.key)
        else {
            return Taken::Ignored;
        };
        let shape = held.entry.shape;
        let Some(range) = shape.band_range(fragment.band) else {
            return Taken::Ignored;
        };
        let longest = (range.len() + SLACK).div_ceil(FRAGMENT);
        if held.bands.has(fragment.band) || usize::from(fragment.of) > longest {
            return Taken::Ignored;
        }
        if self.holds(fragment) {
            return Taken::Ignored;
        }
        let Some(encoded) = self.gather(fragment) else {
            return Taken::Held;
        };
        if crc32fast::hash(&encoded) != fragment.crc {
            return Taken::Ignored;
        }
        match decode_band(&shape, &encoded, range.len()) {
            Ok(rows) => self.place(fragment, range, &rows, sha256),
            Err(_) => Taken::Ignored,
        }
    }

    /// Whether this very fragment waits here for its band already.
    fn holds(&self, fragment: &Fragment) -> bool {
        let Fragment {
            key,
            band,
            index,
            of,
            crc,
            bytes,
        } = fragment;
        self.partial.iter().any(|partial| {
            let same = partial.key == *key && partial.band == *band && partial.crc == *crc;
            let part = partial.parts.get(usize::from(*index));
            same && partial.parts.len() == usize::from(*of)
                && part.is_some_and(|part| part.as_deref() == Some(bytes))
        })
    }

    /// Keeps the fragment with its band's others; gives the encoded band when whole.
    fn gather(&mut self, fragment: &Fragment) -> Option<Zeroizing<Vec<u8>>> {
        let Fragment {
            key,
            band,
            index,
            of,
            crc,
            bytes,
        } = fragment;
        let same_band = |partial: &Partial| partial.key == *key && partial.band == *band;
        let same =
            |partial: &Partial| partial.crc == *crc && partial.parts.len() == usize::from(*of);
        self.partial
            .retain(|partial| !same_band(partial) || same(partial));
        let at = match self.partial.iter().position(same_band) {
            Some(at) => at,
            None => {
                if self.partial.len() == MAX_PARTIAL {
                    self.partial.remove(0);
                }
                let parts = vec![None; usize::from(*of)];
                self.partial.push(Partial {
                    key: *key,
                    band: *band,
                    crc: *crc,
                    parts,
                });
                self.partial.len() - 1
            }
        };
        *self.partial[at].parts.get_mut(usize::from(*index))? = Some(Zeroizing::new(bytes.clone()));
        self.partial[at].parts.iter().all(Option::is_some).then(|| {
            let partial = self.partial.remove(at);
            let mut encoded = Zeroizing::new(Vec::with_capacity(partial.bytes()));
            for part in partial.parts.iter().flatten() {
                encoded.extend_from_slice(part);
            }
            encoded
        })
    }

    fn place(
        &mut self,
        fragment: &Fragment,
        range: std::ops::Range<usize>,
        rows: &[u8],
        sha256: impl Fn(&[u8]) -> Digest,
    ) -> Taken {
        let mut taken = Taken::Band;
        for held in self
            .held
            .iter_mut()
            .filter(|held| held.entry.digest.key() == fragment.key)
        {
            held.rows[range.clone()].copy_from_slice(rows);
            held.bands.set(fragment.band);
            if held.bands.missing() > 0 {
                continue;
            }
            held.verified = sha256(&held.rows) == held.entry.digest;
            taken = if held.verified {
                Taken::Panel(held.entry.panel)
            } else {
                held.bands.clear();
                Taken::Differs(held.entry.panel)
            };
        }
        taken
    }

    /// What is here, and how many encoded bytes more can come now.
    pub fn have(&self, tag: u32) -> Have {
        let waiting = u32::try_from(self.held_in_pieces()).unwrap_or(u32::MAX);
        let panels = self
            .held
            .iter()
            .map(|held| PanelHave {
                verified: held.verified,
                bands: held.bands.clone(),
            })
            .collect();
        Have {
            tag,
            card: self.card,
            free: self.window.saturating_sub(waiting),
            panels,
        }
    }

    /// Bytes of bands that are not whole: bounded, whatever comes.
    pub fn held_in_pieces(&self) -> usize {
        self.partial.iter().map(Partial::bytes).sum()
    }

    /// Overwrites all rows and forgets the panels.
    pub fn erase(&mut self) {
        for held in &mut self.held {
            held.rows.as_mut_slice().zeroize();
        }
        self.held.clear();
        self.partial.clear();
    }
}
