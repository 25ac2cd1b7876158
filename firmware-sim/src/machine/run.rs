//! Running a motion: each beat when its time has come. Counters are stored before and after the
//! dots exactly as the recovery of a cut card relies on.

use super::card::{Card, Fate, Layer, Place, Spot};
use super::program::{Act, BURN_PARTS, Ink};
use super::story::Truth;
use super::{Departed, Effect, Machine, Power, Ram, Stuck, Underway, verified};
use std::time::Duration;
use wire::message::Happening;
use wire::{Condition, Face, Motion, MotionId, MotionResult, Panel};

/// How far a ribbon slips: a millimetre at 300 dpi.
const SLIPPED_ROWS: u16 = 12;

/// How a beat leaves its motion.
pub(super) enum Flow {
    Goes,
    Ends(Option<Condition>),
    PowerGone,
}

impl Machine {
    /// Does everything whose time has come by now.
    pub fn poll(&mut self, now: Duration) {
        if let Power::Off { until } = self.power {
            if now < until {
                return;
            }
            self.power_on(until);
        }
        self.seen = now;
        self.poll_order(now);
        self.run(now);
        self.tell_changes(now);
    }

    fn run(&mut self, now: Duration) {
        while let Some(underway) = &self.ram.underway {
            let beat = underway.beats.front().copied();
            let at_ms = beat.map_or(underway.total_ms, |beat| beat.at_ms);
            let due = underway.started + self.setup.speed.scale(at_ms);
            if due > now {
                return;
            }
            let flow = match beat {
                Some(beat) => self.execute(beat.act, due),
                None => Flow::Ends(None),
            };
            match flow {
                Flow::Goes => {
                    if let Some(underway) = &mut self.ram.underway {
                        underway.beats.pop_front();
                    }
                }
                Flow::Ends(condition) => self.end(condition, due),
                Flow::PowerGone => return self.power_cut(due),
            }
        }
    }

    /// When something will happen next; `None` while nothing moves.
    pub fn next_at(&self) -> Option<Duration> {
        if let Power::Off { until } = self.power {
            return Some(until);
        }
        let order = self.order_next_at();
        let Some(underway) = &self.ram.underway else {
            return order;
        };
        let at_ms = underway
            .beats
            .front()
            .map_or(underway.total_ms, |beat| beat.at_ms);
        Some(underway.started + self.setup.speed.scale(at_ms))
    }

    fn execute(&mut self, act: Act, due: Duration) -> Flow {
        match act {
            Act::Pick => self.pick(),
            Act::PickTwo => {
                self.pick();
                self.pick_beneath();
            }
            Act::Place(place) => self.place(place),
            Act::Couple(spot) => self.couple(spot),
            Act::Uncouple => self.uncouple(),
            Act::Fed => self.fed(),
            Act::RibbonAt(panel) => self.ribbon_at(panel),
            Act::BeginPass(panel) => self.begin_pass(panel),
            Act::Burn(panel, part, ink) => self.burn(panel, part, ink, due),
            Act::CompletePass(panel) => {
                self.kept.counters.completed[panel.index()] += 1;
                self.kept.ribbon_behind(panel);
                self.keep();
                self.effects.push(Effect::CardChanged);
            }
            Act::Flipped => self.flipped(),
            Act::BeginPatch => self.begin_patch(),
            Act::Press => self.press(),
            Act::CompletePatch => {
                self.kept.counters.patches_completed += 1;
                self.keep();
            }
            Act::Scanned(clean) => self.ram.scanned = Some(clean),
            Act::Ejected => self.ejected(due),
            Act::Taken => self.leave(Fate::Taken, due),
            Act::Rejected => self.leave(Fate::Rejected, due),
            Act::KillChip => self.kill_chip(),
            Act::Stick(step, at, loosens) => {
                self.interior.stuck = Some(Stuck::new(step.zone(at), loosens));
                self.effects.push(Effect::InteriorChanged);
            }
            Act::Harm(harm) => self.harm(harm),
            Act::Jump => self.jump(),
            Act::TellDone => self.tell_done(due),
            Act::TellStale => return self.tell_stale(due),
            Act::Fail(condition) => return Flow::Ends(Some(condition)),
            Act::PowerCut => return Flow::PowerGone,
        }
        Flow::Goes
    }

    fn pick(&mut self) {
        let Some(blank) = self.hopper.pop_front() else {
            return;
        };
        let count = self
            .ram
            .underway
            .as_ref()
            .map_or(0, |underway| underway.id.card);
        self.picked += 1;
        self.story.picked(&blank, count);
        self.effects.push(Effect::Picked(blank.clone()));
        self.card = Some(Card::new(blank, count));
        self.effects.push(Effect::CardChanged);
    }

    pub(super) fn place(&mut self, place: Place) {
        if let Some(card) = &mut self.card {
            card.place = place;
            if place == Place::FlipperBetween {
                self.kept.set_face_up(None);
            }
            if place != Place::Check {
                self.ram.scanned = None;
            }
            self.effects.push(Effect::CardChanged);
        }
    }

