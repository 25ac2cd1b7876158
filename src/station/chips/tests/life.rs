//! The order in which the station takes a chip: write, lock, read again, or kill. Steps and table are
//! the product's own; what is written here is only who asks whom next, and what is true in the end.

use super::air::{Air, Harm, Plan};
use crate::issuance::{Chip, Counters, Finding, Life as Stage, Plan as Steps, Step, Survey, judge};
use crate::job::token::{ALGORITHM, Claims};
use crate::job::{Approval, Job, JobKeys, StationId, keys::JobKey};
use crate::prepare::Prepared;
use crate::product::CardNumber;
use crate::station::chips::{self, Trust};
use crate::station::deed::Outcome;
use crate::station::devices::OwnPulse;
use crate::station::work::{Keys, Work};
use chip::{CardType, Contents, Date8, Files};
use firmware_sim::chip::{Card, TEST_TRANSPORT_MASTER};
use layouts::{Bitmap, Dpi, Faces};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use std::collections::HashSet;

const SERIAL: [u8; 10] = *b"BLANK-0001";
const ISSUER_MASTER: [u8; 16] = [0x55; 16];
/// A step that the table finds untouched is begun so often.
const TRIES: usize = 3;

/// How a chip's life at the station ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// Locked, read again, good.
    Passed,
    /// Never written: back to stock.
    Back,
    /// Its chip is dead by its own word.
    Killed,
    /// It does not answer any more, or does not let itself be killed: destroyed by hand.
    Silent,
}

/// A workpiece that any number of cards can be made of.
pub(super) struct Bench {
    work: Work,
    trust: Trust,
    pulse: OwnPulse,
}

/// What one life came to.
pub(super) struct Life {
    pub(super) end: End,
    pub(super) rows: HashSet<(Step, Finding)>,
    pub(super) commands: usize,
    pub(super) struck: Vec<Harm>,
}

impl Bench {
    pub(super) fn new() -> Bench {
        let job = job();
        let files = files();
        let prepared = Prepared {
            plan: Steps::residence_card(crate::issuance::OldRule::NotRequired),
            faces: Faces {
                dpi: Dpi::D300,
                panels: Vec::new(),
                front_ir: Bitmap::blank(8, 1),
                back_ir: Bitmap::blank(8, 1),
                photo_grey: None,
                chip_photo: None,
                front_elements: Vec::new(),
                back_elements: Vec::new(),
            },
            signed_message: files.signed_message(),
            files,
            digest: [1; 32],
        };
        let keys = Keys {
            transport: chip::diversify(&TEST_TRANSPORT_MASTER, &SERIAL, chip::TRANSPORT_VERSION),
            issuer: chip::diversify(&ISSUER_MASTER, &SERIAL, chip::ISSUER_VERSION),
        };
        Bench {
            work: Work {
                job,
                prepared,
                keys: Some(keys),
            },
            trust: Trust {
                authorities: Vec::new(),
                on: 0,
            },
            pulse: OwnPulse::begun(),
        }
    }

    /// One chip under this plan, from its delivery to its end; then the truth is looked at.
    pub(super) fn lives(&self, plan: Plan, seed: u64) -> Life {
        let card = Card::blank(SERIAL, &TEST_TRANSPORT_MASTER);
        let mut air = Air::new(card, plan, seed);
        let mut rows = HashSet::new();
        let end = self.runs(&mut air, &mut rows);
        let (commands, struck) = (air.commands, air.struck.clone());
        self.is_true(&mut air, end);
        Life {
            end,
            rows,
            commands,
            struck,
        }
    }

    fn keys(&self) -> &Keys {
        self.work.keys.as_ref().expect("keys")
    }

    fn runs(&self, air: &mut Air, rows: &mut HashSet<(Step, Finding)>) -> End {
        for step in [Step::Encode, Step::Lock] {
            match self.done(step, air, rows) {
                Finding::Done => {}
                Finding::Untouched if step == Step::Encode => return End::Back,
                Finding::Untouched | Finding::Spoiled | Finding::Unknown => {
                    return self.kill(air, rows);
                }
            }
        }
        let again = || chips::read_again(air, &self.pulse, &self.work, &self.trust).is_ok();
        // Reading harms nothing: a chip that fell silent is asked once more.
        if std::iter::repeat_with(again).take(2).any(|read| read) {
            End::Passed
        } else {
            self.kill(air, rows)
        }
    }

    /// One step, begun again as long as the table finds it untouched.
    fn done(&self, step: Step, air: &mut Air, rows: &mut HashSet<(Step, Finding)>) -> Finding {
        for _ in 0..TRIES {
            let outcome = if step == Step::Lock {
                chips::lock(air, &self.pulse, &self.work, self.keys())
            } else {
                chips::encode(
                    air,
                    &self.pulse,
                    &self.work,
                    self.keys(),
                    &self.trust,
                    &mut |_| {},
                )
            };
            let finding = match outcome {
                Outcome::Done(_) => Finding::Done,
                Outcome::Found(finding, _) => finding,
                Outcome::Refused(_) | Outcome::InDoubt(_) => self.judged(step, air, rows),
            };
            if finding != Finding::Untouched {
                return finding;
            }
        }
        Finding::Untouched
    }

