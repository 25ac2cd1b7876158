//! What the firmware keeps over a power cut: counters, tags, the last motion, the newest journal
//! sequence. One value, stored whole, so that each update is atomic at any cut.

use serde::{Deserialize, Serialize};
use wire::{Condition, Counters, Face, MotionId, Panel, Supplies, SupplyKind, Tag};

/// A motion that was accepted, and how it ended if it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spent {
    id: [u32; 3],
    /// Condition code, 0 when done, and milliseconds; nothing when it never ended.
    end: Option<(u16, u32)>,
}

/// How a motion ended: the condition unless it was done, and milliseconds.
pub(super) type End = (Option<Condition>, u32);

/// Everything that outlives the power.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nonvolatile {
    /// The one-way counters.
    #[serde(with = "CountersImage")]
    pub counters: Counters,
    /// Tags of what is loaded.
    #[serde(with = "SuppliesImage")]
    pub supplies: Supplies,
    /// Newest journal sequence that any host has named.
    pub newest_sequence: u64,
    /// The last motion that was accepted.
    pub last_motion: Option<[u32; 3]>,
    /// Every motion accepted for the card of `last_motion`: none of them moves again.
    pub spent: Vec<Spent>,
    /// Which face the firmware knows to be up: 1 front, 2 back, 0 unknown.
    pub face_up: u8,
    /// The panel that the ribbon stands at.
    pub ribbon_at: Option<u8>,
    /// Technicians' orders, the log, the hours.
    #[serde(default)]
    pub service: super::Service,
    /// Whether the printer was switched off, and did not just lose its power.
    #[serde(default)]
    pub shut_down: bool,
    /// Supplies that were ever put in by hand: what their serials count.
    #[serde(default)]
    pub loaded: u32,
}

impl Nonvolatile {
    /// A machine fresh from the factory, loaded with a ribbon and patches.
    pub fn factory() -> Nonvolatile {
        let tag = |kind, name: &[u8; 8], lot, capacity, expires| {
            Some(Tag {
                kind,
                serial: *name,
                lot,
                capacity,
                remaining: capacity,
                expires,
            })
        };
        Nonvolatile {
            supplies: Supplies {
                blanks: tag(SupplyKind::Blanks, b"BL000001", 202_401, 200, 0),
                ribbon: tag(SupplyKind::Ribbon, b"RB000001", 202_402, 500, 20_991_231),
                patches: tag(SupplyKind::Patches, b"HG000001", 202_403, 500, 20_991_231),
            },
            shut_down: true,
            ..Nonvolatile::default()
        }
    }

    /// The last motion that was accepted.
    pub fn last_motion(&self) -> Option<MotionId> {
        self.last_motion.map(motion_id)
    }

    /// Notes that the motion is accepted and about to move.
    pub fn spend(&mut self, id: MotionId) {
        if self.last_motion().is_none_or(|last| last.card != id.card) {
            self.spent.clear();
        }
        self.spent.push(Spent {
            id: image(id),
            end: None,
        });
        self.last_motion = Some(image(id));
    }

    /// Notes how the motion ended.
    pub(super) fn end(&mut self, id: MotionId, (condition, elapsed_ms): End) {
        if let Some(spent) = self.spent.iter_mut().find(|spent| spent.id == image(id)) {
            spent.end = Some((condition.map_or(0, Condition::code), elapsed_ms));
        }
    }

    /// Whether the motion was accepted before, or belongs to a card before the one at hand.
    pub fn is_spent(&self, id: MotionId) -> bool {
        self.last_motion().is_some_and(|last| id.card < last.card)
            || self.spent.iter().any(|spent| spent.id == image(id))
    }

    /// How the motion ended; one that power cut short ended so. `None` if it is not known here.
    pub(super) fn ended(&self, id: MotionId) -> Option<End> {
        let spent = self.spent.iter().find(|spent| spent.id == image(id))?;
        Some(match spent.end {
            None => (Some(Condition::PowerLost), 0),
            Some((0, elapsed_ms)) => (None, elapsed_ms),
            Some((code, elapsed_ms)) => (Some(Condition::from(code)), elapsed_ms),
        })
    }

    /// Whether the motion was accepted here and never ended.
    pub(super) fn cut_short(&self, id: MotionId) -> bool {
        let cut = |spent: &Spent| spent.id == image(id) && spent.end.is_none();
        self.spent.iter().any(cut)
    }

