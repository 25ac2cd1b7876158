//! Whether this card can be finished, asked before a blank moves: every panel, a patch, a
//! blank, room in the tray, the cover, the readers.

use super::Station;
use super::request::Stop;
use crate::fault::Code;
use wire::{SupplyKind, Tag};

impl Station<'_> {
    /// The first thing that stands in the way; none when the card can be finished.
    pub(super) fn preflight(&mut self) -> Result<Option<Code>, Stop> {
        let sequence = self.sequence();
        let desk_too = self.work.as_ref().is_some_and(|work| {
            work.job.approval.previous_card.rule() == crate::product::OldCardRule::Return
        });
        let hands = self.hands()?;
        let seen = match hands.printer_survey(sequence) {
            Ok(seen) => seen,
            Err(code) => return Ok(Some(code)),
        };
        if let Some(code) = lacking(&seen) {
            return Ok(Some(code));
        }
        match hands.missing_reader(desk_too) {
            Ok(None) => Ok(None),
            Ok(Some(name)) => {
                self.detail = Some(name);
                Ok(Some(Code::ReaderGone))
            }
            Err(code) => Ok(Some(code)),
        }
    }
}

/// What the printer lacks to finish one card.
fn lacking(seen: &wire::Survey) -> Option<Code> {
    let supplies = &seen.supplies;
    let checks = [
        (seen.sensors.cover_open, Code::CoverOpen),
        (!seen.sensors.hopper, Code::HopperEmpty),
        (seen.sensors.tray_full, Code::TrayFull),
        (supplies.ribbon.is_none(), Code::RibbonAbsent),
        (
            wrong(supplies.ribbon.as_ref(), SupplyKind::Ribbon),
            Code::RibbonWrong,
        ),
        (used_up(supplies.ribbon.as_ref()), Code::RibbonOut),
        (supplies.patches.is_none(), Code::PatchAbsent),
        (used_up(supplies.patches.as_ref()), Code::PatchOut),
    ];
    checks
        .into_iter()
        .find(|(lacks, _)| *lacks)
        .map(|(_, code)| code)
}

fn wrong(tag: Option<&Tag>, kind: SupplyKind) -> bool {
    tag.is_some_and(|tag| tag.kind != kind)
}

fn used_up(tag: Option<&Tag>) -> bool {
    tag.is_some_and(|tag| tag.remaining == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(kind: SupplyKind) -> Option<Tag> {
        Some(Tag {
            kind,
            serial: [0; 8],
            lot: 1,
            capacity: 100,
            remaining: 1,
            expires: 0,
        })
    }

    fn ready() -> wire::Survey {
        let mut seen = wire::Survey::default();
        seen.sensors.hopper = true;
        seen.supplies.blanks = full(SupplyKind::Blanks);
        seen.supplies.ribbon = full(SupplyKind::Ribbon);
        seen.supplies.patches = full(SupplyKind::Patches);
        seen
    }

    #[test]
    fn a_card_is_begun_only_when_it_can_be_finished() {
        assert_eq!(lacking(&ready()), None);
        let lacks = |change: &dyn Fn(&mut wire::Survey)| {
            let mut seen = ready();
            change(&mut seen);
            lacking(&seen)
        };
        assert_eq!(
            lacks(&|seen| seen.sensors.hopper = false),
            Some(Code::HopperEmpty)
        );
        assert_eq!(
            lacks(&|seen| seen.sensors.tray_full = true),
            Some(Code::TrayFull)
        );
        assert_eq!(
            lacks(&|seen| seen.sensors.cover_open = true),
            Some(Code::CoverOpen)
        );
        assert_eq!(
            lacks(&|seen| seen.supplies.ribbon = None),
            Some(Code::RibbonAbsent)
        );
        assert_eq!(
            lacks(&|seen| seen.supplies.ribbon = full(SupplyKind::Patches)),
            Some(Code::RibbonWrong)
        );
        assert_eq!(
            lacks(&|seen| {
                if let Some(tag) = seen.supplies.patches.as_mut() {
                    tag.remaining = 0;
                }
            }),
            Some(Code::PatchOut)
        );
    }
}
