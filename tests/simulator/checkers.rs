//! The invariants, held against the truth at each act, record and answer. Reads records as text and
//! cards as they are; shares no decision with the controller.

use card_station::authority::contract::Report;
use card_station::authority::server::lease::{GrantState, JobState};
use card_station::issuance::{Chip, ChipKeys, Life, Panel, Step};
use card_station::product::OldCardRule;
use card_station::station::seams::Deed;
use std::collections::BTreeMap;

use super::truth::{At, Nature, OldAt, OnDesk, TrueCard};
use super::world::Sim;

/// What the checkers remember of one run.
#[derive(Default)]
pub(crate) struct Watch {
    /// So many durable records were read.
    read: usize,
    /// The step of the newest durable intent that has no outcome.
    intent: Option<String>,
    opened: bool,
    granted: bool,
    waived: bool,
    /// Durable intents of passes.
    passes_intended: u32,
    patches_intended: u32,
    pub(crate) written_off: bool,
    /// Chip files as they were prepared, by number.
    pub(crate) files: BTreeMap<String, card_station::issuance::Digest>,
    last_counters: Option<card_station::issuance::Counters>,
}

/// Words of every holder, which must be found nowhere.
pub(crate) const CANARIES: [&str; 4] = ["MIHON", "見本 ", "霞が関", "HANAKO"];

/// The value of `"name":"…"` or `"name":{…}` in a record, as text.
fn member<'a>(record: &'a str, name: &str) -> Option<&'a str> {
    let at = record.find(name)? + name.len();
    let rest = &record[at..];
    let end = match rest.as_bytes().first()? {
        b'"' => rest[1..].find('"')? + 2,
        b'{' => rest.find('}')? + 1,
        _ => rest.find([',', '}'])?,
    };
    Some(&rest[..end])
}

impl Sim {
    /// A record on its way to the disk (I-22, I-26, I-65).
    pub(crate) fn check_record(&mut self, record: &[u8]) {
        let text = String::from_utf8_lossy(record);
        if self.flags.append_failed {
            self.breaks("I-33", "a record after a failed write of the same run");
        }
        if let Some(word) = CANARIES.iter().find(|word| text.contains(*word)) {
            self.breaks("I-65", format!("the journal names {word}"));
        }
        let Some(event) = member(&text, "\"event\":") else {
            return;
        };
        match event {
            "\"decided\"" => self.check_decided(&text),
            "\"finished\"" | "\"found\"" if text.contains("\"old-card\":") => self.check_sighted(),
            "\"finished\"" | "\"found\"" if text.contains("\"life\":\"terminated\"") => {
                let card = self.at_hand().map(|card| (card.chip.life, card.chip.dead));
                if card.is_some_and(|(life, dead)| life != Life::Terminated && !dead) {
                    self.breaks("I-01", "a chip is journalled as dead and lives");
                }
            }
            _ => {}
        }
    }

    fn check_decided(&mut self, text: &str) {
        let people: Vec<&str> = text.split("\"person\":\"").skip(1).collect();
        let names = people.iter().filter_map(|rest| rest.split('"').next());
        let mut names: Vec<&str> = names.collect();
        names.dedup();
        let supervised = text.contains("\"role\":\"supervisor\"");
        if text.contains("\"decision\":{\"waive\"") && (names.len() < 2 || !supervised) {
            self.breaks("I-22", "waived by fewer than two persons with a supervisor");
        }
        if text.contains("\"decision\":\"by-eye\"") && !supervised {
            self.breaks("I-26", "an eye that is no supervisor's");
        }
        if self.nature_at_hand() == Some(Nature::Forged)
            && text.contains("\"decision\":{\"waive\"")
            && self.known_forged()
        {
            self.breaks("I-26", "a forged card was waived");
        }
    }

    /// Whether the journal knows that the old card at hand is forged.
    fn known_forged(&self) -> bool {
        let forged = |record: &Vec<u8>| {
            let text = String::from_utf8_lossy(record);
            text.contains("\"event\":\"asked\"")
                || text.contains("P-FORGED")
                || text.contains("O-FORGED")
        };
        let newest = self.disk.records.iter().rev().find(|record| forged(record));
        newest.is_some_and(|record| !String::from_utf8_lossy(record).contains("\"asked\""))
    }

    /// The nature of the old card of the job that is open.
    fn nature_at_hand(&self) -> Option<Nature> {
        let job = self.authority.grants.last()?.job;
        Some(self.old.get(job)?.as_ref()?.nature)
    }