    fn couple(&mut self, spot: Spot) {
        match &mut self.card {
            Some(card) if !card.dead && card.coupled.is_none() => {
                card.coupled = Some(spot);
                self.effects.push(Effect::Couple(spot, card.blank.clone()));
            }
            Some(_) | None => {}
        }
    }

    pub(super) fn uncouple(&mut self) {
        if let Some(spot) = self.card.as_mut().and_then(|card| card.coupled.take()) {
            self.effects.push(Effect::Uncouple(spot));
        }
    }

    fn kill_chip(&mut self) {
        if let Some(card) = &mut self.card {
            card.dead = true;
        }
        self.uncouple();
    }

    fn fed(&mut self) {
        self.kept.counters.fed += 1;
        self.kept.counters.since_cleaning += 1;
        self.kept.set_face_up(Some(Face::Back));
        self.keep();
    }

    fn ribbon_at(&mut self, panel: Panel) {
        self.kept.ribbon_at = Some(panel.index() as u8);
        self.keep();
    }

    fn begin_pass(&mut self, panel: Panel) {
        let counters = &mut self.kept.counters;
        counters.begun[panel.index()] += 1;
        if panel == Panel::BackK
            && let Some(ribbon) = &mut self.kept.supplies.ribbon
        {
            ribbon.remaining = ribbon.remaining.saturating_sub(1);
        }
        if panel == Panel::BackK
            && let Some(roll) = &mut self.interior.ribbon
        {
            roll.left = roll.left.saturating_sub(1);
            self.effects.push(Effect::InteriorChanged);
        }
        self.keep();
        let Some(layer) = verified(&self.ram, panel) else {
            return;
        };
        if let Some(card) = &mut self.card {
            card.layers
                .push(Layer::new(panel, card.face_up, layer.shape));
            self.effects.push(Effect::CardChanged);
        }
    }

    fn burn(&mut self, panel: Panel, part: u8, ink: Ink, due: Duration) {
        if ink != Ink::Nothing {
            self.head.burned(panel, BURN_PARTS, due);
        }
        let source = match ink {
            Ink::Panel | Ink::Slipped => verified(&self.ram, panel),
            Ink::Nothing => None,
            Ink::Previous => self
                .previous
                .iter()
                .find(|layer| layer.panel == panel)
                .cloned(),
        };
        let Some(layer) = self.card.as_mut().and_then(|card| card.layers.last_mut()) else {
            return;
        };
        let rows = u32::from(layer.shape.rows()) * u32::from(part) / u32::from(BURN_PARTS);
        match source {
            Some(source) if source.shape == layer.shape && ink == Ink::Slipped => {
                layer.burn_beside(&source.rows, rows as u16, SLIPPED_ROWS);
            }
            Some(source) if source.shape == layer.shape => layer.burn(&source.rows, rows as u16),
            Some(_) | None => return,
        }
        self.effects.push(Effect::CardChanged);
    }

    fn flipped(&mut self) {
        if let Some(card) = &mut self.card {
            card.place = Place::Flipper;
            card.face_up = match card.face_up {
                Face::Front => Face::Back,
                Face::Back => Face::Front,
            };
            self.kept.set_face_up(Some(card.face_up));
        }
        self.kept.counters.flips += 1;
        self.keep();
        self.effects.push(Effect::CardChanged);
    }

    fn begin_patch(&mut self) {
        self.kept.counters.patches_begun += 1;
        if let Some(patches) = &mut self.kept.supplies.patches {
            patches.remaining = patches.remaining.saturating_sub(1);
        }
        if let Some(roll) = &mut self.interior.patches {
            roll.left = roll.left.saturating_sub(1);
            self.effects.push(Effect::InteriorChanged);
        }
        self.keep();
    }

    fn press(&mut self) {
        if let Some(card) = &mut self.card {
            card.patch = true;
            self.effects.push(Effect::CardChanged);
        }
    }

    fn ejected(&mut self, at: Duration) {
        self.place(Place::Exit);
        self.kept.counters.ejected += 1;
        self.keep();
        self.story.at_exit(at);
    }