    /// What the table makes of the chip's word. Where nothing disturbed that word it is the truth.
    fn judged(&self, step: Step, air: &mut Air, rows: &mut HashSet<(Step, Finding)>) -> Finding {
        let struck = air.struck.len();
        let chip = chips::witness(air, &self.pulse, Some(&self.work));
        let undisturbed = struck == air.struck.len();
        let seen = Survey {
            chip,
            ..Survey::default()
        };
        let finding = judge(step, &Counters::default(), &seen);
        if undisturbed {
            rows.insert((step, finding));
            let stored = air.card().bytes_stored();
            match (step, finding) {
                (Step::Encode, Finding::Untouched) => {
                    assert_eq!(stored, 0, "written, and found untouched")
                }
                (Step::Encode, Finding::Done) => {
                    assert!(stored > 0, "found done, and never written")
                }
                _ => {}
            }
        }
        finding
    }

    fn kill(&self, air: &mut Air, rows: &mut HashSet<(Step, Finding)>) -> End {
        for _ in 0..TRIES {
            let outcome = chips::terminate(air, &self.pulse, self.keys());
            if matches!(outcome, Outcome::Refused(_) | Outcome::InDoubt(_)) {
                let _found = self.judged(Step::Terminate, air, rows);
            }
            if let Chip::Answers(witness) = chips::witness(air, &self.pulse, None)
                && witness.life == Stage::Terminated
            {
                return End::Killed;
            }
        }
        End::Silent
    }

    /// Nothing disturbs any more: what is the card?
    fn is_true(&self, air: &mut Air, end: End) {
        let what = format!("{end:?} after {:?}", air.struck);
        air.clears();
        let state = chip::inspect(air).expect("a card that answers");
        match end {
            End::Passed => {
                assert!(state.is_locked(), "{what}: not locked");
                assert!(
                    chips::read_again(air, &self.pulse, &self.work, &self.trust).is_ok(),
                    "{what}: not as prepared"
                );
                let probe = chip::ProveChance {
                    read: chips::read_chance(&self.pulse).expect("chance"),
                    host_challenge: [8; 8],
                };
                let proved = chip::prove_locked(air, &self.work.number(), &probe);
                assert!(proved.is_ok(), "{what}: {proved:?}");
            }
            End::Back => {
                assert_eq!(
                    air.card().bytes_stored(),
                    0,
                    "{what}: a written card in the stock"
                );
                assert!(state.is_blank(), "{what}: {state:?}");
            }
            End::Killed => {
                assert!(state.is_terminated(), "{what}: alive");
                assert!(
                    chips::read_again(air, &self.pulse, &self.work, &self.trust).is_err(),
                    "{what}: opens"
                );
            }
            End::Silent => {}
        }
    }
}

fn files() -> Files {
    let contents = Contents {
        version: *b"0001",
        card_type: CardType::ResidenceCard,
        front_tiff: b"II*\0front image of a specimen",
        photo_jp2: None,
        address_date: Date8::new(2026, 4, 1).expect("a day"),
        municipality: Some(*b"131016"),
        address: "東京都見本区見本1-1-1",
        blanket: None,
        individual: None,
        pending: false,
    };
    Files::assemble(&contents).expect("contents fit")
}

/// A granted job, as the authority signs it.
fn job() -> Job {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P384_SHA384_FIXED_SIGNING;
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key");
    let key = JobKey::of(pair.public_key().as_ref());
    let keys = JobKeys::new(std::slice::from_ref(&key), "").expect("keys");
    let text = include_str!("../../../../tests/samples/approvals/4-under-16.json");
    let approval: Approval = serde_json::from_str(text).expect("an approval");
    let now = "2026-11-23T01:00:00Z".parse().expect("a time");
    let station = StationId::parse("TYO-W3").expect("a station");
    let delivery_date = crate::job::token::day_in_tokyo(now);
    let valid = crate::job::rules::check(&approval, delivery_date, keys.kanji()).expect("a rule");
    let claims = Claims {
        job: approval.job(),
        attempt: 1,
        epoch: 1,
        station: station.clone(),
        number: CardNumber::parse("MH00000042MH").expect("a number"),
        delivery_date,
        valid_through: valid,
        not_before: now,
        expires: now + jiff::SignedDuration::from_mins(30),
        approval,
        photo: None,
    };
    let sign = |message: &[u8]| {
        let signature = pair.sign(&random, message).map_err(|_| ALGORITHM)?;
        Ok::<_, &str>(signature.as_ref().to_vec())
    };
    let token = claims.sign(&key.kid, sign).expect("signed");
    Job::verify(&token, &keys, &station, now).expect("verified")
}
