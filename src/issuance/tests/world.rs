//! A small world of truth: one printer, its cards, one desk. It shares no decision with the
//! machine; it only knows what physically happens, whole, half or not at all.

use super::*;
use std::collections::BTreeMap;

/// Where a card really is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Feeder,
    Encoder,
    Head,
    Flipper(Flipper),
    Hologram,
    Check,
    Exit,
    Hand,
    Holder,
    Tray,
    Bag,
}

/// A card as it really is.
#[derive(Clone, Debug)]
pub(super) struct Truth {
    pub(super) at: At,
    pub(super) chip: Witness,
    pub(super) passes: BTreeMap<Panel, (u8, u8)>,
    pub(super) patches: (u8, u8),
    pub(super) quarantined: bool,
}

/// How much of an act takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Much {
    Whole,
    Half,
    Nothing,
}

#[derive(Default)]
pub(super) struct World {
    pub(super) cards: Vec<Truth>,
    pub(super) counters: Counters,
    pub(super) collected: bool,
    pub(super) punched: bool,
}

impl World {
    /// The card that is neither out of the world of this issuance nor set aside.
    pub(super) fn alive(&mut self) -> Option<&mut Truth> {
        self.cards
            .iter_mut()
            .find(|card| !card.quarantined && !matches!(card.at, At::Tray | At::Bag | At::Holder))
    }

    pub(super) fn alive_count(&self) -> usize {
        let out = |card: &&Truth| {
            !card.quarantined && !matches!(card.at, At::Tray | At::Bag | At::Holder)
        };
        self.cards.iter().filter(out).count()
    }

    pub(super) fn survey(&mut self, chip_speaks: bool) -> Survey {
        let mut survey = Survey {
            counters: self.counters.clone(),
            ..Survey::default()
        };
        survey.chip = Chip::Silent;
        let Some(card) = self.alive() else {
            return survey;
        };
        let sensors = &mut survey.sensors;
        match card.at {
            At::Feeder => sensors.feeder = true,
            At::Encoder => sensors.encoder = true,
            At::Head => sensors.head_in = true,
            At::Flipper(seen) => sensors.flipper = seen,
            At::Hologram => sensors.hologram = true,
            At::Check => sensors.check = true,
            At::Exit => sensors.exit = true,
            At::Hand | At::Holder | At::Tray | At::Bag => {}
        }
        if chip_speaks && matches!(card.at, At::Encoder | At::Check) {
            survey.chip = Chip::Answers(card.chip);
        }
        survey
    }

    /// The physical act.
    pub(super) fn act(&mut self, step: Step, much: Much) {
        if much == Much::Nothing {
            return;
        }
        let whole = much == Much::Whole;
        match step {
            Step::SightOld => {}
            Step::CollectOld => self.collected |= whole,
            Step::Punch => self.punched |= whole,
            Step::Feed => self.feed(whole),
            Step::Reject => self.reject(whole),
            Step::Encode
            | Step::Lock
            | Step::Print(_)
            | Step::Flip
            | Step::Hologram
            | Step::Check
            | Step::Eject
            | Step::Release
            | Step::HandOver
            | Step::Terminate
            | Step::RemoveByHand => self.change(step, whole),
        }
    }

    fn feed(&mut self, whole: bool) {
        let n = u8::try_from(self.cards.len()).expect("few cards") + 1;
        self.counters.fed += u32::from(whole);
        self.cards.push(Truth {
            at: if whole { At::Encoder } else { At::Feeder },
            chip: fresh(Serial([n; 10])),
            passes: BTreeMap::new(),
            patches: (0, 0),
            quarantined: false,
        });
    }

    fn reject(&mut self, whole: bool) {
        let Some(card) = self.alive() else { return };
        if whole && !matches!(card.at, At::Hand) {
            card.at = At::Tray;
            self.counters.rejected += 1;
        }
    }

    fn change(&mut self, step: Step, whole: bool) {
        let mut counters = self.counters.clone();
        let Some(card) = self.alive() else { return };
        match step {
            Step::Encode => {
                card.chip.stored = 500;
                if whole {
                    (card.chip.life, card.chip.files) = (Life::Personalised, Files::Equal);
                }
            }
            Step::Lock => {
                card.chip.keys = ChipKeys::Issuer;
                if whole {
                    card.chip.life = Life::Locked;
                }
            }
            Step::Print(panel) => {
                card.at = At::Head;
                let passes = card.passes.entry(panel).or_default();
                passes.0 += 1;
                passes.1 += u8::from(whole);
                counters.begun[panel.index()] += 1;
                counters.completed[panel.index()] += u32::from(whole);
            }
            Step::Flip => {
                counters.flips += u32::from(whole);
                card.at = At::Flipper(if whole {
                    Flipper::FrontUp
                } else {
                    Flipper::Between
                });
            }
            Step::Hologram => {
                card.at = At::Hologram;
                card.patches = (card.patches.0 + 1, card.patches.1 + u8::from(whole));
                counters.patches_begun += 1;
                counters.patches_completed += u32::from(whole);
            }
            Step::Check => card.at = At::Check,
            Step::Eject => {
                counters.ejected += u32::from(whole);
                card.at = if whole { At::Exit } else { At::Check };
            }
            Step::Release if whole && card.at == At::Exit => {
                counters.taken += 1;
                card.at = At::Hand;
            }
            Step::HandOver if whole => card.at = At::Holder,
            Step::Terminate if whole && matches!(card.at, At::Encoder | At::Check) => {
                card.chip.life = Life::Terminated;
            }
            Step::RemoveByHand if whole => card.at = At::Bag,
            Step::Release | Step::HandOver | Step::Terminate | Step::RemoveByHand => {}
            Step::SightOld | Step::Feed | Step::CollectOld | Step::Punch | Step::Reject => {
                unreachable!("handled by act")
            }
        }
        self.counters = counters;
    }

    /// Whether a person who looks would take this decision.
    pub(super) fn honest(&mut self, step: Step, decision: Decision) -> bool {
        let (collected, punched) = (self.collected, self.punched);
        let at = self.alive().map(|card| card.at);
        match decision {
            Decision::Answer(Finding::Done) => match step {
                Step::CollectOld => collected,
                Step::Punch => punched,
                Step::Release => at == Some(At::Hand),
                Step::HandOver | Step::RemoveByHand => at.is_none(),
                Step::Eject => at == Some(At::Exit),
                _ => false,
            },
            Decision::Answer(Finding::Untouched) => match step {
                Step::CollectOld => !collected,
                Step::Punch => !punched,
                Step::Release => at == Some(At::Exit),
                Step::HandOver => at == Some(At::Hand),
                Step::RemoveByHand => at.is_some(),
                Step::Feed => at.is_none(),
                _ => true,
            },
            _ => true,
        }
    }
}