    /// An old card was proved by its chip: it must be the true one, and lie there.
    fn check_sighted(&mut self) {
        let job = self.authority.grants.last().map(|grant| grant.job);
        let lies = match (self.desk, job) {
            (OnDesk::Old(lies), Some(job)) if lies == job => self.nature_at_hand(),
            (OnDesk::Nothing | OnDesk::Stranger | OnDesk::Old(_), _) => None,
        };
        if lies != Some(Nature::Genuine) {
            self.breaks("I-26", format!("{lies:?} counts as the genuine old card"));
        }
    }

    /// Reads what has become durable (intents, grants).
    pub(crate) fn check_durable(&mut self) {
        if self.disk.shelved.is_some() {
            return;
        }
        while self.watch.read < self.disk.durable {
            let record = std::mem::take(&mut self.disk.records[self.watch.read]);
            self.fold(&String::from_utf8_lossy(&record));
            self.disk.records[self.watch.read] = record;
            self.watch.read += 1;
        }
    }

    fn fold(&mut self, text: &str) {
        let Some(event) = member(text, "\"event\":") else {
            return;
        };
        let step = member(text, "\"step\":").unwrap_or_default();
        match event {
            "\"asked\"" => {
                let watch = &mut self.watch;
                (watch.opened, watch.granted, watch.waived) = (false, false, false);
                watch.intent = None;
            }
            "\"granted\"" => {
                self.watch.granted = true;
                self.check_granted(text);
            }
            "\"opened\"" => self.watch.opened = true,
            "\"began\"" => {
                self.watch.passes_intended += u32::from(step.contains("print"));
                self.watch.patches_intended += u32::from(step.contains("hologram"));
                self.watch.intent = Some(step.to_owned());
            }
            "\"finished\"" | "\"found\"" | "\"refused\"" => self.watch.intent = None,
            "\"decided\"" if text.contains("{\"waive\"") => self.watch.waived = true,
            _ => {}
        }
    }

    /// A grant in the journal is one that the authority gave, to this station, and held (I-02).
    fn check_granted(&mut self, text: &str) {
        let token = member(text, "\"token\":")
            .unwrap_or_default()
            .trim_matches('"')
            .to_owned();
        // When it was taken, not when the disk had it for good.
        let taken = member(text, "\"at\":")
            .and_then(|at| at.trim_matches('"').parse::<jiff::Timestamp>().ok());
        let now = taken.unwrap_or_else(|| self.time.now());
        let given = self.authority.grants.iter().find(|grant| {
            let digest = card_station::job::Digest::of(grant.token.as_bytes());
            digest.to_string() == token
        });
        let Some(grant) = given else {
            return self.breaks("I-02", "a grant that the authority never gave");
        };
        let number = grant.number.to_string();
        let late = now >= grant.law.expires && !self.time.is_skewed();
        if let Some(odd) = grant.odd {
            return self.breaks("I-02", format!("a grant that is {odd:?} was taken"));
        }
        if !text.contains(&number) {
            self.breaks("I-14", "another number than the granted one");
        }
        if late {
            self.breaks("I-02", "a grant taken after its time");
        }
    }

    /// An act is about to happen (I-02, I-05, I-06, I-07, I-33; intent before motion).
    pub(crate) fn check_act(&mut self, deed: &Deed<'_>) {
        if self.disk.shelved.is_some() {
            self.breaks(
                "I-07",
                format!("{:?} on an old copy of the journal", deed.step),
            );
        }
        if self.flags.append_failed {
            self.breaks("I-33", format!("{:?} after a failed write", deed.step));
        }
        let step = serde_json::to_string(&deed.step).unwrap_or_default();
        if self.disk.shelved.is_none() && self.watch.intent.as_deref() != Some(&step) {
            let intent = self.watch.intent.clone();
            self.breaks("intent", format!("{step} acts, durable is {intent:?}"));
        }
        match deed.step {
            Step::Feed => self.check_feed(deed),
            Step::Release => self.check_release(deed),
            Step::Encode => {
                if let Some(work) = deed.work {
                    let number = work.job.number.to_string();
                    self.watch.files.insert(number, work.files_digest());
                }
            }
            Step::Lock => self.check_lock(deed),
            Step::SightOld
            | Step::Print(_)
            | Step::Flip
            | Step::Hologram
            | Step::Check
            | Step::Eject
            | Step::CollectOld
            | Step::HandOver
            | Step::Punch
            | Step::Terminate
            | Step::Reject
            | Step::RemoveByHand => {}
        }
    }

