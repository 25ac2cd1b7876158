//! The one table of faults: name, what it is made of, where it can strike, where it does when
//! nobody says, and what it does. Everything else that knows faults reads this table.

use super::step::{self, Step};
use wire::Condition;

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Which fault.
    pub what: What,
    /// Its name in scenarios and commands.
    pub name: &'static str,
    /// What it is made of.
    pub kind: Kind,
    /// Where it can strike.
    pub steps: &'static [Step],
    /// Where it strikes when nobody says; nothing: it must be said.
    pub usual: &'static [Step],
    /// What it does.
    pub does: &'static str,
}

/// What a fault is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The motion is refused with this condition; nothing moves. It can stand.
    Refuses(Condition),
    /// The motion is refused with the condition that the entry names.
    RefusesAsTold,
    /// The motion ends in its midst with this condition.
    Ends(Condition, Harm),
    /// The motion ends in its midst with the condition that the entry names.
    EndsAsTold,
    /// The card sticks in the zone where it is; true if it comes loose when rejected.
    Jams(bool),
    /// The firmware says that all is well, and it is not.
    Lies(Lie),
    /// The chip answers no more.
    KillsChip,
    /// Mains power is lost.
    CutsPower,
    /// What is loaded is not what its tag says, or is not fit for use.
    Supplies(Change),
    /// The print head is so hot, tenths of a degree Celsius; then it cools as a head does.
    HeatsHead(i16),
    /// The patch heater is so cold; then it warms up as a heater does.
    CoolsHeater(i16),
    /// It only shows: conditions are raised, nothing is refused.
    Shows(Condition),
}

/// What remains when a motion has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// Nothing.
    None,
    /// The panel was not found: nothing is burned.
    SearchFails,
    /// The blank stays in the hopper.
    NotPicked,
    /// Two blanks are in the path, one on the other.
    TwoPicked,
    /// The card is at no sensor, and no motion reaches it.
    Astray,
    /// The cover is open.
    CoverOpen,
    /// The ribbon is at its end; true if its tag says so, too.
    RibbonEnds(bool),
    /// The ribbon is torn.
    RibbonTears,
    /// The ribbon does not wind until a person frees it.
    RibbonSticks,
    /// The patch film is at its end; true if its tag says so, too.
    PatchesEnd(bool),
    /// The patch lies askew.
    PatchAskew,
    /// The film does not wind until a person frees it.
    PatchesStick,
    /// The card stays in the slot for as long as the slot waits.
    Held,
}

/// What is told although it is not so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// Nothing was burned.
    BlankPass,
    /// The panel of the card before was burned.
    PreviousPanel,
    /// The rows lie 12 rows beside their place.
    Slipped,
    /// A patch was counted, none was laid.
    NoPatch,
    /// One blank was counted, two left the hopper.
    Unseen,
    /// The step's counter went on by one too many.
    CounterJumps,
    /// Done is said while it still moves.
    DoneEarly,
    /// Nothing moves; the end of an earlier motion is told.
    StaleAnswer,
    /// The scanner's white strip is dirty: the check ends well, the scan is refused.
    DirtyStrip,
}

/// What is wrong with a supply from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The tag says a day long past.
    Expired(Supply),
    /// The tag was reset to full; hardly anything is left.
    Reused(Supply),
    /// The tag names a lot that nobody delivered.
    OtherLot(Supply),
}

/// A supply that a person loads and whose tag a fault can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supply {
    /// The ribbon.
    Ribbon,
    /// The patch film.
    Patches,
}

macro_rules! faults {
    ($($variant:ident $name:literal $kind:expr, $steps:expr, $usual:expr; $does:literal)*) => {
        /// A fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum What {
            $(#[doc = $does] $variant,)*
        }

        /// Every fault, in the order of a card.
        pub const TABLE: &[Row] = &[
            $(Row {
                what: What::$variant,
                name: $name,
                kind: $kind,
                steps: $steps,
                usual: $usual,
                does: $does,
            },)*
        ];
    };
}

use Harm::{CoverOpen, Held, NotPicked, PatchAskew, PatchesEnd, PatchesStick, RibbonEnds};
use Kind::{Ends, Jams, Lies, Refuses, Supplies};
use step::{DYES, FEED, FRONT, HOLOGRAM, MOTIONS, PASSES, RIBBON, TRAVEL};

