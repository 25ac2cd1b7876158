//! A motion as a list of beats: what happens in the machine at which moment. Pure tables; what
//! faults make of them stands in `strike`. Executes nothing.

use super::card::{Place, Spot};
use super::times::Times;
use crate::fault::{Harm, Step};
use wire::{Condition, Motion, Panel};

/// Steps in which the rows of a pass are burned.
pub(super) const BURN_PARTS: u8 = 16;
/// How long a person needs to take a released card.
const TAKING_MS: u32 = 1_000;

/// What the ribbon really leaves on the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// The verified panel.
    Panel,
    /// Nothing at all.
    Nothing,
    /// The same panel of the card before.
    Previous,
    /// The verified panel, beside its place.
    Slipped,
}

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Act {
    /// A blank leaves the hopper.
    Pick,
    /// Two blanks leave it, one on the other.
    PickTwo,
    /// The card is now here.
    Place(Place),
    /// The chip comes into the field of an antenna.
    Couple(Spot),
    /// The chip leaves the field.
    Uncouple,
    /// The card arrived at the encoder: counted.
    Fed,
    /// The ribbon stands at the panel.
    RibbonAt(Panel),
    /// Counted before the first dot.
    BeginPass(Panel),
    /// Burned up to so many sixteenths of the rows.
    Burn(Panel, u8, Ink),
    /// Counted after the last dot.
    CompletePass(Panel),
    /// Seated with the other face up: counted.
    Flipped,
    /// Counted before the patch touches the card.
    BeginPatch,
    /// The patch lies on the card.
    Press,
    /// Counted after the patch lies.
    CompletePatch,
    /// The line scanner has seen both faces; false if its strip is dirty.
    Scanned(bool),
    /// The card arrived in the exit slot: counted.
    Ejected,
    /// A person takes the card: counted.
    Taken,
    /// The card fell into the tray: counted.
    Rejected,
    /// The chip answers no more.
    KillChip,
    /// The card sticks where it is in this part of the motion; false if it does not come loose.
    Stick(Step, f64, bool),
    /// Something is not as it was.
    Harm(Harm),
    /// The step's counter goes on by one too many.
    Jump,
    /// The firmware says that the motion is done, whether it is or not.
    TellDone,
    /// The firmware tells the end of an earlier motion.
    TellStale,
    /// The motion ends here.
    Fail(Condition),
    /// Mains power is gone.
    PowerCut,
}

/// An act and its moment in unscaled milliseconds from the motion's begin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Beat {
    /// When.
    pub(super) at_ms: u32,
    /// What.
    pub(super) act: Act,
}

/// A motion's beats in order of time, and its length.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Program {
    /// The beats.
    pub(super) beats: Vec<Beat>,
    /// When it ends, unless a beat ends it before.
    pub(super) total_ms: u32,
}

impl Program {
    /// The motion as it goes when all is well, from where the card is.
    pub(super) fn new(times: &Times, motion: Motion, from: Option<Place>, sought: bool) -> Program {
        let mut program = Program {
            beats: Vec::new(),
            total_ms: 0,
        };
        match motion {
            Motion::Feed => program.feed(times),
            Motion::SeekRibbon(panel) => program.seek(times, panel),
            Motion::Pass(panel) => program.pass(times, panel, from, sought),
            Motion::Flip => program.flip(times),
            Motion::Hologram => program.hologram(times, from),
            Motion::Check => program.check(times, from),
            Motion::Eject => program.eject(times),
            Motion::Release => program.release(times),
            Motion::Reject => program.reject(times),
        }
        program
    }

    /// Ends the motion at a moment with these acts instead of what would follow.
    pub(super) fn cut(&mut self, at_ms: u32, acts: &[Act]) {
        self.beats
            .retain(|beat| beat.at_ms < at_ms || beat.at_ms == 0);
        self.beats
            .extend(acts.iter().map(|act| Beat { at_ms, act: *act }));
        self.total_ms = at_ms;
    }

    fn at(&mut self, at_ms: u32, act: Act) {
        self.beats.push(Beat { at_ms, act });
    }

    /// All of it takes so many times as long.
    pub(super) fn stretch(&mut self, factor: f64) {
        let longer = |at_ms: u32| (f64::from(at_ms) * factor).round() as u32;
        for beat in &mut self.beats {
            beat.at_ms = longer(beat.at_ms);
        }
        self.total_ms = longer(self.total_ms);
    }

    /// All of it begins so much later.
    pub(super) fn delay(&mut self, by_ms: u32) {
        for beat in &mut self.beats {
            beat.at_ms += by_ms;
        }
        self.total_ms += by_ms;
    }

    fn feed(&mut self, times: &Times) {
        let end = times.feed_ms;
        self.at(end / 8, Act::Pick);
        self.at(end * 3 / 4, Act::Place(Place::Encoder));
        self.at(
            end.saturating_sub(times.couple_early_ms),
            Act::Couple(Spot::Encoder),
        );
        self.at(end, Act::Fed);
        self.beats.sort_by_key(|beat| beat.at_ms);
        self.total_ms = end;
    }

