//! Deliberate mistakes, one at a time, put in where the station meets its world: a store that skips
//! the sync, hands that repeat a pass, a screen that confirms itself. Never part of the product.

use super::faults::Level;

macro_rules! planted {
    ($($(#[$doc:meta])* $name:ident = $word:literal),* $(,)?) => {
        /// One mistake, or none.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(crate) enum Planted {
            /// The station as it is.
            #[default]
            Nothing,
            $($(#[$doc])* $name),*
        }

        impl Planted {
            /// Every mistake.
            pub(crate) const ALL: &'static [Planted] = &[$(Planted::$name),*];

            /// What it is called in the table.
            pub(crate) fn name(self) -> &'static str {
                match self {
                    Planted::Nothing => "nothing",
                    $(Planted::$name => $word),*
                }
            }
        }
    };
}

planted! {
    /// The store says durable and synced nothing.
    SkipSync = "append without sync",
    /// What a killed process left unsynced is read as if it were durable.
    OpenedUnsynced = "opened without sync after a kill",
    /// An intent is written with the record after it.
    IntentAfterAct = "intent written after the act",
    /// A failed write is told as a success.
    WriteErrorSwallowed = "failed write told as success",
    /// After a failed write the store goes on as if nothing had happened.
    PoisonForgotten = "append again after a failed sync",
    /// The newest record is forgotten at the next start.
    NewestForgotten = "replay leaves the newest record out",
    /// A record's link does not cover the one before.
    ChainBroken = "hash chain not linked",
    /// What nobody knows of a pass is found out by doing it again.
    PassRepeated = "unknown pass repeated",
    /// "Done" is believed without counters.
    CountersNotAsked = "done believed without counters",
    /// A survey shows each pass as completed.
    PassCounterIgnored = "pass counter ignored",
    /// A survey shows each patch as completed.
    PatchCounterIgnored = "patch counter ignored",
    /// The chip is not read back after writing.
    ReadBackSkipped = "read-back after writing skipped",
    /// The chip's word about its lock is believed, after locking and at the check.
    LockTrusted = "lock not proved",
    /// The chip is not compared at the check.
    CheckReadSkipped = "chip not compared at the check",
    /// The scans are not compared.
    ScanSkipped = "scan not compared",
    /// Any card that was fed counts as a blank.
    AnyBlank = "blank not proved blank",
    /// Keys are given for blanks that nobody registered.
    AnyStock = "keys for a blank outside the stock",
    /// A chip counts as terminated without being so.
    KillSkipped = "terminate told, not done",
    /// A card counts as rejected and stays inside.
    RejectSkipped = "reject told, not done",
    /// The slot opens with the ejection.
    SlotOpens = "slot opens by itself",
    /// The patch is left out where there is none.
    PatchLeftOut = "missing patch taken as done",
    /// Sensors are shown as empty.
    SensorsIgnored = "sensors shown as empty",
    /// Half of the old card's number is compared.
    HalfNumber = "half of the old number compared",
    /// A forged signature of an old card counts.
    OldSignatureIgnored = "signature of the old card not verified",
    /// A grant's time is not looked at.
    StaleGrant = "stale grant accepted",
    /// A grant's signature is not looked at.
    UnsignedGrant = "grant accepted without its signature",
    /// The clock always shows the first day.
    DayFrozen = "day of delivery not minded",
    /// The old number is void with the production.
    VoidEarly = "old number voided early",
    /// A report counts as acknowledged without being sent.
    ReportDropped = "report acknowledged, not sent",
    /// The punch is not reported, and the number counts as void.
    VoidInvented = "void of the old number taken for granted",
    /// The number of a spoiled card is given again.
    NumberReused = "number reused after a spoil",
    /// Neither printer nor authority are asked what they remember of the journal.
    RollbackBlind = "rolled back journal not noticed",
    /// A holder's name stands in a refusal.
    NameInRefusal = "name written into an error",
    /// The screen itself says that the old card was collected.
    CollectedByScreen = "collection confirmed by the screen",
    /// The screen itself says that the card was handed over.
    HandedByScreen = "hand-over confirmed by the screen",
    /// The old card is punched when it is collected.
    PunchedEarly = "old card punched at collection",
    /// The screen itself says that a card was taken out and bagged.
    RemovedByScreen = "removal confirmed by the screen",
}

/// Mistakes whose finding proves that the level of bytes sees its truth: of storage, line, face, chip
/// and desk.
const OF_BYTES: [Planted; 9] = [
    Planted::SkipSync,
    Planted::IntentAfterAct,
    Planted::PassRepeated,
    Planted::ScanSkipped,
    Planted::LockTrusted,
    Planted::ReadBackSkipped,
    Planted::AnyStock,
    Planted::PunchedEarly,
    Planted::HandedByScreen,
];

impl Planted {
    /// What must be found at a level.
    pub(crate) fn found_at(level: Level) -> &'static [Planted] {
        match level {
            Level::Decision => Planted::ALL,
            Level::Bytes => &OF_BYTES,
        }
    }
}
