//! What jobs there are in a run, and what must be true when all of them are over.

use card_station::authority::contract::NumberStanding;
use card_station::authority::server::lease::JobState;
use card_station::issuance::{Counters, Ending, Finding, Ledger, Phase, Withdrawal};
use card_station::job::{OldCard, ReceptionNumber};
use card_station::product::{CardNumber, OldCardRule};
use card_station::station::seams::Deed;

use super::bytes;
use super::faults::Level;
use super::kit;
use super::truth::{At, Nature, OldAt, TrueOld};
use super::world::Sim;

/// One job of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// Which sample approval.
    pub(crate) sample: usize,
    pub(crate) nature: Nature,
    /// It is withdrawn once, when it could be handed over.
    pub(crate) reason: Option<Withdrawal>,
}

impl Kind {
    pub(crate) fn withdrawn(self) -> bool {
        self.reason.is_some()
    }
}

/// The five kinds of the exhaustive runs: first card, with old card, lost, under 16, withdrawn.
pub(crate) const FIVE: [(&str, Kind); 5] = [
    ("first card", kind(0, None)),
    ("with old card", kind(1, None)),
    ("lost", kind(2, None)),
    ("under 16", kind(3, None)),
    ("withdrawn", kind(1, Some(Withdrawal::HolderAbsent))),
];

const fn kind(sample: usize, reason: Option<Withdrawal>) -> Kind {
    Kind {
        sample,
        nature: Nature::Genuine,
        reason,
    }
}

/// The jobs of a random run.
pub(crate) fn kinds(rng: &mut fastrand::Rng) -> Vec<Kind> {
    let one = |rng: &mut fastrand::Rng| Kind {
        sample: [0, 1, 1, 1, 2, 3][rng.usize(0..6)],
        nature: match rng.u32(0..20) {
            0 => Nature::Dead,
            1 => Nature::Unsigned,
            2 => Nature::SecondGeneration,
            3 => Nature::Forged,
            _ => Nature::Genuine,
        },
        reason: match rng.u32(0..16) {
            0 => Some(Withdrawal::HolderAbsent),
            1 => Some(Withdrawal::DataWrong),
            _ => None,
        },
    };
    (0..rng.usize(1..4)).map(|_| one(rng)).collect()
}

/// The approvals wait at the authority, the old cards are where they are.
pub(crate) fn approve(sim: &mut Sim, kinds: &[Kind]) {
    let samples = kit::samples();
    for (job, kind) in kinds.iter().enumerate() {
        let mut approval = samples[kind.sample].clone();
        let reception = format!("2024-{:06}", job + 1 + 10 * kind.sample);
        approval.reception = ReceptionNumber::parse(&reception).expect("a number");
        let number = CardNumber::parse(&format!("MH{:08}MH", 100 * kind.sample + job));
        let number = number.expect("a number");
        let (old, standing) = match approval.previous_card {
            OldCard::NotRequired => (None, None),
            OldCard::Return(_) => {
                approval.previous_card = OldCard::Return(number);
                (Some(OldAt::Holder), Some(NumberStanding::Live))
            }
            // A declared loss is void from the declaration on.
            OldCard::DeclaredLost(_) => {
                approval.previous_card = OldCard::DeclaredLost(number);
                (Some(OldAt::Lost), Some(NumberStanding::Void))
            }
        };
        if let Some(standing) = standing {
            sim.authority.numbers.insert(number, standing);
        }
        let data = card_station::job::Digest(match (sim.level(), old) {
            (Level::Bytes, Some(_)) => bytes::old::signed_data(number),
            (Level::Bytes | Level::Decision, _) => super::hands::old_data(&number),
        });
        let signed = (kind.nature != Nature::Unsigned).then_some(data);
        sim.authority.old_data.insert(number, signed);
        sim.authority.approve(approval);
        sim.old_chips.push(None);
        let level = sim.level();
        sim.old.push(old.map(|at| TrueOld {
            number,
            nature: match (level, kind.nature) {
                // No simulated chip speaks the second generation.
                (Level::Bytes, Nature::SecondGeneration) => Nature::Genuine,
                (Level::Bytes | Level::Decision, nature) => nature,
            },
            at,
            punched: false,
        }));
    }
}

impl Sim {
    /// A chip is closed for good: it holds what was prepared (I-12).
    pub(crate) fn check_lock(&mut self, deed: &Deed<'_>) {
        let prepared = deed.work.map(|work| work.files_digest());
        let held = self.at_hand().and_then(|card| card.chip.files);
        if prepared.is_some() && held.is_some() && held != prepared {
            self.breaks(
                "I-12",
                "a chip is locked that does not hold the prepared files",
            );
        }
    }

    /// The newest record of which printer or authority know.
    pub(crate) fn witnessed(&self) -> usize {
        let printer = self.machine.newest_sequence;
        usize::try_from(printer.max(self.authority.sequence)).unwrap_or(usize::MAX)
    }

    /// Somebody takes the blanks out of the hopper; they are in nobody's books.
    pub(crate) fn empty_hopper(&mut self) {
        self.cards.retain(|card| card.at != At::Hopper);
        self.fill_press();
        self.flags.counts_off = true;
    }

