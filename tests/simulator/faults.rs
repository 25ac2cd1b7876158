//! What can go wrong, by name, and when it does: by chance with a rate of its own in each run, or
//! by a list of strikes. Knows no device and no law.

/// How often faults are switched on in a run, of a hundred.
const SWITCHED_ON: u32 = 16;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $word:literal at $rate:literal),* $(,)?) => {
        /// A fault of section 3 of the safety paper, at the decision level.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum Fault { $($(#[$doc])* $name),* }

        impl Fault {
            /// Every fault.
            pub(crate) const ALL: &'static [Fault] = &[$(Fault::$name),*];

            /// Its name in summaries and commands.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Fault::$name => $word),* }
            }

            /// How often it strikes at most where it could, in ten thousand.
            fn most(self) -> u32 {
                match self { $(Fault::$name => $rate),* }
            }
        }
    };
}

faults! {
    /// The station's process is killed; devices and disk go on.
    Killed = "process-killed" at 60,
    /// The power of station and printer fails together.
    PowerBoth = "power-cut-both" at 60,
    /// The process is killed when a record is written and not yet synced.
    KilledUnsynced = "killed-before-sync" at 200,
    /// The power of both fails when the printer has heard how far the journal is.
    PowerAtSurvey = "power-cut-at-survey" at 200,
    /// The printer's power fails in a motion; it comes back.
    PowerPrinter = "power-cut-printer" at 500,
    /// The line is silent before the printer heard anything.
    LineSilent = "line-silent" at 400,
    /// The printer did it, its answer is lost.
    AnswerLost = "answer-lost" at 500,
    /// A survey gets no answer.
    SurveyLost = "survey-lost" at 200,
    /// The printer says "done" before it moved.
    DoneEarly = "done-too-early" at 300,
    /// The feeder picked nothing.
    NotPicked = "not-picked" at 2000,
    /// Two blanks left the hopper at once.
    DoubleFeed = "double-feed" at 1200,
    /// A card stuck in the middle of a motion.
    Jam = "jam" at 500,
    /// The cover was opened in the middle of a motion.
    CoverOpened = "cover-opened" at 400,
    /// The head is too hot to begin.
    HeadHot = "head-hot" at 500,
    /// The ribbon broke in the middle of a pass.
    RibbonBroken = "ribbon-broken" at 400,
    /// The ribbon ended before a pass.
    RibbonOut = "ribbon-out" at 400,
    /// A ribbon of another type was put in.
    RibbonWrong = "ribbon-wrong" at 800,
    /// The ribbon slipped: begun and completed, and the face is wrong.
    RibbonSlipped = "ribbon-slipped" at 300,
    /// The buffer of the card before was printed.
    OldBuffer = "previous-buffer" at 300,
    /// The patch is not where it belongs.
    PatchMissed = "patch-misregistered" at 1500,
    /// No patch is left.
    PatchOut = "patch-out" at 1500,
    /// The reject tray is full.
    TrayFull = "tray-full" at 3000,
    /// No sensor finds the card again; it lies inside.
    CardLost = "card-lost" at 250,
    /// The hopper is empty.
    HopperEmpty = "hopper-empty" at 1500,
    /// The scanner is dirty.
    ScannerDirty = "scanner-dirty" at 1500,
    /// A counter of the printer runs ahead of what was done.
    CounterJump = "counter-jump" at 150,
    /// A reader is not there.
    ReaderGone = "reader-gone" at 800,
    /// A chip does not answer this once.
    ChipNoise = "chip-noise" at 800,
    /// What was fed holds data of somebody else.
    ForeignCard = "foreign-card" at 1500,
    /// What was fed still has its transport keys, and was begun to be written once.
    UsedBlank = "half-written-blank" at 1000,
    /// What was fed is not of the registered stock.
    StrangeBlank = "strange-blank" at 1000,
    /// The chip of the blank is dead.
    DeadBlank = "dead-blank" at 1000,
    /// The chip does not take the keys: one attempt only.
    WrongKeys = "wrong-cryptogram" at 1000,
    /// The chip was written in part.
    TornWrite = "torn-write" at 1500,
    /// The chip acknowledged and stored something else.
    NotStored = "acknowledged-not-stored" at 1200,
    /// The chip wrote all, its answer is lost.
    ChipAnswerLost = "chip-answer-lost" at 1500,
    /// The chip said that it is locked and is not.
    NotLocked = "lock-acknowledged-not-locked" at 1200,
    /// The chip died under the patch.
    DeadAfterPatch = "chip-dead-after-lamination" at 800,
    /// The chip's memory changed under the patch's heat.
    ChangedAfterPatch = "chip-changed-after-lamination" at 800,
    /// The authority cannot be reached, this once.
    Refused = "connection-refused" at 400,
    /// The authority did it, its answer is lost.
    OfficeAnswerLost = "request-applied-answer-lost" at 400,
    /// The authority answers with something that is no answer.
    OfficeStorm = "server-error" at 300,
    /// The network is gone for an hour.
    PartitionHour = "partition-one-hour" at 60,
    /// The network is gone for seven days.
    PartitionWeek = "partition-seven-days" at 40,
    /// A token whose signature does not verify.
    TokenForged = "token-signature-invalid" at 1500,
    /// A token signed by nobody.
    TokenUnsigned = "token-alg-none" at 1500,
    /// A token of a key that nobody knows.
    TokenUnknownKey = "token-unknown-key" at 1500,
    /// A token for another station.
    TokenElsewhere = "token-other-station" at 1500,
    /// A token whose time is over.
    TokenExpired = "token-expired" at 1500,
    /// A token of an earlier attempt.
    TokenReplayed = "token-replayed" at 2500,
    /// Another grant under the same key after a crash.
    TokenChanged = "token-changed-under-the-same-id" at 1500,
    /// Two persons ended the lease at the authority.
    LeaseRevoked = "lease-revoked" at 400,
    /// The disk takes nothing more.
    DiskFull = "disk-full" at 40,
    /// The disk takes little more.
    DiskLow = "disk-nearly-full" at 1500,
    /// A write fails.
    WriteFails = "write-fails" at 40,
    /// A record is written, its sync fails.
    SyncFails = "sync-fails" at 40,
    /// An old copy of the disk is put back.
    Rollback = "disk-rolled-back" at 2500,
    /// The clock is set back an hour.
    ClockBack = "clock-back-one-hour" at 1500,
    /// The clock stands ten years ahead.
    ClockAhead = "clock-ahead-ten-years" at 800,
    /// The clock starts in 1970.
    ClockAtStart = "clock-1970-at-boot" at 2000,
    /// Midnight passes while the card waits.
    Midnight = "day-passed" at 1200,
    /// The operator asks twice.
    DoubleClick = "double-click" at 2500,
    /// The operator wants to stop between two motions.
    Cancel = "cancel" at 200,
    /// The operator does not do what is asked.
    WalksAway = "walks-away" at 1500,
    /// The operator says done and did nothing, where a sensor sees it.
    SaysDone = "says-done-too-early" at 9000,
    /// Somebody pulls the card out of the slot.
    TakenEarly = "card-taken-early" at 1500,
    /// Another card is laid on the desk reader.
    WrongOldCard = "wrong-old-card" at 1500,
    /// A wrong count is loaded.
    WrongCount = "wrong-count-loaded" at 3000,
    /// One person alone signs what two must sign.
    WaivesAlone = "waives-alone" at 5000,
    /// The operator leaves a stop as it stands.
    Undecided = "leaves-it-undecided" at 2500,
    // --- at the level of bytes only
    /// A frame never arrives.
    FrameLost = "line-frame-lost" at 60,
    /// Bytes of a frame are lost.
    BytesDropped = "line-bytes-dropped" at 60,
    /// Bits of a frame turn over.
    BytesFlipped = "line-bytes-flipped" at 60,
    /// Bytes come between.
    BytesInserted = "line-bytes-inserted" at 60,
    /// Bytes change their places.
    BytesSwapped = "line-bytes-reordered" at 60,
    /// A frame comes twice.
    FrameTwice = "line-frame-doubled" at 60,
    /// A frame comes after the one behind it.
    FrameLate = "line-frame-overtaken" at 60,
    /// An old frame comes again.
    FrameStale = "line-stale-frame" at 60,
    /// A motion began, and its answer and end are lost.
    AckLost = "ack-lost-after-begin" at 300,
    /// One of the machine's own faults, by its own table.
    Machine = "machine-fault" at 600,
    /// A command never reaches the chip.
    ApduLost = "apdu-lost" at 60,
    /// The chip acts on a command, its answer is lost.
    ApduAnswerLost = "apdu-answer-lost" at 60,
    /// The field breaks down before a command.
    FieldBefore = "field-lost-before-apdu" at 60,
    /// The chip acts on a command, then the field breaks down.
    FieldAfter = "field-lost-after-apdu" at 60,
    /// One bit of a command turns over.
    ApduFlipped = "apdu-flipped" at 60,
    /// One bit of an answer turns over.
    ApduAnswerFlipped = "apdu-answer-flipped" at 60,
    /// An answer ends early.
    ApduAnswerCut = "apdu-answer-cut" at 60,
    /// The chip gets a command twice.
    ApduTwice = "apdu-doubled" at 60,
}

