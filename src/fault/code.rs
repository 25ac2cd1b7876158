//! The closed list of fault codes. What each means stands in `table.toml`.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A fault, closed: a condition that is not here is `Unknown` and stops the station.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Code {
            /// Every code, in the table's order.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// The stable name that is shown, logged and journalled.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// The code of this name; a name that nobody knows is `Unknown`.
            #[must_use]
            pub fn parse(name: &str) -> Code {
                match name { $($name => Code::$variant,)* _ => Code::Unknown }
            }
        }
    };
}

codes! {
    /// No blank in the hopper.
    HopperEmpty = "P-HOPPER-EMPTY",
    /// The feeder did not pick a blank.
    NotPicked = "P-NOT-PICKED",
    /// Two blanks at once.
    DoubleFeed = "P-DOUBLE-FEED",
    /// The reject tray is full.
    TrayFull = "P-TRAY-FULL",
    /// The cover is open.
    CoverOpen = "P-COVER-OPEN",
    /// A card stuck in the feeder.
    JamFeed = "P-JAM-FEED",
    /// A card stuck at the encoder.
    JamEncoder = "P-JAM-ENCODER",
    /// A card stuck at the print head.
    JamHead = "P-JAM-HEAD",
    /// A card stuck in the flipper.
    JamFlip = "P-JAM-FLIP",
    /// A card stuck at the hologram station.
    JamHologram = "P-JAM-HOLOGRAM",
    /// A card stuck at the check station.
    JamCheck = "P-JAM-CHECK",
    /// A card stuck at the exit.
    JamExit = "P-JAM-EXIT",
    /// No sensor sees the card.
    CardLost = "P-CARD-LOST",
    /// A card where none should be.
    CardInPath = "P-CARD-IN-PATH",
    /// The card is not where the journal says.
    CardMoved = "P-CARD-MOVED",
    /// A card that was said to be out is still seen inside.
    StillInside = "P-STILL-INSIDE",
    /// No ribbon.
    RibbonAbsent = "P-RIBBON-ABSENT",
    /// A ribbon of another type.
    RibbonWrong = "P-RIBBON-WRONG",
    /// The ribbon ended.
    RibbonOut = "P-RIBBON-OUT",
    /// The ribbon tore.
    RibbonBroken = "P-RIBBON-BROKEN",
    /// The ribbon sticks to the card.
    RibbonStuck = "P-RIBBON-STUCK",
    /// The panel was not found on the ribbon.
    RibbonSearch = "P-RIBBON-SEARCH",
    /// No patches left.
    PatchOut = "P-PATCH-OUT",
    /// No patch film.
    PatchAbsent = "P-PATCH-ABSENT",
    /// The patch is not where it belongs.
    PatchMisregistered = "P-PATCH-MISREGISTERED",
    /// The patch sticks.
    PatchStuck = "P-PATCH-STUCK",
    /// A supply of another type.
    SupplyWrong = "P-SUPPLY-WRONG",
    /// A supply past its last day of use.
    SupplyExpired = "P-SUPPLY-EXPIRED",
    /// A roll that was in the machine before.
    SupplyReused = "P-SUPPLY-REUSED",
    /// Not the supply that is recorded.
    SupplyOther = "P-SUPPLY-OTHER",
    /// The head is too hot.
    HeadHot = "P-HEAD-HOT",
    /// A heater is not at its temperature.
    HeaterCold = "P-HEATER-COLD",
    /// The scanner does not see its own white.
    ScannerDirty = "P-SCANNER-DIRTY",
    /// The panel is not in the printer's memory.
    PanelMissing = "P-PANEL-MISSING",
    /// The printer's memory failed.
    PrinterMemory = "P-MEMORY",
    /// The firmware is not one that this station knows.
    Firmware = "P-FIRMWARE",
    /// The printer was switched off in mid-work.
    Shutdown = "P-SHUTDOWN",
    /// Cleaning is due.
    CleaningDue = "P-CLEANING-DUE",
    /// Cleaning is overdue.
    CleaningOverdue = "P-CLEANING-OVERDUE",
    /// The counters are not those of the journal.
    Counters = "P-COUNTERS",
    /// The printer knows a newer journal.
    NewerPrinter = "P-NEWER-JOURNAL",
    /// The printer refused a command as malformed.
    BadCommand = "P-BAD-COMMAND",
    /// The exit slot did not let the card go, or it cannot be told.
    ExitUnclear = "P-EXIT-UNCLEAR",
    /// The printer does not answer.
    Silent = "L-SILENT",
    /// No printer at the port.
    PortAbsent = "L-PORT-ABSENT",
    /// What answers is no printer.
    NotAPrinter = "L-NOT-A-PRINTER",
    /// Another protocol version.
    WireVersion = "L-VERSION",
    /// Another program holds the port.
    PortBusy = "L-BUSY",
    /// Answers that do not decode.
    Garbled = "L-GARBLED",
    /// No chip reader.
    ReaderGone = "C-READER-GONE",
    /// The chip does not answer.
    ChipSilent = "C-SILENT",
    /// The blank's chip already holds data.
    NotBlank = "C-NOT-BLANK",
    /// The blank is not of the registered stock.
    NotOfStock = "C-NOT-OF-STOCK",
    /// The chip refused the keys.
    ChipKeys = "C-KEYS-REFUSED",
    /// Writing was cut short.
    ChipTorn = "C-WRITE-TORN",
    /// What was read back differs from what was written.
    VerifyFail = "C-VERIFY-FAIL",
    /// The chip did not lock.
    NotLocked = "C-NOT-LOCKED",
    /// The finished card's chip is another one.
    OtherChip = "C-OTHER-CHIP",
    /// The front scan differs from the image in the chip.
    FrontDiffers = "S-FRONT-DIFFERS",
    /// The photo differs from the photo in the chip.
    PhotoDiffers = "S-PHOTO-DIFFERS",
    /// The back differs from its panel.
    BackDiffers = "S-BACK-DIFFERS",
    /// No contact with the authority.
    Offline = "A-OFFLINE",
    /// The authority's certificate is not the expected one.
    AuthorityUntrusted = "A-UNTRUSTED",
    /// The authority refused.
    AuthorityRefused = "A-REFUSED",
    /// Nothing is waiting to be made.
    NoJob = "A-NO-JOB",
    /// The grant does not verify.
    GrantInvalid = "A-GRANT-INVALID",
    /// The grant was used before.
    GrantReplayed = "A-GRANT-REPLAYED",
    /// The grant is not for today.
    DatePassed = "A-DATE-PASSED",
    /// The lease ended.
    LeaseEnded = "A-LEASE-ENDED",
    /// The keys did not come in time.
    KeysLate = "A-KEYS-LATE",
    /// The signature over the chip's data was refused or does not verify.
    SignatureRefused = "A-SIGNATURE-REFUSED",
    /// The authority knows a newer journal.
    NewerAuthority = "A-NEWER-JOURNAL",
    /// The job's data cannot be laid out.
    LayoutRefused = "D-LAYOUT-REFUSED",
    /// The photo cannot be used.
    PhotoRefused = "D-PHOTO-REFUSED",
    /// The journal cannot be written.
    JournalWrite = "J-WRITE-FAIL",
    /// The journal is damaged.
    JournalDamaged = "J-DAMAGED",
    /// The journal is another station's.
    JournalForeign = "J-OTHER-STATION",
    /// The journal is missing.
    JournalMissing = "J-MISSING",
    /// Another station process owns the journal.
    JournalBusy = "J-BUSY",
    /// The clock cannot be trusted.
    ClockUntrusted = "X-CLOCK",
    /// The power went while a card was made.
    PowerLoss = "X-POWER-LOSS",
    /// A job is open here already.
    JobOpen = "X-JOB-OPEN",
    /// No finished card waits to be handed over.
    NotProduced = "X-NOT-PRODUCED",
    /// The decision is not open for this card as it stands.
    NotAllowed = "X-NOT-ALLOWED",
    /// A physical count is not that of the books.
    CountDiffers = "X-COUNT-DIFFERS",
    /// The books do not take this act.
    BooksRefuse = "X-BOOKS-REFUSE",
    /// A person stopped the work.
    Cancelled = "X-CANCELLED",
    /// What a person said does not fit what the printer sees.
    NotAsSaid = "X-NOT-AS-SAID",
    /// The card on the desk is not this job's old card.
    WrongCard = "O-WRONG-CARD",
    /// No card on the desk reader.
    NoOldCard = "O-NO-CARD",
    /// The old card's chip does not answer or cannot prove itself.
    OldByEye = "O-BY-EYE",
    /// The old card is forged.
    Forged = "O-FORGED",
    /// The old card's number is void already.
    OldVoid = "O-VOID",
    /// The finished card was not taken.
    NotTaken = "O-NOT-TAKEN",
    /// The finished card was taken too early.
    TakenEarly = "O-TAKEN-EARLY",
    /// The holder is not there.
    HolderAbsent = "O-HOLDER-ABSENT",
    /// The holder found an error on the card.
    DataWrong = "O-DATA-WRONG",
    /// An act of a person was begun and its end is not recorded.
    ActUnanswered = "O-UNANSWERED",
    /// An act that was asked of a person was not done.
    NotDone = "O-NOT-DONE",
    /// A condition that this table does not know.
    Unknown = "?-UNKNOWN",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
