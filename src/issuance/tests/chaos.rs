//! The power is cut anywhere, acts take effect whole, half or not at all, persons decide
//! anything that they honestly may: never two live cards, never a card against the law of
//! the old one, always an end.

use super::world::{At, Much, World};
use super::*;
use crate::fault::Code;
use jiff::Timestamp;
use proptest::prelude::*;

/// The bytes of chance; when they run out the world is healthy.
struct Chance {
    bytes: Vec<u8>,
    at: usize,
}

impl Chance {
    fn draw(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        byte
    }
    fn healthy(&self) -> bool {
        self.at >= self.bytes.len()
    }
    fn much(&mut self) -> Much {
        match self.draw() % 16 {
            1 => Much::Half,
            2 => Much::Nothing,
            _ => Much::Whole,
        }
    }
}

struct Run {
    world: World,
    chance: Chance,
    journal: Vec<Vec<u8>>,
    ledger: Ledger,
    asked: u8,
}

/// The power went: memory is gone, the journal and the world stay.
struct Cut;

impl Run {
    fn new(bytes: Vec<u8>) -> Run {
        let chance = Chance { bytes, at: 0 };
        let (world, journal) = (World::default(), Vec::new());
        Run {
            world,
            chance,
            journal,
            ledger: Ledger::default(),
            asked: 0,
        }
    }

    fn append(&mut self, event: Event) -> Result<(), Cut> {
        if self.chance.draw() % 32 == 3 {
            return Err(Cut);
        }
        let entry = Entry::new(Timestamp::UNIX_EPOCH, What::Issuance(event));
        self.ledger
            .apply(&entry)
            .unwrap_or_else(|misfit| panic!("{entry:?}: {misfit}"));
        self.journal
            .push(entry.to_bytes().expect("an entry is JSON"));
        self.laws();
        if self.chance.draw() % 32 == 4 {
            Err(Cut)
        } else {
            Ok(())
        }
    }

    /// Truth, after every record.
    fn laws(&mut self) {
        assert!(self.world.alive_count() <= 1, "two cards are in between");
        let delivered = self.world.cards.iter().filter(|card| card.at == At::Holder);
        for card in delivered {
            assert_eq!(card.chip.life, Life::Locked, "an open chip is outside");
            assert!(
                card.passes.values().all(|passes| *passes == (1, 1)),
                "{:?}",
                card.passes
            );
            assert_eq!((card.passes.len(), card.patches), (7, (1, 1)));
        }
        assert!(self.ledger.stock().balanced(), "{:?}", self.ledger.stock());
    }

    fn restart(&mut self) {
        let records = self.journal.iter().map(Vec::as_slice);
        let replayed = Ledger::replay(records).expect("the journal replays");
        assert_eq!(replayed, self.ledger, "replay and live events differ");
    }

    fn issue(&mut self, most: usize) -> Ending {
        for _ in 0..most {
            if let Phase::Closed(ending) = self.ledger.newest().phase() {
                let ending = *ending;
                if ending == Ending::Reported(ReportKind::Quarantined)
                    && let Some(card) = self.world.alive()
                {
                    card.quarantined = true;
                }
                return ending;
            }
            if let Err(Cut) = self.turn() {
                self.restart();
            }
        }
        panic!("no end: {:?}", self.ledger.newest());
    }

    fn ask(&mut self) -> Result<(), Cut> {
        self.asked += 1;
        (self.world.collected, self.world.punched) = (false, false);
        self.append(Event::Asked {
            key: format!("key-{}", self.asked),
        })
    }

    fn turn(&mut self) -> Result<(), Cut> {
        let issuance = self.ledger.newest().clone();
        let card = self.ledger.next_card();
        match issuance.next() {
            Command::Ask | Command::Rest => self.ask(),
            Command::Lease(_) => {
                let old = [OldRule::Return, OldRule::NotRequired, OldRule::DeclaredLost];
                let grant = grant(self.asked, old[usize::from(self.chance.draw() % 3)]);
                self.append(Event::Granted { grant })
            }
            Command::Prepare if self.chance.draw() % 16 == 5 => self.append(Event::GivenUp {
                fault: Code::LayoutRefused,
            }),
            Command::Prepare => {
                let old = issuance.grant().expect("granted").old;
                let plan = Plan::residence_card(old);
                self.append(Event::Opened {
                    card,
                    plan,
                    prepared: Digest([9; 32]),
                })
            }
            Command::AskKeys(blank) => {
                self.append(Event::KeysAsked { blank })?;
                self.append(Event::KeysHeld { blank })
            }
            Command::Begin { step, .. } => self.begin(&issuance, step),
            Command::Settle { step, before } => self.settle(&issuance, step, &before),
            Command::Decide { step, .. } => self.decide(&issuance, step),
            Command::Owe(report) => self.append(Event::Owed { report }),
            Command::Send(report) => self.append(Event::Acknowledged { report: report.id }),
            Command::Void => self.append(Event::Voided),
            Command::Close => self.append(Event::Closed),
        }
    }