    fn seek(&mut self, times: &Times, panel: Panel) {
        self.at(times.ribbon_search_ms, Act::RibbonAt(panel));
        self.total_ms = times.ribbon_search_ms;
    }

    fn pass(&mut self, times: &Times, panel: Panel, from: Option<Place>, sought: bool) {
        let mut start = 0;
        self.at(0, Act::Uncouple);
        if matches!(from, Some(Place::Encoder | Place::Between)) {
            self.at(times.to_head_ms / 4, Act::Place(Place::Between));
            self.at(times.to_head_ms, Act::Place(Place::HeadIn));
            start = times.to_head_ms;
        }
        if !sought {
            self.at(start + times.ribbon_search_ms, Act::RibbonAt(panel));
            start += times.ribbon_search_ms;
        }
        let length = times.pass_ms(panel);
        let part = |percent: u32| start + length * percent / 100;
        self.at(part(4), Act::Place(Place::UnderHead));
        self.at(part(6), Act::BeginPass(panel));
        for done in 1..=BURN_PARTS {
            let share = 10 + 75 * u32::from(done) / u32::from(BURN_PARTS);
            self.at(part(share), Act::Burn(panel, done, Ink::Panel));
        }
        self.at(part(90), Act::CompletePass(panel));
        self.at(part(98), Act::Place(Place::HeadIn));
        self.total_ms = start + length;
    }

    fn flip(&mut self, times: &Times) {
        let end = times.flip_ms;
        self.at(end / 4, Act::Place(Place::FlipperBetween));
        self.at(end, Act::Flipped);
        self.total_ms = end;
    }

    fn hologram(&mut self, times: &Times, from: Option<Place>) {
        let mut start = 0;
        if from != Some(Place::Hologram) {
            self.at(times.to_hologram_ms / 4, Act::Place(Place::Between));
            start = times.to_hologram_ms;
        }
        self.at(start, Act::Place(Place::Hologram));
        self.at(start + times.patch_ms / 10, Act::BeginPatch);
        self.at(start + times.patch_ms / 2, Act::Press);
        self.at(start + times.patch_ms * 9 / 10, Act::CompletePatch);
        self.total_ms = start + times.patch_ms;
    }

    fn check(&mut self, times: &Times, from: Option<Place>) {
        if from != Some(Place::Check) {
            self.at(0, Act::Uncouple);
            self.at(0, Act::Place(Place::Check));
        }
        self.at(0, Act::Couple(Spot::Check));
        self.at(times.scan_ms, Act::Scanned(true));
        self.total_ms = times.check_ms;
    }

    fn eject(&mut self, times: &Times) {
        let end = times.eject_ms;
        self.at(0, Act::Uncouple);
        self.at(end / 3, Act::Place(Place::Between));
        self.at(end, Act::Ejected);
        self.total_ms = end;
    }

    fn release(&mut self, times: &Times) {
        let taken = times.open_slot_ms + TAKING_MS;
        self.at(taken, Act::Taken);
        self.total_ms = taken;
    }

    fn reject(&mut self, times: &Times) {
        let end = times.reject_ms;
        self.at(0, Act::Uncouple);
        self.at(end / 3, Act::Place(Place::Between));
        self.at(end, Act::Rejected);
        self.total_ms = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_counted_around_its_dots() {
        let times = Times::default();
        for panel in Panel::ALL {
            let program = Program::new(&times, Motion::Pass(panel), Some(Place::HeadIn), true);
            let moment = |wanted: fn(&Act) -> bool| {
                let found = program.beats.iter().filter(|beat| wanted(&beat.act));
                found.map(|beat| beat.at_ms).collect::<Vec<_>>()
            };
            let begun = moment(|act| matches!(act, Act::BeginPass(_)))[0];
            let burned = moment(|act| matches!(act, Act::Burn(..)));
            let completed = moment(|act| matches!(act, Act::CompletePass(_)))[0];
            assert!(begun < burned[0] && *burned.last().unwrap() < completed);
            assert_eq!(program.total_ms, times.pass_ms(panel));
            assert!(program.beats.is_sorted_by_key(|beat| beat.at_ms));
        }
    }

    #[test]
    fn every_program_is_in_order_of_time_and_ends_after_its_last_beat() {
        let times = Times::default();
        let motions = [
            Motion::Feed,
            Motion::Flip,
            Motion::Hologram,
            Motion::Check,
            Motion::Eject,
            Motion::Release,
            Motion::Reject,
        ];
        for motion in motions {
            for from in [
                None,
                Some(Place::Encoder),
                Some(Place::HeadIn),
                Some(Place::Between),
            ] {
                let program = Program::new(&times, motion, from, false);
                assert!(
                    program.beats.is_sorted_by_key(|beat| beat.at_ms),
                    "{motion:?}"
                );
                assert!(
                    program
                        .beats
                        .iter()
                        .all(|beat| beat.at_ms <= program.total_ms)
                );
            }
        }
    }
}