const UNSAID: &[Step] = &[];
const PANELS: &[Step] = &[Step::Panels];
const CHECK: &[Step] = &[Step::Check];
const RELEASE: &[Step] = &[Step::Release];
const REJECT: &[Step] = &[Step::Reject];
const BACK: &[Step] = &[Step::BackK];
const YELLOW: &[Step] = &[Step::Y];
const BEFORE_FEED: &[Step] = FEED;

faults! {
    // --- panels and hopper
    Memory "memory" Refuses(Condition::Memory), PANELS, PANELS; "The panels are refused: P-MEMORY."
    HopperEmpty "hopper-empty" Refuses(Condition::HopperEmpty), FEED, FEED; "The hopper shows empty."
    NotPicked "not-picked" Ends(Condition::NotPicked, NotPicked), FEED, FEED; "The feeder turns; the blank stays in the hopper."
    DoubleFeed "double-feed" Ends(Condition::DoubleFeed, Harm::TwoPicked), FEED, FEED; "Two blanks leave the hopper, one on the other, and the feeder notices."
    DoubleFeedUnseen "double-feed-unseen" Lies(Lie::Unseen), FEED, FEED; "Two blanks leave the hopper, one on the other, and nobody notices."
    CleaningDue "cleaning-due" Kind::Shows(Condition::CleaningDue), FEED, FEED; "Cleaning is shown to be due; nothing is refused."
    CleaningOverdue "cleaning-overdue" Refuses(Condition::CleaningOverdue), FEED, FEED; "Cleaning is overdue: no blank is fed."
    ImproperShutdown "improper-shutdown" Refuses(Condition::ImproperShutdown), FEED, FEED; "The printer says that it was not shut down before power went."
    // --- card and path
    Jam "jam" Jams(true), MOTIONS, BACK; "The card sticks in the midst of the step; it comes loose when rejected."
    StuckJam "stuck-jam" Jams(false), MOTIONS, BACK; "The card sticks and does not come loose: a person must take it out."
    CardLost "card-lost" Ends(Condition::CardLost, Harm::Astray), TRAVEL, UNSAID; "The card leaves the path: it is at no sensor, a person must find it."
    CoverOpen "cover-open" Refuses(Condition::CoverOpen), MOTIONS, FEED; "The cover shows open before the motion."
    CoverOpened "cover-opened" Ends(Condition::CoverOpened, CoverOpen), MOTIONS, UNSAID; "Somebody opens the cover in the midst of the motion; it stays open."
    TrayFull "tray-full" Refuses(Condition::TrayFull), REJECT, REJECT; "The reject tray shows full."
    NotTaken "not-taken" Ends(Condition::CardNotTaken, Held), RELEASE, RELEASE; "The slot opens and nobody takes the card."
    // --- ribbon
    RibbonAbsent "ribbon-absent" Refuses(Condition::RibbonAbsent), RIBBON, BACK; "The ribbon's tag cannot be read."
    RibbonWrong "ribbon-wrong" Refuses(Condition::RibbonWrong), RIBBON, BACK; "The ribbon shows as another type."
    RibbonUsedUp "ribbon-used-up" Refuses(Condition::RibbonOut), RIBBON, BACK; "The ribbon shows used up before the motion."
    RibbonOut "ribbon-out" Ends(Condition::RibbonOut, RibbonEnds(true)), PASSES, YELLOW; "The ribbon ends in the midst of the pass, and its tag says so."
    RibbonOutUntold "ribbon-out-untold" Ends(Condition::RibbonOut, RibbonEnds(false)), PASSES, YELLOW; "The ribbon ends in the midst of the pass; its tag goes on saying that sets are left."
    RibbonBroken "ribbon-broken" Ends(Condition::RibbonBroken, Harm::RibbonTears), RIBBON, YELLOW; "The ribbon tears; it stays torn until another is loaded."
    RibbonStuck "ribbon-stuck" Ends(Condition::RibbonStuck, Harm::RibbonSticks), RIBBON, YELLOW; "The ribbon sticks and does not wind until a person frees it."
    RibbonSearchFailed "ribbon-search-failed" Ends(Condition::RibbonSearchFailed, Harm::SearchFails), RIBBON, &[Step::Seek]; "The panel is not found on the ribbon; nothing is burned."
    RibbonExpired "ribbon-expired" Supplies(Change::Expired(Supply::Ribbon)), BEFORE_FEED, BEFORE_FEED; "The loaded ribbon's tag says that it expired long ago."
    RibbonReused "ribbon-reused" Supplies(Change::Reused(Supply::Ribbon)), BEFORE_FEED, BEFORE_FEED; "The loaded ribbon's tag was reset to full; one set is left on it."
    RibbonOtherLot "ribbon-other-lot" Supplies(Change::OtherLot(Supply::Ribbon)), BEFORE_FEED, BEFORE_FEED; "The loaded ribbon's tag names a lot that nobody delivered."
    // --- head and passes
    HeadHot "head-hot" Kind::HeatsHead(850), PASSES, YELLOW; "The print head is at 85 degrees: passes are refused until it has cooled."
    HeadWarm "head-warm" Kind::HeatsHead(750), PASSES, YELLOW; "The print head is at 75 degrees: the pass waits until it has cooled."
    PanelMissing "panel-missing" Refuses(Condition::PanelMissing), PASSES, YELLOW; "The panel is told not to be whole in memory."
    BlankFace "blank-face" Lies(Lie::BlankPass), PASSES, FRONT; "The pass reports success and burns nothing; without a step, all passes of the front."
    PreviousPhoto "previous-photo" Lies(Lie::PreviousPanel), DYES, DYES; "The dye passes burn the photo of the card before."
    PreviousBuffer "previous-buffer" Lies(Lie::PreviousPanel), PASSES, FRONT; "The pass burns the panel of the card before; without a step, all passes of the front."
    RibbonSlipped "ribbon-slipped" Lies(Lie::Slipped), PASSES, &[Step::K]; "The ribbon slips: the rows lie 12 rows beside their place."
    // --- patch
    PatchAbsent "patch-absent" Refuses(Condition::PatchAbsent), HOLOGRAM, HOLOGRAM; "The patch film's tag cannot be read."
    PatchUsedUp "patch-used-up" Refuses(Condition::PatchOut), HOLOGRAM, HOLOGRAM; "The patch film shows used up before the motion."
    PatchOut "patch-out" Ends(Condition::PatchOut, PatchesEnd(true)), HOLOGRAM, HOLOGRAM; "The patch film ends in the midst of the motion, and its tag says so."
    PatchOutUntold "patch-out-untold" Ends(Condition::PatchOut, PatchesEnd(false)), HOLOGRAM, HOLOGRAM; "The patch film ends in the midst of the motion; its tag goes on saying that patches are left."
    PatchMisregistered "patch-misregistered" Ends(Condition::PatchMisregistered, PatchAskew), HOLOGRAM, HOLOGRAM; "The patch lies askew, and the station's sensor notices."
    PatchStuck "patch-stuck" Ends(Condition::PatchStuck, PatchesStick), HOLOGRAM, HOLOGRAM; "The film sticks and does not wind until a person frees it."
    PatchMissing "patch-missing" Lies(Lie::NoPatch), HOLOGRAM, HOLOGRAM; "No patch is laid, though one is counted."
    PatchExpired "patch-expired" Supplies(Change::Expired(Supply::Patches)), BEFORE_FEED, BEFORE_FEED; "The loaded film's tag says that it expired long ago."
    PatchReused "patch-reused" Supplies(Change::Reused(Supply::Patches)), BEFORE_FEED, BEFORE_FEED; "The loaded film's tag was reset to full; one patch is left on it."
    PatchOtherLot "patch-other-lot" Supplies(Change::OtherLot(Supply::Patches)), BEFORE_FEED, BEFORE_FEED; "The loaded film's tag names a lot that nobody delivered."
    HeaterNotReady "heater-not-ready" Kind::CoolsHeater(900), HOLOGRAM, HOLOGRAM; "The patch heater is at 90 degrees: the patch is refused until it is warm again."
    // --- antennas, scanner, chip
    EncoderSilent "encoder-silent" Refuses(Condition::EncoderSilent), FEED, FEED; "The encoder's antenna does not answer the printer."
    CheckSilent "check-silent" Refuses(Condition::CheckSilent), CHECK, CHECK; "The check station's antenna does not answer the printer."
    ScannerDirty "scanner-dirty" Lies(Lie::DirtyStrip), CHECK, CHECK; "The scanner's white strip is dirty: the check ends well, the scan is refused."
    DeadChip "dead-chip" Kind::KillsChip, FEED, FEED; "The chip of this blank never answers."
    ChipDies "chip-dies" Kind::KillsChip, MOTIONS, UNSAID; "The chip dies when the step begins."
    // --- firmware, power, answers
    Firmware "firmware" Ends(Condition::Firmware, Harm::None), MOTIONS, UNSAID; "The firmware finds itself inconsistent and stops the motion."
    UnknownCondition "unknown-condition" Ends(Condition::Unknown(0x7F01), Harm::None), MOTIONS, UNSAID; "The motion ends with a condition that no table knows (7F01)."
    Refused "refuses" Kind::RefusesAsTold, MOTIONS, UNSAID; "The motion is refused with any condition: `condition` names it or gives its number."
    Failed "fails" Kind::EndsAsTold, MOTIONS, UNSAID; "The motion ends in its midst with any condition: `condition` names it or gives its number."
    PowerCut "power-cut" Kind::CutsPower, MOTIONS, UNSAID; "Mains power is lost in the midst of the step."
    CounterJumped "counter-jumped" Lies(Lie::CounterJumps), MOTIONS, UNSAID; "The step's counter goes on by one too many."
    DoneEarly "done-early" Lies(Lie::DoneEarly), MOTIONS, UNSAID; "Done is told while it still moves."
    StaleAnswer "stale-answer" Lies(Lie::StaleAnswer), MOTIONS, UNSAID; "Nothing moves; the end of an earlier motion is told."
}