/// How close a run looks: motions and chips as decisions, or frames and commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Level {
    #[default]
    Decision,
    Bytes,
}

impl Fault {
    /// Whether it can strike at this level.
    pub(crate) fn is_of(self, level: Level) -> bool {
        match level {
            Level::Decision => (self as usize) < Fault::FrameLost as usize,
            Level::Bytes => !super::bytes::DECIDED.contains(&self),
        }
    }
}

/// How many faults there are.
pub(crate) const COUNT: usize = Fault::ALL.len();

/// One strike: the fault, and at the how-manieth place where it could.
pub(crate) type Strike = (Fault, u32);

/// How it is decided whether a fault strikes.
enum Mode {
    /// By chance; each fault with its own odds in 65,536.
    Chance(fastrand::Rng, Box<[u32; COUNT]>),
    /// Just these.
    Listed(Vec<Strike>),
    /// None any more.
    Healed,
}

/// The faults of one run.
pub(crate) struct Faults {
    seed: u64,
    mode: Mode,
    places: [u32; COUNT],
    struck: Vec<Strike>,
}

impl Faults {
    /// A random subset at random rates.
    pub(crate) fn by_chance(seed: u64, level: Level) -> Faults {
        let mut rng = fastrand::Rng::with_seed(seed ^ 0x5EED_FA17);
        let mut odds = Box::new([0; COUNT]);
        let all = odds.iter_mut().zip(Fault::ALL);
        for (odds, fault) in all.filter(|(_, fault)| fault.is_of(level)) {
            if rng.u32(0..100) < SWITCHED_ON {
                let most = fault.most() * 65_536 / 10_000;
                *odds = (most / 6).max(1) + rng.u32(0..most.max(1));
            }
        }
        Faults {
            seed,
            ..Faults::of(Mode::Chance(rng, odds))
        }
    }

