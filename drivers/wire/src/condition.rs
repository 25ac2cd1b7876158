//! What can be wrong with the printer, by stable code. Knows neither what it
//! means for a card nor what a person must do: that is the station's table.

use std::fmt;

/// A zone of the card's path, in the card's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Zone {
    /// Between hopper and encoder.
    Feeder,
    /// Encoder station.
    Encoder,
    /// Print head, either side of it.
    Head,
    /// Flipper.
    Flipper,
    /// Hologram station.
    Hologram,
    /// Check station.
    Check,
    /// Exit slot.
    Exit,
}

impl Zone {
    /// All zones in the card's order.
    pub const ALL: [Zone; 7] = [
        Zone::Feeder,
        Zone::Encoder,
        Zone::Head,
        Zone::Flipper,
        Zone::Hologram,
        Zone::Check,
        Zone::Exit,
    ];
}

macro_rules! conditions {
    ($($(#[$doc:meta])* $variant:ident $(($zone:ident))? = $code:literal $name:literal,)*) => {
        /// A condition that the printer reports, by stable code (PROTOCOL.md §8).
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Condition {
            $($(#[$doc])* $variant,)*
            /// The card is stuck in this zone.
            Jam(Zone),
            /// A code that this version does not know: whoever reads it stops.
            Unknown(u16),
        }

        impl Condition {
            /// Every condition that this version knows.
            pub const KNOWN: &'static [Condition] = &[
                $(Condition::$variant,)*
                Condition::Jam(Zone::Feeder),
                Condition::Jam(Zone::Encoder),
                Condition::Jam(Zone::Head),
                Condition::Jam(Zone::Flipper),
                Condition::Jam(Zone::Hologram),
                Condition::Jam(Zone::Check),
                Condition::Jam(Zone::Exit),
            ];

            /// The code on the wire.
            pub fn code(self) -> u16 {
                match self {
                    $(Condition::$variant => $code,)*
                    Condition::Jam(zone) => JAM + zone as u16,
                    Condition::Unknown(code) => code,
                }
            }

            /// The stable name, such as `P-HOPPER-EMPTY`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Condition::$variant => $name,)*
                    Condition::Jam(Zone::Feeder) => "P-JAM-FEEDER",
                    Condition::Jam(Zone::Encoder) => "P-JAM-ENCODER",
                    Condition::Jam(Zone::Head) => "P-JAM-HEAD",
                    Condition::Jam(Zone::Flipper) => "P-JAM-FLIPPER",
                    Condition::Jam(Zone::Hologram) => "P-JAM-HOLOGRAM",
                    Condition::Jam(Zone::Check) => "P-JAM-CHECK",
                    Condition::Jam(Zone::Exit) => "P-JAM-EXIT",
                    Condition::Unknown(_) => "P-UNKNOWN",
                }
            }
        }

        impl From<u16> for Condition {
            fn from(code: u16) -> Condition {
                match code {
                    $($code => Condition::$variant,)*
                    _ => Zone::ALL
                        .into_iter()
                        .find(|zone| JAM + *zone as u16 == code)
                        .map_or(Condition::Unknown(code), Condition::Jam),
                }
            }
        }
    };
}

/// Code of a jam in the first zone; the others follow in the card's order.
const JAM: u16 = 0x0201;

conditions! {
    /// No blank in the hopper.
    HopperEmpty = 0x0101 "P-HOPPER-EMPTY",
    /// The feeder found a blank but did not get it out of the hopper.
    NotPicked = 0x0102 "P-CARD-NOT-PICKED",
    /// Two blanks left the hopper together.
    DoubleFeed = 0x0103 "P-DOUBLE-FEED",
    /// The reject tray has no room.
    TrayFull = 0x0104 "P-TRAY-FULL",
    /// A released card was not taken from the exit slot.
    CardNotTaken = 0x0105 "P-CARD-NOT-TAKEN",
    /// The card is at no sensor.
    CardLost = 0x0210 "P-CARD-LOST",
    /// The card is not where this motion begins.
    NotWhereExpected = 0x0211 "P-CARD-NOT-WHERE-EXPECTED",
    /// The cover was open before the motion.
    CoverOpen = 0x0301 "P-COVER-OPEN",
    /// The cover was opened during the motion.
    CoverOpened = 0x0302 "P-COVER-OPENED",
    /// No ribbon is loaded, or its tag cannot be read.
    RibbonAbsent = 0x0401 "P-RIBBON-ABSENT",
    /// The ribbon is of another type.
    RibbonWrong = 0x0402 "P-RIBBON-WRONG",
    /// The ribbon is used up.
    RibbonOut = 0x0403 "P-RIBBON-OUT",
    /// The ribbon tore.
    RibbonBroken = 0x0404 "P-RIBBON-BROKEN",
    /// The ribbon sticks to the card or does not wind.
    RibbonStuck = 0x0405 "P-RIBBON-STUCK",
    /// The panel was not found on the ribbon.
    RibbonSearchFailed = 0x0406 "P-RIBBON-SEARCH-FAILED",
    /// No patch film is loaded, or its tag cannot be read.
    PatchAbsent = 0x0501 "P-PATCH-ABSENT",
    /// The hologram patches are used up.
    PatchOut = 0x0502 "P-PATCH-OUT",
    /// The patch does not lie where it belongs.
    PatchMisregistered = 0x0503 "P-PATCH-MISREGISTERED",
    /// The patch film sticks to the card or does not wind.
    PatchStuck = 0x0504 "P-PATCH-STUCK",
    /// The print head is too hot.
    HeadHot = 0x0601 "P-HEAD-HOT",
    /// The patch heater is not at its temperature.
    HeaterNotReady = 0x0602 "P-HEATER-NOT-READY",
    /// The encoder's antenna does not answer the printer.
    EncoderSilent = 0x0701 "P-ENCODER-SILENT",
    /// The check station's antenna does not answer the printer.
    CheckSilent = 0x0702 "P-CHECK-SILENT",
    /// The scanner failed on its own white strip.
    ScannerDirty = 0x0703 "P-SCANNER-DIRTY",
    /// No scan has been made of the card in the machine, or not yet.
    ScanAbsent = 0x0704 "P-SCAN-ABSENT",
    /// The host last saw another boot of this printer.
    StaleBoot = 0x0801 "P-STALE-BOOT",
    /// The host's journal is older than one that this printer has seen.
    StaleSequence = 0x0802 "P-STALE-SEQUENCE",
    /// The pass's panel is not wholly in memory, or its digest did not match.
    PanelMissing = 0x0803 "P-PANEL-MISSING",
    /// A parameter that this printer cannot obey.
    BadParameter = 0x0804 "P-BAD-PARAMETER",
    /// The panels do not fit the memory.
    Memory = 0x0805 "P-MEMORY",
    /// Another motion is under way.
    Busy = 0x0806 "P-BUSY",
    /// The motion was cut short by a loss of power.
    PowerLost = 0x0807 "P-POWER-LOST",
    /// The host fell silent.
    HostSilent = 0x0808 "P-HOST-SILENT",
    /// The firmware found itself inconsistent.
    Firmware = 0x0809 "P-FIRMWARE",
    /// The printer was not shut down before power went.
    ImproperShutdown = 0x080A "P-IMPROPER-SHUTDOWN",
    /// Cleaning is due; cards can still be made.
    CleaningDue = 0x0901 "P-CLEANING-DUE",
    /// Cleaning is overdue; no card is begun.
    CleaningOverdue = 0x0902 "P-CLEANING-OVERDUE",
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:#06x})", self.name(), self.code())
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_code_and_name_is_its_own_and_comes_back() {
        let codes: HashSet<u16> = Condition::KNOWN.iter().map(|c| c.code()).collect();
        let names: HashSet<&str> = Condition::KNOWN.iter().map(|c| c.name()).collect();
        assert_eq!(codes.len(), Condition::KNOWN.len());
        assert_eq!(names.len(), Condition::KNOWN.len());
        for condition in Condition::KNOWN {
            assert_eq!(Condition::from(condition.code()), *condition);
        }
    }

    #[test]
    fn an_unknown_code_stays_itself() {
        assert_eq!(Condition::from(0xBEEF), Condition::Unknown(0xBEEF));
        assert_eq!(Condition::Unknown(0xBEEF).to_string(), "P-UNKNOWN (0xbeef)");
    }

    // PROTOCOL.md §8: codes once released are never given to something else.
    #[test]
    fn released_codes_stay() {
        assert_eq!(Condition::HopperEmpty.code(), 0x0101);
        assert_eq!(Condition::Jam(Zone::Head).code(), 0x0203);
        assert_eq!(Condition::StaleBoot.code(), 0x0801);
        assert_eq!(Condition::Jam(Zone::Head).name(), "P-JAM-HEAD");
    }
}
