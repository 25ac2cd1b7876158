//! The air between antenna and chip: real commands to a simulated card, and what can happen to each.

use firmware_sim::chip::Card;
use wire::apdu::{Command, Length, Response, Transmit};

/// What happens to one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Harm {
    /// It never reaches the card.
    Lost,
    /// The card acts on it; its answer is lost.
    AnswerLost,
    /// The field breaks down before it: the card forgets its session.
    FieldBefore,
    /// The card acts on it, then the field breaks down.
    FieldAfter,
    /// One bit of it turns over.
    Flipped,
    /// One bit of its answer turns over.
    AnswerFlipped,
    /// The answer ends early.
    AnswerCut,
    /// The card gets it twice and the second answer comes back.
    Twice,
}

impl Harm {
    pub(super) const ALL: [Harm; 8] = [
        Harm::Lost,
        Harm::AnswerLost,
        Harm::FieldBefore,
        Harm::FieldAfter,
        Harm::Flipped,
        Harm::AnswerFlipped,
        Harm::AnswerCut,
        Harm::Twice,
    ];
}

/// The way to the card broke.
#[derive(Debug, thiserror::Error)]
#[error("the antenna lost the card")]
pub(super) struct Gone;

/// Which commands are harmed.
pub(super) enum Plan {
    /// This one, counted from 0.
    At(usize, Harm),
    /// Each of these with this probability, by chance.
    Often(Vec<Harm>, f64),
    /// None.
    Clear,
}

/// A card in the field.
pub(super) struct Air {
    card: Card,
    plan: Plan,
    chance: fastrand::Rng,
    /// Commands so far.
    pub(super) commands: usize,
    /// What struck, in order.
    pub(super) struck: Vec<Harm>,
}

impl Air {
    pub(super) fn new(mut card: Card, plan: Plan, seed: u64) -> Air {
        card.power_on();
        Air {
            card,
            plan,
            chance: fastrand::Rng::with_seed(seed),
            commands: 0,
            struck: Vec::new(),
        }
    }

    /// Nothing is harmed from here on.
    pub(super) fn clears(&mut self) {
        self.plan = Plan::Clear;
        self.card.power_off();
        self.card.power_on();
    }

    pub(super) fn card(&self) -> &Card {
        &self.card
    }

    fn harm(&mut self) -> Option<Harm> {
        let now = self.commands;
        self.commands += 1;
        let harm = match &self.plan {
            Plan::At(at, harm) => (*at == now).then_some(*harm),
            Plan::Often(kinds, rate) => {
                let hit = self.chance.f64() < *rate;
                hit.then(|| kinds[self.chance.usize(..kinds.len())])
            }
            Plan::Clear => None,
        };
        self.struck.extend(harm);
        harm
    }

    fn flip(&mut self, bytes: &mut [u8]) {
        let bit = self.chance.usize(..bytes.len().max(1) * 8);
        if let Some(byte) = bytes.get_mut(bit / 8) {
            *byte ^= 1 << (bit % 8);
        }
    }

    fn breaks_down(&mut self) {
        self.card.power_off();
        self.card.power_on();
    }
}

impl Transmit for Air {
    type Error = Gone;

    fn transmit(&mut self, command: &Command) -> Result<Response, Gone> {
        let mut bytes = command.encode(self.length()).map_err(|_| Gone)?;
        let harm = self.harm();
        match harm {
            Some(Harm::Lost) => return Err(Gone),
            Some(Harm::FieldBefore) => {
                self.breaks_down();
                return Err(Gone);
            }
            Some(Harm::Flipped) => self.flip(&mut bytes),
            Some(Harm::Twice) => drop(self.card.apdu(&bytes)),
            Some(Harm::AnswerLost | Harm::FieldAfter | Harm::AnswerFlipped | Harm::AnswerCut)
            | None => {}
        }
        let mut answer = self.card.apdu(&bytes);
        match harm {
            Some(Harm::AnswerLost) => return Err(Gone),
            Some(Harm::FieldAfter) => {
                self.breaks_down();
                return Err(Gone);
            }
            Some(Harm::AnswerFlipped) => self.flip(&mut answer),
            Some(Harm::AnswerCut) => answer.truncate(self.chance.usize(..answer.len().max(1))),
            Some(Harm::Lost | Harm::FieldBefore | Harm::Flipped | Harm::Twice) | None => {}
        }
        // What is no answer at all is a broken way to the reader.
        Response::parse(&answer).map_err(|_| Gone)
    }

    fn length(&self) -> Length {
        Length::Extended
    }
}