    /// Just these strikes.
    pub(crate) fn listed(strikes: &[Strike]) -> Faults {
        Faults::of(Mode::Listed(strikes.to_vec()))
    }

    /// The same, whose strikes draw what they need from this seed.
    pub(crate) fn seeded(self, seed: u64) -> Faults {
        Faults { seed, ..self }
    }

    fn of(mode: Mode) -> Faults {
        Faults {
            seed: 0,
            mode,
            places: [0; COUNT],
            struck: Vec::new(),
        }
    }

    /// Whether the fault strikes here. Each call is one place at which it could.
    pub(crate) fn strikes(&mut self, fault: Fault) -> bool {
        let place = self.places[fault as usize];
        let strikes = match &mut self.mode {
            Mode::Healed => return false,
            Mode::Chance(rng, odds) => {
                let odds = odds[fault as usize];
                odds > 0 && rng.u32(0..65_536) < odds
            }
            Mode::Listed(list) => list.contains(&(fault, place)),
        };
        self.places[fault as usize] += 1;
        if strikes {
            self.struck.push((fault, place));
        }
        strikes
    }

    /// The same question; with the chance of this strike, which is the same whenever this seed's
    /// fault strikes at this place.
    pub(crate) fn struck_with(&mut self, fault: Fault) -> Option<fastrand::Rng> {
        let place = u64::from(self.places[fault as usize]);
        let own = self.seed ^ (fault as u64) << 48 ^ place << 16;
        self.strikes(fault)
            .then(|| fastrand::Rng::with_seed(own ^ 0x0BAD_5EED))
    }

    /// Everything is well from here.
    pub(crate) fn heal(&mut self) {
        self.mode = Mode::Healed;
    }

    /// Whether nothing strikes any more.
    pub(crate) fn healed(&self) -> bool {
        matches!(self.mode, Mode::Healed)
    }

    /// What struck, in order.
    pub(crate) fn struck(&self) -> &[Strike] {
        &self.struck
    }

    /// At how many places a fault could strike.
    pub(crate) fn places(&self, fault: Fault) -> u32 {
        self.places[fault as usize]
    }
}

/// Strikes as a command takes them: `jam@3,killed@17`.
pub(crate) fn written(strikes: &[Strike]) -> String {
    let one = |(fault, place): &Strike| format!("{}@{place}", fault.name());
    strikes.iter().map(one).collect::<Vec<_>>().join(",")
}

/// Reads strikes again; none where it is no such list.
pub(crate) fn read(text: &str) -> Option<Vec<Strike>> {
    let one = |part: &str| {
        let (name, place) = part.split_once('@')?;
        let fault = Fault::ALL.iter().find(|fault| fault.name() == name)?;
        Some((*fault, place.parse().ok()?))
    };
    text.split(',')
        .filter(|part| !part.is_empty())
        .map(one)
        .collect()
}
