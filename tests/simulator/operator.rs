//! The person at the counter: does what is asked, or not; mends what is broken; decides what an
//! honest person who looks may decide. Knows the truth as far as eyes see it.

use card_station::fault::{By, Code, Hands, Role, Signed, TwoPersons};
use card_station::issuance::{Decision, Finding, Step};
use card_station::product::CardNumber;
use card_station::station::request::{Act, Open, Person, Shown, Stop};
use std::time::Duration;

use super::checkers::CANARIES;
use super::faults::Fault;
use super::planted::Planted;
use super::truth::{At, Nature, OldAt, OnDesk, TrueCard, patches, ribbon};
use super::world::{Cut, Shared, Sim};

/// Somebody who signs.
pub(crate) fn signed(person: &str, role: Role) -> Signed {
    Signed {
        person: person.to_owned(),
        role,
    }
}

/// The clerk at the counter.
pub(crate) fn clerk() -> Signed {
    signed("C1", Role::Clerk)
}

/// Clerk and supervisor.
pub(crate) fn two() -> TwoPersons {
    TwoPersons::new(clerk(), signed("S1", Role::Supervisor)).expect("two persons")
}

/// The person at the counter.
pub(crate) struct Operator {
    pub(crate) world: Shared,
    pub(crate) rng: fastrand::Rng,
    /// How often a decision was asked for in this request.
    pub(crate) asked: u32,
    /// Whether each stop is told.
    pub(crate) trace: bool,
}

impl Operator {
    fn strikes(&self, fault: Fault) -> bool {
        self.world.strikes(fault)
    }

    fn place_old(&mut self, number: CardNumber) -> bool {
        let wrong = self.strikes(Fault::WrongOldCard);
        let mut sim = self.world.borrow_mut();
        let job = sim.job_of_old(number);
        let there = job.filter(|job| {
            sim.old[*job]
                .as_ref()
                .is_some_and(|old| old.at == OldAt::Holder)
        });
        match (wrong, there) {
            (true, _) => sim.desk = OnDesk::Stranger,
            (false, Some(job)) => sim.desk = OnDesk::Old(job),
            (false, None) => {
                sim.desk = OnDesk::Nothing;
                return false;
            }
        }
        true
    }

    fn collect(&mut self, number: CardNumber) -> bool {
        let mut sim = self.world.borrow_mut();
        let early = sim.planted == Planted::PunchedEarly;
        let Some(job) = sim.job_of_old(number) else {
            return false;
        };
        if early {
            sim.check_punch(job);
        }
        if let Some(old) = &mut sim.old[job] {
            (old.at, old.punched) = (OldAt::Box, old.punched || early);
        }
        true
    }

    fn hand_over(&mut self, number: CardNumber) -> bool {
        let mut sim = self.world.borrow_mut();
        let job = sim
            .authority
            .grants
            .iter()
            .find(|grant| grant.number == number);
        let Some(job) = job.map(|grant| grant.job) else {
            return false;
        };
        // Given before the station could write it down: the person knows that it was done.
        let given =
            |card: &TrueCard| card.at == At::Holder(job) && card.chip.number == Some(number);
        if sim.cards.iter().any(given) {
            return true;
        }
        sim.check_hand_over(job);
        let held = sim.cards.iter_mut().find(|card| card.at == At::Clerk);
        let Some(card) = held else {
            return false;
        };
        card.at = At::Holder(job);
        sim.check_cards();
        true
    }

    fn punch(&mut self, number: CardNumber) -> bool {
        let mut sim = self.world.borrow_mut();
        let Some(job) = sim.job_of_old(number) else {
            return false;
        };
        sim.check_punch(job);
        match &mut sim.old[job] {
            Some(old) if old.at == OldAt::Box => {
                old.punched = true;
                true
            }
            Some(_) | None => false,
        }
    }

    fn remove(&mut self) -> bool {
        let seen = {
            let sim = self.world.borrow();
            let sensors = sim.printer_shows().sensors;
            let ours = card_station::station::translate::sensors(&sensors);
            !ours.empty()
        };
        if seen && self.strikes(Fault::SaysDone) {
            return true;
        }
        let mut sim = self.world.borrow_mut();
        sim.take_out();
        true
    }

    /// Puts right what a person can put right at the machine.
    pub(crate) fn mend(&mut self) {
        let mut sim = self.world.borrow_mut();
        sim.time.pass(Duration::from_secs(30));
        sim.mend();
    }