impl What {
    /// Its row.
    pub fn row(self) -> &'static Row {
        // The macro writes one row for each variant, in their order.
        &TABLE[self as usize]
    }

    /// The fault of this name.
    pub fn named(name: &str) -> Option<What> {
        let row = TABLE.iter().find(|row| row.name == name);
        row.map(|row| row.what)
    }
}

/// Which faults exclude each other in one step of one card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// Only one thing can end a motion.
    End,
    /// Only one thing can be under the head.
    Ink,
    /// A chip dies once.
    Chip,
    /// Only one thing can lie on the card.
    Patch,
    /// Harmless beside the others.
    Alone,
}

impl Kind {
    pub(super) fn group(self) -> Group {
        match self {
            Kind::Refuses(_) | Kind::RefusesAsTold | Kind::Ends(..) | Kind::EndsAsTold => {
                Group::End
            }
            Kind::Jams(_) | Kind::CutsPower => Group::End,
            Kind::Lies(Lie::DoneEarly | Lie::StaleAnswer) => Group::End,
            Kind::Lies(Lie::BlankPass | Lie::PreviousPanel | Lie::Slipped) => Group::Ink,
            Kind::Lies(Lie::NoPatch) => Group::Patch,
            Kind::Lies(Lie::Unseen | Lie::CounterJumps | Lie::DirtyStrip) => Group::Alone,
            Kind::KillsChip => Group::Chip,
            Kind::Supplies(_) | Kind::HeatsHead(_) | Kind::CoolsHeater(_) | Kind::Shows(_) => {
                Group::Alone
            }
        }
    }

    /// Whether it stays as it is for as long as it is told to stand.
    pub fn can_stand(self) -> bool {
        match self {
            Kind::Refuses(_) | Kind::Shows(_) | Kind::Lies(Lie::DirtyStrip) => true,
            Kind::RefusesAsTold
            | Kind::Ends(..)
            | Kind::EndsAsTold
            | Kind::Jams(_)
            | Kind::Lies(_)
            | Kind::KillsChip
            | Kind::CutsPower
            | Kind::Supplies(_)
            | Kind::HeatsHead(_)
            | Kind::CoolsHeater(_) => false,
        }
    }

    /// Whether it strikes in the midst of a motion, so that the moment can be told.
    pub fn has_moment(self) -> bool {
        match self {
            Kind::Ends(_, Harm::Held) => false,
            Kind::Ends(..) | Kind::EndsAsTold | Kind::Jams(_) | Kind::CutsPower => true,
            Kind::Lies(Lie::DoneEarly) | Kind::KillsChip => true,
            Kind::Refuses(_)
            | Kind::RefusesAsTold
            | Kind::Lies(_)
            | Kind::Supplies(_)
            | Kind::HeatsHead(_)
            | Kind::CoolsHeater(_)
            | Kind::Shows(_) => false,
        }
    }
}