    /// What must hold when all is healed and finished.
    pub(crate) fn check_end(&mut self, ledger: &Ledger, kinds: &[Kind]) {
        self.look();
        if let Some(card) = self
            .cards
            .iter()
            .find(|card| card.in_machine() || card.at == At::Clerk)
        {
            let how = format!("a card is in between: {:?}", card.at);
            self.breaks("I-34", how);
        }
        self.check_cards();
        if !self.disk.holds() {
            self.breaks("I-61", "the chain does not hold");
        }
        for job in 0..kinds.len() {
            self.check_job(job);
        }
        self.check_books(ledger);
        let kept = self.authority.kept;
        if let Some(kept) = kept {
            let at = usize::try_from(kept.sequence).unwrap_or(0);
            let ours = at.checked_sub(1).and_then(|at| self.disk.links.get(at));
            if ours != Some(&kept.hash.0) {
                self.breaks("I-63", "the authority's checkpoint is not in the chain");
            }
        }
    }

    fn check_job(&mut self, job: usize) {
        let state = self.authority.jobs[job].state;
        let old = self.authority.jobs[job].approval.previous_card;
        let held = |card: &&super::truth::TrueCard| card.at == At::Holder(job);
        let outside = self.cards.iter().filter(held).count();
        let delivered = matches!(state, JobState::Closed);
        if delivered != (outside == 1) || outside > 1 {
            self.breaks(
                "I-30",
                format!("{state:?}, {outside} cards with the holder"),
            );
        }
        let void = self.authority.is_void(old);
        if delivered && !void {
            self.breaks("I-23", "closed, the old number is not void");
        }
        let live = |card: &&super::truth::TrueCard| {
            let number = card.chip.number;
            number.and_then(|number| self.authority.numbers.get(&number))
                == Some(&NumberStanding::Live)
        };
        if self.cards.iter().filter(held).any(|card| !live(&card)) {
            self.breaks("I-27", "a holder's number is not live");
        }
        let Some(true_old) = self.old[job].clone() else {
            return;
        };
        let returned = old.rule() == OldCardRule::Return;
        let forged = true_old.nature == Nature::Forged;
        if !delivered && true_old.punched {
            self.breaks("I-25", "no new card, and the old one is punched");
        }
        if !delivered && returned && true_old.at == OldAt::Box && !forged {
            self.breaks("I-25", "no new card, and the old one is kept");
        }
        if delivered && true_old.at == OldAt::Box && !true_old.punched {
            self.breaks("I-20", "collected for good and never punched");
        }
        let open = self
            .authority
            .newest(job)
            .is_some_and(|grant| grant.law.state.holds());
        if open {
            self.breaks("I-34", "a grant is left open");
        }
    }

    fn check_books(&mut self, ledger: &Ledger) {
        let terms = ledger.stock().terms();
        if !terms.balanced() {
            self.breaks("I-40", format!("{terms:?}"));
        }
        let off = self.flags.counts_off || self.flags.hands_on;
        let count =
            |is: fn(At) -> bool| self.cards.iter().filter(|card| is(card.at)).count() as i64;
        let truth = [
            count(|at| at == At::Hopper),
            count(|at| matches!(at, At::Tray | At::Bag)),
            count(|at| matches!(at, At::Holder(_))),
        ];
        let binned = terms.tray + terms.bag + terms.quarantined;
        let books = [terms.hopper, binned, terms.delivered];
        if !off && truth != books {
            self.breaks(
                "I-40",
                format!("hopper, bins, delivered: {truth:?}, books {books:?}"),
            );
        }
        let counters: &Counters = &self.machine.counters;
        let known = ledger
            .expected()
            .is_none_or(|expected| expected.same_work(counters));
        if !known && !self.flags.counters_off {
            self.breaks("I-44", "the journal does not know what the printer counted");
        }
    }

    /// Rows of the judge table and ends that this run reached, from the journal's own words.
    pub(crate) fn count_ends(&mut self) {
        let mut ledger = Ledger::default();
        let records = std::mem::take(&mut self.disk.records);
        for record in &records {
            let Ok(entry) = card_station::issuance::Entry::parse(record) else {
                continue;
            };
            let found =
                match &entry.what {
                    card_station::issuance::What::Issuance(
                        card_station::issuance::Event::Found { step, finding, .. },
                    ) => Some((*step, word(*finding))),
                    _ => None,
                };
            self.reached.rows.extend(found);
            if ledger.apply(&entry).is_err() {
                break;
            }
            if let Phase::Closed(ending) = ledger.newest().phase() {
                let old = ledger.newest().old();
                self.reached.ends.insert(match ending {
                    Ending::Declined => "declined".to_owned(),
                    Ending::Reported(kind) => format!("{kind:?} / old card {old:?}"),
                });
            }
        }
        self.disk.records = records;
    }
}

/// A finding's word in the list of rows.
pub(crate) fn word(finding: Finding) -> &'static str {
    match finding {
        Finding::Done => "done",
        Finding::Untouched => "untouched",
        Finding::Spoiled => "spoiled",
        Finding::Unknown => "unknown",
    }
}