    fn chosen(&mut self, open: &[Open], step: Option<Step>) -> Option<Open> {
        let sim = self.world.borrow();
        let honest: Vec<Open> = open
            .iter()
            .filter(|open| sim.honest(open.decision, step))
            .copied()
            .collect();
        let healed = sim.faults.healed();
        let at_old = matches!(step, Some(Step::SightOld | Step::CollectOld));
        let forged = sim.desk_nature() == Some(Nature::Forged);
        drop(sim);
        let find = |is: fn(Decision) -> bool| honest.iter().find(|open| is(open.decision)).copied();
        let go_on = find(|decision| decision == Decision::Continue);
        if !healed && self.rng.u32(0..4) > 0 {
            return honest.get(self.rng.usize(0..honest.len().max(1))).copied();
        }
        // Somebody who wants an end tries again, then says what is seen, then gives it up.
        let again = if self.asked < 3 { go_on } else { None };
        let answer = find(|decision| matches!(decision, Decision::Answer(_)));
        let by_eye = find(|decision| decision == Decision::ByEye).filter(|_| at_old && !forged);
        let by_hand = find(|decision| decision == Decision::ByHand);
        let over = find(|decision| {
            matches!(
                decision,
                Decision::Withdraw(_) | Decision::Cancel | Decision::Waive(_)
            )
        });
        by_eye
            .or(again)
            .or(answer)
            .or(by_hand)
            .or(over)
            .or(go_on)
            .or(honest.last().copied())
    }

    fn by(&self, hands: Hands) -> By {
        if self.strikes(Fault::WaivesAlone) {
            return By::One(clerk());
        }
        match hands {
            Hands::Anyone | Hands::Counter => By::One(clerk()),
            Hands::Supervisor => By::One(signed("S1", Role::Supervisor)),
            Hands::Two => By::Two(two()),
        }
    }
}

impl Person for Operator {
    fn act(&mut self, act: Act) -> bool {
        self.world.borrow().time.pass(Duration::from_secs(10));
        self.world.boundary(Cut::Whole);
        let planted = self.world.borrow().planted;
        let by_screen = match act {
            Act::CollectOld(_) => planted == Planted::CollectedByScreen,
            Act::HandOver(_) => planted == Planted::HandedByScreen,
            Act::RemoveByHand { .. } => planted == Planted::RemovedByScreen,
            Act::PlaceOld(_) | Act::Punch(_) | Act::Withdraw(_) => false,
        };
        if by_screen {
            return true;
        }
        if self.strikes(Fault::WalksAway) {
            return false;
        }
        let done = match act {
            Act::PlaceOld(number) => self.place_old(number),
            Act::CollectOld(number) => self.collect(number),
            Act::HandOver(number) => self.hand_over(number),
            Act::Punch(number) => self.punch(number),
            Act::Withdraw(_) => true,
            Act::RemoveByHand { .. } => self.remove(),
        };
        self.world.boundary(Cut::Whole);
        done
    }

    fn decide(&mut self, stop: &Stop) -> Option<(Decision, By)> {
        self.asked += 1;
        told(&self.world, stop);
        if self.trace {
            println!(
                "    stop {} at {:?}, asked {}, open {:?}",
                stop.code.name(),
                stop.step,
                self.asked,
                stop.decisions
            );
        }
        if stop.code == Code::CardInPath && matches!(stop.step, Some(Step::SightOld | Step::Feed)) {
            // Nothing is begun yet: whoever is told of a card inside takes it out.
            let mut sim = self.world.borrow_mut();
            sim.take_out();
            sim.flags.hands_on = true;
        }
        if stop.code == Code::SupplyReused {
            // Books and tag disagree about the roll: a new one is put in.
            self.world.borrow_mut().new_rolls();
        }
        if self.strikes(Fault::Undecided) || self.asked > 12 {
            return None;
        }
        let healed = self.world.borrow().faults.healed();
        if healed || self.rng.u32(0..4) > 0 {
            self.mend();
        }
        let open = self.chosen(&stop.decisions, stop.step)?;
        if self.trace {
            println!("      {:?}", open.decision);
        }
        let by = self.by(open.hands);
        let confirms = (open.decision, stop.step) == (Decision::ByEye, Some(Step::CollectOld));
        if confirms && open.hands.are(&by) {
            // Who confirms it by eye has it in the hand.
            let mut sim = self.world.borrow_mut();
            if let OnDesk::Old(job) = sim.desk
                && let Some(old) = &mut sim.old[job]
            {
                old.at = OldAt::Box;
            }
        }
        Some((open.decision, by))
    }

    fn show(&mut self, _: Shown) {}

    fn stop_asked(&mut self) -> bool {
        self.strikes(Fault::Cancel)
    }
}

/// What a stop says holds no holder's data, and always a reason (I-35, I-65).
pub(crate) fn told(world: &Shared, stop: &Stop) {
    let mut sim = world.borrow_mut();
    sim.reached.stops.insert(stop.code);
    let detail = stop.detail.clone().unwrap_or_default();
    if let Some(word) = CANARIES.iter().find(|word| detail.contains(*word)) {
        sim.breaks("I-65", format!("a stop names {word}"));
    }
}