    fn check_feed(&mut self, deed: &Deed<'_>) {
        if !self.watch.opened || !self.watch.granted {
            self.breaks("I-02", "a blank is fed without a durable grant");
        }
        let Some(work) = deed.work else {
            return self.breaks("I-02", "a blank is fed without a job");
        };
        let (job, attempt) = (work.job.id.as_str(), work.job.attempt);
        let Some(grant) = self.authority.grant(job, attempt) else {
            return self.breaks("I-02", "a blank is fed for a job that nobody granted");
        };
        let over = matches!(
            grant.law.state,
            GrantState::Delivered
                | GrantState::Returned
                | GrantState::Spoiled
                | GrantState::Withdrawn
        );
        let closed = self.authority.jobs[grant.job].state == JobState::Closed;
        if over || closed {
            self.breaks("I-06", "a blank is fed for a job that is over");
        }
    }

    /// A motion that the printer takes (I-15).
    pub(crate) fn check_motion(&mut self, deed: &Deed<'_>) {
        if deed.step == Step::Feed && self.place_of_card().is_some() {
            self.breaks("I-15", "a blank is fed while a card is inside");
        }
    }

    /// A chip is about to be written (I-16).
    pub(crate) fn check_write(&mut self) {
        let bound = self
            .authority
            .grants
            .last()
            .and_then(|grant| grant.law.blank);
        let card = self
            .cards
            .iter()
            .find(|card| card.in_machine() && !card.stowaway);
        let Some(card) = card else { return };
        let ours = bound.is_some_and(|bound| bound.0 == card.serial.0);
        if !card.of_stock || !ours || !super::hands::is_blank(&card.chip) {
            self.breaks(
                "I-16",
                "a chip is written that is no blank of the stock, bound to this job",
            );
        }
    }

    /// The slot is about to open (I-21, and the day of delivery).
    fn check_release(&mut self, deed: &Deed<'_>) {
        let Some(work) = deed.work else {
            return self.breaks("I-21", "released without a job");
        };
        let Some(grant) = self.authority.grant(work.job.id.as_str(), work.job.attempt) else {
            return self.breaks("I-02", "released for nobody");
        };
        let (job, state) = (grant.job, grant.law.state);
        if state != GrantState::Produced {
            self.breaks(
                "I-27",
                format!("released, the authority knows it as {state:?}"),
            );
        }
        let rule = self.authority.jobs[job].approval.previous_card.rule();
        let collected = self.old[job]
            .as_ref()
            .is_some_and(|old| old.at == OldAt::Box);
        if rule == OldCardRule::Return && !collected && !self.watch.waived {
            self.breaks(
                "I-21",
                "released, the old card was neither collected nor waived",
            );
        }
        let today = card_station::job::token::day_in_tokyo(self.time.now());
        if today != work.job.delivery_date && !self.time.is_skewed() {
            self.breaks("I-04", "released on another day than the granted one");
        }
    }

    /// Every card as it is now (I-01, I-05, I-10 to I-14, I-44).
    pub(crate) fn check_cards(&mut self) {
        let cards = std::mem::take(&mut self.cards);
        for card in &cards {
            if card.at == At::Hopper {
                break;
            }
            self.check_once(card);
            if matches!(card.at, At::Clerk | At::Holder(_)) {
                self.check_outside(card);
            }
        }
        self.check_numbers(&cards);
        self.cards = cards;
        self.check_counters();
    }

    fn check_once(&mut self, card: &TrueCard) {
        let passes = card.faces.iter().all(|burned| burned.begun <= 1);
        if !passes || card.patch.0 > 1 || card.chip.writes > 1 || card.chip.locks > 1 {
            self.breaks("I-05", format!("a step took effect twice: {card:?}"));
        }
    }

    fn check_outside(&mut self, card: &TrueCard) {
        let Some(number) = card.chip.number else {
            return self.breaks("I-10", "a card without number is outside");
        };
        let whole = |burned: &super::truth::Burned| (burned.begun, burned.completed) == (1, 1);
        let same = card
            .faces
            .iter()
            .all(|burned| burned.number == Some(number));
        let granted = self
            .authority
            .grants
            .iter()
            .find(|grant| grant.number == number);
        let Some(granted) = granted else {
            return self.breaks("I-10", "a number that nobody granted is outside");
        };
        let drawn = granted.prepared.map(card_station::issuance::Digest);
        let (known, job) = (granted.law.state, granted.job);
        let shown = card
            .faces
            .iter()
            .all(|burned| whole(burned) && burned.content == drawn);
        if !same || !shown || card.patch != (1, 1) || drawn.is_none() {
            self.breaks("I-11", format!("the face is not the granted one: {card:?}"));
        }
        let files = self.watch.files.get(&number.to_string()).copied();
        if card.chip.files != files || files.is_none() {
            self.breaks("I-12", "the chip's files are not the prepared ones");
        }
        let closed = card.chip.life == Life::Locked && card.chip.keys == ChipKeys::Issuer;
        if !closed || matches!(card.word(None), Chip::Silent) {
            self.breaks("I-13", format!("a chip outside is {:?}", card.chip));
        }
        if !card.checked {
            self.breaks("I-12", "a card is outside that no check passed");
        }
        let told = matches!(known, GrantState::Produced | GrantState::Delivered);
        if !told && (card.at != At::Clerk || !self.flags.hands_on) {
            self.breaks(
                "I-27",
                format!("out of the slot, the authority knows {known:?}"),
            );
        }
        if matches!(card.at, At::Holder(holder) if holder != job) {
            self.breaks("I-10", "a holder has another one's card");
        }
    }