    fn begin(&mut self, issuance: &Issuance, step: Step) -> Result<(), Cut> {
        let survey = self.world.survey(true);
        if issuance.course() == Course::Making
            && let Some(fault) = issuance.astray(&survey)
        {
            return self.append(Event::Astray { fault });
        }
        if step.is_dated() && self.chance.draw() % 64 == 6 {
            return self.append(Event::GivenUp {
                fault: Code::DatePassed,
            });
        }
        if self.chance.draw() % 32 == 7 {
            return self.append(Event::Refused {
                step,
                fault: Code::CoverOpen,
            });
        }
        self.append(Event::Began {
            step,
            before: self.world.counters.clone(),
        })?;
        self.forbid(step);
        let much = self.chance.much();
        self.world.act(step, much);
        if let (Step::SightOld | Step::CollectOld, 8) = (step, self.chance.draw() % 32) {
            let fault = Some(Code::Forged);
            let finding = Finding::Spoiled;
            return self.append(Event::Found {
                step,
                finding,
                fault,
                proof: None,
            });
        }
        match much {
            Much::Whole if !matches!(step, Step::SightOld | Step::Check) || self.sound() => {
                self.outcome(step)
            }
            Much::Whole | Much::Half | Much::Nothing => {
                let before = survey.counters;
                self.settle(&self.ledger.newest().clone(), step, &before)
            }
        }
    }

    fn sound(&mut self) -> bool {
        self.chance.draw() % 16 != 9
    }

    /// What the law forbids, seen from the outside at the moment of the act.
    fn forbid(&mut self, step: Step) {
        let issuance = self.ledger.newest();
        if step == Step::Release {
            assert!(
                issuance.old_settled(),
                "the slot opens before the old card is settled"
            );
            assert!(
                issuance.acknowledged(ReportKind::Produced),
                "nobody knows of this card"
            );
        }
        if step == Step::Punch {
            let delivered = self
                .world
                .cards
                .last()
                .is_some_and(|card| card.at == At::Holder);
            assert!(delivered, "punched before the new card was handed over");
        }
    }

    fn outcome(&mut self, step: Step) -> Result<(), Cut> {
        let foreign = step == Step::Feed && self.chance.draw() % 16 == 10;
        let scan_differs = step == Step::Check && self.chance.draw() % 16 == 11;
        if foreign || scan_differs {
            let fault = Some(if foreign {
                Code::NotBlank
            } else {
                Code::FrontDiffers
            });
            let finding = Finding::Spoiled;
            return self.append(Event::Found {
                step,
                finding,
                fault,
                proof: None,
            });
        }
        let proof = self.proof(step);
        self.append(Event::Finished { step, proof })
    }

    fn proof(&mut self, step: Step) -> Proof {
        let digest = Digest([1; 32]);
        match step {
            Step::SightOld | Step::CollectOld => Proof::OldCard(digest),
            Step::Feed => Proof::Blank(self.world.alive().expect("a card").chip.serial),
            Step::Encode => Proof::Files(digest),
            Step::Lock | Step::Terminate => Proof::Chip(self.world.survey(true).chip),
            Step::Check => Proof::Faces {
                chip: digest,
                front: digest,
                back: digest,
            },
            Step::Print(_)
            | Step::Flip
            | Step::Hologram
            | Step::Eject
            | Step::Release
            | Step::Reject => Proof::Motion(self.world.counters.clone()),
            Step::HandOver | Step::Punch | Step::RemoveByHand => Proof::Person(clerk()),
        }
    }

    fn settle(&mut self, issuance: &Issuance, step: Step, before: &Counters) -> Result<(), Cut> {
        let speaks = self.chance.draw() % 8 != 12;
        let survey = self.world.survey(speaks);
        let finding = issuance.judge(step, before, &survey);
        let proof = (finding == Finding::Done).then(|| match step {
            Step::Terminate => Proof::Chip(survey.chip),
            _ => self.proof(step),
        });
        let fault = (self.chance.draw() % 4 == 1).then_some(Code::JamHead);
        self.append(Event::Found {
            step,
            finding,
            fault,
            proof,
        })
    }

    fn decide(&mut self, issuance: &Issuance, step: Step) -> Result<(), Cut> {
        let mut open = issuance.choices();
        open.retain(|decision| self.world.honest(step, *decision));
        assert!(!open.is_empty(), "nobody can decide anything: {issuance:?}");
        let healed = self.chance.healthy();
        let pick = usize::from(self.chance.draw()) % open.len();
        // In a healed world people first try to go on, then look for an end.
        let first = issuance.tries(step) < 20 && !issuance.choices().is_empty();
        let decision = match (healed, first && open.contains(&Decision::Continue)) {
            (true, true)
                if !matches!(
                    issuance.phase(),
                    Phase::Stopped {
                        finding: Finding::Unknown,
                        ..
                    }
                ) =>
            {
                Decision::Continue
            }
            (true, _) => *open.last().expect("not empty"),
            (false, _) => open[pick],
        };
        self.append(Event::Decided {
            decision,
            by: both(),
        })
    }
}

#[test]
fn a_healthy_card_of_each_kind_ends_delivered() {
    for old in 0..3 {
        let mut run = Run::new(vec![0, 0, old]);
        // Lease is the third draw after the two around `Asked`.
        assert_eq!(run.issue(400), Ending::Reported(ReportKind::Delivered));
        run.restart();
    }
}

#[test]
fn a_cut_after_each_single_record_ends_delivered_or_by_the_table() {
    for at in 0..300 {
        let mut bytes = vec![0; at + 1];
        bytes[at] = 4;
        let mut run = Run::new(bytes.clone());
        run.issue(600);
        bytes[at] = 3;
        let mut run = Run::new(bytes);
        run.issue(600);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_no_two_cards_live_and_there_is_an_end(
        bytes in proptest::collection::vec(any::<u8>(), 0..600)
    ) {
        let mut run = Run::new(bytes);
        for _ in 0..3 {
            run.issue(3000);
            if let Err(Cut) = run.ask() {
                run.restart();
            }
        }
        run.issue(3000);
    }
}