impl Sim {
    /// Whose old card this is.
    pub(crate) fn job_of_old(&self, number: CardNumber) -> Option<usize> {
        self.old
            .iter()
            .position(|old| old.as_ref().is_some_and(|old| old.number == number))
    }

    fn desk_nature(&self) -> Option<Nature> {
        match self.desk {
            OnDesk::Old(job) => self.old[job].as_ref().map(|old| old.nature),
            OnDesk::Nothing | OnDesk::Stranger => None,
        }
    }

    /// Every card that is inside or in the clerk's hand goes into the bag. The books know of one:
    /// a blank that left the hopper beside another is found when the bag is counted.
    pub(crate) fn take_out(&mut self) {
        if self.press.is_some() {
            return self.take_out_of_press();
        }
        for card in &mut self.cards {
            if card.in_machine() || card.at == At::Clerk {
                self.flags.hands_on |= card.stowaway;
                card.at = At::Bag;
            }
        }
        self.machine.stuck = false;
        self.machine.cover_open = false;
    }

    /// New rolls in place of those that nobody is sure of.
    fn new_rolls(&mut self) {
        let next = self.keys as u32 % 100_000 + 50_000 + self.machine.boot;
        if self.press.is_some() {
            return self.new_rolls_in_press(next);
        }
        self.machine.ribbon = ribbon(next);
        self.machine.patches = patches(next);
        self.machine.ribbon_at = 0;
    }

    /// What a person at the machine puts right; supplies are told to the books afterwards.
    pub(crate) fn mend(&mut self) {
        let next = self.keys as u32 % 100_000 + 10 + self.machine.boot;
        self.flags.reader_gone = false;
        self.disk.full = false;
        if self.press.is_some() {
            return self.mend_press(next);
        }
        let machine = &mut self.machine;
        machine.cover_open = false;
        machine.stuck = false;
        machine.tray_full = false;
        machine.scanner_dirty = false;
        machine.head_hot = false;
        let wrong = machine.ribbon.kind != wire::SupplyKind::Ribbon;
        if machine.ribbon_broken || wrong || machine.ribbon.left == 0 {
            machine.ribbon = ribbon(next);
            (machine.ribbon_broken, machine.ribbon_at) = (false, 0);
        }
        if machine.patches.left == 0 {
            machine.patches = patches(next);
        }
        for card in &mut self.cards {
            // A person finds what no sensor sees.
            if card.at == At::Astray || (card.stowaway && card.in_machine()) {
                card.at = At::Bag;
                self.machine.counters.lost += 1;
                self.flags.hands_on = true;
            }
        }
    }

    /// Whether a person who looks would say so.
    pub(crate) fn honest(&self, decision: Decision, step: Option<Step>) -> bool {
        let at = self.place_of_card();
        let clerk = self.cards.iter().any(|card| card.at == At::Clerk);
        let job = self.authority.grants.last().map(|grant| grant.job);
        let old = job.and_then(|job| self.old[job].as_ref());
        let collected = old.is_some_and(|old| old.at == OldAt::Box);
        let punched = old.is_some_and(|old| old.punched);
        let forged = old.is_some_and(|old| old.nature == Nature::Forged);
        let looks = |finding: Finding| match (step, finding) {
            (Some(Step::CollectOld), Finding::Done) => collected,
            (Some(Step::CollectOld), Finding::Untouched) => !collected,
            (Some(Step::Punch), Finding::Done) => punched,
            (Some(Step::Punch), Finding::Untouched) => !punched,
            (Some(Step::Release), Finding::Done) => clerk,
            (Some(Step::Release), Finding::Untouched) => at == Some(At::Exit),
            (Some(Step::HandOver), Finding::Done) => !clerk,
            (Some(Step::HandOver), Finding::Untouched) => clerk,
            (Some(Step::RemoveByHand), Finding::Done) => !clerk && at.is_none(),
            (Some(Step::RemoveByHand), Finding::Untouched) => clerk || at.is_some(),
            (Some(Step::Feed), Finding::Untouched) => at.is_none(),
            (Some(Step::Eject), Finding::Done) => at == Some(At::Exit),
            (_, Finding::Done | Finding::Untouched | Finding::Spoiled | Finding::Unknown) => true,
        };
        match decision {
            Decision::Answer(finding) => looks(finding),
            // An old card that an eye sees to be forged, or another one, is not taken.
            Decision::ByEye => matches!(self.desk, OnDesk::Old(_)) && !forged,
            Decision::Waive(_) => !forged && !collected,
            // Whoever stands there knows whether the holder has the card.
            Decision::Quarantine => !matches!(step, Some(Step::Release | Step::HandOver)),
            Decision::Withdraw(_) => step != Some(Step::HandOver) || clerk,
            Decision::Continue | Decision::Cancel | Decision::ByHand => true,
        }
    }
}