    fn check_numbers(&mut self, cards: &[TrueCard]) {
        let used = cards.iter().take_while(|card| card.at != At::Hopper);
        let mut numbers = BTreeMap::new();
        let mut outside = BTreeMap::new();
        for (at, card) in used.enumerate() {
            let faces = card.faces.iter().filter_map(|burned| burned.number);
            // What a faulty firmware burned of another card is seen by the check, not here.
            let stale = card
                .faces
                .iter()
                .any(|burned| burned.number != card.chip.number);
            let own = card.chip.number.into_iter().chain(faces.filter(|_| !stale));
            for number in own {
                if *numbers.entry(number).or_insert(at) != at {
                    self.breaks("I-14", "a number stands on two cards");
                }
            }
            let live = card.chip.life == Life::Locked && !card.chip.dead;
            if let (true, At::Clerk | At::Holder(_), Some(number)) =
                (live, card.at, card.chip.number)
            {
                let job = self
                    .authority
                    .grants
                    .iter()
                    .find(|grant| grant.number == number);
                *outside.entry(job.map(|grant| grant.job)).or_insert(0) += 1;
            }
        }
        if outside.values().any(|count| *count > 1) {
            self.breaks("I-01", "two live cards of one job are outside");
        }
    }

    fn check_counters(&mut self) {
        let now = self.machine.counters.clone();
        let passes: u32 = self.machine.true_passes.iter().sum();
        if passes > self.watch.passes_intended
            || self.machine.true_patches > self.watch.patches_intended
        {
            self.breaks("I-42", "more passes or patches than intents");
        }
        let forward = self.watch.last_counters.as_ref().is_none_or(|last| {
            Panel::ALL
                .iter()
                .all(|panel| now.begun[panel.index()] >= last.begun[panel.index()])
                && now.fed >= last.fed
        });
        if !forward {
            self.breaks("I-44", "a counter ran backwards");
        }
        self.watch.last_counters = Some(now);
    }

    /// What the authority holds after a request (I-04, I-20).
    pub(crate) fn check_authority(&mut self) {
        let open = self
            .authority
            .grants
            .iter()
            .filter(|grant| grant.law.state.holds())
            .count();
        if open > 1 {
            self.breaks("I-04", "two grants hold at once");
        }
        for job in 0..self.authority.jobs.len() {
            let old = self.authority.jobs[job].approval.previous_card;
            let returned = old.rule() == OldCardRule::Return;
            let delivered = self.cards.iter().any(|card| card.at == At::Holder(job));
            if returned && self.authority.is_void(old) && !delivered {
                self.breaks("I-20", "the old number is void, the holder has no new card");
            }
        }
    }

    /// The closed record is told: the old number must be void where a card was delivered (I-23 holds
    /// it again at the end).
    pub(crate) fn check_told(&mut self, report: &Report) {
        let text = serde_json::to_string(report).unwrap_or_default();
        if let Some(word) = CANARIES.iter().find(|word| text.contains(*word)) {
            self.breaks("I-65", format!("a report names {word}"));
        }
    }

    /// A person punches the old card (I-20).
    pub(crate) fn check_punch(&mut self, job: usize) {
        if !self.cards.iter().any(|card| card.at == At::Holder(job)) {
            self.breaks("I-20", "punched before the holder has the new card");
        }
    }

    /// A person hands the card over (I-27).
    pub(crate) fn check_hand_over(&mut self, job: usize) {
        let state = self.authority.newest(job).map(|grant| grant.law.state);
        if !matches!(state, Some(GrantState::Produced | GrantState::Delivered)) {
            self.breaks(
                "I-27",
                format!("handed over, the authority knows {state:?}"),
            );
        }
    }
}