    /// The face that the firmware knows to be up.
    pub fn face_up(&self) -> Option<Face> {
        match self.face_up {
            1 => Some(Face::Front),
            2 => Some(Face::Back),
            _ => None,
        }
    }

    /// Notes the face that is up, or that it is unknown.
    pub fn set_face_up(&mut self, face: Option<Face>) {
        self.face_up = match face {
            None => 0,
            Some(Face::Front) => 1,
            Some(Face::Back) => 2,
        };
    }

    /// Whether the ribbon stands at this panel.
    pub fn ribbon_is_at(&self, panel: Panel) -> bool {
        self.ribbon_at == Some(panel.index() as u8)
    }

    /// The ribbon moves on behind a panel that was used.
    pub fn ribbon_behind(&mut self, panel: Panel) {
        self.ribbon_at = Panel::ALL
            .get(panel.index() + 1)
            .map(|next| next.index() as u8);
    }
}

fn image(id: MotionId) -> [u32; 3] {
    [id.card, id.step.into(), id.attempt.into()]
}

fn motion_id([card, step, attempt]: [u32; 3]) -> MotionId {
    MotionId {
        card,
        step: step as u8,
        attempt: attempt as u8,
    }
}

/// The counters as they are stored.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Counters", deny_unknown_fields)]
struct CountersImage {
    fed: u32,
    ejected: u32,
    taken: u32,
    rejected: u32,
    lost: u32,
    begun: [u32; 7],
    completed: [u32; 7],
    patches_begun: u32,
    patches_completed: u32,
    flips: u32,
    power_ons: u32,
    since_cleaning: u32,
}

/// The tags as they are stored: an absent supply is an absent key.
struct SuppliesImage;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TagImage {
    kind: u8,
    serial: [u8; 8],
    lot: u32,
    capacity: u32,
    remaining: u32,
    #[serde(default)]
    expires: u32,
}

impl SuppliesImage {
    fn serialize<S: serde::Serializer>(supplies: &Supplies, to: S) -> Result<S::Ok, S::Error> {
        let Supplies {
            blanks,
            ribbon,
            patches,
        } = supplies;
        [blanks, ribbon, patches]
            .map(|tag| {
                tag.map(
                    |Tag {
                         kind,
                         serial,
                         lot,
                         capacity,
                         remaining,
                         expires,
                     }| {
                        let kind = match kind {
                            SupplyKind::Blanks => 1,
                            SupplyKind::Ribbon => 2,
                            SupplyKind::Patches => 3,
                            SupplyKind::Other(code) => code,
                        };
                        TagImage {
                            kind,
                            serial,
                            lot,
                            capacity,
                            remaining,
                            expires,
                        }
                    },
                )
            })
            .serialize(to)
    }

    fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Supplies, D::Error> {
        let [blanks, ribbon, patches] = <[Option<TagImage>; 3]>::deserialize(from)?.map(|tag| {
            tag.map(
                |TagImage {
                     kind,
                     serial,
                     lot,
                     capacity,
                     remaining,
                     expires,
                 }| {
                    Tag {
                        kind: SupplyKind::from(kind),
                        serial,
                        lot,
                        capacity,
                        remaining,
                        expires,
                    }
                },
            )
        });
        Ok(Supplies {
            blanks,
            ribbon,
            patches,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back() {
        let mut kept = Nonvolatile::factory();
        kept.counters.begun[3] = 7;
        kept.spend(MotionId {
            card: 2,
            step: 3,
            attempt: 1,
        });
        kept.set_face_up(Some(Face::Back));
        let json = serde_json::to_string(&kept).expect("plain data");
        assert_eq!(
            serde_json::from_str::<Nonvolatile>(&json).expect("own data"),
            kept
        );
    }

    #[test]
    fn a_motion_is_spent_for_good() {
        let mut kept = Nonvolatile::factory();
        let id = |card, step, attempt| MotionId {
            card,
            step,
            attempt,
        };
        kept.spend(id(2, 1, 1));
        kept.spend(id(2, 2, 1));
        assert!(kept.is_spent(id(2, 1, 1)));
        assert!(!kept.is_spent(id(2, 2, 2)));
        assert!(
            kept.is_spent(id(1, 9, 9)),
            "an earlier card's motion never moves again"
        );
        kept.spend(id(3, 1, 1));
        assert!(kept.is_spent(id(2, 2, 2)));
    }
}