    /// The card leaves the machine.
    pub(super) fn leave(&mut self, fate: Fate, at: Duration) {
        self.uncouple();
        let Some(mut card) = self.card.take() else {
            return;
        };
        let beneath = card.beneath.take();
        match fate {
            Fate::Taken | Fate::PulledOut => self.kept.counters.taken += 1,
            Fate::Rejected => {
                self.kept.counters.rejected += 1;
                self.interior.in_tray += 1 + u32::from(beneath.is_some());
            }
            Fate::RemovedByHand => self.kept.counters.lost += 1,
        }
        self.interior.stuck = None;
        self.effects.push(Effect::InteriorChanged);
        self.ram.scanned = None;
        self.kept.set_face_up(None);
        self.keep();
        let last = self.ram.underway.as_ref().map(Underway::so_far);
        let truth = self.story.close(&card, fate, last, at, &self.setup);
        self.previous = self.panels_or_layers(&card);
        self.effects.push(Effect::CardChanged);
        self.effects
            .push(Effect::Left(Box::new(Departed { card, truth })));
        if let Some(blank) = beneath {
            let card = Card::new(blank, 0);
            let truth = Truth::beneath(&card, fate);
            let departed = Box::new(Departed { card, truth });
            self.effects.push(Effect::LeftBeneath(departed));
        }
        self.reload_as_wished();
        if matches!(fate, Fate::Taken | Fate::PulledOut) {
            let released = fate == Fate::Taken;
            self.effects
                .push(Effect::Happened(Happening::CardTaken { released }));
        }
    }

    /// What a later fault can burn again: the panels as sent, or what lies on the card.
    fn panels_or_layers(&self, card: &Card) -> Vec<Layer> {
        let panels: Vec<Layer> = Panel::ALL
            .iter()
            .filter_map(|panel| verified(&self.ram, *panel))
            .collect();
        if panels.is_empty() {
            card.layers.clone()
        } else {
            panels
        }
    }

    /// Ends the motion under way.
    pub(super) fn end(&mut self, condition: Option<Condition>, at: Duration) {
        let Some(Underway {
            id,
            motion,
            started,
            planned_ms,
            told,
            ..
        }) = self.ram.underway.take()
        else {
            return;
        };
        if motion == Motion::Reject && condition.is_none() {
            self.interior.stuck = None;
            self.effects.push(Effect::InteriorChanged);
        }
        self.ram.improper &= condition.is_some();
        self.story
            .ended(motion, id, condition, (started, at), planned_ms);
        if !told {
            self.tell_motion_end(id, condition, (started, at));
        }
    }

    pub(super) fn tell_motion_end(
        &mut self,
        id: MotionId,
        condition: Option<Condition>,
        (started, at): (Duration, Duration),
    ) {
        let elapsed_ms = at.saturating_sub(started).as_millis() as u32;
        self.kept.end(id, (condition, elapsed_ms));
        match condition {
            Some(condition) => self.write_down(condition, (id.card, id.step), at),
            None => self.keep(),
        }
        let survey = self.survey(None, at);
        let result = match condition {
            None => MotionResult::Done { elapsed_ms, survey },
            Some(condition) => MotionResult::Failed {
                condition,
                elapsed_ms,
                survey,
            },
        };
        self.ram.results.push((id, result));
        self.effects.push(Effect::Ended(id, Box::new(result)));
    }

    /// Mains power is lost now: what is not kept is gone, and what moves stands still.
    pub fn power_cut(&mut self, now: Duration) {
        self.uncouple();
        let underway = self.ram.underway.take();
        if let Some(Underway {
            id,
            motion,
            started,
            planned_ms,
            ..
        }) = underway
        {
            let lost = Some(Condition::PowerLost);
            self.story
                .ended(motion, id, lost, (started, now), planned_ms);
        }
        self.ram = Ram::default();
        self.power = Power::Off {
            until: now + self.setup.speed.scale(self.outage_ms),
        };
        self.outage_ms = super::OUTAGE_MS;
        self.heater.unheated(now);
        self.effects.push(Effect::CardChanged);
        self.effects.push(Effect::PowerLost);
    }

    pub(super) fn power_on(&mut self, now: Duration) {
        self.kept.counters.power_ons += 1;
        self.power = Power::On { since: now };
        self.ram.improper = !std::mem::take(&mut self.kept.shut_down);
        self.heater.heated(now);
        self.keep();
        self.write_power_loss(now);
        self.effects.push(Effect::PowerOn);
        self.see_where_the_card_is();
        self.tell_changes(now);
    }

    /// The printer is switched off as it should be: nothing moves, and the firmware notes it.
    pub fn shut_down(&mut self) {
        if self.is_on() && self.ram.underway.is_none() {
            self.kept.shut_down = true;
            self.keep();
        }
    }

    /// The antennas find a card again that stood there when power went, and the flipper's sensor
    /// tells which side is up.
    fn see_where_the_card_is(&mut self) {
        let Some(card) = &mut self.card else { return };
        card.coupled = None;
        match card.place {
            Place::Encoder => self.couple(Spot::Encoder),
            Place::Check => self.couple(Spot::Check),
            Place::Flipper => {
                let face_up = card.face_up;
                self.kept.set_face_up(Some(face_up));
                self.keep();
            }
            Place::Feeder
            | Place::HeadIn
            | Place::UnderHead
            | Place::FlipperBetween
            | Place::Hologram
            | Place::Exit
            | Place::Between
            | Place::Astray => {}
        }
    }
}

impl Underway {
    fn so_far(&self) -> (Motion, MotionId, Duration, u32) {
        (self.motion, self.id, self.started, self.planned_ms)
    }
}
